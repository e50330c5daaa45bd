//! How is a time written? RFC 3339 outside, milliseconds since 1970 inside.

use crate::error::Error;

/// As it is printed; one beyond the calendar as the number it is.
pub(crate) fn rfc3339(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |time| time.to_string())
}

/// As it is asked for: a time, a day, or milliseconds since 1970.
pub(crate) fn millis(text: &str) -> Result<i64, Error> {
    if let Ok(millis) = text.parse() {
        return Ok(millis);
    }
    let time = text.parse::<jiff::Timestamp>();
    let time = time.or_else(|_| format!("{text}T00:00:00Z").parse());
    time.map(jiff::Timestamp::as_millisecond).map_err(|_| {
        Error::new(format!("\"{text}\" is no time"))
            .detail("a time is written as 2026-03-01T09:30:00Z, 2026-03-01, or as milliseconds since 1970")
            .hint("write it so; + in a query is written %2B")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_first_moment() {
        assert_eq!(millis("1970-01-02"), Ok(86_400_000));
        assert_eq!(millis("1970-01-02T01:00:00+01:00"), Ok(86_400_000));
        assert_eq!(millis("86400000"), Ok(86_400_000));
        assert!(millis("yesterday").is_err());
        assert_eq!(rfc3339(86_400_001), "1970-01-02T00:00:00.001Z");
    }
}
