//! Which character does `&nbsp;` mean in a text that is no HTML? Left-overs of careless copying, put right.

use std::borrow::Cow;

/// The text with its character references replaced; borrowed when there are none.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') || !text.contains(';') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.as_bytes().iter().take(12).position(|b| *b == b';');
        match end.and_then(|end| character(&rest[1..end]).map(|c| (c, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "rsquo" => '’',
        "lsquo" => '‘',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" | "middot" => '•',
        "hellip" => '…',
        "euro" => '€',
        "pound" => '£',
        "reg" => '®',
        "trade" => '™',
        "eacute" => 'é',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn known_references_are_replaced_and_others_kept() {
        assert_eq!(unescape("R&amp;D &#8211; &#x41; &nbsp;x"), "R&D – A  x");
        assert_eq!(unescape("a & b; &nope; &"), "a & b; &nope; &");
        assert_eq!(unescape("&é1234567890;"), "&é1234567890;");
    }
}
