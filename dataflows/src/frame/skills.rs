//! Which roles list the skills of a JD? The scorer that counts.

use super::board::Board;
use super::held::Entry;
use crate::decision::RoleNumber;
use crate::id::Id;

/// A JD's skills as the library knows them, and how many of its primary ones each role lists.
#[derive(Default)]
pub(crate) struct SkillCounts {
    /// Distinct identities, in the order of first mention: id, known, primary in any mention.
    pub(crate) distinct: Vec<(Id, bool, bool)>,
    /// Distinct primary identities.
    pub(crate) total: u32,
    /// By role: matched primary skills.
    pub(crate) matched: Vec<u32>,
    /// The roles with a match.
    pub(crate) ranked: Vec<RoleNumber>,
}

impl SkillCounts {
    /// Counts for another JD, with the same memory.
    pub(crate) fn count(&mut self, board: &Board, entry: &Entry) {
        for role in self.ranked.drain(..) {
            self.matched[role as usize] = 0;
        }
        self.matched.resize(board.roles.len(), 0);
        self.distinct.clear();
        for mention in &entry.mentions {
            let (skill, known) = board.identity(mention.text);
            match self.distinct.iter_mut().find(|(s, _, _)| *s == skill) {
                Some(seen) => seen.2 |= mention.primary,
                None => self.distinct.push((skill, known, mention.primary)),
            }
        }
        self.total = 0;
        for &(skill, known, primary) in &self.distinct {
            self.total += u32::from(primary);
            if !(known && primary) {
                continue;
            }
            for &role in board.listed_by.get(&skill).into_iter().flatten() {
                if self.matched[role as usize] == 0 {
                    self.ranked.push(role);
                }
                self.matched[role as usize] += 1;
            }
        }
    }

    /// The canonical primary skills of the JD that a role lists, in the order of first mention.
    pub(crate) fn matched_skills(&self, board: &Board, role: RoleNumber) -> Box<[Id]> {
        let listed = &board.roles[role as usize].skills;
        let matched = |(skill, known, primary): &(Id, bool, bool)| {
            (*known && *primary && listed.contains(skill)).then_some(*skill)
        };
        self.distinct.iter().filter_map(matched).collect()
    }
}
