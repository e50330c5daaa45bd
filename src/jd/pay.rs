//! What does the job pay? An amount or a range with a currency, from a labelled line or where a text names one.

use super::model::Pay;
use super::sections::Document;

/// Currency signs and codes, longer ones first.
const CURRENCIES: [(&str, &str); 30] = [
    ("CA$", "CAD"),
    ("C$", "CAD"),
    ("CAD", "CAD"),
    ("AU$", "AUD"),
    ("A$", "AUD"),
    ("AUD", "AUD"),
    ("US$", "USD"),
    ("USD", "USD"),
    ("NZ$", "NZD"),
    ("S$", "SGD"),
    ("SGD", "SGD"),
    ("HK$", "HKD"),
    ("R$", "BRL"),
    ("$", "USD"),
    ("£", "GBP"),
    ("GBP", "GBP"),
    ("€", "EUR"),
    ("EUR", "EUR"),
    ("₹", "INR"),
    ("INR", "INR"),
    ("Rs.", "INR"),
    ("Rs", "INR"),
    ("CHF", "CHF"),
    ("SEK", "SEK"),
    ("NOK", "NOK"),
    ("DKK", "DKK"),
    ("PLN", "PLN"),
    ("AED", "AED"),
    ("EGP", "EGP"),
    ("AMD", "AMD"),
];

/// The pay of a JD.
pub(crate) fn find(document: &Document) -> Option<Pay> {
    if let Some(raw) = &document.header.pay {
        let mut pay = parse(raw, true).unwrap_or_default();
        pay.raw = raw.clone();
        return Some(pay);
    }
    let lines = document.sections.iter().flat_map(|s| &s.lines).map(|l| l.text.as_str());
    document.masthead.iter().map(String::as_str).chain(lines).find_map(|text| parse(text, false))
}

/// The first amount of a text; without a label it must have a currency and either a range, a period or a word of pay.
fn parse(text: &str, labelled: bool) -> Option<Pay> {
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let lakhs = ["LPA", "lpa", "lakh", "Lakh", "lacs", "Lacs", "LAKH"].iter().any(|w| text.contains(w));
    if !labelled && !lakhs && !CURRENCIES.iter().any(|(sign, _)| text.contains(sign)) {
        return None;
    }
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let fresh = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'.');
        if bytes[at].is_ascii_digit()
            && (fresh || currency_before(text, at).is_some())
            && let Some(pay) = amount(text, at, labelled)
        {
            return Some(pay);
        }
        at += 1;
    }
    None
}

fn amount(text: &str, at: usize, labelled: bool) -> Option<Pay> {
    let (first, mut end) = number(text, at)?;
    let before = currency_before(text, at);
    let start = before.map_or(at, |(_, start)| start);
    let mut max = None;
    let gap = text[end..].trim_start_matches([' ', '+']);
    let range = ["-", "–", "—", "to ", "and "].iter().find_map(|sep| gap.strip_prefix(sep));
    if let Some(rest) = range {
        let rest = rest.trim_start();
        let rest = CURRENCIES.iter().find_map(|(sign, _)| rest.strip_prefix(sign)).unwrap_or(rest).trim_start();
        let second_at = rest.as_ptr() as usize - text.as_ptr() as usize;
        if let Some((second, second_end)) = number(text, second_at) {
            max = Some(second);
            end = second_end;
        }
    }
    let tail = &text[end..];
    let trimmed = tail.trim_start_matches([' ', '+', '/']);
    let after = CURRENCIES.iter().find(|(sign, _)| trimmed.starts_with(sign)).map(|(_, code)| *code);
    let lakhs = ["LPA", "lpa", "L ", "lakh", "Lakh", "lacs", "Lacs", "LAKH"].iter().any(|w| trimmed.starts_with(w));
    let currency = before.map(|(code, _)| code).or(after).or(lakhs.then_some("INR"));
    let period = period(trimmed);
    let pay_word = ["alary", "ompensation", "CTC", "ackage", "per annum", "ay range", "ay rate", "arning", "OTE"]
        .iter()
        .any(|w| text.contains(w));
    if !labelled && (currency.is_none() || (max.is_none() && period.is_none() && !pay_word && !lakhs)) {
        return None;
    }
    let mut scale = if lakhs { 100_000.0 } else { 1.0 };
    let (mut low, mut high) = (first.value, max.as_ref().map(|m| m.value));
    // "$110-140k": the thousands of the second number hold for both.
    if let (Some(m), false) = (&max, first.scaled)
        && m.scaled
        && first.value < 1000.0
    {
        low *= 1000.0;
    }
    if low >= 100_000.0 {
        scale = 1.0;
    }
    low *= scale;
    high = high.map(|h| h * scale);
    // Millions are revenue, a single small sum is a voucher.
    if low > 100_000_000.0
        || (!labelled && low < 5.0)
        || trimmed.starts_with("million")
        || trimmed.starts_with("billion")
        || trimmed.starts_with(['M', 'B'])
    {
        return None;
    }
    if high.is_some_and(|h| h < low) {
        high = None;
    }
    let upto = ["p to ", "aximum "].iter().any(|w| text[..start].ends_with(w));
    let (min, max) = if upto && high.is_none() { (None, Some(low)) } else { (Some(low), high.or(Some(low))) };
    let period_text = period.map(|(_, length)| length).unwrap_or(0);
    let raw_end = if period.is_some() { end + (tail.len() - trimmed.len()) + period_text } else { end };
    let raw = text.get(start..raw_end.min(text.len())).unwrap_or_default().trim().to_owned();
    Some(Pay {
        currency: currency.map(str::to_owned),
        max,
        min,
        period: period.map(|(name, _)| name.to_owned()).or_else(|| lakhs.then(|| "year".to_owned())),
        raw,
    })
}

/// "per annum", "a year", "an hour", "/month", "p.a.": the period, and how long its text is.
fn period(tail: &str) -> Option<(&'static str, usize)> {
    const PERIODS: [(&str, &str); 26] = [
        ("per annum", "year"),
        ("per year", "year"),
        ("a year", "year"),
        ("p.a.", "year"),
        ("pa ", "year"),
        ("p.a", "year"),
        ("annually", "year"),
        ("yearly", "year"),
        ("year", "year"),
        ("yr", "year"),
        ("LPA", "year"),
        ("per month", "month"),
        ("a month", "month"),
        ("monthly", "month"),
        ("month", "month"),
        ("per hour", "hour"),
        ("an hour", "hour"),
        ("hourly", "hour"),
        ("hour", "hour"),
        ("hr", "hour"),
        ("per day", "day"),
        ("a day", "day"),
        ("day", "day"),
        ("per week", "week"),
        ("a week", "week"),
        ("per diem", "day"),
    ];
    let found = PERIODS.iter().find(|(text, _)| {
        tail.len() >= text.len() && tail.as_bytes()[..text.len()].eq_ignore_ascii_case(text.as_bytes())
    })?;
    Some((found.1, found.0.trim_end().len()))
}

/// The currency right before a number, and where its sign begins.
fn currency_before(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let before = text[..at].trim_end_matches(' ');
    CURRENCIES.iter().find(|(sign, _)| before.ends_with(sign)).map(|(sign, code)| (*code, before.len() - sign.len()))
}

struct Number {
    value: f64,
    /// Whether a "k" stood behind it.
    scaled: bool,
}

fn number(text: &str, at: usize) -> Option<(Number, usize)> {
    let rest = text.get(at..)?;
    let length = rest.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b',' | b'.')).count();
    let digits = rest[..length].trim_end_matches(['.', ',']);
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    let plain = digits.replace(',', "");
    // "4.300" with three digits behind the point is four thousand.
    let plain = match plain.rsplit_once('.') {
        Some((whole, part)) if part.len() == 3 && whole.len() <= 3 => format!("{whole}{part}"),
        _ => plain,
    };
    let value: f64 = plain.parse().ok()?;
    let mut end = at + digits.len();
    let tail = &text[end..];
    let scaled = tail.starts_with(['k', 'K']) && !tail[1..].starts_with(|c: char| c.is_alphanumeric());
    if scaled {
        end += 1;
    }
    Some((Number { value: if scaled { value * 1000.0 } else { value }, scaled }, end))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn amounts_are_read_with_currency_and_period() {
        for (text, labelled, min, max, currency, period) in [
            ("€52,000–€66,000, 32-hour weeks", false, 52_000.0, 66_000.0, "EUR", None),
            ("£60,000 - £72,000 per annum", false, 60_000.0, 72_000.0, "GBP", Some("year")),
            ("16-22 LPA", true, 1_600_000.0, 2_200_000.0, "INR", Some("year")),
            ("AU$130k–$150k + super", false, 130_000.0, 150_000.0, "AUD", None),
            ("$110-140k", false, 110_000.0, 140_000.0, "USD", None),
            ("$25.50 an hour", false, 25.5, 25.5, "USD", Some("hour")),
            ("₹ 12 lakh", false, 1_200_000.0, 1_200_000.0, "INR", Some("year")),
            ("$250,000 a year", false, 250_000.0, 250_000.0, "USD", Some("year")),
        ] {
            let pay = parse(text, labelled).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((pay.min, pay.max), (Some(min), Some(max)), "{text}");
            assert_eq!((pay.currency.as_deref(), pay.period.as_deref()), (Some(currency), period), "{text}");
        }
        assert_eq!(parse("Salary up to $90k", false).unwrap().max, Some(90_000.0));
    }

    #[test]
    fn other_amounts_are_no_pay() {
        for text in [
            "a $2 billion company",
            "raised $25M to 30",
            "serving 5 - 10 clients",
            "over $500 in prizes",
            "1,000 users",
            "£",
        ] {
            assert_eq!(parse(text, false), None, "{text}");
        }
    }
}
