//! What is legal WBXML and still not what MS-ASWBXML describes.

use crate::charset::Charset;
use crate::context;
use crate::error::{Error, ErrorKind, Forbidden};
use crate::options::{Mode, Options};
use crate::table::{Content, Status, TagInfo};
use crate::token::{Spanned, Token};
use crate::tokens::Tokens;
use crate::{Tag, mb_u32};
use std::fmt;

/// What `lint` has to remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LintKind {
    /// Something that general mode reads and strict mode refuses.
    Forbidden(Forbidden),
    /// Something that general mode refuses, though it is legal WBXML: an unknown page or tag,
    /// attributes, LITERAL, EXT, PI.
    Refused(ErrorKind),
    /// A switch to the page in force, or one that another switch or an END makes void.
    RedundantSwitch(u8),
    /// An integer with leading zero groups.
    LongInteger,
    /// An element without content whose content bit is set, or an empty string as content. Legal
    /// and common; the shortest form is the tag alone.
    EmptyForm,
    /// An element that holds elements, without any. Some servers fail on it.
    EmptyContainer,
    /// Opaque data where the specification says string (MS-ASDTYPE R98).
    OpaqueForText,
    /// A string where the specification says byte array (MS-ASDTYPE 2.7.1).
    TextForOpaque,
    /// A value in an element that holds elements or nothing.
    UnexpectedValue,
    /// More than one value in an element.
    SeveralValues,
    /// Text with a character that XML cannot carry: clients and servers have failed on it.
    XmlCharacter(char),
    /// A string that is not text.
    BadText,
    /// A tag that is in no current revision of the specification.
    Outdated(Status),
    /// There are more remarks than are given: the last one of ten thousand.
    More,
}

impl fmt::Display for LintKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden(rule) => write!(f, "{rule} is not used by MS-ASWBXML"),
            Self::Refused(kind) => kind.fmt(f),
            Self::RedundantSwitch(page) => write!(f, "redundant switch to code page {page}"),
            Self::LongInteger => f.write_str("integer is not in its shortest form"),
            Self::EmptyForm => f.write_str("empty element is not in its shortest form"),
            Self::EmptyContainer => f.write_str("element that holds elements is empty"),
            Self::OpaqueForText => f.write_str("opaque data where the specification says string"),
            Self::TextForOpaque => f.write_str("string where the specification says byte array"),
            Self::UnexpectedValue => f.write_str("value in an element that holds none"),
            Self::SeveralValues => f.write_str("several values in one element"),
            Self::XmlCharacter(character) => {
                write!(f, "character U+{:04X} that XML cannot carry", u32::from(*character))
            }
            Self::BadText => f.write_str("string is not valid in the charset of the document"),
            Self::Outdated(Status::Only25) => f.write_str("tag of protocol version 2.5 only"),
            Self::Outdated(Status::Withdrawn) => f.write_str("tag that was withdrawn"),
            Self::More => f.write_str("more remarks are left out"),
            Self::Outdated(_) => f.write_str("tag that no revision of the specification has"),
        }
    }
}

/// Remarks that are given at most.
const LINTS_MAX: usize = 10_000;

/// A remark, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// What.
    pub kind: LintKind,
    /// Where the token begins.
    pub offset: usize,
    /// The elements around and including the token: `Sync/Collections`.
    pub path: String,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {:#x}", self.kind, self.offset)?;
        if !self.path.is_empty() {
            write!(f, " in {}", self.path)?;
        }
        Ok(())
    }
}

/// Reports what of a document is legal WBXML but not MS-ASWBXML, in the order of the document.
///
/// An error where it is not even legal WBXML; the mode does not count.
///
/// ```
/// use wbxml::{LintKind, Options, lint};
///
/// let lints = lint(b"\x03\x01\x6a\x00\x00\x00\x45\x4b\x03\x00\x01\x14\x01", &Options::default())?;
/// let kinds: Vec<_> = lints.iter().map(|lint| lint.kind).collect();
/// assert_eq!(kinds, [LintKind::RedundantSwitch(0), LintKind::EmptyForm]);
/// assert_eq!(lints[1].to_string(), "empty element is not in its shortest form at offset 0x8 in Sync/SyncKey");
/// # Ok::<(), wbxml::Error>(())
/// ```
pub fn lint(bytes: &[u8], options: &Options) -> Result<Vec<Lint>, Error> {
    let options = Options { mode: Mode::General, ..*options };
    let mut linter = Linter {
        options: &options,
        lints: Vec::new(),
        open: Vec::new(),
        charset: Charset::Utf8,
        page: 0,
        switch: None,
        in_attributes: false,
        first: 0,
    };
    let mut tokens = Tokens::new(bytes, &options);
    linter.charset = tokens.header().encoding;
    loop {
        let end = match tokens.plain() {
            // Taken apart here: to move a token costs more than to judge it.
            Some(Spanned { token: Token::Tag { tag, content, .. }, span, .. }) => {
                linter.switch = None;
                linter.tag(tag, content, false, span.start);
                span.end
            }
            Some(Spanned { span, .. }) => {
                linter.token(Token::End, span.start, span.len());
                span.end
            }
            None => {
                let Some(spanned) = tokens.next()? else { break };
                linter.first = bytes.get(spanned.span.start).copied().unwrap_or_default();
                linter.token(spanned.token, spanned.span.start, spanned.span.len());
                spanned.span.end
            }
        };
        if linter.lints.len() >= LINTS_MAX {
            linter.lints.truncate(LINTS_MAX - 1);
            linter.lint(LintKind::More, end);
            break;
        }
    }
    Ok(linter.lints)
}

/// An open element.
struct Open {
    tag: Tag,
    offset: usize,
    children: usize,
    values: usize,
    /// Bytes of all values.
    len: usize,
}

struct Linter<'o> {
    options: &'o Options,
    lints: Vec<Lint>,
    open: Vec<Open>,
    charset: Charset,
    page: u8,
    /// A page switch after which no tag has come yet.
    switch: Option<(u8, usize)>,
    in_attributes: bool,
    /// The first byte of the token at hand.
    first: u8,
}

impl Linter<'_> {
    fn token(&mut self, token: Token<'_>, offset: usize, len: usize) {
        if is_long(token, len) {
            self.lint(LintKind::LongInteger, offset);
        }
        if self.in_attributes {
            self.in_attributes = token != Token::EndAttributes;
            return;
        }
        if !matches!(token, Token::Tag { .. } | Token::LiteralTag { .. })
            && let Some((page, at)) = self.switch.take()
        {
            self.lint(LintKind::RedundantSwitch(page), at);
        }
        let forbidden = |rule| LintKind::Forbidden(rule);
        match token {
            Token::Version(3) | Token::PublicId(1) | Token::Charset(106) => {}
            Token::Version(_) => self.lint(forbidden(Forbidden::Version), offset),
            Token::PublicId(_) | Token::PublicIdIndex(_) => {
                self.lint(forbidden(Forbidden::PublicId), offset);
            }
            Token::Charset(_) => self.lint(forbidden(Forbidden::Charset), offset),
            Token::StringTable(table) => {
                if !table.is_empty() {
                    self.lint(forbidden(Forbidden::StringTable), offset);
                }
            }
            Token::SwitchPage(page) => {
                if self.options.table.page(page).is_none() {
                    self.lint(LintKind::Refused(ErrorKind::UnknownPage(page)), offset);
                } else if page == self.page {
                    self.lint(LintKind::RedundantSwitch(page), offset);
                } else {
                    self.switch = Some((page, offset));
                }
                self.page = page;
            }
            Token::Tag { tag, content, attributes } => {
                self.switch = None;
                self.tag(tag, content, attributes, offset);
            }
            Token::LiteralTag { content, attributes, .. } => {
                self.switch = None;
                let kind = ErrorKind::UnsupportedToken(self.first);
                self.lint(LintKind::Refused(kind), offset);
                self.in_attributes = attributes;
                if content {
                    self.push(Tag::new(0, 0), offset);
                }
            }
            Token::End => self.end(),
            Token::InlineString(bytes) => self.text(bytes, offset),
            Token::TableString(_) => {
                self.lint(forbidden(Forbidden::TableString), offset);
                self.value(1, offset);
            }
            Token::Entity(_) => {
                self.lint(forbidden(Forbidden::Entity), offset);
                self.value(1, offset);
            }
            Token::Opaque(bytes) => {
                self.value(bytes.len(), offset);
                if self.content() == Content::Text {
                    self.lint(LintKind::OpaqueForText, offset);
                }
            }
            other => {
                let kind = ErrorKind::UnsupportedToken(self.first);
                self.lint(LintKind::Refused(kind), offset);
                self.in_attributes = other == Token::ProcessingInstruction;
                if !self.in_attributes {
                    self.value(1, offset);
                }
            }
        }
    }

    fn tag(&mut self, tag: Tag, content: bool, attributes: bool, offset: usize) {
        if let Some(open) = self.open.last_mut() {
            open.children += 1;
        }
        let info = self.options.table.info(tag);
        let good = info.is_some_and(|info| {
            info.status == Status::Current && (content || info.content != Content::Container)
        });
        let good = good && !attributes;
        // Elements are remembered for what is in them, and for the path of a remark.
        if content || !good {
            self.push(tag, offset);
        }
        if !good {
            self.remark_tag(tag, info, content, offset);
            if attributes {
                self.lint(LintKind::Refused(ErrorKind::Attributes(self.first)), offset);
                self.in_attributes = true;
            }
            if !content {
                self.open.pop();
            }
        }
    }

    fn remark_tag(&mut self, tag: Tag, info: Option<&TagInfo>, content: bool, offset: usize) {
        match info {
            None => {
                let kind = ErrorKind::UnknownTag { page: tag.page(), token: tag.token() };
                self.lint(LintKind::Refused(kind), offset);
            }
            Some(info) => {
                if info.status != Status::Current {
                    self.lint(LintKind::Outdated(info.status), offset);
                }
                if info.content == Content::Container && !content {
                    self.lint(LintKind::EmptyContainer, offset);
                }
            }
        }
    }

    fn push(&mut self, tag: Tag, offset: usize) {
        self.open.push(Open { tag, offset, children: 0, values: 0, len: 0 });
    }

    fn end(&mut self) {
        let Some(open) = self.open.last() else { return };
        let offset = open.offset;
        if open.children == 0 && open.values == 0 {
            if self.content() == Content::Container {
                self.lint(LintKind::EmptyContainer, offset);
            }
            self.lint(LintKind::EmptyForm, offset);
        }
        self.open.pop();
    }

    fn text(&mut self, bytes: &[u8], offset: usize) {
        self.value(bytes.len(), offset);
        if bytes.is_empty() {
            self.lint(LintKind::EmptyForm, offset);
        }
        if self.content() == Content::Opaque {
            self.lint(LintKind::TextForOpaque, offset);
        }
        match self.charset.decode(bytes) {
            None => self.lint(LintKind::BadText, offset),
            Some(text) => {
                if let Some(character) = text.chars().find(|&character| !is_xml(character)) {
                    self.lint(LintKind::XmlCharacter(character), offset);
                }
            }
        }
    }

    fn value(&mut self, len: usize, offset: usize) {
        let content = self.content();
        let Some(open) = self.open.last_mut() else { return };
        open.values += 1;
        open.len += len;
        let several = open.values == 2;
        let unexpected = open.len > 0 && open.values == 1;
        if several {
            self.lint(LintKind::SeveralValues, offset);
        }
        if unexpected && matches!(content, Content::Container | Content::Empty) {
            self.lint(LintKind::UnexpectedValue, offset);
        }
    }

    /// What the innermost open element should hold.
    fn content(&self) -> Content {
        let info = self.open.last().and_then(|open| self.options.table.info(open.tag));
        info.map_or(Content::Unknown, |info| info.content)
    }

    fn lint(&mut self, kind: LintKind, offset: usize) {
        let tags: Vec<Tag> = self.open.iter().map(|open| open.tag).collect();
        let path = context::path(self.options.table, &tags);
        self.lints.push(Lint { kind, offset, path });
    }
}

/// Whether an integer of a token is longer than it need be.
fn is_long(token: Token<'_>, len: usize) -> bool {
    #[allow(clippy::cast_possible_truncation, reason = "document limit is below 4 GiB")]
    let shortest = match token {
        Token::PublicId(number) | Token::Charset(number) => mb_u32::len(number),
        // Of a table that holds something there is a remark already.
        Token::StringTable([]) => 1,
        Token::Opaque(bytes) => 1 + mb_u32::len(bytes.len() as u32) + bytes.len(),
        Token::PublicIdIndex(number)
        | Token::LiteralTag { index: number, .. }
        | Token::TableString(number)
        | Token::Entity(number)
        | Token::ExtensionInteger(_, number)
        | Token::LiteralAttribute(number) => 1 + mb_u32::len(number),
        _ => return false,
    };
    shortest < len
}

/// Whether XML 1.0 has this character.
pub(crate) fn is_xml(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => false,
        _ => true,
    }
}
