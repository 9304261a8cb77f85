//! `lostmail hunt`: looks for lost mail.

mod findings;
mod live;
mod looked_at;
pub mod on;
pub mod simulated;

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{Failure, Outcome};
use crate::output::Terminal;

/// Hunt for lost mail: on the embedded reference server, or on a real one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    lostmail hunt\n  \
    lostmail hunt --schedules 1000000 --seed 7\n  \
    lostmail hunt --bug retry-answered-from-newer-state\n  \
    lostmail hunt --bug window-truncation-advances-to-tip --black-box --json\n  \
    lostmail hunt --url https://mail.example/ --user alice --imap imaps://alice@mail.example --time 20m")]
pub struct Args {
    /// How many schedules to run. Default: 200000; on a real server as many as the time allows.
    #[arg(long, value_name = "N")]
    schedules: Option<u64>,

    /// How long to hunt on a real server, such as 90s, 20m or 1h. Default there: 10m.
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "url")]
    time: Option<Duration>,

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

    /// Replays that shrinking may take. Default: 4000; on a real server up to 60, as three minutes allow.
    #[arg(long, value_name = "N")]
    shrink: Option<u32>,

    /// Folder for the traces of findings.
    #[arg(long, default_value = "lostmail-findings", value_name = "DIR")]
    out: PathBuf,

    /// Print one JSON object instead of text: {verdict, seed, schedules, looked_at, finding}.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    on: on::On,
}

impl Args {
    /// How many schedules to run on the embedded server.
    fn simulated_schedules(&self) -> u64 {
        self.schedules.unwrap_or(200_000)
    }
}

/// Hunts.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match args.on.place()? {
        Some(place) => live::hunt(args, place, terminal),
        None => simulated::hunt(args, terminal),
    }
}

/// `90s`, `20m`, `1h`; a number alone is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let (digits, unit) = text.split_at(text.trim_end_matches(char::is_alphabetic).len());
    let seconds = match unit {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => return Err(format!("{unit:?} is none of s, m, h")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("no number in {text:?}"))?;
    let seconds = number.checked_mul(seconds).filter(|seconds| *seconds < 1 << 32);
    seconds.map(Duration::from_secs).ok_or_else(|| format!("{text:?} is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("20m", 1200), ("1h", 3600), ("0s", 0)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for bad in ["", "m", "1x", "-1s", "1.5h", "99999999999h", "99999999999999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
