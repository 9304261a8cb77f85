//! Building a tree from events.

use crate::Tag;
use crate::decode::Event;
use crate::error::{ErrorKind, Fault, Limit};
use crate::options::Options;
use crate::table::Table;
use crate::tree::{Damage, Tree};
use std::ops::Range;

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An element whose contents, if any, are the nodes up to `end`; `start` is its parent.
    Element,
    /// An element that holds nothing but one text.
    LeafText,
    /// An element that holds nothing but opaque data.
    LeafOpaque,
    Text,
    Entity,
    Opaque,
    /// `end` is the index into the list of damage.
    Damage,
}

impl Kind {
    pub(crate) fn is_element(self) -> bool {
        matches!(self, Self::Element | Self::LeafText | Self::LeafOpaque)
    }
}

/// A node as it is stored: 20 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw {
    pub(crate) tag: Tag,
    pub(crate) kind: Kind,
    /// The content bit of the tag.
    pub(crate) content: bool,
    /// The index behind the last node of the subtree.
    pub(crate) end: u32,
    /// Where in its store the value begins.
    pub(crate) start: u32,
    pub(crate) len: u32,
    pub(crate) offset: u32,
}

impl Raw {
    #[inline]
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// Builds a tree; the events must be balanced.
#[derive(Debug)]
pub(crate) struct Builder {
    nodes: Vec<Raw>,
    text: String,
    bytes: Vec<u8>,
    damage: Vec<Damage>,
    /// The innermost open element.
    open: u32,
    /// Of an open leaf: its parent, and where its value begins.
    leaf_parent: u32,
    leaf_offset: u32,
    nodes_max: usize,
    table: &'static Table,
}

#[allow(clippy::cast_possible_truncation, reason = "documents are below 4 GiB")]
impl Builder {
    pub(crate) fn new(input_len: usize, options: &Options) -> Self {
        Self {
            nodes: Vec::with_capacity((input_len / 16).min(options.limits.nodes)),
            text: String::new(),
            bytes: Vec::new(),
            damage: Vec::new(),
            open: NONE,
            leaf_parent: NONE,
            leaf_offset: 0,
            nodes_max: options.limits.nodes.min(NONE as usize - 1),
            table: options.table,
        }
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
                let start = self.text.len();
                self.text.push(character);
                self.value(Kind::Entity, start, self.text.len() - start, offset)
            }
            Event::Opaque(bytes) => self.opaque(bytes, offset),
            Event::Damage { kind, bytes } => self.damage(kind, bytes, offset),
        }
    }

    #[inline]
    pub(crate) fn start(&mut self, tag: Tag, content: bool, offset: usize) -> Result<(), Fault> {
        self.unfold()?;
        let raw = Raw {
            tag,
            kind: Kind::Element,
            content,
            end: 0,
            start: self.open,
            len: 0,
            offset: offset as u32,
        };
        let index = self.push(raw)?;
        self.open = index;
        Ok(())
    }

    #[inline]
    pub(crate) fn end(&mut self) {
        let end = self.nodes.len() as u32;
        let Some(raw) = self.nodes.get_mut(self.open as usize) else { return };
        raw.end = end;
        self.open = if raw.kind == Kind::Element { raw.start } else { self.leaf_parent };
    }

    #[inline]
    pub(crate) fn text(&mut self, text: &str, offset: usize) -> Result<(), Fault> {
        let start = self.text.len();
        self.text.push_str(text);
        self.value(Kind::Text, start, text.len(), offset)
    }

    #[inline]
    pub(crate) fn opaque(&mut self, bytes: &[u8], offset: usize) -> Result<(), Fault> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.value(Kind::Opaque, start, bytes.len(), offset)
    }

    fn damage(&mut self, kind: ErrorKind, bytes: &[u8], offset: usize) -> Result<(), Fault> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.value(Kind::Damage, start, bytes.len(), offset)?;
        if let Some(raw) = self.nodes.last_mut() {
            raw.end = self.damage.len() as u32;
        }
        self.damage.push(Damage { kind, offset, len: bytes.len() });
        Ok(())
    }

    /// Keeps the rest of the input as damage, past the limit of nodes, and ends what is open.
    pub(crate) fn give_up(&mut self, kind: ErrorKind, rest: &[u8], offset: usize) {
        self.nodes_max = NONE as usize - 1;
        // The limit is out of the way: nothing is refused.
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
                end: self.nodes.len() as u32 + 1,
                start: NONE,
                len: 0,
                offset: 0,
            });
            self.nodes.len() - 1
        });
        Tree {
            nodes: self.nodes,
            text: self.text,
            bytes: self.bytes,
            damage: self.damage,
            root: root as u32,
            table: self.table,
        }
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
            self.leaf_parent = raw.start;
            self.leaf_offset = offset as u32;
            raw.kind = leaf;
            raw.start = start as u32;
            raw.len = len as u32;
            return Ok(());
        }
        self.unfold()?;
        self.push(Raw {
            tag: Tag::new(0, 0),
            kind,
            content: false,
            end: 0,
            start: start as u32,
            len: len as u32,
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
                let value = Raw {
                    tag: Tag::new(0, 0),
                    kind,
                    content: false,
                    end: 0,
                    offset: self.leaf_offset,
                    ..*raw
                };
                raw.kind = Kind::Element;
                raw.start = self.leaf_parent;
                raw.len = 0;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_takes_20_bytes() {
        assert_eq!(size_of::<Raw>(), 20);
    }
}
