//! What was found in an input, shown in the chosen shape.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::{Value, json};
use wbxml::{Decoder, Error, Mode, Tokens};

use super::{Style, Terminal, json, query, text, tokens, xml};
use crate::cli::Outcome;
use crate::input::{self, Content, Found, Part, Source};

/// XML to WBXML, in the canonical form.
pub fn encode(xml: &str) -> Result<Vec<u8>, Error> {
    wbxml::xml::from_str(xml)?.encode()
}

/// How a document is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// XML with the namespaces of MS-ASWBXML; `lostmail encode` takes it back.
    Xml,
    /// JSON, one object per file and line.
    Json,
    /// One line per token, with its offset.
    Tokens,
    /// One line per token with all its bytes: every byte once.
    Dump,
}

/// What to show and how to read it.
#[derive(Clone, Copy, Debug)]
pub struct Show {
    /// How to read.
    pub options: wbxml::Options,
    /// How to show it.
    pub shape: Shape,
    /// With the meaning of numbers.
    pub explain: bool,
    /// In colour.
    pub colour: bool,
}

/// Prints everything that was found in `source`; errors go to standard error, with the bytes around
/// them, the element path and a hint.
pub fn show(show: &Show, source: &Source, found: &Found, terminal: &mut Terminal) -> Outcome {
    if show.shape == Shape::Json {
        return show_json(show, source, found, terminal);
    }
    let mut outcome = Outcome::Clean;
    for part in &found.parts {
        if let Some(label) = &part.label
            && found.parts.len() > 1
        {
            let heading = Style::Strong.paint(&format!("--> {label}"), show.colour);
            terminal.println(&heading);
        }
        note_type(show, source, part, terminal);
        let result = match &part.content {
            Content::Wbxml(bytes) => document(show, bytes, terminal)
                .map_err(|error| describe(&error, show, terminal.colour_of_errors())),
            Content::Query(query) => query::print(query, show, terminal).map(|()| Marks::default()),
            Content::Bytes(bytes) => {
                attachment(show, bytes, terminal);
                Ok(Marks::default())
            }
        };
        outcome = outcome.max(judge(result, source, part, terminal));
    }
    outcome.max(judge_wrapping(show, source, found, terminal))
}

/// Says that names may be wrong. Tokens are shown without them then.
fn note_type(show: &Show, source: &Source, part: &Part, terminal: &mut Terminal) {
    if let Content::Wbxml(bytes) = &part.content
        && matches!(show.shape, Shape::Xml | Shape::Json)
        && tokens::is_foreign(Decoder::new(bytes, &show.options).header())
    {
        terminal.note_to_user(&format!(
            "{source}: the public id is that of another document type; the names are those of \
             ActiveSync all the same (`--to tokens` shows numbers)"
        ));
    }
}

/// What is wrong with the wrapping is said, and counts like damage of a document.
fn judge_wrapping(show: &Show, source: &Source, found: &Found, terminal: &mut Terminal) -> Outcome {
    for damage in &found.damage {
        terminal.error(&format!("{source}: {damage}"));
    }
    match show.options.mode {
        _ if found.damage.is_empty() => Outcome::Clean,
        Mode::Forensic => Outcome::Found,
        _ => Outcome::CouldNotRun,
    }
}

/// How much damage forensic mode marked, and the first of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) count: usize,
    pub(super) first: Option<String>,
}

impl Marks {
    pub(super) fn add(&mut self, kind: wbxml::ErrorKind, offset: usize) {
        self.count += 1;
        self.first.get_or_insert_with(|| format!("{kind} at offset {offset:#x}"));
    }
}

fn judge(
    result: Result<Marks, String>,
    source: &Source,
    part: &Part,
    terminal: &mut Terminal,
) -> Outcome {
    let place = match &part.label {
        Some(label) => format!("{source}, {label}"),
        None => source.to_string(),
    };
    match result {
        Ok(Marks { first: None, .. }) => Outcome::Clean,
        Ok(Marks { count, first: Some(first) }) => {
            let marks = text::count(count, "mark");
            terminal.error(&format!("{place}: damaged, {marks}; the first: {first}"));
            Outcome::Found
        }
        Err(message) => {
            terminal.error(&format!("{place}: {message}"));
            Outcome::CouldNotRun
        }
    }
}

fn document(show: &Show, bytes: &[u8], terminal: &mut Terminal) -> Result<Marks, Error> {
    match show.shape {
        Shape::Xml | Shape::Json => xml::print(show, bytes, terminal),
        Shape::Tokens | Shape::Dump => {
            let options = tokens::Options {
                bytes: show.shape == Shape::Dump,
                explain: show.explain,
                colour: show.colour,
            };
            let mut marks = Marks::default();
            let mut reader = Tokens::new(bytes, &show.options);
            let mut lines = tokens::Lines::new(bytes, reader.header(), options);
            while let Some(spanned) = reader.next()? {
                if let Some(kind) = spanned.damage {
                    marks.add(kind, spanned.span.start);
                }
                terminal.print(&lines.line(&spanned));
            }
            Ok(marks)
        }
    }
}

/// An error as a person wants it: the bytes around it, and what it may mean.
fn describe(error: &Error, show: &Show, colour: bool) -> String {
    let mut message = error.to_string();
    let _ = write!(message, "\n  {}", Style::Faint.paint(&error.hex_window(), colour));
    if let Some(hint) = error.hint() {
        let _ = write!(message, "\n  hint: {hint}");
    } else if show.options.mode != Mode::Forensic {
        message.push_str("\n  hint: `--mode forensic` shows what can be read");
    }
    message
}

/// A part of a multipart response that is not WBXML.
fn attachment(show: &Show, bytes: &[u8], terminal: &mut Terminal) {
    if show.shape == Shape::Dump {
        terminal.print(&tokens::plain_dump(bytes, show.colour));
        return;
    }
    let preview = match str::from_utf8(bytes) {
        Ok(content) => format!(": \"{}\"", text::shortened(content, 200)),
        Err(_) => String::new(),
    };
    let name = input::name(bytes).map_or_else(String::new, |name| format!(", {name}"));
    terminal.println(&format!("{}{name}{preview}", text::count(bytes.len(), "byte")));
}

fn show_json(show: &Show, source: &Source, found: &Found, terminal: &mut Terminal) -> Outcome {
    let mut outcome = Outcome::Clean;
    let mut parts = Vec::with_capacity(found.parts.len());
    for part in &found.parts {
        note_type(show, source, part, terminal);
        let mut marks = Marks::default();
        let (fields, error) = match &part.content {
            Content::Wbxml(bytes) => {
                let decoder = Decoder::new(bytes, &show.options);
                let header = json::header(decoder.header());
                let content = json::content(bytes, &show.options, show.explain, &mut marks);
                match content {
                    Ok(content) => (
                        format!(
                            "\"kind\":\"wbxml\",\"bytes\":{},\"header\":{header},\"content\":{content},\"error\":null",
                            bytes.len()
                        ),
                        None,
                    ),
                    Err(error) => (
                        format!(
                            "\"kind\":\"wbxml\",\"bytes\":{},\"header\":{header},\"content\":null,\"error\":{}",
                            bytes.len(),
                            json::error(&error)
                        ),
                        Some(describe(&error, show, terminal.colour_of_errors())),
                    ),
                }
            }
            Content::Query(query) => match query::json(query) {
                Ok(value) => (format!("\"kind\":\"query\",\"query\":{value},\"error\":null"), None),
                Err(message) => (
                    format!(
                        "\"kind\":\"query\",\"query\":null,\"error\":{}",
                        json!({ "message": message })
                    ),
                    Some(message),
                ),
            },
            Content::Bytes(bytes) => (json::bytes(bytes), None),
        };
        let damage = marks.count;
        let result = error.map_or(Ok(marks), Err);
        outcome = outcome.max(judge(result, source, part, terminal));
        parts.push(format!("{{\"label\":{},{fields},\"damage\":{damage}}}", json!(part.label)));
    }
    let outer: Value = json!(source.to_string());
    terminal.println(&format!(
        "{{\"schema\":\"{}\",\"file\":{outer},\"taken_for\":{},\"damaged\":{},\"parts\":[{}],\"error\":null}}",
        json::SCHEMA,
        json!(found.steps),
        json!(found.damage),
        parts.join(",")
    ));
    outcome.max(judge_wrapping(show, source, found, terminal))
}
