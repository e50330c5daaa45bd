//! Which industry is a JD from? The one whose prototype sentences are nearest, if any is near enough (SPEC §2).

use crate::embed::Embedder;
use crate::error::Error;
use crate::jd::{Domain, DomainName};
use rolestream_dataflows::fixed::{Micro, Vector};
use serde::Deserialize;

/// The industries that are told apart, and under which similarity a JD's stays open.
pub struct Domains {
    threshold: Micro,
    prototypes: Vec<Prototype>,
}

struct Prototype {
    name: DomainName,
    vectors: Vec<Vector>,
}

/// The file of industries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    threshold: f64,
    domain: Vec<ListedDomain>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedDomain {
    name: String,
    aliases: Vec<String>,
    sentences: Vec<String>,
}

impl Domains {
    /// Those of `config/parser/domains.toml`, with their vectors.
    pub fn built_in(embedder: &dyn Embedder) -> Result<Domains, Error> {
        let fault = |detail: String| Error::new("the list of industries cannot be read").detail(detail);
        let listed: Listed = toml::from_str(include_str!("../../config/parser/domains.toml"))
            .map_err(|e| fault(e.message().to_owned()))?;
        let threshold =
            Micro::from_f64(listed.threshold).ok_or_else(|| fault("the threshold is no similarity".into()))?;
        let mut prototypes = Vec::with_capacity(listed.domain.len());
        for ListedDomain { name, aliases, sentences } in listed.domain {
            let texts: Vec<&str> = sentences.iter().map(String::as_str).collect();
            let vectors = embedder.embed(&texts)?.into_iter().flatten().collect();
            prototypes.push(Prototype { name: DomainName { aliases, domain: name }, vectors });
        }
        Ok(Domains { threshold, prototypes })
    }

    /// The nearest industry and the next, of those that are near enough; `None` where none is.
    pub fn of(&self, text: &Vector) -> Option<Domain> {
        let nearest = |prototype: &Prototype| prototype.vectors.iter().map(|v| v.similarity(text)).max();
        let mut near: Vec<(Micro, &Prototype)> = self
            .prototypes
            .iter()
            .filter_map(|prototype| Some((nearest(prototype)?, prototype)))
            .filter(|(similarity, _)| *similarity >= self.threshold)
            .collect();
        // The sort is stable: of equally near ones the first of the list.
        near.sort_by_key(|(similarity, _)| std::cmp::Reverse(*similarity));
        let mut names = near.into_iter().map(|(_, prototype)| prototype.name.clone());
        let primary = Some(names.next()?);
        Some(Domain { primary, secondary: names.next() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::StaticTable;

    #[test]
    fn the_nearest_industry_is_found_and_a_far_one_stays_open() {
        let embedder = StaticTable::built_in().unwrap();
        let domains = Domains::built_in(&*embedder).unwrap();
        let of = |text: &str| domains.of(&embedder.embed(&[text]).unwrap()[0].clone().unwrap());
        let ward = of("Nurse on a hospital ward: care for patients together with doctors and therapists").unwrap();
        assert_eq!(ward.primary.unwrap().domain, "Healthcare");
        let bank = of("Our bank offers loans, payments and investments to business customers").unwrap();
        assert_eq!(bank.primary.unwrap().domain, "Banking & Financial Services");
        assert_eq!(of("zebra purple seventeen"), None);
    }
}
