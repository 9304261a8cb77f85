//! MS-ASCMD and MS-ASHTTP as types, and the history of what happened.
//!
//! Everything that a client, a server and an oracle have to agree on lives here, and nothing else: identifiers, the commands
//! for mail with their requests, responses and statuses, the HTTP request line in both forms, and [`history::History`].
//! The crate does no I/O, keeps no state and knows no clock.
//!
//! ```
//! use activesync::{Request, SyncKey, folders};
//!
//! let request = Request::FolderSync(folders::SyncRequest { sync_key: SyncKey::zero() });
//! let body = request.encode()?.expect("FolderSync always has a body");
//! assert_eq!(Request::decode(request.command(), Some(&body))?, request);
//! # Ok::<(), activesync::ProtocolError>(())
//! ```

mod call;
mod command;
mod date;
mod error;
pub mod estimate;
pub mod folders;
pub mod history;
pub mod http;
mod ids;
mod mail;
pub mod moves;
pub mod ping;
pub mod provision;
mod status;
pub mod sync;
mod version;
mod wire;

pub use call::{Request, Response};
pub use command::Command;
pub use date::Timestamp;
pub use error::ProtocolError;
pub use ids::{ClientId, CollectionId, DeviceId, PolicyKey, ServerId, SyncKey};
pub use mail::{Body, Flag, Mail};
pub use status::{
    CommonStatus, EstimateStatus, FolderStatus, MoveStatus, PingStatus, ProvisionStatus,
    SyncStatus, meaning,
};
pub use version::ProtocolVersion;
