//! How long is `90d`?

use crate::error::Error;

/// A text such as `90d`, `12h` or `30m`, in milliseconds.
pub fn millis_of(text: &str) -> Result<i64, Error> {
    let wrong = || {
        Error::new(format!("{text:?} is no length of time"))
            .detail("a whole number and a unit are expected: m for minutes, h for hours, d for days; at most 36500d")
            .hint("such as 90d")
    };
    let text = text.trim();
    let unit = match text.chars().last() {
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        Some('d') => 86_400_000,
        _ => return Err(wrong()),
    };
    let number = &text[..text.len() - 1];
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse::<i64>().ok().filter(|number| digits && *number > 0);
    let millis = number.and_then(|number| number.checked_mul(unit));
    millis.filter(|millis| *millis <= 36_500 * 86_400_000).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::millis_of;

    #[test]
    fn a_length_of_time_is_a_number_and_a_unit() {
        assert_eq!(
            ["30m", " 12h ", "90d"].map(|text| millis_of(text).unwrap()),
            [1_800_000, 43_200_000, 7_776_000_000]
        );
        for text in ["", "d", "90", "0d", "-1d", "+1d", "1.5h", "90 d", "36501d", "9223372036854775807d", "1w", "1é"] {
            assert!(millis_of(text).is_err(), "{text}");
        }
    }
}
