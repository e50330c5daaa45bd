//! Which web addresses does a text name?

/// The addresses, each once, in order; at most twenty.
pub(crate) fn find(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut from = 0;
    while out.len() < 20 {
        let rest = &text[from..];
        let starts = ["http://", "https://", "www."].iter().filter_map(|p| rest.find(p));
        let Some(at) = starts.min() else { break };
        let start = from + at;
        let length = text[start..]
            .find(|c: char| {
                c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ']' | '|' | '`' | '*')
            })
            .unwrap_or(text.len() - start);
        let url = text[start..start + length].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let whole = start == 0 || !text.as_bytes()[start - 1].is_ascii_alphanumeric();
        if whole && url.len() > 8 && url.contains('.') && !out.iter().any(|known| known == url) {
            out.push(url.to_owned());
        }
        from = start + length.max(1);
        if from >= text.len() {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        let text = "See https://acme.example/jobs?id=1. Or www.acme.example, (http://x.example/a) and www.acme.example again; awww.no";
        assert_eq!(find(text), ["https://acme.example/jobs?id=1", "www.acme.example", "http://x.example/a"]);
        assert_eq!(find("http://"), Vec::<String>::new());
    }
}
