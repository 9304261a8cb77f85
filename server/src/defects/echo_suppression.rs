//! What a device is not told because it did it itself.

use super::DefectInfo;
use crate::judgement::Judgement;
use crate::mailbox::Item;
use crate::state::{Generation, Known};

/// `echo-suppression-swallows-server-change`.
pub(super) const ECHO_SUPPRESSION_SWALLOWS_SERVER_CHANGE: DefectInfo = DefectInfo {
    name: "echo-suppression-swallows-server-change",
    class: "echo-suppression",
    side: "server",
    models: "grommunio-sync 1a999d56 (#113); Horde 9f937c00",
    description: "the echo is suppressed by item and not by version, so a change of somebody else to the same item is dropped with it",
    min_depth: 3,
    judgement: &EchoSuppressionSwallowsServerChange,
};

struct EchoSuppressionSwallowsServerChange;

impl Judgement for EchoSuppressionSwallowsServerChange {
    fn up_to_date(&self, known: &Known, item: &Item, since: &Generation) -> bool {
        known.version == item.version || known.own != 0 && known.own >= since.serial
    }
}

/// `other-device-delete-not-exported`.
pub(super) const OTHER_DEVICE_DELETE_NOT_EXPORTED: DefectInfo = DefectInfo {
    name: "other-device-delete-not-exported",
    class: "echo-suppression",
    side: "server",
    models: "Horde 2.5.6 (b7698eec)",
    description: "what one device did counts as known by all devices of the user",
    min_depth: 3,
    judgement: &OtherDeviceDeleteNotExported,
};

struct OtherDeviceDeleteNotExported;

impl Judgement for OtherDeviceDeleteNotExported {
    fn echo_is_per_device(&self) -> bool {
        false
    }
}

/// `client-flag-change-not-journaled`.
pub(super) const CLIENT_FLAG_CHANGE_NOT_JOURNALED: DefectInfo = DefectInfo {
    name: "client-flag-change-not-journaled",
    class: "echo-suppression",
    side: "server",
    models: "Exchange KB 818071",
    description: "a change that comes by Sync does not count as a change, so other devices do not see it",
    min_depth: 3,
    judgement: &ClientFlagChangeNotJournaled,
};

struct ClientFlagChangeNotJournaled;

impl Judgement for ClientFlagChangeNotJournaled {
    fn counts_change(&self) -> bool {
        false
    }
}
