//! A small taxonomy, small JDs, and vectors whose similarity can be read off.

use rolestream::engine::Batch;
use rolestream_dataflows::fixed::{DIMENSIONS, SCALE, Vector, Vectors};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{
    Alias, Change, Features, Kra, Mention, Record, Role, RoleSkill, Settings, Skill, Status, Title,
};
use rolestream_dataflows::text::normalise;

/// A unit vector in the plane of two blocks of axes, at this cosine to the first.
pub(crate) fn at(cosine: f64) -> Vector {
    let half = DIMENSIONS / 2;
    let along = |share: f64| (share * f64::from(SCALE) / (half as f64).sqrt()).round() as i8;
    let mut components = vec![along(cosine); half];
    components.resize(DIMENSIONS, along((1.0 - cosine * cosine).sqrt()));
    Vector::new(&components).expect("unit length")
}

/// Similar to nothing that `at` gives.
pub(crate) fn elsewhere() -> Vector {
    let components: Vec<i8> = (0..DIMENSIONS).map(|i| if i % 2 == 0 { 26 } else { -26 }).collect();
    Vector::new(&components).expect("unit length")
}

pub(crate) fn text(text: &str) -> Id {
    Id::text(&normalise(text))
}

pub(crate) fn role(slug: &str, name: &str) -> Record {
    Record::Role(Role {
        slug: slug.into(),
        name: name.into(),
        number: 1,
        archetype: "engineer".into(),
        status: Status::Active,
        replaced_by: None,
        vector: elsewhere(),
    })
}

pub(crate) fn alias(role: &str, text: &str) -> Record {
    Record::Alias(Alias { role: role.into(), text: text.into(), vector: elsewhere() })
}

pub(crate) fn kra(id: &str, role: &str, vector: Vector) -> Record {
    Record::Kra(Kra { id: id.into(), role: role.into(), sentence: id.into(), vector })
}

pub(crate) fn skill(slug: &str) -> Record {
    Record::Skill(Skill {
        slug: slug.into(),
        name: slug.into(),
        number: 1,
        aliases: vec![],
        dimension: None,
        kind: "tool".into(),
        ai: Default::default(),
        era: Default::default(),
        hints: Default::default(),
        status: Status::Active,
        replaced_by: None,
    })
}

pub(crate) fn lists(role: &str, skill: &str) -> Record {
    Record::RoleSkill(RoleSkill { role: role.into(), skill: skill.into() })
}

pub(crate) fn taxonomy() -> Vec<Record> {
    vec![
        role("backend", "Backend Developer"),
        role("data", "Data Engineer"),
        kra("build services", "backend", at(1.0)),
        kra("build pipelines", "data", at(0.0)),
        skill("java"),
        skill("spark"),
        lists("backend", "java"),
        lists("data", "spark"),
        Record::Settings(Settings::default()),
    ]
}

/// A JD with a title or none, sentences at these cosines to what a backend developer does, and skills.
pub(crate) fn features(title: Option<&str>, cosines: &[f64], skills: &[&str]) -> Features {
    let written = |title| Title { written: text(title), plain: text(title), slug: title.into(), vector: elsewhere() };
    let vectors: Vec<Vector> = cosines.iter().map(|cosine| at(*cosine)).collect();
    Features {
        title: title.map(written),
        skills: skills.iter().map(|skill| Mention { text: text(skill), primary: true }).collect(),
        sentences: (0..cosines.len()).map(|i| text(&format!("sentence {i}"))).collect(),
        vectors: Vectors::new(&vectors),
        vector: vectors.first().cloned(),
        ..Features::default()
    }
}

pub(crate) fn put(records: impl IntoIterator<Item = Record>) -> Batch {
    Batch::of_changes(records.into_iter().map(Change::Put).collect())
}
