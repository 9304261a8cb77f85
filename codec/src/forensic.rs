//! Events of a document that may be damaged: nothing is refused, nothing is dropped.

use crate::Tag;
use crate::charset::{Charset, Encoded};
use crate::decode::Event;
use crate::error::ErrorKind;
use crate::lexer;
use crate::scan;
use crate::token::{ENTITY, OPAQUE, STR_I, STR_T, Spanned, Token};
use crate::tokens::Tokens;
use std::collections::VecDeque;

/// Turns the tokens of forensic mode into balanced events.
///
/// A token that is wrong but can be understood gives a mark (damage without bytes) and its event;
/// one that cannot gives its bytes as damage. Elements left open are ended at the end.
#[derive(Clone, Debug)]
// In this order: were the ends of the token beside each other they would be read as one word right
// after they were written as two, and that waits.
#[repr(C)]
pub(crate) struct Forensic<'a> {
    /// Where the token whose events are being given begins.
    start: usize,
    tokens: Tokens<'a>,
    /// Events of that token; at most three.
    queue: VecDeque<Event<'a>>,
    open: usize,
    /// Whether the element that was just begun ends at once.
    empty: bool,
    attributes: Option<Attributes>,
    /// Where the token ends.
    end: usize,
}

/// A list of attributes or a processing instruction that is being read.
#[derive(Clone, Copy, Debug)]
struct Attributes {
    kind: ErrorKind,
    /// Whether the element they belong to ends with them.
    then_end: bool,
}

impl<'a> Forensic<'a> {
    pub(crate) fn new(tokens: Tokens<'a>) -> Self {
        Self {
            start: 0,
            tokens,
            queue: VecDeque::new(),
            open: 0,
            empty: false,
            attributes: None,
            end: 0,
        }
    }

    /// Where the token of the last event begins.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Where the token of the last event ends.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.open
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Option<Event<'a>> {
        if self.empty {
            self.empty = false;
            self.open -= 1;
            return Some(Event::End);
        }
        if self.queue.is_empty() {
            if let Some(spanned) = self.tokens.plain() {
                return Some(self.plain(&spanned));
            }
            if let Some(event) = self.value() {
                return Some(event);
            }
        }
        self.next_other()
    }

    /// The event of a value in which nothing is wrong, if that is what comes next.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn value(&mut self) -> Option<Event<'a>> {
        let start = self.tokens.offset();
        let event = match self.tokens.inside()? {
            STR_I | STR_T => Event::Text(self.tokens.text()?),
            OPAQUE => Event::Opaque(self.tokens.opaque()?),
            ENTITY => Event::Entity(self.tokens.entity()?),
            _ => return None,
        };
        (self.start, self.end) = (start, self.tokens.offset());
        Some(event)
    }

    /// The first event of a plain token.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn plain(&mut self, spanned: &Spanned<'a>) -> Event<'a> {
        (self.start, self.end) = (spanned.span.start, spanned.span.end);
        if let Token::Tag { tag, content, .. } = spanned.token {
            self.open += 1;
            self.empty = !content;
            Event::Start { tag, content }
        } else {
            self.open -= 1;
            Event::End
        }
    }

    #[inline(never)]
    fn next_other(&mut self) -> Option<Event<'a>> {
        while self.queue.is_empty() {
            // Forensic tokens are never an error.
            match self.tokens.other_token() {
                Ok(Some(spanned)) => {
                    (self.start, self.end) = (spanned.span.start, spanned.span.end);
                    if let Some(event) = self.good_string(&spanned) {
                        return Some(event);
                    }
                    self.token(&spanned);
                }
                _ if self.open > 0 => self.queue.push_back(Event::End),
                _ => return None,
            }
            if self.queue.is_empty()
                && let Some(spanned) = self.tokens.plain()
            {
                return Some(self.plain(&spanned));
            }
        }
        let event = self.queue.pop_front();
        match event {
            Some(Event::Start { .. }) => self.open += 1,
            Some(Event::End) => self.open -= 1,
            _ => {}
        }
        event
    }

    /// The event of a text in which nothing is wrong, inside the root and outside attributes.
    #[inline]
    fn good_string(&self, spanned: &Spanned<'a>) -> Option<Event<'a>> {
        if spanned.damage.is_some() || spanned.depth == 0 || self.attributes.is_some() {
            return None;
        }
        match spanned.token {
            Token::InlineString(bytes) => self.good_text(bytes),
            Token::TableString(index) => {
                self.good_text(self.tokens.header().table_string(index).ok()?)
            }
            _ => None,
        }
    }

    /// The event of a text, if it is one.
    fn good_text(&self, bytes: &'a [u8]) -> Option<Event<'a>> {
        let charset = self.tokens.header().encoding;
        match charset {
            Charset::Utf8 => scan::text(bytes).ok().map(Event::Text),
            Charset::Ascii | Charset::Latin1 if bytes.is_ascii() => {
                scan::text(bytes).ok().map(Event::Text)
            }
            charset => Encoded::new(bytes, charset).map(Event::Encoded),
        }
    }

    /// Queues the events of a token; an END that is in order does not come here.
    fn token(&mut self, spanned: &Spanned<'a>) {
        let raw = self.tokens.bytes(&spanned.span);
        let first = raw.first().copied().unwrap_or_default();
        let unsupported = spanned.damage.unwrap_or(ErrorKind::UnsupportedToken(first));
        if let Some(attributes) = self.attributes
            && !matches!(spanned.token, Token::Garbage(_))
        {
            self.damage(spanned.damage.unwrap_or(attributes.kind), raw);
            if spanned.token == Token::EndAttributes {
                self.attributes = None;
                if attributes.then_end {
                    self.queue.push_back(Event::End);
                }
            }
            return;
        }
        match spanned.token {
            Token::Tag { tag, content, attributes } => {
                self.mark(spanned);
                self.start_element(tag, content, attributes, ErrorKind::Attributes(first));
            }
            Token::LiteralTag { content, attributes, .. } => {
                self.damage(unsupported, raw);
                self.start_element(Tag::new(0, 0), content, attributes, unsupported);
            }
            Token::ProcessingInstruction => {
                self.damage(unsupported, raw);
                self.attributes = Some(Attributes { kind: unsupported, then_end: false });
            }
            Token::InlineString(_)
            | Token::TableString(_)
            | Token::Entity(_)
            | Token::Opaque(_)
                if spanned.depth == 0 =>
            {
                self.damage(spanned.damage.unwrap_or(ErrorKind::ContentOutsideRoot), raw);
            }
            Token::InlineString(bytes) => self.text(spanned, bytes, bytes),
            // What is marked is not looked up again: it may be long, and its like many.
            Token::TableString(_) if spanned.damage.is_some() => self.text(spanned, b"", raw),
            Token::TableString(index) => {
                let bytes = self.tokens.header().table_string(index).unwrap_or_default();
                self.text(spanned, bytes, raw);
            }
            Token::Entity(code) => match lexer::entity(code) {
                Some(character) => self.marked(spanned, Event::Entity(character)),
                None => self.damage(ErrorKind::BadEntity(code), raw),
            },
            Token::Opaque(bytes) => self.marked(spanned, Event::Opaque(bytes)),
            Token::Garbage(bytes) => {
                self.damage(spanned.damage.unwrap_or(ErrorKind::NoRoot), bytes);
            }
            Token::Version(_)
            | Token::PublicId(_)
            | Token::PublicIdIndex(_)
            | Token::Charset(_)
            | Token::StringTable(_)
            | Token::SwitchPage(_) => self.mark(spanned),
            Token::End
            | Token::ExtensionString(..)
            | Token::ExtensionInteger(..)
            | Token::Extension(_)
            | Token::EndAttributes
            | Token::SwitchAttributePage(_)
            | Token::AttributeStart(..)
            | Token::AttributeValue(..)
            | Token::LiteralAttribute(_) => self.damage(unsupported, raw),
        }
    }

    fn start_element(&mut self, tag: Tag, content: bool, attributes: bool, kind: ErrorKind) {
        self.queue.push_back(Event::Start { tag, content });
        if attributes {
            self.attributes = Some(Attributes { kind, then_end: !content });
        } else if !content {
            self.queue.push_back(Event::End);
        }
    }

    /// Text, or where it is none `damaged` as damage.
    fn text(&mut self, spanned: &Spanned<'a>, bytes: &'a [u8], damaged: &'a [u8]) {
        let text = if spanned.damage.is_none() { self.good_text(bytes) } else { None };
        match text {
            Some(text) => self.queue.push_back(text),
            None => self.damage(spanned.damage.unwrap_or(ErrorKind::BadText), damaged),
        }
    }

    fn marked(&mut self, spanned: &Spanned<'a>, value: Event<'a>) {
        self.mark(spanned);
        self.queue.push_back(value);
    }

    fn mark(&mut self, spanned: &Spanned<'a>) {
        if let Some(kind) = spanned.damage {
            self.damage(kind, b"");
        }
    }

    fn damage(&mut self, kind: ErrorKind, bytes: &'a [u8]) {
        self.queue.push_back(Event::Damage { kind, bytes });
    }
}
