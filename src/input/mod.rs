//! What is this file? Finds WBXML in whatever a person has at hand.
//!
//! [`read`] takes at most a given number of bytes from a file or standard input. [`detect`] finds
//! out what they are: raw WBXML, hex in any of its spellings, base64, a gzip stream, a multipart
//! response, a whole HTTP message, lines of a server's log, the query of a request line, each
//! inside another up to [`NESTING_MAX`] times. It says what it saw ([`Found::steps`]), and names
//! what is none of these ([`NotFound`]).

mod base64;
mod detect;
mod foreign;
mod gzip;
mod hex;
mod http;
mod log;
mod multipart;
mod query;
mod read;

pub use detect::{Content, Format, Found, NESTING_MAX, NotFound, Part, decode_text, detect};
pub use foreign::name;
pub use multipart::{Multipart, MultipartError};
pub use query::bytes as query_bytes;
pub use read::{ReadError, SIZE_MAX, Source, read};
