//! Which skills does a JD name, where, and which of them matter most?

mod finder;
mod forms;
mod library;
mod score;
mod unknown;

pub use library::{FormSearch, SkillLibrary};

use super::headings::Kind;
use super::lexicon::Lexicon;
use super::model::{FinalSkill, Place};
use super::scan::sentence_spans;
use super::settings::ParserSettings;
use rolestream_dataflows::text::normalise;
use std::cell::OnceCell;

/// A section's text as the finder wants it.
pub(crate) struct Source<'a> {
    /// The section's place in `roles_and_responsibilities`; none: the title.
    pub(crate) section: Option<usize>,
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
}

/// A bullet, or a sentence of a paragraph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The place among the section's bullets, and how many there are.
    pub(crate) bullet: Option<(usize, usize)>,
}

/// A stretch of text that names a skill.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    /// The number of a known skill, or the name of an unknown one.
    pub(crate) skill: Named,
    pub(crate) source: usize,
    pub(crate) unit: Unit,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What a mention names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Known(u32),
    Unknown(String),
}

/// What the parser knows of the JD beside the sections: what must not be taken for a skill.
#[derive(Default)]
pub(crate) struct Surroundings<'a> {
    pub(crate) company: Option<&'a str>,
    /// The known skills.
    pub(crate) library: Option<&'a SkillLibrary>,
    /// The whole text, for how a word is written elsewhere.
    pub(crate) text: &'a str,
    /// Whether spaces were lost between words of the text; told when first asked.
    pub(crate) glued: OnceCell<bool>,
    /// Whether the text is English; told when first asked.
    pub(crate) english: OnceCell<bool>,
}

impl Surroundings<'_> {
    /// Whether English function words are as frequent as in English. In other languages capitals say less.
    pub(crate) fn is_english(&self) -> bool {
        *self.english.get_or_init(|| {
            let (mut all, mut english) = (0usize, 0usize);
            for word in self.text.split_ascii_whitespace() {
                all += 1;
                english +=
                    usize::from(matches!(word, "and" | "the" | "of" | "to" | "with" | "for" | "or" | "our" | "you"));
            }
            all < 30 || english * 25 >= all
        })
    }

    /// Whether at least two ordinary words of the text are glued to a capitalised one.
    pub(crate) fn is_glued(&self, lexicon: &Lexicon) -> bool {
        *self.glued.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut found = 0;
            for at in 1..bytes.len() {
                if bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase() {
                    let run = bytes[..at].iter().rev().take_while(|b| b.is_ascii_lowercase()).count();
                    let small = run >= 3 && (run == at || !bytes[at - run - 1].is_ascii_alphanumeric());
                    found += usize::from(small && lexicon.is_ordinary(&self.text[at - run..at]));
                }
            }
            found >= 2
        })
    }
}

/// The skills of a JD, primary first, each group by first mention, with where each stands.
pub(crate) fn find(
    sources: &[Source<'_>],
    around: &Surroundings<'_>,
    library: &SkillLibrary,
    lexicon: &Lexicon,
    settings: &ParserSettings,
) -> (Vec<FinalSkill>, Vec<Vec<Place>>) {
    let units: Vec<Vec<Unit>> = sources.iter().map(|s| units(s.text)).collect();
    let mut mentions = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        finder::find(at, source, &units[at], library, lexicon, &mut mentions);
    }
    let unknown = unknown::find(sources, &units, &mentions, around, lexicon, settings);
    mentions.extend(unknown);
    mentions.sort_by_key(|m| (m.source, m.start));
    let mut groups: Vec<(Named, Vec<Mention>)> = Vec::new();
    for mention in mentions {
        match groups.iter_mut().find(|(named, _)| *named == mention.skill) {
            Some((_, group)) => group.push(mention),
            None => groups.push((mention.skill.clone(), vec![mention])),
        }
    }
    // The title names skills, but the order is that of the text.
    groups.sort_by_key(|(_, group)| {
        group.iter().map(|m| (sources[m.source].section.unwrap_or(usize::MAX), m.start)).min()
    });
    let mut rated: Vec<(FinalSkill, Vec<Place>)> = groups
        .into_iter()
        .map(|(named, group)| {
            let is_primary = score::is_primary(&group, sources, lexicon, &settings.weights);
            let skill_name = match named {
                Named::Known(number) => library.name(number).to_owned(),
                Named::Unknown(name) => name,
            };
            let places = group.iter().map(|m| Place { section: sources[m.source].section, start: m.start, end: m.end });
            (FinalSkill { is_primary, skill_name }, places.collect())
        })
        .collect();
    rated.sort_by_key(|(skill, _)| !skill.is_primary);
    rated.into_iter().unzip()
}

/// The bullets of a section's text, and the sentences of its paragraphs.
fn units(text: &str) -> Vec<Unit> {
    let bullets = text.split('\n').filter(|l| l.starts_with("- ")).count();
    let mut out = Vec::new();
    let mut at = 0;
    let mut bullet = 0;
    for line in text.split('\n') {
        if line.starts_with("- ") {
            out.push(Unit { start: at + 2, end: at + line.len(), bullet: Some((bullet, bullets)) });
            bullet += 1;
        } else {
            let spans = sentence_spans(line).into_iter();
            out.extend(spans.map(|(start, end)| Unit { start: at + start, end: at + end, bullet: None }));
        }
        at += line.len() + 1;
    }
    out
}

/// The unit a place lies in.
pub(crate) fn unit_at(units: &[Unit], at: usize) -> Option<Unit> {
    let next = units.partition_point(|u| u.start <= at);
    units.get(next.checked_sub(1)?).filter(|u| at < u.end).copied()
}

/// The key an unknown skill is told apart by.
pub(crate) fn key(name: &str) -> String {
    normalise(name)
}
