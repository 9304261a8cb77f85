//! Decoding a document that arrives in pieces.

use crate::context;
use crate::decode::{Decoder, Event, Markup, Position};
use crate::error::{Error, ErrorKind, Fault, Limit};
use crate::header::{Header, find_terminator};
use crate::mb_u32;
use crate::options::{Mode, Options};
use std::ops::Range;

/// A decoder that is fed a document piece by piece.
///
/// However the document is cut, the events, the error and its offset are those of a [`Decoder`]
/// over the whole, with one exception: that the document limit is passed is noticed when it is
/// passed, not before the first event.
///
/// The bytes are kept, up to the document limit, so that texts can be borrowed and errors show
/// their surroundings. Forensic mode needs the whole document and counts as general mode here; the
/// [`bytes`](Self::bytes) can be given to a [`Decoder`] when this one has failed.
///
/// ```
/// use wbxml::{Event, Options, PushDecoder};
///
/// let mut decoder = PushDecoder::new(&Options::default());
/// let mut texts = Vec::new();
/// for piece in [&b"\x03\x01\x6a"[..], b"\x00\x4b\x03", b"7757", b"31\x00\x01"] {
///     decoder.push(piece);
///     while let Some(event) = decoder.next()? {
///         if let Event::Text(text) = event {
///             texts.push(text.to_owned());
///         }
///     }
/// }
/// decoder.finish();
/// assert_eq!(decoder.next()?, None);
/// assert!(decoder.is_done());
/// assert_eq!(texts, ["775731"]);
/// # Ok::<(), wbxml::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PushDecoder {
    bytes: Vec<u8>,
    options: Options,
    /// The header, once it has been read, and where the decoder is.
    reached: Option<(Kept, Position)>,
    finished: bool,
    done: bool,
    wait: Wait,
    /// What is wrong, once that has been said: to find out where it is takes reading all again.
    failed: Option<Error>,
}

/// A header without its string table, and where that is.
#[derive(Clone, Debug)]
struct Kept {
    header: Header<'static>,
    table: Range<usize>,
}

impl Kept {
    fn new(header: &Header<'_>) -> Self {
        let table = header.end - header.string_table.len()..header.end;
        Self { header: Header { string_table: &[], ..*header }, table }
    }

    /// The header in these bytes, which begin with it.
    #[inline]
    fn header<'a>(&self, bytes: &'a [u8]) -> Header<'a> {
        let string_table = bytes.get(self.table.clone()).unwrap_or_default();
        Header { string_table, ..self.header }
    }
}

/// What must arrive before it is worth looking at the next token again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Nothing,
    /// So many bytes in all.
    Length(usize),
    /// The terminator of a string that begins at `start`; there is none before `scanned`.
    Terminator {
        start: usize,
        scanned: usize,
    },
}

impl PushDecoder {
    /// A decoder that has got nothing yet.
    pub fn new(options: &Options) -> Self {
        let mode = if options.mode == Mode::Forensic { Mode::General } else { options.mode };
        Self {
            bytes: Vec::new(),
            options: Options { mode, ..*options },
            reached: None,
            finished: false,
            done: false,
            wait: Wait::Nothing,
            failed: None,
        }
    }

    /// Takes the next piece of the document. What comes beyond the document limit is only counted
    /// as one byte too many.
    pub fn push(&mut self, piece: &[u8]) {
        let room = self.options.limits.document().saturating_add(1) - self.bytes.len();
        self.bytes.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    /// Says that nothing more will come.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Everything that has come so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the document has been read to its end.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The next event; `None` when more must come first or, after [`finish`](Self::finish), at the
    /// end of the document.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "events are taken apart where they are asked for")]
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, Error> {
        // To go on with a decoder costs more than such an event.
        if let Some((_, position)) = &mut self.reached
            && self.bytes.len() <= self.options.limits.document()
            && let Some(markup) = position.markup(&self.bytes, &self.options)
        {
            return match markup {
                Markup::Start(tag, content) => Ok(Some(Event::Start { tag, content })),
                Markup::End => Ok(Some(Event::End)),
                Markup::Entity(character) => Ok(Some(Event::Entity(character))),
            };
        }
        self.read()
    }

    #[inline(never)]
    fn read(&mut self) -> Result<Option<Event<'_>>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.bytes.len() > self.options.limits.document() {
            let limit = ErrorKind::Limit(Limit::Document);
            let fault = Fault::new(limit, self.options.limits.document());
            return Err(fail(&mut self.failed, &self.bytes, &self.options, fault));
        }
        if !self.finished && self.must_wait() {
            return Ok(None);
        }
        if let Some((kept, position)) = &mut self.reached
            && let Some(text) =
                position.reference(&self.bytes, &kept.header(&self.bytes), &self.options.limits)
        {
            self.wait = Wait::Nothing;
            return Ok(Some(Event::Text(text)));
        }
        let mut decoder = match &self.reached {
            Some((kept, position)) => {
                Decoder::resume(&self.bytes, kept.header(&self.bytes), position, &self.options)
            }
            None => Decoder::new(&self.bytes, &self.options),
        };
        let event = decoder.next_event();
        match &mut self.reached {
            Some((_, position)) => *position = decoder.position(),
            None if decoder.has_header() => {
                self.reached = Some((Kept::new(decoder.header()), decoder.position()));
            }
            None => {}
        }
        match event {
            Ok(Some(event)) => {
                self.wait = Wait::Nothing;
                Ok(Some(event))
            }
            Ok(None) => {
                self.done = self.finished;
                Ok(None)
            }
            Err(fault) if !self.finished && is_incomplete(fault.kind) => {
                let wide = decoder.header().encoding.is_wide();
                self.wait = self.wait_for(fault, wide);
                Ok(None)
            }
            Err(fault) => {
                // Whatever comes later, this is what is wrong.
                self.reached = None;
                Err(fail(&mut self.failed, &self.bytes, &self.options, fault))
            }
        }
    }

    /// What would make this fault go away.
    fn wait_for(&self, fault: Fault, wide: bool) -> Wait {
        match fault.kind {
            ErrorKind::UnterminatedString => {
                let start = fault.offset + 1;
                let len = self.bytes.len() - start;
                Wait::Terminator { start, scanned: start + if wide { len & !1 } else { len } }
            }
            ErrorKind::OpaqueTooLong { claimed, .. } => {
                match mb_u32::read(&self.bytes, fault.offset + 1) {
                    Ok((_, data)) => Wait::Length(data.saturating_add(claimed as usize)),
                    Err(_) => Wait::Nothing,
                }
            }
            ErrorKind::StringTableTooLong { claimed, .. } => {
                Wait::Length(fault.offset.saturating_add(claimed as usize))
            }
            // The decoder looks at one more byte than it has.
            _ => Wait::Length(self.bytes.len() + 1),
        }
    }

    /// Whether what is waited for has not come.
    fn must_wait(&mut self) -> bool {
        match self.wait {
            Wait::Nothing => false,
            Wait::Length(len) => self.bytes.len() < len,
            Wait::Terminator { start, scanned } => {
                let encoding = match &self.reached {
                    Some((kept, _)) => kept.header.encoding,
                    // A public id whose string has no end is waited for as well.
                    None => Header::read(&self.bytes, &self.options).0.encoding,
                };
                let fresh = &self.bytes[scanned..];
                if find_terminator(fresh, encoding).is_some() {
                    return false;
                }
                let wide = encoding.is_wide();
                let len = if wide { fresh.len() & !1 } else { fresh.len() };
                self.wait = Wait::Terminator { start, scanned: scanned + len };
                true
            }
        }
    }
}

/// The error, which is kept.
#[cold]
fn fail(failed: &mut Option<Error>, bytes: &[u8], options: &Options, fault: Fault) -> Error {
    let error = context::error(bytes, options, fault);
    *failed = Some(error.clone());
    error
}

/// Whether a fault may go away when more bytes come.
fn is_incomplete(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Empty
            | ErrorKind::UnexpectedEnd(_)
            | ErrorKind::UnclosedElements(_)
            | ErrorKind::NoRoot
            | ErrorKind::UnterminatedString
            | ErrorKind::OpaqueTooLong { .. }
            | ErrorKind::StringTableTooLong { .. }
            | ErrorKind::TrailingBytes(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Limits;

    /// How many bytes have come when each event comes.
    fn arrivals(bytes: &[u8]) -> Vec<usize> {
        let mut decoder = PushDecoder::new(&Options::general());
        let mut arrivals = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            decoder.push(&[*byte]);
            assert_eq!(decoder.bytes(), &bytes[..=at]);
            while decoder.next().unwrap().is_some() {
                arrivals.push(at + 1);
            }
            assert!(!decoder.is_done());
        }
        decoder.finish();
        assert_eq!(decoder.next().unwrap(), None);
        assert!(decoder.is_done());
        arrivals
    }

    #[test]
    fn an_event_comes_with_the_last_byte_of_its_token() {
        let bytes = b"\x03\x01\x6a\x00\x45\x00\x02\x54\x03abc\0\x01\xc3\x03xyz\x0b\x01";
        assert_eq!(arrivals(bytes), [5, 8, 13, 14, 19, 20, 20, 21]);
        let table = b"\x03\x01\x6a\x04abc\0\x45\x83\x01\x01";
        assert_eq!(arrivals(table), [9, 11, 12]);
        let wide = b"\x03\x01\x87\x68\x00\x45\x03\0a\x01\0\0\0\x01";
        assert_eq!(arrivals(wide), [6, 13, 14]);
    }

    /// What is waited for after these bytes.
    fn wait(bytes: &[u8]) -> (PushDecoder, Wait) {
        let mut decoder = PushDecoder::new(&Options::general());
        decoder.push(bytes);
        while decoder.next().unwrap().is_some() {}
        let wait = decoder.wait;
        (decoder, wait)
    }

    #[test]
    fn a_string_is_searched_once_for_its_terminator() {
        let start = 6;
        let (mut decoder, first) = wait(b"\x03\x01\x6a\x00\x45\x03abc");
        assert_eq!(first, Wait::Terminator { start, scanned: 9 });
        assert!(decoder.must_wait());
        decoder.push(b"defg");
        assert!(decoder.must_wait());
        assert_eq!(decoder.wait, Wait::Terminator { start, scanned: 13 });
        decoder.push(b"h\0");
        assert!(!decoder.must_wait());
        // Two bytes each: half a character is searched again.
        let (mut decoder, wide) = wait(b"\x03\x01\x87\x68\x00\x45\x03\0a\0");
        assert_eq!(wide, Wait::Terminator { start: 7, scanned: 9 });
        decoder.push(b"b\0c\0");
        assert!(decoder.must_wait());
        assert_eq!(decoder.wait, Wait::Terminator { start: 7, scanned: 13 });
        decoder.push(b"d\0");
        assert!(decoder.must_wait());
        decoder.push(b"\0");
        assert!(!decoder.must_wait());
    }

    #[test]
    fn claimed_lengths_are_waited_for() {
        let (mut decoder, opaque) = wait(b"\x03\x01\x6a\x00\x45\xc3\x81\x00abc");
        assert_eq!(opaque, Wait::Length(8 + 128));
        decoder.push(&[7; 124]);
        assert!(decoder.must_wait());
        decoder.push(&[7]);
        assert!(!decoder.must_wait());
        // The string table: to its end at least.
        let (_, table) = wait(b"\x03\x01\x6a\x20abc");
        assert_eq!(table, Wait::Length(3 + 32));
        let (_, any) = wait(b"\x03\x01\x6a\x00\x45");
        assert_eq!(any, Wait::Length(6));
        let (_, none) = wait(b"");
        assert_eq!(none, Wait::Length(1));
    }

    #[test]
    fn no_more_is_kept_than_tells_that_it_is_too_much() {
        let limits = Limits { document: 7, ..Limits::default() };
        let options = Options { limits, ..Options::general() };
        let mut decoder = PushDecoder::new(&options);
        decoder.push(b"\x03\x01\x6a\x00\x45\x0b\x01");
        assert!(decoder.next().unwrap().is_some());
        for _ in 0..3 {
            decoder.push(&[1; 100]);
            assert_eq!(decoder.bytes().len(), 8);
        }
        let error = decoder.next().unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Limit(Limit::Document), 7));
    }

    #[test]
    fn what_no_byte_can_mend_is_an_error_at_once() {
        for bytes in [&b"\x04"[..], b"\x03\x01\x6a\x00\x3f", b"\x03\x01\x6a\x00\x05\x01"] {
            let mut decoder = PushDecoder::new(&Options::general());
            decoder.push(bytes);
            let error = loop {
                match decoder.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("waits for more of {bytes:02x?}"),
                    Err(error) => break error,
                }
            };
            assert!(!is_incomplete(error.kind()));
        }
    }
}
