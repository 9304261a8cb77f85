//! What can be wrong, and where.

use crate::hint;
use std::fmt;

/// What is wrong. The [`Error`] around it says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
#[repr(u32)] // as for `Event`, which may hold one
pub enum ErrorKind {
    /// There are no bytes. A body of length zero is legal in HTTP, not in WBXML.
    #[error("empty document")]
    Empty,
    /// The version byte is above 0x03 (WBXML 1.3): most often not WBXML at all.
    #[error("version byte {0:#04x} is not a version of WBXML")]
    Version(u8),
    /// The charset is none of UTF-8, US-ASCII, ISO-8859-1, UTF-16.
    #[error("charset {0} (MIBenum) is not supported")]
    Charset(u32),
    /// The input ends inside the header or inside a token.
    #[error("the input ends inside {0}")]
    UnexpectedEnd(Part),
    /// The input ends with this many elements still open.
    #[error("the input ends with {0} open element(s)")]
    UnclosedElements(u32),
    /// The input ends before the root element.
    #[error("there is no root element")]
    NoRoot,
    /// A multi-byte integer of more than five bytes.
    #[error("multi-byte integer of more than five bytes")]
    IntegerTooLong,
    /// A multi-byte integer above 2^32 - 1.
    #[error("multi-byte integer above 32 bits")]
    IntegerTooLarge,
    /// The header claims a string table longer than the input.
    #[error("string table claims {claimed} bytes, {available} are left")]
    StringTableTooLong {
        /// The length in the header.
        claimed: u32,
        /// The bytes left.
        available: u32,
    },
    /// A reference that points outside the string table.
    #[error("string table index {index} is outside the table of {len} bytes")]
    StringTableIndex {
        /// The index.
        index: u32,
        /// The length of the table.
        len: u32,
    },
    /// A string without its terminating NUL.
    #[error("string without a terminating NUL")]
    UnterminatedString,
    /// Opaque data that claims more bytes than the input has.
    #[error("opaque data claims {claimed} bytes, {available} are left")]
    OpaqueTooLong {
        /// The length in front of the data.
        claimed: u32,
        /// The bytes left.
        available: u32,
    },
    /// A string that is not text of the document's charset. The offset is that of the first bad
    /// byte in UTF-8 and US-ASCII, of the string otherwise.
    #[error("string is not valid in the charset of the document")]
    BadText,
    /// A code page that is not in the table.
    #[error("unknown code page {0}")]
    UnknownPage(u8),
    /// A tag that is not in the table.
    #[error("unknown tag {token:#04x} on code page {page}")]
    UnknownTag {
        /// The code page.
        page: u8,
        /// The token, without content and attribute bits.
        token: u8,
    },
    /// A tag with the attribute bit: no attribute table is known.
    #[error("tag with attributes ({0:#04x})")]
    Attributes(u8),
    /// A global token that has no meaning without a table: LITERAL, EXT, PI.
    #[error("global token {0:#04x} ({name}) has no meaning here", name = crate::token::global_name(*.0))]
    UnsupportedToken(u8),
    /// A token that the version in the header does not have: OPAQUE before 1.1 (as attribute value
    /// before 1.2), SWITCH_PAGE before 1.2.
    #[error("global token {token:#04x} ({name}) does not exist in WBXML 1.{minor}",
        name = crate::token::global_name(*token))]
    TokenNotInVersion {
        /// The token.
        token: u8,
        /// The minor version.
        minor: u8,
    },
    /// An attribute list that begins with a value.
    #[error("attribute value {0:#04x} before any attribute start")]
    AttributeValueFirst(u8),
    /// An entity that is no character: a surrogate or above 0x10FFFF.
    #[error("entity {0:#x} is not a character")]
    BadEntity(u32),
    /// Text or data outside the root element.
    #[error("content outside the root element")]
    ContentOutsideRoot,
    /// An END with no element open.
    #[error("END without an open element")]
    ExtraEnd,
    /// A second root element.
    #[error("second root element")]
    SecondRoot,
    /// Bytes after the root element.
    #[error("{0} trailing byte(s) after the root element")]
    TrailingBytes(u32),
    /// Legal WBXML that MS-ASWBXML does not use; only strict mode refuses it.
    #[error("{0} is not used by MS-ASWBXML")]
    Forbidden(Forbidden),
    /// A limit was passed.
    #[error("limit passed: {0}")]
    Limit(Limit),
    /// Encoding: NUL inside an inline string; it would end the string.
    #[error("NUL inside an inline string")]
    NulInText,
    /// Encoding: a tag with a token below 0x05, which is a global token.
    #[error("token {0:#04x} is not a tag token")]
    NotATag(u8),
    /// Encoding: the document was finished with open elements.
    #[error("{0} element(s) left open")]
    Unbalanced(u32),
    /// Encoding: an event that has no place in a well-formed document.
    #[error("damage cannot be encoded")]
    Damaged,
    /// XML: an element that is not in the table; [`Error::name`] has its name.
    #[error("unknown element")]
    UnknownName,
    /// XML: not well formed, or without a counterpart in WBXML.
    #[error("{0}")]
    Xml(XmlFault),
}

/// What is wrong with XML text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum XmlFault {
    /// Not well formed.
    Syntax,
    /// The text ends inside an element, a tag, a comment or the like.
    Unclosed,
    /// An end tag that does not match the open element.
    EndTag,
    /// A reference that is neither one of the five entities nor a character of XML.
    Reference,
    /// A character that XML does not allow.
    Character,
    /// An attribute that has no counterpart in WBXML; [`Error::name`] has its name.
    Attribute,
    /// An element inside a value, or `document` inside an element.
    Nested,
    /// A processing instruction.
    ProcessingInstruction,
    /// A document type declaration with an internal subset.
    DocumentType,
    /// More namespace declarations in force than anything sensible has.
    Declarations,
    /// Content marked as base64 that is not.
    Base64,
    /// Content marked as escaped with an escape that is none.
    Escape,
}

impl fmt::Display for XmlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "XML is not well formed",
            Self::Unclosed => "XML ends too early",
            Self::EndTag => "end tag does not match the open element",
            Self::Reference => "reference is not to a character",
            Self::Character => "character is not allowed in XML",
            Self::Attribute => "attribute has no counterpart in WBXML",
            Self::Nested => "element inside a value",
            Self::ProcessingInstruction => "processing instruction has no counterpart in WBXML",
            Self::DocumentType => "document type with an internal subset is not read",
            Self::Declarations => "too many namespace declarations",
            Self::Base64 => "content is not base64",
            Self::Escape => "content has an escape that is none",
        })
    }
}

/// The part of a document that the input ended in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The header.
    Header,
    /// A multi-byte integer.
    Integer,
    /// A page switch.
    SwitchPage,
    /// A list of attributes.
    Attributes,
    /// A processing instruction.
    ProcessingInstruction,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "the header",
            Self::Integer => "a multi-byte integer",
            Self::SwitchPage => "a page switch",
            Self::Attributes => "a list of attributes",
            Self::ProcessingInstruction => "a processing instruction",
        })
    }
}

/// What strict mode refuses and general mode reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Forbidden {
    /// A version other than 1.3.
    Version,
    /// A public id other than 1 ("unknown").
    PublicId,
    /// A charset other than UTF-8.
    Charset,
    /// A string table (MS-ASWBXML R656).
    StringTable,
    /// A reference into the string table (MS-ASWBXML R656).
    TableString,
    /// An entity (MS-ASWBXML R656).
    Entity,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "a WBXML version other than 1.3",
            Self::PublicId => "a public id other than 1",
            Self::Charset => "a charset other than UTF-8",
            Self::StringTable => "a string table",
            Self::TableString => "STR_T, a reference into the string table",
            Self::Entity => "ENTITY",
        })
    }
}

/// Which of the [`Limits`](crate::Limits) was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as the fields of Limits")]
pub enum Limit {
    Depth,
    Document,
    String,
    Opaque,
    Table,
    Nodes,
    Marks,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Depth => "depth",
            Self::Document => "length of the document",
            Self::String => "length of a string",
            Self::Opaque => "length of opaque data",
            Self::Table => "length of the string table",
            Self::Nodes => "number of nodes",
            Self::Marks => "number of marks",
        })
    }
}

/// What is wrong and where: kind, byte offset, code page, depth, element path.
///
/// ```
/// use wbxml::{ErrorKind, Options, Tree};
///
/// let error = Tree::decode(b"\x03\x01\x6a\x00\x45\x5c\x3f\x01\x01", &Options::default()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::UnknownTag { page: 0, token: 0x3f });
/// assert_eq!(
///     error.to_string(),
///     "unknown tag 0x3f on code page 0 (AirSync) at offset 0x6 in Sync/Collections",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Details>);

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) kind: ErrorKind,
    pub(crate) offset: usize,
    pub(crate) page: u8,
    pub(crate) namespace: Option<&'static str>,
    pub(crate) depth: usize,
    pub(crate) path: String,
    /// A name that the kind speaks of.
    pub(crate) name: Option<String>,
    pub(crate) general_reads: bool,
    pub(crate) hint: Option<&'static str>,
    pub(crate) window: Window,
}

/// Some bytes of the input around an offset.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Window {
    pub(crate) start: usize,
    pub(crate) bytes: Vec<u8>,
}

/// An error before its context is gathered: what hot paths return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) offset: usize,
}

impl Fault {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

impl Error {
    #[cold]
    pub(crate) fn from_details(details: Details) -> Self {
        Self(Box::new(details))
    }

    pub(crate) fn details_mut(&mut self) -> &mut Details {
        &mut self.0
    }

    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Bytes from the start of the input to the token or byte that is wrong. When encoding: bytes
    /// written before.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The code page in force there.
    pub fn page(&self) -> u8 {
        self.0.page
    }

    /// How many elements were open there.
    pub fn depth(&self) -> usize {
        self.0.depth
    }

    /// The open elements there, outermost first: `Sync/Collections/Collection`. Beyond 32 levels
    /// the outer ones are left out (`…/`).
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The name that the kind speaks of: of the unknown element or attribute.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Whether general mode reads the whole document that strict mode refused.
    pub fn general_reads(&self) -> bool {
        self.0.general_reads
    }

    /// What the input may be instead, or why it is as it is.
    pub fn hint(&self) -> Option<&'static str> {
        self.0.hint
    }

    /// The bytes around the offset in hexadecimal, the one at the offset in brackets.
    ///
    /// ```
    /// # use wbxml::{Options, Tree};
    /// let error = Tree::decode(b"\x03\x01\x6a\x00\x45\x5c\x3f\x01\x01", &Options::default()).unwrap_err();
    /// assert_eq!(error.hex_window(), "00000000: 03 01 6a 00 45 5c[3f]01 01");
    /// ```
    pub fn hex_window(&self) -> String {
        hint::hex_window(&self.0.window, self.0.offset)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        write!(f, "{}", details.kind)?;
        if let (ErrorKind::UnknownTag { .. }, Some(namespace)) = (details.kind, details.namespace) {
            write!(f, " ({namespace})")?;
        }
        if let Some(name) = &details.name {
            write!(f, " {name:?}")?;
        }
        write!(f, " at offset {:#x}", details.offset)?;
        if !details.path.is_empty() {
            write!(f, " in {}", details.path)?;
        }
        if details.general_reads {
            f.write_str("; general mode reads this document")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("offset", &self.0.offset)
            .field("page", &self.0.page)
            .field("depth", &self.0.depth)
            .field("path", &self.0.path)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
        assert!(size_of::<ErrorKind>() <= 12);
    }
}
