//! Short stories about the server: typed requests in, typed responses out.

mod around;
mod driver;
mod keys;
mod legality;
mod phone;
mod planted;
mod soak;
mod windows;

use activesync_server::Retry;

/// Both ways to answer a retry.
const BOTH: [Retry; 2] = [Retry::Replay, Retry::Redo];
