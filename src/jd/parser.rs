//! How does a text become a parsed JD? The steps of the other files in their order, and the verdict.

use super::headings::Kind;
use super::lexicon::Lexicon;
use super::markup::{self, Format};
use super::model::{FinalSkill, JdType, NanoParsed, ParsedJd, Rejected};
use super::sections::{Document, divide, printed};
use super::settings::ParserSettings;
use super::skills::{self, SkillLibrary, Source, Surroundings};
use super::{ai, boilerplate, certifications, education, experience, glue, pay, places, sentences, urls};
use rolestream_dataflows::records::Rejection;
use std::sync::Arc;

/// What a source knows of a JD before it is parsed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// The title, if the source gives one.
    pub title: Option<&'a str>,
    /// The text.
    pub text: &'a str,
    /// The company, if the source gives one.
    pub company: Option<&'a str>,
    /// How the text is marked up; none: it is told from the text.
    pub format: Option<Format>,
}

/// A parser: settings and skill library, compiled. Cheap to clone and share, costly to make.
#[derive(Clone)]
pub struct Parser {
    settings: Arc<ParserSettings>,
    lexicon: Arc<Lexicon>,
    library: Arc<SkillLibrary>,
}

impl Parser {
    /// Compiles the settings.
    pub fn new(settings: ParserSettings, library: Arc<SkillLibrary>) -> Parser {
        let lexicon = Arc::new(Lexicon::new(&settings));
        Parser { settings: Arc::new(settings), lexicon, library }
    }

    /// The same parser with another library; the settings are not compiled again.
    pub fn with_library(&self, library: Arc<SkillLibrary>) -> Parser {
        Parser { library, ..self.clone() }
    }

    /// The library it parses with.
    pub fn library(&self) -> &Arc<SkillLibrary> {
        &self.library
    }

    /// The version of the library it parses with.
    pub fn library_version(&self) -> u64 {
        self.library.version()
    }

    /// Parses a JD, or says why it is none.
    pub fn parse(&self, input: &Input<'_>) -> Result<ParsedJd, Rejected> {
        let limit = self.settings.max_bytes;
        if input.text.len() > limit {
            let detail = format!("the text has {} bytes; at most {limit} are read", input.text.len());
            return Err(Rejected { reason: Rejection::TooLarge, detail, parsed: None });
        }
        let title = input.title.map(str::trim).filter(|t| t.chars().any(char::is_alphanumeric));
        let readable = input.text.chars().filter(|c| c.is_alphanumeric()).count();
        if readable < self.settings.min_characters {
            let detail =
                format!("the text has {readable} letters and digits; {} are needed", self.settings.min_characters);
            return Err(Rejected { reason: Rejection::NoText, detail, parsed: None });
        }
        let lines = glue::mend(markup::lines(input.text, input.format), &self.lexicon);
        let document = divide(lines, title, &self.lexicon);
        let headings = document.known_headings;
        let parsed = self.assemble(document, title, input);
        match self.verdict(&parsed, headings, input) {
            Ok(()) => Ok(parsed),
            Err((reason, detail)) => {
                let mut parsed = parsed;
                parsed.nano_parsed.jd_type = JdType::Fail;
                Err(Rejected { reason, detail, parsed: Some(Box::new(parsed)) })
            }
        }
    }

    fn assemble(&self, mut document: Document, title: Option<&str>, input: &Input<'_>) -> ParsedJd {
        let lexicon = &self.lexicon;
        let swept = boilerplate::sweep(&mut document.sections, lexicon);
        document.sections.retain(|s| !s.lines.is_empty());
        let role = self.role(title, &document);
        let forms = role.as_deref().map(|role| lexicon.titles.forms(role, &lexicon.places));
        let company = input.company.map(str::to_owned).or_else(|| document.header.company.clone());
        let company = company.map(|c| c.trim().to_owned()).filter(|c| !c.is_empty());
        let of_role: Vec<_> = document.sections.iter().filter(|s| s.kind.speaks_of_role()).collect();
        let sections: Vec<_> = of_role.iter().map(|s| printed(s)).collect();
        let mut sources: Vec<Source<'_>> = (of_role.iter().zip(&sections).enumerate())
            .map(|(at, (section, printed))| Source { section: Some(at), kind: section.kind, text: &printed.text })
            .collect();
        if let Some(role) = &role {
            sources.push(Source { section: None, kind: Kind::AboutRole, text: role });
        }
        let around = Surroundings {
            company: company.as_deref(),
            text: input.text,
            library: Some(&self.library),
            ..Surroundings::default()
        };
        let (final_skills, evidence) = skills::find(&sources, &around, &self.library, lexicon, &self.settings);
        let about_company = about_company(&document, swept);
        let nano_parsed = NanoParsed {
            jd_type: JdType::Pass,
            about_company,
            certifications: certifications::find(&document, lexicon),
            ctc: pay::find(&document),
            domain: None,
            education: education::find(&document, lexicon),
            experience: experience_of(&document),
            job_locations: places::find(&document, lexicon),
            role_aliases: forms
                .as_ref()
                .map(|f| lexicon.titles.aliases(f, self.settings.max_role_aliases))
                .unwrap_or_default(),
            role_archetype: forms.as_ref().and_then(|f| lexicon.titles.archetype(&f.plain)),
            role,
            company_name: company,
            urls: urls::find(input.text),
            roles_and_responsibilities: sections,
        };
        self.complete(nano_parsed, final_skills, evidence, input.text)
    }

    /// A JD that was parsed upstream, in the same shape: its sentences and title forms are made here. Whether the text
    /// is a JD was decided there.
    pub fn adopt(
        &self,
        nano_parsed: NanoParsed,
        final_skills: Vec<FinalSkill>,
        text: &str,
    ) -> Result<ParsedJd, Rejected> {
        let failed = nano_parsed.jd_type == JdType::Fail;
        let mut parsed = self.complete(nano_parsed, final_skills, Vec::new(), text);
        let verdict = match failed {
            true => Err((Rejection::NotAJd, "whoever parsed it took it for none".to_owned())),
            false => self.taken(&parsed),
        };
        match verdict {
            Ok(()) => Ok(parsed),
            Err((reason, detail)) => {
                parsed.nano_parsed.jd_type = JdType::Fail;
                Err(Rejected { reason, detail, parsed: Some(Box::new(parsed)) })
            }
        }
    }

    fn complete(
        &self,
        nano_parsed: NanoParsed,
        final_skills: Vec<FinalSkill>,
        evidence: Vec<Vec<super::Place>>,
        text: &str,
    ) -> ParsedJd {
        let sections = &nano_parsed.roles_and_responsibilities;
        let responsibilities_text = sentences::responsibilities_text(sections);
        let sentences = sentences::sentences(sections, text, &self.settings);
        let title = nano_parsed.role.as_deref().map(|role| self.lexicon.titles.forms(role, &self.lexicon.places));
        let ai = ai::find(nano_parsed.role.as_deref(), sections, &self.lexicon);
        ParsedJd { nano_parsed, final_skills, evidence, sentences, responsibilities_text, title, ai }
    }

    /// The title: the source's, the labelled one, the masthead's, else one that a sentence names.
    fn role(&self, given: Option<&str>, document: &Document) -> Option<String> {
        let titles = &self.lexicon.titles;
        let masthead = || {
            document.masthead.iter().find_map(|text| {
                let part = text
                    .split([" · ", " | ", " — ", " • "].iter().find(|s| text.contains(**s)).unwrap_or(&"\u{0}"))
                    .find(|p| titles.looks_like_title(p));
                part.map(|p| p.trim().to_owned())
            })
        };
        let sentence = || {
            let lines = document.sections.iter().filter(|s| s.kind.speaks_of_role()).flat_map(|s| &s.lines);
            lines.take(8).find_map(|line| titles.in_sentence(&line.text))
        };
        given
            .map(|t| t.split_whitespace().collect::<Vec<_>>().join(" "))
            .or_else(|| document.header.title.clone())
            .or_else(masthead)
            .or_else(sentence)
    }

    fn verdict(&self, parsed: &ParsedJd, headings: usize, input: &Input<'_>) -> Result<(), (Rejection, String)> {
        let nano = &parsed.nano_parsed;
        let least = self.settings.words.jd.least;
        let least = if nano.role.is_some() { least.div_ceil(2) } else { least };
        let mut cues: Vec<usize> = Vec::new();
        for hit in self.lexicon.jd_cues.parts(input.text) {
            if !cues.contains(&hit.phrase) {
                cues.push(hit.phrase);
            }
            if cues.len() >= least {
                break;
            }
        }
        // Headings of JDs and known skills speak for it as the words do.
        let signs = cues.len() + headings + parsed.final_skills.len().min(2);
        if signs < least {
            let detail = format!("the text holds {signs} of the signs that JDs are made of; {least} are needed");
            return Err((Rejection::NotAJd, detail));
        }
        self.taken(parsed)
    }

    /// Whether a JD says enough to be matched, and is of a kind that is wanted.
    fn taken(&self, parsed: &ParsedJd) -> Result<(), (Rejection, String)> {
        let nano = &parsed.nano_parsed;
        if nano.role.is_none() && parsed.final_skills.is_empty() && nano.roles_and_responsibilities.is_empty() {
            let detail = "neither a title nor a skill nor a responsibility sentence was found".to_owned();
            return Err((Rejection::NoRole, detail));
        }
        let accepted = &self.settings.accepted_archetypes;
        let archetype = nano.role_archetype.as_deref().unwrap_or("none");
        if !accepted.is_empty() && !accepted.iter().any(|a| a.eq_ignore_ascii_case(archetype)) {
            let detail = format!("the archetype is {archetype}; accepted are {}", accepted.join(", "));
            return Err((Rejection::ArchetypeNotAccepted, detail));
        }
        Ok(())
    }
}

/// A labelled line beats a bullet; of bullets the first in a section that speaks of the role.
fn experience_of(document: &Document) -> Option<super::Experience> {
    if let Some(raw) = &document.header.experience {
        let mut found = experience::parse(raw)?;
        found.raw = raw.clone();
        return Some(found);
    }
    let of = |kinds: &[Kind]| {
        let lines = document.sections.iter().filter(|s| kinds.contains(&s.kind)).flat_map(|s| &s.lines);
        lines.map(|l| l.text.as_str()).find_map(experience::in_sentence)
    };
    of(&[Kind::Required]).or_else(|| of(&[Kind::AboutRole, Kind::Responsibilities, Kind::Preferred]))
}

/// What the JD says of the company: its sections of that kind, and what was swept from the others.
fn about_company(document: &Document, swept: Vec<String>) -> Option<String> {
    let lines =
        document.sections.iter().filter(|s| s.kind == Kind::Company).flat_map(|s| &s.lines).map(|l| l.text.clone());
    let text = lines.chain(swept).collect::<Vec<_>>().join("\n");
    Some(text).filter(|t| !t.is_empty())
}

impl ParsedJd {
    /// The text by which the industry is found: company and role. The caller sets [`NanoParsed::domain`].
    pub fn domain_text(&self) -> String {
        let nano = &self.nano_parsed;
        let parts = [nano.company_name.as_deref(), nano.about_company.as_deref(), nano.role.as_deref()];
        let mut text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
        if let Some(first) = nano.roles_and_responsibilities.first() {
            text.push('\n');
            text.push_str(&first.text);
        }
        text
    }
}
