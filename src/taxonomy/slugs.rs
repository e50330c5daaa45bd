//! Which texts may name a role, skill or dimension? Kebab-case ASCII: they are file names and parts of URLs.

use crate::error::{Error, Position};
use rolestream_dataflows::text::slugify;
use std::collections::HashSet;

/// `[a-z0-9]+(-[a-z0-9]+)*`
pub(crate) fn is_slug(text: &str) -> bool {
    text.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// The message on a text that should be a slug, or nothing when it is one.
pub(crate) fn check(text: &str, what: &str, at: impl FnOnce() -> Position) -> Result<(), Error> {
    if is_slug(text) {
        return Ok(());
    }
    let hint = match slugify(text) {
        better if is_slug(&better) => format!("write \"{better}\""),
        _ => "take a name of letters and digits, such as \"site-reliability\"".to_owned(),
    };
    Err(Error::new(format!("\"{text}\" is no slug for a {what}"))
        .detail("a slug has lower-case letters, digits and single hyphens between them")
        .hint(hint)
        .at(at()))
}

/// Gives out slugs, each once.
#[derive(Default)]
pub(crate) struct Slugs(pub(crate) HashSet<String>);

impl Slugs {
    /// The slug of a name; with -2, -3, … where it is taken, and from `otherwise` where the name yields none.
    pub(crate) fn give(&mut self, name: &str, otherwise: &str) -> String {
        let mut base = slugify(name);
        if !is_slug(&base) {
            base = slugify(otherwise);
        }
        let mut slug = base.clone();
        let mut n = 2;
        while !self.0.insert(slug.clone()) {
            slug = format!("{base}-{n}");
            n += 1;
        }
        slug
    }
}

/// Gives out numbers that stay the same when others come and go: derived from the key, the next free when taken.
#[derive(Default)]
pub(crate) struct Numbers(pub(crate) HashSet<u32>);

impl Numbers {
    pub(crate) fn give(&mut self, key: &str) -> u32 {
        // Positive and below 2^31: exact wherever numbers are signed.
        let mut number = (rolestream_dataflows::id::Id::text(key).0 >> 33) as u32;
        while number == 0 || !self.0.insert(number) {
            number = (number + 1) & 0x7fff_ffff;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_kebab_case() {
        for (text, good) in [("ci-cd", true), ("3d", true), ("CI", false), ("a--b", false), ("-a", false), ("", false)]
        {
            assert_eq!(is_slug(text), good, "{text}");
        }
        assert!(check("Node JS", "skill", Position::default).unwrap_err().hint.unwrap().contains("\"node-js\""));
    }

    #[test]
    fn slugs_and_numbers_are_given_once() {
        let mut slugs = Slugs::default();
        assert_eq!([slugs.give("C++", "x"), slugs.give("c plus plus", "x")], ["c-plus-plus", "c-plus-plus-2"]);
        assert_eq!(slugs.give("…", "role-7"), "role-7");
        let mut numbers = Numbers::default();
        let first = numbers.give("a");
        assert!(first > 0 && numbers.give("a") == first + 1);
    }
}
