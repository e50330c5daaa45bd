//! Is everything right after crashes? A service that is killed at random moments under load, its broker, too, must in
//! the end hold what it would hold had nothing happened, and must not have said anything twice in two ways.
//!
//! `ROLESTREAM_SEED` repeats a run (messages and moments; not what threads do between them), `ROLESTREAM_KILLS` says how
//! often it is killed.
//!
//! | file | the question it answers |
//! |---|---|
//! | `taxonomy` | which taxonomy does the service begin with? |
//! | `world` | what is sent? |
//! | `load` | who sends it? |
//! | `program` | how is the program run and killed? |
//! | `expected` | what must the service hold? |
//! | `facts` | does what was once said stand? |
//! | `views` | do the sinks hold what the views hold? |
//! | `prefixes` | what if it ends after any commit at all? |

#[path = "../../dataflows/tests/common/difference.rs"]
mod difference;
mod expected;
mod facts;
#[path = "../kafka/mod.rs"]
mod kafka;
mod load;
mod prefixes;
mod program;
mod taxonomy;
mod views;
mod world;

use facts::Facts;
use kafka::Broker;
use load::Load;
use program::Running;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream::config::{Config, Layers};
use rolestream::service::Service;
use rolestream_dataflows::views::Snapshot;
use std::path::Path;
use std::time::{Duration, Instant};
use world::{PARSED, RAW, TAXONOMY};

/// How the service runs: on two workers; it says what it does; it parses again slowly enough to be killed at it.
const SETTINGS: &[&str] = &["engine.workers=2", "store.reparse_per_second=150", "kafka.discover_millis=500"];
/// Messages for each life of the service.
const MESSAGES: usize = 30;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[test]
fn killed_at_random_moments_it_ends_where_it_would_have_without() {
    let Some(mut broker) = Broker::start() else { return };
    let seed = number("ROLESTREAM_SEED").unwrap_or_else(|| rand::rng().random());
    let kills = number("ROLESTREAM_KILLS").unwrap_or(55);
    println!("ROLESTREAM_SEED={seed} ROLESTREAM_KILLS={kills}");
    let begun = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    taxonomy::write(&folder.path().join("taxonomy"));
    for (topic, partitions) in [(RAW, 3), (PARSED, 2), (TAXONOMY, 1), ("rolestream.role-changes", 1)] {
        broker.create(topic, partitions, &[("retention.ms", "-1"), ("cleanup.policy", "delete")]);
    }
    let load = Load::start(seed, &broker);
    let mut moments = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
    let mut facts = Facts::default();
    let mut lives = Lives::default();
    for life in 0..kills {
        load.send(MESSAGES);
        let every = (kills / 5).max(1);
        let broker_goes = life % every == every - 1;
        live(&mut broker, folder.path(), &mut moments, broker_goes, &mut lives);
        if life % 4 == 3 {
            facts.look_at_dead(&folder.path().join("store"));
        }
    }
    load.end();
    println!("{kills} times killed after {:?}: {lives:?}", begun.elapsed());
    catch_up(&broker, folder.path());
    println!("caught up after {:?}", begun.elapsed());
    compare(&broker, folder.path(), &mut facts);
    println!("compared after {:?}", begun.elapsed());
}

/// When it was killed.
#[derive(Debug, Default)]
struct Lives {
    at_start: u32,
    when_ready: u32,
    at_work: u32,
    parsing_again: u32,
    with_the_broker: u32,
}

/// One life of the service, up to its violent end.
fn live(broker: &mut Broker, folder: &Path, moments: &mut ChaCha8Rng, broker_goes: bool, lives: &mut Lives) {
    let mut millis = |from: u64, to: u64| Duration::from_millis(moments.random_range(from..to));
    let mut running = Running::start(folder, &broker.address());
    let sleep = std::thread::sleep;
    if broker_goes {
        lives.with_the_broker += 1;
        running.wait("metrics at ");
        sleep(millis(0, 400));
        broker.kill();
        sleep(millis(0, 300));
        if millis(0, 2).is_zero() {
            running.kill();
            // It begins while no broker is there.
            running = Running::start(folder, &broker.address());
        }
        broker.restart();
        sleep(millis(0, 600));
        return running.kill();
    }
    match millis(0, 10).as_millis() {
        0..3 => {
            lives.at_start += 1;
            sleep(millis(20, 400));
        }
        3..5 => {
            lives.when_ready += 1;
            running.wait("metrics at ");
            sleep(millis(0, 120));
        }
        5..7 => {
            lives.at_work += 1;
            running.wait("metrics at ");
            sleep(millis(120, 900));
        }
        _ => {
            running.wait("metrics at ");
            if running.may_say("looking for JDs that read differently", Duration::from_millis(1_500)) {
                lives.parsing_again += 1;
            }
            sleep(millis(0, 250));
        }
    }
    running.kill();
}

/// Lets it live until it has read all there is, then ends it in order.
fn catch_up(broker: &Broker, folder: &Path) {
    let mut running = Running::start(folder, &broker.address());
    for (topic, partitions) in [(RAW, 3), (PARSED, 2), (TAXONOMY, 1)] {
        kafka::until("all of a topic is in the store", || {
            running.must_run();
            let kept = broker.committed("rolestream", topic, partitions);
            (0..partitions).all(|partition| {
                let end = broker.marks(topic, partition).1;
                end == 0 || kept.get(&partition) == Some(&end)
            })
        });
    }
    let mut quiet = 0;
    kafka::until("nothing is parsed again", || {
        let metrics = running.metrics();
        let pending = metrics.lines().find(|line| line.starts_with("rolestream_reparse_jds{state=\"pending\"}"));
        quiet = if pending.is_none_or(|line| line.ends_with(" 0")) { quiet + 1 } else { 0 };
        quiet > 50
    });
    let (status, said) = running.end();
    assert!(status.success(), "{status}:\n{said}");
    assert!(!said.contains("the sinks get the rest"), "{said}");
}

fn compare(broker: &Broker, folder: &Path, facts: &mut Facts) {
    let store = folder.join("store");
    facts.look_at_dead(&store);
    let config = config(&store);
    let expected = expected::of_topics(broker, folder, &config);
    let service = Service::open(config, &|_, _, _| ()).unwrap();
    assert_eq!(service.store().pending_reparse().unwrap(), None, "JDs are left to be parsed again");
    let snapshot = service.engine().snapshot().unwrap();
    println!(
        "{} JDs, {} records, {} broken messages",
        expected.jds.len(),
        expected.tables.len(),
        expected.letters.len()
    );
    same_views(&expected.views(service.store()), &snapshot);
    facts.check(&service, broker);
    views::check(&service, &snapshot, broker);
    views::check_letters(&expected.letters, broker);
}

/// As the program has it with [`SETTINGS`], on this store.
fn config(store: &Path) -> Config {
    let flags = [SETTINGS, &["service.address=\"\""]].concat();
    let layers = Layers { flags: flags.iter().map(|flag| (*flag).to_owned()).collect(), ..Layers::default() };
    let mut config = Config::load(&layers).unwrap();
    config.store.path = store.to_owned();
    config
}

fn same_views(expected: &Snapshot, held: &Snapshot) {
    let found = difference::difference(expected, held);
    assert_eq!(found, None, "{}", found.as_deref().unwrap_or_default());
}
