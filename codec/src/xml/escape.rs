//! Text to what stands for it in XML.

use crate::lint::is_xml;
use std::fmt::Write;

/// What a byte of text becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    /// A reference.
    Escape,
    /// Not a character of XML.
    Forbidden,
    /// The first byte of U+FFFE and U+FFFF, among others.
    Suspect,
}

const fn class(byte: u8) -> Class {
    match byte {
        b'\r' | b'&' | b'<' | b'>' => Class::Escape,
        b'\t' | b'\n' => Class::Plain,
        0..0x20 => Class::Forbidden,
        0xEF => Class::Suspect,
        _ => Class::Plain,
    }
}

/// Where text goes: XML is written as bytes where all of it is ASCII, since turning them into a
/// string costs nothing then, and as a string otherwise.
pub(super) trait Sink: Write {
    /// Appends markup.
    fn push(&mut self, text: &str);
    /// Appends bytes that are known to be UTF-8.
    fn push_text(&mut self, bytes: &[u8]);
    fn len(&self) -> usize;
    fn truncate(&mut self, len: usize);
}

impl Sink for String {
    #[inline]
    fn push(&mut self, text: &str) {
        self.push_str(text);
    }

    #[inline]
    fn push_text(&mut self, bytes: &[u8]) {
        self.push_str(crate::scan::text(bytes).unwrap_or_default());
    }

    #[inline]
    fn len(&self) -> usize {
        String::len(self)
    }

    fn truncate(&mut self, len: usize) {
        String::truncate(self, len);
    }
}

/// Bytes that will be a string.
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Sink for Bytes {
    #[inline]
    fn push(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    #[inline]
    fn push_text(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
}

impl Write for Bytes {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// Whether a byte is anything but plain; in a form that compilers turn into vectors.
#[inline]
fn is_special(byte: u8) -> bool {
    ((byte < 0x20) & (byte != b'\t') & (byte != b'\n'))
        | (byte == b'&')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == 0xEF)
}

/// Where the first byte is that is not plain.
#[inline]
fn find_special(bytes: &[u8]) -> Option<usize> {
    let (blocks, tail) = bytes.as_chunks::<16>();
    for (index, block) in blocks.iter().enumerate() {
        if block.iter().fold(false, |special, &byte| special | is_special(byte)) {
            return block.iter().position(|&byte| is_special(byte)).map(|at| index * 16 + at);
        }
    }
    let at = tail.iter().position(|&byte| is_special(byte))?;
    Some(bytes.len() - tail.len() + at)
}

/// Appends text, which is UTF-8, with references; false where it has a character that XML cannot
/// carry.
#[inline]
pub(super) fn escape(text: &[u8], out: &mut impl Sink) -> bool {
    match find_special(text) {
        None => {
            out.push_text(text);
            true
        }
        Some(first) => escape_from(text, first, out),
    }
}

fn escape_from(text: &[u8], first: usize, out: &mut impl Sink) -> bool {
    let mut start = 0;
    let mut found = Some(first);
    let mut pos = 0;
    while let Some(at) = found {
        pos += at;
        match class(text[pos]) {
            Class::Forbidden => return false,
            Class::Suspect => {
                // U+FFFE and U+FFFF.
                if matches!(text[pos..], [_, 0xBF, 0xBE | 0xBF, ..]) {
                    return false;
                }
                pos += 3;
            }
            Class::Escape => {
                out.push_text(&text[start..pos]);
                out.push(reference(text[pos]));
                pos += 1;
                start = pos;
            }
            Class::Plain => pos += 1,
        }
        found = find_special(&text[pos.min(text.len())..]);
    }
    out.push_text(&text[start..]);
    true
}

/// Appends text of which XML cannot carry some characters: those as `\u{1}`, backslash doubled.
pub(super) fn escape_all(text: &str, out: &mut impl Sink) {
    for character in text.chars() {
        match character {
            '\\' => out.push("\\\\"),
            '\r' | '&' | '<' | '>' => out.push(reference(character as u8)),
            _ if is_xml(character) => out.push(character.encode_utf8(&mut [0; 4])),
            _ => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
}

fn reference(byte: u8) -> &'static str {
    match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        _ => "&#13;",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=0x7F_u8 {
            assert_eq!(is_special(byte), class(byte) != Class::Plain, "{byte}");
            for place in 0..40 {
                let mut text = vec![b'a'; 40];
                text[place] = byte;
                let expected = (class(byte) != Class::Plain).then_some(place);
                assert_eq!(find_special(&text), expected);
            }
        }
        assert!(is_special(0xEF) && !is_special(0xEE) && !is_special(0xFF));
    }
}
