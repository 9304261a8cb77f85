//! The short way through a plain document.
//!
//! Nearly all documents of ActiveSync are plain: the usual header, one root, known tags, inline
//! strings, opaque data, page switches, nothing wrong. Those are read here in one pass that folds
//! `<tag>text</tag>` into one item and checks UTF-8 in long stretches. Whatever is not plain ends
//! this pass, and the reader of events begins again from the start: it alone says what is wrong.

use crate::Tag;
use crate::header::ACTIVE_SYNC_HEADER;
use crate::options::{Mode, Options};
use crate::scan;
use crate::token::{CONTENT_BIT, END, OPAQUE, STR_I, SWITCH_PAGE};
use crate::{lexer, table::Table};

/// Where a value lies in the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// Where its token begins.
    pub(crate) offset: usize,
    pub(crate) start: usize,
    pub(crate) len: usize,
}

/// A piece of a plain document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    /// An element with content begins at this offset.
    Open(Tag, usize),
    /// An element without content.
    Empty(Tag, usize),
    /// An element that holds one text and nothing else, at this offset.
    LeafText(Tag, usize, Span),
    /// An element that holds opaque data and nothing else, at this offset.
    LeafOpaque(Tag, usize, Span),
    Text(Span),
    Opaque(Span),
    /// The innermost element ends.
    Close,
}

/// Bytes that fit a cache.
const BLOCK: usize = 1 << 14;

/// Bytes in the middle of a stretch that are counted.
const SAMPLE: usize = 64;

/// The document is not plain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unusual;

pub(crate) struct Fast<'a> {
    input: &'a [u8],
    pos: usize,
    depth: usize,
    /// Bit n: token n of the current page is in the table.
    known: u64,
    page: u8,
    /// Where the stretch of text begins that is not yet checked.
    unchecked: usize,
    done: bool,
    /// How many bytes are not ASCII, by samples.
    foreign: usize,
    options: Options,
    table: &'static Table,
}

impl<'a> Fast<'a> {
    /// A pass over a document that may be plain.
    pub(crate) fn new(input: &'a [u8], options: &Options) -> Option<Self> {
        let plain = input.starts_with(&ACTIVE_SYNC_HEADER)
            && input.len() <= options.limits.document()
            && options.limits.depth > 1
            && options.mode != Mode::Forensic;
        let start = ACTIVE_SYNC_HEADER.len();
        plain.then(|| Self {
            input,
            pos: start,
            depth: 0,
            known: options.table.known(0).unwrap_or_default(),
            page: 0,
            unchecked: start,
            done: false,
            foreign: 0,
            options: *options,
            table: options.table,
        })
    }

    /// The next piece.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "one caller each, and the item must not be built")]
    pub(crate) fn next(&mut self) -> Result<Item, Unusual> {
        loop {
            let start = self.pos;
            let Some(&byte) = self.input.get(start) else { return Err(Unusual) };
            match byte {
                0x05..=0x3F | 0x45..=0x7F => {
                    let token = byte & 0x3F;
                    if self.known >> token & 1 == 0 || self.depth >= self.options.limits.depth {
                        return Err(Unusual);
                    }
                    let tag = Tag::new(self.page, token);
                    self.pos = start + 1;
                    if byte & CONTENT_BIT == 0 {
                        return if self.depth > 0 {
                            Ok(Item::Empty(tag, start))
                        } else {
                            Err(Unusual)
                        };
                    }
                    if self.depth > 0 {
                        match self.input.get(start + 1) {
                            Some(&STR_I) => {
                                let span = self.string(start + 1)?;
                                if self.input.get(span.start + span.len + 1) == Some(&END) {
                                    self.pos = span.start + span.len + 2;
                                    return Ok(Item::LeafText(tag, start, span));
                                }
                            }
                            Some(&OPAQUE) => {
                                let (span, end) = self.opaque(start + 1)?;
                                if self.input.get(end) == Some(&END) {
                                    self.check(start)?;
                                    self.unchecked = end;
                                    self.pos = end + 1;
                                    return Ok(Item::LeafOpaque(tag, start, span));
                                }
                            }
                            _ => {}
                        }
                    }
                    self.depth += 1;
                    return Ok(Item::Open(tag, start));
                }
                END => {
                    self.pos = start + 1;
                    match self.depth {
                        0 => return Err(Unusual),
                        1 => {
                            if self.pos < self.input.len() {
                                return Err(Unusual);
                            }
                            self.check(start)?;
                            self.depth = 0;
                            self.done = true;
                        }
                        depth => self.depth = depth - 1,
                    }
                    return Ok(Item::Close);
                }
                SWITCH_PAGE => {
                    let page = self.input.get(start + 1).copied().ok_or(Unusual)?;
                    // A page that is not ASCII would break the stretch of text.
                    self.known = self.table.known(page).filter(|_| page < 0x80).ok_or(Unusual)?;
                    self.page = page;
                    self.pos = start + 2;
                }
                STR_I if self.depth > 0 => {
                    let span = self.string(start)?;
                    self.pos = span.start + span.len + 1;
                    return Ok(Item::Text(span));
                }
                OPAQUE if self.depth > 0 => {
                    let (span, end) = self.opaque(start)?;
                    self.check(start)?;
                    self.unchecked = end;
                    self.pos = end;
                    return Ok(Item::Opaque(span));
                }
                _ => return Err(Unusual),
            }
        }
    }

    /// How many elements and values the rest has at most: what is exact for a plain document is
    /// not worth a guess.
    #[cold]
    pub(crate) fn count_rest(&self) -> usize {
        let mut rest = Self { options: self.options, ..*self };
        let mut count = 1;
        while !rest.is_done() {
            match rest.next() {
                Ok(Item::Close) => {}
                Ok(_) => count += 1,
                Err(Unusual) => break,
            }
        }
        // A text that turns out not to be alone becomes a node of its own.
        count + 1
    }

    /// Whether the document has been read to its end.
    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether much of the document is in a script that is not Latin.
    pub(crate) fn is_foreign(&self) -> bool {
        self.foreign > self.input.len() / 8
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn string(&mut self, offset: usize) -> Result<Span, Unusual> {
        let start = offset + 1;
        let len = match scan::find_nul_near(&self.input[start..]) {
            Some(len) => len,
            None => self.far_string(start)?,
        };
        if len > self.options.limits.string {
            return Err(Unusual);
        }
        Ok(Span { offset, start, len })
    }

    /// The length of a string that may be long. One of ASCII is checked on the way, block by block,
    /// while it is at hand.
    #[inline(never)]
    fn far_string(&mut self, start: usize) -> Result<usize, Unusual> {
        let (mut len, mut ascii) = (0, true);
        loop {
            let rest = &self.input[start + len..];
            let block = &rest[..rest.len().min(BLOCK)];
            let end = memchr::memchr(0, block);
            let text = &block[..end.unwrap_or(block.len())];
            ascii = ascii && (text.len() < BLOCK || text.is_ascii());
            len += text.len();
            if end.is_some() {
                break;
            }
            if block.is_empty() {
                return Err(Unusual);
            }
        }
        // The last block is left to the check of the stretch that follows.
        let blocks = len / BLOCK * BLOCK;
        if ascii && blocks > 0 {
            self.check(start)?;
            self.unchecked = start + blocks;
        }
        Ok(len)
    }

    #[inline]
    fn opaque(&self, offset: usize) -> Result<(Span, usize), Unusual> {
        let (bytes, end) =
            lexer::opaque(self.input, offset, &self.options.limits).map_err(|_| Unusual)?;
        Ok((Span { offset, start: end - bytes.len(), len: bytes.len() }, end))
    }

    /// Checks the stretch up to here: tokens between strings are ASCII, so that it is UTF-8 if and
    /// only if every string in it is.
    #[inline]
    fn check(&mut self, end: usize) -> Result<(), Unusual> {
        // A long text that turns out not to be alone in its element is read, and found checked, again.
        let stretch = self.input.get(self.unchecked..end).unwrap_or_default();
        if !stretch.is_ascii() {
            let middle = &stretch[stretch.len() / 2..];
            let sample = &middle[..middle.len().min(SAMPLE)];
            let high = sample.iter().filter(|byte| !byte.is_ascii()).count();
            self.foreign += high * stretch.len().div_ceil(SAMPLE);
            scan::text(stretch).map_err(|_| Unusual)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Limits;

    fn document(body: &[u8]) -> Vec<u8> {
        [&ACTIVE_SYNC_HEADER, body].concat()
    }

    /// The pieces as text, with their places; `None` where the document is not plain.
    fn pieces(body: &[u8], options: &Options) -> Option<Vec<String>> {
        let bytes = document(body);
        let mut fast = Fast::new(&bytes, options)?;
        let mut pieces = Vec::new();
        while !fast.is_done() {
            let name = |tag: Tag| tag.to_string();
            let value = |span: Span| {
                let bytes = &bytes[span.start..span.start + span.len];
                format!("{}:{}", span.offset, bytes.escape_ascii())
            };
            pieces.push(match fast.next().ok()? {
                Item::Open(tag, at) => format!("{at} <{}>", name(tag)),
                Item::Empty(tag, at) => format!("{at} <{}/>", name(tag)),
                Item::LeafText(tag, at, span) => format!("{at} {} {}", name(tag), value(span)),
                Item::LeafOpaque(tag, at, span) => format!("{at} {} = {}", name(tag), value(span)),
                Item::Text(span) => format!("text {}", value(span)),
                Item::Opaque(span) => format!("opaque {}", value(span)),
                Item::Close => "</>".to_owned(),
            });
        }
        Some(pieces)
    }

    #[test]
    fn a_plain_document_goes_the_short_way() {
        let body = b"\x45\x4b\x03abc\0\x01\x0b\0\x02\x54\xc3\x02\xff\0\x01\0\0\x4d\x03x\0\xc3\x01y\x03z\0\x01\x5c\x01\x01";
        assert_eq!(
            pieces(body, &Options::general()).unwrap(),
            [
                "4 <AirSync:Sync>",
                "5 AirSync:SyncKey 6:abc",
                "12 <AirSync:SyncKey/>",
                "15 Email:Subject = 16:\\xff\\x00",
                "23 <AirSync:ServerId>",
                "text 24:x",
                "opaque 27:y",
                "text 30:z",
                "</>",
                "34 <AirSync:Collections>",
                "</>",
                "</>",
            ]
        );
        assert_eq!(pieces(body, &Options::strict()), pieces(body, &Options::general()));
        assert_eq!(pieces(body, &Options::forensic()), None);
    }

    #[test]
    fn what_is_not_plain_does_not() {
        for body in [
            &b""[..],
            b"\x05",                   // an empty root
            b"\x45",                   // cut
            b"\x45\x01\x01",           // something behind the root
            b"\x01",                   // nothing open
            b"\x03a\0\x45\x01",        // text before the root
            b"\xc3\x01a\x45\x01",      // opaque data before the root
            b"\x45\x3f\x01",           // an unknown tag
            b"\x45\0\x63\x45\x01\x01", // an unknown page
            b"\x45\x02\x41\x01",       // an entity
            b"\x45\x03\xff\0\x01",     // not UTF-8
            b"\x45\x4b\x03\xff\0\x01\x01",
            b"\x45\x4b\x03a",             // no NUL
            b"\x45\x4b\xc3\x09a\x01\x01", // too long
            b"\x45\0",
        ] {
            assert_eq!(pieces(body, &Options::general()), None, "{body:02x?}");
        }
    }

    #[test]
    fn limits_are_kept_at_their_edges() {
        let body = b"\x45\x45\x4b\x03abc\0\x01\x4b\xc3\x04abcd\x01\x0b\x01\x01";
        let all = Limits::default();
        let edge = Limits { depth: 3, string: 3, opaque: 4, document: 4 + body.len(), ..all };
        let read = |limits| pieces(body, &Options { limits, ..Options::general() }).is_some();
        assert!(read(edge));
        assert!(!read(Limits { depth: 1, ..edge }));
        assert!(!read(Limits { string: 2, ..edge }));
        assert!(!read(Limits { opaque: 3, ..edge }));
        assert!(!read(Limits { document: 3 + body.len(), ..edge }));
        // A tag at the limit of depth belongs to the reader of events.
        assert!(!read(Limits { depth: 2, ..edge }));
    }

    #[test]
    fn what_is_left_is_counted_and_a_script_is_told() {
        let leaf = b"\x4b\x031\0\x01".repeat(10);
        let bytes = document(&[b"\x45", &*leaf, b"\x01"].concat());
        let fast = Fast::new(&bytes, &Options::general()).unwrap();
        // The root, ten leaves, and room for one more than that.
        assert_eq!(fast.count_rest(), 13);
        let foreign = |text: &str| {
            let bytes = document(&[b"\x45\x4b\x03", text.as_bytes(), b"\0\x01\x01"].concat());
            let mut fast = Fast::new(&bytes, &Options::general()).unwrap();
            while !fast.is_done() {
                fast.next().unwrap();
            }
            fast.is_foreign()
        };
        assert!(!foreign(&"latin ".repeat(40)));
        assert!(foreign(&"чай и хлеб ".repeat(40)));
    }
}
