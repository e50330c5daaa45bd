//! What does the engine take of a taxonomy? Its records, with the vectors of names, titles and responsibilities.

use super::Taxonomy;
use rolestream_dataflows::fixed::{DIMENSIONS, Vector};
use rolestream_dataflows::records::{Alias, Kra, Record, Role};
use std::collections::HashMap;

/// Texts given to the embedder at once.
const BATCH: usize = 1024;

impl Taxonomy {
    /// All records in SPEC's order of collections. `embed` gives a vector for each text, or none where it has none:
    /// such a text is like no other (a vector of zeros). Each text is asked for once.
    pub fn to_records(&self, embed: &mut dyn FnMut(&[&str]) -> Vec<Option<Vector>>) -> Vec<Record> {
        let names = self.roles.iter().map(|role| &*role.name);
        let titles = self.aliases.iter().map(|alias| &*alias.text);
        let sentences = self.kras.iter().map(|kra| &*kra.sentence);
        let vectors = vectors(names.chain(titles).chain(sentences), embed);
        let vector = |text: &str| vectors.get(text).cloned().unwrap_or_else(nothing);

        let roles = self.roles.iter().map(|role| {
            Record::Role(Role {
                slug: role.slug.clone(),
                name: role.name.clone(),
                number: role.number,
                archetype: role.archetype.clone(),
                status: role.status,
                replaced_by: role.replaced_by.clone(),
                vector: vector(&role.name),
            })
        });
        let aliases = self.aliases.iter().map(|alias| {
            let vector = vector(&alias.text);
            Record::Alias(Alias { role: alias.role.clone(), text: alias.text.clone(), vector })
        });
        let kras = self.kras.iter().map(|kra| {
            let vector = vector(&kra.sentence);
            Record::Kra(Kra { id: kra.id.clone(), role: kra.role.clone(), sentence: kra.sentence.clone(), vector })
        });
        roles
            .chain(aliases)
            .chain(self.alias_rules.iter().cloned().map(Record::AliasRule))
            .chain(kras)
            .chain(self.skills.iter().map(|skill| Record::Skill(skill.to_engine())))
            .chain(self.dimensions.iter().cloned().map(Record::Dimension))
            .chain(self.role_dimensions.iter().cloned().map(Record::RoleDimension))
            .chain(self.role_skills.iter().cloned().map(Record::RoleSkill))
            .collect()
    }
}

/// The vector of a text that has none.
fn nothing() -> Vector {
    // No component is longer than a unit vector's: a vector of zeros is always taken.
    Vector::new(&[0; DIMENSIONS]).expect("256 zeros are a vector")
}

fn vectors<'a>(
    texts: impl Iterator<Item = &'a str>,
    embed: &mut dyn FnMut(&[&str]) -> Vec<Option<Vector>>,
) -> HashMap<&'a str, Vector> {
    let mut unique: Vec<&str> = texts.collect();
    unique.sort_unstable();
    unique.dedup();
    let mut vectors = HashMap::with_capacity(unique.len());
    let none = nothing();
    for batch in unique.chunks(BATCH) {
        let given = embed(batch);
        vectors.extend(batch.iter().copied().zip(given.into_iter().map(|v| v.unwrap_or_else(|| none.clone()))));
    }
    vectors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::toml_dir::tests::kitchen;

    #[test]
    fn every_record_gets_there_and_every_text_is_embedded_once() {
        let taxonomy = kitchen();
        let mut asked: Vec<String> = Vec::new();
        let some = Vector::new(&[1; DIMENSIONS]).unwrap();
        let records = taxonomy.to_records(&mut |texts| {
            asked.extend(texts.iter().map(|text| (*text).to_owned()));
            texts.iter().map(|text| (*text != "Chef").then(|| some.clone())).collect()
        });
        let count = taxonomy.roles.len() + taxonomy.aliases.len() + taxonomy.alias_rules.len() + taxonomy.kras.len();
        let rest = taxonomy.skills.len() + taxonomy.dimensions.len();
        assert_eq!(records.len(), count + rest + taxonomy.role_dimensions.len() + taxonomy.role_skills.len());
        let mut once = asked.clone();
        once.dedup();
        assert_eq!(once, asked, "sorted and without repetition");
        for record in &records {
            if let Record::Alias(alias) = record {
                let expected = if alias.text == "Chef" { nothing() } else { some.clone() };
                assert_eq!(alias.vector, expected, "{}", alias.text);
            }
        }
    }
}
