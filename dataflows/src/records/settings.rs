//! Which numbers do the rules of decision use? A calibration: SPEC §4's defaults unless the configuration says else.

use crate::fixed::Micro;
use serde::{Deserialize, Serialize};

/// The thresholds of SPEC §4, named as there, and how long the printed rankings are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// A KRA score from here on is strong.
    pub kra_min: Micro,
    /// Within it of the first, a KRA score is close.
    pub kra_margin: Micro,
    /// The margin when the terms hit more than one role.
    pub kra_margin_wide: Micro,
    /// Within it of the first, KRA scores tie.
    pub kra_tie: Micro,
    /// Within it of the first, skill scores tie.
    pub skill_tie: Micro,
    /// A skill score from here on can speak for or against an alias.
    pub skill_witness: Micro,
    /// A skill score from here on can decide alone.
    pub skill_min: Micro,
    /// A role this far behind the first is led.
    pub title_gap: Micro,
    /// A title this similar to a name resolves to it.
    pub title_similarity: Micro,
    /// A model's adjudication counts from this confidence on.
    pub adjudication_min: Micro,
    /// Under it, what a JD's responsibilities say is new.
    pub new_kra: Micro,
    /// Entries kept of each ranking.
    pub top: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        let percent = |n: u32| Micro(n * 10_000);
        Settings {
            kra_min: percent(40),
            kra_margin: percent(5),
            kra_margin_wide: percent(8),
            kra_tie: percent(2),
            skill_tie: percent(5),
            skill_witness: percent(50),
            skill_min: percent(20),
            title_gap: percent(20),
            title_similarity: percent(70),
            adjudication_min: percent(70),
            new_kra: percent(40),
            top: 5,
        }
    }
}
