//! The event decoder: a pull reader over a slice that copies nothing and allocates nothing.

mod position;
mod rare;
#[cfg(test)]
mod tests;

use crate::charset::{Charset, Encoded};
use crate::context;
use crate::error::{Error, ErrorKind, Fault, Limit};
use crate::forensic::Forensic;
use crate::header::{Header, check_string};
use crate::lexer;
use crate::options::{Mode, Options};
use crate::references::References;
use crate::token::{CONTENT_BIT, END, OPAQUE, STR_I, SWITCH_PAGE};
use crate::tokens::Tokens;
use crate::{Tag, scan};
pub(crate) use position::{Markup, Position};

/// What happens in a document, in order. Every `Start` has its `End`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
// A word of its own for the kind: with a byte the parts of an event are copied in pieces that
// overlap, and each of those waits for the one before.
#[repr(u32)]
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

/// Bytes of the first stretch of text that is checked at a time; later ones are longer, up to
/// [`STRETCH_MAX`].
const STRETCH_MIN: usize = 256;
const STRETCH_MAX: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// A word of its own: the page beside it would be read together with it, right after it was written.
#[repr(u32)]
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

/// What is left to give of an element that holds one short text, which was found already. `pos` and
/// `depth` are those after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    /// The text and the end.
    Text,
    End,
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
    /// A stretch of the input that is known to be text, tokens between strings included, and where
    /// it begins: strings in it are not looked at one by one.
    stretch: &'a str,
    stretch_start: usize,
    /// The text of a leaf.
    leaf: &'a str,
    /// What of a leaf comes next. Not a state: to look at both in turn costs less than to tell all
    /// states apart.
    due: Due,
    /// How long the next stretch may be.
    stretch_max: usize,
    references: References,
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
            known: options.table.known(0).unwrap_or_default(),
            page: 0,
            state: if forensic.is_some() { State::Forensic } else { State::Before },
            utf8: header.encoding == Charset::Utf8,
            stretch: "",
            leaf: "",
            due: Due::Nothing,
            stretch_start: 0,
            // None where strings are not UTF-8.
            stretch_max: if header.encoding == Charset::Utf8 { STRETCH_MIN } else { 0 },
            references: References::default(),
            options: *options,
            header,
            header_fault,
            forensic,
        }
    }

    /// Whether the header can be read.
    pub(crate) fn has_header(&self) -> bool {
        self.header_fault.is_none()
    }

    /// Where the decoder is.
    #[inline]
    pub(crate) fn position(&self) -> Position {
        let Self { known, page, state, references, .. } = *self;
        let (pos, start, depth) = (self.offset(), self.event_offset(), self.depth());
        Position { pos, start, depth, known, page, state, references }
    }

    /// Goes on where a decoder of a shorter part of the same document was, whose header this is.
    #[inline]
    pub(crate) fn resume(
        input: &'a [u8],
        header: Header<'a>,
        position: &Position,
        options: &Options,
    ) -> Self {
        let Position { pos, start, depth, known, page, state, references } = *position;
        Self {
            input,
            pos,
            start,
            depth,
            known,
            page,
            state,
            utf8: header.encoding == Charset::Utf8,
            stretch: "",
            leaf: "",
            due: Due::Nothing,
            stretch_start: 0,
            // It will not go far.
            stretch_max: 0,
            references,
            options: *options,
            header,
            header_fault: None,
            forensic: None,
        }
    }

    /// The header, as far as it could be read.
    pub fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// Bytes read so far.
    pub fn offset(&self) -> usize {
        match self.due {
            Due::Text => self.start + 1,
            Due::End => self.pos - 1,
            Due::Nothing => self.pos,
        }
    }

    /// Where the token of the last event begins.
    pub fn event_offset(&self) -> usize {
        // The text of a leaf follows its tag at once.
        self.start + usize::from(self.due == Due::End)
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.depth + usize::from(self.due != Due::Nothing)
    }

    /// The next event; `None` at the end of a complete document. After an error the same error
    /// comes again.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "events are taken apart where they are asked for")]
    #[allow(clippy::should_implement_trait, reason = "the iterator is there too")]
    pub fn next(&mut self) -> Result<Option<Event<'a>>, Error> {
        match self.next_event() {
            Ok(event) => Ok(event),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    #[cold]
    #[inline(never)]
    fn fail(&self, fault: Fault) -> Error {
        context::error(self.input, &self.options, fault)
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "one caller each")]
    pub(crate) fn next_event(&mut self) -> Result<Option<Event<'a>>, Fault> {
        if self.due != Due::Nothing {
            if self.due == Due::Text {
                self.due = Due::End;
                return Ok(Some(Event::Text(self.leaf)));
            }
            self.due = Due::Nothing;
            self.start = self.pos - 1;
            return Ok(Some(Event::End));
        }
        if self.state != State::Inside {
            return self.next_at_edge();
        }
        loop {
            let start = self.pos;
            let Some(&byte) = self.input.get(start) else { return Err(self.unclosed()) };
            self.start = start;
            // Only tags have a bit there.
            if byte < 0x80 && self.known >> (byte & 0x3F) & 1 == 1 {
                if self.depth >= self.options.limits.depth {
                    return Err(Fault::new(ErrorKind::Limit(Limit::Depth), start));
                }
                let tag = Tag::new(self.page, byte);
                let content = byte & CONTENT_BIT != 0;
                if !content {
                    self.state = State::Empty;
                } else if self.is_leaf(start + 1) {
                    return Ok(Some(Event::Start { tag, content }));
                } else {
                    self.depth += 1;
                }
                self.pos = start + 1;
                return Ok(Some(Event::Start { tag, content }));
            }
            match byte {
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
                OPAQUE if self.header.version > 0 => {
                    let (bytes, end) = lexer::opaque(self.input, start, &self.options.limits)?;
                    self.pos = end;
                    return Ok(Some(Event::Opaque(bytes)));
                }
                _ => return self.rare().map(Some),
            }
        }
    }

    /// Whether the content of an element, which begins here, is one text and nothing else, all of it
    /// in the stretch; what follows the tag is made ready then.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn is_leaf(&mut self, token: usize) -> bool {
        match self.input.get(token..) {
            Some([STR_I, rest @ ..]) => match scan::find_nul_near(rest) {
                Some(len) => self.leaf_of(token, len) || self.other_leaf(token, Some(len)),
                None => self.other_leaf(token, None),
            },
            _ => false,
        }
    }

    /// The same for longer texts, and where the stretch must be moved on first.
    #[inline(never)]
    fn other_leaf(&mut self, token: usize, len: Option<usize>) -> bool {
        let rest = self.input.get(token + 1..).unwrap_or_default();
        // No leaf is longer than a stretch, and nothing is searched twice.
        let near = &rest[..rest.len().min(self.stretch_max)];
        let Some(len) = len.or_else(|| memchr::memchr(0, near)) else { return false };
        if rest.get(len + 1) != Some(&END) {
            return false;
        }
        if self.leaf_of(token, len) {
            return true;
        }
        self.begin_stretch(token);
        self.leaf_of(token, len)
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn leaf_of(&mut self, token: usize, len: usize) -> bool {
        let from = token.wrapping_sub(self.stretch_start).wrapping_add(1);
        if let Some(text) = self.stretch.get(from..).and_then(|rest| rest.get(..len))
            && self.input.get(token + len + 2) == Some(&END)
            && len <= self.options.limits.string
        {
            self.leaf = text;
            self.pos = token + len + 3;
            self.due = Due::Text;
            return true;
        }
        false
    }

    /// Begins a stretch with this string, as long as it seems worth it.
    ///
    /// Tokens are ASCII, and so are most texts: the stretch goes on to the next OPAQUE or to a text
    /// that is not mostly Latin.
    #[inline(never)]
    fn begin_stretch(&mut self, token: usize) {
        let window = &self.input[token..self.input.len().min(token + self.stretch_max)];
        let window = &window[..scan::latin_len(window)];
        (self.stretch, self.stretch_start) = (scan::text(window).unwrap_or_default(), token);
        // It stays at nothing where it is nothing.
        self.stretch_max = STRETCH_MAX.min(self.stretch_max * 4);
    }

    /// A tag that is in the table.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn known_tag(&mut self, byte: u8) -> Result<Event<'a>, Fault> {
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
        Ok(Event::Start { tag: Tag::new(self.page, byte), content })
    }

    /// Text that is not the short text of a leaf.
    #[inline(never)]
    fn inline_string(&mut self) -> Result<Event<'a>, Fault> {
        let token = self.pos;
        let start = token + 1;
        let Some(len) = scan::find_nul(&self.input[start..]) else {
            return Err(Fault::new(ErrorKind::UnterminatedString, token));
        };
        let end = start + len;
        check_string(len, &self.options.limits, token)?;
        let text = scan::text(&self.input[start..end])
            .map_err(|valid| Fault::new(ErrorKind::BadText, start + valid))?;
        self.pos = end + 1;
        Ok(Event::Text(text))
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn switch_page(&mut self) -> Result<(), Fault> {
        if let Some(&page) = self.input.get(self.pos + 1)
            && self.header.version >= 2
            && let Some(known) = self.options.table.known(page)
        {
            self.known = known;
            self.page = page;
            self.pos += 2;
            return Ok(());
        }
        Err(self.bad_switch())
    }
}

impl<'a> Iterator for Decoder<'a> {
    type Item = Result<Event<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // Which never fails.
        if self.state == State::Forensic {
            return self.next_forensic().map(Ok);
        }
        match Decoder::next(self) {
            Ok(event) => event.map(Ok),
            Err(error) => {
                self.state = State::Failed;
                Some(Err(error))
            }
        }
    }
}
