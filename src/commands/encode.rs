//! `lostmail encode FILE`: XML to WBXML.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;

use crate::cli::{Failure, Outcome};
use crate::input::{self, Source};
use crate::output::{Terminal, document};

/// Turn XML back into WBXML.
///
/// Takes the XML that `lostmail decode` prints, and the XML of the specification and of server logs
/// with the same namespaces.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    lostmail encode request.xml -o request.wbxml\n  \
    lostmail decode --quiet body.wbxml | lostmail encode --hex -\n  \
    echo '<Ping xmlns=\"Ping\"/>' | lostmail encode --base64 -")]
pub struct Args {
    /// The file to encode; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What the input is.
    #[arg(long, value_enum, default_value_t = From::Xml)]
    from: From,

    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write hex text instead of bytes.
    #[arg(long, conflicts_with = "base64")]
    hex: bool,

    /// Write base64 text instead of bytes.
    #[arg(long)]
    base64: bool,

    /// Refuse inputs that are larger than this many bytes.
    #[arg(long, value_name = "BYTES", default_value_t = input::SIZE_MAX)]
    limit: usize,
}

/// What can be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum From {
    /// XML with the namespaces of MS-ASWBXML.
    Xml,
}

/// Encodes the file.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let source = Source::from(args.file.as_path());
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("{source}: {error}"));
    let bytes = input::read(&source, args.limit).map_err(|error| failed(&error))?;
    let text = input::decode_text(&bytes).ok_or_else(|| failed(&"not text, so not XML"))?;
    let body = match args.from {
        From::Xml => document::encode(&text).map_err(|error| failed(&error))?,
    };
    let written = if args.hex {
        hex(&body).into_bytes()
    } else if args.base64 {
        (STANDARD.encode(&body) + "\n").into_bytes()
    } else {
        body
    };
    match &args.output {
        Some(path) => fs::write(path, &written).map_err(|error| {
            Failure::new(format!("{}: cannot be written: {error}", path.display()))
        })?,
        None if !args.hex && !args.base64 && terminal.is_terminal() => {
            return Err(Failure::new(
                "bytes on a terminal help nobody: redirect them, or use -o, --hex or --base64",
            ));
        }
        None => terminal.print_bytes(&written),
    }
    Ok(Outcome::Clean)
}

/// Sixteen bytes a line.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 * bytes.len());
    for line in bytes.chunks(16) {
        for (index, byte) in line.iter().enumerate() {
            text.push_str(if index > 0 { " " } else { "" });
            let _ = write!(text, "{byte:02X}");
        }
        text.push('\n');
    }
    text
}
