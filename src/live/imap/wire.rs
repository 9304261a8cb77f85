//! IMAP on the wire: commands out, replies in. Knows the grammar, not the meaning.
//!
//! A reader of our own, small because a hunt asks for little. The stored truth is the last word in every verdict, so a
//! reply that ended in `NO` must never pass for a short list, which the libraries at hand let happen.

use std::fmt::Write as _;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::super::socket::Connection;
use super::ImapError;

/// The longest line of a reply.
const LINE_BYTES: u64 = 64 << 10;
/// The longest literal of a reply: a few header fields, not a message.
const LITERAL_BYTES: u64 = 1 << 20;
/// The most untagged replies to one command: one for each message of a folder, and some.
const REPLIES: usize = 1 << 20;

/// A word of an untagged reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `(`
    Open,
    /// `)`
    Close,
    /// A bare word; with everything in its brackets, if it has some.
    Atom(String),
    /// A quoted string or a literal.
    Text(Vec<u8>),
}

impl Token {
    /// The word or the string; bytes outside UTF-8 are shown as such.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Atom(word) => Some(word.clone()),
            Self::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Open | Self::Close => None,
        }
    }

    /// Whether this is the bare word `word`, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Atom(w) if w.eq_ignore_ascii_case(word))
    }

    /// The number that a bare word is.
    pub(super) fn number(&self) -> Option<u32> {
        match self {
            Self::Atom(word) => word.parse().ok(),
            _ => None,
        }
    }
}

/// `OK`, `NO`, `BAD`, `BYE` or `PREAUTH` with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    /// In upper case.
    pub(super) word: String,
    /// What stands in brackets, without them.
    pub(super) code: Option<String>,
    /// For people.
    pub(super) text: String,
}

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// `+`: go on with the literal.
    Continue,
    /// The end of the command with this tag.
    Tagged(String, Status),
    /// `* OK` and its kin.
    Status(Status),
    /// Any other `*`.
    Data(Vec<Token>),
}

/// The replies to one command that ended well.
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// Untagged data, in order.
    pub(super) data: Vec<Vec<Token>>,
    /// Response codes of the untagged statuses and, last, of the tagged one.
    pub(super) codes: Vec<String>,
}

impl Replies {
    /// What follows `name` in the first response code that begins with it.
    pub(super) fn code(&self, name: &str) -> Option<&str> {
        self.codes.iter().find_map(|code| {
            let (head, rest) = code.split_once(' ').unwrap_or((code, ""));
            head.eq_ignore_ascii_case(name).then_some(rest)
        })
    }
}

/// A piece of a command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    /// Words of ours, as they are.
    Raw(&'a str),
    /// Any text from outside: quoted, or a literal when it cannot be quoted.
    Text(&'a str),
    /// Bytes, as a literal.
    Literal(&'a [u8]),
}

/// A connection that speaks IMAP.
pub(super) struct Wire {
    stream: BufReader<Connection>,
    commands: u32,
}

impl Wire {
    /// Over an open connection; the greeting is still to be read.
    pub(super) fn new(connection: Connection) -> Self {
        Self { stream: BufReader::new(connection), commands: 0 }
    }

    /// Sends one command and reads until its end. `NO`, `BAD` and `BYE` are errors.
    pub(super) async fn command(
        &mut self,
        name: &'static str,
        parts: &[Part<'_>],
    ) -> Result<Replies, ImapError> {
        self.commands += 1;
        let tag = format!("L{}", self.commands);
        let mut replies = Replies::default();
        let mut line = format!("{tag} {name}").into_bytes();
        for part in parts {
            line.push(b' ');
            match *part {
                Part::Raw(words) => line.extend_from_slice(words.as_bytes()),
                Part::Text(text) if quotable(text) => quote(text, &mut line),
                Part::Text(text) => {
                    self.literal(name, &tag, &mut line, text.as_bytes(), &mut replies).await?;
                }
                Part::Literal(bytes) => {
                    self.literal(name, &tag, &mut line, bytes, &mut replies).await?;
                }
            }
        }
        line.extend_from_slice(b"\r\n");
        self.send(&line).await?;
        while !self.step(name, &tag, &mut replies).await? {}
        Ok(replies)
    }

    /// Sends what there is of the line with the length of the literal, waits for `+`, goes on with the literal.
    async fn literal(
        &mut self,
        name: &'static str,
        tag: &str,
        line: &mut Vec<u8>,
        bytes: &[u8],
        replies: &mut Replies,
    ) -> Result<(), ImapError> {
        line.extend_from_slice(format!("{{{}}}\r\n", bytes.len()).as_bytes());
        self.send(line).await?;
        line.clear();
        loop {
            match self.reply().await? {
                Reply::Continue => break,
                reply => {
                    if take(name, tag, reply, replies)? {
                        return Err(ImapError::Garbage(format!("{name} ended before its literal")));
                    }
                }
            }
        }
        line.extend_from_slice(bytes);
        Ok(())
    }

    async fn step(
        &mut self,
        name: &'static str,
        tag: &str,
        replies: &mut Replies,
    ) -> Result<bool, ImapError> {
        let reply = self.reply().await?;
        if replies.data.len() + replies.codes.len() >= REPLIES {
            return Err(ImapError::Garbage(format!("more than {REPLIES} replies to {name}")));
        }
        take(name, tag, reply, replies)
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), ImapError> {
        self.stream.write_all(bytes).await.map_err(ImapError::Broken)?;
        self.stream.flush().await.map_err(ImapError::Broken)
    }

    /// Reads one reply.
    pub(super) async fn reply(&mut self) -> Result<Reply, ImapError> {
        let line = self.line().await?;
        if line.starts_with(b"+") {
            return Ok(Reply::Continue);
        }
        let text = String::from_utf8_lossy(&line);
        let (tag, rest) = text.split_once(' ').ok_or_else(|| garbage(&line))?;
        if let Some(status) = status(rest) {
            return Ok(match tag {
                "*" => Reply::Status(status),
                tag => Reply::Tagged(tag.to_owned(), status),
            });
        }
        if tag != "*" {
            return Err(garbage(&line));
        }
        let mut tokens = Vec::new();
        let mut line = line[2..].to_vec();
        let mut literals = 0;
        while let Some((kept, length)) = announced_literal(&line) {
            literals += length;
            if literals > LITERAL_BYTES {
                return Err(ImapError::Garbage(format!("a literal of {length} bytes")));
            }
            tokenise(&line[..kept], &mut tokens);
            let mut bytes = Vec::new();
            let got = (&mut self.stream)
                .take(length)
                .read_to_end(&mut bytes)
                .await
                .map_err(ImapError::Broken)?;
            if (got as u64) < length {
                return Err(ImapError::Closed("inside a literal".to_owned()));
            }
            tokens.push(Token::Text(bytes));
            line = self.line().await?;
        }
        tokenise(&line, &mut tokens);
        Ok(Reply::Data(tokens))
    }

    /// A line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, ImapError> {
        let mut line = Vec::new();
        (&mut self.stream)
            .take(LINE_BYTES)
            .read_until(b'\n', &mut line)
            .await
            .map_err(ImapError::Broken)?;
        match line.pop() {
            Some(b'\n') => {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                Ok(line)
            }
            Some(_) if line.len() as u64 + 1 >= LINE_BYTES => Err(garbage(&line)),
            Some(_) => Err(ImapError::Closed("inside a line".to_owned())),
            None => Err(ImapError::Closed("without a word".to_owned())),
        }
    }
}

/// Files one reply; true when it ends the command.
fn take(
    name: &'static str,
    tag: &str,
    reply: Reply,
    replies: &mut Replies,
) -> Result<bool, ImapError> {
    match reply {
        Reply::Continue => Err(ImapError::Garbage(format!("`+` in the middle of {name}"))),
        Reply::Data(tokens) => {
            replies.data.push(tokens);
            Ok(false)
        }
        Reply::Status(status) if status.word == "BYE" && name != "LOGOUT" => {
            Err(ImapError::Closed(format!("saying `{}`", status.text)))
        }
        Reply::Status(status) => {
            replies.codes.extend(status.code);
            Ok(false)
        }
        Reply::Tagged(of, _) if of != tag => {
            Err(ImapError::Garbage(format!("an answer to {of} while {tag} was asked")))
        }
        Reply::Tagged(_, status) if status.word == "OK" => {
            replies.codes.extend(status.code);
            Ok(true)
        }
        Reply::Tagged(_, Status { word, code, text }) => {
            let mut said = word;
            if let Some(code) = code {
                let _ = write!(said, " [{code}]");
            }
            Err(ImapError::Refused { command: name, said: format!("{said} {text}") })
        }
    }
}

fn garbage(line: &[u8]) -> ImapError {
    let start: String = String::from_utf8_lossy(&line[..line.len().min(60)])
        .chars()
        .map(|c| if c.is_control() { '.' } else { c })
        .collect();
    ImapError::Garbage(format!("`{start}`"))
}

/// `OK [CODE …] text`, if the reply is one of the five.
fn status(rest: &str) -> Option<Status> {
    let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let word = word.to_ascii_uppercase();
    if !["OK", "NO", "BAD", "BYE", "PREAUTH"].contains(&word.as_str()) {
        return None;
    }
    let (code, text) = match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((code, text)) => (Some(code.to_owned()), text.trim_start()),
        None => (None, text),
    };
    Some(Status { word, code, text: text.to_owned() })
}

/// Where the text before `{123}` ends, and the number, if the line ends so.
fn announced_literal(line: &[u8]) -> Option<(usize, u64)> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|&b| b == b'{')?;
    let digits = &inner[open + 1..];
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // A number that does not fit is longer than any literal that we accept.
    let length = std::str::from_utf8(digits).ok()?.parse().unwrap_or(u64::MAX / 2);
    Some((open, length))
}

fn tokenise(line: &[u8], tokens: &mut Vec<Token>) {
    let mut at = 0;
    while let Some(&b) = line.get(at) {
        at += 1;
        match b {
            b' ' => {}
            b'(' => tokens.push(Token::Open),
            b')' => tokens.push(Token::Close),
            b'"' => {
                let mut text = Vec::new();
                while let Some(&b) = line.get(at) {
                    at += 1;
                    match b {
                        b'"' => break,
                        b'\\' => {
                            text.extend(line.get(at));
                            at += 1;
                        }
                        b => text.push(b),
                    }
                }
                tokens.push(Token::Text(text));
            }
            _ => {
                let start = at - 1;
                at = start;
                while let Some(&b) = line.get(at) {
                    match b {
                        b' ' | b'(' | b')' | b'"' => break,
                        b'[' => {
                            let close = line[at..].iter().position(|&b| b == b']');
                            at = close.map_or(line.len(), |n| at + n + 1);
                        }
                        _ => at += 1,
                    }
                }
                tokens.push(Token::Atom(String::from_utf8_lossy(&line[start..at]).into_owned()));
            }
        }
    }
}

fn quotable(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, 0x20..=0x7e)) && text.len() < 1000
}

fn quote(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    for b in text.bytes() {
        if matches!(b, b'"' | b'\\') {
            line.push(b'\\');
        }
        line.push(b);
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(line: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        tokenise(line.as_bytes(), &mut tokens);
        tokens
    }

    #[test]
    fn words_strings_and_brackets_are_told_apart() {
        let atom = |s: &str| Token::Atom(s.into());
        let text = |s: &str| Token::Text(s.into());
        assert_eq!(
            tokens(r#"LIST (\HasNoChildren \Junk) "/" "a \"b\\""#),
            [
                atom("LIST"),
                Token::Open,
                atom("\\HasNoChildren"),
                atom("\\Junk"),
                Token::Close,
                text("/"),
                text("a \"b\\"),
            ]
        );
        assert_eq!(
            tokens("3 FETCH (BODY[HEADER.FIELDS (X Y)] NIL)"),
            [
                atom("3"),
                atom("FETCH"),
                Token::Open,
                atom("BODY[HEADER.FIELDS (X Y)]"),
                atom("NIL"),
                Token::Close,
            ]
        );
    }

    #[test]
    fn broken_lines_end_somewhere() {
        for line in ["\"open", "\"esc\\", "A[open", "((((", "))))", "", "{", "\u{e9}"] {
            assert!(tokens(line).len() <= line.len());
        }
        assert_eq!(tokens(&"(".repeat(50_000)).len(), 50_000);
    }

    #[test]
    fn a_literal_is_announced_at_the_end_only() {
        assert_eq!(announced_literal(b"x {12}"), Some((2, 12)));
        assert_eq!(announced_literal(b"{12+}"), Some((0, 12)));
        assert_eq!(announced_literal(b"{99999999999999999999999}"), Some((0, u64::MAX / 2)));
        for line in ["{12} ", "{}", "{+}", "{a}", "}", "12}", ""] {
            assert_eq!(announced_literal(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_status_keeps_code_and_text() {
        let s = status("NO [TRYCREATE] no such folder").unwrap();
        assert_eq!((s.word.as_str(), s.code.as_deref()), ("NO", Some("TRYCREATE")));
        assert_eq!(s.text, "no such folder");
        assert_eq!(status("ok [ALERT]\u{e9}").unwrap().text, "\u{e9}");
        assert_eq!(status("OK").unwrap().text, "");
        assert_eq!(status("3 EXISTS"), None);
    }
}
