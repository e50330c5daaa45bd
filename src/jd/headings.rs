//! Which kind of section does a heading open? By the vocabulary of `config/parser/headings.toml`.

use super::lexicon::Phrases;
use super::scan::WordMap;
use super::settings::HeadingWords;

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    AboutRole,
    Responsibilities,
    Required,
    Preferred,
    Company,
    EqualOpportunity,
    Benefits,
    HowToApply,
    /// Facts and circumstances: location, hours, pay.
    Other,
}

impl Kind {
    fn named(name: &str) -> Kind {
        match name {
            "about_role" => Kind::AboutRole,
            "responsibilities" => Kind::Responsibilities,
            "required" => Kind::Required,
            "preferred" => Kind::Preferred,
            "company" => Kind::Company,
            "equal_opportunity" => Kind::EqualOpportunity,
            "benefits" => Kind::Benefits,
            "how_to_apply" => Kind::HowToApply,
            _ => Kind::Other,
        }
    }

    /// Whether it says what the job is: only such sections yield skills and responsibilities.
    pub(crate) fn speaks_of_role(self) -> bool {
        matches!(self, Kind::AboutRole | Kind::Responsibilities | Kind::Required | Kind::Preferred)
    }

    /// The heading printed where the JD has none.
    pub(crate) fn usual_heading(self) -> &'static str {
        match self {
            Kind::Responsibilities => "Responsibilities",
            Kind::Required => "Requirements",
            Kind::Preferred => "Nice to have",
            _ => "About the Role",
        }
    }
}

/// The compiled vocabulary.
pub(crate) struct Headings {
    whole: WordMap<Kind>,
    parts: Vec<(Kind, Vec<String>)>,
    inside: Phrases,
    /// Of each phrase of `inside`: whether it may stand in running text without a colon.
    telling: Vec<bool>,
}

impl Headings {
    /// Compiles the settings; the first kind that claims a heading keeps it.
    pub(crate) fn new(settings: &HeadingWords) -> Headings {
        let mut whole = WordMap::default();
        let mut inside = Vec::new();
        for group in &settings.kinds {
            for heading in &group.headings {
                let key = key(heading);
                if key.len() >= 5 {
                    inside.push(key.clone());
                }
                whole.entry(key.into_boxed_str()).or_insert(Kind::named(&group.kind));
            }
        }
        let telling = inside
            .iter()
            .map(|h| {
                let words = h.split(' ').count();
                let single = ["responsibilities", "requirements", "qualifications", "duties"].contains(&h.as_str());
                let name = [
                    "skills",
                    "responsibilities",
                    "requirements",
                    "qualifications",
                    "duties",
                    "experience",
                    "description",
                    "summary",
                ];
                single || (words >= 2 && name.iter().any(|n| h.ends_with(n)))
            })
            .collect();
        let parts = settings.kinds.iter().map(|g| (Kind::named(&g.kind), g.words.clone())).collect();
        Headings { whole, parts, inside: Phrases::new(&[&inside]), telling }
    }

    /// The kind of a text that is a heading word for word.
    pub(crate) fn exact(&self, text: &str) -> Option<Kind> {
        if text.len() > 80 {
            return None;
        }
        self.whole.get(key(text).as_str()).copied()
    }

    /// The kind of a text that is known to be a heading by its markup or colon.
    pub(crate) fn marked(&self, text: &str) -> Option<Kind> {
        if let Some(kind) = self.exact(text) {
            return Some(kind);
        }
        let key = key(text);
        if let Some(rest) = key.strip_prefix("about ") {
            let role = ["role", "job", "position", "opportunity", "team", "project"].iter().any(|w| rest.ends_with(w));
            let you = rest.starts_with("you");
            return Some(if role {
                Kind::AboutRole
            } else if you {
                Kind::Required
            } else {
                Kind::Company
            });
        }
        self.parts.iter().find(|(_, words)| words.iter().any(|w| key.contains(w.as_str()))).map(|(kind, _)| *kind)
    }

    /// Headings inside running text: where each stands, and whether it needs no colon.
    pub(crate) fn inside<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize, bool)> + 'a {
        self.inside.parts(text).map(|hit| (hit.start, hit.end, self.telling[hit.phrase]))
    }
}

/// A heading's key: lower case, no outer punctuation, plain apostrophes.
fn key(text: &str) -> String {
    let core = text.trim_matches(|c: char| !c.is_alphanumeric());
    let mut key = String::with_capacity(core.len());
    for c in core.chars() {
        match c {
            '’' | '‘' | '`' => key.push('\''),
            _ => key.extend(c.to_lowercase()),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_by_phrase_then_by_part() {
        let headings = Headings::new(&HeadingWords::default());
        for (text, kind) in [
            ("Key Responsibilities:", Kind::Responsibilities),
            ("WHAT YOU’LL DO", Kind::Responsibilities),
            ("Required Skills", Kind::Required),
            ("Nice to have", Kind::Preferred),
            ("About Acme", Kind::Company),
            ("About the role", Kind::AboutRole),
            ("Our Benefits Package", Kind::Benefits),
            ("Equal Opportunity", Kind::EqualOpportunity),
            ("How to apply?", Kind::HowToApply),
            ("Desired technical skills", Kind::Preferred),
        ] {
            assert_eq!(headings.marked(text), Some(kind), "{text}");
        }
        assert_eq!(headings.exact("We build bridges"), None);
    }
}
