//! What characters are to the reader of XML.

use super::escape::has_odd;
use crate::error::{ErrorKind, Fault, XmlFault};
use crate::lint::is_xml;

/// What a byte is in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Part,
    /// Ends it.
    End,
    /// Has no place in it.
    Bad,
}

/// What each byte is in a name.
pub(super) const NAMES: [Name; 256] = {
    let mut names = [Name::Part; 256];
    let mut byte = 0;
    while byte < 0x20 {
        names[byte] = Name::Bad;
        byte += 1;
    }
    let ends = *b" \t\r\n>/=";
    let bad = *b"<&\"'!?";
    let mut at = 0;
    while at < ends.len() {
        names[ends[at] as usize] = Name::End;
        at += 1;
    }
    let mut at = 0;
    while at < bad.len() {
        names[bad[at] as usize] = Name::Bad;
        at += 1;
    }
    names
};

/// What plain names are made of: letters and digits of ASCII, hyphens, low lines.
pub(super) const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte: u8 = 0;
    while byte < 0x80 {
        plain[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        byte += 1;
    }
    plain
};

/// Whether there may be a character that XML does not have, a `>`, a carriage return.
#[inline]
pub(super) fn survey(text: &[u8]) -> (bool, bool, bool) {
    if text.len() < 64 {
        let flags = text.iter().fold(0, |flags, &byte| flags | FLAGS[usize::from(byte)]);
        (flags & ODD != 0, flags & GREATER != 0, flags & RETURN != 0)
    } else {
        (has_odd(text), memchr::memchr(b'>', text).is_some(), memchr::memchr(b'\r', text).is_some())
    }
}

const ODD: u8 = 1;
const GREATER: u8 = 2;
const RETURN: u8 = 4;

const FLAGS: [u8; 256] = {
    let mut flags = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        flags[byte] = ODD;
        byte += 1;
    }
    flags[b'\t' as usize] = 0;
    flags[b'\n' as usize] = 0;
    flags[b'\r' as usize] = RETURN;
    flags[b'>' as usize] = GREATER;
    flags[0xEF] = ODD;
    flags
};

/// The character of a reference at the beginning of this text, and the length of the reference.
#[inline]
pub(super) fn reference(text: &str) -> Option<(char, usize)> {
    match text.as_bytes() {
        [b'&', b'#', b'1', b'3', b';', ..] => Some(('\r', 5)),
        [b'&', b'a', b'm', b'p', b';', ..] => Some(('&', 5)),
        [b'&', b'l', b't', b';', ..] => Some(('<', 4)),
        [b'&', b'g', b't', b';', ..] => Some(('>', 4)),
        [b'&', ..] => other_reference(text),
        _ => None,
    }
}

#[inline(never)]
fn other_reference(text: &str) -> Option<(char, usize)> {
    let window = &text.as_bytes()[..text.len().min(16)];
    let end = window.iter().position(|&byte| byte == b';')?;
    let name = &text[1..end];
    let character = match name {
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    u32::from_str_radix(hex, 16).ok()
                }
                None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse().ok(),
                _ => None,
            };
            char::from_u32(number?).filter(|&character| is_xml(character))?
        }
    };
    Some((character, end + 1))
}

/// Whether XML can carry these characters.
pub(super) fn check_characters(text: &str, offset: usize) -> Result<(), Fault> {
    match text.find(|character| !is_xml(character)) {
        Some(at) => Err(Fault::new(ErrorKind::Xml(XmlFault::Character), offset + at)),
        None => Ok(()),
    }
}

/// Text of which `text="escaped"` says that it has escapes; `None` where one of them is none.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('\\') {
            out.push('\\');
            rest = after;
        } else {
            let (hex, after) = rest.strip_prefix("u{")?.split_once('}')?;
            out.push(char::from_u32(u32::from_str_radix(hex, 16).ok()?)?);
            rest = after;
        }
    }
    out.push_str(rest);
    Some(out)
}
