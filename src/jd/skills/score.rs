//! Is a skill primary? SPEC §2's score of where it is named and in which words.

use super::{Mention, Source, Unit};
use crate::jd::headings::Kind;
use crate::jd::lexicon::Lexicon;
use crate::jd::settings::SkillWeights;

/// Whether the mentions of one skill make it primary: the best of them, with a bonus for each further section.
pub(super) fn is_primary(
    mentions: &[Mention],
    sources: &[Source<'_>],
    lexicon: &Lexicon,
    weights: &SkillWeights,
) -> bool {
    let mut sections: Vec<usize> = mentions.iter().filter_map(|m| sources[m.source].section).collect();
    sections.dedup();
    let bonus = weights.further_section * sections.len().saturating_sub(1) as f64;
    let score = |m: &Mention| {
        let source = &sources[m.source];
        let mut score = weight(source.kind, weights) + bonus;
        let unit = &source.text[m.unit.start..m.unit.end];
        if is_bracketed_alternative(unit, m.start - m.unit.start, m.end - m.unit.start) {
            score *= weights.bracketed_alternative;
        }
        if mentions.len() == 1 && is_late(m.unit) {
            score *= weights.late_bullet;
        }
        score * cue(unit, lexicon, weights)
    };
    let best = mentions.iter().map(score).fold(0.0, f64::max);
    // Compared in micro-units, so that .9 × .5 is .45.
    let micro = |x: f64| (x * 1e6).round();
    micro(best) >= micro(weights.primary_from)
}

fn weight(kind: Kind, weights: &SkillWeights) -> f64 {
    match kind {
        Kind::Required => weights.required,
        Kind::Responsibilities => weights.responsibilities,
        Kind::Preferred => weights.preferred,
        _ => weights.about_the_role,
    }
}

/// Whether a bullet stands past three quarters of its section's bullets.
fn is_late(unit: Unit) -> bool {
    unit.bullet.is_some_and(|(place, bullets)| place > 0 && place * 4 >= bullets * 3)
}

/// Whether a mention stands inside "(A or B)".
fn is_bracketed_alternative(unit: &str, start: usize, end: usize) -> bool {
    let open = unit[..start].rfind(['(', '[']).filter(|at| !unit[*at..start].contains([')', ']']));
    let close = unit.get(end..).and_then(|rest| rest.find([')', ']'])).map(|at| end + at);
    match (open, close) {
        (Some(open), Some(close)) => unit[open..close].split([' ', ',', '/']).any(|w| w.eq_ignore_ascii_case("or")),
        _ => false,
    }
}

/// The factor of the cue words: the most restrictive kind found.
fn cue(unit: &str, lexicon: &Lexicon, weights: &SkillWeights) -> f64 {
    let mut found = [false; 3];
    for hit in lexicon.cues.whole(unit) {
        // A "plus" that adds is no cue: "SQL plus Python", "10 plus years".
        let adds = unit[hit.start..hit.end].eq_ignore_ascii_case("plus") && !is_end(&unit[hit.end..]);
        found[hit.group] |= !adds;
    }
    match found {
        [_, _, true] => weights.optional_cue,
        [_, true, _] => weights.weak_cue,
        [true, _, _] => weights.strong_cue,
        _ => 1.0,
    }
}

fn is_end(rest: &str) -> bool {
    rest.trim_start().is_empty() || rest.trim_start().starts_with(['.', ',', ';', ')', '!', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_when_they_hold_alternatives() {
        let unit = "Pipelines (GitHub Actions or Jenkins) and Docker (or not) with Java (8, 11)";
        let of = |name: &str| {
            let at = unit.find(name).unwrap();
            is_bracketed_alternative(unit, at, at + name.len())
        };
        assert!(of("GitHub Actions") && of("Jenkins"));
        assert!(!of("Docker") && !of("Pipelines") && !of("11"));
    }

    #[test]
    fn late_is_past_three_quarters() {
        let unit = |place, bullets| Unit { start: 0, end: 0, bullet: Some((place, bullets)) };
        assert!(!is_late(unit(5, 8)) && is_late(unit(6, 8)) && is_late(unit(7, 8)));
        assert!(!is_late(unit(0, 1)) && !is_late(unit(3, 5)) && is_late(unit(4, 5)));
    }
}
