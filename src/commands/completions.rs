//! `lostmail completions SHELL`: a completion script for a shell.

use clap_complete::Shell;

use crate::cli::{Cli, Failure, Outcome};
use crate::output::Terminal;

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    lostmail completions bash > ~/.local/share/bash-completion/completions/lostmail\n  \
    lostmail completions zsh > ~/.zfunc/_lostmail\n  \
    lostmail completions fish > ~/.config/fish/completions/lostmail.fish")]
pub struct Args {
    /// The shell to print it for.
    shell: Shell,
}

/// Prints the script.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::definition(), "lostmail", &mut script);
    terminal.print_bytes(&script);
    Ok(Outcome::Clean)
}
