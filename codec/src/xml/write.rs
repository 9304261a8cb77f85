//! Trees to XML text.

use super::{NAMESPACE, base64};
use crate::builder::{Kind, NONE, Raw};
use crate::lint::is_xml;
use crate::table::Content;
use crate::tree::Tree;
use std::fmt::Write;

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
    let mut out = String::with_capacity(tree.nodes.len() * 32 + tree.text.len() * 9 / 8);
    write(tree, Style::Compact, &mut out);
    out
}

/// Appends the document as XML text.
pub fn write(tree: &Tree, style: Style, out: &mut String) {
    out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    let mut writer = Writer { tree, out, indent: (style == Style::Indented).then_some(0) };
    let alone = tree.nodes.first().is_some_and(|raw| {
        raw.kind.is_element() && (raw.kind != Kind::Element || raw.end as usize == tree.nodes.len())
    });
    if alone {
        writer.nodes();
    } else {
        writer.line();
        writer.out.push_str("<document xmlns=\"wbxml\">");
        writer.deeper(1);
        writer.nodes();
        writer.deeper(-1);
        writer.line();
        writer.out.push_str("</document>");
    }
    if style == Style::Indented {
        out.push('\n');
    }
}

struct Writer<'t, 'o> {
    tree: &'t Tree,
    out: &'o mut String,
    /// The level of indentation.
    indent: Option<usize>,
}

impl Writer<'_, '_> {
    fn nodes(&mut self) {
        let tree = self.tree;
        let mut open = NONE;
        let mut page = None;
        for (index, raw) in tree.nodes.iter().enumerate() {
            open = self.close(open, index, &mut page);
            self.line();
            match raw.kind {
                Kind::Element => {
                    self.open_tag(raw, page);
                    if raw.end as usize == index + 1 {
                        self.out.push_str("/>");
                    } else {
                        self.out.push('>');
                        self.deeper(1);
                        #[allow(clippy::cast_possible_truncation, reason = "nodes are below 4 G")]
                        {
                            open = index as u32;
                        }
                        page = self.known_page(raw);
                    }
                }
                Kind::LeafText | Kind::LeafOpaque => {
                    self.open_tag(raw, page);
                    self.value(raw);
                    self.close_tag(raw);
                }
                Kind::Text | Kind::Entity | Kind::Opaque => {
                    self.out.push_str("<value xmlns=\"");
                    self.out.push_str(NAMESPACE);
                    self.out.push('"');
                    self.value(raw);
                    self.out.push_str("</value>");
                }
                Kind::Damage => self.damage(raw),
            }
        }
        self.close(open, tree.nodes.len(), &mut page);
    }

    /// Closes the elements that end before this index; gives the one that is open then.
    #[inline]
    fn close(&mut self, mut open: u32, index: usize, page: &mut Option<u8>) -> u32 {
        while let Some(raw) = self.tree.nodes.get(open as usize)
            && raw.end as usize <= index
        {
            self.deeper(-1);
            self.line();
            self.close_tag(raw);
            open = raw.start;
            *page = self.tree.nodes.get(open as usize).and_then(|raw| self.known_page(raw));
        }
        open
    }

    /// The page whose namespace is in force inside this element.
    fn known_page(&self, raw: &Raw) -> Option<u8> {
        self.tree.table.info(raw.tag).map(|_| raw.tag.page())
    }

    /// A start tag without its `>`.
    #[inline]
    fn open_tag(&mut self, raw: &Raw, page: Option<u8>) {
        let info = self.tree.table.page(raw.tag.page());
        if let Some((info, row)) = info.and_then(|info| Some((info, info.info(raw.tag.token())?))) {
            self.out.push('<');
            self.out.push_str(row.name);
            if page != Some(raw.tag.page()) {
                self.out.push_str(" xmlns=\"");
                self.out.push_str(info.namespace());
                self.out.push('"');
            }
        } else {
            let (page, token) = (raw.tag.page(), raw.tag.token());
            let _ = write!(
                self.out,
                "<unknown xmlns=\"{NAMESPACE}\" page=\"{page}\" token=\"{token}\""
            );
        }
    }

    #[inline]
    fn close_tag(&mut self, raw: &Raw) {
        self.out.push_str("</");
        self.out.push_str(self.tree.table.info(raw.tag).map_or("unknown", |row| row.name));
        self.out.push('>');
    }

    /// The attribute that a value needs, the `>` of its start tag, and its content.
    #[inline]
    fn value(&mut self, raw: &Raw) {
        if matches!(raw.kind, Kind::LeafText | Kind::Text | Kind::Entity) {
            let text = &self.tree.text[raw.range()];
            self.out.push('>');
            if self.would_be_dropped(raw, text) {
                for byte in text.bytes() {
                    let _ = write!(self.out, "&#{byte};");
                }
                return;
            }
            let start = self.out.len();
            if !escape(text, self.out) {
                self.out.truncate(start - 1);
                self.out.push_str(" text=\"escaped\">");
                escape_all(text, self.out);
            }
            return;
        }
        let bytes = &self.tree.bytes[raw.range()];
        let start = self.out.len();
        if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
            self.out.push_str(" opaque=\"text\">");
            if escape(text, self.out) {
                return;
            }
            self.out.truncate(start);
        }
        self.out.push_str(" opaque=\"base64\">");
        base64::write(bytes, self.out);
    }

    /// Whether a reader takes this text for white space between elements.
    #[inline]
    fn would_be_dropped(&self, raw: &Raw, text: &str) -> bool {
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        text.as_bytes().first().is_some_and(space)
            && self.tree.table.info(raw.tag).is_some_and(|row| row.content == Content::Container)
            && text.as_bytes().iter().all(space)
    }

    fn damage(&mut self, raw: &Raw) {
        let damage = self.tree.damage[raw.end as usize];
        let _ = write!(
            self.out,
            "<damage xmlns=\"{NAMESPACE}\" kind=\"{}\" offset=\"{}\" bytes=\"hex\">",
            damage.kind, damage.offset
        );
        for byte in &self.tree.bytes[raw.range()] {
            let _ = write!(self.out, "{byte:02x}");
        }
        self.out.push_str("</damage>");
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
            self.out.push('\n');
            for _ in 0..level {
                self.out.push_str("  ");
            }
        }
    }
}

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

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = Class::Forbidden;
        byte += 1;
    }
    classes[b'\t' as usize] = Class::Plain;
    classes[b'\n' as usize] = Class::Plain;
    classes[b'\r' as usize] = Class::Escape;
    classes[b'&' as usize] = Class::Escape;
    classes[b'<' as usize] = Class::Escape;
    classes[b'>' as usize] = Class::Escape;
    classes[0xEF] = Class::Suspect;
    classes
};

fn reference(byte: u8) -> &'static str {
    match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        _ => "&#13;",
    }
}

/// Appends text with references; false where it has a character that XML cannot carry.
#[inline]
fn escape(text: &str, out: &mut String) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    let mut pos = 0;
    loop {
        let found = bytes[pos..].iter().position(|&b| CLASSES[usize::from(b)] != Class::Plain);
        let Some(found) = found else { break };
        pos += found;
        match CLASSES[usize::from(bytes[pos])] {
            Class::Forbidden => return false,
            Class::Suspect => {
                if text[pos..].starts_with(['\u{FFFE}', '\u{FFFF}']) {
                    return false;
                }
                pos += 3;
            }
            _ => {
                out.push_str(&text[start..pos]);
                out.push_str(reference(bytes[pos]));
                pos += 1;
                start = pos;
            }
        }
    }
    out.push_str(&text[start..]);
    true
}

/// Appends text of which XML cannot carry some characters: those as `\u{1}`, backslash doubled.
fn escape_all(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\r' | '&' | '<' | '>' => out.push_str(reference(character as u8)),
            _ if is_xml(character) => out.push(character),
            _ => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
}
