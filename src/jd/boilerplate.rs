//! Which sentences of a role's section are not about the role? Those that give themselves away by a phrase.

use super::headings::Kind;
use super::lexicon::{Lexicon, Marks};
use super::markup::{Line, Shape};
use super::scan::sentence_spans;
use super::sections::Section;

/// A longer line is judged sentence by sentence: it is a paragraph, or a whole JD that lost its line breaks.
const LONG: usize = 400;

/// Moves boilerplate out of the sections that speak of the role; what is said of the company is returned.
pub(crate) fn sweep(sections: &mut [Section], lexicon: &Lexicon) -> Vec<String> {
    let mut company = Vec::new();
    for section in sections.iter_mut().filter(|s| s.kind.speaks_of_role()) {
        let kind = section.kind;
        section.lines.retain_mut(|line| match judge(line, kind, lexicon) {
            Verdict::Keep => true,
            Verdict::Drop(of) => {
                if of == Kind::Company {
                    company.push(std::mem::take(&mut line.text));
                }
                false
            }
            Verdict::Shorten(kept, about_company) => {
                company.extend(about_company);
                line.text = kept;
                true
            }
        });
    }
    company
}

enum Verdict {
    Keep,
    Drop(Kind),
    Shorten(String, Option<String>),
}

fn judge(line: &Line, section: Kind, lexicon: &Lexicon) -> Verdict {
    if !line.marks.has(Marks::BOILERPLATE) {
        return Verdict::Keep;
    }
    if line.text.len() <= LONG {
        return kind_of(&line.text, line.shape, section, lexicon).map_or(Verdict::Keep, Verdict::Drop);
    }
    let spans = sentence_spans(&line.text);
    let mut kept = String::new();
    let mut company = String::new();
    let mut dropped = false;
    for (start, end) in spans {
        let sentence = &line.text[start..end];
        let target = match kind_of(sentence, line.shape, section, lexicon) {
            None => &mut kept,
            Some(Kind::Company) => &mut company,
            Some(_) => {
                dropped = true;
                continue;
            }
        };
        if !target.is_empty() {
            target.push(' ');
        }
        target.push_str(sentence);
    }
    if !dropped && company.is_empty() {
        return Verdict::Keep;
    }
    if kept.is_empty() {
        return Verdict::Drop(if company.is_empty() { Kind::Other } else { Kind::Company });
    }
    Verdict::Shorten(kept, Some(company).filter(|c| !c.is_empty()))
}

/// What a sentence is about, if not the role. Bullets of requirements may well name a background check or a degree of
/// a leading university: there only the equal-opportunity phrases count, and elsewhere in bullets no company phrase.
fn kind_of(text: &str, shape: Shape, section: Kind, lexicon: &Lexicon) -> Option<Kind> {
    lexicon.boilerplate.parts(text).find_map(|hit| {
        let kind = [Kind::EqualOpportunity, Kind::Benefits, Kind::Company, Kind::HowToApply][hit.group];
        let bullet = shape == Shape::Bullet;
        let counts = match kind {
            Kind::Company => !bullet && section == Kind::AboutRole,
            Kind::HowToApply => !bullet,
            Kind::Benefits => !bullet || section == Kind::AboutRole,
            _ => !bullet || text.len() > 120,
        };
        counts.then_some(kind)
    })
}
