//! The oracle: histories in, findings out.
