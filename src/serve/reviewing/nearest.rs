//! What may a row be the same as? Found by the search, and remembered until the search learns something of the taxonomy.

use super::Known;
use crate::review::{Match, MatchKind, Matches};
use crate::search::Why;
use crate::serve::app::App;
use rolestream_dataflows::id::Id;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many are looked for: some of them may be said to be something else.
const LOOKED_FOR: usize = 10;
/// Texts that are remembered.
const REMEMBERED: usize = 50_000;

/// What was found for each text.
#[derive(Default)]
pub(crate) struct Nearest(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// How often the search has learnt something.
    generation: u64,
    found: HashMap<(MatchKind, String), Vec<Match>>,
}

impl Nearest {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The search has learnt something of a record of this kind: what was found before, or is being found, may be wrong.
    pub(crate) fn forget(&self, kind: &str) {
        let wrong: &[MatchKind] = match kind {
            "skill" => &[MatchKind::Skill],
            "alias" => &[MatchKind::Role],
            "kra" => &[MatchKind::Kra],
            // Who owns a KRA depends on its role.
            "role" => &[MatchKind::Role, MatchKind::Kra],
            _ => return,
        };
        let mut inner = self.inner();
        inner.generation += 1;
        inner.found.retain(|(kind, _), _| !wrong.contains(kind));
    }

    /// What was found, or is found now.
    fn get(&self, kind: MatchKind, text: &str, find: impl FnOnce() -> Vec<Match>) -> Vec<Match> {
        let key = (kind, text.to_owned());
        let inner = self.inner();
        if let Some(found) = inner.found.get(&key) {
            return found.clone();
        }
        let generation = inner.generation;
        drop(inner);
        let found = find();
        let mut inner = self.inner();
        if inner.generation == generation {
            if inner.found.len() >= REMEMBERED {
                inner.found.clear();
            }
            inner.found.insert(key, found.clone());
        }
        found
    }
}

/// Looks for what is like a text.
pub(super) struct Finder<'a> {
    pub(super) app: &'a App,
    pub(super) known: &'a Known,
}

impl Matches for Finder<'_> {
    fn skills(&self, text: &str) -> Vec<Match> {
        self.app.reviewing.nearest.get(MatchKind::Skill, text, || {
            let vector = self.app.desk.vector(text);
            let found = self.app.search.possible_skills(text, vector.as_ref(), LOOKED_FOR);
            let one = |found: crate::search::PossibleSkill| {
                let named = self.known.names.skill(Id::skill(&found.skill));
                let why = match found.why {
                    Why::Spelling => "is written like it",
                    Why::Meaning => "means something like it",
                };
                Match {
                    kind: MatchKind::Skill,
                    name: named.map_or_else(|| found.skill.to_string(), |named| named.name.clone()),
                    slug: found.skill.to_string(),
                    score: found.score,
                    why: format!("\"{}\" {why}", found.form),
                }
            };
            found.into_iter().map(one).collect()
        })
    }

    fn roles(&self, title: &str, _: &[Id]) -> Vec<Match> {
        self.app.reviewing.nearest.get(MatchKind::Role, title, || {
            let Some(vector) = self.app.desk.vector(title) else { return Vec::new() };
            let found = self.app.search.possible_roles(&vector, LOOKED_FOR);
            let one = |found: crate::search::RoleHit| Match {
                kind: MatchKind::Role,
                name: self.known.names.role_name(Id::role(&found.role)),
                slug: found.role.to_string(),
                score: found.score,
                why: match found.alias {
                    Some(alias) => format!("its alias \"{alias}\" means something like it"),
                    None => "its name means something like it".to_owned(),
                },
            };
            found.into_iter().map(one).collect()
        })
    }

    fn kras(&self, sentence: &str) -> Vec<Match> {
        self.app.reviewing.nearest.get(MatchKind::Kra, sentence, || {
            let Some(vector) = self.app.desk.vector(sentence) else { return Vec::new() };
            let found = self.app.search.possible_kras(&vector, LOOKED_FOR);
            let one = |found: crate::search::KraHit| {
                let kra = self.known.names.kra(Id::kra(&found.kra))?;
                Some(Match {
                    kind: MatchKind::Kra,
                    slug: kra.key.clone(),
                    name: kra.sentence.clone(),
                    score: found.score,
                    why: format!("a KRA of {}", self.known.names.role_name(Id::role(&found.role))),
                })
            };
            found.into_iter().filter_map(one).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolestream_dataflows::fixed::Micro;

    fn found(slug: &str) -> Vec<Match> {
        let (slug, name, why) = (slug.to_owned(), String::new(), String::new());
        vec![Match { kind: MatchKind::Skill, slug, name, score: Micro(1), why }]
    }

    #[test]
    fn what_was_looked_for_while_the_search_learnt_something_is_looked_for_again() {
        let nearest = Nearest::default();
        let old = nearest.get(MatchKind::Skill, "JUnit", || {
            nearest.forget("skill");
            found("old")
        });
        assert_eq!(old, found("old"));
        assert_eq!(nearest.get(MatchKind::Skill, "JUnit", || found("new")), found("new"));
        assert_eq!(nearest.get(MatchKind::Skill, "JUnit", || found("never")), found("new"));
        assert_eq!(nearest.get(MatchKind::Role, "JUnit", || found("other")), found("other"), "of its kind only");
        nearest.forget("review");
        nearest.forget("kra");
        assert_eq!(nearest.get(MatchKind::Skill, "JUnit", || found("never")), found("new"));
        nearest.forget("skill");
        assert_eq!(nearest.get(MatchKind::Skill, "JUnit", || found("newer")), found("newer"));
        assert_eq!(nearest.get(MatchKind::Role, "JUnit", || found("never")), found("other"));
    }
}
