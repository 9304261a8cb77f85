//! Captures: what bytes are, however they were written down, and what logs of servers hold.
//!
//! [`detect`] takes a whole input and peels off what it is wrapped in: raw WBXML, hex in any of its
//! spellings, base64, a gzip stream, a [`Multipart`] response, a whole HTTP message, lines of a
//! server's log, the query of a request line, each inside another up to [`NESTING_MAX`] times. It
//! says what it saw ([`Found::steps`]), and names what is none of these ([`NotFound`]). What it
//! unpacks is bounded.
//!
//! ```
//! use activesync_capture::{Content, Format, SIZE_MAX, detect};
//!
//! let found = detect(b"03 01 6A 00 45 01", Format::Auto, SIZE_MAX).unwrap();
//! assert_eq!(found.steps, ["hex text, 6 bytes", "WBXML"]);
//! assert_eq!(found.parts[0].content, Content::Wbxml(vec![3, 1, 0x6A, 0, 0x45, 1]));
//! ```
//!
//! [`zpush`] reads the base64 dumps that Z-Push and grommunio-sync write with `LOGLEVEL_WBXML`, tells requests
//! from responses, and says which dumps the log itself has cut. Other formats and the way to a
//! [`History`](activesync::history::History) are still to come.
//!
//! ```
//! use activesync_capture::zpush::{self, Direction};
//!
//! let log = "22/11/2026 09:15:02 [ 2799] [WBXML] [alice] [dev1] WBXML-OUT: AwFqAAAHVkwDOQABAQ==";
//! let dump = zpush::dumps(log).next().unwrap();
//! assert_eq!(dump.direction, Direction::Response);
//! assert_eq!(dump.device, Some("dev1"));
//! assert_eq!(dump.body?.len(), 13);
//! # Ok::<(), activesync_capture::zpush::BadDump>(())
//! ```

mod base64;
mod detect;
mod foreign;
mod gzip;
mod hex;
mod http;
mod log;
mod multipart;
mod query;
mod stuck;
pub mod text;
mod words;
pub mod zpush;

pub use detect::{
    Content, Format, Found, NESTING_MAX, NotFound, Part, SIZE_MAX, decode_text, detect,
};
pub use foreign::name;
pub use multipart::{Multipart, MultipartError};
pub use query::bytes as query_bytes;
