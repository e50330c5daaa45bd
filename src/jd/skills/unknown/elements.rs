//! What could be a skill's name in a sentence? Known mentions, and groups of name-like tokens between them.

use super::super::{Mention, Unit};
use super::tokens::{Look, Token, tokens};
use crate::jd::glue::starts;
use crate::jd::lexicon::Lexicon;

/// A known skill or a possible one, in the order of the text.
pub(super) struct Element {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) known: bool,
    pub(super) look: Look,
    pub(super) words: usize,
    pub(super) opens: bool,
    pub(super) plural: bool,
}

/// The known skills of a unit and the groups of name-like tokens between them.
pub(super) fn elements(text: &str, unit: Unit, known: &[&Mention], lexicon: &Lexicon) -> Vec<Element> {
    let mut out: Vec<Element> = known
        .iter()
        .map(|m| Element {
            start: m.start,
            end: m.end,
            known: true,
            look: Look::Plain,
            words: 1,
            opens: false,
            plural: false,
        })
        .collect();
    let tokens: Vec<Token<'_>> = tokens(text, unit).into_iter().collect();
    let covered = |t: &Token<'_>| known.iter().any(|m| t.start < m.end && m.start < t.end);
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].look == Look::Plain || covered(&tokens[at]) {
            at += 1;
            continue;
        }
        let mut to = at + 1;
        while to < tokens.len() && tokens[to].joined && tokens[to].look != Look::Plain && !covered(&tokens[to]) {
            to += 1;
        }
        let mut group = &tokens[at..to];
        // "Experience SAP", "Microsoft": words of the sentence at the front do not belong to the name.
        while let Some(first) = group.first() {
            let lower = first.text.to_lowercase();
            let sentence_word = lexicon.not_skills.contains(lower.as_str()) && !lexicon.brands.contains(lower.as_str());
            let opening = starts(first.text) && group.len() > 1 && lexicon.ordinary.contains(lower.as_str())
                || first.start == unit.start
                    && first.look == Look::Capital
                    && lexicon.ordinary.contains(lower.as_str());
            if !(sentence_word || (opening && group.len() > 1)) {
                break;
            }
            group = &group[1..];
        }
        while let [_, .., last] = group {
            let colon = text.as_bytes().get(last.end) == Some(&b':');
            let lower = last.text.to_lowercase();
            // A word that makes the group a body ("Steering Committee") stays, so that the group is none.
            let of_sentence = lexicon.not_skills.contains(lower.as_str()) && !lexicon.not_ends.contains(lower.as_str());
            let word = last.look == Look::Capital && (starts(last.text) || of_sentence);
            if !(word || (colon && last.look == Look::Capital)) {
                break;
            }
            group = &group[..group.len() - 1];
        }
        let touches_known = |place: usize, before: bool| {
            known.iter().any(|m| if before { m.end + 1 == place } else { place + 1 == m.start })
        };
        if let (Some(first), Some(last)) = (group.first(), group.last())
            && group.len() <= 4
        {
            let look = group.iter().map(|t| t.look).max().unwrap_or(Look::Plain);
            // Right beside a known skill without a list sign, a capital belongs to that skill's name: "Java Developer".
            let beside = (touches_known(first.start, true) && first.joined
                || touches_known(last.end, false) && text.as_bytes().get(last.end) == Some(&b' '))
                && look < Look::Telling;
            if !beside {
                out.push(Element {
                    start: first.start,
                    end: last.end,
                    known: false,
                    look,
                    words: group.len(),
                    opens: first.start == unit.start,
                    plural: last.text.ends_with('s'),
                });
            }
        }
        at = to;
    }
    out.sort_by_key(|e| e.start);
    out
}
