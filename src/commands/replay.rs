//! `lostmail replay`: runs traces again.

use std::path::{Path, PathBuf};

use activesync_checker::Rules;
use activesync_simulator::{Baselines, Outcome as Run, Runner as _, Trace, run_actions};

use super::hunt::on::On;
use crate::cli::{Failure, Outcome};
use crate::live::world::runner::Live;
use crate::live::world::target::Target;
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

    /// On a real server: replay each trace so many times.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "url")]
    times: u32,

    /// On a real server: let the devices wait in Ping at the end, which takes a heartbeat.
    #[arg(long, requires = "url")]
    wait: bool,

    #[command(flatten)]
    on: On,
}

/// Replays them.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut worst = Outcome::Clean;
    let target = args.on.place()?.map(Target::reach).transpose();
    let target = target.map_err(|e| Failure::new(e.to_string()))?;
    for file in &args.files {
        let outcome = match &target {
            Some(target) => replay_live(args, target, file, terminal),
            None => replay(args, file, terminal),
        };
        worst = worst.max(match outcome {
            Ok(outcome) => outcome,
            Err(failure) => {
                terminal.error(&format!("{}: {failure}", file.display()));
                Outcome::CouldNotRun
            }
        });
    }
    Ok(worst)
}

fn replay(args: &Args, file: &Path, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let text = std::fs::read_to_string(file)?;
    let mut trace: Trace = text.parse().map_err(|e| Failure::new(format!("{e}")))?;
    if let Some(bug) = &args.bug {
        trace.setup.bug = (bug != "none").then(|| bug.clone());
    }
    let rules = Rules { strict: true, black_box: args.black_box };
    let run = run_actions(&trace.setup, &trace.actions, &rules, &mut Baselines::default())
        .map_err(|e| Failure::new(e.to_string()))?;
    let name = file.display();
    tell(args, file, &trace, &run, terminal);
    let skipped = trace.actions.len() - run.actions.len();
    if skipped > 0 {
        terminal
            .note_to_user(&format!("{name}: {skipped} actions could not happen and were left out"));
    }
    if let Some(hash) = trace.hash.filter(|hash| *hash != run.hash && args.bug.is_none()) {
        terminal.note_to_user(&format!(
            "{name}: the trace was recorded with hash {hash:016x}: something has changed since"
        ));
    }
    Ok(if run.verdict.findings.is_empty() { Outcome::Clean } else { Outcome::Found })
}

/// Says what a run has shown.
fn tell(args: &Args, file: &Path, trace: &Trace, run: &Run, terminal: &mut Terminal) {
    let findings = &run.verdict.findings;
    let name = file.display();
    if args.json {
        let list: Vec<_> = findings
            .iter()
            .map(|f| serde_json::json!({"class": f.class.to_string(), "sentence": f.sentence, "cause": f.cause}))
            .collect();
        let hash = args.on.is_none().then(|| format!("{:016x}", run.hash));
        let json = serde_json::json!({
            "file": name.to_string(),
            "verdict": if list.is_empty() { "clean" } else { "found" },
            "expected": trace.expect,
            "hash": hash,
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
        // A real server never runs twice the same.
        if args.on.is_none() {
            terminal.println(&format!("{name}: hash {:016x}", run.hash));
        }
    }
}

fn replay_live(
    args: &Args,
    target: &Target,
    file: &Path,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let text = std::fs::read_to_string(file)?;
    let trace: Trace = text.parse().map_err(|e| Failure::new(format!("{e}")))?;
    let name = file.display();
    let mut live = Live::new(target);
    live.pings = args.wait;
    let (mut seen, mut outcome) = (0, Outcome::Clean);
    for _ in 0..args.times.max(1) {
        let run = live.run(&trace.setup, &trace.actions);
        let run = run.map_err(|e| Failure::new(e.to_string()))?;
        tell(args, file, &trace, &run, terminal);
        let expected = |class: String| trace.expect.as_ref().is_none_or(|expect| *expect == class);
        let mut findings = run.verdict.findings.iter();
        seen += u32::from(findings.any(|finding| expected(finding.class.to_string())));
        if !run.verdict.findings.is_empty() {
            outcome = Outcome::Found;
        }
        let skipped = trace.actions.len() - run.actions.len();
        if skipped > 0 {
            terminal.note_to_user(&format!(
                "{name}: {skipped} actions could not happen and were left out"
            ));
        }
    }
    if args.times > 1 {
        let expected = trace.expect.as_deref().unwrap_or("a finding");
        terminal.note_to_user(&format!("{name}: {expected} in {seen} of {} replays", args.times));
    }
    Ok(outcome)
}
