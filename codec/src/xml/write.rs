//! Trees to XML text.

use super::escape::{Bytes, Sink, escape, escape_all, escape_space, short};
use super::{NAMESPACE, base64, stream};
use crate::Tag;
use crate::builder::{Builder, Kind, NONE, Raw};
use crate::error::Error;
use crate::options::Options;
use crate::scan;
use crate::table::{CodePage, Content, Markup, Piece, Table};
use crate::tree::Tree;
use std::ops::Range;

pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// Levels that are indented.
const INDENT_MAX: usize = 64;

/// How XML is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// No white space between elements.
    #[default]
    Compact,
    /// A line per element, two spaces per level.
    Indented,
}

/// The document as XML text, [`Style::Compact`].
pub fn to_string(tree: &Tree) -> String {
    let mut out = String::with_capacity(compact_len(tree));
    write(tree, Style::Compact, &mut out);
    out
}

/// Appends the document as XML text.
pub fn write(tree: &Tree, style: Style, out: &mut String) {
    write_over(tree, &tree.store, style, out);
}

/// Decodes a document and appends it as XML text, without a tree in between that owns it.
///
/// ```
/// use wbxml::{Options, xml};
///
/// let mut text = String::new();
/// let bytes = b"\x03\x01\x6a\x00\x00\x0d\x45\x47\x031\x00\x01\x01";
/// xml::decode(bytes, &Options::default(), xml::Style::Compact, &mut text)?;
/// assert!(text.ends_with("<Ping xmlns=\"Ping\"><Status>1</Status></Ping>"));
/// # Ok::<(), wbxml::Error>(())
/// ```
pub fn decode(
    bytes: &[u8],
    options: &Options,
    style: Style,
    out: &mut String,
) -> Result<(), Error> {
    if style == Style::Compact && stream::decode(bytes, options, out) {
        return Ok(());
    }
    if let Some(tree) = Builder::plain(bytes, options) {
        if style == Style::Compact && out.capacity() - out.len() < 2 * bytes.len() {
            out.reserve(compact_len(&tree));
        }
        write_over(&tree, bytes, style, out);
    } else {
        write(&Tree::decode(bytes, options)?, style, out);
    }
    Ok(())
}

/// Writes the nodes of a tree whose values lie in this store.
fn write_over(tree: &Tree, store: &[u8], style: Style, out: &mut String) {
    if tree.foreign {
        write_to(tree, store, style, out);
        return;
    }
    let mut bytes = Bytes::new(std::mem::take(out).into_bytes());
    write_to(tree, store, style, &mut bytes);
    *out = into_string(bytes);
}

/// What was in a string, markup and text that was checked.
pub(super) fn into_string(bytes: Bytes) -> String {
    // This does not fail.
    String::from_utf8(bytes.into_inner())
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn write_to(tree: &Tree, store: &[u8], style: Style, out: &mut impl Sink) {
    out.push(DECLARATION);
    let mut writer =
        Writer { tree, store, out, indent: (style == Style::Indented).then_some(0), page: None };
    let alone = tree
        .nodes
        .first()
        .is_some_and(|raw| raw.kind.is_element() && raw.end(0) as usize == tree.nodes.len());
    if alone {
        writer.nodes();
    } else {
        writer.line();
        writer.out.push("<document xmlns=\"wbxml\">");
        writer.deeper(1);
        writer.nodes();
        writer.deeper(-1);
        writer.line();
        writer.out.push("</document>");
    }
    if style == Style::Indented {
        out.push("\n");
    }
}

/// The length of the compact form, were there nothing to escape.
fn compact_len(tree: &Tree) -> usize {
    let mut len = DECLARATION.len() + 64;
    let (mut open, mut open_end, mut page) = (NONE, usize::MAX, None);
    for (index, raw) in tree.nodes.iter().enumerate() {
        while index >= open_end {
            (open, open_end, page) = around(tree, open);
        }
        let markup = tree.table.page(raw.tag.page()).and_then(|info| info.markup(raw.tag.token()));
        if let Some(markup) = markup {
            let same = page == Some(raw.tag.page());
            let start = if same { &markup.start } else { &markup.declared };
            len += start.text.len() + markup.end.text.len();
        }
        if raw.kind == Kind::Element {
            #[allow(clippy::cast_possible_truncation, reason = "nodes are below 4 G")]
            let this = index as u32;
            (open, open_end, page) = (this, raw.end(this) as usize, known_page(tree, raw.tag));
        } else {
            len += raw.range().len();
        }
        // Base64; what is long is more often text.
        if matches!(raw.kind, Kind::LeafOpaque | Kind::Opaque) && raw.range().len() < 1 << 16 {
            len += raw.range().len() / 3 + 24;
        }
    }
    // References.
    len + len / 16
}

/// The element around this one, where that ends, and its page.
#[inline]
fn around(tree: &Tree, open: u32) -> (u32, usize, Option<u8>) {
    let parent = tree.nodes[open as usize].parent();
    match tree.nodes.get(parent as usize) {
        Some(raw) => (parent, raw.end(parent) as usize, known_page(tree, raw.tag)),
        None => (NONE, usize::MAX, None),
    }
}

/// The page whose namespace is in force inside an element of this tag.
#[inline]
fn known_page(tree: &Tree, tag: Tag) -> Option<u8> {
    tree.table.info(tag).map(|_| tag.page())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0F)]).collect()
}

struct Writer<'t, 'o, S> {
    tree: &'t Tree,
    store: &'t [u8],
    out: &'o mut S,
    /// The level of indentation.
    indent: Option<usize>,
    /// The code page of the last tag.
    page: Option<&'static CodePage>,
}

impl<S: Sink> Writer<'_, '_, S> {
    fn nodes(&mut self) {
        let tree = self.tree;
        let mut open = NONE;
        // Where the open element ends, and the page whose namespace is in force inside it.
        let mut open_end = usize::MAX;
        let mut page = None;
        for (index, raw) in tree.nodes.iter().enumerate() {
            while index >= open_end {
                (open, open_end, page) = self.close(open);
            }
            self.line();
            match raw.kind {
                Kind::LeafText => {
                    if let Some(markup) = self.markup(raw.tag) {
                        let same = page == Some(raw.tag.page());
                        let start = if same { &markup.start } else { &markup.declared };
                        let range = raw.range();
                        if let Some(text) = short(self.store, &range)
                            && !text[0].is_ascii_whitespace()
                        {
                            self.out.push_leaf(start, text, range.len(), &markup.end);
                        } else {
                            self.out.push_piece(start);
                            self.text(raw);
                            self.out.push_piece(&markup.end);
                        }
                    } else {
                        self.other_start_tag(raw.tag, page == Some(raw.tag.page()));
                        self.text(raw);
                        self.end_tag(raw.tag);
                    }
                }
                Kind::Element => {
                    self.start_tag(raw.tag, page);
                    #[allow(clippy::cast_possible_truncation, reason = "nodes are below 4 G")]
                    let this = index as u32;
                    let end = raw.end(this) as usize;
                    if end == index + 1 {
                        self.back();
                        self.out.push("/>");
                    } else {
                        self.deeper(1);
                        (open, open_end, page) = (this, end, known_page(tree, raw.tag));
                    }
                }
                Kind::LeafOpaque => {
                    self.start_tag(raw.tag, page);
                    self.opaque(raw);
                    self.end_tag(raw.tag);
                }
                Kind::Text | Kind::Entity | Kind::Opaque => {
                    self.out.push("<value xmlns=\"");
                    self.out.push(NAMESPACE);
                    self.out.push("\">");
                    if raw.kind == Kind::Opaque {
                        self.opaque(raw);
                    } else {
                        self.text(raw);
                    }
                    self.out.push("</value>");
                }
                Kind::Damage => self.damage(raw),
            }
        }
        while open != NONE {
            (open, _, _) = self.close(open);
        }
    }

    /// Ends this element; gives the one around it, where that ends, and its page.
    #[inline]
    fn close(&mut self, open: u32) -> (u32, usize, Option<u8>) {
        let raw = &self.tree.nodes[open as usize];
        self.deeper(-1);
        self.line();
        self.end_tag(raw.tag);
        around(self.tree, open)
    }

    /// The XML of a tag, where it is ready.
    #[inline]
    fn markup(&mut self, tag: Tag) -> Option<&'static Markup> {
        if self.page.is_none_or(|page| page.number() != tag.page()) {
            self.page = self.tree.table.page(tag.page());
        }
        self.page?.markup(tag.token())
    }

    /// A start tag with its `>`.
    #[inline]
    fn start_tag(&mut self, tag: Tag, page: Option<u8>) {
        let same = page == Some(tag.page());
        match self.markup(tag) {
            Some(markup) if same => self.out.push_piece(&markup.start),
            Some(markup) => self.out.push_piece(&markup.declared),
            None => self.other_start_tag(tag, same),
        }
    }

    #[cold]
    fn other_start_tag(&mut self, tag: Tag, same: bool) {
        let out = &mut *self.out;
        let info = self.tree.table.page(tag.page());
        // Writing to memory does not fail.
        let _ = match (info, self.tree.table.info(tag)) {
            (Some(_), Some(row)) if same => write!(out, "<{}>", row.name),
            (Some(info), Some(row)) => {
                write!(out, "<{} xmlns=\"{}\">", row.name, info.namespace())
            }
            _ => {
                let (page, token) = (tag.page(), tag.token());
                write!(out, "<unknown xmlns=\"{NAMESPACE}\" page=\"{page}\" token=\"{token}\">")
            }
        };
    }

    #[inline]
    fn end_tag(&mut self, tag: Tag) {
        if let Some(markup) = self.markup(tag) {
            self.out.push_piece(&markup.end);
        } else {
            let name = self.tree.table.info(tag).map_or("unknown", |row| row.name);
            let _ = write!(self.out, "</{name}>");
        }
    }

    /// Takes back the `>` of a start tag.
    fn back(&mut self) {
        back(self.out);
    }

    #[inline]
    fn text(&mut self, raw: &Raw) {
        text(self.tree.table, raw.tag, self.store, raw.range(), self.out);
    }

    fn opaque(&mut self, raw: &Raw) {
        opaque(&self.store[raw.range()], self.out);
    }

    fn damage(&mut self, raw: &Raw) {
        let damage = self.tree.damage[raw.offset as usize];
        let _ = write!(
            self.out,
            "<damage xmlns=\"{NAMESPACE}\" kind=\"{}\" offset=\"{}\" bytes=\"hex\">",
            damage.kind, damage.offset
        );
        for piece in self.store[raw.range()].chunks(512) {
            self.out.push(&hex(piece));
        }
        self.out.push("</damage>");
    }

    #[inline]
    fn deeper(&mut self, by: isize) {
        if let Some(level) = &mut self.indent {
            *level = level.saturating_add_signed(by);
        }
    }

    #[inline]
    fn line(&mut self) {
        if let Some(level) = self.indent {
            self.new_line(level);
        }
    }

    #[inline(never)]
    fn new_line(&mut self, level: usize) {
        self.out.push("\n");
        // Deeper than that nobody counts, and the text would grow with the square of the depth.
        for _ in 0..level.min(INDENT_MAX) {
            self.out.push("  ");
        }
    }
}

/// Takes back the `>` of a start tag.
pub(super) fn back(out: &mut impl Sink) {
    out.truncate(out.len() - 1);
}

/// Writes the text that lies there in the store, the content of an element of this tag.
#[inline]
pub(super) fn text(
    table: &Table,
    tag: Tag,
    store: &[u8],
    range: Range<usize>,
    out: &mut impl Sink,
) {
    let text = &store[range];
    if would_be_dropped(table, tag, text) {
        escape_space(text, out);
        return;
    }
    let start = out.len();
    if !escape(text, out) {
        out.truncate(start);
        back(out);
        out.push(" text=\"escaped\">");
        escape_all(scan::text(text).unwrap_or_default(), out);
    }
}

/// Writes opaque data, the content of an element whose start tag was just written.
pub(super) fn opaque(bytes: &[u8], out: &mut impl Sink) {
    back(out);
    let start = out.len();
    if scan::text(bytes).is_ok() {
        out.push(" opaque=\"text\">");
        if escape(bytes, out) {
            return;
        }
        out.truncate(start);
    }
    out.push_piece(&BASE64);
    base64::write(bytes, out);
}

static BASE64: Piece = Piece::new(" opaque=\"base64\">");

/// Whether a reader takes this text for white space between elements.
#[inline]
fn would_be_dropped(table: &Table, tag: Tag, text: &[u8]) -> bool {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    text.first().is_some_and(space)
        && table.info(tag).is_some_and(|row| row.content == Content::Container)
        && text.iter().all(space)
}
