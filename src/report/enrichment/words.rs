//! How is the enrichment put into sentences, without a model? Templates of the settings, and lists of skills.

use rolestream_dataflows::records::{AiClass, Era};
use rolestream_dataflows::views::{Maturity, SkillUse};

/// Skills that a summary names.
const IN_SUMMARY: usize = 5;
/// Skills that a rationale names of each kind.
const IN_RATIONALE: usize = 8;
/// Characters of the evidence in a summary.
const EVIDENCE: usize = 160;

/// A label's template filled in: `{skills}` and `{evidence}`; what stands in brackets goes where one in it is missing.
pub(super) fn summary(template: &str, skills: &[&str], evidence: Option<&str>) -> String {
    let skills = (!skills.is_empty()).then(|| list(&skills[..skills.len().min(IN_SUMMARY)]));
    let evidence = evidence.map(inside_a_sentence).filter(|evidence| !evidence.is_empty());
    let fill = |part: &str| {
        let filled = part.replace("{skills}", skills.as_deref().unwrap_or_default());
        filled.replace("{evidence}", evidence.as_deref().unwrap_or_default())
    };
    let lacks = |part: &str| {
        (part.contains("{skills}") && skills.is_none()) || (part.contains("{evidence}") && evidence.is_none())
    };
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, (inside, after))) =
        rest.split_once('[').and_then(|(before, tail)| Some((before, tail.split_once(']')?)))
    {
        out.push_str(&fill(before));
        if !lacks(inside) {
            out.push_str(&fill(inside));
        }
        rest = after;
    }
    out.push_str(&fill(rest));
    out
}

/// A sentence of a JD as part of another: without its end, and without the capital that only its beginning gave it.
fn inside_a_sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches(['.', ';', ',', ':', ' ']);
    let mut shortened: String = text.chars().take(EVIDENCE).collect();
    if shortened.len() < text.len() {
        shortened.truncate(shortened.rfind(' ').unwrap_or(shortened.len()));
        shortened.push('…');
    }
    // A name such as TypeScript or REST keeps its capitals.
    let mut word = shortened.split(' ').next().unwrap_or_default().chars();
    match word.next() {
        Some(first) if first.is_uppercase() && !word.any(char::is_uppercase) => {
            first.to_lowercase().chain(shortened.chars().skip(1)).collect()
        }
        _ => shortened,
    }
}

/// As a person would list them.
fn list(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Why a stack is so mature: the skills that mark it.
pub(super) fn rationale(label: Maturity, known: &[(&str, SkillUse)]) -> String {
    let marked = |what: &str, marks: &dyn Fn(&SkillUse) -> bool| {
        let names: Vec<&str> = known.iter().filter(|(_, skill)| marks(skill)).map(|(name, _)| *name).collect();
        let more = names.len().saturating_sub(IN_RATIONALE);
        let shown = match more {
            0 => list(&names),
            _ => format!("{} and {more} more", names[..IN_RATIONALE].join(", ")),
        };
        (!names.is_empty()).then(|| format!("{} {what} ({shown})", names.len()))
    };
    let ai = || marked("with AI", &|skill| skill.ai != AiClass::None);
    let era = |what: &str, era: Era| marked(what, &|skill| skill.era == era);
    let parts = match label {
        Maturity::AiNative => [ai(), None],
        Maturity::Legacy => [era("legacy", Era::Legacy), None],
        Maturity::Established => [era("established", Era::Established), era("legacy", Era::Legacy)],
        Maturity::Modern => [era("modern", Era::Modern), marked("cloud native or emerging", &later)],
        Maturity::ModernCloudNative => [era("cloud native", Era::CloudNative), era("modern", Era::Modern)],
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let counted = if parts.is_empty() { "none marks another".to_owned() } else { parts.join(", ") };
    format!("Of {} known skills: {counted}.", known.len())
}

fn later(skill: &SkillUse) -> bool {
    matches!(skill.era, Era::CloudNative | Era::Emerging)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_leaves_out_what_nothing_is_known_of() {
        let template = "Cooking[, with {skills}][: {evidence}].";
        let evidence = Some("Roast and season meat;");
        assert_eq!(
            summary(template, &["Knife", "Oven", "Pan"], evidence),
            "Cooking, with Knife, Oven and Pan: roast and season meat."
        );
        assert_eq!(summary(template, &[], Some("SAP is used.")), "Cooking: SAP is used.");
        assert_eq!(summary(template, &[], Some("TypeScript is used")), "Cooking: TypeScript is used.");
        assert_eq!(summary(template, &[], None), "Cooking.");
        assert_eq!(summary("Open [bracket", &[], None), "Open [bracket");
        let long = "ä ".repeat(300);
        assert!(summary(template, &[], Some(&long)).chars().count() < EVIDENCE + 20);
    }
}
