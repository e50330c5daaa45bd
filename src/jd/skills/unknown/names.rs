//! Is a group of tokens a name at all, and not a word, place, body, company or two words glued together?

use super::super::Surroundings;
use super::elements::Element;
use super::tokens::Look;
use crate::jd::glue::starts;
use crate::jd::lexicon::Lexicon;
use crate::jd::scan::is_whole;

/// Behind a name, it is that of a company.
#[rustfmt::skip]
const SPEAKS: &[&str] = &[
    " is a ", " is an ", " is the ", " is committed", " is looking", " is seeking", " is hiring", " is proud",
    "'s mission", "’s mission", " was founded", " offers ", " employees", " has been", "'s team", " is one of",
    " seeks", ", Inc", " Inc", " Ltd", " LLC", " Corp", " Group", " Limited", " is now", " provides",
    " are looking", " believes", " does not", " promotes", " helps", " delivers", " enables", " is leading",
    " works with", " supports", " makes", " was", " will ",
];

/// Before a name, it is that of a company.
#[rustfmt::skip]
const CALLED: &[&str] = &[
    "At", "join", "Join", "About", "about us", "Why", "joining", "work for", "here at", "working at", "life at",
    "Welcome to", "Our client", "our client -", "our client,", "behalf of", "to help", "employees of", "clients of",
];

/// Whether a group of tokens is no ordinary word, place, person, body or company.
pub(super) fn is_name(name: &str, e: &Element, around: &Surroundings<'_>, lexicon: &Lexicon) -> bool {
    let lower = name.to_lowercase();
    if name.len() < 2
        || name.len() > 40
        || lexicon.not_skills.contains(lower.as_str())
        || lexicon.brands.contains(lower.as_str())
        || lexicon.places.is_name(&lower)
    {
        return false;
    }
    let words: Vec<&str> = lower.split(' ').collect();
    if words
        .last()
        .is_some_and(|w| lexicon.not_ends.contains(*w) || lexicon.not_skills.contains(*w) || lexicon.titles.has_head(w))
    {
        return false;
    }
    let ordinary = |w: &str| {
        lexicon.ordinary.contains(w)
            || lexicon.not_skills.contains(w)
            || lexicon.titles.has_head(w)
            || lexicon.places.is_name(w)
            || w.strip_suffix('s').is_some_and(|stem| lexicon.ordinary.contains(stem))
    };
    // "PHY Architect Cambridge": a post, wherever the word stands.
    if e.words > 1 && words.iter().any(|w| lexicon.titles.is_technical_head(w)) {
        return false;
    }
    let said_small = |w: &str| around.text.match_indices(w).any(|(at, _)| is_whole(around.text, at, at + w.len()));
    let commonplace = |w: &str| w.split('-').all(ordinary) || said_small(w);
    if e.look == Look::Capital && (words.iter().all(|w| commonplace(w)) || !around.is_english() || is_adjective(&words))
    {
        return false;
    }
    if e.look == Look::Telling && name.split(' ').any(|w| is_glued(w, e.words > 1, around, lexicon)) {
        return false;
    }
    !is_of_company(name, &lower, around)
}

/// Endings of long words that names do not have.
const ENDINGS: &[&str] =
    &["ive", "ary", "able", "ible", "ous", "ful", "less", "ly", "ness", "ed", "ment", "ance", "ence", "tion", "tions"];

/// "Revolutionary", "Iterative": long words with an ending that names do not have.
fn is_adjective(words: &[&str]) -> bool {
    let [word] = words else { return false };
    word.len() > 6 && ENDINGS.iter().any(|end| word.ends_with(end))
}

/// Whether capitals inside a word come from a lost space: "experienceStrong", "DOMKnowledge". Names are made of two
/// words as well ("StreetSmart"): in a text without other lost spaces, two capitalised words may be one.
fn is_glued(word: &str, grouped: bool, around: &Surroundings<'_>, lexicon: &Lexicon) -> bool {
    let bytes = word.as_bytes();
    let letters = |at: usize| {
        (word[..at].to_lowercase(), word[at..].trim_end_matches(|c: char| !c.is_alphabetic()).to_lowercase())
    };
    let digits = bytes.iter().position(u8::is_ascii_digit);
    if let Some(at) = digits
        && at >= 4
        && lexicon.is_ordinary(&word[..at].to_lowercase())
    {
        return true;
    }
    if glued_to_known(word, around, lexicon) {
        return true;
    }
    (1..bytes.len()).any(|at| {
        if !bytes[at].is_ascii_uppercase() || !word.is_char_boundary(at) {
            return false;
        }
        let small_next = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let (left, right) = letters(at);
        if bytes[at - 1].is_ascii_lowercase() {
            let small_front = word[..at].bytes().all(|b| b.is_ascii_lowercase());
            (small_front && at >= 4)
                || (small_next && starts(word[at..].trim_end_matches(|c: char| !c.is_alphabetic())))
                || (left.len() >= 3 && lexicon.not_skills.contains(left.as_str()))
                || (small_next && grouped && lexicon.is_ordinary(&right))
                || ((left.len() >= 9 || right.len() >= 9) && lexicon.is_ordinary(&left) && lexicon.is_ordinary(&right))
                || (around.is_glued(lexicon)
                    && (lexicon.is_ordinary(&left) || lexicon.is_ordinary(&right) || at >= 9 || word.len() > 16))
        } else {
            let capitals = bytes[..at].iter().filter(|b| b.is_ascii_uppercase()).count();
            small_next && starts(&word[at..])
                || small_next
                    && capitals >= 2
                    && ((right.len() >= 4
                        && (lexicon.is_ordinary(&right)
                            || right.strip_suffix("es").is_some_and(|stem| lexicon.ordinary.contains(stem))))
                        || around.is_glued(lexicon))
        }
    })
}

/// "SQLstatements", "DockerA", "HL7ICD9": a known skill, and behind it an ordinary word, an article or another name.
fn glued_to_known(word: &str, around: &Surroundings<'_>, lexicon: &Lexicon) -> bool {
    let Some(library) = around.library else { return false };
    let bytes = word.as_bytes();
    (1..bytes.len()).any(|at| {
        let (before, here) = (bytes[at - 1], bytes[at]);
        let turn = before.is_ascii_lowercase() && here.is_ascii_uppercase()
            || before.is_ascii_uppercase() && here.is_ascii_lowercase()
            || before.is_ascii_digit() && here.is_ascii_uppercase()
            || before.is_ascii_uppercase()
                && here.is_ascii_uppercase()
                && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        if !turn || !word.is_char_boundary(at) || !library.knows(&word[..at]) {
            return false;
        }
        let rest = word[at..].to_lowercase();
        rest == "a"
            || (rest.len() >= 4 && (lexicon.is_ordinary(&rest) || library.knows(&rest)))
            || before.is_ascii_digit()
    })
}

/// Whether the JD speaks of the name as a company does of itself.
fn is_of_company(name: &str, lower: &str, around: &Surroundings<'_>) -> bool {
    if around.company.is_some_and(|company| company.to_lowercase().contains(lower)) {
        return true;
    }
    let text = around.text;
    text.match_indices(name).any(|(at, _)| {
        if !is_whole(text, at, at + name.len()) {
            return false;
        }
        let behind = &text[at + name.len()..];
        let before = text[..at].trim_end();
        let speaks = SPEAKS.iter().any(|s| behind.starts_with(s));
        let called = CALLED.iter().any(|s| before.ends_with(s));
        speaks || called
    })
}
