//! When are two texts the same key?
//!
//! When they are equal after NFKC, case folding, collapsing of white space and stripping of outer punctuation
//! (SPEC §1). This is the only place that decides it; applying it twice changes nothing.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The key of a text. `C#`, `C++`, `.NET`, `CI/CD` and `Node.js` keep what makes them themselves.
///
/// ```
/// use rolestream_dataflows::text::normalise;
/// assert_eq!(normalise("  «Node.js», "), "node.js");
/// assert_eq!(normalise("C++"), "c++");
/// assert_eq!(normalise("(.NET)"), ".net");
/// ```
pub fn normalise(text: &str) -> String {
    let folded = if text.is_ascii() { text.to_ascii_lowercase() } else { fold(text) };
    let mut key = String::with_capacity(folded.len());
    for word in folded.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(word);
    }
    let stripped = strip(&key);
    if stripped.len() == key.len() { key } else { stripped.to_owned() }
}

/// NFKC and case folding, until neither changes anything: folding may open a new composition.
fn fold(text: &str) -> String {
    let mut now: String = text.nfkc().collect();
    loop {
        let next: String = caseless::default_case_fold_str(&now).nfkc().collect();
        if next == now {
            return now;
        }
        now = next;
    }
}

/// Cuts outer characters that carry no meaning; what is left begins and ends with a letter, digit, `+` or `#`,
/// or begins with a dot before a letter.
fn strip(key: &str) -> &str {
    let core = |c: char| c.is_alphanumeric() || c == '+' || c == '#';
    let mut start = key.len();
    let mut chars = key.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let dot_before_letter = c == '.' && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if core(c) || dot_before_letter {
            start = at;
            break;
        }
    }
    let end = key.char_indices().rev().find(|(_, c)| core(*c)).map_or(start, |(at, c)| at + c.len_utf8());
    &key[start..end.max(start)]
}

/// A URL-safe name for a title: transliterated, lower case, hyphens. Empty where nothing can be transliterated.
pub fn slugify(text: &str) -> String {
    let plain = deunicode::deunicode(text);
    let mut slug = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            '+' => slug.push_str("-plus"),
            '#' => slug.push_str("-sharp"),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_matches('-').replace("--", "-").to_owned()
}

/// Whether a text is its own key.
pub fn is_normalised(text: &str) -> bool {
    is_nfkc_quick(text.chars()) != IsNormalized::No && normalise(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_a_skill_itself_survives() {
        for (text, key) in [
            ("C#", "c#"),
            ("C++", "c++"),
            (".NET", ".net"),
            ("CI/CD", "ci/cd"),
            ("Node.js", "node.js"),
            ("Back-End  Engineer.", "back-end engineer"),
            ("\"Go\"", "go"),
            ("Straße", "strasse"),
            ("ﬁle", "file"),
            ("…", ""),
            ("ＡＷＳ", "aws"),
            ("…,.net core)", ".net core"),
            ("- .", ""),
        ] {
            assert_eq!(normalise(text), key, "{text}");
        }
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        for text in ["ΌΣΟΣ", "ŉ İstanbul", "ẞ ß", "..net", "+.a.+", "ǅ ͅ α", "a\u{300}\u{345}"] {
            let once = normalise(text);
            assert_eq!(normalise(&once), once, "{text}");
        }
    }

    #[test]
    fn slugs_are_transliterated() {
        assert_eq!(slugify("Développeur C++ / Backend"), "developpeur-c-plus-plus-backend");
        assert_eq!(slugify("C# Developer"), "c-sharp-developer");
        assert_eq!(slugify("…"), "");
    }
}
