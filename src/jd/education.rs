//! Which degrees are asked for?

use super::lexicon::{Lexicon, Marks};
use super::scan::sentence_spans;
use super::sections::Document;

/// The degrees as the JD puts them: the clause that names one, cut to its core; each once, at most six.
pub(crate) fn find(document: &Document, lexicon: &Lexicon) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |text: &str| {
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '-' | '–'));
        if text.len() > 2 && out.len() < 6 && !out.iter().any(|known| known.contains(text)) {
            out.push(text.to_owned());
        }
    };
    document.header.education.iter().for_each(|text| add(text));
    for line in document.sections.iter().filter(|s| s.kind.speaks_of_role()).flat_map(|s| &s.lines) {
        if !line.marks.has(Marks::DEGREE) {
            continue;
        }
        let Some(first) = lexicon.degrees.whole(&line.text).next() else { continue };
        let spans = sentence_spans(&line.text);
        let span = spans.iter().find(|(start, end)| (*start..*end).contains(&first.start)).copied();
        let (from, to) = span.unwrap_or((0, line.text.len()));
        let sentence = &line.text[from..to];
        add(clause(sentence, first.start.saturating_sub(from)));
    }
    out
}

/// From the degree on to where the clause turns to something else; an "or equivalent" is kept.
fn clause(sentence: &str, degree: usize) -> &str {
    let sentence = if sentence.is_char_boundary(degree) { &sentence[degree..] } else { sentence };
    let ends = [
        " with ",
        " and at least",
        " plus ",
        " is required",
        " required",
        " preferred",
        " is preferred",
        " and minimum",
        " who ",
        " (or ",
    ];
    let mut end = ends.iter().filter_map(|e| sentence.find(e)).min().unwrap_or(sentence.len());
    if end > 140 {
        end = floor(sentence, 140).rfind([',', ' ']).unwrap_or(sentence.len().min(60));
        while !sentence.is_char_boundary(end) {
            end -= 1;
        }
    }
    &sentence[..end]
}

/// The text up to a byte, or a little less where that splits a character.
fn floor(text: &str, mut end: usize) -> &str {
    end = end.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::clause;

    #[test]
    fn a_clause_ends_where_it_turns_to_something_else() {
        let text = "You hold a Bachelor's degree in Biology or equivalent with three years of work";
        assert_eq!(clause(text, 11), "Bachelor's degree in Biology or equivalent");
        assert!(clause(&format!("BSc {}", "é".repeat(200)), 0).len() <= 140);
    }
}
