//! Which JDs ship with the program? Those of `config/samples`.

use crate::admission::{Document, Documents, Limits};
use crate::error::Error;
use include_dir::{Dir, include_dir};

static SAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/config/samples");

/// All samples, in the order they were received.
pub(in crate::cli) fn documents(limits: Limits) -> Result<Vec<Document>, Error> {
    let files = SAMPLES.files().filter_map(|file| {
        let name = file.path().to_string_lossy().into_owned();
        (!name.starts_with("README")).then(|| (name, file.contents()))
    });
    let mut documents = Documents::compiled_in(files, limits).collect::<Result<Vec<Document>, Error>>()?;
    documents.sort_by_key(|document| document.received_at.unwrap_or(i64::MAX));
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_there_each_with_an_id_of_its_own() {
        let documents = documents(Limits::of_text(1_000_000)).unwrap();
        assert!(documents.len() >= 80, "{}", documents.len());
        let mut ids: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), documents.len());
    }
}
