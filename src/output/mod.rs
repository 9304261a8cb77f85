//! A decoded document told to a person or to a program.

pub mod document;
pub mod json;
pub mod query;
mod terminal;
pub mod tokens;
pub mod xml;

pub use activesync_capture::text;
pub use terminal::{Style, Terminal};
