//! What a number means.
