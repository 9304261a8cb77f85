//! A document as its tokens: one line each, with or without its bytes.
//!
//! The spans of the tokens tile the input, so a dump shows every byte exactly once.

use std::fmt::Write as _;

use wbxml::token::{self, Spanned, Token};
use wbxml::{Header, PublicId, Tag};

use super::Style;
use super::text;
use crate::explain;

/// How many bytes stand on one line of a dump.
const BYTES_PER_LINE: usize = 8;
/// Deeper elements are not indented further; their depth is written out instead.
const INDENT_MAX: usize = 24;

/// How much of an entry of the string table stands beside a reference to it.
const ENTRY_MAX: usize = 64;

/// Whether a document says that it is of another type than ActiveSync: by a registered public id
/// other than 1, which means unknown, or by a literal one that is not that of ActiveSync.
pub fn is_foreign(header: &Header<'_>) -> bool {
    match header.public_id {
        PublicId::Known(number) => number > 1,
        PublicId::Index(_) => {
            header.public_id_text().is_some_and(|text| !text.to_ascii_uppercase().contains("SYNC"))
        }
    }
}

/// How tokens are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// With the bytes of each token.
    pub bytes: bool,
    /// With the meaning of numbers beside them.
    pub explain: bool,
    /// In colour.
    pub colour: bool,
}

/// Turns tokens into lines. It knows which elements are open, so that each END has a name.
#[derive(Debug)]
pub struct Lines<'a> {
    input: &'a [u8],
    string_table: &'a [u8],
    /// Whether tags have their names in the table of ActiveSync.
    named: bool,
    options: Options,
    open: Vec<Option<Tag>>,
}

impl<'a> Lines<'a> {
    /// Lines for the tokens of this input, which begins with this header.
    pub fn new(input: &'a [u8], header: &Header<'a>, options: Options) -> Self {
        // Of two bytes a character: not shown beside references.
        let wide = matches!(header.charset, 1000 | 1013..=1015);
        let string_table = if wide { &[] } else { header.string_table };
        Self { input, string_table, named: !is_foreign(header), options, open: Vec::new() }
    }

    /// The lines of one token, each with its line end.
    pub fn line(&mut self, spanned: &Spanned<'_>) -> String {
        let (name, value) = self.describe(&spanned.token);
        let closes = matches!(spanned.token, Token::End);
        let depth = spanned.depth.saturating_sub(usize::from(closes));
        let colour = self.options.colour;
        let mut shown = indent(depth);
        shown.push_str(&Style::Value.paint(&value, colour));
        if let Some(kind) = spanned.damage {
            shown.push_str("  ");
            shown.push_str(&Style::Error.paint(&format!("<-- damage: {kind}"), colour));
        } else if let Some(meaning) = self.meaning(&spanned.token) {
            shown.push_str("  ");
            shown.push_str(&Style::Note.paint(&format!("= {meaning}"), colour));
        }
        self.follow(&spanned.token);
        let bytes = self.input.get(spanned.span.clone()).unwrap_or_default();
        self.layout(spanned.span.start, bytes, name, &shown)
    }

    fn layout(&self, offset: usize, bytes: &[u8], name: &str, shown: &str) -> String {
        let colour = self.options.colour;
        let start = Style::Faint.paint(&format!("{offset:08x}"), colour);
        let name = Style::Name.paint(&format!("{name:<12}"), colour);
        if !self.options.bytes {
            return format!("{start}  {name}  {shown}\n").replace(" \n", "\n");
        }
        let mut rows = bytes.chunks(BYTES_PER_LINE);
        let first = hex(rows.next().unwrap_or_default());
        let mut lines =
            format!("{start}  {first:<width$}  {name}  {shown}\n", width = 3 * BYTES_PER_LINE - 1);
        for (row, bytes) in rows.enumerate() {
            let at = offset + (row + 1) * BYTES_PER_LINE;
            let start = Style::Faint.paint(&format!("{at:08x}"), colour);
            let _ = writeln!(lines, "{start}  {}", hex(bytes));
        }
        lines
    }

    /// The name of a token and what it says.
    fn describe(&self, token: &Token<'_>) -> (&'static str, String) {
        match *token {
            Token::Version(version) => ("version", format!("WBXML 1.{version}")),
            Token::PublicId(1) => ("public id", "1 (unknown)".to_owned()),
            Token::PublicId(number) if self.named => ("public id", number.to_string()),
            Token::PublicId(number) => (
                "public id",
                format!("{number} (of another document type: tags have no names here)"),
            ),
            Token::PublicIdIndex(index) => ("public id", self.entry(index)),
            Token::Charset(number) => ("charset", charset(number)),
            Token::StringTable([]) => ("string table", "none".to_owned()),
            Token::StringTable(table) => ("string table", quoted(table)),
            Token::SwitchPage(page) if self.named => ("SWITCH_PAGE", page_name(page)),
            Token::SwitchPage(page) => ("SWITCH_PAGE", page.to_string()),
            Token::SwitchAttributePage(page) => ("SWITCH_PAGE", format!("attribute page {page}")),
            Token::Tag { tag, content, attributes } => {
                let mut value = self.tag_name(tag);
                if attributes {
                    value.push_str(" with attributes");
                }
                if !content {
                    value.push_str(" /");
                }
                ("tag", value)
            }
            Token::LiteralTag { index, content, attributes } => {
                let name = match (content, attributes) {
                    (false, false) => "LITERAL",
                    (true, false) => "LITERAL_C",
                    (false, true) => "LITERAL_A",
                    (true, true) => "LITERAL_AC",
                };
                (name, self.entry(index))
            }
            Token::End => match self.open.last() {
                Some(Some(tag)) => ("END", format!("/{}", self.short_name(*tag))),
                Some(None) => ("END", "/literal".to_owned()),
                None => ("END", String::new()),
            },
            Token::EndAttributes => ("END", "of attributes".to_owned()),
            Token::InlineString(bytes) => ("STR_I", quoted(bytes)),
            Token::TableString(index) => ("STR_T", self.entry(index)),
            Token::Entity(code) => ("ENTITY", entity(code)),
            Token::Opaque(bytes) => ("OPAQUE", opaque(bytes)),
            Token::ExtensionString(n, bytes) => {
                (token::global_name(token::EXT_I_0 + (n & 3)), quoted(bytes))
            }
            Token::ExtensionInteger(n, value) => {
                (token::global_name(token::EXT_T_0 + (n & 3)), value.to_string())
            }
            Token::Extension(n) => (token::global_name(token::EXT_0 + (n & 3)), String::new()),
            Token::ProcessingInstruction => ("PI", String::new()),
            Token::AttributeStart(page, code) => {
                ("attribute", format!("page {page} start {code:#04x}"))
            }
            Token::LiteralAttribute(index) => {
                ("attribute", format!("LITERAL, {}", self.entry(index)))
            }
            Token::AttributeValue(page, code) => {
                ("attribute", format!("page {page} value {code:#04x}"))
            }
            Token::Garbage(bytes) => ("no token", text::count(bytes.len(), "byte")),
            // Tokens of a later version of the codec.
            ref other => ("token", format!("{other:?}")),
        }
    }

    /// An index into the string table and the beginning of what is there: a document may refer to
    /// the same long entry again and again.
    fn entry(&self, index: u32) -> String {
        let rest = self.string_table.get(index as usize..).unwrap_or_default();
        let shown = &rest[..rest.len().min(ENTRY_MAX)];
        let end = shown.iter().position(|byte| *byte == 0);
        match end {
            _ if rest.is_empty() => format!("string table index {index}"),
            Some(end) => format!("string table index {index} {}", quoted(&shown[..end])),
            None => format!("string table index {index} {}…", quoted(shown)),
        }
    }

    fn tag_name(&self, tag: Tag) -> String {
        match tag.name().filter(|_| self.named) {
            Some(name) => format!("{name} ({})", tag.namespace().unwrap_or("no namespace")),
            None => self.number(tag),
        }
    }

    fn short_name(&self, tag: Tag) -> String {
        tag.name().filter(|_| self.named).map_or_else(|| self.number(tag), str::to_owned)
    }

    fn number(&self, tag: Tag) -> String {
        if self.named {
            return tag.to_string();
        }
        format!("page {:#04x} token {:#04x}", tag.page(), tag.token())
    }

    fn meaning(&self, token: &Token<'_>) -> Option<String> {
        let Token::InlineString(bytes) = token else { return None };
        if !self.options.explain || !self.named {
            return None;
        }
        let root = (*self.open.first()?)?;
        let (tag, around) = self.open.split_last()?;
        explain::of(root, around.last().copied().flatten(), (*tag)?, str::from_utf8(bytes).ok()?)
    }

    fn follow(&mut self, token: &Token<'_>) {
        match *token {
            Token::Tag { tag, content: true, .. } => self.open.push(Some(tag)),
            Token::LiteralTag { content: true, .. } => self.open.push(None),
            Token::End => {
                self.open.pop();
            }
            _ => {}
        }
    }
}

/// Bytes that are no document, with their characters beside them.
pub fn plain_dump(bytes: &[u8], colour: bool) -> String {
    let mut lines = String::with_capacity(5 * bytes.len());
    for (row, chunk) in bytes.chunks(2 * BYTES_PER_LINE).enumerate() {
        let offset = Style::Faint.paint(&format!("{:08x}", row * 2 * BYTES_PER_LINE), colour);
        let width = 6 * BYTES_PER_LINE - 1;
        let printable =
            |&byte: &u8| if byte.is_ascii_graphic() || byte == b' ' { byte } else { b'.' };
        let characters: String = chunk.iter().map(printable).map(char::from).collect();
        let _ = writeln!(lines, "{offset}  {:<width$}  {characters}", hex(chunk));
    }
    lines
}

fn indent(depth: usize) -> String {
    if depth <= INDENT_MAX {
        "  ".repeat(depth)
    } else {
        format!("{}[{depth}] ", "  ".repeat(INDENT_MAX))
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(3 * bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            hex.push(' ');
        }
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", text::safe_bytes(bytes).replace('"', "\\\""))
}

/// Opaque data as text where it is text, else only its length: a dump shows the bytes beside it.
fn opaque(bytes: &[u8]) -> String {
    let count = text::count(bytes.len(), "byte");
    match str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.contains('\0') => {
            format!("{count} {}", quoted(bytes))
        }
        _ => count,
    }
}

fn page_name(page: u8) -> String {
    match Tag::new(page, 5).namespace() {
        Some(namespace) => format!("{page} ({namespace})"),
        None => format!("{page} (in no table)"),
    }
}

fn charset(number: u32) -> String {
    let name = match number {
        0 => "unknown",
        3 => "US-ASCII",
        4 => "ISO-8859-1",
        106 => "UTF-8",
        1000 => "UCS-2",
        1015 => "UTF-16",
        _ => return number.to_string(),
    };
    format!("{number} ({name})")
}

fn entity(code: u32) -> String {
    match char::from_u32(code) {
        Some(c) => format!("{code:#x} \"{}\"", text::safe(c.encode_utf8(&mut [0; 4]))),
        None => format!("{code:#x}, which is no character"),
    }
}
