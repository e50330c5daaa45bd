//! Which lines does an HTML text have? Read by a tokenizer that knows the standard, so tag soup is no matter.

use super::{Line, Shape, plain};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

/// Tags that real JDs in HTML cannot do without.
const TELLING: &[&str] =
    &["p", "br", "li", "ul", "ol", "div", "h1", "h2", "h3", "h4", "html", "body", "strong", "b", "span", "table"];

/// Whether a text has at least two of the tags that JDs are made of.
pub(super) fn looks_like_html(text: &str) -> bool {
    let mut found = 0;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name = rest.strip_prefix('/').unwrap_or(rest);
        let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let closed = name.as_bytes().get(length).is_some_and(|b| matches!(b, b'>' | b' ' | b'/' | b'\n'));
        if closed && TELLING.iter().any(|tag| tag.eq_ignore_ascii_case(&name[..length])) {
            found += 1;
            if found == 2 {
                return true;
            }
        }
    }
    false
}

/// The lines of an HTML text.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let sink = Sink { state: RefCell::new(State::default()) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(text));
    // The tokenizer hands control back at the end of each script; a script's text is thrown away.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    let mut state = tokenizer.sink.state.take();
    state.flush();
    state.lines
}

#[derive(Default)]
struct State {
    lines: Vec<Line>,
    text: String,
    shape: Option<Shape>,
    /// The last paragraph end left a gap.
    gap: bool,
    /// Inside script, style or the page's title.
    hidden: bool,
    /// Bytes of `text` that stand in bold.
    bold: usize,
    in_bold: u32,
}

struct Sink {
    state: RefCell<State>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) if !state.hidden => state.write(&text),
            Token::TagToken(tag) => return state.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn write(&mut self, text: &str) {
        if self.in_bold > 0 {
            self.bold += text.trim().len();
        }
        self.text.push_str(text);
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let opens = tag.kind == TagKind::StartTag;
        match &*tag.name {
            "script" | "style" | "title" | "noscript" | "textarea" => {
                self.hidden = opens && !tag.self_closing;
                if self.hidden {
                    let kind = if &*tag.name == "script" { RawKind::ScriptData } else { RawKind::Rawtext };
                    return TokenSinkResult::RawData(kind);
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.gap = true;
                self.shape = opens.then_some(Shape::Heading);
            }
            "li" => {
                self.flush();
                self.shape = opens.then_some(Shape::Bullet);
            }
            "br" => self.flush_keeping_shape(),
            "p" | "section" | "article" | "header" | "footer" | "table" | "ul" | "ol" | "hr" | "blockquote" => {
                self.flush_keeping_shape();
                self.gap |= !matches!(&*tag.name, "ul" | "ol");
            }
            "div" | "tr" | "dt" | "dd" | "body" | "html" | "head" => self.flush_keeping_shape(),
            "td" | "th" => self.text.push(' '),
            "b" | "strong" => self.in_bold = if opens { self.in_bold + 1 } else { self.in_bold.saturating_sub(1) },
            _ => {}
        }
        TokenSinkResult::Continue
    }

    /// A line break inside an item or heading does not end it while nothing is written yet.
    fn flush_keeping_shape(&mut self) {
        if !self.text.trim().is_empty() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let bold = std::mem::take(&mut self.bold);
        let shape = self.shape.take();
        let length = text.trim().len();
        if let Some(mut line) = plain::line(&text, shape, self.gap) {
            let all_bold = bold >= length.saturating_sub(2) && length <= 80;
            if all_bold && line.shape == Shape::Text && !line.text.ends_with('.') {
                line.shape = Shape::Heading;
            }
            self.lines.push(line);
            self.gap = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_headings_and_breaks_become_lines() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><h1>Nurse</h1><p><strong>Duties:</strong><br>Care &amp; cure\
                    <ul><li><p>One</p></li><li>Two<script>var a = '<li>';</script></ul></body>";
        assert!(looks_like_html(html));
        let found: Vec<(String, Shape)> = lines(html).into_iter().map(|l| (l.text, l.shape)).collect();
        let want = [
            ("Nurse", Shape::Heading),
            ("Duties:", Shape::Heading),
            ("Care & cure", Shape::Text),
            ("One", Shape::Bullet),
            ("Two", Shape::Bullet),
        ];
        assert_eq!(found, want.map(|(t, s)| (t.to_owned(), s)));
    }

    #[test]
    fn a_less_than_sign_makes_no_html() {
        assert!(!looks_like_html("latency < 5 ms and p < 0.05, a<b>c"));
    }
}
