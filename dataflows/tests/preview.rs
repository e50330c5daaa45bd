//! Does a preview say what the edit then does, and nothing besides? Every epoch of random histories is previewed before it
//! happens, and epochs that do not happen then are, too; the views must hold what the oracle says all along.
//!
//! `ROLESTREAM_PREVIEWS` says how many histories (30), `ROLESTREAM_SEED` takes one seed alone.

mod common;

use common::difference::difference;
use common::history::{History, Shape};
use rolestream_dataflows::driver::Driver;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::preview::{Draft, Previewed};
use rolestream_dataflows::records::{Change, JdUpdate, Record, Tables};
use rolestream_dataflows::replay::Event;
use rolestream_dataflows::views::{Answer, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a worker saw of an epoch: the preview of it, and the views after it.
type Seen = (Previewed, Snapshot);

fn draft(tables: &Tables, events: &[Event]) -> (Draft, Vec<JdUpdate>) {
    let (mut after, mut differences, mut jds) = (tables.clone(), Vec::new(), Vec::new());
    for event in events {
        match event {
            Event::Jd(update) => jds.push(update.clone()),
            Event::Change(change) => differences.extend(after.apply(change.clone())),
        }
    }
    (Draft::new(tables.iter().cloned().collect(), differences), jds)
}

fn run(workers: usize, epochs: Vec<Vec<Event>>) -> Vec<Vec<Seen>> {
    let work = move |worker: &mut timely::worker::Worker| {
        let (index, peers) = (worker.index(), worker.peers());
        let (mut driver, mut tables, mut seen) = (Driver::new(worker), Tables::default(), Vec::new());
        for (epoch, events) in epochs.iter().enumerate() {
            let other = &epochs[(epoch * 7 + 3) % epochs.len()];
            let (draft_of_other, jds) = draft(&tables, other);
            driver.preview(&draft_of_other, &jds);
            let (draft, jds) = draft(&tables, events);
            let previewed = driver.preview(&draft, &jds);
            for (turn, event) in events.iter().enumerate() {
                let mine = turn % peers == index;
                match event {
                    Event::Change(change) => {
                        let records = tables.apply(change.clone()).into_iter().filter(|_| mine);
                        records.for_each(|(record, difference)| driver.update(record, difference));
                    }
                    Event::Jd(update) if mine => driver.update_jd(update.clone()),
                    Event::Jd(_) => {}
                }
            }
            let next = epoch as u64 + 1;
            driver.advance_to(next);
            while !driver.closed(next) {
                worker.step_or_park(None);
            }
            seen.push((previewed, driver.snapshot()));
            driver.compact(epoch as u64);
        }
        seen
    };
    let guards = timely::execute(timely::Config::process(workers), work).expect("worker threads start");
    let shares = guards.join().into_iter().map(|share| share.expect("no worker panics"));
    let mut epochs: Vec<Vec<Seen>> = Vec::new();
    for share in shares {
        epochs.resize_with(share.len(), Vec::new);
        share.into_iter().zip(&mut epochs).for_each(|(seen, epoch)| epoch.push(seen));
    }
    epochs
}

type Row = (Id, Option<Arc<Answer>>, Option<Arc<Answer>>);

/// The JDs held of which something else is said.
fn changes(before: &Snapshot, after: &Snapshot) -> Vec<Row> {
    let said = |answer: &Option<Arc<Answer>>| answer.as_ref().map(|answer| answer.decision.said());
    let rows =
        before.decisions.iter().map(|(jd, answer)| (*jd, Some(answer.clone()), after.decisions.get(jd).cloned()));
    rows.filter(|(_, before, after)| said(before) != said(after)).collect()
}

#[test]
fn a_preview_is_what_then_happens_and_leaves_no_trace() {
    let number = |variable| std::env::var(variable).ok().map(|text| text.parse::<u64>().expect("a number"));
    let only = number("ROLESTREAM_SEED");
    let seeds = only.map_or_else(|| 0..number("ROLESTREAM_PREVIEWS").unwrap_or(30), |seed| seed..seed + 1);
    // Epochs that moved a JD, by whether records changed in them; all epochs; JDs held and answered anew in these.
    let (mut moving, mut epochs, mut held, mut touched) = (BTreeMap::new(), 0, 0, 0);
    for seed in seeds {
        let history = History::random(seed, &Shape::default());
        let workers = 1 + (seed % 3) as usize;
        let mut before = Snapshot::default();
        for (epoch, shares) in run(workers, history.epochs.clone()).into_iter().enumerate() {
            let mut previewed = Vec::new();
            let mut after = Snapshot::default();
            for (preview, share) in shares {
                touched += preview.touched;
                previewed.extend(preview.changed);
                after = after.merged(share);
            }
            previewed.sort();
            let place = format!("seed {seed}, {workers} workers, epoch {epoch}");
            if let Some(difference) = difference(&history.expected[epoch], &after) {
                panic!("{place}: {difference}");
            }
            let happened = changes(&before, &after);
            assert_eq!(previewed, happened, "{place}");
            let edits = history.epochs[epoch].iter().any(is_edit);
            *moving.entry(edits).or_insert(0) += usize::from(!happened.is_empty());
            epochs += 1;
            held += before.decisions.len();
            before = after;
        }
    }
    println!(
        "{epochs} epochs; those that moved JDs, by whether they are edits: {moving:?}; {touched} of {held} touched"
    );
    if only.is_none() {
        assert!(moving.get(&true).is_some_and(|moving| moving * 5 > epochs), "too few edits move anything");
        assert!(touched * 2 < held, "not only what is affected was answered anew");
    }
}

fn is_edit(event: &Event) -> bool {
    matches!(event, Event::Change(Change::Put(record)) if !matches!(record, Record::AtIngest(_)))
}
