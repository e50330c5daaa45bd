//! Whatever comes in which order, with restarts and crashes between: views, facts and sinks are right after every step.
//!
//! A history is a seed, which a failure prints; `ROLESTREAM_SEED=7` runs that one alone.

use crate::model::Model;
use crate::sinks::{assert_told, right, to, told};
use crate::world::{World, settled, until};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream::service::Ended;
use rolestream::sources::Kind;
use serde_json::{Value, json};

const STEPS: usize = 6;
const FILES: [(Kind, &str, &str); 3] = [
    (Kind::Raw, "jds.jsonl", "jds.jsonl"),
    (Kind::Parsed, "parsed.jsonl", "parsed:parsed.jsonl"),
    (Kind::Taxonomy, "edits.jsonl", "taxonomy:edits.jsonl"),
];
const TITLES: [&str; 7] = [
    "Data Engineer",
    "ETL Developer",
    "Web Developer",
    "Frontend Developer (Berlin)",
    "Lion Tamer",
    "Senior Data Engineer",
    "",
];
const SENTENCES: [&str; 7] = [
    "Build pipelines that load sales records into the warehouse",
    "Model tables in SQL so that analysts find what they need",
    "Keep the nightly loads running and repair what failed",
    "Build accessible pages and forms for our customers",
    "Keep the pages fast on slow phones and old browsers",
    "Feed the lions every morning before the gates are opened",
    "Walk them through the ring in front of a full house",
];
const REQUIREMENTS: [&str; 7] = [
    "Experience with Kafka",
    "Strong Python and SQL",
    "Strong JavaScript and React",
    "Tests written with JUnit",
    "Long practice with the velvet whip in front of others",
    "Experience with CSS",
    "Good manners",
];

struct History {
    world: World,
    model: Model,
    random: ChaCha8Rng,
    store: String,
}

impl History {
    fn new(seed: u64) -> History {
        let world = World::new();
        FILES.iter().for_each(|(_, file, _)| world.append(file, &[]));
        let model = Model::new(&world);
        History { world, model, random: ChaCha8Rng::seed_from_u64(seed), store: "store".to_owned() }
    }

    fn one<'a>(&mut self, of: &'a [&'a str]) -> &'a str {
        of.choose(&mut self.random).copied().unwrap()
    }

    fn some(&mut self, of: &[&str]) -> String {
        let count = self.random.random_range(1..=3);
        let chosen: Vec<&str> = of.sample(&mut self.random, count).copied().collect();
        chosen.iter().map(|line| format!("- {line}\n")).collect()
    }

    fn text(&mut self) -> String {
        let title = self.one(&TITLES);
        let head = if title.is_empty() { String::new() } else { format!("Title: {title}\n\n") };
        let (does, needs) = (self.some(&SENTENCES), self.some(&REQUIREMENTS));
        format!("{head}Responsibilities:\n{does}\nRequirements:\n{needs}")
    }

    fn jd(&mut self) -> Value {
        let id = format!("jd {}", self.random.random_range(0..12));
        match self.random.random_range(0..10) {
            0 | 1 => json!({"id": id, "withdrawn": true}),
            2 => json!({"id": id, "text": "", "received_at": 1_000}),
            _ => {
                let (text, day) = (self.text(), self.random.random_range(0..4_i64));
                json!({"id": id, "text": text, "company": self.one(&["Quarry", "Mill"]), "received_at": day * 86_400_000})
            }
        }
    }

    fn parsed(&mut self) -> Value {
        let id = format!("jd {}", self.random.random_range(8..16));
        let skills: Vec<Value> = ["Kafka", "SQL", "JUnit", "React"]
            .sample(&mut self.random, 2)
            .map(|skill| json!({"skill_name": skill, "is_primary": true}))
            .collect();
        let title = self.one(&TITLES);
        json!({
            "id": id, "received_at": 5_000, "nano_parsed": {"role": (!title.is_empty()).then_some(title)},
            "final_skills": skills, "parser": "upstream",
        })
    }

    fn edit(&mut self) -> Value {
        let role = self.one(&["data-engineer", "web-developer"]);
        let skill = |slug: &str, id: u32, name: &str, aliases: &[&str]| {
            json!({
                "collection": "skills", "slug": slug, "id": id, "name": name, "aliases": aliases, "kind": "tool",
                "dimension": "tools",
            })
        };
        match self.random.random_range(0..12) {
            0 => json!({"collection": "aliases", "role": role, "text": "Lion Tamer"}),
            1 => json!({"key": format!("alias/{role}/lion tamer"), "value": null}),
            2 => skill("kafka", 1, "Kafka", &["velvet whip"]),
            3 => skill("kafka", 1, "Apache Kafka", &["Kafka"]),
            4 => skill("kafka", 1, "Kafka", &[]),
            5 => skill("junit", 7, "JUnit", &["full house"]),
            6 => json!({"key": "skill/junit", "value": null}),
            7 => json!({"collection": "kras", "id": "extra", "role": role, "sentence": self.one(&SENTENCES)}),
            8 => json!({"key": "kra/extra", "value": null}),
            9 => json!({"collection": "role_skills", "role": role, "skill": "junit"}),
            10 => json!({"key": "role-skill/data-engineer/kafka", "value": null}),
            _ => {
                let status = self.one(&["active", "retired"]);
                json!({
                    "collection": "roles", "slug": "web-developer", "id": 5, "name": "Web Developer",
                    "archetype": "Engineering", "status": status,
                })
            }
        }
    }

    /// Puts some lines into the files, of which some say what was said before, or nothing that can be read.
    fn write(&mut self) {
        for (kind, file, _) in FILES {
            for _ in 0..self.random.random_range(0..6) {
                let line = match kind {
                    Kind::Raw => self.jd(),
                    Kind::Parsed => self.parsed(),
                    Kind::Taxonomy => self.edit(),
                };
                if self.random.random_ratio(1, 10) {
                    self.world.append(file, &[json!(["no record"])]);
                }
                for _ in 0..self.random.random_range(1..=2) {
                    self.world.append(file, std::slice::from_ref(&line));
                    self.model.deliver(kind, &self.world.name(file), &line);
                }
            }
        }
    }

    fn step(&mut self, number: usize) {
        self.write();
        let kra_min = self.one(&["0.4", "0.4", "0.6"]);
        let workers = self.one(&["1", "2"]);
        let rate = self.one(&["1000", "20"]);
        let flags = [
            to(&self.world),
            format!("decision.kra_min={kra_min}"),
            format!("engine.workers={workers}"),
            format!("store.reparse_per_second={rate}"),
        ];
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let reads = FILES.map(|(_, _, read)| read);
        let service = self.world.open(&self.store, &flags);
        let (world, model) = (&self.world, &self.model);
        if self.random.random_bool(0.4) {
            // A crash: what was said and written is there, and nothing was ended.
            let copy = format!("store {number}");
            let ((), _) = world.live(&service, &reads, || {
                FILES.iter().for_each(|(_, file, _)| {
                    if std::fs::metadata(world.path(file)).unwrap().len() > 0 {
                        settled(world, &service, file);
                    }
                });
                model.check(&service);
                until("the sinks have it", || told(world, "rolestream.") == right(&service));
                world.copy(&self.store, &copy);
            });
            self.store = copy;
        } else {
            assert_eq!(world.read(&service, &reads), Ok(Ended::Whole));
            model.check(&service);
            assert_told(world, &service, "rolestream.");
        }
    }
}

#[test]
fn random_histories() {
    let alone = std::env::var("ROLESTREAM_SEED").ok().and_then(|seed| seed.parse().ok());
    for seed in alone.map_or(1..=5, |seed: u64| seed..=seed) {
        println!("seed {seed}");
        let mut history = History::new(seed);
        (0..STEPS).for_each(|number| history.step(number));
    }
}
