//! What does a similarity mean under this model and this taxonomy?
//!
//! A similarity of .5 is much from one model and little from another, and with a thousand roles near neighbours are
//! the rule. So the thresholds of the decision belong to a pair of embedding model and taxonomy, are kept under
//! their names, and are stored with results. `examples/calibrate/` measures them.

use crate::error::Error;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::records::Settings;
use serde::{Deserialize, Serialize};

/// The thresholds measured for one embedding model and one taxonomy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The embedding model's name, as [`super::Embedder::model`] gives it.
    pub model: String,
    /// The taxonomy's name.
    pub taxonomy: String,
    /// The thresholds; one that is not named is as SPEC §4 has it.
    #[serde(default)]
    pub thresholds: Thresholds,
}

/// The thresholds of the decision as the configuration writes them: 0.4, not 400 000 micro-units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each is the field of `Settings` of the same name, described there")]
pub struct Thresholds {
    pub kra_min: f64,
    pub kra_margin: f64,
    pub kra_margin_wide: f64,
    pub kra_tie: f64,
    pub skill_tie: f64,
    pub skill_witness: f64,
    pub skill_min: f64,
    pub title_gap: f64,
    pub title_similarity: f64,
    pub adjudication_min: f64,
    pub new_kra: f64,
}

fn micro(name: &str, value: f64) -> Result<Micro, Error> {
    Micro::from_f64(value).filter(|micro| *micro <= Micro::ONE).ok_or_else(|| {
        Error::new("a threshold is out of range").detail(format!("{name} is {value}")).hint("give a number from 0 to 1")
    })
}

/// One list of the names for both directions, so that none is forgotten in one of them.
macro_rules! thresholds {
    ($($name:ident),* $(,)?) => {
        impl From<&Settings> for Thresholds {
            fn from(settings: &Settings) -> Thresholds {
                Thresholds { $($name: f64::from(settings.$name.0) / 1e6),* }
            }
        }

        impl Thresholds {
            /// The settings with these thresholds and everything else from `rest`.
            pub fn settings(&self, rest: Settings) -> Result<Settings, Error> {
                let mut settings = rest;
                $(settings.$name = micro(stringify!($name), self.$name)?;)*
                Ok(settings)
            }
        }
    };
}

thresholds!(
    kra_min,
    kra_margin,
    kra_margin_wide,
    kra_tie,
    skill_tie,
    skill_witness,
    skill_min,
    title_gap,
    title_similarity,
    adjudication_min,
    new_kra,
);

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds::from(&Settings::default())
    }
}

impl Calibration {
    /// The file name it is kept under: the model's and the taxonomy's name.
    pub fn name(&self) -> String {
        format!("{}--{}", self.model, self.taxonomy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_and_settings_are_the_same_numbers() {
        let settings = Settings { kra_margin: Micro(123_456), top: 9, ..Settings::default() };
        assert_eq!(Thresholds::from(&settings).settings(settings.clone()), Ok(settings));
        assert_eq!(Thresholds::default().kra_min, 0.4);
    }

    #[test]
    fn what_a_calibration_does_not_name_is_the_default() {
        let text = "model = 'm'\ntaxonomy = 't'\n[thresholds]\nkra_min = 0.55\n";
        let calibration: Calibration = toml::from_str(text).unwrap();
        assert_eq!(calibration.thresholds, Thresholds { kra_min: 0.55, ..Thresholds::default() });
        assert_eq!(calibration.name(), "m--t");
        assert_eq!(toml::from_str::<Calibration>(&toml::to_string(&calibration).unwrap()), Ok(calibration));
        assert!(toml::from_str::<Calibration>(&text.replace("kra_min", "kra_mim")).is_err());
    }

    #[test]
    fn a_threshold_that_is_no_similarity_is_refused() {
        for value in [-0.1, 1.1, f64::NAN] {
            let refused = Thresholds { title_gap: value, ..Thresholds::default() }.settings(Settings::default());
            assert!(refused.unwrap_err().to_string().contains("title_gap"));
        }
    }
}
