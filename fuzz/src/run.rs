//! Running targets and counting what they looked at.

use crate::TARGETS;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a body got with an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// The oracle had something to judge.
    Checked,
    /// The input was refused, as it has to be; only that was judged.
    Refused,
    /// Nothing was judged: the input does not concern this target.
    Skipped,
}

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name, also that of its folder in `corpus/fuzz`.
    pub name: &'static str,
    /// What it judges, in a sentence.
    pub oracle: &'static str,
    /// The body; panics where the oracle disagrees.
    pub body: fn(&[u8]) -> Ran,
    /// What its inputs are, for `cargo test` to make some.
    pub input: Input,
}

/// What the inputs of a target are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// WBXML, whole or broken.
    Wbxml,
    /// Entropy.
    Entropy,
    /// XML text.
    Xml,
    /// A query string.
    Query,
    /// Calls of the encoder, a byte and its arguments each.
    Calls,
    /// Page, token and a name.
    Name,
    /// A multipart response.
    Multipart,
    /// Anything that somebody takes for a capture.
    Capture,
}

/// What became of a number of inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Inputs that the oracle judged in full.
    pub checked: u64,
    /// Inputs that were refused.
    pub refused: u64,
    /// Inputs that were not looked at.
    pub skipped: u64,
}

impl Tally {
    /// Counts one.
    pub fn add(&mut self, ran: Ran) {
        match ran {
            Ran::Checked => self.checked += 1,
            Ran::Refused => self.refused += 1,
            Ran::Skipped => self.skipped += 1,
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { checked, refused, skipped } = self;
        write!(f, "{checked} judged in full, {refused} refused, {skipped} skipped")
    }
}

static CHECKED: AtomicU64 = AtomicU64::new(0);
static REFUSED: AtomicU64 = AtomicU64::new(0);
static SKIPPED: AtomicU64 = AtomicU64::new(0);

/// Runs a target for libFuzzer and says now and then how many inputs were judged.
pub fn counted(name: &str, bytes: &[u8]) {
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else { return };
    let counter = match (target.body)(bytes) {
        Ran::Checked => &CHECKED,
        Ran::Refused => &REFUSED,
        Ran::Skipped => &SKIPPED,
    };
    counter.fetch_add(1, Ordering::Relaxed);
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let tally = Tally { checked: read(&CHECKED), refused: read(&REFUSED), skipped: read(&SKIPPED) };
    let sum = tally.checked + tally.refused + tally.skipped;
    if sum >= 1 << 8 && sum.is_power_of_two() {
        eprintln!("{name}: {tally}");
    }
}

/// Runs a target over files.
pub fn replay(name: &str, files: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        eprintln!("there is no target {name}");
        return ExitCode::from(2);
    };
    let mut tally = Tally::default();
    for file in files {
        match std::fs::read(&file) {
            Ok(bytes) => tally.add((target.body)(&bytes)),
            Err(error) => {
                eprintln!("{}: {error}", file.display());
                return ExitCode::from(2);
            }
        }
    }
    println!("{name}: {tally}");
    ExitCode::SUCCESS
}
