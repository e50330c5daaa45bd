//! Does each action change what it says, and nothing where it is refused?

use super::world::*;
use crate::error::Error;
use crate::review::{Accept, Action, Decided, MatchKind, Order, Settlement, decide, near_home};
use crate::sources::decode::Edit;
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Kra, Role};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AliasVerdict, Author, Change, Key, Record, RoleSkill, Scope, Tables, Verdict};

fn act(tables: &Tables, row: usize, order: &Order) -> Result<Decided, Error> {
    decide(tables, &[rows(tables).remove(row)], order, "ann", NOW)
}

fn merge(target: &str) -> Order {
    order(Action::MergeInto { target: target.into() })
}

fn lines(decided: &Decided) -> Vec<&Line> {
    fn line(edit: &Edit) -> &Line {
        match edit {
            Edit::Put(line) => line,
            Edit::Delete(key) => panic!("{key:?} is deleted"),
        }
    }
    decided.edits.iter().map(line).collect()
}

fn verdict(decided: &Decided) -> (&Verdict, &Scope) {
    match decided.changes.as_slice() {
        [Change::Put(Record::Review(review))] => (&review.verdict, &review.scope),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_accepted_skill_is_in_the_library_under_its_text_and_linked_where_it_is_primary() {
    let tables = tables();
    let details = Accept {
        name: Some("Alembic Migrations".into()),
        dimension: Some("databases".into()),
        link_roles: Some(true),
        ..Accept::default()
    };
    let decided = act(&tables, ALEMBIC, &accept(details)).unwrap();
    let [Line::RoleSkills(link), Line::Skills(skill)] = lines(&decided)[..] else { panic!("{:?}", decided.edits) };
    assert_eq!((skill.slug.as_str(), &skill.aliases[..]), ("alembic-migrations", &["Alembic".to_owned()][..]));
    assert_eq!(skill.dimension.as_deref(), Some("databases"));
    assert!(skill.number > 4);
    // In two of three runs there, in none of the data engineer's.
    assert_eq!(*link, RoleSkill { role: "backend-engineer".into(), skill: "alembic-migrations".into() });
    assert_eq!(verdict(&decided), (&Verdict::Accepted, &Scope::Everywhere));
    assert!(decided.line.contains("listed by Backend Engineer"), "{}", decided.line);
    assert!(
        decided.before["skill/alembic-migrations"].is_null() && decided.after["skill/alembic-migrations"].is_object()
    );
}

#[test]
fn the_home_of_a_skill_is_that_of_the_nearest_unless_one_is_named() {
    let tables = tables();
    let home = |details: Accept| match lines(&act(&tables, CITUS, &accept(details)).unwrap())[0] {
        Line::Skills(skill) => skill.dimension.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(home(Accept::default()).as_deref(), Some("databases"));
    assert_eq!(home(Accept { dimension: Some(String::new()), ..Accept::default() }), None);
    let wrong = accept(Accept { dimension: Some("database".into()), ..Accept::default() });
    assert_eq!(act(&tables, CITUS, &wrong).unwrap_err().hint.as_deref(), Some("did you mean \"databases\"?"));
}

#[test]
fn merging_follows_a_merge_and_refuses_what_is_known_retired_or_missing() {
    let mut tables = tables();
    let decided = act(&tables, CITUS, &merge("postgres")).unwrap();
    let [Line::Skills(skill)] = lines(&decided)[..] else { panic!("{:?}", decided.edits) };
    assert_eq!((skill.slug.as_str(), &skill.aliases[..]), ("postgresql", &["Citus".to_owned()][..]));
    assert_eq!(verdict(&decided).0, &Verdict::Merged("postgresql".into()));
    assert!(act(&tables, CITUS, &merge("flash")).unwrap_err().primary.contains("not active"));
    assert_eq!(act(&tables, CITUS, &merge("pyton")).unwrap_err().hint.as_deref(), Some("did you mean \"python\"?"));
    apply(&mut tables, &decided);
    let known = act(&tables, CITUS, &merge("python")).unwrap_err();
    assert!(known.detail.unwrap().contains("PostgreSQL"));
    assert!(act(&tables, CITUS, &accept(Accept::default())).unwrap_err().hint.unwrap().contains("postgresql"));
}

#[test]
fn many_rows_are_settled_together_or_not_at_all() {
    let tables = tables();
    let both: Vec<_> = rows(&tables).drain(..=CITUS).collect();
    let decided = decide(&tables, &both, &merge("postgresql"), "ann", NOW).unwrap();
    let [Line::Skills(skill)] = lines(&decided)[..] else { panic!("{:?}", decided.edits) };
    assert_eq!(skill.aliases, ["Alembic", "Citus"]);
    assert_eq!((decided.changes.len(), decided.line.lines().count()), (2, 2));
    let all = rows(&tables);
    let error = decide(&tables, &all, &merge("postgresql"), "ann", NOW).unwrap_err();
    assert!(error.primary.contains("\"Data Wrangler\"") && error.primary.contains("unknown role"), "{error}");
    let twice = [both[0].clone(), both[0].clone()];
    assert!(decide(&tables, &twice, &order(Action::Reject), "ann", NOW).unwrap_err().primary.contains("twice"));
}

fn proposal() -> Vec<Line> {
    let role = Role { slug: "data-wrangler".into(), name: "Wrangler of Data".into(), ..Role::default() };
    let kra = Kra { id: "data-wrangler/1".into(), role: role.slug.clone(), sentence: "Wrangles data.".into() };
    let skill = RoleSkill { role: role.slug.clone(), skill: "python".into() };
    vec![Line::Roles(role), Line::Kras(kra), Line::RoleSkills(skill)]
}

#[test]
fn an_accepted_role_brings_its_records_and_the_title_its_runs_have() {
    let tables = tables();
    let records = |records| accept(Accept { records: Some(records), ..Accept::default() });
    let decided = act(&tables, WRANGLER, &records(proposal())).unwrap();
    assert!(lines(&decided).iter().any(|line| matches!(line, Line::Aliases(alias) if alias.text == "Data Wrangler")));
    let role = lines(&decided).into_iter().find_map(|line| match line {
        Line::Roles(role) => Some(role.number),
        _ => None,
    });
    assert!(role.unwrap() > 4, "a number that was 0 is given");
    let refused = |change: fn(&mut Vec<Line>), said: &str| {
        let mut lines = proposal();
        change(&mut lines);
        let error = act(&tables, WRANGLER, &records(lines)).unwrap_err();
        assert!(error.primary.contains(said), "{error}");
        assert!(error.detail.is_some() && error.hint.is_some(), "{error}");
    };
    refused(|lines| drop(lines.remove(0)), "needs a proposal of one role");
    refused(
        |lines| lines[0] = Line::Roles(Role { slug: "webmaster".into(), name: "W".into(), ..Role::default() }),
        "taken",
    );
    refused(
        |lines| lines[2] = Line::RoleSkills(RoleSkill { role: "data-wrangler".into(), skill: "pyton".into() }),
        "pyton",
    );
    refused(
        |lines| lines.push(Line::RoleSkills(RoleSkill { role: "data-engineer".into(), skill: "python".into() })),
        "no part of a new role",
    );
    let merged = act(&tables, WRANGLER, &merge("data-engineer")).unwrap();
    assert!(matches!(lines(&merged)[..], [Line::Aliases(alias)] if alias.role == "data-engineer"));
}

#[test]
fn a_sentence_becomes_a_kra_of_the_role_that_is_said() {
    let tables = tables();
    let which = act(&tables, SENTENCE, &accept(Accept::default())).unwrap_err();
    assert!(which.hint.unwrap().contains("chosen_role"), "it was seen in two roles");
    let to = |role: &str| accept(Accept { chosen_role: Some(role.into()), ..Accept::default() });
    let decided = act(&tables, SENTENCE, &to("data-engineer")).unwrap();
    let [Line::Kras(kra)] = lines(&decided)[..] else { panic!("{:?}", decided.edits) };
    assert_eq!((kra.id.as_str(), kra.role.as_str()), ("data-engineer/2", "data-engineer"));
    assert!(act(&tables, KRA, &accept(Accept::default())).unwrap_err().hint.unwrap().contains("sentences"));
    let sentences = |all: &[&str]| {
        let all = all.iter().map(|one| (*one).to_owned()).collect();
        accept(Accept { sentences: Some(all), ..Accept::default() })
    };
    assert_eq!(lines(&act(&tables, KRA, &sentences(&["One thing.", "Another."])).unwrap()).len(), 2);
    assert!(act(&tables, KRA, &sentences(&["builds  pipelines"])).unwrap_err().primary.contains("already"));
    assert!(act(&tables, KRA, &merge("data-engineer/1")).unwrap().edits.is_empty());
}

#[test]
fn a_person_chooses_a_role_for_one_content_of_a_jd() {
    let tables = tables();
    let choose =
        |role: &str, confidence| accept(Accept { chosen_role: Some(role.into()), confidence, ..Accept::default() });
    let decided = act(&tables, UNDECIDED, &choose("data-engineer", None)).unwrap();
    let [Change::Put(Record::Adjudication(chosen))] = &decided.changes[..] else { panic!("{:?}", decided.changes) };
    assert_eq!((chosen.jd, chosen.content, chosen.role.as_str()), (Id::jd("jd-1"), 1, "data-engineer"));
    assert_eq!(chosen.author, Author::Person("ann".into()));
    assert!(act(&tables, UNDECIDED, &choose("webmaster", None)).is_err());
    assert!(act(&tables, UNDECIDED, &choose("data-engineer", Some(1.5))).is_err());
    let for_role = Order { role: Some("data-engineer".into()), ..order(Action::Reject) };
    assert!(act(&tables, UNDECIDED, &for_role).unwrap_err().primary.contains("not settled for one role"));
}

#[test]
fn a_collision_is_ruled_on_only_where_a_rule_counts() {
    let mut tables = tables();
    let rule = |rule| accept(Accept { rule: Some(rule), ..Accept::default() });
    let by_skills = Settlement::RoleBySkills { role: "data-engineer".into(), skills: vec!["postgres".into()] };
    let decided = act(&tables, COLLISION, &rule(by_skills)).unwrap();
    let [Line::AliasRules(said)] = lines(&decided)[..] else { panic!("{:?}", decided.edits) };
    assert_eq!(said.term, "software engineer");
    let skills = vec!["postgresql".to_owned()];
    assert_eq!(said.verdict, AliasVerdict::BySkills { role: "data-engineer".into(), skills });
    assert!(act(&tables, COLLISION, &rule(Settlement::NoRule)).is_err(), "there is none yet");
    apply(&mut tables, &decided);
    let gone = act(&tables, COLLISION, &rule(Settlement::NoRule)).unwrap();
    assert_eq!(gone.edits, [Edit::Delete(Key::new("alias-rule", &["software engineer"]))]);
    tables.apply(Change::Delete(Key::new("alias", &["data-engineer", "software engineer"])));
    let error = act(&tables, COLLISION, &rule(Settlement::Ambiguous)).unwrap_err();
    assert!(error.detail.unwrap().contains("only Backend Engineer"));
}

#[test]
fn an_order_is_read_from_json_and_says_what_it_does_not_know() {
    let read = |text: &str| serde_json::from_str::<Order>(text);
    let order =
        read(r#"{"action":"accept","dimension":"databases","role":"data-engineer","reason":"known tool"}"#).unwrap();
    assert_eq!((order.role.as_deref(), order.reason.as_str()), (Some("data-engineer"), "known tool"));
    assert!(matches!(&order.action, Action::Accept(details) if details.dimension.as_deref() == Some("databases")));
    assert!(read(r#"{"action":"accept","dimensoin":"databases"}"#).is_err());
    assert!(matches!(read(r#"{"action":"reject"}"#).unwrap().action, Action::Reject));
    let tables = tables();
    let wrong = accept(Accept { sentences: Some(vec!["x".into()]), ..Accept::default() });
    let error = act(&tables, ALEMBIC, &wrong).unwrap_err();
    assert!(error.detail.unwrap().contains("link_roles"), "it says what a skill is accepted with");
    let elsewhere = Order { role: Some("backend-enginer".into()), ..super::world::order(Action::Reject) };
    let error = act(&tables, ALEMBIC, &elsewhere).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean \"backend-engineer\"?"));
}

#[test]
fn a_row_whose_words_are_gone_can_only_be_hidden() {
    let tables = tables();
    let mut row = rows(&tables).remove(ALEMBIC);
    row.title = row.subject.to_string();
    let rows = [row];
    let error = decide(&tables, &rows, &accept(Accept::default()), "ann", NOW).unwrap_err();
    assert!(error.primary.contains("no longer known"));
    assert!(decide(&tables, &rows, &order(Action::Reject), "ann", NOW).is_ok());
}

pub(super) fn wrangler() -> Order {
    accept(Accept { records: Some(proposal()), ..Accept::default() })
}

#[test]
fn a_home_that_is_no_more_is_nobody_elses_home() {
    let mut tables = tables();
    let mut row = rows(&tables).remove(ALEMBIC);
    let alike = |slug: &str, score: u32| vec![like(MatchKind::Skill, slug, score)];
    row.possible_matches = alike("postgres", 800_000);
    assert_eq!(near_home(&tables, &row).as_deref(), Some("databases"), "of the skill that a merged one counts for");
    row.possible_matches = alike("postgres", 499_999);
    assert_eq!(near_home(&tables, &row), None, "it is not near");
    row.possible_matches = alike("postgres", 800_000);
    tables.apply(Change::Delete(Key::new("dimension", &["databases"])));
    assert_eq!(near_home(&tables, &row), None);
}
