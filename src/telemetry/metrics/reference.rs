//! How is the table printed? As `docs/metrics.md`.

use super::table::ROWS;

/// The reference of all metrics, in Markdown.
pub fn reference() -> String {
    let mut text = String::from(
        "# Metrics\n\n\
         `GET /metrics` at the operator's address (`service.address`) gives them in the text format of Prometheus.\n\
         This page is made from the program; `ROLESTREAM_BLESS=1 cargo test --lib telemetry` writes it anew.\n\n\
         Labels are bounded: streams, collections, roles, views, sinks and words of fixed lists, never JDs or texts.\n\n\
         | metric | kind | labels | meaning |\n|---|---|---|---|\n",
    );
    for row in ROWS {
        let labels: Vec<String> = row.labels.iter().map(|label| format!("`{label}`")).collect();
        text.push_str(&format!("| `{}` | {} | {} | {} |\n", row.name, row.kind, labels.join(", "), row.help));
    }
    text
}
