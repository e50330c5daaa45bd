//! How does a JD go through the three steps (SPEC §7)? Each answer is kept before it is given out.

use crate::error::Error;
use crate::report::{Enrichment, StepOne};
use crate::serve::access::{Access, Principal, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::Json;
use crate::serve::problem::Problem;
use crate::steps::final_output::FinalRequest;
use crate::steps::{Costs, Step, StepThree, StepTwo};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A JD that is handed in: as text, or parsed elsewhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtractFromJd {
    /// The JD's own id; without one it gets a new one. The same id with another text is a correction.
    #[serde(default)]
    pub id: Option<String>,
    /// The text: plain, Markdown or HTML.
    #[serde(default, alias = "text")]
    pub jd_text: String,
    /// The title, where it is not in the text.
    #[serde(default)]
    pub title: Option<String>,
    /// The company, where it is not in the text.
    #[serde(default)]
    pub company: Option<String>,
    /// When it was received (RFC 3339); now, unless said.
    #[serde(default)]
    pub received_at: Option<String>,
    /// What a parser elsewhere found, in the shape of the answer's field of this name; it is not parsed here then.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub nano_parsed: Option<serde_json::Value>,
    /// The skills that parser found: `{skill_name, is_primary}`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    pub final_skills: Option<serde_json::Value>,
    /// Who parsed it.
    #[serde(default)]
    pub parser: Option<String>,
}

/// The first step's answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Extracted {
    /// What SPEC §7 lists.
    #[serde(flatten)]
    pub step: StepOne,
    /// What the run is for a client.
    pub enrichment: Option<Enrichment>,
    /// Where the run is.
    pub status: &'static str,
    /// The epoch at which all of it is true.
    pub epoch: u64,
    /// What models cost.
    pub costs: Costs,
}

/// Which run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfRun {
    /// As the first step gave it.
    pub run_id: String,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(extract_from_jd))
        .routes(routes!(extract_details))
        .routes(routes!(final_role_output))
        .route_layer(require(access, Scope::Submit))
}

/// Step one: takes a JD in, and says what is in it and which role it is. When the answer comes, every view knows of it.
#[utoipa::path(post, path = "/skills/extract-from-jd", tag = "steps", security(("token" = ["submit"])),
    request_body = ExtractFromJd, responses(
    (status = 200, body = Extracted),
    (status = 422, description = "It says nothing that can be a JD", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn extract_from_jd(
    State(app): State<Arc<App>>,
    principal: Principal,
    Json(asked): Json<ExtractFromJd>,
) -> Result<Json<Extracted>, Problem> {
    app.aside(move |app| {
        let submission = app.submission(asked)?;
        let jds = app.desk.prepare("http", vec![submission]).map_err(|error| Problem::internal(&error))?;
        let (jd, content) = jds.runs().next().ok_or_else(|| Problem::internal(&Error::new("no JD was prepared")))?;
        let done = app.desk.submit(jds, |_, _| ()).map_err(Problem::closed)?;
        app.desk.settle(&done).map_err(|error| Problem::internal(&error))?;
        let told = app.held(jd, content)?;
        app.first_step(&told, &principal).map(Json)
    })
    .await
}

/// Step two: compares the run's skills with the library, and the roles that list them.
#[utoipa::path(post, path = "/skills/extract-details", tag = "steps", security(("token" = ["submit"])),
    request_body = OfRun, responses(
    (status = 200, body = StepTwo),
    (status = 404, description = "There is no such run", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The run was rejected, or is a thing of the past", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn extract_details(
    State(app): State<Arc<App>>,
    principal: Principal,
    Json(asked): Json<OfRun>,
) -> Result<Json<StepTwo>, Problem> {
    let (jd, content) = super::runs::run_of(&asked.run_id)?;
    app.aside(move |app| {
        let mut steps = app.steps_of(jd, content)?;
        steps.may(Step::ExtractDetails).map_err(|error| Problem::conflict(error).kind("out-of-order"))?;
        let told = app.held(jd, content)?;
        let answer = app.second_step(&told);
        let result = app.result(&answer, told.taxonomy_version, &principal);
        steps.done(Step::ExtractDetails, result).map_err(Problem::conflict)?;
        app.keep_steps(&steps)?;
        Ok(Json(answer))
    })
    .await
}

/// Step three: settles the role, says which skills are known and which new, and writes what follows: one taxonomy version.
#[utoipa::path(post, path = "/skills/final-role-output", tag = "steps", security(("token" = ["submit"])),
    request_body = FinalRequest, responses(
    (status = 200, body = StepThree),
    (status = 404, description = "There is no such run", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Step two was not done, or the run is a thing of the past", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "An override names nothing that is there", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn final_role_output(
    State(app): State<Arc<App>>,
    principal: Principal,
    Json(asked): Json<FinalRequest>,
) -> Result<Json<StepThree>, Problem> {
    let (jd, content) = super::runs::run_of(&asked.run_id)?;
    app.aside(move |app| app.third_step(jd, content, &asked, &principal).map(Json)).await
}
