use super::{Knows, Severity};
use crate::error::Position;
use crate::taxonomy::toml_dir::tests::kitchen;
use crate::taxonomy::{Alias, Kra, Role, Skill, Taxonomy};
use rolestream_dataflows::fixed::{SCALE, Vector};
use rolestream_dataflows::records::{Dimension, RoleDimension, RoleSkill, Status};

fn at(line: u32) -> Position {
    Position::new("here", line)
}

/// A taxonomy nothing is wrong with: two roles of three responsibilities and ten skills.
fn sound() -> Taxonomy {
    let mut t = Taxonomy::default();
    t.dimensions.put(Dimension { slug: "tools".into(), name: "Tools".into() }, at(1));
    for n in 1..=10 {
        let (slug, name) = (format!("s{n}"), format!("S{n}"));
        t.skills.put(Skill { slug, name, number: n, dimension: Some("tools".into()), ..Skill::default() }, at(n));
    }
    for (n, slug) in [(1, "cook"), (2, "baker")] {
        t.roles.put(Role { slug: slug.into(), name: slug.into(), number: n, ..Role::default() }, at(n));
        t.role_dimensions.put(RoleDimension { role: slug.into(), dimension: "tools".into() }, at(n));
        for k in 1..=3 {
            let (id, sentence) = (format!("{slug}/{k}"), format!("The {slug} does {k}."));
            t.kras.put(Kra { id, role: slug.into(), sentence }, at(k));
        }
        for s in 1..=10 {
            t.role_skills.put(RoleSkill { role: slug.into(), skill: format!("s{s}") }, at(s));
        }
    }
    t
}

fn alias(t: &mut Taxonomy, role: &str, text: &str) {
    t.aliases.put(Alias { role: role.into(), text: text.into() }, at(9));
}

#[test]
fn nothing_is_said_of_a_sound_taxonomy() {
    assert_eq!(sound().lints(), []);
}

#[test]
fn each_rule_speaks_where_it_should_and_nowhere_else() {
    type Harm = fn(&mut Taxonomy);
    let cases: &[(&[&str], Harm)] = &[
        (&["alias-is-a-role-name"], |t| alias(t, "cook", "Baker")),
        (&["shared-title"], |t| {
            alias(t, "cook", "Kitchen Hand");
            alias(t, "baker", "kitchen hand.");
        }),
        (&["empty-text"], |t| alias(t, "cook", "—")),
        (&["dangling-reference"], |t| alias(t, "cok", "Chef")),
        (&["dangling-reference"], |t| {
            t.role_skills.put(RoleSkill { role: "cook".into(), skill: "s99".into() }, at(9));
        }),
        (&["name-twice"], |t| {
            let role = Role { name: "Cook".into(), ..t.roles.get("baker").unwrap().clone() };
            t.roles.put(role, at(2));
        }),
        (&["thin-role"], |t| {
            t.kras.remove("cook/1");
        }),
        (&["repeated-kra"], |t| {
            let kra = Kra { sentence: "the cook does 1".into(), ..t.kras.get("baker/1").unwrap().clone() };
            t.kras.put(kra, at(1));
        }),
        (&["id-twice"], |t| {
            let role = Role { number: 1, ..t.roles.get("baker").unwrap().clone() };
            t.roles.put(role, at(2));
        }),
        (&["skill-text-twice"], |t| {
            let skill = Skill { aliases: vec!["s2".into()], ..t.skills.get("s1").unwrap().clone() };
            t.skills.put(skill, at(1));
        }),
        (&["orphan-skill"], |t| {
            t.skills.put(Skill { slug: "x".into(), name: "X".into(), number: 11, ..Skill::default() }, at(1));
        }),
        (&["unusual-kind"], |t| {
            let skill = Skill { kind: "framwork".into(), ..t.skills.get("s1").unwrap().clone() };
            t.skills.put(skill, at(1));
        }),
        (&["dimension-name-twice"], |t| {
            t.dimensions.put(Dimension { slug: "kit".into(), name: "tools".into() }, at(1));
        }),
        (&["dimension-alike"], |t| {
            t.dimensions.put(Dimension { slug: "a".into(), name: "Web Frameworks".into() }, at(1));
            t.dimensions.put(Dimension { slug: "b".into(), name: "Web Framework".into() }, at(2));
        }),
        (&["dimension-alike"], |t| {
            for (slug, home) in [("a", "web"), ("b", "net")] {
                t.dimensions.put(Dimension { slug: home.into(), name: home.into() }, at(1));
                for (n, name) in [(1, "Node JS"), (2, "Node.js 2")] {
                    let (slug, name) =
                        (format!("{slug}{n}"), if slug == "a" { name.replace(' ', "-") } else { name.into() });
                    let number = t.skills.len() as u32 + 20;
                    t.role_skills.put(RoleSkill { role: "cook".into(), skill: slug.clone() }, at(1));
                    t.role_dimensions.put(RoleDimension { role: "cook".into(), dimension: home.into() }, at(1));
                    t.skills.put(Skill { slug, name, number, dimension: Some(home.into()), ..Skill::default() }, at(1));
                }
            }
        }),
        // Each of baker's ten skills.
        (&["skill-outside-its-home"; 10], |t| {
            t.role_dimensions.remove("baker\ntools");
        }),
        // The baker is gone: its titles have no effect, and cook is as it was.
        (&["alias-of-retired-role"], |t| {
            alias(t, "baker", "Pastry Cook");
            let role = Role { status: Status::Retired, ..t.roles.get("baker").unwrap().clone() };
            t.roles.put(role, at(2));
        }),
        (&["replaced-by"], |t| {
            let (status, replaced_by) = (Status::Merged, Some("nobody".into()));
            let role = Role { status, replaced_by, ..t.roles.get("baker").unwrap().clone() };
            t.roles.put(role, at(2));
        }),
        (&["redirect-cycle", "redirect-cycle"], |t| {
            for (slug, other) in [("cook", "baker"), ("baker", "cook")] {
                let (status, replaced_by) = (Status::Merged, Some(other.into()));
                let role = Role { status, replaced_by, ..t.roles.get(slug).unwrap().clone() };
                t.roles.put(role, at(2));
            }
        }),
        // The merged baker's name is a title of cook, and the smith claims it too.
        (&["thin-role", "shared-title"], |t| {
            t.roles.put(Role { slug: "smith".into(), name: "Smith".into(), number: 3, ..Role::default() }, at(3));
            alias(t, "smith", "Baker");
            let (status, replaced_by) = (Status::Merged, Some("cook".into()));
            let role = Role { status, replaced_by, ..t.roles.get("baker").unwrap().clone() };
            t.roles.put(role, at(2));
        }),
        // A merge done well: what the baker owns is cook's, so one title of both is no conflict.
        (&[], |t| {
            alias(t, "cook", "Chef");
            alias(t, "baker", "Chef");
            let (status, replaced_by) = (Status::Merged, Some("cook".into()));
            let role = Role { status, replaced_by, ..t.roles.get("baker").unwrap().clone() };
            t.roles.put(role, at(2));
        }),
    ];
    for (expected, harm) in cases {
        let mut taxonomy = sound();
        harm(&mut taxonomy);
        let lints = taxonomy.lints();
        let rules: Vec<&str> = lints.iter().map(|lint| lint.rule).collect();
        assert_eq!(rules, *expected, "{lints:#?}");
        assert!(lints.iter().all(|lint| lint.message.detail.is_some() && lint.message.hint.is_some()));
    }
}

#[test]
fn a_cycle_of_merges_is_called_one_and_a_typo_is_guessed() {
    let mut taxonomy = sound();
    for (slug, other) in [("s1", "s2"), ("s2", "s1")] {
        let (status, replaced_by) = (Status::Merged, Some(other.into()));
        let skill = Skill { status, replaced_by, ..taxonomy.skills.get(slug).unwrap().clone() };
        taxonomy.skills.put(skill, at(1));
    }
    taxonomy.role_dimensions.put(RoleDimension { role: "cook".into(), dimension: "tolls".into() }, at(7));
    let said: Vec<String> = taxonomy.lints().iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|lint| lint.contains("skill s1 is merged into s2, which leads back to it")), "{said:#?}");
    let dangling = "here:7: error[dangling-reference]: there is no dimension \"tolls\"";
    assert!(said.iter().any(|lint| lint.contains(dangling) && lint.ends_with("did you mean \"tools\"?")), "{said:#?}");
}

#[test]
fn the_graver_comes_first() {
    let severities: Vec<Severity> = kitchen().lints().iter().map(|lint| lint.severity).collect();
    assert!(severities.is_sorted() && severities.len() > 3);
}

#[test]
fn what_only_vectors_and_runs_show_is_said_where_they_are_known() {
    let mut taxonomy = sound();
    for (role, sentence) in [("cook", "Keeps the knives sharp."), ("baker", "Keeps knives sharp.")] {
        let id = format!("{role}/knives");
        taxonomy.kras.put(Kra { id, role: role.into(), sentence: sentence.into() }, at(4));
        alias(&mut taxonomy, role, "Kitchen Hand");
        alias(&mut taxonomy, role, "Helper");
    }
    // Each sentence has a pattern of signs of its own but those on knives, which differ in one component.
    let mut embed = |texts: &[&str]| {
        let vector = |text: &&str| {
            let pattern = if text.contains("knives") { "knives" } else { text };
            let long = (SCALE / 16) as i8;
            let signs = (0..256u32).map(|n| rolestream_dataflows::id::Id::text(&format!("{pattern} {n}")).0 & 1);
            let mut components: Vec<i8> = signs.map(|sign| if sign == 0 { long } else { -long }).collect();
            components[0] = if text.contains("the knives") { 0 } else { long };
            Vector::new(&components)
        };
        texts.iter().map(vector).collect()
    };
    let mut knows = Knows { embed: Some(&mut embed), is_hit: Some(&|term| term == "helper") };
    let said: Vec<(String, Vec<String>)> =
        taxonomy.lints_knowing(&mut knows).into_iter().map(|lint| (lint.rule.to_owned(), lint.subjects)).collect();
    let row = |rule: &str, subjects: [&str; 2]| (rule.to_owned(), subjects.map(str::to_owned).to_vec());
    let expected = [
        row("near-kra", ["kra/baker/knives", "kra/cook/knives"]),
        row("shared-title", ["role/baker", "role/cook"]),
        row("shared-title-unused", ["role/baker", "role/cook"]),
    ];
    assert_eq!(said, expected);
    let rules: Vec<&str> = taxonomy.lints().iter().map(|lint| lint.rule).collect();
    assert_eq!(rules, ["shared-title", "shared-title"], "without vectors and runs");
}
