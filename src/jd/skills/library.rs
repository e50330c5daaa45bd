//! Which skills are known, under which forms? One automaton over all names, aliases and spellings.

use super::forms::spellings;
use crate::jd::scan::{closes_word, is_whole, opens_word};
use aho_corasick::{AhoCorasick, MatchKind};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Skill, Status};
use rolestream_dataflows::text::normalise;
use std::collections::BTreeMap;

/// The known skills, compiled for finding.
pub struct SkillLibrary {
    names: Vec<String>,
    kinds: Vec<String>,
    pub(crate) finder: AhoCorasick,
    pub(crate) forms: Vec<Form>,
    /// What each normalised form means, and how it is recognised: what two libraries are compared by.
    meanings: BTreeMap<String, String>,
    version: u64,
}

/// One spelling of a skill.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) skill: u32,
    /// As the taxonomy writes it.
    pub(crate) written: String,
    pub(crate) case_sensitive: bool,
    /// Lower case; empty: the form speaks for itself.
    pub(crate) context: Vec<String>,
}

impl Default for SkillLibrary {
    fn default() -> SkillLibrary {
        SkillLibrary::new(std::iter::empty())
    }
}

impl SkillLibrary {
    /// Compiles the skills. A merged skill's forms count for its survivor, a retired one's not at all; a form that
    /// several skills claim belongs to the least slug.
    pub fn new<'a>(skills: impl Iterator<Item = &'a Skill>) -> SkillLibrary {
        let by_slug: BTreeMap<&str, &Skill> = skills.map(|s| (s.slug.as_str(), s)).collect();
        let owner = |skill: &'a Skill| match skill.status {
            Status::Active => Some(skill),
            Status::Merged => {
                let survivor = by_slug.get(skill.replaced_by.as_deref()?)?;
                (survivor.status == Status::Active).then_some(*survivor)
            }
            Status::Retired => None,
        };
        let active: Vec<&Skill> = by_slug.values().copied().filter(|s| s.status == Status::Active).collect();
        let number_of = |slug: &str| active.partition_point(|s| s.slug.as_str() < slug) as u32;
        // Owners in the order of their slugs, so that the least slug claims a form first.
        let mut claims: Vec<(u32, &Skill)> =
            by_slug.values().filter_map(|s| owner(s).map(|o| (number_of(&o.slug), *s))).collect();
        claims.sort_by_key(|(number, skill)| (*number, skill.slug.as_str()));
        let mut patterns: BTreeMap<String, usize> = BTreeMap::new();
        let mut forms = Vec::new();
        let mut meanings = BTreeMap::new();
        for (number, skill) in claims {
            let survivor = active[number as usize];
            for written in std::iter::once(&skill.name).chain(&skill.aliases) {
                let key = normalise(written);
                if key.is_empty() {
                    continue;
                }
                let form = form_of(number, written, skill);
                // All that the parse of a text depends on that holds the form, the printed name included.
                let meaning = format!(
                    "{}\n{}\n{}\n{}\n{}",
                    survivor.slug,
                    survivor.name,
                    is_expression(&survivor.kind),
                    form.case_sensitive,
                    form.context.join("\n")
                );
                meanings.entry(key).or_insert(meaning);
                for spelling in spellings(written) {
                    patterns.entry(spelling).or_insert(forms.len());
                }
                forms.push(form);
            }
        }
        let (texts, owners): (Vec<String>, Vec<usize>) = patterns.into_iter().unzip();
        let compiled: Vec<Form> = owners.iter().map(|at| forms[*at].clone()).collect();
        let mut summary = String::new();
        for (form, meaning) in &meanings {
            summary.push_str(form);
            summary.push('\n');
            summary.push_str(meaning);
            summary.push('\u{1e}');
        }
        SkillLibrary {
            names: active.iter().map(|s| s.name.clone()).collect(),
            kinds: active.iter().map(|s| s.kind.clone()).collect(),
            finder: automaton(&texts),
            forms: compiled,
            meanings,
            version: Id::text(&summary).0,
        }
    }

    /// A hash of all forms and of what each means: equal versions parse every text alike.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many active skills there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// No skill at all.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a text is a form of a known skill.
    pub fn knows(&self, text: &str) -> bool {
        self.meanings.contains_key(&normalise(text))
    }

    /// The display name of a skill by number.
    pub(crate) fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }

    /// Whether the skill is a practice or the like, whose name is an ordinary expression.
    pub(crate) fn is_expression(&self, number: u32) -> bool {
        is_expression(&self.kinds[number as usize])
    }

    /// The forms, normalised, that one library has and the other has not, or that mean something else: texts that
    /// hold one of them parse differently.
    pub fn changed_forms(old: &SkillLibrary, new: &SkillLibrary) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for (form, meaning) in &new.meanings {
            if old.meanings.get(form) != Some(meaning) {
                out.push(form.clone());
            }
        }
        out.extend(old.meanings.keys().filter(|form| !new.meanings.contains_key(*form)).cloned());
        out
    }

    /// Whether a text holds one of the forms as whole words, in any of their spellings.
    ///
    /// Many texts are asked about the same forms: compile them once with [`FormSearch::new`].
    pub fn mentions_any(forms: &[String], text: &str) -> bool {
        FormSearch::new(forms).mentions_any(text)
    }
}

fn is_expression(kind: &str) -> bool {
    matches!(kind, "practice" | "concept" | "method" | "standard")
}

/// A search for forms, compiled once for many texts.
pub struct FormSearch {
    finder: AhoCorasick,
}

impl FormSearch {
    /// Of normalised forms, in all their spellings.
    pub fn new(forms: &[String]) -> FormSearch {
        let texts: Vec<String> = forms.iter().flat_map(|form| spellings(form)).collect();
        FormSearch { finder: automaton(&texts) }
    }

    /// Whether a text holds one of them as whole words.
    pub fn mentions_any(&self, text: &str) -> bool {
        let found = |text: &str| {
            self.finder.find_overlapping_iter(text).any(|m| !m.is_empty() && is_whole_form(text, m.start(), m.end()))
        };
        // Line breaks, entities and emphasis inside a form are rare; a text that has them is asked twice.
        found(text) || (text.contains(['\n', '\t', '*', '&', '\u{a0}', '<']) && found(&loosened(text)))
    }
}

/// The text with what markup may put between the words of a form collapsed.
fn loosened(text: &str) -> String {
    let plain = text.replace("&nbsp;", " ").replace("&amp;", "&").replace("&#43;", "+").replace(['*', '`', '_'], "");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As [`is_whole`], but a version may follow ("Java8", "Python3.11") and a plural's s.
pub(crate) fn is_whole_form(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    if is_whole(text, start, end) {
        // "C" is not in "C++", "C#" or "Objective-C"; "F" is not in "F&B".
        let next = bytes.get(end).copied().unwrap_or(b' ');
        if matches!(next, b'+' | b'#') && !matches!(bytes[end - 1], b'+' | b'#') {
            let after = bytes.get(end + 1).copied().unwrap_or(b' ');
            return end - start > 1 && next == b'+' && after != b'+';
        }
        if end - start == 1 {
            let before = if start == 0 { b' ' } else { bytes[start - 1] };
            let joined_behind = matches!(next, b'&' | b'\'' | b'-' | b'@');
            let joined_before = matches!(before, b'&' | b'\'' | b'-' | b'.' | b'$' | b'@');
            let initial = next == b'.' && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic);
            return !(joined_behind || joined_before || initial);
        }
        return true;
    }
    if end - start < 3 || !bytes[end - 1].is_ascii_alphabetic() {
        return false;
    }
    let rest = &bytes[end..];
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let tail = match rest.first() {
        Some(b's' | b'S') if end - start >= 4 => 1,
        Some(b'v' | b'V') => 1 + rest[1..].iter().take_while(|b| b.is_ascii_digit()).count(),
        _ => digits,
    };
    tail > 0 && opens_word(text, start) && closes_word(text, end + tail)
}

fn automaton(texts: &[String]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(texts)
        .unwrap_or_else(|_| AhoCorasick::new([""; 0]).expect("an automaton of nothing can be built"))
}

/// A form with the hints that concern it. Hints are for forms that could be words: a form of several words, or one
/// that is itself a context word ("golang"), speaks for itself.
fn form_of(skill: u32, written: &str, record: &Skill) -> Form {
    let lower = written.to_lowercase();
    let context: Vec<String> = record.hints.context.iter().map(|w| w.to_lowercase()).collect();
    let alone = lower.contains([' ', '-', '.', '/']) || context.contains(&lower);
    Form {
        skill,
        written: written.to_owned(),
        case_sensitive: record.hints.case_sensitive && !alone,
        context: if alone { Vec::new() } else { context },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skill(slug: &str, name: &str, aliases: &[&str]) -> Skill {
        let mut skill = blank(slug, name);
        skill.aliases = aliases.iter().map(|a| (*a).to_owned()).collect();
        skill
    }

    fn blank(slug: &str, name: &str) -> Skill {
        Skill {
            slug: slug.to_owned(),
            name: name.to_owned(),
            number: 0,
            aliases: Vec::new(),
            dimension: None,
            kind: "tool".to_owned(),
            ai: Default::default(),
            era: Default::default(),
            hints: Default::default(),
            status: Status::Active,
            replaced_by: None,
        }
    }

    #[test]
    fn changed_forms_are_the_new_the_dropped_and_the_moved() {
        let old = [skill("a", "Alpha", &["Ay"]), skill("b", "Beta", &["Moved"])];
        let new = [skill("a", "Alpha", &["Moved"]), skill("b", "Beta", &["Bee"])];
        let (old, new) = (SkillLibrary::new(old.iter()), SkillLibrary::new(new.iter()));
        assert_eq!(SkillLibrary::changed_forms(&old, &new), ["bee", "moved", "ay"]);
        assert_ne!(old.version(), new.version());
        // A parse says the name wherever it finds another form, and reads practices otherwise than tools.
        let renamed = SkillLibrary::new([skill("a", "Alef", &["Moved"]), skill("b", "Beta", &["Bee"])].iter());
        assert_eq!(SkillLibrary::changed_forms(&new, &renamed), ["alef", "moved", "alpha"]);
        let practice = Skill { kind: "practice".to_owned(), ..skill("b", "Beta", &["Bee"]) };
        let practised = SkillLibrary::new([skill("a", "Alef", &["Moved"]), practice].iter());
        assert_eq!(SkillLibrary::changed_forms(&renamed, &practised), ["bee", "beta"]);
        assert_ne!(renamed.version(), practised.version());
        assert!(SkillLibrary::mentions_any(&["node.js".to_owned()], "We use NodeJS."));
        assert!(SkillLibrary::mentions_any(&["spring boot".to_owned()], "Spring\n**Boot**"));
        assert!(!SkillLibrary::mentions_any(&["java".to_owned()], "JavaScript"));
    }

    #[test]
    fn merged_forms_are_the_survivors_and_retired_ones_nobodys() {
        let mut merged = skill("old", "Old Name", &[]);
        merged.status = Status::Merged;
        merged.replaced_by = Some("new".to_owned());
        let mut retired = skill("gone", "Gone", &[]);
        retired.status = Status::Retired;
        let skills = [merged, skill("new", "New Name", &[]), retired];
        let library = SkillLibrary::new(skills.iter());
        assert_eq!(library.len(), 1);
        assert!(library.forms.iter().any(|f| f.written == "Old Name" && library.name(f.skill) == "New Name"));
        assert!(library.forms.iter().all(|f| f.written != "Gone"));
    }

    #[test]
    fn boundaries_keep_c_apart_from_its_family() {
        assert!(is_whole_form("in C and", 3, 4));
        assert!(!is_whole_form("in C++ and", 3, 4));
        assert!(!is_whole_form("in C# and", 3, 4));
        assert!(is_whole_form("C/C++", 0, 1));
        assert!(!is_whole_form("R&D", 0, 1));
        assert!(is_whole_form("Java8 or", 0, 4));
        assert!(!is_whole_form("Javanese", 0, 4));
    }
}
