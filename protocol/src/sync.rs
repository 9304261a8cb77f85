//! Sync (MS-ASCMD 2.2.1.21).

use std::sync::Arc;

use wbxml::tags::{air_sync, air_sync_base, email2};
use wbxml::{Encoder, Node};

use crate::{ClientId, CollectionId, Mail, ProtocolError, ServerId, SyncKey, SyncStatus, wire};

/// WindowSize when the request names none (MS-ASCMD 2.2.3.199).
pub const WINDOW_SIZE_DEFAULT: u32 = 100;
/// The largest WindowSize; 0 and anything above mean this (MS-ASCMD 2.2.3.199).
pub const WINDOW_SIZE_MAX: u32 = 512;
/// The most commands in one request (MS-ASCMD R5642).
pub const COMMANDS_MAX: usize = 200;

/// A Sync request with a body. An empty one repeats the cached request (MS-ASCMD 4.5.10).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Request {
    /// The collections listed.
    pub collections: Vec<Collection>,
    /// Wait, in minutes.
    pub wait_minutes: Option<u32>,
    /// HeartbeatInterval, in seconds.
    pub heartbeat_seconds: Option<u32>,
    /// WindowSize of the whole request.
    pub window_size: Option<u32>,
    /// Unlisted collections keep the settings of the previous request.
    pub partial: bool,
}

/// One collection of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collection {
    /// Class, only up to 12.0.
    pub class: Option<Arc<str>>,
    /// The newest key the client has, or 0.
    pub sync_key: SyncKey,
    /// Which folder.
    pub collection_id: CollectionId,
    /// Whether a Delete moves to Deleted Items; absent means yes (MS-ASCMD R2158).
    pub deletes_as_moves: Option<bool>,
    /// Whether server changes are wanted; absent means no for key 0 and yes for others (MS-ASCMD R5555, R5556).
    pub get_changes: Option<bool>,
    /// How many commands the answer may hold.
    pub window_size: Option<u32>,
    /// Options; sticky when absent, replaced as a whole when present (MS-ASCMD R3597 to R3599).
    pub options: Option<Options>,
    /// Commands of the client, in order.
    pub commands: Vec<ClientCommand>,
}

impl Collection {
    /// A collection with nothing but its key.
    pub fn new(collection_id: CollectionId, sync_key: SyncKey) -> Self {
        Self {
            class: None,
            sync_key,
            collection_id,
            deletes_as_moves: None,
            get_changes: None,
            window_size: None,
            options: None,
            commands: Vec::new(),
        }
    }

    /// Whether the answer shall carry server changes (MS-ASCMD R5555, R5556, R3127).
    pub fn wants_changes(&self) -> bool {
        self.get_changes.unwrap_or(!self.sync_key.is_zero())
    }

    /// The window in force: the default where absent, the maximum for 0 and anything above it.
    pub fn window(&self) -> u32 {
        effective_window(self.window_size)
    }
}

/// The window that a WindowSize stands for.
pub fn effective_window(window_size: Option<u32>) -> u32 {
    match window_size {
        None => WINDOW_SIZE_DEFAULT,
        Some(0) => WINDOW_SIZE_MAX,
        Some(size) => size.min(WINDOW_SIZE_MAX),
    }
}

/// Options of a collection (MS-ASCMD 2.2.3.125).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// FilterType: 0 all, 1 a day, 2 three days, 3 a week, 4 two weeks, 5 a month.
    pub filter_type: Option<u8>,
    /// Conflict: 0 the client wins, 1 the server wins; absent means 1 (MS-ASCMD R2064 to R2068).
    pub conflict: Option<u8>,
    /// Body type wanted (MS-ASAIRS BodyPreference), with the size to cut at, in bytes.
    pub body_preference: Option<(u8, Option<u32>)>,
}

impl Options {
    /// Whether the server's version wins a conflict.
    pub fn server_wins(&self) -> bool {
        self.conflict != Some(0)
    }

    /// Seconds before now that FilterType lets through for e-mail; `None` for all.
    pub fn filter_seconds(&self) -> Option<i64> {
        const DAY: i64 = 86_400;
        match self.filter_type {
            Some(1) => Some(DAY),
            Some(2) => Some(3 * DAY),
            Some(3) => Some(7 * DAY),
            Some(4) => Some(14 * DAY),
            Some(5) => Some(30 * DAY),
            _ => None,
        }
    }
}

/// A command of the client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientCommand {
    /// Adds an item; for e-mail only 16.x drafts (MS-ASCMD R754).
    Add {
        /// The client's id.
        client_id: ClientId,
        /// The item.
        data: Mail,
        /// Send instead of storing (MS-ASEMAIL R1386).
        send: bool,
    },
    /// Changes an item.
    Change {
        /// Which.
        server_id: ServerId,
        /// What changes.
        data: Mail,
        /// Send the draft.
        send: bool,
    },
    /// Deletes an item.
    Delete {
        /// Which.
        server_id: ServerId,
    },
    /// Fetches an item whole.
    Fetch {
        /// Which.
        server_id: ServerId,
    },
}

impl ClientCommand {
    /// The item of the server that the command is about; none for an Add.
    pub fn server_id(&self) -> Option<&ServerId> {
        match self {
            Self::Add { .. } => None,
            Self::Change { server_id, .. }
            | Self::Delete { server_id }
            | Self::Fetch { server_id } => Some(server_id),
        }
    }
}

/// A Sync response with a body. An empty one says that nothing changed (MS-ASCMD R667).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Response {
    /// Global status, if the response is about the whole request.
    pub status: Option<SyncStatus>,
    /// Limit that goes with statuses 14 and 15.
    pub limit: Option<u32>,
    /// The collections answered.
    pub collections: Vec<CollectionResponse>,
}

/// One collection of a response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollectionResponse {
    /// The new key; with a status other than 1 it is not stored.
    pub sync_key: Option<SyncKey>,
    /// Which folder.
    pub collection_id: CollectionId,
    /// Status of the collection.
    pub status: SyncStatus,
    /// Whether more changes are waiting.
    pub more_available: bool,
    /// What became of the client's commands (MS-ASCMD R6412 to R6414).
    pub responses: Vec<ItemResponse>,
    /// Changes of the server.
    pub commands: Vec<ServerCommand>,
}

/// What became of a client command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ItemResponse {
    /// Of an Add.
    Add {
        /// The client's id.
        client_id: ClientId,
        /// The server's id, on success.
        server_id: Option<ServerId>,
        /// Status.
        status: SyncStatus,
    },
    /// Of a Change.
    Change {
        /// Which.
        server_id: ServerId,
        /// Status.
        status: SyncStatus,
    },
    /// Of a Delete that failed.
    Delete {
        /// Which.
        server_id: ServerId,
        /// Status.
        status: SyncStatus,
    },
    /// Of a Fetch.
    Fetch {
        /// Which.
        server_id: ServerId,
        /// Status.
        status: SyncStatus,
        /// The item, on success.
        data: Option<Mail>,
    },
}

impl ItemResponse {
    /// The status of the item.
    pub fn status(&self) -> SyncStatus {
        match self {
            Self::Add { status, .. }
            | Self::Change { status, .. }
            | Self::Delete { status, .. }
            | Self::Fetch { status, .. } => *status,
        }
    }
}

/// A change of the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerCommand {
    /// An item is new for the client; for a known id to be taken as a Change (MS-ASCMD R757).
    Add {
        /// Which.
        server_id: ServerId,
        /// The item.
        data: Mail,
    },
    /// Properties changed.
    Change {
        /// Which.
        server_id: ServerId,
        /// What changed.
        data: Mail,
    },
    /// The item is gone.
    Delete {
        /// Which.
        server_id: ServerId,
    },
    /// The item left the filter (MS-ASCMD R3062).
    SoftDelete {
        /// Which.
        server_id: ServerId,
    },
}

impl ServerCommand {
    /// The item.
    pub fn server_id(&self) -> &ServerId {
        match self {
            Self::Add { server_id, .. }
            | Self::Change { server_id, .. }
            | Self::Delete { server_id }
            | Self::SoftDelete { server_id } => server_id,
        }
    }
}

impl Request {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(air_sync::SYNC);
        if !self.collections.is_empty() {
            out.start(air_sync::COLLECTIONS);
            self.collections.iter().for_each(|collection| collection.write(out));
            out.end();
        }
        wire::leaf_number_if(out, air_sync::WAIT, self.wait_minutes);
        wire::leaf_number_if(out, air_sync::HEARTBEAT_INTERVAL, self.heartbeat_seconds);
        wire::leaf_number_if(out, air_sync::WINDOW_SIZE, self.window_size);
        if self.partial {
            out.empty(air_sync::PARTIAL);
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let list = root.child(air_sync::COLLECTIONS);
        let collections = list.into_iter().flat_map(Node::children);
        Ok(Self {
            collections: collections.map(Collection::read).collect::<Result<_, _>>()?,
            wait_minutes: wire::child_number(root, air_sync::WAIT)?,
            heartbeat_seconds: wire::child_number(root, air_sync::HEARTBEAT_INTERVAL)?,
            window_size: wire::child_number(root, air_sync::WINDOW_SIZE)?,
            partial: root.child(air_sync::PARTIAL).is_some(),
        })
    }
}

impl Collection {
    fn write(&self, out: &mut Encoder) {
        out.start(air_sync::COLLECTION);
        wire::leaf_if(out, air_sync::CLASS, self.class.as_deref());
        out.leaf(air_sync::SYNC_KEY, self.sync_key.as_str());
        out.leaf(air_sync::COLLECTION_ID, self.collection_id.as_str());
        wire::leaf_bool_if(out, air_sync::DELETES_AS_MOVES, self.deletes_as_moves);
        wire::leaf_bool_if(out, air_sync::GET_CHANGES, self.get_changes);
        wire::leaf_number_if(out, air_sync::WINDOW_SIZE, self.window_size);
        if let Some(options) = &self.options {
            options.write(out);
        }
        if !self.commands.is_empty() {
            out.start(air_sync::COMMANDS);
            self.commands.iter().for_each(|command| command.write(out));
            out.end();
        }
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let commands = node.child(air_sync::COMMANDS);
        let commands = commands.into_iter().flat_map(Node::children);
        Ok(Self {
            class: wire::child_text(node, air_sync::CLASS),
            sync_key: SyncKey::new(wire::need_text(node, air_sync::SYNC_KEY)?),
            collection_id: CollectionId::new(wire::need_text(node, air_sync::COLLECTION_ID)?),
            deletes_as_moves: wire::child_bool(node, air_sync::DELETES_AS_MOVES)?,
            get_changes: wire::child_bool(node, air_sync::GET_CHANGES)?,
            window_size: wire::child_number(node, air_sync::WINDOW_SIZE)?,
            options: node.child(air_sync::OPTIONS).map(Options::read).transpose()?,
            commands: commands.map(ClientCommand::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Options {
    fn write(&self, out: &mut Encoder) {
        out.start(air_sync::OPTIONS);
        wire::leaf_number_if(out, air_sync::FILTER_TYPE, self.filter_type);
        wire::leaf_number_if(out, air_sync::CONFLICT, self.conflict);
        if let Some((kind, size)) = self.body_preference {
            out.start(air_sync_base::BODY_PREFERENCE);
            wire::leaf_number(out, air_sync_base::TYPE, kind);
            wire::leaf_number_if(out, air_sync_base::TRUNCATION_SIZE, size);
            out.end();
        }
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let preference = node.child(air_sync_base::BODY_PREFERENCE);
        let body_preference = preference
            .map(|node| {
                let kind = wire::child_number(node, air_sync_base::TYPE)?.unwrap_or(1);
                Ok::<_, ProtocolError>((
                    kind,
                    wire::child_number(node, air_sync_base::TRUNCATION_SIZE)?,
                ))
            })
            .transpose()?;
        Ok(Self {
            filter_type: wire::child_number(node, air_sync::FILTER_TYPE)?,
            conflict: wire::child_number(node, air_sync::CONFLICT)?,
            body_preference,
        })
    }
}

impl ClientCommand {
    fn write(&self, out: &mut Encoder) {
        match self {
            Self::Add { client_id, data, send } => {
                out.start(air_sync::ADD);
                out.leaf(air_sync::CLIENT_ID, client_id.as_str());
                write_data(out, data, *send);
            }
            Self::Change { server_id, data, send } => {
                out.start(air_sync::CHANGE);
                out.leaf(air_sync::SERVER_ID, server_id.as_str());
                write_data(out, data, *send);
            }
            Self::Delete { server_id } => {
                out.start(air_sync::DELETE);
                out.leaf(air_sync::SERVER_ID, server_id.as_str());
            }
            Self::Fetch { server_id } => {
                out.start(air_sync::FETCH);
                out.leaf(air_sync::SERVER_ID, server_id.as_str());
            }
        }
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let server_id = || wire::need_text(node, air_sync::SERVER_ID).map(ServerId::new);
        Ok(match node.tag() {
            air_sync::ADD => {
                let (data, send) = read_data(node)?;
                let client_id = ClientId::new(wire::need_text(node, air_sync::CLIENT_ID)?);
                Self::Add { client_id, data, send }
            }
            air_sync::CHANGE => {
                let (data, send) = read_data(node)?;
                Self::Change { server_id: server_id()?, data, send }
            }
            air_sync::DELETE => Self::Delete { server_id: server_id()? },
            air_sync::FETCH => Self::Fetch { server_id: server_id()? },
            other => return Err(wire::structure(node, format!("{other} is no client command"))),
        })
    }
}

fn write_data(out: &mut Encoder, data: &Mail, send: bool) {
    if send {
        out.empty(email2::SEND);
    }
    out.start(air_sync::APPLICATION_DATA);
    data.write(out);
    out.end();
}

/// `Send` stands beside ApplicationData or inside it, depending on who wrote the request (MS-ASEMAIL 2.2.2.66).
fn read_data(node: Node<'_>) -> Result<(Mail, bool), ProtocolError> {
    let data = node.child(air_sync::APPLICATION_DATA);
    let send = node.child(email2::SEND).is_some()
        || data.is_some_and(|data| data.child(email2::SEND).is_some());
    Ok((data.map(Mail::read).transpose()?.unwrap_or_default(), send))
}

impl Response {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(air_sync::SYNC);
        wire::leaf_number_if(out, air_sync::STATUS, self.status.map(SyncStatus::code));
        wire::leaf_number_if(out, air_sync::LIMIT, self.limit);
        if !self.collections.is_empty() {
            out.start(air_sync::COLLECTIONS);
            self.collections.iter().for_each(|collection| collection.write(out));
            out.end();
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let list = root.child(air_sync::COLLECTIONS);
        let collections = list.into_iter().flat_map(Node::children);
        Ok(Self {
            status: wire::child_number(root, air_sync::STATUS)?.map(SyncStatus::from_code),
            limit: wire::child_number(root, air_sync::LIMIT)?,
            collections: collections.map(CollectionResponse::read).collect::<Result<_, _>>()?,
        })
    }
}

impl CollectionResponse {
    fn write(&self, out: &mut Encoder) {
        out.start(air_sync::COLLECTION);
        wire::leaf_if(out, air_sync::SYNC_KEY, self.sync_key.as_ref().map(SyncKey::as_str));
        out.leaf(air_sync::COLLECTION_ID, self.collection_id.as_str());
        wire::leaf_number(out, air_sync::STATUS, self.status.code());
        if self.more_available {
            out.empty(air_sync::MORE_AVAILABLE);
        }
        if !self.responses.is_empty() {
            out.start(air_sync::RESPONSES);
            self.responses.iter().for_each(|response| response.write(out));
            out.end();
        }
        if !self.commands.is_empty() {
            out.start(air_sync::COMMANDS);
            self.commands.iter().for_each(|command| command.write(out));
            out.end();
        }
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let children = |tag| node.child(tag).into_iter().flat_map(Node::children);
        let (responses, commands) = (children(air_sync::RESPONSES), children(air_sync::COMMANDS));
        Ok(Self {
            sync_key: wire::child_text(node, air_sync::SYNC_KEY).map(SyncKey::new),
            collection_id: CollectionId::new(wire::need_text(node, air_sync::COLLECTION_ID)?),
            status: wire::child_number(node, air_sync::STATUS)?
                .map_or(SyncStatus::Success, SyncStatus::from_code),
            more_available: node.child(air_sync::MORE_AVAILABLE).is_some(),
            responses: responses.map(ItemResponse::read).collect::<Result<_, _>>()?,
            commands: commands.map(ServerCommand::read).collect::<Result<_, _>>()?,
        })
    }
}

impl ItemResponse {
    fn write(&self, out: &mut Encoder) {
        let tag = match self {
            Self::Add { .. } => air_sync::ADD,
            Self::Change { .. } => air_sync::CHANGE,
            Self::Delete { .. } => air_sync::DELETE,
            Self::Fetch { .. } => air_sync::FETCH,
        };
        out.start(tag);
        match self {
            Self::Add { client_id, server_id, .. } => {
                out.leaf(air_sync::CLIENT_ID, client_id.as_str());
                wire::leaf_if(out, air_sync::SERVER_ID, server_id.as_ref().map(ServerId::as_str));
            }
            Self::Change { server_id, .. }
            | Self::Delete { server_id, .. }
            | Self::Fetch { server_id, .. } => out.leaf(air_sync::SERVER_ID, server_id.as_str()),
        }
        wire::leaf_number(out, air_sync::STATUS, self.status().code());
        if let Self::Fetch { data: Some(data), .. } = self {
            out.start(air_sync::APPLICATION_DATA);
            data.write(out);
            out.end();
        }
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let status = wire::child_number(node, air_sync::STATUS)?
            .map_or(SyncStatus::Success, SyncStatus::from_code);
        // Horde_ActiveSync (2.41) names an item that it could not delete in ClientId. What it means is clear, and a device that
        // refused to read it would never get on.
        let stray = wire::child_text(node, air_sync::CLIENT_ID);
        let server_id = || match wire::need_text(node, air_sync::SERVER_ID) {
            Ok(id) => Ok(ServerId::new(id)),
            Err(error) => stray.map(ServerId::new).ok_or(error),
        };
        Ok(match node.tag() {
            air_sync::ADD => Self::Add {
                client_id: ClientId::new(wire::need_text(node, air_sync::CLIENT_ID)?),
                server_id: wire::child_text(node, air_sync::SERVER_ID).map(ServerId::new),
                status,
            },
            air_sync::CHANGE => Self::Change { server_id: server_id()?, status },
            air_sync::DELETE => Self::Delete { server_id: server_id()?, status },
            air_sync::FETCH => {
                let data = node.child(air_sync::APPLICATION_DATA).map(Mail::read).transpose()?;
                Self::Fetch { server_id: server_id()?, status, data }
            }
            other => return Err(wire::structure(node, format!("{other} is no item response"))),
        })
    }
}

impl ServerCommand {
    fn write(&self, out: &mut Encoder) {
        let (tag, data) = match self {
            Self::Add { data, .. } => (air_sync::ADD, Some(data)),
            Self::Change { data, .. } => (air_sync::CHANGE, Some(data)),
            Self::Delete { .. } => (air_sync::DELETE, None),
            Self::SoftDelete { .. } => (air_sync::SOFT_DELETE, None),
        };
        out.start(tag);
        out.leaf(air_sync::SERVER_ID, self.server_id().as_str());
        if let Some(data) = data {
            out.start(air_sync::APPLICATION_DATA);
            data.write(out);
            out.end();
        }
        out.end();
    }

    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let server_id = ServerId::new(wire::need_text(node, air_sync::SERVER_ID)?);
        let data = || {
            let data = node.child(air_sync::APPLICATION_DATA).map(Mail::read).transpose();
            data.map(Option::unwrap_or_default)
        };
        Ok(match node.tag() {
            air_sync::ADD => Self::Add { server_id, data: data()? },
            air_sync::CHANGE => Self::Change { server_id, data: data()? },
            air_sync::DELETE => Self::Delete { server_id },
            air_sync::SOFT_DELETE => Self::SoftDelete { server_id },
            other => return Err(wire::structure(node, format!("{other} is no server command"))),
        })
    }
}
