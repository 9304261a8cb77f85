//! Fuzz target `decode_any`: see `lostmail_fuzz::TARGETS`.

#![cfg_attr(fuzzing, no_main)]

lostmail_fuzz::target!(decode_any);
