//! `lostmail decode FILE…`: captured bodies, whatever they are wrapped in, made readable.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::cli::{Failure, Outcome};
use crate::input::{self, Format, Source};
use crate::output::document::{self, Shape, Show};
use crate::output::{Terminal, json};

/// Show captured ActiveSync bodies as XML, JSON, tokens or a dump.
///
/// Takes raw WBXML, hex, dumps of xxd and its like, C arrays, base64, gzip, multipart responses,
/// whole HTTP messages, lines of server logs, and the query of a request line, and says on standard
/// error what it took the input for.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    lostmail decode body.wbxml\n  \
    pbpaste | lostmail decode --explain -\n  \
    lostmail decode --mode forensic --to dump broken.wbxml\n  \
    lostmail decode --json *.wbxml | jq .error\n  \
    echo 'jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A=' | lostmail decode -\n\n\
    Exit codes: 0 everything decoded, 1 forensic mode marked damage, 2 something could not be \
    decoded, or was cut or damaged on the way here.")]
pub struct Args {
    /// Files to decode; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How strictly to read.
    #[arg(long, value_enum, default_value_t = Mode::General)]
    mode: Mode,

    /// What the input is.
    #[arg(long, value_parser = formats(), default_value = Format::Auto.name())]
    from: Format,

    /// How to show it.
    #[arg(long, value_enum, default_value_t = Shape::Xml)]
    to: Shape,

    /// The same as `--to json`: one object per file and line, schema `lostmail/decode/1`.
    #[arg(long, conflicts_with = "to")]
    json: bool,

    /// Write the meaning of statuses, command codes, folder types and classes beside them.
    #[arg(long)]
    explain: bool,

    /// Do not say on standard error what the input was taken for.
    #[arg(short, long)]
    quiet: bool,

    /// Refuse inputs that are larger than this many bytes, or unpack to more.
    #[arg(long, value_name = "BYTES", default_value_t = input::SIZE_MAX)]
    limit: usize,
}

/// How strictly to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Any legal WBXML of the ActiveSync table, string tables included.
    General,
    /// MS-ASWBXML to the letter.
    Strict,
    /// Never gives up: keeps everything and marks the damage.
    Forensic,
}

impl From<Mode> for wbxml::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::General => Self::General,
            Mode::Strict => Self::Strict,
            Mode::Forensic => Self::Forensic,
        }
    }
}

/// The names of formats, with what they mean.
fn formats() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL.map(|(_, name, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(values).map(|wanted| {
        let named = Format::ALL.into_iter().find(|(_, name, _)| *name == wanted);
        named.map_or(Format::Auto, |(format, ..)| format)
    })
}

/// Decodes each file; the worst of them decides the exit code.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let mut limits = wbxml::Limits::default();
    limits.document = limits.document.max(args.limit);
    let show = Show {
        options: wbxml::Options { mode: args.mode.into(), limits, ..wbxml::Options::default() },
        shape: if args.json { Shape::Json } else { args.to },
        explain: args.explain,
        colour: terminal.colour(),
    };
    let mut outcome = Outcome::Clean;
    for (index, path) in args.files.iter().enumerate() {
        if terminal.is_closed() {
            break; // nobody reads on
        }
        let source = Source::from(path.as_path());
        if args.files.len() > 1 && show.shape != Shape::Json {
            let gap = if index > 0 { "\n" } else { "" };
            terminal.println(&format!("{gap}==> {source} <=="));
        }
        outcome = outcome.max(file(args, &show, &source, terminal));
    }
    Ok(outcome)
}

fn file(args: &Args, show: &Show, source: &Source, terminal: &mut Terminal) -> Outcome {
    let bytes = match input::read(source, args.limit) {
        Ok(bytes) => bytes,
        Err(error) => {
            terminal.error(&format!("{source}: {error}"));
            if show.shape == Shape::Json {
                terminal.println(&json::unreadable(source, &error.to_string()));
            }
            return Outcome::CouldNotRun;
        }
    };
    let found = match input::detect(&bytes, args.from, args.limit) {
        Ok(found) => found,
        Err(not_found) if args.mode == Mode::Forensic => {
            terminal.error(&format!("{source}: {not_found}; shown as if it were WBXML"));
            not_found.as_document()
        }
        Err(not_found) => {
            let mut message = format!("{source}: {not_found}");
            if let Some(hint) = &not_found.hint {
                message.push_str("\n  hint: ");
                message.push_str(hint);
            }
            terminal.error(&message);
            if show.shape == Shape::Json {
                terminal.println(&json::unreadable(source, &not_found.to_string()));
            }
            return Outcome::CouldNotRun;
        }
    };
    if args.from == Format::Auto && !args.quiet && !found.steps.is_empty() {
        terminal.note_to_user(&format!("{source}: taken for {}", found.steps.join(", ")));
    }
    document::show(show, source, &found, terminal)
}
