//! What can be done about a row?

use super::matches::MatchKind;
use super::row::Queue;
use crate::error::{Error, listed};
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::records::{AiClass, AliasVerdict, Era};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person wants done about one row or many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewOrder)]
pub struct Order {
    /// What.
    #[serde(flatten)]
    pub action: Action,
    /// For this role only, by slug; else everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Why; it is kept.
    #[serde(default)]
    pub reason: String,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
#[schema(as = ReviewAction)]
pub enum Action {
    /// It is right: the taxonomy learns it, the JD gets its role, the collision its rule.
    Accept(Box<Accept>),
    /// It is the same as something that is known.
    MergeInto {
        /// The slug of a skill (for a new skill) or role (for a new role), the id of a KRA (for sentences).
        target: String,
    },
    /// It is nothing: it is never shown again.
    Reject,
    /// It is something else than this possible match, which is not shown for it again. The row stays.
    NotADuplicate {
        /// What it is not.
        of: Target,
    },
    /// It is not shown until then.
    Snooze {
        /// Milliseconds since 1970; in the future.
        until: i64,
    },
}

/// Something in the taxonomy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = KnownThing)]
pub struct Target {
    /// What it is.
    pub kind: MatchKind,
    /// Its slug; of a KRA its id.
    pub slug: String,
}

/// How a row is accepted. Each queue has its own details; those of another are an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = AcceptDetails)]
pub struct Accept {
    /// New skills: its display name, where that is another than the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New skills: other names of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// New skills: the slug of its home dimension, empty for none. Where it is left out, that of the best possible match
    /// is taken, if that is near enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// New skills: its kind, such as tool or language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// New skills: what it has to do with AI.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub ai: Option<AiClass>,
    /// New skills: the age of its technology.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub era: Option<Era>,
    /// New skills: its forms count only as they are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_sensitive: Option<bool>,
    /// New skills: words near which an ambiguous form counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Vec<String>>,
    /// New skills: the roles in which half of the runs or more have it as a primary skill list it from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_roles: Option<bool>,
    /// New roles: its records (the role, and what else is proposed of it), as an export of the taxonomy shows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub records: Option<Vec<Line>>,
    /// New KRAs and novel sentences: the sentences that become KRAs; of a novel sentence itself, where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentences: Option<Vec<String>>,
    /// New KRAs and novel sentences: the slug of the role that gets them, where the row has several. Undecided: the role
    /// of the JD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_role: Option<String>,
    /// Undecided: how sure that is, 0 to 1; 1 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Collisions: what the term means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Settlement>,
}

/// What a term means that several roles claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "means", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = TermMeaning)]
pub enum Settlement {
    /// This role.
    Role {
        /// Its slug.
        role: String,
    },
    /// It stays ambiguous.
    Ambiguous,
    /// This role where the JD has one of these skills; it stays ambiguous elsewhere.
    RoleBySkills {
        /// The role's slug.
        role: String,
        /// The skills' slugs; any of them suffices.
        skills: Vec<String>,
    },
    /// What it meant before there was a rule: the rule is deleted.
    NoRule,
}

impl Settlement {
    /// As the rule says it; none where there is to be no rule.
    pub(super) fn verdict(&self) -> Option<AliasVerdict> {
        Some(match self {
            Settlement::Role { role } => AliasVerdict::Assigned(role.clone()),
            Settlement::Ambiguous => AliasVerdict::Ambiguous,
            Settlement::RoleBySkills { role, skills } => {
                AliasVerdict::BySkills { role: role.clone(), skills: skills.clone() }
            }
            Settlement::NoRule => return None,
        })
    }
}

impl Action {
    /// As it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Action::Accept(_) => "accept",
            Action::MergeInto { .. } => "merge_into",
            Action::Reject => "reject",
            Action::NotADuplicate { .. } => "not_a_duplicate",
            Action::Snooze { .. } => "snooze",
        }
    }
}

impl Accept {
    /// Refuses details that mean nothing for a queue.
    pub(super) fn check(&self, queue: Queue) -> Result<(), Error> {
        let given = [
            ("name", self.name.is_some()),
            ("aliases", self.aliases.is_some()),
            ("dimension", self.dimension.is_some()),
            ("kind", self.kind.is_some()),
            ("ai", self.ai.is_some()),
            ("era", self.era.is_some()),
            ("case_sensitive", self.case_sensitive.is_some()),
            ("context", self.context.is_some()),
            ("link_roles", self.link_roles.is_some()),
            ("records", self.records.is_some()),
            ("sentences", self.sentences.is_some()),
            ("chosen_role", self.chosen_role.is_some()),
            ("confidence", self.confidence.is_some()),
            ("rule", self.rule.is_some()),
        ];
        let names = given.map(|(name, _)| name);
        let allowed: &[&str] = match queue {
            // The first of them, through link_roles.
            Queue::NewSkills => &names[..9],
            Queue::NewRoles => &["records"],
            Queue::NewKras | Queue::NovelSentences => &["sentences", "chosen_role"],
            Queue::Undecided => &["chosen_role", "confidence"],
            Queue::Collisions => &["rule"],
        };
        match given.iter().find(|(name, given)| *given && !allowed.contains(name)) {
            None => Ok(()),
            Some((name, _)) => Err(Error::new(format!("\"{name}\" means nothing for a row of {}", queue.name()))
                .detail(format!("such a row is accepted with {}", listed(allowed)))
                .hint(format!("leave \"{name}\" out"))),
        }
    }
}
