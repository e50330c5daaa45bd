//! What does a job description say? Text in, the parsed JD of SPEC §2 out; nothing here knows of the engine.
//!
//! [`Parser`] takes plain text, Markdown or HTML apart into lines, lines into sections, and reads from them the title,
//! the skills with their rank, and the facts a JD states about itself. All weights and word lists are settings.

mod ai;
mod boilerplate;
mod certifications;
mod decode;
mod education;
mod experience;
mod glue;
mod header;
mod headings;
mod lexicon;
mod markup;
mod model;
mod parser;
mod pay;
mod places;
mod scan;
mod sections;
mod sentences;
mod settings;
mod skills;
mod titles;
mod urls;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use decode::{DecodeError, decode};
pub use markup::Format;
pub use model::{
    AiPhrases, Domain, DomainName, Experience, FinalSkill, JdType, Location, NanoParsed, ParsedJd, Pay, Phrase, Place,
    Rejected, ResponsibilitySection, SourceMarker, TitleForms, WorkMode,
};
pub use parser::{Input, Parser};
pub use settings::{HeadingWords, ParserSettings, SkillWeights, TitleWords, Words};
pub use skills::{FormSearch, SkillLibrary};
