//! The wrappings in which captured bytes are passed around, written plainly.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use std::fmt::Write as _;
use std::io::Write as _;

/// A wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrap {
    /// `03016a00`
    Hex,
    /// `03 01 6A 00`
    SpacedHex,
    /// `3 1 6a 0`
    UnpaddedHex,
    /// `0301 6a00`
    PairedHex,
    /// `03:01:6a:00`
    ColonHex,
    /// `00000000: 0301 6a00  ..j.`
    Xxd,
    /// `00000000  03 01 6a 00  |..j.|`, with `*` for lines that come again.
    Hexdump,
    /// `0000000 03 01 6a 00`, offsets in octal.
    Od,
    /// `0000   03 01 6a 00   ..j.`
    Wireshark,
    /// `{ 0x03, 0x01 };`
    CArray,
    /// `[3, 1, 106]`
    DecimalArray,
    /// `{ (byte) 0x03, -1 }`
    JavaArray,
    /// `"\x03\x01j"`
    Escapes,
    /// Base64, in one line.
    Base64,
    /// Base64 of the URL alphabet.
    UrlBase64,
    /// Base64 without padding, in lines of 76.
    LinedBase64,
    /// What a Windows shell makes of base64.
    Utf16Base64,
    /// A line of a Z-Push log.
    Log,
    Gzip,
    Multipart,
    /// A response with its length.
    Response,
    /// A response, chunked and compressed.
    ChunkedGzipResponse,
    /// A request with a query.
    Request,
}

use Wrap::{
    Base64, CArray, ChunkedGzipResponse, ColonHex, DecimalArray, Escapes, Gzip, Hex, Hexdump,
    JavaArray, LinedBase64, Log, Multipart, Od, PairedHex, Request, Response, SpacedHex,
    UnpaddedHex, UrlBase64, Utf16Base64, Wireshark, Xxd,
};

pub(super) const ALL: [Wrap; 23] = [
    Hex,
    SpacedHex,
    UnpaddedHex,
    PairedHex,
    ColonHex,
    Xxd,
    Hexdump,
    Od,
    Wireshark,
    CArray,
    DecimalArray,
    JavaArray,
    Escapes,
    Base64,
    UrlBase64,
    LinedBase64,
    Utf16Base64,
    Log,
    Gzip,
    Multipart,
    Response,
    ChunkedGzipResponse,
    Request,
];

impl Wrap {
    /// Whether a wrapping inside this one is looked for: parts of a multipart response and bodies
    /// in logs are documents; base64 and escapes hold bytes rather than other text.
    pub(super) fn takes(self, inner: Self) -> bool {
        match self {
            Log | Multipart => false,
            Escapes | Base64 | UrlBase64 | LinedBase64 | Utf16Base64 => {
                matches!(inner, Gzip | Multipart)
            }
            _ => true,
        }
    }

    /// How the search begins to call it.
    pub(super) fn step(self) -> &'static str {
        match self {
            Hex | SpacedHex | UnpaddedHex | PairedHex | ColonHex => "hex text",
            Xxd | Hexdump | Od | Wireshark => "a hex dump",
            CArray | DecimalArray | JavaArray => "an array",
            Escapes => "hex escapes",
            Base64 | UrlBase64 | LinedBase64 | Utf16Base64 => "base64 text",
            Log => "a log",
            Gzip => "gzip",
            Multipart => "a multipart response, 3 parts",
            Response | ChunkedGzipResponse => "HTTP response 200 OK",
            Request => "HTTP request POST /Microsoft-Server-ActiveSync",
        }
    }

    /// The wrapping around bytes.
    pub(super) fn around(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Hex => joined(bytes, "", |byte| format!("{byte:02x}")),
            SpacedHex => joined(bytes, " ", |byte| format!("{byte:02X}")) + "\n",
            UnpaddedHex => joined(bytes, " ", |byte| format!("{byte:x}")),
            PairedHex => pairs(bytes),
            ColonHex => joined(bytes, ":", |byte| format!("{byte:02x}")),
            Xxd => {
                lines(bytes, |at, line| format!("{at:08x}: {:<39}  {}", pairs(line), seen(line)))
            }
            Hexdump => hexdump(bytes),
            Od => {
                let line = |at, line: &[u8]| format!("{at:07o} {}", spaced(line));
                lines(bytes, line) + &format!("{:07o}\n", bytes.len())
            }
            Wireshark => {
                lines(bytes, |at, line| format!("{at:04x}   {:<47}   {}", spaced(line), seen(line)))
            }
            CArray => format!(
                "unsigned char body[] = {{\n  {}\n}};\nunsigned int body_len = {};\n",
                joined(bytes, ", ", |byte| format!("0x{byte:02x}")),
                bytes.len()
            ),
            DecimalArray => format!("[{}]", joined(bytes, ", ", |byte| byte.to_string())),
            JavaArray => {
                let item = |byte: u8| match byte.cast_signed() {
                    negative @ ..0 => negative.to_string(),
                    _ => format!("(byte) 0x{byte:02X}"),
                };
                format!("byte[] body = new byte[] {{ {} }};", joined(bytes, ", ", item))
            }
            Escapes => escapes(bytes),
            Base64 => STANDARD.encode(bytes) + "\n",
            UrlBase64 => URL_SAFE.encode(bytes),
            LinedBase64 => {
                let digits = STANDARD_NO_PAD.encode(bytes);
                let lines = digits.as_bytes().chunks(76).map(String::from_utf8_lossy);
                lines.map(|line| line.into_owned() + "\r\n").collect()
            }
            Utf16Base64 => {
                let digits = format!("\u{FEFF}{}", STANDARD.encode(bytes));
                return digits.encode_utf16().flat_map(u16::to_le_bytes).collect();
            }
            Log => format!(
                "22/11/2026 09:15:02 [ 2799] [WBXML] [ada] O  <Sync>\n\
                 22/11/2026 09:15:02 [ 2799] [WBXML] [ada] WBXML-OUT: {}\n",
                STANDARD.encode(bytes)
            ),
            Gzip => return gzip(bytes),
            Multipart => return super::multipart::write(&[bytes, b"\x89PNG", b""]),
            Response => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ms-sync.wbxml\r\n\
                     Content-Length: {}\r\n\r\n",
                    bytes.len()
                );
                return [head.as_bytes(), bytes].concat();
            }
            ChunkedGzipResponse => return chunked(&gzip(bytes)),
            Request => {
                let head = "POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=ada&DeviceId=x&\
                            DeviceType=y HTTP/1.1\r\nHost: mail.harbour.example\r\n\r\n";
                return [head.as_bytes(), bytes].concat();
            }
        }
        .into_bytes()
    }
}

fn joined(bytes: &[u8], between: &str, item: impl Fn(u8) -> String) -> String {
    bytes.iter().map(|&byte| item(byte)).collect::<Vec<_>>().join(between)
}

fn spaced(bytes: &[u8]) -> String {
    joined(bytes, " ", |byte| format!("{byte:02x}"))
}

fn pairs(bytes: &[u8]) -> String {
    let pairs = bytes.chunks(2).map(|pair| joined(pair, "", |byte| format!("{byte:02x}")));
    pairs.collect::<Vec<_>>().join(" ")
}

/// The column of characters.
fn seen(bytes: &[u8]) -> String {
    let shown = |&byte: &u8| if (b' '..=b'~').contains(&byte) { char::from(byte) } else { '.' };
    bytes.iter().map(shown).collect()
}

fn lines(bytes: &[u8], line: impl Fn(usize, &[u8]) -> String) -> String {
    let lines = bytes.chunks(16).enumerate();
    lines.map(|(number, bytes)| line(16 * number, bytes) + "\n").collect()
}

fn hexdump(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut above: &[u8] = &[];
    let mut squeezed = false;
    for (number, line) in bytes.chunks(16).enumerate() {
        if line == above {
            if !squeezed {
                out.push_str("*\n");
            }
            squeezed = true;
            continue;
        }
        (above, squeezed) = (line, false);
        let (left, right) = line.split_at(line.len().min(8));
        let hex = format!("{:<23}  {:<23}", spaced(left), spaced(right));
        let _ = writeln!(out, "{:08x}  {hex}  |{}|", 16 * number, seen(line));
    }
    let _ = writeln!(out, "{:08x}", bytes.len());
    out
}

fn escapes(bytes: &[u8]) -> String {
    let mut out = String::from("b\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out + "\""
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut out =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
    for chunk in bytes.chunks(100) {
        out.extend(format!("{:X}\r\n", chunk.len()).bytes());
        out.extend_from_slice(chunk);
        out.extend(b"\r\n");
    }
    out.extend(b"0\r\n\r\n");
    out
}
