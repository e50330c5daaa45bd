//! What did a parser upstream find in a JD? The shape of SPEC §2, as `rolestream classify --json` prints it.

use super::jd::{Stated, stated, timed};
use super::{Incoming, Message, place};
use crate::admission::{Document, Reason, Refusal, json_kind, misfit, text_field};
use crate::error::{Error, Position};
use crate::jd::{FinalSkill, NanoParsed};
use rolestream_dataflows::id::Id;
use serde_json::{Map, Value, json};

/// A JD with what was found in it elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParsedDocument {
    /// Id, time, and title and company, which are those of the parse where the message does not have them beside it.
    /// The text is empty where it was not sent along.
    pub document: Document,
    /// What was found.
    pub nano_parsed: NanoParsed,
    /// The skills.
    pub final_skills: Vec<FinalSkill>,
    /// Who parsed it.
    pub parser: Option<String>,
}

impl ParsedDocument {
    /// What names this version of the JD beside its id: a hash of the document's content and of the parse.
    pub fn content(&self) -> u64 {
        let parse = json!([self.nano_parsed, self.final_skills]).to_string();
        Id::all("parsed content", &[Id(self.document.content()), Id::text(&parse)]).0
    }
}

pub(super) fn decode(message: &Message) -> Result<Incoming, Refusal> {
    let (mut object, id, time) = match stated(message)? {
        Stated::Here { object, id, time } => (object, id, time),
        Stated::Withdrawn(id) => return Ok(Incoming::Withdrawn(id)),
        Stated::Nothing => return Ok(Incoming::Nothing),
    };
    let at = place(message);
    let nano_parsed = nano_parsed(object.remove("nano_parsed"), &object, &at)?;
    let final_skills = final_skills(object.remove("final_skills"), &at)?;
    let parser = text_field(&mut object, "parser", &at)?;
    let mut document = timed(Document::from_object(object, id, at)?, time, message);
    document.title = document.title.or_else(|| nano_parsed.role.clone());
    document.company = document.company.or_else(|| nano_parsed.company_name.clone());
    Ok(Incoming::Parsed(Box::new(ParsedDocument { document, nano_parsed, final_skills, parser })))
}

/// A JD with what was found in it elsewhere, handed in beside it.
pub fn parsed_document(
    mut document: Document,
    nano: Value,
    skills: Option<Value>,
    parser: Option<String>,
) -> Result<ParsedDocument, Error> {
    let at = document.at.clone();
    let nano_parsed = nano_parsed(Some(nano), &Map::new(), &at).map_err(|refusal| refusal.error)?;
    let final_skills = final_skills(skills, &at).map_err(|refusal| refusal.error)?;
    document.title = document.title.or_else(|| nano_parsed.role.clone());
    document.company = document.company.or_else(|| nano_parsed.company_name.clone());
    Ok(ParsedDocument { document, nano_parsed, final_skills, parser })
}

fn nano_parsed(value: Option<Value>, object: &Map<String, Value>, at: &Position) -> Result<NanoParsed, Refusal> {
    let mut fields = match value {
        Some(Value::Object(fields)) => fields,
        None | Some(Value::Null) => {
            let rejected = object.get("rejected") == Some(&Value::Bool(true));
            let found = if rejected { "it was rejected before it was parsed" } else { "the key is missing, or null" };
            let error = Error::new("a parsed JD without \"nano_parsed\"")
                .detail(format!("the object needs it; {found}"))
                .hint(
                    "send JDs as text to a raw topic, or what `rolestream classify --json` prints of one that it took",
                )
                .at(at.clone());
            return Err(Refusal::new(Reason::NotParsed, error));
        }
        Some(other) => return Err(misfit("nano_parsed", &other, "an object", at)),
    };
    // Every field has a default, and null means the same as leaving it out: models write it for lists, too.
    fields.values_mut().for_each(without_nulls);
    fields.retain(|_, value| !value.is_null());
    // Whoever hands a parse on took the text for a JD, unless they say otherwise.
    fields.entry("JD_type").or_insert_with(|| json!("pass"));
    serde_json::from_value(Value::Object(fields.clone())).map_err(|error| {
        let wrong = fields.into_iter().find_map(|(key, value)| {
            let alone = Value::Object([(key.clone(), value)].into_iter().collect());
            serde_json::from_value::<NanoParsed>(alone).err().map(|error| (key, error))
        });
        let (key, error) =
            wrong.map_or(("nano_parsed".to_owned(), error), |(key, error)| (format!("nano_parsed.{key}"), error));
        let error = Error::new(format!("\"{key}\" does not fit"))
            .detail(error.to_string())
            .hint("write it as `rolestream classify --json` does")
            .at(at.clone());
        Refusal::new(Reason::WrongType, error)
    })
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(without_nulls);
            fields.retain(|_, value| !value.is_null());
        }
        Value::Array(items) => {
            items.iter_mut().for_each(without_nulls);
            items.retain(|item| !item.is_null());
        }
        _ => {}
    }
}

/// A skill that does not say whether it is primary is not.
fn final_skills(value: Option<Value>, at: &Position) -> Result<Vec<FinalSkill>, Refusal> {
    let items = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(misfit("final_skills", &other, "an array", at)),
    };
    let skill = |item: Value| {
        let (name, primary) = (item.get("skill_name").and_then(Value::as_str), item.get("is_primary"));
        match (name, primary) {
            (Some(name), None | Some(Value::Null)) => Ok(FinalSkill { is_primary: false, skill_name: name.to_owned() }),
            (Some(name), Some(Value::Bool(primary))) => {
                Ok(FinalSkill { is_primary: *primary, skill_name: name.to_owned() })
            }
            _ => {
                let error = Error::new("an entry of \"final_skills\" is no skill")
                    .detail(format!("it is {}, and must have a text \"skill_name\"", json_kind(&item)))
                    .hint("write {\"skill_name\": \"…\", \"is_primary\": true}")
                    .at(at.clone());
                Err(Refusal::new(Reason::WrongType, error))
            }
        }
    };
    items.into_iter().map(skill).collect()
}
