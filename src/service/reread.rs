//! What would held JDs read as with other skills? Those whose text holds a form that would come or go are parsed with
//! the library as it would be; nothing is kept.

use super::desk::Desk;
use super::kit::{Kit, Prepared, library};
use crate::admission::{Document, in_parallel};
use crate::error::Error;
use crate::jd::{FormSearch, Parser, SkillLibrary};
use crate::store::{Store, StoredJd, StoredText};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, JdUpdate, Key, Record, Tables};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Texts searched at once.
const CHUNK: usize = 256;
/// Texts parsed for one preview, at most: whoever waits for it must not wait for ever.
pub const MOST_READ: u64 = 20_000;

/// Held JDs as they would read.
#[derive(Clone, Debug, Default)]
pub struct Reread {
    /// Those that would read differently.
    pub jds: Vec<JdUpdate>,
    /// Texts that were searched for forms that come or go.
    pub searched: u64,
    /// Texts that hold one, and were parsed.
    pub read: u64,
    /// More texts hold one than are parsed for one question ([`MOST_READ`]).
    pub cut: bool,
}

impl Desk {
    /// Which held JDs would read differently if these changes of these records were made. What the clock sets going when
    /// they are made (`reparse`) comes to the same.
    pub fn reread(&self, tables: &Tables, changes: &[Change]) -> Result<Reread, Error> {
        let mut reread = Reread::default();
        let Some(new) = library_with(tables, changes) else { return Ok(reread) };
        let parser = self.kit.parser();
        let forms = SkillLibrary::changed_forms(parser.library(), &new);
        if forms.is_empty() {
            return Ok(reread);
        }
        let (search, parser) = (FormSearch::new(&forms), parser.with_library(new));
        for chunk in self.store.texts(None, CHUNK) {
            let chunk = chunk?;
            reread.searched += chunk.len() as u64;
            let concerned = |(_, text): &(Id, StoredText)| concerns(&search, text);
            let mut hits: Vec<(Id, StoredText)> = chunk.into_iter().filter(concerned).collect();
            let room = usize::try_from(MOST_READ - reread.read).unwrap_or(usize::MAX);
            reread.cut = hits.len() > room;
            hits.truncate(room);
            reread.read += hits.len() as u64;
            let read =
                in_parallel(&hits, self.kit.threads, |(id, text)| again(&self.store, &self.kit, &parser, *id, text));
            for one in read {
                let Some((held, prepared)) = one? else { continue };
                let update = prepared.admitted.update;
                // What reads as before need not be tried out.
                if update.jd.as_deref() != Some(&held.jd) {
                    reread.jds.push(update);
                }
            }
            if reread.cut {
                break;
            }
        }
        Ok(reread)
    }
}

/// Whether a text was parsed here and holds one of these forms.
pub(super) fn concerns(search: &FormSearch, text: &StoredText) -> bool {
    let mentions = |text: &str| search.mentions_any(text);
    text.parser.is_none() && (mentions(&text.document.text) || text.document.title.as_deref().is_some_and(mentions))
}

/// A held JD parsed again, unless it has changed since its text was read.
pub(super) fn again(
    store: &Store,
    kit: &Kit,
    parser: &Parser,
    id: Id,
    text: &StoredText,
) -> Result<Option<(StoredJd, Prepared)>, Error> {
    let Some(stored) = store.jd(id)?.filter(|stored| stored.jd.content == text.content()) else {
        return Ok(None);
    };
    let source = text.provenance.as_ref().map_or("", |provenance| &*provenance.stream.name);
    let admission = kit.admission(parser, source, stored.jd.received_at);
    let document = Document { received_at: Some(stored.jd.received_at), ..text.document.clone() };
    let admitted = admission.admit(Arc::new(document))?;
    let library = parser.library_version();
    Ok(Some((stored, Prepared { admitted, parser: None, library, provenance: text.provenance.clone() })))
}

/// The skills as they would be; none where no change is of a skill.
fn library_with(tables: &Tables, changes: &[Change]) -> Option<Arc<SkillLibrary>> {
    let of_skill = |change: &&Change| match change {
        Change::Put(record) => matches!(record, Record::Skill(_)),
        Change::Delete(key) => key.kind == "skill",
    };
    let mut changes = changes.iter().filter(of_skill).peekable();
    changes.peek()?;
    let mut skills: BTreeMap<Key, &Record> = tables.of_kind("skill").map(|record| (record.key(), record)).collect();
    for change in changes {
        match change {
            Change::Put(record) => skills.insert(record.key(), record),
            Change::Delete(key) => skills.remove(key),
        };
    }
    Some(library(skills.into_values()))
}
