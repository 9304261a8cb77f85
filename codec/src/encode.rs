//! The encoder: events to bytes.

use crate::context;
use crate::decode::Event;
use crate::error::{Error, ErrorKind, Fault};
use crate::header::ACTIVE_SYNC_HEADER;
use crate::options::Options;
use crate::token::{CONTENT_BIT, END, ENTITY, OPAQUE, STR_I, SWITCH_PAGE};
use crate::{Tag, mb_u32, scan};

/// Writes a document: the header of ActiveSync (`03 01 6A 00`), page switches only where the page
/// changes, the empty form of a tag where it has no content.
///
/// Methods return nothing, so that a document can be written down as it looks; the first mistake
/// is kept and [`finish`](Self::finish) gives it.
///
/// ```
/// use wbxml::{Encoder, tags::ping};
///
/// let mut encoder = Encoder::new();
/// encoder.start(ping::PING);
/// encoder.leaf(ping::HEARTBEAT_INTERVAL, "480");
/// encoder.empty(ping::FOLDERS);
/// encoder.end();
/// assert_eq!(encoder.finish()?, b"\x03\x01\x6a\x00\x00\x0d\x45\x48\x03480\x00\x01\x09\x01");
/// # Ok::<(), wbxml::Error>(())
/// ```
///
/// What would be read back as something else is never written:
///
/// ```
/// # use wbxml::{Encoder, ErrorKind, tags::ping};
/// let mut encoder = Encoder::new();
/// encoder.leaf(ping::PING, "a\0b");
/// assert_eq!(encoder.finish().unwrap_err().kind(), ErrorKind::NulInText);
/// ```
#[derive(Clone, Debug)]
pub struct Encoder {
    out: Vec<u8>,
    page: u8,
    depth: usize,
    /// The last byte written is a tag whose content bit is not yet decided.
    pending: bool,
    root_seen: bool,
    fault: Option<Fault>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// An encoder with a buffer of its own.
    pub fn new() -> Self {
        Self::with_buffer(Vec::with_capacity(256))
    }

    /// An encoder that writes into this buffer, whose contents are dropped and whose capacity is
    /// kept.
    ///
    /// ```
    /// # use wbxml::{Encoder, tags::ping};
    /// let mut buffer = Vec::new();
    /// for status in ["1", "2"] {
    ///     let mut encoder = Encoder::with_buffer(buffer);
    ///     encoder.leaf(ping::STATUS, status);
    ///     buffer = encoder.finish()?;
    ///     assert!(buffer.ends_with(b"\0\x01"));
    /// }
    /// # Ok::<(), wbxml::Error>(())
    /// ```
    pub fn with_buffer(mut out: Vec<u8>) -> Self {
        out.clear();
        out.extend_from_slice(&ACTIVE_SYNC_HEADER);
        Self { out, page: 0, depth: 0, pending: false, root_seen: false, fault: None }
    }

    /// Begins an element.
    #[inline]
    pub fn start(&mut self, tag: Tag) {
        self.open(tag, 0);
        self.pending = true;
    }

    /// Begins an element with the content bit set, even if nothing follows.
    pub fn start_with_content(&mut self, tag: Tag) {
        self.open(tag, CONTENT_BIT);
        self.pending = false;
    }

    /// Ends an element. One that has got no content is left in the empty form, a tag without
    /// content bit.
    #[inline]
    pub fn end(&mut self) {
        if self.depth == 0 {
            return self.fail(ErrorKind::ExtraEnd);
        }
        self.depth -= 1;
        if self.pending {
            self.pending = false;
        } else {
            self.out.push(END);
        }
    }

    /// Writes text as inline string, even if it is empty.
    #[inline]
    pub fn text(&mut self, text: &str) {
        if !self.content() {
            return;
        }
        let bytes = text.as_bytes();
        if let Some(word) = scan::short_word(bytes) {
            // The terminator stands behind the text already.
            let end = self.out.len() + bytes.len() + 2;
            self.out.extend_from_slice(&(word << 8 | u128::from(STR_I)).to_le_bytes());
            self.out.truncate(end);
            return;
        }
        if scan::has_nul(bytes) {
            return self.fail(ErrorKind::NulInText);
        }
        self.out.reserve(bytes.len() + 3);
        self.out.push(STR_I);
        scan::push(bytes, &mut self.out);
        self.out.push(0);
    }

    /// Writes opaque data.
    #[inline]
    pub fn opaque(&mut self, bytes: &[u8]) {
        if !self.content() {
            return;
        }
        let Ok(len) = u32::try_from(bytes.len()) else {
            return self.fail(ErrorKind::IntegerTooLarge);
        };
        self.out.reserve(bytes.len() + 7);
        self.out.push(OPAQUE);
        mb_u32::write(len, &mut self.out);
        self.out.extend_from_slice(bytes);
    }

    /// Writes a character as ENTITY, which ActiveSync does not use.
    pub fn entity(&mut self, character: char) {
        if character == '\0' {
            return self.fail(ErrorKind::BadEntity(0));
        }
        if self.content() {
            self.out.push(ENTITY);
            mb_u32::write(character.into(), &mut self.out);
        }
    }

    /// Writes an element that holds this text; in the empty form where there is none.
    #[inline]
    pub fn leaf(&mut self, tag: Tag, text: &str) {
        self.start(tag);
        if !text.is_empty() {
            self.text(text);
        }
        self.end();
    }

    /// Writes an element that holds these bytes as opaque data; in the empty form where there are
    /// none.
    #[inline]
    pub fn leaf_opaque(&mut self, tag: Tag, bytes: &[u8]) {
        self.start(tag);
        if !bytes.is_empty() {
            self.opaque(bytes);
        }
        self.end();
    }

    /// Writes an element without content.
    pub fn empty(&mut self, tag: Tag) {
        self.start(tag);
        self.end();
    }

    /// Writes an event as it was read: the same content bit, the same kind of value.
    #[inline]
    pub fn event(&mut self, event: &Event<'_>) {
        match *event {
            Event::Start { tag, content: true } => self.start_with_content(tag),
            Event::Start { tag, content: false } => self.start(tag),
            Event::End => self.end(),
            Event::Text(text) => self.text(text),
            Event::Encoded(text) => self.text(&text.decode()),
            Event::Entity(character) => self.entity(character),
            Event::Opaque(bytes) => self.opaque(bytes),
            Event::Damage { .. } => self.fail(ErrorKind::Damaged),
        }
    }

    /// Bytes written so far.
    pub fn offset(&self) -> usize {
        self.out.len()
    }

    /// The document, or the first mistake that was made.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        #[allow(clippy::cast_possible_truncation, reason = "a byte written per level")]
        if self.depth > 0 {
            self.fail(ErrorKind::Unbalanced(self.depth as u32));
        } else if !self.root_seen {
            self.fail(ErrorKind::NoRoot);
        }
        match self.fault {
            None => Ok(self.out),
            Some(fault) => Err(context::error(&self.out, &Options::default(), fault)),
        }
    }

    #[inline]
    fn open(&mut self, tag: Tag, bits: u8) {
        if !self.content_or_root() {
            return;
        }
        if tag.token() < 0x05 {
            return self.fail(ErrorKind::NotATag(tag.token()));
        }
        if tag.page() != self.page {
            self.out.extend_from_slice(&[SWITCH_PAGE, tag.page()]);
            self.page = tag.page();
        }
        self.out.push(tag.token() | bits);
        self.depth += 1;
    }

    #[inline]
    fn content_or_root(&mut self) -> bool {
        if self.depth == 0 {
            if self.root_seen {
                self.fail(ErrorKind::SecondRoot);
                return false;
            }
            self.root_seen = true;
            return true;
        }
        self.content()
    }

    /// Sets the content bit of the open element; false outside the root.
    #[inline]
    fn content(&mut self) -> bool {
        if self.pending {
            self.pending = false;
            if let Some(tag) = self.out.last_mut() {
                *tag |= CONTENT_BIT;
            }
        }
        if self.depth == 0 {
            self.fail(ErrorKind::ContentOutsideRoot);
            return false;
        }
        true
    }

    #[cold]
    fn fail(&mut self, kind: ErrorKind) {
        let offset = self.out.len();
        self.fault.get_or_insert(Fault::new(kind, offset));
    }
}
