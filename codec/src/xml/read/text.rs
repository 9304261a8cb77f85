//! Character data: gathered between tags, then given to the tree.

use super::super::base64;
use super::super::characters::{check_characters, reference, survey, unescape};
use super::super::escape::find_special;
use super::super::plain::Form;
use super::{Element, Reader, Step, fault, is_space};
use crate::error::{ErrorKind, Fault, Limit, XmlFault};
use std::borrow::Cow;

impl<'x> Reader<'x> {
    /// Takes `len` bytes of character data.
    #[inline]
    pub(super) fn characters(&mut self, len: usize) -> Step {
        if len == 0 {
            return Ok(());
        }
        let start = self.pos;
        let text = &self.text[start..start + len];
        self.pos += len;
        let (odd, greater, line_end) = survey(text.as_bytes());
        if odd {
            check_characters(text, start)?;
        }
        if self.open.is_empty() {
            if let Some(at) = text.find(|character: char| !is_space(character)) {
                return Err(Fault::new(ErrorKind::ContentOutsideRoot, start + at));
            }
            return Ok(());
        }
        if greater && let Some(at) = text.find("]]>") {
            return fault(XmlFault::Syntax, start + at);
        }
        self.push_data(text, line_end, start);
        Ok(())
    }

    /// Adds character data, with line ends as XML wants them.
    #[inline]
    pub(super) fn push_data(&mut self, text: &'x str, line_end: bool, offset: usize) {
        if self.data.is_empty() && !self.data_kept {
            self.data_offset = offset;
        }
        if line_end {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            self.data.to_mut().push_str(&text);
        } else if self.data.is_empty() {
            self.data = Cow::Borrowed(text);
        } else {
            self.data.to_mut().push_str(text);
        }
    }

    pub(super) fn reference(&mut self) -> Step {
        let start = self.pos;
        if self.open.is_empty() {
            return Err(Fault::new(ErrorKind::ContentOutsideRoot, start));
        }
        let Some((character, len)) = reference(self.rest()) else {
            return fault(XmlFault::Reference, start);
        };
        if self.data.is_empty() && !self.data_kept {
            self.data_offset = start;
        }
        let data = self.data.to_mut();
        if data.len() == data.capacity() {
            // More will follow, but not more than this.
            data.reserve(find_end(&self.text.as_bytes()[start..]));
        }
        data.push(character);
        self.data_kept = true;
        self.pos += len;
        // Plain text up to further references, as where lines end.
        loop {
            let rest = &self.text[self.pos..];
            let Some(at) = find_special(rest.as_bytes()) else { break };
            let Some((character, len)) = reference(&rest[at..]) else { break };
            data.push_str(&rest[..at]);
            data.push(character);
            self.pos += at + len;
        }
        Ok(())
    }

    pub(super) fn cdata(&mut self) -> Step {
        let start = self.pos;
        if self.open.is_empty() {
            return Err(Fault::new(ErrorKind::ContentOutsideRoot, start));
        }
        self.pos += "<![CDATA[".len();
        let offset = self.pos;
        let text = self.skip_past("]]>")?;
        check_characters(text, offset)?;
        self.push_data(text, text.contains('\r'), offset);
        self.data_kept = true;
        Ok(())
    }

    /// Gives the character data to the tree, if it is more than white space between elements.
    pub(super) fn flush(&mut self, at_end: bool) -> Step {
        let data = std::mem::take(&mut self.data);
        let kept = std::mem::take(&mut self.data_kept);
        let Some(open) = self.open.last() else { return Ok(()) };
        let offset = self.data_offset;
        if at_end && matches!(open.form, Form::Opaque | Form::Base64) {
            let bytes = if open.form == Form::Opaque {
                Cow::Borrowed(data.as_bytes())
            } else {
                match base64::read(&data) {
                    Some(bytes) => Cow::Owned(bytes),
                    None => return fault(XmlFault::Base64, open.offset),
                }
            };
            if bytes.len() > self.options.limits.opaque {
                return Err(Fault::new(ErrorKind::Limit(Limit::Opaque), offset));
            }
            return self.builder.opaque(&bytes, offset);
        }
        if open.form == Form::Escaped && at_end {
            let Some(text) = unescape(&data) else {
                return fault(XmlFault::Escape, open.offset);
            };
            if text.contains('\0') {
                return Err(Fault::new(ErrorKind::NulInText, offset));
            }
            return self.text(&text, offset);
        }
        if data.is_empty() {
            return Ok(());
        }
        let container = || match open.element {
            Element::Value => false,
            Element::Document => true,
            Element::Tag(tag) => {
                open.has_children
                    || !at_end
                    || self
                        .options
                        .table
                        .info(tag)
                        .is_some_and(|info| info.content == crate::table::Content::Container)
            }
        };
        if !kept && data.starts_with(is_space) && container() && data.chars().all(is_space) {
            return Ok(());
        }
        if open.element == Element::Document {
            return Err(Fault::new(ErrorKind::ContentOutsideRoot, offset));
        }
        self.text(&data, offset)
    }

    pub(super) fn text(&mut self, text: &str, offset: usize) -> Step {
        if text.len() > self.options.limits.string {
            return Err(Fault::new(ErrorKind::Limit(Limit::String), offset));
        }
        self.builder.text(text, offset)
    }
}

/// How far it is to the next tag.
fn find_end(text: &[u8]) -> usize {
    memchr::memchr(b'<', text).unwrap_or(text.len())
}
