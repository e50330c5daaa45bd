//! How do roles and skills come and go? Merged, retired, revived; seldom merged into something that is not there.

use super::changes::NOBODY;
use super::world::World;
use rolestream_dataflows::records::{Record, Role, Skill, Status};

impl World {
    /// Merges a role into another or retires it.
    pub(crate) fn merge_role(&mut self) {
        let Some(Record::Role(role)) = self.record("role") else { return };
        let Some(Record::Role(survivor)) = self.record("role") else { return };
        if self.chance(0.25) {
            return self.put(Record::Role(Role { status: Status::Retired, ..role }));
        }
        let into = if self.chance(0.05) { NOBODY.to_owned() } else { survivor.slug };
        // A merge re-points earlier merges, if whoever makes it is as careful as the engine's editor.
        if self.chance(0.7) {
            let roles: Vec<Record> = self.tables.iter().cloned().collect();
            for record in roles {
                let Record::Role(earlier) = record else { continue };
                if earlier.status == Status::Merged && earlier.replaced_by.as_ref() == Some(&role.slug) {
                    self.put(Record::Role(Role { replaced_by: Some(into.clone()), ..earlier }));
                }
            }
        }
        let replaced_by = if self.chance(0.03) { None } else { Some(into) };
        self.put(Record::Role(Role { status: Status::Merged, replaced_by, ..role }));
    }

    /// Makes a role active that is not; it may keep what it was replaced by.
    pub(crate) fn revive_role(&mut self) {
        let idle = |record: &&Record| matches!(record, Record::Role(role) if role.status != Status::Active);
        let roles: Vec<Record> = self.tables.iter().filter(idle).cloned().collect();
        let Some(Record::Role(role)) = self.one(&roles) else { return };
        let replaced_by = if self.chance(0.1) { role.replaced_by.clone() } else { None };
        self.put(Record::Role(Role { status: Status::Active, replaced_by, ..role }));
    }

    /// Merges, retires or revives a skill.
    pub(crate) fn merge_skill(&mut self) {
        let idle = |record: &&Record| matches!(record, Record::Skill(skill) if skill.status != Status::Active);
        let skills: Vec<Record> = self.tables.iter().filter(idle).cloned().collect();
        if let (Some(Record::Skill(skill)), true) = (self.one(&skills), self.chance(0.4)) {
            return self.put(Record::Skill(Skill { status: Status::Active, replaced_by: None, ..skill }));
        }
        let Some(Record::Skill(skill)) = self.record("skill") else { return };
        if self.chance(0.25) {
            return self.put(Record::Skill(Skill { status: Status::Retired, ..skill }));
        }
        let into = self.skill_slug();
        self.put(Record::Skill(Skill { status: Status::Merged, replaced_by: Some(into), ..skill }));
    }
}
