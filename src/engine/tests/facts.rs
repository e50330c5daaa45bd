//! What was said is written once; what is said differently is written down, with its reason.

use crate::engine::batch::Cause;
use crate::engine::facts::{Causes, Facts, RoleChange};
use rolestream_dataflows::driver::{DecisionChange, Epoch};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Answer, Case, Decision, Resolution, Rule, Signals};
use std::sync::Arc;

fn answer(content: u64, role: &str, confidence: u32) -> Arc<Answer> {
    Arc::new(Answer {
        content,
        received_at: 0,
        source: Id::NONE,
        company: Id::NONE,
        skills: Box::default(),
        signals: Signals::default(),
        resolution: Resolution::default(),
        decision: Decision {
            rule: Rule::BodyAlone,
            case: Case::B,
            role: Some(Id::role(role)),
            confidence: Some(Micro(confidence)),
            collision: None,
            cohort: Box::default(),
            tier: None,
            new_role: None,
            rejection: None,
            kra: Micro::ZERO,
            skill: Micro::ZERO,
        },
        novel: Box::default(),
        new_kra: false,
        enrichment: Default::default(),
    })
}

/// The facts, and the answer each test's one JD has.
#[derive(Default)]
struct Story {
    facts: Facts,
    now: Option<Arc<Answer>>,
    epoch: Epoch,
}

const JD: &str = "one";

impl Story {
    /// The view *decisions* says this from the next epoch on.
    fn say(&mut self, after: Option<Arc<Answer>>, causes: Causes) -> Vec<RoleChange> {
        self.epoch += 1;
        let (epoch, jd) = (self.epoch, Id::jd(JD));
        let change =
            |answer: &Arc<Answer>, difference| DecisionChange { epoch, jd, answer: answer.clone(), difference };
        let retracted = self.now.as_ref().map(|a| change(a, -1));
        let added = after.as_ref().map(|a| change(a, 1));
        self.now = after;
        self.facts.close(epoch, 10 + epoch, &causes, added.into_iter().chain(retracted).collect()).role_changes
    }

    fn edited(&mut self, after: Arc<Answer>, version: u64) -> Vec<RoleChange> {
        self.say(Some(after), Causes { rest: Cause::Taxonomy(version), ..Causes::default() })
    }

    fn delivered(&mut self, after: Option<Arc<Answer>>) -> Vec<RoleChange> {
        let jds = [Id::jd(JD)].into_iter().collect();
        self.say(after, Causes { jds, of_jds: Cause::Correction, ..Causes::default() })
    }
}

#[test]
fn the_first_answer_is_no_role_change_and_stays_what_was_said_at_ingest() {
    let mut story = Story::default();
    assert!(story.delivered(Some(answer(1, "a", 500_000))).is_empty());
    let changes = story.edited(answer(1, "b", 600_000), 7);
    assert_eq!(changes.len(), 1);
    let change = &changes[0];
    assert_eq!(change.cause, Cause::Taxonomy(7));
    assert_eq!((change.epoch, change.taxonomy_version, change.content), (2, 12, 1));
    let role = |stated: &Option<crate::engine::Stated>| stated.as_ref().and_then(|s| s.said.role);
    assert_eq!((role(&change.before), role(&change.after)), (Some(Id::role("a")), Some(Id::role("b"))));
    let first = story.facts.at_ingest(Id::jd(JD), 1).unwrap();
    assert_eq!((first.said().role, first.epoch, first.taxonomy_version), (Some(Id::role("a")), 1, 11));
    assert_eq!(story.facts.decision(Id::jd(JD)), story.now.as_ref());
}

#[test]
fn each_content_has_its_own_answer_at_ingest_and_keeps_it_when_it_comes_back() {
    let mut story = Story::default();
    story.delivered(Some(answer(1, "a", 1)));
    story.delivered(Some(answer(2, "b", 1)));
    story.delivered(Some(answer(1, "c", 1)));
    let first = |content| story.facts.at_ingest(Id::jd(JD), content).map(|f| f.answer.decision.role);
    assert_eq!(first(1), Some(Some(Id::role("a"))));
    assert_eq!(first(2), Some(Some(Id::role("b"))));
    assert_eq!(first(3), None);
}

#[test]
fn numbers_may_move_without_a_role_change_and_the_chain_still_closes() {
    let mut story = Story::default();
    story.delivered(Some(answer(1, "a", 500_000)));
    assert_eq!(story.edited(answer(1, "b", 600_000), 1).len(), 1);
    assert!(story.edited(answer(1, "b", 700_000), 2).is_empty());
    let last = story.edited(answer(1, "a", 400_000), 3);
    // What was last said of b had the confidence of then, not the one it moved to in silence.
    assert_eq!(last[0].before.as_ref().and_then(|s| s.confidence), Some(Micro(600_000)));
    assert_chain(story.facts.role_changes());
}

#[test]
fn a_withdrawal_and_the_return_are_links_of_the_chain() {
    let mut story = Story::default();
    story.delivered(Some(answer(1, "a", 1)));
    let gone = story.delivered(None);
    assert_eq!((gone[0].cause, gone[0].content, gone[0].after.as_ref()), (Cause::Withdrawal, 1, None));
    assert_eq!(story.facts.decision(Id::jd(JD)), None);
    let back = story.delivered(Some(answer(2, "a", 1)));
    assert_eq!((back[0].cause, back[0].content, back[0].before.as_ref()), (Cause::Correction, 2, None));
    assert_chain(story.facts.role_changes());
}

#[test]
fn the_nearest_cause_is_named() {
    let jd = Id::jd(JD);
    let all = Causes {
        jds: [jd].into_iter().collect(),
        of_jds: Cause::Reparse(3),
        adjudicated: [jd].into_iter().collect(),
        rest: Cause::Settings,
    };
    let mut story = Story::default();
    story.delivered(Some(answer(1, "a", 1)));
    assert_eq!(story.say(Some(answer(1, "b", 1)), all.clone())[0].cause, Cause::Reparse(3));
    let unasked = Causes { jds: Default::default(), ..all };
    assert_eq!(story.say(Some(answer(1, "a", 1)), unasked.clone())[0].cause, Cause::Adjudication);
    let general = Causes { adjudicated: Default::default(), ..unasked };
    assert_eq!(story.say(Some(answer(1, "b", 1)), general)[0].cause, Cause::Settings);
}

#[test]
fn changes_that_cancel_say_nothing() {
    let mut facts = Facts::default();
    let change = |difference| DecisionChange { epoch: 1, jd: Id::jd(JD), answer: answer(1, "a", 1), difference };
    let outcome = facts.close(1, 0, &Causes::default(), vec![change(1), change(-1)]);
    assert!(outcome.decisions.is_empty() && outcome.at_ingest.is_empty());
    assert!(facts.at_ingest(Id::jd(JD), 1).is_none());
}

fn assert_chain(changes: &[RoleChange]) {
    for pair in changes.windows(2) {
        assert_eq!(pair[0].after, pair[1].before);
    }
}
