//! Where is the work done, and how much of it from home? By a compact gazetteer and the words of the work mode.

use super::header::Header;
use super::lexicon::{Lexicon, Marks};
use super::model::{Location, WorkMode};
use super::scan::{WordSet, is_whole};
use super::sections::Document;
use aho_corasick::{AhoCorasick, MatchKind};

/// Cities, states and countries by every name they have.
pub(crate) struct Gazetteer {
    places: Vec<Place>,
    finder: AhoCorasick,
    /// Of each pattern: its place.
    owners: Vec<usize>,
    /// Every name and every word of one, lower case: what is a place is no skill.
    names: WordSet,
}

struct Place {
    city: Option<String>,
    state: Option<String>,
    country: String,
    aliases: Vec<String>,
}

impl Gazetteer {
    /// Of `config/parser/places.txt`.
    pub(crate) fn compiled_in() -> Gazetteer {
        let rows = include_str!("../../config/parser/places.txt");
        let mut places = Vec::new();
        let mut forms: Vec<(String, usize)> = Vec::new();
        for row in rows.lines().filter(|row| !row.starts_with('#')) {
            let mut cells = row.split('|').map(str::trim);
            let mut next = || cells.next().unwrap_or_default().to_owned();
            let (city, state, country, aliases) = (next(), next(), next(), next());
            let some = |text: String| Some(text).filter(|t| !t.is_empty());
            let aliases: Vec<String> = aliases.split(", ").map(str::to_owned).filter(|a| !a.is_empty()).collect();
            let place = Place { city: some(city), state: some(state), country, aliases };
            let name = place.city.as_ref().or(place.state.as_ref()).unwrap_or(&place.country).clone();
            forms.push((name, places.len()));
            forms.extend(place.aliases.iter().map(|a| (a.clone(), places.len())));
            places.push(place);
        }
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms.iter().map(|(form, _)| form.as_bytes()))
            .unwrap_or_else(|_| AhoCorasick::new([""; 0]).expect("an automaton of nothing can be built"));
        let names = forms.iter().map(|(form, _)| form.to_lowercase().into_boxed_str()).collect();
        Gazetteer { places, finder, owners: forms.into_iter().map(|(_, owner)| owner).collect(), names }
    }

    /// Whether a lower-case text is the name of a place.
    pub(crate) fn is_name(&self, lower: &str) -> bool {
        self.names.contains(lower)
    }

    /// The places a text names, in order: their numbers and where each stands.
    fn find(&self, text: &str) -> Vec<(usize, usize, usize)> {
        self.finder
            .find_iter(text)
            .filter(|m| !m.is_empty() && is_whole(text, m.start(), m.end()))
            .map(|m| (self.owners[m.pattern().as_usize()], m.start(), m.end()))
            .collect()
    }

    /// The locations a text lists: each city once with its country; states and countries alone where no city is.
    fn locations(&self, text: &str) -> Vec<Location> {
        let found = self.find(text);
        let mut out: Vec<Location> = Vec::new();
        for (owner, start, end) in &found {
            let place = &self.places[*owner];
            let Some(city) = &place.city else { continue };
            // "Cambridge, Massachusetts": a neighbour of another state or country corrects the gazetteer.
            let neighbour = found.iter().find(|(o, s, _)| {
                self.places[*o].city.is_none()
                    && *s >= *end
                    && *s - *end <= 24
                    && !text[*end..*s].contains(['/', ';', '\n'])
            });
            let (mut state, mut country) = (place.state.clone(), place.country.clone());
            if let Some((o, _, _)) = neighbour {
                let near = &self.places[*o];
                if near.country != country {
                    country = near.country.clone();
                    state = near.state.clone();
                } else if near.state.is_some() {
                    state = near.state.clone();
                }
            }
            let _ = start;
            if out.iter().all(|l| l.city.as_deref() != Some(city)) {
                let said = text.contains(place.state.as_deref().unwrap_or("\u{0}"))
                    || neighbour.is_some_and(|n| self.places[n.0].state.is_some());
                out.push(Location {
                    aliases: place.aliases.iter().take(1).cloned().collect(),
                    city: Some(city.clone()),
                    country: Some(country),
                    state: state.filter(|_| said),
                    work_mode: None,
                });
            }
        }
        if out.is_empty() {
            for (owner, _, _) in found {
                let place = &self.places[owner];
                let known = |l: &Location| {
                    l.country.as_deref() == Some(&place.country) && (place.state.is_none() || l.state == place.state)
                };
                if !out.iter().any(known) {
                    out.push(Location {
                        country: Some(place.country.clone()),
                        state: place.state.clone(),
                        ..Location::default()
                    });
                }
            }
        }
        out
    }
}

/// The job's locations: of the labelled line, else of the masthead, else where the text says "based in" and the like.
pub(crate) fn find(document: &Document, lexicon: &Lexicon) -> Vec<Location> {
    let header = &document.header;
    let mut out: Vec<Location> = Vec::new();
    for text in &header.locations {
        out.extend(lexicon.places.locations(text));
    }
    if out.is_empty() && !header.locations.is_empty() {
        out.extend(header.locations.first().and_then(|text| unknown_place(text)));
    }
    if out.is_empty() {
        out.extend(document.masthead.iter().flat_map(|text| lexicon.places.locations(text)));
    }
    let cued = document.sections.iter().flat_map(|s| &s.lines).filter(|l| l.marks.has(Marks::PLACE));
    let mut sentences = cued.map(|l| l.text.as_str());
    if out.is_empty() {
        out.extend(sentences.find_map(|text| based_in(text, lexicon)).unwrap_or_default());
    }
    let mode = work_mode(header, document, lexicon);
    if out.is_empty() && mode.is_some() {
        out.push(Location::default());
    }
    for location in &mut out {
        location.work_mode = mode;
    }
    out.truncate(8);
    out
}

/// "based in Leeds", "our Oslo office": what stands right behind such words.
fn based_in(text: &str, lexicon: &Lexicon) -> Option<Vec<Location>> {
    lexicon.place_cues.parts(text).find_map(|hit| {
        let at = hit.end;
        let mut end = (at + 60).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Some(lexicon.places.locations(&text[at..end])).filter(|found| !found.is_empty())
    })
}

/// A labelled place the gazetteer does not know: "Gosport, Hampshire" is a city all the same.
fn unknown_place(text: &str) -> Option<Location> {
    let text = text.split(['(', '|', ';']).next()?.trim();
    let mut parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
    let city = parts.next()?;
    let named = city.starts_with(|c: char| c.is_uppercase())
        && city.split(' ').count() <= 4
        && !city.bytes().any(|b| b.is_ascii_digit());
    let modes = ["remote", "hybrid", "various", "anywhere", "multiple", "onsite", "on-site", "flexible"];
    if !named || modes.iter().any(|m| city.to_lowercase().starts_with(m)) {
        return None;
    }
    Some(Location { city: Some(city.to_owned()), state: parts.next().map(str::to_owned), ..Location::default() })
}

/// The work mode of the labelled lines, else of the masthead, else of the text.
fn work_mode(header: &Header, document: &Document, lexicon: &Lexicon) -> Option<WorkMode> {
    let of = |text: &str| {
        let mut least = None;
        for hit in lexicon.work_modes.whole(text) {
            least = Some(least.map_or(hit.group, |l: usize| l.min(hit.group)));
        }
        least
    };
    let labelled = header.work_mode.iter().chain(&header.locations).chain(&document.masthead);
    let group = labelled.filter_map(|text| of(text)).min().or_else(|| {
        let lines = document.sections.iter().filter(|s| s.kind.speaks_of_role()).flat_map(|s| &s.lines);
        lines.filter(|l| l.marks.has(Marks::WORK_MODE)).filter_map(|line| of(&line.text)).min()
    });
    group.map(|group| [WorkMode::Hybrid, WorkMode::Remote, WorkMode::Onsite][group])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, String, String)> {
        let flat = |o: Option<String>| o.unwrap_or_default();
        let found = Gazetteer::compiled_in().locations(text);
        found.into_iter().map(|l| (flat(l.city), flat(l.state), flat(l.country))).collect()
    }

    fn one(city: &str, state: &str, country: &str) -> (String, String, String) {
        (city.to_owned(), state.to_owned(), country.to_owned())
    }

    #[test]
    fn cities_are_found_under_their_other_names() {
        assert_eq!(of("Bangalore / Pune"), [one("Bengaluru", "", "India"), one("Pune", "", "India")]);
        assert_eq!(of("Hyderabad, Telangana, India"), [one("Hyderabad", "Telangana", "India")]);
        assert_eq!(of("Cambridge, Massachusetts"), [one("Cambridge", "Massachusetts", "United States")]);
        assert_eq!(of("Anywhere in Ontario, Canada"), [one("", "Ontario", "Canada")]);
        assert_eq!(of("the londonderry air"), []);
    }
}
