//! What is known of one role? `/roles/{slug}`

use super::property::{NamedBySlug, RoleAlias, dimensions, its_aliases, listed, named, owners};
use super::{MemberOf, NEAREST, NearRole, RoleRow, role_of, row};
use crate::error::Error;
use crate::report::Names;
use crate::search::centroids::{dispersion, drift, farthest};
use crate::search::project;
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::figures::{RoleSeen, Size};
use crate::serve::problem::Problem;
use crate::time::{millis, rfc3339};
use axum::extract::State;
use rolestream_dataflows::fixed::{Micro, SCALE};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Record, Skill, Tables};
use rolestream_dataflows::views::{Baseline, Centroid, NewSkill};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Skills that are told, unless said.
const SKILLS: usize = 20;

/// What of a role.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoleWanted {
    /// Skills that its JDs name, 1 to 1000; 20 unless said.
    skills: Option<usize>,
    /// The first day that drift is measured against; its first 30 days with members unless said.
    baseline_from: Option<String>,
    /// The last such day.
    baseline_to: Option<String>,
    /// Whether the mean vector is wanted, too.
    vector: Option<bool>,
}

/// All that is known of a role.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RolePage {
    /// In short.
    #[serde(flatten)]
    pub role: RoleRow,
    /// JDs decided for it, with or without a vector: what shares are of.
    pub decided: u64,
    /// Roles whose property counts for this one, by slug.
    pub merged_roles: Vec<String>,
    /// The mean of its members; null where it has none.
    pub centroid: Option<CentroidOf>,
    /// How many members were received on each day, oldest first; days without any are left out.
    pub days: Vec<RoleDay>,
    /// The skills its JDs name, most frequent first.
    pub top_skills: Vec<SkillSupport>,
    /// Its KRAs, those of merged roles too; most often evidence first.
    pub kras: Vec<KraSupport>,
    /// The roles whose centroids are nearest.
    pub nearest_roles: Vec<NearRole>,
    /// The members least like the centroid.
    pub members_farthest_out: Vec<MemberOf>,
    /// What most of its JDs say of work, stack and AI.
    pub baseline: Option<RoleBaseline>,
    /// Other titles for it.
    pub aliases: Vec<RoleAlias>,
    /// Its dimensions.
    pub dimensions: Vec<NamedBySlug>,
    /// The skills it lists.
    pub skills: Vec<NamedBySlug>,
    /// Of the taxonomy.
    pub taxonomy_version: u64,
    /// The epoch at which the numbers are true.
    pub epoch: u64,
}

/// The mean of a role's members.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CentroidOf {
    /// Where it is on the map, to the right.
    pub x: f64,
    /// And up.
    pub y: f64,
    /// The days that drift is measured against; null where they have no members.
    pub baseline_days: Option<DaysOf>,
    /// The days that are compared with them.
    pub recent_days: Option<DaysOf>,
    /// Its 256 components, where asked for; a member's vector is of length 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<Vec<f64>>,
}

/// Some days, and their members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct DaysOf {
    /// As 2026-03-01.
    pub from: String,
    /// The last one.
    pub to: String,
    /// Days with members.
    pub days: usize,
    pub n: u64,
}

/// The members received on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RoleDay {
    /// As 2026-03-01, in UTC.
    pub day: String,
    pub n: u64,
}

/// A skill that a role's JDs name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SkillSupport {
    /// Null where the library does not know it.
    pub slug: Option<String>,
    /// Its canonical name, else as a JD writes it.
    pub skill_name: String,
    /// Whether the role lists it.
    pub listed: bool,
    /// JDs decided for the role that name it.
    pub jds: u64,
    /// Of all that are decided for it.
    pub share: f64,
}

/// A KRA, and how often it is evidence.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KraSupport {
    /// Of the KRA.
    pub id: String,
    /// What it says.
    pub sentence: String,
    /// The slug of the role that has it: this one, or one that was merged into it.
    pub role: String,
    /// JDs decided for the role in which it is evidence.
    pub jds: u64,
    /// Of all that are decided for it.
    pub share: f64,
}

/// What most of a role's JDs say; null where none says it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "SPEC §6 defines them")]
pub struct RoleBaseline {
    pub nature_of_work: Option<String>,
    pub tech_stack_maturity: Option<String>,
    pub ai_index: Option<f64>,
}

/// All that is known of a role: its centroid, what its JDs name, what is near. One that was merged says into which.
#[utoipa::path(get, path = "/roles/{slug}", tag = "roles", params(("slug" = String, Path, description = "Of the role"), RoleWanted), responses(
    (status = 200, body = RolePage),
    (status = 404, description = "There is no such role", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn one(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    Query(asked): Query<RoleWanted>,
) -> Result<Json<RolePage>, Problem> {
    let skills = crate::serve::page::rows(Some(asked.skills.unwrap_or(SKILLS)))?;
    let pinned = asked.pinned()?;
    app.aside(move |app| {
        let tables = app.engine.tables();
        let role = role_of(&tables, &slug)?;
        let id = Id::role(&role.slug);
        let read = app.role_seen(id).map_err(|error| Problem::internal(&error))?;
        let (epoch, taxonomy_version) = (read.epoch, read.taxonomy_version);
        let seen = read.shares.into_iter().next().unwrap_or_default();
        let size = seen.centroid.as_ref().map(|sum| Size {
            n: sum.n,
            dispersion: dispersion(sum),
            drift: drift(seen.days.iter().map(|(day, sum)| (*day, sum)), pinned.clone()),
            point: project(sum),
        });
        let far = seen.centroid.as_ref().map(|sum| farthest(sum, &seen.members, NEAREST)).unwrap_or_default();
        let owners = owners(&tables, &role.slug);
        let lists = listed(&tables, &owners);
        let page = RolePage {
            decided: seen.decided,
            merged_roles: owners[1..].to_vec(),
            centroid: seen.centroid.as_ref().and_then(|sum| {
                let (x, y) = project(sum)?;
                Some(CentroidOf {
                    x,
                    y,
                    baseline_days: baseline_days(&seen, pinned.as_ref()),
                    recent_days: days_of(seen.last_days()),
                    vector: (asked.vector == Some(true)).then(|| mean(sum)),
                })
            }),
            days: seen.days.iter().map(|(day, sum)| RoleDay { day: written(*day), n: sum.n }).collect(),
            top_skills: app.top_skills(id, &seen, &lists, skills).map_err(|error| Problem::internal(&error))?,
            kras: kras(&tables, &owners, &seen),
            nearest_roles: app.nearest(id, &seen.all, NEAREST),
            members_farthest_out: far.into_iter().filter_map(|(jd, near)| app.member(jd, Some(near))).collect(),
            baseline: seen.baseline.map(RoleBaseline::from),
            aliases: owners.iter().flat_map(|owner| its_aliases(&tables, owner)).collect(),
            dimensions: dimensions(&tables, &owners),
            skills: lists.into_iter().map(|skill| named(&skill.slug, &skill.name)).collect(),
            taxonomy_version,
            epoch,
            role: row(role, size.unwrap_or_default()),
        };
        Ok(Json(page))
    })
    .await
}

impl RoleWanted {
    /// The days that drift is to be measured against.
    fn pinned(&self) -> Result<Option<RangeInclusive<i32>>, Problem> {
        let day = |text: &Option<String>, or: i32| match text {
            None => Ok(or),
            Some(text) => {
                let at = millis(text).map_err(Problem::unprocessable)?;
                Ok(i32::try_from(at.div_euclid(DAY)).unwrap_or(or))
            }
        };
        let (from, to) = (day(&self.baseline_from, i32::MIN)?, day(&self.baseline_to, i32::MAX)?);
        if from > to {
            return Err(Problem::unprocessable(
                Error::new("the baseline ends before it begins")
                    .detail("baseline_from is a later day than baseline_to")
                    .hint("swap them, or leave one of them out"),
            ));
        }
        Ok((self.baseline_from.is_some() || self.baseline_to.is_some()).then_some(from..=to))
    }
}

/// A day as it is written.
fn written(day: i32) -> String {
    rfc3339(i64::from(day) * DAY).split('T').next().unwrap_or_default().to_owned()
}

fn days_of<'c>(days: impl Iterator<Item = (i32, &'c Centroid)>) -> Option<DaysOf> {
    let days: Vec<(i32, u64)> = days.map(|(day, sum)| (day, sum.n)).collect();
    let (from, to) = (days.first()?.0, days.last()?.0);
    Some(DaysOf { from: written(from), to: written(to), days: days.len(), n: days.iter().map(|(_, n)| n).sum() })
}

fn baseline_days(seen: &RoleSeen, pinned: Option<&RangeInclusive<i32>>) -> Option<DaysOf> {
    match pinned {
        Some(pinned) => days_of(seen.days.range(pinned.clone()).map(|(day, sum)| (*day, sum))),
        None => days_of(seen.first_days()),
    }
}

/// As the changelog of centroids writes it.
fn mean(sum: &Centroid) -> Vec<f64> {
    let scale = f64::from(SCALE) * sum.n.max(1) as f64;
    sum.sum.iter().map(|component| (*component as f64 / scale * 1e6).round() / 1e6).collect()
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { Micro::ratio(part, whole).to_f64() }
}

fn kras(tables: &Tables, owners: &[String], seen: &RoleSeen) -> Vec<KraSupport> {
    let support: HashMap<Id, u64> = seen.kras.iter().copied().collect();
    let its = tables.of_kind("kra").filter_map(|record| match record {
        Record::Kra(kra) if owners.contains(&kra.role) => Some(kra),
        _ => None,
    });
    let mut kras: Vec<KraSupport> = its
        .map(|kra| {
            let jds = support.get(&Id::kra(&kra.id)).copied().unwrap_or_default();
            let (id, sentence, role) = (kra.id.clone(), kra.sentence.clone(), kra.role.clone());
            KraSupport { id, sentence, role, jds, share: share(jds, seen.decided) }
        })
        .collect();
    kras.sort_by(|a, b| b.jds.cmp(&a.jds).then_with(|| a.id.cmp(&b.id)));
    kras
}

impl From<Baseline> for RoleBaseline {
    fn from(baseline: Baseline) -> RoleBaseline {
        RoleBaseline {
            nature_of_work: baseline.nature.as_deref().map(str::to_owned),
            tech_stack_maturity: baseline.maturity.map(|label| label.name().to_owned()),
            ai_index: baseline.ai.map(Micro::to_f64),
        }
    }
}

impl App {
    /// The skills that most of a role's JDs name: by number of JDs, then by id.
    fn top_skills(
        &self,
        role: Id,
        seen: &RoleSeen,
        listed: &[&Skill],
        most: usize,
    ) -> Result<Vec<SkillSupport>, Error> {
        let mut top = seen.skills.clone();
        top.sort_unstable_by_key(|(skill, jds)| (Reverse(*jds), *skill));
        top.truncate(most);
        let known = |names: &Names, skill: Id| names.skill(skill).map(|skill| (skill.slug.clone(), skill.name.clone()));
        let unknown: Vec<Id> = {
            let names = self.lookup.names();
            top.iter().map(|(skill, _)| *skill).filter(|skill| names.skill(*skill).is_none()).collect()
        };
        let written = self.as_written(role, unknown)?;
        let listed: BTreeSet<Id> = listed.iter().map(|skill| Id::skill(&skill.slug)).collect();
        let names = self.lookup.names();
        let one = |(skill, jds): (Id, u64)| {
            let (slug, skill_name) = match known(&names, skill) {
                Some((slug, name)) => (Some(slug), name),
                None => (None, written.get(&skill).cloned().unwrap_or_else(|| skill.to_string())),
            };
            SkillSupport { slug, skill_name, listed: listed.contains(&skill), jds, share: share(jds, seen.decided) }
        };
        Ok(top.into_iter().map(one).collect())
    }

    /// Skills that the library does not know, as a JD of the role writes them; of rejected ones nothing is kept.
    fn as_written(&self, role: Id, skills: Vec<Id>) -> Result<HashMap<Id, String>, Error> {
        if skills.is_empty() {
            return Ok(HashMap::new());
        }
        let read = self.engine.read(move |reader| {
            let mut rows: Vec<(Id, NewSkill)> = Vec::new();
            for skill in &skills {
                rows.extend(reader.new_skills().get(&(*skill, role)).map(|row| (*skill, row)));
            }
            rows
        })?;
        let mut written = HashMap::new();
        for (skill, row) in read.together() {
            for (_, jd, place) in &row.summary.examples {
                let text = self.store.text(*jd)?;
                if let Some(name) = text.and_then(|text| text.skills.get(usize::from(*place)).cloned()) {
                    written.insert(skill, name);
                    break;
                }
            }
        }
        Ok(written)
    }
}
