//! How is a run of a service shown in full? As `classify` shows a JD, and what only a service knows beside.

use crate::cli::fields::{at, count, joined, list, score, text, time, verdict};
use crate::cli::output::{Failure, Output};
use crate::report::tables::{FAINT, NAME, STRONG, WARNING, cut, heading, styled, table};
use serde_json::{Value, json};

/// Decision, signals, skills, enrichment, history.
pub(super) fn show(out: &mut Output, run: &Value) -> Result<(), Failure> {
    let now = at(run, "now");
    head(out, run, now)?;
    if !now.is_null() && now["rejected"] != true {
        signals(out, at(now, "stage3_signals"))?;
        skills(out, now)?;
        enrichment(out, at(run, "enrichment"))?;
        updates(out, at(now, "stage5_updates"))?;
    }
    history(out, run)
}

fn head(out: &mut Output, run: &Value, now: &Value) -> Result<(), Failure> {
    let said = format!(" (run {}, {})", text(run, "run_id"), text(run, "status"));
    if now.is_null() {
        let first = verdict(at(run, "at_ingest"));
        out.line(format!("{}: {first} at ingest{}", styled(STRONG, text(run, "id")), styled(FAINT, said)))?;
        return out.line(styled(WARNING, "its JD was corrected or withdrawn since"));
    }
    let decision = at(now, "stage4_decision");
    let short = json!({
        "role_display_name": at(decision, "chosen_role.display_name"),
        "new_role_slug": at(decision, "new_role_slug"),
        "rejection_reason": at(now, "rejection_reason"),
    });
    out.line(format!("{}: {}{}", styled(STRONG, text(run, "id")), verdict(&short), styled(FAINT, said)))?;
    let confidence = match score(decision, "confidence") {
        none if none.is_empty() => none,
        confidence => format!(", confidence {confidence}"),
    };
    let (case, rule) = (text(decision, "case"), text(decision, "rule"));
    out.line(format!("case {case} by rule {}{confidence}", styled(NAME, rule)))?;
    out.line(text(decision, "reasoning"))?;
    let detail = text(now, "rejection_detail");
    if !detail.is_empty() {
        out.line(detail)?;
    }
    let title = [text(run, "jd.title"), text(run, "jd.company"), time(run, "jd.received_at"), text(run, "source")];
    let title: Vec<&str> = title.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    out.line(styled(FAINT, title.join(" · ")))
}

fn signals(out: &mut Output, signals: &Value) -> Result<(), Failure> {
    let hit: Vec<String> = list(signals, "alias_match_roles").iter().map(|role| text(role, "display_name")).collect();
    if !hit.is_empty() {
        out.line(heading("Titles hit"))?;
        out.line(format!(" {}", hit.join(", ")))?;
    }
    let by_kras = list(signals, "kra_match_roles");
    if !by_kras.is_empty() {
        out.line(heading("By responsibilities"))?;
        let rows = by_kras.iter().map(|role| {
            let best = &role["kra_matches"][0];
            let (sentence, kra) = (cut(&text(best, "sentence"), 60), cut(&text(best, "kra_text"), 60));
            let best = format!("{} {sentence} ↔ {kra}", score(best, "similarity"));
            vec![text(role, "display_name"), score(role, "score"), best]
        });
        out.line(table(&[("role", false), ("score", true), ("best evidence", false)], rows, out.width))?;
    }
    let by_skills = list(signals, "skill_match_roles");
    if !by_skills.is_empty() {
        out.line(heading("By primary skills"))?;
        let rows = by_skills.iter().map(|role| {
            let matched = format!("{} of {}", count(role, "matched_count"), count(role, "total_count"));
            vec![text(role, "display_name"), score(role, "score"), matched, joined(role, "matched_skills")]
        });
        let columns = [("role", false), ("score", true), ("matched", true), ("skills", false)];
        out.line(table(&columns, rows, out.width))?;
    }
    Ok(())
}

fn skills(out: &mut Output, now: &Value) -> Result<(), Failure> {
    let groups = list(now, "skill_cluster");
    if groups.is_empty() {
        return Ok(());
    }
    let is_primary = |name: &Value| {
        list(now, "final_skills").iter().any(|skill| skill["is_primary"] == true && skill["skill_name"] == *name)
    };
    let all = list(now, "final_skills");
    let primary = all.iter().filter(|skill| skill["is_primary"] == true).count();
    out.line(heading(&format!("Skills: {primary} primary, {} secondary", all.len() - primary)))?;
    let rows = groups.iter().map(|group| {
        let names = list(group, "skills").iter().map(|name| {
            let written = name.as_str().unwrap_or_default();
            if is_primary(name) { written.to_owned() } else { styled(FAINT, written) }
        });
        vec![text(group, "dimension"), names.collect::<Vec<_>>().join(", ")]
    });
    out.line(table(&[("dimension", false), ("skills", false)], rows, out.width))
}

fn enrichment(out: &mut Output, enrichment: &Value) -> Result<(), Failure> {
    if enrichment.is_null() {
        return Ok(());
    }
    out.line(heading("What the work is"))?;
    let (nature, ai, stack) =
        (at(enrichment, "nature_of_work"), at(enrichment, "ai_index"), at(enrichment, "tech_stack_maturity"));
    let parts: Vec<String> = (list(ai, "components").iter())
        .filter(|part| part["value"].as_f64() > Some(0.0))
        .map(|part| format!("{} {}", text(part, "name"), text(part, "value")))
        .collect();
    let index = match text(ai, "value") {
        none if none.is_empty() => none,
        value => format!("{value} of {}", text(ai, "cap")),
    };
    let rows = [
        ("nature of work", text(nature, "label"), text(nature, "summary"), text(nature, "source")),
        ("tech stack", text(stack, "label"), text(stack, "rationale"), text(stack, "source")),
        ("AI index", index, parts.join(", "), text(ai, "source")),
    ];
    let rows = rows.into_iter().filter(|(_, label, ..)| !label.is_empty());
    let rows =
        rows.map(|(what, label, why, source)| vec![what.to_owned(), label, cut(&why, 120), styled(FAINT, source)]);
    out.line(table(&[("", false), ("label", false), ("why", false), ("said by", false)], rows, out.width))
}

fn updates(out: &mut Output, updates: &Value) -> Result<(), Failure> {
    let mut said = Vec::new();
    if !updates["centroid_n_after"].is_null() {
        said.push(format!("centroid: {} JDs", count(updates, "centroid_n_after")));
    }
    for skill in list(updates, "new_skills_attached") {
        let rank = if skill["is_primary"] == true { "primary" } else { "secondary" };
        let name = styled(WARNING, text(skill, "skill_name"));
        said.push(format!("new skill: {name} ({rank}), row {}", text(skill, "queue_id")));
    }
    let kra = at(updates, "new_kra_attached");
    if !kra.is_null() {
        let preview = cut(&text(kra, "preview"), 70);
        said.push(format!("new responsibilities, row {}: {preview}", text(kra, "queue_id")));
    }
    for (what, field) in
        [("collision of titles: entry", "collision_log_id"), ("waits for a person: row", "queue_entry_id")]
    {
        if !updates[field].is_null() {
            said.push(format!("{what} {}", text(updates, field)));
        }
    }
    if said.is_empty() {
        return Ok(());
    }
    out.line(heading("Beside the decision"))?;
    out.line(said.iter().map(|line| format!(" {line}")).collect::<Vec<_>>().join("\n"))
}

fn history(out: &mut Output, run: &Value) -> Result<(), Failure> {
    let done: Vec<String> = (list(run, "steps").iter())
        .map(|step| match step["done"] == true {
            true => format!(" {} {} by {}", text(step, "step"), time(step, "at"), text(step, "by")),
            false => format!(" {} {}", text(step, "step"), styled(FAINT, "not yet")),
        })
        .collect();
    if !done.is_empty() {
        out.line(heading("Steps"))?;
        out.line(done.join("\n"))?;
    }
    let changes = list(run, "role_changes");
    if changes.is_empty() {
        return Ok(());
    }
    out.line(heading("What else was said of it"))?;
    let rows = changes.iter().map(|change| {
        let cause = format!("{} {}", text(change, "cause"), text(change, "cause_version"));
        vec![verdict(&change["before"]), verdict(&change["after"]), text(change, "after.rule"), cause]
    });
    out.line(table(&[("before", false), ("after", false), ("rule", false), ("cause", false)], rows, out.width))
}
