//! What does enrichment go by at random? Labels that come, go and change, weights, rules, classes of skills.

use super::pools::{FIELDS, SENTENCES};
use super::world::World;
use rand::RngExt;
use rolestream_dataflows::fixed::{Micro, Vector, Vectors};
use rolestream_dataflows::records::{
    AiClass, AiFlags, AiWeights, EnrichmentSettings, Era, LegacyWeights, MaturityRule, NatureLabel, Record,
};

/// What labels may be called: the order of names is not that of the labels.
const LABELS: [&str; 5] = ["services", "front end", "data", "testing", "leading"];

impl World {
    /// A skill's class and age.
    pub(crate) fn class(&mut self) -> (AiClass, Era) {
        use AiClass::{Assistant, Concept, Framework};
        let ai = if self.chance(0.4) { self.one(&[Assistant, Concept, Framework]) } else { None };
        let eras = [Era::Legacy, Era::Established, Era::Modern, Era::CloudNative, Era::Emerging];
        (ai.unwrap_or_default(), self.one(&eras).unwrap_or_default())
    }

    /// What a JD's text says of AI.
    pub(crate) fn ai_flags(&mut self) -> AiFlags {
        AiFlags { title: self.chance(0.2), team: self.chance(0.2), product: self.chance(0.2) }
    }

    /// Settings of enrichment; now and then without labels, or with one that has no prototype.
    pub(crate) fn put_enrichment(&mut self) {
        let count = self.below(LABELS.len() + 1);
        let labels = LABELS.iter().take(count).enumerate().map(|(place, name)| self.label(place, name)).collect();
        let nature_min = self.share(&[0, 300_000, 500_000, 700_000]);
        let mut ai = AiWeights::default();
        if self.chance(0.4) {
            ai.cap = Micro(self.rng.random_range(0..3_000_000));
            ai.secondary = Micro(self.rng.random_range(0..2_000_000));
        }
        let legacy = LegacyWeights { concepts: self.rng.random_range(0..4), ..LegacyWeights::default() };
        let maturity = MaturityRule {
            ai_native: self.share(&[300_000, 500_000, 333_333, 1_000_000]),
            ai_native_least: self.rng.random_range(0..4),
            legacy: self.share(&[400_000, 200_000, 500_000]),
            cloud_native: self.share(&[250_000, 500_000, 333_333]),
            cloud_native_least: self.rng.random_range(0..3),
            modern: self.share(&[500_000, 250_000, 666_667]),
        };
        self.put(Record::EnrichmentSettings(EnrichmentSettings { nature_min, labels, ai, legacy, maturity }));
    }

    fn share(&mut self, of: &[u32]) -> Micro {
        self.one(of).map_or(Micro::ZERO, Micro)
    }

    /// Sentences that JDs say are prototypes of it; two labels may share one, so that they tie.
    fn label(&mut self, place: usize, name: &str) -> NatureLabel {
        let count = self.below(4);
        let prototypes: Vec<Vector> = (0..count)
            .map(|_| {
                let direction = if self.chance(0.7) { place % FIELDS } else { self.below(FIELDS + 2) };
                let sentence = self.below(SENTENCES / (FIELDS + 2)) * (FIELDS + 2) + direction;
                self.pools.sentence(sentence)
            })
            .collect();
        NatureLabel { name: name.into(), summary: format!("It is {name}."), prototypes: Vectors::new(&prototypes) }
    }
}
