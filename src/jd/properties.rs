//! Does the parser stay upright whatever it is fed? Properties over arbitrary text.

use super::tests::library;
use super::*;
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

static PARSER: LazyLock<Parser> =
    LazyLock::new(|| Parser::new(ParserSettings::default(), Arc::new(SkillLibrary::new(library().iter()))));

/// Pieces that JDs, markup and trouble are made of.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[ -~\n\r\t]{0,60}",
        "[<>/a-z&;#\" =!-]{0,30}",
        prop::sample::select(vec![
            "Requirements:",
            "• ",
            "\n- ",
            "Location: ",
            "4–6 years",
            "up to",
            "$110-140k",
            "C++",
            ".NET",
            "(Go or R)",
            "<li>",
            "</ul>",
            "&nbsp;",
            "**",
            "## ",
            "\u{feff}",
            "\u{0}",
            "e.g. ",
            "team.You will",
            "İstanbul",
            "ﬁ",
            "experience with ",
            "https://",
            "Certified ",
            "Company:\n",
            "a year",
            "[x](",
            "€",
            " (ML) ",
            "Java (JVM), ",
            "AWSPluses",
            ", Kafka and ",
            "Spring Boot, ",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed_or_rejected(pieces in prop::collection::vec(piece(), 0..30), title in prop::option::of("\\PC{0,30}"), html in any::<bool>()) {
        let text = pieces.concat();
        let format = html.then_some(Format::Html);
        let input = Input { title: title.as_deref(), text: &text, company: None, format };
        if let Ok(parsed) = PARSER.parse(&input) {
            prop_assert!(parsed.sentences.len() <= 25);
            prop_assert!(parsed.nano_parsed.role_aliases.len() <= 4);
            prop_assert_eq!(parsed.final_skills.len(), parsed.evidence.len());
            let first_secondary = parsed.final_skills.iter().position(|s| !s.is_primary).unwrap_or(parsed.final_skills.len());
            prop_assert!(parsed.final_skills[first_secondary..].iter().all(|s| !s.is_primary));
            for place in parsed.evidence.iter().flatten() {
                let text = match place.section {
                    Some(section) => parsed.nano_parsed.roles_and_responsibilities[section].text.as_str(),
                    None => parsed.nano_parsed.role.as_deref().unwrap_or_default(),
                };
                prop_assert!(text.get(place.start..place.end).is_some_and(|t| !t.is_empty()));
            }
            for section in &parsed.nano_parsed.roles_and_responsibilities {
                let words = section.text.lines().flat_map(|l| l.strip_prefix("- ").unwrap_or(l).split_whitespace()).count();
                prop_assert_eq!(section.word_count, words);
            }
            prop_assert_eq!(PARSER.parse(&input).ok(), Some(parsed));
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = decode(&bytes) {
            let _ = PARSER.parse(&Input { text: &text, ..Input::default() });
        }
    }
}
