//! How many JDs are there of each case, rule, role, source and hour? `/counts`

use crate::engine::Reader;
use crate::report::reasoning::{case, rule};
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Query};
use crate::serve::problem::Problem;
use crate::time::{millis, rfc3339};
use axum::extract::State;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Case, CountKey, Rule};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// What is counted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CountsWanted {
    /// By what; by case unless said.
    #[param(inline)]
    by: Option<CountBy>,
    /// Only JDs decided for the role of this slug.
    role: Option<String>,
    /// Received in that hour or later: a time (RFC 3339), a day, or milliseconds since 1970.
    from: Option<String>,
    /// Received before that hour.
    before: Option<String>,
}

/// What JDs are counted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum CountBy {
    #[default]
    Case,
    Rule,
    Role,
    Source,
    /// Of receipt, in UTC.
    Hour,
    /// Of receipt, in UTC.
    Day,
}

/// JDs counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Counted {
    /// By what.
    pub by: CountBy,
    /// All of them together.
    pub jds: u64,
    /// Hours and days in their order, others the most frequent first.
    pub groups: Vec<CountGroup>,
    /// The epoch at which it is true.
    pub epoch: u64,
}

/// JDs that have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CountGroup {
    /// A case, a rule, the slug of a role (null: none was chosen), the name of a source, an hour or a day.
    pub key: Option<String>,
    /// How many.
    pub jds: u64,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(counts)).route_layer(require(access, Scope::Read))
}

/// How many JDs are held, by one of their properties.
#[utoipa::path(get, path = "/counts", tag = "runs", params(CountsWanted), responses(
    (status = 200, body = Counted),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn counts(State(app): State<Arc<App>>, Query(asked): Query<CountsWanted>) -> Result<Json<Counted>, Problem> {
    let hour = |text: &Option<String>| text.as_deref().map(millis).transpose().map_err(Problem::unprocessable);
    let hours = (hour(&asked.from)?.map(|at| at.div_euclid(HOUR)), hour(&asked.before)?.map(|at| at.div_euclid(HOUR)));
    let (by, role) = (asked.by.unwrap_or_default(), asked.role.as_deref().map(Id::role));
    app.aside(move |app| {
        let read = app.engine.read(move |reader: &mut Reader<'_>| {
            let mut groups: BTreeMap<Group, u64> = BTreeMap::new();
            reader.counts().each(.., |key, jds| {
                let hour = i64::from(key.hour);
                let fits = role.is_none_or(|role| key.role == role)
                    && hours.0.is_none_or(|from| hour >= from)
                    && hours.1.is_none_or(|before| hour < before);
                if fits {
                    *groups.entry(Group::of(key, by)).or_default() += jds;
                }
            });
            groups
        });
        let read = read.map_err(|error| Problem::internal(&error))?;
        let mut all: BTreeMap<Group, u64> = BTreeMap::new();
        for (group, jds) in read.shares.into_iter().flatten() {
            *all.entry(group).or_default() += jds;
        }
        let jds = all.values().sum();
        let mut groups: Vec<CountGroup> =
            all.into_iter().map(|(group, jds)| CountGroup { key: app.named(group), jds }).collect();
        if !matches!(by, CountBy::Hour | CountBy::Day) {
            groups.sort_by(|a, b| (Reverse(a.jds), &a.key).cmp(&(Reverse(b.jds), &b.key)));
        }
        Ok(Json(Counted { by, jds, groups, epoch: read.epoch }))
    })
    .await
}

/// What JDs have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Case(Case),
    Rule(Rule),
    Role(Id),
    Source(Id),
    Hour(i64),
    Day(i64),
}

impl Group {
    fn of(key: &CountKey, by: CountBy) -> Group {
        match by {
            CountBy::Case => Group::Case(key.case),
            CountBy::Rule => Group::Rule(key.rule),
            CountBy::Role => Group::Role(key.role),
            CountBy::Source => Group::Source(key.source),
            CountBy::Hour => Group::Hour(key.hour.into()),
            CountBy::Day => Group::Day(i64::from(key.hour).div_euclid(24)),
        }
    }
}

impl App {
    fn named(&self, group: Group) -> Option<String> {
        match group {
            Group::Case(one) => Some(case(one).to_owned()),
            Group::Rule(one) => Some(rule(one).to_owned()),
            Group::Role(Id::NONE) => None,
            Group::Role(role) => Some(self.lookup.role(role)),
            Group::Source(source) => {
                Some(self.lookup.source(source).map_or_else(|| source.to_string(), |source| source.to_string()))
            }
            Group::Hour(hour) => Some(rfc3339(hour * HOUR)),
            Group::Day(day) => Some(rfc3339(day * 24 * HOUR).split('T').next().unwrap_or_default().to_owned()),
        }
    }
}
