//! FolderSync, FolderCreate, FolderUpdate, FolderDelete (MS-ASCMD 2.2.1.3 to 2.2.1.6).

use std::fmt;
use std::sync::Arc;

use wbxml::tags::folder_hierarchy as tags;
use wbxml::{Encoder, Node, Tag};

use crate::{CollectionId, FolderStatus, ProtocolError, SyncKey, wire};

macro_rules! folder_types {
    ($($code:literal $name:ident $doc:literal,)*) => {
        /// Type of a folder (MS-ASCMD 2.2.3.186.3).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum FolderType {
            $(#[doc = $doc] $name,)*
            /// A number that the table does not have.
            Other(u8),
        }

        impl FolderType {
            /// The rows of the table: number and meaning.
            pub const TABLE: &'static [(u8, &'static str)] = &[$(($code, $doc)),*];

            /// The type for a number of the wire.
            pub fn from_code(code: u8) -> Self {
                match code { $($code => Self::$name,)* other => Self::Other(other) }
            }

            /// The number on the wire.
            pub fn code(self) -> u8 {
                match self { $(Self::$name => $code,)* Self::Other(other) => other }
            }
        }

        impl fmt::Display for FolderType {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name => f.write_str($doc),)*
                    Self::Other(other) => write!(f, "type {other}"),
                }
            }
        }
    };
}

folder_types! {
    1 UserGeneric "user-created folder",
    2 Inbox "Inbox",
    3 Drafts "Drafts",
    4 DeletedItems "Deleted Items",
    5 SentItems "Sent Items",
    6 Outbox "Outbox",
    7 Tasks "Tasks",
    8 Calendar "Calendar",
    9 Contacts "Contacts",
    10 Notes "Notes",
    11 Journal "Journal",
    12 UserMail "user-created mail folder",
    13 UserCalendar "user-created calendar folder",
    14 UserContacts "user-created contacts folder",
    15 UserTasks "user-created tasks folder",
    16 UserJournal "user-created journal folder",
    17 UserNotes "user-created notes folder",
    18 Unknown "unknown folder type",
    19 RecipientCache "recipient information cache",
}

impl FolderType {
    /// Whether the folder holds mail.
    pub fn is_mail(self) -> bool {
        matches!(
            self,
            Self::UserGeneric
                | Self::Inbox
                | Self::Drafts
                | Self::DeletedItems
                | Self::SentItems
                | Self::Outbox
                | Self::UserMail
        )
    }

    /// Whether the folder is special: it cannot be deleted or renamed.
    pub fn is_special(self) -> bool {
        !matches!(self, Self::UserGeneric) && self.code() < 12 || self == Self::RecipientCache
    }
}

/// A folder as the hierarchy shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folder {
    /// Its id.
    pub server_id: CollectionId,
    /// Id of the parent; `0` is the root.
    pub parent_id: CollectionId,
    /// Name shown.
    pub display_name: Arc<str>,
    /// Type.
    pub folder_type: FolderType,
}

/// A FolderSync request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncRequest {
    /// The newest hierarchy key, or 0.
    pub sync_key: SyncKey,
}

/// A FolderSync response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncResponse {
    /// Status.
    pub status: FolderStatus,
    /// The new key.
    pub sync_key: Option<SyncKey>,
    /// The changes, in order.
    pub changes: Vec<Change>,
}

/// A change of the hierarchy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A folder is new for the client.
    Add(Folder),
    /// A folder was renamed or moved.
    Update(Folder),
    /// A folder is gone.
    Delete(CollectionId),
}

/// A FolderCreate request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreateRequest {
    /// The newest hierarchy key.
    pub sync_key: SyncKey,
    /// Where.
    pub parent_id: CollectionId,
    /// Name.
    pub display_name: Arc<str>,
    /// Type.
    pub folder_type: FolderType,
}

/// A FolderUpdate request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpdateRequest {
    /// The newest hierarchy key.
    pub sync_key: SyncKey,
    /// Which folder.
    pub server_id: CollectionId,
    /// Its parent from now on.
    pub parent_id: CollectionId,
    /// Its name from now on.
    pub display_name: Arc<str>,
}

/// A FolderDelete request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeleteRequest {
    /// The newest hierarchy key.
    pub sync_key: SyncKey,
    /// Which folder.
    pub server_id: CollectionId,
}

/// The response of FolderCreate, FolderUpdate and FolderDelete: a new key on success only (MS-ASCMD R4569, R4570).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditResponse {
    /// Status.
    pub status: FolderStatus,
    /// The new key.
    pub sync_key: Option<SyncKey>,
    /// Id of the folder created; FolderCreate only.
    pub server_id: Option<CollectionId>,
}

fn need_key(node: Node<'_>) -> Result<SyncKey, ProtocolError> {
    wire::need_text(node, tags::SYNC_KEY).map(SyncKey::new)
}

fn need_id(node: Node<'_>, tag: Tag) -> Result<CollectionId, ProtocolError> {
    wire::need_text(node, tag).map(CollectionId::new)
}

fn need_status(node: Node<'_>) -> Result<FolderStatus, ProtocolError> {
    let status: Option<u16> = wire::child_number(node, tags::STATUS)?;
    let status =
        status.ok_or_else(|| wire::structure(node, format!("{} lacks Status", node.tag())));
    status.map(FolderStatus::from_code)
}

impl SyncRequest {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::FOLDER_SYNC);
        out.leaf(tags::SYNC_KEY, self.sync_key.as_str());
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        Ok(Self { sync_key: need_key(root)? })
    }
}

impl SyncResponse {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::FOLDER_SYNC);
        wire::leaf_number(out, tags::STATUS, self.status.code());
        if let Some(key) = &self.sync_key {
            out.leaf(tags::SYNC_KEY, key.as_str());
            out.start(tags::CHANGES);
            wire::leaf_number(out, tags::COUNT, self.changes.len() as u64);
            self.changes.iter().for_each(|change| change.write(out));
            out.end();
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let changes = root.child(tags::CHANGES);
        let changes = changes.into_iter().flat_map(Node::children);
        let changes = changes.filter(|node| node.tag() != tags::COUNT);
        Ok(Self {
            status: need_status(root)?,
            sync_key: wire::child_text(root, tags::SYNC_KEY).map(SyncKey::new),
            changes: changes.map(Change::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Change {
    fn write(&self, out: &mut Encoder) {
        let (tag, folder) = match self {
            Self::Add(folder) => (tags::ADD, folder),
            Self::Update(folder) => (tags::UPDATE, folder),
            Self::Delete(id) => {
                out.start(tags::DELETE);
                out.leaf(tags::SERVER_ID, id.as_str());
                out.end();
                return;
            }
        };
        out.start(tag);
        out.leaf(tags::SERVER_ID, folder.server_id.as_str());
        out.leaf(tags::PARENT_ID, folder.parent_id.as_str());
        out.leaf(tags::DISPLAY_NAME, &folder.display_name);
        wire::leaf_number(out, tags::TYPE, folder.folder_type.code());
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let folder = || {
            let code = wire::child_number(node, tags::TYPE)?;
            Ok::<_, ProtocolError>(Folder {
                server_id: need_id(node, tags::SERVER_ID)?,
                parent_id: need_id(node, tags::PARENT_ID)?,
                display_name: wire::need_text(node, tags::DISPLAY_NAME)?,
                folder_type: code.map_or(FolderType::Unknown, FolderType::from_code),
            })
        };
        Ok(match node.tag() {
            tags::ADD => Self::Add(folder()?),
            tags::UPDATE => Self::Update(folder()?),
            tags::DELETE => Self::Delete(need_id(node, tags::SERVER_ID)?),
            other => return Err(wire::structure(node, format!("{other} is no folder change"))),
        })
    }
}

impl CreateRequest {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::FOLDER_CREATE);
        out.leaf(tags::SYNC_KEY, self.sync_key.as_str());
        out.leaf(tags::PARENT_ID, self.parent_id.as_str());
        out.leaf(tags::DISPLAY_NAME, &self.display_name);
        wire::leaf_number(out, tags::TYPE, self.folder_type.code());
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let code = wire::child_number(root, tags::TYPE)?;
        Ok(Self {
            sync_key: need_key(root)?,
            parent_id: need_id(root, tags::PARENT_ID)?,
            display_name: wire::need_text(root, tags::DISPLAY_NAME)?,
            folder_type: code.map_or(FolderType::UserMail, FolderType::from_code),
        })
    }
}

impl UpdateRequest {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::FOLDER_UPDATE);
        out.leaf(tags::SYNC_KEY, self.sync_key.as_str());
        out.leaf(tags::SERVER_ID, self.server_id.as_str());
        out.leaf(tags::PARENT_ID, self.parent_id.as_str());
        out.leaf(tags::DISPLAY_NAME, &self.display_name);
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            sync_key: need_key(root)?,
            server_id: need_id(root, tags::SERVER_ID)?,
            parent_id: need_id(root, tags::PARENT_ID)?,
            display_name: wire::need_text(root, tags::DISPLAY_NAME)?,
        })
    }
}

impl DeleteRequest {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::FOLDER_DELETE);
        out.leaf(tags::SYNC_KEY, self.sync_key.as_str());
        out.leaf(tags::SERVER_ID, self.server_id.as_str());
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        Ok(Self { sync_key: need_key(root)?, server_id: need_id(root, tags::SERVER_ID)? })
    }
}

impl EditResponse {
    pub(crate) fn write(&self, root: Tag, out: &mut Encoder) {
        out.start(root);
        wire::leaf_number(out, tags::STATUS, self.status.code());
        wire::leaf_if(out, tags::SYNC_KEY, self.sync_key.as_ref().map(SyncKey::as_str));
        wire::leaf_if(out, tags::SERVER_ID, self.server_id.as_ref().map(CollectionId::as_str));
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        Ok(Self {
            status: need_status(root)?,
            sync_key: wire::child_text(root, tags::SYNC_KEY).map(SyncKey::new),
            server_id: wire::child_text(root, tags::SERVER_ID).map(CollectionId::new),
        })
    }
}
