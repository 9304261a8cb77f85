//! Text to what stands for it in XML.

use crate::lint::is_xml;
use crate::table::Piece;
use std::fmt::Write;
use std::ops::Range;

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
    /// Appends ready-made markup.
    fn push_piece(&mut self, piece: &Piece);
    /// Appends 32 bytes, of which the first `len` are text, and takes the others back.
    fn push_short(&mut self, bytes: &[u8; 32], len: usize);
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

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn push_piece(&mut self, piece: &Piece) {
        self.push_str(piece.text);
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn push_short(&mut self, bytes: &[u8; 32], len: usize) {
        self.push_text(&bytes[..len]);
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

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn push_piece(&mut self, piece: &Piece) {
        let len = piece.text.len();
        if len <= piece.padded.len() {
            let end = self.0.len() + len;
            self.0.extend_from_slice(&piece.padded);
            self.0.truncate(end);
        } else {
            self.push(piece.text);
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn push_short(&mut self, bytes: &[u8; 32], len: usize) {
        let end = self.0.len() + len;
        self.0.extend_from_slice(bytes);
        self.0.truncate(end);
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
#[allow(clippy::needless_bitwise_bool, reason = "lazy operators keep it from being a vector")]
fn is_special(byte: u8) -> bool {
    ((byte < 0x20) & (byte != b'\t') & (byte != b'\n'))
        | (byte == b'&')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == 0xEF)
}

/// The same, for looking at one byte after the other.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "below 256")]
        {
            special[byte] = !matches!(class(byte as u8), Class::Plain);
        }
        byte += 1;
    }
    special
};

#[inline]
fn position_special(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| SPECIAL[usize::from(byte)])
}

/// Whether any of 16 bytes is special; one vector comparison each.
#[inline]
fn any_special(block: &[u8; 16]) -> bool {
    block.iter().fold(false, |special, &byte| special | is_special(byte))
}

/// Where the first byte is that is not plain.
#[inline]
fn find_special(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        if any_special(block) {
            let (halves, _) = block.as_chunks::<8>();
            for half in halves {
                let mut bits = special_bits(u64::from_le_bytes(*half));
                while bits != 0 {
                    let found = at + (bits.trailing_zeros() / 8) as usize;
                    if SPECIAL[usize::from(bytes[found])] {
                        return Some(found);
                    }
                    bits &= bits - 1;
                }
                at += 8;
            }
            continue;
        }
        at += 16;
    }
    // The last bytes once more together with some that are plain, if there are enough.
    match bytes.last_chunk::<16>() {
        Some(block) if !any_special(block) => None,
        _ => position_special(&bytes[at..]).map(|found| at + found),
    }
}

/// The top bit of each byte that may be special, where the least significant byte of the word
/// comes first: the first one marked is special, or a tab or line feed.
#[inline]
fn special_bits(word: u64) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let is = |byte: u8| {
        let zero = word ^ (LOW * u64::from(byte));
        zero.wrapping_sub(LOW) & !zero
    };
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    (control | is(b'&') | is(b'<') | is(b'>') | is(0xEF)) & HIGH
}

/// Whether some of the first `len` of 32 bytes may be special: always where one is.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
fn may_be_special(bytes: &[u8; 32], len: usize) -> bool {
    let mut found = 0;
    for (index, chunk) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let used = len.saturating_sub(index * 8);
        if used == 0 {
            break;
        }
        let unused = 64 - 8 * used.min(8);
        found |= special_bits(u64::from_le_bytes(*chunk)) << unused;
    }
    found != 0
}

/// As [`escape`], of the text that lies there in the store.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
pub(super) fn escape_in(store: &[u8], range: Range<usize>, out: &mut impl Sink) -> bool {
    if range.len() <= 32
        && let Some(bytes) = store.get(range.start..).and_then(<[u8]>::first_chunk::<32>)
        && !may_be_special(bytes, range.len())
    {
        out.push_short(bytes, range.len());
        return true;
    }
    escape(&store[range], out)
}

/// Appends text, which is UTF-8, with references; false where it has a character that XML cannot
/// carry.
#[inline]
pub(super) fn escape(text: &[u8], out: &mut impl Sink) -> bool {
    if text.len() >= LONG && !has_odd(text) {
        escape_long(text, out);
        return true;
    }
    match find_special(text) {
        None => {
            out.push_text(text);
            true
        }
        Some(first) => escape_from(text, first, out),
    }
}

/// Texts from this length on are looked at twice: first for odd characters, then for references.
const LONG: usize = 128;

/// Whether there may be a character that XML does not have.
#[allow(clippy::needless_bitwise_bool, reason = "lazy operators keep it from being a vector")]
pub(super) fn has_odd(text: &[u8]) -> bool {
    let odd = |found: bool, &byte: &u8| {
        let control = (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r');
        found | control | (byte == 0xEF)
    };
    let (blocks, rest) = text.as_chunks::<64>();
    blocks.iter().any(|block| block.iter().fold(false, odd)) || rest.iter().fold(false, odd)
}

/// Appends text in which nothing is odd.
fn escape_long(text: &[u8], out: &mut impl Sink) {
    let mut returns = memchr::memchr_iter(b'\r', text);
    let mut markup = memchr::memchr3_iter(b'&', b'<', b'>', text);
    let (mut next_return, mut next_markup) = (returns.next(), markup.next());
    let mut start = 0;
    loop {
        let at = match (next_return, next_markup) {
            (None, None) => break,
            (Some(at), other) if other.is_none_or(|other| at < other) => {
                next_return = returns.next();
                at
            }
            (_, other) => {
                next_markup = markup.next();
                other.unwrap_or(start)
            }
        };
        out.push_text(&text[start..at]);
        out.push_piece(reference(text[at]));
        start = at + 1;
    }
    out.push_text(&text[start..]);
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
                out.push_piece(reference(text[pos]));
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
            '\r' | '&' | '<' | '>' => out.push_piece(reference(character as u8)),
            _ if is_xml(character) => out.push(character.encode_utf8(&mut [0; 4])),
            _ => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
}

fn reference(byte: u8) -> &'static Piece {
    static REFERENCES: [Piece; 4] =
        [Piece::new("&amp;"), Piece::new("&lt;"), Piece::new("&gt;"), Piece::new("&#13;")];
    match byte {
        b'&' => &REFERENCES[0],
        b'<' => &REFERENCES[1],
        b'>' => &REFERENCES[2],
        _ => &REFERENCES[3],
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
        for byte in 0..=0xFF_u8 {
            for place in 0..32 {
                let mut text = [b'a'; 32];
                text[place] = byte;
                for len in 0..=32 {
                    let special = is_special(byte) && place < len;
                    assert!(may_be_special(&text, len) || !special, "{byte} {place} {len}");
                }
            }
        }
        assert!(!may_be_special(b"plain text \x7f#%] <&>            \n", 15));
        assert!(is_special(0xEF) && !is_special(0xEE) && !is_special(0xFF));
    }
}
