//! Which role is it? The rule table of SPEC §4: the first rule that matches decides.
//!
//! A pure function of signals, title resolution, settings and, if there is one, the adjudication. Roles are numbers
//! here; whoever asks knows what they stand for.

mod tie_break;

use crate::fixed::Micro;
use crate::records::Settings;
use crate::views::{Case, Rule};
use tie_break::tie_break;

/// A role, by the asker's number.
pub(crate) type RoleNumber = u32;

/// What the rules may ask of any role, however low it ranks.
pub(crate) trait Standing {
    /// K: the KRA score, 0 when unranked.
    fn kra(&self, role: RoleNumber) -> Micro;
    /// S: the skill score, 0 when unranked.
    fn skill(&self, role: RoleNumber) -> Micro;
    /// How many skills it matches.
    fn matched(&self, role: RoleNumber) -> u32;
    /// Whether it has too few KRAs or skills to be trusted in a tie-break.
    fn thin(&self, role: RoleNumber) -> bool;
    /// Whether its display name is the title as written.
    fn named(&self, role: RoleNumber) -> bool;
    /// Its place among all roles by slug.
    fn order(&self, role: RoleNumber) -> u32;
    /// The roles whose KRA score is at least `least`.
    fn kra_at_least(&self, least: Micro) -> Vec<RoleNumber>;
}

/// What is known of a JD when it is decided.
pub(crate) struct Question<'a> {
    pub(crate) settings: &'a Settings,
    /// It has a title.
    pub(crate) titled: bool,
    /// None, one (X) or several (T) roles that the title names.
    pub(crate) resolved: &'a [RoleNumber],
    /// The roles hit by terms.
    pub(crate) hits: &'a [RoleNumber],
    /// The first two of the KRA ranking.
    pub(crate) kra: [Option<(RoleNumber, Micro)>; 2],
    /// The first two of the skill ranking.
    pub(crate) skill: [Option<(RoleNumber, Micro)>; 2],
    /// An adjudication of this content that names an active role: the role, its confidence.
    pub(crate) adjudication: Option<(RoleNumber, Micro)>,
}

/// What the table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) rule: Rule,
    pub(crate) case: Case,
    pub(crate) role: Option<RoleNumber>,
    pub(crate) confidence: Option<Micro>,
    pub(crate) collision: Option<Collided>,
    pub(crate) cohort: Vec<RoleNumber>,
    pub(crate) tier: Option<u8>,
}

/// A collision before it has a term: by whom, and over which roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Collided {
    /// The alias role whose term hit; none: the title's own term.
    pub(crate) alias: Option<RoleNumber>,
    pub(crate) roles: Vec<RoleNumber>,
}

/// Decides a JD that was not rejected.
pub(crate) fn decide(question: &Question<'_>, standing: &impl Standing) -> Verdict {
    let mut verdict = by_table(question, standing);
    let open = matches!(verdict.case, Case::D | Case::F) || verdict.role.is_none();
    if let (true, Some((role, confidence))) = (open, question.adjudication) {
        verdict.rule = Rule::Adjudicated;
        verdict.role = Some(role);
        verdict.confidence = Some(confidence);
        verdict.tier = None;
    }
    verdict
}

/// The table without the row *adjudicated*.
fn by_table(question: &Question<'_>, standing: &impl Standing) -> Verdict {
    let Question { settings, hits, .. } = question;
    let [kra_first, kra_second] = question.kra;
    let [skill_first, skill_second] = question.skill;
    let k1 = kra_first.map_or(Micro::ZERO, |(_, score)| score);
    let s1 = skill_first.map_or(Micro::ZERO, |(_, score)| score);
    let strong = kra_first.is_some() && k1 >= settings.kra_min;
    let weak = !strong;
    let led = |role| kra_first.is_some() && k1 >= standing.kra(role).plus(settings.title_gap);
    let tied = skill_second.is_some_and(|(_, s2)| s1.minus(s2) <= settings.skill_tie);
    let margin = if hits.len() > 1 { settings.kra_margin_wide } else { settings.kra_margin };
    let is_first_kra = |role| kra_first.is_some_and(|(first, _)| first == role);
    let is_first_skill = |role| skill_first.is_some_and(|(first, _)| first == role);

    let certain = |rule, case, role, confidence| Verdict {
        rule,
        case,
        role: Some(role),
        confidence: Some(confidence),
        collision: None,
        cohort: Vec::new(),
        tier: None,
    };
    let contested = |rule, case, roles: Vec<RoleNumber>, collision: Option<Option<RoleNumber>>| {
        let (cohort, outcome) = tie_break(roles, margin, settings, standing);
        let (role, confidence, tier) = match outcome {
            Some((role, confidence, tier)) => (Some(role), Some(confidence), Some(tier)),
            None => (None, None, None),
        };
        let collision = collision.map(|alias| Collided { alias, roles: cohort.clone() });
        Verdict { rule, case, role, confidence, collision, cohort, tier }
    };

    match question.resolved {
        [] => {}
        &[x] => {
            if standing.kra(x) >= settings.kra_min && !led(x) {
                return certain(Rule::TitleAgrees, Case::A, x, standing.kra(x));
            }
            if let (true, Some((first, _)), true) = (strong, kra_first, led(x)) {
                return contested(Rule::TitleContradicted, Case::D, vec![x, first], Some(None));
            }
            return certain(Rule::TitleAlone, Case::A, x, if weak { TITLE_ALONE } else { standing.kra(x) });
        }
        several => {
            let mut by_kra = several.to_vec();
            by_kra.sort_by_key(|r| (std::cmp::Reverse(standing.kra(*r)), standing.order(*r)));
            let (best, next) = (by_kra[0], by_kra[1]);
            let leads = standing.kra(best).minus(standing.kra(next)) > margin;
            if standing.kra(best) >= settings.kra_min && leads && !led(best) {
                let mut roles = by_kra;
                roles.sort_by_key(|r| standing.order(*r));
                return Verdict {
                    collision: Some(Collided { alias: None, roles }),
                    ..certain(Rule::TitleAmbiguous, Case::B, best, standing.kra(best))
                };
            }
            return contested(Rule::TitleSplit, Case::D, by_kra, Some(None));
        }
    }

    let alias = alias_role(question, strong, standing);
    let half = Micro(crate::fixed::divide_half_up(u64::from(k1.0), 2) as u32);
    let ground = half.max(GROUND);

    if let (true, Some((first, _))) = (strong, kra_first)
        && alias == Some(first)
    {
        if is_first_skill(first) && !tied {
            return certain(Rule::AllAgree, Case::A, first, k1);
        }
        let among_tied = standing.matched(first) > 0 && s1.minus(standing.skill(first)) <= settings.skill_tie;
        let unopposed = skill_first.is_none() || is_first_skill(first) || s1 < ground.max(settings.skill_witness);
        if (tied && among_tied) || unopposed {
            return certain(Rule::AliasAgrees, if tied { Case::C } else { Case::A }, first, k1);
        }
    }
    if let Some(alias) = alias {
        let witnessed = is_first_skill(alias) && s1 >= settings.skill_witness && !tied;
        if witnessed && (weak || k1.minus(standing.kra(alias)) <= margin) {
            return certain(Rule::AliasAndSkill, Case::A, alias, ALIAS_AND_SKILL);
        }
        if let (true, Some((first, _)), false) = (strong, kra_first, is_first_kra(alias)) {
            return contested(Rule::AliasContradicted, Case::D, vec![alias, first], Some(Some(alias)));
        }
        if weak {
            if let Some((first, score)) = skill_first
                && first != alias
                && score >= settings.skill_witness
            {
                return contested(Rule::AliasAgainstSkill, Case::D, vec![alias, first], Some(Some(alias)));
            }
            return certain(Rule::AliasAlone, Case::B, alias, ALIAS_ALONE);
        }
    }
    if let (true, Some((first, score)), false) = (weak, skill_first, tied)
        && score >= settings.skill_min
        && standing.matched(first) >= 2
    {
        return certain(Rule::SkillOnly, Case::B, first, score);
    }
    if let (true, Some((first, _))) = (strong, kra_first) {
        if let Some((skilled, score)) = skill_first
            && skilled != first
            && score >= ground
            && !tied
        {
            return contested(Rule::SkillContradicts, Case::D, vec![skilled, first], None);
        }
        let gap = kra_second.map(|(_, k2)| k1.minus(k2));
        let settled = is_first_skill(first) && !tied;
        if !settled && gap.is_some_and(|g| g <= settings.kra_tie) {
            return contested(Rule::KraTie, Case::F, standing.kra_at_least(k1.minus(settings.kra_tie)), None);
        }
        if gap.is_some_and(|g| g <= margin) {
            return certain(Rule::KraClose, Case::B, first, k1.times(KRA_CLOSE));
        }
        if is_first_skill(first) {
            return certain(Rule::BodyAgrees, Case::A, first, k1.times(BODY_AGREES));
        }
        return certain(Rule::BodyAlone, Case::B, first, k1.times(BODY_ALONE));
    }
    let (rule, case) =
        if question.titled && hits.is_empty() { (Rule::NewRole, Case::New) } else { (Rule::NoEvidence, Case::E) };
    Verdict { rule, case, role: None, confidence: None, collision: None, cohort: Vec::new(), tier: None }
}

/// Among the roles hit: K1 if strong, else S1, else the highest K, then the first slug.
fn alias_role(question: &Question<'_>, strong: bool, standing: &impl Standing) -> Option<RoleNumber> {
    let hit = |ranked: Option<(RoleNumber, Micro)>| ranked.map(|r| r.0).filter(|role| question.hits.contains(role));
    hit(question.kra[0]).filter(|_| strong).or_else(|| hit(question.skill[0])).or_else(|| {
        let key = |role: &RoleNumber| (std::cmp::Reverse(standing.kra(*role)), standing.order(*role));
        question.hits.iter().copied().min_by_key(key)
    })
}

// The table's own numbers, which no setting moves.
const TITLE_ALONE: Micro = Micro(800_000);
const ALIAS_AND_SKILL: Micro = Micro(900_000);
const ALIAS_ALONE: Micro = Micro(700_000);
const KRA_CLOSE: Micro = Micro(900_000);
const BODY_AGREES: Micro = Micro(950_000);
const BODY_ALONE: Micro = Micro(850_000);
/// The least skill score that can contradict the body.
const GROUND: Micro = Micro(200_000);
