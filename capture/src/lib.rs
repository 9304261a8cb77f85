//! Server logs and captures into ActiveSync requests and responses.
//!
//! The room is small yet: it reads the base64 dumps that Z-Push and grommunio-sync write with `LOGLEVEL_WBXML`, tells requests
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

pub mod zpush;
