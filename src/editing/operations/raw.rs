//! How is a record put or deleted as it is?

use crate::editing::records::{Overlay, Records};
use crate::error::Error;
use crate::sources::decode::{record_key, shown_key};
use crate::taxonomy::json_lines::{self, Line};

pub(super) fn put(to: &mut Overlay<'_>, record: &Line) -> Result<(), Error> {
    if record.key().is_none() {
        return Err(Error::new("the head line of a taxonomy is no record")
            .detail("its name and calibration are settings; no collection holds them")
            .hint("put a record of a collection, such as roles"));
    }
    let value = serde_json::to_value(record).map_err(|error| {
        Error::new("this is no record of a taxonomy").detail(error.to_string()).hint("write it as an export shows it")
    })?;
    // The same checks as for what comes by a topic: slugs, normal forms, a key that can be named.
    let record = json_lines::from_value(value)?;
    if let Some(key) = record.key() {
        record_key(&shown_key(&key))?;
    }
    to.put(record);
    Ok(())
}

pub(super) fn delete(to: &mut Overlay<'_>, key: &str) -> Result<(), Error> {
    let parsed = record_key(key)?;
    if to.get(&parsed).is_none() {
        return Err(Error::new(format!("there is no record \"{key}\""))
            .detail("a deletion names a record that exists")
            .hint("check the key; texts and terms in it are compared normalised"));
    }
    to.delete(parsed);
    Ok(())
}
