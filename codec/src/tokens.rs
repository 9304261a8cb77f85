//! The token layer: every byte of a document, in order.

use crate::charset::Charset;
use crate::context;
use crate::error::{Error, ErrorKind, Fault, Limit};
use crate::header::{Header, PublicId};
use crate::lexer::{self, Lexer};
use crate::options::{Mode, Options};
use crate::references::References;
use crate::token::{STR_T, Spanned, Token};
use crate::{mb_u32, scan};
use std::ops::Range;

/// The tokens of a document, header included, with spans that tile the input.
///
/// General mode reads any WBXML, with or without a table: code pages, attributes, literals,
/// extensions and processing instructions come out as numbers. Only the grammar is checked, not
/// names and texts. Strict mode is the same here. Forensic mode never fails: it marks what general
/// mode would refuse in this layer or, unless the table is empty, in the layer of events; bytes
/// that cannot be read as tokens are [`Token::Garbage`].
///
/// ```
/// use wbxml::{Options, Token, Tokens, tags::air_sync};
///
/// let bytes = b"\x03\x01\x6a\x00\x45\x4b\x030\x00\x01\x01";
/// let mut end = 0;
/// for spanned in Tokens::new(bytes, &Options::default()) {
///     let spanned = spanned?;
///     assert_eq!(spanned.span.start, end);
///     end = spanned.span.end;
///     if let Token::Tag { tag, .. } = spanned.token {
///         assert!(tag == air_sync::SYNC || tag == air_sync::SYNC_KEY);
///     }
/// }
/// assert_eq!(end, bytes.len());
/// # Ok::<(), wbxml::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    input: &'a [u8],
    options: Options,
    header: Header<'a>,
    /// What general mode has against the header.
    header_fault: Option<Fault>,
    /// What kept the header from being read to its end.
    hard: Option<Fault>,
    lexer: Lexer<'a>,
    stage: Stage,
    /// Tokens of the body that were marked.
    marks: usize,
    references: References,
    /// A bit for each tag of the page in force that needs no mark.
    plain_tags: u64,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Version,
    PublicId,
    Charset,
    StringTable,
    Body,
    Done,
}

impl<'a> Tokens<'a> {
    /// The tokens of this document.
    pub fn new(input: &'a [u8], options: &Options) -> Self {
        let mode = if options.mode == Mode::Forensic { Mode::Forensic } else { Mode::General };
        let options = Options { mode, ..*options };
        let (header, soft, hard) = Header::read_far(input, &options);
        let lexer = if mode == Mode::Forensic {
            Lexer::lenient(input, &header, options.limits)
        } else {
            Lexer::new(input, &header, options.limits)
        };
        let mut tokens = Self {
            input,
            options,
            header,
            header_fault: soft.or(hard),
            hard,
            lexer,
            stage: Stage::Version,
            marks: 0,
            references: References::default(),
            plain_tags: lexer::ANY_TAG,
        };
        tokens.set_page(0);
        tokens
    }

    /// The header, as far as it could be read.
    pub fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// The next token; `None` at the end of a complete document.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "the iterator is there too")]
    pub fn next(&mut self) -> Result<Option<Spanned<'a>>, Error> {
        match self.plain().or_else(|| self.extension()) {
            Some(spanned) => Ok(Some(spanned)),
            None => self.next_other(),
        }
    }

    #[inline(never)]
    fn next_other(&mut self) -> Result<Option<Spanned<'a>>, Error> {
        self.other_token().map_err(|fault| self.fail(fault))
    }

    /// The same for the iterator: to turn one result into the other costs more than the token.
    #[inline(never)]
    fn next_other_item(&mut self) -> Option<Result<Spanned<'a>, Error>> {
        match self.other_token() {
            Ok(spanned) => spanned.map(Ok),
            Err(fault) => Some(Err(self.fail(fault))),
        }
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, fault: Fault) -> Error {
        self.stage = Stage::Done;
        context::error(self.input, &self.options, fault)
    }

    /// An END or a tag of the body that needs no mark, if that is what comes next.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    pub(crate) fn plain(&mut self) -> Option<Spanned<'a>> {
        if self.stage != Stage::Body {
            return None;
        }
        let (start, depth) = (self.lexer.pos, self.lexer.depth);
        let token = self.lexer.plain(self.plain_tags)?;
        Some(Spanned { token, span: start..start + 1, depth, damage: None })
    }

    /// An extension of one byte, where it needs no mark.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn extension(&mut self) -> Option<Spanned<'a>> {
        let marked = self.options.mode == Mode::Forensic && self.has_table();
        if self.stage != Stage::Body || marked {
            return None;
        }
        let (start, depth) = (self.lexer.pos, self.lexer.depth);
        let token = self.lexer.extension()?;
        Some(Spanned { token, span: start..start + 1, depth, damage: None })
    }

    /// Where the next token begins.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.lexer.pos
    }

    /// The first byte of the next token, if that is in the content of the root.
    #[inline]
    pub(crate) fn inside(&self) -> Option<u8> {
        let inside = self.stage == Stage::Body && self.lexer.depth > 0;
        let byte = self.input.get(self.lexer.pos).copied();
        byte.filter(|_| inside && !self.lexer.in_attributes())
    }

    /// The text of this STR_I or STR_T, if nothing is wrong in it: a token costs more to build than
    /// a short text to read.
    #[inline(never)]
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        if self.header.encoding != Charset::Utf8 {
            return None;
        }
        let (start, limits) = (self.lexer.pos, &self.options.limits);
        if self.input.get(start) == Some(&STR_T) {
            let (text, end) = self.references.text(self.input, start, &self.header, limits)?;
            self.lexer.pos = end;
            return Some(text);
        }
        let rest = self.input.get(start + 1..)?;
        let len = scan::find_nul(rest).filter(|len| *len <= limits.string)?;
        let text = scan::text(&rest[..len]).ok()?;
        self.lexer.pos = start + len + 2;
        Some(text)
    }

    /// The bytes of this OPAQUE, if nothing is wrong with it.
    #[inline(never)]
    pub(crate) fn opaque(&mut self) -> Option<&'a [u8]> {
        let limits = &self.options.limits;
        let (bytes, end) = lexer::opaque(self.input, self.lexer.pos, limits).ok()?;
        if self.header.version == 0 {
            return None;
        }
        self.lexer.pos = end;
        Some(bytes)
    }

    /// The character of this ENTITY, if nothing is wrong with it.
    #[inline(never)]
    pub(crate) fn entity(&mut self) -> Option<char> {
        let (code, end) = mb_u32::read(self.input, self.lexer.pos + 1).ok()?;
        let character = lexer::entity(code)?;
        self.lexer.pos = end;
        Some(character)
    }

    /// The next token where it is not a plain one.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "where it is used a token is not moved")]
    pub(crate) fn other_token(&mut self) -> Result<Option<Spanned<'a>>, Fault> {
        let forensic = self.options.mode == Mode::Forensic;
        if let Some(fault) = self.header_fault
            && !forensic
            && self.stage != Stage::Done
        {
            return Err(fault);
        }
        match self.stage {
            Stage::Done => Ok(None),
            Stage::Body => self.body(forensic),
            _ => Ok(Some(self.header_field())),
        }
    }

    fn header_field(&mut self) -> Spanned<'a> {
        let header = &self.header;
        let (token, span, next) = match self.stage {
            Stage::Version => {
                // Where nothing of the header was read, not even this byte may be a version.
                let nothing =
                    header.public_id_end == 0 && self.hard.is_none_or(|fault| fault.offset == 0);
                (Token::Version(header.version), 0..usize::from(!nothing), Stage::PublicId)
            }
            Stage::PublicId => {
                let token = match header.public_id {
                    PublicId::Known(number) => Token::PublicId(number),
                    PublicId::Index(index) => Token::PublicIdIndex(index),
                };
                let next = if header.version == 0 { Stage::StringTable } else { Stage::Charset };
                (token, 1..header.public_id_end, next)
            }
            Stage::Charset => {
                let span = header.public_id_end..header.charset_end;
                (Token::Charset(header.charset), span, Stage::StringTable)
            }
            _ => {
                let token = Token::StringTable(header.string_table);
                (token, header.charset_end..header.end, Stage::Body)
            }
        };
        if span.is_empty() {
            return self.garbage(span.start, self.hard.map(|fault| fault.kind));
        }
        self.stage = next;
        let damage = match token {
            Token::Version(version) if version > 3 => Some(ErrorKind::Version(version)),
            Token::PublicIdIndex(index) if self.header.end > 0 => {
                self.header.table_string(index).err()
            }
            Token::Charset(mib) if Charset::from_mib(mib).is_none() => {
                Some(ErrorKind::Charset(mib))
            }
            _ => None,
        };
        Spanned { token, span, depth: 0, damage }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn body(&mut self, forensic: bool) -> Result<Option<Spanned<'a>>, Fault> {
        let start = self.lexer.pos;
        let depth = self.lexer.depth;
        // Attributes have no meaning with a table: each is kept as damage.
        let attribute = forensic && self.lexer.in_attributes() && self.has_table();
        match self.lexer.next_other() {
            Ok(Some(token)) => {
                if let Token::SwitchPage(page) = token {
                    self.set_page(page);
                }
                let span = start..self.lexer.pos;
                let damage = if forensic {
                    self.lexer.mark.or(self.mark(token, self.input[start]))
                } else {
                    None
                };
                if damage.is_some() || attribute {
                    if self.marks == self.options.limits.marks {
                        let limit = ErrorKind::Limit(Limit::Marks);
                        return Ok(Some(self.garbage(start, Some(limit))));
                    }
                    self.marks += 1;
                }
                Ok(Some(Spanned { token, span, depth, damage }))
            }
            Ok(None) => {
                self.stage = Stage::Done;
                Ok(None)
            }
            Err(fault) if forensic => Ok(Some(self.garbage(start, Some(fault.kind)))),
            Err(fault) => Err(fault),
        }
    }

    /// What general mode would not take of a token that can be read.
    fn mark(&mut self, token: Token<'a>, first: u8) -> Option<ErrorKind> {
        let table = self.options.table;
        let has_table = self.has_table();
        match token {
            Token::SwitchPage(page) if has_table && table.page(page).is_none() => {
                Some(ErrorKind::UnknownPage(page))
            }
            Token::Tag { tag, attributes, .. } if has_table => {
                if table.info(tag).is_none() {
                    Some(ErrorKind::UnknownTag { page: tag.page(), token: tag.token() })
                } else if attributes {
                    Some(ErrorKind::Attributes(first))
                } else {
                    None
                }
            }
            Token::LiteralTag { .. }
            | Token::ProcessingInstruction
            | Token::ExtensionString(..)
            | Token::ExtensionInteger(..)
            | Token::Extension(_)
                if has_table =>
            {
                Some(ErrorKind::UnsupportedToken(first))
            }
            Token::InlineString(bytes) => {
                (!self.header.encoding.reads(bytes)).then_some(ErrorKind::BadText)
            }
            Token::TableString(index) => match self.reference(index) {
                Ok(bytes) => (!self.header.encoding.reads(bytes)).then_some(ErrorKind::BadText),
                Err(kind) => Some(kind),
            },
            _ => None,
        }
    }

    fn reference(&mut self, index: u32) -> Result<&'a [u8], ErrorKind> {
        self.references.resolve(index, &self.header, &self.options.limits)
    }

    /// A page is in force from here on.
    fn set_page(&mut self, page: u8) {
        if self.options.mode == Mode::Forensic && self.has_table() {
            self.plain_tags = self.options.table.known(page).unwrap_or_default();
        }
    }

    fn has_table(&self) -> bool {
        !self.options.table.pages().is_empty()
    }

    /// The bytes of a span.
    pub(crate) fn bytes(&self, span: &Range<usize>) -> &'a [u8] {
        &self.input[span.clone()]
    }

    /// The rest of the input, which cannot be read.
    fn garbage(&mut self, start: usize, damage: Option<ErrorKind>) -> Spanned<'a> {
        self.stage = Stage::Done;
        let span: Range<usize> = start..self.input.len();
        Spanned {
            token: Token::Garbage(&self.input[span.clone()]),
            span,
            depth: self.lexer.depth,
            damage,
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Spanned<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.plain().or_else(|| self.extension()) {
            Some(spanned) => Some(Ok(spanned)),
            None => self.next_other_item(),
        }
    }
}
