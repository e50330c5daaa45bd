//! What does an entry of `sources.read` name? What it is about, and where it stands.

use super::Kind;
use crate::error::{Error, Errors, Position, nearest};
use std::path::PathBuf;

/// A place to read from, and what is read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What its messages are about.
    pub kind: Kind,
    /// Where they stand.
    pub place: Place,
}

/// Where messages stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file, or in all files of a folder.
    Path(PathBuf),
    /// They come in on standard input.
    Stdin,
}

const KINDS: [Kind; 3] = [Kind::Raw, Kind::Parsed, Kind::Taxonomy];

impl Spec {
    /// Reads `[raw:|parsed:|taxonomy:][file:]PATH`, or `-` in the place of the path.
    pub fn parse(text: &str) -> Result<Spec, Error> {
        let mut rest = text.trim();
        let mut kind = Kind::Raw;
        if let Some((word, after)) = rest.split_once(':') {
            if let Some(known) = KINDS.iter().find(|kind| kind.name() == word) {
                (kind, rest) = (*known, after);
            } else if word != "file"
                && let Some(meant) = nearest(word, ["raw", "parsed", "taxonomy", "file"])
            {
                return Err(wrong(
                    text,
                    format!(
                        "\"{word}\" is none of the words that may stand before a colon: raw, parsed, taxonomy, file"
                    ),
                    format!("write \"{meant}:{after}\", or \"file:{text}\" where that is the path"),
                ));
            }
        }
        let named = rest.strip_prefix("file:");
        let place = match named.unwrap_or(rest).trim() {
            "" => {
                let detail = "nothing stands where a path is expected".to_owned();
                return Err(wrong(text, detail, "name a file or a folder, or \"-\" for standard input".to_owned()));
            }
            "-" if named.is_none() => Place::Stdin,
            path if path.starts_with("kafka:") => {
                let detail = "Kafka has settings of its own".to_owned();
                return Err(wrong(text, detail, "name brokers and topics in the section [kafka]".to_owned()));
            }
            path => Place::Path(PathBuf::from(path)),
        };
        Ok(Spec { kind, place })
    }

    /// Reads all entries of `sources.read`.
    pub fn parse_all<T: AsRef<str>>(texts: &[T]) -> Result<Vec<Spec>, Errors> {
        let mut specs: Vec<Spec> = Vec::new();
        let mut errors = Vec::new();
        for text in texts {
            match Spec::parse(text.as_ref()) {
                Ok(spec) if specs.iter().any(|other| other.place == spec.place) => {
                    let detail = "it is named twice: each message has one meaning".to_owned();
                    errors.push(wrong(text.as_ref(), detail, "leave one of them out".to_owned()));
                }
                Ok(spec) => specs.push(spec),
                Err(error) => errors.push(error),
            }
        }
        Errors(errors).into_result().map(|()| specs)
    }
}

fn wrong(text: &str, detail: String, hint: String) -> Error {
    Error::new(format!("\"{text}\" cannot be read from")).detail(detail).hint(hint).at(Position::whole("sources.read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_tells_what_is_read_and_a_path_where() {
        for (text, kind, place) in [
            ("inbox/", Kind::Raw, Some("inbox/")),
            ("raw:a.jsonl", Kind::Raw, Some("a.jsonl")),
            ("parsed:file:b.jsonl", Kind::Parsed, Some("b.jsonl")),
            ("file:taxonomy:x", Kind::Raw, Some("taxonomy:x")),
            ("file:-", Kind::Raw, Some("-")),
            ("jobs:2026.jsonl", Kind::Raw, Some("jobs:2026.jsonl")),
            ("-", Kind::Raw, None),
            ("taxonomy:-", Kind::Taxonomy, None),
        ] {
            let place = place.map_or(Place::Stdin, |path| Place::Path(path.into()));
            assert_eq!(Spec::parse(text), Ok(Spec { kind, place }), "{text}");
        }
    }

    #[test]
    fn what_names_nothing_is_said() {
        for (text, remedy) in
            [("", "name a file"), ("raw:", "name a file"), ("parse:x", "\"parsed:x\""), ("kafka:x", "[kafka]")]
        {
            let error = Spec::parse(text).unwrap_err();
            assert!(error.hint.as_deref().unwrap().contains(remedy), "{error}");
        }
        assert_eq!(Spec::parse_all(&["-", "taxonomy:-", "pased:x"]).unwrap_err().0.len(), 2);
    }
}
