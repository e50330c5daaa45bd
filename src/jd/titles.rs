//! What is a title without its level and terms, what else is it called, and which archetype is it?

use super::model::TitleForms;
use super::places::Gazetteer;
use super::scan::{WordMap, WordSet, word_set};
use super::settings::{Synonym, TitleWords};
use rolestream_dataflows::text::normalise;

/// The compiled vocabulary of titles.
pub(crate) struct TitleLexicon {
    levels: WordSet,
    levels_before_heads: WordSet,
    qualifiers: WordSet,
    heads: WordMap<String>,
    words: WordMap<String>,
    abbreviations: WordMap<String>,
    spellings: Vec<(String, String)>,
    synonyms: Vec<Synonym>,
}

impl TitleLexicon {
    /// Compiles the settings.
    pub(crate) fn new(settings: &TitleWords) -> TitleLexicon {
        let by_word = |groups: &std::collections::BTreeMap<String, Vec<String>>| {
            let mut map = WordMap::default();
            for (archetype, words) in groups {
                for word in words {
                    map.entry(word.to_lowercase().into_boxed_str()).or_insert_with(|| archetype.clone());
                }
            }
            map
        };
        TitleLexicon {
            levels: word_set(&settings.levels),
            levels_before_heads: word_set(&settings.levels_before_heads),
            qualifiers: word_set(&settings.qualifiers),
            heads: by_word(&settings.heads),
            words: by_word(&settings.words),
            abbreviations: settings
                .abbreviations
                .iter()
                .map(|(k, v)| (k.to_lowercase().into_boxed_str(), v.clone()))
                .collect(),
            spellings: settings.spellings.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            synonyms: settings.synonyms.clone(),
        }
    }

    fn is_head(&self, word: &str) -> bool {
        self.heads.contains_key(key(word).as_str())
    }

    /// Whether a word is a head noun of titles, lower case.
    pub(crate) fn has_head(&self, lower: &str) -> bool {
        self.heads.contains_key(lower)
    }

    /// Whether a lower-case word is a post whatever stands around it: "architect", "analyst".
    pub(crate) fn is_technical_head(&self, lower: &str) -> bool {
        self.heads.get(lower).is_some_and(|a| matches!(a.as_str(), "Engineering" | "Data" | "Analysis"))
    }

    /// Whether a line could be a title: few capitalised words, one of them a head noun.
    pub(crate) fn looks_like_title(&self, text: &str) -> bool {
        let words: Vec<&str> = text.split_whitespace().collect();
        let first_upper = text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
        let capitals = words.iter().filter(|w| !w.starts_with(|c: char| c.is_lowercase())).count();
        (1..=10).contains(&words.len())
            && first_upper
            && capitals * 3 >= words.len() * 2
            && !text.ends_with(['.', '!', ':', '?'])
            && words.iter().any(|w| self.is_head(w))
    }

    /// The title as written and without level and qualifier words.
    pub(crate) fn forms(&self, written: &str, places: &Gazetteer) -> TitleForms {
        let written = written.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = self.plain(&written, places);
        TitleForms { plain: if plain.is_empty() { written.clone() } else { plain }, written }
    }

    fn plain(&self, written: &str, places: &Gazetteer) -> String {
        let mut core = String::with_capacity(written.len());
        let mut depth = 0usize;
        for c in written.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ if depth == 0 => core.push(c),
                _ => {}
            }
        }
        let parts = parts(&core);
        let has_head = |part: &&str| part.split_whitespace().any(|w| self.is_head(w));
        let part = parts.iter().copied().find(has_head).or(parts.first().copied()).unwrap_or("");
        let words: Vec<&str> = part.split_whitespace().collect();
        let mut kept: Vec<&str> = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let lower = key(word);
            let next_head = words[at + 1..].iter().any(|w| self.is_head(w) && self.archetype_is_technical(w));
            let level = self.levels.contains(lower.as_str()) && words.len() > 1 && !self.only_head_is(&words, at)
                || self.levels_before_heads.contains(lower.as_str()) && next_head;
            let number = !lower.is_empty() && lower.bytes().all(|b| b.is_ascii_digit());
            let qualifier = self.qualifiers.contains(lower.as_str()) && words.len() > 1;
            if !level && !number && !qualifier && !lower.is_empty() || matches!(*word, "&" | "/") {
                kept.push(word);
            }
        }
        while kept
            .last()
            .is_some_and(|w| matches!(*w, "&" | "and" | "or" | "in" | "at" | "for" | "of" | "to" | "with" | "/"))
        {
            kept.pop();
        }
        while kept.first().is_some_and(|w| matches!(*w, "&" | "and" | "or" | "of" | "to" | "/")) {
            kept.remove(0);
        }
        // "Java Developer London": a place at the end is no part of the title.
        if kept.len() > 2 && places.is_name(&key(kept[kept.len() - 1])) {
            kept.pop();
        }
        kept.join(" ").trim_matches([',', ' ', '-', '–', ':', '/']).to_owned()
    }

    /// "Assistant" is a level of "Assistant Engineer" but the head of "Healthcare Assistant".
    fn only_head_is(&self, words: &[&str], at: usize) -> bool {
        self.is_head(words[at]) && !words[at + 1..].iter().any(|w| self.is_head(w))
    }

    fn archetype_is_technical(&self, word: &str) -> bool {
        self.heads
            .get(key(word).as_str())
            .is_some_and(|a| matches!(a.as_str(), "Engineering" | "Data" | "Design" | "Analysis" | "Quality"))
    }

    /// Other titles for the same role, most telling first; none equals the title or another.
    pub(crate) fn aliases(&self, forms: &TitleForms, most: usize) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut seen = vec![normalise(&forms.written)];
        let mut add = |text: String| {
            let key = normalise(&text);
            if out.len() < most && !key.is_empty() && !seen.contains(&key) {
                seen.push(key);
                out.push(text);
            }
        };
        add(forms.plain.clone());
        let alternatives = self.alternatives(&forms.plain);
        alternatives.iter().for_each(|a| add(a.clone()));
        let bases = if alternatives.is_empty() { vec![forms.plain.clone()] } else { alternatives };
        for base in &bases {
            let written_out = self.written_out(base);
            let respelled = self.respelled(&written_out);
            add(written_out.clone());
            if let Some(other) = self.synonym(&respelled) {
                add(other);
            }
            add(respelled);
        }
        out
    }

    /// "Build & Release Engineer / DevOps": the sides of a slash, when each could be a title.
    fn alternatives(&self, plain: &str) -> Vec<String> {
        let sides: Vec<&str> = plain.split('/').map(str::trim).collect();
        if sides.len() < 2 {
            return Vec::new();
        }
        let titled = |side: &&str| {
            side.split_whitespace().any(|w| self.is_head(w) || self.abbreviations.contains_key(key(w).as_str()))
        };
        if sides.iter().all(titled) {
            return sides
                .into_iter()
                .filter(|s| s.split(' ').count() > 1 || self.is_head(s))
                .map(str::to_owned)
                .collect();
        }
        Vec::new()
    }

    fn written_out(&self, title: &str) -> String {
        let words: Vec<&str> = title.split_whitespace().collect();
        let out = words.iter().enumerate().map(|(at, word)| match self.abbreviations.get(key(word).as_str()) {
            // "SRE Engineer" would become "Site Reliability Engineer Engineer".
            Some(full) if words.get(at + 1).is_some_and(|next| full.to_lowercase().ends_with(&key(next))) => {
                full.rsplit_once(' ').map_or(full.as_str(), |(head, _)| head)
            }
            Some(full) => full.as_str(),
            None => word,
        });
        out.collect::<Vec<_>>().join(" ")
    }

    fn respelled(&self, title: &str) -> String {
        let mut out = title.to_owned();
        for (from, to) in &self.spellings {
            let lower = out.to_ascii_lowercase();
            if let Some(at) = lower.find(from.as_str())
                && super::scan::is_whole(&out, at, at + from.len())
            {
                out.replace_range(at..at + from.len(), to);
            }
        }
        out
    }

    fn synonym(&self, title: &str) -> Option<String> {
        let words: Vec<&str> = title.split_whitespace().collect();
        let last = key(words.last()?);
        let others: Vec<String> = words[..words.len() - 1].iter().map(|w| key(w)).collect();
        let fits = |s: &&Synonym| s.from == last && (s.r#for.is_empty() || s.r#for.iter().any(|w| others.contains(w)));
        let synonym = self.synonyms.iter().find(fits)?;
        let mut out = words[..words.len() - 1].join(" ");
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&synonym.to);
        Some(out)
    }

    /// The archetype: by a telling word of an engineering-like title, else by the head noun.
    pub(crate) fn archetype(&self, plain: &str) -> Option<String> {
        let words: Vec<String> = plain.split_whitespace().map(key).collect();
        let head = words.iter().rev().find_map(|w| self.heads.get(w.as_str()))?;
        let open = matches!(head.as_str(), "Engineering" | "Analysis" | "Data" | "Support" | "Quality" | "Operations");
        let product = head == "Management" && words.iter().any(|w| w == "product");
        let telling = words.iter().find_map(|w| self.words.get(w.as_str()));
        match telling {
            Some(archetype) if open || product => Some(archetype.clone()),
            _ => Some(head.clone()),
        }
    }

    /// "We are hiring a Backend Engineer to …": the title a sentence names.
    pub(crate) fn in_sentence(&self, text: &str) -> Option<String> {
        const CUES: [&str; 9] = [
            "hiring an ",
            "hiring a ",
            "looking for an ",
            "looking for a ",
            "seeking an ",
            "seeking a ",
            "recruit an ",
            "recruit a ",
            "want a ",
        ];
        CUES.iter().find_map(|cue| {
            let behind = &text[text.find(cue)? + cue.len()..];
            let words: Vec<&str> = behind.split_whitespace().take(7).collect();
            let head = words.iter().position(|w| self.is_head(w))?;
            let end = words
                .iter()
                .take(head)
                .position(|w| w.ends_with([',', '.', ';', ':']) || matches!(*w, "to" | "who" | "with"));
            let title = words[..=head].join(" ");
            let capitalised = words[..=head].iter().all(|w| !w.starts_with(|c: char| c.is_lowercase()));
            (end.is_none() && (capitalised || head <= 3))
                .then(|| title.trim_end_matches([',', '.', ';', ':', ')']).to_owned())
        })
    }
}

/// The parts of a title between dashes, bars, colons and commas.
fn parts(title: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = title;
    loop {
        let cut = [" - ", " – ", " — ", " | ", ": ", ", ", " @ ", " at ", "- ", " -"]
            .iter()
            .filter_map(|s| rest.find(s).map(|at| (at, s.len())))
            .min();
        match cut {
            Some((at, length)) => {
                out.push(rest[..at].trim());
                rest = &rest[at + length..];
            }
            None => {
                out.push(rest.trim());
                out.retain(|p| !p.is_empty());
                return out;
            }
        }
    }
}

fn key(word: &str) -> String {
    normalise(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles() -> TitleLexicon {
        TitleLexicon::new(&TitleWords::default())
    }

    #[test]
    fn levels_and_terms_are_removed() {
        let places = Gazetteer::compiled_in();
        for (written, plain) in [
            ("Senior Backend Engineer (Kotlin)", "Backend Engineer"),
            ("Lead Data Scientist - Remote, UK", "Data Scientist"),
            ("Staff Nurse", "Staff Nurse"),
            ("Staff Software Engineer II", "Software Engineer"),
            ("Healthcare Assistant", "Healthcare Assistant"),
            ("Assistant Engineer", "Engineer"),
            ("Remote: Java Developer", "Java Developer"),
            ("Junior", "Junior"),
            ("Java Developer London", "Java Developer"),
            ("Band 6 Nurse", "Nurse"),
            ("C++ Developer", "C++ Developer"),
            ("R&D Engineer", "R&D Engineer"),
        ] {
            assert_eq!(titles().forms(written, &places).plain, plain, "{written}");
        }
    }

    #[test]
    fn aliases_never_repeat_the_title() {
        let places = Gazetteer::compiled_in();
        let titles = titles();
        let of = |written: &str| titles.aliases(&titles.forms(written, &places), 4);
        assert_eq!(of("Backend Engineer"), ["Backend Developer"]);
        assert_eq!(of("Senior SRE"), ["SRE", "Site Reliability Engineer"]);
        assert_eq!(of("Data Scientist / ML Engineer"), ["Data Scientist", "ML Engineer", "Machine Learning Engineer"]);
        assert_eq!(of("Back-End Developer"), ["Backend Engineer", "Backend Developer"]);
        assert_eq!(of("Nurse"), Vec::<String>::new());
    }

    #[test]
    fn the_archetype_follows_the_head_and_its_words() {
        for (title, archetype) in [
            ("Backend Engineer", Some("Engineering")),
            ("Data Engineer", Some("Data")),
            ("QA Engineer", Some("Quality")),
            ("Product Manager", Some("Product")),
            ("Project Manager", Some("Management")),
            ("Security Analyst", Some("Security")),
            ("Nurse", Some("Other")),
            ("Wizard", None),
        ] {
            assert_eq!(titles().archetype(title).as_deref(), archetype, "{title}");
        }
    }

    #[test]
    fn a_sentence_may_name_the_title() {
        let text = "We are hiring a Backend Engineer to join our team.";
        assert_eq!(titles().in_sentence(text).as_deref(), Some("Backend Engineer"));
        assert_eq!(titles().in_sentence("We are looking for a change in how we work."), None);
    }
}
