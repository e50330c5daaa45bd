//! How does it look on a terminal? Tables without lines, headings in bold, colours where they say something.
//!
//! Colours are always written; who prints passes them through a stream that drops them where they are not wanted.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table};

/// What is emphasised.
pub const STRONG: Style = Style::new().bold();
/// What is said beside.
pub const FAINT: Style = Style::new().dimmed();
/// What is well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What needs a look.
pub const WARNING: Style = AnsiColor::Yellow.on_default();
/// What is wrong, or gone.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What is named.
pub const NAME: Style = AnsiColor::Cyan.on_default();

/// A text in a style.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A column: its heading, and whether it holds numbers.
pub type Column = (&'static str, bool);

/// A table of these columns and rows, as wide as `width` allows.
pub fn table(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>, width: u16) -> String {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width).force_no_tty();
    table.set_header(columns.iter().map(|(name, number)| aligned(Cell::new(styled(STRONG, name)), *number)));
    for row in rows {
        let cells = row.into_iter().zip(columns).map(|(text, (_, number))| aligned(Cell::new(text), *number));
        table.add_row(cells);
    }
    // An id is copied: it is not broken.
    if let Some(column) =
        columns.iter().position(|(name, _)| ["run", "id"].contains(name)).and_then(|at| table.column_mut(at))
    {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let lines: Vec<String> = table.lines().map(|line| format!(" {}", line.trim_end())).collect();
    lines.join("\n")
}

fn aligned(cell: Cell, number: bool) -> Cell {
    cell.set_alignment(if number { CellAlignment::Right } else { CellAlignment::Left })
}

/// A text cut to so many characters, with a sign where it was cut.
pub fn cut(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A title over a part of the output.
pub fn heading(text: &str) -> String {
    format!("\n{}", styled(STRONG, text))
}
