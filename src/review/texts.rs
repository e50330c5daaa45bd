//! Where do rows get their words from? Views hold ids: the texts are those of the runs behind a row.

use crate::admission::Admitted;
use crate::report::step_one::run_id;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Record;
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::Answer;
use std::collections::HashMap;
use std::sync::Arc;

/// What a row shows of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub run_id: String,
    /// The id that the JD's source gave it.
    pub jd: String,
    /// Hash of its content.
    pub content: u64,
    /// The title as written.
    pub title: Option<String>,
    /// Other titles it goes by.
    pub role_aliases: Vec<String>,
    /// Its skills, in the order of its mentions.
    pub skills: Vec<String>,
    /// Its responsibility sentences, in their order.
    pub sentences: Vec<String>,
    /// The whole responsibilities text.
    pub responsibilities: String,
    /// The JD as it was delivered.
    pub text: String,
}

impl Run {
    /// Of an admitted JD; none where it is withdrawn.
    pub fn of(admitted: &Admitted) -> Option<Run> {
        let content = admitted.jd()?.content;
        let parsed = admitted.parsed.as_ref();
        Some(Run {
            run_id: run_id(admitted.update.id, content),
            jd: admitted.document.id.clone(),
            content,
            title: admitted.title().map(str::to_owned),
            role_aliases: parsed.map(|parsed| parsed.nano_parsed.role_aliases.clone()).unwrap_or_default(),
            skills: admitted.skills.clone(),
            sentences: admitted.sentences.clone(),
            responsibilities: parsed.map(|parsed| parsed.responsibilities_text.clone()).unwrap_or_default(),
            text: admitted.document.text.clone(),
        })
    }

    /// The title or one of its other forms, where it is this text.
    pub(super) fn called(&self, term: Id) -> Option<&str> {
        let titles = self.title.iter().chain(&self.role_aliases);
        titles.map(String::as_str).find(|title| is(title, term))
    }

    /// The first sentence, else the first line, that has this text in it.
    pub(super) fn sentence_with(&self, text: &str) -> Option<&str> {
        let key = normalise(text);
        let has = |line: &&str| !key.is_empty() && normalise(line).contains(&key);
        let sentences = self.sentences.iter().map(String::as_str);
        sentences.chain(self.text.lines().map(str::trim)).find(has)
    }
}

/// Whether a text, normalised, has this id.
pub(super) fn is(text: &str, id: Id) -> bool {
    Id::text(&normalise(text)) == id
}

/// Looks runs up: what their JDs say, and what is said of them. Both of the version that is held now.
pub trait Runs {
    /// The texts of a JD, if it is held.
    fn run(&self, jd: Id) -> Option<Arc<Run>>;

    /// What is said of it.
    fn answer(&self, jd: Id) -> Option<Arc<Answer>>;
}

/// The titles of roles by id of their normalised text: what the terms of collisions are called.
pub fn terms<'a>(records: impl IntoIterator<Item = &'a Record>) -> HashMap<Id, String> {
    let titles = records.into_iter().filter_map(|record| match record {
        Record::Role(role) => Some(&role.name),
        Record::Alias(alias) => Some(&alias.text),
        _ => None,
    });
    titles.map(|title| (Id::text(&normalise(title)), title.clone())).collect()
}
