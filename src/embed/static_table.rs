//! Which vector does a table give a text?
//!
//! The mean of its tokens' rows, made unit length. The rows are put on one integer grid when the table is read, and
//! then no order of tokens, sentences or threads can change a sum. For the same reason the sum of a text's lines
//! *is* the text's sum, and [`Embedder::embed_document`] cuts no text twice.

use super::safetensors::Safetensors;
use super::{DocumentVectors, EmbedError, Embedder, WordPiece, quantise};
use rolestream_dataflows::fixed::{DIMENSIONS, Vector};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Token rows and the tokenizer they belong to.
pub struct StaticTable {
    model: String,
    words: WordPiece,
    /// By token id.
    rows: Vec<[i16; DIMENSIONS]>,
}

/// The greatest component of a row. The grid moves a cosine by less than .0001, a fiftieth of what quantising the
/// vector does, and 16 rows can be added up in 16 bits.
const GREATEST: i32 = 2_047;
const ROWS_IN_16_BITS: usize = 16;
/// Later tokens of a text are passed over: so many rows can be added up in 32 bits. That is some megabytes of text.
const MOST_TOKENS: usize = 1 << 20;

type Sum = [i32; DIMENSIONS];

impl StaticTable {
    /// The table compiled into the program, read once.
    pub fn built_in() -> Result<Arc<StaticTable>, EmbedError> {
        static TABLE: OnceLock<Result<Arc<StaticTable>, EmbedError>> = OnceLock::new();
        let read = || {
            let table = include_bytes!("../../config/embedding/model.safetensors");
            let tokenizer = include_bytes!("../../config/embedding/tokenizer.json");
            StaticTable::read(table, tokenizer).map(Arc::new)
        };
        TABLE.get_or_init(read).clone()
    }

    /// The table of a folder that holds `model.safetensors` and `tokenizer.json`.
    pub fn from_folder(folder: &Path) -> Result<StaticTable, EmbedError> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(|e| {
                EmbedError::new("the embedding table cannot be read")
                    .detail(format!("{}: {e}", path.display()))
                    .hint("the folder needs model.safetensors and tokenizer.json")
            })
        };
        StaticTable::read(&read("model.safetensors")?, &read("tokenizer.json")?)
    }

    fn read(file: &[u8], tokenizer: &[u8]) -> Result<StaticTable, EmbedError> {
        let tensors = Safetensors::read(file)?;
        let ([count, width], rows) = tensors.tensor("embedding", "I8")?;
        let ([scales], scale) = tensors.tensor("scale", "F32")?;
        let words = WordPiece::from_json(tokenizer)?;
        if width != DIMENSIONS || scales != count || words.size() > count {
            return Err(EmbedError::new("the embedding table and its tokenizer do not fit together")
                .detail(format!("{count} rows of {width} numbers, {scales} scales, {} tokens", words.size()))
                .hint(format!("every token needs a row of {DIMENSIONS} numbers and a scale")));
        }
        let model = tensors.metadata("name").unwrap_or("static-table").to_owned();
        Ok(StaticTable { model, words, rows: on_grid(&file[rows], &file[scale]) })
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
        ids.truncate(MOST_TOKENS);
        let mut sum = [0; DIMENSIONS];
        for ids in ids.chunks(ROWS_IN_16_BITS) {
            let mut part = [0i16; DIMENSIONS];
            for id in ids {
                add(&mut part, &self.rows[*id as usize]);
            }
            add(&mut sum, &part);
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
        Ok(texts.iter().map(|text| quantise(&self.sum(text, &mut ids)?.map(|c| c as f32))).collect())
    }

    fn embed_document(&self, parts: &[&str]) -> Result<DocumentVectors, EmbedError> {
        let (mut ids, mut whole) = (Vec::new(), [0i64; DIMENSIONS]);
        let vector_of_part = |part: &&str| {
            let sum = self.sum(part, &mut ids)?;
            add(&mut whole, &sum);
            quantise(&sum.map(|c| c as f32))
        };
        let parts = parts.iter().map(vector_of_part).collect();
        Ok(DocumentVectors { parts, whole: quantise(&whole.map(|c| c as f32)) })
    }
}

/// The table's rows, `embedding * scale`, in steps of which the greatest scale's 127 takes [`GREATEST`].
fn on_grid(embedding: &[u8], scales: &[u8]) -> Vec<[i16; DIMENSIONS]> {
    const FINER: u32 = 10;
    let greatest_weight = ((GREATEST << FINER) / 127) as f32;
    let scales: Vec<f32> = scales.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    let greatest = scales.iter().fold(f32::MIN_POSITIVE, |a, b| a.max(b.abs()));
    let rows = embedding.chunks_exact(DIMENSIONS).zip(&scales);
    rows.map(|(embedding, scale)| {
        let weight = (scale / greatest * greatest_weight).round() as i32;
        let mut row = [0; DIMENSIONS];
        for (to, component) in row.iter_mut().zip(embedding) {
            // The worst component, -128, is cut to what sixteen sums of 16 bits can bear.
            let exact = i32::from(*component as i8).max(-127) * weight;
            *to = ((exact + (1 << (FINER - 1))) >> FINER) as i16;
        }
        row
    })
    .collect()
}

/// `sum += part`; the compiler makes wide instructions of it.
fn add<S: std::ops::AddAssign + From<P>, P: Copy>(sum: &mut [S; DIMENSIONS], part: &[P; DIMENSIONS]) {
    for (to, from) in sum.iter_mut().zip(part) {
        *to += S::from(*from);
    }
}
