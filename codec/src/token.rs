//! The lexical units of WBXML, and the names of the global tokens.

use crate::Tag;
use crate::error::ErrorKind;
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
