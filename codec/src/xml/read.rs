//! XML text to trees: a reader for what documents of WBXML look like in XML.

mod names;
mod text;

use super::characters::{NAMES, Name, check_characters, survey};
use super::escape::find_special;
use super::plain::{Form, Plain};
use crate::builder::Builder;
use crate::error::{Error, ErrorKind, Fault, Limit, XmlFault};
use crate::lint::is_xml;
use crate::options::Options;
use crate::table::CodePage;
use crate::tree::Tree;
use crate::{Tag, context, hint};
use names::BINDINGS_MAX;
use std::borrow::Cow;

/// Parses XML text with the ActiveSync table and the default limits.
pub fn from_str(text: &str) -> Result<Tree, Error> {
    from_str_with(text, &Options::default())
}

/// Parses XML text with this table and these limits; the mode does not count.
///
/// Offsets in errors are bytes of the XML text.
pub fn from_str_with(text: &str, options: &Options) -> Result<Tree, Error> {
    let mut reader = Reader::new(text, options);
    match reader.document() {
        Ok(()) => Ok(reader.builder.finish()),
        Err(fault) => Err(reader.error(fault)),
    }
}

/// What an open element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Tag(Tag),
    /// `<document>`: stands for nothing.
    Document,
    /// `<value>`: its content belongs to the element around it.
    Value,
}

struct Open<'x> {
    /// The name as written, for the end tag to match.
    name: &'x str,
    element: Element,
    form: Form,
    has_children: bool,
    /// How many namespace bindings there were outside.
    bindings: usize,
    offset: usize,
}

/// What a prefix stands for.
#[derive(Clone, Copy)]
enum Namespace<'x> {
    Page(&'static CodePage),
    Own,
    None,
    Unknown(&'x str),
}

struct Reader<'x> {
    text: &'x str,
    pos: usize,
    options: &'x Options,
    builder: Builder,
    open: Vec<Open<'x>>,
    bindings: Vec<(&'x str, Namespace<'x>)>,
    /// The character data since the last tag.
    data: Cow<'x, str>,
    /// Where it begins.
    data_offset: usize,
    /// Whether some of it cannot be dropped as white space: it came from a reference or CDATA.
    data_kept: bool,
    /// How many of the open elements are tags.
    depth: usize,
    root_seen: bool,
    /// Whether there is a tag: `<document>` may stand around none.
    has_root: bool,
    unknown: Option<String>,
}

type Step<T = ()> = Result<T, Fault>;

fn fault<T>(kind: XmlFault, offset: usize) -> Step<T> {
    Err(Fault::new(ErrorKind::Xml(kind), offset))
}

impl<'x> Reader<'x> {
    fn new(text: &'x str, options: &'x Options) -> Self {
        Self {
            text,
            pos: 0,
            options,
            builder: Builder::new(text.len() / 2, options),
            open: Vec::new(),
            bindings: Vec::new(),
            data: Cow::Borrowed(""),
            data_offset: 0,
            data_kept: false,
            depth: 0,
            root_seen: false,
            has_root: false,
            unknown: None,
        }
    }

    #[cold]
    fn error(&self, fault: Fault) -> Error {
        let tags: Vec<Tag> = self
            .open
            .iter()
            .filter_map(|open| match open.element {
                Element::Tag(tag) => Some(tag),
                _ => None,
            })
            .collect();
        let page = tags.last().map_or(0, |tag| tag.page());
        let mut error = context::error_at(self.options.table, fault, page, &tags);
        let details = error.details_mut();
        details.name.clone_from(&self.unknown);
        details.window = hint::window(self.text.as_bytes(), fault.offset);
        error
    }

    fn rest(&self) -> &'x str {
        &self.text[self.pos..]
    }

    fn document(&mut self) -> Step {
        if self.text.len() > self.options.limits.document() {
            let limit = ErrorKind::Limit(Limit::Document);
            return Err(Fault::new(limit, self.options.limits.document()));
        }
        if self.rest().starts_with('\u{FEFF}') {
            self.pos += '\u{FEFF}'.len_utf8();
        }
        if let Some(rest) = self.rest().strip_prefix("<?xml")
            && rest.starts_with([' ', '\t', '\r', '\n'])
        {
            self.skip_past("?>")?;
        }
        loop {
            if self.plain_start_tag()? {
                continue;
            }
            let rest = self.rest().as_bytes();
            let Some(at) = find_markup(rest) else { break };
            self.characters(at)?;
            let start = self.pos;
            match rest[at] {
                b'&' => self.reference()?,
                _ => match rest.get(at + 1) {
                    Some(b'/') => self.end_tag()?,
                    Some(b'!') if rest[at..].starts_with(b"<!--") => {
                        self.pos += 4;
                        let comment = self.skip_past("-->")?;
                        if comment.contains("--") || comment.ends_with('-') {
                            return fault(XmlFault::Syntax, start);
                        }
                    }
                    Some(b'!') if rest[at..].starts_with(b"<![CDATA[") => self.cdata()?,
                    Some(b'!') if rest[at..].starts_with(b"<!DOCTYPE") => self.document_type()?,
                    Some(b'?') => return fault(XmlFault::ProcessingInstruction, start),
                    _ => self.start_tag()?,
                },
            }
        }
        self.characters(self.rest().len())?;
        if !self.open.is_empty() {
            return fault(XmlFault::Unclosed, self.text.len());
        }
        if !self.has_root {
            return Err(Fault::new(ErrorKind::NoRoot, self.pos));
        }
        Ok(())
    }

    /// Moves behind `end`; gives what is before it.
    fn skip_past(&mut self, end: &str) -> Step<&'x str> {
        match self.rest().find(end) {
            Some(at) => {
                let skipped = &self.rest()[..at];
                self.pos += at + end.len();
                Ok(skipped)
            }
            None => fault(XmlFault::Unclosed, self.text.len()),
        }
    }

    fn document_type(&mut self) -> Step {
        let start = self.pos;
        if self.root_seen {
            return fault(XmlFault::Syntax, start);
        }
        // A literal may hold anything but its quote.
        let mut literal = None;
        for (at, byte) in self.rest().bytes().enumerate().skip("<!DOCTYPE".len()) {
            match (literal, byte) {
                (Some(quote), _) if byte != quote => {}
                (Some(_), _) => literal = None,
                (None, b'"' | b'\'') => literal = Some(byte),
                (None, b'[') => return fault(XmlFault::DocumentType, start),
                (None, b'<') => return fault(XmlFault::Syntax, start),
                (None, b'>') => {
                    self.pos = start + at + 1;
                    return Ok(());
                }
                _ => {}
            }
        }
        fault(XmlFault::Unclosed, self.text.len())
    }

    /// Takes a start tag that has nothing but a name and perhaps a default namespace, both known,
    /// and with it all of an element that holds nothing but a text without references. False, and
    /// nothing is done, where it is not that simple.
    #[inline]
    fn plain_start_tag(&mut self) -> Step<bool> {
        let start = self.pos;
        if !self.data.is_empty() || self.data_kept {
            return Ok(false);
        }
        let default = || match self.bindings.iter().rev().find(|(prefix, _)| prefix.is_empty()) {
            Some((_, Namespace::Page(page))) => Some(*page),
            _ => None,
        };
        let Some(Plain { tag, name, page, form, inside }) =
            Plain::read(self.text, start, self.options.table, default)
        else {
            return Ok(false);
        };
        if page.is_some() && self.bindings.len() >= BINDINGS_MAX {
            return Ok(false);
        }
        if self.depth >= self.options.limits.depth {
            return Ok(false);
        }
        match self.open.last_mut() {
            Some(open) if open.element == Element::Value || open.form != Form::Text => {
                return Ok(false);
            }
            Some(open) => open.has_children = true,
            None if self.root_seen => return Ok(false),
            None => self.root_seen = true,
        }
        self.has_root = true;
        let bytes = self.text.as_bytes();
        if form == Form::Text
            && let Some(len @ 1..) = find_special(&bytes[inside..])
            && len <= self.options.limits.string
            && !bytes[inside].is_ascii_whitespace()
            && let Some(end) = bytes[inside + len..].strip_prefix(b"</")
            && let Some(end) = end.strip_prefix(name.as_bytes())
            && end.first() == Some(&b'>')
        {
            let text = &self.text[inside..inside + len];
            self.builder.text_leaf(tag, text, start, inside)?;
            self.pos = inside + len + name.len() + 3;
            return Ok(true);
        }
        self.builder.start(tag, true, start)?;
        self.depth += 1;
        self.open.push(Open {
            name,
            element: Element::Tag(tag),
            form,
            has_children: false,
            bindings: self.bindings.len(),
            offset: start,
        });
        self.bindings.extend(page.map(|page| ("", Namespace::Page(page))));
        self.pos = inside;
        Ok(true)
    }

    fn start_tag(&mut self) -> Step {
        let start = self.pos;
        self.flush(false)?;
        match self.open.last_mut() {
            Some(open) if open.element == Element::Value || open.form != Form::Text => {
                return fault(XmlFault::Nested, start);
            }
            Some(open) => open.has_children = true,
            None if self.root_seen => return Err(Fault::new(ErrorKind::SecondRoot, start)),
            None => self.root_seen = true,
        }
        self.pos += 1;
        let name = self.name()?;
        let bindings = self.bindings.len();
        let mut form = Form::Text;
        let (mut page, mut token) = (None, None);
        let empty = loop {
            let spaces = self.spaces();
            match self.rest().as_bytes() {
                [b'>', ..] => {
                    self.pos += 1;
                    break false;
                }
                [b'/', b'>', ..] => {
                    self.pos += 2;
                    break true;
                }
                [] => return fault(XmlFault::Unclosed, self.text.len()),
                _ if !spaces => return fault(XmlFault::Syntax, self.pos),
                _ => {}
            }
            let offset = self.pos;
            let (attribute, value) = self.attribute()?;
            match (attribute, value) {
                ("xmlns", _) => self.bind("", value, offset, bindings)?,
                ("opaque", "base64") if form == Form::Text => form = Form::Base64,
                ("opaque", "text") if form == Form::Text => form = Form::Opaque,
                ("text", "escaped") if form == Form::Text => form = Form::Escaped,
                ("page", _) if page.is_none() => page = Some((value, offset)),
                ("token", _) if token.is_none() => token = Some((value, offset)),
                _ => match attribute.strip_prefix("xmlns:") {
                    Some(prefix) if !prefix.is_empty() => {
                        self.bind(prefix, value, offset, bindings)?;
                    }
                    _ => {
                        // Damage is refused as such, whatever attributes tell of it.
                        if let Err(fault) = self.element(name, start, None, None)
                            && fault.kind == ErrorKind::Damaged
                        {
                            return Err(fault);
                        }
                        self.unknown = Some(attribute.to_owned());
                        return fault(XmlFault::Attribute, offset);
                    }
                },
            }
        };
        let element = self.element(name, start, page, token)?;
        if element == Element::Document && !self.open.is_empty() {
            return fault(XmlFault::Nested, start);
        }
        if let Element::Tag(tag) = element {
            if self.depth >= self.options.limits.depth {
                return Err(Fault::new(ErrorKind::Limit(Limit::Depth), start));
            }
            self.has_root = true;
            self.depth += 1;
            self.builder.start(tag, !empty, start)?;
        } else if element == Element::Value
            && !matches!(self.open.last(), Some(Open { element: Element::Tag(_), .. }))
        {
            return Err(Fault::new(ErrorKind::ContentOutsideRoot, start));
        }
        self.open.push(Open { name, element, form, has_children: false, bindings, offset: start });
        if empty { self.close() } else { Ok(()) }
    }

    #[inline]
    fn end_tag(&mut self) -> Step {
        let start = self.pos;
        // Nearly always the very name that is open.
        if let Some(open) = self.open.last()
            && let Some(rest) = self.text.as_bytes()[start + 2..].strip_prefix(open.name.as_bytes())
            && rest.first() == Some(&b'>')
        {
            self.pos += open.name.len() + 3;
            return self.close();
        }
        self.pos += 2;
        let name = self.name()?;
        self.spaces();
        if !self.rest().starts_with('>') {
            return fault(XmlFault::Syntax, self.pos);
        }
        self.pos += 1;
        if self.open.last().is_none_or(|open| open.name != name) {
            return fault(XmlFault::EndTag, start);
        }
        self.close()
    }

    /// Ends the innermost element.
    fn close(&mut self) -> Step {
        self.flush(true)?;
        if let Some(open) = self.open.pop() {
            self.bindings.truncate(open.bindings);
            if let Element::Tag(_) = open.element {
                self.depth -= 1;
                self.builder.end();
            }
        }
        Ok(())
    }

    #[inline]
    fn name(&mut self) -> Step<&'x str> {
        let bytes = &self.text.as_bytes()[self.pos..];
        let len = bytes
            .iter()
            .position(|&byte| NAMES[usize::from(byte)] != Name::Part)
            .unwrap_or(bytes.len());
        let bad = bytes.get(len).is_some_and(|&byte| NAMES[usize::from(byte)] == Name::Bad);
        let name = &self.text[self.pos..self.pos + len];
        if len == 0 || bad || !name.is_ascii() && name.contains(|character| !is_xml(character)) {
            return fault(XmlFault::Syntax, self.pos);
        }
        self.pos += len;
        Ok(name)
    }

    /// Skips white space; says whether there was any.
    #[inline]
    fn spaces(&mut self) -> bool {
        let bytes = &self.text.as_bytes()[self.pos..];
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let len = bytes.iter().position(|byte| !space(byte)).unwrap_or(bytes.len());
        self.pos += len;
        len > 0
    }

    fn attribute(&mut self) -> Step<(&'x str, &'x str)> {
        let name = self.name()?;
        self.spaces();
        if !self.rest().starts_with('=') {
            return fault(XmlFault::Syntax, self.pos);
        }
        self.pos += 1;
        self.spaces();
        let Some(&quote @ (b'"' | b'\'')) = self.rest().as_bytes().first() else {
            return fault(XmlFault::Syntax, self.pos);
        };
        self.pos += 1;
        let start = self.pos;
        let Some(end) = self.rest().bytes().position(|byte| byte == quote) else {
            return fault(XmlFault::Unclosed, self.text.len());
        };
        let value = &self.rest()[..end];
        if let Some(at) = value.bytes().position(|byte| matches!(byte, b'<' | b'&')) {
            return fault(XmlFault::Syntax, start + at);
        }
        if survey(value.as_bytes()).0 {
            check_characters(value, start)?;
        }
        self.pos += end + 1;
        Ok((name, value))
    }
}

/// Where the next tag or reference begins.
#[inline]
fn find_markup(text: &[u8]) -> Option<usize> {
    match text.first() {
        Some(b'<' | b'&') => Some(0),
        _ => memchr::memchr2(b'<', b'&', text),
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}
