//! How would a row be accepted, going by its runs? A role with what its runs share; a skill with its home.
//!
//! What a person leaves out of an order to accept is filled in from here, so that the proposal is what happens.

use super::Known;
use crate::error::Error;
use crate::review::{Accept, Action, Order, Queue, Row, near_home};
use crate::serve::app::App;
use crate::serve::problem::Problem;
use crate::steps::details::SkillProposal;
use crate::steps::run_id;
use crate::steps::{Catalogue, QueuedRun, RoleProposal, StepTwo, propose};
use rolestream_dataflows::text::normalise;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Runs that a role is proposed from, at most: the newest.
const RUNS: usize = 500;

/// How a row would be accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewProposal)]
pub struct Proposal {
    /// The row's number.
    pub id: u64,
    /// Where it is.
    pub queue: Queue,
    /// What it is about.
    pub title: String,
    /// The details of an order to accept it: change what is wrong in them, and send them with `"action": "accept"`.
    pub accept: Accept,
    /// A new role: what its runs share, and how many of them.
    pub role: Option<RoleProposal>,
    /// A new skill: where it would belong, and what is near it.
    pub skill: Option<SkillProposal>,
}

impl App {
    /// How a row would be accepted.
    pub(crate) fn proposal(&self, known: &Known, row: &Row) -> Result<Proposal, Problem> {
        let mut proposal = Proposal {
            id: row.id,
            queue: row.queue,
            title: row.title.clone(),
            accept: Accept::default(),
            role: None,
            skill: None,
        };
        match row.queue {
            Queue::NewRoles => {
                let role = self.role_proposal(known, row)?;
                proposal.accept.records = Some(role.lines());
                proposal.role = Some(role);
            }
            Queue::NewSkills => {
                proposal.skill = self.skill_proposal(row, &mut HashMap::new())?;
                let home = proposal.skill.as_ref().and_then(|skill| skill.home_dimension.clone());
                proposal.accept.name = Some(row.title.clone());
                proposal.accept.dimension = near_home(&known.tables, row).or(home);
            }
            Queue::NewKras => {
                proposal.accept.sentences = Some(row.examples.iter().map(|example| example.text.clone()).collect());
            }
            Queue::NovelSentences => proposal.accept.sentences = Some(vec![row.title.clone()]),
            Queue::Undecided => {
                proposal.accept.chosen_role = row.possible_matches.first().map(|best| best.slug.clone());
            }
            Queue::Collisions => {
                return Err(Problem::unprocessable(
                    Error::new("what a term means is not proposed")
                        .detail("several roles claim it, and none of them more than the others")
                        .hint("settle it with POST /collisions/{id}"),
                ));
            }
        }
        Ok(proposal)
    }

    /// The order for a row, with what was left out of it.
    pub(super) fn completed(
        &self,
        known: &Known,
        row: &Row,
        order: &Order,
        seen: &mut HashMap<String, Option<StepTwo>>,
    ) -> Result<Order, Problem> {
        let mut order = order.clone();
        if let Action::Accept(details) = &mut order.action {
            if row.queue == Queue::NewRoles && details.records.is_none() {
                details.records = Some(self.role_proposal(known, row)?.lines());
            }
            if row.queue == Queue::NewSkills && details.dimension.is_none() && near_home(&known.tables, row).is_none() {
                let skill = self.skill_proposal(row, seen)?;
                details.dimension = skill.and_then(|skill| skill.home_dimension);
            }
        }
        Ok(order)
    }

    /// What the runs that wait for a role share.
    fn role_proposal(&self, known: &Known, row: &Row) -> Result<RoleProposal, Problem> {
        let Some(slug) = &row.slug else {
            return Err(Problem::internal(&Error::new("a row of new roles has no slug")));
        };
        let (runs, _) = self.runs_of_row(row, None, RUNS);
        let admitted = runs.iter().map(|run| Ok(self.admitted(run.jd)?.map(|admitted| (admitted, &run.answer))));
        let admitted = admitted.collect::<Result<Vec<_>, Error>>().map_err(|error| Problem::internal(&error))?;
        let catalogue = Catalogue::of(known.tables.iter());
        let queued = admitted.iter().flatten().map(|(admitted, answer)| QueuedRun::of(admitted, answer, &catalogue));
        Ok(propose(slug, &queued.collect::<Vec<_>>(), &catalogue))
    }

    /// Where a skill would belong, going by the first of its runs that is held. `seen` remembers what runs say.
    fn skill_proposal(
        &self,
        row: &Row,
        seen: &mut HashMap<String, Option<StepTwo>>,
    ) -> Result<Option<SkillProposal>, Problem> {
        let key = normalise(&row.title);
        for example in &row.examples {
            if !seen.contains_key(&example.run_id) {
                let (jd, _) = run_id::parse(&example.run_id).map_err(|error| Problem::internal(&error))?;
                let told = self.told(jd).map_err(|error| Problem::internal(&error))?;
                seen.insert(example.run_id.clone(), told.map(|told| self.second_step(&told)));
            }
            let second = seen.get(&example.run_id).and_then(Option::as_ref);
            let skill = second.and_then(|second| second.skills.iter().find(|one| normalise(&one.skill_name) == key));
            if let Some(skill) = skill.and_then(|skill| skill.proposal.clone()) {
                return Ok(Some(skill));
            }
        }
        Ok(None)
    }
}
