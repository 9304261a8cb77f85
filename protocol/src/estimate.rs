//! GetItemEstimate (MS-ASCMD 2.2.1.9). It never moves a key (MS-ASCMD R4591).

use wbxml::tags::{air_sync, get_item_estimate as tags};
use wbxml::{Encoder, Node};

use crate::{CollectionId, EstimateStatus, ProtocolError, SyncKey, wire};

/// A GetItemEstimate request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Collections asked for, with the key and the FilterType of each.
    pub collections: Vec<(CollectionId, SyncKey, Option<u8>)>,
}

/// A GetItemEstimate response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The answers, one for each collection.
    pub estimates: Vec<Estimate>,
}

/// The estimate of a collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Estimate {
    /// Status.
    pub status: EstimateStatus,
    /// Which folder.
    pub collection_id: Option<CollectionId>,
    /// How many changes are pending.
    pub estimate: Option<u32>,
}

impl Request {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::GET_ITEM_ESTIMATE);
        out.start(tags::COLLECTIONS);
        for (id, key, filter) in &self.collections {
            out.start(tags::COLLECTION);
            out.leaf(air_sync::SYNC_KEY, key.as_str());
            out.leaf(tags::COLLECTION_ID, id.as_str());
            if let Some(filter) = filter {
                out.start(air_sync::OPTIONS);
                wire::leaf_number(out, air_sync::FILTER_TYPE, *filter);
                out.end();
            }
            out.end();
        }
        out.end();
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let list = root.child(tags::COLLECTIONS);
        let collection = |node: Node<'_>| {
            let options = node.child(air_sync::OPTIONS);
            let filter = options.map(|node| wire::child_number(node, air_sync::FILTER_TYPE));
            Ok((
                CollectionId::new(wire::need_text(node, tags::COLLECTION_ID)?),
                SyncKey::new(wire::need_text(node, air_sync::SYNC_KEY)?),
                filter.transpose()?.flatten(),
            ))
        };
        let collections = list.into_iter().flat_map(Node::children);
        Ok(Self { collections: collections.map(collection).collect::<Result<_, ProtocolError>>()? })
    }
}

impl Response {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::GET_ITEM_ESTIMATE);
        for answer in &self.estimates {
            out.start(tags::RESPONSE);
            wire::leaf_number(out, tags::STATUS, answer.status.code());
            if let Some(id) = &answer.collection_id {
                out.start(tags::COLLECTION);
                out.leaf(tags::COLLECTION_ID, id.as_str());
                wire::leaf_number_if(out, tags::ESTIMATE, answer.estimate);
                out.end();
            }
            out.end();
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let answer = |node: Node<'_>| {
            let collection = node.child(tags::COLLECTION);
            let status: Option<u16> = wire::child_number(node, tags::STATUS)?;
            let id = collection.and_then(|node| wire::child_text(node, tags::COLLECTION_ID));
            let estimate = collection.map(|node| wire::child_number(node, tags::ESTIMATE));
            Ok(Estimate {
                status: status.map_or(EstimateStatus::Success, EstimateStatus::from_code),
                collection_id: id.map(CollectionId::new),
                estimate: estimate.transpose()?.flatten(),
            })
        };
        let answers = root.children().filter(|node| node.tag() == tags::RESPONSE);
        Ok(Self { estimates: answers.map(answer).collect::<Result<_, ProtocolError>>()? })
    }
}
