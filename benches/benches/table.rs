//! Every contender in turn, round after round, in one run; prints Markdown.
fn main() {}
