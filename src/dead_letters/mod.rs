//! stub
use crate::sources::{Kind, Stream};
use serde::{Deserialize, Serialize};
/// stub
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DeadLetter {
    pub stream: Stream,
    pub kind: Kind,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub timestamp: Option<i64>,
    pub reason: String,
    pub detail: String,
    pub at: i64,
}
