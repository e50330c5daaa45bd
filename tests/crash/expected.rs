//! What must the service hold? Computed from scratch over what the topics hold, each message taken by itself.

use super::kafka::{Broker, Record};
use super::world::{EXPECTED, PARSED, RAW, TAXONOMY};
use rolestream::admission::{Admission, Domains};
use rolestream::config::Config;
use rolestream::embed::{Embedder, StaticTable};
use rolestream::jd::{Parser, ParserSettings, SkillLibrary};
use rolestream::sources::decode::Edit;
use rolestream::sources::{Incoming, Kind, Message, Position, Stream, decode};
use rolestream::taxonomy::{Taxonomy, json_lines};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Jd, Record as Entry, Tables};
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

/// Reads the topics whole.
pub(crate) fn expected(broker: &Broker, folder: &Path, config: &Config) -> Expected {
    let embedder = StaticTable::built_in().unwrap();
    let mut embed = |texts: &[&str]| embedder.embed(texts).unwrap();
    let mut expected = Expected::default();
    let taxonomy = Taxonomy::load(&folder.join("taxonomy")).unwrap();
    for record in taxonomy.to_records(&mut embed) {
        expected.tables.apply(Change::Put(record));
    }
    expected.tables.apply(Change::Put(Entry::Settings(config.settings())));
    for message in messages(broker, TAXONOMY, Kind::Taxonomy, &mut expected) {
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
    for (topic, kind) in [(RAW, Kind::Raw), (PARSED, Kind::Parsed)] {
        let admission = Admission { parser: &parser, embedder: &*embedder, domains: &domains, source: topic, now: 0 };
        let mut held: BTreeMap<String, Held> = BTreeMap::new();
        for message in messages(broker, topic, kind, &mut expected) {
            let incoming = decode(&message).unwrap();
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
        for Held { incoming, received_at, .. } in held.into_values() {
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

/// All messages of a topic that mean something; those that must be refused are noted.
fn messages(broker: &Broker, topic: &str, kind: Kind, expected: &mut Expected) -> Vec<Message> {
    let mut messages = Vec::new();
    for record in broker.read(topic) {
        let place = format!("{topic}/{}/{}", record.partition.unwrap(), record.offset);
        match record.headers.iter().find(|(name, _)| name == EXPECTED) {
            Some((_, reason)) => drop(expected.letters.insert(place, String::from_utf8(reason.clone()).unwrap())),
            None => messages.push(message(record, topic, kind)),
        }
    }
    messages
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
