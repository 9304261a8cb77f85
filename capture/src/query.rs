//! Finds the query of an ActiveSync request in a line of text; `activesync::http` reads it.

use std::borrow::Cow;

use ::activesync::http::Parameter;
use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use crate::base64;

/// What stands in front of every query.
const PATH: &str = "Microsoft-Server-ActiveSync";

/// No server takes a longer request line.
const LENGTH_MAX: usize = 64 << 10;

/// The query in a text of one word: a whole URL, its path, or the query alone, in either form.
pub(crate) fn in_word(text: &str) -> Option<&str> {
    let word = text.trim();
    if word.is_empty()
        || word.len() > LENGTH_MAX
        || word.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return None;
    }
    let query = match word.split_once('?') {
        Some((before, query)) if before.is_empty() || before.contains(PATH) => query,
        Some(_) => return None,
        None => word,
    };
    is_query(query).then_some(query)
}

/// The query in a line of an access log, with or without a request line around it.
pub(crate) fn in_line(line: &str) -> Option<&str> {
    let at = line.find(PATH)?;
    let rest = &line[at + PATH.len()..];
    let rest = rest.strip_prefix("/default.eas").unwrap_or(rest);
    // W3C logs have the path and the query in two columns.
    let query = rest.strip_prefix(['?', ' '])?;
    let query = query.split([' ', '"', '\t']).next()?;
    is_query(query).then_some(query)
}

/// Whether text is a query: named parameters with a command, or base64 of a known version.
pub(crate) fn is_query(query: &str) -> bool {
    // No URL holds these as they are; string literals and markup do.
    if query.contains(['"', '\\', '<', '>', '{', '}', '`']) {
        return false;
    }
    if is_plain(query) {
        return query.split('&').any(|pair| {
            ["Cmd=", "DeviceId=", "DeviceType="].iter().any(|name| pair.starts_with(name))
        });
    }
    if query.len() < 12 || query.contains(char::is_whitespace) {
        return false;
    }
    bytes(query).is_ok_and(|bytes| {
        matches!(bytes[..], [120 | 121 | 140 | 141 | 160 | 161, command, ..]
            if command <= 30 || Texts::of(&bytes).is_some())
    })
}

/// The texts of a query in base64.
struct Texts<'a> {
    device_type: &'a [u8],
    user: Option<&'a [u8]>,
}

impl<'a> Texts<'a> {
    /// Reads the fields (MS-ASHTTP 2.2.1.1.1.1) behind version, command and locale; `None` where
    /// they do not fill the query exactly. Whether the command is known is not asked.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let [_, _, _, _, rest @ ..] = bytes else { return None };
        let (device_id, rest) = counted(rest)?;
        let (policy_key, rest) = counted(rest)?;
        let (device_type, mut rest) = counted(rest)?;
        if device_id.is_empty() || !matches!(policy_key.len(), 0 | 4) {
            return None;
        }
        let mut user = None;
        while let [tag, parameter @ ..] = rest {
            let (value, after) = counted(parameter)?;
            if Parameter::from_tag(*tag) == Parameter::User {
                user = Some(value);
            }
            rest = after;
        }
        Some(Self { device_type, user })
    }
}

/// What a query in base64 calls text and is no UTF-8, with its bytes, in words: whoever shows it
/// as text shows something else.
pub(crate) fn no_text(query: &str) -> Vec<String> {
    let bytes = if is_plain(query) { Vec::new() } else { bytes(query).unwrap_or_default() };
    let Some(texts) = Texts::of(&bytes) else { return Vec::new() };
    [("device type", Some(texts.device_type)), ("user", texts.user)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .filter(|(_, value)| str::from_utf8(value).is_err())
        .map(|(name, value)| format!("a {name} that is no UTF-8: {}", in_hex(value)))
        .collect()
}

fn in_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

/// A field behind its length, and what follows it.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

/// The bytes of a query in base64; some proxies percent-encode its `+`, `/` and `=`.
pub fn bytes(query: &str) -> Result<Vec<u8>, String> {
    base64::decode(&percent_decoded(query)).map_err(|why| format!("not base64: {why}"))
}

/// The query as a client ought to write it, which is how `activesync::http` reads it: whoever
/// copies one loses its padding, and some write the URL alphabet. Others stay as they are.
pub(crate) fn standard(query: &str) -> Cow<'_, str> {
    if query.len() >= LENGTH_MAX || !is_query(query) || is_plain(query) {
        return Cow::Borrowed(query);
    }
    match (STANDARD.decode(percent_decoded(query)), bytes(query)) {
        (Err(_), Ok(bytes)) => Cow::Owned(STANDARD.encode(bytes)),
        _ => Cow::Borrowed(query),
    }
}

fn is_plain(query: &str) -> bool {
    query.contains('&') || query.starts_with("Cmd=")
}

fn percent_decoded(query: &str) -> String {
    let mut text = query.to_owned();
    for (encoded, plain) in
        [("%2B", "+"), ("%2F", "/"), ("%3D", "="), ("%2b", "+"), ("%2f", "/"), ("%3d", "=")]
    {
        text = text.replace(encoded, plain);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_found_alone_and_in_a_url() {
        for query in [
            "jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A=",
            "jAkHBBC32YBsEj5p%2BIUKLTDTcJoYBAAAAAALV2luZG93c01haWw%3D",
            "Cmd=Sync&User=rmjones&DeviceId=v140Device&DeviceType=SmartPhone",
            "User=m%40b.ro&DeviceId=1&DeviceType=x&Cmd=Ping",
        ] {
            assert_eq!(in_word(query), Some(query));
            let url = format!("https://mail.example.org/Microsoft-Server-ActiveSync?{query}");
            assert_eq!(in_word(&url), Some(query));
            assert_eq!(in_word(&format!("?{query}\n")), Some(query));
            let line = format!(
                "Nov 22 sogod [72]: 10.0.0.9 \"POST /SOGo/Microsoft-Server-ActiveSync?{query} HTTP/1.0\" 200"
            );
            assert_eq!(in_line(&line), Some(query));
            let line = format!(
                "10.0.0.5 POST /Microsoft-Server-ActiveSync/default.eas {query} 443 u 10.0.0.9"
            );
            assert_eq!(in_line(&line), Some(query));
        }
    }

    #[test]
    fn padding_that_was_lost_comes_back() {
        let query = "jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A=";
        for written in [query, query.trim_end_matches('=')] {
            assert_eq!(in_word(written).map(standard).as_deref(), Some(query), "{written}");
        }
        let encoded = "jAkHBBC32YBsEj5p%2BIUKLTDTcJoYBAAAAAALV2luZG93c01haWw%3D";
        assert_eq!(standard(encoded), encoded);
        assert_eq!(
            standard("jAkHBBC32YBsEj5p-IUKLTDTcJoYBAAAAAALV2luZG93c01haWw"),
            "jAkHBBC32YBsEj5p+IUKLTDTcJoYBAAAAAALV2luZG93c01haWw="
        );
        for other in ["Cmd=Sync&User=a-b", "AwFqAAAHVkwDOQABAQ", "", "jA"] {
            assert_eq!(standard(other), other);
        }
    }

    #[test]
    fn an_unknown_command_is_one_of_a_query_that_is_whole() {
        let query = "jWMJBANhYmMAAldQBwEDCAFh"; // command code 99
        assert_eq!(in_word(query), Some(query));
        for cut in [12, 15, 18, 22, 23] {
            assert_eq!(in_word(&query[..cut]), None, "{cut}");
        }
        assert_eq!(in_word("jWMJBANhYmMBAldQBwEDCAFh"), None);
    }

    #[test]
    fn text_that_is_no_utf_8_is_told_with_its_bytes() {
        let query = "oRYJBBAwMTIzNDU2Nzg5YWJjZGVmAAJX/2MBYQ==";
        assert_eq!(no_text(query), ["a device type that is no UTF-8: 57 FF"]);
        let bytes = b"\xA1\x16\x09\x04\x01d\0\x01T\x08\x02u\x80";
        assert_eq!(no_text(&STANDARD.encode(bytes)), ["a user that is no UTF-8: 75 80"]);
        for query in ["jWMJBANhYmMAAldQBwEDCAFh", "Cmd=Sync&User=u", "", "x"] {
            assert!(no_text(query).is_empty());
        }
    }

    #[test]
    fn other_words_are_no_queries() {
        for text in [
            "",
            "hello",
            "AwFqAAAHVkwDOQABAQ==",
            "https://example.org/?jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A=",
            "a=b&c=d",
            r#""\x03\x01j\0&DeviceId=x""#,
            "<p>x&Cmd=Sync</p>",
            "03016A004501",
        ] {
            assert_eq!(in_word(text), None, "{text}");
        }
    }
}
