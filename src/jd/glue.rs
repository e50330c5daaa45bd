//! Where did copying lose the line breaks? Puts them back: before inline bullets, glued sentences and inline headings.

use super::lexicon::Lexicon;
use super::markup::{Line, Shape};
use super::scan::is_word;

/// Signs that separate items inside a line, wherever they stand.
#[rustfmt::skip]
const INLINE: &[char] = &[
    '•', '●', '▪', '■', '◦', '‣', '►', '➢', '➤', '✓', '✔', '❖', '∙', '◆', '\u{f0b7}', '\u{f0a7}', '\u{f0d8}',
];

/// Words that open a sentence or item, and so end the word they are glued to ("experienceStrong").
#[rustfmt::skip]
const STARTERS: &[&str] = &[
    "Ability", "Able", "About", "Act", "Additional", "Analyse", "Analyze", "Apply", "Assist", "Assists", "Attend",
    "Bachelor", "Bachelors", "Basic", "Benefits", "Build", "Candidate", "Candidates", "Carry", "Collaborate",
    "Communicate", "Communication", "Company", "Complete", "Conduct", "Conducts", "Contribute", "Coordinate",
    "Create", "Creates", "Deep", "Define", "Degree", "Deliver", "Demonstrated", "Description", "Design", "Desired",
    "Determine", "Develop", "Develops", "Drive", "Duties", "Education", "Ensure", "Ensures", "Ensuring",
    "Establish", "Evaluate", "Excellent", "Execute", "Experience", "Experienced", "Familiar", "Familiarity",
    "Fluent", "Follow", "Good", "Handle", "Have", "Help", "Identifies", "Identify", "Implement", "Implements",
    "Improve", "Job", "Knowledge", "Leads", "Liaise", "Location", "Maintain", "Maintaining", "Maintains", "Manage",
    "Manages", "Managing", "Master", "Masters", "Minimum", "Monitor", "Monitors", "Must", "Nice", "Other", "Our",
    "Participate", "Participates", "Partner", "Perform", "Performing", "Performs", "Plan", "Please", "Position",
    "Preferred", "Prepare", "Prepares", "Preparing", "Previous", "Prior", "Produce", "Proficiency", "Proficient",
    "Proven", "Provide", "Provides", "Providing", "Qualifications", "Recommend", "Report", "Reports", "Required",
    "Requirements", "Research", "Respond", "Responsibilities", "Responsible", "Review", "Reviews", "Role", "Salary",
    "Self", "Serve", "Skills", "Solid", "Strong", "Support", "Supporting", "Supports", "Take", "Team", "Test",
    "The", "This", "Thorough", "Track", "Train", "Translate", "Troubleshoot", "Understand", "Understanding",
    "Update", "Use", "Using", "Utilize", "Very", "We", "What", "Who", "Why", "Willing", "Willingness", "Work",
    "Working", "Works", "Write", "You", "Your",
];

/// All-capital words that end where a word with small letters is glued to them ("DESCRIPTIONAre").
#[rustfmt::skip]
const CAPITAL_HEADS: &[&str] = &[
    "DESCRIPTION", "QUALIFICATIONS", "REQUIREMENTS", "RESPONSIBILITIES", "SUMMARY", "OVERVIEW", "EXPERIENCE",
    "SKILLS", "EDUCATION", "DUTIES", "SPECIFICATIONS", "FUNCTIONS", "BENEFITS", "ABILITIES", "POSITION", "COMPANY",
    "REQUIRED", "PREFERRED", "KNOWLEDGE", "LOCATION", "ROLE",
];

/// Lines joined where a sentence was wrapped, and split where breaks were lost.
pub(crate) fn mend(lines: Vec<Line>, lexicon: &Lexicon) -> Vec<Line> {
    let joined = join_wrapped(lines);
    let mut out = Vec::with_capacity(joined.len());
    for line in joined {
        if line.text.len() < 60 || line.shape == Shape::Heading {
            out.push(line);
        } else {
            split(line, lexicon, &mut out);
        }
    }
    out
}

/// A line that goes on in lower case after a long one without an end was wrapped by width.
fn join_wrapped(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        if let Some(last) = out.last_mut()
            && line.shape == Shape::Text
            && last.shape != Shape::Heading
            && !line.gap
            && last.text.len() >= 45
            && !last.text.ends_with(['.', ':', ';', '!', '?'])
            && line.text.starts_with(|c: char| c.is_lowercase())
        {
            last.text.push(' ');
            last.text.push_str(&line.text);
            continue;
        }
        out.push(line);
    }
    out
}

/// A place to cut: the piece before ends at `end`, the next begins at `start`, as a bullet or not.
struct Cut {
    end: usize,
    start: usize,
    shape: Shape,
}

fn split(line: Line, lexicon: &Lexicon, out: &mut Vec<Line>) {
    let mut cuts = Vec::new();
    glued(&line.text, lexicon, &mut cuts);
    if line.text.len() >= 100 || line.text.contains(':') {
        inline_headings(&line.text, lexicon, &mut cuts);
    }
    if cuts.is_empty() {
        out.push(line);
        return;
    }
    cuts.sort_by_key(|cut| (cut.start, cut.end));
    let mut start = 0;
    let mut shape = line.shape;
    let mut gap = line.gap;
    for cut in cuts {
        if cut.end < start || cut.start < start {
            continue;
        }
        push_piece(&line.text[start..cut.end], shape, gap, out);
        gap = false;
        start = cut.start;
        shape = cut.shape;
    }
    push_piece(&line.text[start..], shape, gap, out);
}

fn push_piece(text: &str, shape: Shape, gap: bool, out: &mut Vec<Line>) {
    let text = text.trim_matches([' ', '-', '–', '*', '\u{a0}', '|']);
    if text.chars().any(char::is_alphanumeric) {
        out.push(Line { text: text.to_owned(), shape, gap, marks: Default::default() });
    }
}

fn glued(text: &str, lexicon: &Lexicon, cuts: &mut Vec<Cut>) {
    let bytes = text.as_bytes();
    let dashes = text.matches(" - ").count() + text.matches(" – ").count();
    let stars = text.matches(" * ").count() + text.matches(" · ").count();
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        if c.is_ascii_uppercase() {
            if at > 0 && bytes[at - 1] != b' ' && is_glued(text, at, lexicon) {
                cuts.push(Cut { end: at, start: at, shape: Shape::Text });
            }
        } else if c.is_ascii_lowercase() || c == ' ' {
            // The most frequent characters, dispatched first.
        } else if INLINE.contains(&c) {
            cuts.push(Cut { end: at, start: after, shape: Shape::Bullet });
        } else if matches!(c, '-' | '–' | '*' | '·') {
            let before = text[..at].trim_end();
            let next = text[after..].trim_start();
            let opens = next.starts_with(|c: char| c.is_uppercase());
            let ended = before.ends_with(['.', ';', ':', '!', '?']) && (at == 0 || !before.ends_with("..."));
            let spaced = bytes.get(at.wrapping_sub(1)) == Some(&b' ') && bytes.get(after) == Some(&b' ');
            let listed = spaced && if matches!(c, '-' | '–') { dashes >= 4 } else { stars >= 3 };
            if opens && (ended || listed) {
                cuts.push(Cut { end: at, start: after, shape: Shape::Bullet });
            }
        }
    }
}

/// Whether a capitalised word is one that opens sentences and items.
pub(crate) fn starts(word: &str) -> bool {
    STARTERS.binary_search(&word).is_ok()
}

/// Whether the capital at `at` begins a word that lost the space before it.
fn is_glued(text: &str, at: usize, lexicon: &Lexicon) -> bool {
    let bytes = text.as_bytes();
    let previous = bytes[at - 1];
    if previous == b' ' || previous >= 0x80 {
        return false;
    }
    let word_end = at + bytes[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let word = &text[at..word_end];
    let token_start = bytes[..at].iter().rposition(|b| *b == b' ').map_or(0, |p| p + 1);
    let token = &text[token_start..at];
    let small_next = bytes.get(at + 1).is_some_and(|b| b.is_ascii_lowercase() || *b == b' ' || *b == b'\'');
    match previous {
        b'.' | b'!' | b'?' | b';' | b':' | b')' => {
            let body = token.trim_end_matches(['.', '!', '?', ';', ':', ')']);
            let ends_small =
                body.bytes().last().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b')');
            let address =
                token.contains("://") || token.contains('@') || token.starts_with("www.") || body.contains('.');
            let suffix = matches!(word, "Net" | "Js" | "Io" | "Ai" | "Core" | "NET" | "JS");
            small_next
                && ends_small
                && !address
                && !suffix
                && body.len() >= 2
                && !matches!(body, "e.g" | "eg" | "ie" | "Node" | "Asp" | "Vue")
        }
        b'a'..=b'z' => {
            let run = bytes[token_start..at].iter().rev().take_while(|b| b.is_ascii_lowercase()).count();
            if run < 3 {
                return false;
            }
            // "experienceStrong", and any two ordinary words ("systemsCryptography"), but not "iPhone" or "PowerPoint".
            let small = run == token.len() || !token.as_bytes()[token.len() - run - 1].is_ascii_alphabetic();
            let left = &token[token.len() - run..];
            starts(word)
                || (small
                    && small_next
                    && lexicon.ordinary.contains(left)
                    && lexicon.is_ordinary(&word.to_ascii_lowercase()))
        }
        b'A'..=b'Z' => {
            let run = bytes[token_start..at].iter().rev().take_while(|b| b.is_ascii_uppercase()).count();
            small_next
                && ((run >= 2 && starts(word) && word.len() >= 4)
                    || CAPITAL_HEADS.iter().any(|head| token.ends_with(head)))
        }
        b'+' | b'#' | b'0'..=b'9' => small_next && starts(word) && word.len() >= 5,
        _ => false,
    }
}

fn inline_headings(text: &str, lexicon: &Lexicon, cuts: &mut Vec<Cut>) {
    let bytes = text.as_bytes();
    let long = text.len() >= 200;
    for (start, end, telling) in lexicon.headings.inside(text) {
        if !bytes[start].is_ascii_uppercase() || (start == 0 && end >= text.len()) {
            continue;
        }
        let before = text[..start].trim_end();
        let glued_before = start > 0 && bytes[start - 1].is_ascii_lowercase();
        let opens = before.is_empty()
            || before.ends_with(['.', '!', '?', ':', ';', ')', '•', '-', '–', '*', '|'])
            || glued_before;
        if !opens {
            continue;
        }
        let after = text[end..].trim_start();
        let capitals = text[start..end].bytes().all(|b| !b.is_ascii_lowercase());
        let glued_after = bytes.get(end).is_some_and(u8::is_ascii_uppercase);
        let whole = glued_after || bytes.get(end).is_none_or(|b| !is_word(*b));
        let spaced_name = text.as_bytes().get(end) == Some(&b' ') && after.starts_with(|c: char| c.is_uppercase());
        let marked =
            after.starts_with(':') || glued_after || (capitals && end - start > 5) || (telling && long && spaced_name);
        if whole && marked {
            let mut rest = end + (text[end..].len() - after.len());
            if after.starts_with(':') {
                rest += 1;
            }
            cuts.push(Cut { end: start, start, shape: Shape::Heading });
            cuts.push(Cut { end: rest.min(text.len()), start: rest.min(text.len()), shape: Shape::Text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::ParserSettings;
    use super::*;

    fn mended(text: &str) -> Vec<(String, Shape)> {
        let line = Line { text: text.to_owned(), shape: Shape::Text, gap: false, marks: Default::default() };
        mend(vec![line], &Lexicon::new(&ParserSettings::default())).into_iter().map(|l| (l.text, l.shape)).collect()
    }

    #[test]
    fn the_starters_are_sorted_for_the_search() {
        let mut sorted = STARTERS.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, STARTERS);
    }

    #[test]
    fn glued_sentences_bullets_and_headings_come_apart() {
        let text = "Join a team that moves parcels by sea.You will write Node.js and ASP.NET services.Responsibilities:Plan the \
                    work• Write code• Review codeRequirementsStrong SQL knowledgeExperience with PowerPoint and GitHub";
        let parts: Vec<String> = mended(text).into_iter().map(|(t, _)| t).collect();
        let want = [
            "Join a team that moves parcels by sea.",
            "You will write Node.js and ASP.NET services.",
            "Responsibilities:",
            "Plan the work",
            "Write code",
            "Review code",
            "Requirements",
            "Strong SQL knowledge",
            "Experience with PowerPoint and GitHub",
        ];
        assert_eq!(parts, want);
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let line =
            |text: &str| Line { text: text.to_owned(), shape: Shape::Text, gap: false, marks: Default::default() };
        let lines =
            vec![line("We look for committed individuals to fill the vacancy"), line("of a clerk."), line("Next one")];
        let joined = join_wrapped(lines);
        assert_eq!(joined.len(), 2);
        assert_eq!(joined[0].text, "We look for committed individuals to fill the vacancy of a clerk.");
    }
}
