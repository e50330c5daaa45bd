//! What do people say at random about what the views show? Alias rules, reviews, adjudications.

use super::pools::TITLES;
use super::world::World;
use rand::RngExt;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{
    Adjudication, AliasRule, AliasVerdict, AtIngest, Author, Record, Review, Scope, Verdict,
};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{How, subject};

impl World {
    /// A rule for a term, rather one that is ambiguous now.
    pub(crate) fn put_alias_rule(&mut self) {
        let ambiguous: Vec<Id> = self
            .snapshot
            .decisions
            .values()
            .filter(|answer| answer.resolution.how == How::Ambiguous)
            .map(|answer| answer.resolution.term)
            .collect();
        let wanted = self.one(&ambiguous);
        let known = TITLES.iter().map(|title| normalise(title)).find(|term| Some(Id::text(term)) == wanted);
        let term = known.unwrap_or_else(|| normalise(TITLES[self.rng.random_range(0..TITLES.len())]));
        let role = self.role_slug();
        let verdict = match self.below(5) {
            0 | 1 => AliasVerdict::Assigned(role),
            2 => AliasVerdict::Ambiguous,
            _ => {
                let count = self.below(6);
                AliasVerdict::BySkills { role, skills: (0..count).map(|_| self.skill_slug()).collect() }
            }
        };
        self.put(Record::AliasRule(AliasRule { term, verdict }));
    }

    /// A verdict on a row some queue shows, or a second thought about an earlier one.
    pub(crate) fn put_review(&mut self) {
        let earlier = if self.chance(0.25) { self.record("review") } else { None };
        let (subject, scope) = match earlier {
            Some(Record::Review(review)) if self.chance(0.7) => (review.subject, review.scope),
            Some(Record::Review(review)) => (review.subject, self.scope()),
            _ => match self.queue_row() {
                Some(subject) => (subject, self.scope()),
                None => return,
            },
        };
        let verdict = match self.below(6) {
            0 | 1 => Verdict::Accepted,
            2 | 3 => Verdict::Merged(self.skill_slug()),
            4 => Verdict::Rejected,
            _ => Verdict::Snoozed(1_800_000_000_000 + self.rng.random_range(0..9)),
        };
        let when = self.rng.random_range(0..9);
        self.put(Record::Review(Review { subject, scope, verdict, who: "ann".into(), when, why: "because".into() }));
    }

    fn scope(&mut self) -> Scope {
        if self.chance(0.5) { Scope::Everywhere } else { Scope::Role(self.role_slug()) }
    }

    /// The subject of a row of one of the queues.
    fn queue_row(&mut self) -> Option<Id> {
        let views = &self.snapshot;
        let subjects: Vec<Id> = match self.rng.random_range(0..7) {
            0 => views.undecided.keys().map(|jd| subject::undecided(*jd)).collect(),
            1 => views.new_roles.keys().map(|slug| subject::new_role(slug)).collect(),
            2 | 3 => views.new_skills.keys().map(|(text, _)| subject::new_skill(*text)).collect(),
            4 | 5 => views.new_kras.keys().map(|(_, jd)| subject::new_kra(*jd)).collect(),
            _ => views.novel_sentences.keys().map(|(_, sentence)| subject::novel_sentence(*sentence)).collect(),
        };
        self.one(&subjects)
    }

    /// A choice of role for some content that is there, rather one that is queued.
    pub(crate) fn put_adjudication(&mut self) {
        let earlier = if self.chance(0.2) { self.record("adjudication") } else { None };
        let queued: Vec<Id> = self.snapshot.undecided.keys().copied().filter(|jd| self.jds.contains_key(jd)).collect();
        let all: Vec<Id> = self.jds.keys().copied().collect();
        let waiting = if self.chance(0.6) { self.one(&queued) } else { None };
        let (jd, content) = match (earlier, waiting.or_else(|| self.one(&all))) {
            (Some(Record::Adjudication(earlier)), _) => (earlier.jd, earlier.content),
            (_, Some(jd)) => (jd, self.jds[&jd].content),
            _ => return,
        };
        let author = if self.chance(0.5) { Author::Person("ann".into()) } else { Author::Model("wise-model".into()) };
        let confidence = Micro(self.rng.random_range(50..101) * 10_000);
        let role = self.role_slug();
        self.put(Record::Adjudication(Adjudication {
            jd,
            content,
            role,
            confidence,
            reasoning: "it reads like one".into(),
            author,
        }));
    }

    /// Facts do not change; but the engine is to follow its inputs even here.
    pub(crate) fn disturb_a_fact(&mut self) {
        if self.chance(0.5) {
            return self.delete_one("at-ingest");
        }
        let Some(Record::AtIngest(fact)) = self.record("at-ingest") else { return };
        let Some(Record::AtIngest(other)) = self.record("at-ingest") else { return };
        self.put(Record::AtIngest(AtIngest { said: other.said, ..fact }));
    }
}
