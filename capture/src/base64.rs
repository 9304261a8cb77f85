//! Base64 as people paste it: with line breaks, without padding, in the URL alphabet, quoted.

use ::base64::Engine as _;
use ::base64::alphabet;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Takes either alphabet's text once `-` and `_` are translated; padding or not; and the unused
/// bits of a last group, which some writers leave dirty.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes of base64 text, or why it is none, in words.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let mut digits = Vec::with_capacity(text.len());
    for (offset, byte) in unwrapped(text).bytes().enumerate() {
        match byte {
            b'-' => digits.push(b'+'),
            b'_' => digits.push(b'/'),
            b'+' | b'/' | b'=' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => digits.push(byte),
            byte if byte.is_ascii_whitespace() => {}
            _ => return Err(format!("character {offset} is not of the base64 alphabet")),
        }
    }
    let data = digits.iter().rposition(|&digit| digit != b'=').map_or(0, |last| last + 1);
    if data == 0 {
        return Err("no base64 digits".to_owned());
    }
    if data % 4 == 1 {
        return Err(format!("{data} base64 digits: the last one stands alone, so text is missing"));
    }
    LENIENT.decode(&digits).map_err(|error| error.to_string().to_lowercase())
}

/// Whether text could be base64: only digits and white space, and enough of them to mean it.
pub(crate) fn looks_like(text: &str) -> bool {
    let text = unwrapped(text);
    text.bytes().filter(|byte| !byte.is_ascii_whitespace()).take(8).count() == 8
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || byte.is_ascii_whitespace()
                || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
        })
}

/// The bytes of base64 text of any length that begin as a document of ActiveSync, and have at least
/// one byte behind the header. They need no other sign that base64 is meant.
pub(crate) fn document(text: &str) -> Option<Vec<u8>> {
    decode(text).ok().filter(|bytes| bytes.len() >= 5 && crate::log::is_document(bytes))
}

/// Without surrounding space, quotes and the head of a `data:` URL.
fn unwrapped(text: &str) -> &str {
    let text = text.trim().trim_matches(['"', '\'', ',', ';']).trim();
    match text.split_once(";base64,") {
        Some((head, digits)) if head.starts_with("data:") => digits,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_spelling_is_read() {
        let bytes = [0x03, 0x01, 0x6A, 0x00, 0xFB, 0xFF, 0xBF, 0x01];
        for text in [
            "AwFqAPv/vwE=",
            "AwFqAPv/vwE",
            "AwFqAPv_vwE",
            "AwFq\r\nAPv/\r\nvwE=\r\n",
            "\"AwFqAPv/vwE=\",",
            "data:application/octet-stream;base64,AwFqAPv/vwE=",
        ] {
            assert!(looks_like(text) || text.starts_with("data:"), "{text}");
            assert_eq!(decode(text).as_deref(), Ok(&bytes[..]), "{text}");
        }
    }

    #[test]
    fn what_is_not_base64_says_why() {
        assert_eq!(decode("AwFq!").unwrap_err(), "character 4 is not of the base64 alphabet");
        assert_eq!(decode("==").unwrap_err(), "no base64 digits");
        assert!(decode("AwFqA").unwrap_err().contains("text is missing"));
        assert!(decode("A=FqAAAA").is_err());
    }
}
