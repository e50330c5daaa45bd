//! Which roles are there, and how do they stand? `/roles`
//!
//! A role that was merged or retired keeps its page: it says what became of it, and its survivor's slug. (A redirect would
//! have clients that drop their token on the way ask the survivor without one.)

mod members;
mod one;
mod property;

pub use members::{MemberOf, MemberOrder, Members, MembersWanted};
pub use one::{CentroidOf, DaysOf, KraSupport, RoleBaseline, RoleDay, RolePage, RoleWanted, SkillSupport};
pub use property::{NamedBySlug, RoleAlias};

use crate::error::{Error, nearest};
use crate::search::centroids::nearest_roles;
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::figures::Size;
use crate::serve::page;
use crate::serve::problem::Problem;
use axum::extract::State;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Key, Record, Role, Status, Tables};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::Centroid;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Roles that are told as nearest, unless said.
pub(super) const NEAREST: usize = 5;

/// Which roles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RolesWanted {
    /// In slug, display name or an alias.
    text: Option<String>,
    /// Only those with this status; active ones unless said.
    #[param(inline)]
    status: Option<RoleStatus>,
    /// In which order; by members unless said.
    #[param(inline)]
    sort: Option<RoleOrder>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Whether a role takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleStatus {
    /// It does.
    Active,
    /// What it owns counts for another.
    Merged,
    /// It does not.
    Retired,
    /// Whichever; in questions only.
    All,
}

impl From<Status> for RoleStatus {
    fn from(status: Status) -> RoleStatus {
        match status {
            Status::Active => RoleStatus::Active,
            Status::Merged => RoleStatus::Merged,
            Status::Retired => RoleStatus::Retired,
        }
    }
}

/// The order of a list of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleOrder {
    /// Most members first, then by slug.
    #[default]
    N,
    /// By display name, then by slug.
    Name,
}

/// A page of roles.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Roles {
    /// In the order asked for.
    pub roles: Vec<RoleRow>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// Roles that fit what was asked, on all pages.
    pub found: usize,
    /// The epoch at which the numbers are true.
    pub epoch: u64,
}

/// A role in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleRow {
    /// What names it.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
    /// Its number.
    pub role_id: u32,
    /// Empty where it has none.
    pub archetype: String,
    /// Whether it takes part.
    pub status: RoleStatus,
    /// The slug of the role for which what it owns counts, where it was merged.
    pub replaced_by: Option<String>,
    /// Members: JDs decided for it that have a vector.
    pub n: u64,
    /// 1 − the length of the members' mean: 0 where all say the same. Null without members.
    pub dispersion: Option<f64>,
    /// 1 − the cosine of the means of the first and of the last 30 days with members. Null without members.
    pub drift: Option<f64>,
}

/// How many neighbours.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeighborsWanted {
    /// 1 to 1000; 50 unless said.
    limit: Option<usize>,
}

/// The roles nearest to one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Neighbors {
    /// The role they are near to.
    pub slug: String,
    /// Its members; without any nothing is near.
    pub n: u64,
    /// By similarity of the centroids, then by slug.
    pub neighbors: Vec<NearRole>,
    /// The epoch at which it is true.
    pub epoch: u64,
}

/// A role that is near another.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in RoleRow")]
pub struct NearRole {
    pub slug: String,
    pub display_name: String,
    pub n: u64,
    /// Cosine of the two centroids.
    pub similarity: f64,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one::one))
        .routes(routes!(neighbors))
        .routes(routes!(members::members))
        .route_layer(require(access, Scope::Read))
}

/// Roles with their members, how far these lie apart, and whether they move.
#[utoipa::path(get, path = "/roles", tag = "roles", params(RolesWanted), responses(
    (status = 200, body = Roles),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<RolesWanted>) -> Result<Json<Roles>, Problem> {
    let most = page::rows(asked.limit)?;
    let after = asked.after()?;
    app.aside(move |app| {
        let tables = app.engine.tables();
        let (_, sizes) = app.role_sizes().map_err(|error| Problem::internal(&error))?;
        let mut found: Vec<(Place, &Role)> = asked.roles(&tables, &sizes).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let all = found.len();
        found.retain(|(place, _)| after.as_ref().is_none_or(|after| place > after));
        let more = found.len() > most;
        found.truncate(most);
        // Drift costs a look at the days, which only those on this page are given. The numbers are of that look.
        let ids = found.iter().map(|(_, role)| Id::role(&role.slug)).collect();
        let (epoch, sizes) = app.role_sizes_of(ids).map_err(|error| Problem::internal(&error))?;
        let next = found.last().filter(|_| more).map(|(place, _)| place.cursor());
        let row = |(_, role): &(Place, &Role)| row(role, sizes.get(&Id::role(&role.slug)).copied().unwrap_or_default());
        Ok(Json(Roles { roles: found.iter().map(row).collect(), next, found: all, epoch }))
    })
    .await
}

/// The roles whose JDs are most like this one's.
#[utoipa::path(get, path = "/roles/{slug}/neighbors", tag = "roles", params(("slug" = String, Path, description = "Of the role"), NeighborsWanted), responses(
    (status = 200, body = Neighbors),
    (status = 404, description = "There is no such role", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn neighbors(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    Query(asked): Query<NeighborsWanted>,
) -> Result<Json<Neighbors>, Problem> {
    let most = page::rows(asked.limit)?;
    app.aside(move |app| {
        let role = Id::role(&role_of(&app.engine.tables(), &slug)?.slug);
        let read = app.engine.read(|reader| reader.role_centroids().rows()).map_err(|e| Problem::internal(&e))?;
        let (epoch, all) = (read.epoch, read.together());
        let n = all.iter().find(|(id, _)| *id == role).map_or(0, |(_, sum)| sum.n);
        Ok(Json(Neighbors { slug, n, neighbors: app.nearest(role, &all, most), epoch }))
    })
    .await
}

/// Where a role stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    N(Reverse<u64>, String),
    Name(String, String),
}

impl Place {
    fn cursor(&self) -> String {
        match self {
            Place::N(n, slug) => page::cursor(&(n.0, slug)),
            Place::Name(name, slug) => page::cursor(&(name, slug)),
        }
    }
}

impl RolesWanted {
    fn after(&self) -> Result<Option<Place>, Problem> {
        let place = |cursor: &str| match self.sort.unwrap_or_default() {
            RoleOrder::N => page::place(cursor).map(|(n, slug)| Place::N(Reverse(n), slug)),
            RoleOrder::Name => page::place(cursor).map(|(name, slug)| Place::Name(name, slug)),
        };
        self.cursor.as_deref().map(place).transpose()
    }

    /// The roles that fit, each with its place.
    fn roles<'t>(&self, tables: &'t Tables, sizes: &HashMap<Id, Size>) -> impl Iterator<Item = (Place, &'t Role)> {
        let text = self.text.as_deref().map(normalise).filter(|text| !text.is_empty());
        let status = self.status.unwrap_or(RoleStatus::Active);
        let order = self.sort.unwrap_or_default();
        let has = move |role: &Role| {
            let Some(text) = &text else { return true };
            role.slug.contains(text)
                || normalise(&role.name).contains(text)
                || aliases(tables, &role.slug).iter().any(|alias| normalise(alias).contains(text))
        };
        let fits =
            move |role: &&Role| (status == RoleStatus::All || RoleStatus::from(role.status) == status) && has(role);
        all(tables).filter(fits).map(move |role| {
            let slug = role.slug.clone();
            let place = match order {
                RoleOrder::N => Place::N(Reverse(sizes.get(&Id::role(&slug)).map_or(0, |size| size.n)), slug),
                RoleOrder::Name => Place::Name(normalise(&role.name), slug),
            };
            (place, role)
        })
    }
}

/// All roles, by slug.
pub(super) fn all(tables: &Tables) -> impl Iterator<Item = &Role> {
    tables.of_kind("role").filter_map(|record| match record {
        Record::Role(role) => Some(role),
        _ => None,
    })
}

/// The aliases that a role itself has, as written.
pub(super) fn aliases(tables: &Tables, slug: &str) -> Vec<String> {
    let its = format!("{slug}\n");
    let text = |record: &Record| match record {
        Record::Alias(alias) => Some(alias.text.clone()),
        _ => None,
    };
    tables.starting("alias", &its).filter_map(text).collect()
}

/// The record of a role.
pub(super) fn role_of<'t>(tables: &'t Tables, slug: &str) -> Result<&'t Role, Problem> {
    if let Some(Record::Role(role)) = tables.get(&Key::new("role", &[slug])) {
        return Ok(role);
    }
    let hint = match nearest(slug, all(tables).map(|role| role.slug.as_str())) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => "GET /roles lists them; `text` looks for one".to_owned(),
    };
    let shown: String = slug.chars().take(100).collect();
    let error = Error::new(format!("there is no role \"{shown}\""));
    Err(Problem::not_found(error.detail("a role is named by its slug").hint(hint)).kind("unknown-role"))
}

/// A role in short.
pub(super) fn row(role: &Role, size: Size) -> RoleRow {
    RoleRow {
        slug: role.slug.clone(),
        display_name: role.name.clone(),
        role_id: role.number,
        archetype: role.archetype.clone(),
        status: role.status.into(),
        replaced_by: role.replaced_by.clone(),
        n: size.n,
        dispersion: size.dispersion.map(Micro::to_f64),
        drift: size.drift.map(Micro::to_f64),
    }
}

impl App {
    /// The roles nearest to one of them.
    pub(super) fn nearest(&self, role: Id, all: &[(Id, Centroid)], most: usize) -> Vec<NearRole> {
        let Some((_, mean)) = all.iter().find(|(id, _)| *id == role) else { return Vec::new() };
        let others = all.iter().filter(|(id, _)| *id != role);
        let near = nearest_roles(mean, others.map(|(id, sum)| ((self.lookup.role(*id), *id, sum.n), sum)), most);
        let names = self.lookup.names();
        let near = near.into_iter().map(|((slug, id, n), similarity)| NearRole {
            slug,
            display_name: names.role_name(id),
            n,
            similarity: similarity.to_f64(),
        });
        near.collect()
    }
}
