//! A second decoder of general mode, written to be read: one loop, no shared code with the first.

use wbxml::{ACTIVE_SYNC, ErrorKind, Limit, Part, Tag};

/// An event that owns what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    Start(Tag, bool),
    End,
    Text(String),
    Entity(char),
    Opaque(Vec<u8>),
}

/// The events up to the first mistake, and the mistake.
pub(crate) type Decoded = (Vec<Owned>, Option<(ErrorKind, usize)>);

pub(crate) fn decode(input: &[u8]) -> Decoded {
    let mut events = Vec::new();
    let error = run(input, &mut events).err();
    (events, error)
}

/// Bytes with a place in them.
struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    fn byte(&mut self, part: Part) -> Result<u8, (ErrorKind, usize)> {
        let byte = self.all.get(self.at).copied();
        let byte = byte.ok_or((ErrorKind::UnexpectedEnd(part), self.all.len()))?;
        self.at += 1;
        Ok(byte)
    }

    fn integer(&mut self, part: Part) -> Result<u32, (ErrorKind, usize)> {
        let start = self.at;
        let mut value: u64 = 0;
        for _ in 0..5 {
            let byte = self.byte(part)?;
            value = value * 128 + u64::from(byte % 128);
            if byte < 128 {
                return u32::try_from(value).map_err(|_| (ErrorKind::IntegerTooLarge, start));
            }
        }
        Err((ErrorKind::IntegerTooLong, start))
    }
}

fn run(input: &[u8], events: &mut Vec<Owned>) -> Result<(), (ErrorKind, usize)> {
    if input.is_empty() {
        return Err((ErrorKind::Empty, 0));
    }
    let mut bytes = Bytes { all: input, at: 0 };
    // Header.
    let version = bytes.byte(Part::Header)?;
    if version > 3 {
        return Err((ErrorKind::Version(version), 0));
    }
    let public_id = bytes.integer(Part::Header)?;
    let public_index = if public_id == 0 { Some(bytes.integer(Part::Header)?) } else { None };
    let charset_at = bytes.at;
    let charset = if version == 0 { 106 } else { bytes.integer(Part::Header)? };
    let bad_charset = ![0, 3, 4, 106, 1000, 1013, 1014, 1015].contains(&charset);
    let charset_error = (ErrorKind::Charset(charset), charset_at);
    let table_at = bytes.at;
    let table_len = match bytes.integer(Part::Header) {
        Err(_) if bad_charset => return Err(charset_error),
        other => other?,
    };
    if bad_charset {
        return Err(charset_error);
    }
    let left = input.len() - bytes.at;
    if table_len as usize > left {
        let kind = ErrorKind::StringTableTooLong {
            claimed: table_len,
            available: u32::try_from(left).unwrap(),
        };
        return Err((kind, table_at));
    }
    if table_len > 1 << 20 {
        return Err((ErrorKind::Limit(Limit::Table), table_at));
    }
    let table = &input[bytes.at..bytes.at + table_len as usize];
    bytes.at += table.len();
    if let Some(index) = public_index {
        table_string(table, index, charset).map_err(|kind| (kind, 2))?;
    }

    // Body.
    let mut page = 0;
    let mut open: usize = 0;
    let mut root_done = false;
    loop {
        let start = bytes.at;
        let Some(&token) = input.get(start) else {
            return if open > 0 {
                let open = u32::try_from(open).unwrap();
                Err((ErrorKind::UnclosedElements(open), input.len()))
            } else if root_done {
                Ok(())
            } else {
                Err((ErrorKind::NoRoot, input.len()))
            };
        };
        if open == 0 {
            check_outside(input, start, root_done)?;
        }
        bytes.at += 1;
        match token {
            0x00 => {
                if version < 2 {
                    let kind = ErrorKind::TokenNotInVersion { token, minor: version };
                    return Err((kind, start));
                }
                page = bytes.byte(Part::SwitchPage)?;
                if ACTIVE_SYNC.page(page).is_none() {
                    return Err((ErrorKind::UnknownPage(page), start));
                }
            }
            0x01 => {
                open -= 1;
                root_done = open == 0;
                events.push(Owned::End);
            }
            0x02 => {
                let code = bytes.integer(Part::Integer)?;
                match char::from_u32(code) {
                    Some(character) => events.push(Owned::Entity(character)),
                    None => return Err((ErrorKind::BadEntity(code), start)),
                }
            }
            0x03 => {
                let Some(len) = terminator(&input[bytes.at..], charset) else {
                    return Err((ErrorKind::UnterminatedString, start));
                };
                let string = &input[bytes.at..bytes.at + len];
                let text = text(string, charset)
                    .map_err(|valid| (ErrorKind::BadText, valid.map_or(start, |n| bytes.at + n)))?;
                events.push(Owned::Text(text));
                bytes.at += len + if wide(charset) { 2 } else { 1 };
            }
            0x83 => {
                let index = bytes.integer(Part::Integer)?;
                let string = table_string(table, index, charset).map_err(|kind| (kind, start))?;
                let text = text(string, charset).map_err(|_| (ErrorKind::BadText, start))?;
                events.push(Owned::Text(text));
            }
            0xC3 => {
                if version < 1 {
                    let kind = ErrorKind::TokenNotInVersion { token, minor: version };
                    return Err((kind, start));
                }
                let claimed = bytes.integer(Part::Integer)?;
                let left = input.len() - bytes.at;
                if claimed as usize > left {
                    let available = u32::try_from(left).unwrap();
                    return Err((ErrorKind::OpaqueTooLong { claimed, available }, start));
                }
                let end = bytes.at + claimed as usize;
                events.push(Owned::Opaque(input[bytes.at..end].to_vec()));
                bytes.at = end;
            }
            0x04 | 0x44 | 0x84 | 0xC4 => {
                if open >= 64 {
                    return Err((ErrorKind::Limit(Limit::Depth), start));
                }
                bytes.integer(Part::Integer)?;
                return Err((ErrorKind::UnsupportedToken(token), start));
            }
            0x80..=0x82 => {
                bytes.integer(Part::Integer)?;
                return Err((ErrorKind::UnsupportedToken(token), start));
            }
            0x40..=0x42 => {
                if terminator(&input[bytes.at..], charset).is_none() {
                    return Err((ErrorKind::UnterminatedString, start));
                }
                return Err((ErrorKind::UnsupportedToken(token), start));
            }
            0x43 | 0xC0..=0xC2 => return Err((ErrorKind::UnsupportedToken(token), start)),
            _ => {
                let tag = Tag::new(page, token & 0x3F);
                let attributes = token & 0x80 != 0;
                let too_deep = (ErrorKind::Limit(Limit::Depth), start);
                if attributes && open >= 64 {
                    return Err(too_deep);
                }
                if tag.name().is_none() {
                    let kind = ErrorKind::UnknownTag { page, token: tag.token() };
                    return Err((kind, start));
                }
                if attributes {
                    return Err((ErrorKind::Attributes(token), start));
                }
                if open >= 64 {
                    return Err(too_deep);
                }
                let content = token & 0x40 != 0;
                events.push(Owned::Start(tag, content));
                if content {
                    open += 1;
                } else {
                    events.push(Owned::End);
                    root_done = open == 0;
                }
            }
        }
    }
}

/// What may stand outside the root element.
fn check_outside(input: &[u8], at: usize, root_done: bool) -> Result<(), (ErrorKind, usize)> {
    let is_value = |byte: u8| matches!(byte, 0x02 | 0x03 | 0x83 | 0xC3 | 0x40..=0x42 | 0x80..=0x82 | 0xC0..=0xC2);
    let is_tag = |byte: u8| !is_value(byte) && !matches!(byte, 0x00 | 0x01 | 0x43);
    match (input[at], root_done) {
        (0x01, _) => Err((ErrorKind::ExtraEnd, at)),
        (0x43, _) => Ok(()),
        (byte, false) if is_value(byte) => Err((ErrorKind::ContentOutsideRoot, at)),
        (_, false) => Ok(()),
        (byte, true) => {
            let first = if byte == 0 { input.get(at + 2) } else { Some(&byte) };
            if first.is_some_and(|&byte| is_tag(byte)) {
                Err((ErrorKind::SecondRoot, at))
            } else {
                let left = u32::try_from(input.len() - at).unwrap();
                Err((ErrorKind::TrailingBytes(left), at))
            }
        }
    }
}

fn wide(charset: u32) -> bool {
    charset >= 1000
}

fn terminator(bytes: &[u8], charset: u32) -> Option<usize> {
    if wide(charset) {
        (0..bytes.len() / 2).map(|unit| unit * 2).find(|&at| bytes[at..at + 2] == [0, 0])
    } else {
        (0..bytes.len()).find(|&at| bytes[at] == 0)
    }
}

fn table_string(table: &[u8], index: u32, charset: u32) -> Result<&[u8], ErrorKind> {
    let len = u32::try_from(table.len()).unwrap();
    if index >= len {
        return Err(ErrorKind::StringTableIndex { index, len });
    }
    let rest = &table[index as usize..];
    let end = terminator(rest, charset).ok_or(ErrorKind::UnterminatedString)?;
    Ok(&rest[..end])
}

/// Text, or how many bytes of it are valid where that can be said.
fn text(bytes: &[u8], charset: u32) -> Result<String, Option<usize>> {
    match charset {
        0 | 106 => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(Some(error.valid_up_to())),
        },
        3 => match bytes.iter().position(|&byte| byte > 127) {
            Some(at) => Err(Some(at)),
            None => Ok(bytes.iter().map(|&byte| char::from(byte)).collect()),
        },
        4 => Ok(bytes.iter().map(|&byte| char::from(byte)).collect()),
        _ => {
            let marked = |mark: [u8; 2]| bytes.strip_prefix(&mark);
            let (bytes, little) = match (marked([0xFE, 0xFF]), marked([0xFF, 0xFE])) {
                (Some(rest), _) => (rest, false),
                (_, Some(rest)) => (rest, true),
                _ => (bytes, charset == 1014),
            };
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| {
                    let (a, b) = (u16::from(pair[0]), u16::from(pair[1]));
                    if little { b << 8 | a } else { a << 8 | b }
                })
                .collect();
            String::from_utf16(&units).map_err(|_| None)
        }
    }
}
