//! What names a thing in every process and after every restart?
//!
//! A stable 64-bit hash (XXH3) of its kind and key. Views hold ids; texts are looked up where they are printed.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use xxhash_rust::xxh3::xxh3_64;

/// The id of a role, skill, KRA, JD, text … : the hash of its kind and its key.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id(pub u64);

impl Id {
    /// No thing at all, where a place must be filled (an unaligned dimension, a JD without a company).
    pub const NONE: Id = Id(0);

    fn of(kind: &str, key: &str) -> Id {
        let mut bytes = Vec::with_capacity(kind.len() + key.len() + 1);
        bytes.extend_from_slice(kind.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(key.as_bytes());
        Id(xxh3_64(&bytes).max(1))
    }

    /// Of a role, by slug.
    pub fn role(slug: &str) -> Id {
        Id::of("role", slug)
    }

    /// Of a canonical skill, by slug.
    pub fn skill(slug: &str) -> Id {
        Id::of("skill", slug)
    }

    /// Of a dimension, by slug.
    pub fn dimension(slug: &str) -> Id {
        Id::of("dimension", slug)
    }

    /// Of a KRA, by its key.
    pub fn kra(key: &str) -> Id {
        Id::of("kra", key)
    }

    /// Of a JD, by the id its source gave it.
    pub fn jd(id: &str) -> Id {
        Id::of("jd", id)
    }

    /// Of a normalised text: a term, a skill as written, a sentence, a company. The caller normalises.
    pub fn text(normalised: &str) -> Id {
        Id::of("text", normalised)
    }

    /// Of what a review speaks about: a row of the queue `queue` whose subject is `subject`.
    pub fn subject(queue: &str, subject: Id) -> Id {
        Id::of(queue, &subject.to_string())
    }

    /// Of several things together, in the order given.
    pub fn all(kind: &str, ids: &[Id]) -> Id {
        let texts: Vec<String> = ids.iter().map(Id::to_string).collect();
        Id::of(kind, &texts.join(","))
    }

    /// A positive integer below 2^53, exact in JSON: what queue rows show as their number.
    pub fn number(self) -> u64 {
        (self.0 >> 11).max(1)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Id {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Id, Self::Err> {
        u64::from_str_radix(text, 16).map(Id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_for_ever() {
        // Stored and sent to others: a change of these values is a migration.
        assert_eq!(Id::role("backend-engineer").to_string(), "02ce3b87f9671ab7");
        assert_ne!(Id::role("kafka"), Id::skill("kafka"));
        assert!(Id(u64::MAX).number() < 1 << 53);
    }
}
