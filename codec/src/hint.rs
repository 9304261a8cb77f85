//! What a person wants to know beside an error: the bytes around it, and what it may mean.

use crate::error::{ErrorKind, Forbidden, Window};
use std::fmt::Write;

const BEFORE: usize = 16;
const AFTER: usize = 16;

/// The bytes around `offset`.
pub(crate) fn window(input: &[u8], offset: usize) -> Window {
    let offset = offset.min(input.len());
    let start = offset.saturating_sub(BEFORE);
    let end = input.len().min(offset + AFTER);
    Window { start, bytes: input[start..end].to_vec() }
}

pub(crate) fn hex_window(window: &Window, offset: usize) -> String {
    let mut line = format!("{:08x}:", window.start);
    for (at, byte) in (window.start..).zip(&window.bytes) {
        let mark = if at == offset {
            '['
        } else if offset.checked_add(1) == Some(at) {
            ']'
        } else {
            ' '
        };
        let _ = write!(line, "{mark}{byte:02x}");
    }
    let end = window.start + window.bytes.len();
    if offset >= end {
        line.push_str("[]");
    } else if offset + 1 == end {
        line.push(']');
    }
    line
}

/// What the error may mean.
pub(crate) fn hint(kind: ErrorKind, input: &[u8]) -> Option<&'static str> {
    match kind {
        ErrorKind::UnknownPage(254) => {
            Some("code page 254 is an extension of Outlook.com (WindowsLive)")
        }
        ErrorKind::UnknownPage(26..) => {
            Some("a page of a newer protocol version, or the reader lost its place before this")
        }
        ErrorKind::UnknownTag { .. } => {
            Some("a tag of a newer protocol version or of a vendor; forensic mode keeps it")
        }
        ErrorKind::Forbidden(
            Forbidden::StringTable | Forbidden::PublicId | Forbidden::TableString,
        ) => Some(
            "libwbxml writes a string table and a literal public id unless told otherwise (xml2wbxml -n -a)",
        ),
        ErrorKind::SecondRoot => Some("two bodies may have been joined in the capture"),
        _ => foreign(input),
    }
}

/// Names the common things that are taken for WBXML by mistake.
fn foreign(input: &[u8]) -> Option<&'static str> {
    let text = input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input).trim_ascii_start();
    let begins = |prefix: &str| {
        text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    Some(if input.starts_with(&[0x1F, 0x8B]) {
        "this is gzip: decompress it first"
    } else if begins("<!doctype html") || begins("<html") || begins("<head") {
        "this is HTML: a login or error page, perhaps"
    } else if begins("<?xml") || begins("<") {
        "this is XML: encode it first"
    } else if begins("HTTP/1") || begins("POST /") || begins("OPTIONS /") {
        "this is an HTTP message: only its body is WBXML"
    } else if begins("0301") || begins("03 01") || begins("0x03") {
        "this is hexadecimal text of a WBXML document"
    } else if begins("AwFq") {
        "this is base64 of a WBXML document"
    } else if begins("MIME-Version:") || begins("Received:") || begins("From:") {
        "this is a mail message"
    } else if begins("{") {
        "this is JSON"
    } else if input.len() >= 8
        && input.iter().take(256).all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n'))
    {
        "this is plain text: an error message, perhaps"
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_marks_the_byte_even_at_the_end() {
        let input: Vec<u8> = (0..40).collect();
        let middle = hex_window(&window(&input, 20), 20);
        assert!(middle.starts_with("00000004: 04 05"), "{middle}");
        assert!(middle.contains(" 13[14]15 "), "{middle}");
        assert!(hex_window(&window(&input, 39), 39).ends_with("[27]"));
        assert!(hex_window(&window(&input, 40), 40).ends_with(" 27[]"));
    }

    #[test]
    fn names_what_is_not_wbxml() {
        for (input, word) in [
            (&b"\x1f\x8b\x08"[..], "gzip"),
            (b"<!DOCTYPE html><title>", "HTML"),
            (b"\xEF\xBB\xBF<?xml ", "XML"),
            (b"03016a00", "hexadecimal"),
            (b"AwFqAEU=", "base64"),
            (b"HTTP/1.1 200 OK", "HTTP"),
            (b"Unable to create folder.", "plain text"),
        ] {
            let hint = hint(ErrorKind::Version(input[0]), input).unwrap();
            assert!(hint.contains(word), "{hint}");
        }
        assert_eq!(hint(ErrorKind::Version(0x99), b"\x99\x98"), None);
    }
}
