//! What is edited at random? The taxonomy's plain records and the settings; merges and verdicts have files of their own.

use super::pools::{DIMENSION_SLUGS, FIELDS, ROLES, SENTENCES, SKILLS, STRANGE, TITLES, sentence_text, skill_text};
use super::world::World;
use rand::RngExt;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{
    Alias, Change, Dimension, Key, Kra, Record, Role, RoleDimension, RoleSkill, Settings, Skill,
};
use rolestream_dataflows::views::How;

/// A slug nothing has.
pub(crate) const NOBODY: &str = "nobody";

impl World {
    /// Makes one random edit.
    pub(crate) fn edit(&mut self) {
        match self.below(50) {
            0 => self.put_role(),
            1 => self.delete_one("role"),
            2..5 => self.merge_role(),
            5..7 => self.revive_role(),
            7..10 => self.put_alias(),
            10 => self.delete_one("alias"),
            11..14 => self.put_alias_rule(),
            14 => self.delete_one("alias-rule"),
            15..18 => self.put_kra(),
            18 => self.delete_one("kra"),
            19..21 => self.put_skill(),
            21 => self.delete_one("skill"),
            22..24 => self.merge_skill(),
            24 => self.put_dimension(),
            25 => self.delete_one("dimension"),
            26 => self.put_role_dimension(),
            27 => self.delete_one("role-dimension"),
            28..30 => self.put_role_skill(),
            30 => self.delete_one("role-skill"),
            31..37 => self.put_review(),
            37 => self.delete_one("review"),
            38..41 => self.put_adjudication(),
            41 => self.delete_one("adjudication"),
            42..44 => self.put_settings(),
            44 => self.delete_one("settings"),
            45 => self.disturb_a_fact(),
            46..48 => self.put_enrichment(),
            48 => self.delete_one("enrichment"),
            _ => self.repeat(),
        }
    }

    /// Sends a record again as it is, or deletes what is not there.
    fn repeat(&mut self) {
        let records: Vec<Record> = self.tables.iter().cloned().collect();
        match self.one(&records) {
            Some(record) if self.chance(0.8) => self.put(record),
            _ => self.change(Change::Delete(Key::new("role", &[NOBODY]))),
        }
    }

    /// A role's slug; seldom nobody's.
    pub(crate) fn role_slug(&mut self) -> String {
        if self.chance(0.03) { NOBODY.to_owned() } else { self.pick(&ROLES) }
    }

    /// A skill's slug; seldom nobody's.
    pub(crate) fn skill_slug(&mut self) -> String {
        if self.chance(0.03) { NOBODY.to_owned() } else { skill_slug(self.rng.random_range(0..SKILLS)) }
    }

    /// The field a role works in at first.
    pub(crate) fn field_of(slug: &str) -> usize {
        ROLES.iter().position(|role| *role == slug).unwrap_or(0) % FIELDS
    }

    /// A new role, or another name for one that is there: now and then a name another one has, or none at all.
    pub(crate) fn put_role(&mut self) {
        let slug = self.pick(&ROLES);
        let name = match self.below(20) {
            0 => self.pick(&STRANGE),
            _ => self.pick(&TITLES),
        };
        let vector = self.pools.title(&name);
        let status = match self.tables.get(&Key::new("role", &[&slug])) {
            Some(Record::Role(old)) => (old.status, old.replaced_by.clone()),
            _ => Default::default(),
        };
        let archetype = self.pick(&["engineer", "analyst"]);
        let number = self.rng.random_range(1..9);
        let (status, replaced_by) = status;
        self.put(Record::Role(Role { slug, name, number, archetype, status, replaced_by, vector }));
    }

    /// Another title of a role, often one some other role has too.
    pub(crate) fn put_alias(&mut self) {
        let role = self.role_slug();
        let text = if self.chance(0.93) { self.pick(&TITLES[..10]) } else { self.pick(&STRANGE) };
        let vector = match self.chance(0.9) {
            true => self.pools.title(&text),
            false => self.pools.near(World::field_of(&role), &mut self.rng),
        };
        self.put(Record::Alias(Alias { role, text, vector }));
    }

    /// A KRA: new, reworded, or given to another role.
    pub(crate) fn put_kra(&mut self) {
        let role = self.role_slug();
        let id = format!("kra-{}", self.below(40));
        let of_field = self.chance(0.85);
        let direction = if of_field { World::field_of(&role) } else { self.below(FIELDS) };
        let place = self.below(SENTENCES / (FIELDS + 2)) * (FIELDS + 2) + direction;
        let (sentence, vector) = (sentence_text(place), self.pools.sentence(place));
        self.put(Record::Kra(Kra { id, role, sentence, vector }));
    }

    /// A skill: new, renamed, with other aliases (at times another skill's), or moved to another dimension.
    pub(crate) fn put_skill(&mut self) {
        let place = self.below(SKILLS);
        self.put_skill_of(place);
    }

    pub(crate) fn put_skill_of(&mut self, place: usize) {
        let slug = skill_slug(place);
        let name = if self.chance(0.9) { skill_text(place) } else { skill_text(self.below(2 * SKILLS)) };
        let aliases = (0..self.below(3)).map(|_| skill_text(self.rng.random_range(0..2 * SKILLS))).collect();
        let dimension = match self.below(10) {
            0 => None,
            1 => Some(NOBODY.to_owned()),
            _ => Some(self.pick(&DIMENSION_SLUGS)),
        };
        let status = match self.tables.get(&Key::new("skill", &[&slug])) {
            Some(Record::Skill(old)) => (old.status, old.replaced_by.clone()),
            _ => Default::default(),
        };
        let (ai, era) = self.class();
        self.put(Record::Skill(Skill {
            slug,
            name,
            number: place as u32,
            aliases,
            dimension,
            kind: "tool".into(),
            ai,
            era,
            hints: Default::default(),
            status: status.0,
            replaced_by: status.1,
        }));
    }

    pub(crate) fn put_dimension(&mut self) {
        let slug = self.pick(&DIMENSION_SLUGS);
        let name = format!("{slug} {}", self.below(3));
        self.put(Record::Dimension(Dimension { slug, name }));
    }

    pub(crate) fn put_role_dimension(&mut self) {
        let role = self.role_slug();
        let dimension = if self.chance(0.03) { NOBODY.to_owned() } else { self.pick(&DIMENSION_SLUGS) };
        self.put(Record::RoleDimension(RoleDimension { role, dimension }));
    }

    pub(crate) fn put_role_skill(&mut self) {
        let (role, skill) = (self.role_slug(), self.skill_slug());
        self.put(Record::RoleSkill(RoleSkill { role, skill }));
    }

    /// Scores that stand in the views now, and by how much the first leads the second.
    fn scores_said(&self) -> Vec<Micro> {
        let mut said = vec![Micro(500_000), Micro(250_000), Micro(200_000)];
        for answer in self.snapshot.decisions.values() {
            let kra = answer.signals.kra.iter().map(|rank| rank.score);
            let skill = answer.signals.skill.iter().flat_map(|skill| &skill.ranking).map(|rank| rank.score);
            for scores in [kra.collect::<Vec<Micro>>(), skill.collect()] {
                said.extend(scores.first());
                said.extend(scores.windows(2).map(|pair| pair[0].minus(pair[1])).next());
            }
        }
        said
    }

    /// By how much one of the roles in question leads another by K, in some JD.
    fn lead_said(&mut self) -> Option<Micro> {
        let answers: Vec<_> = self.snapshot.decisions.values().cloned().collect();
        let ambiguous: Vec<_> = answers.iter().filter(|a| a.resolution.how == How::Ambiguous).cloned().collect();
        let answer = if self.chance(0.5) { self.one(&ambiguous) } else { self.one(&answers) }?;
        let asked = [&answer.decision.cohort, &answer.resolution.roles, &answer.signals.alias];
        let asked: Vec<&Id> = asked.into_iter().flatten().collect();
        let ranks = answer.signals.kra.iter().filter(|rank| asked.is_empty() || asked.contains(&&rank.role));
        let first = answer.signals.kra.iter().take(usize::from(self.chance(0.5)));
        let scores: Vec<Micro> = first.chain(ranks).map(|rank| rank.score).collect();
        let from = self.below(scores.len().max(1));
        Some(scores.get(from)?.minus(*scores.get(from + 1)?))
    }

    /// Thresholds near the defaults; seldom at the ends of their range.
    pub(crate) fn put_settings(&mut self) {
        let said = self.scores_said();
        let mut settings = Settings::default();
        let thresholds = [
            &mut settings.kra_min,
            &mut settings.kra_margin,
            &mut settings.kra_margin_wide,
            &mut settings.kra_tie,
            &mut settings.skill_tie,
            &mut settings.skill_witness,
            &mut settings.skill_min,
            &mut settings.title_gap,
            &mut settings.title_similarity,
            &mut settings.adjudication_min,
            &mut settings.new_kra,
        ];
        for threshold in thresholds {
            *threshold = match self.rng.random_range(0..40) {
                0 => Micro::ZERO,
                1 => Micro::ONE,
                // What some score or lead is exactly: "at least" and "more than" differ only there.
                2..6 if !said.is_empty() => said[self.rng.random_range(0..said.len())],
                6..20 => threshold.times(Micro(self.rng.random_range(700_000..1_400_000))),
                _ => *threshold,
            };
        }
        if let (true, Some(lead)) = (self.chance(0.4), self.lead_said()) {
            (settings.kra_margin, settings.kra_margin_wide) = (lead, lead);
        }
        if self.chance(0.2) {
            settings.skill_witness = Micro(self.rng.random_range(100_000..400_000));
        }
        settings.top = self.one(&[5, 5, 5, 1, 2, 3, 8, 0]).unwrap_or(5);
        self.put(Record::Settings(settings));
    }
}

/// The slug of the skill of a number.
pub(crate) fn skill_slug(place: usize) -> String {
    format!("skill-{place}")
}
