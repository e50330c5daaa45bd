//! What does each step of the API do with what it is asked? It reads what is true at one epoch, and keeps its answer.

use super::answers::Told;
use super::app::{App, as_json, kept, status_name};
use super::problem::Problem;
use super::routes::steps::{ExtractFromJd, Extracted};
use super::standing::overtaken;
use crate::admission::Document;
use crate::error::{Error, Position};
use crate::report::step_one;
use crate::report::step_one::run_id;
use crate::serve::access::Principal;
use crate::service::{Authored, Changed, Submission};
use crate::sources::parsed_document;
use crate::steps::final_output::{Asked, FinalRequest};
use crate::steps::{Catalogue, RunSteps, Step, StepResult, StepThree, StepTwo, details, final_output};
use crate::store::Commit;
use crate::time::millis;
use axum::http::StatusCode;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Record, Tables};
use rolestream_dataflows::views::Case;
use serde::Serialize;
use std::sync::Arc;

/// How often a step is begun anew when records are edited meanwhile.
const TRIES: usize = 5;
/// Known skills that are looked at for each unknown one.
const NEAR: usize = 10;

impl App {
    /// What a request hands in.
    pub(crate) fn submission(&self, asked: ExtractFromJd) -> Result<Submission, Problem> {
        let received_at = asked.received_at.as_deref().map(millis).transpose().map_err(Problem::unprocessable)?;
        let id = match asked.id {
            Some(id) if id.trim().is_empty() => {
                return Err(Problem::unprocessable(
                    Error::new("\"id\" is empty")
                        .detail("a JD's id is a text that is not empty")
                        .hint("fill it in, or leave it out: the JD gets one then"),
                ));
            }
            Some(id) => id,
            None => self.new_id().map_err(|error| Problem::internal(&error))?,
        };
        let document = Document {
            id,
            at: Position::whole("body"),
            title: asked.title,
            text: asked.jd_text,
            company: asked.company,
            received_at,
            format: None,
        };
        match asked.nano_parsed {
            None => Ok(Submission::Raw(document)),
            Some(nano_parsed) => {
                let parsed = parsed_document(document, nano_parsed, asked.final_skills, asked.parser);
                parsed.map(|parsed| Submission::Parsed(Box::new(parsed))).map_err(Problem::unprocessable)
            }
        }
    }

    /// A JD's id, where whoever hands it in has none.
    fn new_id(&self) -> Result<String, Error> {
        let mut bytes = [0; 16];
        crate::serve::access::of_system(&mut bytes)?;
        // A UUID of version 4 (RFC 9562).
        (bytes[6], bytes[8]) = (bytes[6] & 0x0F | 0x40, bytes[8] & 0x3F | 0x80);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
    }

    /// The first step's answer to a run that is held; kept, and then given out.
    pub(crate) fn first_step(&self, told: &Told, principal: &Principal) -> Result<Extracted, Problem> {
        let (jd, content) = (told.admitted.update.id, told.answer.content);
        let names = self.lookup.names();
        let (step, enrichment) = (step_one(told.row(&names)), told.enrichment(&names));
        drop(names);
        let before = self.steps(jd, content).map_err(|error| Problem::internal(&error))?;
        let mut steps = before.unwrap_or_else(|| RunSteps::received(jd, content, told.answer.received_at));
        let result = self.result(&step, told.taxonomy_version, principal);
        match told.answer.decision.case {
            Case::R => steps.reject(result),
            _ => steps.done(Step::ExtractFromJd, result).map_err(Problem::conflict)?,
        }
        self.keep_steps(&steps)?;
        let (status, costs) = (status_name(steps.status()), steps.costs());
        Ok(Extracted { step, enrichment, status, epoch: told.epoch, costs })
    }

    /// The second step's answer.
    pub(crate) fn second_step(&self, told: &Told) -> StepTwo {
        let tables = self.engine.tables();
        let catalogue = Catalogue::of(tables.iter());
        let names = self.lookup.names();
        let nearest = |text: &str| self.near_skills(text);
        details(told.row(&names), &catalogue, &nearest, &[])
    }

    /// The known skills whose names are near a text.
    pub(crate) fn near_skills(&self, text: &str) -> Vec<(String, Micro)> {
        let vector = self.desk.vector(text);
        self.search
            .possible_skills(text, vector.as_ref(), NEAR)
            .into_iter()
            .map(|near| (near.skill.to_string(), near.score))
            .collect()
    }

    /// The third step: its edits and verdicts are one order, and its answer is kept with them.
    pub(crate) fn third_step(
        &self,
        jd: Id,
        content: u64,
        request: &FinalRequest,
        principal: &Principal,
    ) -> Result<StepThree, Problem> {
        for _ in 0..TRIES {
            if let Some(answer) = self.try_third_step(jd, content, request, principal)? {
                return Ok(answer);
            }
        }
        Err(overtaken())
    }

    /// The third step, unless somebody else changed records while it was worked out.
    fn try_third_step(
        &self,
        jd: Id,
        content: u64,
        request: &FinalRequest,
        principal: &Principal,
    ) -> Result<Option<StepThree>, Problem> {
        let internal = |error: Error| Problem::internal(&error);
        let mut steps = self.steps_of(jd, content)?;
        steps.may(Step::FinalRoleOutput).map_err(|error| Problem::conflict(error).kind("out-of-order"))?;
        let told = self.held(jd, content)?;
        let second: StepTwo = match steps.result(Step::ExtractDetails) {
            Some(result) => kept(&result.json).map_err(internal)?,
            None => self.second_step(&told),
        };
        let tables = self.engine.tables();
        let outcome = {
            let (catalogue, names) = (Catalogue::of(tables.iter()), self.lookup.names());
            let asked = Asked { who: &principal.name, at: (self.now)() };
            final_output(told.row(&names), &second, request, &catalogue, asked)
        };
        let outcome = outcome.map_err(|errors| Problem::of_errors(StatusCode::UNPROCESSABLE_ENTITY, errors))?;
        let mut changes = self.desk.changes(outcome.edits).map_err(internal)?;
        changes.extend(outcome.reviews.into_iter().map(Record::Review).map(Change::Put));
        changes.extend(outcome.adjudication.map(Record::Adjudication).map(Change::Put));
        let run = run_id(jd, content);
        let mut entry = self.audited(&principal.name, "final-role-output", format!("run/{run}"));
        let authored = Authored {
            author: principal.name.to_string(),
            why: format!("final role output of run {run}"),
            ..Authored::default()
        };
        let (mut answer, mut stored, version) = (outcome.answer.clone(), steps.clone(), told.taxonomy_version);
        // The same moment is kept and told; what the answer is, is known when the version has its number.
        let result = StepResult {
            json: String::new(),
            at: (self.now)(),
            taxonomy_version: version,
            by: principal.name.to_string(),
        };
        let told_of = result.clone();
        let keep = move |changed: &Changed, commit: &mut Commit<'_>| {
            answer.published_version = changed.version;
            (entry.version, entry.after) = (changed.version, serde_json::to_value(&answer.persistence).ok());
            // That it may be done was asked before.
            let _ = stored.done(Step::FinalRoleOutput, StepResult { json: as_json(&answer), ..result });
            commit.put_audit(entry.number, as_json(&entry)).put_run(jd, content, as_json(&stored));
        };
        // What the answer says follows from these records: where others came since, it is made anew.
        let same = move |now: &Arc<Tables>, _: u64| Arc::ptr_eq(now, &tables);
        let Some(done) = self.order_if(same, changes, authored, keep)? else { return Ok(None) };
        self.desk.settle(&done).map_err(internal)?;
        let mut answer = outcome.answer;
        answer.published_version = done.changed.version;
        let _ = steps.done(Step::FinalRoleOutput, told_of);
        self.history.note_step(jd, content, status_name(steps.status()), steps.updated);
        Ok(Some(answer))
    }

    /// A step's answer, as it is kept.
    pub(crate) fn result(&self, answer: &impl Serialize, taxonomy_version: u64, principal: &Principal) -> StepResult {
        StepResult { json: as_json(answer), at: (self.now)(), taxonomy_version, by: principal.name.to_string() }
    }

    /// Keeps what is known of a run's steps, before anybody is told.
    pub(crate) fn keep_steps(&self, steps: &RunSteps) -> Result<(), Problem> {
        let internal = |error: Error| Problem::internal(&error);
        let mut commit = self.store.commit();
        commit.put_run(steps.jd, steps.content, as_json(steps));
        commit.write().map_err(internal)?;
        self.store.sync().map_err(internal)?;
        self.history.note_step(steps.jd, steps.content, status_name(steps.status()), steps.updated);
        Ok(())
    }
}
