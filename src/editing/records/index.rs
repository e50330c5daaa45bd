//! Which records refer to this one, or have this name or number? Found without looking through all of them.

use super::Records;
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::records::Status;
use rolestream_dataflows::text::normalise;
use std::collections::{BTreeSet, HashMap};

/// What records are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::editing) enum By {
    /// Responsibilities by their role.
    KraOfRole,
    /// Role skills by the skill.
    ListsSkill,
    /// Role dimensions by the dimension.
    HasDimension,
    /// Skills by their home dimension.
    Home,
    /// Roles by number.
    RoleNumber,
    /// Skills by number.
    SkillNumber,
    /// Merged roles by their survivor.
    RoleMergedInto,
    /// Merged skills by their survivor.
    SkillMergedInto,
    /// Active roles by normalised name.
    RoleName,
    /// Skills that are not retired by each normalised name and alias.
    SkillText,
    /// Dimensions by normalised name.
    DimensionName,
}

/// Kinds whose records are in the index. Aliases are not: those of a role are found by the beginning of their keys.
const KINDS: [&str; 6] = ["role", "kra", "skill", "dimension", "role-dimension", "role-skill"];

/// Keys by what they are found by.
pub(super) struct Index(HashMap<By, HashMap<String, BTreeSet<String>>>);

impl Index {
    pub(super) fn of(records: &dyn Records) -> Index {
        let mut index = Index(HashMap::new());
        for line in KINDS.iter().flat_map(|kind| records.of_kind(kind)) {
            index.add(&line);
        }
        index
    }

    pub(super) fn find(&self, by: By, value: &str) -> Vec<String> {
        let keys = self.0.get(&by).and_then(|values| values.get(value));
        keys.into_iter().flatten().cloned().collect()
    }

    pub(super) fn add(&mut self, line: &Line) {
        let Some(key) = line.key() else { return };
        for (by, value) in entries(line) {
            self.0.entry(by).or_default().entry(value).or_default().insert(key.key.clone());
        }
    }

    pub(super) fn remove(&mut self, line: &Line) {
        let Some(key) = line.key() else { return };
        for (by, value) in entries(line) {
            let Some(values) = self.0.get_mut(&by) else { continue };
            if let Some(keys) = values.get_mut(&value) {
                keys.remove(&key.key);
                if keys.is_empty() {
                    values.remove(&value);
                }
            }
        }
    }
}

/// Where a record is found.
fn entries(line: &Line) -> Vec<(By, String)> {
    match line {
        Line::Kras(kra) => vec![(By::KraOfRole, kra.role.clone())],
        Line::RoleSkills(listed) => vec![(By::ListsSkill, listed.skill.clone())],
        Line::RoleDimensions(owned) => vec![(By::HasDimension, owned.dimension.clone())],
        Line::Dimensions(dimension) => vec![(By::DimensionName, normalise(&dimension.name))],
        Line::Roles(role) => {
            let mut found = vec![(By::RoleNumber, role.number.to_string())];
            match (role.status, &role.replaced_by) {
                (Status::Active, _) => found.push((By::RoleName, normalise(&role.name))),
                (Status::Merged, Some(into)) => found.push((By::RoleMergedInto, into.clone())),
                _ => {}
            }
            found
        }
        Line::Skills(skill) => {
            let mut found = vec![(By::SkillNumber, skill.number.to_string())];
            found.extend(skill.dimension.iter().map(|home| (By::Home, home.clone())));
            if let (Status::Merged, Some(into)) = (skill.status, &skill.replaced_by) {
                found.push((By::SkillMergedInto, into.clone()));
            }
            if skill.status != Status::Retired {
                let texts = skill.aliases.iter().chain([&skill.name]);
                found.extend(texts.map(|text| (By::SkillText, normalise(text))));
            }
            found
        }
        _ => Vec::new(),
    }
}
