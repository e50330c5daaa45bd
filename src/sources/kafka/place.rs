//! Is the next message still there, and what if not? Topics forget old messages, and can be deleted and made anew.

use crate::config::OnExpired;
use crate::error::Error;
use crate::sources::Stream;

/// Who asks for an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// The store goes on there.
    Store,
    /// `kafka.start_from` names it.
    Start,
}

/// Where a partition is read from that holds the offsets `low` up to `high` (which is the next one written).
pub(super) fn place(
    stream: &Stream,
    asking: Asking,
    offset: i64,
    (low, high): (i64, i64),
    on_expired: OnExpired,
) -> Result<i64, Error> {
    if (low..=high).contains(&offset) {
        return Ok(offset);
    }
    let holds = if low == high {
        format!("the topic is empty there, and the next message gets the offset {high}")
    } else {
        format!("the topic holds the offsets {low} to {} there", high - 1)
    };
    let who = match asking {
        Asking::Store => "the store goes on",
        Asking::Start => "kafka.start_from begins",
    };
    let (taken, word) = match on_expired {
        OnExpired::Earliest => (low, "earliest"),
        OnExpired::Latest => (high, "latest"),
        OnExpired::Fail => {
            let topic = &stream.name;
            let why = match offset < low {
                true => "older messages have been deleted before they were read",
                false => "the topic was probably deleted and made anew",
            };
            return Err(Error::new(format!("the offset {offset} is not in the topic \"{topic}\""))
                .detail(format!("in partition {} {who} at offset {offset}; {holds}: {why}", stream.partition))
                .hint("set kafka.on_expired = \"earliest\" to go on with what is there, or \"latest\" to skip it"));
        }
    };
    tracing::warn!(
        topic = &*stream.name,
        partition = stream.partition,
        wanted = offset,
        low,
        high,
        taken,
        "{who} at offset {offset}, which the topic no longer has: going on at the {word}"
    );
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: i64, holds: (i64, i64), on_expired: OnExpired) -> Result<i64, Error> {
        let stream = Stream { source: "kafka".into(), name: "jd.raw".into(), partition: 3 };
        place(&stream, Asking::Store, offset, holds, on_expired)
    }

    #[test]
    fn both_ends_are_inside_and_beyond_them_the_policy_counts() {
        for inside in [10, 15, 20] {
            assert_eq!(at(inside, (10, 20), OnExpired::Fail), Ok(inside));
        }
        for outside in [9, 21] {
            assert_eq!(at(outside, (10, 20), OnExpired::Earliest), Ok(10));
            assert_eq!(at(outside, (10, 20), OnExpired::Latest), Ok(20));
        }
    }

    #[test]
    fn failing_says_what_was_wanted_what_is_there_and_what_to_do() {
        let error = at(9, (10, 20), OnExpired::Fail).unwrap_err().to_string();
        for part in ["jd.raw", "partition 3", "offset 9", "10 to 19", "deleted before", "kafka.on_expired"] {
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
        let error = at(9, (0, 0), OnExpired::Fail).unwrap_err().to_string();
        assert!(error.contains("empty") && error.contains("made anew"), "{error}");
    }
}
