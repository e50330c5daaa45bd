//! How does the program speak? Results on standard output, everything else on standard error; coloured where a
//! terminal reads it.

use crate::config::Colour;
use crate::error::Errors;
use crate::report::tables::{BAD, STRONG};
use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Why a command ends early.
#[derive(Debug)]
pub(super) enum Failure {
    /// What was given is wrong.
    Wrong(Errors),
    /// What was found cannot be written.
    Output(io::Error),
}

impl<E: Into<Errors>> From<E> for Failure {
    fn from(errors: E) -> Failure {
        Failure::Wrong(errors.into())
    }
}

/// Standard output, and how wide it is.
pub(super) struct Output {
    stream: BufWriter<AutoStream<StdoutLock<'static>>>,
    /// Whether objects are wanted, not words.
    pub(super) json: bool,
    /// Columns of the terminal.
    pub(super) width: u16,
}

impl Output {
    pub(super) fn new(json: bool, colour: Colour) -> Output {
        let choice = match colour {
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
            Colour::Auto => ColorChoice::Auto,
        };
        choice.write_global();
        let width = comfy_table::Table::new().width().filter(|width| *width > 1).unwrap_or(118);
        let stream = BufWriter::new(AutoStream::auto(io::stdout().lock()));
        Output { stream, json, width: width.clamp(60, 160) - 1 }
    }

    /// A line, or several.
    pub(super) fn line(&mut self, text: impl AsRef<str>) -> Result<(), Failure> {
        let written = writeln!(self.stream, "{}", text.as_ref());
        written.map_err(Failure::Output)
    }

    /// An object on one line.
    pub(super) fn object(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|error| Failure::Output(io::Error::other(error)))?;
        self.line(text)
    }

    /// Whatever is written is seen from now on.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.stream.flush().map_err(Failure::Output)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Nobody listens any more; there is nobody left to tell.
        let _ = self.stream.flush();
    }
}

/// Says on standard error what went wrong.
pub(super) fn complain(errors: &Errors) {
    let mut stream = anstream::stderr().lock();
    for error in &errors.0 {
        let text = error.to_string();
        let (first, rest) = text.split_once('\n').map_or((text.as_str(), None), |(first, rest)| (first, Some(rest)));
        // Where nobody can be told, the exit code still tells.
        let _ = writeln!(stream, "{BAD}error:{BAD:#} {STRONG}{first}{STRONG:#}");
        if let Some(rest) = rest {
            let _ = writeln!(stream, "{rest}");
        }
    }
}

/// Says something beside the result, on standard error.
pub(super) fn remark(text: impl std::fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// A bar on standard error for work whose end is known; nothing where that is no terminal.
pub(super) fn bar(what: impl Into<Cow<'static, str>>, length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), target());
    bar.set_style(style("{msg:<24} {wide_bar} {human_pos}/{human_len} {eta}"));
    bar.with_message(what)
}

/// A counter on standard error for work whose end is not known.
pub(super) fn counter(what: &'static str) -> ProgressBar {
    let counter = ProgressBar::with_draw_target(None, target());
    counter.set_style(style("{spinner} {msg} {human_pos} ({per_sec})"));
    counter.with_message(what)
}

fn target() -> ProgressDrawTarget {
    if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A number as people write it: 17,643.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A duration as people read it.
pub(super) fn took(duration: std::time::Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds < 0.001 => format!("{:.0} µs", seconds * 1e6),
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.2} s"),
    }
}
