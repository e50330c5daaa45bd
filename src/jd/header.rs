//! What do labelled lines say ("Location: Oslo")? The facts of a JD that need no reading between the lines.

use super::experience;
use super::lexicon::{Label, Lexicon};

/// What the labelled lines say, as written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Header {
    pub(crate) title: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) locations: Vec<String>,
    pub(crate) experience: Option<String>,
    pub(crate) pay: Option<String>,
    pub(crate) work_mode: Option<String>,
    pub(crate) education: Vec<String>,
}

/// How a labelled line is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading<'a> {
    /// It gives this fact.
    Fact(Label, &'a str),
    /// It is a label alone; the next line may give the fact.
    Open(Label),
    /// It is something else.
    None,
}

/// The label a line opens with, and its value.
pub(crate) fn read<'a>(text: &'a str, lexicon: &Lexicon) -> Reading<'a> {
    let Some(colon) = text.bytes().take(40).position(|b| b == b':') else {
        return Reading::None;
    };
    if text[colon..].starts_with("://") {
        return Reading::None;
    }
    let key = text[..colon].trim().trim_matches(['*', '_', '-', '•']).trim().to_lowercase();
    let Some(label) = lexicon.labels.get(key.as_str()).copied() else {
        return Reading::None;
    };
    let value = text[colon + 1..].trim().trim_matches('*').trim();
    if value.is_empty() {
        return if matches!(label, Label::Experience | Label::Education) {
            Reading::None
        } else {
            Reading::Open(label)
        };
    }
    let limit = match label {
        Label::Title => 120,
        Label::Company | Label::WorkMode | Label::Ignored => 100,
        Label::Location | Label::Pay | Label::Education => 150,
        Label::Experience => 60,
    };
    let fits = value.len() <= limit
        && match label {
            Label::Experience => experience::parse(value).is_some(),
            Label::Title => !value.ends_with('.'),
            _ => true,
        };
    if fits { Reading::Fact(label, value) } else { Reading::None }
}

impl Header {
    /// Keeps a fact; the first of a kind holds, but of locations and education all do.
    pub(crate) fn note(&mut self, label: Label, value: &str) {
        let first = |slot: &mut Option<String>| {
            if slot.is_none() {
                *slot = Some(value.to_owned());
            }
        };
        match label {
            Label::Title => first(&mut self.title),
            Label::Company => first(&mut self.company),
            Label::Experience => first(&mut self.experience),
            Label::Pay => first(&mut self.pay),
            Label::WorkMode => first(&mut self.work_mode),
            Label::Location => self.locations.push(value.to_owned()),
            Label::Education => self.education.push(value.to_owned()),
            Label::Ignored => {}
        }
    }
}
