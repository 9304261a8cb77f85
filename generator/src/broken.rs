//! Documents broken on purpose.

use crate::document::{Document, Piece};
use arbitrary::{Arbitrary, Result, Unstructured};
use wbxml::{ACTIVE_SYNC, Limits};

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The end is missing.
    Truncated,
    /// A token that is not in the table of its page.
    UnknownTag,
    /// A switch to a page that is not in the table.
    UnknownPage,
    /// A tag with the attribute bit.
    Attributes,
    /// A token that no element may hold: EXT, PI, LITERAL.
    Unsupported,
    /// A second root.
    SecondRoot,
    /// Bytes after the root.
    Trailing,
    /// An END after the root.
    ExtraEnd,
    /// Opaque data longer than the rest of the document.
    OpaqueTooLong,
    /// An integer of six bytes.
    LongInteger,
    /// An inline string of which a byte is not UTF-8.
    BadText,
    /// Nesting one deeper than the default limit.
    TooDeep,
    /// A version that does not exist.
    Version,
    /// A bit turned over.
    Flipped,
    /// Bytes put in at random.
    Inserted,
    /// Bytes taken out.
    Removed,
}

impl Damage {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Truncated,
        Self::UnknownTag,
        Self::UnknownPage,
        Self::Attributes,
        Self::Unsupported,
        Self::SecondRoot,
        Self::Trailing,
        Self::ExtraEnd,
        Self::OpaqueTooLong,
        Self::LongInteger,
        Self::BadText,
        Self::TooDeep,
        Self::Version,
        Self::Flipped,
        Self::Inserted,
        Self::Removed,
    ];

    /// Whether a reader has to refuse the document. What is not certain may by accident be another
    /// valid document.
    pub const fn is_certain(self) -> bool {
        !matches!(self, Self::Flipped | Self::Inserted | Self::Removed)
    }
}

/// A valid document and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The document before.
    pub document: Document,
    /// What was done.
    pub damage: Damage,
    /// The bytes after.
    pub bytes: Vec<u8>,
    /// The first byte that differs; for [`Damage::Truncated`] the length.
    pub offset: usize,
    /// Pieces of the document that end before it: their events must still be given.
    pub intact: usize,
}

impl<'a> Arbitrary<'a> for Broken {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let damage = *u.choose(&Damage::ALL)?;
        let place: u16 = u.arbitrary()?;
        let extra: [u8; 2] = u.arbitrary()?;
        let document = Document::arbitrary(u)?;
        Ok(Self::new(document, damage, usize::from(place), extra))
    }
}

impl Broken {
    /// Breaks a document. The place is counted round over the places where that can be done;
    /// `extra` chooses what is put there.
    pub fn new(document: Document, damage: Damage, place: usize, extra: [u8; 2]) -> Self {
        let (mut bytes, spans) = document.spans();
        let len = bytes.len();
        // Inside the root: after its start, before its last token.
        let root = document.pieces.iter().position(|piece| matches!(piece, Piece::Start { .. }));
        let root = root.unwrap_or(0);
        let inner = root + 1..document.pieces.len();
        let first = spans.get(root).map_or(len, |span| span.end);
        let holds = matches!(document.pieces.get(root), Some(Piece::Start { content: true, .. }));
        // The start of a piece that is not the END that an element without content lacks.
        let places: Vec<usize> =
            inner.clone().filter(|&index| holds && !spans[index].is_empty()).collect();
        let at = match places.get(place % places.len().max(1)) {
            Some(&index) => index,
            None => root,
        };
        let (offset, inserted): (usize, Vec<u8>) = match damage {
            Damage::Truncated => {
                let offset = place % len;
                bytes.truncate(offset);
                (offset, Vec::new())
            }
            Damage::Version => {
                bytes[0] = extra[0] | 0x04;
                // 1.x with a minor version that does not exist; then other majors.
                (0, Vec::new())
            }
            Damage::SecondRoot => (len, vec![0x00, 0x0D, 0x05]),
            Damage::Trailing => {
                (len, [&[0x03], &b"tail"[..usize::from(extra[0] % 4)], &[0]].concat())
            }
            Damage::ExtraEnd => (len, vec![0x01]),
            Damage::Flipped => {
                let offset = place % len;
                bytes[offset] ^= 1 << (extra[0] % 8);
                (offset, Vec::new())
            }
            Damage::Inserted => (place % len, extra.to_vec()),
            Damage::Removed => {
                let offset = place % len;
                let end = (offset + 1 + usize::from(extra[0] % 8)).min(len);
                bytes.drain(offset..end);
                (offset, Vec::new())
            }
            // A root without content cannot hold the rest of the damage: the header takes it.
            _ if !holds => {
                bytes[0] = 0x7F;
                let damage = Damage::Version;
                return Self { document, damage, bytes, offset: 0, intact: 0 };
            }
            damage => {
                let page = page_before(&document, at);
                let inside = inside(&document, damage, page, extra, at);
                (spans[at].start.max(first), inside)
            }
        };
        bytes.splice(offset.min(bytes.len())..offset.min(bytes.len()), inserted);
        let intact = spans.iter().take_while(|span| span.end <= offset).count();
        Self { document, damage, bytes, offset, intact }
    }
}

/// What to put inside the root.
fn inside(document: &Document, damage: Damage, page: u8, extra: [u8; 2], at: usize) -> Vec<u8> {
    let unknown = |page: u8| {
        let info = ACTIVE_SYNC.page(page);
        let free = (5..0x40).filter(|&token| info.is_none_or(|info| info.info(token).is_none()));
        let free: Vec<u8> = free.collect();
        free.get(usize::from(extra[0]) % free.len().max(1)).copied()
    };
    match damage {
        Damage::UnknownTag => match unknown(page) {
            Some(token) => vec![token | extra[1] & 0x40],
            // Every token of this page is taken: another page has a free one.
            None => vec![0x00, 0x0D, unknown(0x0D).unwrap_or(0x3F)],
        },
        Damage::UnknownPage => vec![0x00, extra[0] | 0x80],
        Damage::Attributes => {
            let tags = ACTIVE_SYNC.page(page).map_or(&[][..], wbxml::CodePage::tags);
            let token =
                tags.get(usize::from(extra[0]) % tags.len().max(1)).map_or(5, |row| row.token);
            vec![token | 0x80 | extra[1] & 0x40]
        }
        Damage::Unsupported => {
            let tokens = [
                0x04, 0x40, 0x41, 0x42, 0x43, 0x44, 0x80, 0x81, 0x82, 0x84, 0xC0, 0xC1, 0xC2, 0xC4,
            ];
            let token = tokens[usize::from(extra[0]) % tokens.len()];
            vec![token, 0x00]
        }
        Damage::LongInteger => vec![0xC3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x41],
        Damage::OpaqueTooLong => vec![0xC3, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F, extra[0]],
        Damage::BadText => vec![0x03, b'a', 0xFF, 0xFE, 0x00],
        _ => {
            let depth = depth_before(document, at);
            let missing = (Limits::default().depth + 1).saturating_sub(depth);
            let mut bytes = vec![0x00, 0x00];
            bytes.resize(2 + missing, 0x45);
            bytes.resize(2 + 2 * missing, 0x01);
            bytes.extend_from_slice(&[0x00, page]);
            bytes
        }
    }
}

/// The page in force before a piece.
fn page_before(document: &Document, at: usize) -> u8 {
    let mut page = 0;
    for piece in document.pieces.iter().take(at) {
        match piece {
            Piece::Switch(number) => page = *number,
            Piece::Start { tag, .. } => page = tag.page(),
            _ => {}
        }
    }
    page
}

/// How many elements are open before a piece.
fn depth_before(document: &Document, at: usize) -> usize {
    let mut depth = 0_usize;
    for piece in document.pieces.iter().take(at) {
        match piece {
            Piece::Start { .. } => depth += 1,
            Piece::End => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth
}
