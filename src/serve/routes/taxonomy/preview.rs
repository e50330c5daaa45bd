//! Which past runs would a draft change? Told before it is published, and equal to what publishing it then does.
//!
//! The records of the draft are tried out in the engine and taken back. Where it changes what names a skill, the held
//! texts that hold such a name are read as they would be then, and tried out with it.

use super::drafts::{outdated, wrong};
use crate::editing::{Draft, Operation};
use crate::engine::Preview;
use crate::error::{Error, Errors};
use crate::report::step_one::run_id;
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::problem::Problem;
use crate::serve::routes::runs::Decided;
use crate::serve::standing::{internal, overtaken};
use crate::service::Reread;
use axum::extract::State;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Record};
use rolestream_dataflows::views::Answer;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Runs that are listed, unless said.
const LISTED: usize = 1_000;
/// Runs that are listed, at most.
const MOST_LISTED: usize = 100_000;
/// How often a preview is begun anew when the taxonomy is edited meanwhile.
const TRIES: usize = 4;

/// Runs by what they were and would be: roles, rules, or cases.
type Movements = BTreeMap<(Option<String>, Option<String>), usize>;

/// How much of a preview is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewWanted {
    /// Runs that are listed, 0 to 100000; 1000 unless said. They are counted all the same.
    limit: Option<usize>,
}

/// Operations that are tried out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    /// In this order; each sees what those before it did.
    pub operations: Vec<Operation>,
}

/// What publishing would change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewView {
    /// The taxonomy version that it would follow upon.
    pub version: u64,
    /// The epoch whose views it is compared with.
    pub epoch: u64,
    /// Records that would change.
    pub records: usize,
    /// Runs of which something else would be said: another rule, case, role or new role.
    pub total: usize,
    /// The runs by role, the most frequent first.
    pub by_role: Vec<Movement>,
    /// The runs by rule.
    pub by_rule: Vec<Movement>,
    /// The runs by case.
    pub by_case: Vec<Movement>,
    /// The runs, by id of the JD; no more of them than `limit`.
    pub runs: Vec<PreviewedRun>,
    /// Runs that were decided anew to find that out.
    pub tried: usize,
    /// What was read for it.
    pub reading: Reading,
}

/// How many runs go from one to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Movement {
    /// What is said now; null: no role, where it is of roles.
    pub from: Option<String>,
    /// What would be said.
    pub to: Option<String>,
    /// So many runs.
    pub runs: usize,
}

/// A run of which something else would be said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewedRun {
    /// Of the run.
    pub run_id: String,
    /// Of the JD.
    pub id: String,
    /// As written; empty where there is none.
    pub title: String,
    /// Empty where none is known.
    pub company: String,
    /// What is said now.
    pub before: Option<Decided>,
    /// What would be said.
    pub after: Option<Decided>,
}

/// Which held texts were read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reading {
    /// Texts that were searched for names of skills that come or go; 0 where none does.
    pub searched: u64,
    /// Texts that hold one, and were parsed again.
    pub read: u64,
    /// Of these, texts that would read differently.
    pub differ: usize,
    /// Whether that was all of them: one preview parses 20,000, at most.
    pub complete: bool,
    /// Whether texts are still being read for an earlier version: what that changes is not counted here.
    pub behind: bool,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(of_draft))
        .routes(routes!(of_operations))
        .route_layer(require(access, Scope::Review))
}

/// What publishing this draft now would change.
#[utoipa::path(post, path = "/taxonomy/drafts/{id}/preview", tag = "taxonomy", security(("token" = ["review"])),
    params(("id" = u64, Path, description = "Of the draft"), PreviewWanted), responses(
    (status = 200, body = PreviewView),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "An operation cannot be done any more", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn of_draft(
    State(app): State<Arc<App>>,
    Path(id): Path<u64>,
    Query(asked): Query<PreviewWanted>,
) -> Result<Json<PreviewView>, Problem> {
    let most = asked.most()?;
    app.aside(move |app| app.preview(&app.draft(id)?, most, outdated).map(Json)).await
}

/// What publishing these operations would change. No draft is kept.
#[utoipa::path(post, path = "/taxonomy/preview", tag = "taxonomy", security(("token" = ["review"])),
    params(PreviewWanted), request_body = Tried, responses(
    (status = 200, body = PreviewView),
    (status = 422, description = "An operation cannot be done", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn of_operations(
    State(app): State<Arc<App>>,
    Query(asked): Query<PreviewWanted>,
    Json(tried): Json<Tried>,
) -> Result<Json<PreviewView>, Problem> {
    let most = asked.most()?;
    let draft = Draft {
        id: 0,
        title: String::new(),
        author: String::new(),
        created_at: 0,
        updated_at: 0,
        base_version: 0,
        operations: tried.operations,
        note: String::new(),
    };
    app.aside(move |app| app.preview(&draft, most, wrong).map(Json)).await
}

impl PreviewWanted {
    fn most(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(LISTED),
            Some(limit) if limit <= MOST_LISTED => Ok(limit),
            Some(limit) => Err(Problem::unprocessable(
                Error::new("limit does not fit")
                    .detail(format!("it is {limit}; 0 to {MOST_LISTED} runs are listed"))
                    .hint("ask for less: all runs are counted anyway"),
            )),
        }
    }
}

impl App {
    fn preview(&self, draft: &Draft, most: usize, refuse: fn(Errors) -> Problem) -> Result<PreviewView, Problem> {
        for _ in 0..TRIES {
            let standing = self.standing()?;
            let edits = draft.edits(&*standing.tables).map_err(refuse)?;
            let changes = self.desk.changes(edits).map_err(internal)?;
            let behind = self.store.pending_reparse().map_err(internal)?.is_some();
            let mut reread = self.desk.reread(&standing.tables, &changes).map_err(internal)?;
            let jds = std::mem::take(&mut reread.jds);
            let differ = jds.len();
            let preview = self.engine.preview(changes.clone(), jds).map_err(internal)?;
            if preview.taxonomy_version == standing.version {
                let Reread { searched, read, cut, .. } = reread;
                let reading = Reading { searched, read, differ, complete: !cut, behind };
                return Ok(self.previewed(&preview, &changes, reading, most));
            }
        }
        Err(overtaken())
    }

    fn previewed(&self, preview: &Preview, changes: &[Change], reading: Reading, most: usize) -> PreviewView {
        // Roles that are called otherwise then, or come.
        let called: HashMap<Id, (&str, &str)> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Put(Record::Role(role)) => Some((Id::role(&role.slug), (&*role.slug, &*role.name))),
                _ => None,
            })
            .collect();
        let after = |answer: &Arc<Answer>| {
            let mut decided = self.decided(answer);
            if let Some((slug, name)) = answer.decision.role.and_then(|role| called.get(&role)) {
                decided.role = Some((*slug).to_owned());
                decided.role_display_name = Some((*name).to_owned());
            }
            decided
        };
        let mut moved: [Movements; 3] = Default::default();
        let mut runs = Vec::new();
        for (jd, now, then) in &preview.changed {
            let before = now.as_ref().map(|answer| self.decided(answer));
            let after = then.as_ref().map(&after);
            let of =
                |what: fn(&Decided) -> Option<String>| (before.as_ref().and_then(what), after.as_ref().and_then(what));
            *moved[0].entry(of(|decided| decided.role.clone())).or_default() += 1;
            *moved[1].entry(of(|decided| Some(decided.rule.to_owned()))).or_default() += 1;
            *moved[2].entry(of(|decided| Some(decided.case.to_owned()))).or_default() += 1;
            if runs.len() < most {
                let content = then.as_ref().or(now.as_ref()).map_or(0, |answer| answer.content);
                let heading = self.lookup.heading(*jd);
                runs.push(PreviewedRun {
                    run_id: run_id(*jd, content),
                    id: self.lookup.jd(*jd).to_string(),
                    title: heading.title.to_string(),
                    company: heading.company.to_string(),
                    before,
                    after,
                });
            }
        }
        runs.sort_by(|a, b| (&a.id, &a.run_id).cmp(&(&b.id, &b.run_id)));
        let [by_role, by_rule, by_case] = moved.map(|moved| {
            let mut movements: Vec<Movement> =
                moved.into_iter().map(|((from, to), runs)| Movement { from, to, runs }).collect();
            movements.sort_by_key(|movement| Reverse(movement.runs));
            movements
        });
        PreviewView {
            version: preview.taxonomy_version,
            epoch: preview.epoch,
            records: changes.len(),
            total: preview.changed.len(),
            by_role,
            by_rule,
            by_case,
            runs,
            tried: preview.touched,
            reading,
        }
    }
}
