//! Peels one wrapping after the other off the input, until it is WBXML or nothing known.

use std::borrow::Cow;
use std::fmt;

use crate::http::Start;
use crate::stuck::{Stuck, no_base64, no_version, undecoded};
use crate::text;
use crate::{Multipart, base64, foreign, gzip, hex, http, log, query};

/// How many wrappings are taken off one input: a log line with base64 of a gzipped multipart
/// response is three.
pub const NESTING_MAX: usize = 6;

/// How many bytes of one input are taken, and to how many it may unpack, unless told otherwise:
/// 64 MiB. A real server answers with less than 10 MB.
pub const SIZE_MAX: usize = 64 << 20;

/// What the input is said to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Found out by looking.
    #[default]
    Auto,
    /// WBXML as it goes over the wire.
    Wbxml,
    /// Hex, dumps, arrays in source code.
    Hex,
    /// Base64 text.
    Base64,
    /// A multipart response of ItemOperations.
    Multipart,
    /// The query of a request line, base64 or plain.
    Query,
}

impl Format {
    /// Each format with its name and what it is, in words.
    pub const ALL: [(Self, &str, &str); 6] = [
        (Self::Auto, "auto", "Found out by looking"),
        (Self::Wbxml, "wbxml", "WBXML as it goes over the wire"),
        (Self::Hex, "hex", "Hex, dumps, arrays in source code"),
        (Self::Base64, "base64", "Base64 text"),
        (Self::Multipart, "multipart", "A multipart response of ItemOperations"),
        (Self::Query, "query", "The query of a request line, base64 or plain"),
    ];

    /// The name: `auto`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, ..)| *format == self).map_or("", |(_, name, _)| name)
    }
}

/// What was found in an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What the input was taken for, from the outside to the inside, in words.
    pub steps: Vec<String>,
    /// What is in it, in order.
    pub parts: Vec<Part>,
    /// What is wrong with the wrapping, also named in `steps`: a body that was cut, a checksum that
    /// does not fit. What is in the parts may be wrong or not all.
    pub damage: Vec<String>,
}

/// One thing found in an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it was, if that has a name: `part 1`, `line 17 (WBXML-OUT)`, `request line`.
    pub label: Option<String>,
    /// The thing itself.
    pub content: Content,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A WBXML document, or what passes for one.
    Wbxml(Vec<u8>),
    /// The query of a request line, in either form; base64 in the standard alphabet and padded.
    Query(String),
    /// Bytes that belong to a document: an attachment of a multipart response.
    Bytes(Vec<u8>),
}

/// Why there is nothing to decode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound {
    /// What was taken off before it got stuck.
    pub steps: Vec<String>,
    /// What it is instead, or what is wrong with it.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The bytes that it got stuck on.
    pub bytes: Vec<u8>,
}

impl NotFound {
    /// What it got stuck on, as if it were a document: for forensic mode, which never gives up.
    pub fn as_document(&self) -> Found {
        let part = Part { label: None, content: Content::Wbxml(self.bytes.clone()) };
        Found { steps: self.steps.clone(), parts: vec![part], damage: Vec::new() }
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            write!(f, "{step}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for NotFound {}

/// Finds what is in `bytes`, unpacking to at most `limit` bytes at a time.
///
/// With a format other than [`Format::Auto`] the outermost wrapping is not guessed; what is inside
/// hex and base64 still is, and passes for WBXML where it is nothing known.
///
/// ```
/// use activesync_capture::{Content, Format, SIZE_MAX, detect};
///
/// let found = detect(b"AwFqAEUB", Format::Auto, SIZE_MAX).unwrap();
/// assert_eq!(found.steps, ["base64 text, 6 bytes", "WBXML"]);
/// let error = detect(b"<html><body>It works!", Format::Auto, SIZE_MAX).unwrap_err();
/// assert_eq!(error.what, "HTML: a web page");
/// ```
pub fn detect(bytes: &[u8], format: Format, limit: usize) -> Result<Found, NotFound> {
    let mut search = Search { found: Found::default(), limit };
    match search.take(bytes, format) {
        Ok(()) => Ok(search.found),
        Err(Stuck { what, hint, bytes }) => {
            Err(NotFound { steps: search.found.steps, what, hint, bytes })
        }
    }
}

struct Search {
    found: Found,
    limit: usize,
}

/// What is left after one wrapping: other bytes to look at, or nothing.
enum Next {
    Inside(Vec<u8>),
    Done,
}

impl Search {
    fn take(&mut self, bytes: &[u8], format: Format) -> Result<(), Stuck> {
        let mut next = match format {
            Format::Auto => self.unwrap(bytes)?,
            Format::Wbxml => {
                self.document(None, bytes);
                Next::Done
            }
            Format::Hex => {
                let text =
                    decode_text(bytes).ok_or_else(|| Stuck::new("not text, so not hex", bytes))?;
                let (spelling, inside) = match hex::detect(&text, self.limit) {
                    Some(found) => found,
                    None => (
                        hex::Spelling::Plain,
                        hex::plain(&text)
                            .map_err(|why| Stuck::new(format!("not hex: {why}"), bytes))?,
                    ),
                };
                self.step(spelling.name(), inside.len());
                self.known_inside(&inside)?
            }
            Format::Base64 => {
                let text = decode_text(bytes)
                    .ok_or_else(|| Stuck::new("not text, so not base64", bytes))?;
                let inside = base64::decode(&text)
                    .map_err(|why| Stuck::new(format!("not base64: {why}"), bytes))?;
                self.step("base64 text", inside.len());
                self.known_inside(&inside)?
            }
            Format::Multipart => {
                self.multipart(bytes)?;
                Next::Done
            }
            Format::Query => {
                let text = decode_text(bytes)
                    .ok_or_else(|| Stuck::new("not text, so not a query", bytes))?;
                let text = text.trim();
                let query = query::in_word(text).or_else(|| query::in_line(text)).unwrap_or(text);
                self.query(None, query.strip_prefix('?').unwrap_or(query));
                Next::Done
            }
        };
        for _ in 1..NESTING_MAX {
            match next {
                Next::Done => return Ok(()),
                Next::Inside(bytes) => next = self.unwrap(&bytes)?,
            }
        }
        match next {
            Next::Done => Ok(()),
            Next::Inside(bytes) => {
                Err(Stuck::new(format!("wrapped more than {NESTING_MAX} times"), &bytes))
            }
        }
    }

    /// What the user called hex or base64 is a document if it is nothing else.
    fn known_inside(&mut self, inside: &[u8]) -> Result<Next, Stuck> {
        let steps = self.found.steps.len();
        match self.unwrap(inside) {
            Err(_) if !inside.is_empty() => {
                self.found.steps.truncate(steps);
                self.document(None, inside);
                Ok(Next::Done)
            }
            result => result,
        }
    }

    /// Takes one wrapping off.
    fn unwrap(&mut self, bytes: &[u8]) -> Result<Next, Stuck> {
        if bytes.is_empty() {
            return Err(Stuck::new("empty: no bytes to decode", bytes).hint(
                "an empty body is legal for Sync and Ping (\"as last time\") and as the answer to \
                 SendMail, SmartReply and SmartForward",
            ));
        }
        if gzip::is_gzip(bytes) {
            let unpacked = gzip::gunzip(bytes, self.limit)
                .map_err(|why| Stuck::new(format!("gzip: {why}"), bytes))?;
            self.step("gzip", unpacked.bytes.len());
            if let Some(damage) = unpacked.damage {
                if unpacked.bytes.is_empty() {
                    return Err(Stuck::new(format!("damaged: {damage}"), bytes));
                }
                self.damage(format!("damaged gzip: {damage}"));
            }
            return Ok(Next::Inside(unpacked.bytes));
        }
        if Multipart::looks_like(bytes) {
            self.multipart(bytes)?;
            return Ok(Next::Done);
        }
        if let Some(message) = http::Message::parse(bytes) {
            return self.message(&message);
        }
        if bytes[0] <= 3 {
            self.document(None, bytes);
            return Ok(Next::Done);
        }
        match decode_text(bytes) {
            Some(text) => self.text(&text),
            None => Err(match foreign::binary(bytes) {
                Some(name) => Stuck::new(format!("not WBXML but {name}"), bytes),
                None => no_version(bytes),
            }),
        }
    }

    fn text(&mut self, text: &str) -> Result<Next, Stuck> {
        if text.trim().is_empty() {
            return Err(Stuck::new("only white space", text.as_bytes()));
        }
        if let Some(query) = query::in_word(text) {
            self.query(None, query);
            return Ok(Next::Done);
        }
        if let Some((spelling, inside)) = hex::detect(text, self.limit) {
            self.step(spelling.name(), inside.len());
            return Ok(Next::Inside(inside));
        }
        if let Some((name, hint)) = foreign::text(text) {
            return Err(Stuck::new(name, text.as_bytes()).hint(hint));
        }
        if let Some(name) = foreign::binary(text.as_bytes()) {
            return Err(Stuck::new(format!("not WBXML but {name}"), text.as_bytes()));
        }
        if let Some(inside) = base64::document(text) {
            self.step("base64 text", inside.len());
            return Ok(Next::Inside(inside));
        }
        if base64::looks_like(text) {
            let inside = base64::decode(text).map_err(|why| no_base64(text, &why))?;
            if inside[0] <= 3 || gzip::is_gzip(&inside) || Multipart::looks_like(&inside) {
                self.step("base64 text", inside.len());
                return Ok(Next::Inside(inside));
            }
        }
        if self.log(text) {
            return Ok(Next::Done);
        }
        Err(undecoded(text))
    }

    /// Bodies and queries in the lines of a log; false where there are none.
    fn log(&mut self, text: &str) -> bool {
        let (bodies, more) = log::bodies(text);
        if bodies.is_empty() {
            return false;
        }
        let documents =
            bodies.iter().filter(|body| matches!(body.content, log::Content::Document(_)));
        self.found
            .steps
            .push(format!("a log, {}", text::count(documents.count(), "WBXML document")));
        if more {
            self.found.steps.push(format!("only the first {} are decoded", log::BODIES_MAX));
        }
        for body in bodies {
            let mut label = if body.label.is_empty() {
                format!("line {}", body.line)
            } else {
                format!("line {} ({})", body.line, text::safe(&body.label))
            };
            if let log::Content::Query(query) = &body.content {
                for note in query::no_text(query) {
                    label.push_str(", with ");
                    label.push_str(&note);
                }
            }
            let content = match body.content {
                log::Content::Document(bytes) => Content::Wbxml(bytes),
                log::Content::Query(query) => Content::Query(query::standard(&query).into_owned()),
            };
            self.found.parts.push(Part { label: Some(label), content });
        }
        true
    }

    fn damage(&mut self, what: String) {
        self.found.steps.push(what.clone());
        self.found.damage.push(what);
    }

    fn message(&mut self, message: &http::Message<'_>) -> Result<Next, Stuck> {
        self.found.steps.push(text::safe(&message.describe()));
        if let Start::Request { target, .. } = message.start
            && let Some((_, query)) = target.split_once('?')
            && query::is_query(query)
        {
            self.query(Some("request line"), query);
        }
        let body = message.body(self.limit).map_err(|why| Stuck::new(why, &[]))?;
        for note in body.notes {
            if http::is_damage(&note) {
                self.damage(note);
            } else {
                self.found.steps.push(note);
            }
        }
        if body.bytes.is_empty() {
            self.found.steps.push("no body".to_owned());
            return Ok(Next::Done);
        }
        let kind = message.header("content-type").unwrap_or_default().to_ascii_lowercase();
        if kind.contains("vnd.ms-sync.multipart") {
            self.multipart(&body.bytes)?;
            return Ok(Next::Done);
        }
        if kind.contains("message/rfc822") {
            self.found.steps.push("a mail in MIME form, which is no WBXML".to_owned());
            return Ok(Next::Done);
        }
        Ok(Next::Inside(body.bytes))
    }

    fn multipart(&mut self, bytes: &[u8]) -> Result<(), Stuck> {
        let multipart = Multipart::parse(bytes)
            .map_err(|error| Stuck::new(format!("a multipart response: {error}"), bytes))?;
        // Parts may overlap: a table of a few kilobytes can ask for the same megabytes again and
        // again.
        let size =
            multipart.parts.iter().fold(0, |sum: usize, part| sum.saturating_add(part.len()));
        if size > self.limit.max(bytes.len()) {
            let what = format!(
                "a multipart response: its parts overlap and unpack to more than the limit of {} \
                 bytes",
                self.limit
            );
            return Err(Stuck::new(what, bytes));
        }
        self.found
            .steps
            .push(format!("a multipart response, {}", text::count(multipart.parts.len(), "part")));
        if multipart.unused > 0 {
            self.found
                .steps
                .push(format!("{} belong to no part", text::count(multipart.unused, "byte")));
        }
        for (number, range) in multipart.parts.into_iter().enumerate() {
            let bytes = bytes[range].to_vec();
            self.found.parts.push(Part {
                label: Some(format!("part {number}")),
                content: if number == 0 { Content::Wbxml(bytes) } else { Content::Bytes(bytes) },
            });
        }
        Ok(())
    }

    fn document(&mut self, label: Option<String>, bytes: &[u8]) {
        self.found.steps.push("WBXML".to_owned());
        self.found.parts.push(Part { label, content: Content::Wbxml(bytes.to_vec()) });
    }

    fn query(&mut self, label: Option<&str>, query: &str) {
        let form = if query.contains('&') { "plain" } else { "base64" };
        self.found.steps.push(format!("a request's query, {form} form"));
        self.found.steps.extend(query::no_text(query));
        self.found.parts.push(Part {
            label: label.map(str::to_owned),
            content: Content::Query(query::standard(query).into_owned()),
        });
    }

    fn step(&mut self, what: &str, size: usize) {
        self.found.steps.push(format!("{what}, {}", text::count(size, "byte")));
    }
}

/// An input as text: UTF-8 with or without a byte order mark, or UTF-16 with one, as a shell of
/// Windows writes it.
pub fn decode_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, odd) = rest.as_chunks::<2>();
        let text = String::from_utf16(&units.iter().map(|pair| unit(*pair)).collect::<Vec<_>>());
        text.ok().filter(|_| odd.is_empty()).map(Cow::Owned)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => str::from_utf8(rest).ok().map(Cow::Borrowed),
        _ => str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const DOCUMENT: &[u8] = &[3, 1, 0x6A, 0, 0x45, 0x5C, 0x4F, 0x4B, 3, 0x30, 0, 1, 1, 1, 1];

    fn auto(bytes: &[u8]) -> Result<Found, NotFound> {
        detect(bytes, Format::Auto, 1000)
    }

    #[track_caller]
    fn finds_the_document(bytes: &[u8], steps: &[&str]) {
        let found = auto(bytes).unwrap();
        assert_eq!(found.steps, steps);
        assert_eq!(found.parts.len(), 1);
        assert_eq!(found.parts[0].content, Content::Wbxml(DOCUMENT.to_vec()));
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn in_response(headers: &str, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
    }

    fn multipart(document: &[u8]) -> Vec<u8> {
        let length = u32::try_from(document.len()).unwrap();
        let table = [2, 20, length, 20 + length, 3].map(u32::to_le_bytes).concat();
        [&table, document, b"abc"].concat()
    }

    #[test]
    fn one_wrapping() {
        finds_the_document(DOCUMENT, &["WBXML"]);
        finds_the_document(
            b"03 01 6A 00 45 5C 4F 4B 03 30 00 01 01 01 01\n",
            &["hex text, 15 bytes", "WBXML"],
        );
        finds_the_document(b"AwFqAEVcT0sDMAABAQEB\n", &["base64 text, 15 bytes", "WBXML"]);
        finds_the_document(&gzipped(DOCUMENT), &["gzip, 15 bytes", "WBXML"]);
        finds_the_document(
            &in_response("Content-Type: application/vnd.ms-sync.wbxml\r\n", DOCUMENT),
            &["HTTP response 200 OK (application/vnd.ms-sync.wbxml)", "WBXML"],
        );
        finds_the_document(
            b"\xFF\xFEA\0w\0F\0q\0A\0E\0V\0c\0T\x000\0s\0D\0M\0A\0A\0B\0A\0Q\0E\0B\0",
            &["base64 text, 15 bytes", "WBXML"],
        );
    }

    #[test]
    fn base64_may_lack_its_padding() {
        let short = [3, 1, 0x6A, 0, 0x23];
        for text in [&b"AwFqACM="[..], b"AwFqACM", b" \"AwFqACM\"\n"] {
            let found = auto(text).unwrap();
            assert_eq!(found.steps, ["base64 text, 5 bytes", "WBXML"]);
            assert_eq!(found.parts[0].content, Content::Wbxml(short.to_vec()));
        }
        // Too short for a document, or no header of one, or not base64.
        for text in [&b"AwFq"[..], b"AwFqAA", b"Awesome", b"AwFqA=M", b"AwFqAC!"] {
            assert!(auto(text).is_err());
        }
        let query = b"jQMJCBBgMOo4NRIhymNelU6Z7jHTBDzZUJwLV2luZG93c01haWwHAQE";
        for format in [Format::Auto, Format::Query] {
            let found = detect(query, format, 1000).unwrap();
            let Content::Query(query) = &found.parts[0].content else { panic!("{found:?}") };
            assert_eq!(
                activesync::http::RequestLine::parse(query).unwrap().device_type,
                "WindowsMail"
            );
        }
    }

    #[test]
    fn wrappings_in_wrappings() {
        let gzip = gzipped(DOCUMENT);
        finds_the_document(
            &in_response("Content-Encoding: gzip\r\n", &gzip),
            &["HTTP response 200 OK", &format!("gzip, {} to 15 bytes", gzip.len()), "WBXML"],
        );
        let found = auto(&in_response(
            "Content-Type: application/vnd.ms-sync.multipart\r\n",
            &multipart(DOCUMENT),
        ))
        .unwrap();
        assert_eq!(found.parts.len(), 2);
        assert_eq!(found.parts[1].content, Content::Bytes(b"abc".to_vec()));
        assert_eq!(found.parts[1].label.as_deref(), Some("part 1"));
        assert_eq!(auto(&multipart(DOCUMENT)).unwrap().parts, found.parts);
    }

    #[test]
    fn parts_that_overlap_cannot_multiply_the_input_without_bound() {
        let count = 100_u32;
        let mut bytes = count.to_le_bytes().to_vec();
        for _ in 0..count {
            bytes.extend([804_u32, 900].map(u32::to_le_bytes).concat());
        }
        bytes.resize(804 + 900, 3);
        assert_eq!(Multipart::parse(&bytes).unwrap().parts.len(), 100);
        assert!(auto(&bytes).unwrap_err().what.contains("limit of 1000 bytes"));
        assert_eq!(detect(&bytes, Format::Auto, 90_000).unwrap().parts.len(), 100);
    }

    #[test]
    fn wrapping_has_an_end() {
        let mut bytes = DOCUMENT.to_vec();
        for _ in 0..NESTING_MAX + 3 {
            bytes = gzipped(&bytes);
        }
        assert!(auto(&bytes).unwrap_err().what.contains("more than 6 times"));
    }

    #[test]
    fn a_request_gives_its_query_too() {
        let request = b"POST /Microsoft-Server-ActiveSync?jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A= HTTP/1.1\r\nHost: x\r\n\r\n";
        let found = auto(request).unwrap();
        assert!(matches!(&found.parts[..], [Part { content: Content::Query(query), .. }]
            if query == "jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A="));
        assert_eq!(found.steps.last().map(String::as_str), Some("no body"));
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        let query = "oRYJBBAwMTIzNDU2Nzg5YWJjZGVmAAJX/2MBYQ==";
        let found = auto(query.as_bytes()).unwrap();
        assert_eq!(
            found.steps,
            ["a request's query, base64 form", "a device type that is no UTF-8: 57 FF"]
        );
        let line = format!("x\n1.2.3.4 POST /Microsoft-Server-ActiveSync?{query} 200\n");
        assert_eq!(
            auto(line.as_bytes()).unwrap().parts[0].label.as_deref(),
            Some("line 2 (query), with a device type that is no UTF-8: 57 FF")
        );
    }

    #[test]
    fn what_is_not_wbxml_is_named() {
        for (bytes, what) in [
            (&b""[..], "empty: no bytes to decode"),
            (b"  \n", "only white space"),
            (b"<html><h1>403</h1>", "HTML: a web page"),
            (b"%PDF-1.7\n", "not WBXML but a PDF document"),
            (b"\x89PNG\r\n\x1a\n\0\0", "not WBXML but a PNG image"),
            (
                b"\xFE\x01\xFE\x02",
                "not WBXML: 0xfe at offset 0x0 is no version of WBXML (the first bytes are FE 01 FE 02)",
            ),
            (b"hello, world", "text that is neither hex nor base64 nor a log with bodies in it"),
        ] {
            assert_eq!(auto(bytes).unwrap_err().what, what);
        }
        let login = in_response("Content-Type: text/html\r\n", b"<html>Please log in</html>");
        assert_eq!(
            auto(&login).unwrap_err().to_string(),
            "HTTP response 200 OK (text/html): HTML: a login page"
        );
    }

    #[test]
    fn hex_and_base64_of_something_else_are_named() {
        for (bytes, error) in [
            (
                "04016a0005",
                "hex text, 5 bytes: not WBXML: 0x04 at offset 0x0 is no version of WBXML (the first bytes are 04 01 6A 00 05)",
            ),
            (
                "04016a0085",
                "hex text, 5 bytes: not WBXML: 0x04 at offset 0x0 is no version of WBXML (the first bytes are 04 01 6A 00 85)",
            ),
            (
                "SGVsbG8gd29ybGQhISEh",
                "text that could be base64 of 15 bytes, but they are text, not WBXML",
            ),
            (
                "BAFqAEVcT0sD",
                "text that could be base64 of 9 bytes, but they are not WBXML: 0x04 at offset 0x0 is no version of WBXML (the first bytes are 04 01 6A 00 45 5C 4F 4B)",
            ),
            ("iVBORw0KGgoAAAAN", "text that could be base64 of 12 bytes, but they are a PNG image"),
            (
                "03016a000",
                "text that looks like hex but is not: a group of 9 hex digits: an odd number",
            ),
            (
                "03016a00012",
                "text that looks like hex but is not: a group of 11 hex digits: an odd number",
            ),
            (
                "AwFqAAAHVkwDO",
                "text that looks like base64 but is not: 13 base64 digits: the last one stands alone, so text is missing",
            ),
            (
                "hello there world",
                "text that is neither hex nor base64 nor a log with bodies in it",
            ),
        ] {
            assert_eq!(auto(bytes.as_bytes()).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn dumps_that_cannot_be_read_say_what_can() {
        for text in [
            "0000000    3    1  106    0\n0000004\n", // od -td1
            "0000000 003 001   j  \\0\n0000004\n",    // od -c
            "00000000: 00000011 00000001 01101010  ..j\n00000003: 00000001  .\n", // xxd -b
            "0000000 03 01 6a 00\n0000020 45 01\n",   // bytes are missing
        ] {
            let error = auto(text.as_bytes()).unwrap_err();
            assert!(error.what.starts_with("a dump that cannot be read"), "{error}");
            assert!(error.hint.unwrap().contains("od -An"));
        }
        for text in ["", "000000", "hello 0000000", "0000 03", "0000001 03"] {
            assert!(!hex::begins_as_dump(text), "{text}");
        }
    }

    #[test]
    fn a_format_that_was_given_is_not_guessed() {
        assert_eq!(
            detect(b"hello", Format::Wbxml, 100).unwrap().parts[0].content,
            Content::Wbxml(b"hello".to_vec())
        );
        assert_eq!(
            detect(b"FE FF", Format::Hex, 100).unwrap().parts[0].content,
            Content::Wbxml(vec![0xFE, 0xFF])
        );
        assert!(detect(b"xyz", Format::Hex, 100).unwrap_err().what.starts_with("not hex: "));
        assert!(detect(b"!", Format::Base64, 100).unwrap_err().what.starts_with("not base64: "));
        assert!(detect(b"abc", Format::Multipart, 100).is_err());
        assert_eq!(
            detect(b"?Cmd=Sync", Format::Query, 100).unwrap().parts[0].content,
            Content::Query("Cmd=Sync".to_owned())
        );
    }

    #[test]
    fn no_bytes_make_it_panic() {
        // Every prefix of every kind, and every kind with one byte changed.
        let samples = [
            DOCUMENT.to_vec(),
            gzipped(DOCUMENT),
            multipart(DOCUMENT),
            in_response("Transfer-Encoding: chunked\r\n", b"f\r\nabc\r\n0\r\n\r\n"),
            b"00000000: 0301 6a00  ..j.\n00000004: 4501  E.\n".to_vec(),
            b"{ 0x03, (byte) -1, /* x */ 3 }".to_vec(),
            br#""\x03\x01j\0""#.to_vec(),
            b"POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=u HTTP/1.1\r\n\r\n".to_vec(),
            b"x WBXML-OUT: AwFqAAAHVkwDOQABAQ==\n3 1 6a 0 0 6 45\n".to_vec(),
        ];
        for sample in samples {
            for end in 0..sample.len() {
                for (format, ..) in Format::ALL {
                    let _ = detect(&sample[..end], format, 100);
                }
            }
            for at in 0..sample.len() {
                for byte in [0, 1, b' ', b'\n', b'0', b'"', b'\\', b'{', 0x80, 0xFF] {
                    let mut changed = sample.clone();
                    changed[at] = byte;
                    let _ = auto(&changed);
                }
            }
        }
    }
}
