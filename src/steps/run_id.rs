//! Which JD and content does the id of a run name? The inverse of [`crate::report::step_one::run_id`].

use crate::error::Error;
use rolestream_dataflows::id::Id;

/// Digits of each group of a UUID.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// The JD and the content of a run; capitals are taken, too. An id of this form that names no run is another matter.
pub fn parse(text: &str) -> Result<(Id, u64), Error> {
    let groups: Vec<&str> = text.split('-').collect();
    let is_group = |group: &str, digits: usize| group.len() == digits && group.bytes().all(|b| b.is_ascii_hexdigit());
    if groups.len() != GROUPS.len() || !groups.iter().zip(GROUPS).all(|(group, digits)| is_group(group, digits)) {
        return Err(malformed(text));
    }
    let bits = u128::from_str_radix(&groups.concat(), 16).map_err(|_| malformed(text))?;
    Ok((Id((bits >> 64) as u64), bits as u64))
}

fn malformed(text: &str) -> Error {
    let shown: String = text.chars().take(60).collect();
    Error::new(format!("\"{shown}\" is no id of a run"))
        .detail("it must be 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, joined by hyphens")
        .hint("take the run_id of the first step's answer, or of the list of runs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::step_one::run_id;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_run_is_found_by_its_id(jd in any::<u64>(), content in any::<u64>()) {
            let text = run_id(Id(jd), content);
            prop_assert_eq!(parse(&text).unwrap(), (Id(jd), content));
            prop_assert_eq!(parse(&text.to_uppercase()).unwrap(), (Id(jd), content));
        }

        #[test]
        fn whatever_is_asked_for_there_is_an_answer(text in "\\PC{0,40}|[0-9a-f+-]{30,40}") {
            match parse(&text) {
                Ok((jd, content)) => prop_assert_eq!(run_id(jd, content), text.to_lowercase()),
                Err(error) => prop_assert!(error.detail.is_some() && error.hint.is_some()),
            }
        }
    }

    #[test]
    fn a_sign_or_a_missing_hyphen_is_no_digit() {
        for text in ["", "+c25357b-bb70-414e-99a1-88ab7c6f68a1", "4c25357bbb70-414e-99a1-88ab7c6f68a1", "é-é-é-é-é"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("4c25357b-bb70-414e-99a1-88ab7c6f68a1").is_ok());
    }
}
