//! What must be looked at again when an epoch changes JDs, the taxonomy or an adjudication?
//!
//! Plain state, no timely: an epoch is begun, worked off in slices, and leaves changes of answers behind.

use super::answer::{Answering, Gathered};
use super::board::{Board, Touched};
use super::enrichment;
use super::held::{Entry, Held};
use super::kras::{ColumnEffect, apply_column, column, score_whole};
use super::titles;
use crate::decision::RoleNumber;
use crate::fixed::Micro;
use crate::id::Id;
use crate::kernel::{Group, Isa, LANES};
use crate::records::{Adjudication, Author, Jd, JdUpdate};
use crate::taxonomy::Fact;
use crate::views::{Answer, Member};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Lanes of sentences in a block of JDs: their vectors stay in the second-level cache while all roles pass.
const BLOCK: usize = 128;
/// Places of a column that are looked at in one go.
const PLACES: u32 = 4096;
/// What an answer and a place of a column cost, in the kernel's rows × lanes.
const ANSWER_COST: u64 = 8_000;
const PLACE_COST: u64 = 50;

/// Changes of the view *decisions*.
pub(crate) type AnswerChanges = Vec<((Id, Arc<Answer>), isize)>;
/// Changes of the view *members*.
pub(crate) type MemberChanges = Vec<((Id, Member), isize)>;

/// One worker's share of the frame.
pub(crate) struct State {
    isa: Isa,
    board: Board,
    pub(super) held: Held,
    adjudications: HashMap<Id, Vec<Adjudication>>,
    answering: Answering,
    groups: Vec<Group>,
    pub(crate) answers: AnswerChanges,
    pub(crate) members: MemberChanges,
    /// Answers given so far.
    pub(super) answered: usize,
    /// Whether an epoch has begun and is not done.
    pub(super) busy: bool,
}

/// What is left to do in an epoch.
#[derive(Default)]
pub(crate) struct Work {
    /// Roles whose KRAs changed.
    columns: Vec<RoleNumber>,
    /// The column being applied: role, best by lane, next place.
    column: Option<(RoleNumber, Vec<i32>, u32)>,
    effect: ColumnEffect,
    /// Roles whose names changed.
    names: Vec<RoleNumber>,
    /// JDs to be scored against all roles again.
    whole: Vec<u32>,
    /// JDs to be answered again.
    dirty: BTreeSet<u32>,
    settled: bool,
    arrivals: Vec<(Id, Arc<Jd>)>,
}

impl State {
    pub(crate) fn new() -> State {
        State {
            isa: Isa::detect(),
            board: Board::default(),
            held: Held::default(),
            adjudications: HashMap::new(),
            answering: Answering::default(),
            groups: Vec::new(),
            answers: Vec::new(),
            members: Vec::new(),
            answered: 0,
            busy: false,
        }
    }

    /// Takes an epoch's changes in, all consolidated, and says what is to be done.
    pub(crate) fn begin(
        &mut self,
        jds: Vec<JdUpdate>,
        facts: Vec<(Fact, isize)>,
        adjudications: Vec<(Adjudication, isize)>,
    ) -> Work {
        self.busy = true;
        let mut work = Work::default();
        for update in jds {
            if let Some(entry) = self.held.remove(update.id) {
                self.retract(&entry);
            }
            if let Some(jd) = update.jd {
                work.arrivals.push((update.id, jd));
            }
        }
        work.arrivals.reverse();
        for (adjudication, difference) in adjudications {
            work.dirty.extend(self.held.place(adjudication.jd));
            let of_jd = self.adjudications.entry(adjudication.jd).or_default();
            if difference > 0 {
                of_jd.push(adjudication)
            } else {
                of_jd.retain(|a| *a != adjudication)
            };
        }
        self.adjudications.retain(|_, of_jd| !of_jd.is_empty());
        if !facts.is_empty() {
            let touched = self.board.apply(facts);
            self.held.widen(self.board.roles.len());
            self.mark(touched, &mut work);
        }
        work
    }

    /// Finds what a change of the taxonomy touches, apart from columns of vectors.
    fn mark(&mut self, touched: Touched, work: &mut Work) {
        if let Some(before) = &touched.settings {
            let now = &self.board.settings;
            let names = (before.title_similarity, before.kra_margin) != (now.title_similarity, now.kra_margin);
            let novelty = before.new_kra != now.new_kra;
            for (place, entry) in self.held.entries.iter_mut().enumerate() {
                let Some(entry) = entry else { continue };
                work.dirty.insert(place as u32);
                if let (true, Some(title)) = (names, &mut entry.title) {
                    title.near = None;
                }
                if novelty {
                    work.whole.push(place as u32);
                }
            }
        }
        if let Some(before) = &touched.enrichment {
            let others = before.labels != self.board.labels.settings.labels;
            for (place, entry) in self.held.entries.iter_mut().enumerate() {
                let Some(entry) = entry else { continue };
                work.dirty.insert(place as u32);
                if others {
                    entry.nature = None;
                }
            }
        }
        let adjudicated = self.adjudications.keys().filter_map(|jd| self.held.place(*jd));
        work.dirty.extend(adjudicated.filter(|_| touched.owners));
        if touched.concerns_answers() {
            let concerned = self.held.iter().filter(|(_, entry)| concerns(&touched, &self.board, entry));
            work.dirty.extend(concerned.map(|(place, _)| place));
        }
        work.columns = touched.kras.into_iter().collect();
        work.names = touched.forms.into_iter().collect();
    }

    /// Works until about `budget` rows × lanes are done; whether the epoch is done.
    pub(crate) fn step(&mut self, work: &mut Work, budget: u64) -> bool {
        let mut spent = 0;
        while spent < budget {
            spent += if let Some((role, best, place)) = work.column.take() {
                let end = (place + PLACES).min(self.held.len() as u32);
                apply_column(&self.board, &mut self.held, role, &best, place..end, &mut work.effect);
                if end < self.held.len() as u32 {
                    work.column = Some((role, best, end));
                }
                u64::from(end - place) * PLACE_COST
            } else if let Some(role) = work.columns.pop() {
                let (best, cost) = column(&self.board, &self.held, self.isa, role);
                work.column = Some((role, best, 0));
                cost
            } else if let Some(role) = work.names.pop() {
                let (moved, cost) = titles::rescore(&self.board, &mut self.held, self.isa, role);
                work.dirty.extend(moved);
                cost
            } else if !work.settled {
                work.settled = true;
                work.dirty.extend(work.effect.touched.drain(..));
                work.dirty.extend(&work.effect.unwitnessed);
                work.whole.append(&mut work.effect.unwitnessed);
                work.whole.sort_unstable();
                work.whole.dedup();
                0
            } else if !work.whole.is_empty() {
                let block = self.block(&mut work.whole);
                self.gather(&block);
                let starts = self.starts(&block);
                score_whole(&self.board, &mut self.held, self.isa, &self.groups, &starts)
            } else if !work.dirty.is_empty() {
                let mut places = Vec::new();
                while places.len() < BLOCK
                    && let Some(place) = work.dirty.pop_first()
                {
                    places.push(place);
                }
                places.reverse();
                let mut cost = self.compare_titles(&places);
                while !places.is_empty() {
                    let block = self.block(&mut places);
                    cost += self.answer_block(&block, false);
                }
                cost
            } else if !work.arrivals.is_empty() {
                let arriving = work.arrivals.len().min(BLOCK);
                let arriving = work.arrivals.drain(work.arrivals.len() - arriving..);
                let mut places: Vec<u32> = arriving.map(|(id, jd)| self.held.insert(id, &jd)).collect();
                let mut cost = self.compare_titles(&places);
                while !places.is_empty() {
                    let block = self.block(&mut places);
                    cost += self.answer_block(&block, true);
                }
                cost
            } else {
                self.busy = false;
                return true;
            };
        }
        false
    }

    /// Takes JDs from the end of `places` until their sentences fill a block.
    fn block(&self, places: &mut Vec<u32>) -> Vec<u32> {
        let mut lanes = 0;
        let mut block = Vec::new();
        while let Some(place) = places.last() {
            lanes += self.held.runs[*place as usize].len as usize;
            if lanes > BLOCK && !block.is_empty() {
                break;
            }
            block.extend(places.pop());
        }
        block
    }

    /// Puts the sentences of JDs side by side.
    fn gather(&mut self, block: &[u32]) {
        let mut used = 0;
        for place in block {
            self.held.sentences.gather(self.held.runs[*place as usize], &mut self.groups, &mut used);
        }
        self.groups.truncate(used.div_ceil(LANES));
    }

    /// Where each JD of a gathered block begins.
    fn starts(&self, block: &[u32]) -> Vec<(u32, usize)> {
        let mut at = 0;
        let start = |place: &u32| {
            let start = at;
            at += self.held.runs[*place as usize].len as usize;
            (*place, start)
        };
        block.iter().map(start).collect()
    }

    /// Compares titles with all names where only vectors can tell: many at once, for the names of a large taxonomy do
    /// not stay in any cache. Returns what it cost.
    fn compare_titles(&mut self, places: &[u32]) -> u64 {
        let wants = |place: &&u32| self.held.entry(**place).is_some_and(|e| titles::wants_near(&self.board, e));
        let wanting: Vec<u32> = places.iter().filter(wants).copied().collect();
        if wanting.is_empty() {
            return 0;
        }
        titles::fill_near(&self.board, &mut self.held, self.isa, &wanting)
    }

    /// Answers a block of JDs whose titles have been compared, scoring them against all roles first where they are new.
    fn answer_block(&mut self, block: &[u32], new: bool) -> u64 {
        self.gather(block);
        let starts = self.starts(block);
        let mut cost = block.len() as u64 * ANSWER_COST;
        if new {
            cost += score_whole(&self.board, &mut self.held, self.isa, &self.groups, &starts);
        }
        cost += enrichment::fill(&self.board, &mut self.held, self.isa, &self.groups, &starts);
        for (place, at) in starts {
            self.answer(place, at);
        }
        cost
    }

    /// Answers one JD and keeps what changed.
    fn answer(&mut self, place: u32, at: usize) {
        let Some(entry) = self.held.entry(place) else { return };
        let adjudication = self.adjudication(entry);
        let jd = Gathered { place, groups: &self.groups, at };
        let answered = self.answering.answer(&self.board, &self.held, self.isa, jd, adjudication);
        let (Some(answered), Some(entry)) = (answered, self.held.entries[place as usize].as_mut()) else { return };
        self.answered += 1;
        self.held.floors[place as usize] = answered.floor;
        if entry.said.as_deref() == Some(&answered.answer) {
            return;
        }
        let new = Arc::new(answered.answer);
        let role = new.decision.role;
        let old = entry.said.replace(new.clone());
        if old.as_ref().map(|o| o.decision.role) != Some(role) {
            let old_role = old.as_ref().and_then(|o| o.decision.role);
            self.members.extend(old_role.and_then(|role| Some(((role, member(entry)?), -1))));
            self.members.extend(role.and_then(|role| Some(((role, member(entry)?), 1))));
        }
        self.answers.extend(old.map(|old| ((entry.id, old), -1)));
        self.answers.push(((entry.id, new), 1));
    }

    /// The adjudication of a JD's content that counts: its role's owner, and the confidence.
    fn adjudication(&self, entry: &Entry) -> Option<(Id, Micro)> {
        let of_content = self.adjudications.get(&entry.id)?.iter().find(|a| a.content == entry.content)?;
        let by_model = matches!(of_content.author, Author::Model(_));
        if by_model && of_content.confidence < self.board.settings.adjudication_min {
            return None;
        }
        let owner = self.board.role_owners.get(&Id::role(&of_content.role))?;
        Some((*owner, of_content.confidence))
    }

    /// Takes back what was said of a JD that is no longer held.
    fn retract(&mut self, entry: &Entry) {
        let Some(said) = &entry.said else { return };
        self.members.extend(said.decision.role.and_then(|role| Some(((role, member(entry)?), -1))));
        self.answers.push(((entry.id, said.clone()), -1));
    }
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What a JD contributes to the centroid of its role.
fn member(entry: &Entry) -> Option<Member> {
    let vector = entry.vector.clone()?;
    Some(Member { jd: entry.id, day: entry.received_at.div_euclid(DAY) as i32, vector })
}

impl Touched {
    /// Whether anything changed that can only be found by looking at each JD's ids.
    fn concerns_answers(&self) -> bool {
        !(self.terms.is_empty()
            && self.skill_texts.is_empty()
            && self.role_skills.is_empty()
            && self.homes.is_empty()
            && self.dimensions.is_empty()
            && self.contenders.is_empty()
            && self.slugs.is_empty()
            && !self.owners)
    }
}

/// Whether something else may be said of a JD now.
fn concerns(touched: &Touched, board: &Board, entry: &Entry) -> bool {
    let Some(said) = &entry.said else { return true };
    let names = || entry.terms().chain(entry.title.iter().map(|t| t.plain));
    let has_skill = |wanted: &dyn Fn(&Id) -> bool| said.skills.iter().any(|s| s.known && wanted(&s.skill));
    let decision = &said.decision;
    (!touched.terms.is_empty() && names().any(|t| touched.terms.contains(&t)))
        || (touched.owners && names().any(|t| board.rules.contains_key(&t)))
        || (!touched.skill_texts.is_empty() && entry.mentions.iter().any(|m| touched.skill_texts.contains(&m.text)))
        || (!touched.role_skills.is_empty() && has_skill(&|s| touched.role_skills.contains_key(s)))
        || (!touched.homes.is_empty() && has_skill(&|s| touched.homes.contains(s)))
        || decision.role.is_some_and(|r| touched.dimensions.contains(&r))
        || decision.cohort.iter().any(|r| touched.contenders.contains(r))
        || decision.new_role.is_some() && !touched.slugs.is_empty()
}
