//! `lostmail bugs`: the planted defects.

use serde::Serialize;

use crate::cli::{Failure, Outcome};
use crate::output::Terminal;

/// List the planted defects, and what each models.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  lostmail bugs\n  lostmail hunt --bug retry-answered-from-newer-state")]
pub struct Args {
    /// Print JSON: a list of {name, side, class, description, models}.
    #[arg(long)]
    json: bool,
}

/// A planted defect.
#[derive(Clone, Debug, Serialize)]
pub struct Bug {
    /// Its name, for `--bug`.
    pub name: &'static str,
    /// `server` or `client`.
    pub side: &'static str,
    /// What kind of judgement it gets wrong.
    pub class: &'static str,
    /// What goes wrong.
    pub description: &'static str,
    /// The real bugs it models.
    pub models: &'static str,
}

/// All planted defects: those of the server, then those of the client.
pub fn bugs() -> Vec<Bug> {
    let server = activesync_server::defects().iter().map(|defect| Bug {
        name: defect.name,
        side: "server",
        class: defect.class,
        description: defect.description,
        models: defect.models,
    });
    let client = activesync_client::DEFECTS.iter().map(|defect| Bug {
        name: defect.name,
        side: "client",
        class: defect.class,
        description: defect.description,
        models: defect.models,
    });
    server.chain(client).collect()
}

/// Lists them.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let bugs = bugs();
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
