//! `lostmail bugs`: the planted defects, and how well they are found.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::hunt::simulated::{Measured, measure};
use crate::cli::{Failure, Outcome};
use crate::output::Terminal;

/// List the planted defects, and what each models.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  lostmail bugs\n  lostmail bugs --measure --seconds 20\n  \
    lostmail hunt --bug retry-answered-from-newer-state")]
pub struct Args {
    /// Print JSON: a list of {name, side, class, description, models}.
    #[arg(long)]
    json: bool,

    /// Hunt each of them on one core, with and without what the server believes, and print how long it took. Each core
    /// hunts another one.
    #[arg(long)]
    measure: bool,

    /// Only those whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    name: String,

    /// With --measure: seconds after which one counts as not found.
    #[arg(long, value_name = "N", default_value_t = 20, requires = "measure")]
    seconds: u64,

    /// With --measure: seed of the schedules.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "measure")]
    seed: u64,
}

/// A planted defect.
#[derive(Clone, Debug, Serialize)]
pub struct Bug {
    /// Its name, for `--bug`.
    pub name: &'static str,
    /// `server`, `client` or `codec`.
    pub side: &'static str,
    /// What kind of judgement it gets wrong.
    pub class: &'static str,
    /// What goes wrong.
    pub description: &'static str,
    /// The real bugs it models.
    pub models: &'static str,
    /// The fewest operations, requests and faults that show it.
    pub min_depth: usize,
}

/// All planted defects: those of the server, of the client, of the codec.
pub fn bugs() -> Vec<Bug> {
    let server = activesync_server::defects().iter().map(|defect| Bug {
        name: defect.name,
        side: "server",
        class: defect.class,
        description: defect.description,
        models: defect.models,
        min_depth: defect.min_depth,
    });
    let client = activesync_client::DEFECTS.iter().map(|defect| Bug {
        name: defect.name,
        side: "client",
        class: defect.class,
        description: defect.description,
        models: defect.models,
        min_depth: defect.min_depth,
    });
    let codec = activesync_simulator::WIRE_DEFECTS.iter().map(|defect| Bug {
        name: defect.name,
        side: "codec",
        class: "codec",
        description: defect.description,
        models: defect.models,
        min_depth: defect.min_depth,
    });
    server.chain(client).chain(codec).collect()
}

/// Lists them.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut bugs = bugs();
    bugs.retain(|bug| bug.name.contains(&args.name));
    if args.measure {
        return measure_all(args, &bugs, terminal);
    }
    if args.json {
        let text = serde_json::to_string_pretty(&bugs).map_err(|e| Failure::new(e.to_string()))?;
        terminal.println(&text);
        return Ok(Outcome::Clean);
    }
    for bug in bugs {
        terminal.println(bug.name);
        terminal.println(&format!("    {} ({}): {}", bug.side, bug.class, bug.description));
        terminal.println(&format!("    models: {}", bug.models));
    }
    Ok(Outcome::Clean)
}

/// One line of the measure: with what the server believes, and without.
type Row = [Measured; 2];

fn measure_all(args: &Args, bugs: &[Bug], terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let rows = measure_rows(args, bugs)?;
    if args.json {
        let list: Vec<_> = bugs.iter().zip(&rows).map(|(bug, row)| row_json(bug, row)).collect();
        terminal.println(&serde_json::Value::from(list).to_string());
        return Ok(Outcome::Clean);
    }
    let head = ("defect", "depth", "with the server's belief", "black box");
    terminal.println(&format!("{:<46} {:>5}  {:<36}  {}", head.0, head.1, head.2, head.3));
    for (bug, row) in bugs.iter().zip(&rows) {
        let [white, black] = row.each_ref().map(|measured| cell(bug, measured));
        terminal.println(&format!("{:<46} {:>5}  {white:<36}  {black}", bug.name, bug.min_depth));
    }
    let found = |at: usize| rows.iter().filter(|row| row[at].found.is_some()).count();
    terminal.println(&format!(
        "\nfound {} of {} with the server's belief, {} without; within {} s each, seed {}",
        found(0),
        rows.len(),
        found(1),
        args.seconds,
        args.seed
    ));
    Ok(Outcome::Clean)
}

/// Each core takes the next defect.
fn measure_rows(args: &Args, bugs: &[Bug]) -> Result<Vec<Row>, Failure> {
    let limit = Duration::from_secs(args.seconds);
    let next = AtomicUsize::new(0);
    let rows: Mutex<Vec<Option<Result<Row, Failure>>>> =
        Mutex::new(bugs.iter().map(|_| None).collect());
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(bug) = bugs.get(at) else { return };
            let one = |black_box| measure(bug.name, black_box, args.seed, limit);
            let row = one(false).and_then(|white| Ok([white, one(true)?]));
            if let Ok(mut rows) = rows.lock() {
                rows[at] = Some(row);
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    let rows = rows.into_inner().map_err(|_| Failure::new("a thread died"))?;
    rows.into_iter().flatten().collect()
}

fn cell(bug: &Bug, measured: &Measured) -> String {
    match &measured.found {
        None => format!("not found in {} schedules", measured.schedules),
        Some((class, length)) => {
            let long = if *length > bug.min_depth + 3 { " (long)" } else { "" };
            format!("{:.1} s, length {length}{long}, {class}", measured.seconds)
        }
    }
}

fn row_json(bug: &Bug, row: &Row) -> serde_json::Value {
    let [white, black] = row.each_ref().map(|measured| {
        serde_json::json!({
            "schedules": measured.schedules,
            "seconds": measured.seconds,
            "class": measured.found.as_ref().map(|found| found.0.to_string()),
            "length": measured.found.as_ref().map(|found| found.1),
        })
    });
    serde_json::json!({
        "name": bug.name,
        "min_depth": bug.min_depth,
        "with_belief": white,
        "black_box": black,
    })
}
