//! What is like this text? `/search`
//!
//! Nothing is decided by it. A JD is found a moment after it came in, for an index takes its time; one that was withdrawn is
//! not found any more. How much of the truth is found the answer tells, as `rolestream_search_recall` does.

use super::runs::RunSummary;
use crate::error::Error;
use crate::search::Kind;
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Query};
use crate::serve::problem::Problem;
use axum::extract::State;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Hits of each kind, unless said.
const HITS: usize = 10;
/// At most.
const MOST: usize = 100;

/// What is looked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchWanted {
    /// A title, a sentence, a skill, a whole JD.
    text: String,
    /// Which of `jds`, `roles`, `kras` and `skills`, with commas between; all of them unless said.
    kinds: Option<String>,
    /// Hits of each kind, 1 to 100; 10 unless said.
    limit: Option<usize>,
}

/// What is like a text; each list the most similar first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Found {
    /// JDs with responsibilities like it.
    pub jds: Vec<JdFound>,
    /// Roles with a title like it.
    pub roles: Vec<RoleFound>,
    /// KRAs that say something like it.
    pub kras: Vec<KraFound>,
    /// Skills with a name like it.
    pub skills: Vec<SkillFound>,
    /// Why nothing can be found, if so.
    pub note: Option<&'static str>,
    /// The part of the ten nearest that such a search finds, as last measured, by kind.
    pub recall: BTreeMap<&'static str, f64>,
}

/// A JD that is like a text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JdFound {
    /// Its run.
    #[serde(flatten)]
    pub run: RunSummary,
    /// Cosine of the responsibilities and the text.
    pub score: f64,
}

/// A role that is like a text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RoleFound {
    /// What names it.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
    /// The alias that is like it, normalised; null where that is the display name.
    pub alias: Option<String>,
    /// Cosine of that and the text.
    pub score: f64,
}

/// A KRA that is like a text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KraFound {
    /// Of the KRA.
    pub id: String,
    /// What it says.
    pub sentence: String,
    /// The slug of the role it counts for.
    pub role: String,
    /// What that is called.
    pub role_display_name: String,
    /// Cosine of sentence and text.
    pub score: f64,
}

/// A skill that is like a text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SkillFound {
    /// What names it.
    pub slug: String,
    /// What it is called.
    pub skill_name: String,
    /// Its form that is like it, normalised.
    pub form: String,
    /// Cosine of that and the text.
    pub score: f64,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(search)).route_layer(require(access, Scope::Read))
}

/// JDs, roles, KRAs and skills that mean something like a text.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchWanted), responses(
    (status = 200, body = Found),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn search(State(app): State<Arc<App>>, Query(asked): Query<SearchWanted>) -> Result<Json<Found>, Problem> {
    let (kinds, most) = (asked.kinds()?, asked.limit()?);
    app.aside(move |app| Ok(Json(app.found(&asked.text, &kinds, most)))).await
}

impl SearchWanted {
    fn kinds(&self) -> Result<Vec<Kind>, Problem> {
        let Some(text) = self.kinds.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(Kind::ALL.to_vec());
        };
        let kind = |name: &str| {
            let name = name.trim();
            Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
                let shown: String = name.chars().take(60).collect();
                Problem::unprocessable(
                    Error::new("kinds does not fit")
                        .detail(format!("there is no kind \"{shown}\""))
                        .hint("name some of jds, roles, kras and skills, with commas between"),
                )
            })
        };
        text.split(',').map(kind).collect()
    }

    fn limit(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(HITS),
            Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
            Some(limit) => Err(Problem::unprocessable(
                Error::new("limit does not fit")
                    .detail(format!("it is {limit}; a search finds 1 to {MOST} of each kind"))
                    .hint("what is farther away than that is not like it any more"),
            )),
        }
    }
}

impl App {
    fn found(&self, text: &str, kinds: &[Kind], most: usize) -> Found {
        let recall = kinds.iter().map(|kind| (kind.name(), self.search.recall(*kind).to_f64())).collect();
        let nothing =
            Found { jds: Vec::new(), roles: Vec::new(), kras: Vec::new(), skills: Vec::new(), note: None, recall };
        let Some(vector) = self.desk.vector(text) else {
            return Found { note: Some("no word of the text is known, so that nothing is like it"), ..nothing };
        };
        let mut hits = self.search.similar(&vector, kinds, most);
        // What is at a right angle to it is not like it.
        hits.jds.retain(|hit| hit.score > Micro::ZERO);
        hits.roles.retain(|hit| hit.score > Micro::ZERO);
        hits.kras.retain(|hit| hit.score > Micro::ZERO);
        hits.skills.retain(|hit| hit.score > Micro::ZERO);
        let jd = |hit: crate::search::JdHit| {
            // What was withdrawn a moment ago may be in the index yet, but is not among the runs.
            let run = self.summary(&self.history.run(hit.jd)?);
            Some(JdFound { run, score: hit.score.to_f64() })
        };
        let jds = hits.jds.into_iter().filter_map(jd).collect();
        let names = self.lookup.names();
        let role = |hit: crate::search::RoleHit| RoleFound {
            display_name: names.role_name(Id::role(&hit.role)),
            slug: hit.role.to_string(),
            alias: hit.alias.map(|alias| alias.to_string()),
            score: hit.score.to_f64(),
        };
        let kra = |hit: crate::search::KraHit| KraFound {
            sentence: names.kra(Id::kra(&hit.kra)).map(|kra| kra.sentence.clone()).unwrap_or_default(),
            id: hit.kra.to_string(),
            role_display_name: names.role_name(Id::role(&hit.role)),
            role: hit.role.to_string(),
            score: hit.score.to_f64(),
        };
        let skill = |hit: crate::search::SkillHit| SkillFound {
            skill_name: names.skill(Id::skill(&hit.skill)).map(|skill| skill.name.clone()).unwrap_or_default(),
            slug: hit.skill.to_string(),
            form: hit.form.to_string(),
            score: hit.score.to_f64(),
        };
        Found {
            jds,
            roles: hits.roles.into_iter().map(role).collect(),
            kras: hits.kras.into_iter().map(kra).collect(),
            skills: hits.skills.into_iter().map(skill).collect(),
            ..nothing
        }
    }
}
