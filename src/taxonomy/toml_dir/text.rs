//! How is a value written in TOML so that the file stays pleasant to edit?

use std::fmt::Write;

/// Beyond it, a list is written one item a line.
const WIDTH: usize = 116;

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A key: bare where it may be.
pub(super) fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { text.to_owned() } else { quoted(text) }
}

/// `key = "text"` and a line end.
pub(super) fn text_line(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "{} = {}", key(name), quoted(text));
}

/// `key = ["…", "…"]` and a line end; one item a line where it would be too long.
pub(super) fn list_line(out: &mut String, name: &str, items: &[&str]) {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    let name = key(name);
    let line = items.join(", ");
    if name.len() + line.len() + 5 <= WIDTH {
        let _ = writeln!(out, "{name} = [{line}]");
    } else {
        let _ = writeln!(out, "{name} = [\n    {},\n]", items.join(",\n    "));
    }
}
