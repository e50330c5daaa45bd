//! Which role is a JD given, by which rule, and how sure is that? (SPEC §4)

use super::signals::{Scores, hit_by, terms};
use super::taxonomy::Taxonomy;
use super::tie_break::break_tie;
use super::title::Resolving;
use super::words::Words;
use crate::fixed::Micro;
use crate::id::Id;
use crate::records::{Author, Features, Rejection};
use crate::views::{Case, Collision, Decision, Rule};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Nothing decided yet: the frame into which a rule writes.
pub(super) fn undecided() -> Decision {
    Decision {
        rule: Rule::NoEvidence,
        case: Case::E,
        role: None,
        confidence: None,
        collision: None,
        cohort: Box::default(),
        tier: None,
        new_role: None,
        rejection: None,
        kra: Micro::ZERO,
        skill: Micro::ZERO,
    }
}

/// The rule *rejected*.
pub(super) fn rejected(reason: Rejection) -> Decision {
    Decision { rule: Rule::Rejected, case: Case::R, rejection: Some(reason), ..undecided() }
}

/// The first rule that matches an accepted JD.
pub(super) fn decide<'a>(
    taxonomy: &Taxonomy<'a>,
    jd: Id,
    content: u64,
    features: &Features,
    scores: &Scores<'a>,
    title: &Resolving<'a>,
) -> Decision {
    let words = Words { taxonomy, features, scores, title };
    let without = table(&words, jd);
    let open = matches!(without.case, Case::D | Case::F) || without.role.is_none();
    let adjudication = taxonomy.adjudications.get(&(jd, content)).filter(|adjudication| match adjudication.author {
        Author::Person(_) => true,
        Author::Model(_) => adjudication.confidence >= taxonomy.settings.adjudication_min,
    });
    let named = adjudication.and_then(|found| Some((taxonomy.role_owner(&found.role)?, found.confidence)));
    match named {
        Some((role, confidence)) if open => {
            let decision = Decision { rule: Rule::Adjudicated, tier: None, new_role: None, ..without };
            chosen(&words, role, confidence, decision)
        }
        _ => without,
    }
}

/// The table of SPEC §4 without its first two rows.
fn table(words: &Words, jd: Id) -> Decision {
    by_title(words).or_else(|| by_alias(words)).or_else(|| by_body(words)).unwrap_or_else(|| by_nothing(words, jd))
}

/// Rules title-agrees to title-split.
fn by_title(words: &Words) -> Option<Decision> {
    let kra_min = words.taxonomy.settings.kra_min;
    if let Some(x) = words.title.one() {
        return Some(match words.k1() {
            _ if words.k(x) >= kra_min && !words.led(x) => choose(words, Rule::TitleAgrees, Case::A, x, words.k(x)),
            Some(k1) if words.strong() && words.led(x) => {
                tie_break(words, Rule::TitleContradicted, Case::D, BTreeSet::from([x, k1]), Some(words.title.term))
            }
            _ => {
                let confidence = if words.strong() { words.k(x) } else { Micro(800_000) };
                choose(words, Rule::TitleAlone, Case::A, x, confidence)
            }
        });
    }
    let several = words.title.several();
    let ranking = words.by_k(&several);
    let t = *ranking.first()?;
    let leads = ranking[1..].iter().all(|other| words.k(t).minus(words.k(other)) > words.margin());
    if words.k(t) >= kra_min && leads && !words.led(t) {
        let collision = Some(collision(words.title.term, &several));
        let decision = choose(words, Rule::TitleAmbiguous, Case::B, t, words.k(t));
        return Some(Decision { collision, ..decision });
    }
    Some(tie_break(words, Rule::TitleSplit, Case::D, several, Some(words.title.term)))
}

/// Rules all-agree to alias-alone.
fn by_alias(words: &Words) -> Option<Decision> {
    let settings = &words.taxonomy.settings;
    let a = words.a()?;
    let (strong, tied) = (words.strong(), words.skills_tied());
    if let Some(k1) = words.k1().filter(|k1| strong && a == *k1) {
        if words.s1() == Some(k1) && !tied {
            return Some(choose(words, Rule::AllAgree, Case::A, k1, words.k(k1)));
        }
        let unopposed = words.s1().is_none() || words.s1() == Some(k1);
        let faint = words.s_of_first() < words.g().max(settings.skill_witness);
        if tied && words.among_tied(k1) || unopposed || faint {
            let case = if tied { Case::C } else { Case::A };
            return Some(choose(words, Rule::AliasAgrees, case, k1, words.k(k1)));
        }
    }
    let witnessed = words.s1() == Some(a) && words.s(a) >= settings.skill_witness && !tied;
    if witnessed && (!strong || words.close(a)) {
        return Some(choose(words, Rule::AliasAndSkill, Case::A, a, Micro(900_000)));
    }
    // The first term that hits a is the one that collides.
    let term = terms(words.features).into_iter().find(|term| hit_by(words.taxonomy, *term).contains(a));
    if let Some(k1) = words.k1().filter(|k1| strong && a != *k1) {
        return Some(tie_break(words, Rule::AliasContradicted, Case::D, BTreeSet::from([a, k1]), term));
    }
    if strong {
        return None;
    }
    match words.s1().filter(|s1| *s1 != a && words.s(s1) >= settings.skill_witness) {
        Some(s1) => Some(tie_break(words, Rule::AliasAgainstSkill, Case::D, BTreeSet::from([a, s1]), term)),
        None => Some(choose(words, Rule::AliasAlone, Case::B, a, Micro(700_000))),
    }
}

/// Rules skill-only to body-alone.
fn by_body(words: &Words) -> Option<Decision> {
    let settings = &words.taxonomy.settings;
    let tied = words.skills_tied();
    let (Some(k1), true) = (words.k1(), words.strong()) else {
        let s1 = words.s1()?;
        let enough = words.s(s1) >= settings.skill_min && words.matched(s1) >= 2 && !tied;
        return enough.then(|| choose(words, Rule::SkillOnly, Case::B, s1, words.s(s1)));
    };
    let k = words.k(k1);
    if let Some(s1) = words.s1().filter(|s1| *s1 != k1 && words.s(s1) >= words.g() && !tied) {
        return Some(tie_break(words, Rule::SkillContradicts, Case::D, BTreeSet::from([s1, k1]), None));
    }
    let agrees = words.s1() == Some(k1);
    let settled = agrees && !tied;
    let within = |role: &str| k.minus(words.k(role)) <= settings.kra_tie;
    if words.k2().is_some_and(within) && !settled {
        let cohort = words.scores.kra.iter().map(|rank| rank.role).filter(|role| within(role)).collect();
        return Some(tie_break(words, Rule::KraTie, Case::F, cohort, None));
    }
    Some(if words.k2().is_some_and(|k2| words.close(k2)) {
        choose(words, Rule::KraClose, Case::B, k1, k.times(Micro(900_000)))
    } else if agrees {
        choose(words, Rule::BodyAgrees, Case::A, k1, k.times(Micro(950_000)))
    } else {
        choose(words, Rule::BodyAlone, Case::B, k1, k.times(Micro(850_000)))
    })
}

/// Rules new-role and no-evidence.
fn by_nothing(words: &Words, jd: Id) -> Decision {
    let unhit = words.scores.hits.is_empty();
    match words.features.title.as_ref().filter(|_| unhit) {
        Some(title) => {
            let new_role = Some(new_role_slug(words.taxonomy, &title.slug, jd));
            Decision { rule: Rule::NewRole, case: Case::New, new_role, ..undecided() }
        }
        None => Decision { rule: Rule::NoEvidence, case: Case::E, ..undecided() },
    }
}

/// The title's slug, or one made of the JD's id, with the first suffix that makes it free.
fn new_role_slug(taxonomy: &Taxonomy, title: &str, jd: Id) -> Arc<str> {
    let wanted = if title.is_empty() { format!("role-{jd}") } else { title.to_owned() };
    let mut slug = wanted.clone();
    let mut suffix = 2;
    while taxonomy.roles.contains_key(slug.as_str()) {
        slug = format!("{wanted}-{suffix}");
        suffix += 1;
    }
    slug.into()
}

fn choose(words: &Words, rule: Rule, case: Case, role: &str, confidence: Micro) -> Decision {
    chosen(words, role, confidence, Decision { rule, case, ..undecided() })
}

fn chosen(words: &Words, role: &str, confidence: Micro, decision: Decision) -> Decision {
    let confidence = Some(confidence);
    Decision { role: Some(Id::role(role)), confidence, kra: words.k(role), skill: words.s(role), ..decision }
}

/// A decision by tie-break; with a term it is a collision.
fn tie_break<'a>(
    words: &Words<'a, '_>,
    rule: Rule,
    case: Case,
    cohort: BTreeSet<&'a str>,
    term: Option<Id>,
) -> Decision {
    let frame = Decision {
        rule,
        case,
        cohort: ids(&cohort),
        collision: term.map(|term| collision(term, &cohort)),
        ..undecided()
    };
    match break_tie(words, &cohort) {
        Some(choice) => chosen(words, choice.role, choice.confidence, Decision { tier: Some(choice.tier), ..frame }),
        None => frame,
    }
}

fn collision(term: Id, roles: &BTreeSet<&str>) -> Collision {
    Collision { term, roles: ids(roles) }
}

fn ids(roles: &BTreeSet<&str>) -> Box<[Id]> {
    roles.iter().map(|role| Id::role(role)).collect()
}
