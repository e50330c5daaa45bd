//! Enrichment of the samples, as the shipped labels and taxonomy have it.

use super::*;
use crate::admission::{Documents, Limits};
use crate::config::Config;
use crate::engine::{Batch, Engine};
use crate::service::kit::{Kit, library};
use crate::taxonomy::Taxonomy;
use rolestream_dataflows::records::{Change, Record};
use std::path::Path;

/// What is said of documents admitted together.
struct Enriched {
    settings: EnrichmentSettings,
    names: Names,
    jds: Vec<(Admitted, std::sync::Arc<Answer>)>,
}

impl Enriched {
    fn of(taxonomy: &Taxonomy, file: &Path) -> Enriched {
        let config = Config::default();
        let kit = Kit::new(&config).unwrap();
        let mut records = kit.embedded(taxonomy, &|_| ()).unwrap();
        let settings = kit.enrichment(&config).unwrap();
        records.push(Record::EnrichmentSettings(settings.clone()));
        kit.follow(library(records.iter()));
        let names = Names::of(&records);
        let engine = Engine::start(1).unwrap();
        engine.apply(Batch::of_changes(records.into_iter().map(Change::Put).collect())).unwrap();
        let parser = kit.parser();
        let admission = kit.admission(&parser, "test", 0);
        let documents = Documents::new(&[file.to_owned()], Limits::of_text(1_000_000));
        let admit = |document: Result<_, _>| admission.admit(std::sync::Arc::new(document.unwrap())).unwrap();
        let admitted: Vec<Admitted> = documents.map(admit).collect();
        engine.apply(Batch::of_jds(admitted.iter().map(|one| one.update.clone()).collect())).unwrap();
        let ids: Vec<Id> = admitted.iter().map(|one| one.update.id).collect();
        let answers = engine.decisions(&ids).into_iter().map(Option::unwrap);
        let jds = admitted.into_iter().zip(answers).collect();
        Enriched { settings, names, jds }
    }

    fn enrichment(&self, at: usize, baseline: Option<&Baseline>, skill_set_jds: u64) -> Enrichment {
        let (admitted, answer) = &self.jds[at];
        enrichment(Enriching {
            admitted,
            answer,
            names: &self.names,
            settings: &self.settings,
            baseline,
            skill_set_jds,
        })
    }
}

/// What a reader would call the work of some samples, and their stack.
const SAMPLES: [(&str, &str, &str); 16] = [
    ("sample-014", "User support and troubleshooting", "Established"),
    ("sample-017", "Experience and interface design", "Established"),
    ("sample-023", "Security engineering and monitoring", "Established"),
    ("sample-029", "API and service implementation", "Modern Cloud Native"),
    ("sample-032", "Embedded and device software", "Established"),
    ("sample-037", "Cloud infrastructure and delivery", "Modern Cloud Native"),
    ("sample-042", "Testing and quality assurance", "Established"),
    ("sample-050", "Data analysis and reporting", "Established"),
    ("sample-053", "Requirements and process analysis", "Established"),
    ("sample-054", "Data pipelines and warehousing", "Modern Cloud Native"),
    ("sample-059", "Machine learning and AI development", "AI Native"),
    ("sample-073", "Front-end and interface building", "Modern"),
    ("sample-074", "Product definition and roadmap", "Modern"),
    ("sample-080", "Smart contracts and distributed ledgers", "Modern"),
    ("sample-096", "Game and graphics development", "Established"),
    ("sample-098", "Mobile app development", "Modern"),
];

#[test]
fn the_samples_are_what_a_reader_would_say() {
    let enriched = Enriched::of(&Taxonomy::shipped().unwrap(), Path::new("config/samples/samples.jsonl"));
    let place = |id: &str| enriched.jds.iter().position(|(admitted, _)| admitted.document.id == id).unwrap();
    for at in 0..enriched.jds.len() {
        let one = enriched.enrichment(at, None, 1);
        let (nature, maturity) = (one.nature_of_work, one.tech_stack_maturity);
        let (id, title) = (&enriched.jds[at].0.document.id, enriched.jds[at].0.title());
        println!("{id} {title:?}: {:?} {:?} {:?}", nature.label, maturity.label, one.ai_index.value);
    }
    for (id, label, stack) in SAMPLES {
        let one = enriched.enrichment(place(id), None, 1);
        assert_eq!(one.nature_of_work.label.as_deref(), Some(label), "{id}");
        assert_eq!(one.tech_stack_maturity.label.as_deref(), Some(stack), "{id}");
        let evidence = one.nature_of_work.evidence.unwrap();
        assert!(enriched.jds[place(id)].0.document.text.contains(&evidence), "{id}: {evidence}");
    }
    // Title, primary and secondary AI skills, and products of AI.
    let generative = enriched.enrichment(place("sample-055"), None, 1);
    assert_eq!(generative.ai_index.components[0].evidence.as_deref(), Some("Generative AI Engineer"));
    assert!(generative.ai_index.value >= Some(3.0) && generative.ai_index.legacy.total > 0);
    assert_eq!(enriched.enrichment(place("sample-073"), None, 1).ai_index.value, Some(0.0));
    // What was rejected says nothing.
    let cake = enriched.enrichment(place("sample-057"), None, 1);
    assert_eq!((cake.sources.nature_of_work, cake.ai_index.value), (FieldSource::None, None));

    let at = place("sample-029");
    let (of_jd, again) = (enriched.enrichment(at, None, 1), enriched.enrichment(at, None, 2));
    assert!(!of_jd.tech_stack_maturity.cache_hit && again.tech_stack_maturity.cache_hit);
    assert!(of_jd.evidence.iter().all(|skill| !skill.found_in.is_empty()), "{:?}", of_jd.evidence);
    assert_eq!((of_jd.sources.ai_index, of_jd.role_baseline_loaded), (FieldSource::Jd, false));

    // A JD that says nothing of itself is like those of its role.
    let (admitted, answer) = &enriched.jds[at];
    let mute = Answer { enrichment: Default::default(), skills: Box::default(), ..Answer::clone(answer) };
    let baseline = Baseline {
        nature: of_jd.nature_of_work.label.as_deref().map(Into::into),
        maturity: Some(views::Maturity::Modern),
        ai: Some(Micro(500_000)),
    };
    let (names, settings) = (&enriched.names, &enriched.settings);
    let said =
        |baseline| enrichment(Enriching { admitted, answer: &mute, names, settings, baseline, skill_set_jds: 9 });
    let filled = said(Some(&baseline));
    assert_eq!(filled.sources.nature_of_work, FieldSource::RoleBaseline);
    assert_eq!(filled.nature_of_work.label, of_jd.nature_of_work.label);
    assert_eq!(
        filled.nature_of_work.summary.as_deref(),
        Some("Building services and the interfaces other programs call.")
    );
    assert_eq!((filled.nature_of_work.evidence, filled.ai_index.value), (None, Some(0.5)));
    assert_eq!(filled.tech_stack_maturity.label.as_deref(), Some("Modern"));
    assert!(filled.role_baseline_loaded && !filled.tech_stack_maturity.cache_hit);
    assert_eq!(said(None).sources.tech_stack_maturity, FieldSource::None);
}

#[test]
fn the_reference_run_is_enriched_as_its_page_shows() {
    let Some(folder) = std::env::var_os("ROLESTREAM_REFERENCE") else {
        return println!("left out: ROLESTREAM_REFERENCE is not set");
    };
    let taxonomies = [Taxonomy::load(Path::new("tests/reference/taxonomy")), Taxonomy::shipped()];
    for taxonomy in taxonomies {
        let enriched = Enriched::of(&taxonomy.unwrap(), &Path::new(&folder).join("reference_jd.txt"));
        let one = enriched.enrichment(0, None, 1);
        assert_eq!(one.nature_of_work.label.as_deref(), Some("API and service implementation"));
        assert_eq!(one.tech_stack_maturity.label.as_deref(), Some("Modern Cloud Native"));
        assert_eq!(one.ai_index.value, Some(0.0));
        assert_eq!((one.evidence.len(), one.skill_cluster.len()), (21, 13));
    }
}
