//! Whose state it is.

use activesync::{DeviceId, SyncKey};

use super::DefectInfo;
use crate::judgement::Judgement;

/// `state-shared-between-devices`.
pub(super) const STATE_SHARED_BETWEEN_DEVICES: DefectInfo = DefectInfo {
    name: "state-shared-between-devices",
    class: "device-state",
    side: "server",
    models: "Horde Bug 11963; Firefox OS Bug 825538 (efc75066)",
    description: "states are kept by user and not by device, so one device takes the changes of the other",
    min_depth: 4,
    judgement: &StateSharedBetweenDevices,
};

struct StateSharedBetweenDevices;

impl Judgement for StateSharedBetweenDevices {
    fn state_owner(&self, _device: &DeviceId) -> DeviceId {
        DeviceId::from("all")
    }
}

/// `key-accepted-for-other-collection`.
pub(super) const KEY_ACCEPTED_FOR_OTHER_COLLECTION: DefectInfo = DefectInfo {
    name: "key-accepted-for-other-collection",
    class: "key-identity",
    side: "server",
    models: "Horde cc7d74b7, 75192f99; mustang #331",
    description: "a state is found by its key alone, and the keys of all collections count from one",
    min_depth: 4,
    judgement: &KeyAcceptedForOtherCollection,
};

struct KeyAcceptedForOtherCollection;

impl Judgement for KeyAcceptedForOtherCollection {
    fn state_by_key_alone(&self) -> bool {
        true
    }

    fn key(&self, _fresh: SyncKey, serial: u64) -> SyncKey {
        SyncKey::new(format!("k{serial}"))
    }
}

/// `serverid-recycled`.
pub(super) const SERVERID_RECYCLED: DefectInfo = DefectInfo {
    name: "serverid-recycled",
    class: "id-reuse",
    side: "server",
    models: "TbSync 5fff0db6; Proton Bridge #220; OfflineIMAP 2012 UID fixes",
    description: "the next id is one more than the highest that is there, so the id of a deleted item comes again",
    min_depth: 4,
    judgement: &ServeridRecycled,
};

struct ServeridRecycled;

impl Judgement for ServeridRecycled {
    fn recycles_ids(&self) -> bool {
        true
    }
}
