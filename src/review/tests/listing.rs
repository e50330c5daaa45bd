//! Are rows counted, ordered and paged as they should be?

use super::world::*;
use crate::review::matches::priority;
use crate::review::{Action, Entry, Reviews, standing};
use crate::review::{Filter, MatchKind, Queue, Sort, Standing, decide, page};
use rolestream_dataflows::fixed::Micro;
use std::collections::BTreeSet;

#[test]
fn a_skill_of_two_roles_is_one_row_with_bounds_on_its_companies() {
    let row = &rows(&tables())[ALEMBIC];
    assert_eq!((row.title.as_str(), row.frequency, row.companies, row.companies_at_most), ("Alembic", 4, 2, 3));
    assert_eq!(row.primary_share, Some(Micro(500_000)));
    assert_eq!((row.first_seen, row.last_seen, row.age_days), (DAY, 4 * DAY, 99));
    let shares: Vec<_> = row.roles.iter().map(|share| (share.slug.as_str(), share.frequency)).collect();
    assert_eq!(shares, [("backend-engineer", 3), ("data-engineer", 1)]);
    let examples: Vec<_> = row.examples.iter().map(|example| example.text.as_str()).collect();
    assert_eq!(
        examples,
        ["Writes Alembic migrations 1.", "Writes Alembic migrations 2.", "Writes Alembic migrations 3."]
    );
}

#[test]
fn every_queue_has_words_and_its_own_number() {
    let rows = rows(&tables());
    let titles: Vec<_> = rows.iter().map(|row| (row.queue, row.title.as_str())).collect();
    let responsibilities = "Keeps the fleet of databases healthy. Writes Alembic migrations.";
    assert_eq!(
        titles[WRANGLER..],
        [
            (Queue::NewRoles, "Data Wrangler"),
            (Queue::NewKras, responsibilities),
            (Queue::NovelSentences, "Keeps the fleet of databases healthy."),
            (Queue::Undecided, "Data Wrangler"),
            (Queue::Collisions, "Software Engineer"),
        ]
    );
    assert_eq!(rows[CITUS].examples[0].text, "Citus is a plus", "a line, where no sentence names it");
    assert_eq!(rows.iter().map(|row| row.id).collect::<BTreeSet<_>>().len(), rows.len());
    let back: Vec<crate::review::Row> = serde_json::from_str(&serde_json::to_string(&rows).unwrap()).unwrap();
    assert_eq!(back[ALEMBIC].subject, rows[ALEMBIC].subject);
}

#[test]
fn priority_is_frequency_less_what_is_alike_and_clear() {
    for (frequency, score, margin, expected) in [
        (7, 0, 0, 7_000_000),
        (10, 800_000, 0, 2_000_000),
        (10, 800_000, 500_000, 1_000_000),
        (10, 1_000_000, 0, 0),
        (1, 333_333, 333_333, 444_445),
        (u64::MAX, 0, 0, u64::MAX),
    ] {
        assert_eq!(priority(frequency, Micro(score), Micro(margin)), expected, "{frequency} {score} {margin}");
    }
    let rows = rows(&tables());
    // One match only: its whole score is the lead.
    assert_eq!((rows[CITUS].score, rows[CITUS].margin), (Micro(700_000), Micro(700_000)));
    assert_eq!((rows[ALEMBIC].score, rows[ALEMBIC].margin), (Micro(0), Micro(0)));
    // The run's own ranking; and the mean over a collision's examples.
    assert_eq!((rows[UNDECIDED].score, rows[UNDECIDED].margin), (Micro(600_000), Micro(100_000)));
    assert_eq!((rows[COLLISION].score, rows[COLLISION].margin), (Micro(600_000), Micro(200_000)));
}

#[test]
fn what_is_no_duplicate_is_no_match_any_more() {
    let mut tables = tables();
    let row = rows(&tables).remove(CITUS);
    let of = crate::review::actions::Target { kind: MatchKind::Skill, slug: "postgresql".into() };
    let decided = decide(&tables, &[row], &order(Action::NotADuplicate { of }), "ann", NOW).unwrap();
    apply(&mut tables, &decided);
    let row = &rows(&tables)[CITUS];
    assert_eq!((row.score, row.possible_matches.len(), row.status), (Micro(0), 0, Standing::Pending));
}

#[test]
fn paging_shows_each_row_once_while_others_come_and_go() {
    let (tables, held) = (tables(), held());
    let candidate = candidates(&tables, &held).remove(ALEMBIC);
    let with = |n: u64, frequency: u64| {
        let mut candidate = candidate.clone();
        candidate.subject = rolestream_dataflows::id::Id((n + 1) << 20);
        candidate.frequency = frequency;
        candidate
    };
    // Frequencies repeat, so that the order within one matters.
    let mut now: Vec<_> = (0..20).map(|n| with(n, n % 5)).collect();
    for sort in [Sort::Priority, Sort::Frequency, Sort::Age, Sort::LastSeen] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        for turn in 0.. {
            let page = with_sources(&tables, &held, |sources| {
                page(sources, now.clone(), Vec::new(), &Filter::default(), sort, cursor.as_deref(), 3).unwrap()
            });
            assert!(page.rows.len() <= 3 && turn < 20);
            seen.extend(page.rows.iter().map(|row| row.id));
            // One comes at the top, another at the end, one that was shown goes.
            now.extend([with(100 + turn, 1_000), with(200 + turn, 0)]);
            now.retain(|candidate| candidate.subject.number() != seen[0]);
            now.reverse();
            let Some(next) = page.next else { break };
            cursor = Some(next);
        }
        let old: Vec<u64> = seen.iter().copied().filter(|id| *id <= (20 << 20) >> 11).collect();
        assert_eq!(old.len(), 20, "{sort:?}");
        assert_eq!(old.iter().collect::<BTreeSet<_>>().len(), 20, "{sort:?}");
        now = (0..20).map(|n| with(n, n % 5)).collect();
    }
}

#[test]
fn filters_leave_what_they_say_and_a_cursor_is_of_one_order() {
    let (tables, held) = (tables(), held());
    let list = |filter: Filter, sort: Sort, cursor: Option<&str>| {
        with_sources(&tables, &held, |sources| {
            page(sources, candidates(&tables, &held), Vec::new(), &filter, sort, cursor, 10)
        })
    };
    let titles = |filter: Filter| -> Vec<String> {
        list(filter, Sort::Frequency, None).unwrap().rows.into_iter().map(|row| row.title).collect()
    };
    assert_eq!(titles(Filter { text: Some("ALEMB".into()), min_frequency: 2, ..Filter::default() }), ["Alembic"]);
    assert_eq!(
        titles(Filter { queue: Some(Queue::NewSkills), role: Some("data-engineer".into()), ..Filter::default() }),
        ["Alembic", "Citus"]
    );
    assert!(titles(Filter { status: Some(Standing::Accepted), ..Filter::default() }).is_empty());
    let error = list(Filter::default(), Sort::Age, Some("priority:-1:2")).unwrap_err();
    assert_eq!(error.detail.as_deref(), Some("it is of the order by priority, and the order is by age"));
    assert!("novel_sentence".parse::<Queue>().unwrap_err().hint.unwrap().contains("novel_sentences"));
}

#[test]
fn what_is_rejected_is_listed_as_it_was_and_a_snooze_ends() {
    let mut tables = tables();
    let row = rows(&tables).remove(ALEMBIC);
    let reject = crate::review::Order { role: Some("backend-engineer".into()), ..order(Action::Reject) };
    let decided = decide(&tables, std::slice::from_ref(&row), &reject, "ann", NOW).unwrap();
    let mut history = vec![Entry::of(1, std::slice::from_ref(&row), &reject, "ann", NOW, &decided)];
    apply(&mut tables, &decided);
    let kept = standing::hidden(&Reviews::of(tables.iter()), &history);
    assert_eq!(kept.len(), 1);
    // Hidden for one role, as it was there.
    assert_eq!((kept[0].title.as_str(), kept[0].status, kept[0].frequency), ("Alembic", Standing::Rejected, 3));

    let citus = rows(&tables).remove(CITUS);
    let snooze = order(Action::Snooze { until: NOW + 5 });
    let decided = decide(&tables, std::slice::from_ref(&citus), &snooze, "ann", NOW).unwrap();
    history.push(Entry::of(2, std::slice::from_ref(&citus), &snooze, "ann", NOW, &decided));
    apply(&mut tables, &decided);
    let kept = standing::hidden(&Reviews::of(tables.iter()), &history);
    assert!(kept.iter().any(|row| row.id == citus.id && row.snoozed_until == Some(NOW + 5)));
    assert!(crate::review::ended(tables.iter(), NOW + 4).is_empty());
    let over = crate::review::ended(tables.iter(), NOW + 5);
    assert_eq!(over.len(), 1);
    assert!(tables.get(&over[0]).is_some());
    assert!(decide(&tables, &[citus], &order(Action::Snooze { until: NOW }), "ann", NOW).is_err());
}
