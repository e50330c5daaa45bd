//! Which JD is it, and is it put or withdrawn?

use super::body::{Body, Object, body};
use super::key::jd_id;
use super::{Incoming, Message, place};
use crate::admission::{Document, Reason, Refusal, misfit, own_id};
use crate::error::Error;
use serde_json::Value;

/// A JD as text.
pub(super) fn decode(message: &Message) -> Result<Incoming, Refusal> {
    Ok(match stated(message)? {
        Stated::Here { object, id, time } => {
            let document = Document::from_json(Value::Object(object), id, place(message))?;
            Incoming::Jd(timed(document, time, message))
        }
        Stated::Withdrawn(id) => Incoming::Withdrawn(id),
        Stated::Nothing => Incoming::Nothing,
    })
}

/// What a message says of a JD, whoever parses it.
pub(super) enum Stated {
    /// It is this.
    Here {
        /// What is said of it.
        object: Object,
        /// Its id.
        id: String,
        /// When the envelope says that it became so.
        time: Option<i64>,
    },
    /// It is no more.
    Withdrawn(String),
    /// Nothing.
    Nothing,
}

/// Tells a JD from its withdrawal.
pub(super) fn stated(message: &Message) -> Result<Stated, Refusal> {
    let at = place(message);
    let own = |object: &Object| own_id(object, &at);
    Ok(match body(message)? {
        Body::Nothing => Stated::Nothing,
        Body::Gone(before) => {
            let own = before.as_ref().map(own).transpose()?.flatten();
            Stated::Withdrawn(named(own, message)?)
        }
        Body::Put { object, time } => {
            let own = own(&object)?;
            match object.get("withdrawn") {
                Some(Value::Bool(true)) => Stated::Withdrawn(named(own, message)?),
                None | Some(Value::Null | Value::Bool(false)) => {
                    Stated::Here { id: jd_id(own, message)?, object, time }
                }
                Some(other) => return Err(misfit("withdrawn", other, "true or false", &at)),
            }
        }
    })
}

/// The id of what is withdrawn: a line of a file cannot mean itself.
fn named(own: Option<String>, message: &Message) -> Result<String, Refusal> {
    if own.is_none() && super::key::text(message)?.is_none() {
        let error = Error::new("a withdrawal without an id")
            .detail("neither its value nor its key names a JD")
            .hint("send no value under the JD's key, or {\"id\": \"…\", \"withdrawn\": true}")
            .at(place(message));
        return Err(Refusal::new(Reason::NoId, error));
    }
    jd_id(own, message)
}

/// A JD that does not say when it was received was received when its message was written.
pub(super) fn timed(document: Document, time: Option<i64>, message: &Message) -> Document {
    let received_at = document.received_at.or(time).or(message.timestamp);
    Document { received_at, ..document }
}
