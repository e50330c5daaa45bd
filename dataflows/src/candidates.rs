//! What do JDs say that the taxonomy does not know: new skills, new responsibilities, novel sentences?

use crate::Collection;
use crate::id::Id;
use crate::reviews::Reviews;
use crate::summary::{Sighting, summarise};
use crate::views::{Answer, NewKra, NewSkill, Summary, subject};
use std::sync::Arc;

/// What candidates are found from: every JD with what is said of it.
pub(crate) type Answers<'scope> = Collection<'scope, (Id, Arc<Answer>)>;

/// How a JD is seen behind a row.
pub(crate) fn sighting(jd: Id, answer: &Answer, place: u16, flagged: bool) -> Sighting {
    Sighting { received_at: answer.received_at, jd, place, flagged, company: answer.company }
}

/// Skills of decided JDs that the whole library does not know, by (text, role).
pub(crate) fn new_skills<'scope>(
    answers: Answers<'scope>,
    reviews: &Reviews<'scope>,
) -> Collection<'scope, ((Id, Id), NewSkill)> {
    let unknown = answers.flat_map(|(jd, answer)| {
        let role = answer.decision.role;
        let unknown = answer.skills.iter().enumerate().filter(|(_, s)| !s.known);
        let rows: Vec<_> = role
            .into_iter()
            .flat_map(|role| unknown.clone().map(move |(n, s)| ((s.skill, role), (n as u16, s.primary))))
            .map(|(key, (place, primary))| (key, sighting(jd, &answer, place, primary)))
            .collect();
        rows
    });
    let rows = summarise("new skills", unknown)
        .map(|((text, role), summary)| (subject::new_skill(text), (role, (text, role), summary)));
    reviews.apply("new skills", rows).map(|(key, (summary, status))| (key, NewSkill { summary, status }))
}

/// JDs whose responsibilities the chosen role's KRAs do not cover, by (role, JD).
pub(crate) fn new_kras<'scope>(
    answers: Answers<'scope>,
    reviews: &Reviews<'scope>,
) -> Collection<'scope, ((Id, Id), NewKra)> {
    let rows = answers.flat_map(|(jd, answer)| {
        let role = answer.decision.role.filter(|_| answer.new_kra)?;
        Some((subject::new_kra(jd), (role, (role, jd), answer.decision.kra)))
    });
    reviews.apply("new KRAs", rows).map(|(key, (score, status))| (key, NewKra { score, status }))
}

/// Sentences of decided JDs that no role's KRAs come near to, by (role, sentence).
pub(crate) fn novel_sentences<'scope>(
    answers: Answers<'scope>,
    reviews: &Reviews<'scope>,
) -> Collection<'scope, ((Id, Id), Summary)> {
    let novel = answers.flat_map(|(jd, answer)| {
        let mut rows: Vec<((Id, Id), Sighting)> = Vec::new();
        for (role, (place, sentence)) in
            answer.decision.role.iter().flat_map(|r| answer.novel.iter().map(move |n| (r, n)))
        {
            // A sentence written twice is seen once, where it stands first.
            if !rows.iter().any(|((_, seen), _)| seen == sentence) {
                rows.push(((*role, *sentence), sighting(jd, &answer, *place, false)));
            }
        }
        rows
    });
    let rows = summarise("novel sentences", novel)
        .map(|((role, sentence), summary)| (subject::novel_sentence(sentence), (role, (role, sentence), summary)));
    reviews.apply("novel sentences", rows).map(|(key, (summary, _))| (key, summary))
}
