//! How is a service's explanation of a run shown? As `explain` shows that of a JD.

use crate::cli::fields::{joined, list, score, text};
use crate::cli::output::{Failure, Output};
use crate::report::tables::{BAD, FAINT, GOOD, heading, styled, table};
use serde_json::Value;

/// What the rules compared, how the title was resolved, the skills, the tie-break.
pub(super) fn show(out: &mut Output, explanation: &Value) -> Result<(), Failure> {
    let yes = |holds: &Value| if holds == true { styled(GOOD, "yes") } else { styled(FAINT, "no") };
    let compared = list(explanation, "comparisons").iter().map(|one| {
        let number = format!("{} {}", text(one, "says"), score(one, "value"));
        let threshold = format!("{} {}", text(one, "threshold_name"), score(one, "threshold"));
        vec![text(one, "word"), number, threshold, yes(&one["holds"])]
    });
    let columns = [("word", false), ("number", false), ("threshold", false), ("holds", false)];
    section(out, "What the rules compared", &columns, compared.collect())?;
    let stages = |name: &str, first: &'static str| -> (Vec<Vec<String>>, [(&'static str, bool); 3]) {
        let rows = list(explanation, name).iter().map(|stage| {
            let roles = joined(stage, "roles");
            let roles = if roles.is_empty() { styled(FAINT, "no role") } else { roles };
            vec![text(stage, "compared"), format!("'{}'", text(stage, "text")), roles]
        });
        (rows.collect(), [(first, false), ("text", false), ("found", false)])
    };
    let (rows, columns) = stages("title_stages", "compared with");
    section(out, "Title", &columns, rows)?;
    let near: Vec<String> = (list(explanation, "nearest_titles").iter())
        .map(|near| format!("{} {} by '{}'", text(near, "role"), score(near, "similarity"), text(near, "title")))
        .collect();
    if !near.is_empty() {
        out.line(format!(" {} {}", styled(FAINT, "nearest:"), near.join(" · ")))?;
    }
    let (rows, columns) = stages("terms", "term");
    section(out, "Alias signal: what the terms hit", &columns, rows)?;
    let skills = list(explanation, "skills").iter().map(|part| {
        let style = if part["hit"] == true { GOOD } else { BAD };
        vec![styled(style, text(part, "skill")), text(part, "why")]
    });
    let title = format!("Skill score of {}", text(explanation, "skill_role"));
    section(out, &title, &[("primary skill", false), ("", false)], skills.collect())?;
    let tie = list(explanation, "tie_break").iter().map(|one| {
        let role = if one["chosen"] == true { styled(GOOD, text(one, "role")) } else { text(one, "role") };
        let thin = if one["thin"] == true { ": thin" } else { "" };
        let known = format!("{} KRAs, {} skills{thin}", text(one, "kras"), text(one, "skills"));
        vec![role, score(one, "kra"), known, yes(&one["is_title"]), text(one, "matched")]
    });
    let columns = [
        ("role", false),
        ("tier 1: KRA", true),
        ("known by", false),
        ("tier 2: is the title", false),
        ("tier 3: skills", true),
    ];
    section(out, "Tie-break", &columns, tie.collect())
}

fn section(
    out: &mut Output,
    title: &str,
    columns: &[(&'static str, bool)],
    rows: Vec<Vec<String>>,
) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    out.line(heading(title))?;
    out.line(table(columns, rows, out.width))
}
