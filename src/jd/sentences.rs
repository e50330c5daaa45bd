//! Which sentences are matched with KRAs? SPEC §2's rule, word for word.

use super::model::ResponsibilitySection;
use super::settings::ParserSettings;

/// The sentences of the sections; where there is none, the responsibilities text, else the JD text, as one.
pub(crate) fn sentences(sections: &[ResponsibilitySection], jd: &str, settings: &ParserSettings) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let long_enough = |text: &str| text.chars().nth(settings.min_sentence.saturating_sub(1)).is_some();
    'all: for line in sections.iter().flat_map(|s| s.text.split(['\n', '\r'])) {
        let line = strip_bullet(line);
        if !long_enough(line) {
            continue;
        }
        for sentence in split(line).filter(|s| long_enough(s)) {
            if out.len() == settings.max_sentences {
                break 'all;
            }
            out.push(sentence.to_owned());
        }
    }
    if out.is_empty() {
        let whole = responsibilities_text(sections);
        let one = if whole.trim().is_empty() { jd.trim() } else { whole.trim() };
        out.extend(Some(one.to_owned()).filter(|t| !t.is_empty()));
    }
    out
}

/// The sections' texts joined by blank lines.
pub(crate) fn responsibilities_text(sections: &[ResponsibilitySection]) -> String {
    let texts: Vec<&str> = sections.iter().map(|s| s.text.as_str()).collect();
    texts.join("\n\n")
}

fn strip_bullet(line: &str) -> &str {
    line.trim().trim_start_matches(['-', '*', '•', '–', '·', '▪', '●']).trim_start()
}

/// Splits after `.` or `;` before a space and a capital or digit, but not after a protected abbreviation.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let from = start;
        let bytes = line.as_bytes();
        for at in from..bytes.len() {
            if !matches!(bytes[at], b'.' | b';') || bytes.get(at + 1) != Some(&b' ') {
                continue;
            }
            let next = line[at + 2..].chars().next();
            let protected =
                bytes[at] == b'.' && ["e.g", "i.e", "etc", "vs"].iter().any(|a| ends_with_word(&line[from..at], a));
            if next.is_some_and(|c| c.is_uppercase() || c.is_numeric()) && !protected {
                start = at + 2;
                return Some(line[from..=at].trim());
            }
        }
        done = true;
        Some(line[from..].trim())
    })
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= word.len()
        && bytes[bytes.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
        && (bytes.len() == word.len() || !bytes[bytes.len() - word.len() - 1].is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, settings: &ParserSettings) -> Vec<String> {
        let section = ResponsibilitySection { text: text.to_owned(), ..ResponsibilitySection::default() };
        sentences(&[section], "the JD", settings)
    }

    #[test]
    fn the_rule_of_the_contract_holds() {
        let settings = ParserSettings::default();
        let text = "- Use brokers, e.g. Kafka, etc. Publish the events; Then consume them again. 4 teams depend on it. ok.\n- too short";
        let want = [
            "Use brokers, e.g. Kafka, etc. Publish the events;",
            "Then consume them again.",
            "4 teams depend on it. ok.",
        ];
        assert_eq!(of(text, &settings), want);
    }

    #[test]
    fn without_a_sentence_the_text_is_one() {
        let settings = ParserSettings::default();
        assert_eq!(of("short\nlines", &settings), ["short\nlines"]);
        assert_eq!(of("", &settings), ["the JD"]);
        assert_eq!(sentences(&[], "  ", &settings), Vec::<String>::new());
    }

    #[test]
    fn at_most_so_many() {
        let settings = ParserSettings { max_sentences: 2, ..ParserSettings::default() };
        assert_eq!(
            of("This sentence is long enough.\nThis one is long enough too.\nAnd so is this one here.", &settings)
                .len(),
            2
        );
    }
}
