//! The tool that finds lost mail in Exchange ActiveSync.
//!
//! This is the only room of the house with files, sockets, a clock, threads and a terminal. It is a
//! library as well as a program, so that tests and fuzz targets can call its parts:
//!
//! * [`cli`]: arguments in, exit code out;
//! * [`commands`]: one file per subcommand;
//! * [`input`]: the bytes of a file; what they are is found out by `activesync_capture`;
//! * [`explain`]: what a number means, one table for each kind of number;
//! * [`output`]: a decoded document told to a person or a program.
//!
//! ```
//! use lostmail::input::{self, Content, Format};
//!
//! let found = input::detect(b"03 01 6A 00 45 01", Format::Auto, input::SIZE_MAX).unwrap();
//! assert!(matches!(&found.parts[0].content, Content::Wbxml(bytes) if bytes.len() == 6));
//! ```

pub mod cli;
pub mod commands;
pub mod explain;
pub mod input;
#[allow(dead_code, reason = "the hunt uses the rest")]
mod live;
pub mod output;
pub mod report;
