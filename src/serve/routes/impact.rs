//! Of which runs is something else said now than at ingest? `/impact`

use crate::engine::Reader;
use crate::report::reasoning::{case, rule};
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use axum::extract::State;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Impact, Said};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Which runs.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImpactWanted {
    /// The slug of the role at ingest; `none`: no role was chosen.
    from: Option<String>,
    /// The slug of the role now; `none`: no role is chosen.
    to: Option<String>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of runs of which something else is said now than at ingest, and all of them counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Impacted {
    /// All such runs that fit what was asked.
    pub jds: u64,
    /// These by role at ingest and role now, most frequent first.
    pub moves: Vec<Move>,
    /// In an order that stays.
    pub runs: Vec<ImpactOf>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// The epoch at which it is true.
    pub epoch: u64,
}

/// Runs that went from one role to another; from a role to itself where only the rule is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Move {
    /// The slug of the role at ingest; null where none was chosen.
    pub from: Option<String>,
    /// The slug of the role now; null where none is chosen.
    pub to: Option<String>,
    /// Runs.
    pub jds: u64,
}

/// A run of which something else is said now than at ingest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImpactOf {
    /// Of the run.
    pub run_id: String,
    /// Of the JD.
    pub id: String,
    /// As written; empty where there is none.
    pub title: String,
    /// Empty where none is known.
    pub company: String,
    /// What was said first.
    pub at_ingest: SaidOf,
    /// What is said now.
    pub current: SaidOf,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "SPEC §4 defines them")]
pub struct SaidOf {
    pub rule: &'static str,
    pub case: &'static str,
    /// The slug of the chosen role.
    pub role: Option<String>,
    /// The slug that a new role would get.
    pub new_role: Option<String>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).route_layer(require(access, Scope::Read))
}

/// Runs of which something else is said now than at ingest: what edits came to.
#[utoipa::path(get, path = "/impact", tag = "role-changes", params(ImpactWanted), responses(
    (status = 200, body = Impacted),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<ImpactWanted>) -> Result<Json<Impacted>, Problem> {
    let most = page::rows(asked.limit)?;
    let after = asked.cursor.as_deref().map(page::place::<u64>).transpose()?.map(Id);
    let role = |slug: &String| (slug != "none").then(|| Id::role(slug));
    let (from, to) = (asked.from.as_ref().map(role), asked.to.as_ref().map(role));
    app.aside(move |app| {
        let read = app.engine.read(move |reader: &mut Reader<'_>| Share::of(reader, from, to, after, most));
        let read = read.map_err(|error| Problem::internal(&error))?;
        let mut all = Share::default();
        for share in read.shares {
            share.moves.into_iter().for_each(|(way, jds)| *all.moves.entry(way).or_default() += jds);
            all.rows.extend(share.rows);
        }
        all.rows.sort_unstable_by_key(|(jd, _)| *jd);
        let more = all.rows.len() > most;
        all.rows.truncate(most);
        let next = all.rows.last().filter(|_| more).map(|(jd, _)| page::cursor(&jd.0));
        let slug = |role: Option<Id>| role.map(|role| app.lookup.role(role));
        let mut moves: Vec<Move> =
            all.moves.into_iter().map(|((from, to), jds)| Move { from: slug(from), to: slug(to), jds }).collect();
        moves.sort_by(|a, b| (Reverse(a.jds), &a.from, &a.to).cmp(&(Reverse(b.jds), &b.from, &b.to)));
        Ok(Json(Impacted {
            jds: moves.iter().map(|way| way.jds).sum(),
            moves,
            runs: all.rows.iter().map(|(jd, impact)| app.impact_of(*jd, impact)).collect(),
            next,
            epoch: read.epoch,
        }))
    })
    .await
}

/// One worker's share: all that fit counted, and the first of those after the cursor.
#[derive(Default)]
struct Share {
    moves: HashMap<(Option<Id>, Option<Id>), u64>,
    rows: Vec<(Id, Impact)>,
}

impl Share {
    fn of(
        reader: &mut Reader<'_>,
        from: Option<Option<Id>>,
        to: Option<Option<Id>>,
        after: Option<Id>,
        most: usize,
    ) -> Share {
        let mut share = Share::default();
        reader.impact().each(.., |jd, impact| {
            let way = (impact.at_ingest.role, impact.current.role);
            if from.is_some_and(|from| from != way.0) || to.is_some_and(|to| to != way.1) {
                return;
            }
            *share.moves.entry(way).or_default() += 1;
            // One more than a page tells whether there is another.
            if after.is_none_or(|after| *jd > after) && share.rows.len() <= most {
                share.rows.push((*jd, impact.clone()));
            }
        });
        share
    }
}

impl App {
    fn impact_of(&self, jd: Id, impact: &Impact) -> ImpactOf {
        let heading = self.lookup.heading(jd);
        let said = |said: &Said| SaidOf {
            rule: rule(said.rule),
            case: case(said.case),
            role: said.role.map(|role| self.lookup.role(role)),
            new_role: said.new_role.as_deref().map(str::to_owned),
        };
        ImpactOf {
            run_id: crate::report::step_one::run_id(jd, impact.content),
            id: self.lookup.jd(jd).to_string(),
            title: heading.title.to_string(),
            company: heading.company.to_string(),
            at_ingest: said(&impact.at_ingest),
            current: said(&impact.current),
        }
    }
}
