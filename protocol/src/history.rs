//! The record of what happened: what the users did on both sides, what was sent and answered, and the final truth.
//!
//! A history is made by whoever watches: the simulator, a hunt against a real server, a reader of logs. The checker judges it.
//! Events are in the order in which they happened; the position of an event in [`History::events`] is its time for all
//! judgements.
//!
//! ```
//! use activesync::history::{Event, History, MailName, MailboxOp};
//!
//! let mut history = History::default();
//! let mail = MailName(7);
//! history.push(Event::Mailbox(MailboxOp::Read { mail, folder: "inbox".into(), read: true }));
//! assert_eq!(mail.to_string(), "m7");
//! assert_eq!(MailName::find("re: m7 hello"), Some(mail));
//! ```

use std::fmt;
use std::sync::Arc;

use crate::{CollectionId, Flag, Request, Response, ServerId, SyncKey, Timestamp};

/// The name of a mail, `m7`: unique in a history, part of its subject, the same whatever ids a server gives it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MailName(pub u32);

/// The name of a device: `A`, `B`, ….
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DeviceName(pub u8);

/// The name of a call (a request and its response): `A.4`. A retry is a call of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallName {
    /// Who calls.
    pub device: DeviceName,
    /// Number, unique for the device.
    pub number: u32,
}

/// The label of a folder, such as `inbox` or `f3`; a rename changes what is displayed, never the label.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FolderName(Arc<str>);

impl MailName {
    /// Finds the first word of the form `m7` in a subject.
    pub fn find(subject: &str) -> Option<Self> {
        let mut words = subject.split(|c: char| !c.is_ascii_alphanumeric());
        words.find_map(|word| word.parse().ok())
    }
}

impl std::str::FromStr for MailName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix('m').ok_or(())?;
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| plain).map(Self).ok_or(())
    }
}

impl std::str::FromStr for DeviceName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.as_bytes() {
            [letter @ b'A'..=b'Z'] => Ok(Self(letter - b'A')),
            _ => Err(()),
        }
    }
}

impl std::str::FromStr for CallName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (device, number) = text.split_once('.').ok_or(())?;
        Ok(Self { device: device.parse()?, number: number.parse().map_err(|_| ())? })
    }
}

impl FolderName {
    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FolderName {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for MailName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{}", self.0)
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", char::from(b'A' + self.0 % 26))
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.device, self.number)
    }
}

impl fmt::Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that happened, in order.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The events.
    pub events: Vec<Event>,
}

impl History {
    /// Adds an event at the end.
    pub fn push(&mut self, event: Event) {
        self.events.push(event);
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The mailbox's other hand (delivery, webmail, IMAP) did something; it took effect at once.
    Mailbox(MailboxOp),
    /// The user of a device did something to the local copy; it will be sent when the device next talks.
    Device(DeviceName, DeviceOp),
    /// A device sent a request.
    Sent {
        /// The call.
        call: CallName,
        /// What was sent.
        request: Arc<Request>,
    },
    /// The server gave an answer; whether it arrived is another matter.
    Answered {
        /// The call.
        call: CallName,
        /// HTTP status.
        http_status: u16,
        /// The response; `None` with an HTTP error, or when the body could not be read (`unreadable`).
        response: Option<Arc<Response>>,
        /// Why the body of an HTTP 200 could not be read.
        unreadable: Option<Arc<str>>,
    },
    /// The device took an answer in, whole, and stored what it had to store.
    Received(CallName),
    /// The device learnt that no answer will come (connection closed, cut, timed out).
    Failed(CallName),
    /// Something was made to go wrong.
    Fault(Fault),
    /// What the embedded server believes that the device holds for the key presented in this call.
    Belief {
        /// The call that presented the key.
        call: CallName,
        /// Collection.
        collection: CollectionId,
        /// The key presented.
        key: SyncKey,
        /// What the device holds under that key, as the server believes.
        items: Arc<[HeldItem]>,
    },
    /// What the device does hold as confirmed under the key it presents in this call.
    Held {
        /// The call that presents the key.
        call: CallName,
        /// Collection.
        collection: CollectionId,
        /// The key presented.
        key: SyncKey,
        /// What it holds, without local changes that are still to be sent.
        items: Arc<[HeldItem]>,
    },
}

/// An item as held under a SyncKey.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeldItem {
    /// Id of the server.
    pub server_id: ServerId,
    /// Read.
    pub read: bool,
    /// Flag.
    pub flag: Flag,
}

/// What the other hand did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MailboxOp {
    /// A mail arrived.
    Deliver {
        /// Which.
        mail: MailName,
        /// Where.
        folder: FolderName,
        /// Read from the start.
        read: bool,
        /// Flagged from the start.
        flag: Flag,
        /// When it was received, for FilterType.
        received: Timestamp,
    },
    /// Its read state was set.
    Read {
        /// Which.
        mail: MailName,
        /// Where it was then.
        folder: FolderName,
        /// New value.
        read: bool,
    },
    /// Its flag was set.
    Flag {
        /// Which.
        mail: MailName,
        /// Where it was then.
        folder: FolderName,
        /// New value.
        flag: Flag,
    },
    /// It was moved.
    Move {
        /// Which.
        mail: MailName,
        /// Where it was then.
        from: FolderName,
        /// Where it is now.
        to: FolderName,
    },
    /// It was deleted for good.
    Delete {
        /// Which.
        mail: MailName,
        /// Where it was then.
        from: FolderName,
    },
    /// A folder was made.
    CreateFolder(FolderName),
    /// The display name of a folder changed.
    RenameFolder(FolderName),
    /// A folder was deleted for good, with these mails in it.
    DeleteFolder(FolderName, Vec<MailName>),
    /// A folder lies below another from now on, which is in the list second.
    NestFolder(FolderName, FolderName),
    /// Something arrived that no device can ever be sent.
    Unsendable(FolderName),
    /// The administrator asked for a device to be wiped.
    Wipe(DeviceName),
}

/// What the user of a device did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeviceOp {
    /// Marked read or unread.
    Read {
        /// Which.
        mail: MailName,
        /// Where the device had it then.
        folder: FolderName,
        /// New value.
        read: bool,
    },
    /// Flagged or unflagged.
    Flag {
        /// Which.
        mail: MailName,
        /// Where the device had it then.
        folder: FolderName,
        /// New value.
        flag: Flag,
    },
    /// Deleted.
    Delete {
        /// Which.
        mail: MailName,
        /// Where the device had it then.
        from: FolderName,
        /// Not by way of Deleted Items (DeletesAsMoves 0, or deleted there).
        permanent: bool,
    },
    /// Moved.
    Move {
        /// Which.
        mail: MailName,
        /// Where the device had it then.
        from: FolderName,
        /// Where to.
        to: FolderName,
    },
    /// Wrote a draft (16.x).
    Draft {
        /// Its name from now on.
        mail: MailName,
        /// Where.
        folder: FolderName,
    },
    /// Sent a draft (16.x).
    SendDraft {
        /// Which.
        mail: MailName,
        /// Where the device had it then.
        folder: FolderName,
    },
    /// Threw the copy of a folder away and starts again with key 0.
    Reset(FolderName),
    /// Created a folder.
    CreateFolder(FolderName),
    /// Renamed a folder.
    RenameFolder(FolderName),
    /// Deleted a folder.
    DeleteFolder(FolderName),
}

/// Something that was made to go wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Fault {
    /// A request never reached the server.
    RequestLost(CallName),
    /// An answer never reached the device.
    ResponseLost(CallName),
    /// An answer reached the device cut.
    ResponseCut(CallName),
    /// A request reached the server twice.
    RequestDoubled(CallName),
    /// The device gave up waiting while the request went on.
    TimedOut(CallName),
    /// A read of the store failed once, in this call.
    ReadFailed(CallName),
    /// One item could not be read once, in this call.
    ItemUnreadable(CallName, MailName),
    /// A write of the store failed once, in this call.
    WriteFailed(CallName),
    /// The server process died and came back.
    ServerCrashed,
    /// The device died and came back.
    DeviceCrashed(DeviceName),
    /// The server lost its state about a device (not the mail).
    StateLost(DeviceName),
}

/// A mail on the server, as its other hand sees it at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerMail {
    /// Which.
    pub mail: MailName,
    /// Where.
    pub folder: FolderName,
    /// Read.
    pub read: bool,
    /// Flag; where only "flagged" is known (IMAP) the text is left out.
    pub flag: Flag,
    /// When it was received.
    pub received: Timestamp,
    /// Marked for removal (IMAP `\Deleted`) but still there.
    pub marked_deleted: bool,
}

/// A mail on a device at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceMail {
    /// Which; `None` when its subject names none.
    pub mail: Option<MailName>,
    /// The server's id, if it has one.
    pub server_id: Option<ServerId>,
    /// Where.
    pub folder: FolderName,
    /// Read, as the user sees it.
    pub read: bool,
    /// Flag, as the user sees it.
    pub flag: Flag,
}

/// A device at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceTruth {
    /// Which.
    pub device: DeviceName,
    /// Folders it knows, as displayed.
    pub folders: Vec<FolderTruth>,
    /// Mails it holds.
    pub mails: Vec<DeviceMail>,
    /// Folders it keeps in sync, with the seconds that FilterType lets through.
    pub synced: Vec<(FolderName, Option<i64>)>,
    /// Why it never came to rest, if so.
    pub restless: Option<Arc<str>>,
}

/// A folder at the end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FolderTruth {
    /// Which.
    pub folder: FolderName,
    /// As displayed.
    pub display_name: Arc<str>,
}

/// Both sides at rest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Truth {
    /// How many events of the history had happened by then.
    pub events: usize,
    /// The clock at that moment.
    pub now: Timestamp,
    /// Folders of the server.
    pub folders: Vec<FolderTruth>,
    /// Mails of the server.
    pub server: Vec<ServerMail>,
    /// The devices.
    pub devices: Vec<DeviceTruth>,
    /// Subjects sent from drafts, one for each delivery.
    pub outbox: Vec<MailName>,
}
