//! How is a long list told in parts? So many rows, and a cursor after which it goes on.
//!
//! A cursor names the last row told, not a number of rows: what comes and goes meanwhile shifts nothing.

use super::problem::Problem;
use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Rows of a page, unless said.
pub(crate) const ROWS: usize = 50;
/// Rows of a page, at most.
pub(crate) const MOST: usize = 1_000;

/// How many rows are wanted.
pub(crate) fn rows(limit: Option<usize>) -> Result<usize, Problem> {
    match limit {
        None => Ok(ROWS),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(limit) => Err(Problem::unprocessable(
            Error::new("limit does not fit")
                .detail(format!("it is {limit}; a page has 1 to {MOST} rows"))
                .hint("ask for less, and go on with the answer's \"next\" as cursor"),
        )),
    }
}

/// The cursor of a place in a list.
pub(crate) fn cursor(place: &impl Serialize) -> String {
    // Places are tuples of numbers and texts.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

/// The place of a cursor.
pub(crate) fn place<P: DeserializeOwned>(cursor: &str) -> Result<P, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
        Problem::unprocessable(
            Error::new("cursor does not fit")
                .detail(format!("{cursor:?} was not given out by this list"))
                .hint("take it from \"next\" of the answer before, or leave it out to begin at the beginning"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let given = (-5_i64, 17_u64, "a/b".to_owned());
        assert_eq!(place::<(i64, u64, String)>(&cursor(&given)).unwrap(), given);
        assert!(place::<(i64, u64, String)>("zzz").is_err());
        assert!(place::<(i64, u64)>(&cursor(&given)).is_err());
        assert_eq!(rows(Some(0)).unwrap_err().status(), 422);
    }
}
