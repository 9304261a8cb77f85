//! Whose state it is.

use activesync::DeviceId;

use super::DefectInfo;
use crate::judgement::Judgement;

/// `state-shared-between-devices`.
pub(super) const STATE_SHARED_BETWEEN_DEVICES: DefectInfo = DefectInfo {
    name: "state-shared-between-devices",
    class: "device-state",
    side: "server",
    models: "Horde Bug 11963; Firefox OS Bug 825538 (efc75066)",
    description: "states are kept by user and not by device, so one device takes the changes of the other",
    judgement: &StateSharedBetweenDevices,
};

struct StateSharedBetweenDevices;

impl Judgement for StateSharedBetweenDevices {
    fn state_owner(&self, _device: &DeviceId) -> DeviceId {
        DeviceId::from("all")
    }
}
