//! `lostmail hunt`: looks for lost mail.

mod findings;
mod looked_at;
mod simulated;

use std::path::PathBuf;

use crate::cli::{Failure, Outcome};
use crate::output::Terminal;

/// Hunt for lost mail: on the embedded reference server, or on a real one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    lostmail hunt\n  \
    lostmail hunt --schedules 1000000 --seed 7\n  \
    lostmail hunt --bug retry-answered-from-newer-state\n  \
    lostmail hunt --bug window-truncation-advances-to-tip --black-box --json")]
pub struct Args {
    /// How many schedules to run.
    #[arg(long, default_value_t = 200_000, value_name = "N")]
    schedules: u64,

    /// Seed of the schedules: the same seed, the same schedules, on every machine.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,

    /// Plant a defect (`lostmail bugs` lists them).
    #[arg(long, value_name = "NAME")]
    bug: Option<String>,

    /// Judge by what both sides show, without what the embedded server believes.
    #[arg(long)]
    black_box: bool,

    /// Threads; the result does not depend on it. Default: one for each processor.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// Replays that shrinking may take.
    #[arg(long, default_value_t = 4_000, value_name = "N")]
    shrink: u32,

    /// Folder for the traces of findings.
    #[arg(long, default_value = "lostmail-findings", value_name = "DIR")]
    out: PathBuf,

    /// Print one JSON object instead of text: {verdict, seed, schedules, looked_at, finding}.
    #[arg(long)]
    json: bool,
}

/// Hunts.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    simulated::hunt(args, terminal)
}
