//! Requests and responses of all commands, and their bodies.

use wbxml::tags::provision as provision_tags;
use wbxml::tags::{air_sync, folder_hierarchy, get_item_estimate, move_, ping as ping_tags};
use wbxml::{Encoder, Tag, Tree};

use crate::{Command, ProtocolError, estimate, folders, moves, ping, provision, sync, wire};

/// A request, without its envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Provision.
    Provision(provision::Request),
    /// FolderSync.
    FolderSync(folders::SyncRequest),
    /// FolderCreate.
    FolderCreate(folders::CreateRequest),
    /// FolderUpdate.
    FolderUpdate(folders::UpdateRequest),
    /// FolderDelete.
    FolderDelete(folders::DeleteRequest),
    /// Sync; `None` is the empty request that repeats the cached one.
    Sync(Option<sync::Request>),
    /// MoveItems.
    MoveItems(moves::Request),
    /// Ping; `None` is the empty request that repeats the cached one.
    Ping(Option<ping::Request>),
    /// GetItemEstimate.
    GetItemEstimate(estimate::Request),
}

/// A response, without its envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Response {
    /// Provision.
    Provision(provision::Response),
    /// FolderSync.
    FolderSync(folders::SyncResponse),
    /// FolderCreate.
    FolderCreate(folders::EditResponse),
    /// FolderUpdate.
    FolderUpdate(folders::EditResponse),
    /// FolderDelete.
    FolderDelete(folders::EditResponse),
    /// Sync; `None` is the empty response: nothing changed.
    Sync(Option<sync::Response>),
    /// MoveItems.
    MoveItems(moves::Response),
    /// Ping.
    Ping(ping::Response),
    /// GetItemEstimate.
    GetItemEstimate(estimate::Response),
}

/// The root element of a command's bodies.
fn root_tag(command: Command) -> Result<Tag, ProtocolError> {
    Ok(match command {
        Command::Provision => provision_tags::PROVISION,
        Command::FolderSync => folder_hierarchy::FOLDER_SYNC,
        Command::FolderCreate => folder_hierarchy::FOLDER_CREATE,
        Command::FolderUpdate => folder_hierarchy::FOLDER_UPDATE,
        Command::FolderDelete => folder_hierarchy::FOLDER_DELETE,
        Command::Sync => air_sync::SYNC,
        Command::MoveItems => move_::MOVE_ITEMS,
        Command::Ping => ping_tags::PING,
        Command::GetItemEstimate => get_item_estimate::GET_ITEM_ESTIMATE,
        other => return Err(ProtocolError::NotModelled(other)),
    })
}

impl Request {
    /// The command of the request line.
    pub fn command(&self) -> Command {
        match self {
            Self::Provision(_) => Command::Provision,
            Self::FolderSync(_) => Command::FolderSync,
            Self::FolderCreate(_) => Command::FolderCreate,
            Self::FolderUpdate(_) => Command::FolderUpdate,
            Self::FolderDelete(_) => Command::FolderDelete,
            Self::Sync(_) => Command::Sync,
            Self::MoveItems(_) => Command::MoveItems,
            Self::Ping(_) => Command::Ping,
            Self::GetItemEstimate(_) => Command::GetItemEstimate,
        }
    }

    /// The body; `None` for the empty requests.
    pub fn encode(&self) -> Result<Option<Vec<u8>>, ProtocolError> {
        let mut out = Encoder::new();
        match self {
            Self::Provision(request) => request.write(&mut out),
            Self::FolderSync(request) => request.write(&mut out),
            Self::FolderCreate(request) => request.write(&mut out),
            Self::FolderUpdate(request) => request.write(&mut out),
            Self::FolderDelete(request) => request.write(&mut out),
            Self::Sync(Some(request)) => request.write(&mut out),
            Self::MoveItems(request) => request.write(&mut out),
            Self::Ping(Some(request)) => request.write(&mut out),
            Self::GetItemEstimate(request) => request.write(&mut out),
            Self::Sync(None) | Self::Ping(None) => return Ok(None),
        }
        Ok(Some(out.finish()?))
    }

    /// Reads the body of a request.
    pub fn decode(command: Command, body: Option<&[u8]>) -> Result<Self, ProtocolError> {
        let root_tag = root_tag(command)?;
        let Some(body) = body.filter(|body| !body.is_empty()) else {
            return match command {
                Command::Sync => Ok(Self::Sync(None)),
                Command::Ping => Ok(Self::Ping(None)),
                other => Err(ProtocolError::NoBody(other)),
            };
        };
        let tree: Tree = wire::tree(body)?;
        let root = wire::root(&tree, root_tag)?;
        Ok(match command {
            Command::Provision => Self::Provision(provision::Request::read(root)?),
            Command::FolderSync => Self::FolderSync(folders::SyncRequest::read(root)?),
            Command::FolderCreate => Self::FolderCreate(folders::CreateRequest::read(root)?),
            Command::FolderUpdate => Self::FolderUpdate(folders::UpdateRequest::read(root)?),
            Command::FolderDelete => Self::FolderDelete(folders::DeleteRequest::read(root)?),
            Command::Sync => Self::Sync(Some(sync::Request::read(root)?)),
            Command::MoveItems => Self::MoveItems(moves::Request::read(root)?),
            Command::Ping => Self::Ping(Some(ping::Request::read(root)?)),
            Command::GetItemEstimate => Self::GetItemEstimate(estimate::Request::read(root)?),
            other => return Err(ProtocolError::NotModelled(other)),
        })
    }
}

impl Response {
    /// The command answered.
    pub fn command(&self) -> Command {
        match self {
            Self::Provision(_) => Command::Provision,
            Self::FolderSync(_) => Command::FolderSync,
            Self::FolderCreate(_) => Command::FolderCreate,
            Self::FolderUpdate(_) => Command::FolderUpdate,
            Self::FolderDelete(_) => Command::FolderDelete,
            Self::Sync(_) => Command::Sync,
            Self::MoveItems(_) => Command::MoveItems,
            Self::Ping(_) => Command::Ping,
            Self::GetItemEstimate(_) => Command::GetItemEstimate,
        }
    }

    /// The body; `None` for the empty Sync response.
    pub fn encode(&self) -> Result<Option<Vec<u8>>, ProtocolError> {
        let mut out = Encoder::new();
        match self {
            Self::Provision(response) => response.write(&mut out),
            Self::FolderSync(response) => response.write(&mut out),
            Self::FolderCreate(response) => {
                response.write(folder_hierarchy::FOLDER_CREATE, &mut out);
            }
            Self::FolderUpdate(response) => {
                response.write(folder_hierarchy::FOLDER_UPDATE, &mut out);
            }
            Self::FolderDelete(response) => {
                response.write(folder_hierarchy::FOLDER_DELETE, &mut out);
            }
            Self::Sync(Some(response)) => response.write(&mut out),
            Self::Sync(None) => return Ok(None),
            Self::MoveItems(response) => response.write(&mut out),
            Self::Ping(response) => response.write(&mut out),
            Self::GetItemEstimate(response) => response.write(&mut out),
        }
        Ok(Some(out.finish()?))
    }

    /// Reads the body of a response.
    pub fn decode(command: Command, body: Option<&[u8]>) -> Result<Self, ProtocolError> {
        let root_tag = root_tag(command)?;
        let Some(body) = body.filter(|body| !body.is_empty()) else {
            return match command {
                Command::Sync => Ok(Self::Sync(None)),
                other => Err(ProtocolError::NoBody(other)),
            };
        };
        let tree = wire::tree(body)?;
        let root = wire::root(&tree, root_tag)?;
        Ok(match command {
            Command::Provision => Self::Provision(provision::Response::read(root)?),
            Command::FolderSync => Self::FolderSync(folders::SyncResponse::read(root)?),
            Command::FolderCreate => Self::FolderCreate(folders::EditResponse::read(root)?),
            Command::FolderUpdate => Self::FolderUpdate(folders::EditResponse::read(root)?),
            Command::FolderDelete => Self::FolderDelete(folders::EditResponse::read(root)?),
            Command::Sync => Self::Sync(Some(sync::Response::read(root)?)),
            Command::MoveItems => Self::MoveItems(moves::Response::read(root)?),
            Command::Ping => Self::Ping(ping::Response::read(root)?),
            Command::GetItemEstimate => Self::GetItemEstimate(estimate::Response::read(root)?),
            other => return Err(ProtocolError::NotModelled(other)),
        })
    }
}
