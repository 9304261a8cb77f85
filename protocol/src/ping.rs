//! Ping (MS-ASCMD 2.2.1.13).

use std::sync::Arc;

use wbxml::tags::ping as tags;
use wbxml::{Encoder, Node};

use crate::{CollectionId, PingStatus, ProtocolError, wire};

/// A Ping request with a body; what is left out stays as cached (MS-ASCMD R5632 to R5635).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Request {
    /// HeartbeatInterval, in seconds.
    pub heartbeat_seconds: Option<u32>,
    /// The folders watched; `None` when left out.
    pub folders: Option<Vec<Folder>>,
}

/// A folder to watch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folder {
    /// Which.
    pub id: CollectionId,
    /// Class, such as `Email`.
    pub class: Arc<str>,
}

/// A Ping response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// Status.
    pub status: PingStatus,
    /// Folders with changes, for status 2.
    pub folders: Vec<CollectionId>,
    /// The nearest interval allowed, for status 5.
    pub heartbeat_seconds: Option<u32>,
    /// The most folders allowed, for status 6.
    pub max_folders: Option<u32>,
}

impl Response {
    /// A response with a status and nothing else.
    pub fn status(status: PingStatus) -> Self {
        Self { status, folders: Vec::new(), heartbeat_seconds: None, max_folders: None }
    }
}

impl Request {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::PING);
        wire::leaf_number_if(out, tags::HEARTBEAT_INTERVAL, self.heartbeat_seconds);
        if let Some(folders) = &self.folders {
            out.start(tags::FOLDERS);
            for folder in folders {
                out.start(tags::FOLDER);
                out.leaf(tags::ID, folder.id.as_str());
                out.leaf(tags::CLASS, &folder.class);
                out.end();
            }
            out.end();
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let folder = |node: Node<'_>| {
            Ok(Folder {
                id: CollectionId::new(wire::need_text(node, tags::ID)?),
                class: wire::need_text(node, tags::CLASS)?,
            })
        };
        let folders = root
            .child(tags::FOLDERS)
            .map(|list| list.children().map(folder).collect::<Result<_, ProtocolError>>());
        Ok(Self {
            heartbeat_seconds: wire::child_number(root, tags::HEARTBEAT_INTERVAL)?,
            folders: folders.transpose()?,
        })
    }
}

impl Response {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::PING);
        wire::leaf_number(out, tags::STATUS, self.status.code());
        if !self.folders.is_empty() {
            out.start(tags::FOLDERS);
            self.folders.iter().for_each(|id| out.leaf(tags::FOLDER, id.as_str()));
            out.end();
        }
        wire::leaf_number_if(out, tags::MAX_FOLDERS, self.max_folders);
        wire::leaf_number_if(out, tags::HEARTBEAT_INTERVAL, self.heartbeat_seconds);
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let status: Option<u16> = wire::child_number(root, tags::STATUS)?;
        let status = status.ok_or_else(|| wire::structure(root, "Ping lacks Status".into()))?;
        let folders = root.child(tags::FOLDERS);
        let folders = folders.into_iter().flat_map(Node::children);
        Ok(Self {
            status: PingStatus::from_code(status),
            folders: folders.map(|node| CollectionId::new(wire::text(node))).collect(),
            heartbeat_seconds: wire::child_number(root, tags::HEARTBEAT_INTERVAL)?,
            max_folders: wire::child_number(root, tags::MAX_FOLDERS)?,
        })
    }
}
