//! MoveItems (MS-ASCMD 2.2.1.12).

use wbxml::tags::move_ as tags;
use wbxml::{Encoder, Node};

use crate::{CollectionId, MoveStatus, ProtocolError, ServerId, wire};

/// A MoveItems request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The moves, in order.
    pub moves: Vec<Move>,
}

/// One item to move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move {
    /// Which item.
    pub source_id: ServerId,
    /// From which folder.
    pub source_folder: CollectionId,
    /// To which folder.
    pub destination_folder: CollectionId,
}

/// A MoveItems response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// What became of each move.
    pub moved: Vec<Moved>,
}

/// What became of a move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Which item.
    pub source_id: ServerId,
    /// Status; 3 is success.
    pub status: MoveStatus,
    /// Its id in the destination, on success.
    pub destination_id: Option<ServerId>,
}

impl Request {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::MOVE_ITEMS);
        for item in &self.moves {
            out.start(tags::MOVE);
            out.leaf(tags::SRC_MSG_ID, item.source_id.as_str());
            out.leaf(tags::SRC_FLD_ID, item.source_folder.as_str());
            out.leaf(tags::DST_FLD_ID, item.destination_folder.as_str());
            out.end();
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let item = |node: Node<'_>| {
            Ok(Move {
                source_id: ServerId::new(wire::need_text(node, tags::SRC_MSG_ID)?),
                source_folder: CollectionId::new(wire::need_text(node, tags::SRC_FLD_ID)?),
                destination_folder: CollectionId::new(wire::need_text(node, tags::DST_FLD_ID)?),
            })
        };
        Ok(Self { moves: root.children().map(item).collect::<Result<_, ProtocolError>>()? })
    }
}

impl Response {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::MOVE_ITEMS);
        for item in &self.moved {
            out.start(tags::RESPONSE);
            out.leaf(tags::SRC_MSG_ID, item.source_id.as_str());
            wire::leaf_number(out, tags::STATUS, item.status.code());
            let id = item.destination_id.as_ref().map(ServerId::as_str);
            wire::leaf_if(out, tags::DST_MSG_ID, id);
            out.end();
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let item = |node: Node<'_>| {
            let status: Option<u16> = wire::child_number(node, tags::STATUS)?;
            let status =
                status.ok_or_else(|| wire::structure(node, "Response lacks Status".into()))?;
            Ok(Moved {
                source_id: ServerId::new(wire::need_text(node, tags::SRC_MSG_ID)?),
                status: MoveStatus::from_code(status),
                destination_id: wire::child_text(node, tags::DST_MSG_ID).map(ServerId::new),
            })
        };
        let items = root.children().filter(|node| node.tag() == tags::RESPONSE);
        Ok(Self { moved: items.map(item).collect::<Result<_, ProtocolError>>()? })
    }
}
