//! Arguments in, exit code out.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::output::Terminal;

/// Finds lost mail in Exchange ActiveSync: decodes what was captured, hunts for what was lost.
#[derive(Debug, Parser)]
#[command(
    name = "lostmail",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 clean, 1 something was found, 2 could not run.\n\
                  `lostmail help COMMAND` shows examples for a command."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The command line as clap knows it, for help and completions.
    pub fn definition() -> clap::Command {
        <Self as clap::CommandFactory>::command()
    }
}

/// How a command ended; the worst of several is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing to report: exit code 0.
    Clean,
    /// It ran, and found something: exit code 1.
    Found,
    /// It could not do what was asked, and has said why: exit code 2.
    CouldNotRun,
}

impl Outcome {
    /// The number given to the shell.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Found => 1,
            Self::CouldNotRun => 2,
        }
    }
}

/// Why a command could not run; told on standard error as `lostmail: MESSAGE`, with exit code 2.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure told in one sentence, without the program's name and without a full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Runs the program on the arguments of this process.
pub fn main() -> ExitCode {
    let mut terminal = Terminal::of_this_process();
    ExitCode::from(run(std::env::args_os(), &mut terminal).code())
}

/// Runs the program on the given arguments, the first of which is the program's name.
pub fn run<I>(args: I, terminal: &mut Terminal) -> Outcome
where
    I: IntoIterator,
    I::Item: Into<OsString> + Clone,
{
    let outcome = match Cli::try_parse_from(args) {
        Ok(cli) => match cli.command.run(terminal) {
            Ok(outcome) => outcome,
            Err(failure) => {
                terminal.error(&failure);
                Outcome::CouldNotRun
            }
        },
        Err(error) => usage(&error, terminal),
    };
    match terminal.finish() {
        Ok(()) => outcome,
        Err(error) => {
            terminal.error(&format!("cannot write to standard output: {error}"));
            Outcome::CouldNotRun
        }
    }
}

/// Help and version are answers; anything else is a command line that cannot run.
fn usage(error: &clap::Error, terminal: &mut Terminal) -> Outcome {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            terminal.print(&rendered(error, terminal.colour()));
            Outcome::Clean
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            terminal.eprint(&rendered(error, terminal.colour_of_errors()));
            Outcome::CouldNotRun
        }
        _ => {
            let text = rendered(error, false);
            terminal.error(&text.strip_prefix("error: ").unwrap_or(&text).trim_end());
            Outcome::CouldNotRun
        }
    }
}

fn rendered(error: &clap::Error, colour: bool) -> String {
    if colour { error.render().ansi().to_string() } else { error.render().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::definition().debug_assert();
    }

    #[test]
    fn the_worst_outcome_is_the_greatest() {
        assert_eq!(Outcome::Clean.max(Outcome::CouldNotRun), Outcome::CouldNotRun);
        assert_eq!(Outcome::Found.max(Outcome::Clean), Outcome::Found);
        assert_eq!(
            [Outcome::Clean, Outcome::Found, Outcome::CouldNotRun].map(Outcome::code),
            [0, 1, 2]
        );
    }
}
