//! What must the service hold? Computed from scratch over what the topics hold, each message taken by itself.

use super::kafka::{Broker, Record};
use super::world::{EXPECTED, PARSED, RAW, TAXONOMY};
use rolestream::admission::{Admission, Domains, enrichment_settings};
use rolestream::config::Config;
use rolestream::embed::{Embedder, StaticTable};
use rolestream::jd::{Parser, ParserSettings, SkillLibrary};
use rolestream::sources::decode::Edit;
use rolestream::sources::{Incoming, Kind, Message, Position, Stream, decode};
use rolestream::store::Store;
use rolestream::taxonomy::{Taxonomy, json_lines};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle::compute;
use rolestream_dataflows::records::{AtIngest, Change, Jd, Record as Entry, Tables};
use rolestream_dataflows::views::Snapshot;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What the topics say in the end.
#[derive(Default)]
pub(crate) struct Expected {
    pub(crate) tables: Tables,
    pub(crate) jds: BTreeMap<Id, Arc<Jd>>,
    /// Reasons by the key of the dead letter.
    pub(crate) letters: BTreeMap<String, String>,
}

/// A JD's last message, and the first one of those that said the same before it.
struct Held {
    incoming: Incoming,
    content: u64,
    received_at: i64,
}

/// Of topics that are read whole.
pub(crate) fn of_topics(broker: &Broker, folder: &Path, config: &Config) -> Expected {
    let mut letters = BTreeMap::new();
    let mut messages = |topic, kind| {
        let mut messages = Vec::new();
        for record in broker.read(topic) {
            let place = format!("{topic}/{}/{}", record.partition.unwrap(), record.offset);
            match record.headers.iter().find(|(name, _)| name == EXPECTED) {
                Some((_, reason)) => drop(letters.insert(place, String::from_utf8(reason.clone()).unwrap())),
                None => messages.push(message(record, topic, kind)),
            }
        }
        messages
    };
    let edits = messages(TAXONOMY, Kind::Taxonomy);
    let jds = [messages(RAW, Kind::Raw), messages(PARSED, Kind::Parsed)];
    Expected { letters, ..of_messages(folder, config, edits, jds) }
}

/// Of messages, each stream in its order. A JD is in one of them only.
pub(crate) fn of_messages(
    folder: &Path,
    config: &Config,
    edits: Vec<Message>,
    jds: impl IntoIterator<Item = Vec<Message>>,
) -> Expected {
    let embedder = StaticTable::built_in().unwrap();
    let mut embed = |texts: &[&str]| embedder.embed(texts).unwrap();
    let mut expected = Expected::default();
    let taxonomy = Taxonomy::load(&folder.join("taxonomy")).unwrap();
    for record in taxonomy.to_records(&mut embed) {
        expected.tables.apply(Change::Put(record));
    }
    expected.tables.apply(Change::Put(Entry::Settings(config.settings())));
    let enrichment = enrichment_settings(&config.enrichment.path, &*embedder).unwrap();
    expected.tables.apply(Change::Put(Entry::EnrichmentSettings(enrichment)));
    for message in edits {
        match decode(&message).unwrap() {
            Incoming::Edit(Edit::Delete(key)) => drop(expected.tables.apply(Change::Delete(key))),
            Incoming::Edit(Edit::Put(line)) => {
                let line = serde_json::to_string(&line).unwrap();
                let one = json_lines::read("edit", line.as_bytes()).unwrap();
                let records = one.to_records(&mut embed);
                assert_eq!(records.len(), 1, "{line}");
                records.into_iter().for_each(|record| drop(expected.tables.apply(Change::Put(record))));
            }
            other => panic!("{other:?}"),
        }
    }
    // Every JD reads as the last skill library has it, whichever was there when it came.
    let skills = expected.tables.iter().filter_map(|record| match record {
        Entry::Skill(skill) => Some(skill),
        _ => None,
    });
    let library = Arc::new(SkillLibrary::new(skills));
    let mut settings = ParserSettings::from_table(&config.parser).unwrap();
    settings.max_bytes = config.admission.max_text_bytes as usize;
    settings.max_sentences = config.admission.max_sentences as usize;
    let parser = Parser::new(settings, library);
    let domains = Domains::built_in(&*embedder).unwrap();
    for messages in jds {
        let source = messages.first().map(|message| message.stream.name.clone()).unwrap_or_default();
        let admission = Admission { parser: &parser, embedder: &*embedder, domains: &domains, source: &source, now: 0 };
        for Held { incoming, received_at, .. } in held(&messages).into_values() {
            let admitted = match incoming {
                Incoming::Jd(document) => admission.admit(Arc::new(document)).unwrap(),
                Incoming::Parsed(one) => {
                    let content = one.content();
                    admission.adopt(Arc::new(one.document), content, one.nano_parsed, one.final_skills).unwrap()
                }
                _ => continue,
            };
            let mut jd = admitted.update.jd.unwrap();
            Arc::make_mut(&mut jd).received_at = received_at;
            expected.jds.insert(admitted.update.id, jd);
        }
    }
    expected
}

/// What the JDs of a stream are in the end.
fn held(messages: &[Message]) -> BTreeMap<String, Held> {
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    for message in messages {
        let incoming = decode(message).unwrap();
        let (id, content, received_at) = match &incoming {
            Incoming::Jd(jd) => (&jd.id, jd.content(), jd.received_at.unwrap()),
            Incoming::Parsed(jd) => (&jd.document.id, jd.content(), jd.document.received_at.unwrap()),
            Incoming::Withdrawn(id) => {
                held.remove(id);
                continue;
            }
            other => panic!("{other:?}"),
        };
        // What says nothing new leaves it when it came first.
        if held.get(id).is_none_or(|held| held.content != content) {
            held.insert(id.clone(), Held { content, received_at, incoming });
        }
    }
    held
}

impl Expected {
    /// What all views must hold. What was said at ingest is a fact: no view, but an input.
    pub(crate) fn views(&self, store: &Store) -> Snapshot {
        let mut tables = self.tables.clone();
        for (jd, content, first) in store.first_said().unwrap() {
            tables.apply(Change::Put(Entry::AtIngest(AtIngest { jd, content, said: first.said() })));
        }
        compute(&tables, &self.jds)
    }
}

fn message(record: Record, topic: &str, kind: Kind) -> Message {
    Message {
        kind,
        stream: Stream { source: "kafka".into(), name: topic.into(), partition: record.partition.unwrap() },
        offset: record.offset,
        read_to: Position::default(),
        key: record.key,
        value: record.value,
        timestamp: record.timestamp,
        headers: record.headers,
    }
}
