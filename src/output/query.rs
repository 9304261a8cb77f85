//! The query of a request line, told field by field.

use std::fmt::Write as _;
use std::ops::Range;

use activesync::Command;
use activesync::http::{Parameter, RequestLine};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::document::{Shape, Show};
use super::{Style, Terminal, text};

/// A row: name, value, and what the value means.
type Row = (&'static str, String, Option<String>);

/// Prints the query as rows, or byte by byte for the shapes that show bytes. Fails with the reason
/// where it is malformed.
pub(super) fn print(query: &str, show: &Show, terminal: &mut Terminal) -> Result<(), String> {
    if show.shape == Shape::Dump && !is_plain(query) {
        terminal.print(&dump(query, show.colour)?);
    }
    let line = parse(query)?;
    if show.shape != Shape::Dump || is_plain(query) {
        for (name, value, meaning) in rows(&line) {
            let name = Style::Name.paint(&format!("{name:<17}"), show.colour);
            let mut shown = format!("{name} {}", Style::Value.paint(&value, show.colour));
            if let Some(meaning) = meaning {
                let meaning = Style::Note.paint(&format!("= {meaning}"), show.colour);
                let _ = write!(shown, "  {meaning}");
            }
            terminal.println(&shown);
        }
    }
    Ok(())
}

/// The query as a JSON object.
pub(super) fn json(query: &str) -> Result<Value, String> {
    let line = parse(query)?;
    let parameters: Vec<Value> = line
        .parameters
        .iter()
        .map(|(parameter, value)| {
            json!({
                "name": parameter.name(),
                "text": str::from_utf8(value).ok(),
                "base64": STANDARD.encode(value),
            })
        })
        .collect();
    Ok(json!({
        "form": if is_plain(query) { "plain" } else { "base64" },
        "command": line.command.name(),
        "command_code": line.command.code(),
        "version": line.version.map(|version| version.to_string()),
        "locale": line.locale,
        "device_id": line.device_id.as_str(),
        "device_type": line.device_type,
        "policy_key": line.policy_key.map(|key| key.0),
        "user": line.user,
        "parameters": parameters,
    }))
}

fn parse(query: &str) -> Result<RequestLine, String> {
    RequestLine::parse(query).map_err(|error| error.to_string())
}

fn is_plain(query: &str) -> bool {
    query.contains('&') || query.trim_end_matches('=').contains('=')
}

fn rows(line: &RequestLine) -> Vec<Row> {
    let command = format!("command code {}", line.command.code());
    let mut rows: Vec<Row> = vec![("command", line.command.to_string(), Some(command))];
    if let Some(version) = line.version {
        rows.push(("protocol version", version.to_string(), None));
        rows.push(("locale", format!("0x{:04X}", line.locale), locale(line.locale)));
    }
    rows.push(("device id", text::safe(line.device_id.as_str()), None));
    rows.push(("device type", text::safe(&line.device_type), None));
    if let Some(key) = line.policy_key {
        let meaning = (key.0 == 0).then(|| "no policy yet".to_owned());
        rows.push(("policy key", key.0.to_string(), meaning));
    }
    if let Some(user) = &line.user {
        rows.push(("user", text::safe(user), None));
    }
    for (parameter, value) in &line.parameters {
        let name = parameter.name().unwrap_or("unknown parameter");
        match (parameter, &value[..]) {
            (Parameter::Options, [bits]) => {
                rows.push((name, format!("{bits:#04x}"), Some(options(*bits))));
            }
            _ => rows.push((name, text::safe_bytes(value), None)),
        }
    }
    rows
}

/// The bits of the Options parameter (MS-ASHTTP 2.2.1.1.1.1.3).
fn options(bits: u8) -> String {
    let names = [(1, "SaveInSent"), (2, "AcceptMultiPart")];
    let mut set: Vec<&str> =
        names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    if bits & !3 != 0 {
        set.push("unknown bits");
    }
    if set.is_empty() { "none set".to_owned() } else { set.join(", ") }
}

/// Names of locales that are often met ([MS-LCID]).
fn locale(number: u16) -> Option<String> {
    let name = match number {
        0x0404 => "zh-TW",
        0x0405 => "cs-CZ",
        0x0406 => "da-DK",
        0x0407 => "de-DE",
        0x0409 => "en-US",
        0x040A | 0x0C0A => "es-ES",
        0x040B => "fi-FI",
        0x040C => "fr-FR",
        0x040E => "hu-HU",
        0x0410 => "it-IT",
        0x0411 => "ja-JP",
        0x0412 => "ko-KR",
        0x0413 => "nl-NL",
        0x0414 => "nb-NO",
        0x0415 => "pl-PL",
        0x0416 => "pt-BR",
        0x0419 => "ru-RU",
        0x041D => "sv-SE",
        0x041F => "tr-TR",
        0x0804 => "zh-CN",
        0x0807 => "de-CH",
        0x0809 => "en-GB",
        0x080A => "es-MX",
        0x0816 => "pt-PT",
        0x0C07 => "de-AT",
        0x0C09 => "en-AU",
        0x0C0C => "fr-CA",
        0x1009 => "en-CA",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Every byte of a base64 query once, with the field that it belongs to. Shows what there is even
/// where the query is cut.
fn dump(query: &str, colour: bool) -> Result<String, String> {
    let bytes = crate::input::query_bytes(query)?;
    let mut lines = String::new();
    for (name, span) in fields(&bytes) {
        let field = &bytes[span.clone()];
        let hex: Vec<_> = field.iter().map(|byte| format!("{byte:02x}")).collect();
        let offset = Style::Faint.paint(&format!("{:08x}", span.start), colour);
        let padded = Style::Name.paint(&format!("{name:<18}"), colour);
        let shown = Style::Value.paint(&field_value(name, field), colour);
        let _ = writeln!(lines, "{offset}  {:<47}  {padded}  {shown}", hex.join(" "));
    }
    Ok(lines)
}

fn field_value(name: &str, field: &[u8]) -> String {
    match (name, field) {
        ("protocol version", [version]) => format!("{}.{}", version / 10, version % 10),
        ("command code", [code]) => {
            let name = Command::from_code(*code).map_or("in no table", Command::name);
            format!("{code} ({name})")
        }
        ("locale", [low, high]) => format!("0x{high:02X}{low:02X}"),
        ("policy key", [a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]).to_string(),
        ("parameter tag", [tag]) => {
            let name = Parameter::from_tag(*tag).name().unwrap_or("in no table");
            format!("{tag} ({name})")
        }
        (name, [length]) if name.ends_with("length") => length.to_string(),
        _ => format!("\"{}\"", text::safe_bytes(field)),
    }
}

/// The fields of MS-ASHTTP 2.2.1.1.1.1 with their spans, which tile the bytes.
fn fields(bytes: &[u8]) -> Vec<(&'static str, Range<usize>)> {
    let mut fields = Vec::new();
    let mut at = 0;
    let mut take = |name, size: usize| {
        let start: usize = at;
        at = start.saturating_add(size).min(bytes.len());
        if at > start {
            fields.push((name, start..at));
        }
        at
    };
    take("protocol version", 1);
    take("command code", 1);
    take("locale", 2);
    for (length, name) in [
        ("device id length", "device id"),
        ("policy key length", "policy key"),
        ("device type length", "device type"),
    ] {
        let end = take(length, 1);
        let size = bytes[..end].last().copied().unwrap_or_default();
        take(name, usize::from(size));
    }
    loop {
        let tag_end = take("parameter tag", 1);
        let end = take("parameter length", 1);
        if end == tag_end {
            break;
        }
        take("parameter", usize::from(bytes[end - 1]));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_tile_every_prefix_of_a_query() {
        let query = "jQMJCBBgMOo4NRIhymNelU6Z7jHTBDzZUJwLV2luZG93c01haWwHAQE=";
        let bytes = STANDARD.decode(query).unwrap();
        for end in 0..=bytes.len() {
            let fields = fields(&bytes[..end]);
            let mut at = 0;
            for (name, span) in fields {
                assert_eq!(span.start, at, "{name}");
                at = span.end;
            }
            assert_eq!(at, end);
        }
        let names: Vec<_> = fields(&bytes).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.last(), Some(&"parameter"));
    }

    #[test]
    fn the_worked_example_reads_as_the_specification_says() {
        let line = parse("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l").unwrap();
        let rows = rows(&line);
        let of = |wanted| {
            rows.iter().find(|(name, ..)| *name == wanted).map(|(_, value, _)| value.as_str())
        };
        assert_eq!(of("command"), Some("Sync"));
        assert_eq!(of("protocol version"), Some("14.0"));
        assert_eq!(of("locale"), Some("0x0409"));
        assert_eq!(of("device id"), Some("v140Device"));
        assert_eq!(of("policy key"), None);
        assert_eq!(of("device type"), Some("SmartPhone"));
    }

    #[test]
    fn option_bits_are_named() {
        assert_eq!(options(0), "none set");
        assert_eq!(options(3), "SaveInSent, AcceptMultiPart");
        assert_eq!(options(0x82), "AcceptMultiPart, unknown bits");
    }
}
