//! Which lines does a plain or Markdown text have? One lenient scan: real texts mix both.

use super::{Line, Shape};

/// Signs that open a list item wherever they stand first.
pub(crate) const BULLETS: &[char] = &[
    '•', '●', '▪', '■', '◦', '‣', '►', '➢', '➤', '✓', '✔', '❖', '·', '∙', '○', '□', '▫', '◆', '◾', '➔', '→', '»',
    '✅', '\u{f0b7}', '\u{f0a7}', '\u{f0d8}', '\u{f076}', '\u{f0fc}', '\u{2043}',
];

/// The lines of a text that is not HTML.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    // The empty piece between a carriage return and a line feed would look like an empty line.
    if text.contains("\r\n") {
        return lines(&text.replace("\r\n", "\n"));
    }
    let mut out: Vec<Line> = Vec::new();
    let mut gap = false;
    for raw in text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        let raw = raw.trim();
        if raw.is_empty() {
            gap = true;
            continue;
        }
        if is_rule(raw) {
            let under_title = raw.starts_with('=') || (raw.starts_with("---") && !gap);
            if let (true, Some(last)) = (under_title && !gap, out.last_mut())
                && last.shape == Shape::Text
                && last.text.len() < 80
            {
                last.shape = Shape::Heading;
            }
            gap = true;
            continue;
        }
        if let Some(line) = line(raw, None, gap) {
            out.push(line);
            gap = false;
        }
    }
    out
}

/// `---`, `***`, `====`, `____`: a rule, at least three of one sign.
fn is_rule(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    bytes.len() >= 3 && b"-=_*~#+".contains(&bytes[0]) && bytes.iter().all(|b| *b == bytes[0] || *b == b' ')
}

/// One line without its markup; none when nothing is left.
pub(super) fn line(raw: &str, shape: Option<Shape>, gap: bool) -> Option<Line> {
    let mut text = clean(raw);
    let mut found = shape.unwrap_or(Shape::Text);
    loop {
        let rest = if let Some(rest) = strip_bullet(&text) {
            if found != Shape::Heading {
                found = Shape::Bullet;
            }
            rest
        } else if let Some(rest) = strip_hashes(&text) {
            found = Shape::Heading;
            rest
        } else {
            break;
        };
        text = rest.trim().to_owned();
    }
    let (plain, bold) = strip_emphasis(&text);
    if let Some(plain) = plain {
        text = plain;
    }
    if bold && found == Shape::Text && text.len() <= 80 && !text.ends_with('.') {
        found = Shape::Heading;
    }
    let text = text.trim();
    if !text.chars().any(char::is_alphanumeric) {
        return None;
    }
    Some(Line { text: text.to_owned(), shape: found, gap, marks: Default::default() })
}

/// White space of all kinds collapsed, invisible and control characters gone.
fn clean(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut space = false;
    for c in raw.chars() {
        if c.is_whitespace() || (c.is_control() && c != '\0') {
            space = true;
            continue;
        }
        if matches!(c, '\0' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{fe0f}' | '\u{202a}'..='\u{202e}')
        {
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        out.push(c);
    }
    out
}

/// What stands behind a list sign, if the line opens with one.
fn strip_bullet(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    if BULLETS.contains(&first) {
        return Some(&text[first.len_utf8()..]);
    }
    let rest = text.strip_prefix('\\').unwrap_or(text);
    let sign = rest.chars().next()?;
    if matches!(sign, '-' | '*' | '+' | '–' | '—' | '−' | '>') {
        let behind = &rest[sign.len_utf8()..];
        let next = behind.chars().next()?;
        // "-5 °C", "**bold**" and "+44" are no items; "-Design" is.
        let item = next == ' ' || (matches!(sign, '-' | '–' | '—') && (next.is_alphabetic() || next == '*'));
        return item.then_some(behind);
    }
    if let Some(behind) = text.strip_prefix("o ").filter(|b| b.starts_with(|c: char| c.is_uppercase())) {
        return Some(behind);
    }
    numbered(text)
}

/// "1. ", "2) ", "(3) ", "a) ", "iv. ": a number and its sign, before a space and a letter.
fn numbered(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(').unwrap_or(text);
    let token = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let number = &inner[..token];
    let digits = !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    let letter = number.len() == 1 && number.bytes().all(|b| b.is_ascii_lowercase());
    let roman = number.len() <= 4 && !number.is_empty() && number.bytes().all(|b| b"ivx".contains(&b));
    if !digits && !letter && !roman {
        return None;
    }
    let behind = &inner[token..];
    let behind = match behind.as_bytes().first()? {
        b')' => &behind[1..],
        b'.' if digits || roman => &behind[1..],
        _ => return None,
    };
    let trimmed = behind.trim_start();
    let spaced = trimmed.len() < behind.len() || behind.starts_with(|c: char| c.is_uppercase());
    (spaced && trimmed.starts_with(|c: char| c.is_alphabetic() || c == '*')).then_some(trimmed)
}

/// "## Heading" without its signs, also the closing ones.
fn strip_hashes(text: &str) -> Option<&str> {
    let hashes = text.bytes().take_while(|b| *b == b'#').count();
    let behind = &text[hashes..];
    (1..=6).contains(&hashes).then_some(behind).filter(|b| b.starts_with(' ')).map(|b| b.trim_end_matches('#').trim())
}

/// Takes `**`, `__`, backticks and links away; says whether the whole line was bold.
fn strip_emphasis(text: &str) -> (Option<String>, bool) {
    let marked =
        text.contains("**") || text.contains("__") || text.contains('`') || text.contains("](") || text.contains('\\');
    let single = text.len() > 2 && text.starts_with('*') && text.ends_with('*');
    if !marked && !single {
        return (None, false);
    }
    let core = text.trim_end_matches([':', ' ']);
    let bold = ["**", "__"].iter().any(|sign| {
        core.len() > 4 && core.starts_with(sign) && core.ends_with(sign) && !core[2..core.len() - 2].contains(sign)
    });
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim_matches('*');
    while let Some(at) = rest.find(['*', '_', '`', '[', '\\']) {
        out.push_str(&rest[..at]);
        let here = &rest[at..];
        let skip = match here.as_bytes()[0] {
            b'*' | b'_' if here.as_bytes().get(1) == Some(&here.as_bytes()[0]) => 2,
            b'`' => 1,
            b'\\' if here.as_bytes().get(1).is_some_and(u8::is_ascii_punctuation) => {
                out.push(char::from(here.as_bytes()[1]));
                2
            }
            b'[' => match link(here) {
                Some((label, length)) => {
                    out.push_str(label);
                    length
                }
                None => {
                    out.push('[');
                    1
                }
            },
            other => {
                out.push(char::from(other));
                1
            }
        };
        rest = &here[skip..];
    }
    out.push_str(rest);
    (Some(out), bold || (single && !text[1..text.len() - 1].contains('*')))
}

/// `[label](target)`: the label, and how long all of it is.
fn link(text: &str) -> Option<(&str, usize)> {
    let close = text.find("](")?;
    let end = close + 2 + text[close + 2..].find(')')?;
    let label = &text[1..close];
    (!label.contains('[')).then_some((label, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Shape, bool)> {
        lines(text).into_iter().map(|l| (l.text, l.shape, l.gap)).collect()
    }

    #[test]
    fn bullets_headings_and_emphasis_lose_their_signs() {
        let text = "# Engineer\n\n**About us:**\n\\- one\n  2) Two `x`\n• [three](http://x.y)\n-five\no Six\n-5 degrees\n***\nEnd";
        let want = [
            ("Engineer", Shape::Heading, false),
            ("About us:", Shape::Heading, true),
            ("one", Shape::Bullet, false),
            ("Two x", Shape::Bullet, false),
            ("three", Shape::Bullet, false),
            ("five", Shape::Bullet, false),
            ("Six", Shape::Bullet, false),
            ("-5 degrees", Shape::Text, false),
            ("End", Shape::Text, true),
        ];
        let want: Vec<_> = want.iter().map(|(t, s, g)| ((*t).to_owned(), *s, *g)).collect();
        assert_eq!(read(text), want);
    }

    #[test]
    fn carriage_returns_make_no_gaps() {
        assert_eq!(read("a b\r\nc d\r\n\r\ne"), read("a b\nc d\n\ne"));
    }
}
