//! The event decoder: a pull reader over a slice that copies nothing and allocates nothing.

use crate::charset::{Charset, Encoded};
use crate::context;
use crate::error::{Error, ErrorKind, Fault, Forbidden, Limit};
use crate::forensic::Forensic;
use crate::header::{Header, check_string};
use crate::lexer::{self, Lexer};
use crate::options::{Mode, Options};
use crate::token::{CONTENT_BIT, END, OPAQUE, STR_I, SWITCH_PAGE, Token};
use crate::tokens::Tokens;
use crate::{Tag, scan};

/// What happens in a document, in order. Every `Start` has its `End`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An element begins.
    Start {
        /// Its tag.
        tag: Tag,
        /// Whether the content bit is set. Without it the `End` follows at once.
        content: bool,
    },
    /// An element ends.
    End,
    /// Text. An element may hold several texts in a row: they belong together.
    Text(&'a str),
    /// Text of a document that is neither UTF-8 nor a subset of it.
    Encoded(Encoded<'a>),
    /// A character by its code, part of the text.
    Entity(char),
    /// Opaque data.
    Opaque(&'a [u8]),
    /// Bytes that mean nothing where they stand, or (with no bytes) a mark at what follows. Only
    /// forensic mode gives it.
    Damage {
        /// What is wrong.
        kind: ErrorKind,
        /// The bytes that no other event stands for.
        bytes: &'a [u8],
    },
}

/// Where a decoder is in its document, without the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    pos: usize,
    start: usize,
    depth: usize,
    known: u64,
    page: u8,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the root element.
    Before,
    Inside,
    /// An element without content was begun and must end.
    Empty,
    /// After the root element.
    After,
    /// The iterator has given its error.
    Failed,
    /// Forensic mode reads tokens.
    Forensic,
}

/// A pull decoder over a slice.
///
/// ```
/// use wbxml::{Decoder, Event, Options, tags::ping};
///
/// let mut decoder = Decoder::new(b"\x03\x01\x6a\x00\x00\x0d\x45\x47\x031\x00\x01\x01", &Options::default());
/// assert_eq!(decoder.next()?, Some(Event::Start { tag: ping::PING, content: true }));
/// assert_eq!(decoder.next()?, Some(Event::Start { tag: ping::STATUS, content: true }));
/// assert_eq!(decoder.next()?, Some(Event::Text("1")));
/// assert_eq!(decoder.next()?, Some(Event::End));
/// assert_eq!(decoder.next()?, Some(Event::End));
/// assert_eq!(decoder.next()?, None);
/// # Ok::<(), wbxml::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    input: &'a [u8],
    pos: usize,
    /// Where the token of the last event begins.
    start: usize,
    depth: usize,
    /// Bit n: token n of the current page is in the table.
    known: u64,
    page: u8,
    state: State,
    /// Whether the charset is UTF-8.
    utf8: bool,
    options: Options,
    header: Header<'a>,
    header_fault: Option<Fault>,
    forensic: Option<Box<Forensic<'a>>>,
}

impl<'a> Decoder<'a> {
    /// A decoder of this document. Errors of the header are given by the first
    /// [`next`](Self::next).
    pub fn new(input: &'a [u8], options: &Options) -> Self {
        let (header, header_fault) = Header::read(input, options);
        let forensic = (options.mode == Mode::Forensic)
            .then(|| Box::new(Forensic::new(Tokens::new(input, options))));
        Self {
            input,
            pos: header.end,
            start: 0,
            depth: 0,
            known: options.table.page(0).map_or(0, crate::table::CodePage::known),
            page: 0,
            state: if forensic.is_some() { State::Forensic } else { State::Before },
            utf8: header.encoding == Charset::Utf8,
            options: *options,
            header,
            header_fault,
            forensic,
        }
    }

    /// Where the decoder is; nothing while the header cannot be read.
    pub(crate) fn position(&self) -> Option<Position> {
        let Self { pos, start, depth, known, page, state, .. } = *self;
        self.header_fault.is_none().then_some(Position { pos, start, depth, known, page, state })
    }

    /// Goes on where a decoder of a shorter part of the same document was.
    pub(crate) fn at(mut self, position: Position) -> Self {
        let Position { pos, start, depth, known, page, state } = position;
        (self.pos, self.start, self.depth) = (pos, start, depth);
        (self.known, self.page, self.state) = (known, page, state);
        self
    }

    /// The header, as far as it could be read.
    pub fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// Bytes read so far.
    pub fn offset(&self) -> usize {
        self.pos
    }

    /// Where the token of the last event begins.
    pub fn event_offset(&self) -> usize {
        self.start
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The next event; `None` at the end of a complete document. After an error the same error
    /// comes again.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "the iterator is there too")]
    pub fn next(&mut self) -> Result<Option<Event<'a>>, Error> {
        match self.next_event() {
            Ok(event) => Ok(event),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    #[cold]
    fn fail(&self, fault: Fault) -> Error {
        context::error(self.input, &self.options, fault)
    }

    #[inline]
    pub(crate) fn next_event(&mut self) -> Result<Option<Event<'a>>, Fault> {
        loop {
            if self.state == State::Empty {
                self.state = if self.depth == 0 { State::After } else { State::Inside };
                return Ok(Some(Event::End));
            }
            if self.state != State::Inside {
                match self.next_at_edge()? {
                    Edge::Done => return Ok(None),
                    Edge::Event(event) => return Ok(Some(event)),
                    Edge::Inside => {}
                }
            }
            let start = self.pos;
            let Some(&byte) = self.input.get(start) else { return Err(self.unclosed()) };
            self.start = start;
            match byte {
                0x05..=0x3F | 0x45..=0x7F => return self.tag(byte).map(Some),
                END => {
                    self.pos = start + 1;
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.state = State::After;
                    }
                    return Ok(Some(Event::End));
                }
                STR_I if self.utf8 => return self.inline_string().map(Some),
                SWITCH_PAGE => self.switch_page()?,
                OPAQUE => {
                    let (bytes, end) = if self.header.version == 0 {
                        return self.rare().map(Some);
                    } else {
                        lexer::opaque(self.input, start, &self.options.limits)?
                    };
                    self.pos = end;
                    return Ok(Some(Event::Opaque(bytes)));
                }
                _ => return self.rare().map(Some),
            }
        }
    }

    #[inline]
    fn tag(&mut self, byte: u8) -> Result<Event<'a>, Fault> {
        let token = byte & 0x3F;
        if self.known >> token & 1 == 0 {
            let kind = ErrorKind::UnknownTag { page: self.page, token };
            return Err(Fault::new(kind, self.pos));
        }
        if self.depth >= self.options.limits.depth {
            return Err(Fault::new(ErrorKind::Limit(Limit::Depth), self.pos));
        }
        let content = byte & CONTENT_BIT != 0;
        self.pos += 1;
        if content {
            self.depth += 1;
        } else {
            self.state = State::Empty;
        }
        Ok(Event::Start { tag: Tag::new(self.page, token), content })
    }

    #[inline]
    fn inline_string(&mut self) -> Result<Event<'a>, Fault> {
        let start = self.pos;
        let rest = &self.input[start + 1..];
        let Some(len) = scan::find_nul(rest) else {
            return Err(Fault::new(ErrorKind::UnterminatedString, start));
        };
        check_string(len, &self.options.limits, start)?;
        let text = scan::text(&rest[..len])
            .map_err(|valid| Fault::new(ErrorKind::BadText, start + 1 + valid))?;
        self.pos = start + len + 2;
        Ok(Event::Text(text))
    }

    #[inline]
    fn switch_page(&mut self) -> Result<(), Fault> {
        let page = match self.input.get(self.pos + 1) {
            Some(&page) if self.header.version >= 2 => page,
            // The engine knows what is wrong with it.
            _ => return self.lexer().next().map(drop),
        };
        let Some(info) = self.options.table.page(page) else {
            return Err(Fault::new(ErrorKind::UnknownPage(page), self.pos));
        };
        self.known = info.known();
        self.page = page;
        self.pos += 2;
        Ok(())
    }

    /// The engine for the whole of WBXML, at this position.
    fn lexer(&self) -> Lexer<'a> {
        let mut lexer = Lexer::new(self.input, &self.header, self.options.limits);
        lexer.pos = self.pos;
        lexer.depth = self.depth;
        lexer.tag_page = self.page;
        lexer.root_seen = self.state != State::Before;
        lexer
    }

    /// Tokens that ActiveSync does not use.
    #[cold]
    fn rare(&mut self) -> Result<Event<'a>, Fault> {
        let start = self.pos;
        let byte = self.input[start];
        let strict = self.options.mode == Mode::Strict;
        let forbidden = |rule| Err(Fault::new(ErrorKind::Forbidden(rule), start));
        let mut lexer = self.lexer();
        let token = lexer.next()?;
        let event = match token {
            Some(Token::InlineString(bytes)) => self.text(bytes, start + 1, start)?,
            Some(Token::TableString(_)) if strict => return forbidden(Forbidden::TableString),
            Some(Token::TableString(index)) => {
                let bytes =
                    self.header.table_string(index).map_err(|kind| Fault::new(kind, start))?;
                check_string(bytes.len(), &self.options.limits, start)?;
                self.text(bytes, start, start)?
            }
            Some(Token::Entity(_)) if strict => return forbidden(Forbidden::Entity),
            Some(Token::Entity(code)) => match lexer::entity(code) {
                Some(character) => Event::Entity(character),
                None => return Err(Fault::new(ErrorKind::BadEntity(code), start)),
            },
            Some(Token::Opaque(bytes)) => Event::Opaque(bytes),
            Some(Token::Tag { tag, .. }) => {
                let token = tag.token();
                let kind = if self.known >> token & 1 == 1 {
                    ErrorKind::Attributes(byte)
                } else {
                    ErrorKind::UnknownTag { page: self.page, token }
                };
                return Err(Fault::new(kind, start));
            }
            _ => return Err(Fault::new(ErrorKind::UnsupportedToken(byte), start)),
        };
        self.pos = lexer.pos;
        Ok(event)
    }

    /// Text in the charset of the document; `first` is where its bytes are in the input.
    fn text(&self, bytes: &'a [u8], first: usize, token: usize) -> Result<Event<'a>, Fault> {
        let bad = |valid| {
            let inside = first != token;
            Fault::new(ErrorKind::BadText, if inside { first + valid } else { token })
        };
        match self.header.encoding {
            Charset::Utf8 => scan::text(bytes).map(Event::Text).map_err(bad),
            Charset::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
                Some(valid) => Err(bad(valid)),
                None => scan::text(bytes).map(Event::Text).map_err(bad),
            },
            Charset::Latin1 if bytes.is_ascii() => scan::text(bytes).map(Event::Text).map_err(bad),
            charset => Encoded::new(bytes, charset)
                .map(Event::Encoded)
                .ok_or(Fault::new(ErrorKind::BadText, token)),
        }
    }

    fn unclosed(&self) -> Fault {
        match self.lexer().end() {
            Err(fault) => fault,
            // Not reached: inside the root something is open.
            Ok(()) => Fault::new(ErrorKind::NoRoot, self.pos),
        }
    }

    /// What comes where the decoder is not simply inside the root element.
    #[cold]
    #[inline(never)]
    fn next_at_edge(&mut self) -> Result<Edge<'a>, Fault> {
        match self.state {
            State::Inside | State::Empty => Ok(Edge::Inside),
            State::Failed => Ok(Edge::Done),
            State::Forensic => Ok(self.next_forensic()),
            State::After => match self.lexer().next()? {
                None => Ok(Edge::Done),
                // Only a processing instruction gets this far.
                Some(_) => Err(self.unsupported()),
            },
            State::Before => {
                if let Some(fault) = self.header_fault {
                    return Err(fault);
                }
                loop {
                    let Some(&byte) = self.input.get(self.pos) else {
                        return Err(Fault::new(ErrorKind::NoRoot, self.pos));
                    };
                    self.start = self.pos;
                    if byte == SWITCH_PAGE {
                        self.switch_page()?;
                    } else if matches!(byte, 0x05..=0x3F | 0x45..=0x7F) {
                        let event = self.tag(byte)?;
                        if self.state == State::Before {
                            self.state = State::Inside;
                        }
                        return Ok(Edge::Event(event));
                    } else {
                        return Err(match self.rare() {
                            Err(fault) => fault,
                            Ok(_) => self.unsupported(),
                        });
                    }
                }
            }
        }
    }

    fn next_forensic(&mut self) -> Edge<'a> {
        let Some(forensic) = &mut self.forensic else { return Edge::Done };
        let event = forensic.next();
        self.start = forensic.start();
        self.pos = forensic.end();
        self.depth = forensic.depth();
        event.map_or(Edge::Done, Edge::Event)
    }

    fn unsupported(&self) -> Fault {
        let byte = self.input.get(self.pos).copied().unwrap_or_default();
        Fault::new(ErrorKind::UnsupportedToken(byte), self.pos)
    }
}

enum Edge<'a> {
    Inside,
    Done,
    Event(Event<'a>),
}

impl<'a> Iterator for Decoder<'a> {
    type Item = Result<Event<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match Decoder::next(self) {
            Ok(event) => event.map(Ok),
            Err(error) => {
                self.state = State::Failed;
                Some(Err(error))
            }
        }
    }
}
