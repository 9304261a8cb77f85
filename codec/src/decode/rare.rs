//! What documents of ActiveSync hold seldom or never: the slow parts of the event decoder.

use super::{Decoder, Event, State};
use crate::charset::{Charset, Encoded};
use crate::error::{ErrorKind, Fault, Forbidden};
use crate::header::{check_string, find_terminator};
use crate::lexer::{self, Lexer};
use crate::options::Mode;
use crate::token::{ENTITY, STR_I, STR_T, SWITCH_PAGE, Token};
use crate::{mb_u32, scan};

impl<'a> Decoder<'a> {
    /// What is wrong with a page switch.
    #[cold]
    #[inline(never)]
    pub(super) fn bad_switch(&self) -> Fault {
        match self.input.get(self.pos + 1) {
            Some(&page) if self.header.version >= 2 => {
                Fault::new(ErrorKind::UnknownPage(page), self.pos)
            }
            // The engine knows what is wrong.
            _ => self.lexer().next().err().unwrap_or_else(|| self.unsupported()),
        }
    }

    /// The engine for the whole of WBXML, at this position.
    pub(super) fn lexer(&self) -> Lexer<'a> {
        let mut lexer = Lexer::new(self.input, &self.header, self.options.limits);
        lexer.pos = self.pos;
        lexer.depth = self.depth;
        lexer.tag_page = self.page;
        lexer.root_seen = self.state != State::Before;
        lexer
    }

    /// Tokens that ActiveSync does not use.
    #[cold]
    #[inline(never)]
    pub(super) fn rare(&mut self) -> Result<Event<'a>, Fault> {
        let start = self.pos;
        let byte = self.input[start];
        if byte == STR_T
            && self.utf8
            && self.state == State::Inside
            && let Some((text, end)) =
                self.references.text(self.input, start, &self.header, &self.options.limits)
        {
            self.pos = end;
            return Ok(Event::Text(text));
        }
        if matches!(byte, 0x05..=0x3F | 0x45..=0x7F) {
            // One that is in the table does not come here.
            let kind = ErrorKind::UnknownTag { page: self.page, token: byte & 0x3F };
            return Err(Fault::new(kind, start));
        }
        match byte {
            ENTITY if self.state == State::Inside => return self.entity(),
            STR_T if self.state == State::Inside => return self.reference(),
            STR_I if self.state == State::Inside => return self.other_string(),
            _ => {}
        }
        let mut lexer = self.lexer();
        let token = lexer.next()?;
        let event = match token {
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

    /// A string that is not UTF-8.
    fn other_string(&mut self) -> Result<Event<'a>, Fault> {
        let start = self.pos;
        let encoding = self.header.encoding;
        let rest = self.input.get(start + 1..).unwrap_or_default();
        let len = find_terminator(rest, encoding)
            .ok_or(Fault::new(ErrorKind::UnterminatedString, start))?;
        check_string(len, &self.options.limits, start)?;
        let event = self.text(&rest[..len], start + 1, start)?;
        self.pos = start + 1 + len + if encoding.is_wide() { 2 } else { 1 };
        Ok(event)
    }

    fn entity(&mut self) -> Result<Event<'a>, Fault> {
        let start = self.pos;
        let (code, end) = mb_u32::read(self.input, start + 1)?;
        let character = lexer::entity(code).ok_or(Fault::new(ErrorKind::BadEntity(code), start))?;
        self.allow(Forbidden::Entity)?;
        self.pos = end;
        Ok(Event::Entity(character))
    }

    /// A string of the string table.
    fn reference(&mut self) -> Result<Event<'a>, Fault> {
        let start = self.pos;
        let (index, end) = mb_u32::read(self.input, start + 1)?;
        self.allow(Forbidden::TableString)?;
        // A fault leaves everything as it was, and comes again.
        let mut references = self.references;
        let limits = &self.options.limits;
        let bytes = references.resolve(index, &self.header, limits);
        let bytes = bytes.map_err(|kind| Fault::new(kind, start))?;
        check_string(bytes.len(), limits, start)?;
        let event = self.text(bytes, start, start)?;
        self.references = references;
        self.pos = end;
        Ok(event)
    }

    /// Refuses what ActiveSync does not use, in strict mode.
    fn allow(&self, rule: Forbidden) -> Result<(), Fault> {
        if self.options.mode == Mode::Strict {
            return Err(Fault::new(ErrorKind::Forbidden(rule), self.pos));
        }
        Ok(())
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

    #[cold]
    #[inline(never)]
    pub(super) fn unclosed(&self) -> Fault {
        match self.lexer().end() {
            Err(fault) => fault,
            // Not reached: inside the root something is open.
            Ok(()) => Fault::new(ErrorKind::NoRoot, self.pos),
        }
    }

    /// What comes where the decoder is not simply inside the root element.
    #[inline(never)]
    pub(super) fn next_at_edge(&mut self) -> Result<Option<Event<'a>>, Fault> {
        match self.state {
            // All but the last are not reached: the caller sees to them.
            State::Inside | State::Failed => Ok(None),
            State::Empty => {
                self.state = if self.depth == 0 { State::After } else { State::Inside };
                Ok(Some(Event::End))
            }
            State::Forensic => Ok(self.next_forensic()),
            State::After if self.pos == self.input.len() => Ok(None),
            State::After => match self.lexer().next()? {
                None => Ok(None),
                // Only a processing instruction gets this far.
                Some(_) => Err(self.unsupported()),
            },
            State::Before => self.next_before_root().map(Some),
        }
    }

    fn next_before_root(&mut self) -> Result<Event<'a>, Fault> {
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
            } else if byte < 0x80 && self.known >> (byte & 0x3F) & 1 == 1 {
                let event = self.known_tag(byte)?;
                if self.state == State::Before {
                    self.state = State::Inside;
                }
                return Ok(event);
            } else {
                return Err(match self.rare() {
                    Err(fault) => fault,
                    Ok(_) => self.unsupported(),
                });
            }
        }
    }

    pub(super) fn next_forensic(&mut self) -> Option<Event<'a>> {
        let forensic = self.forensic.as_mut()?;
        let event = forensic.next();
        self.start = forensic.start();
        self.pos = forensic.end();
        self.depth = forensic.depth();
        event
    }

    fn unsupported(&self) -> Fault {
        let byte = self.input.get(self.pos).copied().unwrap_or_default();
        Fault::new(ErrorKind::UnsupportedToken(byte), self.pos)
    }
}
