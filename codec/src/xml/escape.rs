//! Text to what stands for it in XML.

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
pub(super) trait Sink: Write + Sized {
    /// Whether text is checked when it is appended.
    const CHECKS: bool;
    /// Appends markup.
    fn push(&mut self, text: &str);
    /// Appends bytes that are known to be UTF-8.
    fn push_text(&mut self, bytes: &[u8]);
    /// Appends ready-made markup.
    fn push_piece(&mut self, piece: &Piece);
    /// Appends 32 bytes, of which the first `len` are text, and takes the others back.
    fn push_short(&mut self, bytes: &[u8; 32], len: usize);
    /// Appends an element that holds a short text in which nothing is special.
    fn push_leaf(&mut self, start: &Piece, text: &[u8; 32], len: usize, end: &Piece) {
        self.push_piece(start);
        self.push_short(text, len);
        self.push_piece(end);
    }
    /// Appends a short text with references; false where it has a character that XML cannot carry.
    fn push_escaped(&mut self, text: &[u8]) -> bool {
        match find_special(text) {
            None => {
                self.push_text(text);
                true
            }
            Some(first) => escape_from(text, first, self),
        }
    }
    fn len(&self) -> usize;
    fn truncate(&mut self, len: usize);
}

impl Sink for String {
    const CHECKS: bool = true;

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

/// Bytes that will be a string: those up to `end`. There are always some more behind it, so that
/// pieces can be copied in lengths that are known when this is compiled.
pub(super) struct Bytes {
    bytes: Vec<u8>,
    end: usize,
}

/// How many bytes the longest step writes: two pieces and a short text.
const ROOM: usize = 2 * 48 + 32;
/// How many bytes are made ready at a time.
const STEP: usize = 1 << 15;

impl Bytes {
    /// Goes on behind these bytes.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { end: bytes.len(), bytes }
    }

    /// What was written, and what was there before.
    pub(super) fn into_inner(mut self) -> Vec<u8> {
        self.bytes.truncate(self.end);
        self.bytes
    }

    /// Makes room for so many bytes and some more.
    #[inline]
    fn room(&mut self, len: usize) {
        if self.bytes.len() - self.end < len + ROOM {
            self.grow(len);
        }
    }

    #[cold]
    fn grow(&mut self, len: usize) {
        let wanted = self.end + len + ROOM;
        // Within what is there already, as long as that is enough.
        self.bytes.reserve(wanted - self.bytes.len());
        let len = self.bytes.capacity().min(wanted + STEP);
        self.bytes.resize(len, 0);
    }

    #[inline]
    fn copy(&mut self, bytes: &[u8]) {
        self.room(bytes.len());
        self.bytes[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }
}

impl Sink for Bytes {
    const CHECKS: bool = false;

    #[inline]
    fn push(&mut self, text: &str) {
        self.copy(text.as_bytes());
    }

    #[inline]
    fn push_text(&mut self, bytes: &[u8]) {
        self.copy(bytes);
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn push_piece(&mut self, piece: &Piece) {
        let len = piece.text.len();
        if len > piece.padded.len() {
            self.push(piece.text);
            return;
        }
        self.room(0);
        if let Some(place) = self.bytes[self.end..].first_chunk_mut() {
            *place = piece.padded;
        }
        self.end += len;
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn push_short(&mut self, bytes: &[u8; 32], len: usize) {
        self.room(0);
        if let Some(place) = self.bytes[self.end..].first_chunk_mut() {
            *place = *bytes;
        }
        self.end += len;
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn push_leaf(&mut self, start: &Piece, text: &[u8; 32], len: usize, end: &Piece) {
        let (before, after) = (start.text.len(), end.text.len());
        if before > start.padded.len() || after > end.padded.len() {
            self.push(start.text);
            self.push_short(text, len);
            self.push(end.text);
            return;
        }
        self.room(0);
        let Some(place) = self.bytes[self.end..].first_chunk_mut::<ROOM>() else { return };
        place[..48].copy_from_slice(&start.padded);
        place[before..before + 32].copy_from_slice(text);
        place[before + len..before + len + 48].copy_from_slice(&end.padded);
        self.end += before + len + after;
    }

    /// Copies in steps of a known length, and takes back what was too much.
    fn push_escaped(&mut self, text: &[u8]) -> bool {
        let mut at = 0;
        while at < text.len() {
            self.room(0);
            let rest = &text[at..];
            let mut padded = [0; 16];
            let (block, len) = if let Some(block) = rest.first_chunk::<16>() {
                (block, 16)
            } else {
                // What is not there is not special.
                padded.fill(b' ');
                padded[..rest.len()].copy_from_slice(rest);
                (&padded, rest.len())
            };
            if let Some(place) = self.bytes[self.end..].first_chunk_mut() {
                *place = *block;
            }
            let special = if any_special(block) { first_special(block) } else { 16 };
            if special >= len {
                at += len;
                self.end += len;
                continue;
            }
            at += special;
            self.end += special;
            match class(text[at]) {
                Class::Forbidden => return false,
                Class::Suspect if matches!(text[at..], [_, 0xBF, 0xBE | 0xBF, ..]) => return false,
                Class::Escape => self.push_piece(reference(text[at])),
                // It stands there already.
                Class::Suspect | Class::Plain => self.end += 1,
            }
            at += 1;
        }
        true
    }

    #[inline]
    fn len(&self) -> usize {
        self.end
    }

    fn truncate(&mut self, len: usize) {
        self.end = self.end.min(len);
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
pub(super) fn find_special(bytes: &[u8]) -> Option<usize> {
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

/// Where the first byte is that is special, or may be; 16 where there is none.
#[inline]
fn first_special(block: &[u8; 16]) -> usize {
    let (halves, _) = block.as_chunks::<8>();
    let bits = [0, 1].map(|half| special_bits(u64::from_le_bytes(halves[half])));
    let place = |bits: u64| (bits.trailing_zeros() / 8) as usize;
    if bits[0] != 0 { place(bits[0]) } else { 8 + place(bits[1]) }
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

/// The text that lies there in the store with what is behind it, if it is short and nothing in it
/// is special.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
pub(super) fn short<'s>(store: &'s [u8], range: &Range<usize>) -> Option<&'s [u8; 32]> {
    if range.len() > 32 {
        return None;
    }
    let bytes = store.get(range.start..)?.first_chunk::<32>()?;
    (!may_be_special(bytes, range.len())).then_some(bytes)
}

/// Appends text, which is UTF-8, with references; false where it has a character that XML cannot
/// carry.
#[inline]
pub(super) fn escape(text: &[u8], out: &mut impl Sink) -> bool {
    if text.len() >= LONG {
        return escape_long(text, out);
    }
    out.push_escaped(text)
}

/// Goes over a long text block by block, so that what was looked at is still at hand when it is
/// copied.
fn escape_long(text: &[u8], out: &mut impl Sink) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let mut len = rest.len().min(BLOCK);
        // Whole characters.
        while rest.get(len).is_some_and(|byte| byte & 0xC0 == 0x80) {
            len -= 1;
        }
        let (block, after) = rest.split_at(len);
        if has_odd(block) {
            if !out.push_escaped(block) {
                return false;
            }
        } else {
            escape_block(block, out);
        }
        rest = after;
    }
    true
}

/// Texts from this length on are looked at twice: first for odd characters, then for references.
const LONG: usize = 128;
/// Bytes that fit a cache.
const BLOCK: usize = 1 << 13;

/// Whether there may be a character that XML does not have.
pub(super) fn has_odd(text: &[u8]) -> bool {
    // Bytes, not booleans: compilers turn these into vectors.
    let odd = |found: u8, &byte: &u8| {
        let control = u8::from(byte < 0x20);
        let space = u8::from(byte == b'\t') | u8::from(byte == b'\n') | u8::from(byte == b'\r');
        found | (control ^ space) | u8::from(byte == 0xEF)
    };
    let (blocks, rest) = text.as_chunks::<128>();
    blocks.iter().any(|block| block.iter().fold(0, odd) != 0) || rest.iter().fold(0, odd) != 0
}

/// Appends text in which nothing is odd.
fn escape_block<S: Sink>(text: &[u8], out: &mut S) {
    // Checked once, not run by run.
    let checked = if S::CHECKS { crate::scan::text(text).unwrap_or_default() } else { "" };
    let push = |out: &mut S, range: Range<usize>| {
        if S::CHECKS {
            out.push(checked.get(range).unwrap_or_default());
        } else {
            out.push_text(&text[range]);
        }
    };
    let place = |from: usize, found: Option<usize>| found.map_or(text.len(), |at| from + at);
    let mut next_return = place(0, memchr::memchr(b'\r', text));
    let mut next_markup = place(0, memchr::memchr3(b'&', b'<', b'>', text));
    let mut start = 0;
    loop {
        let at = next_return.min(next_markup);
        push(out, start..at);
        start = at;
        // One that follows at once is not searched for.
        while let Some(&byte) = text.get(start)
            && class(byte) == Class::Escape
        {
            out.push_piece(reference(byte));
            start += 1;
        }
        if start >= text.len() {
            return;
        }
        if next_return < start {
            next_return = place(start, memchr::memchr(b'\r', &text[start..]));
        }
        if next_markup < start {
            next_markup = place(start, memchr::memchr3(b'&', b'<', b'>', &text[start..]));
        }
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
    let bytes = text.as_bytes();
    let (mut start, mut pos) = (0, 0);
    while let Some(&byte) = bytes.get(pos) {
        let (piece, len) = match (byte, class(byte)) {
            (b'\\', _) => (&BACKSLASH, 1),
            (_, Class::Escape) => (reference(byte), 1),
            (_, Class::Forbidden) => (&CONTROLS[usize::from(byte)], 1),
            (_, Class::Suspect) => {
                let Some([_, 0xBF, last @ (0xBE | 0xBF)]) = bytes.get(pos..pos + 3) else {
                    pos += 3;
                    continue;
                };
                (&OTHERS[usize::from(*last == 0xBF)], 3)
            }
            (_, Class::Plain) => {
                pos += 1;
                continue;
            }
        };
        if start < pos {
            out.push(text.get(start..pos).unwrap_or_default());
        }
        out.push_piece(piece);
        pos += len;
        start = pos;
    }
    out.push(text.get(start..).unwrap_or_default());
}

static BACKSLASH: Piece = Piece::new("\\\\");
/// U+FFFE and U+FFFF.
static OTHERS: [Piece; 2] = [Piece::new("\\u{fffe}"), Piece::new("\\u{ffff}")];
/// The control characters; white space among them is not asked for.
static CONTROLS: [Piece; 32] = {
    let names = [
        "\\u{0}", "\\u{1}", "\\u{2}", "\\u{3}", "\\u{4}", "\\u{5}", "\\u{6}", "\\u{7}", "\\u{8}",
        "\\u{9}", "\\u{a}", "\\u{b}", "\\u{c}", "\\u{d}", "\\u{e}", "\\u{f}", "\\u{10}", "\\u{11}",
        "\\u{12}", "\\u{13}", "\\u{14}", "\\u{15}", "\\u{16}", "\\u{17}", "\\u{18}", "\\u{19}",
        "\\u{1a}", "\\u{1b}", "\\u{1c}", "\\u{1d}", "\\u{1e}", "\\u{1f}",
    ];
    let mut pieces = [const { Piece::new("") }; 32];
    let mut at = 0;
    while at < names.len() {
        pieces[at] = Piece::new(names[at]);
        at += 1;
    }
    pieces
};

/// Appends white space of XML as references.
pub(super) fn escape_space(text: &[u8], out: &mut impl Sink) {
    static SPACES: [Piece; 4] =
        [Piece::new("&#32;"), Piece::new("&#9;"), Piece::new("&#10;"), Piece::new("&#13;")];
    for byte in text {
        out.push_piece(match byte {
            b'\t' => &SPACES[1],
            b'\n' => &SPACES[2],
            b'\r' => &SPACES[3],
            _ => &SPACES[0],
        });
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
mod tests;
