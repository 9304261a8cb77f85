//! The header of a document: version, public id, charset, string table.

use crate::charset::Charset;
use crate::error::{ErrorKind, Fault, Forbidden, Limit, Part};
use crate::mb_u32;
use crate::options::{Limits, Mode, Options};
use crate::scan;

/// The header of ActiveSync: WBXML 1.3, public id unknown, UTF-8, no string table.
pub(crate) const ACTIVE_SYNC_HEADER: [u8; 4] = [0x03, 0x01, 0x6A, 0x00];

/// The public id of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicId {
    /// A registered number; 1 is "unknown".
    Known(u32),
    /// A string of the string table, at this index.
    Index(u32),
}

/// The header of a document.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The version byte: 0x03 is WBXML 1.3.
    pub version: u8,
    /// The public id.
    pub public_id: PublicId,
    /// The charset as a MIBenum; 0 where version 1.0 has no such field.
    pub charset: u32,
    /// The string table.
    pub string_table: &'a [u8],
    /// The encoding of strings.
    pub(crate) encoding: Charset,
    pub(crate) public_id_end: usize,
    pub(crate) charset_end: usize,
    /// Where the body begins.
    pub(crate) end: usize,
}

impl<'a> Header<'a> {
    /// What a header looks like before any of it is read.
    pub(crate) const fn unread() -> Self {
        Self {
            version: 3,
            public_id: PublicId::Known(1),
            charset: 106,
            string_table: &[],
            encoding: Charset::Utf8,
            public_id_end: 0,
            charset_end: 0,
            end: 0,
        }
    }

    /// Reads a header; the fault says what was wrong first.
    #[inline]
    pub(crate) fn read(input: &'a [u8], options: &Options) -> (Self, Option<Fault>) {
        if input.starts_with(&ACTIVE_SYNC_HEADER) && input.len() <= options.limits.document() {
            return (Self { public_id_end: 2, charset_end: 3, end: 4, ..Self::unread() }, None);
        }
        Self::read_other(input, options)
    }

    fn read_other(input: &'a [u8], options: &Options) -> (Self, Option<Fault>) {
        let (header, soft, hard) = Self::read_far(input, options);
        let mut fault = soft.or(hard);
        if fault.is_none() && options.mode == Mode::Strict {
            fault = header.forbidden();
        }
        (header, fault)
    }

    /// Reads as much of a header as can be read; a soft fault does not keep it from being read on,
    /// a hard one does. The ends of fields that were not read are 0.
    pub(crate) fn read_far(
        input: &'a [u8],
        options: &Options,
    ) -> (Self, Option<Fault>, Option<Fault>) {
        let mut header = Self::unread();
        let mut soft = None;
        let hard = header.read_fields(input, options, &mut soft).err();
        (header, soft, hard)
    }

    fn read_fields(
        &mut self,
        input: &'a [u8],
        options: &Options,
        soft: &mut Option<Fault>,
    ) -> Result<(), Fault> {
        let limits = &options.limits;
        if input.len() > limits.document() {
            return Err(Fault::new(ErrorKind::Limit(Limit::Document), limits.document()));
        }
        let Some(&version) = input.first() else { return Err(Fault::new(ErrorKind::Empty, 0)) };
        self.version = version;
        if version > 0x03 {
            let fault = Fault::new(ErrorKind::Version(version), 0);
            if !input[1..].starts_with(&ACTIVE_SYNC_HEADER[1..]) {
                return Err(fault);
            }
            *soft = Some(fault);
        }
        let integer = |pos| {
            mb_u32::read(input, pos).map_err(|fault| match fault.kind {
                ErrorKind::UnexpectedEnd(_) => {
                    Fault::new(ErrorKind::UnexpectedEnd(Part::Header), fault.offset)
                }
                _ => fault,
            })
        };
        let (number, mut pos) = integer(1)?;
        self.public_id = PublicId::Known(number);
        if number == 0 {
            let (index, end) = integer(pos)?;
            self.public_id = PublicId::Index(index);
            pos = end;
        }
        self.public_id_end = pos;
        self.charset = 0;
        if version > 0 {
            (self.charset, pos) = integer(pos)?;
        }
        if let Some(charset) = Charset::from_mib(self.charset) {
            self.encoding = charset;
        } else {
            let fault = Fault::new(ErrorKind::Charset(self.charset), self.public_id_end);
            soft.get_or_insert(fault);
        }
        self.charset_end = pos;
        let (claimed, start) = integer(pos)?;
        let available = input.len() - start;
        let len = claimed as usize;
        if len > available {
            #[allow(clippy::cast_possible_truncation, reason = "document limit is below 4 GiB")]
            let available = available as u32;
            return Err(Fault::new(ErrorKind::StringTableTooLong { claimed, available }, pos));
        }
        if len > limits.table {
            return Err(Fault::new(ErrorKind::Limit(Limit::Table), pos));
        }
        self.string_table = &input[start..start + len];
        self.end = start + len;
        if let PublicId::Index(index) = self.public_id
            && let Err(kind) = self.table_string(index)
        {
            soft.get_or_insert(Fault::new(kind, 2));
        }
        Ok(())
    }

    /// What of a legal header ActiveSync does not use.
    fn forbidden(&self) -> Option<Fault> {
        let fault = |rule, offset| Some(Fault::new(ErrorKind::Forbidden(rule), offset));
        if self.version != 3 {
            fault(Forbidden::Version, 0)
        } else if self.public_id != PublicId::Known(1) {
            fault(Forbidden::PublicId, 1)
        } else if self.charset != 106 {
            fault(Forbidden::Charset, self.public_id_end)
        } else if !self.string_table.is_empty() {
            fault(Forbidden::StringTable, self.charset_end)
        } else {
            None
        }
    }

    /// The string at an index of the table, without its terminator.
    ///
    /// An index may point into the middle of an entry.
    pub fn table_string(&self, index: u32) -> Result<&'a [u8], ErrorKind> {
        #[allow(clippy::cast_possible_truncation, reason = "document limit is below 4 GiB")]
        let len = self.string_table.len() as u32;
        if index >= len {
            return Err(ErrorKind::StringTableIndex { index, len });
        }
        let rest = &self.string_table[index as usize..];
        let end = find_terminator(rest, self.encoding).ok_or(ErrorKind::UnterminatedString)?;
        Ok(&rest[..end])
    }

    /// The public id as text, where it is a string of the table.
    pub fn public_id_text(&self) -> Option<String> {
        let PublicId::Index(index) = self.public_id else { return None };
        let bytes = self.table_string(index).ok()?;
        self.encoding.decode(bytes).map(std::borrow::Cow::into_owned)
    }
}

/// Where the terminator of a string begins.
pub(crate) fn find_terminator(bytes: &[u8], charset: Charset) -> Option<usize> {
    if charset.is_wide() {
        bytes.chunks_exact(2).position(|pair| pair == [0, 0]).map(|unit| unit * 2)
    } else {
        scan::find_nul(bytes)
    }
}

/// Whether a string of `len` bytes is within the limit.
pub(crate) fn check_string(len: usize, limits: &Limits, offset: usize) -> Result<(), Fault> {
    if len > limits.string {
        return Err(Fault::new(ErrorKind::Limit(Limit::String), offset));
    }
    Ok(())
}
