//! Is what was done taken back exactly?

use super::settling::wrangler;
use super::world::*;
use crate::review::actions::Target;
use crate::review::{Accept, Action, Entry, MatchKind, Order, Settlement, StoredEntry, decide, history, take_back};
use proptest::prelude::*;
use rolestream_dataflows::records::{Change, Tables};

/// Every kind of action, each with a row it can be done to.
fn orders() -> Vec<(usize, Order)> {
    let accepted = |details: Accept| accept(details);
    let rule = |rule| accept(Accept { rule: Some(rule), ..Accept::default() });
    let merge = |target: &str| order(Action::MergeInto { target: target.into() });
    let to = |role: &str| Accept { chosen_role: Some(role.into()), ..Accept::default() };
    let for_role = |action| Order { role: Some("data-engineer".into()), ..order(action) };
    let of = |kind, slug: &str| Action::NotADuplicate { of: Target { kind, slug: slug.into() } };
    let by_skills = Settlement::RoleBySkills { role: "data-engineer".into(), skills: vec!["python".into()] };
    vec![
        (ALEMBIC, accepted(Accept { link_roles: Some(true), ..Accept::default() })),
        (ALEMBIC, merge("postgresql")),
        (CITUS, merge("postgresql")),
        (CITUS, order(of(MatchKind::Skill, "postgresql"))),
        (ALEMBIC, for_role(Action::Reject)),
        (ALEMBIC, order(Action::Snooze { until: NOW + 1_000 })),
        (WRANGLER, wrangler()),
        (WRANGLER, merge("data-engineer")),
        (KRA, accepted(Accept { sentences: Some(vec!["Tunes queries.".into()]), ..Accept::default() })),
        (KRA, merge("data-engineer/1")),
        (SENTENCE, accepted(to("backend-engineer"))),
        (SENTENCE, for_role(Action::Snooze { until: NOW + 9_000 })),
        (UNDECIDED, accepted(to("data-engineer"))),
        (UNDECIDED, accepted(to("backend-engineer"))),
        (UNDECIDED, order(Action::Reject)),
        (COLLISION, rule(Settlement::Role { role: "backend-engineer".into() })),
        (COLLISION, rule(Settlement::Ambiguous)),
        (COLLISION, rule(by_skills)),
        (COLLISION, rule(Settlement::NoRule)),
    ]
}

/// Does it, if it can be done now, and gives its entry.
fn done(tables: &mut Tables, number: u64, (row, order): &(usize, Order)) -> Option<Entry> {
    let rows = [rows(tables).remove(*row)];
    let decided = decide(tables, &rows, order, "ann", NOW + number as i64).ok()?;
    let entry = Entry::of(number, &rows, order, "ann", NOW + number as i64, &decided);
    apply(tables, &decided);
    // As it comes back from where it is kept.
    let bytes = bincode::serialize(&StoredEntry::of(&entry).unwrap()).unwrap();
    Some(bincode::deserialize::<StoredEntry>(&bytes).unwrap().entry().unwrap())
}

#[test]
fn each_action_alone_is_taken_back_exactly() {
    for (number, one) in orders().into_iter().enumerate() {
        let mut tables = tables();
        if matches!(&one.1.action, Action::Accept(details) if details.rule == Some(Settlement::NoRule)) {
            let first = orders().into_iter().find(|(row, _)| *row == COLLISION).unwrap();
            assert!(done(&mut tables, 100, &first).is_some());
        }
        let before = all(&tables);
        let Some(entry) = done(&mut tables, number as u64, &one) else { panic!("{one:?} was refused") };
        assert_ne!(all(&tables), before, "{one:?}");
        let back = take_back(&tables, &entry).unwrap();
        assert_eq!((&back.before, &back.after), (&entry.undo.after(), &entry.undo.before()));
        apply(&mut tables, &back);
        assert_eq!(all(&tables), before, "{one:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_done_is_taken_back_from_the_last_to_the_first(picks in prop::collection::vec(any::<prop::sample::Index>(), 1..8)) {
        let orders = orders();
        let mut tables = tables();
        let mut states = vec![all(&tables)];
        let mut entries = Vec::new();
        for (number, pick) in picks.iter().enumerate() {
            if let Some(entry) = done(&mut tables, number as u64, pick.get(&orders)) {
                entries.push(entry);
                states.push(all(&tables));
            }
        }
        while let Some(entry) = entries.pop() {
            states.pop();
            let back = take_back(&tables, &entry).unwrap();
            apply(&mut tables, &back);
            prop_assert_eq!(&all(&tables), states.last().unwrap());
        }
    }
}

#[test]
fn what_changed_since_is_named_and_nothing_is_taken_back_twice() {
    let mut tables = tables();
    let orders = orders();
    let first = done(&mut tables, 1, &orders[1]).unwrap();
    let second = done(&mut tables, 2, &orders[2]).unwrap();
    let error = take_back(&tables, &first).unwrap_err();
    assert_eq!(error.detail.as_deref(), Some("skill/postgresql has changed since: it says something else now"));
    let back = take_back(&tables, &second).unwrap();
    apply(&mut tables, &back);
    let back = take_back(&tables, &first).unwrap();
    assert!(back.line.starts_with("taken back: \"Alembic\""), "{}", back.line);
    let undone = Some(history::Undone { who: "bob".into(), when: NOW, why: String::new() });
    assert!(take_back(&tables, &Entry { undone, ..first }).unwrap_err().detail.unwrap().contains("bob"));

    // A snooze that is over.
    let snoozed = done(&mut tables, 3, &orders[5]).unwrap();
    for key in crate::review::ended(all(&tables).iter(), NOW + 1_000) {
        tables.apply(Change::Delete(key));
    }
    let error = take_back(&tables, &snoozed).unwrap_err();
    assert!(error.detail.unwrap().contains("it is gone") && error.hint.unwrap().contains("over"));
}

#[test]
fn the_history_lists_what_was_done_the_latest_first() {
    let mut tables = tables();
    let orders = orders();
    let entries: Vec<Entry> =
        [4, 12, 15].iter().map(|n| done(&mut tables, *n, &orders[*n as usize]).unwrap()).collect();
    let numbers = |wanted: history::Wanted| -> Vec<u64> {
        history::list(&entries, &wanted).iter().map(|entry| entry.number).collect()
    };
    let any = || history::Wanted { limit: 2, ..history::Wanted::default() };
    assert_eq!(numbers(any()), [15, 12]);
    assert_eq!(numbers(history::Wanted { before: Some(12), ..any() }), [4]);
    assert_eq!(numbers(history::Wanted { row: Some(entries[1].rows[0].id), ..any() }), [12]);
    assert!(numbers(history::Wanted { who: Some("bob".into()), ..any() }).is_empty());
}
