//! How does a record become bytes, and how is a damaged or older one told? Format version, checksum, bincode.
//!
//! A type whose form changes gets a higher [`Stored::VERSION`] and reads its older forms in [`Stored::older`]: old
//! records are read as they are and written anew when they next change; `rolestream store compact` does all at once.

use super::collections::{Collection, shown};
use super::damaged;
use crate::error::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_64;

/// What stands before the payload: version, then the checksum of all else.
const HEAD: usize = 5;
/// Good enough for texts, and quick.
const ZSTD_LEVEL: i32 = 3;

/// What can be a value of the store.
pub(super) trait Stored: Serialize + DeserializeOwned {
    /// The form this program writes.
    const VERSION: u8 = 1;
    /// Whether it is worth compressing.
    const COMPRESSED: bool = false;

    /// Reads the form that an older program wrote; `None`: there never was one.
    fn older(_version: u8, _payload: &[u8]) -> Option<bincode::Result<Self>> {
        None
    }
}

fn checksum(version: u8, payload: &[u8]) -> [u8; 4] {
    // Half of the hash suffices to tell damage; the version is part of what must not be damaged.
    let hash = xxh3_64(payload) ^ u64::from(version).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let [a, b, c, d, ..] = hash.to_le_bytes();
    [a, b, c, d]
}

/// The bytes of a value.
pub(super) fn encode<V: Stored>(value: &V) -> Result<Vec<u8>, Error> {
    let unfit = |detail: String| Error::new("a record cannot be written to the store").detail(detail);
    let mut payload = bincode::serialize(value).map_err(|error| unfit(error.to_string()))?;
    if V::COMPRESSED {
        payload = zstd::bulk::compress(&payload, ZSTD_LEVEL).map_err(|error| unfit(error.to_string()))?;
        // What was there before compression, for reading to make room for.
    }
    let mut bytes = Vec::with_capacity(HEAD + payload.len());
    bytes.push(V::VERSION);
    bytes.extend(checksum(V::VERSION, &payload));
    bytes.extend(payload);
    Ok(bytes)
}

/// The value of these bytes, which stood under this key.
pub(super) fn decode<V: Stored>(collection: Collection, key: &[u8], bytes: &[u8]) -> Result<V, Error> {
    let wrong = |detail: &str| {
        damaged(&format!("the record {} of the collection {} is damaged", shown(key), collection.name()), detail)
    };
    let (Some(version), Some(sum), Some(payload)) = (bytes.first(), bytes.get(1..HEAD), bytes.get(HEAD..)) else {
        return Err(wrong("it is shorter than its own head"));
    };
    if checksum(*version, payload) != *sum {
        return Err(wrong("its checksum differs from what it holds"));
    }
    if *version > V::VERSION {
        return Err(Error::new("the store was written by a newer program")
            .detail(format!(
                "a record of {} has form {version}; this program reads up to {}",
                collection.name(),
                V::VERSION
            ))
            .hint("use that program, or `rolestream store export` with it and import here"));
    }
    let unpacked;
    let payload = if V::COMPRESSED {
        unpacked = zstd::stream::decode_all(payload).map_err(|error| wrong(&error.to_string()))?;
        &unpacked[..]
    } else {
        payload
    };
    let read = match *version == V::VERSION {
        true => bincode::deserialize(payload),
        false => V::older(*version, payload).ok_or_else(|| wrong(&format!("no program wrote the form {version}")))?,
    };
    read.map_err(|error| wrong(&error.to_string()))
}

/// The version of the form of some bytes.
pub(super) fn version_of(bytes: &[u8]) -> Option<u8> {
    bytes.first().copied()
}
