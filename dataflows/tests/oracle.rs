//! Does the oracle say what SPEC says, in cases small enough to be worked out by hand?

use rolestream_dataflows::fixed::{DIMENSIONS, Micro, SCALE, Vector, Vectors};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle::{check_invariants, compute};
use rolestream_dataflows::records::{
    Adjudication, AiClass, AiFlags, Alias, AliasRule, AliasVerdict, AtIngest, Author, Change, EnrichmentSettings, Era,
    Features, Jd, Kra, Mention, NatureLabel, Record, Review, Role, RoleSkill, Scope, Skill, Status, Tables, Title,
    Verdict,
};
use rolestream_dataflows::text::{normalise, slugify};
use rolestream_dataflows::views::{Answer, Case, How, Maturity, QueueStatus, Rule, Snapshot, subject};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A unit vector in the plane of the first two axes, at this cosine to the first; parts spread over blocks of axes,
/// for a component cannot hold a whole unit.
fn at(cosine: f64) -> Vector {
    let half = DIMENSIONS / 2;
    let along = |share: f64| (share * f64::from(SCALE) / (half as f64).sqrt()).round() as i8;
    let mut components = vec![along(cosine); half];
    components.resize(DIMENSIONS, along((1.0 - cosine * cosine).sqrt()));
    Vector::new(&components).expect("unit length")
}

/// The opposite of everything `at` gives: similar to none of it.
fn elsewhere() -> Vector {
    let components: Vec<i8> = (0..DIMENSIONS).map(|i| if i % 2 == 0 { 26 } else { -26 }).collect();
    Vector::new(&components).expect("unit length")
}

fn role(slug: &str, name: &str, into: Option<&str>) -> Record {
    Record::Role(Role {
        slug: slug.into(),
        name: name.into(),
        number: 1,
        archetype: "engineer".into(),
        status: if into.is_some() { Status::Merged } else { Status::Active },
        replaced_by: into.map(Into::into),
        vector: elsewhere(),
    })
}

fn skill(slug: &str, aliases: &[&str]) -> Record {
    Record::Skill(Skill {
        slug: slug.into(),
        name: slug.into(),
        number: 1,
        aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
        dimension: None,
        kind: "tool".into(),
        ai: Default::default(),
        era: Default::default(),
        hints: Default::default(),
        status: Status::Active,
        replaced_by: None,
    })
}

fn lists(role: &str, skill: &str) -> Record {
    Record::RoleSkill(RoleSkill { role: role.into(), skill: skill.into() })
}

fn alias(role: &str, text: &str) -> Record {
    Record::Alias(Alias { role: role.into(), text: text.into(), vector: elsewhere() })
}

fn kra(id: &str, role: &str, vector: Vector) -> Record {
    Record::Kra(Kra { id: id.into(), role: role.into(), sentence: id.into(), vector })
}

fn text(text: &str) -> Id {
    Id::text(&normalise(text))
}

fn title(written: &str) -> Option<Title> {
    let vector = at(0.0);
    Some(Title { written: text(written), plain: text(written), slug: slugify(written).into(), vector })
}

fn mention(skill: &str, primary: bool) -> Mention {
    Mention { text: text(skill), primary }
}

/// Sentences at these cosines to the first axis.
fn says(cosines: &[f64]) -> Features {
    let vectors: Vec<Vector> = cosines.iter().map(|cosine| at(*cosine)).collect();
    let sentences = (0..cosines.len()).map(|i| text(&format!("sentence {i}"))).collect();
    Features { sentences, vectors: Vectors::new(&vectors), vector: Some(at(1.0)), ..Features::default() }
}

/// All views of one JD, whose invariants hold.
fn views(records: Vec<Record>, features: Features) -> Snapshot {
    let mut tables = Tables::default();
    for record in records {
        tables.apply(Change::Put(record));
    }
    let jd = Jd { content: 7, source: text("file"), received_at: 0, company: Id::NONE, features: Ok(features) };
    let jds = BTreeMap::from([(Id::jd("jd"), Arc::new(jd))]);
    let snapshot = compute(&tables, &jds);
    assert_eq!(check_invariants(&tables, &jds, &snapshot), Ok(()));
    snapshot
}

fn answer(records: Vec<Record>, features: Features) -> Arc<Answer> {
    views(records, features).decisions[&Id::jd("jd")].clone()
}

#[test]
fn ten_of_seventeen_primary_skills() {
    let mut records = vec![role("backend", "Backend Developer", None)];
    records.extend((0..10).map(|i| skill(&format!("s{i}"), &[])));
    records.extend((0..10).map(|i| lists("backend", &format!("s{i}"))));
    let skills = (0..17).map(|i| mention(&format!("s{i}"), true)).chain([mention("s99", false)]).collect();
    let answer = answer(records, Features { skills, ..Features::default() });
    let signal = answer.signals.skill.clone().expect("there are primary skills");
    assert_eq!((signal.total, signal.ranking[0].score.to_string()), (17, "0.5882".to_owned()));
    assert_eq!((answer.decision.rule, answer.decision.case), (Rule::SkillOnly, Case::B));
}

#[test]
fn the_mean_of_the_three_best_sentences() {
    let records = vec![role("backend", "Backend Developer", None), kra("k", "backend", at(1.0))];
    let answer = answer(records, says(&[0.1, 0.9, 0.3, 0.6]));
    let rank = &answer.signals.kra[0];
    let places: Vec<u16> = rank.evidence.iter().map(|evidence| evidence.sentence).collect();
    assert_eq!(places, [1, 3, 2]);
    assert!(rank.score.0.abs_diff(600_000) < 10_000, "{:?}", rank.score);
    assert_eq!(answer.decision.rule, Rule::BodyAlone);
    assert_eq!(answer.decision.confidence, Some(rank.score.times(Micro(850_000))));
    assert_eq!(answer.novel.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn a_merged_roles_name_and_kras_are_its_survivors() {
    let survivor = role("backend", "Backend Developer", None);
    let records = vec![survivor, role("server", "Server Developer", Some("backend")), kra("k", "server", at(1.0))];
    let answer = answer(records, Features { title: title("server  DEVELOPER"), ..says(&[0.9]) });
    assert_eq!((answer.resolution.how, &*answer.resolution.roles), (How::Alias, &[Id::role("backend")][..]));
    assert_eq!((answer.decision.rule, answer.decision.role), (Rule::TitleAgrees, Some(Id::role("backend"))));
}

#[test]
fn a_term_of_two_roles_is_ambiguous_until_a_rule_speaks() {
    let two = || {
        let roles = vec![role("a", "A", None), role("b", "B", None)];
        roles.into_iter().chain([alias("a", "Engineer"), alias("b", "engineer"), skill("java", &["Java SE"])])
    };
    let features =
        || Features { title: title("Engineer"), skills: vec![mention("java se", false)], ..Features::default() };
    let split = answer(two().collect(), features());
    assert_eq!((split.decision.rule, split.decision.role), (Rule::TitleSplit, None));
    let collision = split.decision.collision.clone().expect("it is a collision");
    assert_eq!((collision.term, collision.roles.len()), (text("engineer"), 2));
    let verdict = AliasVerdict::BySkills { role: "b".into(), skills: vec!["java".into()] };
    let rule = Record::AliasRule(AliasRule { term: "engineer".into(), verdict });
    let settled = answer(two().chain([rule]).collect(), features());
    assert_eq!((settled.decision.rule, settled.decision.role), (Rule::TitleAlone, Some(Id::role("b"))));
    assert_eq!(settled.decision.confidence, Some(Micro(800_000)));
}

#[test]
fn a_new_roles_slug_is_free() {
    let records = vec![role("lion-tamer", "A", None), role("lion-tamer-2", "B", Some("nobody"))];
    let snapshot = views(records, Features { title: title("Lion Tamer"), ..Features::default() });
    assert_eq!(snapshot.new_roles.keys().map(|slug| &**slug).collect::<Vec<_>>(), ["lion-tamer-3"]);
    let answer = answer(vec![], Features { title: title("…"), ..Features::default() });
    assert_eq!(answer.decision.new_role.as_deref(), Some(format!("role-{}", Id::jd("jd")).as_str()));
}

#[test]
fn an_adjudication_decides_what_is_open_and_shows_its_impact() {
    let by = |author, percent: u32| {
        Record::Adjudication(Adjudication {
            jd: Id::jd("jd"),
            content: 7,
            role: "a".into(),
            confidence: Micro(percent * 10_000),
            reasoning: String::new(),
            author,
        })
    };
    let features = || Features { title: title("Lion Tamer"), ..Features::default() };
    let open = answer(vec![role("a", "A", None)], features()).decision.said();
    let fact = Record::AtIngest(AtIngest { jd: Id::jd("jd"), content: 7, said: open.clone() });
    let unsure = views(vec![role("a", "A", None), fact.clone(), by(Author::Model("m".into()), 69)], features());
    assert_eq!((unsure.impact.len(), unsure.new_roles.len()), (0, 1));
    let sure = views(vec![role("a", "A", None), fact, by(Author::Person("p".into()), 10)], features());
    let impact = &sure.impact[&Id::jd("jd")];
    assert_eq!((&impact.at_ingest, impact.current.rule, impact.current.case), (&open, Rule::Adjudicated, Case::New));
    assert!(sure.new_roles.is_empty());
}

#[test]
fn a_review_hides_or_marks_a_row() {
    let review = |verdict, scope| {
        let subject = subject::new_skill(text("gadget"));
        Record::Review(Review { subject, scope, verdict, who: String::new(), when: 0, why: String::new() })
    };
    let with = |review: Option<Record>| {
        let skills = vec![mention("gadget", true)];
        let records = [role("a", "A", None), role("b", "B", None), role("old", "Old", Some("a"))];
        let features = Features { title: title("A"), skills, ..Features::default() };
        let rows = views(records.into_iter().chain(review).collect(), features).new_skills;
        rows.into_values().map(|row| row.status).collect::<Vec<QueueStatus>>()
    };
    assert_eq!(with(None), [QueueStatus::Pending]);
    assert_eq!(with(Some(review(Verdict::Rejected, Scope::Everywhere))), []);
    assert_eq!(with(Some(review(Verdict::Snoozed(1), Scope::Role("old".into())))), []);
    assert_eq!(with(Some(review(Verdict::Rejected, Scope::Role("b".into())))), [QueueStatus::Pending]);
    assert_eq!(with(Some(review(Verdict::Accepted, Scope::Everywhere))), [QueueStatus::Accepted]);
    assert_eq!(with(Some(review(Verdict::Merged("x".into()), Scope::Role("a".into())))), [QueueStatus::Merged]);
}

/// A skill of a class and age.
fn classed(slug: &str, ai: AiClass, era: Era) -> Record {
    let Record::Skill(plain) = skill(slug, &[]) else { unreachable!("that is a skill") };
    Record::Skill(Skill { ai, era, ..plain })
}

#[test]
fn the_ai_index_is_the_sum_of_its_parts_and_at_most_the_cap() {
    let records = |class| vec![classed("copilot", class, Era::Emerging), classed("java", AiClass::None, Era::Modern)];
    let skills = vec![mention("copilot", false), mention("java", true)];
    let features = |ai| Features { skills: skills.clone(), ai, ..Features::default() };
    let none = AiFlags::default();
    let index = |class, ai| answer(records(class), features(ai)).enrichment.ai.clone().expect("it has skills");
    let one = index(AiClass::Assistant, none);
    assert_eq!((one.value, one.primary, one.legacy), (Micro(1_000_000), Micro::ZERO, 1));
    assert_eq!(index(AiClass::Concept, none).legacy, 3);
    assert_eq!(index(AiClass::None, none).value, Micro::ZERO);
    let all = index(AiClass::Framework, AiFlags { title: true, team: true, product: true });
    assert_eq!(all.value, Micro(4_000_000));
    // A title alone says nothing of AI, unless it names it.
    let titled =
        |ai| answer(vec![], Features { title: title("Chef"), ai, ..Features::default() }).enrichment.ai.clone();
    assert_eq!(titled(none), None);
    assert_eq!(titled(AiFlags { title: true, ..none }).expect("it names it").value, Micro::ONE);
    let mut tight = EnrichmentSettings::default();
    tight.ai.cap = Micro(1_500_000);
    let capped = [records(AiClass::Framework), vec![Record::EnrichmentSettings(tight)]].concat();
    let flags = AiFlags { title: true, ..none };
    assert_eq!(answer(capped, features(flags)).enrichment.ai.clone().expect("as above").value, Micro(1_500_000));
}

#[test]
fn eras_make_a_label() {
    let stack = |eras: &[(Era, AiClass)]| {
        let slugs: Vec<String> = (0..eras.len()).map(|n| format!("s{n}")).collect();
        let records = slugs.iter().zip(eras).map(|(slug, (era, ai))| classed(slug, *ai, *era)).collect();
        let skills = slugs.iter().map(|slug| mention(slug, true)).chain([mention("unknown", true)]).collect();
        answer(records, Features { skills, ..Features::default() }).enrichment.maturity
    };
    let plain = |eras: &[Era]| stack(&eras.iter().map(|era| (*era, AiClass::None)).collect::<Vec<_>>());
    use Era::{CloudNative, Emerging, Established, Legacy, Modern};
    assert_eq!(plain(&[]), None);
    assert_eq!(plain(&[Legacy, Legacy, Modern, CloudNative, CloudNative]), Some(Maturity::Legacy));
    assert_eq!(plain(&[Established, Established, Modern]), Some(Maturity::Established));
    assert_eq!(plain(&[Established, Modern]), Some(Maturity::Modern));
    assert_eq!(plain(&[Emerging, CloudNative]), Some(Maturity::Modern), "one cloud-native skill makes none");
    assert_eq!(plain(&[Established, Modern, CloudNative, CloudNative]), Some(Maturity::ModernCloudNative));
    let ai = [(Emerging, AiClass::Concept), (Modern, AiClass::Framework), (Modern, AiClass::Concept)];
    assert_eq!(stack(&ai), Some(Maturity::AiNative));
    assert_eq!(stack(&ai[..2]), Some(Maturity::Modern), "two are too few");
}

#[test]
fn the_nearest_label_is_the_nature_and_the_commonest_is_the_roles() {
    let label = |name: &str, cosine| NatureLabel {
        name: name.into(),
        summary: String::new(),
        prototypes: Vectors::new(&[at(cosine)]),
    };
    let settings = |labels, nature_min| {
        Record::EnrichmentSettings(EnrichmentSettings { labels, nature_min, ..EnrichmentSettings::default() })
    };
    let labels = || vec![label("near", 0.9), label("also near", 0.9), label("far", 0.0)];
    let records = |least| {
        vec![role("backend", "Backend Developer", None), kra("k", "backend", at(1.0)), settings(labels(), least)]
    };
    let snapshot = views(records(Micro::ZERO), says(&[0.2, 0.9, 0.8]));
    let nature = snapshot.decisions[&Id::jd("jd")].enrichment.nature.clone().expect("some label is near");
    assert_eq!((&*nature.label, nature.sentence), ("near", 1), "of equal labels the first, of sentences the nearest");
    let baseline = &snapshot.baselines[&Id::role("backend")];
    assert_eq!((baseline.nature.as_deref(), baseline.maturity, baseline.ai), (Some("near"), None, Some(Micro::ZERO)));
    assert!(snapshot.skill_sets.is_empty());
    let open = answer(records(Micro::ONE), says(&[0.2, 0.9, 0.8]));
    assert_eq!(open.enrichment.nature, None, "under the threshold it stays open");
}
