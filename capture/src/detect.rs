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
        let (multipart, cut) = Multipart::parse_cut(bytes)
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
        for error in &cut {
            self.damage(format!("a multipart response: {error}"));
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
mod tests;
