//! What does the engine add to a decision (SPEC §6)? Nature of work, AI index, maturity; and what roles usually have.

use crate::fixed::Micro;
use crate::id::Id;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a JD itself says; where it says nothing its role's [`Baseline`] speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Enrichment {
    /// The nature of the work; none without a sentence near enough to any label.
    pub nature: Option<Nature>,
    /// None where there is neither title match, skill nor sentence to tell it from.
    pub ai: Option<AiIndex>,
    /// None without a known skill.
    pub maturity: Option<Maturity>,
    /// Of the distinct canonical skills; [`Id::NONE`] where there are none.
    pub skill_set: Id,
}

/// A nature of work, and the sentence that says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Nature {
    /// The label's name.
    pub label: Arc<str>,
    /// Mean of the three sentences nearest to the label's prototypes (of all, when fewer).
    pub similarity: Micro,
    /// Place of the nearest sentence; of equal ones the first.
    pub sentence: u16,
}

/// The AI index with its parts, each its weight or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AiIndex {
    /// The sum of the parts, at most the cap.
    pub value: Micro,
    /// The title speaks of AI.
    pub title: Micro,
    /// Some skill has an AI class.
    pub skill: Micro,
    /// One of them is primary.
    pub primary: Micro,
    /// One of them is not primary anywhere.
    pub secondary: Micro,
    /// The text speaks of an AI team.
    pub team: Micro,
    /// The text speaks of building AI products.
    pub product: Micro,
    /// Distinct skills that are assistants.
    pub assistants: u32,
    /// Distinct skills that are frameworks.
    pub frameworks: u32,
    /// Distinct skills that are models or concepts.
    pub concepts: u32,
    /// The three counts times their weights.
    pub legacy: u32,
}

/// How mature a tech stack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §6 lists the labels")]
pub enum Maturity {
    Legacy,
    Established,
    Modern,
    ModernCloudNative,
    AiNative,
}

impl Maturity {
    /// As SPEC §6 calls it.
    pub fn name(self) -> &'static str {
        match self {
            Maturity::Legacy => "Legacy",
            Maturity::Established => "Established",
            Maturity::Modern => "Modern",
            Maturity::ModernCloudNative => "Modern Cloud Native",
            Maturity::AiNative => "AI Native",
        }
    }
}

/// The value of *baselines*, by role: what most of the JDs decided for it say, each of its three by itself. Of equally
/// frequent ones the first by name, or the least number; none where no such JD says any.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Baseline {
    /// The label's name.
    pub nature: Option<Arc<str>>,
    /// The label.
    pub maturity: Option<Maturity>,
    /// The value of the AI index.
    pub ai: Option<Micro>,
}
