//! A finding told to a person: the sentence, the lanes, the command that shows it again.

mod calls;
mod lanes;

pub use lanes::lanes;
