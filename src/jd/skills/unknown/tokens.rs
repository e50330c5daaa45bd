//! Which tokens does a sentence have, and how does each look?

use super::super::Unit;

/// How a token is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
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
pub(super) struct Token<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'a str,
    pub(super) look: Look,
    /// Whether only a space stands between it and the one before.
    pub(super) joined: bool,
}

/// The tokens of a unit: split at white space and list signs, outer punctuation cut.
pub(super) fn tokens(text: &str, unit: Unit) -> Vec<Token<'_>> {
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
