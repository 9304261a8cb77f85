//! What is this file? Its bytes come from here, what they are from [`activesync_capture`].
//!
//! [`read`] takes at most a given number of bytes from a file or standard input. [`detect`] finds
//! out what they are: raw WBXML, hex in any of its spellings, base64, a gzip stream, a multipart
//! response, a whole HTTP message, lines of a server's log, the query of a request line, each
//! inside another up to [`NESTING_MAX`] times. It says what it saw ([`Found::steps`]), and names
//! what is none of these ([`NotFound`]).

mod read;

pub use activesync_capture::{
    Content, Format, Found, Multipart, MultipartError, NESTING_MAX, NotFound, Part, SIZE_MAX,
    decode_text, detect, name, query_bytes,
};
pub use read::{ReadError, Source, read};
