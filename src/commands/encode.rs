//! `lostmail encode FILE`: XML to WBXML.

use std::borrow::Cow;
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
/// with the same namespaces, in UTF-8, UTF-16, US-ASCII or ISO-8859-1.
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
    let text = xml_text(&bytes).map_err(|error| failed(&error))?;
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

/// XML as text, in the encoding that a byte order mark or its declaration names.
fn xml_text(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return input::decode_text(bytes).ok_or_else(|| "not text, so not XML: no UTF-16".to_owned());
    }
    let name = declared_encoding(bytes).unwrap_or_default().to_ascii_lowercase();
    let (name, bad) = match name.as_str() {
        "" | "utf-8" | "utf8" => ("UTF-8", None),
        "us-ascii" | "ascii" => ("US-ASCII", bytes.iter().position(|byte| !byte.is_ascii())),
        _ if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) => {
            return Err(format!("the byte order mark says UTF-8, the declaration {name:?}"));
        }
        "iso-8859-1" | "latin1" | "latin-1" => {
            return Ok(Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()));
        }
        "utf-16" | "utf-16le" | "utf-16be" => {
            return Err("the declaration says UTF-16, but there is no byte order mark".to_owned());
        }
        _ => {
            return Err(format!(
                "encoding {name:?} is not read: UTF-8, UTF-16, US-ASCII and ISO-8859-1 are"
            ));
        }
    };
    let bad = bad.or_else(|| str::from_utf8(bytes).err().map(|error| error.valid_up_to()));
    match (bad, input::decode_text(bytes)) {
        (None, Some(text)) => Ok(text),
        (at, _) => {
            let at = at.unwrap_or_default();
            Err(format!("not text, so not XML: no {name} at offset {at:#x}"))
        }
    }
}

/// The encoding that an XML declaration names, where it begins a text of one byte a character.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).strip_prefix(b"<?xml")?;
    let declaration = &bytes[..bytes.len().min(200)];
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = str::from_utf8(&declaration[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_encoding_counts() {
        let with = |encoding: &str, rest: &[u8]| {
            let declaration = format!("<?xml version='1.0' encoding='{encoding}'?>");
            let bytes = [declaration.as_bytes(), rest].concat();
            xml_text(&bytes).map(|text| text.split_once("?>").unwrap().1.to_owned())
        };
        assert_eq!(with("UTF-8", "é".as_bytes()).unwrap(), "é");
        assert_eq!(with("ISO-8859-1", b"\xe9").unwrap(), "é");
        assert_eq!(with("iso-8859-1", "é".as_bytes()).unwrap(), "Ã©");
        assert_eq!(with("us-ascii", b"e").unwrap(), "e");
        assert!(with("US-ASCII", "é".as_bytes()).unwrap_err().contains("no US-ASCII at offset 0x29"));
        assert!(with("utf-8", b"a\xff").unwrap_err().contains("no UTF-8 at offset 0x27"));
        assert!(with("windows-1252", b"a").unwrap_err().contains("\"windows-1252\" is not read"));
        assert!(with("utf-16", b"a").unwrap_err().contains("byte order mark"));
        let wide: Vec<u8> =
            "\u{FEFF}<?xml encoding='utf-16'?>é".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(xml_text(&wide).unwrap().ends_with('é'));
        assert_eq!(xml_text(b"<a/>").unwrap(), "<a/>");
        let both = b"\xef\xbb\xbf<?xml version='1.0' encoding='latin1'?><a/>";
        assert!(xml_text(both).unwrap_err().contains("says UTF-8, the declaration \"latin1\""));
        assert!(xml_text(b"\xff\xfea").is_err());
    }
}
