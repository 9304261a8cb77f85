//! The lexical units of WBXML, and the names of the global tokens.

use crate::charset::Charset;
use crate::error::ErrorKind;
use crate::{Tag, mb_u32};
use std::ops::Range;

/// Changes the code page of the current code space.
pub const SWITCH_PAGE: u8 = 0x00;
/// Ends an element, a list of attributes or a processing instruction.
pub const END: u8 = 0x01;
/// A character by its code.
pub const ENTITY: u8 = 0x02;
/// An inline string, ended by NUL.
pub const STR_I: u8 = 0x03;
/// A name from the string table; the content and attribute bits give four forms.
pub const LITERAL: u8 = 0x04;
/// Application-specific, with an inline string: 0x40 to 0x42.
pub const EXT_I_0: u8 = 0x40;
/// A processing instruction.
pub const PI: u8 = 0x43;
/// Application-specific, with an integer: 0x80 to 0x82.
pub const EXT_T_0: u8 = 0x80;
/// A reference to a string of the string table.
pub const STR_T: u8 = 0x83;
/// Application-specific: 0xC0 to 0xC2.
pub const EXT_0: u8 = 0xC0;
/// Opaque data: a length and so many bytes.
pub const OPAQUE: u8 = 0xC3;
/// The content bit of a tag byte.
pub const CONTENT_BIT: u8 = 0x40;
/// The attribute bit of a tag byte.
pub const ATTRIBUTE_BIT: u8 = 0x80;

/// The name of a global token, as the WBXML specification spells it.
pub fn global_name(token: u8) -> &'static str {
    match token {
        SWITCH_PAGE => "SWITCH_PAGE",
        END => "END",
        ENTITY => "ENTITY",
        STR_I => "STR_I",
        0x04 => "LITERAL",
        0x40 => "EXT_I_0",
        0x41 => "EXT_I_1",
        0x42 => "EXT_I_2",
        PI => "PI",
        0x44 => "LITERAL_C",
        0x80 => "EXT_T_0",
        0x81 => "EXT_T_1",
        0x82 => "EXT_T_2",
        STR_T => "STR_T",
        0x84 => "LITERAL_A",
        0xC0 => "EXT_0",
        0xC1 => "EXT_1",
        0xC2 => "EXT_2",
        OPAQUE => "OPAQUE",
        0xC4 => "LITERAL_AC",
        _ => "not a global token",
    }
}

/// One lexical unit of a document. Strings are bytes here, in the charset of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u32)] // as for `Event`
pub enum Token<'a> {
    /// Header: the version byte.
    Version(u8),
    /// Header: a registered public id.
    PublicId(u32),
    /// Header: a public id in the string table, at this index.
    PublicIdIndex(u32),
    /// Header: the charset, a MIBenum.
    Charset(u32),
    /// Header: the string table, its length included in the span.
    StringTable(&'a [u8]),
    /// SWITCH_PAGE of the tag code space.
    SwitchPage(u8),
    /// SWITCH_PAGE of the attribute code space.
    SwitchAttributePage(u8),
    /// A tag, with its page.
    Tag {
        /// Page and token.
        tag: Tag,
        /// Whether the content bit is set: an END belongs to it.
        content: bool,
        /// Whether the attribute bit is set: attributes follow.
        attributes: bool,
    },
    /// LITERAL: a tag named by a string of the table.
    LiteralTag {
        /// Where the name is.
        index: u32,
        /// Whether the content bit is set.
        content: bool,
        /// Whether the attribute bit is set.
        attributes: bool,
    },
    /// END of an element.
    End,
    /// END of a list of attributes, or of a processing instruction.
    EndAttributes,
    /// STR_I, without its terminator.
    InlineString(&'a [u8]),
    /// STR_T.
    TableString(u32),
    /// ENTITY.
    Entity(u32),
    /// OPAQUE, without its length.
    Opaque(&'a [u8]),
    /// EXT_I_n with its string.
    ExtensionString(u8, &'a [u8]),
    /// EXT_T_n with its integer.
    ExtensionInteger(u8, u32),
    /// EXT_n.
    Extension(u8),
    /// PI; attributes follow.
    ProcessingInstruction,
    /// The start of an attribute: page and token.
    AttributeStart(u8, u8),
    /// LITERAL in the attribute code space: an attribute named by a string of the table.
    LiteralAttribute(u32),
    /// A value of the attribute code space: page and token.
    AttributeValue(u8, u8),
    /// Bytes that could not be read as a token; only forensic mode gives them.
    Garbage(&'a [u8]),
}

impl Token<'_> {
    /// Appends the bytes of this token, integers in their shortest form.
    ///
    /// The tokens of a document, written one after the other, are the document again: redundant
    /// page switches, empty forms and the kind of each value are kept.
    ///
    /// ```
    /// use wbxml::{Charset, Options, Tokens};
    ///
    /// let bytes = b"\x03\x01\x6a\x00\x00\x00\x45\x00\x00\x4b\x03\x00\x01\x54\x01\x01";
    /// let mut out = Vec::new();
    /// for spanned in Tokens::new(bytes, &Options::default()) {
    ///     spanned?.token.write(Charset::Utf8, &mut out);
    /// }
    /// assert_eq!(out, bytes);
    /// # Ok::<(), wbxml::Error>(())
    /// ```
    pub fn write(&self, charset: Charset, out: &mut Vec<u8>) {
        let bits = |content: bool, attributes: bool| {
            (u8::from(content) * CONTENT_BIT) | (u8::from(attributes) * ATTRIBUTE_BIT)
        };
        let string = |token: u8, bytes: &[u8], out: &mut Vec<u8>| {
            out.push(token);
            out.extend_from_slice(bytes);
            out.extend_from_slice(if charset.is_wide() { &[0, 0] } else { &[0] });
        };
        let integer = |token: u8, value: u32, out: &mut Vec<u8>| {
            out.push(token);
            mb_u32::write(value, out);
        };
        // Longer than that is refused when it is read.
        let len = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        match *self {
            Token::Version(byte) => out.push(byte),
            Token::PublicId(value) | Token::Charset(value) => mb_u32::write(value, out),
            Token::PublicIdIndex(index) => integer(0, index, out),
            Token::StringTable(bytes) => {
                mb_u32::write(len(bytes), out);
                out.extend_from_slice(bytes);
            }
            Token::SwitchPage(page) | Token::SwitchAttributePage(page) => {
                out.extend_from_slice(&[SWITCH_PAGE, page]);
            }
            Token::Tag { tag, content, attributes } => {
                out.push(tag.token() | bits(content, attributes));
            }
            Token::LiteralTag { index, content, attributes } => {
                integer(LITERAL | bits(content, attributes), index, out);
            }
            Token::End | Token::EndAttributes => out.push(END),
            Token::InlineString(bytes) => string(STR_I, bytes, out),
            Token::TableString(index) => integer(STR_T, index, out),
            Token::Entity(code) => integer(ENTITY, code, out),
            Token::Opaque(bytes) => {
                integer(OPAQUE, len(bytes), out);
                out.extend_from_slice(bytes);
            }
            Token::ExtensionString(n, bytes) => string(EXT_I_0 | n, bytes, out),
            Token::ExtensionInteger(n, value) => integer(EXT_T_0 | n, value, out),
            Token::Extension(n) => out.push(EXT_0 | n),
            Token::ProcessingInstruction => out.push(PI),
            Token::AttributeStart(_, token) | Token::AttributeValue(_, token) => out.push(token),
            Token::LiteralAttribute(index) => integer(LITERAL, index, out),
            Token::Garbage(bytes) => out.extend_from_slice(bytes),
        }
    }

    /// What the token is called, `STR_I` or `tag`.
    pub fn kind(&self) -> &'static str {
        match *self {
            Token::Version(_) => "version",
            Token::PublicId(_) | Token::PublicIdIndex(_) => "public id",
            Token::Charset(_) => "charset",
            Token::StringTable(_) => "string table",
            Token::SwitchPage(_) | Token::SwitchAttributePage(_) => "SWITCH_PAGE",
            Token::Tag { .. } => "tag",
            Token::LiteralTag { content, attributes, .. } => global_name(
                LITERAL
                    | (u8::from(content) * CONTENT_BIT)
                    | (u8::from(attributes) * ATTRIBUTE_BIT),
            ),
            Token::LiteralAttribute(_) => "LITERAL",
            Token::End | Token::EndAttributes => "END",
            Token::InlineString(_) => "STR_I",
            Token::TableString(_) => "STR_T",
            Token::Entity(_) => "ENTITY",
            Token::Opaque(_) => "OPAQUE",
            Token::ExtensionString(n, _) => global_name(EXT_I_0 | n),
            Token::ExtensionInteger(n, _) => global_name(EXT_T_0 | n),
            Token::Extension(n) => global_name(EXT_0 | n),
            Token::ProcessingInstruction => "PI",
            Token::AttributeStart(..) => "attribute",
            Token::AttributeValue(..) => "attribute value",
            Token::Garbage(_) => "garbage",
        }
    }
}

/// A token, where it stands, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<'a> {
    /// The token.
    pub token: Token<'a>,
    /// Its bytes, all of them: the spans of a document follow each other without a gap.
    pub span: Range<usize>,
    /// Elements open before the token.
    pub depth: usize,
    /// What is wrong with it. Only forensic mode gives tokens that are wrong.
    pub damage: Option<ErrorKind>,
}
