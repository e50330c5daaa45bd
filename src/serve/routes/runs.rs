//! Which runs are there, and what is known of one? `/runs`
//!
//! A run is one content of one JD. Of the content that is held now all is told; of an earlier one, or of a JD that was
//! withdrawn, the facts.

use crate::error::Error;
use crate::report::explanation::{Explanation, explain};
use crate::report::reasoning::{case, rule};
use crate::report::{StepOne, step_one};
use crate::serve::access::{Access, Principal, Scope, require};
use crate::serve::answers::Told;
use crate::serve::app::{App, as_json, kept};
use crate::serve::extract::{Json, Path, Query};
use crate::serve::history::{Listed, Wanted};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::service::{Changed, Submission};
use crate::sinks::role_change;
use crate::steps::ledger::ModelCall;
use crate::steps::run::Progress;
use crate::steps::{RunSteps, Step, StepResult, run_id};
use crate::store::Commit;
use crate::time::{millis, rfc3339};
use axum::extract::State;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle;
use rolestream_dataflows::records::{Change, Record};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Answer, Case};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Which runs.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunsWanted {
    /// `rejected`, `extract_from_jd_done`, `extract_details_done`, `completed` or `failed`.
    status: Option<String>,
    /// The slug of the chosen role.
    role: Option<String>,
    /// `A`, `B`, `C`, `D`, `E`, `F`, `NEW` or `R`.
    case: Option<String>,
    /// In title, company or the JD's id.
    text: Option<String>,
    /// Received from then on: a time (RFC 3339), a day, or milliseconds since 1970.
    from: Option<String>,
    /// Received before then.
    before: Option<String>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of runs, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Runs {
    /// Newest first.
    pub runs: Vec<RunSummary>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// Runs held in all.
    pub held: usize,
}

/// A run in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunSummary {
    /// Of the run.
    pub run_id: String,
    /// Of the JD.
    pub id: String,
    /// As written; empty where there is none.
    pub title: String,
    /// Empty where none is known.
    pub company: String,
    /// Where the JD came from.
    pub source: Option<String>,
    /// Where the run is.
    pub status: &'static str,
    /// The decision in force.
    pub decision: Decided,
    /// When it was received (RFC 3339).
    pub created_at: String,
    /// The last step or role change (RFC 3339).
    pub updated_at: String,
}

/// A decision in short.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "SPEC §4 defines them")]
pub struct Decided {
    pub case: &'static str,
    pub rule: &'static str,
    /// The slug of the chosen role.
    pub role: Option<String>,
    pub role_display_name: Option<String>,
    pub new_role_slug: Option<String>,
    pub confidence: Option<f64>,
    pub queued: bool,
    pub rejection_reason: Option<&'static str>,
}

/// All that is known of a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunOf {
    /// Of the run.
    pub run_id: String,
    /// Of the JD.
    pub id: String,
    /// Whether this content is what is held of the JD now.
    pub current: bool,
    /// Where the JD came from.
    pub source: Option<String>,
    /// Who parsed it.
    pub parser: Option<String>,
    /// Where the run is, its steps, and what models cost.
    #[serde(flatten)]
    pub progress: Progress,
    /// The JD; null where another content is held, or none.
    pub jd: Option<JdText>,
    /// What is said of it now, in the shape of the first step; null where another content is held, or none.
    pub now: Option<StepOne>,
    /// What the run is for a client.
    pub enrichment: Option<crate::report::Enrichment>,
    /// What was said of it first.
    pub at_ingest: Option<AtIngest>,
    /// Whether something else is said now than first.
    pub differs: bool,
    /// What else was said since, oldest first.
    #[schema(value_type = Vec<Object>)]
    pub role_changes: Vec<Value>,
    /// What each step that was done gave out, by its name.
    #[schema(value_type = Object)]
    pub results: BTreeMap<&'static str, Value>,
    /// Models that were called.
    pub calls: Vec<Called>,
    /// The epoch at which all of it is true.
    pub epoch: u64,
}

/// A JD as it was delivered.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct JdText {
    pub title: Option<String>,
    pub company: Option<String>,
    pub text: String,
    /// RFC 3339.
    pub received_at: String,
}

/// What was said first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AtIngest {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decided,
    /// With which taxonomy version.
    pub taxonomy_version: u64,
    /// When (RFC 3339).
    pub at: String,
}

/// A model's call, and in which step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Called {
    /// The step.
    pub step: &'static str,
    /// The call.
    #[serde(flatten)]
    pub call: ModelCall,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    let reading = OpenApiRouter::new().routes(routes!(list)).routes(routes!(explanation)).routes(routes!(one));
    let submitting = OpenApiRouter::new().routes(routes!(withdraw));
    let submitting = submitting.route_layer(require(access, Scope::Submit));
    reading.route_layer(require(access, Scope::Read)).merge(submitting)
}

/// Runs, newest first.
#[utoipa::path(get, path = "/runs", tag = "runs", params(RunsWanted), responses(
    (status = 200, body = Runs),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<RunsWanted>) -> Result<Json<Runs>, Problem> {
    let most = page::rows(asked.limit)?;
    let after = asked.cursor.as_deref().map(page::place::<(i64, u64)>).transpose()?;
    let after = after.map(|(at, jd)| (Reverse(at), Id(jd)));
    let wanted = asked.wanted()?;
    app.aside(move |app| {
        let (runs, next) = app.history.list(&wanted, after, most);
        Ok(Json(Runs {
            runs: runs.iter().map(|run| app.summary(run)).collect(),
            next: next.map(|(at, jd)| page::cursor(&(at.0, jd.0))),
            held: app.history.len(),
        }))
    })
    .await
}

/// A run.
#[utoipa::path(get, path = "/runs/{id}", tag = "runs", params(("id" = String, Path, description = "run_id")), responses(
    (status = 200, body = RunOf),
    (status = 404, description = "There is no such run", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<RunOf>, Problem> {
    let (jd, content) = run_of(&id)?;
    app.aside(move |app| app.run_of(jd, content).map(Json)).await
}

/// Why it was decided so: every part of every number, against every role.
#[utoipa::path(get, path = "/runs/{id}/explain", tag = "runs", params(("id" = String, Path, description = "run_id")), responses(
    (status = 200, body = Explanation),
    (status = 404, description = "There is no such run", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Another content of the JD is held", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn explanation(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Explanation>, Problem> {
    let (jd, content) = run_of(&id)?;
    app.aside(move |app| {
        let told = app.held(jd, content)?;
        app.explain(&told).map(Json)
    })
    .await
}

/// Withdraws the JD of a run: all it contributed is retracted, everywhere. What was said of it stays on record.
#[utoipa::path(delete, path = "/runs/{id}", tag = "runs", security(("token" = ["submit"])), params(("id" = String, Path, description = "run_id")), responses(
    (status = 204, description = "It is withdrawn, and gone from every view"),
    (status = 404, description = "There is no such run", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Another content of the JD is held", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn withdraw(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<axum::http::StatusCode, Problem> {
    let (jd, content) = run_of(&id)?;
    app.aside(move |app| {
        let told = app.held(jd, content)?;
        let name = told.admitted.document.id.clone();
        let entry = app.audited(&principal.name, "withdraw", format!("jd/{name}"));
        let jds = app.desk.prepare("http", vec![Submission::Withdrawn(name)]).map_err(|e| Problem::internal(&e))?;
        let keep = move |_: &Changed, commit: &mut Commit<'_>| {
            commit.put_audit(entry.number, as_json(&entry));
        };
        let done = app.desk.submit(jds, keep).map_err(Problem::closed)?;
        app.desk.settle(&done).map_err(|error| Problem::internal(&error))?;
        Ok(axum::http::StatusCode::NO_CONTENT)
    })
    .await
}

/// The JD and content that a run's id names.
pub(super) fn run_of(id: &str) -> Result<(Id, u64), Problem> {
    // What is no id at all names no run either.
    run_id::parse(id).map_err(|error| Problem::not_found(error).kind("unknown-run"))
}

pub(super) fn unknown_run(jd: Id, content: u64) -> Problem {
    let id = crate::report::step_one::run_id(jd, content);
    let error = Error::new(format!("there is no run {id}"))
        .detail("no JD of this id and content was ever received, or it was forgotten")
        .hint("GET /runs lists them");
    Problem::not_found(error).kind("unknown-run")
}

impl RunsWanted {
    fn wanted(&self) -> Result<Wanted, Problem> {
        const STATUSES: [&str; 5] = ["rejected", "extract_from_jd_done", "extract_details_done", "completed", "failed"];
        let unfit = |name: &str, found: &str, those: &str| {
            Problem::unprocessable(
                Error::new(format!("{name} does not fit"))
                    .detail(format!("it is {found:?}"))
                    .hint(format!("it is one of {those}")),
            )
        };
        if let Some(status) = self.status.as_deref().filter(|status| !STATUSES.contains(status)) {
            return Err(unfit("status", status, &STATUSES.join(", ")));
        }
        let case = match self.case.as_deref() {
            None => None,
            Some(letter) => {
                let all = [Case::A, Case::B, Case::C, Case::D, Case::E, Case::F, Case::New, Case::R];
                let found = all.into_iter().find(|known| case(*known).eq_ignore_ascii_case(letter));
                Some(found.ok_or_else(|| unfit("case", letter, "A, B, C, D, E, F, NEW, R"))?)
            }
        };
        let time = |text: &Option<String>| text.as_deref().map(millis).transpose().map_err(Problem::unprocessable);
        Ok(Wanted {
            status: self.status.clone(),
            role: self.role.as_deref().map(Id::role),
            case,
            text: self.text.as_deref().map(normalise).filter(|text| !text.is_empty()),
            from: time(&self.from)?,
            before: time(&self.before)?,
        })
    }
}

impl App {
    /// A decision in short.
    pub(crate) fn decided(&self, answer: &Answer) -> Decided {
        let decision = &answer.decision;
        let names = self.lookup.names();
        Decided {
            case: case(decision.case),
            rule: rule(decision.rule),
            role: decision.role.map(|id| names.role(id).map_or_else(|| id.to_string(), |role| role.slug.clone())),
            role_display_name: decision.role.map(|role| names.role_name(role)),
            new_role_slug: decision.new_role.as_deref().map(str::to_owned),
            confidence: decision.confidence.map(|confidence| confidence.to_f64()),
            queued: decision.queued(),
            rejection_reason: decision.rejection.map(|reason| reason.name()),
        }
    }

    /// A run in a list.
    pub(crate) fn summary(&self, run: &Listed) -> RunSummary {
        RunSummary {
            run_id: crate::report::step_one::run_id(run.jd, run.answer.content),
            id: self.lookup.jd(run.jd).to_string(),
            title: run.heading.title.to_string(),
            company: run.heading.company.to_string(),
            source: self.lookup.source(run.answer.source).map(|source| source.to_string()),
            status: run.status(),
            decision: self.decided(&run.answer),
            created_at: rfc3339(run.answer.received_at),
            updated_at: rfc3339(run.updated_at),
        }
    }

    /// The run, where its content is what is held.
    pub(crate) fn held(&self, jd: Id, content: u64) -> Result<Told, Problem> {
        match self.told(jd).map_err(|error| Problem::internal(&error))? {
            Some(told) if told.answer.content == content => Ok(told),
            _ if self.engine.at_ingest(jd, content).is_some() => Err(Problem::conflict(
                Error::new("this run is a thing of the past")
                    .detail("its JD was corrected or withdrawn since")
                    .hint("GET /runs/{id} tells what was said of it"),
            )
            .kind("past-run")),
            _ => Err(unknown_run(jd, content)),
        }
    }

    /// What is known of a run's steps. Of a JD that came by a source, the first one was done by that.
    pub(crate) fn steps_of(&self, jd: Id, content: u64) -> Result<RunSteps, Problem> {
        if let Some(steps) = self.steps(jd, content).map_err(|error| Problem::internal(&error))? {
            return Ok(steps);
        }
        let first = self.engine.at_ingest(jd, content).ok_or_else(|| unknown_run(jd, content))?;
        let mut steps = RunSteps::received(jd, content, first.answer.received_at);
        let by = self.lookup.source(first.answer.source).map(|source| source.to_string()).unwrap_or_default();
        let (at, taxonomy_version) = (first.answer.received_at, first.taxonomy_version);
        let result = StepResult { json: String::new(), at, taxonomy_version, by };
        match first.answer.decision.case {
            Case::R => steps.reject(result),
            _ => steps.done(Step::ExtractFromJd, result).map_err(|error| Problem::internal(&error))?,
        }
        Ok(steps)
    }

    /// All that is known of a run.
    pub(crate) fn run_of(&self, jd: Id, content: u64) -> Result<RunOf, Problem> {
        let internal = |error: Error| Problem::internal(&error);
        let mut steps = self.steps_of(jd, content)?;
        let told = self.told(jd).map_err(internal)?.filter(|told| told.answer.content == content);
        let mut role_changes = Vec::new();
        for number in self.history.changes(jd) {
            for (number, stored) in self.store.role_changes(number - 1, 1).map_err(internal)? {
                if stored.change.content == content {
                    steps.touch(i64::try_from(stored.change.epoch).unwrap_or(i64::MAX));
                    role_changes.push(role_change(number, &stored, &self.lookup));
                }
            }
        }
        let first = self.engine.at_ingest(jd, content);
        let mut results = BTreeMap::new();
        for step in Step::ALL {
            if let Some(result) = steps.result(step).filter(|result| !result.json.is_empty()) {
                results.insert(step.name(), kept(&result.json).map_err(internal)?);
            }
        }
        let at_ingest = first.as_ref().map(|first| AtIngest {
            decision: self.decided(&first.answer),
            taxonomy_version: first.taxonomy_version,
            at: rfc3339(i64::try_from(first.epoch).unwrap_or(i64::MAX)),
        });
        let id = self.lookup.jd(jd).to_string();
        let names = self.lookup.names();
        let differs =
            told.as_ref().zip(first.as_ref()).is_some_and(|(now, first)| now.answer.decision.said() != first.said());
        Ok(RunOf {
            run_id: crate::report::step_one::run_id(jd, content),
            id,
            current: told.is_some(),
            source: first.as_ref().and_then(|first| self.lookup.source(first.answer.source)).map(|s| s.to_string()),
            parser: told.as_ref().map(|told| told.parser_name()),
            progress: steps.progress(),
            jd: told.as_ref().map(|told| JdText {
                title: told.admitted.document.title.clone(),
                company: told.admitted.document.company.clone(),
                text: told.admitted.document.text.clone(),
                received_at: rfc3339(told.answer.received_at),
            }),
            enrichment: told.as_ref().and_then(|told| told.enrichment(&names)),
            now: told.as_ref().map(|told| step_one(told.row(&names))),
            at_ingest,
            differs,
            role_changes,
            results,
            calls: steps.calls().iter().map(|(step, call)| Called { step: step.name(), call: call.clone() }).collect(),
            epoch: told.as_ref().map_or_else(|| self.engine.last_closed(), |told| told.epoch),
        })
    }

    /// Every part of every number, against every role: computed from scratch, for this one JD.
    fn explain(&self, told: &Told) -> Result<Explanation, Problem> {
        let mut tables = (*self.engine.tables()).clone();
        let mut settings = told.settings.clone();
        settings.top = u32::MAX;
        let _ = tables.apply(Change::Put(Record::Settings(settings)));
        let jd = told.admitted.update.id;
        let Some(held) = told.admitted.update.jd.clone() else { return Err(unknown_run(jd, told.answer.content)) };
        let snapshot = oracle::compute(&tables, &BTreeMap::from([(jd, held)]));
        let answer = snapshot.decisions.get(&jd).ok_or_else(|| unknown_run(jd, told.answer.content))?;
        let names = self.lookup.names();
        let row = crate::report::Row { answer, ..told.row(&names) };
        Ok(explain(row, &tables))
    }
}
