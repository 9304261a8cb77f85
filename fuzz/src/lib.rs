//! Fuzz bodies as plain functions, replayed by cargo test.
