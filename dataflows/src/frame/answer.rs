//! What is said of one JD, all in all? The scorers' results, the decision, and what hangs on it.

use super::board::Board;
use super::enrichment;
use super::held::{Entry, Held, NO_WITNESS, UNRANKED};
use super::skills::SkillCounts;
use super::{kras, titles};
use crate::decision::{self, Question, RoleNumber, Standing, Verdict};
use crate::fixed::Micro;
use crate::id::Id;
use crate::kernel::{Group, Isa};
use crate::records::Settings;
use crate::views::{
    Answer, Case, Collision, Decision, KraRank, Resolution, Rule, Signals, SkillRank, SkillSignal, SkillUse,
};
use std::cmp::Reverse;
use std::sync::Arc;

/// Answers JDs one after the other, with the same scratch memory.
#[derive(Default)]
pub(crate) struct Answering {
    skills: SkillCounts,
}

/// A JD whose sentences stand in `groups` from lane `at` on.
#[derive(Clone, Copy)]
pub(crate) struct Gathered<'a> {
    pub(crate) place: u32,
    pub(crate) groups: &'a [Group],
    pub(crate) at: usize,
}

/// An answer, and the KRA score under which a role cannot change it unasked.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) floor: u32,
}

/// A JD's scores, for the rules to ask.
struct Scores<'a> {
    board: &'a Board,
    row: &'a [u32],
    skills: &'a SkillCounts,
    written: Id,
}

impl Standing for Scores<'_> {
    fn kra(&self, role: RoleNumber) -> Micro {
        let score = self.row[role as usize];
        Micro(if score == UNRANKED { 0 } else { score })
    }

    fn skill(&self, role: RoleNumber) -> Micro {
        match self.skills.matched[role as usize] {
            0 => Micro::ZERO,
            matched => Micro::ratio(u64::from(matched), u64::from(self.skills.total)),
        }
    }

    fn matched(&self, role: RoleNumber) -> u32 {
        self.skills.matched[role as usize]
    }

    fn thin(&self, role: RoleNumber) -> bool {
        self.board.roles[role as usize].thin()
    }

    fn named(&self, role: RoleNumber) -> bool {
        self.written != Id::NONE && self.board.roles[role as usize].name == self.written
    }

    fn order(&self, role: RoleNumber) -> u32 {
        self.board.roles[role as usize].order
    }

    fn kra_at_least(&self, least: Micro) -> Vec<RoleNumber> {
        let ranked = self.row.iter().enumerate().filter(|(_, score)| **score != UNRANKED && **score >= least.0);
        ranked.map(|(role, _)| role as RoleNumber).collect()
    }
}

impl Answering {
    /// Answers a JD whose title's vector has been compared where that is wanted. `adjudication` is that of its content,
    /// by a role that has an owner.
    pub(crate) fn answer(
        &mut self,
        board: &Board,
        held: &Held,
        isa: Isa,
        jd: Gathered<'_>,
        adjudication: Option<(Id, Micro)>,
    ) -> Option<Answered> {
        let Gathered { place, groups, at } = jd;
        let entry = held.entry(place)?;
        if entry.rejection.is_some() {
            return Some(Answered { answer: rejected(entry), floor: UNRANKED });
        }
        self.skills.count(board, entry);
        let skills = &self.skills;
        let row = held.row(place);
        let written = entry.title.as_ref().map_or(Id::NONE, |t| t.written);
        let scores = Scores { board, row, skills, written };
        let Settings { top, kra_tie, .. } = board.settings;
        let top = top as usize;
        let wanted = top.max(2);

        let ranked_kras = row.iter().enumerate().filter(|(_, s)| **s != UNRANKED).map(|(r, s)| (*s, r as RoleNumber));
        let (kra_ranking, more) = first(ranked_kras, wanted, board);
        let ranked_skills = skills.ranked.iter().map(|r| (skills.matched[*r as usize], *r));
        let (skill_ranking, _) = first(ranked_skills, wanted, board);
        let kra_entry = |n: usize| kra_ranking.get(n).map(|(score, role)| (*role, Micro(*score)));
        let skill_entry = |n: usize| skill_ranking.get(n).map(|(_, role)| (*role, scores.skill(*role)));

        let mut hits: Vec<RoleNumber> = entry
            .terms()
            .flat_map(|term| [board.displays.get(&term), board.aliases.get(&term)])
            .flatten()
            .flatten()
            .copied()
            .collect();
        by_slug(&mut hits, board);
        let mut resolved = entry.title.as_ref().map_or_else(titles::Resolved::default, |title| {
            titles::by_name(board, title, skills).unwrap_or_else(|| titles::by_vector(board, title))
        });
        by_slug(&mut resolved.roles, board);

        let question = Question {
            settings: &board.settings,
            titled: entry.title.is_some(),
            resolved: &resolved.roles,
            hits: &hits,
            kra: [kra_entry(0), kra_entry(1)],
            skill: [skill_entry(0), skill_entry(1)],
            adjudication: adjudication.and_then(|(role, confidence)| Some((board.known(role)?, confidence))),
        };
        let verdict = decision::decide(&question, &scores);

        let len = held.runs[place as usize].len as usize;
        let kra = kra_ranking.iter().take(top).map(|(score, role)| KraRank {
            role: board.roles[*role as usize].id,
            score: Micro(*score),
            evidence: kras::evidence(board, isa, *role, groups, at, len),
        });
        let skill = (skills.total > 0).then(|| SkillSignal {
            total: skills.total,
            ranking: skill_ranking
                .iter()
                .take(top)
                .map(|(_, role)| SkillRank {
                    role: board.roles[*role as usize].id,
                    score: scores.skill(*role),
                    matched: skills.matched_skills(board, *role),
                })
                .collect(),
        });
        let signals = Signals { skill, alias: ids(&hits, board), kra: kra.collect() };
        let resolution = Resolution {
            how: resolved.how,
            roles: ids(&resolved.roles, board),
            similarity: resolved.similarity,
            term: resolved.term,
        };
        let chosen = verdict.role;
        let novel = held.runs[place as usize]
            .range()
            .zip(&entry.sentences)
            .enumerate()
            .filter(|(_, (lane, _))| held.witnesses[*lane] == NO_WITNESS)
            .map(|(n, (_, sentence))| (n as u16, *sentence))
            .collect();
        let decision = decision_of(board, entry, verdict, &scores, resolved.term);
        let skills: Box<[SkillUse]> = entry.mentions.iter().map(|m| skill_use(board, m, chosen)).collect();
        let answer = Answer {
            enrichment: enrichment::enrich(board, entry, &skills),
            content: entry.content,
            received_at: entry.received_at,
            source: entry.source,
            company: entry.company,
            skills,
            signals,
            resolution,
            new_kra: entry.vector.is_some() && chosen.is_some() && decision.kra < board.settings.new_kra,
            decision,
            novel,
        };
        let floor = match kra_ranking.first() {
            Some((best, _)) if more => kra_ranking[wanted - 1].0.min(best.saturating_sub(kra_tie.0)),
            _ => 0,
        };
        Some(Answered { answer, floor })
    }
}

/// The first `most` of (score, role), score descending, slug ascending, and whether there are more.
fn first(
    ranked: impl Iterator<Item = (u32, RoleNumber)>,
    most: usize,
    board: &Board,
) -> (Vec<(u32, RoleNumber)>, bool) {
    let key = |(score, role): (u32, RoleNumber)| (Reverse(score), board.roles[role as usize].order);
    let mut best: Vec<(u32, RoleNumber)> = Vec::with_capacity(most.min(board.roles.len()) + 1);
    let mut more = false;
    for candidate in ranked {
        if best.len() == most {
            more = true;
            if candidate.0 < best[most - 1].0 {
                continue;
            }
        }
        let at = best.partition_point(|b| key(*b) < key(candidate));
        best.insert(at, candidate);
        best.truncate(most);
    }
    (best, more)
}

fn by_slug(roles: &mut Vec<RoleNumber>, board: &Board) {
    roles.sort_by_key(|r| board.roles[*r as usize].order);
    roles.dedup();
}

fn ids(roles: &[RoleNumber], board: &Board) -> Box<[Id]> {
    roles.iter().map(|r| board.roles[*r as usize].id).collect()
}

fn skill_use(board: &Board, mention: &crate::records::Mention, chosen: Option<RoleNumber>) -> SkillUse {
    let (skill, known) = board.identity(mention.text);
    let home = board.homes.get(&skill).copied().filter(|_| known);
    let aligned = home.filter(|home| chosen.is_some_and(|r| board.roles[r as usize].dimensions.contains(home)));
    let (ai, era) = board.classes.get(&skill).copied().filter(|_| known).unwrap_or_default();
    SkillUse { skill, known, primary: mention.primary, dimension: aligned.unwrap_or(Id::NONE), ai, era }
}

fn decision_of(board: &Board, entry: &Entry, verdict: Verdict, scores: &Scores<'_>, title_term: Id) -> Decision {
    let collision = verdict.collision.map(|collided| {
        let hit = |alias: RoleNumber| {
            let hits = |term: &Id| {
                [&board.displays, &board.aliases]
                    .iter()
                    .any(|i| i.get(term).is_some_and(|roles| roles.contains(&alias)))
            };
            entry.terms().find(hits).unwrap_or(Id::NONE)
        };
        Collision { term: collided.alias.map_or(title_term, hit), roles: ids(&collided.roles, board) }
    });
    let new_role = (verdict.case == Case::New && verdict.role.is_none()).then(|| new_slug(board, entry));
    Decision {
        rule: verdict.rule,
        case: verdict.case,
        role: verdict.role.map(|r| board.roles[r as usize].id),
        confidence: verdict.confidence,
        collision,
        cohort: ids(&verdict.cohort, board),
        tier: verdict.tier,
        new_role,
        rejection: None,
        kra: verdict.role.map_or(Micro::ZERO, |r| scores.kra(r)),
        skill: verdict.role.map_or(Micro::ZERO, |r| scores.skill(r)),
    }
}

/// The slug of the role that this title would found: transliterated, or by the JD's id; numbered where taken.
fn new_slug(board: &Board, entry: &Entry) -> Arc<str> {
    let base: Arc<str> = match &entry.title {
        Some(title) if !title.slug.is_empty() => title.slug.clone(),
        _ => format!("role-{}", entry.id).into(),
    };
    if !board.taken_slugs.contains(&*base) {
        return base;
    }
    let numbered = (2u32..).map(|n| format!("{base}-{n}")).find(|slug| !board.taken_slugs.contains(slug));
    numbered.unwrap_or_default().into()
}

/// What is said of something that is no JD.
fn rejected(entry: &Entry) -> Answer {
    Answer {
        content: entry.content,
        received_at: entry.received_at,
        source: entry.source,
        company: entry.company,
        skills: Box::default(),
        signals: Signals::default(),
        resolution: Resolution::default(),
        decision: Decision {
            rule: Rule::Rejected,
            case: Case::R,
            role: None,
            confidence: None,
            collision: None,
            cohort: Box::default(),
            tier: None,
            new_role: None,
            rejection: entry.rejection,
            kra: Micro::ZERO,
            skill: Micro::ZERO,
        },
        novel: Box::default(),
        new_kra: false,
        enrichment: Default::default(),
    }
}
