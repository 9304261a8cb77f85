//! Bodies inside the lines of a server's or a client's log.
//!
//! Z-Push and its children write base64 at the end of a line (`WBXML-OUT: AwFqAA…`,
//! `WBXML 10K debug data: …`), cut after 4,096 or 10,240 bytes; TbSync writes hex without zero
//! padding on a line of its own below a line that says what it is.

use crate::{base64, hex, query};

/// More bodies than this are not taken from one file: a log of a whole day is for `capture`.
pub(crate) const BODIES_MAX: usize = 10_000;

/// A body found in a log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// What the log calls it.
    pub(crate) label: String,
    pub(crate) content: Content,
}

/// What a line holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Document(Vec<u8>),
    Query(String),
}

/// All bodies and queries in the lines of a text, in order; and whether there were more than
/// [`BODIES_MAX`].
pub(crate) fn bodies(text: &str) -> (Vec<Body>, bool) {
    let mut found = Vec::new();
    let mut above = "";
    for (index, line) in text.lines().enumerate() {
        let body = match query::in_line(line) {
            Some(query) => Some(("query".to_owned(), Content::Query(query.to_owned()))),
            None => body_of(line, above).map(|(label, bytes)| (label, Content::Document(bytes))),
        };
        if let Some((label, content)) = body {
            if found.len() == BODIES_MAX {
                return (found, true);
            }
            found.push(Body { line: index + 1, label, content });
        }
        above = line;
    }
    (found, false)
}

fn body_of(line: &str, above: &str) -> Option<(String, Vec<u8>)> {
    let line = line.trim();
    let last = line.rsplit([' ', '\t', '=', ':']).find(|word| !word.is_empty())?;
    // Padding belongs to the word.
    let start = last.as_ptr() as usize - line.as_ptr() as usize;
    let (head, word) = line.split_at(start);
    if word.len() >= 8 && word.starts_with("Aw") && base64::looks_like(word) {
        let whole = word.len() - word.trim_end_matches('=').len();
        let digits = word.trim_end_matches('=').len();
        // A dump cut in the middle of a group still gives its whole bytes.
        let usable = if whole == 0 && digits % 4 == 1 { digits - 1 } else { word.len() };
        let bytes = base64::decode(&word[..usable]).ok()?;
        return is_document(&bytes).then(|| (label(head), bytes));
    }
    let bytes = hex::plain(line).ok()?;
    (bytes.len() >= 6 && is_document(&bytes)).then(|| (label(above), bytes))
}

/// Inside running text only the header that ActiveSync uses is believed.
pub(crate) fn is_document(bytes: &[u8]) -> bool {
    matches!(bytes, [1..=3, _, 0x6A, ..]) || matches!(bytes, [3, 0, _, 0x6A, ..])
}

/// The words in front of a body that say what it is: what follows the last bracket.
fn label(head: &str) -> String {
    let head = head.trim().trim_end_matches([':', ' ', ']']);
    let tail = head.rsplit([']', '[']).find(|part| !part.trim().is_empty()).unwrap_or(head);
    tail.trim().trim_end_matches(':').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(body: &Body) -> &[u8] {
        match &body.content {
            Content::Document(bytes) => bytes,
            Content::Query(query) => panic!("a query: {query}"),
        }
    }

    #[test]
    fn finds_the_queries_of_an_access_log() {
        let log = "10.0.0.9 \"POST /SOGo/Microsoft-Server-ActiveSync?jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l HTTP/1.0\" 200";
        let (bodies, _) = bodies(log);
        assert_eq!(
            bodies,
            [Body {
                line: 1,
                label: "query".to_owned(),
                content: Content::Query("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l".to_owned())
            }]
        );
    }

    #[test]
    fn finds_the_bodies_of_a_z_push_log() {
        let log = "22/11/2026 09:15:02 [ 2799] [WBXML] [u@example.org] [dev1] O  <Synchronize>\n\
                   22/11/2026 09:15:02 [ 2799] [WBXML] [u@example.org] WBXML-OUT: AwFqAAAHVkwDOQABAQ==\n\
                   22/11/2026 09:15:03 [ 2799] [FATAL] WBXML 10K debug data: AwFqAAAHVkwDO\n";
        let (bodies, more) = bodies(log);
        assert!(!more);
        assert_eq!(bodies.len(), 2);
        assert_eq!((bodies[0].line, bodies[0].label.as_str()), (2, "WBXML-OUT"));
        assert_eq!(document(&bodies[0]).len(), 13);
        assert_eq!((bodies[1].line, bodies[1].label.as_str()), (3, "WBXML 10K debug data"));
        assert_eq!(document(&bodies[1]), [3, 1, 0x6A, 0, 0, 7, 0x56, 0x4C, 3]);
    }

    #[test]
    fn finds_the_bodies_of_a_tbsync_log() {
        let log = "** Sun Nov 22 2026 09:15:02 GMT+0100 **\n\
                   [WBXML: Sending data <send.request.estimate> for Acct (Contacts)] : \n\
                   3 1 6a 0 0 6 45 47 48 0 0 4b 3 31 0 1\n";
        let (bodies, _) = bodies(log);
        assert_eq!(bodies.len(), 1);
        assert_eq!(bodies[0].line, 3);
        assert_eq!(
            bodies[0].label,
            "WBXML: Sending data <send.request.estimate> for Acct (Contacts)"
        );
        assert_eq!(document(&bodies[0])[..4], [3, 1, 0x6A, 0]);
    }

    #[test]
    fn ordinary_lines_hold_no_body() {
        assert!(
            bodies("hello\nAwesome words here\n22/11/2026 09:15:02\n12 34 56 78 90 12\n")
                .0
                .is_empty()
        );
    }
}
