//! Building a tree from events.

use crate::Tag;
use crate::decode::Event;
use crate::error::{ErrorKind, Fault, Limit};
use crate::fast::{Fast, Item, Span};
use crate::options::Options;
use crate::table::Table;
use crate::token::END;
use crate::tree::{Damage, Tree};
use std::ops::Range;

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An element whose contents, if any, are nodes.
    Element,
    /// An element that holds nothing but one text.
    LeafText,
    /// An element that holds nothing but opaque data.
    LeafOpaque,
    Text,
    Entity,
    Opaque,
    Damage,
}

impl Kind {
    pub(crate) fn is_element(self) -> bool {
        matches!(self, Self::Element | Self::LeafText | Self::LeafOpaque)
    }
}

/// A node as it is stored: 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw {
    pub(crate) tag: Tag,
    pub(crate) kind: Kind,
    /// The content bit of the tag.
    pub(crate) content: bool,
    /// Of an element, its parent; of a value or leaf, where in the store the value begins.
    first: u32,
    /// Of an element, the index behind its subtree; of a value or leaf, the length of the value.
    second: u32,
    /// Where its token is in the input; of damage, its index in the list of damage.
    pub(crate) offset: u32,
}

impl Raw {
    /// Where in the store the value lies; of an element, nothing to speak of.
    #[inline]
    pub(crate) fn range(&self) -> Range<usize> {
        self.first as usize..self.first as usize + self.second as usize
    }

    /// The element around an element that is no leaf.
    #[inline]
    pub(crate) fn parent(&self) -> u32 {
        self.first
    }

    /// The index behind the subtree of the node at `index`, which is this one.
    #[inline]
    pub(crate) fn end(&self, index: u32) -> u32 {
        if self.kind == Kind::Element { self.second } else { index + 1 }
    }
}

/// Builds a tree; the events must be balanced.
#[derive(Debug)]
pub(crate) struct Builder {
    nodes: Vec<Raw>,
    /// The bytes of texts and opaque data, and possibly others.
    store: Vec<u8>,
    foreign: bool,
    damage: Vec<Damage>,
    /// The innermost open element.
    open: u32,
    /// Of an open leaf: its parent, and where its value begins.
    leaf_parent: u32,
    leaf_offset: u32,
    nodes_max: usize,
    store_max: usize,
    table: &'static Table,
}

#[allow(clippy::cast_possible_truncation, reason = "documents are below 4 GiB")]
impl Builder {
    /// A builder that appends values to its store, of which it expects so many bytes.
    pub(crate) fn new(len: usize, options: &Options) -> Self {
        Self {
            nodes: Vec::with_capacity((len / 16).min(options.limits.nodes)),
            store: Vec::with_capacity(len.min(options.limits.document())),
            foreign: false,
            damage: Vec::new(),
            open: NONE,
            leaf_parent: NONE,
            leaf_offset: 0,
            nodes_max: options.limits.nodes.min(NONE as usize - 1),
            store_max: options.limits.document(),
            table: options.table,
        }
    }

    /// Builds the tree of a plain document; `None` where it is not plain. The store is left empty:
    /// it is the input.
    pub(crate) fn plain(input: &[u8], options: &Options) -> Option<Tree> {
        let mut fast = Fast::new(input, options)?;
        let mut builder = Self {
            nodes: Vec::with_capacity(guess_nodes(input).min(options.limits.nodes)),
            ..Self::new(0, options)
        };
        while !fast.is_done() {
            if builder.nodes.len() == builder.nodes.capacity() {
                let room = builder.nodes_max.saturating_sub(builder.nodes.len()).max(1);
                builder.nodes.reserve_exact(fast.count_rest().min(room));
            }
            let built = match fast.next().ok()? {
                Item::LeafText(tag, offset, span) => {
                    builder.leaf(Kind::LeafText, tag, offset, span)
                }
                Item::LeafOpaque(tag, offset, span) => {
                    builder.leaf(Kind::LeafOpaque, tag, offset, span)
                }
                Item::Open(tag, offset) => builder.start(tag, true, offset),
                Item::Empty(tag, offset) => {
                    let built = builder.start(tag, false, offset);
                    builder.end();
                    built
                }
                Item::Close => {
                    builder.end();
                    Ok(())
                }
                Item::Text(span) => builder.value(Kind::Text, span.start, span.len, span.offset),
                Item::Opaque(span) => {
                    builder.value(Kind::Opaque, span.start, span.len, span.offset)
                }
            };
            built.ok()?;
        }
        builder.foreign = fast.is_foreign() || input.len() > 256 * builder.nodes.len();
        Some(builder.finish())
    }

    #[inline]
    pub(crate) fn event(&mut self, event: &Event<'_>, offset: usize) -> Result<(), Fault> {
        match *event {
            Event::Start { tag, content } => self.start(tag, content, offset),
            Event::End => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(text, offset),
            Event::Encoded(text) => self.text(&text.decode(), offset),
            Event::Entity(character) => {
                let start = self.store(character.encode_utf8(&mut [0; 4]).as_bytes(), offset)?;
                self.value(Kind::Entity, start, character.len_utf8(), offset)
            }
            Event::Opaque(bytes) => self.opaque(bytes, offset),
            Event::Damage { kind, bytes } => self.damage(kind, bytes, offset),
        }
    }

    #[inline]
    pub(crate) fn start(&mut self, tag: Tag, content: bool, offset: usize) -> Result<(), Fault> {
        self.unfold()?;
        let offset = offset as u32;
        let raw = Raw { tag, kind: Kind::Element, content, first: self.open, second: 0, offset };
        self.open = self.push(raw)?;
        Ok(())
    }

    #[inline]
    pub(crate) fn end(&mut self) {
        let end = self.nodes.len() as u32;
        let Some(raw) = self.nodes.get_mut(self.open as usize) else { return };
        if raw.kind == Kind::Element {
            raw.second = end;
            self.open = raw.first;
        } else {
            self.open = self.leaf_parent;
        }
    }

    #[inline]
    pub(crate) fn text(&mut self, text: &str, offset: usize) -> Result<(), Fault> {
        let start = self.store(text.as_bytes(), offset)?;
        self.value(Kind::Text, start, text.len(), offset)
    }

    #[inline]
    pub(crate) fn opaque(&mut self, bytes: &[u8], offset: usize) -> Result<(), Fault> {
        let start = self.store(bytes, offset)?;
        self.value(Kind::Opaque, start, bytes.len(), offset)
    }

    fn damage(&mut self, kind: ErrorKind, bytes: &[u8], offset: usize) -> Result<(), Fault> {
        let start = self.store(bytes, offset)?;
        self.value(Kind::Damage, start, bytes.len(), self.damage.len())?;
        self.damage.push(Damage { kind, offset, len: bytes.len() });
        Ok(())
    }

    /// Keeps the rest of the input as damage, past the limits, and ends what is open.
    pub(crate) fn give_up(&mut self, kind: ErrorKind, rest: &[u8], offset: usize) {
        (self.nodes_max, self.store_max) = (NONE as usize - 1, NONE as usize);
        // The limits are out of the way: nothing is refused.
        let _ = self.damage(kind, rest, offset);
        while self.open != NONE {
            self.end();
        }
    }

    pub(crate) fn finish(mut self) -> Tree {
        let root = self.nodes.iter().position(|raw| raw.kind.is_element()).unwrap_or_else(|| {
            self.nodes.push(Raw {
                tag: Tag::new(0, 0),
                kind: Kind::Element,
                content: false,
                first: NONE,
                second: self.nodes.len() as u32 + 1,
                offset: 0,
            });
            self.nodes.len() - 1
        });
        Tree {
            nodes: self.nodes,
            store: self.store,
            foreign: self.foreign,
            damage: self.damage,
            root: root as u32,
            table: self.table,
        }
    }

    /// Appends to the store; gives where.
    #[inline]
    fn store(&mut self, bytes: &[u8], offset: usize) -> Result<usize, Fault> {
        let start = self.store.len();
        // References to a string table can make more of a document than it is long.
        if bytes.len() > self.store_max - start {
            return Err(Fault::new(ErrorKind::Limit(Limit::Document), offset));
        }
        self.store.extend_from_slice(bytes);
        self.foreign |= bytes.len() > 256 && !bytes.is_ascii();
        Ok(start)
    }

    /// A leaf in one go.
    #[inline]
    fn leaf(&mut self, kind: Kind, tag: Tag, offset: usize, span: Span) -> Result<(), Fault> {
        self.unfold()?;
        let (first, second, offset) = (span.start as u32, span.len as u32, offset as u32);
        self.push(Raw { tag, kind, content: true, first, second, offset }).map(drop)
    }

    /// An element that holds this text, in one go.
    #[cfg(feature = "xml")]
    #[inline]
    pub(crate) fn text_leaf(
        &mut self,
        tag: Tag,
        text: &str,
        offset: usize,
        text_offset: usize,
    ) -> Result<(), Fault> {
        self.unfold()?;
        if self.nodes.len() >= self.nodes_max {
            return Err(Fault::new(ErrorKind::Limit(Limit::Nodes), offset));
        }
        let start = self.store(text.as_bytes(), text_offset)?;
        let span = Span { offset: text_offset, start, len: text.len() };
        self.leaf(Kind::LeafText, tag, offset, span)
    }

    /// A value: the leaf content of the open element where it is the first, a node otherwise.
    #[inline]
    fn value(&mut self, kind: Kind, start: usize, len: usize, offset: usize) -> Result<(), Fault> {
        let leaf = match kind {
            Kind::Text => Kind::LeafText,
            Kind::Opaque => Kind::LeafOpaque,
            other => other,
        };
        if leaf.is_element()
            && self.open as usize == self.nodes.len().wrapping_sub(1)
            && let Some(raw) = self.nodes.last_mut()
            && raw.kind == Kind::Element
        {
            self.leaf_parent = raw.first;
            self.leaf_offset = offset as u32;
            (raw.kind, raw.first, raw.second) = (leaf, start as u32, len as u32);
            return Ok(());
        }
        self.unfold()?;
        self.push(Raw {
            tag: Tag::new(0, 0),
            kind,
            content: false,
            first: start as u32,
            second: len as u32,
            offset: offset as u32,
        })?;
        Ok(())
    }

    /// Turns an open leaf, which gets more content, into an element with a value node.
    #[inline]
    fn unfold(&mut self) -> Result<(), Fault> {
        match self.nodes.get_mut(self.open as usize) {
            Some(raw) if raw.kind != Kind::Element => {
                let kind = if raw.kind == Kind::LeafText { Kind::Text } else { Kind::Opaque };
                let offset = self.leaf_offset;
                let value = Raw { tag: Tag::new(0, 0), kind, content: false, offset, ..*raw };
                (raw.kind, raw.first, raw.second) = (Kind::Element, self.leaf_parent, 0);
                self.push(value).map(drop)
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn push(&mut self, raw: Raw) -> Result<u32, Fault> {
        let index = self.nodes.len();
        if index >= self.nodes_max {
            return Err(Fault::new(ErrorKind::Limit(Limit::Nodes), raw.offset as usize));
        }
        self.nodes.push(raw);
        Ok(index as u32)
    }
}

/// How many nodes a document may have, from the ENDs near its beginning.
fn guess_nodes(input: &[u8]) -> usize {
    const SAMPLE: usize = 1 << 18;
    let sample = &input[..input.len().min(SAMPLE)];
    let ends = memchr::memchr_iter(END, sample).count();
    let ends = ends * input.len().div_ceil(sample.len().max(1));
    // Elements without content have no END.
    ends + ends / 8 + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_takes_16_bytes() {
        assert_eq!(size_of::<Raw>(), 16);
    }
}
