//! Character sets of a document, by IANA MIBenum.

use crate::scan;
use std::borrow::Cow;
use std::fmt;

/// A character set that strings are read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charset {
    /// UTF-8, 106; also taken for 0 ("unknown") and for version 1.0, which has no charset field.
    Utf8,
    /// US-ASCII, 3.
    Ascii,
    /// ISO-8859-1, 4.
    Latin1,
    /// UTF-16, 1013 to 1015, and its subset UCS-2, 1000: big-endian, unless the string begins with
    /// a byte order mark or the charset is UTF-16LE.
    Utf16 {
        /// Whether a string without a byte order mark is little-endian.
        little_endian: bool,
    },
}

impl Charset {
    /// The charset of a MIBenum.
    pub const fn from_mib(mib: u32) -> Option<Self> {
        Some(match mib {
            0 | 106 => Self::Utf8,
            3 => Self::Ascii,
            4 => Self::Latin1,
            1000 | 1013 | 1015 => Self::Utf16 { little_endian: false },
            1014 => Self::Utf16 { little_endian: true },
            _ => return None,
        })
    }

    /// Whether strings end with two zero bytes.
    pub(crate) const fn is_wide(self) -> bool {
        matches!(self, Self::Utf16 { .. })
    }

    /// Text from bytes, without copying where the bytes are UTF-8 already.
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Ascii if !bytes.is_ascii() => None,
            Self::Latin1 if !bytes.is_ascii() => {
                Some(Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()))
            }
            Self::Utf8 | Self::Ascii | Self::Latin1 => {
                std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
            }
            Self::Utf16 { little_endian } => {
                let units = units(bytes, little_endian)?;
                char::decode_utf16(units).collect::<Result<String, _>>().ok().map(Cow::Owned)
            }
        }
    }

    /// Whether bytes are text.
    pub(crate) fn reads(self, bytes: &[u8]) -> bool {
        match self {
            Self::Utf8 => scan::text(bytes).is_ok(),
            Self::Ascii => bytes.is_ascii(),
            Self::Latin1 => true,
            Self::Utf16 { little_endian } => units(bytes, little_endian)
                .is_some_and(|units| char::decode_utf16(units).all(|unit| unit.is_ok())),
        }
    }
}

/// The units of UTF-16, without a byte order mark; `None` where half a unit is left.
fn units(bytes: &[u8], little_endian: bool) -> Option<impl Iterator<Item = u16>> {
    let (bytes, little_endian) = match bytes {
        [0xFE, 0xFF, rest @ ..] => (rest, false),
        [0xFF, 0xFE, rest @ ..] => (rest, true),
        _ => (bytes, little_endian),
    };
    let unit = if little_endian { u16::from_le_bytes } else { u16::from_be_bytes };
    let (pairs, rest) = bytes.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(move |&pair| unit(pair)))
}

/// Text in a character set that is not a subset of UTF-8, checked but not yet converted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Encoded<'a> {
    bytes: &'a [u8],
    charset: Charset,
}

impl<'a> Encoded<'a> {
    /// `None` where the bytes are not text of that charset.
    pub(crate) fn new(bytes: &'a [u8], charset: Charset) -> Option<Self> {
        charset.reads(bytes).then_some(Self { bytes, charset })
    }

    /// The bytes as they stand in the document.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The charset they are in.
    pub const fn charset(&self) -> Charset {
        self.charset
    }

    /// The text.
    pub fn decode(&self) -> Cow<'a, str> {
        self.charset.decode(self.bytes).unwrap_or_default()
    }
}

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.decode())
    }
}

impl fmt::Debug for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?})", self.decode(), self.charset)
    }
}
