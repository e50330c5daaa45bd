//! What does the engine say of one JD? Signals, title resolution, decision: the row of the view *decisions*.

use super::Enrichment;
use crate::fixed::Micro;
use crate::id::Id;
use crate::records::{AiClass, Era, Rejection};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All that is said of one version of one JD; the value of the view *decisions*, by JD.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Answer {
    /// Hash of the content it is said of.
    pub content: u64,
    /// When that was received, in milliseconds since 1970.
    pub received_at: i64,
    /// [`Id::text`] of the source's name.
    pub source: Id,
    /// [`Id::text`] of the normalised company name, or [`Id::NONE`].
    pub company: Id,
    /// Its mentions, one each and in their order, resolved against the skill library.
    pub skills: Box<[SkillUse]>,
    /// SPEC §3; all absent when rejected.
    pub signals: Signals,
    /// SPEC §3, title resolution.
    pub resolution: Resolution,
    /// SPEC §4.
    pub decision: Decision,
    /// Sentences (place in the JD, [`Id::text`]) whose best match over all roles is under `new_kra`, in JD order.
    pub novel: Box<[(u16, Id)]>,
    /// Whether its responsibilities say what the chosen role's KRAs do not: it has a vector, a chosen role, and K of
    /// that role is under `new_kra`.
    pub new_kra: bool,
    /// SPEC §6: what it says of work, stack and AI; nothing when rejected.
    #[serde(default)]
    pub enrichment: Enrichment,
}

/// One mention of a skill, resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkillUse {
    /// The canonical skill where the library knows the text, else the text's own id.
    pub skill: Id,
    /// Whether the library knows it.
    pub known: bool,
    /// Whether the JD makes it primary.
    pub primary: bool,
    /// Its home dimension where the chosen role has that one, else [`Id::NONE`]: cross-cutting / unaligned.
    pub dimension: Id,
    /// What the canonical skill has to do with AI; nothing where it is unknown.
    #[serde(default)]
    pub ai: AiClass,
    /// The age of the canonical skill; says nothing where it is unknown.
    #[serde(default)]
    pub era: Era,
}

/// The three signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Signals {
    /// Absent when the JD has no primary skill.
    pub skill: Option<SkillSignal>,
    /// The roles hit by a term, by slug.
    pub alias: Box<[Id]>,
    /// The KRA ranking: score descending, slug ascending, at most `settings.top`; absent when empty.
    pub kra: Box<[KraRank]>,
}

/// The skill signal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkillSignal {
    /// Distinct primary skills of the JD.
    pub total: u32,
    /// Score descending, slug ascending, at most `settings.top`; a role without a match is not in it.
    pub ranking: Box<[SkillRank]>,
}

/// A role in the skill ranking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkillRank {
    /// The role.
    pub role: Id,
    /// Matched of total.
    pub score: Micro,
    /// The matched canonical skills, each once, in the order of the JD.
    pub matched: Box<[Id]>,
}

/// A role in the KRA ranking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KraRank {
    /// The role.
    pub role: Id,
    /// Mean of the evidence's similarities.
    pub score: Micro,
    /// The three sentences (all, when fewer) that match best: similarity descending, then sentence order.
    pub evidence: Box<[Evidence]>,
}

/// A sentence and the KRA it matches best (of equal ones the least KRA key).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// Place of the sentence in the JD.
    pub sentence: u16,
    /// The KRA; of a merged role's KRAs too.
    pub kra: Id,
    /// Their similarity.
    pub similarity: Micro,
}

/// How a title was resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It equals one role's display name.
    DisplayName,
    /// It equals one role's alias, or an alias rule says so.
    Alias,
    /// It is near one role's display name or alias, and clear of the next role.
    Vector,
    /// It equals names of several roles.
    Ambiguous,
    /// Not at all.
    #[default]
    None,
}

/// Which role the title names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resolution {
    /// How.
    pub how: How,
    /// None, one (X of SPEC §4), or when ambiguous several (T), by slug.
    pub roles: Box<[Id]>,
    /// 1 when by display name, alias or ambiguous; the cosine when by vector; 0 when none.
    pub similarity: Micro,
    /// The text that resolved it: the title as written or the plain one; [`Id::NONE`] when none.
    pub term: Id,
}

/// The rules of SPEC §4, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "SPEC §4 defines each")]
pub enum Rule {
    Rejected,
    Adjudicated,
    TitleAgrees,
    TitleContradicted,
    TitleAlone,
    TitleAmbiguous,
    TitleSplit,
    AllAgree,
    AliasAgrees,
    AliasAndSkill,
    AliasContradicted,
    AliasAgainstSkill,
    AliasAlone,
    SkillOnly,
    SkillContradicts,
    KraTie,
    KraClose,
    BodyAgrees,
    BodyAlone,
    NewRole,
    NoEvidence,
}

/// The case letters of SPEC §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "SPEC §4 defines each")]
pub enum Case {
    A,
    B,
    C,
    D,
    E,
    F,
    New,
    R,
}

/// The decision, without words: `reasoning` renders it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Decision {
    /// The first matching rule.
    pub rule: Rule,
    /// Its case.
    pub case: Case,
    /// The chosen role, active.
    pub role: Option<Id>,
    /// Null when queued or rejected.
    pub confidence: Option<Micro>,
    /// The collision, where the rule says so.
    pub collision: Option<Collision>,
    /// The roles a tie-break chose among, each once, by slug; empty where there was no tie-break.
    pub cohort: Box<[Id]>,
    /// The tier by which a tie-break chose: 1, 2 or 3.
    pub tier: Option<u8>,
    /// The slug of the new role, for NEW.
    pub new_role: Option<Arc<str>>,
    /// Why it was rejected, for R.
    pub rejection: Option<Rejection>,
    /// K of the chosen role; 0 when unranked or when none is chosen.
    pub kra: Micro,
    /// S of the chosen role; 0 when unranked or when none is chosen.
    pub skill: Micro,
}

/// An alias collision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Collision {
    /// [`Id::text`] of the normalised term that hit (of the title, where it resolved by vector).
    pub term: Id,
    /// The roles of the tie-break, or T, each once, by slug.
    pub roles: Box<[Id]>,
}

/// What is compared to tell whether something else is said now: numbers may move under it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in Decision")]
pub struct Said {
    pub rule: Rule,
    pub case: Case,
    pub role: Option<Id>,
    pub new_role: Option<Arc<str>>,
}

impl Decision {
    /// No role, though it is a JD: somebody must look at it.
    pub fn queued(&self) -> bool {
        self.role.is_none() && self.case != Case::R
    }

    /// What is compared with what was said before.
    pub fn said(&self) -> Said {
        Said { rule: self.rule, case: self.case, role: self.role, new_role: self.new_role.clone() }
    }
}

impl Collision {
    /// Its stable id.
    pub fn id(&self) -> Id {
        let mut ids = vec![self.term];
        ids.extend(self.roles.iter());
        Id::all("collision", &ids)
    }
}
