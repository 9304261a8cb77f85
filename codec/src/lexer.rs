//! The lexer of the whole of WBXML: where a token begins and ends, in which code space it is.
//!
//! It knows the grammar (one root, balanced ENDs, attributes before content) but no table. The
//! token layer is a thin wrapper; the event decoder has a path of its own for the few tokens that
//! ActiveSync uses and comes here for the rest, and so does whoever asks for the path of an error.

use crate::Tag;
use crate::charset::Charset;
use crate::error::{ErrorKind, Fault, Limit, Part};
use crate::header::{Header, check_string, find_terminator};
use crate::mb_u32;
use crate::options::Limits;
use crate::token::{
    ATTRIBUTE_BIT, CONTENT_BIT, END, ENTITY, LITERAL, OPAQUE, PI, STR_I, STR_T, SWITCH_PAGE, Token,
};

/// A bit for each token that can be a tag.
pub(crate) const ANY_TAG: u64 = !0x1F;

/// Where in the grammar the lexer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Space {
    Content,
    /// In a list of attributes; the flag says whether an attribute has started.
    Attributes(bool),
    ProcessingInstruction,
}

#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    pub(crate) input: &'a [u8],
    pub(crate) pos: usize,
    /// Elements that wait for their END.
    pub(crate) depth: usize,
    pub(crate) tag_page: u8,
    attribute_page: u8,
    version: u8,
    charset: Charset,
    space: Space,
    pub(crate) root_seen: bool,
    limits: Limits,
    /// Whether what does not change where tokens end is marked instead of refused.
    lenient: bool,
    /// What is wrong with the last token, in lenient mode.
    pub(crate) mark: Option<ErrorKind>,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(input: &'a [u8], header: &Header<'a>, limits: Limits) -> Self {
        Self {
            input,
            pos: header.end,
            depth: 0,
            tag_page: 0,
            attribute_page: 0,
            version: header.version,
            charset: header.encoding,
            space: Space::Content,
            root_seen: false,
            limits,
            lenient: false,
            mark: None,
        }
    }

    /// A lexer that marks what is wrong wherever it can go on.
    pub(crate) fn lenient(input: &'a [u8], header: &Header<'a>, limits: Limits) -> Self {
        Self { lenient: true, ..Self::new(input, header, limits) }
    }

    /// The next token; `None` at the end of a complete document. A fault leaves the lexer where it
    /// was.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Token<'a>>, Fault> {
        match self.plain(ANY_TAG).or_else(|| self.extension()) {
            Some(token) => Ok(Some(token)),
            None => self.next_rare(),
        }
    }

    #[inline(never)]
    fn next_rare(&mut self) -> Result<Option<Token<'a>>, Fault> {
        self.next_other()
    }

    /// Nearly all tokens of nearly all documents: an END, or a tag that has its bit in `tags`,
    /// inside the root.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    pub(crate) fn plain(&mut self, tags: u64) -> Option<Token<'a>> {
        let &byte = self.input.get(self.pos)?;
        if self.space != Space::Content || self.depth == 0 {
            return None;
        }
        if byte == END {
            self.pos += 1;
            self.depth -= 1;
            return Some(Token::End);
        }
        let is_tag = byte < 0x80 && tags >> (byte & 0x3F) & 1 == 1;
        if !is_tag || self.depth >= self.limits.depth {
            return None;
        }
        let content = byte & CONTENT_BIT != 0;
        self.pos += 1;
        self.depth += usize::from(content);
        Some(Token::Tag { tag: Tag::new(self.tag_page, byte), content, attributes: false })
    }

    /// An extension of one byte inside the root: there is nothing in it to be wrong.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    pub(crate) fn extension(&mut self) -> Option<Token<'a>> {
        let &byte = self.input.get(self.pos)?;
        let plain = matches!(byte, 0xC0..=0xC2) && self.space == Space::Content && self.depth > 0;
        self.pos += usize::from(plain);
        plain.then(|| Token::Extension(byte - 0xC0))
    }

    /// Any other token.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a token is built where it is wanted, not moved there")]
    pub(crate) fn next_other(&mut self) -> Result<Option<Token<'a>>, Fault> {
        self.mark = None;
        let Some(&byte) = self.input.get(self.pos) else { return self.end().map(|()| None) };
        let token = match self.space {
            Space::Content => self.content(byte)?,
            Space::Attributes(started) => self.attribute(byte, started)?,
            Space::ProcessingInstruction => self.attribute(byte, true)?,
        };
        Ok(Some(token))
    }

    /// Whether the next token belongs to a list of attributes or a processing instruction.
    pub(crate) fn in_attributes(&self) -> bool {
        self.space != Space::Content
    }

    /// What is missing where the input ends.
    pub(crate) fn end(&self) -> Result<(), Fault> {
        let kind = match self.space {
            Space::Attributes(_) => ErrorKind::UnexpectedEnd(Part::Attributes),
            Space::ProcessingInstruction => ErrorKind::UnexpectedEnd(Part::ProcessingInstruction),
            #[allow(clippy::cast_possible_truncation, reason = "document limit is below 4 GiB")]
            Space::Content if self.depth > 0 => ErrorKind::UnclosedElements(self.depth as u32),
            Space::Content if !self.root_seen => ErrorKind::NoRoot,
            Space::Content => return Ok(()),
        };
        Err(Fault::new(kind, self.pos))
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn content(&mut self, byte: u8) -> Result<Token<'a>, Fault> {
        let start = self.pos;
        if self.depth == 0 && (self.root_seen || byte == END || is_value(byte)) && byte != PI {
            let kind = outside(self.input, start, byte, self.root_seen);
            if let ErrorKind::TrailingBytes(_) = kind {
                return Err(Fault::new(kind, start));
            }
            // In lenient mode the second root itself gets the mark, not the switch before it.
            if !(byte == SWITCH_PAGE && self.lenient) {
                self.refuse(kind)?;
            }
            if byte == END {
                self.pos += 1;
                return Ok(Token::End);
            }
        }
        let (token, end) = match byte {
            SWITCH_PAGE => {
                let (page, end) = self.switch_page()?;
                self.tag_page = page;
                (Token::SwitchPage(page), end)
            }
            END => {
                self.depth -= 1;
                (Token::End, start + 1)
            }
            PI => {
                self.space = Space::ProcessingInstruction;
                (Token::ProcessingInstruction, start + 1)
            }
            LITERAL | 0x44 | 0x84 | 0xC4 => {
                self.check_depth()?;
                let (index, end) = mb_u32::read(self.input, start + 1)?;
                let (content, attributes) = self.open(byte);
                (Token::LiteralTag { index, content, attributes }, end)
            }
            _ => {
                if let Some(value) = self.value(byte)? {
                    value
                } else {
                    self.check_depth()?;
                    let tag = Tag::new(self.tag_page, byte);
                    let (content, attributes) = self.open(byte);
                    (Token::Tag { tag, content, attributes }, start + 1)
                }
            }
        };
        self.pos = end;
        Ok(token)
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn attribute(&mut self, byte: u8, started: bool) -> Result<Token<'a>, Fault> {
        let start = self.pos;
        let (token, end) = match byte {
            SWITCH_PAGE => {
                let (page, end) = self.switch_page()?;
                self.attribute_page = page;
                (Token::SwitchAttributePage(page), end)
            }
            END => {
                self.space = Space::Content;
                (Token::EndAttributes, start + 1)
            }
            LITERAL => {
                let (index, end) = mb_u32::read(self.input, start + 1)?;
                (Token::LiteralAttribute(index), end)
            }
            PI | 0x44 | 0x84 | 0xC4 => {
                return Err(Fault::new(ErrorKind::UnsupportedToken(byte), start));
            }
            0x05..=0x3F | 0x45..=0x7F => {
                (Token::AttributeStart(self.attribute_page, byte), start + 1)
            }
            _ => {
                if !started {
                    self.refuse(ErrorKind::AttributeValueFirst(byte))?;
                }
                match self.value(byte)? {
                    Some(value) => value,
                    None => (Token::AttributeValue(self.attribute_page, byte), start + 1),
                }
            }
        };
        if self.space == Space::Attributes(false) && !matches!(token, Token::SwitchAttributePage(_))
        {
            self.space = Space::Attributes(true);
        }
        self.pos = end;
        Ok(token)
    }

    /// Tokens that mean the same in both code spaces.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn value(&mut self, byte: u8) -> Result<Option<(Token<'a>, usize)>, Fault> {
        let start = self.pos;
        let value = match byte {
            ENTITY => {
                let (code, end) = mb_u32::read(self.input, start + 1)?;
                if entity(code).is_none() {
                    self.refuse(ErrorKind::BadEntity(code))?;
                }
                (Token::Entity(code), end)
            }
            STR_I => {
                let (bytes, end) = self.string()?;
                (Token::InlineString(bytes), end)
            }
            STR_T => {
                let (index, end) = mb_u32::read(self.input, start + 1)?;
                (Token::TableString(index), end)
            }
            OPAQUE => {
                let needs = if self.space == Space::Content { 1 } else { 2 };
                if self.version < needs {
                    self.refuse(self.not_in_version(byte))?;
                }
                let (bytes, end) = opaque(self.input, start, &self.limits)?;
                (Token::Opaque(bytes), end)
            }
            0x40..=0x42 => {
                let (bytes, end) = self.string()?;
                (Token::ExtensionString(byte - 0x40, bytes), end)
            }
            0x80..=0x82 => {
                let (integer, end) = mb_u32::read(self.input, start + 1)?;
                (Token::ExtensionInteger(byte - 0x80, integer), end)
            }
            0xC0..=0xC2 => (Token::Extension(byte - 0xC0), start + 1),
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    fn string(&self) -> Result<(&'a [u8], usize), Fault> {
        let start = self.pos;
        let rest = &self.input[start + 1..];
        let Some(len) = find_terminator(rest, self.charset) else {
            return Err(Fault::new(ErrorKind::UnterminatedString, start));
        };
        check_string(len, &self.limits, start)?;
        let terminator = if self.charset.is_wide() { 2 } else { 1 };
        Ok((&rest[..len], start + 1 + len + terminator))
    }

    fn switch_page(&mut self) -> Result<(u8, usize), Fault> {
        if self.version < 2 {
            self.refuse(self.not_in_version(SWITCH_PAGE))?;
        }
        let kind = ErrorKind::UnexpectedEnd(Part::SwitchPage);
        let missing = Fault::new(kind, self.input.len());
        self.input.get(self.pos + 1).map(|&page| (page, self.pos + 2)).ok_or(missing)
    }

    fn not_in_version(&self, token: u8) -> ErrorKind {
        ErrorKind::TokenNotInVersion { token, minor: self.version }
    }

    /// Refuses or, in lenient mode, marks the token at hand.
    fn refuse(&mut self, kind: ErrorKind) -> Result<(), Fault> {
        if !self.lenient {
            return Err(Fault::new(kind, self.pos));
        }
        self.mark.get_or_insert(kind);
        Ok(())
    }

    fn check_depth(&self) -> Result<(), Fault> {
        if self.depth >= self.limits.depth {
            return Err(Fault::new(ErrorKind::Limit(Limit::Depth), self.pos));
        }
        Ok(())
    }

    fn open(&mut self, byte: u8) -> (bool, bool) {
        let content = byte & CONTENT_BIT != 0;
        let attributes = byte & ATTRIBUTE_BIT != 0;
        self.root_seen = true;
        self.depth += usize::from(content);
        if attributes {
            self.space = Space::Attributes(false);
        }
        (content, attributes)
    }
}

/// What a byte outside the root element is.
pub(crate) fn outside(input: &[u8], pos: usize, byte: u8, root_seen: bool) -> ErrorKind {
    if byte == END {
        ErrorKind::ExtraEnd
    } else if !root_seen {
        ErrorKind::ContentOutsideRoot
    } else {
        let next = if byte == SWITCH_PAGE { input.get(pos + 2).copied() } else { Some(byte) };
        match next {
            Some(next) if next != SWITCH_PAGE && next != END && next != PI && !is_value(next) => {
                ErrorKind::SecondRoot
            }
            #[allow(clippy::cast_possible_truncation, reason = "document limit is below 4 GiB")]
            _ => ErrorKind::TrailingBytes((input.len() - pos) as u32),
        }
    }
}

/// The character of an ENTITY. Zero is none: XML, whose references entities are, has no such
/// character, and no text can hold it.
pub(crate) fn entity(code: u32) -> Option<char> {
    char::from_u32(code).filter(|character| *character != '\0')
}

/// Reads opaque data whose OPAQUE is at `start`.
#[inline]
pub(crate) fn opaque<'a>(
    input: &'a [u8],
    start: usize,
    limits: &Limits,
) -> Result<(&'a [u8], usize), Fault> {
    let (claimed, data) = mb_u32::read(input, start + 1)?;
    let len = claimed as usize;
    let available = input.len() - data;
    if len > available {
        #[allow(clippy::cast_possible_truncation, reason = "document limit is below 4 GiB")]
        let available = available as u32;
        return Err(Fault::new(ErrorKind::OpaqueTooLong { claimed, available }, start));
    }
    if len > limits.opaque {
        return Err(Fault::new(ErrorKind::Limit(Limit::Opaque), start));
    }
    Ok((&input[data..data + len], data + len))
}

/// Whether a byte begins a value in content.
fn is_value(byte: u8) -> bool {
    matches!(byte, ENTITY | STR_I | STR_T | OPAQUE | 0x40..=0x42 | 0x80..=0x82 | 0xC0..=0xC2)
}
