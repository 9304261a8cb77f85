//! A document as JSON, for programs.
//!
//! Written event by event with a stack of its own, so that neither the depth nor the size of a
//! document costs more than its text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wbxml::{
    Damage, Decoder, Error, ErrorKind, Event, Header, Limit, Options, PublicId, Tag, Tree,
};

use super::document::Marks;
use crate::explain;
use crate::input::Source;

/// The name and version of the schema, first member of every object that `--to json` prints.
pub const SCHEMA: &str = "lostmail/decode/1";

/// The object for an input in which nothing could be found.
pub fn unreadable(source: &Source, message: &str) -> String {
    // In the order of the schema, which a JSON object of a library does not keep.
    format!(
        "{{\"schema\":\"{SCHEMA}\",\"file\":{},\"taken_for\":[],\"damaged\":[],\"parts\":[],\"error\":{}}}",
        json!(source.to_string()),
        json!({ "message": message })
    )
}

/// The fields of a part that is neither document nor query.
pub(super) fn bytes(bytes: &[u8]) -> String {
    format!(
        "\"kind\":\"bytes\",\"bytes\":{},\"base64\":\"{}\",\"error\":null",
        bytes.len(),
        STANDARD.encode(bytes)
    )
}

/// The header of a document.
pub fn header(header: &Header<'_>) -> Value {
    json!({
        "version": format!("1.{}", header.version),
        "public_id": match header.public_id {
            PublicId::Known(number) => json!(number),
            PublicId::Index(_) => json!(header.public_id_text()),
        },
        "charset": header.charset,
        "string_table_bytes": header.string_table.len(),
    })
}

/// What is wrong with a document.
pub fn error(error: &Error) -> Value {
    json!({
        "kind": kind_name(error.kind()),
        "message": error.kind().to_string(),
        "offset": error.offset(),
        "page": error.page(),
        "depth": error.depth(),
        "path": error.path(),
        "hint": error.hint(),
        "general_reads": error.general_reads(),
    })
}

/// The name of a kind of error, in lower case with underscores: `unknown_tag`.
pub fn kind_name(kind: ErrorKind) -> String {
    let debug = format!("{kind:?}");
    let name: &str = debug.split([' ', '(', '{']).next().unwrap_or(&debug);
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, c) in name.char_indices() {
        if c.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// What a document holds, as text of a JSON array; damage is counted in `marks`.
///
/// The limit of nodes is that of a tree: text for more of them would not be bounded.
pub(super) fn content(
    bytes: &[u8],
    options: &Options,
    explain: bool,
    marks: &mut Marks,
) -> Result<String, Error> {
    let end = end_of_nodes(bytes, options)?;
    let mut decoder = Decoder::new(bytes, options);
    let mut writer =
        Writer { out: "[".to_owned(), open: Vec::new(), fresh: true, text: None, marks, explain };
    while let Some(event) = decoder.next()? {
        let offset = decoder.event_offset();
        if end.is_some_and(|end| offset >= end) {
            let (kind, rest) = (ErrorKind::Limit(Limit::Nodes), &bytes[offset..]);
            writer.event(&Event::Damage { kind, bytes: rest }, offset);
            break;
        }
        writer.event(&event, offset);
    }
    writer.flush_text();
    while !writer.open.is_empty() {
        writer.end();
    }
    writer.out.push(']');
    Ok(writer.out)
}

/// Where a tree would have more nodes than it may, in forensic mode; in others that is an error.
fn end_of_nodes(bytes: &[u8], options: &Options) -> Result<Option<usize>, Error> {
    if bytes.len() <= options.limits.nodes {
        return Ok(None); // a node takes a byte at least
    }
    let tree = Tree::decode(bytes, options)?;
    let limit = |damage: &&Damage| damage.kind == ErrorKind::Limit(Limit::Nodes);
    Ok(tree.damage().iter().find(limit).map(|damage| damage.offset))
}

struct Writer<'m> {
    out: String,
    open: Vec<Tag>,
    /// Nothing has been written into the innermost array.
    fresh: bool,
    /// Text that may go on in the next event.
    text: Option<String>,
    marks: &'m mut Marks,
    explain: bool,
}

impl Writer<'_> {
    fn event(&mut self, event: &Event<'_>, offset: usize) {
        match event {
            Event::Text(text) => self.text.get_or_insert_default().push_str(text),
            Event::Encoded(encoded) => {
                self.text.get_or_insert_default().push_str(&encoded.decode());
            }
            Event::Entity(character) => self.text.get_or_insert_default().push(*character),
            event => {
                self.flush_text();
                match event {
                    Event::Start { tag, .. } => self.start(*tag, offset),
                    Event::End => self.end(),
                    Event::Opaque(bytes) => {
                        let value = json!({ "opaque": STANDARD.encode(bytes) });
                        self.item(&value);
                    }
                    Event::Damage { kind, bytes } => {
                        self.marks.add(*kind, offset);
                        self.item(&json!({
                            "damage": kind_name(*kind),
                            "message": kind.to_string(),
                            "offset": offset,
                            "bytes": STANDARD.encode(bytes),
                        }));
                    }
                    // Events of a later version of the codec.
                    other => self.item(&json!({ "event": format!("{other:?}") })),
                }
            }
        }
    }

    fn start(&mut self, tag: Tag, offset: usize) {
        self.separate();
        // By hand, because the array stays open.
        let _ = write!(
            self.out,
            "{{\"tag\":{},\"namespace\":{},\"page\":{},\"token\":{},\"offset\":{offset},\"content\":[",
            json!(tag.name()),
            json!(tag.namespace()),
            tag.page(),
            tag.token(),
        );
        self.open.push(tag);
        self.fresh = true;
    }

    fn end(&mut self) {
        if self.open.pop().is_some() {
            self.out.push_str("]}");
            self.fresh = false;
        }
    }

    fn flush_text(&mut self) {
        let Some(text) = self.text.take() else { return };
        match self.meaning(&text) {
            Some(meaning) => self.item(&json!({ "text": text, "meaning": meaning })),
            None => self.item(&json!({ "text": text })),
        }
    }

    fn meaning(&self, text: &str) -> Option<String> {
        if !self.explain {
            return None;
        }
        let (tag, around) = self.open.split_last()?;
        explain::of(*self.open.first()?, around.last().copied(), *tag, text)
    }

    fn item(&mut self, value: &Value) {
        self.separate();
        let _ = write!(self.out, "{value}");
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.fresh) {
            self.out.push(',');
        }
    }
}
