//! Where is each role on a sheet of paper? `/map`

use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::Json;
use crate::serve::problem::Problem;
use axum::extract::State;
use rolestream_dataflows::fixed::Micro;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All centroids in two dimensions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleMap {
    /// By slug; roles without members are nowhere.
    pub points: Vec<RolePoint>,
    /// The epoch at which it is true.
    pub epoch: u64,
}

/// A role's centroid. A point moves only when its role's members change, for the projection is fixed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RolePoint {
    pub slug: String,
    pub display_name: String,
    /// Mostly between −3 and 3.
    pub x: f64,
    /// Mostly between −3 and 3.
    pub y: f64,
    /// Members.
    pub n: u64,
    /// How far they lie apart.
    pub dispersion: Option<f64>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(map)).route_layer(require(access, Scope::Read))
}

/// Where each role's centroid is: roles with similar JDs lie near each other.
#[utoipa::path(get, path = "/map", tag = "roles", responses(
    (status = 200, body = RoleMap),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn map(State(app): State<Arc<App>>) -> Result<Json<RoleMap>, Problem> {
    app.aside(move |app| {
        let (epoch, sizes) = app.role_sizes().map_err(|error| Problem::internal(&error))?;
        let names = app.lookup.names();
        let point = |(role, size): (_, crate::serve::figures::Size)| {
            let (x, y) = size.point?;
            let slug = names.role(role).map_or_else(|| role.to_string(), |role| role.slug.clone());
            let dispersion = size.dispersion.map(Micro::to_f64);
            Some(RolePoint { slug, display_name: names.role_name(role), x, y, n: size.n, dispersion })
        };
        let mut points: Vec<RolePoint> = sizes.into_iter().filter_map(point).collect();
        points.sort_by(|a, b| a.slug.cmp(&b.slug));
        Ok(Json(RoleMap { points, epoch }))
    })
    .await
}
