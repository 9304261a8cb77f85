//! The real world: HTTP to a server, IMAP to its mailboxes, and faults in between.
//!
//! * [`socket`]: one TCP or TLS connection, opened for one purpose and closed after it.
//! * [`http`]: one request, one connection, one answer; every way it can go wrong has a name.
//! * [`imap`]: the mailbox's other hand: delivers, flags, moves, deletes, and reads the truth.
//! * [`control`]: the same on `lostmail serve`.
//! * [`hand`]: what both have in common, for those who do not care which it is.
//! * [`letter`]: the mails that we deliver, each with a token by which it is known everywhere.
//! * [`proxy`]: the flaky network between our client and the server.
//! * [`serve`]: the reference server on HTTP, for `cargo test`, the shell and whoever wants to see a bug.
//! * [`world`]: a schedule on a real server, as the simulator sees worlds.
//! * [`session`]: a device over HTTP: the client that the simulator runs, driven over the network.
//!
//! Everything here runs on a current-thread tokio runtime. Nothing retries, pools, follows or repairs.

pub(crate) mod control;
pub(crate) mod hand;
pub(crate) mod http;
pub(crate) mod imap;
pub(crate) mod letter;
pub(crate) mod proxy;
pub(crate) mod serve;
pub(crate) mod session;
pub(crate) mod socket;
pub(crate) mod world;

#[cfg(test)]
mod scripted;
