//! Which held JDs read differently after a skill edit? Those whose text holds a form that was added, dropped or
//! moved, and whose features then differ (SPEC §2, end).

use super::document::Document;
use super::features::{Admission, Admitted};
use super::parallel::in_parallel;
use crate::error::Error;
use crate::jd::{FormSearch, SkillLibrary};
use std::sync::Arc;

/// A held JD that reads differently: the same document and content, other features.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Its place among the held ones.
    pub place: usize,
    /// What replaces it.
    pub admitted: Admitted,
}

/// Looks through the held JDs for the forms by which two libraries differ, parses those again with `admission`, whose
/// parser has the new library, and gives back what must be admitted in their place. Times of receipt stay.
pub fn reparse(
    held: &[&Admitted],
    old: &SkillLibrary,
    new: &SkillLibrary,
    admission: &Admission<'_>,
    threads: usize,
) -> Result<Vec<Replacement>, Error> {
    let forms = SkillLibrary::changed_forms(old, new);
    if forms.is_empty() {
        return Ok(Vec::new());
    }
    let search = FormSearch::new(&forms);
    let again = in_parallel(held, threads, |one| -> Result<Option<Admitted>, Error> {
        let document = &one.document;
        let holds = |text: &str| search.mentions_any(text);
        if !holds(&document.text) && !document.title.as_deref().is_some_and(holds) {
            return Ok(None);
        }
        let received_at = one.jd().map(|jd| jd.received_at);
        let document = Document { received_at, ..Document::clone(document) };
        let admitted = admission.admit(Arc::new(document))?;
        Ok((admitted.update != one.update).then_some(admitted))
    });
    let mut replacements = Vec::new();
    for (place, admitted) in again.into_iter().enumerate() {
        replacements.extend(admitted?.map(|admitted| Replacement { place, admitted }));
    }
    Ok(replacements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::StaticTable;
    use crate::jd::{Parser, ParserSettings};
    use rolestream_dataflows::records::Skill;

    const TEXT: &str = "Title: Miller\nResponsibilities:\n- Grind the grain with the Frobnikator every morning\n\
        - Check the stones and report what is worn\nRequirements:\n- Experience with a roller mill, and two years in a mill";

    fn skill(aliases: &[&str]) -> Skill {
        Skill {
            slug: "roller".to_owned(),
            name: "Roller".to_owned(),
            number: 1,
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            dimension: None,
            kind: "tool".to_owned(),
            ai: Default::default(),
            era: Default::default(),
            hints: Default::default(),
            status: Default::default(),
            replaced_by: None,
        }
    }

    #[test]
    fn only_what_reads_differently_is_replaced_and_keeps_when_it_came() {
        let (old, new) = (skill(&[]), skill(&["roller mill"]));
        let old = Arc::new(SkillLibrary::new(std::iter::once(&Skill { name: "Rollerblade".to_owned(), ..old })));
        let new = Arc::new(SkillLibrary::new(std::iter::once(&new)));
        let embedder = StaticTable::built_in().unwrap();
        let before = Parser::new(ParserSettings::default(), old.clone());
        let after = before.with_library(new.clone());
        let domains = crate::admission::Domains::built_in(&*embedder).unwrap();
        let admission =
            |parser, now| Admission { parser, embedder: &*embedder, domains: &domains, source: "test", now };
        let document = |id: &str, text: &str| Document { id: id.into(), text: text.into(), ..Document::default() };
        let documents = [document("mill", TEXT), document("other", &TEXT.replace("roller mill", "stone"))];
        let admit = |document: &Document| admission(&before, 5).admit(Arc::new(document.clone())).unwrap();
        let held: Vec<Admitted> = documents.iter().map(admit).collect();
        assert_eq!(in_parallel(&documents, 2, admit)[0].update, held[0].update, "admission is a pure function");

        let held: Vec<&Admitted> = held.iter().collect();
        let replaced = reparse(&held, &old, &new, &admission(&after, 99), 2).unwrap();
        assert_eq!(replaced.len(), 1);
        let (was, now) = (held[0].jd().unwrap(), replaced[0].admitted.jd().unwrap());
        assert_eq!((replaced[0].place, now.content, now.received_at), (0, was.content, 5));
        assert!(replaced[0].admitted.skills.contains(&"Roller".to_owned()), "{:?}", replaced[0].admitted.skills);
        assert!(reparse(&held, &old, &old, &admission(&before, 99), 1).unwrap().is_empty());
    }
}
