//! The plain writer: pieces to bytes, by the letter of the specification and nothing cleverer.

use crate::document::{Document, Piece};
use std::ops::Range;

/// Writes the body of a document, and its header and string table at the end, when they are known.
pub(crate) struct Writer<'d> {
    document: &'d Document,
    body: Vec<u8>,
    table: Vec<u8>,
    page: u8,
    /// The last tag has no content: its END is not written.
    empty: bool,
    header_len: usize,
}

impl<'d> Writer<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        let mut writer = Self {
            document,
            body: Vec::new(),
            table: Vec::new(),
            page: 0,
            empty: false,
            header_len: 0,
        };
        // The string table stands before the body: collect it first, to know where the body is.
        if let Err(text) = &document.head.public_id {
            writer.intern(text);
        }
        for piece in &document.pieces {
            if let Piece::TableText(text) = piece {
                writer.intern(text);
            }
        }
        writer.header_len = writer.header().len();
        writer
    }

    /// Writes a piece; gives where it stands in the document.
    pub(crate) fn piece(&mut self, piece: &Piece) -> Range<usize> {
        let start = self.header_len + self.body.len();
        match piece {
            Piece::Switch(page) => self.switch(*page),
            Piece::Start { tag, content } => {
                if tag.page() != self.page {
                    self.switch(tag.page());
                }
                self.body.push(tag.token() | if *content { 0x40 } else { 0 });
                self.empty = !content;
            }
            Piece::End if self.empty => self.empty = false,
            Piece::End => self.body.push(0x01),
            Piece::Text(text) => {
                self.body.push(0x03);
                let bytes = encoded(self.document.head.charset, text);
                self.body.extend_from_slice(&bytes);
            }
            Piece::TableText(text) => {
                self.body.push(0x83);
                let index = self.intern(text);
                self.integer(index);
            }
            Piece::Entity(character) => {
                self.body.push(0x02);
                self.integer(u32::from(*character));
            }
            Piece::Opaque(bytes) => {
                self.body.push(0xC3);
                self.integer(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
                self.body.extend_from_slice(bytes);
            }
        }
        start..self.header_len + self.body.len()
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        let mut out = self.header();
        out.extend_from_slice(&self.body);
        out
    }

    fn switch(&mut self, page: u8) {
        self.body.extend_from_slice(&[0x00, page]);
        self.page = page;
    }

    fn integer(&mut self, value: u32) {
        integer(value, self.document.padding, &mut self.body);
    }

    fn header(&self) -> Vec<u8> {
        let head = &self.document.head;
        let mut out = vec![head.version];
        match head.public_id {
            Ok(number) => integer(number, 0, &mut out),
            // The first entry of the table.
            Err(_) => out.extend_from_slice(&[0, 0]),
        }
        if head.version > 0 {
            integer(head.charset, 0, &mut out);
        }
        integer(u32::try_from(self.table.len()).unwrap_or(u32::MAX), 0, &mut out);
        out.extend_from_slice(&self.table);
        out
    }

    /// The index of a text in the string table; the end of an entry serves as an entry of its own.
    fn intern(&mut self, text: &str) -> u32 {
        let bytes = encoded(self.document.head.charset, text);
        let unit = if wide(self.document.head.charset) { 2 } else { 1 };
        let at = (0..=self.table.len().saturating_sub(bytes.len()))
            .step_by(unit)
            .find(|&at| self.table[at..].starts_with(&bytes));
        let at = at.unwrap_or_else(|| {
            self.table.extend_from_slice(&bytes);
            self.table.len() - bytes.len()
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}

/// Text in a charset (a MIBenum), with its terminator. What it has no character for is `?`.
pub fn encoded(charset: u32, text: &str) -> Vec<u8> {
    if wide(charset) {
        // Without a mark of its own, the first character could be taken for one.
        let mark =
            (charset == 1015 || text.starts_with(['\u{FEFF}', '\u{FFFE}'])).then_some(0xFEFF);
        let bytes =
            |unit: u16| if charset == 1014 { unit.to_le_bytes() } else { unit.to_be_bytes() };
        return mark.into_iter().chain(text.encode_utf16()).chain([0]).flat_map(bytes).collect();
    }
    let last = match charset {
        3 => '\u{7F}',
        4 => '\u{FF}',
        _ => return text.bytes().chain([0]).collect(),
    };
    let byte = |c: char| u8::try_from(c).ok().filter(|_| c <= last).unwrap_or(b'?');
    text.chars().map(byte).chain([0]).collect()
}

/// Whether a character of this charset (a MIBenum) takes two bytes.
pub fn wide(charset: u32) -> bool {
    matches!(charset, 1000 | 1013..=1015)
}

/// A multi-byte integer with `padding` more bytes than it needs, five at most.
pub fn integer(value: u32, padding: u8, out: &mut Vec<u8>) {
    let group = |n: u32| u8::try_from(value >> (7 * n) & 0x7F).unwrap_or(0);
    let needed = (1..5).find(|n| value >> (7 * n) == 0).unwrap_or(5);
    let groups = (needed + u32::from(padding)).min(5);
    for n in (0..groups).rev() {
        out.push(group(n) | if n > 0 { 0x80 } else { 0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_by_the_examples_of_the_specification() {
        let written = |value, padding| {
            let mut out = Vec::new();
            integer(value, padding, &mut out);
            out
        };
        assert_eq!(written(0, 0), [0x00]);
        assert_eq!(written(0xA0, 0), [0x81, 0x20]);
        assert_eq!(written(0x7F, 0), [0x7F]);
        assert_eq!(written(0x80, 0), [0x81, 0x00]);
        assert_eq!(written(5, 2), [0x80, 0x80, 0x05]);
        assert_eq!(written(u32::MAX, 4), [0x8F, 0xFF, 0xFF, 0xFF, 0x7F]);
    }
}
