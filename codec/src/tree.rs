//! The flat tree: nodes in document order over one store of bytes.

use crate::builder::{Builder, Kind, NONE, Raw};
use crate::decode::{Decoder, Event};
use crate::encode::Encoder;
use crate::error::{Error, ErrorKind, Fault};
use crate::options::{Mode, Options};
use crate::table::Table;
use crate::{Tag, context, scan};
use std::borrow::Cow;
use std::fmt;

/// A decoded document.
///
/// Nodes lie flat in document order over one copy of the document. Building one makes two
/// allocations, however many elements there are.
///
/// ```
/// use wbxml::{Options, Tree, tags::ping};
///
/// let bytes = b"\x03\x01\x6a\x00\x00\x0d\x45\x47\x032\x00\x01\x49\x4a\x035\x00\x01\x4a\x037\x00\x01\x01\x01";
/// let tree = Tree::decode(bytes, &Options::default())?;
/// let ping = tree.root();
/// assert_eq!(ping.tag(), ping::PING);
/// assert_eq!(ping.child(ping::STATUS).unwrap().text().unwrap(), "2");
/// let folders = ping.child(ping::FOLDERS).unwrap();
/// let changed: Vec<_> = folders.children_with(ping::FOLDER).filter_map(|f| f.text()).collect();
/// assert_eq!(changed, ["5", "7"]);
/// assert_eq!(tree.encode()?, bytes);
/// # Ok::<(), wbxml::Error>(())
/// ```
#[derive(Clone)]
pub struct Tree {
    pub(crate) nodes: Vec<Raw>,
    /// Holds the values. Whatever a text node points at is UTF-8.
    pub(crate) store: Vec<u8>,
    /// Whether texts are long or in a script that is not Latin: the better way to write XML differs.
    #[cfg_attr(not(feature = "xml"), allow(dead_code, reason = "only XML cares"))]
    pub(crate) foreign: bool,
    pub(crate) damage: Vec<Damage>,
    pub(crate) root: u32,
    pub(crate) table: &'static Table,
}

/// Damage that forensic mode met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where the damaged bytes begin.
    pub offset: usize,
    /// How many bytes are kept as damage; none where the damage only marks what follows.
    pub len: usize,
}

impl Tree {
    /// Decodes a document.
    pub fn decode(bytes: &[u8], options: &Options) -> Result<Self, Error> {
        Self::decode_fault(bytes, options).map_err(|fault| context::error(bytes, options, fault))
    }

    fn decode_fault(bytes: &[u8], options: &Options) -> Result<Self, Fault> {
        if let Some(mut tree) = Builder::plain(bytes, options) {
            tree.store = bytes.to_vec();
            return Ok(tree);
        }
        let mut decoder = Decoder::new(bytes, options);
        let mut builder = Builder::new(bytes.len(), options);
        while let Some(event) = decoder.next_event()? {
            let offset = decoder.event_offset();
            match builder.event(&event, offset) {
                Err(fault) if options.mode == Mode::Forensic => {
                    builder.give_up(fault.kind, &bytes[offset..], offset);
                    break;
                }
                built => built?,
            }
        }
        Ok(builder.finish())
    }

    /// The root element. Where forensic mode finds no element at all, it is an empty one with the
    /// impossible tag of page 0, token 0.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, index: self.root }
    }

    /// Everything outside any element, in order: the root element, and in forensic mode further
    /// roots and damage.
    pub fn top_level(&self) -> impl Iterator<Item = Node<'_>> {
        #[allow(clippy::cast_possible_truncation, reason = "the nodes limit is below 4 G")]
        Siblings { tree: self, next: 0, end: self.nodes.len() as u32 }
    }

    /// How many nodes there are: elements, and values that are not the only content of one.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// What forensic mode found wrong, in order.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// The table that the tags are from.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// The events of the document, as they were read.
    pub fn events(&self) -> Events<'_> {
        Events { tree: self, index: 0, open: NONE, step: Step::Enter }
    }

    /// Encodes the document: the events as they were read, page switches only where needed.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.encode_into(Vec::with_capacity(self.encoded_len()))
    }

    /// Encodes into a buffer, whose contents are dropped and whose capacity is kept.
    pub fn encode_into(&self, buffer: Vec<u8>) -> Result<Vec<u8>, Error> {
        crate::reencode::reencode(self, buffer).or_else(|buffer| {
            let mut encoder = Encoder::with_buffer(buffer);
            for event in self.events() {
                encoder.event(&event);
            }
            encoder.finish()
        })
    }

    /// At least the length of the encoded document.
    fn encoded_len(&self) -> usize {
        // Tag, END, a page switch each way, STR_I and NUL.
        16 + self.nodes.len() * 8 + self.store.len()
    }

    fn raw(&self, index: u32) -> &Raw {
        &self.nodes[index as usize]
    }

    /// The text of a text node.
    #[inline]
    fn text_of(&self, raw: &Raw) -> &str {
        // Checked when it was stored; checking again is cheaper than a second store.
        scan::text(self.bytes_of(raw)).unwrap_or_default()
    }

    /// The value of a value or leaf.
    #[inline]
    pub(crate) fn bytes_of(&self, raw: &Raw) -> &[u8] {
        &self.store[raw.range()]
    }
}

/// Equal where tags, texts and opaque data are equal, in the same order. How an empty element was
/// written, how a text was divided, and offsets do not count.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        let mut left = Contents { events: self.events() };
        let mut right = Contents { events: other.events() };
        loop {
            match (left.next(), right.next()) {
                (None, None) => return true,
                (left, right) if left == right => {}
                _ => return false,
            }
        }
    }
}

impl Eq for Tree {}

impl fmt::Debug for Tree {
    /// One line per element.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut depth = 0;
        for event in self.events() {
            if event == Event::End {
                depth -= 1;
                continue;
            }
            write!(f, "{:1$}", "", 2 * depth)?;
            match event {
                Event::Start { tag, .. } => {
                    depth += 1;
                    writeln!(f, "{tag}")?;
                }
                other => writeln!(f, "{other:?}")?,
            }
        }
        Ok(())
    }
}

/// What stands in a tree besides elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'t> {
    /// Text.
    Text(&'t str),
    /// Opaque data.
    Opaque(&'t [u8]),
    /// Bytes that forensic mode could not read, and why.
    Damage(ErrorKind, &'t [u8]),
}

/// A node of a tree: an element, or a value beside others.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    index: u32,
}

impl<'t> Node<'t> {
    fn raw(self) -> &'t Raw {
        self.tree.raw(self.index)
    }

    /// The tag; of a value, the impossible tag of page 0, token 0.
    pub fn tag(self) -> Tag {
        self.raw().tag
    }

    /// Whether this is an element.
    pub fn is_element(self) -> bool {
        self.raw().kind.is_element()
    }

    /// The name of the tag in the table of the tree.
    pub fn name(self) -> Option<&'static str> {
        self.tree.table.info(self.tag()).map(|info| info.name)
    }

    /// The value that this node is, or that is the only content of this element.
    pub fn value(self) -> Option<Value<'t>> {
        let raw = self.raw();
        match raw.kind {
            Kind::Element => None,
            Kind::LeafText | Kind::Text | Kind::Entity => Some(Value::Text(self.tree.text_of(raw))),
            Kind::LeafOpaque | Kind::Opaque => Some(Value::Opaque(self.tree.bytes_of(raw))),
            Kind::Damage => {
                let kind = self.tree.damage[raw.offset as usize].kind;
                Some(Value::Damage(kind, self.tree.bytes_of(raw)))
            }
        }
    }

    /// The child elements.
    #[inline]
    pub fn children(self) -> impl Iterator<Item = Node<'t>> + Clone {
        self.contents().filter(|node| node.is_element())
    }

    /// The child elements and, where an element holds several values or values beside elements,
    /// those values. The only value of an element is not a node of its own: see
    /// [`value`](Self::value).
    #[inline]
    pub fn contents(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let raw = self.raw();
        let end = raw.end(self.index);
        Siblings { tree: self.tree, next: self.index + 1, end }
    }

    /// The first child element with this tag.
    pub fn child(self, tag: Tag) -> Option<Node<'t>> {
        self.children_with(tag).next()
    }

    /// The child elements with this tag.
    pub fn children_with(self, tag: Tag) -> impl Iterator<Item = Node<'t>> + Clone {
        self.contents().filter(move |node| node.raw().tag == tag && node.is_element())
    }

    /// The text content, empty for an empty element. Opaque data that is UTF-8 counts as text:
    /// both encodings of strings occur.
    ///
    /// `None` where there are child elements, or bytes that are not text.
    pub fn text(self) -> Option<Cow<'t, str>> {
        match self.value() {
            Some(Value::Text(text)) => Some(Cow::Borrowed(text)),
            Some(Value::Opaque(bytes)) => simdutf8::basic::from_utf8(bytes).ok().map(Cow::Borrowed),
            Some(Value::Damage(..)) => None,
            None => {
                let mut all = Cow::Borrowed("");
                for node in self.contents() {
                    let part = if node.is_element() { None } else { node.text() }?;
                    if all.is_empty() {
                        all = part;
                    } else {
                        all.to_mut().push_str(&part);
                    }
                }
                Some(all)
            }
        }
    }

    /// The content as bytes, empty for an empty element; `None` where there are child elements.
    pub fn bytes(self) -> Option<Cow<'t, [u8]>> {
        match self.value() {
            Some(Value::Text(text)) => Some(Cow::Borrowed(text.as_bytes())),
            Some(Value::Opaque(bytes) | Value::Damage(_, bytes)) => Some(Cow::Borrowed(bytes)),
            None => {
                let mut all: Cow<'t, [u8]> = Cow::Borrowed(b"");
                for node in self.contents() {
                    let part = if node.is_element() { None } else { node.bytes() }?;
                    if all.is_empty() {
                        all = part;
                    } else {
                        all.to_mut().extend_from_slice(&part);
                    }
                }
                Some(all)
            }
        }
    }

    /// Whether there is neither a child nor a byte of content.
    pub fn is_empty(self) -> bool {
        match self.value() {
            Some(Value::Text(text)) => text.is_empty(),
            Some(Value::Opaque(bytes) | Value::Damage(_, bytes)) => bytes.is_empty(),
            None => self.contents().all(|node| !node.is_element() && node.is_empty()),
        }
    }

    /// Where the token of this node begins in the input; 0 in a tree that was not decoded from
    /// bytes.
    pub fn offset(self) -> usize {
        let offset = self.raw().offset as usize;
        if self.raw().kind == Kind::Damage { self.tree.damage[offset].offset } else { offset }
    }
}

impl PartialEq for Node<'_> {
    /// The same node of the same tree.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.index == other.index
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Some(value) if self.is_element() => write!(f, "{} {value:?}", self.tag()),
            Some(value) => write!(f, "{value:?}"),
            // Not the children themselves: a tree may be deep.
            None => write!(f, "{} ({} nodes inside)", self.tag(), self.contents().count()),
        }
    }
}

/// Nodes on one level: from one end of a subtree to the next.
#[derive(Clone)]
struct Siblings<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Siblings<'t> {
    type Item = Node<'t>;

    #[inline]
    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { tree: self.tree, index: self.next };
        let raw = node.raw();
        self.next = raw.end(self.next);
        Some(node)
    }
}

/// What of the node at hand has been given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Enter,
    Value,
    Leave,
}

/// The events of a tree; allocates nothing.
#[derive(Clone)]
pub struct Events<'t> {
    tree: &'t Tree,
    index: u32,
    /// The innermost open element that has children.
    open: u32,
    step: Step,
}

impl<'t> Iterator for Events<'t> {
    type Item = Event<'t>;

    fn next(&mut self) -> Option<Event<'t>> {
        let tree = self.tree;
        if self.step == Step::Enter && self.open != NONE {
            let open = tree.raw(self.open);
            if self.index >= open.end(self.open) {
                self.open = open.parent();
                return Some(Event::End);
            }
        }
        let raw = tree.nodes.get(self.index as usize)?;
        let value = match raw.kind {
            Kind::Element | Kind::LeafText | Kind::LeafOpaque if self.step == Step::Enter => {
                if raw.kind == Kind::Element {
                    self.open = self.index;
                    self.index += 1;
                } else {
                    self.step = Step::Value;
                }
                return Some(Event::Start { tag: raw.tag, content: raw.content });
            }
            Kind::LeafText | Kind::LeafOpaque if self.step == Step::Value => {
                self.step = Step::Leave;
                return Some(match raw.kind {
                    Kind::LeafText => Event::Text(tree.text_of(raw)),
                    _ => Event::Opaque(tree.bytes_of(raw)),
                });
            }
            Kind::Text => Event::Text(tree.text_of(raw)),
            Kind::Entity => Event::Entity(tree.text_of(raw).chars().next().unwrap_or_default()),
            Kind::Opaque => Event::Opaque(tree.bytes_of(raw)),
            Kind::Damage => {
                let kind = tree.damage[raw.offset as usize].kind;
                Event::Damage { kind, bytes: tree.bytes_of(raw) }
            }
            Kind::Element | Kind::LeafText | Kind::LeafOpaque => {
                self.step = Step::Enter;
                Event::End
            }
        };
        self.index += 1;
        Some(value)
    }
}

/// The events of a tree without what equality disregards.
struct Contents<'t> {
    events: Events<'t>,
}

#[derive(PartialEq)]
enum Part<'t> {
    Start(Tag),
    End,
    Text(Cow<'t, str>),
    Opaque(&'t [u8]),
    Damage(ErrorKind, &'t [u8]),
}

impl<'t> Iterator for Contents<'t> {
    type Item = Part<'t>;

    fn next(&mut self) -> Option<Part<'t>> {
        let mut text: Option<Cow<'t, str>> = None;
        loop {
            let before = self.events.clone();
            let part = match self.events.next() {
                Some(Event::Text("") | Event::Opaque(b"")) => continue,
                Some(Event::Text(more)) => {
                    let text = text.get_or_insert_default();
                    if text.is_empty() {
                        *text = Cow::Borrowed(more);
                    } else {
                        text.to_mut().push_str(more);
                    }
                    continue;
                }
                Some(Event::Entity(character)) => {
                    text.get_or_insert_default().to_mut().push(character);
                    continue;
                }
                event => event,
            };
            if let Some(text) = text {
                self.events = before;
                return Some(Part::Text(text));
            }
            return Some(match part? {
                Event::Start { tag, .. } => Part::Start(tag),
                Event::End => Part::End,
                Event::Opaque(bytes) => Part::Opaque(bytes),
                Event::Damage { kind, bytes } => Part::Damage(kind, bytes),
                Event::Text(_) | Event::Encoded(_) | Event::Entity(_) => continue,
            });
        }
    }
}
