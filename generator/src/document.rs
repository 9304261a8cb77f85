//! A document as a list of pieces, valid by construction.

use crate::wire::Writer;
use std::ops::Range;
use wbxml::{Event, Tag};

/// A part of the body of a document, in the order in which it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A page switch that is not needed, or comes earlier than needed.
    Switch(u8),
    /// An element begins. Without content its `End` follows at once.
    Start {
        /// The tag.
        tag: Tag,
        /// The content bit.
        content: bool,
    },
    /// An element ends.
    End,
    /// Text as inline string.
    Text(String),
    /// Text as reference into the string table.
    TableText(String),
    /// A character by its code.
    Entity(char),
    /// Opaque data.
    Opaque(Vec<u8>),
}

impl Piece {
    /// Whether this is what a decoder has to give; page switches give nothing.
    pub fn is(&self, event: &Event<'_>) -> bool {
        match (self, event) {
            (Self::Start { tag, content }, Event::Start { tag: other, content: bit }) => {
                tag == other && content == bit
            }
            (Self::End, Event::End) => true,
            (Self::Text(text) | Self::TableText(text), Event::Text(other)) => text == other,
            (Self::Text(text) | Self::TableText(text), Event::Encoded(other)) => {
                *text == other.decode()
            }
            (Self::Entity(character), Event::Entity(other)) => character == other,
            (Self::Opaque(bytes), Event::Opaque(other)) => bytes == other,
            _ => false,
        }
    }
}

/// The header of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The version byte.
    pub version: u8,
    /// The public id, by number or as a text for the string table.
    pub public_id: Result<u32, String>,
    /// The charset as MIBenum; not written in version 1.0.
    pub charset: u32,
}

impl Default for Head {
    /// The header of ActiveSync.
    fn default() -> Self {
        Self { version: 3, public_id: Ok(1), charset: 106 }
    }
}

/// A document that MS-ASWBXML allows: what strict mode reads.
///
/// Made by `Arbitrary`; every tag of the ActiveSync table and every kind of content come up, and
/// each byte of entropy adds a bounded number of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub(crate) head: Head,
    /// Bytes added to each multi-byte integer of the body, which makes it longer than needed.
    pub(crate) padding: u8,
    pub(crate) pieces: Vec<Piece>,
}

impl Document {
    /// The header.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The body.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The document, written down plainly.
    pub fn bytes(&self) -> Vec<u8> {
        self.spans().0
    }

    /// The document, and where in it each piece stands; a page switch that a tag needs is part of
    /// its span.
    pub fn spans(&self) -> (Vec<u8>, Vec<Range<usize>>) {
        let mut writer = Writer::new(self);
        let spans = self.pieces.iter().map(|piece| writer.piece(piece)).collect();
        (writer.finish(), spans)
    }

    /// What an encoder of ActiveSync has to write for the same events: its header, no needless
    /// page switch, all text inline, shortest integers.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let pieces = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Switch(_) => None,
            Piece::TableText(text) => Some(Piece::Text(text.clone())),
            piece => Some(piece.clone()),
        });
        Self { head: Head::default(), padding: 0, pieces: pieces.collect() }
    }

    /// Whether these are the events of this document.
    pub fn is(&self, events: &[Event<'_>]) -> bool {
        let mut expected = self.pieces.iter().filter(|piece| !matches!(piece, Piece::Switch(_)));
        events.iter().all(|event| expected.next().is_some_and(|piece| piece.is(event)))
            && expected.next().is_none()
    }

    /// How many levels there are; an element without content counts as one.
    pub fn depth(&self) -> usize {
        let mut depth = 0_usize;
        let mut deepest = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Start { .. } => depth += 1,
                Piece::End => depth -= 1,
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest
    }
}
