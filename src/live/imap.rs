//! The mailbox's other hand, by IMAP: delivers, flags, moves and deletes mail, and reads the truth at the end.
//!
//! Every operation says whether it happened. A folder is read whole or not at all: what was read must be as many
//! messages as the server says there are, or it is read again.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use super::letter::TOKEN_HEADER;
use super::socket::{Address, ConnectError, Dialer, Url, UrlError};

mod wire;

use wire::{Part, Replies, Reply, Token, Wire};

/// How often a folder that changes while it is read is read again.
const READINGS: usize = 5;

/// Whose mailbox, and where.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Account {
    address: Address,
    user: String,
    password: String,
}

impl Account {
    /// The account at `imaps://user@host[:port]`, or `imap://…` on loopback. `user` is used when the URL has none.
    pub(crate) fn new(url: &str, user: &str, password: &str) -> Result<Self, ImapError> {
        let refuse = |why| UrlError { text: url.to_owned(), why };
        let parsed = Url::parse(url)?;
        let (tls, default_port) = match parsed.scheme.as_str() {
            "imap" => (false, 143),
            "imaps" => (true, 993),
            _ => return Err(refuse("it begins with neither `imaps://` nor `imap://`").into()),
        };
        if !matches!(parsed.path.as_str(), "" | "/") {
            return Err(refuse("it names a folder; hunts make their own").into());
        }
        let port = parsed.port.unwrap_or(default_port);
        let address = Address { tls, host: parsed.host, port };
        if !tls && !address.is_loopback() {
            return Err(refuse("IMAP in clear is for loopback only; use `imaps://`").into());
        }
        let user = parsed.user.unwrap_or_else(|| user.to_owned());
        Ok(Self { address, user, password: password.to_owned() })
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({} at {})", self.user, self.address)
    }
}

/// Why something did not happen in the mailbox, or could not be known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImapError {
    /// The URL cannot be used.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection broke.
    #[error("the IMAP connection broke: {0}")]
    Broken(io::Error),
    /// The server ended the connection.
    #[error("the IMAP server closed the connection {0}")]
    Closed(String),
    /// Too slow.
    #[error("no IMAP answer within {0:?}")]
    Timeout(Duration),
    /// An answer that is not IMAP, or longer than it may be.
    #[error("not an answer of IMAP: {0}")]
    Garbage(String),
    /// `NO` or `BAD`.
    #[error("the IMAP server refused {command}: {said}")]
    Refused {
        /// The command, without its arguments.
        command: &'static str,
        /// What the server said.
        said: String,
    },
    /// The message is not in the folder (any more).
    #[error("no message {uid} in {folder}")]
    NoSuchMessage {
        /// Where it was looked for.
        folder: String,
        /// Its UID.
        uid: u32,
    },
    /// The operation was taken, yet the flag is not as asked.
    #[error("message {uid} in {folder} did not take the flag {flag}")]
    NotStored {
        /// Where.
        folder: String,
        /// Which.
        uid: u32,
        /// What should have changed.
        flag: &'static str,
    },
    /// The folder never stood still.
    #[error("{folder} changed during each of {READINGS} readings")]
    Restless {
        /// Which.
        folder: String,
    },
    /// A name or date that cannot be sent.
    #[error("`{0}` cannot be sent by IMAP")]
    Argument(String),
}

/// A system flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flag {
    /// Read.
    Seen,
    /// Starred.
    Flagged,
    /// To be expunged; many clients show such a message as gone.
    Deleted,
}

impl Flag {
    /// As IMAP writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seen => "\\Seen",
            Self::Flagged => "\\Flagged",
            Self::Deleted => "\\Deleted",
        }
    }
}

/// The system flags of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// Read.
    pub(crate) seen: bool,
    /// Starred.
    pub(crate) flagged: bool,
    /// Marked to be expunged, yet still there.
    pub(crate) deleted: bool,
}

impl Flags {
    fn has(self, flag: Flag) -> bool {
        match flag {
            Flag::Seen => self.seen,
            Flag::Flagged => self.flagged,
            Flag::Deleted => self.deleted,
        }
    }
}

/// A message as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its number in the folder.
    pub(crate) uid: u32,
    /// Its flags.
    pub(crate) flags: Flags,
    /// The token, if the mail is ours.
    pub(crate) token: Option<String>,
    /// The subject; for mails that are not ours.
    pub(crate) subject: String,
}

/// A folder, read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    /// UIDs of another value mean other messages.
    pub(crate) uid_validity: u32,
    /// In the order of UIDs; `\Deleted` ones included.
    pub(crate) messages: Vec<Stored>,
}

/// A folder as LIST tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The whole path, as IMAP encodes it.
    pub(crate) name: String,
    /// What separates the parts of a path.
    pub(crate) separator: Option<char>,
    /// Such as `\Noselect` or `\Trash`.
    pub(crate) attributes: Vec<String>,
}

/// A session, logged in.
pub(crate) struct Imap {
    wire: Wire,
    capabilities: Vec<String>,
    timeout: Duration,
}

impl Imap {
    /// Connects and logs in.
    pub(crate) async fn login(account: &Account, timeout: Duration) -> Result<Self, ImapError> {
        let dialer = Dialer::for_address(&account.address)?;
        Self::login_with(&dialer, account, timeout).await
    }

    async fn login_with(
        dialer: &Dialer,
        account: &Account,
        timeout: Duration,
    ) -> Result<Self, ImapError> {
        within(timeout, async {
            let mut wire = Wire::new(dialer.dial(&account.address).await?);
            match wire.reply().await? {
                Reply::Status(greeting) if greeting.word == "OK" => {}
                Reply::Status(greeting) => return Err(ImapError::Closed(greeting.text)),
                other => return Err(ImapError::Garbage(format!("the greeting {other:?}"))),
            }
            let who = [Part::Text(&account.user), Part::Text(&account.password)];
            if account.user.contains(['\r', '\n', '\0']) {
                return Err(ImapError::Argument(account.user.clone()));
            }
            wire.command("LOGIN", &who).await?;
            let replies = wire.command("CAPABILITY", &[]).await?;
            let capabilities = replies
                .data
                .iter()
                .filter(|tokens| tokens.first().is_some_and(|t| t.is("CAPABILITY")))
                .flat_map(|tokens| tokens[1..].iter().filter_map(Token::text))
                .map(|word| word.to_ascii_uppercase())
                .collect();
            Ok(Self { wire, capabilities, timeout })
        })
        .await
    }

    /// Says goodbye.
    pub(crate) async fn logout(mut self) -> Result<(), ImapError> {
        within(self.timeout, self.wire.command("LOGOUT", &[])).await.map(drop)
    }

    /// All folders of the mailbox.
    pub(crate) async fn folders(&mut self) -> Result<Vec<Folder>, ImapError> {
        let replies = self.command("LIST", &[Part::Raw("\"\" \"*\"")]).await?;
        Ok(replies.data.iter().filter_map(|tokens| folder(tokens)).collect())
    }

    /// Makes a folder.
    pub(crate) async fn create(&mut self, folder: &str) -> Result<(), ImapError> {
        self.command("CREATE", &[Part::Text(folder)]).await.map(drop)
    }

    /// Has the server count changes of a folder from now on, as it does once any client has asked for MODSEQ
    /// (RFC 7162 3.1); `false` when it cannot count them.
    pub(crate) async fn count_changes(&mut self, folder: &str) -> Result<bool, ImapError> {
        if !self.can("CONDSTORE") {
            return Ok(false);
        }
        let parts = [Part::Text(folder), Part::Raw("(HIGHESTMODSEQ)")];
        self.command("STATUS", &parts).await.map(|_| true)
    }

    /// Removes a folder with all it holds.
    pub(crate) async fn remove(&mut self, folder: &str) -> Result<(), ImapError> {
        // A selected folder can often not be removed.
        self.command("EXAMINE", &[Part::Text("INBOX")]).await?;
        self.command("DELETE", &[Part::Text(folder)]).await.map(drop)
    }

    /// Renames a folder.
    pub(crate) async fn rename(&mut self, from: &str, to: &str) -> Result<(), ImapError> {
        self.command("RENAME", &[Part::Text(from), Part::Text(to)]).await.map(drop)
    }

    /// Delivers a message. `received` is a date as [`super::letter::Moment::imap`] writes it; without it the server
    /// takes the time of now. Gives the UID if the server tells it.
    pub(crate) async fn append(
        &mut self,
        folder: &str,
        message: &[u8],
        flags: &[Flag],
        received: Option<&str>,
    ) -> Result<Option<u32>, ImapError> {
        let names: Vec<_> = flags.iter().map(|flag| flag.name()).collect();
        let list = format!("({})", names.join(" "));
        let mut parts = vec![Part::Text(folder)];
        if !flags.is_empty() {
            parts.push(Part::Raw(&list));
        }
        parts.extend(received.map(Part::Text));
        parts.push(Part::Literal(message));
        let replies = self.command("APPEND", &parts).await?;
        Ok(replies.code("APPENDUID").and_then(last_number))
    }

    /// Sets or clears one flag, and looks whether it took.
    pub(crate) async fn store(
        &mut self,
        folder: &str,
        uid: u32,
        flag: Flag,
        on: bool,
    ) -> Result<(), ImapError> {
        self.select(folder).await?;
        let name = flag.name();
        let sign = if on { '+' } else { '-' };
        let change = format!("{uid} {sign}FLAGS.SILENT ({name})");
        self.command("UID STORE", &[Part::Raw(&change)]).await?;
        let flags = self.flags(uid).await?;
        match flags {
            None => Err(ImapError::NoSuchMessage { folder: folder.to_owned(), uid }),
            Some(flags) if flags.has(flag) == on => Ok(()),
            Some(_) => Err(ImapError::NotStored { folder: folder.to_owned(), uid, flag: name }),
        }
    }

    /// Marks a message `\Deleted` and leaves it there.
    pub(crate) async fn mark_deleted(&mut self, folder: &str, uid: u32) -> Result<(), ImapError> {
        self.store(folder, uid, Flag::Deleted, true).await
    }

    /// Removes a message for good. Without UIDPLUS others that are marked `\Deleted` go with it.
    pub(crate) async fn delete(&mut self, folder: &str, uid: u32) -> Result<(), ImapError> {
        self.mark_deleted(folder, uid).await?;
        self.expunge(uid).await?;
        match self.flags(uid).await? {
            None => Ok(()),
            Some(_) => {
                Err(ImapError::NotStored { folder: folder.to_owned(), uid, flag: "expunged" })
            }
        }
    }

    /// Moves a message. Gives its new UID if the server tells it.
    pub(crate) async fn move_to(
        &mut self,
        folder: &str,
        uid: u32,
        target: &str,
    ) -> Result<Option<u32>, ImapError> {
        self.select(folder).await?;
        if self.flags(uid).await?.is_none() {
            return Err(ImapError::NoSuchMessage { folder: folder.to_owned(), uid });
        }
        let number = uid.to_string();
        let parts = [Part::Raw(&number), Part::Text(target)];
        let moved = if self.can("MOVE") {
            self.command("UID MOVE", &parts).await?
        } else {
            let copied = self.command("UID COPY", &parts).await?;
            let change = format!("{uid} +FLAGS.SILENT (\\Deleted)");
            self.command("UID STORE", &[Part::Raw(&change)]).await?;
            self.expunge(uid).await?;
            copied
        };
        match moved.code("COPYUID") {
            Some(code) => Ok(last_number(code)),
            // With UIDPLUS a move that says nothing has moved nothing: the message went away before it.
            None if self.can("UIDPLUS") => {
                Err(ImapError::NoSuchMessage { folder: folder.to_owned(), uid })
            }
            None => Ok(None),
        }
    }

    /// Reads a folder whole, without changing it.
    pub(crate) async fn read(&mut self, folder: &str) -> Result<Contents, ImapError> {
        let fields = format!("1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS ({TOKEN_HEADER} Subject)])");
        let mut refused = None;
        for _ in 0..READINGS {
            let opened = self.command("EXAMINE", &[Part::Text(folder)]).await?;
            let uid_validity =
                opened.code("UIDVALIDITY").and_then(last_number).ok_or_else(|| {
                    ImapError::Garbage(format!("{folder} was opened without UIDVALIDITY"))
                })?;
            let exists = counted(&opened, "EXISTS").unwrap_or(0);
            if exists == 0 {
                return Ok(Contents { uid_validity, messages: Vec::new() });
            }
            let replies = match self.command("UID FETCH", &[Part::Raw(&fields)]).await {
                Ok(replies) => replies,
                // Dovecot refuses when a message went away while it was read.
                Err(error @ ImapError::Refused { .. }) => {
                    refused = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let messages = stored(&replies);
            let stood_still = counted(&replies, "EXISTS").is_none_or(|n| n == exists)
                && counted(&replies, "EXPUNGE").is_none();
            if stood_still && messages.len() == exists as usize {
                return Ok(Contents { uid_validity, messages: messages.into_values().collect() });
            }
        }
        Err(refused.unwrap_or_else(|| ImapError::Restless { folder: folder.to_owned() }))
    }

    fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|c| c == capability)
    }

    async fn select(&mut self, folder: &str) -> Result<(), ImapError> {
        self.command("SELECT", &[Part::Text(folder)]).await.map(drop)
    }

    async fn expunge(&mut self, uid: u32) -> Result<(), ImapError> {
        if self.can("UIDPLUS") {
            self.command("UID EXPUNGE", &[Part::Raw(&uid.to_string())]).await.map(drop)
        } else {
            self.command("EXPUNGE", &[]).await.map(drop)
        }
    }

    /// The flags of one message of the selected folder; `None` when it is not there.
    async fn flags(&mut self, uid: u32) -> Result<Option<Flags>, ImapError> {
        let wanted = format!("{uid} (UID FLAGS)");
        let replies = self.command("UID FETCH", &[Part::Raw(&wanted)]).await?;
        let found = replies.data.iter().rev().filter_map(|tokens| fetched(tokens));
        Ok(found.filter(|f| f.uid == Some(uid)).find_map(|f| f.flags))
    }

    async fn command(
        &mut self,
        name: &'static str,
        parts: &[Part<'_>],
    ) -> Result<Replies, ImapError> {
        for part in parts {
            if let Part::Text(text) = part
                && text.contains(['\r', '\n', '\0'])
            {
                return Err(ImapError::Argument(text.escape_default().to_string()));
            }
        }
        within(self.timeout, self.wire.command(name, parts)).await
    }
}

async fn within<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, ImapError>>,
) -> Result<T, ImapError> {
    tokio::time::timeout(timeout, work).await.unwrap_or(Err(ImapError::Timeout(timeout)))
}

/// The last number of a response code: the UIDs of `APPENDUID 38505 3955` and `COPYUID 38505 304 3956`.
fn last_number(code: &str) -> Option<u32> {
    code.rsplit(' ').next()?.parse().ok()
}

/// The number of the last `* 3 EXISTS` or its like.
fn counted(replies: &Replies, word: &str) -> Option<u32> {
    replies.data.iter().rev().find_map(|tokens| match tokens.as_slice() {
        [number, name, ..] if name.is(word) => number.number(),
        _ => None,
    })
}

fn folder(tokens: &[Token]) -> Option<Folder> {
    let [list, Token::Open, rest @ ..] = tokens else { return None };
    let close = rest.iter().position(|t| *t == Token::Close)?;
    let [separator, name] = &rest[close + 1..] else { return None };
    if !list.is("LIST") {
        return None;
    }
    Some(Folder {
        name: name.text()?,
        separator: match separator {
            Token::Text(bytes) => bytes.first().map(|&b| char::from(b)),
            _ => None,
        },
        attributes: rest[..close].iter().filter_map(Token::text).collect(),
    })
}

/// What one `* n FETCH (…)` holds.
#[derive(Default)]
struct Fetched {
    uid: Option<u32>,
    flags: Option<Flags>,
    header: Option<Vec<u8>>,
}

fn fetched(tokens: &[Token]) -> Option<Fetched> {
    let [_, fetch, Token::Open, rest @ ..] = tokens else { return None };
    if !fetch.is("FETCH") {
        return None;
    }
    let mut found = Fetched::default();
    let mut at = rest.iter().peekable();
    while let Some(token) = at.next() {
        let Token::Atom(name) = token else { continue };
        let name = name.to_ascii_uppercase();
        if name == "UID" {
            found.uid = at.next().and_then(Token::number);
        } else if name == "FLAGS" {
            let mut flags = Flags::default();
            for token in at.by_ref().take_while(|t| **t != Token::Close) {
                flags.seen |= token.is(Flag::Seen.name());
                flags.flagged |= token.is(Flag::Flagged.name());
                flags.deleted |= token.is(Flag::Deleted.name());
            }
            found.flags = Some(flags);
        } else if name.starts_with("BODY[HEADER") {
            found.header = match at.next() {
                Some(Token::Text(bytes)) => Some(bytes.clone()),
                _ => None,
            };
        }
    }
    Some(found)
}

/// The messages that were told whole, by UID. A later word about the flags of one replaces an earlier.
fn stored(replies: &Replies) -> BTreeMap<u32, Stored> {
    let mut messages = BTreeMap::<u32, Stored>::new();
    for fetched in replies.data.iter().filter_map(|tokens| fetched(tokens)) {
        let (Some(uid), Some(flags)) = (fetched.uid, fetched.flags) else { continue };
        if let Some(header) = fetched.header {
            let field = |name| header_field(&header, name);
            let subject = field("Subject").unwrap_or_default();
            let token = field(TOKEN_HEADER).filter(|token| !token.is_empty());
            messages.insert(uid, Stored { uid, flags, token, subject });
        } else if let Some(message) = messages.get_mut(&uid) {
            message.flags = flags;
        }
    }
    messages
}

/// The value of a header field, unfolded.
fn header_field(header: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(header);
    let mut value: Option<String> = None;
    for line in text.lines() {
        let continues = line.starts_with([' ', '\t']);
        match &mut value {
            Some(value) if continues => {
                value.push(' ');
                value.push_str(line.trim());
            }
            Some(_) => break,
            None if continues => {}
            None => {
                if let Some((n, v)) = line.split_once(':')
                    && n.trim_end().eq_ignore_ascii_case(name)
                {
                    value = Some(v.trim().to_owned());
                }
            }
        }
    }
    value
}

#[cfg(test)]
mod tests;
