//! Which tokens is a text made of?
//!
//! BERT's uncased WordPiece, token for token as Hugging Face's tokenizers compute it, without special tokens,
//! padding and truncation. Two differences: `[CLS]` written in a text is punctuation and letters, not a special
//! token; and characters younger than the Unicode tables there (949 of 1.1 million code points) are taken for what
//! they are. Three steps: *normalise* (control characters dropped, lower case, accents
//! stripped, CJK characters set apart), *split* (at white space, every punctuation mark a word of its own),
//! *pieces* (of each word the longest beginning the vocabulary has, then of the rest).
//!
//! Nothing is remembered between texts: a lookup costs less than the bookkeeping of a memo would.

use super::EmbedError;
use serde::Deserialize;
use std::collections::HashMap;
use unicode_normalization::char::decompose_canonical;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

type Pieces = HashMap<Box<str>, u32, foldhash::fast::FixedState>;

/// A vocabulary, ready to cut texts into tokens.
pub struct WordPiece {
    /// Pieces a word can begin with.
    beginnings: Pieces,
    /// Pieces a word can go on with, without their `##`.
    continuations: Pieces,
    /// What stands for a word that cannot be cut into known pieces.
    unknown: u32,
    /// Bytes of the longest piece: no use looking up a longer one.
    longest: usize,
}

/// Words with more characters are unknown.
const LONGEST_WORD: usize = 100;

#[derive(Deserialize)]
struct File {
    normalizer: Normalizer,
    model: Model,
}

#[derive(Deserialize)]
struct Normalizer {
    r#type: String,
    lowercase: bool,
}

#[derive(Deserialize)]
struct Model {
    r#type: String,
    unk_token: String,
    continuing_subword_prefix: String,
    vocab: HashMap<String, u32>,
}

impl WordPiece {
    /// Reads the vocabulary of a `tokenizer.json`; its padding, truncation and special tokens are passed over.
    pub fn from_json(file: &[u8]) -> Result<WordPiece, EmbedError> {
        let refused = |detail: String| {
            EmbedError::new("the tokenizer is not an uncased BERT WordPiece")
                .detail(detail)
                .hint("use the tokenizer.json that belongs to the embedding table; see config/embedding/README.md")
        };
        let File { normalizer, model } = serde_json::from_slice(file).map_err(|e| refused(e.to_string()))?;
        if normalizer.r#type != "BertNormalizer" || !normalizer.lowercase || model.r#type != "WordPiece" {
            let found = format!("{} (lower case: {}), {}", normalizer.r#type, normalizer.lowercase, model.r#type);
            return Err(refused(found));
        }
        let unknown = *model.vocab.get(&model.unk_token).ok_or_else(|| refused("no token for the unknown".into()))?;
        let longest = model.vocab.keys().map(String::len).max().unwrap_or(0);
        let (mut beginnings, mut continuations) = (Pieces::default(), Pieces::default());
        for (piece, id) in &model.vocab {
            match piece.strip_prefix(&model.continuing_subword_prefix) {
                Some(rest) if !rest.is_empty() => continuations.insert(rest.into(), *id),
                _ => beginnings.insert(piece.as_str().into(), *id),
            };
        }
        Ok(WordPiece { beginnings, continuations, unknown, longest })
    }

    /// One more than the greatest id.
    pub fn size(&self) -> usize {
        self.beginnings.values().chain(self.continuations.values()).max().map_or(0, |id| *id as usize + 1)
    }

    /// The id that stands for words the vocabulary cannot spell.
    pub fn unknown(&self) -> u32 {
        self.unknown
    }

    /// Appends a text's token ids.
    pub fn tokens(&self, text: &str, ids: &mut Vec<u32>) {
        let text = normalise(text);
        let mut word = 0;
        for (at, c) in text.char_indices() {
            let space = is_space(c);
            if space || is_punctuation(c) {
                self.pieces(&text[word..at], ids);
                word = at + c.len_utf8();
                if !space {
                    self.pieces(&text[at..word], ids);
                }
            }
        }
        self.pieces(&text[word..], ids);
    }

    fn pieces(&self, word: &str, ids: &mut Vec<u32>) {
        if word.is_empty() {
            return;
        }
        if let Some(id) = self.beginnings.get(word) {
            return ids.push(*id);
        }
        let before = ids.len();
        let mut rest = word;
        while !rest.is_empty() {
            let pieces = if rest.len() == word.len() { &self.beginnings } else { &self.continuations };
            match longest_beginning(pieces, rest, self.longest) {
                Some((id, length)) if word.len() <= LONGEST_WORD || word.chars().count() <= LONGEST_WORD => {
                    ids.push(id);
                    rest = &rest[length..];
                }
                _ => {
                    ids.truncate(before);
                    return ids.push(self.unknown);
                }
            }
        }
    }
}

fn longest_beginning(pieces: &Pieces, text: &str, longest: usize) -> Option<(u32, usize)> {
    (1..=longest.min(text.len()))
        .rev()
        .filter(|end| text.is_char_boundary(*end))
        .find_map(|end| Some((*pieces.get(&text[..end])?, end)))
}

/// Control characters dropped, white space made blanks, CJK characters set apart, accents stripped, lower case.
fn normalise(text: &str) -> String {
    let mut normal = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_ascii_graphic() {
            normal.push(c.to_ascii_lowercase());
        } else if is_control(c) {
            // Not even a word's end: form feed and NEL, white space elsewhere, are control characters first.
        } else if is_space(c) {
            normal.push(' ');
        } else {
            let cjk = is_cjk(c);
            normal.extend(cjk.then_some(' '));
            decompose_canonical(c, |part| {
                if part.general_category() != GeneralCategory::NonspacingMark {
                    normal.extend(part.to_lowercase());
                }
            });
            normal.extend(cjk.then_some(' '));
        }
    }
    normal
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
}

fn is_control(c: char) -> bool {
    use GeneralCategory::{Control, Format, PrivateUse};
    !matches!(c, ' ' | '\t' | '\n' | '\r')
        && (c == '\u{fffd}' || matches!(c.general_category(), Control | Format | PrivateUse))
}

fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_punctuation()
    } else {
        c.general_category_group() == GeneralCategoryGroup::Punctuation
    }
}

/// The blocks BERT counts as Chinese characters. Hangul, Hiragana and Katakana are written with spaces or are not
/// cut apart.
fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x4e00..=0x9fff | 0x3400..=0x4dbf | 0x2_0000..=0x2_a6df | 0x2_a700..=0x2_b73f | 0x2_b740..=0x2_b81f
        | 0x2_b820..=0x2_ceaf | 0xf900..=0xfaff | 0x2_f800..=0x2_fa1f)
}
