//! What may a new text be, of what is known?
//!
//! A row of a review queue is shown with up to five possible matches, so that a person can merge instead of accept. A
//! skill may be another by its spelling ("Kubernets") or by its meaning ("K8s cluster management"); its score is the
//! greater of the two, and says which.

use super::collections::Search;
use super::library::TextOf;
use super::spelling::Spelling;
use rolestream_dataflows::fixed::{Micro, Vector};
use std::collections::HashMap;
use std::sync::Arc;

/// What is written less alike is another word.
const LEAST_SPELLING: Micro = Micro(600_000);
/// Names of few tokens are a little alike by chance: what is less near has nothing to do with it.
const LEAST_MEANING: Micro = Micro(500_000);

/// Why something may be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is written alike.
    Spelling,
    /// It means something alike.
    Meaning,
}

/// A known skill that a new one may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleSkill {
    /// Its slug.
    pub skill: Arc<str>,
    /// The greater of likeness and cosine.
    pub score: Micro,
    /// Which of the two it is; of equal ones the spelling.
    pub why: Why,
    /// The form, normalised, that is alike.
    pub form: Arc<str>,
}

impl Search {
    /// Up to `k` known skills that a text may be: score descending, slug ascending. The vector is that of the text, where
    /// it has one.
    pub fn possible_skills(&self, text: &str, vector: Option<&Vector>, k: usize) -> Vec<PossibleSkill> {
        let near = vector.map(|vector| self.similar_skills(vector, k)).unwrap_or_default();
        let near = near.into_iter().filter(|hit| hit.score >= LEAST_MEANING).map(|hit| PossibleSkill {
            skill: hit.skill,
            score: hit.score,
            why: Why::Meaning,
            form: hit.form,
        });
        let mut best: HashMap<Arc<str>, PossibleSkill> = HashMap::new();
        for found in self.spelled_alike(text).into_iter().chain(near) {
            let kept = best.entry(found.skill.clone()).or_insert_with(|| found.clone());
            if found.score > kept.score {
                *kept = found;
            }
        }
        let mut found: Vec<PossibleSkill> = best.into_values().collect();
        found.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.skill.cmp(&b.skill)));
        found.truncate(k);
        found
    }

    /// All skills with a form written alike, form by form in their order.
    fn spelled_alike(&self, text: &str) -> Vec<PossibleSkill> {
        let spelling = Spelling::new(text);
        let library = self.library();
        let alike = |(key, other): (&TextOf, &Spelling)| {
            let score = spelling.likeness(other, LEAST_SPELLING)?;
            let skill = library.skills.owner(&key.owner)?;
            Some(PossibleSkill { skill, score, why: Why::Spelling, form: key.text.clone()? })
        };
        library.spellings.iter().filter_map(alike).collect()
    }
}
