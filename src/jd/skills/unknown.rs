//! Which names in a text are skills that the library does not know? Those that look like names and stand where
//! skills stand: in lists with known ones, behind "experience with", before "framework". Rather too few than too many.

use super::finder::is_list_gap;
use super::{Mention, Named, Source, Surroundings, Unit, key};
use crate::jd::glue::starts;
use crate::jd::headings::Kind;
use crate::jd::lexicon::Lexicon;
use crate::jd::scan::is_whole;
use crate::jd::settings::ParserSettings;

/// How a token is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    /// Small letters, numbers, signs.
    Plain,
    /// One capital, at the front.
    Capital,
    /// Two to six capitals.
    Acronym,
    /// Capitals inside, a dot, `+`, `#` or a digit: no ordinary word.
    Telling,
}

#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    look: Look,
    /// Whether only a space stands between it and the one before.
    joined: bool,
}

/// A known skill or a possible one, in the order of the text.
struct Element {
    start: usize,
    end: usize,
    known: bool,
    look: Look,
    words: usize,
    opens: bool,
    plural: bool,
}

/// The unknown skills of a JD; each mention by itself.
pub(super) fn find(
    sources: &[Source<'_>],
    units: &[Vec<Unit>],
    known: &[Mention],
    around: &Surroundings<'_>,
    lexicon: &Lexicon,
    settings: &ParserSettings,
) -> Vec<Mention> {
    let mut distinct: Vec<&Named> = known.iter().map(|m| &m.skill).collect();
    distinct.sort_by_key(|named| match named {
        Named::Known(number) => *number,
        Named::Unknown(_) => u32::MAX,
    });
    distinct.dedup();
    let technical = distinct.len();
    let mut out: Vec<Mention> = Vec::new();
    let mut accepted: Vec<(String, String)> = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        if source.section.is_none() {
            continue;
        }
        for unit in &units[at] {
            let known: Vec<&Mention> = known.iter().filter(|m| m.source == at && m.unit.start == unit.start).collect();
            for (start, end) in in_unit(source, *unit, &known, technical, around, lexicon) {
                let name = source.text[start..end].to_owned();
                let key = key(&name);
                let name = match accepted.iter().find(|(k, _)| *k == key) {
                    Some((_, first)) => first.clone(),
                    None if accepted.len() >= settings.max_unknown_skills => continue,
                    None => {
                        accepted.push((key, name.clone()));
                        name
                    }
                };
                out.push(Mention { skill: Named::Unknown(name), source: at, unit: *unit, start, end });
            }
        }
    }
    out
}

fn in_unit(
    source: &Source<'_>,
    unit: Unit,
    known: &[&Mention],
    technical: usize,
    around: &Surroundings<'_>,
    lexicon: &Lexicon,
) -> Vec<(usize, usize)> {
    let text = source.text;
    let body = &text[unit.start..unit.end];
    let capitals = body.bytes().filter(u8::is_ascii_uppercase).count();
    let small = body.bytes().filter(u8::is_ascii_lowercase).count();
    // One capital is that of the sentence; in a shouted line capitals say nothing.
    let only_opening = capitals == 1 && body.as_bytes()[0].is_ascii_uppercase();
    if capitals == 0 || only_opening || capitals > small {
        return Vec::new();
    }
    let elements = elements(text, unit, known, lexicon);
    if elements.iter().all(|e| e.known) {
        return Vec::new();
    }
    let leads: Vec<usize> = lexicon.leads.whole(body).map(|hit| unit.start + hit.end).collect();
    let mut out = Vec::new();
    let mut from = 0;
    while from < elements.len() {
        let mut to = from + 1;
        while to < elements.len() && is_list_gap(&text[elements[to - 1].end..elements[to].start]) {
            to += 1;
        }
        let run = &elements[from..to];
        let known_in_run = run.iter().filter(|e| e.known).count();
        let led = run.iter().any(|e| leads.iter().any(|lead| is_led(text, *lead, e.start)));
        let evidence =
            Evidence { known_in_run, run: run.len(), led, known_in_unit: known.len(), technical, kind: source.kind };
        for e in run.iter().filter(|e| !e.known) {
            let trail = next_word(&text[e.end..unit.end]);
            let trailed = trail.is_some_and(|w| lexicon.trails.contains(w));
            let certificate =
                matches!(e.look, Look::Acronym | Look::Telling) && known_in_run < 2 && near(text, e, "ertif")
                    || e.look == Look::Acronym
                        && ["ertificat", "esignation", "ualification"].iter().any(|part| near(text, e, part));
            let listed_company = e.look == Look::Capital && COMPANIES.iter().any(|part| near(text, e, part));
            let abbreviation = e.look == Look::Acronym && abbreviates(text, unit, e, known);
            if evidence.suffices(e, trailed)
                && !certificate
                && !abbreviation
                && !listed_company
                && is_name(&text[e.start..e.end], e, around, lexicon)
            {
                out.push((e.start, e.end));
            }
        }
        from = to;
    }
    out
}

/// Whether the lead phrase that ends at `lead` speaks of what begins at `start`: nothing but "the", a colon, a bracket
/// or small filler words may stand between.
fn is_led(text: &str, lead: usize, start: usize) -> bool {
    if lead > start || start - lead > 24 {
        return false;
    }
    text.get(lead..start).is_some_and(|gap| {
        gap.split([' ', ':', '(', ',', '"', '“', '-']).all(|w| {
            matches!(
                w,
                "" | "the" | "a" | "an" | "both" | "e.g." | "e.g" | "either" | "tools" | "like" | "as" | "modern"
            )
        })
    })
}

/// Near one of these, a list names companies, not their products.
const COMPANIES: [&str; 5] = ["companies such", "customers includ", "clients includ", "compan", "partners includ"];

/// "Kern Health Systems (KHS)", "Machine Learning (ML)": an abbreviation of what stands before the bracket is no name
/// of its own. The known skill before it counts already; an unknown phrase is mostly a body.
fn abbreviates(text: &str, unit: Unit, e: &Element, known: &[&Mention]) -> bool {
    let before = text[unit.start..e.start].trim_end();
    let Some(before) = before.strip_suffix('(').map(str::trim_end) else { return false };
    let closed = text[e.end..].trim_start().starts_with(')');
    let initials = text[e.start..e.end].trim_end_matches('s').chars().rev();
    let words: Vec<&str> = before.split([' ', '-', '/']).rev().filter(|w| !w.is_empty()).collect();
    let matching = initials
        .zip(&words)
        .take_while(|(c, word)| word.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(c)))
        .count();
    let behind_known =
        known.iter().any(|m| m.end < e.start && text[m.end..e.start].trim_matches([' ', '(']).is_empty());
    closed && (matching >= 2 || (behind_known && matching >= 1))
}

/// Whether a part of a word stands within a hundred bytes of an element.
fn near(text: &str, e: &Element, part: &str) -> bool {
    let bytes = &text.as_bytes()[e.start.saturating_sub(100)..(e.end + 100).min(text.len())];
    bytes.windows(part.len()).any(|w| w == part.as_bytes())
}

fn next_word(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix(' ')?;
    Some(rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")).filter(|w| !w.is_empty())
}

/// Where a possible name stands.
struct Evidence {
    known_in_run: usize,
    run: usize,
    led: bool,
    known_in_unit: usize,
    technical: usize,
    kind: Kind,
}

impl Evidence {
    /// Whether the place and the look of a name together make it a skill.
    fn suffices(&self, e: &Element, trailed: bool) -> bool {
        let mut points = match e.look {
            Look::Telling => 4,
            Look::Acronym => 2,
            _ if e.words > 1 => 1,
            _ => 0,
        };
        points += match self.known_in_run {
            0 => 0,
            1 => 4,
            _ => 6,
        };
        points += if self.led { 3 } else { 0 };
        points += if trailed { 2 } else { 0 };
        points += if self.known_in_unit > 0 { 1 } else { 0 };
        points += match self.technical {
            0..=2 => 0,
            3..=7 => 1,
            _ => 2,
        };
        points += if matches!(self.kind, Kind::Required | Kind::Preferred) { 1 } else { 0 };
        points += if self.run >= 3 { 1 } else { 0 };
        points -= if e.opens && e.look == Look::Capital { 3 } else { 0 };
        let placed = self.known_in_run > 0 || self.led || trailed;
        let technical = self.technical >= 3 || self.known_in_unit > 0;
        match e.look {
            Look::Telling => {
                points >= 6 && (placed || (self.known_in_unit > 0 && !e.opens && self.kind != Kind::AboutRole))
            }
            Look::Acronym => {
                placed && technical && points >= 7 && (!(e.plural || e.end - e.start <= 2) || self.known_in_run > 0)
            }
            _ => {
                let listed = match self.kind {
                    Kind::Required | Kind::Preferred => self.known_in_run >= 1,
                    _ => self.known_in_run >= 2,
                };
                let evident = listed || trailed || (self.led && self.known_in_unit > 0);
                evident && technical && self.known_in_unit + usize::from(self.led && trailed) > 0 && points >= 5
            }
        }
    }
}

/// The known skills of a unit and the groups of name-like tokens between them.
fn elements(text: &str, unit: Unit, known: &[&Mention], lexicon: &Lexicon) -> Vec<Element> {
    let mut out: Vec<Element> = known
        .iter()
        .map(|m| Element {
            start: m.start,
            end: m.end,
            known: true,
            look: Look::Plain,
            words: 1,
            opens: false,
            plural: false,
        })
        .collect();
    let tokens: Vec<Token<'_>> = tokens(text, unit).into_iter().collect();
    let covered = |t: &Token<'_>| known.iter().any(|m| t.start < m.end && m.start < t.end);
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].look == Look::Plain || covered(&tokens[at]) {
            at += 1;
            continue;
        }
        let mut to = at + 1;
        while to < tokens.len() && tokens[to].joined && tokens[to].look != Look::Plain && !covered(&tokens[to]) {
            to += 1;
        }
        let mut group = &tokens[at..to];
        // "Experience SAP", "Microsoft": words of the sentence at the front do not belong to the name.
        while let Some(first) = group.first() {
            let lower = first.text.to_lowercase();
            let sentence_word = lexicon.not_skills.contains(lower.as_str()) && !lexicon.brands.contains(lower.as_str());
            let opening =
                first.start == unit.start && first.look == Look::Capital && lexicon.ordinary.contains(lower.as_str());
            if !(sentence_word || (opening && group.len() > 1)) {
                break;
            }
            group = &group[1..];
        }
        while let [_, .., last] = group {
            let colon = text.as_bytes().get(last.end) == Some(&b':');
            let word = last.look == Look::Capital
                && (starts(last.text) || lexicon.not_skills.contains(last.text.to_lowercase().as_str()));
            if !(word || (colon && last.look == Look::Capital)) {
                break;
            }
            group = &group[..group.len() - 1];
        }
        let touches_known = |place: usize, before: bool| {
            known.iter().any(|m| if before { m.end + 1 == place } else { place + 1 == m.start })
        };
        if let (Some(first), Some(last)) = (group.first(), group.last())
            && group.len() <= 4
        {
            let look = group.iter().map(|t| t.look).max().unwrap_or(Look::Plain);
            // Right beside a known skill without a list sign, a capital belongs to that skill's name: "Java Developer".
            let beside = (touches_known(first.start, true) && first.joined
                || touches_known(last.end, false) && text.as_bytes().get(last.end) == Some(&b' '))
                && look < Look::Telling;
            if !beside {
                out.push(Element {
                    start: first.start,
                    end: last.end,
                    known: false,
                    look,
                    words: group.len(),
                    opens: first.start == unit.start,
                    plural: last.text.ends_with('s'),
                });
            }
        }
        at = to;
    }
    out.sort_by_key(|e| e.start);
    out
}

/// The tokens of a unit: split at white space and list signs, outer punctuation cut.
fn tokens(text: &str, unit: Unit) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    let body = &text[unit.start..unit.end];
    let separates = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';'
                    | '/'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '|'
                    | '•'
                    | '"'
                    | '“'
                    | '”'
                    | ':'
                    | '–'
                    | '—'
                    | '…'
                    | '\\'
                    | '*'
                    | '{'
                    | '}'
                    | '<'
                    | '>'
                    | '='
            )
    };
    let mut from = 0;
    while from < body.len() {
        let rest = &body[from..];
        if from == 0 || body.as_bytes()[from - 1] == b' ' {
            let word = &rest[..rest.find(' ').unwrap_or(rest.len())];
            if word.contains(['@', '/', '.']) && is_address(word) {
                from += word.len() + 1;
                continue;
            }
        }
        let length = rest.find(separates).unwrap_or(rest.len());
        let piece = &rest[..length];
        let core = piece.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '.'));
        let core = core.trim_end_matches(['.', '\'', '’']);
        let core = if core.starts_with('.') && !core[1..].starts_with(|c: char| c.is_alphabetic()) {
            core.trim_start_matches('.')
        } else {
            core
        };
        let core = core.trim_start_matches(['+', '#']);
        if !core.is_empty() {
            let start = unit.start + from + (core.as_ptr() as usize - piece.as_ptr() as usize);
            let joined = out.last().is_some_and(|last: &Token<'_>| &text[last.end..start] == " ");
            out.push(Token { start, end: start + core.len(), text: core, look: look(core), joined });
        }
        from += length + rest[length..].chars().next().map_or(0, char::len_utf8);
    }
    out
}

/// Whether a word is a web or mail address.
fn is_address(word: &str) -> bool {
    let domain =
        [".com", ".org", ".net/", ".co.uk", ".ca/", ".io/", ".edu", ".gov", ".nhs.uk"].iter().any(|d| word.contains(d));
    word.contains("://") || word.contains('@') || word.starts_with("www.") || domain
}

fn look(token: &str) -> Look {
    let bytes = token.as_bytes();
    if token.len() > 30 || !token.chars().any(char::is_alphabetic) {
        return Look::Plain;
    }
    let capitals = bytes.iter().filter(|b| b.is_ascii_uppercase()).count();
    let small = bytes.iter().filter(|b| b.is_ascii_lowercase()).count();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let dotted = token.find('.').is_some_and(|at| {
        let (head, tail) = (&token[..at], &token[at + 1..]);
        let tail_lower = tail.to_ascii_lowercase();
        matches!(tail_lower.as_str(), "js" | "net" | "io" | "ai" | "py" | "ts")
            && (head.is_empty() || head.bytes().all(|b| b.is_ascii_alphanumeric()))
    });
    if dotted {
        return Look::Telling;
    }
    if token.contains('.')
        || token.contains('@')
        || token.contains('_')
        || token.contains('\'')
        || token.contains('’')
        || token.contains('&')
        || token.contains('%')
        || token.contains('$')
    {
        // Addresses, initials, possessives.
        return Look::Plain;
    }
    let hyphenated = token.contains('-');
    if token.ends_with(['+', '#']) {
        let sharp = token.ends_with('#');
        return if capitals > 0 && digits == 0 && token.len() <= (if sharp { 2 } else { 8 }) && !hyphenated {
            Look::Telling
        } else {
            Look::Plain
        };
    }
    if token.contains(['+', '#']) || capitals == 0 {
        return Look::Plain;
    }
    let first_capital = bytes[0].is_ascii_uppercase();
    if small == 0 {
        let letters = capitals;
        let plain = digits > 3 || letters < 2 || token.len() > 7 || hyphenated && digits == 0 && token.len() > 6;
        return if plain { Look::Plain } else { Look::Acronym };
    }
    // "APIs", "KPIs": an acronym in the plural.
    if small == 1 && token.ends_with('s') && capitals >= 2 && digits == 0 {
        return if capitals <= 5 { Look::Acronym } else { Look::Plain };
    }
    if hyphenated {
        // "Scikit-Learn" and "T-SQL" look like names, "Self-Starter" and "Non-IT" do not; undecided: a capital.
        return if first_capital { Look::Capital } else { Look::Plain };
    }
    let inner = bytes.windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
        || (capitals >= 2 && first_capital && bytes[1].is_ascii_uppercase());
    if inner {
        return if token.len() >= 3 { Look::Telling } else { Look::Plain };
    }
    if digits > 0 && first_capital {
        return if digits <= 2 && token.len() <= 10 { Look::Telling } else { Look::Plain };
    }
    if first_capital && capitals == 1 && small >= 2 { Look::Capital } else { Look::Plain }
}

/// Whether a group of tokens is no ordinary word, place, person, body or company.
fn is_name(name: &str, e: &Element, around: &Surroundings<'_>, lexicon: &Lexicon) -> bool {
    let lower = name.to_lowercase();
    if name.len() < 2
        || name.len() > 40
        || lexicon.not_skills.contains(lower.as_str())
        || lexicon.brands.contains(lower.as_str())
        || lexicon.places.is_name(&lower)
    {
        return false;
    }
    let words: Vec<&str> = lower.split(' ').collect();
    if words
        .last()
        .is_some_and(|w| lexicon.not_ends.contains(*w) || lexicon.not_skills.contains(*w) || lexicon.titles.has_head(w))
    {
        return false;
    }
    let ordinary = |w: &str| {
        lexicon.ordinary.contains(w)
            || lexicon.not_skills.contains(w)
            || lexicon.titles.has_head(w)
            || lexicon.places.is_name(w)
            || w.strip_suffix('s').is_some_and(|stem| lexicon.ordinary.contains(stem))
    };
    let said_small = |w: &str| around.text.match_indices(w).any(|(at, _)| is_whole(around.text, at, at + w.len()));
    let commonplace = |w: &str| w.split('-').all(|part| ordinary(part)) || said_small(w);
    if e.look == Look::Capital && (words.iter().all(|w| commonplace(w)) || !around.is_english() || is_adjective(&words))
    {
        return false;
    }
    if e.look == Look::Telling && name.split(' ').any(|w| is_glued(w, e.words > 1, around, lexicon)) {
        return false;
    }
    !is_of_company(name, &lower, around)
}

/// "Revolutionary", "Iterative": long words with an ending that names do not have.
fn is_adjective(words: &[&str]) -> bool {
    let [word] = words else { return false };
    word.len() > 6
        && ["ive", "ary", "able", "ible", "ous", "ful", "less", "ly", "ness", "ed", "ment", "ance", "ence"]
            .iter()
            .any(|end| word.ends_with(end))
}

/// Whether capitals inside a word come from a lost space: "experienceStrong", "DOMKnowledge". Names are made of two
/// words as well ("StreetSmart"): in a text without other lost spaces, two capitalised words may be one.
fn is_glued(word: &str, grouped: bool, around: &Surroundings<'_>, lexicon: &Lexicon) -> bool {
    let bytes = word.as_bytes();
    let letters = |at: usize| {
        (word[..at].to_lowercase(), word[at..].trim_end_matches(|c: char| !c.is_alphabetic()).to_lowercase())
    };
    let digits = bytes.iter().position(u8::is_ascii_digit);
    if let Some(at) = digits
        && at >= 4
        && lexicon.is_ordinary(&word[..at].to_lowercase())
    {
        return true;
    }
    (1..bytes.len()).any(|at| {
        if !bytes[at].is_ascii_uppercase() || !word.is_char_boundary(at) {
            return false;
        }
        let small_next = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let (left, right) = letters(at);
        if bytes[at - 1].is_ascii_lowercase() {
            let small_front = word[..at].bytes().all(|b| b.is_ascii_lowercase());
            (small_front && at >= 4)
                || (small_next && starts(word[at..].trim_end_matches(|c: char| !c.is_alphabetic())))
                || lexicon.not_skills.contains(left.as_str())
                || (small_next && grouped && lexicon.is_ordinary(&right))
                || (around.is_glued(lexicon)
                    && (lexicon.is_ordinary(&left) || lexicon.is_ordinary(&right) || at >= 9 || word.len() > 16))
        } else {
            let capitals = bytes[..at].iter().filter(|b| b.is_ascii_uppercase()).count();
            small_next && starts(&word[at..])
                || small_next
                    && capitals >= 2
                    && ((right.len() >= 4
                        && (lexicon.is_ordinary(&right)
                            || right.strip_suffix("es").is_some_and(|stem| lexicon.ordinary.contains(stem))))
                        || around.is_glued(lexicon))
        }
    })
}

/// Whether the JD speaks of the name as a company does of itself.
fn is_of_company(name: &str, lower: &str, around: &Surroundings<'_>) -> bool {
    if around.company.is_some_and(|company| company.to_lowercase().contains(lower)) {
        return true;
    }
    let text = around.text;
    text.match_indices(name).any(|(at, _)| {
        if !is_whole(text, at, at + name.len()) {
            return false;
        }
        let behind = &text[at + name.len()..];
        let before = text[..at].trim_end();
        let speaks = [
            " is a ",
            " is an ",
            " is the ",
            " is committed",
            " is looking",
            " is seeking",
            " is hiring",
            " is proud",
            "'s mission",
            "’s mission",
            " was founded",
            " offers ",
            " employees",
            " has been",
            "'s team",
            " is one of",
            " seeks",
            ", Inc",
            " Inc",
            " Ltd",
            " LLC",
            " Corp",
            " Group",
            " Limited",
            " is now",
            " provides",
            " are looking",
            " believes",
            " does not",
            " promotes",
            " helps",
            " delivers",
            " enables",
            " is leading",
            " works with",
            " supports",
            " makes",
            " was",
            " will ",
        ]
        .iter()
        .any(|s| behind.starts_with(s));
        let called = [
            "At",
            "join",
            "Join",
            "About",
            "about us",
            "Why",
            "joining",
            "work for",
            "here at",
            "working at",
            "life at",
            "Welcome to",
            "Our client",
            "our client -",
            "our client,",
            "behalf of",
            "to help",
            "employees of",
            "clients of",
        ]
        .iter()
        .any(|s| before.ends_with(s));
        speaks || called
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_told_apart() {
        for (token, want) in [
            ("JUnit", Look::Telling),
            ("gRPC", Look::Telling),
            ("Vue.js", Look::Telling),
            ("C++", Look::Telling),
            ("S3", Look::Plain),
            ("HTML5", Look::Acronym),
            ("AWS", Look::Acronym),
            ("KPIs", Look::Acronym),
            ("Alembic", Look::Capital),
            ("alembic", Look::Plain),
            ("acme.com", Look::Plain),
            ("RESPONSIBILITIES", Look::Plain),
            ("A", Look::Plain),
            ("2019", Look::Plain),
            ("Acme's", Look::Plain),
        ] {
            assert_eq!(look(token), want, "{token}");
        }
    }
}
