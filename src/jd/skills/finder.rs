//! Where does a text name known skills? The longest form wins; a form that could be a word needs evidence.

use super::library::{Form, SkillLibrary, is_whole_form};
use super::{Mention, Named, Source, Unit, unit_at};
use crate::jd::lexicon::Lexicon;
use crate::jd::scan::is_whole;

/// How far a context word may stand from an ambiguous form, in bytes.
const NEAR: usize = 90;

struct Candidate<'a> {
    start: usize,
    end: usize,
    form: &'a Form,
    unit: Unit,
    accepted: bool,
}

/// Adds the known skills that a section names.
pub(super) fn find(
    at: usize,
    source: &Source<'_>,
    units: &[Unit],
    library: &SkillLibrary,
    lexicon: &Lexicon,
    out: &mut Vec<Mention>,
) {
    let text = source.text;
    let mut found: Vec<(usize, usize, &Form)> = library
        .finder
        .find_overlapping_iter(text)
        .filter(|m| !m.is_empty() && is_whole_form(text, m.start(), m.end()))
        .map(|m| (m.start(), m.end(), &library.forms[m.pattern().as_usize()]))
        .filter(|(start, end, form)| is_written_so(text, *start, *end, form, library, lexicon))
        .collect();
    found.sort_unstable_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
    let mut candidates: Vec<Candidate<'_>> = Vec::with_capacity(found.len());
    for (start, end, form) in found {
        if candidates.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let Some(unit) = unit_at(units, start) else { continue };
        if is_opening_verb(text, start, end, unit, lexicon, library.is_expression(form.skill)) {
            continue;
        }
        candidates.push(Candidate { start, end, form, unit, accepted: form.context.is_empty() });
    }
    settle_ambiguous(text, &mut candidates);
    out.extend(candidates.into_iter().filter(|c| c.accepted).map(|c| Mention {
        skill: Named::Known(c.form.skill),
        source: at,
        unit: c.unit,
        start: c.start,
        end: c.end,
    }));
}

/// Whether capitals and small letters are as the form demands.
fn is_written_so(text: &str, start: usize, end: usize, form: &Form, library: &SkillLibrary, lexicon: &Lexicon) -> bool {
    let slice = &text[start..end];
    if form.case_sensitive {
        let same = |a: &str, b: &str| {
            let letters = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            letters(a) == letters(b)
        };
        let small = !form.written.bytes().any(|b| b.is_ascii_uppercase());
        let capitalised =
            small && slice.starts_with(|c: char| c.is_ascii_uppercase()) && same(&slice.to_lowercase(), &form.written);
        return slice == form.written || same(slice, &form.written) || capitalised;
    }
    // "Spark" is a tool, "spark" is not; but "agile", a practice, may be written anyhow.
    let single = slice.bytes().all(|b| b.is_ascii_lowercase());
    !(single
        && form.written.bytes().any(|b| b.is_ascii_uppercase())
        && !library.is_expression(form.skill)
        && lexicon.ordinary.contains(slice))
}

/// "Express your ideas", "Access to a car": an ordinary word that opens a sentence and goes on in small letters.
fn is_opening_verb(text: &str, start: usize, end: usize, unit: Unit, lexicon: &Lexicon, expression: bool) -> bool {
    if expression || start != unit.start || end >= unit.end {
        return false;
    }
    let slice = &text[start..end];
    if !slice.bytes().all(|b| b.is_ascii_alphabetic()) || !lexicon.ordinary.contains(slice.to_lowercase().as_str()) {
        return false;
    }
    let rest = &text[end..unit.end];
    let next = rest.trim_start().split([' ', ',', '.', ';', ':']).next().unwrap_or("");
    rest.starts_with(' ')
        && next.starts_with(|c: char| c.is_lowercase())
        && !matches!(next, "and" | "or" | "is" | "in" | "with")
        && !lexicon.trails.contains(next)
}

/// Accepts an ambiguous form near one of its context words, or listed beside an accepted one.
fn settle_ambiguous(text: &str, candidates: &mut [Candidate<'_>]) {
    if candidates.iter().all(|c| c.accepted) {
        return;
    }
    for c in candidates.iter_mut().filter(|c| !c.accepted) {
        c.accepted = near_context(text, c);
    }
    // Lists hand evidence on, from either side: "Java, Go, R" and "R, Go, Java".
    for at in 1..candidates.len() {
        if !candidates[at].accepted && candidates[at - 1].accepted {
            candidates[at].accepted = listed(text, &candidates[at - 1], &candidates[at]);
        }
    }
    for at in (1..candidates.len()).rev() {
        if !candidates[at - 1].accepted && candidates[at].accepted {
            candidates[at - 1].accepted = listed(text, &candidates[at - 1], &candidates[at]);
        }
    }
}

fn near_context(text: &str, candidate: &Candidate<'_>) -> bool {
    let mut from = candidate.start.saturating_sub(NEAR).max(candidate.unit.start);
    let mut to = (candidate.end + NEAR).min(candidate.unit.end);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let before = text[from..candidate.start].to_ascii_lowercase();
    let after = text.get(candidate.end..to).unwrap_or_default().to_ascii_lowercase();
    let has =
        |window: &str, word: &str| window.match_indices(word).any(|(at, _)| is_whole(window, at, at + word.len()));
    candidate.form.context.iter().any(|word| has(&before, word) || has(&after, word))
}

fn listed(text: &str, left: &Candidate<'_>, right: &Candidate<'_>) -> bool {
    left.unit.start == right.unit.start && is_list_gap(&text[left.end..right.start])
}

/// Whether only list signs and "and" or "or" stand between two names.
pub(super) fn is_list_gap(gap: &str) -> bool {
    let mut signs = false;
    for part in gap.split([' ', ',', ';', '/', '|', '&', '(', ')', '[', ']', '•', '+', '*', '·', '\\', '-', '–']) {
        match part {
            "" => {}
            "and" | "or" | "and/or" | "e.g." | "etc." | "etc" | "AND" | "OR" | "und" | "et" | "y" => signs = true,
            _ => return false,
        }
    }
    signs || gap.contains([',', ';', '/', '|', '&', '(', ')', '•', '+', '*', '·', '\\'])
}
