//! Which text do these bytes hold? UTF-8, UTF-16 by its mark or its zero bytes, else Windows-1252; or none at all.

use std::fmt;

/// Bytes that are no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    detail: &'static str,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the bytes are no text\n  detail: {}\n  hint: send plain text, Markdown or HTML in UTF-8, not a PDF or a Word file",
            self.detail
        )
    }
}

impl std::error::Error for DecodeError {}

/// The text of some bytes.
///
/// ```
/// use rolestream::jd::decode;
/// assert_eq!(decode(b"caf\xe9").unwrap(), "caf\u{e9}");
/// assert!(decode(&[0x25, 0x50, 0x44, 0x46, 0, 1, 2, 3]).is_err());
/// ```
pub fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => return single_byte(rest),
        [0xFF, 0xFE, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let half = head.len() / 2;
    if half >= 4 && zeros(1) * 10 >= half * 4 && zeros(0) * 10 < half {
        return utf16(bytes, u16::from_le_bytes);
    }
    if half >= 4 && zeros(0) * 10 >= half * 4 && zeros(1) * 10 < half {
        return utf16(bytes, u16::from_be_bytes);
    }
    single_byte(bytes)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    checked(text)
}

fn single_byte(bytes: &[u8]) -> Result<String, DecodeError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => checked(text.to_owned()),
        Err(_) => checked(bytes.iter().map(|b| windows_1252(*b)).collect()),
    }
}

/// A text is mostly made of what can be printed.
fn checked(text: String) -> Result<String, DecodeError> {
    let mut characters = 0usize;
    let mut odd = 0usize;
    for c in text.chars() {
        characters += 1;
        let spacing = matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}');
        odd += usize::from((c.is_control() && !spacing) || c == char::REPLACEMENT_CHARACTER);
    }
    if odd * 20 > characters {
        return Err(DecodeError { detail: "more than one character in twenty is a control character or undecodable" });
    }
    Ok(text)
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn common_encodings_are_told_apart() {
        assert_eq!(decode("Zürich – Entwickler".as_bytes()).unwrap(), "Zürich – Entwickler");
        assert_eq!(decode(b"\xef\xbb\xbfnurse").unwrap(), "nurse");
        assert_eq!(decode(b"Z\xfcrich \x96 5\x80").unwrap(), "Zürich – 5€");
        let little: Vec<u8> = "Nurse wanted".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "Nurse wanted".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little).unwrap(), "Nurse wanted");
        assert_eq!(decode(&big).unwrap(), "Nurse wanted");
        assert_eq!(decode(&[&[0xff, 0xfe][..], &little].concat()).unwrap(), "Nurse wanted");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_in_three_parts() {
        let error = decode(&[0x89, b'P', b'N', b'G', 0, 0, 0, 13, 1, 2, 3]).unwrap_err().to_string();
        assert!(error.contains("detail:") && error.contains("hint:"), "{error}");
        assert_eq!(decode(b"").unwrap(), "");
    }
}
