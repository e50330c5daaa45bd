//! What do the views say of roles, at one epoch? Every worker tells of its share; what moves with each member is derived
//! here, aside, so that no worker is kept from its work.

use super::app::App;
use crate::engine::{Epoch, Read, Reader};
use crate::error::Error;
use crate::search::centroids::{DAYS, dispersion, drift, total};
use crate::search::project;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Baseline, Centroid, Member};
use std::collections::{BTreeMap, HashMap};

/// What a role's centroid comes to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    pub(crate) n: u64,
    pub(crate) dispersion: Option<Micro>,
    pub(crate) drift: Option<Micro>,
    /// Where it is on a map.
    pub(crate) point: Option<(f64, f64)>,
}

/// All that the views say of one role.
#[derive(Default)]
pub(crate) struct RoleSeen {
    /// Null without members.
    pub(crate) centroid: Option<Centroid>,
    pub(crate) days: BTreeMap<i32, Centroid>,
    pub(crate) members: Vec<Member>,
    pub(crate) skills: Vec<(Id, u64)>,
    pub(crate) kras: Vec<(Id, u64)>,
    pub(crate) baseline: Option<Baseline>,
    /// JDs decided for it, with or without a vector.
    pub(crate) decided: u64,
    /// The centroids of all roles.
    pub(crate) all: Vec<(Id, Centroid)>,
}

impl RoleSeen {
    /// One worker's share.
    fn of(role: Id, reader: &mut Reader<'_>) -> RoleSeen {
        let mut seen = RoleSeen {
            centroid: reader.role_centroids().get(&role),
            days: reader.centroids().of(&role).into_iter().map(|((_, day), sum)| (day, sum)).collect(),
            members: reader.members().values(&role),
            skills: reader.skill_support().of(&role).into_iter().map(|((_, skill), jds)| (skill, jds)).collect(),
            kras: reader.kra_support().of(&role).into_iter().map(|((_, kra), jds)| (kra, jds)).collect(),
            baseline: reader.baselines().get(&role),
            decided: 0,
            all: reader.role_centroids().rows(),
        };
        reader.counts().each(.., |key, jds| seen.decided += if key.role == role { *jds } else { 0 });
        seen
    }

    fn take(&mut self, other: RoleSeen) {
        self.centroid = self.centroid.take().or(other.centroid);
        self.days.extend(other.days);
        self.members.extend(other.members);
        self.skills.extend(other.skills);
        self.kras.extend(other.kras);
        self.baseline = self.baseline.take().or(other.baseline);
        self.decided += other.decided;
        self.all.extend(other.all);
    }

    /// The first days with members, and the last: what drift compares unless other days are pinned.
    pub(crate) fn first_days(&self) -> impl Iterator<Item = (i32, &Centroid)> {
        self.days.iter().take(DAYS).map(|(day, sum)| (*day, sum))
    }

    /// The last days with members.
    pub(crate) fn last_days(&self) -> impl Iterator<Item = (i32, &Centroid)> {
        self.days.iter().skip(self.days.len().saturating_sub(DAYS)).map(|(day, sum)| (*day, sum))
    }
}

/// One worker's days of a role, of which no more than the first and the last ones can be among those that drift compares.
fn ends(role: Id, reader: &mut Reader<'_>) -> Vec<(i32, Centroid)> {
    let mut days = reader.centroids().of(&role);
    if days.len() > 2 * DAYS {
        days.drain(DAYS..days.len() - DAYS);
    }
    days.into_iter().map(|((_, day), sum)| (day, sum)).collect()
}

impl App {
    /// Every role that has members: how many, how far apart, and where; without drift. No sum leaves its worker.
    pub(crate) fn role_sizes(&self) -> Result<(Epoch, HashMap<Id, Size>), Error> {
        let read = self.engine.read(|reader: &mut Reader<'_>| {
            let mut sizes = Vec::new();
            reader.role_centroids().each(.., |role, sum| {
                let size = Size { n: sum.n, dispersion: dispersion(sum), drift: None, point: project(sum) };
                sizes.push((*role, size));
            });
            sizes
        })?;
        Ok((read.epoch, read.together().into_iter().collect()))
    }

    /// The same of some roles, with drift.
    pub(crate) fn role_sizes_of(&self, roles: Vec<Id>) -> Result<(Epoch, HashMap<Id, Size>), Error> {
        let read = self.engine.read(move |reader: &mut Reader<'_>| {
            let mut one = |role: &Id| {
                let sum = reader.role_centroids().get(role);
                let size =
                    sum.map(|sum| Size { n: sum.n, dispersion: dispersion(&sum), drift: None, point: project(&sum) });
                (*role, ends(*role, reader), size)
            };
            roles.iter().map(&mut one).collect::<Vec<_>>()
        })?;
        let epoch = read.epoch;
        let mut sizes: HashMap<Id, Size> = HashMap::new();
        let mut days: HashMap<Id, Vec<(i32, Centroid)>> = HashMap::new();
        for (role, its, size) in read.together() {
            days.entry(role).or_default().extend(its);
            sizes.extend(size.map(|size| (role, size)));
        }
        for (role, size) in &mut sizes {
            size.drift = drift(days.get(role).into_iter().flatten().map(|(day, sum)| (*day, sum)), None);
        }
        Ok((epoch, sizes))
    }

    /// All that is said of one role.
    pub(crate) fn role_seen(&self, role: Id) -> Result<Read<RoleSeen>, Error> {
        let read = self.engine.read(move |reader: &mut Reader<'_>| RoleSeen::of(role, reader))?;
        let mut seen = RoleSeen::default();
        read.shares.into_iter().for_each(|share| seen.take(share));
        Ok(Read { epoch: read.epoch, taxonomy_version: read.taxonomy_version, shares: vec![seen] })
    }

    /// The members of a role, with their centroid.
    pub(crate) fn role_members(&self, role: Id) -> Result<(Epoch, Centroid, Vec<Member>), Error> {
        let read = self.engine.read(move |reader: &mut Reader<'_>| {
            (reader.role_centroids().get(&role), reader.members().values(&role))
        })?;
        let epoch = read.epoch;
        let (mut centroid, mut members) = (total([]), Vec::new());
        for (sum, its) in read.shares {
            centroid = sum.unwrap_or(centroid);
            members.extend(its);
        }
        Ok((epoch, centroid, members))
    }
}
