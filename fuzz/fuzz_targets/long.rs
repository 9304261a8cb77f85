//! Fuzz target `long`: see `lostmail_fuzz::TARGETS`.

#![cfg_attr(fuzzing, no_main)]

lostmail_fuzz::target!(long);
