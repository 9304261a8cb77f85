//! Fuzz targets as plain functions, each with an oracle.
//!
//! `fuzz_targets/` holds three lines per target for `cargo fuzz run NAME -s none`; `cargo test`
//! replays `corpus/fuzz/NAME`, `corpus/regressions` and some hundred made-up inputs through the same
//! functions. Without libFuzzer each target is a small program that runs the files it is given:
//!
//! ```text
//! cargo run -p lostmail-fuzz --bin decode_any -- corpus/fuzz/decode_any/*
//! ```
//!
//! Where the input is a document, every other mutation is one of ours, which makes documents of
//! documents: see [`mutate()`]. libFuzzer's own know bytes only, and most of what they make is refused.
//!
//! A body that returns early has looked at nothing, so it says so: see [`Ran`].

mod mutate;
mod run;
mod targets;

#[cfg(fuzzing)]
#[doc(hidden)]
pub use libfuzzer_sys;
pub use mutate::{Edit, Mutant, cross, mutate};
#[cfg(fuzzing)]
#[doc(hidden)]
pub use mutate::{crossover, mutator};
pub use run::{Input, Ran, Tally, Target, counted, replay};
pub use targets::{EXPLAINED, TARGETS};

/// The program of a target: libFuzzer's, with our mutator beside its own, or one that replays files.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::counted(
            stringify!($name),
            bytes
        ));

        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8],
                                              size: usize,
                                              max: usize,
                                              seed: u32| {
            $crate::mutator(stringify!($name), data, size, max, seed)
        });

        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_crossover!(|one: &[u8],
                                                other: &[u8],
                                                out: &mut [u8],
                                                seed: u32| {
            $crate::crossover(stringify!($name), one, other, out, seed)
        });

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::replay(stringify!($name), std::env::args_os().skip(1))
        }
    };
}
