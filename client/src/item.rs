//! An item of the local copy: what the server said, and what the user has changed since.

use activesync::{ClientId, CollectionId, Flag, Mail, ServerId};

/// Number of an item on this device; it stays when ServerIds come and go.
pub type LocalId = u32;

/// An item of the local copy.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// The server's id; a draft not yet acknowledged has none.
    pub server_id: Option<ServerId>,
    /// The id under which a draft is being added.
    pub client_id: Option<ClientId>,
    /// What the server has said or acknowledged.
    pub base: Mail,
    /// What the user changed and no answer has confirmed yet.
    pub pending: Pending,
    /// Came by a move of this device (re-keyed) and not by an Add of the server yet.
    pub arrived: bool,
    /// Moved away by this device; the Delete of the server is awaited.
    pub leaving: bool,
}

/// A change with a number, so that an acknowledgement of an older one does not clear it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<T> {
    /// The new value.
    pub value: T,
    /// Its number.
    pub number: u64,
}

/// Changes of the user that no answer has confirmed.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    /// Read or unread.
    pub read: Option<Edit<bool>>,
    /// Flag.
    pub flag: Option<Edit<Flag>>,
    /// Deleted; true: for good.
    pub delete: Option<Edit<bool>>,
    /// Moved to.
    pub moved: Option<Edit<CollectionId>>,
    /// Draft to be sent.
    pub send: Option<Edit<()>>,
}

impl Pending {
    /// Whether a Sync command is waiting.
    pub fn wants_sync(&self) -> bool {
        self.read.is_some() || self.flag.is_some() || self.delete.is_some() || self.send.is_some()
    }

    /// Whether anything is waiting.
    pub fn is_empty(&self) -> bool {
        !self.wants_sync() && self.moved.is_none()
    }
}

impl Item {
    /// Read, as the user sees it.
    pub fn read(&self) -> bool {
        self.pending.read.as_ref().map_or(self.base.read.unwrap_or(false), |edit| edit.value)
    }

    /// Flag, as the user sees it.
    pub fn flag(&self) -> Flag {
        let base = || self.base.flag.clone().unwrap_or_default();
        self.pending.flag.as_ref().map_or_else(base, |edit| edit.value.clone())
    }

    /// Whether the user still sees it.
    pub fn visible(&self) -> bool {
        self.pending.delete.is_none() && self.pending.send.is_none()
    }

    /// Whether the user may change it now: items on the move rest until they have arrived.
    pub fn editable(&self) -> bool {
        self.visible() && self.pending.moved.is_none() && !self.leaving
    }
}

/// A mail as the user of the device sees it.
#[derive(Clone, Debug)]
pub struct MailView<'a> {
    /// Where.
    pub collection: &'a CollectionId,
    /// Number on the device.
    pub local: LocalId,
    /// The item.
    pub item: &'a Item,
}
