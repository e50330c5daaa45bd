//! What are the roles, their titles and responsibilities, and the skills? Before anything is embedded.
//!
//! Plain records, each with where it was read ([`model`]), in tables by key ([`table`]). They are read and written
//! as a folder of TOML files ([`toml_dir`], the form people edit) and as JSON lines ([`json_lines`]), and imported
//! from O*NET ([`onet`]) and ESCO ([`esco`]). [`lints`] says what looks wrong in them, [`mod@diff`] how two of them
//! differ, [`records`] turns them into what the engine takes.

pub mod diff;
pub mod esco;
pub mod json_lines;
pub mod lints;
pub mod model;
pub mod onet;
mod ownership;
pub mod records;
pub(crate) mod slugs;
pub mod table;
pub mod toml_dir;

pub use diff::{Difference, diff};
pub use lints::{Lint, Severity};
pub use model::{Alias, Kra, Role, Skill};
pub use table::{Entry, Keyed, Table};

use rolestream_dataflows::records::{AliasRule, Dimension, RoleDimension, RoleSkill};

/// All collections of a taxonomy. Two are equal when their records are, wherever and in which order they stand.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "each table is the collection of SPEC §1 of that name")]
pub struct Taxonomy {
    /// What people call it.
    pub name: String,
    /// Thresholds made for it, named as in the section `decision` of the configuration.
    pub calibration: toml::Table,
    pub roles: Table<Role>,
    pub aliases: Table<Alias>,
    pub alias_rules: Table<AliasRule>,
    pub kras: Table<Kra>,
    pub skills: Table<Skill>,
    pub dimensions: Table<Dimension>,
    pub role_dimensions: Table<RoleDimension>,
    pub role_skills: Table<RoleSkill>,
    /// What was noticed while it was read and cannot be seen in the records; part of [`Taxonomy::lints`].
    pub remarks: Vec<Lint>,
}

impl PartialEq for Taxonomy {
    fn eq(&self, other: &Taxonomy) -> bool {
        self.name == other.name
            && self.calibration == other.calibration
            && self.roles == other.roles
            && self.aliases == other.aliases
            && self.alias_rules == other.alias_rules
            && self.kras == other.kras
            && self.skills == other.skills
            && self.dimensions == other.dimensions
            && self.role_dimensions == other.role_dimensions
            && self.role_skills == other.role_skills
    }
}
