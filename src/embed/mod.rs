//! How does a text become a vector?
//!
//! Through an [`Embedder`]. The default is [`StaticTable`], a table of token rows compiled into the program;
//! [`Replay`] gives back what it was given, for tests and for runs recorded elsewhere. All of them end in
//! [`quantise`]: from there on a vector is integers, and so is everything computed from it.
//!
//! | file | the question it answers |
//! |---|---|
//! | `wordpiece` | which tokens is a text made of? |
//! | `safetensors` | where in the file are a tensor's numbers? |
//! | `static_table` | which vector does a table give a text? |
//! | `quantise` | how does a direction become 256 small integers? |
//! | `replay` | which vectors have exactly the similarities that were given? |
//! | `calibration` | what does a similarity mean under this model and this taxonomy? |

pub mod calibration;
mod quantise;
mod replay;
mod safetensors;
mod static_table;
mod wordpiece;

pub use calibration::{Calibration, Thresholds};
pub use quantise::quantise;
pub use replay::{Replay, Similarity};
pub use static_table::StaticTable;
pub use wordpiece::WordPiece;

/// A failure of an embedder, in the three parts of every message.
pub use crate::error::Error as EmbedError;

use rolestream_dataflows::fixed::Vector;

/// Turns texts into vectors.
///
/// **Same text, same vector**: whatever else is in the batch, on whichever machine, on the first call and on the
/// last. A text without any token the model knows has no vector.
pub trait Embedder: Send + Sync {
    /// The model's name: it is stored with the vectors, and calibrations are named after it.
    fn model(&self) -> &str;

    /// One answer per text, in order.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Option<Vector>>, EmbedError>;

    /// The vector of each part of a text, and of all parts together, as if they stood on lines of one text.
    fn embed_document(&self, parts: &[&str]) -> Result<DocumentVectors, EmbedError> {
        let whole = parts.join("\n");
        let mut vectors = self.embed(&[parts, &[whole.as_str()]].concat())?;
        let whole = vectors.pop().flatten();
        Ok(DocumentVectors { parts: vectors, whole })
    }
}

/// What [`Embedder::embed_document`] answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentVectors {
    /// One per part, in order.
    pub parts: Vec<Option<Vector>>,
    /// Of all parts together.
    pub whole: Option<Vector>,
}
