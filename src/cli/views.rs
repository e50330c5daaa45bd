//! How is an answer shown to a person? One JD in full, or many with a line each.

use super::output::{Failure, Output};
use crate::report::tables::{BAD, Column, FAINT, GOOD, NAME, STRONG, WARNING, cut, heading, styled, table};
use crate::report::{Row, StepOne, step_one};

/// The columns of a table of answers.
pub(super) fn summary() -> &'static [Column] {
    &[("JD", false), ("title", false), ("role", false), ("case", false), ("rule", false), ("confidence", true)]
}

/// An answer as a row of that table.
pub(super) fn summary_row(row: Row<'_>) -> Vec<String> {
    let step = step_one(row);
    let decision = &step.stage4_decision;
    let title = row.admitted.title().unwrap_or("–");
    vec![
        cut(&step.id, 32),
        cut(title, 32),
        verdict(&step),
        decision.case.to_owned(),
        decision.rule.to_owned(),
        decision.confidence.map_or_else(String::new, |confidence| format!("{confidence:.4}")),
    ]
}

/// The role, or what there is in its place.
pub(super) fn verdict(step: &StepOne) -> String {
    let decision = &step.stage4_decision;
    match (&decision.chosen_role, &decision.new_role_slug, step.rejection_reason) {
        (Some(role), _, _) => styled(GOOD, &role.display_name),
        (None, Some(slug), _) => styled(WARNING, format!("new: {slug}")),
        (None, None, Some(reason)) => styled(BAD, reason),
        (None, None, None) => styled(WARNING, "undecided"),
    }
}

/// An answer in full.
pub(super) fn full(out: &mut Output, row: Row<'_>) -> Result<(), Failure> {
    let step = step_one(row);
    head(out, &step)?;
    if step.rejected {
        return Ok(());
    }
    rankings(out, &step)?;
    skills(out, &step)?;
    updates(out, &step)
}

/// Role, rule and reasoning.
pub(super) fn head(out: &mut Output, step: &StepOne) -> Result<(), Failure> {
    let decision = &step.stage4_decision;
    let slug =
        decision.chosen_role.as_ref().map_or_else(String::new, |role| format!(" ({}, id {})", role.slug, role.role_id));
    let confidence = decision.confidence.map_or_else(String::new, |confidence| format!(", confidence {confidence:.4}"));
    out.line(format!("{}: {}{}", styled(STRONG, &step.id), verdict(step), styled(FAINT, slug)))?;
    out.line(format!("case {} by rule {}{confidence}", decision.case, styled(NAME, decision.rule)))?;
    out.line(&decision.reasoning)?;
    if let Some(detail) = &step.rejection_detail {
        out.line(detail)?;
    }
    Ok(())
}

fn rankings(out: &mut Output, step: &StepOne) -> Result<(), Failure> {
    let signals = &step.stage3_signals;
    if !signals.alias_match_roles.is_empty() {
        let roles: Vec<&str> = signals.alias_match_roles.iter().map(|role| role.display_name.as_str()).collect();
        out.line(heading("Titles hit"))?;
        out.line(format!(" {}", roles.join(", ")))?;
    }
    if !signals.kra_match_roles.is_empty() {
        out.line(heading("By responsibilities"))?;
        let rows = signals.kra_match_roles.iter().map(|role| {
            let best = role.kra_matches.as_deref().and_then(<[_]>::first);
            vec![
                role.display_name.clone(),
                format!("{:.4}", role.score.unwrap_or_default()),
                best.map_or_else(String::new, |best| {
                    format!("{:.4} {} ↔ {}", best.similarity, cut(&best.sentence, 60), cut(&best.kra_text, 60))
                }),
            ]
        });
        out.line(table(&[("role", false), ("score", true), ("best evidence", false)], rows, out.width))?;
    }
    if !signals.skill_match_roles.is_empty() {
        out.line(heading("By primary skills"))?;
        let rows = signals.skill_match_roles.iter().map(|role| {
            vec![
                role.display_name.clone(),
                format!("{:.4}", role.score.unwrap_or_default()),
                format!("{} of {}", role.matched_count.unwrap_or(0), role.total_count.unwrap_or(0)),
                role.matched_skills.as_deref().unwrap_or_default().join(", "),
            ]
        });
        let columns = [("role", false), ("score", true), ("matched", true), ("skills", false)];
        out.line(table(&columns, rows, out.width))?;
    }
    Ok(())
}

fn skills(out: &mut Output, step: &StepOne) -> Result<(), Failure> {
    if step.skill_cluster.is_empty() {
        return Ok(());
    }
    let primary = step.final_skills.iter().filter(|skill| skill.is_primary).count();
    out.line(heading(&format!("Skills: {primary} primary, {} secondary", step.final_skills.len() - primary)))?;
    let is_primary = |name: &str| step.final_skills.iter().any(|skill| skill.is_primary && skill.skill_name == name);
    let rows = step.skill_cluster.iter().map(|group| {
        let names = group.skills.iter().map(|name| if is_primary(name) { name.clone() } else { styled(FAINT, name) });
        vec![group.dimension.clone(), names.collect::<Vec<_>>().join(", ")]
    });
    out.line(table(&[("dimension", false), ("skills", false)], rows, out.width))
}

fn updates(out: &mut Output, step: &StepOne) -> Result<(), Failure> {
    let updates = &step.stage5_updates;
    let mut said = Vec::new();
    if let Some(n) = updates.centroid_n_after {
        said.push(format!("centroid: {n} JDs"));
    }
    for skill in &updates.new_skills_attached {
        let rank = if skill.is_primary { "primary" } else { "secondary" };
        said.push(format!("new skill: {} ({rank}), row {}", styled(WARNING, &skill.skill_name), skill.queue_id));
    }
    if let Some(kra) = &updates.new_kra_attached {
        said.push(format!("new responsibilities, row {}: {}", kra.queue_id, cut(&kra.preview, 70)));
    }
    if let Some(collision) = updates.collision_log_id {
        said.push(format!("collision of titles: entry {collision}"));
    }
    if let Some(queue) = updates.queue_entry_id {
        said.push(format!("waits for a person: row {queue}"));
    }
    if said.is_empty() {
        return Ok(());
    }
    out.line(heading("Beside the decision"))?;
    out.line(said.iter().map(|line| format!(" {line}")).collect::<Vec<_>>().join("\n"))
}
