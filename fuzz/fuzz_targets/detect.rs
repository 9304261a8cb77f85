//! Fuzz target `detect`: see `lostmail_fuzz::TARGETS`.

#![cfg_attr(fuzzing, no_main)]

lostmail_fuzz::target!(detect);
