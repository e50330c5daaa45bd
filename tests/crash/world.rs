//! What is sent? JDs, corrections, withdrawals, edits and what means nothing, all of it drawn from one seed.

use super::kafka::Record;
use super::taxonomy::{ROLES, SKILLS};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream::admission::Reason;
use serde_json::{Value, json};
use std::collections::HashMap;

pub(crate) const RAW: &str = "jd.raw";
pub(crate) const PARSED: &str = "jd.parsed";
pub(crate) const TAXONOMY: &str = "taxonomy";
/// The header by which a message that means nothing tells what it must be refused for.
pub(crate) const EXPECTED: &str = "expected-reason";

/// JDs of `jd.raw`; the first few get most of what is sent.
const JDS: usize = 280;
const HOT: usize = 40;
/// JDs of `jd.parsed`.
const UPSTREAM: usize = 30;

const TITLES: [&str; 12] = [
    "Senior Data Engineer",
    "Pipeline Builder",
    "Web Developer (m/f)",
    "Platform Specialist",
    "QA Engineer",
    "Head of Quarry Operations",
    "Kitchen Wizard",
    "Analyst",
    "Requirements Analyst",
    "Network Engineer",
    "Database Developer",
    "Sea Captain",
];
const SENTENCES: [&str; 16] = [
    "Build pipelines that load sales records into the warehouse",
    "Model tables in SQL so that analysts find what they need",
    "Keep the nightly loads running and write their tests",
    "Build accessible pages and forms for our customers",
    "Keep the pages fast on slow phones and old browsers",
    "Install database servers and upgrade them at night",
    "Restore databases from backups when a disk has failed",
    "Write automated tests for each new feature of the shop",
    "Describe defects so that others can reproduce them",
    "Configure switches and routers in all our branches",
    "Book invoices and payments of all three companies",
    "Reconcile bank statements at the end of each month",
    "Prepare meals for two hundred guests after our recipes",
    "Ask every department what it needs and write it down",
    "Train hawks that keep pigeons away from the roofs",
    "Polish the brass of the harbour bells twice a week",
];
const COMPANIES: [&str; 5] = ["Quarry & Sons", "Fennel Foods", "North Harbour", "Tidewater Bank", "Oak Systems"];

/// A message on its way.
pub(crate) struct Sent {
    pub(crate) topic: &'static str,
    pub(crate) record: Record,
}

/// What has been sent so far, as far as what is sent next depends on it.
pub(crate) struct World {
    rng: ChaCha8Rng,
    /// The last value of each JD.
    last: HashMap<String, (&'static str, Value)>,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        World { rng: ChaCha8Rng::seed_from_u64(seed), last: HashMap::new() }
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// The next message.
    pub(crate) fn next(&mut self) -> Sent {
        match self.below(100) {
            0..44 => self.jd(),
            44..54 => self.again(),
            54..62 => self.withdrawal(),
            62..72 => self.parsed(),
            72..78 => self.broken(),
            _ => self.edit(),
        }
    }

    fn id(&mut self) -> String {
        let end = if self.below(2) == 0 { HOT } else { JDS };
        format!("jd-{}", self.below(end))
    }

    fn title(&mut self) -> String {
        match self.below(3) {
            0 => self.pick(&ROLES).1.to_owned(),
            1 => self.pick(&ROLES).2.to_owned(),
            _ => self.pick(&TITLES).to_owned(),
        }
    }

    fn skill(&mut self) -> &'static str {
        self.pick(&SKILLS).1
    }

    fn text(&mut self) -> String {
        let title = self.title();
        let company = self.pick(&COMPANIES);
        let duties: String = (0..2 + self.below(2)).map(|_| format!("- {}\n", self.pick(&SENTENCES))).collect();
        let (a, b, c, d) = (self.skill(), self.skill(), self.skill(), self.skill());
        format!(
            "Title: {title}\nCompany: {company}\n\nResponsibilities:\n{duties}\nRequirements:\n- Strong {a} and {b}\n\
             - Experience with {c} or {d}\n"
        )
    }

    /// A time in one of a few days.
    fn time(&mut self) -> Value {
        let (day, hour) = (1 + self.below(4), self.below(24));
        json!(format!("2026-03-{day:02}T{hour:02}:30:00Z"))
    }

    /// A new JD, or a correction of one; now and then one that is rejected.
    fn jd(&mut self) -> Sent {
        let id = self.id();
        let mut value = match self.below(20) {
            0 => json!({"text": "nothing"}),
            1 => json!({"text": "We sell pots and pans, and have done so for a hundred years in this town."}),
            _ => json!({"text": self.text()}),
        };
        if self.below(3) > 0 {
            value["received_at"] = self.time();
        }
        if self.below(2) == 0 {
            value["id"] = json!(id);
        }
        if self.below(8) == 0 {
            value["title"] = json!(self.title());
        }
        self.last.insert(id.clone(), (RAW, value.clone()));
        if self.below(10) == 0 {
            let event = json!({"op": "u", "before": null, "after": value, "ts_ms": 1_772_000_000_000_u64});
            return sent(RAW, Record::new(&id, &event.to_string()));
        }
        sent(RAW, Record::new(&id, &value.to_string()))
    }

    /// One that was sent before: as it was, or received at another time.
    fn again(&mut self) -> Sent {
        let mut ids: Vec<String> = self.last.keys().cloned().collect();
        ids.sort();
        if ids.is_empty() {
            return self.jd();
        }
        let place = self.below(ids.len());
        let id = &ids[place];
        let (topic, mut value) = self.last[id].clone();
        if self.below(2) == 0 {
            value["received_at"] = self.time();
        }
        sent(topic, Record::new(id, &value.to_string()))
    }

    fn withdrawal(&mut self) -> Sent {
        let (topic, id) = match self.below(5) {
            0 => (PARSED, format!("up-{}", self.below(UPSTREAM))),
            _ => (RAW, self.id()),
        };
        match self.below(3) {
            0 => sent(topic, Record::new(&id, &json!({"withdrawn": true}).to_string())),
            1 => sent(topic, Record::new(&id, &json!({"op": "d", "before": {"id": id}, "after": null}).to_string())),
            _ => sent(topic, Record::tombstone(&id)),
        }
    }

    fn parsed(&mut self) -> Sent {
        let id = format!("up-{}", self.below(UPSTREAM));
        let duties: Vec<&str> = (0..2).map(|_| self.pick(&SENTENCES)).collect();
        let skills: Vec<Value> =
            (0..4).map(|_| json!({"skill_name": self.skill(), "is_primary": self.below(2) == 0})).collect();
        let text = duties.iter().map(|duty| format!("- {duty}")).collect::<Vec<_>>().join("\n");
        let section = json!({
            "heading": "Responsibilities", "heading_was_present": true, "text": text, "word_count": 18,
            "bullet_count": 2, "source_marker": {"first_5_words": "a b c d e", "last_5_words": "a b c d e"},
        });
        let mut value = json!({
            "id": id,
            "nano_parsed": {
                "JD_type": "pass", "role": self.title(), "company_name": self.pick(&COMPANIES),
                "roles_and_responsibilities": [section],
            },
            "final_skills": skills,
            "parser": "model-7",
        });
        if self.below(2) == 0 {
            value["received_at"] = self.time();
        }
        self.last.insert(id.clone(), (PARSED, value.clone()));
        sent(PARSED, Record::new(&id, &value.to_string()))
    }

    /// What means nothing, with the reason for which it must be refused.
    fn broken(&mut self) -> Sent {
        let (topic, key, value, reason): (_, &str, &[u8], _) = match self.below(14) {
            0 => (RAW, "jd-1", b"{\"text\": \"cut o", Reason::NotJson),
            1 => (RAW, "jd-2", b"[1, 2]", Reason::NotAnObject),
            2 => (RAW, "jd-3", b"{\"text\": \"caf\xe9\"}", Reason::NotText),
            3 => (RAW, "jd-4", b"", Reason::Empty),
            4 => (RAW, "", b"{\"text\": \"whose?\"}", Reason::NoId),
            5 => (RAW, "jd-5", b"{\"text\": 7}", Reason::WrongType),
            6 => (RAW, "jd-6", b"{\"text\": \"x\", \"received_at\": \"soon\"}", Reason::InvalidTime),
            7 => (RAW, "jd-7", b"{\"op\": \"c\", \"before\": null, \"after\": null}", Reason::InvalidEnvelope),
            8 => (PARSED, "up-1", b"{\"text\": \"not parsed\"}", Reason::NotParsed),
            9 => (PARSED, "up-2", b"{\"nano_parsed\": {\"education\": 1}}", Reason::WrongType),
            10 => (TAXONOMY, "roles/cook", b"{\"slug\": \"cook\", \"name\": \"Cook\", \"id\": 7}", Reason::UnknownKind),
            11 => (TAXONOMY, "role/cook", b"{\"slug\": \"chef\", \"name\": \"Chef\", \"id\": 7}", Reason::KeyMismatch),
            12 => (TAXONOMY, "role/cook", b"{\"slug\": \"cook\", \"nmae\": \"Cook\"}", Reason::UnknownField),
            _ => (TAXONOMY, "skill/sql", b"{\"slug\": \"sql\", \"name\": \"SQL\", \"id\": -1}", Reason::InvalidRecord),
        };
        let key = (!key.is_empty()).then(|| key.as_bytes().to_vec());
        let record = Record { key, value: Some(value.to_vec()), ..Record::default() };
        sent(topic, record.header(EXPECTED, reason.name()))
    }

    fn edit(&mut self) -> Sent {
        let role = self.pick(&ROLES);
        let (key, value) = match self.below(24) {
            0..4 => {
                let id = format!("{}/x{}", role.0, self.below(3));
                let sentence = self.pick(&SENTENCES);
                (format!("kra/{id}"), json!({"id": id, "role": role.0, "sentence": sentence}))
            }
            4..6 => {
                // One that came with the taxonomy.
                let id = format!("{}/k{}", role.0, self.below(3));
                let sentence = self.pick(&[role.3[0], role.3[1], "Trains hawks."]);
                (format!("kra/{id}"), json!({"id": id, "role": role.0, "sentence": sentence}))
            }
            6..9 => {
                let text = if self.below(2) == 0 { self.pick(&TITLES) } else { self.pick(&ROLES).2 };
                (format!("alias/{}/{text}", role.0), json!({"role": role.0, "text": text}))
            }
            9..17 => self.skill_edit(),
            17..20 => {
                let skill = self.pick(&SKILLS).0;
                (format!("role-skill/{}/{skill}", role.0), json!({"role": role.0, "skill": skill}))
            }
            20 => {
                let slug = self.pick(&["pipeline-builder", "sea-captain"]);
                let name = if slug == "sea-captain" { "Sea Captain" } else { "Pipeline Builder" };
                (format!("role/{slug}"), json!({"slug": slug, "name": name, "id": 50 + self.below(2)}))
            }
            21 => {
                let number = ROLES.iter().position(|one| one.0 == role.0).unwrap_or(0) + 1;
                let name = self.pick(&[role.1, role.1, "Sea Captain"]);
                (format!("role/{}", role.0), json!({"slug": role.0, "name": name, "id": number}))
            }
            22 => {
                let value = match self.below(3) {
                    0 => json!({"slug": role.0, "name": role.1, "id": 70, "status": "retired"}),
                    1 => json!({"slug": role.0, "name": role.1, "id": 70}),
                    _ => {
                        json!({"slug": role.0, "name": role.1, "id": 70, "status": "merged", "replaced_by": "analyst"})
                    }
                };
                (format!("role/{}", role.0), value)
            }
            _ => {
                let term = self.pick(&TITLES).to_lowercase();
                (format!("alias-rule/{term}"), json!({"term": term, "verdict": "ambiguous"}))
            }
        };
        // A third of all edits take away; a role that goes comes back with a later edit, or does not.
        let gone = self.below(if key.starts_with("role/") { 5 } else { 3 }) == 0;
        sent(TAXONOMY, if gone { Record::tombstone(&key) } else { Record::new(&key, &value.to_string()) })
    }

    /// A skill that is new, renamed, with other forms, or of another kind: JDs read differently then.
    fn skill_edit(&mut self) -> (String, Value) {
        let place = if self.below(2) == 0 { SKILLS.len() - 6 + self.below(6) } else { self.below(SKILLS.len()) };
        let (slug, name) = SKILLS[place];
        let renamed = format!("{name} Suite");
        let (name, mut aliases) = match self.below(4) {
            // The text still has the old name.
            0 => (renamed, vec![name]),
            1 => (renamed, vec![]),
            _ => (name.to_owned(), vec![]),
        };
        if self.below(4) == 0 {
            aliases.push(self.skill());
        }
        let kind = self.pick(&["tool", "tool", "practice"]);
        let value = json!({
            "slug": slug, "name": name, "id": 100 + place, "aliases": aliases, "kind": kind, "dimension": "tools",
        });
        (format!("skill/{slug}"), value)
    }
}

fn sent(topic: &'static str, record: Record) -> Sent {
    Sent { topic, record }
}
