//! Where do words begin and end? The small scans that the parser's other files share; all linear, none panics.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// FNV-1a: the parser looks up many short words, none chosen by an attacker that could gain by a collision.
#[derive(Clone)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A set of words.
pub(crate) type WordSet = HashSet<Box<str>, BuildHasherDefault<Fnv>>;
/// A map by word.
pub(crate) type WordMap<V> = HashMap<Box<str>, V, BuildHasherDefault<Fnv>>;

/// The set of some words, lower-cased.
pub(crate) fn word_set<'a>(words: impl IntoIterator<Item = &'a String>) -> WordSet {
    words.into_iter().map(|w| w.to_lowercase().into_boxed_str()).collect()
}

/// Whether a byte belongs to a word; every byte of a character beyond ASCII does.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Whether `start..end` of `text` touches no letter or digit outside.
pub(crate) fn is_whole(text: &str, start: usize, end: usize) -> bool {
    opens_word(text, start) && closes_word(text, end)
}

/// Whether no letter or digit stands before what begins at `start`.
pub(crate) fn opens_word(text: &str, start: usize) -> bool {
    let bytes = text.as_bytes();
    start == 0
        || !is_word(bytes[start - 1])
        || !is_word(bytes[start])
        // A dash or quote beyond ASCII looks like a word byte; look at the character then.
        || text[..start].chars().next_back().is_some_and(|c| !c.is_alphanumeric())
}

/// Whether no letter or digit stands behind what ends at `end`.
pub(crate) fn closes_word(text: &str, end: usize) -> bool {
    let bytes = text.as_bytes();
    end >= bytes.len()
        || !is_word(bytes[end])
        || !is_word(bytes[end - 1])
        || text[end..].chars().next().is_some_and(|c| !c.is_alphanumeric())
}

/// The place where a sentence ends at `.`, `!`, `?` or `;` before a space and a capital or digit; each half-open span
/// is trimmed. Abbreviations do not end one.
pub(crate) fn sentence_spans(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut start = 0;
    for at in 0..bytes.len() {
        let ends = match bytes[at] {
            b'\n' => true,
            b'.' | b'!' | b'?' | b';' => {
                bytes.get(at + 1) == Some(&b' ')
                    && bytes.get(at + 2).is_some_and(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b >= 0x80)
                    && !(bytes[at] == b'.' && is_abbreviation(&text[start..at]))
            }
            _ => false,
        };
        if ends {
            push_trimmed(text, start, at + 1, &mut spans);
            start = at + 1;
        }
    }
    push_trimmed(text, start, text.len(), &mut spans);
    spans
}

fn push_trimmed(text: &str, start: usize, end: usize, spans: &mut Vec<(usize, usize)>) {
    let part = &text[start..end];
    let lead = part.len() - part.trim_start().len();
    let core = part.trim().len();
    if core > 0 {
        spans.push((start + lead, start + lead + core));
    }
}

/// Whether the text before a full stop ends in an abbreviation ("e.g", "etc", "vs", "Dr").
pub(crate) fn is_abbreviation(before: &str) -> bool {
    let last = before.rsplit([' ', '(', ',', '/']).next().unwrap_or(before);
    ["e.g", "i.e", "etc", "vs", "eg", "ie", "Dr", "Mr", "Mrs", "Ms", "St", "No", "approx", "incl", "Inc", "Ltd"]
        .iter()
        .any(|a| a.eq_ignore_ascii_case(last))
}

/// Whether `text` begins with `prefix`, compared without case in ASCII.
pub(crate) fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.len() >= prefix.len() && text.as_bytes()[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_before_a_capital_and_not_at_abbreviations() {
        let text = "Use tools, e.g. Java. You will test; Then ship\nDone";
        let parts: Vec<&str> = sentence_spans(text).into_iter().map(|(s, e)| &text[s..e]).collect();
        assert_eq!(parts, ["Use tools, e.g. Java.", "You will test;", "Then ship", "Done"]);
    }

    #[test]
    fn a_word_is_whole_beside_punctuation_of_any_script() {
        assert!(is_whole("(Go)", 1, 3));
        assert!(!is_whole("Gone", 0, 2));
        let dash = "–Go–";
        assert!(is_whole(dash, 3, 5));
        assert!(!is_whole("éGo", 2, 4));
    }
}
