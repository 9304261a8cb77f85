//! Names for what is not WBXML, so that an error can say what it got instead.

/// A kind of data by its first bytes. One table; the first row that fits wins.
const MAGIC: &[(&[u8], &str)] = &[
    (b"%PDF-", "a PDF document"),
    (
        b"PK\x03\x04",
        "a ZIP archive (a Fiddler SAZ capture is one: unpack it, its raw/ holds the messages)",
    ),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xFF\xD8\xFF", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP, WAV or AVI)"),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "an OLE compound file (an Outlook .msg or an old Office document)",
    ),
    (b"\xD4\xC3\xB2\xA1", "a packet capture (pcap)"),
    (b"\xA1\xB2\xC3\xD4", "a packet capture (pcap)"),
    (b"\x4D\x3C\xB2\xA1", "a packet capture (pcap)"),
    (b"\x0A\x0D\x0D\x0A", "a packet capture (pcapng)"),
    (b"\x7FELF", "an ELF program"),
    (b"MZ", "a Windows program"),
    (b"BZh", "a bzip2 stream"),
    (b"\xFD7zXZ\0", "an xz stream"),
    (b"\x28\xB5\x2F\xFD", "a Zstandard stream"),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x16\x03\x00", "an encrypted TLS record"),
    (b"\x16\x03\x01", "an encrypted TLS record"),
    (b"\x16\x03\x03", "an encrypted TLS record"),
    (b"\x17\x03\x03", "an encrypted TLS record"),
    (b"PRI * HTTP/2.0", "an HTTP/2 connection"),
    (b"-----BEGIN ", "a PEM file (a certificate or a key)"),
    (b"TNEF", "a TNEF attachment"),
    (b"\x78\x9F\x3E\x22", "a TNEF attachment (winmail.dat)"),
    (b"\x30\x82", "an ASN.1 structure (a certificate or an S/MIME body)"),
    (b"{\\rtf", "an RTF document"),
];

/// What bytes are by their beginning, where that is known: `a PDF document`, `a mail in MIME form`.
pub fn name(bytes: &[u8]) -> Option<&'static str> {
    binary(bytes).or_else(|| Some(text(str::from_utf8(bytes).ok()?)?.0))
}

/// Binary data known by its first bytes.
pub(crate) fn binary(bytes: &[u8]) -> Option<&'static str> {
    let (_, name) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    Some(name)
}

/// Text that is known, and what to do about it.
pub(crate) fn text(text: &str) -> Option<(&'static str, &'static str)> {
    let start = text.trim_start();
    let head: String = start.chars().take(4096).collect::<String>().to_ascii_lowercase();
    if is_html(&head) {
        return Some(if is_login(&head) {
            (
                "HTML: a login page",
                "the server wanted a login: look at the URL and at the Authorization header of the request",
            )
        } else {
            (
                "HTML: a web page",
                "a proxy, a load balancer or an error page answered in place of ActiveSync: look at the URL and at the status line of the response",
            )
        });
    }
    if head.starts_with("<?xml") || is_element(&head) {
        return Some(if head.contains("autodiscover") {
            ("XML of Autodiscover", "Autodiscover is plain XML: there is nothing to decode")
        } else {
            ("XML", "it is readable already; `lostmail encode` turns it into WBXML")
        });
    }
    if (head.starts_with('{') || head.starts_with('['))
        && serde_json::from_str::<serde::de::IgnoredAny>(start).is_ok()
    {
        return Some(if head.contains("\"log\"") && head.contains("\"entries\"") {
            (
                "JSON: a HAR capture",
                "take the body out of `content.text`; a binary request body is usually spoilt in a HAR file",
            )
        } else {
            ("JSON", "ActiveSync does not speak JSON: another service answered")
        });
    }
    if is_mail(&head) {
        return Some((
            "a mail in MIME form",
            "up to protocol version 12.1, SendMail, SmartReply and SmartForward carry MIME as it is, without WBXML",
        ));
    }
    None
}

fn is_html(head: &str) -> bool {
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.starts_with("<head")
        || head.starts_with("<body")
        || (head.starts_with('<') && head.contains("<html"))
}

fn is_login(head: &str) -> bool {
    [
        "type=\"password\"",
        "type='password'",
        "type=password",
        "login",
        "log in",
        "sign in",
        "signin",
        "log on",
        "logon",
    ]
    .iter()
    .any(|mark| head.contains(mark))
}

/// Whether text begins with a start tag.
fn is_element(head: &str) -> bool {
    let mut chars = head.chars();
    chars.next() == Some('<')
        && chars.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '!'))
        && head.contains('>')
}

/// Whether text begins with the header of a mail.
fn is_mail(head: &str) -> bool {
    const FIELDS: [&str; 9] = [
        "from:",
        "to:",
        "received:",
        "return-path:",
        "mime-version:",
        "subject:",
        "date:",
        "message-id:",
        "content-type:",
    ];
    let fields = head
        .lines()
        .take(40)
        .take_while(|line| !line.is_empty())
        .filter(|line| FIELDS.iter().any(|field| line.starts_with(field)))
        .count();
    fields >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_of_the_table_hides_another() {
        for (index, (magic, name)) in MAGIC.iter().enumerate() {
            assert_eq!(binary(magic), Some(*name));
            assert!(
                MAGIC[..index].iter().all(|(earlier, _)| !magic.starts_with(earlier)),
                "{name}"
            );
            assert!(magic[0] > 3, "{name} would be taken for WBXML");
        }
    }

    #[test]
    fn text_is_named_by_its_beginning() {
        for (input, name) in [
            ("  <!DOCTYPE HTML><html><body>It works</body>", "HTML: a web page"),
            ("<html><form><input type=\"password\"></form>", "HTML: a login page"),
            ("<?xml version=\"1.0\"?><Sync/>", "XML"),
            ("<Sync xmlns=\"AirSync:\"/>", "XML"),
            ("{\"error\": 1}", "JSON"),
            ("{\"log\": {\"entries\": []}}", "JSON: a HAR capture"),
            ("From: a@b\r\nTo: c@d\r\n\r\nhello", "a mail in MIME form"),
        ] {
            assert_eq!(text(input).map(|(name, _)| name), Some(name), "{input}");
        }
        for input in ["", "hello", "{ 0x03 }", "< 3", "AwFqAA==", "03 01 6A 00"] {
            assert_eq!(text(input), None, "{input}");
        }
    }
}
