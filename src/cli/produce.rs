//! `rolestream produce`: how do JDs and edits get into Kafka, to try the service with?

use super::demo::samples;
use super::output::{Failure, Output, bar, complain, counter, grouped, remark, took};
use crate::admission::{Document, Documents, Limits};
use crate::config::Config;
use crate::error::{Error, Errors, Position};
use crate::sinks::kafka::KafkaProducer;
use crate::sources::Stop;
use clap::Args;
use indicatif::ProgressBar;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long brokers may take to answer at the start.
const PATIENCE: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  rolestream produce --brokers localhost:9092                       the JDs that ship with the program
  rolestream produce --brokers localhost:9092 jds/ --rate 500       a folder, 500 a second
  rolestream produce --count 1000000 --json                         load: the samples over and over, each with an id of its own
  rolestream produce --taxonomy-edits edits.jsonl                   edits, one a line:
  {\"key\": \"skills/kafka\", \"value\": {\"name\": \"Apache Kafka\"}}   and {\"key\": \"skills/kafka\", \"value\": null} deletes

A JD becomes a message {\"id\", \"title\", \"text\", \"company\", \"received_at\"} with its id as the key.

Exit code: 0 when all was sent, 1 when something could not be read or sent, 2 when the command could not begin.";

/// Send JDs and edits of the taxonomy to Kafka
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Produce {
    /// Files or folders of JDs, or - for standard input [default: the samples in the program]
    #[arg(value_name = "FILE|FOLDER|-")]
    inputs: Vec<PathBuf>,
    /// Brokers, such as host:9092 [default: kafka.brokers]
    #[arg(long, value_name = "HOST:PORT,…")]
    brokers: Option<String>,
    /// The topic of the JDs [default: the first of kafka.raw]
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// Messages a second; 0: as many as there can be
    #[arg(long, value_name = "N", default_value_t = 0)]
    rate: u32,
    /// How many JDs; where there are fewer they are sent again under other ids [default: each once]
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Edits of the taxonomy, sent before the JDs; without inputs and --count no JDs are sent
    #[arg(long, value_name = "FILE")]
    taxonomy_edits: Option<PathBuf>,
    /// The topic of the edits [default: the first of kafka.taxonomy]
    #[arg(long, value_name = "TOPIC")]
    taxonomy_topic: Option<String>,
}

/// An edit as a line of the file has it.
struct Edit {
    key: String,
    /// `None` deletes.
    value: Option<String>,
}

/// What sends, and how fast.
struct Sending<'a> {
    producer: KafkaProducer,
    progress: &'a ProgressBar,
    begun: Instant,
    rate: u32,
    sent: u64,
}

impl Produce {
    pub(super) fn run(self, mut config: Config, out: &mut Output) -> Result<ExitCode, Failure> {
        if let Some(brokers) = &self.brokers {
            config.kafka.brokers.clone_from(brokers);
        }
        let topic = topic(self.topic.as_deref(), &config.kafka.raw, "kafka.raw", "--topic")?;
        let edits = self.taxonomy_edits.as_deref().map(edits).transpose()?.unwrap_or_default();
        let jds = !self.inputs.is_empty() || self.count.is_some() || self.taxonomy_edits.is_none();
        let limits = Limits::of_text(config.admission.max_text_bytes);
        let samples = if jds && self.inputs.is_empty() { samples::documents(limits)? } else { Vec::new() };

        let producer = KafkaProducer::new(&config.kafka.brokers, &config.librdkafka)?;
        producer.reach(PATIENCE)?;
        let known = match (jds, self.count, self.inputs.is_empty()) {
            (false, ..) => Some(0),
            (true, Some(count), _) => Some(count),
            (true, None, true) => Some(samples.len() as u64),
            (true, None, false) => None,
        };
        let progress = match known {
            Some(jds) => bar("sending", jds + edits.len() as u64),
            None => counter("messages"),
        };
        let mut sending = Sending { producer, progress: &progress, begun: Instant::now(), rate: self.rate, sent: 0 };
        let mut unread = 0;
        if !edits.is_empty() {
            let listed = &config.kafka.taxonomy;
            let topic = self::topic(self.taxonomy_topic.as_deref(), listed, "kafka.taxonomy", "--taxonomy-topic")?;
            for edit in &edits {
                sending.send(&topic, &edit.key, edit.value.as_deref());
            }
        }
        if jds {
            let given: Box<dyn Iterator<Item = Result<Document, Error>>> = if self.inputs.is_empty() {
                Box::new(samples.into_iter().map(Ok))
            } else {
                Box::new(Documents::new(&self.inputs, limits))
            };
            let read = given.filter_map(|document| {
                document
                    .map_err(|error| {
                        unread += 1;
                        progress.suspend(|| complain(&Errors(vec![error])));
                    })
                    .ok()
            });
            for document in Repeated::new(read, self.count) {
                sending.send(&topic, &document.id, Some(&message(&document)));
            }
        }
        // Brokers that are away now are waited for: who does not want to ends the program.
        let all = sending.producer.flush(&Stop::default())?;
        let took_time = sending.begun.elapsed();
        progress.finish_and_clear();
        let rate = all.acknowledged as f64 / took_time.as_secs_f64().max(1e-6);
        if out.json {
            out.object(&json!({
                "sent": all.acknowledged, "failed": all.failed, "unread": unread,
                "seconds": took_time.as_secs_f64(), "rate": rate,
            }))?;
        } else {
            remark(format!(
                "{} messages sent in {} ({} a second){}",
                grouped(all.acknowledged),
                took(took_time),
                grouped(rate as u64),
                if all.failed > 0 { format!("; {} failed", grouped(all.failed)) } else { String::new() },
            ));
        }
        if let Some(error) = all.first_failure {
            complain(&Errors(vec![error]));
        }
        Ok(if all.failed + unread > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

impl Sending<'_> {
    /// Sends a message when its time has come; what is refused is counted.
    fn send(&mut self, topic: &str, key: &str, value: Option<&str>) {
        if self.rate > 0 {
            let due = Duration::from_secs_f64(self.sent as f64 / f64::from(self.rate));
            while let Some(left) = due.checked_sub(self.begun.elapsed()).filter(|left| !left.is_zero()) {
                self.producer.poll();
                std::thread::sleep(left.min(Duration::from_millis(20)));
            }
        }
        self.sent += 1;
        self.progress.inc(1);
        let value = value.map(str::as_bytes);
        // It is counted, and the first one is shown at the end.
        let _ = self.producer.send(topic, Some(key.as_bytes()), value, &[], &Stop::default());
    }
}

/// Documents, again and again under other ids until there are as many as wanted.
struct Repeated<I> {
    given: Option<I>,
    kept: Vec<Document>,
    wanted: Option<u64>,
    sent: u64,
}

impl<I: Iterator<Item = Document>> Repeated<I> {
    fn new(given: I, wanted: Option<u64>) -> Repeated<I> {
        Repeated { given: Some(given), kept: Vec::new(), wanted, sent: 0 }
    }
}

impl<I: Iterator<Item = Document>> Iterator for Repeated<I> {
    type Item = Document;

    fn next(&mut self) -> Option<Document> {
        if self.wanted.is_some_and(|wanted| self.sent >= wanted) {
            return None;
        }
        if let Some(given) = &mut self.given {
            if let Some(document) = given.next() {
                self.sent += 1;
                // They are kept only where they may be needed again.
                if self.wanted.is_some() {
                    self.kept.push(document.clone());
                }
                return Some(document);
            }
            self.given = None;
        }
        self.wanted?;
        let length = self.kept.len() as u64;
        let again = self.kept.get(self.sent.checked_rem(length)? as usize)?;
        let round = self.sent / length + 1;
        self.sent += 1;
        Some(Document { id: format!("{}~{round}", again.id), ..again.clone() })
    }
}

/// The topic that was asked for, else the first that is named in full.
fn topic(asked: Option<&str>, listed: &[String], key: &str, flag: &str) -> Result<String, Error> {
    let named = || listed.iter().find(|topic| !topic.ends_with('*')).map(String::as_str);
    asked.or_else(named).map(str::to_owned).ok_or_else(|| {
        Error::new("it is not known which topic to send to")
            .detail(format!("{key} names no topic in full"))
            .hint(format!("name one with {flag}"))
    })
}

fn message(document: &Document) -> String {
    let mut object = Map::new();
    object.insert("id".to_owned(), document.id.clone().into());
    let texts = [("title", &document.title), ("text", &Some(document.text.clone())), ("company", &document.company)];
    for (key, text) in texts {
        object.extend(text.clone().map(|text| (key.to_owned(), Value::String(text))));
    }
    let time = document.received_at.and_then(|time| jiff::Timestamp::from_millisecond(time).ok());
    object.extend(time.map(|time| ("received_at".to_owned(), Value::String(time.to_string()))));
    Value::Object(object).to_string()
}

/// The edits of a file of JSON lines; everything that is wrong in it is reported at once.
fn edits(path: &Path) -> Result<Vec<Edit>, Errors> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(format!("cannot read {name}")).detail(error.to_string()).hint("check the path and who may read it")
    })?;
    let mut errors = Vec::new();
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let edits = lines.filter_map(|(line, number)| {
        edit(line).map_err(|error| errors.push(error.at(Position::new(name.as_str(), number)))).ok()
    });
    let edits = edits.collect();
    Errors(errors).into_result().map(|()| edits)
}

fn edit(line: &str) -> Result<Edit, Error> {
    let wrong = |detail: String| {
        Error::new("this line is no edit")
            .detail(detail)
            .hint("write it as {\"key\": \"kind/id\", \"value\": {…}}, with null for the value to delete")
    };
    let value: Value = serde_json::from_str(line).map_err(|error| wrong(format!("it is not JSON: {error}")))?;
    let key = value.get("key").and_then(Value::as_str).filter(|key| key.contains('/'));
    let key = key.ok_or_else(|| wrong("its \"key\" is no text with a kind and an id".to_owned()))?;
    let value = match value.get("value") {
        Some(Value::Null) => None,
        Some(value @ Value::Object(_)) => Some(value.to_string()),
        Some(_) => return Err(wrong("its \"value\" is neither an object nor null".to_owned())),
        None => return Err(wrong("it has no \"value\"".to_owned())),
    };
    Ok(Edit { key: key.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(ids: &[&str]) -> impl Iterator<Item = Document> {
        let document = |id: &&str| Document { id: (*id).to_owned(), ..Document::default() };
        ids.iter().map(document).collect::<Vec<_>>().into_iter()
    }

    fn ids(given: &[&str], wanted: Option<u64>) -> Vec<String> {
        Repeated::new(documents(given), wanted).map(|document| document.id).collect()
    }

    #[test]
    fn documents_are_repeated_under_other_ids_until_there_are_enough() {
        assert_eq!(ids(&["a", "b"], None), ["a", "b"]);
        assert_eq!(ids(&["a", "b"], Some(1)), ["a"]);
        assert_eq!(ids(&["a", "b"], Some(5)), ["a", "b", "a~2", "b~2", "a~3"]);
        assert!(ids(&[], Some(5)).is_empty());
    }

    #[test]
    fn a_message_reads_back_as_the_document() {
        let document = Document {
            id: "x".to_owned(),
            title: Some("T".to_owned()),
            text: "a \"quoted\" line\n".to_owned(),
            received_at: Some(1_000),
            ..Document::default()
        };
        let value = serde_json::from_str(&message(&document)).unwrap();
        assert_eq!(Document::from_json(value, "other".to_owned(), Position::default()), Ok(document));
    }

    #[test]
    fn edits_are_read_and_wrong_lines_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("edits.jsonl");
        std::fs::write(&path, "{\"key\":\"skills/x\",\"value\":{\"a\":1}}\n\n{\"key\":\"skills/x\",\"value\":null}\n")
            .unwrap();
        let read: Vec<_> = edits(&path).unwrap().into_iter().map(|edit| (edit.key, edit.value)).collect();
        assert_eq!(read, [("skills/x".to_owned(), Some("{\"a\":1}".to_owned())), ("skills/x".to_owned(), None)]);
        std::fs::write(&path, "x\n{\"key\":\"x\",\"value\":{}}\n{\"key\":\"a/b\"}\n{\"key\":\"a/b\",\"value\":1}\n")
            .unwrap();
        let lines: Vec<u32> =
            edits(&path).err().unwrap().0.iter().map(|error| error.source.as_ref().unwrap().line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
    }

    #[test]
    fn the_topic_is_the_one_asked_for_or_the_first_that_is_a_name() {
        let listed = ["jd.raw.*".to_owned(), "jd".to_owned()];
        assert_eq!(topic(None, &listed, "kafka.raw", "--topic").unwrap(), "jd");
        assert_eq!(topic(Some("x"), &listed, "kafka.raw", "--topic").unwrap(), "x");
        assert!(topic(None, &listed[..1], "kafka.raw", "--topic").unwrap_err().hint.unwrap().contains("--topic"));
    }
}
