//! The subcommands: one line below and one file each.
//!
//! A file holds `pub struct Args` (its doc comment is the help text) and
//! `pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure>`.

use crate::cli::{Failure, Outcome};
use crate::output::Terminal;

/// From `Name(module)` lines: the module, the variant of [`Command`], and the call of its `run`.
macro_rules! subcommands {
    ($($(#[$doc:meta])* $name:ident($module:ident),)+) => {
        $($(#[$doc])* pub mod $module;)+

        /// A subcommand with its arguments.
        #[derive(Debug, clap::Subcommand)]
        pub enum Command {
            $(
                #[allow(missing_docs)] // the help text is the doc comment of the module's `Args`
                $name($module::Args),
            )+
        }

        impl Command {
            /// Runs it.
            pub fn run(self, terminal: &mut Terminal) -> Result<Outcome, Failure> {
                match self {
                    $(Self::$name(args) => $module::run(&args, terminal),)+
                }
            }
        }
    };
}

subcommands! {
    Decode(decode),
    Encode(encode),
    Hunt(hunt),
    Replay(replay),
    Bugs(bugs),
    Completions(completions),
    Serve(serve),
    Shell(shell),
}
