//! What looks wrong in the taxonomy, or would with a draft?

use super::drafts::outdated;
use crate::editing::{Records, lints};
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Query};
use crate::serve::problem::Problem;
use crate::serve::standing::internal;
use crate::taxonomy::lints::{Knows, LintRow, Severity};
use axum::extract::State;
use rolestream_dataflows::fixed::Vector;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Record, Tables};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Lints of what.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LintsWanted {
    /// The number of a draft: the taxonomy as it would be with it.
    draft: Option<u64>,
}

/// All that looks wrong.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Lints {
    /// The taxonomy version that was looked at, a draft upon it or not.
    pub version: u64,
    /// The draft.
    pub draft: Option<u64>,
    /// How many errors.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// How many notes.
    pub notes: usize,
    /// The graver first, then by key.
    pub lints: Vec<LintRow>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(all)).route_layer(require(access, Scope::Read))
}

/// What looks wrong in the taxonomy: titles that several roles claim, thin roles, responsibilities that nearly say the
/// same, orphans, redirects that lead nowhere.
#[utoipa::path(get, path = "/taxonomy/lints", tag = "taxonomy", params(LintsWanted), responses(
    (status = 200, body = Lints),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "An operation of the draft cannot be done any more", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn all(State(app): State<Arc<App>>, Query(asked): Query<LintsWanted>) -> Result<Json<Lints>, Problem> {
    app.aside(move |app| {
        let standing = app.standing()?;
        let draft = asked.draft.map(|id| app.draft(id)).transpose()?;
        let found = match &draft {
            None => app.lints(&standing.tables, &*standing.tables)?,
            Some(draft) => app.lints(&standing.tables, &draft.overlay(&*standing.tables).map_err(outdated)?)?,
        };
        let of = |severity| found.iter().filter(|lint| lint.severity == severity).count();
        let (errors, warnings, notes) = (of(Severity::Error), of(Severity::Warning), of(Severity::Note));
        Ok(Json(Lints { version: standing.version, draft: asked.draft, errors, warnings, notes, lints: found }))
    })
    .await
}

impl App {
    fn lints(&self, tables: &Tables, records: &dyn Records) -> Result<Vec<LintRow>, Problem> {
        // Nearly all sentences have their vectors already.
        let vectors: HashMap<&str, &Vector> = tables
            .of_kind("kra")
            .filter_map(|record| match record {
                Record::Kra(kra) => Some((&*kra.sentence, &kra.vector)),
                _ => None,
            })
            .collect();
        let vector = |text: &&str| match vectors.get(*text) {
            Some(vector) => Some((*vector).clone()),
            None => self.desk.vector(text),
        };
        let hits = self.engine.read(|reader| {
            let rows = reader.collisions().rows().into_iter();
            rows.map(|((term, _), _)| term).collect::<Vec<Id>>()
        });
        let hits: HashSet<Id> = hits.map_err(internal)?.together().into_iter().collect();
        let mut embed = |texts: &[&str]| texts.iter().map(vector).collect::<Vec<_>>();
        let is_hit = |term: &str| hits.contains(&Id::text(term));
        Ok(lints::lints(records, &mut Knows { embed: Some(&mut embed), is_hit: Some(&is_hit) }))
    }
}
