//! Which settings does the parser look up for every word? The word lists, compiled once.

use super::headings::Headings;
use super::places::Gazetteer;
use super::scan::{WordMap, WordSet, is_whole, word_set};
use super::settings::{ParserSettings, ordinary_words};
use super::titles::TitleLexicon;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// The word lists in the shape the parser looks them up in.
pub(crate) struct Lexicon {
    pub(crate) headings: Headings,
    pub(crate) titles: TitleLexicon,
    pub(crate) places: Gazetteer,
    pub(crate) labels: WordMap<Label>,
    pub(crate) ordinary: WordSet,
    pub(crate) not_skills: WordSet,
    pub(crate) not_ends: WordSet,
    /// No skill alone, but perhaps the beginning of one's name.
    pub(crate) brands: WordSet,
    pub(crate) jd_cues: Phrases,
    pub(crate) boilerplate: Phrases,
    pub(crate) cues: Phrases,
    pub(crate) leads: Phrases,
    pub(crate) trails: WordSet,
    pub(crate) degrees: Phrases,
    pub(crate) work_modes: Phrases,
    pub(crate) place_cues: Phrases,
    pub(crate) certificates: Phrases,
    pub(crate) shy_certificates: WordSet,
    pub(crate) ai_title: Phrases,
    /// Of a team, then of a product.
    pub(crate) ai_text: Phrases,
    marks: AhoCorasick,
    mark_of: Vec<u8>,
}

/// What a line holds phrases of, told in one pass; the few lines that do are looked at again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    pub(crate) const BOILERPLATE: Marks = Marks(1);
    pub(crate) const DEGREE: Marks = Marks(2);
    pub(crate) const CERTIFICATE: Marks = Marks(4);
    pub(crate) const WORK_MODE: Marks = Marks(8);
    pub(crate) const PLACE: Marks = Marks(16);

    /// Whether it holds phrases of this kind.
    pub(crate) fn has(self, kind: Marks) -> bool {
        self.0 & kind.0 != 0
    }
}

/// Behind one of these stands where the work is done.
const PLACE_CUES: [&str; 7] =
    ["based in ", "located in ", "office in ", "offices in ", "position in ", "location in ", "based at "];

/// What a labelled line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Title,
    Company,
    Location,
    Experience,
    Pay,
    WorkMode,
    Education,
    Ignored,
}

/// Phrases of several groups, found in one pass, without case; the group is what a caller asks for.
pub(crate) struct Phrases {
    finder: AhoCorasick,
    groups: Vec<usize>,
}

/// Where a phrase stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) group: usize,
    pub(crate) phrase: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Phrases {
    /// One group a list, in order.
    pub(crate) fn new(groups: &[&[String]]) -> Phrases {
        let phrases: Vec<(usize, &String)> =
            groups.iter().enumerate().flat_map(|(group, list)| list.iter().map(move |p| (group, p))).collect();
        let finder = automaton(phrases.iter().map(|(_, p)| p.as_bytes()), MatchKind::LeftmostLongest);
        Phrases { finder, groups: phrases.iter().map(|(group, _)| *group).collect() }
    }

    /// Every hit, also inside words.
    pub(crate) fn parts<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Hit> + 'a {
        self.finder.find_iter(text).filter(|m| !m.is_empty()).map(|m| {
            let phrase = m.pattern().as_usize();
            Hit { group: self.groups[phrase], phrase, start: m.start(), end: m.end() }
        })
    }

    /// Hits that are whole words.
    pub(crate) fn whole<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Hit> + 'a {
        self.parts(text).filter(move |hit| is_whole(text, hit.start, hit.end))
    }
}

/// Small lists: the fastest automaton costs little.
fn automaton<'a>(phrases: impl Iterator<Item = &'a [u8]>, kind: MatchKind) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(kind)
        .kind(Some(AhoCorasickKind::DFA))
        .build(phrases)
        // Only more patterns than fit in memory fail to build; then nothing is found.
        .unwrap_or_else(|_| AhoCorasick::new([""; 0]).expect("an automaton of nothing can be built"))
}

impl Lexicon {
    /// What a line holds phrases of.
    pub(crate) fn marks(&self, text: &str) -> Marks {
        let mut marks = 0;
        for m in self.marks.find_overlapping_iter(text) {
            let mark = self.mark_of[m.pattern().as_usize()];
            let whole = Marks::DEGREE.0 | Marks::CERTIFICATE.0;
            if marks & mark == 0 && (mark & whole == 0 || is_whole(text, m.start(), m.end())) {
                marks |= mark;
            }
        }
        Marks(marks)
    }

    /// Whether a lower-case word is an ordinary one, or the plural of one.
    pub(crate) fn is_ordinary(&self, lower: &str) -> bool {
        self.ordinary.contains(lower) || lower.strip_suffix('s').is_some_and(|stem| self.ordinary.contains(stem))
    }

    /// Compiles the settings.
    pub(crate) fn new(settings: &ParserSettings) -> Lexicon {
        let words = &settings.words;
        let mut labels = WordMap::default();
        for (label, list) in [
            (Label::Ignored, &words.labels.ignored),
            (Label::Education, &words.labels.education),
            (Label::WorkMode, &words.labels.work_mode),
            (Label::Pay, &words.labels.pay),
            (Label::Experience, &words.labels.experience),
            (Label::Location, &words.labels.location),
            (Label::Company, &words.labels.company),
            (Label::Title, &words.labels.title),
        ] {
            labels.extend(list.iter().map(|l| (l.to_lowercase().into_boxed_str(), label)));
        }
        let plates = &words.boilerplate;
        let modes = &words.work_mode;
        let place_cues = PLACE_CUES.map(str::to_owned);
        let certified = ["Certified".to_owned()];
        let marked: Vec<(&String, u8)> = [
            (
                Marks::BOILERPLATE,
                vec![&plates.equal_opportunity, &plates.benefits, &plates.company, &plates.how_to_apply],
            ),
            (Marks::DEGREE, vec![&words.education.degrees]),
            (Marks::CERTIFICATE, vec![&words.certifications.names]),
            (Marks::WORK_MODE, vec![&modes.hybrid, &modes.remote, &modes.onsite]),
        ]
        .into_iter()
        .flat_map(|(mark, lists)| lists.into_iter().flatten().map(move |phrase| (phrase, mark.0)))
        .chain(place_cues.iter().map(|phrase| (phrase, Marks::PLACE.0)))
        .chain(certified.iter().map(|phrase| (phrase, Marks::CERTIFICATE.0)))
        .collect();
        Lexicon {
            headings: Headings::new(&settings.headings),
            titles: TitleLexicon::new(&settings.titles),
            places: Gazetteer::compiled_in(),
            labels,
            ordinary: ordinary_words().map(Into::into).collect(),
            not_skills: word_set(&words.not_skills.words),
            not_ends: word_set(&words.not_skills.ends),
            brands: word_set(&words.not_skills.brands),
            jd_cues: Phrases::new(&[&words.jd.cues]),
            boilerplate: Phrases::new(&[
                &plates.equal_opportunity,
                &plates.benefits,
                &plates.company,
                &plates.how_to_apply,
            ]),
            cues: Phrases::new(&[&words.cues.strong, &words.cues.weak, &words.cues.optional]),
            leads: Phrases::new(&[&words.finding.lead]),
            trails: word_set(&words.finding.trail),
            degrees: Phrases::new(&[&words.education.degrees]),
            work_modes: Phrases::new(&[&words.work_mode.hybrid, &words.work_mode.remote, &words.work_mode.onsite]),
            place_cues: Phrases::new(&[&PLACE_CUES.map(str::to_owned)]),
            certificates: Phrases::new(&[&words.certifications.names]),
            shy_certificates: word_set(&words.certifications.shy),
            ai_title: Phrases::new(&[&words.ai.title]),
            ai_text: Phrases::new(&[&words.ai.team, &words.ai.product]),
            marks: automaton(marked.iter().map(|(phrase, _)| phrase.as_bytes()), MatchKind::Standard),
            mark_of: marked.iter().map(|(_, mark)| *mark).collect(),
        }
    }
}
