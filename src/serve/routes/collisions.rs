//! Which titles do several roles claim, and how was each run settled? `/collisions`, to be read.

use super::roles::NamedBySlug;
use super::runs::RunSummary;
use crate::engine::Reader;
use crate::error::Error;
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::sinks::term_text;
use crate::time::rfc3339;
use axum::extract::State;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AliasVerdict, Key, Record};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Collision, Decision, Rule, Summary};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Which collisions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CollisionsWanted {
    /// The slug of a role that takes part.
    role: Option<String>,
    /// Only those with runs for which no role was chosen (true), or without (false).
    open: Option<bool>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of collisions, those with most runs first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Collisions {
    /// Most runs first.
    pub collisions: Vec<CollisionOf>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// Collisions that fit what was asked, on all pages.
    pub found: usize,
    /// The epoch at which it is true.
    pub epoch: u64,
}

/// A term, the roles that claim it, and the runs that it hit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CollisionOf {
    /// As `collision_log_id` of a run has it.
    pub id: u64,
    /// As a JD has it.
    pub term: String,
    /// The roles that claim it.
    pub roles: Vec<NamedBySlug>,
    /// Runs that are affected.
    pub runs: u64,
    /// Of these, such for which a role was chosen all the same.
    pub settled: u64,
    /// Distinct companies among them.
    pub companies: u64,
    /// What a person settled about the term; runs that it decides collide no more, and are not here.
    pub alias_rule: Option<AliasRuleOf>,
    /// When the first of the runs was received (RFC 3339).
    pub first_seen: String,
    /// When the last was.
    pub last_seen: String,
    /// The first runs.
    pub examples: Vec<RunSummary>,
}

/// What a term means that several roles claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AliasRuleOf {
    /// `assigned`, `ambiguous`, or `by_skills`: the role where a JD has one of the skills.
    pub verdict: &'static str,
    /// The slug of the role.
    pub role: Option<String>,
    /// The slugs of the skills.
    pub skills: Vec<String>,
}

/// Which runs of a collision.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CollisionWanted {
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A collision and its runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CollisionPage {
    /// In short.
    #[serde(flatten)]
    pub collision: CollisionOf,
    /// How its runs were settled, and how many so.
    pub settlements: BTreeMap<&'static str, u64>,
    /// Its runs, newest first.
    pub affected: Vec<AffectedRun>,
    /// The cursor of the next page of runs; null at the end.
    pub next: Option<String>,
    /// The epoch at which it is true.
    pub epoch: u64,
}

/// A run that a collision affects.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AffectedRun {
    /// The run.
    #[serde(flatten)]
    pub run: RunSummary,
    /// `leads`: by its responsibilities one of the roles leads the others; `tier-1`, `tier-2`, `tier-3`: of a tie-break;
    /// `adjudicated`: by a person or a model; `queued`: not yet.
    pub settled_by: &'static str,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).route_layer(require(access, Scope::Read))
}

/// Titles that several roles claim, with the runs that they hit.
#[utoipa::path(get, path = "/collisions", tag = "collisions", params(CollisionsWanted), responses(
    (status = 200, body = Collisions),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<CollisionsWanted>) -> Result<Json<Collisions>, Problem> {
    let most = page::rows(asked.limit)?;
    let after = asked.cursor.as_deref().map(page::place::<(u64, u64)>).transpose()?;
    let after = after.map(|(runs, id)| (Reverse(runs), Id(id)));
    app.aside(move |app| {
        let read = app.engine.read(|reader| reader.collisions().rows()).map_err(|error| Problem::internal(&error))?;
        let role = asked.role.as_deref().map(Id::role);
        let (epoch, rows) = (read.epoch, read.together());
        let fits = |(collision, row): &(Collision, Summary)| {
            role.is_none_or(|role| collision.roles.contains(&role))
                && asked.open.is_none_or(|open| open == (row.flagged < row.jds))
        };
        let rows = rows.into_iter().map(|((term, roles), row)| (Collision { term, roles }, row)).filter(fits);
        let mut placed: Vec<((Reverse<u64>, Id), Collision, Summary)> =
            rows.map(|(collision, row)| ((Reverse(row.jds), collision.id()), collision, row)).collect();
        placed.sort_unstable_by_key(|(place, ..)| *place);
        let found = placed.len();
        placed.retain(|(place, ..)| after.is_none_or(|after| *place > after));
        let more = placed.len() > most;
        placed.truncate(most);
        let next = placed.last().filter(|_| more).map(|((runs, id), ..)| page::cursor(&(runs.0, id.0)));
        let collisions = placed.iter().map(|(_, collision, row)| app.collision(collision, row)).collect();
        Ok(Json(Collisions { collisions, next, found, epoch }))
    })
    .await
}

/// A collision, and its runs with how each was settled.
#[utoipa::path(get, path = "/collisions/{id}", tag = "collisions", params(("id" = u64, Path, description = "Of the collision"), CollisionWanted), responses(
    (status = 200, body = CollisionPage),
    (status = 404, description = "There is no such collision", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<u64>,
    Query(asked): Query<CollisionWanted>,
) -> Result<Json<CollisionPage>, Problem> {
    let most = page::rows(asked.limit)?;
    let after = asked.cursor.as_deref().map(page::place::<(i64, u64)>).transpose()?;
    let after = after.map(|(at, jd)| (Reverse(at), Id(jd)));
    app.aside(move |app| {
        let read = app.engine.read(move |reader: &mut Reader<'_>| Share::of(id, reader));
        let read = read.map_err(|error| Problem::internal(&error))?;
        let (mut row, mut runs) = (None, Vec::new());
        for share in read.shares {
            row = row.or(share.row);
            runs.extend(share.runs);
        }
        let Some((collision, row)) = row else { return Err(unknown(id)) };
        let mut settlements: BTreeMap<&'static str, u64> = BTreeMap::new();
        runs.iter().for_each(|(_, how)| *settlements.entry(*how).or_default() += 1);
        runs.retain(|(place, _)| after.is_none_or(|after| *place > after));
        runs.sort_unstable();
        let more = runs.len() > most;
        runs.truncate(most);
        let next = runs.last().filter(|_| more).map(|((at, jd), _)| page::cursor(&(at.0, jd.0)));
        let run = |((_, jd), settled_by): &((Reverse<i64>, Id), &'static str)| {
            let run = app.summary(&app.history.run(*jd)?);
            Some(AffectedRun { run, settled_by })
        };
        let affected = runs.iter().filter_map(run).collect();
        let collision = app.collision(&collision, &row);
        Ok(Json(CollisionPage { collision, settlements, affected, next, epoch: read.epoch }))
    })
    .await
}

fn unknown(id: u64) -> Problem {
    let error = Error::new(format!("there is no collision {id}"))
        .detail("no run that is held collides so: it may have been settled, or its runs withdrawn")
        .hint("GET /collisions lists them");
    Problem::not_found(error).kind("unknown-collision")
}

/// One worker's share of a collision: its row, and its runs.
#[derive(Default)]
struct Share {
    row: Option<(Collision, Summary)>,
    runs: Vec<((Reverse<i64>, Id), &'static str)>,
}

impl Share {
    fn of(id: u64, reader: &mut Reader<'_>) -> Share {
        let mut share = Share::default();
        reader.collisions().each(.., |(term, roles), row| {
            let collision = Collision { term: *term, roles: roles.clone() };
            if collision.id().number() == id {
                share.row = Some((collision, row.clone()));
            }
        });
        reader.decisions().each(.., |jd, answer| {
            if answer.decision.collision.as_ref().is_some_and(|collision| collision.id().number() == id) {
                share.runs.push(((Reverse(answer.received_at), *jd), settled_by(&answer.decision)));
            }
        });
        share
    }
}

fn settled_by(decision: &Decision) -> &'static str {
    match (decision.role, decision.rule, decision.tier) {
        (None, ..) => "queued",
        (_, Rule::Adjudicated, _) => "adjudicated",
        (_, _, Some(1)) => "tier-1",
        (_, _, Some(2)) => "tier-2",
        (_, _, Some(_)) => "tier-3",
        (_, _, None) => "leads",
    }
}

impl From<&AliasVerdict> for AliasRuleOf {
    fn from(verdict: &AliasVerdict) -> AliasRuleOf {
        match verdict {
            AliasVerdict::Assigned(role) => {
                AliasRuleOf { verdict: "assigned", role: Some(role.clone()), skills: Vec::new() }
            }
            AliasVerdict::Ambiguous => AliasRuleOf { verdict: "ambiguous", role: None, skills: Vec::new() },
            AliasVerdict::BySkills { role, skills } => {
                AliasRuleOf { verdict: "by_skills", role: Some(role.clone()), skills: skills.clone() }
            }
        }
    }
}

impl App {
    fn collision(&self, collision: &Collision, row: &Summary) -> CollisionOf {
        let term = term_text(collision.term, row, &self.store);
        let alias_rule = match self.engine.tables().get(&Key::new("alias-rule", &[&normalise(&term)])) {
            Some(Record::AliasRule(rule)) => Some(AliasRuleOf::from(&rule.verdict)),
            _ => None,
        };
        let example = |(_, jd, _): &(i64, Id, u16)| self.history.run(*jd).map(|run| self.summary(&run));
        let examples = row.examples.iter().filter_map(example).collect();
        let names = self.lookup.names();
        let role = |role: &Id| NamedBySlug {
            slug: names.role(*role).map_or_else(|| role.to_string(), |role| role.slug.clone()),
            display_name: names.role_name(*role),
        };
        CollisionOf {
            id: collision.id().number(),
            term,
            roles: collision.roles.iter().map(role).collect(),
            runs: row.jds,
            settled: row.flagged,
            companies: row.companies,
            alias_rule,
            first_seen: rfc3339(row.first_seen),
            last_seen: rfc3339(row.last_seen),
            examples,
        }
    }
}
