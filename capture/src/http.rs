//! A whole HTTP message as text, as HTTP/1 sends it and tools show later versions: its head read,
//! its body unwrapped.

use crate::gzip;

/// Longer heads are not taken for HTTP.
const HEAD_MAX: usize = 64 << 10;

/// A message as it was captured.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    pub(crate) start: Start<'a>,
    headers: Vec<(&'a str, &'a str)>,
    /// What follows the empty line, as it stands.
    rest: &'a [u8],
}

/// The first line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start<'a> {
    Request { method: &'a str, target: &'a str },
    Response { status: u16, reason: &'a str },
}

/// The body without its wrappings, and what was found on the way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) notes: Vec<String>,
}

impl<'a> Message<'a> {
    /// Reads the head of a message, or says that this is none.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = split_head(bytes)?;
        let head = str::from_utf8(head).ok()?;
        let mut lines = head.lines();
        let start = Start::parse(lines.next()?)?;
        let mut headers: Vec<(&str, &str)> = Vec::new();
        for line in lines {
            if line.starts_with([' ', '\t']) {
                continue; // a folded line: obsolete, and of no header that matters here
            }
            let (name, value) = line.split_once(':')?;
            headers.push((name.trim(), value.trim()));
        }
        Some(Self { start, headers, rest })
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// One line that says what message it is.
    pub(crate) fn describe(&self) -> String {
        let start = match self.start {
            Start::Request { method, target } => {
                let path = target.split('?').next().unwrap_or(target);
                format!("HTTP request {method} {path}")
            }
            Start::Response { status, reason } => {
                format!("HTTP response {status} {reason}").trim_end().to_owned()
            }
        };
        match self.header("content-type") {
            Some(kind) => format!("{start} ({kind})"),
            None => start,
        }
    }

    /// The body with transfer and content encoding taken off. Capture tools often take them off
    /// and leave the headers, so the bytes are believed, not the headers.
    pub(crate) fn body(&self, limit: usize) -> Result<Body, String> {
        let mut notes = Vec::new();
        let mut bytes = self.transferred(&mut notes);
        let coding = self.header("content-encoding").unwrap_or_default().to_ascii_lowercase();
        if coding.contains("gzip") {
            if gzip::is_gzip(&bytes) {
                let unpacked = gzip::gunzip(&bytes, limit)?;
                notes.push(format!("gzip, {} to {} bytes", bytes.len(), unpacked.bytes.len()));
                notes.extend(unpacked.damage.map(|damage| format!("damaged gzip: {damage}")));
                bytes = unpacked.bytes;
            } else if !bytes.is_empty() {
                notes.push("not compressed, although a header says gzip".to_owned());
            }
        } else if coding.contains("deflate") && !bytes.is_empty() && bytes[0] > 3 {
            let unpacked = gzip::inflate(&bytes, limit)?;
            notes.push(format!("deflate, {} to {} bytes", bytes.len(), unpacked.bytes.len()));
            notes.extend(unpacked.damage.map(|damage| format!("damaged deflate: {damage}")));
            bytes = unpacked.bytes;
        } else if !coding.is_empty() && coding != "identity" && !coding.contains("deflate") {
            notes.push(format!("content encoding {coding}, which is not known here"));
        }
        Ok(Body { bytes, notes })
    }

    fn transferred(&self, notes: &mut Vec<String>) -> Vec<u8> {
        let chunked = self
            .header("transfer-encoding")
            .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
        if chunked {
            match dechunk(self.rest) {
                Some((bytes, complete)) => {
                    notes.push("chunked".to_owned());
                    if !complete {
                        notes.push("cut: the last chunk is missing".to_owned());
                    }
                    return bytes;
                }
                None => {
                    notes.push("not chunked, although a header says so".to_owned());
                }
            }
            return self.rest.to_vec();
        }
        let length = self.header("content-length").and_then(|value| value.parse::<usize>().ok());
        match length {
            Some(length) if length > self.rest.len() => {
                notes.push(format!("cut: {} of {length} bytes of the body", self.rest.len()));
            }
            Some(length) if length < self.rest.len() => {
                let after = &self.rest[length..];
                if !after.iter().all(u8::is_ascii_whitespace) {
                    notes.push(format!("{} bytes after the body are left out", after.len()));
                }
                return self.rest[..length].to_vec();
            }
            _ => {}
        }
        self.rest.to_vec()
    }
}

impl<'a> Start<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        // `curl -i` shows versions without a minor number, and no reason.
        if ["HTTP/1.", "HTTP/2 ", "HTTP/2.0 ", "HTTP/3 "].iter().any(|v| line.starts_with(v)) {
            let mut words = line.splitn(3, ' ');
            let status = words.nth(1)?.parse().ok()?;
            return Some(Self::Response { status, reason: words.next().unwrap_or("").trim() });
        }
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        (is_method && version.starts_with("HTTP/") && words.next().is_none())
            .then_some(Self::Request { method, target })
    }
}

/// Whether a note about a body says that some of it is missing or wrong.
pub(crate) fn is_damage(note: &str) -> bool {
    note.starts_with("cut: ") || note.starts_with("damaged ")
}

/// The head without its empty line, and what follows. A head that ends with the input is taken,
/// too: people paste heads alone.
fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let window = &bytes[..bytes.len().min(HEAD_MAX)];
    let mut line_start = 0;
    for (at, _) in window.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        let line = &window[line_start..at];
        if line.is_empty() || line == b"\r" {
            return Some((&bytes[..line_start], &bytes[at + 1..]));
        }
        line_start = at + 1;
    }
    (bytes.len() <= HEAD_MAX).then_some((bytes, &[]))
}

/// A chunked body, and whether its last chunk was there. `None` where it is not chunked at all.
fn dechunk(mut rest: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    loop {
        let Some(end) = rest.iter().take(64).position(|&byte| byte == b'\n') else {
            return (!bytes.is_empty()).then_some((bytes, false));
        };
        let line = str::from_utf8(&rest[..end]).ok()?.trim();
        let digits = line.split(';').next().unwrap_or(line).trim();
        let size = usize::from_str_radix(digits, 16).ok()?;
        rest = &rest[end + 1..];
        if size == 0 {
            return Some((bytes, true));
        }
        let taken = size.min(rest.len());
        bytes.extend_from_slice(&rest[..taken]);
        if taken < size {
            return Some((bytes, false));
        }
        rest = &rest[taken..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(message: &[u8]) -> Body {
        Message::parse(message).unwrap().body(1000).unwrap()
    }

    #[test]
    fn reads_both_kinds_of_first_line() {
        let request = b"POST /Microsoft-Server-ActiveSync?Cmd=Sync HTTP/1.1\r\nHost: x\r\n\r\nabc";
        let message = Message::parse(request).unwrap();
        assert_eq!(message.describe(), "HTTP request POST /Microsoft-Server-ActiveSync");
        assert_eq!(message.header("HOST"), Some("x"));
        assert_eq!(body(request).bytes, b"abc");

        let response = b"HTTP/1.1 200 OK\nContent-Type: application/vnd.ms-sync.wbxml\n\nabc";
        assert_eq!(
            Message::parse(response).unwrap().describe(),
            "HTTP response 200 OK (application/vnd.ms-sync.wbxml)"
        );
        assert_eq!(
            Message::parse(b"HTTP/1.1 401\r\n\r\n").unwrap().describe(),
            "HTTP response 401"
        );
        for line in ["HTTP/2 200 ", "HTTP/2 200", "HTTP/3 200 ", "HTTP/2.0 200"] {
            let response = format!("{line}\r\ncontent-length: 3\r\n\r\nabc");
            let message = Message::parse(response.as_bytes()).unwrap();
            assert_eq!(message.describe(), "HTTP response 200");
            assert_eq!(body(response.as_bytes()).bytes, b"abc");
        }
    }

    #[test]
    fn what_is_no_message_is_none() {
        for bytes in [
            &b""[..],
            b"hello world HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\nno header\r\n\r\n",
            b"HTTP/1.1 abc\r\n\r\n",
            b"HTTP/2\r\n\r\n",
            b"HTTP/2 is fast\r\n\r\n",
            b"\x03\x01\x6A\x00",
            b"Subject: x\n\nPOST / HTTP/1.1",
        ] {
            assert_eq!(Message::parse(bytes), None);
        }
    }

    #[test]
    fn chunks_are_joined() {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let with = |rest: &[u8]| body(&[head, rest].concat());
        assert_eq!(with(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").bytes, b"abcde");
        let cut = with(b"3\r\nabc\r\n8\r\nde");
        assert_eq!((cut.bytes.as_slice(), cut.notes.len()), (&b"abcde"[..], 2));
        let huge = with(b"FFFFFFFFFFFFFFFF\r\nabc");
        assert_eq!(huge.bytes, b"abc");
        let not = with(b"\x03\x01\x6A\x00\x45\x01");
        assert_eq!(not.bytes, b"\x03\x01\x6A\x00\x45\x01");
        assert_eq!(not.notes, ["not chunked, although a header says so"]);
    }

    #[test]
    fn the_length_is_compared_with_what_is_there() {
        let with = |length: &str| {
            body(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nabcd").as_bytes())
        };
        assert_eq!(with("4"), Body { bytes: b"abcd".to_vec(), notes: vec![] });
        assert_eq!(with("9").notes, ["cut: 4 of 9 bytes of the body"]);
        assert_eq!(with("2").notes, ["2 bytes after the body are left out"]);
        assert_eq!(with("2").bytes, b"ab");
        assert_eq!(with("-1").bytes, b"abcd");
    }

    #[test]
    fn headers_of_encodings_that_are_off_already_do_no_harm() {
        let body =
            body(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x03\x01\x6A\x00\x45\x01");
        assert_eq!(body.bytes[0], 3);
        assert_eq!(body.notes, ["not compressed, although a header says gzip"]);
    }
}
