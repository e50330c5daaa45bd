//! What does enrichment go by (SPEC §6)? Labels of work with their prototypes, weights, and the rule of maturity.

use crate::fixed::{Micro, Vectors};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All that SPEC §6 calls configurable and the views depend on; key: none, there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EnrichmentSettings {
    /// Under it a JD does not say what its work is.
    pub nature_min: Micro,
    /// The labels; of equally near ones the first.
    pub labels: Vec<NatureLabel>,
    /// What each part of the AI index is worth.
    pub ai: AiWeights,
    /// What a skill of each AI class is worth in the legacy breakdown.
    pub legacy: LegacyWeights,
    /// How eras make a label.
    pub maturity: MaturityRule,
}

/// A nature of work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NatureLabel {
    /// As it is printed.
    pub name: Arc<str>,
    /// A sentence about such work, for printing.
    pub summary: String,
    /// What JDs of such work say: the vectors of its prototype sentences.
    pub prototypes: Vectors,
}

/// Weights of the AI index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §6 lists the parts")]
pub struct AiWeights {
    pub title: Micro,
    pub skill: Micro,
    pub primary: Micro,
    pub secondary: Micro,
    pub team: Micro,
    pub product: Micro,
    /// The index is not more.
    pub cap: Micro,
}

impl Default for AiWeights {
    fn default() -> AiWeights {
        let half = Micro(500_000);
        AiWeights {
            title: Micro::ONE,
            skill: half,
            primary: Micro::ONE,
            secondary: half,
            team: Micro::ONE,
            product: Micro::ONE,
            cap: Micro(5_000_000),
        }
    }
}

/// Weights of the legacy breakdown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §6 lists the classes")]
pub struct LegacyWeights {
    pub assistants: u32,
    pub frameworks: u32,
    pub concepts: u32,
}

impl Default for LegacyWeights {
    fn default() -> LegacyWeights {
        LegacyWeights { assistants: 1, frameworks: 2, concepts: 3 }
    }
}

/// How the known skills of a JD make its maturity, each skill once. The first that holds, in this order: AI native,
/// legacy, modern cloud native, modern; else established.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MaturityRule {
    /// The share of skills with an AI class that makes a stack AI native …
    pub ai_native: Micro,
    /// … and how many there must be.
    pub ai_native_least: u32,
    /// The share of legacy skills that makes it legacy.
    pub legacy: Micro,
    /// The share of cloud-native skills that makes a modern stack cloud native …
    pub cloud_native: Micro,
    /// … and how many there must be.
    pub cloud_native_least: u32,
    /// The share of modern, cloud-native and emerging skills that makes it modern.
    pub modern: Micro,
}

impl Default for MaturityRule {
    fn default() -> MaturityRule {
        let percent = |n: u32| Micro(n * 10_000);
        MaturityRule {
            ai_native: percent(30),
            ai_native_least: 3,
            legacy: percent(40),
            cloud_native: percent(25),
            cloud_native_least: 2,
            modern: percent(50),
        }
    }
}
