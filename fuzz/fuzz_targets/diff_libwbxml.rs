//! Fuzz target `diff_libwbxml`: see `lostmail_fuzz::TARGETS`.

#![cfg_attr(fuzzing, no_main)]

lostmail_fuzz::target!(diff_libwbxml);
