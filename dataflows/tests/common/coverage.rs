//! What occurred in the histories, and what never did? A test that never reaches a rule says nothing about it.

use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AliasVerdict, Author, Change, Jd, Key, Record, Scope, Tables, Verdict};
use rolestream_dataflows::replay::Event;
use rolestream_dataflows::views::{Answer, How, Rule, Snapshot};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Collections whose records can be replaced by others of the same key.
const REPLACEABLE: [&str; 11] = [
    "role",
    "alias",
    "alias-rule",
    "kra",
    "skill",
    "dimension",
    "review",
    "adjudication",
    "settings",
    "enrichment",
    "at-ingest",
];
/// Collections whose record is its key.
const PAIRS: [&str; 2] = ["role-dimension", "role-skill"];

/// What must occur beside the edits.
const WANTED: [&str; 96] = [
    "rule Rejected",
    "rule Adjudicated",
    "rule TitleAgrees",
    "rule TitleContradicted",
    "rule TitleAlone",
    "rule TitleAmbiguous",
    "rule TitleSplit",
    "rule AllAgree",
    "rule AliasAgrees",
    "rule AliasAndSkill",
    "rule AliasContradicted",
    "rule AliasAgainstSkill",
    "rule AliasAlone",
    "rule SkillOnly",
    "rule SkillContradicts",
    "rule KraTie",
    "rule KraClose",
    "rule BodyAgrees",
    "rule BodyAlone",
    "rule NewRole",
    "rule NoEvidence",
    "case A",
    "case B",
    "case C",
    "case D",
    "case E",
    "case F",
    "case New",
    "case R",
    "how DisplayName",
    "how Alias",
    "how Vector",
    "how Ambiguous",
    "how None",
    "tier 1",
    "tier 2",
    "tier 3",
    "tier none",
    "status Pending",
    "status Accepted",
    "status Merged",
    "new role slug from title",
    "new role slug with suffix",
    "new role slug from JD",
    "view members",
    "view centroids",
    "view role centroids",
    "view skill_support",
    "view kra_support",
    "view collisions",
    "view undecided",
    "view new_roles",
    "view new_skills",
    "view new_kras",
    "view novel_sentences",
    "view impact",
    "view clusters",
    "view counts",
    "view baselines",
    "view skill_sets",
    "skill set of several JDs",
    "nature found",
    "nature open",
    "AI part title",
    "AI part skill",
    "AI part primary",
    "AI part secondary",
    "AI part team",
    "AI part product",
    "AI index at the cap",
    "AI index open",
    "maturity Legacy",
    "maturity Established",
    "maturity Modern",
    "maturity Modern Cloud Native",
    "maturity AI Native",
    "maturity open",
    "baseline whole",
    "alias rule decides (assigned)",
    "alias rule decides (by skills)",
    "review Accepted of a role",
    "review Accepted everywhere",
    "review Merged of a role",
    "review Merged everywhere",
    "review Rejected of a role",
    "review Rejected everywhere",
    "review Snoozed of a role",
    "review Snoozed everywhere",
    "adjudication by a person",
    "adjudication by a model",
    "collision settled",
    "collision open",
    "JD insert",
    "JD replace",
    "JD re-send",
    "JD withdraw",
];

/// How often each thing occurred.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    counts: BTreeMap<String, u64>,
}

impl Coverage {
    fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    /// Adds what another history covered.
    pub(crate) fn add(&mut self, other: &Coverage) {
        for (what, count) in &other.counts {
            *self.counts.entry(what.clone()).or_default() += count;
        }
    }

    /// Counts an event before it takes place.
    pub(crate) fn event(&mut self, tables: &Tables, jds: &BTreeMap<Id, Arc<Jd>>, event: &Event) {
        match event {
            Event::Jd(update) => {
                let what = match (jds.get(&update.id), &update.jd) {
                    (None, Some(_)) => "insert",
                    (Some(old), Some(new)) if old == new => "re-send",
                    (Some(_), Some(_)) => "replace",
                    (Some(_), None) => "withdraw",
                    (None, None) => "withdraw what is not there",
                };
                self.count(format!("JD {what}"));
            }
            Event::Change(Change::Put(record)) => {
                let key = record.key();
                let what = match tables.get(&key) {
                    None => "insert",
                    Some(old) if old == record => "re-send",
                    Some(_) => "replace",
                };
                self.count(format!("edit {} {what}", key.kind));
                self.record(record);
            }
            Event::Change(Change::Delete(key)) => {
                let what = if tables.get(key).is_some() { "delete" } else { "delete what is not there" };
                self.count(format!("edit {} {what}", key.kind));
            }
        }
    }

    fn record(&mut self, record: &Record) {
        match record {
            Record::Review(review) => {
                let verdict = match review.verdict {
                    Verdict::Accepted => "Accepted",
                    Verdict::Merged(_) => "Merged",
                    Verdict::Rejected => "Rejected",
                    Verdict::Snoozed(_) => "Snoozed",
                };
                let scope = if review.scope == Scope::Everywhere { "everywhere" } else { "of a role" };
                self.count(format!("review {verdict} {scope}"));
            }
            Record::Adjudication(adjudication) => {
                let who = if matches!(adjudication.author, Author::Person(_)) { "person" } else { "model" };
                self.count(format!("adjudication by a {who}"));
            }
            _ => {}
        }
    }

    /// Counts what the views hold at the end of an epoch.
    pub(crate) fn views(&mut self, tables: &Tables, snapshot: &Snapshot) {
        let rules: BTreeMap<Id, &AliasVerdict> = tables
            .iter()
            .filter_map(|record| match record {
                Record::AliasRule(rule) => Some((Id::text(&rule.term), &rule.verdict)),
                _ => None,
            })
            .collect();
        for (jd, answer) in &snapshot.decisions {
            let decision = &answer.decision;
            self.count(format!("rule {:?}", decision.rule));
            self.count(format!("case {:?}", decision.case));
            self.count(format!("how {:?}", answer.resolution.how));
            if !decision.cohort.is_empty() && decision.rule != Rule::Adjudicated {
                self.count(decision.tier.map_or("tier none".into(), |tier| format!("tier {tier}")));
            }
            if let Some(slug) = &decision.new_role {
                let kind = match slug.rsplit_once('-') {
                    _ if slug.contains(&jd.to_string()) => "from JD",
                    Some((_, suffix)) if suffix.parse::<u32>().is_ok() => "with suffix",
                    _ => "from title",
                };
                self.count(format!("new role slug {kind}"));
            }
            if decision.collision.is_some() {
                self.count(if decision.role.is_some() { "collision settled" } else { "collision open" });
            }
            self.alias_rule(&rules, answer);
            self.enrichment(tables, answer);
        }
        for row in snapshot.baselines.values() {
            let whole = row.nature.is_some() && row.maturity.is_some() && row.ai.is_some();
            self.count(if whole { "baseline whole" } else { "baseline in part" });
        }
        if snapshot.skill_sets.values().any(|jds| *jds > 1) {
            self.count("skill set of several JDs");
        }
        for row in snapshot.new_skills.values() {
            self.count(format!("status {:?}", row.status));
        }
        for row in snapshot.new_kras.values() {
            self.count(format!("status {:?}", row.status));
        }
        self.sizes(snapshot);
    }

    /// Counts alias resolutions that only a rule can have made: the role is none of those that a term hits.
    fn alias_rule(&mut self, rules: &BTreeMap<Id, &AliasVerdict>, answer: &Answer) {
        let hit = answer.resolution.roles.iter().all(|role| answer.signals.alias.contains(role));
        if answer.resolution.how != How::Alias || hit {
            return;
        }
        match rules.get(&answer.resolution.term) {
            Some(AliasVerdict::Assigned(_)) => self.count("alias rule decides (assigned)"),
            Some(AliasVerdict::BySkills { .. }) => self.count("alias rule decides (by skills)"),
            _ => {}
        }
    }

    fn enrichment(&mut self, tables: &Tables, answer: &Answer) {
        if answer.decision.rule == Rule::Rejected {
            return;
        }
        let said = &answer.enrichment;
        self.count(if said.nature.is_some() { "nature found" } else { "nature open" });
        self.count(format!("maturity {}", said.maturity.map_or("open", |label| label.name())));
        let Some(ai) = &said.ai else { return self.count("AI index open") };
        let parts = [
            ("title", ai.title),
            ("skill", ai.skill),
            ("primary", ai.primary),
            ("secondary", ai.secondary),
            ("team", ai.team),
            ("product", ai.product),
        ];
        for (part, _) in parts.iter().filter(|(_, weight)| *weight > Micro::ZERO) {
            self.count(format!("AI part {part}"));
        }
        let sum: u32 = parts.iter().map(|(_, weight)| weight.0).sum();
        if let Some(Record::EnrichmentSettings(settings)) = tables.get(&Key::new("enrichment", &[""]))
            && ai.value == settings.ai.cap
            && sum > ai.value.0
        {
            self.count("AI index at the cap");
        }
    }

    fn sizes(&mut self, snapshot: &Snapshot) {
        let sizes = [
            ("members", snapshot.members.len()),
            ("centroids", snapshot.centroids.len()),
            ("role centroids", snapshot.role_centroids.len()),
            ("skill_support", snapshot.skill_support.len()),
            ("kra_support", snapshot.kra_support.len()),
            ("collisions", snapshot.collisions.len()),
            ("undecided", snapshot.undecided.len()),
            ("new_roles", snapshot.new_roles.len()),
            ("new_skills", snapshot.new_skills.len()),
            ("new_kras", snapshot.new_kras.len()),
            ("novel_sentences", snapshot.novel_sentences.len()),
            ("impact", snapshot.impact.len()),
            ("clusters", snapshot.clusters.len()),
            ("counts", snapshot.counts.len()),
            ("baselines", snapshot.baselines.len()),
            ("skill_sets", snapshot.skill_sets.len()),
        ];
        for (view, _) in sizes.iter().filter(|(_, rows)| *rows > 0) {
            self.count(format!("view {view}"));
        }
    }

    /// What must occur in many histories and did not.
    pub(crate) fn missing(&self) -> Vec<String> {
        let edits = |kinds: &[&str], whats: &[&str]| -> Vec<String> {
            kinds.iter().flat_map(|kind| whats.iter().map(move |what| format!("edit {kind} {what}"))).collect()
        };
        let mut wanted: Vec<String> = WANTED.iter().map(|what| (*what).to_owned()).collect();
        wanted.extend(edits(&REPLACEABLE, &["insert", "replace", "delete"]));
        wanted.extend(edits(&PAIRS, &["insert", "delete", "re-send"]));
        wanted.retain(|what| !self.counts.contains_key(what));
        wanted
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.counts.iter().try_for_each(|(what, count)| writeln!(f, "{count:>10}  {what}"))
    }
}
