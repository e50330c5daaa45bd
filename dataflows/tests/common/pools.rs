//! From what are random records made? Small pools of texts and directions, so that things meet.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rolestream_dataflows::fixed::{DIMENSIONS, SCALE, Vector};
use rolestream_dataflows::text::normalise;
use std::collections::BTreeMap;

/// Slugs of roles; two of them are what a new role of a title would like to be called.
pub(crate) const ROLES: [&str; 8] = [
    "ml-engineer",
    "astronaut",
    "backend-developer",
    "qa-engineer",
    "data-engineer",
    "frontend-developer",
    "astronaut-2",
    "platform-engineer",
];
/// Titles that roles may be called: two spellings of one key among them.
pub(crate) const TITLES: [&str; 14] = [
    "Backend Developer",
    "Back-End  Engineer",
    "Frontend Developer",
    "UI Engineer",
    "Data Engineer",
    "«data engineer»",
    "ML Engineer",
    "Machine Learning Engineer",
    "C++ Developer",
    ".NET Developer",
    "QA Engineer",
    "Software Engineer",
    "Platform Engineer",
    "Développeur",
];
/// Titles hardly any role is called.
pub(crate) const STRANGE: [&str; 7] =
    ["Astronaut", "Chief Happiness Officer", "…", "工程师", "Lion Tamer", "Astronaut!", "Piano Tuner"];
/// Slugs of dimensions.
pub(crate) const DIMENSION_SLUGS: [&str; 5] = ["languages", "frameworks", "data", "delivery", "clouds"];
/// How many skill slugs there are; skill `i` belongs to field `i % FIELDS`.
pub(crate) const SKILLS: usize = 25;
/// How many fields of work there are; two more directions belong to no field.
pub(crate) const FIELDS: usize = 5;
/// How many sentences there are; sentence `i` belongs to direction `i % (FIELDS + 2)`.
pub(crate) const SENTENCES: usize = 56;

/// The vectors of one history; texts are the same in all.
pub(crate) struct Pools {
    directions: Vec<[f64; DIMENSIONS]>,
    titles: BTreeMap<String, Vector>,
    sentences: Vec<Vector>,
}

impl Pools {
    /// Draws the directions, then a vector for each title and sentence.
    pub(crate) fn random(rng: &mut ChaCha8Rng) -> Pools {
        let directions = (0..FIELDS + 2).map(|_| noise(rng)).collect();
        let mut pools = Pools { directions, titles: BTreeMap::new(), sentences: Vec::new() };
        for (place, title) in TITLES.iter().enumerate() {
            let vector = pools.near(place % FIELDS, rng);
            pools.titles.insert(normalise(title), vector);
        }
        for title in STRANGE {
            let near_a_field = rng.random_bool(0.3);
            let field = if near_a_field { rng.random_range(0..FIELDS) } else { FIELDS + 1 };
            let vector = pools.near(field, rng);
            pools.titles.insert(normalise(title), vector);
        }
        pools.sentences = (0..SENTENCES).map(|i| pools.near(i % (FIELDS + 2), rng)).collect();
        pools
    }

    /// A vector with a part along one direction, often a part along another, and noise: cosines of two such spread
    /// over 0 to 1.
    pub(crate) fn near(&self, direction: usize, rng: &mut ChaCha8Rng) -> Vector {
        let other = rng.random_range(0..self.directions.len());
        let main = rng.random_range(0.5..1.0);
        let beside = if rng.random_bool(0.5) { rng.random_range(0.0..0.8) } else { 0.0 };
        let noise_part = rng.random_range(0.0..0.7);
        let noise = noise(rng);
        let mut sum = [0.0; DIMENSIONS];
        for (i, component) in sum.iter_mut().enumerate() {
            *component =
                main * self.directions[direction][i] + beside * self.directions[other][i] + noise_part * noise[i];
        }
        quantised(&sum)
    }

    /// The vector of a title of the pools.
    pub(crate) fn title(&self, text: &str) -> Vector {
        self.titles[&normalise(text)].clone()
    }

    /// The vector of a sentence.
    pub(crate) fn sentence(&self, place: usize) -> Vector {
        self.sentences[place].clone()
    }
}

/// The text of a sentence of the pools.
pub(crate) fn sentence_text(place: usize) -> String {
    format!("does thing {place} of field {}", place % (FIELDS + 2))
}

/// Texts that skills are called; text `i` is of skill `i` at first.
pub(crate) fn skill_text(place: usize) -> String {
    match place {
        0 => "C#".into(),
        1 => "C++".into(),
        2 => "  Node.js ".into(),
        3 => ".NET".into(),
        _ => format!("Tool {place}"),
    }
}

/// One text of twice as many as there are skills: the second half is unknown at first.
pub(crate) fn any_skill_text(field: usize, rng: &mut ChaCha8Rng) -> String {
    let of_field = rng.random_bool(0.75);
    let place = rng.random_range(0..SKILLS / FIELDS);
    let field = if of_field { field } else { rng.random_range(0..FIELDS) };
    let known = rng.random_bool(0.85);
    skill_text(place * FIELDS + field + if known { 0 } else { SKILLS })
}

/// A random direction of unit length. Sums of uniform numbers: the same on every machine.
pub(crate) fn noise(rng: &mut ChaCha8Rng) -> [f64; DIMENSIONS] {
    let mut vector = [0.0; DIMENSIONS];
    for component in &mut vector {
        *component = (0..4).map(|_| rng.random_range(-1.0..1.0)).sum();
    }
    unit(&vector)
}

fn unit(vector: &[f64; DIMENSIONS]) -> [f64; DIMENSIONS] {
    let length = vector.iter().map(|c| c * c).sum::<f64>().sqrt();
    vector.map(|component| component / length)
}

/// A vector of any length as the engine holds it.
pub(crate) fn quantised(vector: &[f64; DIMENSIONS]) -> Vector {
    let components = unit(vector).map(|component| (component * f64::from(SCALE)).round().clamp(-127.0, 127.0) as i8);
    Vector::new(&components).expect("a unit vector is no longer than one")
}
