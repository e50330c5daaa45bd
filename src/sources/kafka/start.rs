//! Where is a partition begun that the store does not know? `kafka.start_from` says it in one of four ways.

use crate::error::Error;
use std::collections::BTreeMap;

/// `kafka.start_from`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StartFrom {
    Earliest,
    Latest,
    /// At the first message of this time or a later one, in milliseconds since 1970.
    Time(i64),
    /// At these offsets; partitions that are not named at their earliest.
    Offsets(BTreeMap<(String, i32), i64>),
}

impl StartFrom {
    pub(super) fn parse(text: &str) -> Result<StartFrom, Error> {
        match text.trim() {
            "earliest" => Ok(StartFrom::Earliest),
            "latest" => Ok(StartFrom::Latest),
            text if text.contains('=') => offsets(text).map(StartFrom::Offsets),
            text => match text.parse::<jiff::Timestamp>() {
                Ok(time) => Ok(StartFrom::Time(time.as_millisecond())),
                Err(error) => Err(wrong(text, &format!("it is no time either: {error}"))),
            },
        }
    }
}

fn offsets(text: &str) -> Result<BTreeMap<(String, i32), i64>, Error> {
    let mut all = BTreeMap::new();
    for part in text.split(',').map(str::trim) {
        let (place, offset) = part.split_once('=').unwrap_or((part, ""));
        let (topic, partition) = place.trim().rsplit_once('/').unwrap_or((place, ""));
        let read = (partition.trim().parse::<i32>(), offset.trim().parse::<i64>());
        let (Ok(partition @ 0..), Ok(offset @ 0..), false) = (read.0, read.1, topic.is_empty()) else {
            return Err(wrong(text, &format!("\"{part}\" is no topic/partition=offset")));
        };
        if all.insert((topic.to_owned(), partition), offset).is_some() {
            return Err(wrong(text, &format!("{topic}/{partition} has two offsets")));
        }
    }
    Ok(all)
}

fn wrong(text: &str, found: &str) -> Error {
    Error::new(format!("kafka.start_from is \"{text}\"")).detail(found).hint(
        "write \"earliest\", \"latest\", a time such as \"2026-03-01T09:30:00Z\", or offsets such as \
         \"jd.raw/0=1200,jd.raw/1=900\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_ways_are_read() {
        let at = |topic: &str, partition, offset| ((topic.to_owned(), partition), offset);
        for (text, start) in [
            (" earliest ", StartFrom::Earliest),
            ("latest", StartFrom::Latest),
            ("1970-01-01T01:00:01+01:00", StartFrom::Time(1_000)),
            ("jd.raw/0=1200, a-b/12=0", StartFrom::Offsets([at("jd.raw", 0, 1_200), at("a-b", 12, 0)].into())),
        ] {
            assert_eq!(StartFrom::parse(text), Ok(start));
        }
    }

    #[test]
    fn anything_else_is_said_to_be_wrong_with_the_part_that_is() {
        for (text, part) in [
            ("", "no time"),
            ("yesterday", "no time"),
            ("2026-03-01T09:30:00", "no time"),
            ("jd.raw/0=1200,", "\"\" is no topic"),
            ("jd.raw=5", "\"jd.raw=5\" is no topic"),
            ("jd.raw/0=-5", "\"jd.raw/0=-5\" is no topic"),
            ("jd.raw/-1=5", "\"jd.raw/-1=5\" is no topic"),
            ("/0=5", "\"/0=5\" is no topic"),
            ("a/0=1,a/0=2", "a/0 has two"),
        ] {
            let error = StartFrom::parse(text).unwrap_err();
            assert!(error.detail.as_deref().unwrap().contains(part), "{error}");
            assert!(error.hint.is_some());
        }
    }
}
