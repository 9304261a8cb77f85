//! Sans-IO Exchange ActiveSync client.
//!
//! [`Client`] is a device: it holds a local copy of the mailbox, queues what its user changes, says what to send next and takes
//! answers in. It does no I/O, has no clock and draws no random numbers; whoever drives it (simulator, live hunt, shell)
//! carries the bytes.
//!
//! What a careful phone does, so that only the server can be at fault:
//!
//! * a Sync that carries commands is sent again **verbatim** until it is answered (MS-ASCMD R5107, R5117);
//! * an answer is stored in one transaction, items and key together, so that a crash leaves either both or none;
//! * an Add of a known ServerId is a Change (R757); what a Change leaves out is left alone;
//! * Status 3 leads back to key 0 for that collection only, and unacknowledged changes are sent again after the full content
//!   has been taken (R652, R4424 to R4428);
//! * it loops while MoreAvailable says so, then waits in Ping (R4772, R5636).
//!
//! ```
//! use activesync_client::{Client, Config, Want};
//! use activesync::{Command, http::RequestLine};
//!
//! let mut client = Client::new(Config::new("Phone1", "alice"));
//! let want = client.next().expect("a new device has something to say");
//! assert_eq!(want, Want::Provision);
//! let request = client.begin(&want)?.expect("Provision can always be asked");
//! assert_eq!(request.line()?.command, Command::Provision);
//! # Ok::<(), activesync::ProtocolError>(())
//! ```

mod config;
mod content;
mod decide;
mod device;
mod incoming;
mod item;
mod judgement;
mod mistakes;
mod outgoing;
mod user;

pub use config::{Config, School};
pub use decide::Want;
pub use device::{Client, CollectionState, Stage, SyncChoices};
pub use item::{Item, LocalId, MailView, Pending};
pub use judgement::{DEFECTS, Defect, DefectInfo};
