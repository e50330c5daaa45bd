//! What goes in? Every collection of SPEC §1, as keyed records.
//!
//! A record is inserted, replaced or deleted by its [`Key`]; [`Tables`] holds the current ones and turns a keyed
//! change into the retraction and addition the dataflow wants.

mod enrichment;
mod jd;
mod settings;
mod tables;
mod taxonomy;

pub use enrichment::{AiWeights, EnrichmentSettings, LegacyWeights, MaturityRule, NatureLabel};
pub use jd::{AiFlags, Features, Jd, JdUpdate, Mention, Rejection, Title};
pub use settings::Settings;
pub use tables::{Change, Tables};
pub use taxonomy::{
    Adjudication, AiClass, Alias, AliasRule, AliasVerdict, AtIngest, Author, Dimension, Era, Hints, Kra, Review, Role,
    RoleDimension, RoleSkill, Scope, Skill, Status, Verdict,
};

use serde::{Deserialize, Serialize};

/// One record of any collection but the JDs (which are large, and travel by themselves as [`JdUpdate`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each variant is the collection of its record type")]
pub enum Record {
    Role(Role),
    Alias(Alias),
    AliasRule(AliasRule),
    Kra(Kra),
    Skill(Skill),
    Dimension(Dimension),
    RoleDimension(RoleDimension),
    RoleSkill(RoleSkill),
    Review(Review),
    Adjudication(Adjudication),
    Settings(Settings),
    /// A fact, not an edit: what was said first of a JD's content.
    AtIngest(AtIngest),
    EnrichmentSettings(EnrichmentSettings),
}

/// What a record is replaced and deleted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The collection's name, kebab-case.
    pub kind: &'static str,
    /// The key inside the collection; parts are joined by a line feed, which no part can hold.
    pub key: String,
}
