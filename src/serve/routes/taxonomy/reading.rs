//! What is in the taxonomy, now or as of a version? As a whole, in lists, one by one.

use crate::editing::{Records, lints, values};
use crate::error::{Error, listed, nearest};
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::serve::standing::internal;
use crate::taxonomy::json_lines::{self, Line};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rolestream_dataflows::records::{AliasVerdict, Key, Status};
use rolestream_dataflows::text::normalise;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What can be listed, and the kind in the keys of its records.
const COLLECTIONS: [(&str, &str); 6] = [
    ("roles", "role"),
    ("skills", "skill"),
    ("dimensions", "dimension"),
    ("kras", "kra"),
    ("aliases", "alias"),
    ("alias-rules", "alias-rule"),
];

/// When.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// The number of a taxonomy version; now, unless said.
    as_of: Option<u64>,
}

/// Which records.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordsWanted {
    /// The number of a taxonomy version; now, unless said.
    as_of: Option<u64>,
    /// In a name, slug, alias, sentence or term; without regard to case.
    text: Option<String>,
    /// The slug of a role: what it owns or lists, and rules that say a title means it.
    role: Option<String>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// What the taxonomy is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaxonomyView {
    /// The number of its version.
    pub version: u64,
    /// How many records of each kind there are.
    pub records: BTreeMap<String, usize>,
    /// How many of the roles are active.
    pub active_roles: usize,
    /// How many of the skills are active.
    pub active_skills: usize,
    /// Whether held texts are being read again since names of skills came or went.
    pub rereading: bool,
    /// The last epoch whose views stand.
    pub epoch: u64,
}

/// A page of records, by key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordPage {
    /// The number of the version that they are of.
    pub version: u64,
    /// Each in the form of a line of an export.
    #[schema(value_type = Vec<Object>)]
    pub records: Vec<Value>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// How many there are on all pages.
    pub total: usize,
}

/// A role and what it owns.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleOf {
    /// The number of the version that this is of.
    pub version: u64,
    /// In the form of a line of an export.
    #[schema(value_type = Object)]
    pub role: Value,
    /// The role that stands for it, where it is merged.
    pub redirect: Option<String>,
    /// Roles merged into it: what they own counts for it.
    pub merged: Vec<String>,
    /// Other titles, as written.
    pub aliases: Vec<String>,
    /// Its responsibilities.
    #[schema(value_type = Vec<Object>)]
    pub kras: Vec<Value>,
    /// Slugs of its dimensions.
    pub dimensions: Vec<String>,
    /// Slugs of the skills that it lists.
    pub skills: Vec<String>,
}

/// A skill and who lists it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SkillOf {
    /// The number of the version that this is of.
    pub version: u64,
    /// In the form of a line of an export.
    #[schema(value_type = Object)]
    pub skill: Value,
    /// The skill that stands for it, where it is merged.
    pub redirect: Option<String>,
    /// Skills merged into it: their names name it.
    pub merged: Vec<String>,
    /// Slugs of the roles that list it.
    pub roles: Vec<String>,
}

/// A dimension and who has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DimensionOf {
    /// The number of the version that this is of.
    pub version: u64,
    /// In the form of a line of an export.
    #[schema(value_type = Object)]
    pub dimension: Value,
    /// Slugs of the skills whose home it is.
    pub skills: Vec<String>,
    /// Slugs of the roles that have it.
    pub roles: Vec<String>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(whole))
        .routes(routes!(export))
        .routes(routes!(list))
        .routes(routes!(role))
        .routes(routes!(skill))
        .routes(routes!(dimension))
        .route_layer(require(access, Scope::Read))
}

/// The taxonomy: its version, and how large it is.
#[utoipa::path(get, path = "/taxonomy", tag = "taxonomy", params(AsOf), responses(
    (status = 200, body = TaxonomyView),
    (status = 404, description = "There is no such version, or it is not known any more", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn whole(State(app): State<Arc<App>>, Query(asked): Query<AsOf>) -> Result<Json<TaxonomyView>, Problem> {
    app.aside(move |app| {
        let rereading = app.store.pending_reparse().map_err(internal)?.is_some();
        app.as_of(asked.as_of, |version, records| {
            let kinds = crate::editing::records::KINDS;
            let active = |kind| records.of_kind(kind).filter(|line| status(line) == Some(Status::Active)).count();
            Ok(Json(TaxonomyView {
                version,
                records: kinds.map(|kind| (kind.to_owned(), records.of_kind(kind).count())).into(),
                active_roles: active("role"),
                active_skills: active("skill"),
                rereading,
                epoch: app.engine.last_closed(),
            }))
        })
    })
    .await
}

/// All records, one a line, as `rolestream taxonomy` and sources of edits read them.
#[utoipa::path(get, path = "/taxonomy/export", tag = "taxonomy", params(AsOf), responses(
    (status = 200, description = "One record a line", body = String, content_type = "application/x-ndjson"),
    (status = 404, description = "There is no such version, or it is not known any more", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn export(State(app): State<Arc<App>>, Query(asked): Query<AsOf>) -> Result<Response, Problem> {
    let lines = app.aside(move |app| {
        app.as_of(asked.as_of, |_, records| {
            let mut taxonomy = lints::taxonomy(records);
            taxonomy.calibration = app.store.calibration().map_err(internal)?;
            let mut lines = Vec::new();
            let written = json_lines::write(&taxonomy, &mut lines);
            written.map_err(|error| internal(Error::new("a record cannot be written").detail(error.to_string())))?;
            Ok(lines)
        })
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], lines.await?).into_response())
}

/// Records of one collection, by key.
#[utoipa::path(get, path = "/taxonomy/{collection}", tag = "taxonomy",
    params(("collection" = String, Path, description = "`roles`, `skills`, `dimensions`, `kras`, `aliases` or `alias-rules`"), RecordsWanted), responses(
    (status = 200, body = RecordPage),
    (status = 404, description = "There is no such collection, no such version, or it is not known any more", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(
    State(app): State<Arc<App>>,
    Path(collection): Path<String>,
    Query(asked): Query<RecordsWanted>,
) -> Result<Json<RecordPage>, Problem> {
    let kind = COLLECTIONS.iter().find(|(name, _)| *name == collection).map(|(_, kind)| *kind).ok_or_else(|| {
        let names = COLLECTIONS.map(|(name, _)| name);
        let error = Error::new(format!("there is no collection \"{collection}\""))
            .detail(format!("there are {}", listed(names)));
        Problem::not_found(match nearest(&collection, names) {
            Some(meant) => error.hint(format!("did you mean /taxonomy/{meant}?")),
            None => error.hint("ask for one of them"),
        })
    })?;
    let most = page::rows(asked.limit)?;
    let after = asked.cursor.as_deref().map(page::place::<String>).transpose()?;
    let text = asked.text.as_deref().map(normalise).filter(|text| !text.is_empty());
    app.aside(move |app| {
        app.as_of(asked.as_of, |version, records| {
            // What a role lists or has stands in records of its own.
            let of_role: Option<BTreeSet<String>> = asked.role.as_deref().and_then(|role| match kind {
                "skill" => Some(second_of(records, "role-skill", role)),
                "dimension" => Some(second_of(records, "role-dimension", role)),
                _ => None,
            });
            let (mut page, mut total, mut more) = (Vec::new(), 0, false);
            let mut last = None;
            for line in records.of_kind(kind) {
                let Some(key) = line.key() else { continue };
                let fits = match (&of_role, asked.role.as_deref()) {
                    (Some(those), _) => those.contains(&key.key),
                    (None, Some(role)) => role_of(&line) == Some(role),
                    (None, None) => true,
                };
                if !fits || text.as_deref().is_some_and(|text| !says(&line, text)) {
                    continue;
                }
                total += 1;
                if after.as_ref().is_some_and(|after| key.key <= *after) {
                    continue;
                }
                if page.len() == most {
                    more = true;
                    continue;
                }
                page.push(values::of_line(&line));
                last = Some(key.key);
            }
            let next = last.filter(|_| more).map(|last| page::cursor(&last));
            Ok(Json(RecordPage { version, records: page, next, total }))
        })
    })
    .await
}

/// A role and what it owns.
#[utoipa::path(get, path = "/taxonomy/roles/{slug}", tag = "taxonomy",
    params(("slug" = String, Path, description = "Of the role"), AsOf), responses(
    (status = 200, body = RoleOf),
    (status = 404, description = "There is no such role, or no such version", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn role(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    Query(asked): Query<AsOf>,
) -> Result<Json<RoleOf>, Problem> {
    app.aside(move |app| {
        app.as_of(asked.as_of, |version, records| {
            let role = one(records, "role", &slug)?;
            let prefix = format!("{slug}\n");
            let aliases = records.starting("alias", &prefix).filter_map(|line| match line {
                Line::Aliases(alias) => Some(alias.text),
                _ => None,
            });
            let kras = records.of_kind("kra").filter(|line| role_of(line) == Some(&*slug));
            Ok(Json(RoleOf {
                version,
                redirect: redirect(&role),
                merged: merged_into(records, "role", &slug),
                aliases: aliases.collect(),
                kras: kras.map(|line| values::of_line(&line)).collect(),
                dimensions: second_of(records, "role-dimension", &slug).into_iter().collect(),
                skills: second_of(records, "role-skill", &slug).into_iter().collect(),
                role: values::of_line(&role),
            }))
        })
    })
    .await
}

/// A skill, and the roles that list it.
#[utoipa::path(get, path = "/taxonomy/skills/{slug}", tag = "taxonomy",
    params(("slug" = String, Path, description = "Of the skill"), AsOf), responses(
    (status = 200, body = SkillOf),
    (status = 404, description = "There is no such skill, or no such version", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn skill(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    Query(asked): Query<AsOf>,
) -> Result<Json<SkillOf>, Problem> {
    app.aside(move |app| {
        app.as_of(asked.as_of, |version, records| {
            let skill = one(records, "skill", &slug)?;
            let roles = records.of_kind("role-skill").filter_map(|line| match line {
                Line::RoleSkills(listed) if listed.skill == slug => Some(listed.role),
                _ => None,
            });
            Ok(Json(SkillOf {
                version,
                redirect: redirect(&skill),
                merged: merged_into(records, "skill", &slug),
                roles: roles.collect(),
                skill: values::of_line(&skill),
            }))
        })
    })
    .await
}

/// A dimension, its skills, and the roles that have it.
#[utoipa::path(get, path = "/taxonomy/dimensions/{slug}", tag = "taxonomy",
    params(("slug" = String, Path, description = "Of the dimension"), AsOf), responses(
    (status = 200, body = DimensionOf),
    (status = 404, description = "There is no such dimension, or no such version", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn dimension(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    Query(asked): Query<AsOf>,
) -> Result<Json<DimensionOf>, Problem> {
    app.aside(move |app| {
        app.as_of(asked.as_of, |version, records| {
            let dimension = one(records, "dimension", &slug)?;
            let skills = records.of_kind("skill").filter_map(|line| match line {
                Line::Skills(skill) if skill.dimension.as_deref() == Some(&*slug) => Some(skill.slug),
                _ => None,
            });
            let roles = records.of_kind("role-dimension").filter_map(|line| match line {
                Line::RoleDimensions(owned) if owned.dimension == slug => Some(owned.role),
                _ => None,
            });
            let (skills, roles) = (skills.collect(), roles.collect());
            Ok(Json(DimensionOf { version, dimension: values::of_line(&dimension), skills, roles }))
        })
    })
    .await
}

/// The record of a slug, or 404.
fn one(records: &dyn Records, kind: &'static str, slug: &str) -> Result<Line, Problem> {
    records.get(&Key { kind, key: slug.to_owned() }).ok_or_else(|| {
        let slugs: Vec<String> = records.of_kind(kind).filter_map(|line| Some(line.key()?.key)).collect();
        let error = Error::new(format!("there is no {kind} \"{slug}\"")).detail("as of the version that was asked for");
        let error = match nearest(slug, slugs.iter().map(String::as_str)) {
            Some(meant) => error.hint(format!("did you mean \"{meant}\"?")),
            None => error.hint(format!("GET /taxonomy/{kind}s lists them")),
        };
        Problem::not_found(error).kind(&format!("unknown-{kind}"))
    })
}

/// What the records of this kind that begin with a role name beside it.
fn second_of(records: &dyn Records, kind: &'static str, role: &str) -> BTreeSet<String> {
    let prefix = format!("{role}\n");
    let keys = records.starting(kind, &prefix).filter_map(|line| line.key());
    keys.filter_map(|key| Some(key.key.split_once('\n')?.1.to_owned())).collect()
}

fn status(line: &Line) -> Option<Status> {
    match line {
        Line::Roles(role) => Some(role.status),
        Line::Skills(skill) => Some(skill.status),
        _ => None,
    }
}

/// Who stands for a merged role or skill.
fn redirect(line: &Line) -> Option<String> {
    match line {
        Line::Roles(role) => role.replaced_by.clone().filter(|_| role.status == Status::Merged),
        Line::Skills(skill) => skill.replaced_by.clone().filter(|_| skill.status == Status::Merged),
        _ => None,
    }
}

fn merged_into(records: &dyn Records, kind: &'static str, slug: &str) -> Vec<String> {
    let merged = records.of_kind(kind).filter(|line| redirect(line).as_deref() == Some(slug));
    merged.filter_map(|line| Some(line.key()?.key)).collect()
}

/// The role whose record it is, or is about.
fn role_of(line: &Line) -> Option<&str> {
    match line {
        Line::Roles(role) => Some(&role.slug),
        Line::Aliases(alias) => Some(&alias.role),
        Line::Kras(kra) => Some(&kra.role),
        Line::AliasRules(rule) => match &rule.verdict {
            AliasVerdict::Assigned(role) | AliasVerdict::BySkills { role, .. } => Some(role),
            AliasVerdict::Ambiguous => None,
        },
        _ => None,
    }
}

/// Whether a record says this, normalised.
fn says(line: &Line, text: &str) -> bool {
    let has = |said: &str| normalise(said).contains(text);
    match line {
        Line::Roles(role) => has(&role.slug) || has(&role.name),
        Line::Skills(skill) => has(&skill.slug) || has(&skill.name) || skill.aliases.iter().any(|alias| has(alias)),
        Line::Dimensions(dimension) => has(&dimension.slug) || has(&dimension.name),
        Line::Kras(kra) => has(&kra.id) || has(&kra.sentence),
        Line::Aliases(alias) => has(&alias.text),
        Line::AliasRules(rule) => rule.term.contains(text),
        _ => false,
    }
}
