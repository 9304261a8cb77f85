//! Why there is nothing to decode, in words.

use crate::{base64, foreign, hex, text};

/// Where the search ends without a document.
pub(crate) struct Stuck {
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

impl Stuck {
    pub(crate) fn new(what: impl Into<String>, bytes: &[u8]) -> Self {
        Self { what: what.into(), hint: None, bytes: bytes.to_vec() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Bytes that are nothing known.
pub(crate) fn no_version(bytes: &[u8]) -> Stuck {
    Stuck::new(format!("not WBXML: {}", why_no_version(bytes)), bytes).hint(
        "a WBXML document begins with its version, 00 to 03; `--mode forensic` shows what can be read all the same",
    )
}

fn why_no_version(bytes: &[u8]) -> String {
    format!(
        "{:#04x} at offset 0x0 is no version of WBXML (the first bytes are {})",
        bytes.first().unwrap_or(&0),
        first_bytes(bytes)
    )
}

/// Text of base64 digits that is no base64, but hex where it has the digits of that.
pub(crate) fn no_base64(text: &str, why: &str) -> Stuck {
    if hex::begins_as_dump(text) {
        return other_dump(text);
    }
    match hex::why_not(text) {
        Some(why) => no_hex(text, &why),
        None => {
            Stuck::new(format!("text that looks like base64 but is not: {why}"), text.as_bytes())
        }
    }
}

fn no_hex(text: &str, why: &str) -> Stuck {
    Stuck::new(format!("text that looks like hex but is not: {why}"), text.as_bytes())
}

/// A dump in decimal, binary or characters, or one with lines missing.
fn other_dump(text: &str) -> Stuck {
    let what =
        "a dump that cannot be read: its numbers are no hex bytes, or do not fit its offsets";
    Stuck::new(what, text.as_bytes())
        .hint("`od -An -v -tx1`, `hexdump -C` and `xxd` write dumps that can be read")
}

/// Text that holds nothing to decode, described as well as it goes.
pub(crate) fn undecoded(text: &str) -> Stuck {
    let bytes = text.as_bytes();
    if !is_printable(text) {
        return no_version(bytes); // UTF-8 by chance
    }
    if hex::begins_as_dump(text) {
        return other_dump(text);
    }
    if let Some(why) = hex::why_not(text) {
        return no_hex(text, &why);
    }
    // Words of a sentence have base64 digits only, too.
    let one_word = !text.trim().contains([' ', '\t']);
    let what = match base64::decode(text) {
        Ok(inside) if one_word && base64::looks_like(text) => format!(
            "text that could be base64 of {}, but they are {}",
            text::count(inside.len(), "byte"),
            described(&inside)
        ),
        _ => "text that is neither hex nor base64 nor a log with bodies in it".to_owned(),
    };
    Stuck::new(what, bytes)
        .hint(format!("it begins with \"{}\"", text::shortened(text.trim_start(), 40)))
}

/// What bytes that are no WBXML are.
fn described(bytes: &[u8]) -> String {
    match (foreign::name(bytes), str::from_utf8(bytes)) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(text)) if is_printable(text) => "text, not WBXML".to_owned(),
        _ => format!("not WBXML: {}", why_no_version(bytes)),
    }
}

/// Whether text has no control characters but those of lines and of terminals.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| {
        (byte >= b' ' && byte != 0x7F) || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B)
    })
}

fn first_bytes(bytes: &[u8]) -> String {
    let shown: Vec<_> = bytes.iter().take(8).map(|byte| format!("{byte:02X}")).collect();
    shown.join(" ")
}
