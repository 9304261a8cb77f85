//! A decoded document told to a person or to a program.

mod terminal;
pub mod text;

pub use terminal::{Style, Terminal};
