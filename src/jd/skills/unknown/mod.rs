//! Which names in a text are skills that the library does not know? Those that look like names and stand where
//! skills stand: in lists with known ones, behind "experience with", before "framework". Rather too few than too many.

mod elements;
mod evidence;
mod names;
mod tokens;

use super::finder::is_list_gap;
use super::{Mention, Named, Source, Surroundings, Unit, key};
use crate::jd::lexicon::Lexicon;
use crate::jd::settings::ParserSettings;
use elements::{Element, elements};
use evidence::Evidence;
use names::is_name;
use tokens::Look;

/// The unknown skills of a JD; each mention by itself.
pub(super) fn find(
    sources: &[Source<'_>],
    units: &[Vec<Unit>],
    known: &[Mention],
    around: &Surroundings<'_>,
    lexicon: &Lexicon,
    settings: &ParserSettings,
) -> Vec<Mention> {
    let mut distinct: Vec<&Named> = known.iter().map(|m| &m.skill).collect();
    distinct.sort_by_key(|named| match named {
        Named::Known(number) => *number,
        Named::Unknown(_) => u32::MAX,
    });
    distinct.dedup();
    let technical = distinct.len();
    let mut out: Vec<Mention> = Vec::new();
    let mut accepted: Vec<(String, String)> = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        if source.section.is_none() {
            continue;
        }
        for unit in &units[at] {
            let known: Vec<&Mention> = known.iter().filter(|m| m.source == at && m.unit.start == unit.start).collect();
            for (start, end) in in_unit(source, *unit, &known, technical, around, lexicon) {
                let name = source.text[start..end].to_owned();
                let key = key(&name);
                let name = match accepted.iter().find(|(k, _)| *k == key) {
                    Some((_, first)) => first.clone(),
                    None if accepted.len() >= settings.max_unknown_skills => continue,
                    None => {
                        accepted.push((key, name.clone()));
                        name
                    }
                };
                out.push(Mention { skill: Named::Unknown(name), source: at, unit: *unit, start, end });
            }
        }
    }
    out
}

fn in_unit(
    source: &Source<'_>,
    unit: Unit,
    known: &[&Mention],
    technical: usize,
    around: &Surroundings<'_>,
    lexicon: &Lexicon,
) -> Vec<(usize, usize)> {
    let text = source.text;
    let body = &text[unit.start..unit.end];
    let capitals = body.bytes().filter(u8::is_ascii_uppercase).count();
    let small = body.bytes().filter(u8::is_ascii_lowercase).count();
    // One capital is that of the sentence; in a shouted line capitals say nothing.
    let only_opening = capitals == 1 && body.as_bytes()[0].is_ascii_uppercase();
    if capitals == 0 || only_opening || capitals > small {
        return Vec::new();
    }
    let elements = elements(text, unit, known, lexicon);
    if elements.iter().all(|e| e.known) {
        return Vec::new();
    }
    let leads: Vec<usize> = lexicon.leads.whole(body).map(|hit| unit.start + hit.end).collect();
    let mut out = Vec::new();
    let mut from = 0;
    while from < elements.len() {
        let mut to = from + 1;
        while to < elements.len() && is_list_gap(&text[elements[to - 1].end..elements[to].start]) {
            to += 1;
        }
        let run = &elements[from..to];
        // "the BSA/AML Officer": a list before a post belongs to the post.
        let post = next_word(&text[elements[to - 1].end..unit.end])
            .is_some_and(|w| w.starts_with(|c: char| c.is_uppercase()) && lexicon.titles.has_head(&w.to_lowercase()));
        if post {
            from = to;
            continue;
        }
        let known_in_run = run.iter().filter(|e| e.known).count();
        let led = run.iter().any(|e| leads.iter().any(|lead| is_led(text, *lead, e.start)));
        let evidence =
            Evidence { known_in_run, run: run.len(), led, known_in_unit: known.len(), technical, kind: source.kind };
        for e in run.iter().filter(|e| !e.known) {
            let trail = next_word(&text[e.end..unit.end]);
            let trailed = trail.is_some_and(|w| lexicon.trails.contains(w));
            if !evidence.suffices(e, trailed) || is_certificate(text, e, known_in_run) {
                continue;
            }
            let other = match e.look {
                Look::Acronym => abbreviates(text, unit, e, known),
                Look::Capital => COMPANIES.iter().any(|part| near(text, e, part)),
                _ => false,
            };
            if !other && is_name(&text[e.start..e.end], e, around, lexicon) {
                out.push((e.start, e.end));
            }
        }
        from = to;
    }
    out
}

/// Whether the lead phrase that ends at `lead` speaks of what begins at `start`: nothing but "the", a colon, a bracket
/// or small filler words may stand between.
fn is_led(text: &str, lead: usize, start: usize) -> bool {
    if lead > start || start - lead > 24 {
        return false;
    }
    text.get(lead..start).is_some_and(|gap| {
        gap.split([' ', ':', '(', ',', '"', '“', '-']).all(|w| {
            matches!(
                w,
                "" | "the" | "a" | "an" | "both" | "e.g." | "e.g" | "either" | "tools" | "like" | "as" | "modern"
            )
        })
    })
}

/// Whether a name stands where certificates are named: one among known skills is a skill all the same.
fn is_certificate(text: &str, e: &Element, known_in_run: usize) -> bool {
    let shaped = matches!(e.look, Look::Acronym | Look::Telling);
    shaped && known_in_run < 2 && near(text, e, "ertif")
        || e.look == Look::Acronym && ["ertificat", "esignation", "ualification"].iter().any(|part| near(text, e, part))
}

/// Near one of these, a list names companies, not their products.
const COMPANIES: [&str; 5] = ["companies such", "customers includ", "clients includ", "compan", "partners includ"];

/// "Kern Health Systems (KHS)", "Machine Learning (ML)": an abbreviation of what stands before the bracket is no name
/// of its own. The known skill before it counts already; an unknown phrase is mostly a body.
fn abbreviates(text: &str, unit: Unit, e: &Element, known: &[&Mention]) -> bool {
    let before = text[unit.start..e.start].trim_end();
    let Some(before) = before.strip_suffix('(').map(str::trim_end) else { return false };
    let closed = text[e.end..].trim_start().starts_with(')');
    let initials = text[e.start..e.end].trim_end_matches('s').chars().rev();
    let small = |w: &&str| !matches!(*w, "" | "&" | "of" | "for" | "and" | "the" | "in" | "to");
    let words: Vec<&str> = before.split([' ', '-', '/']).rev().filter(small).collect();
    let matching = initials
        .zip(&words)
        .take_while(|(c, word)| word.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(c)))
        .count();
    let behind_known =
        known.iter().any(|m| m.end < e.start && text[m.end..e.start].trim_matches([' ', '(']).is_empty());
    closed && (matching >= 2 || (behind_known && matching >= 1))
}

/// Whether a part of a word stands within a hundred bytes of an element.
fn near(text: &str, e: &Element, part: &str) -> bool {
    let bytes = &text.as_bytes()[e.start.saturating_sub(100)..(e.end + 100).min(text.len())];
    bytes.windows(part.len()).any(|w| w == part.as_bytes())
}

fn next_word(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix(' ')?;
    Some(rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")).filter(|w| !w.is_empty())
}
