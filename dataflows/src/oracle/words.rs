//! What do *strong*, *led*, *tied*, *margin* and *alias role* mean of one JD? (SPEC §4, the words of the table)

use super::signals::Scores;
use super::taxonomy::Taxonomy;
use super::title::Resolving;
use crate::fixed::{Micro, divide_half_up};
use crate::records::Features;
use std::collections::BTreeSet;

/// The words in which the rules are written.
pub(super) struct Words<'a, 'b> {
    pub(super) taxonomy: &'b Taxonomy<'a>,
    pub(super) features: &'b Features,
    pub(super) scores: &'b Scores<'a>,
    pub(super) title: &'b Resolving<'a>,
}

impl<'a> Words<'a, '_> {
    /// K(r)
    pub(super) fn k(&self, role: &str) -> Micro {
        self.scores.kra.iter().find(|rank| rank.role == role).map_or(Micro::ZERO, |rank| rank.score)
    }

    /// S(r)
    pub(super) fn s(&self, role: &str) -> Micro {
        self.scores.skill.iter().find(|rank| rank.role == role).map_or(Micro::ZERO, |rank| rank.score)
    }

    /// How many of the JD's skills a role lists.
    pub(super) fn matched(&self, role: &str) -> usize {
        self.scores.skill.iter().find(|rank| rank.role == role).map_or(0, |rank| rank.matched.len())
    }

    pub(super) fn k1(&self) -> Option<&'a str> {
        self.scores.kra.first().map(|rank| rank.role)
    }

    pub(super) fn k2(&self) -> Option<&'a str> {
        self.scores.kra.get(1).map(|rank| rank.role)
    }

    pub(super) fn s1(&self) -> Option<&'a str> {
        self.scores.skill.first().map(|rank| rank.role)
    }

    /// K(K1), 0 where there is none.
    pub(super) fn k_of_first(&self) -> Micro {
        self.k1().map_or(Micro::ZERO, |first| self.k(first))
    }

    /// S(S1), 0 where there is none.
    pub(super) fn s_of_first(&self) -> Micro {
        self.s1().map_or(Micro::ZERO, |first| self.s(first))
    }

    pub(super) fn strong(&self) -> bool {
        self.k1().is_some() && self.k_of_first() >= self.taxonomy.settings.kra_min
    }

    pub(super) fn led(&self, role: &str) -> bool {
        self.k1().is_some_and(|first| {
            let lead = i64::from(self.k(first).0) - i64::from(self.k(role).0);
            lead >= i64::from(self.taxonomy.settings.title_gap.0)
        })
    }

    pub(super) fn skills_tied(&self) -> bool {
        let second = self.scores.skill.get(1);
        second.is_some_and(|second| self.s_of_first().minus(second.score) <= self.taxonomy.settings.skill_tie)
    }

    /// Whether a role is one of those whose skill score ties with the first.
    pub(super) fn among_tied(&self, role: &str) -> bool {
        let ranked = self.scores.skill.iter().any(|rank| rank.role == role);
        ranked && self.s_of_first().minus(self.s(role)) <= self.taxonomy.settings.skill_tie
    }

    pub(super) fn margin(&self) -> Micro {
        let settings = &self.taxonomy.settings;
        if self.scores.hits.len() > 1 { settings.kra_margin_wide } else { settings.kra_margin }
    }

    /// Whether K(K1) − K(r) is within the margin.
    pub(super) fn close(&self, role: &str) -> bool {
        self.k_of_first().minus(self.k(role)) <= self.margin()
    }

    /// The alias role.
    pub(super) fn a(&self) -> Option<&'a str> {
        let hit = |role: &Option<&'a str>| role.is_some_and(|role| self.scores.hits.contains(role));
        let k1 = self.k1().filter(|_| self.strong());
        let by_k = || self.by_k(&self.scores.hits).first().copied();
        [k1, self.s1()].into_iter().find(hit).flatten().or_else(by_k)
    }

    /// What the first skill score must reach to contradict the responsibilities.
    pub(super) fn g(&self) -> Micro {
        Micro(divide_half_up(u64::from(self.k_of_first().0), 2) as u32).max(Micro(200_000))
    }

    /// Roles by K descending, then slug.
    pub(super) fn by_k(&self, roles: &BTreeSet<&'a str>) -> Vec<&'a str> {
        let mut ranking: Vec<&'a str> = roles.iter().copied().collect();
        ranking.sort_by(|a, b| self.k(b).cmp(&self.k(a)).then(a.cmp(b)));
        ranking
    }
}
