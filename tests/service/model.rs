//! What a service must hold: the inputs as they were delivered, admitted from scratch, and the specification over them.

use crate::world::World;
use rolestream::admission::{Admission, Admitted, Document, Domains, enrichment_settings};
use rolestream::config::Config;
use rolestream::embed::{Embedder, StaticTable};
use rolestream::jd::{Parser, ParserSettings, SkillLibrary};
use rolestream::service::Service;
use rolestream::sources::{Edit, Incoming, Kind, Message, ParsedDocument, Position, Stream, decode};
use rolestream::taxonomy::{Taxonomy, json_lines};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle;
use rolestream_dataflows::records::{AtIngest, Change, Record, Skill, Tables};
use rolestream_dataflows::views::Snapshot;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A JD as it was last delivered, with the source that brought this content of it.
#[derive(Clone)]
enum Delivered {
    Raw(Document, String),
    Parsed(Box<ParsedDocument>, String),
}

impl Delivered {
    fn content(&self) -> u64 {
        match self {
            Delivered::Raw(document, _) => document.content(),
            Delivered::Parsed(parsed, _) => parsed.content(),
        }
    }
}

/// All inputs.
#[derive(Clone)]
pub(crate) struct Model {
    jds: BTreeMap<String, Delivered>,
    tables: Tables,
}

fn records(taxonomy: &Taxonomy) -> Vec<Record> {
    let table = StaticTable::built_in().unwrap();
    taxonomy.to_records(&mut |texts| table.embed(texts).unwrap())
}

impl Model {
    pub(crate) fn new(world: &World) -> Model {
        let mut tables = Tables::default();
        for record in records(&Taxonomy::load(&world.path("taxonomy")).unwrap()) {
            tables.apply(Change::Put(record));
        }
        Model { jds: BTreeMap::new(), tables }
    }

    /// A line of the file of this path is delivered.
    pub(crate) fn deliver(&mut self, kind: Kind, path: &str, line: &Value) {
        let message = Message {
            kind,
            stream: Stream { source: "file".into(), name: path.into(), partition: 0 },
            offset: 1,
            read_to: Position::default(),
            key: None,
            value: Some(line.to_string().into_bytes()),
            timestamp: None,
            headers: Vec::new(),
        };
        match decode(&message).unwrap() {
            Incoming::Jd(document) => self.put(document.id.clone(), Delivered::Raw(document, path.to_owned())),
            Incoming::Parsed(parsed) => {
                self.put(parsed.document.id.clone(), Delivered::Parsed(parsed, path.to_owned()));
            }
            Incoming::Withdrawn(id) => drop(self.jds.remove(&id)),
            Incoming::Edit(Edit::Delete(key)) => drop(self.tables.apply(Change::Delete(key))),
            Incoming::Edit(Edit::Put(_)) => {
                let one = json_lines::read("an edit", line.to_string().as_bytes()).unwrap();
                self.tables.apply(Change::Put(records(&one).pop().unwrap()));
            }
            Incoming::Nothing => {}
        }
    }

    /// What comes again with the same content keeps when and whence it came.
    fn put(&mut self, id: String, delivered: Delivered) {
        if self.jds.get(&id).is_none_or(|held| held.content() != delivered.content()) {
            self.jds.insert(id, delivered);
        }
    }

    pub(crate) fn withdraw(&mut self, id: &str) {
        self.jds.remove(id).expect("it was held");
    }

    /// Every JD as it is admitted with the library of now.
    fn admitted(&self, config: &Config) -> BTreeMap<Id, Admitted> {
        let skills: Vec<&Skill> = self
            .tables
            .iter()
            .filter_map(|record| match record {
                Record::Skill(skill) => Some(skill),
                _ => None,
            })
            .collect();
        let mut settings = ParserSettings::from_table(&config.parser).unwrap();
        settings.max_sentences = config.admission.max_sentences as usize;
        let parser = Parser::new(settings, Arc::new(SkillLibrary::new(skills.into_iter())));
        let embedder = StaticTable::built_in().unwrap();
        let domains = Domains::built_in(&*embedder).unwrap();
        let admit = |delivered: &Delivered| {
            let admission =
                |source| Admission { parser: &parser, embedder: &*embedder, domains: &domains, source, now: 0 };
            let admitted = match delivered {
                Delivered::Raw(document, source) => admission(source).admit(Arc::new(document.clone())),
                Delivered::Parsed(parsed, source) => {
                    let (content, parsed) = (parsed.content(), parsed.clone());
                    let document = Arc::new(parsed.document);
                    admission(source).adopt(document, content, parsed.nano_parsed, parsed.final_skills)
                }
            };
            let admitted = admitted.unwrap();
            (admitted.update.id, admitted)
        };
        self.jds.values().map(admit).collect()
    }

    /// What all views must hold, given what was said at ingest.
    pub(crate) fn views(&self, service: &Service) -> Snapshot {
        let mut tables = self.tables.clone();
        let config = service.config();
        let embedder = StaticTable::built_in().unwrap();
        let enrichment = enrichment_settings(&config.enrichment.path, &*embedder).unwrap();
        tables.apply(Change::Put(Record::Settings(config.settings())));
        tables.apply(Change::Put(Record::EnrichmentSettings(enrichment)));
        for (jd, content, first) in service.store().first_said().unwrap() {
            tables.apply(Change::Put(Record::AtIngest(AtIngest { jd, content, said: first.said() })));
        }
        let jds = self.admitted(service.config()).into_iter().map(|(id, admitted)| (id, admitted.update.jd.unwrap()));
        oracle::compute(&tables, &jds.collect())
    }

    /// The service holds what it must, its store is whole, and what it said follows from one another.
    pub(crate) fn check(&self, service: &Service) {
        let held = service.engine().snapshot().unwrap();
        assert_same(&held, &self.views(service));
        let store = service.store();
        let admitted = self.admitted(service.config());
        for (id, stored) in store.jds(1_000).flat_map(Result::unwrap) {
            let (right, text) = (&admitted[&id], store.text(id).unwrap().unwrap());
            assert_eq!(right.jd(), Some(&stored.jd), "the JD {}", stored.id);
            assert_eq!((&right.parsed, &right.rejected), (&text.parsed, &text.rejected), "the text of {}", stored.id);
            assert_eq!((&right.skills, &right.sentences), (&text.skills, &text.sentences), "the text of {}", stored.id);
        }
        let checked = store.check(&|_| ());
        assert_eq!(checked.found, 0, "{:?}", checked.findings);
        assert_eq!(store.jd_count().unwrap(), self.jds.len());
        let last: HashMap<Id, _> = store.last_said().unwrap().into_iter().collect();
        for (jd, answer) in &held.decisions {
            let stated = last.get(jd).and_then(|said| said.said.stated.as_ref()).expect("something was said of it");
            assert_eq!(stated.said, answer.decision.said(), "the last said is what is held");
            assert!(store.first_said_of(*jd, answer.content).unwrap().is_some());
        }
        assert_eq!(last.values().filter(|said| said.said.stated.is_some()).count(), held.decisions.len());
    }
}

/// One view after the other: the first that differs is shown.
pub(crate) fn assert_same(held: &Snapshot, right: &Snapshot) {
    macro_rules! same {
        ($($view:ident)*) => { $(assert_eq!(held.$view, right.$view, stringify!($view));)* };
    }
    same!(decisions members centroids role_centroids skill_support kra_support collisions undecided new_roles);
    same!(new_skills new_kras novel_sentences impact clusters counts);
}
