//! Does any input make the JD parser panic or hang? `cargo +nightly fuzz run parse_jd`
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolestream::jd::{Format, Input, Parser, ParserSettings, SkillLibrary, decode};
use rolestream::taxonomy::Taxonomy;
use rolestream_dataflows::records::Record;
use std::sync::{Arc, LazyLock};

static PARSER: LazyLock<Parser> = LazyLock::new(|| Parser::new(ParserSettings::default(), Arc::new(library())));

/// The shipped skills: as many forms as a real library has.
fn library() -> SkillLibrary {
    let taxonomy = Taxonomy::shipped().expect("the shipped taxonomy is valid");
    let records = taxonomy.to_records(&mut |texts| vec![None; texts.len()]);
    SkillLibrary::new(records.iter().filter_map(|r| if let Record::Skill(skill) = r { Some(skill) } else { None }))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let Ok(text) = decode(rest) else { return };
    let format = [None, Some(Format::Text), Some(Format::Html)][usize::from(choice % 3)];
    let title = (choice & 4 != 0).then(|| text.lines().next().unwrap_or_default());
    let input = Input { title, text: &text, company: None, format };
    if let Ok(parsed) = PARSER.parse(&input) {
        assert!(parsed.sentences.len() <= 25);
        assert_eq!(parsed.final_skills.len(), parsed.evidence.len());
    }
});
