//! Which JDs make a role's centroid? `/roles/{slug}/members`

use super::role_of;
use crate::search::centroids::member_similarity;
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::serve::routes::runs::RunSummary;
use axum::extract::State;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Centroid, Member};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which members.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MembersWanted {
    /// In which order; the newest first unless said.
    #[param(inline)]
    sort: Option<MemberOrder>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The order of a list of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberOrder {
    /// The last received day first.
    #[default]
    Newest,
    /// Those least like the centroid first.
    Farthest,
}

/// A page of members.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Members {
    /// Of the role.
    pub slug: String,
    /// Members in all.
    pub n: u64,
    /// In the order asked for.
    pub members: Vec<MemberOf>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// The epoch at which it is true.
    pub epoch: u64,
}

/// A JD in a role's centroid.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberOf {
    /// Its run.
    #[serde(flatten)]
    pub run: RunSummary,
    /// Cosine of its responsibilities and the centroid.
    pub similarity: Option<f64>,
}

/// The JDs that are decided for a role and have a vector.
#[utoipa::path(get, path = "/roles/{slug}/members", tag = "roles", params(("slug" = String, Path, description = "Of the role"), MembersWanted), responses(
    (status = 200, body = Members),
    (status = 404, description = "There is no such role", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn members(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    Query(asked): Query<MembersWanted>,
) -> Result<Json<Members>, Problem> {
    let most = page::rows(asked.limit)?;
    let after = asked.after()?;
    app.aside(move |app| {
        let role = Id::role(&role_of(&app.engine.tables(), &slug)?.slug);
        let (epoch, centroid, members) = app.role_members(role).map_err(|error| Problem::internal(&error))?;
        let placed = members.iter().map(|member| (asked.place(member, &centroid), member));
        let mut placed: Vec<(Place, &Member)> =
            placed.filter(|(place, _)| after.as_ref().is_none_or(|after| place > after)).collect();
        placed.sort_unstable_by_key(|(place, _)| *place);
        let more = placed.len() > most;
        placed.truncate(most);
        let next = placed.last().filter(|_| more).map(|(place, _)| place.cursor());
        let one = |(_, member): &(Place, &Member)| app.member(member.jd, member_similarity(&centroid, &member.vector));
        Ok(Json(Members { slug, n: centroid.n, members: placed.iter().filter_map(one).collect(), next, epoch }))
    })
    .await
}

/// Where a member stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Newest(Reverse<i32>, Id),
    Farthest(Micro, Id),
}

impl Place {
    /// The two kinds differ in length, so that neither is taken for the other.
    fn cursor(self) -> String {
        match self {
            Place::Newest(day, jd) => page::cursor(&(day.0, jd.0)),
            Place::Farthest(similarity, jd) => page::cursor(&(similarity.0, jd.0, ())),
        }
    }
}

impl MembersWanted {
    fn after(&self) -> Result<Option<Place>, Problem> {
        let place = |cursor: &str| match self.sort.unwrap_or_default() {
            MemberOrder::Newest => page::place(cursor).map(|(day, jd)| Place::Newest(Reverse(day), Id(jd))),
            MemberOrder::Farthest => page::place(cursor).map(|(of, jd, ())| Place::Farthest(Micro(of), Id(jd))),
        };
        self.cursor.as_deref().map(place).transpose()
    }

    fn place(&self, member: &Member, centroid: &Centroid) -> Place {
        match self.sort.unwrap_or_default() {
            MemberOrder::Newest => Place::Newest(Reverse(member.day), member.jd),
            MemberOrder::Farthest => {
                Place::Farthest(member_similarity(centroid, &member.vector).unwrap_or_default(), member.jd)
            }
        }
    }
}

impl App {
    /// A member as lists show it; nothing where it has gone since.
    pub(super) fn member(&self, jd: Id, similarity: Option<Micro>) -> Option<MemberOf> {
        let run = self.summary(&self.history.run(jd)?);
        Some(MemberOf { run, similarity: similarity.map(Micro::to_f64) })
    }
}
