//! What does a JD's text say of AI, apart from its skills: in its title, of its team, of what is built (SPEC §6)?

use super::lexicon::{Hit, Lexicon, Phrases};
use super::model::{AiPhrases, Phrase, ResponsibilitySection};
use super::scan::sentence_spans;

/// The first phrase of each kind. The sections are those that speak of the role, without what speaks of the company:
/// a company that sells AI may well look for an accountant.
pub(crate) fn find(title: Option<&str>, sections: &[ResponsibilitySection], lexicon: &Lexicon) -> AiPhrases {
    let mut found = AiPhrases {
        title: title.and_then(|title| first(&lexicon.ai_title, title).map(|hit| phrase(title, hit, title))),
        ..AiPhrases::default()
    };
    for line in sections.iter().flat_map(|section| section.text.lines()) {
        for hit in lexicon.ai_text.whole(line) {
            let slot = if hit.group == 0 { &mut found.team } else { &mut found.product };
            if slot.is_none() {
                *slot = Some(phrase(line, hit, sentence(line, hit)));
            }
        }
        if found.team.is_some() && found.product.is_some() {
            break;
        }
    }
    found
}

fn first(phrases: &Phrases, text: &str) -> Option<Hit> {
    phrases.whole(text).next()
}

fn phrase(text: &str, hit: Hit, sentence: &str) -> Phrase {
    Phrase { phrase: text[hit.start..hit.end].to_owned(), text: sentence.to_owned() }
}

/// The sentence of a line that holds a hit, without the dash of a bullet.
fn sentence(line: &str, hit: Hit) -> &str {
    let spans = sentence_spans(line);
    let span = spans.into_iter().find(|(start, end)| *start <= hit.start && hit.end <= *end);
    let sentence = span.map_or(line, |(start, end)| &line[start..end]);
    sentence.strip_prefix("- ").unwrap_or(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jd::{Input, Parser, ParserSettings, SkillLibrary};
    use std::sync::Arc;

    fn phrases(title: &str, text: &str) -> [Option<String>; 3] {
        let parser = Parser::new(ParserSettings::default(), Arc::new(SkillLibrary::new(std::iter::empty())));
        let input = Input { title: Some(title), text, ..Input::default() };
        let AiPhrases { title, team, product } = parser.parse(&input).unwrap().ai;
        [title, team, product].map(|found| found.map(|found| found.text))
    }

    #[test]
    fn a_title_names_ai_by_whole_words() {
        let text = "Responsibilities:\n- Keep the records of the office in order every day";
        assert_eq!(phrases("Senior AI/ML Engineer", text)[0].as_deref(), Some("Senior AI/ML Engineer"));
        assert_eq!(phrases("Email and Rail Engineer", text), [None, None, None]);
    }

    #[test]
    fn team_and_product_are_found_with_their_sentence() {
        let text = "Responsibilities:\n- Write reports. Join our applied AI team in Oslo. Travel little\n\
                    - Build AI-powered assistants for the people of the warehouse";
        let [_, team, product] = phrases("Engineer", text);
        assert_eq!(team.as_deref(), Some("Join our applied AI team in Oslo."));
        assert_eq!(product.as_deref(), Some("Build AI-powered assistants for the people of the warehouse"));
    }

    #[test]
    fn what_the_company_says_of_itself_does_not_count() {
        let text = "About Acme:\nAcme builds AI-powered products, and its machine learning team has won prizes.\n\n\
                    Responsibilities:\n- Keep the books of three offices and report to the board every month";
        assert_eq!(phrases("Accountant", text), [None, None, None]);
    }
}
