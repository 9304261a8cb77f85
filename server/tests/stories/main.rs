//! Short stories about the server: typed requests in, typed responses out.

mod driver;
mod keys;

use activesync_server::Retry;

/// Both ways to answer a retry.
const BOTH: [Retry; 2] = [Retry::Replay, Retry::Redo];
