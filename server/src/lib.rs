//! Sans-IO reference Exchange ActiveSync server and its planted defects.
//!
//! [`Server`] is the machine: it takes HTTP requests in and advances them one stage at a time. [`Store`] is everything that
//! lasts: the [`Mailbox`], with the methods of its other hand (delivery, webmail, IMAP), and what is remembered of each
//! device. There is no I/O, no clock and no randomness: whoever drives the server carries the bytes, and decides what
//! happens between two stages.
//!
//! ```
//! use activesync::http::{HttpRequest, Method};
//! use activesync::{Mail, Timestamp};
//! use activesync_server::{Config, Progress, Server, Store};
//!
//! let mut store = Store::new();
//! let mail = Mail { subject: Some("m1 hello".into()), ..Mail::default() };
//! store.mailbox.deliver(&"inbox".into(), mail).expect("there is an inbox");
//!
//! let mut server = Server::new(Config::default(), None);
//! let (query, headers) = ("Cmd=OPTIONS".into(), Vec::new());
//! server.accept(1, HttpRequest { method: Method::Options, query, headers, body: Vec::new() });
//! let response = loop {
//!     if let Progress::Responded(response) = server.advance(1, &mut store, None, Timestamp(0)) {
//!         break response;
//!     }
//! };
//! assert!(response.header("MS-ASProtocolVersions").is_some_and(|v| v.contains("14.1")));
//! ```

mod accept;
mod changes;
mod defects;
mod estimate;
mod hierarchy;
mod judgement;
mod mailbox;
mod moves;
mod ping;
mod provision;
mod server;
mod state;
mod store;
mod sync;

pub use defects::{Defect, DefectInfo, defects};
pub use mailbox::{FolderView, ItemView, Mailbox};
pub use server::{Belief, Config, Limits, Progress, Retry, Server, Stage, StageFault};
pub use store::Store;
