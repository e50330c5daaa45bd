//! Which lines does a text have, and which of them are bullets or headings? For plain text, Markdown and HTML.

mod entities;
mod html;
mod plain;

use super::lexicon::Marks;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How a text is marked up. Plain text and Markdown are read by one scan, for most real texts are a bit of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Plain text or Markdown.
    Text,
    /// HTML, a fragment or a page.
    Html,
}

/// What a line is by its markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Bullet,
    Heading,
}

/// A line without its markup: white space collapsed, bullet sign and emphasis gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) shape: Shape,
    /// Whether an empty line stood before it.
    pub(crate) gap: bool,
    /// What it holds phrases of; told when its section is known.
    pub(crate) marks: Marks,
}

/// The lines of a text; empty ones are left out.
pub(crate) fn lines(text: &str, format: Option<Format>) -> Vec<Line> {
    let html = |text: &str| format == Some(Format::Html) || (format.is_none() && html::looks_like_html(text));
    if html(text) {
        return html::lines(text);
    }
    match entities::unescape(text) {
        Cow::Owned(text) if html(&text) => html::lines(&text),
        text => plain::lines(&text),
    }
}
