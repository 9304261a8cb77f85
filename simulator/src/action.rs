//! Actions: what can happen next, and how a trace writes it down.
//!
//! An action names its object (`m7`, `A.4`, `f1`), so taking one action out of a trace does not rename the others. *Outside*
//! actions (users, network, devices) mean the same against a real server; *inside* actions (stages and store faults of the
//! embedded server) replay in the virtual world only.

use std::fmt;
use std::str::FromStr;

use activesync::history::{CallName, DeviceName, FolderName, MailName};

/// Something that happens next.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// The mailbox's other hand does something.
    Mailbox(MailboxAction),
    /// The user of a device does something.
    User(DeviceName, UserAction),
    /// A device starts a call.
    Call(CallName, CallKind),
    /// The call goes through without further trouble: request, answer, stored.
    Go(CallName),
    /// The request reaches the server, which has not looked at it yet.
    In(CallName),
    /// The server does one stage of its work on it.
    Step(CallName),
    /// The server does all its work on it; the answer is on its way.
    Home(CallName),
    /// The answer reaches the device and is stored.
    Out(CallName),
    /// The device does the first stage of storing an answer.
    Store(CallName),
    /// Something goes wrong.
    Trouble(Trouble),
    /// Time passes, in seconds.
    Clock(i64),
}

/// What the mailbox's other hand does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MailboxAction {
    /// A mail arrives, received so many days ago.
    Deliver(MailName, FolderName, u32),
    /// A mail arrives that its sender dated so many days ago.
    DeliverDated(MailName, FolderName, u32),
    /// Something arrives that cannot be sent to any device, now or ever.
    Unsendable(FolderName),
    /// Read state.
    Read(MailName, bool),
    /// Flag with a text, or none.
    Flag(MailName, Option<u32>),
    /// Move.
    Move(MailName, FolderName),
    /// Delete for good.
    Delete(MailName),
    /// Everything in a folder is marked read or unread at once.
    ReadAll(FolderName, bool),
    /// A folder is made.
    CreateFolder(FolderName),
    /// A folder is made below another.
    CreateBelow(FolderName, FolderName),
    /// A folder is hung below another.
    MoveFolder(FolderName, FolderName),
    /// A folder gets another display name (the label and a number).
    RenameFolder(FolderName, u32),
    /// A folder is deleted for good.
    DeleteFolder(FolderName),
    /// The administrator asks for a device to be wiped.
    Wipe(DeviceName),
}

/// What the user of a device does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UserAction {
    /// Read state.
    Read(MailName, bool),
    /// Flag with a text, or none.
    Flag(MailName, Option<u32>),
    /// Delete; true: for good.
    Delete(MailName, bool),
    /// Move.
    Move(MailName, FolderName),
    /// Write a draft.
    Draft(MailName),
    /// Send a draft.
    Send(MailName),
    /// Start a folder again with key 0.
    Reset(FolderName),
    /// Choose a FilterType.
    Filter(FolderName, u8),
    /// Choose who wins a conflict: true, the server.
    Conflict(FolderName, bool),
    /// Create a folder.
    CreateFolder(FolderName),
    /// Rename a folder.
    RenameFolder(FolderName, u32),
    /// Delete a folder.
    DeleteFolder(FolderName),
}

/// A kind of call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallKind {
    /// Sync, with what is out of the ordinary about it.
    Sync(SyncAction),
    /// The empty Sync.
    EmptySync,
    /// Ping.
    Ping,
    /// MoveItems.
    Moves,
    /// FolderSync.
    Folders,
    /// FolderCreate, FolderUpdate or FolderDelete, whichever the user asked for first.
    FolderEdit,
    /// GetItemEstimate.
    Estimate,
    /// Provision.
    Provision,
    /// A request that no good device sends, in the name of this one; its answer goes nowhere.
    Odd(Odd),
}

/// A request that no good device sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Odd {
    /// A folder's Sync with a key that nobody was given, and a change of one of its mails.
    InventedKey(FolderName),
    /// A folder's Sync with the key of another folder, and a change of one of its mails.
    ForeignKey(FolderName, FolderName),
    /// A change of what only the sender may write.
    ReadOnly(MailName),
    /// More commands than a request may have.
    TooMany(FolderName),
}

/// A Sync and its choices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SyncAction {
    /// Which folders; empty: as the device thinks.
    pub folders: Vec<FolderName>,
    /// WindowSize of each collection.
    pub window: Option<u32>,
    /// WindowSize of the request.
    pub window_all: Option<u32>,
    /// GetChanges 0.
    pub upload: bool,
    /// HeartbeatInterval, in seconds.
    pub heartbeat: Option<u32>,
    /// Partial.
    pub partial: bool,
    /// Fetches a mail.
    pub fetch: Option<MailName>,
}

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trouble {
    /// The request never reaches the server.
    LoseRequest(CallName),
    /// The answer never reaches the device.
    LoseResponse(CallName),
    /// The answer reaches the device cut.
    CutResponse(CallName),
    /// A second copy of the request (named as a call of its own) is on its way; its answer goes nowhere.
    Double(CallName, CallName),
    /// The device gives up waiting; the request goes on.
    TimeOut(CallName),
    /// The next stage's read of the store fails.
    FailRead(CallName),
    /// The next stage cannot read one item.
    FailItem(CallName, MailName),
    /// The next stage's write fails.
    FailWrite(CallName),
    /// The server process dies and comes back.
    CrashServer,
    /// It does so when it has done that many stages of a request.
    CrashAfter(CallName, u32),
    /// A device dies and comes back.
    CrashDevice(DeviceName),
    /// The server loses its state about a device.
    LoseState(DeviceName),
}

impl Action {
    /// Whether the action counts for the length of a trace: operations of users and mailbox, requests, faults. Deliveries
    /// and stages are how the counted ones come about.
    pub fn counts(&self) -> bool {
        !matches!(
            self,
            Self::Go(_)
                | Self::In(_)
                | Self::Step(_)
                | Self::Home(_)
                | Self::Out(_)
                | Self::Store(_)
        )
    }

    /// Whether it can only happen in the virtual world.
    pub fn is_inside(&self) -> bool {
        matches!(
            self,
            Self::Step(_)
                | Self::Home(_)
                | Self::Out(_)
                | Self::Store(_)
                | Self::Clock(_)
                | Self::Mailbox(
                    MailboxAction::DeliverDated(..)
                        | MailboxAction::Unsendable(_)
                        | MailboxAction::CreateBelow(..)
                        | MailboxAction::MoveFolder(..)
                        | MailboxAction::Wipe(_)
                )
                | Self::Call(_, CallKind::Odd(_))
                | Self::Trouble(
                    Trouble::FailRead(_)
                        | Trouble::FailItem(..)
                        | Trouble::FailWrite(_)
                        | Trouble::CrashServer
                        | Trouble::CrashAfter(..)
                        | Trouble::LoseState(_)
                )
        )
    }

    /// The call it is about.
    pub fn call(&self) -> Option<CallName> {
        match self {
            Self::Call(call, _)
            | Self::Go(call)
            | Self::In(call)
            | Self::Step(call)
            | Self::Home(call)
            | Self::Out(call)
            | Self::Store(call)
            | Self::Trouble(
                Trouble::LoseRequest(call)
                | Trouble::LoseResponse(call)
                | Trouble::CutResponse(call)
                | Trouble::Double(call, _)
                | Trouble::TimeOut(call)
                | Trouble::FailRead(call)
                | Trouble::FailItem(call, _)
                | Trouble::FailWrite(call)
                | Trouble::CrashAfter(call, _),
            ) => Some(*call),
            _ => None,
        }
    }
}

struct FlagText(Option<u32>);

impl fmt::Display for FlagText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => write!(f, "x{number}"),
            None => f.write_str("none"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mailbox(action) => write!(f, "box {action}"),
            Self::User(device, action) => write!(f, "{device} {action}"),
            Self::Call(call, kind) => write!(f, "call {call} {kind}"),
            Self::Go(call) => write!(f, "go {call}"),
            Self::In(call) => write!(f, "in {call}"),
            Self::Step(call) => write!(f, "step {call}"),
            Self::Home(call) => write!(f, "home {call}"),
            Self::Out(call) => write!(f, "out {call}"),
            Self::Store(call) => write!(f, "store {call}"),
            Self::Trouble(trouble) => write!(f, "{trouble}"),
            Self::Clock(seconds) => write!(f, "clock {seconds}"),
        }
    }
}

impl fmt::Display for MailboxAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliver(mail, folder, 0) => write!(f, "deliver {mail} {folder}"),
            Self::Deliver(mail, folder, days) => write!(f, "deliver {mail} {folder} {days}"),
            Self::DeliverDated(mail, folder, days) => {
                write!(f, "deliver-dated {mail} {folder} {days}")
            }
            Self::Unsendable(folder) => write!(f, "unsendable {folder}"),
            Self::Read(mail, true) => write!(f, "read {mail}"),
            Self::Read(mail, false) => write!(f, "unread {mail}"),
            Self::Flag(mail, text) => write!(f, "flag {mail} {}", FlagText(*text)),
            Self::Move(mail, folder) => write!(f, "move {mail} {folder}"),
            Self::Delete(mail) => write!(f, "delete {mail}"),
            Self::ReadAll(folder, true) => write!(f, "read-all {folder}"),
            Self::ReadAll(folder, false) => write!(f, "unread-all {folder}"),
            Self::CreateFolder(folder) => write!(f, "mkdir {folder}"),
            Self::CreateBelow(folder, parent) => write!(f, "mkdir {folder} {parent}"),
            Self::MoveFolder(folder, parent) => write!(f, "mvdir {folder} {parent}"),
            Self::RenameFolder(folder, number) => write!(f, "rename {folder} {number}"),
            Self::DeleteFolder(folder) => write!(f, "rmdir {folder}"),
            Self::Wipe(device) => write!(f, "wipe {device}"),
        }
    }
}

impl fmt::Display for UserAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(mail, true) => write!(f, "read {mail}"),
            Self::Read(mail, false) => write!(f, "unread {mail}"),
            Self::Flag(mail, text) => write!(f, "flag {mail} {}", FlagText(*text)),
            Self::Delete(mail, false) => write!(f, "delete {mail}"),
            Self::Delete(mail, true) => write!(f, "destroy {mail}"),
            Self::Move(mail, folder) => write!(f, "move {mail} {folder}"),
            Self::Draft(mail) => write!(f, "draft {mail}"),
            Self::Send(mail) => write!(f, "send {mail}"),
            Self::Reset(folder) => write!(f, "reset {folder}"),
            Self::Filter(folder, filter) => write!(f, "filter {folder} {filter}"),
            Self::Conflict(folder, true) => write!(f, "server-wins {folder}"),
            Self::Conflict(folder, false) => write!(f, "client-wins {folder}"),
            Self::CreateFolder(folder) => write!(f, "mkdir {folder}"),
            Self::RenameFolder(folder, number) => write!(f, "rename {folder} {number}"),
            Self::DeleteFolder(folder) => write!(f, "rmdir {folder}"),
        }
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sync(sync) => write!(f, "sync{sync}"),
            Self::EmptySync => f.write_str("empty-sync"),
            Self::Ping => f.write_str("ping"),
            Self::Moves => f.write_str("moves"),
            Self::Folders => f.write_str("folders"),
            Self::FolderEdit => f.write_str("folder-edit"),
            Self::Estimate => f.write_str("estimate"),
            Self::Provision => f.write_str("provision"),
            Self::Odd(odd) => write!(f, "odd {odd}"),
        }
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InventedKey(folder) => write!(f, "invented-key {folder}"),
            Self::ForeignKey(folder, other) => write!(f, "foreign-key {folder} {other}"),
            Self::ReadOnly(mail) => write!(f, "read-only {mail}"),
            Self::TooMany(folder) => write!(f, "too-many {folder}"),
        }
    }
}

impl fmt::Display for SyncAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.folders.is_empty() {
            let names: Vec<_> = self.folders.iter().map(FolderName::as_str).collect();
            write!(f, " in={}", names.join(","))?;
        }
        if let Some(window) = self.window {
            write!(f, " window={window}")?;
        }
        if let Some(window) = self.window_all {
            write!(f, " window-all={window}")?;
        }
        if self.upload {
            f.write_str(" upload")?;
        }
        if let Some(seconds) = self.heartbeat {
            write!(f, " heartbeat={seconds}")?;
        }
        if self.partial {
            f.write_str(" partial")?;
        }
        if let Some(mail) = self.fetch {
            write!(f, " fetch={mail}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoseRequest(call) => write!(f, "lose-request {call}"),
            Self::LoseResponse(call) => write!(f, "lose-response {call}"),
            Self::CutResponse(call) => write!(f, "cut-response {call}"),
            Self::Double(call, copy) => write!(f, "double {call} {copy}"),
            Self::TimeOut(call) => write!(f, "time-out {call}"),
            Self::FailRead(call) => write!(f, "fail-read {call}"),
            Self::FailItem(call, mail) => write!(f, "fail-item {call} {mail}"),
            Self::FailWrite(call) => write!(f, "fail-write {call}"),
            Self::CrashServer => f.write_str("crash-server"),
            Self::CrashAfter(call, stages) => write!(f, "crash-after {call} {stages}"),
            Self::CrashDevice(device) => write!(f, "crash-device {device}"),
            Self::LoseState(device) => write!(f, "lose-state {device}"),
        }
    }
}

/// A line of a trace that is no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no action: {0:?}")]
pub struct NoAction(pub String);

impl FromStr for Action {
    type Err = NoAction;

    fn from_str(line: &str) -> Result<Self, NoAction> {
        let words: Vec<&str> = line.split_whitespace().collect();
        parse(&words).ok_or_else(|| NoAction(line.to_owned()))
    }
}

fn parse(words: &[&str]) -> Option<Action> {
    let (first, rest) = words.split_first()?;
    if let Some(trouble) = parse_trouble(first, rest) {
        return Some(Action::Trouble(trouble));
    }
    Some(match (*first, rest) {
        ("box", rest) => Action::Mailbox(parse_mailbox(rest)?),
        ("call", [call, kind @ ..]) => Action::Call(call.parse().ok()?, parse_call(kind)?),
        ("go", [call]) => Action::Go(call.parse().ok()?),
        ("in", [call]) => Action::In(call.parse().ok()?),
        ("step", [call]) => Action::Step(call.parse().ok()?),
        ("home", [call]) => Action::Home(call.parse().ok()?),
        ("out", [call]) => Action::Out(call.parse().ok()?),
        ("store", [call]) => Action::Store(call.parse().ok()?),
        ("clock", [seconds]) => Action::Clock(seconds.parse().ok()?),
        (device, rest) => Action::User(device.parse().ok()?, parse_user(rest)?),
    })
}

/// The text of a flag; `none` stands for no flag.
fn parse_flag(text: &str) -> Option<FlagText> {
    match text.strip_prefix('x') {
        Some(digits) => digits.parse().ok().map(|number| FlagText(Some(number))),
        None => (text == "none").then_some(FlagText(None)),
    }
}

fn parse_mailbox(words: &[&str]) -> Option<MailboxAction> {
    use MailboxAction as M;
    Some(match words {
        ["deliver", mail, folder] => M::Deliver(mail.parse().ok()?, (*folder).into(), 0),
        ["deliver", mail, folder, days] => {
            M::Deliver(mail.parse().ok()?, (*folder).into(), days.parse().ok()?)
        }
        ["deliver-dated", mail, folder, days] => {
            M::DeliverDated(mail.parse().ok()?, (*folder).into(), days.parse().ok()?)
        }
        ["unsendable", folder] => M::Unsendable((*folder).into()),
        ["read", mail] => M::Read(mail.parse().ok()?, true),
        ["unread", mail] => M::Read(mail.parse().ok()?, false),
        ["flag", mail, text] => M::Flag(mail.parse().ok()?, parse_flag(text)?.0),
        ["move", mail, folder] => M::Move(mail.parse().ok()?, (*folder).into()),
        ["delete", mail] => M::Delete(mail.parse().ok()?),
        ["read-all", folder] => M::ReadAll((*folder).into(), true),
        ["unread-all", folder] => M::ReadAll((*folder).into(), false),
        ["mkdir", folder] => M::CreateFolder((*folder).into()),
        ["mkdir", folder, parent] => M::CreateBelow((*folder).into(), (*parent).into()),
        ["mvdir", folder, parent] => M::MoveFolder((*folder).into(), (*parent).into()),
        ["wipe", device] => M::Wipe(device.parse().ok()?),
        ["rename", folder, number] => M::RenameFolder((*folder).into(), number.parse().ok()?),
        ["rmdir", folder] => M::DeleteFolder((*folder).into()),
        _ => return None,
    })
}

fn parse_user(words: &[&str]) -> Option<UserAction> {
    use UserAction as U;
    Some(match words {
        ["read", mail] => U::Read(mail.parse().ok()?, true),
        ["unread", mail] => U::Read(mail.parse().ok()?, false),
        ["flag", mail, text] => U::Flag(mail.parse().ok()?, parse_flag(text)?.0),
        ["delete", mail] => U::Delete(mail.parse().ok()?, false),
        ["destroy", mail] => U::Delete(mail.parse().ok()?, true),
        ["move", mail, folder] => U::Move(mail.parse().ok()?, (*folder).into()),
        ["draft", mail] => U::Draft(mail.parse().ok()?),
        ["send", mail] => U::Send(mail.parse().ok()?),
        ["reset", folder] => U::Reset((*folder).into()),
        ["filter", folder, filter] => U::Filter((*folder).into(), filter.parse().ok()?),
        ["server-wins", folder] => U::Conflict((*folder).into(), true),
        ["client-wins", folder] => U::Conflict((*folder).into(), false),
        ["mkdir", folder] => U::CreateFolder((*folder).into()),
        ["rename", folder, number] => U::RenameFolder((*folder).into(), number.parse().ok()?),
        ["rmdir", folder] => U::DeleteFolder((*folder).into()),
        _ => return None,
    })
}

fn parse_call(words: &[&str]) -> Option<CallKind> {
    Some(match words {
        ["sync", choices @ ..] => CallKind::Sync(parse_sync(choices)?),
        ["empty-sync"] => CallKind::EmptySync,
        ["ping"] => CallKind::Ping,
        ["moves"] => CallKind::Moves,
        ["folders"] => CallKind::Folders,
        ["folder-edit"] => CallKind::FolderEdit,
        ["estimate"] => CallKind::Estimate,
        ["provision"] => CallKind::Provision,
        ["odd", rest @ ..] => CallKind::Odd(parse_odd(rest)?),
        _ => return None,
    })
}

fn parse_odd(words: &[&str]) -> Option<Odd> {
    Some(match words {
        ["invented-key", folder] => Odd::InventedKey((*folder).into()),
        ["foreign-key", folder, other] => Odd::ForeignKey((*folder).into(), (*other).into()),
        ["read-only", mail] => Odd::ReadOnly(mail.parse().ok()?),
        ["too-many", folder] => Odd::TooMany((*folder).into()),
        _ => return None,
    })
}

fn parse_sync(words: &[&str]) -> Option<SyncAction> {
    let mut sync = SyncAction::default();
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("in", names) => sync.folders = names.split(',').map(FolderName::from).collect(),
            ("window", size) => sync.window = Some(size.parse().ok()?),
            ("window-all", size) => sync.window_all = Some(size.parse().ok()?),
            ("upload", "") => sync.upload = true,
            ("heartbeat", seconds) => sync.heartbeat = Some(seconds.parse().ok()?),
            ("partial", "") => sync.partial = true,
            ("fetch", mail) => sync.fetch = Some(mail.parse().ok()?),
            _ => return None,
        }
    }
    Some(sync)
}

fn parse_trouble(first: &str, rest: &[&str]) -> Option<Trouble> {
    use Trouble as T;
    Some(match (first, rest) {
        ("lose-request", [call]) => T::LoseRequest(call.parse().ok()?),
        ("lose-response", [call]) => T::LoseResponse(call.parse().ok()?),
        ("cut-response", [call]) => T::CutResponse(call.parse().ok()?),
        ("double", [call, copy]) => T::Double(call.parse().ok()?, copy.parse().ok()?),
        ("time-out", [call]) => T::TimeOut(call.parse().ok()?),
        ("fail-read", [call]) => T::FailRead(call.parse().ok()?),
        ("fail-item", [call, mail]) => T::FailItem(call.parse().ok()?, mail.parse().ok()?),
        ("fail-write", [call]) => T::FailWrite(call.parse().ok()?),
        ("crash-server", []) => T::CrashServer,
        ("crash-after", [call, stages]) => T::CrashAfter(call.parse().ok()?, stages.parse().ok()?),
        ("crash-device", [device]) => T::CrashDevice(device.parse().ok()?),
        ("lose-state", [device]) => T::LoseState(device.parse().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_reads_back() {
        let lines = "box deliver m1 inbox\nbox deliver m1 inbox 9\nbox read m2\nbox unread m2\nbox flag m2 x5\n\
            box flag m2 none\nbox move m3 f1\nbox delete m4\nbox read-all f1\nbox unread-all f1\nbox mkdir f2\n\
            box mkdir f3 f2\nbox mvdir f3 f1\nbox deliver-dated m1 inbox 40\nbox unsendable inbox\nbox wipe A\n\
            box rename f2 3\nbox rmdir f2\nA read m1\nA unread m1\nB flag m1 x9\nB flag m1 none\nA delete m1\n\
            A destroy m1\nA move m1 f1\nA draft m9\nA send m9\nA reset inbox\nA filter inbox 3\nA server-wins f1\n\
            A client-wins f1\nA mkdir f3\nA rename f3 2\nA rmdir f3\ncall A.1 sync\n\
            call A.1 sync in=inbox,f1 window=2 window-all=3 upload heartbeat=60 partial fetch=m1\n\
            call A.2 empty-sync\ncall A.3 ping\ncall A.4 moves\ncall A.5 folders\ncall A.6 folder-edit\n\
            call A.7 estimate\ncall A.8 provision\n\
            call A.9 odd invented-key inbox\ncall A.9 odd foreign-key inbox f1\ncall A.9 odd read-only m1\n\
            call A.9 odd too-many inbox\ngo A.1\nin A.1\nstep A.1\nhome A.1\nout A.1\nstore A.1\nclock 60\n\
            lose-request A.1\nlose-response A.1\ncut-response A.1\ndouble A.1 A.2\ntime-out A.1\nfail-read A.1\n\
            fail-item A.1 m1\nfail-write A.1\ncrash-server\ncrash-after A.1 2\ncrash-device A\nlose-state B";
        for line in lines.lines().map(str::trim) {
            let action: Action = line.parse().unwrap();
            assert_eq!(action.to_string(), line);
        }
        for line in ["", "box", "box fly m1", "call A sync", "step", "a read m1", "box read m"] {
            assert!(line.parse::<Action>().is_err(), "{line}");
        }
    }
}
