//! What must every view hold? The specification as plain functions over plain maps: the measure of the engine.
//!
//! Nothing here is clever, incremental or quick. It is written from the specification alone and shares no code with
//! the dataflow beyond the types of its inputs and outputs, so that an error would have to be made twice, in two
//! ways, to go unseen. Facts (what was said at ingest) are inputs.

mod decision;
mod enrichment;
mod invariants;
mod queues;
mod signals;
mod taxonomy;
mod tie_break;
mod title;
mod views;
mod words;

pub use invariants::check_invariants;

use crate::id::Id;
use crate::records::{Features, Jd, Tables};
use crate::views::{Answer, Enrichment, Resolution, Signals, SkillUse, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;
use taxonomy::Taxonomy;

/// All views, from scratch, over the current records and JDs.
pub fn compute(tables: &Tables, jds: &BTreeMap<Id, Arc<Jd>>) -> Snapshot {
    let taxonomy = Taxonomy::read(tables);
    let decisions = jds.iter().map(|(id, jd)| (*id, Arc::new(answer(&taxonomy, *id, jd)))).collect();
    views::all(&taxonomy, jds, decisions)
}

/// What is said of one JD.
fn answer(taxonomy: &Taxonomy, id: Id, jd: &Jd) -> Answer {
    let said = Answer {
        content: jd.content,
        received_at: jd.received_at,
        source: jd.source,
        company: jd.company,
        skills: Box::default(),
        signals: Signals::default(),
        resolution: Resolution::default(),
        decision: decision::undecided(),
        novel: Box::default(),
        new_kra: false,
        enrichment: Enrichment::default(),
    };
    match &jd.features {
        Err(reason) => Answer { decision: decision::rejected(*reason), ..said },
        Ok(features) => accepted(taxonomy, id, features, said),
    }
}

/// The answer for a JD that was not rejected; `said` holds what does not depend on the taxonomy.
fn accepted(taxonomy: &Taxonomy, id: Id, features: &Features, said: Answer) -> Answer {
    let mentions = signals::mentions(taxonomy, features);
    let scores = signals::Scores::of(taxonomy, features, &mentions);
    let title = features.title.as_ref().map(|title| title::resolve(taxonomy, title, &mentions)).unwrap_or_default();
    let decision = decision::decide(taxonomy, id, said.content, features, &scores, &title);
    let skill_use = |mention: &signals::Resolved| {
        let (ai, era) = mention.known.map(|skill| taxonomy.class_of(skill)).unwrap_or_default();
        SkillUse {
            skill: mention.identity,
            known: mention.known.is_some(),
            primary: mention.primary,
            dimension: mention.known.map_or(Id::NONE, |skill| taxonomy.dimension_for(skill, decision.role)),
            ai,
            era,
        }
    };
    let skills: Box<[SkillUse]> = mentions.iter().map(skill_use).collect();
    Answer {
        enrichment: enrichment::of_jd(taxonomy, features, &skills),
        skills,
        signals: scores.printed(taxonomy.settings.top as usize),
        resolution: title.printed(),
        novel: scores.novel.iter().copied().collect(),
        new_kra: features.vector.is_some() && decision.role.is_some() && decision.kra < taxonomy.settings.new_kra,
        decision,
        ..said
    }
}
