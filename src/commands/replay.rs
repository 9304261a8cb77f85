//! `lostmail replay`: runs traces again.

use std::path::PathBuf;

use activesync_checker::Rules;
use activesync_simulator::{Baselines, Trace, run_actions};

use crate::cli::{Failure, Outcome};
use crate::output::{Style, Terminal};
use crate::report::lanes;

/// Run traces again, and tell what they show.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    lostmail replay corpus/traces/*.trace\n  \
    lostmail replay --bug none corpus/traces/retry.trace   (the same steps on the correct server)")]
pub struct Args {
    /// Trace files.
    #[arg(required = true, value_name = "TRACE")]
    files: Vec<PathBuf>,

    /// Plant another defect than the trace says; `none`: the correct server.
    #[arg(long, value_name = "NAME")]
    bug: Option<String>,

    /// Judge by what both sides show, without what the embedded server believes.
    #[arg(long)]
    black_box: bool,

    /// Only the verdict and the hash, not the lanes.
    #[arg(long)]
    brief: bool,

    /// Print JSON, an object a line: {file, verdict, expected, hash, findings}.
    #[arg(long)]
    json: bool,
}

/// Replays them.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut worst = Outcome::Clean;
    for file in &args.files {
        worst = worst.max(match replay(args, file, terminal) {
            Ok(outcome) => outcome,
            Err(failure) => {
                terminal.error(&format!("{}: {failure}", file.display()));
                Outcome::CouldNotRun
            }
        });
    }
    Ok(worst)
}

fn replay(args: &Args, file: &PathBuf, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let text = std::fs::read_to_string(file)?;
    let mut trace: Trace = text.parse().map_err(|e| Failure::new(format!("{e}")))?;
    if let Some(bug) = &args.bug {
        trace.setup.bug = (bug != "none").then(|| bug.clone());
    }
    let rules = Rules { strict: true, black_box: args.black_box };
    let run = run_actions(&trace.setup, &trace.actions, &rules, &mut Baselines::default())
        .map_err(|e| Failure::new(e.to_string()))?;
    let findings = &run.verdict.findings;
    let name = file.display();
    if args.json {
        let list: Vec<_> = findings
            .iter()
            .map(|f| serde_json::json!({"class": f.class.to_string(), "sentence": f.sentence, "cause": f.cause}))
            .collect();
        let json = serde_json::json!({
            "file": name.to_string(),
            "verdict": if list.is_empty() { "clean" } else { "found" },
            "expected": trace.expect,
            "hash": format!("{:016x}", run.hash),
            "findings": list,
        });
        terminal.println(&json.to_string());
    } else {
        if !args.brief {
            let began = findings.first().and_then(|finding| finding.began_at);
            terminal.print(&lanes(&run.history, run.baseline, run.rest, began));
            terminal.println("");
        }
        for finding in findings {
            let class = Style::Error.paint(&finding.class.to_string(), terminal.colour());
            terminal.println(&format!("{name}: {class}: {}", finding.sentence));
        }
        if findings.is_empty() {
            terminal.println(&format!("{name}: nothing found"));
        }
        terminal.println(&format!("{name}: hash {:016x}", run.hash));
    }
    let skipped = trace.actions.len() - run.actions.len();
    if skipped > 0 {
        terminal.note_to_user(&format!("{name}: {skipped} actions could not happen and were left out"));
    }
    if let Some(hash) = trace.hash.filter(|hash| *hash != run.hash && args.bug.is_none()) {
        terminal.note_to_user(&format!("{name}: the trace was recorded with hash {hash:016x}: something has changed since"));
    }
    Ok(if findings.is_empty() { Outcome::Clean } else { Outcome::Found })
}
