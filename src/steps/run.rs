//! Which steps has a run done, and which may it do next? (SPEC §7, life of a run)
//!
//! `received` → `rejected`, or `extract_from_jd_done` → `extract_details_done` → `completed`; `failed` from any step.
//! A step may be done again: its result is replaced, and the later ones are as if they had never been. What is kept
//! of a step is what was given out, as JSON text.

use super::ledger::{Costs, ModelCall, Totals};
use crate::error::Error;
use crate::time::rfc3339;
use rolestream_dataflows::id::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A step of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// `POST /skills/extract-from-jd`
    ExtractFromJd,
    /// `POST /skills/extract-details`
    ExtractDetails,
    /// `POST /skills/final-role-output`
    FinalRoleOutput,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "SPEC §7 lists them")]
pub enum Status {
    Received,
    Rejected,
    ExtractFromJdDone,
    ExtractDetailsDone,
    Completed,
    Failed,
}

/// What a step gave out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    /// The answer, as JSON text.
    pub json: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The taxonomy version it saw.
    pub taxonomy_version: u64,
    /// The name of who asked for it: a token's, a source's.
    pub by: String,
}

/// What went wrong in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// In which.
    pub step: Step,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What is wrong.
    pub primary: String,
    /// What was found.
    pub detail: Option<String>,
    /// What to do.
    pub hint: Option<String>,
}

/// What is known of a run beside its JD: one of these per (JD, content).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSteps {
    /// The JD.
    pub jd: Id,
    /// Hash of its content.
    pub content: u64,
    /// When it was received, in milliseconds since 1970.
    pub created: i64,
    /// When a step was last done, failed, or the role last changed.
    pub updated: i64,
    /// Its JD was rejected.
    pub rejected: bool,
    /// What the steps gave out, in order; a later one is only there when all before it are.
    results: [Option<StepResult>; 3],
    /// What went wrong last, if nothing went right since.
    failure: Option<Failure>,
    /// Models that were called, in which step; of steps that failed or were done again, too: they cost what they cost.
    calls: Vec<(Step, ModelCall)>,
}

/// How far a run is, for printing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Where it is.
    pub status: Status,
    /// When it was received (RFC 3339).
    pub created: String,
    /// When it last changed (RFC 3339).
    pub updated: String,
    /// Each step, done or not.
    pub steps: Vec<StepProgress>,
    /// What went wrong, where it failed.
    pub failure: Option<Failure>,
    /// What models cost.
    pub costs: Costs,
}

/// A step of a run, for printing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepProgress {
    /// Which.
    pub step: Step,
    /// Whether it was done; all that follows is null where it was not.
    pub done: bool,
    /// When (RFC 3339).
    pub at: Option<String>,
    /// With which taxonomy version.
    pub taxonomy_version: Option<u64>,
    /// By whom.
    pub by: Option<String>,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Step; 3] = [Step::ExtractFromJd, Step::ExtractDetails, Step::FinalRoleOutput];

    /// As its path has it.
    pub fn name(self) -> &'static str {
        match self {
            Step::ExtractFromJd => "extract-from-jd",
            Step::ExtractDetails => "extract-details",
            Step::FinalRoleOutput => "final-role-output",
        }
    }

    fn place(self) -> usize {
        self as usize
    }
}

impl RunSteps {
    /// A run that was just received.
    pub fn received(jd: Id, content: u64, at: i64) -> RunSteps {
        RunSteps {
            jd,
            content,
            created: at,
            updated: at,
            rejected: false,
            results: [None, None, None],
            failure: None,
            calls: Vec::new(),
        }
    }

    /// Where it is.
    pub fn status(&self) -> Status {
        match (self.rejected, &self.failure, &self.results) {
            (true, _, _) => Status::Rejected,
            (_, Some(_), _) => Status::Failed,
            (_, _, [_, _, Some(_)]) => Status::Completed,
            (_, _, [_, Some(_), _]) => Status::ExtractDetailsDone,
            (_, _, [Some(_), _, _]) => Status::ExtractFromJdDone,
            _ => Status::Received,
        }
    }

    /// What a step gave out, if it was done and no step before it was done again since.
    pub fn result(&self, step: Step) -> Option<&StepResult> {
        self.results[step.place()].as_ref()
    }

    /// What went wrong last, if nothing went right since.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Whether a step may be done now; an error is a conflict (409). The first one always may.
    pub fn may(&self, step: Step) -> Result<(), Error> {
        if self.rejected && step != Step::ExtractFromJd {
            return Err(Error::new(format!("a rejected run has no step {}", step.name()))
                .detail("its JD was rejected; rejection_reason of the first step says why")
                .hint("send the JD again, corrected: that is a run of its own"));
        }
        match Step::ALL[..step.place()].iter().find(|before| self.result(**before).is_none()) {
            None => Ok(()),
            Some(missing) => Err(Error::new(format!("the step {} is out of order", step.name()))
                .detail(format!("of this run the step {} was not done yet", missing.name()))
                .hint(format!("do {} first", missing.name()))),
        }
    }

    /// A step was done: its result replaces an earlier one and resets the later steps.
    pub fn done(&mut self, step: Step, result: StepResult) -> Result<(), Error> {
        self.may(step)?;
        self.touch(result.at);
        self.reset(step);
        self.results[step.place()] = Some(result);
        Ok(())
    }

    /// The first step found that the JD is none; its answer is kept, too.
    pub fn reject(&mut self, result: StepResult) {
        self.touch(result.at);
        self.reset(Step::ExtractFromJd);
        self.rejected = true;
        self.results[0] = Some(result);
    }

    /// A step failed: of it and the later ones there is no result.
    pub fn fail(&mut self, step: Step, error: &Error, at: i64) -> Result<(), Error> {
        self.may(step)?;
        self.touch(at);
        self.reset(step);
        let Error { primary, detail, hint, .. } = error.clone();
        self.failure = Some(Failure { step, at, primary, detail, hint });
        Ok(())
    }

    /// Something happened to it at this time: a role change.
    pub fn touch(&mut self, at: i64) {
        self.updated = self.updated.max(at);
    }

    fn reset(&mut self, from: Step) {
        self.results[from.place()..].fill(None);
        self.failure = None;
        self.rejected &= from != Step::ExtractFromJd;
    }

    /// A model was called in this step.
    pub fn called(&mut self, step: Step, call: ModelCall) {
        self.calls.push((step, call));
    }

    /// The models that were called, in which step, in the order called.
    pub fn calls(&self) -> &[(Step, ModelCall)] {
        &self.calls
    }

    /// What models cost.
    pub fn costs(&self) -> Costs {
        let of = |wanted: Step| self.calls.iter().filter(move |(step, _)| *step == wanted).map(|(_, call)| call);
        let totals = |step: Step| Totals::of(of(step));
        Costs::of(Step::ALL.map(|step| (step.name(), totals(step))))
    }

    /// How far it is, for printing.
    pub fn progress(&self) -> Progress {
        let step = |step: Step| {
            let result = self.result(step);
            StepProgress {
                step,
                done: result.is_some(),
                at: result.map(|result| rfc3339(result.at)),
                taxonomy_version: result.map(|result| result.taxonomy_version),
                by: result.map(|result| result.by.clone()),
            }
        };
        Progress {
            status: self.status(),
            created: rfc3339(self.created),
            updated: rfc3339(self.updated),
            steps: Step::ALL.map(step).into(),
            failure: self.failure.clone(),
            costs: self.costs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(at: i64) -> StepResult {
        StepResult { json: format!("{{\"at\":{at}}}"), at, taxonomy_version: 3, by: "t".to_owned() }
    }

    fn run() -> RunSteps {
        RunSteps::received(Id::jd("a"), 7, 1)
    }

    #[test]
    fn steps_go_in_order_and_doing_one_again_resets_the_later_ones() {
        let mut run = run();
        let early = run.done(Step::FinalRoleOutput, result(2)).unwrap_err();
        assert_eq!(early.hint.as_deref(), Some("do extract-from-jd first"));
        assert_eq!((run.status(), run.updated), (Status::Received, 1), "what was refused left no trace");
        let expected = [Status::ExtractFromJdDone, Status::ExtractDetailsDone, Status::Completed];
        for (n, (step, status)) in Step::ALL.into_iter().zip(expected).enumerate() {
            run.done(step, result(n as i64 + 2)).unwrap();
            assert_eq!((run.status(), run.updated), (status, n as i64 + 2));
        }
        run.done(Step::ExtractDetails, result(9)).unwrap();
        assert_eq!(run.status(), Status::ExtractDetailsDone);
        assert_eq!(run.result(Step::ExtractDetails).unwrap().at, 9);
        assert!(run.result(Step::FinalRoleOutput).is_none() && run.result(Step::ExtractFromJd).is_some());
    }

    #[test]
    fn a_rejected_run_has_no_further_steps_until_its_first_is_done_again() {
        let mut run = run();
        run.reject(result(2));
        assert_eq!(run.status(), Status::Rejected);
        assert!(run.may(Step::ExtractDetails).unwrap_err().primary.contains("rejected"));
        assert!(run.fail(Step::ExtractDetails, &Error::new("x"), 3).is_err());
        run.done(Step::ExtractFromJd, result(4)).unwrap();
        assert_eq!(run.status(), Status::ExtractFromJdDone);
    }

    #[test]
    fn a_failure_names_its_step_and_goes_when_that_is_done() {
        let mut run = run();
        run.done(Step::ExtractFromJd, result(2)).unwrap();
        run.done(Step::ExtractDetails, result(3)).unwrap();
        run.fail(Step::ExtractDetails, &Error::new("no answer").hint("again"), 4).unwrap();
        assert_eq!((run.status(), run.updated), (Status::Failed, 4));
        assert_eq!(run.failure().map(|failure| (failure.step, failure.at)), Some((Step::ExtractDetails, 4)));
        assert!(run.may(Step::FinalRoleOutput).is_err(), "its second step has no result any more");
        run.done(Step::ExtractDetails, result(5)).unwrap();
        assert_eq!((run.status(), run.failure()), (Status::ExtractDetailsDone, None));
    }

    #[test]
    fn it_is_kept_as_it_is_and_says_what_was_not_done() {
        let mut run = run();
        run.done(Step::ExtractFromJd, result(1_500)).unwrap();
        let bytes = bincode::serialize(&run).unwrap();
        assert_eq!(bincode::deserialize::<RunSteps>(&bytes).unwrap(), run);
        let progress = serde_json::to_value(run.progress()).unwrap();
        assert_eq!(progress["status"], "extract_from_jd_done");
        assert_eq!(progress["updated"], "1970-01-01T00:00:01.5Z");
        assert_eq!(progress["steps"][0]["taxonomy_version"], 3);
        assert_eq!(
            (&progress["steps"][1]["step"], &progress["steps"][1]["done"]),
            (&"extract-details".into(), &false.into())
        );
        assert_eq!(progress["costs"]["total_usd"], "$0.0000");
        // A role change long ago moves nothing back.
        run.touch(3);
        assert_eq!(run.updated, 1_500);
    }
}
