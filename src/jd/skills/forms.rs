//! In which spellings may a skill stand in a text? Its forms, with spaces, hyphens and dots varied.

/// The spellings of one form, lower case, the form itself first.
pub(crate) fn spellings(form: &str) -> Vec<String> {
    let form = form.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut out = vec![form.clone()];
    let mut add = |text: String| {
        if text.len() >= 2 && !out.contains(&text) {
            out.push(text);
        }
    };
    if form.contains(' ') {
        let words: Vec<&str> = form.split(' ').collect();
        add(words.join("-"));
        // "spring boot" is also "springboot"; short words joined make other words ("go lang", "power up").
        if words.len() == 2
            && words.iter().all(|w| w.len() >= 3 && w.bytes().all(|b| b.is_ascii_alphanumeric()))
            && form.len() >= 9
        {
            add(words.concat());
        }
    }
    if form.contains('-') && form.len() >= 5 {
        add(form.replace('-', " "));
    }
    if let Some(stem) = form.strip_suffix(".js") {
        add(format!("{stem}js"));
        add(format!("{stem} js"));
    }
    if form.contains('/') && form.len() >= 4 {
        add(form.replace('/', " / "));
        add(form.replace('/', "-"));
        add(form.replace('/', "\\"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn spaces_hyphens_and_dots_vary() {
        assert_eq!(spellings("Spring  Boot"), ["spring boot", "spring-boot", "springboot"]);
        assert_eq!(spellings("Node.js"), ["node.js", "nodejs", "node js"]);
        assert_eq!(spellings("CI/CD"), ["ci/cd", "ci / cd", "ci-cd", "ci\\cd"]);
        assert_eq!(spellings("Go"), ["go"]);
    }
}
