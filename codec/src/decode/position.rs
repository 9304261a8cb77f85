//! Where a decoder is, and what can be read from there without one.

use super::State;
use crate::Tag;
use crate::charset::Charset;
use crate::header::Header;
use crate::options::{Limits, Mode, Options};
use crate::references::References;
use crate::token::{CONTENT_BIT, END, ENTITY, STR_T};
use crate::{lexer, mb_u32};

/// An event that holds nothing of the document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Markup {
    Start(Tag, bool),
    End,
    Entity(char),
}

/// Where a decoder is in its document, without the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    pub(super) pos: usize,
    pub(super) start: usize,
    pub(super) depth: usize,
    pub(super) known: u64,
    pub(super) page: u8,
    pub(super) state: State,
    pub(super) references: References,
}

impl Position {
    /// The next event if it holds nothing of the document; what does, or is wrong, is for a decoder.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "one caller, and the event must not be built")]
    pub(crate) fn markup(&mut self, input: &[u8], options: &Options) -> Option<Markup> {
        match self.state {
            State::Inside => {}
            State::Empty => {
                self.state = if self.depth == 0 { State::After } else { State::Inside };
                return Some(Markup::End);
            }
            _ => return None,
        }
        let &byte = input.get(self.pos)?;
        let event = if byte < 0x80 && self.known >> (byte & 0x3F) & 1 == 1 {
            if self.depth >= options.limits.depth {
                return None;
            }
            let content = byte & CONTENT_BIT != 0;
            self.depth += usize::from(content);
            if !content {
                self.state = State::Empty;
            }
            Markup::Start(Tag::new(self.page, byte), content)
        } else if byte == END {
            self.depth -= 1;
            if self.depth == 0 {
                self.state = State::After;
            }
            Markup::End
        } else if byte == ENTITY && options.mode != Mode::Strict {
            return self.entity(input).map(Markup::Entity);
        } else {
            return None;
        };
        self.start = self.pos;
        self.pos += 1;
        Some(event)
    }

    /// The next event if it is a text of the string table and nothing is wrong with it: to go on with
    /// a decoder costs more.
    pub(crate) fn reference<'a>(
        &mut self,
        input: &[u8],
        header: &Header<'a>,
        limits: &Limits,
    ) -> Option<&'a str> {
        let inside = self.state == State::Inside && header.encoding == Charset::Utf8;
        if !inside || input.get(self.pos) != Some(&STR_T) {
            return None;
        }
        // In strict mode there is no table to find it in.
        let (text, end) = self.references.text(input, self.pos, header, limits)?;
        (self.start, self.pos) = (self.pos, end);
        Some(text)
    }

    #[inline(never)]
    fn entity(&mut self, input: &[u8]) -> Option<char> {
        let (code, end) = mb_u32::read(input, self.pos + 1).ok()?;
        let character = lexer::entity(code)?;
        (self.start, self.pos) = (self.pos, end);
        Some(character)
    }
}
