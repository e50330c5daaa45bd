//! How does the taxonomy move forward? Changes of records are kept, with what they were before, then fed: one version.

use super::Clock;
use crate::engine::{Batch, Ticket};
use crate::error::Error;
use crate::jd::SkillLibrary;
use crate::service::kit::library;
use crate::service::order::{Authored, Changed};
use crate::service::work::Part;
use crate::store::{Commit, PendingReparse, StoredVersion, TaxonomyMark};
use crate::telemetry::metrics::Edited;
use rolestream_dataflows::records::{Change, Key, Record};
use std::collections::BTreeMap;

/// A record before and after.
type Net = BTreeMap<Key, (Option<Record>, Option<Record>)>;

impl Clock {
    /// Edits that sources delivered.
    pub(super) fn deliver_edits(&mut self, part: Part) -> Result<(), Error> {
        if part.changes.is_empty() {
            return self.write(self.store.clone().commit(), part.letters, part.positions);
        }
        let mut streams: Vec<String> = part.positions.keys().map(|s| format!("{} {}", s.source, s.name)).collect();
        streams.sort();
        streams.dedup();
        let authored = Authored { author: streams.join(", "), ..Authored::default() };
        let (letters, positions) = (part.letters, part.positions);
        let write = |clock: &mut Clock, commit: Commit<'_>, _: &Changed| clock.write(commit, letters, positions);
        self.edit(part.changes, authored, write).map(drop)
    }

    /// Applies changes of records. `write` writes the commit they are in.
    pub(super) fn edit(
        &mut self,
        changes: Vec<Change>,
        authored: Authored,
        write: impl FnOnce(&mut Clock, Commit<'_>, &Changed) -> Result<(), Error>,
    ) -> Result<(Changed, Option<Ticket>), Error> {
        let before = self.engine.submitted_version();
        let admitted = self.engine.admit(Batch { changes, tag: self.tag(), ..Batch::default() })?;
        let changed = Changed {
            version: (admitted.taxonomy_version > before).then_some(admitted.taxonomy_version),
            records: net(&admitted.records),
        };
        let store = self.store.clone();
        let mut commit = store.commit();
        for (key, (_, after)) in &changed.records {
            match after {
                Some(record) => commit.put_record(record),
                None => commit.remove_record(key),
            };
            if after.is_none() && key.kind == "role" {
                commit.put_gone_role(&key.key);
            }
            self.metrics.edited(key.kind, if after.is_some() { Edited::Put } else { Edited::Deleted });
        }
        if let Some(version) = changed.version {
            put_version(&mut commit, version, &changed.records, authored, (self.now)());
        }
        let mut followed = None;
        if changed.records.keys().any(|key| key.kind == "skill") {
            let new = library(self.engine.tables().of_kind("skill"));
            let forms = SkillLibrary::changed_forms(self.kit.parser().library(), &new);
            if !forms.is_empty() {
                let pending = pending(self.store.pending_reparse()?, forms, admitted.taxonomy_version);
                commit.put_reparse(Some(&pending));
            }
            followed = Some(new);
        }
        write(self, commit, &changed)?;
        if let Some(library) = followed {
            self.kit.follow(library);
            self.reparse.wake();
        }
        self.lookup.put_records(changed.records.values().filter_map(|(_, after)| after.as_ref()));
        self.tell(&changed, &[]);
        let ticket = self.feed(admitted)?;
        Ok((changed, ticket))
    }
}

/// Notes a version: its number, and what it changed.
fn put_version(commit: &mut Commit<'_>, number: u64, changes: &Net, authored: Authored, at: i64) {
    let of_taxonomy = changes.iter().filter(|(key, _)| key.is_taxonomy());
    let only_settings = of_taxonomy.clone().all(|(key, _)| key.is_settings());
    commit.put_taxonomy_mark(TaxonomyMark { version: number, only_settings });
    let Authored { author, why, draft, undoes } = authored;
    let changes = of_taxonomy.map(|(_, change)| change.clone()).collect();
    commit.put_version(&StoredVersion { number, at, author, why, draft, undoes, changes });
}

/// What each key held before, and what it holds after: of a key there is at most one retraction and one addition.
fn net(records: &[(Record, isize)]) -> Net {
    let mut net = Net::new();
    for (record, difference) in records {
        let (before, after) = net.entry(record.key()).or_default();
        *(if *difference > 0 { after } else { before }) = Some(record.clone());
    }
    net
}

/// What is to be parsed again when these forms change, too: from the beginning, for both.
fn pending(before: Option<PendingReparse>, forms: Vec<String>, version: u64) -> PendingReparse {
    let forms = match before {
        None => Some(forms),
        Some(before) => before.forms.map(|mut earlier| {
            earlier.extend(forms);
            earlier.sort();
            earlier.dedup();
            earlier
        }),
    };
    PendingReparse { forms, taxonomy_version: version, through: None }
}
