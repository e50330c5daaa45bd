//! What does a random JD look like? Mostly sensible; at times rejected, empty, or lacking something.

use super::pools::{FIELDS, STRANGE, TITLES, any_skill_text, sentence_text};
use super::world::World;
use rand::RngExt;
use rolestream_dataflows::fixed::{Vector, Vectors};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Features, Jd, JdUpdate, Mention, Rejection, Title};
use rolestream_dataflows::replay::Event;
use rolestream_dataflows::text::{normalise, slugify};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many sentences each direction has.
const SENTENCES_EACH: usize = super::pools::SENTENCES / (FIELDS + 2);

/// The id of the JD of a number.
pub(crate) fn jd_id(number: usize) -> Id {
    Id::jd(&format!("jd-{number}"))
}

impl World {
    /// Puts or withdraws a JD now, unless it already changed in this epoch.
    pub(crate) fn send(&mut self, id: Id, jd: Option<Arc<Jd>>) {
        if !self.changed.insert(id) {
            return;
        }
        match &jd {
            Some(jd) => self.jds.insert(id, jd.clone()),
            None => self.jds.remove(&id),
        };
        self.epoch.push(Event::Jd(JdUpdate { id, jd }));
    }

    /// Corrects, re-parses, re-sends, withdraws or brings back a JD.
    pub(crate) fn touch_a_jd(&mut self, jds: usize) {
        let number = self.below(jds);
        let id = jd_id(number);
        let old = self.jds.get(&id).cloned();
        let jd = match (self.below(10), old) {
            (0 | 1, _) => None,
            (2, Some(old)) => Some(old),
            (3 | 4, Some(old)) => Some(Arc::new(Jd { features: self.features(), ..(*old).clone() })),
            (5, Some(old)) => Some(Arc::new(Jd { received_at: self.received_at(), ..(*old).clone() })),
            _ => Some(Arc::new(self.jd())),
        };
        self.send(id, jd);
    }

    /// A JD.
    pub(crate) fn jd(&mut self) -> Jd {
        let source = self.pick(&["kafka", "file", "http"]);
        let company = self.pick(&["", "", "acme", "globex", "initech"]);
        Jd {
            content: self.rng.random(),
            source: Id::text(&source),
            received_at: self.received_at(),
            company: if company.is_empty() { Id::NONE } else { Id::text(&company) },
            features: self.features(),
        }
    }

    /// Some time of a few days, often at the edge of an hour or a day, seldom before 1970.
    fn received_at(&mut self) -> i64 {
        let day = if self.chance(0.05) { -1 } else { 20_000 + self.rng.random_range(0..6) };
        let hour = self.rng.random_range(0..4) * 8;
        let moment = if self.chance(0.5) { 0 } else { self.rng.random_range(0..3_600_000) };
        (day * 24 + hour) * 3_600_000 + moment
    }

    fn features(&mut self) -> Result<Features, Rejection> {
        use Rejection::{ArchetypeNotAccepted, NoRole, NoText, NotAJd, TooLarge};
        if self.chance(0.07) {
            return Err(self.one(&[NotAJd, NoText, NoRole, ArchetypeNotAccepted, TooLarge]).unwrap_or(NoText));
        }
        if self.chance(0.02) {
            return Ok(Features::default());
        }
        let field = self.below(FIELDS);
        let title = self.title(field);
        let role_aliases = self.role_aliases(title.as_ref());
        let (sentences, vectors) = self.sentences(field);
        let vector = if self.chance(0.9) && !vectors.is_empty() || self.chance(0.05) {
            Some(self.pools.near(field, &mut self.rng))
        } else {
            None
        };
        let skills = self.mentions(field);
        let ai = self.ai_flags();
        Ok(Features { title, role_aliases, skills, sentences, vectors: Vectors::new(&vectors), vector, ai })
    }

    fn title(&mut self, field: usize) -> Option<Title> {
        let text = match self.below(10) {
            0..3 => return None,
            3..7 => self.pick(&STRANGE),
            7..9 => self.pick(&TITLES),
            _ => TITLES[field].to_owned(),
        };
        // A title with a level before it resolves, if at all, by its plain form or by its vector.
        let (written, vector) = if self.chance(0.3) {
            let field = if STRANGE.contains(&text.as_str()) { FIELDS + 1 } else { field };
            let vector = if self.chance(0.4) { self.pools.title(&text) } else { self.pools.near(field, &mut self.rng) };
            (format!("Senior {text}"), vector)
        } else {
            (text.clone(), self.pools.title(&text))
        };
        let plain = match self.below(10) {
            0..3 => written.clone(),
            3 => self.pick(&TITLES),
            _ => text,
        };
        Some(Title {
            written: Id::text(&normalise(&written)),
            plain: Id::text(&normalise(&plain)),
            slug: slugify(&written).into(),
            vector,
        })
    }

    fn role_aliases(&mut self, title: Option<&Title>) -> Vec<Id> {
        let mut aliases: Vec<Id> = Vec::new();
        if self.chance(0.5) {
            for _ in 0..self.rng.random_range(1..4) {
                let text = if self.chance(0.8) { self.pick(&TITLES) } else { self.pick(&STRANGE) };
                let term = Id::text(&normalise(&text));
                if !aliases.contains(&term) && title.is_none_or(|title| title.written != term) {
                    aliases.push(term);
                }
            }
        }
        aliases
    }

    fn mentions(&mut self, field: usize) -> Vec<Mention> {
        let count = if self.chance(0.12) { 0 } else { self.rng.random_range(1..9) };
        let primary = self.one(&[0.0, 0.5, 0.7, 1.0, 0.7]).unwrap_or(0.5);
        let field = if self.chance(0.8) { field } else { self.below(FIELDS) };
        let mut seen = BTreeSet::new();
        let mut mentions = Vec::new();
        for _ in 0..count {
            let text = Id::text(&normalise(&any_skill_text(field, &mut self.rng)));
            let primary = self.chance(primary);
            if seen.insert(text) {
                mentions.push(Mention { text, primary });
            }
        }
        mentions
    }

    /// Sentences of one field, of another beside it, or of none that roles care for.
    fn sentences(&mut self, field: usize) -> (Vec<Id>, Vec<Vector>) {
        let count = if self.chance(0.12) { 0 } else { self.rng.random_range(1..7) };
        let main = if self.chance(0.7) { field } else { FIELDS + self.below(2) };
        let beside = if self.chance(0.4) { self.below(FIELDS + 2) } else { main };
        let mut texts = Vec::new();
        let mut vectors = Vec::new();
        for _ in 0..count {
            let direction = if self.chance(0.6) { main } else { beside };
            let place = self.below(SENTENCES_EACH) * (FIELDS + 2) + direction;
            texts.push(Id::text(&normalise(&sentence_text(place))));
            vectors.push(self.pools.sentence(place));
        }
        (texts, vectors)
    }
}
