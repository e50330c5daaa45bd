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
    let again = in_parallel(held, threads, |one| {
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
