//! What is computed from what? The whole dataflow on one screen.

use crate::frame::{self, Outputs, State};
use crate::id::Id;
use crate::records::*;
use crate::reviews::Reviews;
use crate::views::*;
use crate::{
    Arranged, Collection, baselines, candidates, centroids, clusters, collisions, counts, impact, queues, taxonomy,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Every collection of SPEC §1.
pub(crate) struct Collections<'scope> {
    pub(crate) jds: Collection<'scope, JdUpdate>,
    pub(crate) roles: Collection<'scope, Role>,
    pub(crate) aliases: Collection<'scope, Alias>,
    pub(crate) alias_rules: Collection<'scope, AliasRule>,
    pub(crate) kras: Collection<'scope, Kra>,
    pub(crate) skills: Collection<'scope, Skill>,
    pub(crate) dimensions: Collection<'scope, Dimension>,
    pub(crate) role_dimensions: Collection<'scope, RoleDimension>,
    pub(crate) role_skills: Collection<'scope, RoleSkill>,
    pub(crate) reviews: Collection<'scope, Review>,
    pub(crate) adjudications: Collection<'scope, Adjudication>,
    pub(crate) settings: Collection<'scope, Settings>,
    pub(crate) enrichment: Collection<'scope, EnrichmentSettings>,
    pub(crate) at_ingest: Collection<'scope, AtIngest>,
}

/// Every view, arranged by its key.
pub(crate) struct Views<'scope> {
    pub(crate) decisions: Arranged<'scope, Id, Arc<Answer>>,
    pub(crate) members: Arranged<'scope, Id, Member>,
    pub(crate) centroids: Arranged<'scope, (Id, i32), Centroid>,
    pub(crate) role_centroids: Arranged<'scope, Id, Centroid>,
    pub(crate) skill_support: Arranged<'scope, (Id, Id), u64>,
    pub(crate) kra_support: Arranged<'scope, (Id, Id), u64>,
    pub(crate) collisions: Arranged<'scope, (Id, Box<[Id]>), Summary>,
    pub(crate) undecided: Arranged<'scope, Id, Undecided>,
    pub(crate) new_roles: Arranged<'scope, Arc<str>, Summary>,
    pub(crate) new_skills: Arranged<'scope, (Id, Id), NewSkill>,
    pub(crate) new_kras: Arranged<'scope, (Id, Id), NewKra>,
    pub(crate) novel_sentences: Arranged<'scope, (Id, Id), Summary>,
    pub(crate) impact: Arranged<'scope, Id, Impact>,
    pub(crate) clusters: Arranged<'scope, Id, Cluster>,
    pub(crate) counts: Arranged<'scope, CountKey, u64>,
    pub(crate) baselines: Arranged<'scope, Id, Baseline>,
    pub(crate) skill_sets: Arranged<'scope, Id, u64>,
}

/// Builds it. The frame's state is given out beside the views: what it would say can be tried out.
pub(crate) fn build<'scope>(inputs: Collections<'scope>) -> (Views<'scope>, Rc<RefCell<State>>) {
    let effective = taxonomy::effective(&inputs);
    let reviews = Reviews::new(inputs.reviews, effective.role_owners);
    let Outputs { answers, members, state } = frame::rank(inputs.jds, effective.facts, inputs.adjudications);
    let answers = || answers.clone();
    let views = Views {
        decisions: answers().arrange_by_key_named("decisions"),
        centroids: centroids::centroids(members.clone()).arrange_by_key_named("centroids"),
        role_centroids: centroids::by_role(members.clone()).arrange_by_key_named("role centroids"),
        members: members.arrange_by_key_named("members"),
        skill_support: centroids::skill_support(answers()).arrange_by_key_named("skill support"),
        kra_support: centroids::kra_support(answers()).arrange_by_key_named("KRA support"),
        collisions: collisions::collisions(answers()).arrange_by_key_named("collisions"),
        undecided: queues::undecided(answers(), &reviews).arrange_by_key_named("undecided"),
        new_roles: queues::new_roles(answers(), &reviews).arrange_by_key_named("new roles"),
        new_skills: candidates::new_skills(answers(), &reviews).arrange_by_key_named("new skills"),
        new_kras: candidates::new_kras(answers(), &reviews).arrange_by_key_named("new KRAs"),
        novel_sentences: candidates::novel_sentences(answers(), &reviews).arrange_by_key_named("novel sentences"),
        impact: impact::impact(answers(), inputs.at_ingest).arrange_by_key_named("impact"),
        clusters: clusters::clusters(answers()).arrange_by_key_named("skill clusters"),
        counts: counts::counts(answers()).arrange_by_key_named("counts"),
        baselines: baselines::baselines(answers()).arrange_by_key_named("baselines"),
        skill_sets: baselines::skill_sets(answers()).arrange_by_key_named("skill sets"),
    };
    (views, state)
}
