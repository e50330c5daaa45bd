//! How many years of experience are asked for?

use super::model::Experience;
use super::scan::starts_with_ignore_case;

/// Years at most plausible; a greater number is something else.
const MOST: u32 = 40;

/// The first statement of years in a text: "4-6 years", "4+ yrs", "at least three years", "up to 5 years".
pub(crate) fn parse(text: &str) -> Option<Experience> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < text.len() {
        let fresh = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if fresh
            && text.is_char_boundary(at)
            && (bytes[at].is_ascii_digit() || bytes[at].is_ascii_alphabetic())
            && !(at >= 2 && matches!(bytes[at - 1], b'.' | b',') && bytes[at - 2].is_ascii_digit())
            && let Some(found) = statement(text, at)
        {
            return Some(found);
        }
        at += 1;
    }
    None
}

/// Years said in a bullet or sentence that speaks of experience.
pub(crate) fn in_sentence(text: &str) -> Option<Experience> {
    // Most lines hold no unit of time: asked first, in the fewest searches.
    if !["ear", "yr", "YEAR", "onth"].iter().any(|unit| text.contains(unit)) {
        return None;
    }
    let speaks =
        ["experience", "Experience", "exp", "background", "worked", "working"].iter().any(|w| text.contains(w));
    if speaks { parse(text) } else { None }
}

/// A statement whose first number begins at `at`.
fn statement(text: &str, at: usize) -> Option<Experience> {
    let (first, mut end) = number(text, at)?;
    let mut min = Some(first);
    let mut max;
    let rest = text[end..].trim_start();
    let skipped = text[end..].len() - rest.len();
    if rest.starts_with('+') || starts_with_ignore_case(rest, "or more") || starts_with_ignore_case(rest, "plus") {
        let length = if rest.starts_with('+') {
            1
        } else if starts_with_ignore_case(rest, "plus") {
            4
        } else {
            7
        };
        end += skipped + length;
        max = None;
    } else if let Some((second, second_end)) = range_end(text, end) {
        end = second_end;
        max = Some(second);
        if text[end..].trim_start().starts_with('+') {
            end += text[end..].len() - text[end..].trim_start().len() + 1;
        }
    } else {
        // A single number is a lower bound unless "up to" stands before it.
        max = None;
    }
    let unit_start = end + (text[end..].len() - text[end..].trim_start_matches([' ', '-', ')', '(']).len());
    let mut unit = &text[unit_start..];
    // "four (4) years"
    if let Some((_, after)) = number(text, unit_start) {
        let after_paren = text[after..].trim_start_matches(['+', ')', ' ']);
        unit = after_paren;
    }
    let years = ["years", "year", "yrs", "yr"].iter().find(|u| starts_with_ignore_case(unit, u));
    let months = ["months", "month"].iter().find(|u| starts_with_ignore_case(unit, u));
    let (unit_length, scale) = match (years, months) {
        (Some(u), _) => (u.len(), 1),
        (None, Some(u)) => (u.len(), 12),
        _ => return None,
    };
    let unit_at = unit.as_ptr() as usize - text.as_ptr() as usize;
    let raw_end = unit_at + unit_length;
    let before = text[..at].trim_end();
    let mut raw_start = at;
    let upto = ["up to", "upto", "maximum", "at most", "less than", "maximum of", "under"]
        .iter()
        .find(|p| ends_with_ignore_case(before, p));
    if let Some(phrase) = upto {
        raw_start = before.len() - phrase.len();
        if max.is_none() && min.is_some() {
            max = min;
        }
        min = None;
    }
    let (min, max) = (min.map(|m| m / scale), max.map(|m| m.div_ceil(scale)));
    if min.is_some_and(|m| m > MOST) || max.is_some_and(|m| m > MOST) || (min > max && max.is_some() && min.is_some()) {
        return None;
    }
    if !text.is_char_boundary(raw_start) || !text.is_char_boundary(raw_end) {
        return None;
    }
    Some(Experience { min, max, raw: text[raw_start..raw_end].to_owned() })
}

fn ends_with_ignore_case(text: &str, suffix: &str) -> bool {
    text.len() >= suffix.len() && text.as_bytes()[text.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
}

/// "- 6", "to 6", "– 6", "and 6" behind a first number (and perhaps its own unit).
fn range_end(text: &str, end: usize) -> Option<(u32, usize)> {
    let mut rest = text[end..].trim_start();
    for unit in ["years", "year", "yrs"] {
        if starts_with_ignore_case(rest, unit) {
            rest = rest[unit.len()..].trim_start();
        }
    }
    let rest = ["-", "–", "—", "to ", "and "]
        .iter()
        .find_map(|sep| starts_with_ignore_case(rest, sep).then(|| rest.get(sep.len()..)).flatten())?;
    let rest = rest.trim_start();
    let at = rest.as_ptr() as usize - text.as_ptr() as usize;
    let (value, after) = number(text, at)?;
    Some((value, after))
}

/// A number in digits or as a word at `at`: its whole part, and where it ends.
fn number(text: &str, at: usize) -> Option<(u32, usize)> {
    const NAMES: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let rest = text.get(at..)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        if digits > 3 {
            return None;
        }
        let mut end = at + digits;
        let value = rest[..digits].parse().ok()?;
        let tail = &text[end..];
        if tail.starts_with('.') && tail.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            end += 1 + tail[1..].bytes().take_while(u8::is_ascii_digit).count();
        }
        return Some((value, end));
    }
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let value = NAMES.iter().position(|n| n.eq_ignore_ascii_case(&rest[..letters]))? as u32 + 1;
    Some((value, at + letters))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn bounds_are_read_from_the_usual_phrases() {
        for (text, min, max) in [
            ("4-6 years", Some(4), Some(6)),
            ("4 – 6 yrs", Some(4), Some(6)),
            ("3 to 6 years", Some(3), Some(6)),
            ("5+ years", Some(5), None),
            ("5 + years", Some(5), None),
            ("up to 5 years", None, Some(5)),
            ("Upto 5 years", None, Some(5)),
            ("at least three years of work", Some(3), None),
            ("five (5) years", Some(5), None),
            ("5 or more years", Some(5), None),
            ("2 years to 4 years", Some(2), Some(4)),
            ("18 months", Some(1), None),
            ("1.5 years", Some(1), None),
            ("10 plus years", Some(10), None),
        ] {
            let found = parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.min, found.max), (min, max), "{text}");
        }
        assert_eq!(parse("4-6 years of work").unwrap().raw, "4-6 years");
    }

    #[test]
    fn other_numbers_are_no_years() {
        for text in ["founded 120 years ago", "2019", "24/7", "401k", "a 50 years old company", "", "é5", "the years"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
