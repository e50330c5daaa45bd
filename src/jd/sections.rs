//! Which sections does a JD have? Lines are taken to headings, labelled facts and the text of sections.

use super::header::{Header, Reading, read};
use super::headings::Kind;
use super::lexicon::{Label, Lexicon, Marks};
use super::markup::{Line, Shape};
use super::model::{ResponsibilitySection, SourceMarker};
use rolestream_dataflows::text::normalise;

/// A stretch of lines under one heading, or under none.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    pub(crate) heading: Option<String>,
    pub(crate) lines: Vec<Line>,
}

/// A JD divided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    pub(crate) header: Header,
    /// Lines at the top that are no sentences: title, place, pay.
    pub(crate) masthead: Vec<String>,
    pub(crate) sections: Vec<Section>,
    /// Headings whose kind is known.
    pub(crate) known_headings: usize,
}

/// Divides the lines; `title` is what the source already knows.
pub(crate) fn divide(lines: Vec<Line>, title: Option<&str>, lexicon: &Lexicon) -> Document {
    let mut document = Document::default();
    let title_key = title.map(normalise);
    let mut open: Option<Label> = None;
    let mut current = Section { kind: Kind::AboutRole, heading: None, lines: Vec::new() };
    for (index, line) in lines.into_iter().enumerate() {
        let preface = document.known_headings == 0 && current.heading.is_none();
        if let Some(label) = open.take()
            && line.shape == Shape::Text
            && line.text.len() <= 80
            && lexicon.headings.exact(&line.text).is_none()
            && read(&line.text, lexicon) == Reading::None
        {
            document.header.note(label, line.text.trim_end_matches('.'));
            continue;
        }
        match read(&line.text, lexicon) {
            Reading::Fact(label, value) if label != Label::Title || index < 20 => {
                document.header.note(label, value);
                continue;
            }
            Reading::Open(label)
                if lexicon.headings.exact(&line.text).is_none_or(|k| k == Kind::Other) || label == Label::Title =>
            {
                open = Some(label);
                continue;
            }
            _ => {}
        }
        if preface && index < 6 {
            if title_key.as_deref().is_some_and(|key| key == normalise(&line.text)) {
                continue;
            }
            if is_masthead(&line, title.is_none() && document.header.title.is_none(), lexicon) {
                document.masthead.push(line.text);
                continue;
            }
        }
        match heading_of(&line, lexicon) {
            Found::Heading(kind, heading, rest) => {
                document.known_headings += usize::from(kind.is_some());
                let next = Section { kind: kind.unwrap_or(current.kind), heading: Some(heading), lines: Vec::new() };
                close(std::mem::replace(&mut current, next), &mut document, lexicon);
                current.lines.extend(rest);
            }
            Found::Body => current.lines.push(line),
        }
    }
    close(current, &mut document, lexicon);
    document
}

fn close(mut section: Section, document: &mut Document, lexicon: &Lexicon) {
    if !section.lines.is_empty() {
        section.lines.iter_mut().for_each(|line| line.marks = lexicon.marks(&line.text));
        document.sections.push(section);
    }
}

/// A line at the top that is no sentence: a title, or facts between separators.
fn is_masthead(line: &Line, wants_title: bool, lexicon: &Lexicon) -> bool {
    let text = &line.text;
    if text.len() > 140 || text.ends_with('.') || line.shape == Shape::Bullet {
        return false;
    }
    let separated = text.matches([' ', '|']).count() > 0
        && [" · ", " | ", " — ", " • "].iter().map(|s| text.matches(s).count()).sum::<usize>() >= 2;
    let known = lexicon.headings.exact(text).is_some();
    separated || (wants_title && !known && text.len() <= 90 && lexicon.titles.looks_like_title(text))
}

enum Found {
    /// A heading: its kind if it is known, the heading, and what stood behind it on the line.
    Heading(Option<Kind>, String, Option<Line>),
    Body,
}

fn heading_of(line: &Line, lexicon: &Lexicon) -> Found {
    let headings = &lexicon.headings;
    let text = line.text.as_str();
    let core = text.trim_end_matches([':', ' ', '-', '–', '?', '!', '…', '.']);
    let heading = |kind: Option<Kind>| Found::Heading(kind, core.to_owned(), None);
    let words = text.split(' ').count();
    let upper_first = text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
    if line.shape == Shape::Heading && words <= 14 && !core.contains(':') {
        return heading(headings.marked(core));
    }
    if text.len() <= 80 && upper_first {
        let colon = text.ends_with(':');
        if line.shape == Shape::Bullet {
            if colon
                && words <= 5
                && let Some(kind) = headings.exact(core)
            {
                return heading(Some(kind));
            }
        } else {
            if let Some(kind) = headings.exact(core)
                && !(text.ends_with('.') && words > 2)
            {
                return heading(Some(kind));
            }
            let asks = ["What ", "Who ", "Why ", "How "].iter().any(|w| text.starts_with(w)) && !text.ends_with('.');
            let about = text.starts_with("About ") && words <= 5 && !text.ends_with('.');
            let capitals = text.len() >= 6 && !text.bytes().any(|b| b.is_ascii_lowercase());
            if words <= 9
                && (colon || asks || about || capitals)
                && let Some(kind) = headings.marked(core)
            {
                return heading(Some(kind));
            }
        }
    }
    // "Requirements: five years of ..." on one line.
    if let Some(colon) = text.bytes().take(60).position(|b| b == b':')
        && upper_first
        && let Some(kind) = headings.exact(&text[..colon])
        && kind != Kind::Other
    {
        let rest = text[colon + 1..].trim();
        let rest = Line { text: rest.to_owned(), shape: Shape::Text, gap: false, marks: Marks::default() };
        return Found::Heading(Some(kind), text[..colon].trim().to_owned(), Some(rest).filter(|l| !l.text.is_empty()));
    }
    Found::Body
}

/// A section as it is printed.
pub(crate) fn printed(section: &Section) -> ResponsibilitySection {
    let mut text = String::with_capacity(section.lines.iter().map(|l| l.text.len() + 4).sum());
    for line in &section.lines {
        if !text.is_empty() {
            text.push('\n');
        }
        if line.shape == Shape::Bullet {
            text.push_str("- ");
        }
        text.push_str(&line.text);
    }
    let words: Vec<&str> = section.lines.iter().flat_map(|l| l.text.split_whitespace()).collect();
    ResponsibilitySection {
        bullet_count: section.lines.iter().filter(|l| l.shape == Shape::Bullet).count(),
        heading: section.heading.clone().unwrap_or_else(|| section.kind.usual_heading().to_owned()),
        heading_was_present: section.heading.is_some(),
        source_marker: SourceMarker {
            first_5_words: words[..words.len().min(5)].join(" "),
            last_5_words: words[words.len().saturating_sub(5)..].join(" "),
        },
        word_count: words.len(),
        text,
    }
}
