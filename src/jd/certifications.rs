//! Which certificates are asked for?

use super::lexicon::{Lexicon, Marks};
use super::sections::Document;

/// The certificates named: those of the list, and "X Certified Y"; each once, at most ten.
pub(crate) fn find(document: &Document, lexicon: &Lexicon) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in document.sections.iter().filter(|s| s.kind.speaks_of_role()).flat_map(|s| &s.lines) {
        if !line.marks.has(Marks::CERTIFICATE) {
            continue;
        }
        let text = line.text.as_str();
        let mut add = |name: &str| {
            let name = name.trim();
            if out.len() < 10 && !out.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                out.push(name.to_owned());
            }
        };
        if let Some(phrase) = certified_phrase(text) {
            add(phrase);
            continue;
        }
        for hit in lexicon.certificates.whole(text) {
            let name = &text[hit.start..hit.end];
            // Names are abbreviations or titles: written in small letters they are words.
            let written = name.starts_with(|c: char| c.is_uppercase());
            let shy = lexicon.shy_certificates.contains(name.to_lowercase().as_str());
            let certified = || ["ertif", "icens", "icenc", "ccredit", "ualif"].iter().any(|part| text.contains(part));
            if written && (!shy || certified()) {
                add(name);
            }
        }
    }
    out
}

/// "AWS Certified Solutions Architect", "Certified Scrum Master": capitalised words around "Certified".
fn certified_phrase(text: &str) -> Option<&str> {
    let at = text.find("Certified ")?;
    let title = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase()) && !word.ends_with(['.', ':']);
    let mut start = at;
    if let Some(word) = text[..at].trim_end().rsplit(' ').next().filter(|w| title(w) && !w.ends_with(',')) {
        start = word.as_ptr() as usize - text.as_ptr() as usize;
    }
    let mut end = at + "Certified".len();
    let mut named = 0;
    for word in text[end..].split_inclusive(' ').skip(1).take(5) {
        let core = word.trim_end().trim_end_matches([',', ')', '.', ';']);
        if !title(core) {
            break;
        }
        named += 1;
        let word_end = word.as_ptr() as usize - text.as_ptr() as usize + core.len();
        end = word_end;
        if core.len() < word.trim_end().len() {
            break;
        }
    }
    (named > 0).then(|| text[start..end].trim_matches(['(', ' ']))
}

#[cfg(test)]
mod tests {
    use super::certified_phrase;

    #[test]
    fn a_certified_something_keeps_its_neighbours() {
        let text = "Ideally an AWS Certified Solutions Architect, or similar";
        assert_eq!(certified_phrase(text), Some("AWS Certified Solutions Architect"));
        assert_eq!(certified_phrase("Certified Scrum Master preferred"), Some("Certified Scrum Master"));
        assert_eq!(certified_phrase("Certified copies are needed"), None);
    }
}
