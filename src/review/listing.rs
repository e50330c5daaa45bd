//! Which rows are shown, in which order, page by page?
//!
//! A page ends with a cursor: where its last row stands in the order. The next one begins behind that place, whatever
//! came or went meanwhile, so a row that does not itself move is shown exactly once.
//!
//! Words and matches are looked up only where they are needed: for the rows of the page, and for all rows that the other
//! filters leave where a text is looked for, or where the order is by priority.

use super::matches::{self, Likeness, Matches, priority};
use super::queues::{Candidate, Of, Share};
use super::row::{Example, Queue, RoleShare, Row, RunRef, Standing, unknown};
use super::standing::Reviews;
use super::texts::{Run, Runs, is};
use crate::error::Error;
use crate::report::Names;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;
use std::sync::Arc;
use utoipa::ToSchema;

/// Characters of responsibilities that stand for them.
const PREVIEW: usize = 200;
/// Milliseconds.
const DAY: i64 = 86_400_000;

/// What rows are made with, all as of one epoch.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The runs behind them.
    pub runs: &'a dyn Runs,
    /// What is like them.
    pub matches: &'a dyn Matches,
    /// The names of roles and KRAs.
    pub names: &'a Names,
    /// What is settled.
    pub reviews: &'a Reviews,
    /// What terms are called ([`super::texts::terms`]); only collisions need it.
    pub terms: &'a HashMap<Id, String>,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// The order of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The most urgent first.
    #[default]
    Priority,
    /// The most frequent first.
    Frequency,
    /// Those first that were seen first.
    Age,
    /// Those first that were seen last.
    LastSeen,
}

impl Sort {
    const ALL: [Sort; 4] = [Sort::Priority, Sort::Frequency, Sort::Age, Sort::LastSeen];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Sort::Priority => "priority",
            Sort::Frequency => "frequency",
            Sort::Age => "age",
            Sort::LastSeen => "last_seen",
        }
    }
}

impl FromStr for Sort {
    type Err = Error;
    fn from_str(text: &str) -> Result<Sort, Error> {
        let names = Sort::ALL.map(Sort::name);
        Sort::ALL.into_iter().find(|sort| sort.name() == text).ok_or_else(|| unknown("order", text, &names))
    }
}

/// Which rows are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this queue.
    pub queue: Option<Queue>,
    /// Seen in this role, by slug.
    pub role: Option<String>,
    /// With this in their title, in whatever case.
    pub text: Option<String>,
    /// Seen in so many runs, at least.
    pub min_frequency: u64,
    /// That stand so.
    pub status: Option<Standing>,
}

/// Some rows of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many there are, on all pages.
    pub total: usize,
    /// What to ask the next page with; none on the last one.
    pub next: Option<String>,
}

/// A row on its way: as the views have it, or as it was when it was settled.
enum Item {
    Now { candidate: Candidate, title: Option<String>, likeness: Option<Likeness> },
    Then(Box<Row>),
}

/// A page of the rows that a filter leaves. `hidden` are those that reviews hide ([`super::standing::hidden`]); of a
/// row that is also in the views, that is shown.
pub fn page(
    sources: &Sources<'_>,
    candidates: Vec<Candidate>,
    hidden: Vec<Row>,
    filter: &Filter,
    sort: Sort,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page, Error> {
    let after = cursor.map(|cursor| place(cursor, sort)).transpose()?;
    let now = candidates.into_iter().map(|candidate| Item::Now { candidate, title: None, likeness: None });
    let then = hidden.into_iter().map(|row| Item::Then(Box::new(row)));
    let mut seen: BTreeSet<u64> = BTreeSet::new();
    let mut items: Vec<Item> = Vec::new();
    for mut item in now.chain(then) {
        if item.passes(filter, sources) && seen.insert(item.id()) {
            items.push(item);
        }
    }
    let total = items.len();
    let mut items = first(items, sort, sources, after, limit.saturating_add(1));
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more).map(|(place, _)| *place);
    Ok(Page {
        rows: items.into_iter().map(|(_, item)| item.row(sources)).collect(),
        total,
        next: last.map(|(key, id)| format!("{}:{key}:{id}", sort.name())),
    })
}

/// The first so many after a place, in order. What a row is like is costly to find out, and no row is more urgent than
/// if it were like nothing: so those that may be the most urgent are looked at first, and only as many as must be.
fn first(
    items: Vec<Item>,
    sort: Sort,
    sources: &Sources<'_>,
    after: Option<(i64, u64)>,
    most: usize,
) -> Vec<((i64, u64), Item)> {
    // The greatest key comes first, and of equal ones the least id.
    let mut items: Vec<(i64, Item)> = items.into_iter().map(|item| (item.at_best(sort), item)).collect();
    items.sort_by_key(|(best, item)| (*best, item.id()));
    let mut found: BTreeMap<(i64, u64), Item> = BTreeMap::new();
    for (best, mut item) in items {
        if found.len() >= most && found.last_key_value().is_none_or(|(last, _)| best > last.0) {
            break;
        }
        let place = (item.key(sort, sources).saturating_neg(), item.id());
        if after.is_none_or(|after| place > after) {
            found.insert(place, item);
        }
        if found.len() > most {
            found.pop_last();
        }
    }
    found.into_iter().collect()
}

/// A row with all its words.
pub fn show(sources: &Sources<'_>, candidate: Candidate) -> Row {
    Item::Now { candidate, title: None, likeness: None }.row(sources)
}

/// Where a cursor stands.
fn place(cursor: &str, sort: Sort) -> Result<(i64, u64), Error> {
    let refused = |detail: String| {
        let hint = "take it from \"next\" of the page before, with the same order, or leave it out to begin anew";
        Err(Error::new("the cursor is none of this list").detail(detail).hint(hint))
    };
    let mut parts = cursor.split(':');
    let (name, key, id) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let numbers = (key.and_then(|key| key.parse().ok()), id.and_then(|id| id.parse().ok()));
    match (numbers, parts.next()) {
        _ if name != sort.name() && name.parse::<Sort>().is_ok() => {
            refused(format!("it is of the order by {name}, and the order is by {}", sort.name()))
        }
        ((Some(key), Some(id)), None) if name == sort.name() => Ok((key, id)),
        _ => refused(format!("it is \"{cursor}\"")),
    }
}

impl Item {
    fn id(&self) -> u64 {
        match self {
            Item::Now { candidate, .. } => candidate.subject.number(),
            Item::Then(row) => row.id,
        }
    }

    fn passes(&mut self, filter: &Filter, sources: &Sources<'_>) -> bool {
        let (queue, status, frequency) = match self {
            Item::Now { candidate, .. } => (candidate.queue(), candidate.standing, candidate.frequency),
            Item::Then(row) => (row.queue, row.status, row.frequency),
        };
        let of_role = |role: &String| match &*self {
            Item::Now { candidate, .. } => candidate.roles.iter().any(|share| share.role == Id::role(role)),
            Item::Then(row) => row.roles.iter().any(|share| share.slug == *role),
        };
        filter.queue.is_none_or(|wanted| wanted == queue)
            && filter.status.is_none_or(|wanted| wanted == status)
            && frequency >= filter.min_frequency
            && filter.role.as_ref().is_none_or(of_role)
            && filter
                .text
                .as_ref()
                .is_none_or(|text| self.title(sources).to_lowercase().contains(&text.trim().to_lowercase()))
    }

    fn title(&mut self, sources: &Sources<'_>) -> &str {
        match self {
            Item::Now { candidate, title, .. } => title
                .get_or_insert_with(|| title_of(candidate, sources).unwrap_or_else(|| candidate.subject.to_string())),
            Item::Then(row) => &row.title,
        }
    }

    fn likeness(&mut self, sources: &Sources<'_>) -> (Micro, Micro) {
        let text = self.title(sources).to_owned();
        match self {
            Item::Now { candidate, likeness, .. } => {
                let likeness = likeness.get_or_insert_with(|| {
                    let found = matches::found(candidate, &text, sources.names, sources.runs, sources.matches);
                    Likeness::of(candidate.subject, found, sources.reviews)
                });
                (likeness.score, likeness.margin)
            }
            Item::Then(row) => (row.score, row.margin),
        }
    }

    /// The least place that it can have in the order, without a look at what it is like.
    fn at_best(&self, sort: Sort) -> i64 {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX).saturating_neg();
        match self {
            Item::Now { candidate, .. } => match sort {
                Sort::Priority => whole(priority(candidate.frequency, Micro::ZERO, Micro::ZERO)),
                Sort::Frequency => whole(candidate.frequency),
                Sort::Age => candidate.first_seen,
                Sort::LastSeen => candidate.last_seen.saturating_neg(),
            },
            Item::Then(row) => match sort {
                Sort::Priority => whole(priority(row.frequency, Micro::ZERO, Micro::ZERO)),
                Sort::Frequency => whole(row.frequency),
                Sort::Age => row.first_seen,
                Sort::LastSeen => row.last_seen.saturating_neg(),
            },
        }
    }

    /// What it is ordered by, the greatest first.
    fn key(&mut self, sort: Sort, sources: &Sources<'_>) -> i64 {
        let (frequency, first, last) = match self {
            Item::Now { candidate, .. } => (candidate.frequency, candidate.first_seen, candidate.last_seen),
            Item::Then(row) => (row.frequency, row.first_seen, row.last_seen),
        };
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        match sort {
            Sort::Priority => {
                let (score, margin) = self.likeness(sources);
                whole(priority(frequency, score, margin))
            }
            Sort::Frequency => whole(frequency),
            Sort::Age => first.saturating_neg(),
            Sort::LastSeen => last,
        }
    }

    fn row(mut self, sources: &Sources<'_>) -> Row {
        let title = self.title(sources).to_owned();
        let (score, margin) = self.likeness(sources);
        let (candidate, matches) = match self {
            Item::Now { candidate, likeness, .. } => {
                (candidate, likeness.map(|likeness| likeness.matches).unwrap_or_default())
            }
            // Its age goes on.
            Item::Then(row) => return Row { age_days: age(row.first_seen, sources.now), ..*row },
        };
        let skills = matches!(candidate.of, Of::Skill(_));
        let part = |primary: u64, of: u64| (skills && of > 0).then(|| Micro::ratio(primary, of));
        let share = |share: &Share| {
            let known = sources.names.role(share.role);
            RoleShare {
                slug: known.map_or_else(|| share.role.to_string(), |role| role.slug.clone()),
                name: sources.names.role_name(share.role),
                frequency: share.frequency,
                companies: share.companies,
                primary_share: part(share.primary, share.frequency),
                status: share.standing,
            }
        };
        Row {
            id: candidate.subject.number(),
            subject: candidate.subject,
            queue: candidate.queue(),
            slug: match &candidate.of {
                Of::NewRole(slug) => Some(slug.to_string()),
                _ => None,
            },
            run: match candidate.of {
                Of::Undecided(jd) | Of::Responsibilities(jd) => sources.runs.run(jd).map(|run| run_ref(&run)),
                _ => None,
            },
            roles: candidate.roles.iter().map(share).collect(),
            frequency: candidate.frequency,
            companies: candidate.companies,
            companies_at_most: candidate.companies_at_most.min(candidate.frequency),
            primary_share: part(candidate.primary, candidate.frequency),
            first_seen: candidate.first_seen,
            last_seen: candidate.last_seen,
            age_days: age(candidate.first_seen, sources.now),
            examples: examples(&candidate, &title, sources.runs),
            status: candidate.standing,
            snoozed_until: candidate.until,
            score,
            margin,
            priority: priority(candidate.frequency, score, margin),
            possible_matches: matches,
            title,
        }
    }
}

fn age(first_seen: i64, now: i64) -> i64 {
    (now.saturating_sub(first_seen) / DAY).max(0)
}

fn run_ref(run: &Run) -> RunRef {
    RunRef { run_id: run.run_id.clone(), jd: run.jd.clone(), content: Id(run.content) }
}

/// What a row is called, if one of its examples still says so.
fn title_of(candidate: &Candidate, sources: &Sources<'_>) -> Option<String> {
    if let Of::Collision(term) = candidate.of
        && let Some(title) = sources.terms.get(&term)
    {
        return Some(title.clone());
    }
    let text = |(jd, place): &(Id, u16)| {
        let run = sources.runs.run(*jd)?;
        let place = usize::from(*place);
        match &candidate.of {
            Of::Skill(text) => run.skills.get(place).filter(|skill| is(skill, *text)).cloned(),
            Of::Sentence(text) => run.sentences.get(place).filter(|sentence| is(sentence, *text)).cloned(),
            Of::NewRole(_) => run.title.clone(),
            Of::Undecided(_) => run.title.clone().or_else(|| Some(run.jd.clone())),
            Of::Responsibilities(_) => Some(run.responsibilities.chars().take(PREVIEW).collect()),
            Of::Collision(term) => run.called(*term).map(str::to_owned),
        }
    };
    let title = candidate.examples.iter().find_map(text);
    match &candidate.of {
        Of::NewRole(slug) => title.or_else(|| Some(slug.to_string())),
        _ => title,
    }
}

/// A sentence of each example: the one that names the skill, or is the sentence; else the run's title.
fn examples(candidate: &Candidate, title: &str, runs: &dyn Runs) -> Vec<Example> {
    let text = |run: &Arc<Run>, place: u16| match candidate.of {
        Of::Skill(_) => run.sentence_with(title).map(str::to_owned),
        Of::Sentence(_) => run.sentences.get(usize::from(place)).cloned(),
        Of::Responsibilities(_) => None,
        Of::NewRole(_) | Of::Undecided(_) | Of::Collision(_) => run.title.clone(),
    };
    let example = |run: &Arc<Run>, text: String| Example { run_id: run.run_id.clone(), text };
    let one = |(jd, place): &(Id, u16)| {
        let Some(run) = runs.run(*jd) else { return Vec::new() };
        match candidate.of {
            // All of one run: its first sentences.
            Of::Responsibilities(_) => {
                run.sentences.iter().take(3).map(|sentence| example(&run, sentence.clone())).collect()
            }
            _ => {
                let text = text(&run, *place).or_else(|| run.title.clone()).unwrap_or_default();
                vec![example(&run, text)]
            }
        }
    };
    candidate.examples.iter().flat_map(one).collect()
}
