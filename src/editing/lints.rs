//! What looks wrong in a live taxonomy? The lints of [`crate::taxonomy::lints`] over the records as they are.

use super::records::{KINDS, Records};
use crate::error::Position;
use crate::sources::decode::shown_key;
use crate::taxonomy::Taxonomy;
use crate::taxonomy::lints::{Knows, LintRow};

/// These records as a taxonomy; each is read "from" its key.
pub fn taxonomy(records: &dyn Records) -> Taxonomy {
    let mut taxonomy = Taxonomy::default();
    for line in KINDS.iter().flat_map(|kind| records.of_kind(kind)) {
        let at = line.key().map(|key| Position::whole(shown_key(&key))).unwrap_or_default();
        // Keys are unique in records: none is there already.
        drop(taxonomy.take(line, at));
    }
    taxonomy
}

/// All that looks wrong, the graver first, then by key.
pub fn lints(records: &dyn Records, knows: &mut Knows<'_>) -> Vec<LintRow> {
    taxonomy(records).lints_knowing(knows).iter().map(LintRow::from).collect()
}
