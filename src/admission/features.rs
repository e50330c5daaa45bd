//! What does the engine need to know of a JD? Document, parser and embedder in, its record out; texts stay outside.

use super::document::Document;
use super::domain::Domains;
use crate::embed::Embedder;
use crate::error::Error;
use crate::jd::{FinalSkill, Input, NanoParsed, ParsedJd, Parser, Rejected, TitleForms};
use rolestream_dataflows::fixed::{DIMENSIONS, Vector, Vectors};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AiFlags, Features, Jd, JdUpdate, Mention, Title};
use rolestream_dataflows::text::{normalise, slugify};
use std::sync::Arc;

/// A document taken in: what the engine gets of it, and the texts by which its answer is printed.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The document.
    pub document: Arc<Document>,
    /// What was parsed; of a rejected JD what was found nonetheless.
    pub parsed: Option<ParsedJd>,
    /// Why it was rejected, in a sentence.
    pub rejected: Option<String>,
    /// The names of the skills, as many as there are mentions in the features.
    pub skills: Vec<String>,
    /// The sentences, as many as there are in the features.
    pub sentences: Vec<String>,
    /// The record.
    pub update: JdUpdate,
}

/// What admits documents. Admitting is a pure function of the document: it may be done by any thread in any order.
pub struct Admission<'a> {
    /// Takes texts apart.
    pub parser: &'a Parser,
    /// Gives them vectors.
    pub embedder: &'a dyn Embedder,
    /// The industries that are told apart.
    pub domains: &'a Domains,
    /// The source's name.
    pub source: &'a str,
    /// When documents are received that do not say so, in milliseconds since 1970.
    pub now: i64,
}

impl Admission<'_> {
    /// Parses and embeds a document. What is no JD is admitted as rejected; an error is the embedder's.
    pub fn admit(&self, document: Arc<Document>) -> Result<Admitted, Error> {
        let input = Input {
            title: document.title.as_deref(),
            text: &document.text,
            company: document.company.as_deref(),
            format: document.format,
        };
        let content = document.content();
        self.embedded(document.clone(), content, self.parser.parse(&input))
    }

    /// Embeds what a parser upstream found in a document. `content` names this version of it, parse and all.
    pub fn adopt(
        &self,
        document: Arc<Document>,
        content: u64,
        nano_parsed: NanoParsed,
        final_skills: Vec<FinalSkill>,
    ) -> Result<Admitted, Error> {
        let parsed = self.parser.adopt(nano_parsed, final_skills, &document.text);
        self.embedded(document, content, parsed)
    }

    fn embedded(
        &self,
        document: Arc<Document>,
        content: u64,
        parsed: Result<ParsedJd, Rejected>,
    ) -> Result<Admitted, Error> {
        let (parsed, rejection) = match parsed {
            Ok(parsed) => (Some(parsed), None),
            Err(Rejected { reason, detail, parsed }) => (parsed.map(|parsed| *parsed), Some((reason, detail))),
        };
        let parsed = parsed.map(|parsed| self.with_domain(parsed)).transpose()?;
        let (mut skills, mut sentences) = (Vec::new(), Vec::new());
        let features = match (&parsed, &rejection) {
            (_, Some((reason, _))) => Err(*reason),
            (Some(parsed), None) => Ok(self.features(parsed, &mut skills, &mut sentences)?),
            (None, None) => Ok(Features::default()),
        };
        let company = parsed.as_ref().and_then(|parsed| parsed.nano_parsed.company_name.as_deref());
        let jd = Jd {
            content,
            source: Id::text(self.source),
            received_at: document.received_at.unwrap_or(self.now),
            company: company.and_then(text_id).unwrap_or(Id::NONE),
            features,
        };
        let update = JdUpdate { id: Id::jd(&document.id), jd: Some(Arc::new(jd)) };
        Ok(Admitted { document, parsed, rejected: rejection.map(|(_, detail)| detail), skills, sentences, update })
    }

    fn features(
        &self,
        parsed: &ParsedJd,
        skills: &mut Vec<String>,
        sentences: &mut Vec<String>,
    ) -> Result<Features, Error> {
        let title = parsed.title.as_ref().map(|forms| self.title(forms)).transpose()?.flatten();
        let own = title.as_ref().map(|title| title.written);
        let mut role_aliases: Vec<Id> = Vec::new();
        for alias in parsed.nano_parsed.role_aliases.iter().filter_map(|alias| text_id(alias)) {
            if Some(alias) != own && !role_aliases.contains(&alias) {
                role_aliases.push(alias);
            }
        }
        let mut mentions: Vec<Mention> = Vec::new();
        for skill in &parsed.final_skills {
            let Some(text) = text_id(&skill.skill_name) else { continue };
            match mentions.iter_mut().find(|mention| mention.text == text) {
                Some(mention) => mention.primary |= skill.is_primary,
                None => {
                    mentions.push(Mention { text, primary: skill.is_primary });
                    skills.push(skill.skill_name.clone());
                }
            }
        }
        let texts: Vec<&str> = parsed.sentences.iter().map(String::as_str).collect();
        let whole = parsed.responsibilities_text.as_str();
        let mut vectors = self.embedder.embed(&[&texts[..], &[whole]].concat())?;
        let vector = vectors.pop().flatten();
        let mut ids = Vec::with_capacity(texts.len());
        let mut kept = Vec::with_capacity(texts.len());
        // A sentence without a word the model knows is like nothing, and would be new in every JD.
        for (text, vector) in texts.into_iter().zip(vectors) {
            if let (Some(id), Some(vector)) = (text_id(text), vector) {
                ids.push(id);
                kept.push(vector);
                sentences.push(text.to_owned());
            }
        }
        let said = &parsed.ai;
        let ai = AiFlags { title: said.title.is_some(), team: said.team.is_some(), product: said.product.is_some() };
        let vectors = Vectors::new(&kept);
        Ok(Features { title, role_aliases, skills: mentions, sentences: ids, vectors, vector, ai })
    }

    /// With its industry, unless whoever parsed it said one.
    fn with_domain(&self, mut parsed: ParsedJd) -> Result<ParsedJd, Error> {
        if parsed.nano_parsed.domain.is_none() {
            let vector = self.embedder.embed(&[&parsed.domain_text()])?.pop().flatten();
            parsed.nano_parsed.domain = vector.and_then(|vector| self.domains.of(&vector));
        }
        Ok(parsed)
    }

    fn title(&self, forms: &TitleForms) -> Result<Option<Title>, Error> {
        let Some(written) = text_id(&forms.written) else { return Ok(None) };
        let vector = self.embedder.embed(&[&forms.written])?.pop().flatten();
        Ok(Some(Title {
            written,
            plain: text_id(&forms.plain).unwrap_or(written),
            slug: slugify(&forms.written).into(),
            vector: vector.or_else(|| Vector::new(&[0; DIMENSIONS])).ok_or_else(no_vector)?,
        }))
    }
}

impl Admitted {
    /// The record of the JD.
    pub fn jd(&self) -> Option<&Jd> {
        self.update.jd.as_deref()
    }

    /// What was found, unless it was rejected.
    pub fn features(&self) -> Option<&Features> {
        self.jd()?.features.as_ref().ok()
    }

    /// The title as written.
    pub fn title(&self) -> Option<&str> {
        self.parsed.as_ref()?.nano_parsed.role.as_deref()
    }
}

/// The id of a text, unless nothing is left of it as a key.
fn text_id(text: &str) -> Option<Id> {
    let key = normalise(text);
    (!key.is_empty()).then(|| Id::text(&key))
}

fn no_vector() -> Error {
    Error::new("a title has no vector")
}
