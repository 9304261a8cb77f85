//! A finding of the embedded server: told, and written down as a trace.

use std::fs;

use activesync_checker::Rules;
use activesync_simulator::{Shrunk, Trace};

use super::Args;
use crate::cli::{Failure, Outcome};
use crate::output::{Style, Terminal};
use crate::report::lanes;

pub(super) fn report(
    args: &Args,
    rules: Rules,
    number: u64,
    shrunk: Shrunk,
    seconds: f64,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let Shrunk { outcome, finding, replays } = shrunk;
    let mut comments = vec![finding.sentence.clone()];
    comments.push(format!("found by seed {}, schedule {number}", args.seed));
    if rules.black_box {
        comments.push("judged without the server's belief".into());
    }
    let trace = Trace {
        comments,
        setup: outcome.setup.clone(),
        actions: outcome.actions.clone(),
        expect: Some(finding.class.to_string()),
        hash: Some(outcome.hash),
    };
    let text = trace.to_string();
    let slug = finding.class.to_string().replace(' ', "-");
    let path = args.out.join(format!("{slug}-{:08x}.trace", outcome.hash & 0xffff_ffff));
    fs::create_dir_all(&args.out)
        .and_then(|()| fs::write(&path, &text))
        .map_err(|e| Failure::new(format!("cannot write {}: {e}", path.display())))?;
    let black_box = if rules.black_box { " --black-box" } else { "" };
    let command = format!("lostmail replay{black_box} {}", path.display());
    if args.json {
        let json = serde_json::json!({
            "verdict": "found",
            "seed": args.seed,
            "schedule": number,
            "seconds": seconds,
            "finding": {
                "class": finding.class.to_string(),
                "sentence": finding.sentence,
                "cause": finding.cause,
                "trace": text,
                "trace_file": path.display().to_string(),
                "length": trace.len(),
                "replays": replays,
                "replay": command,
            },
        });
        terminal.println(&json.to_string());
        return Ok(Outcome::Found);
    }
    let colour = terminal.colour();
    let class = Style::Error.paint(&finding.class.to_string(), colour);
    terminal.println(&format!("{class}: {}\n", finding.sentence));
    let history = &outcome.history;
    terminal.print(&lanes(history, outcome.baseline, outcome.rest, finding.began_at));
    terminal.println(&format!(
        "\ntrace of length {} (operations, requests and faults after a quiet baseline; {replays} replays to shrink it):\n",
        trace.len()
    ));
    terminal.print(&text);
    terminal.println(&format!(
        "\nseed {}, schedule {number}, {seconds:.1} s. Replay it with:\n  {command}",
        args.seed
    ));
    Ok(Outcome::Found)
}
