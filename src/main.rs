//! The command-line tool.
#[allow(dead_code, reason = "the hunt and the shell come next")]
mod live;

fn main() {}
