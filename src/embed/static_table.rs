//! Which vector does a table give a text?
//!
//! The mean of its tokens' rows, made unit length. The rows are summed as integers: each row's scale is rounded
//! once, to one of 4 095 steps, and then no order of tokens, sentences or threads can change a sum. For the same
//! reason the sum of a text's lines *is* the text's sum, and [`Embedder::embed_document`] cuts no text twice.

use super::safetensors::Safetensors;
use super::{DocumentVectors, EmbedError, Embedder, WordPiece, quantise};
use rolestream_dataflows::fixed::{DIMENSIONS, Vector};
use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Token rows and the tokenizer they belong to.
pub struct StaticTable {
    model: String,
    words: WordPiece,
    /// The whole file; the rows are read where they stand in it.
    file: Cow<'static, [u8]>,
    /// Where the rows are: `i8`, 256 a token.
    rows: Range<usize>,
    /// What each row is multiplied by.
    weights: Vec<i16>,
}

/// The greatest weight. Sums of [`TOKENS_AT_ONCE`] rows stay below 2^31: 127 · 4 095 · 4 096 < 2^31.
const GREATEST_WEIGHT: f32 = 4_095.0;
const TOKENS_AT_ONCE: usize = 4_096;

type Sum = [i64; DIMENSIONS];

impl StaticTable {
    /// The table compiled into the program, read once.
    pub fn built_in() -> Result<Arc<StaticTable>, EmbedError> {
        static TABLE: OnceLock<Result<Arc<StaticTable>, EmbedError>> = OnceLock::new();
        let read = || {
            let table = include_bytes!("../../config/embedding/model.safetensors");
            let tokenizer = include_bytes!("../../config/embedding/tokenizer.json");
            StaticTable::read(Cow::Borrowed(table), tokenizer).map(Arc::new)
        };
        TABLE.get_or_init(read).clone()
    }

    /// The table of a folder that holds `model.safetensors` and `tokenizer.json`.
    pub fn from_folder(folder: &Path) -> Result<StaticTable, EmbedError> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(|e| {
                EmbedError::new(
                    "the embedding table cannot be read",
                    format!("{}: {e}", path.display()),
                    "the folder needs model.safetensors and tokenizer.json",
                )
            })
        };
        StaticTable::read(Cow::Owned(read("model.safetensors")?), &read("tokenizer.json")?)
    }

    fn read(file: Cow<'static, [u8]>, tokenizer: &[u8]) -> Result<StaticTable, EmbedError> {
        let tensors = Safetensors::read(&file)?;
        let ([count, width], rows) = tensors.tensor("embedding", "I8")?;
        let ([scales], scale) = tensors.tensor("scale", "F32")?;
        let words = WordPiece::from_json(tokenizer)?;
        if width != DIMENSIONS || scales != count || words.size() > count {
            return Err(EmbedError::new(
                "the embedding table and its tokenizer do not fit together",
                format!("{count} rows of {width} numbers, {scales} scales, {} tokens", words.size()),
                format!("every token needs a row of {DIMENSIONS} numbers and a scale"),
            ));
        }
        let model = tensors.metadata("name").unwrap_or("static-table").to_owned();
        let weights = weights(&file[scale]);
        Ok(StaticTable { model, words, rows, weights, file })
    }

    /// The tokenizer of this table.
    pub fn words(&self) -> &WordPiece {
        &self.words
    }

    /// The sum of a text's rows, `None` where no token is known. `ids` is room to work in.
    fn sum(&self, text: &str, ids: &mut Vec<u32>) -> Option<Sum> {
        ids.clear();
        self.words.tokens(text, ids);
        // An unknown word says nothing; counted, it would make all texts with unknown words alike.
        ids.retain(|id| *id != self.words.unknown());
        let rows = &self.file[self.rows.clone()];
        let mut sum = [0; DIMENSIONS];
        for ids in ids.chunks(TOKENS_AT_ONCE) {
            let mut part = [0i32; DIMENSIONS];
            for id in ids {
                let row = &rows[*id as usize * DIMENSIONS..][..DIMENSIONS];
                add(&mut part, row, self.weights[*id as usize]);
            }
            add_sum(&mut sum, &part);
        }
        (!ids.is_empty()).then_some(sum)
    }
}

impl Embedder for StaticTable {
    fn model(&self) -> &str {
        &self.model
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Option<Vector>>, EmbedError> {
        let mut ids = Vec::new();
        Ok(texts.iter().map(|text| self.sum(text, &mut ids).and_then(|sum| vector(&sum))).collect())
    }

    fn embed_document(&self, parts: &[&str]) -> Result<DocumentVectors, EmbedError> {
        let (mut ids, mut whole) = (Vec::new(), [0; DIMENSIONS]);
        let mut vector_of_part = |part: &&str| {
            let sum = self.sum(part, &mut ids)?;
            add_sum(&mut whole, &sum);
            vector(&sum)
        };
        let parts = parts.iter().map(&mut vector_of_part).collect();
        Ok(DocumentVectors { parts, whole: vector(&whole) })
    }
}

/// Each row's scale as an integer, the greatest scale being the greatest weight.
fn weights(scales: &[u8]) -> Vec<i16> {
    let scales: Vec<f32> = scales.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    let greatest = scales.iter().fold(f32::MIN_POSITIVE, |a, b| a.max(b.abs()));
    scales.iter().map(|scale| (scale / greatest * GREATEST_WEIGHT).round() as i16).collect()
}

/// `sum += row * weight`; the compiler makes wide instructions of it.
fn add(sum: &mut [i32; DIMENSIONS], row: &[u8], weight: i16) {
    for (to, component) in sum.iter_mut().zip(row) {
        *to += i32::from(i16::from(*component as i8)) * i32::from(weight);
    }
}

fn add_sum<N: Copy + Into<i64>>(sum: &mut Sum, part: &[N; DIMENSIONS]) {
    for (to, from) in sum.iter_mut().zip(part) {
        *to += (*from).into();
    }
}

fn vector(sum: &Sum) -> Option<Vector> {
    quantise(&sum.map(|component| component as f32))
}
