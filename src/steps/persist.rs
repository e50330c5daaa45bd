//! What does the third step write: edits, verdicts, artifacts? One item a thing, with a line to read.

use super::catalogue::{Catalogue, RoleRef};
use super::decided::{Decided, known};
use super::details::SkillDetail;
use super::final_output::{
    Artifact, ArtifactKind, Asked, FinalInputSkill, Item, ItemKind, ItemOutcome, Outcome, Persistence, SkillTag,
    StepThree,
};
use super::resolve::Ending;
use crate::report::Row;
use crate::sources::Edit;
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::slugs::{Numbers, Slugs};
use crate::taxonomy::{Kra, Skill};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{
    Adjudication, Author, Review, RoleDimension, RoleSkill, Scope, Skill as Canonical, Status, Verdict,
};
use rolestream_dataflows::text::{normalise, slugify};
use rolestream_dataflows::views::subject;
use std::collections::{BTreeMap, BTreeSet};

/// What was written so far.
#[derive(Default)]
pub(super) struct Written {
    pub(super) skills: Vec<FinalInputSkill>,
    pub(super) persistence: Persistence,
    pub(super) artifacts: Vec<Artifact>,
}

/// Writes down one thing after the other.
pub(super) struct Writer<'a> {
    row: Row<'a>,
    catalogue: &'a Catalogue<'a>,
    asked: Asked<'a>,
    role: Option<RoleRef>,
    written: Written,
    edits: Vec<Edit>,
    reviews: Vec<Review>,
    adjudication: Option<Adjudication>,
    slugs: Slugs,
    numbers: Numbers,
    /// Known skills that get aliases, as they will be.
    merged: BTreeMap<String, Skill>,
    /// Links of the role, made or there.
    listed: BTreeSet<String>,
    dimensions: BTreeSet<String>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(row: Row<'a>, catalogue: &'a Catalogue<'a>, asked: Asked<'a>, ending: &Ending<'_>) -> Writer<'a> {
        Writer {
            row,
            catalogue,
            asked,
            role: ending.role(),
            written: Written::default(),
            edits: Vec::new(),
            reviews: Vec::new(),
            adjudication: None,
            slugs: catalogue.skill_slugs(),
            numbers: catalogue.skill_numbers(),
            merged: BTreeMap::new(),
            listed: BTreeSet::new(),
            dimensions: BTreeSet::new(),
        }
    }

    /// The role, and what it owns if it is made.
    pub(super) fn role(&mut self, ending: &Ending<'_>) {
        match ending {
            Ending::Known { role, against, .. } => {
                let line = format!("{}: in the taxonomy", role.name);
                self.item(ItemKind::Role, &role.name, ItemOutcome::Unchanged, line);
                if *against {
                    self.adjudicate(&role.slug, &role.name);
                }
            }
            Ending::Open { why } => self.skip(ItemKind::Role, "role", why),
            Ending::Made { role, .. } => {
                for line in role.lines() {
                    match line {
                        Line::Roles(made) => {
                            let said = format!("{}: added as a new role, {}", made.name, made.slug);
                            self.item(ItemKind::Role, &made.name, ItemOutcome::Added, said);
                            self.artifact(ArtifactKind::RoleCreated, &made.slug, made.name.clone());
                            self.written.persistence.roles_created += 1;
                            self.verdict(subject::new_role(&made.slug), Verdict::Accepted);
                            self.edits.push(Edit::Put(Line::Roles(made)));
                        }
                        Line::Kras(kra) => self.kra(kra),
                        Line::RoleSkills(link) => {
                            let skill = self.catalogue.active_skill(&link.skill);
                            self.link_skill(&link.skill, skill.map_or(&link.skill, |skill| &skill.name));
                        }
                        Line::RoleDimensions(link) => self.link_dimension(&link.dimension),
                        // One run has one title.
                        other => self.edits.push(Edit::Put(other)),
                    }
                }
            }
        }
    }

    /// A skill of the run.
    pub(super) fn skill(&mut self, detail: &SkillDetail, decided: &Decided<'_>) {
        match (known(detail, self.catalogue), decided) {
            (Some(skill), decided) => self.known_skill(skill, decided),
            (None, Decided::Left) => self.propose(detail),
            (None, Decided::Accepted { dimension }) => self.accept(detail, *dimension),
            (None, Decided::Rejected) => self.reject(detail),
            (None, Decided::Merged { into, note }) => self.merge(detail, into, note.as_deref()),
        }
    }

    /// All of it.
    pub(super) fn finish(mut self, answer: impl FnOnce(Written) -> StepThree) -> Outcome {
        self.edits.extend(self.merged.into_values().map(|skill| Edit::Put(Line::Skills(skill))));
        Outcome {
            answer: answer(self.written),
            edits: self.edits,
            reviews: self.reviews,
            adjudication: self.adjudication,
        }
    }

    /// Nothing to do, unless a person wants the role to list it.
    fn known_skill(&mut self, skill: &Canonical, decided: &Decided<'_>) {
        if matches!(decided, Decided::Rejected) {
            return self.skip(ItemKind::Skill, &skill.name, "left out of this run; the library keeps it");
        }
        self.ends_with(&skill.name, SkillTag::InDb);
        let line = format!("{}: in the library as {}", skill.name, skill.slug);
        self.item(ItemKind::Skill, &skill.name, ItemOutcome::Unchanged, line);
        if matches!(decided, Decided::Accepted { .. }) {
            let home = self.catalogue.home(skill).map(|home| home.slug.as_str());
            self.take_in(&skill.slug, &skill.name, home);
        }
    }

    fn propose(&mut self, detail: &SkillDetail) {
        let name = &detail.skill_name;
        let subject = new_skill(name);
        self.ends_with(name, SkillTag::New);
        let Some(role) = self.role.clone() else {
            return self.skip(ItemKind::Skill, name, "not proposed: the run has no role yet");
        };
        match self.catalogue.hidden(subject, Some(&role.slug)) {
            Some(Verdict::Rejected) => return self.skip(ItemKind::Skill, name, "a review rejected it"),
            Some(_) => return self.skip(ItemKind::Skill, name, "a review put it off"),
            None => {}
        }
        let line = format!("{name}: proposed as a new skill of {}; it waits for review", role.display_name);
        self.item(ItemKind::Skill, name, ItemOutcome::Proposed, line);
        self.written.persistence.skills_proposed += 1;
        let weight = if detail.is_primary { "primary" } else { "secondary" };
        let said = format!("{name} ({weight}) for {}", role.display_name);
        self.artifact(ArtifactKind::CanonicalSkillProposed, &subject.number().to_string(), said);
        match home(detail, self.catalogue) {
            Some((slug, dimension)) => {
                let said = format!("{name} in {dimension}");
                self.artifact(ArtifactKind::DimensionSkillLinkProposed, slug, said);
            }
            None => self.propose_dimension(name, &role),
        }
    }

    /// Skills of a role that no dimension is near to share one, which a person may make.
    fn propose_dimension(&mut self, skill: &str, role: &RoleRef) {
        let name = format!("Other skills of {}", role.display_name);
        let slug = slugify(&name);
        if self.catalogue.dimension(&slug).is_none() && self.dimensions.insert(format!("proposed {slug}")) {
            let line = format!("{name}: proposed as a dimension, for no other is near {skill}");
            self.item(ItemKind::Dimension, &name, ItemOutcome::Proposed, line);
            self.written.persistence.dimensions_proposed += 1;
            self.artifact(ArtifactKind::DimensionProposed, &slug, name.clone());
        }
        self.artifact(ArtifactKind::DimensionSkillLinkProposed, &slug, format!("{skill} in {name}"));
    }

    fn accept(&mut self, detail: &SkillDetail, dimension: Option<&str>) {
        let name = &detail.skill_name;
        let proposed = home(detail, self.catalogue).map(|(slug, _)| slug);
        let home = dimension.or(proposed).map(str::to_owned);
        let slug = self.slugs.give(name, "skill");
        let skill = Skill {
            slug: slug.clone(),
            name: name.clone(),
            number: self.numbers.give(&slug),
            dimension: home.clone(),
            ..Skill::default()
        };
        self.ends_with(name, SkillTag::New);
        let place = home.as_deref().map_or_else(|| "without a home dimension".to_owned(), |home| format!("in {home}"));
        self.item(
            ItemKind::Skill,
            name,
            ItemOutcome::Added,
            format!("{name}: added to the library as {slug}, {place}"),
        );
        self.written.persistence.skills_added += 1;
        self.artifact(ArtifactKind::CanonicalSkillAdded, &slug, name.clone());
        self.edits.push(Edit::Put(Line::Skills(skill)));
        self.verdict(new_skill(name), Verdict::Accepted);
        if let Some(home) = &home {
            self.artifact(ArtifactKind::DimensionSkillLink, home, format!("{name} in {home}"));
        }
        self.take_in(&slug, name, home.as_deref());
    }

    fn reject(&mut self, detail: &SkillDetail) {
        let name = &detail.skill_name;
        let subject = new_skill(name);
        self.item(ItemKind::Skill, name, ItemOutcome::Rejected, format!("{name}: rejected; it is not shown again"));
        self.written.persistence.skills_rejected += 1;
        self.artifact(ArtifactKind::CanonicalSkillRejected, &subject.number().to_string(), name.clone());
        self.verdict(subject, Verdict::Rejected);
    }

    fn merge(&mut self, detail: &SkillDetail, into: &Canonical, note: Option<&str>) {
        let name = &detail.skill_name;
        self.ends_with(&into.name, SkillTag::InDb);
        let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
        let line = format!("{name}: added as an alias of {}{note}", into.name);
        self.item(ItemKind::SkillAlias, name, ItemOutcome::Added, line);
        self.written.persistence.aliases_added += 1;
        self.artifact(ArtifactKind::AliasAdded, &into.slug, format!("{name} for {}", into.name));
        self.merged.entry(into.slug.clone()).or_insert_with(|| plain(into)).aliases.push(name.clone());
        self.verdict(new_skill(name), Verdict::Merged(into.slug.clone()));
    }

    /// The role lists a skill from now on, and has its dimension.
    fn take_in(&mut self, skill: &str, name: &str, home: Option<&str>) {
        if self.role.is_some() {
            self.link_skill(skill, name);
            home.into_iter().for_each(|home| self.link_dimension(home));
        }
    }

    fn link_skill(&mut self, skill: &str, name: &str) {
        let Some(role) = self.role.clone() else { return };
        if self.catalogue.lists(&role.slug, skill) || !self.listed.insert(skill.to_owned()) {
            return;
        }
        let line = format!("{name}: {} lists it from now on", role.display_name);
        self.item(ItemKind::RoleSkill, name, ItemOutcome::Added, line);
        self.written.persistence.role_skills_linked += 1;
        self.artifact(ArtifactKind::RoleSkillLink, skill, format!("{} lists {skill}", role.slug));
        self.edits.push(Edit::Put(Line::RoleSkills(RoleSkill { role: role.slug, skill: skill.to_owned() })));
    }

    fn link_dimension(&mut self, dimension: &str) {
        let Some(role) = self.role.clone() else { return };
        if self.catalogue.has_dimension(&role.slug, dimension) || !self.dimensions.insert(dimension.to_owned()) {
            return;
        }
        let name = self.catalogue.dimension(dimension).map_or(dimension, |dimension| dimension.name.as_str());
        let line = format!("{name}: {} has it from now on", role.display_name);
        self.item(ItemKind::RoleDimension, name, ItemOutcome::Added, line);
        self.written.persistence.role_dimensions_linked += 1;
        self.artifact(ArtifactKind::RoleDimensionLink, dimension, format!("{} has {dimension}", role.slug));
        let link = RoleDimension { role: role.slug, dimension: dimension.to_owned() };
        self.edits.push(Edit::Put(Line::RoleDimensions(link)));
    }

    fn kra(&mut self, kra: Kra) {
        self.item(ItemKind::Kra, &kra.id, ItemOutcome::Added, format!("{}: {}", kra.id, kra.sentence));
        self.written.persistence.kras_added += 1;
        self.artifact(ArtifactKind::RoleKra, &kra.id, kra.sentence.clone());
        self.edits.push(Edit::Put(Line::Kras(kra)));
    }

    fn adjudicate(&mut self, slug: &str, name: &str) {
        let line = format!("{name}: chosen by {}; it counts where the rules leave the role open", self.asked.who);
        self.item(ItemKind::Adjudication, name, ItemOutcome::Added, line);
        self.artifact(ArtifactKind::RoleAdjudicated, slug, format!("{} chose {name}", self.asked.who));
        self.adjudication = Some(Adjudication {
            jd: self.row.admitted.update.id,
            content: self.row.answer.content,
            role: slug.to_owned(),
            confidence: Micro::ONE,
            reasoning: "chosen in the third step".to_owned(),
            author: Author::Person(self.asked.who.to_owned()),
        });
    }

    fn ends_with(&mut self, name: &str, tag: SkillTag) {
        if !self.written.skills.iter().any(|other| other.skill == name) {
            self.written.skills.push(FinalInputSkill { skill: name.to_owned(), tag });
        }
    }

    fn item(&mut self, kind: ItemKind, name: &str, outcome: ItemOutcome, outcome_line: String) {
        let item = Item { kind, name: name.to_owned(), outcome, skipped_reason: None, outcome_line };
        self.written.persistence.items.push(item);
    }

    fn skip(&mut self, kind: ItemKind, name: &str, why: &str) {
        self.item(kind, name, ItemOutcome::Skipped, format!("{name}: {why}"));
        self.written.persistence.skipped += 1;
        if let Some(item) = self.written.persistence.items.last_mut() {
            item.skipped_reason = Some(why.to_owned());
        }
    }

    fn artifact(&mut self, kind: ArtifactKind, entity_id: &str, detail: String) {
        let created_at = self.asked.time();
        self.written.artifacts.push(Artifact { kind, entity_id: entity_id.to_owned(), detail, created_at });
    }

    fn verdict(&mut self, subject: Id, verdict: Verdict) {
        self.reviews.push(Review {
            subject,
            scope: Scope::Everywhere,
            verdict,
            who: self.asked.who.to_owned(),
            when: self.asked.at,
            why: "decided in the third step".to_owned(),
        });
    }
}

fn new_skill(name: &str) -> Id {
    subject::new_skill(Id::text(&normalise(name)))
}

/// The dimension that the second step proposed, if it is still there.
fn home<'d>(detail: &'d SkillDetail, catalogue: &Catalogue<'d>) -> Option<(&'d str, &'d str)> {
    let slug = detail.proposal.as_ref()?.home_dimension.as_deref()?;
    catalogue.dimension(slug).map(|dimension| (dimension.slug.as_str(), dimension.name.as_str()))
}

/// A canonical skill as a record of the taxonomy.
fn plain(skill: &Canonical) -> Skill {
    Skill {
        slug: skill.slug.clone(),
        name: skill.name.clone(),
        number: skill.number,
        aliases: skill.aliases.clone(),
        dimension: skill.dimension.clone(),
        kind: skill.kind.clone(),
        ai: skill.ai,
        era: skill.era,
        case_sensitive: skill.hints.case_sensitive,
        context: skill.hints.context.clone(),
        status: Status::Active,
        replaced_by: None,
    }
}
