//! Drawing documents: a walk over the open elements, an instruction at a time.

use crate::document::{Document, Head, Piece};
use crate::text;
use arbitrary::{Arbitrary, Result, Unstructured};
use wbxml::{ACTIVE_SYNC, Limits, Tag};

/// What a document may hold besides elements.
#[derive(Clone, Copy)]
pub(crate) struct Grammar {
    pub(crate) charset: u32,
    /// Pages other than 0.
    pub(crate) pages: bool,
    pub(crate) opaque: bool,
    /// References into the string table and entities.
    pub(crate) general: bool,
}

impl Grammar {
    const STRICT: Self = Self { charset: 106, pages: true, opaque: true, general: false };
}

impl<'a> Arbitrary<'a> for Document {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        // Integers longer than needed are legal and rare.
        let padding = u.arbitrary::<u8>()?.saturating_sub(0xF8) % 5;
        let pieces = pieces(u, Grammar::STRICT)?;
        Ok(Self { head: Head::default(), padding, pieces })
    }
}

/// Draws a body; what entropy leaves open is closed.
pub(crate) fn pieces(u: &mut Unstructured<'_>, grammar: Grammar) -> Result<Vec<Piece>> {
    let mut walk =
        Walk { grammar, pieces: Vec::new(), open: Vec::new(), most: Limits::default().depth };
    if grammar.pages && u.ratio(1, 16)? {
        let page = page(u)?;
        walk.pieces.push(Piece::Switch(page));
    }
    let root = tag(u, grammar, None)?;
    if u.ratio(1, 32)? {
        walk.pieces.extend([Piece::Start { tag: root, content: false }, Piece::End]);
        return Ok(walk.pieces);
    }
    walk.start(root);
    while !u.is_empty() {
        walk.step(u)?;
    }
    while !walk.open.is_empty() {
        walk.end();
    }
    Ok(walk.pieces)
}

struct Walk {
    grammar: Grammar,
    pieces: Vec<Piece>,
    open: Vec<Tag>,
    most: usize,
}

impl Walk {
    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let near = self.open.last().copied();
        match u.arbitrary::<u8>()? % 32 {
            // An element with one value: most of what mail is made of.
            0..=12 => {
                if self.start(tag(u, self.grammar, near)?) {
                    self.value(u)?;
                    self.end();
                }
            }
            13..=16 => {
                self.start(tag(u, self.grammar, near)?);
            }
            17..=20 => self.end_inner(),
            21 | 22 => {
                if self.open.len() < self.most {
                    let tag = tag(u, self.grammar, near)?;
                    self.pieces.extend([Piece::Start { tag, content: false }, Piece::End]);
                }
            }
            // The content bit without content.
            23 => {
                if self.start(tag(u, self.grammar, near)?) {
                    self.end();
                }
            }
            // A value beside elements, or beside another value.
            24..=26 => self.value(u)?,
            27 | 28 if self.grammar.pages => {
                let page = page(u)?;
                self.pieces.push(Piece::Switch(page));
            }
            29 => {
                for _ in 0..u.int_in_range(1..=self.most)? {
                    self.start(tag(u, self.grammar, self.open.last().copied())?);
                }
            }
            30 => {
                for _ in 0..u.int_in_range(1..=self.most)? {
                    self.end_inner();
                }
            }
            _ => {
                self.value(u)?;
                self.value(u)?;
            }
        }
        Ok(())
    }

    /// Begins an element, unless it would lie too deep.
    fn start(&mut self, tag: Tag) -> bool {
        let room = self.open.len() < self.most;
        if room {
            self.open.push(tag);
            self.pieces.push(Piece::Start { tag, content: true });
        }
        room
    }

    fn end(&mut self) {
        self.open.pop();
        self.pieces.push(Piece::End);
    }

    /// Ends an element, but not the root.
    fn end_inner(&mut self) {
        if self.open.len() > 1 {
            self.end();
        }
    }

    fn value(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let piece = match u.arbitrary::<u8>()? % 16 {
            0..=3 if self.grammar.opaque => Piece::Opaque(text::opaque(u)?),
            4..=7 if self.grammar.general => Piece::TableText(self.text(u)?),
            // Character 0 cannot be referred to in XML, whose numeric references entities are.
            8 if self.grammar.general => Piece::Entity(u.arbitrary::<char>()?.max('\u{1}')),
            _ => Piece::Text(self.text(u)?),
        };
        self.pieces.push(piece);
        Ok(())
    }

    /// A text of which the charset has every character.
    fn text(&self, u: &mut Unstructured<'_>) -> Result<String> {
        let text = text::text(u)?;
        let last = match self.grammar.charset {
            3 => '\u{7F}',
            4 => '\u{FF}',
            // UCS-2 is read as UTF-16, so surrogates do no harm there.
            _ => char::MAX,
        };
        Ok(text.chars().map(|c| if c > last { '?' } else { c }).collect())
    }
}

/// A page of the table.
fn page(u: &mut Unstructured<'_>) -> Result<u8> {
    Ok(u.choose(ACTIVE_SYNC.pages())?.number())
}

/// A tag of the table: often one of the page at hand.
fn tag(u: &mut Unstructured<'_>, grammar: Grammar, near: Option<Tag>) -> Result<Tag> {
    let pages = ACTIVE_SYNC.pages();
    let choice = usize::from(u.arbitrary::<u8>()?);
    let number = match near {
        _ if !grammar.pages => Some(0),
        // Three in five stay on the page.
        Some(tag) if choice >= pages.len() * 4 => Some(tag.page()),
        _ => None,
    };
    let page =
        number.and_then(|number| ACTIVE_SYNC.page(number)).unwrap_or(&pages[choice % pages.len()]);
    let row = u.choose(page.tags())?;
    Ok(Tag::new(page.number(), row.token))
}
