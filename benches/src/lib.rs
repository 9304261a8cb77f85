//! What the benches share: documents, contenders, floors and the clock of a thread.
//!
//! `cargo bench -p benches` measures everything with criterion; `cargo bench -p benches --bench
//! table` measures all contenders in turn in one run and prints the tables of README.

pub mod allocations;
pub mod clock;
pub mod documents;
pub mod floors;
pub mod instructions;
#[cfg(libwbxml)]
pub mod libwbxml;
pub mod operations;
pub mod peer;
pub mod targets;
