//! Moves by the device.

use activesync::{MoveStatus, ServerId};

use super::DefectInfo;
use crate::judgement::{Judgement, NewCase};
use crate::state::{Doubt, MoveRecord};

/// `move-mutes-delete-in-source`.
pub(super) const MOVE_MUTES_DELETE_IN_SOURCE: DefectInfo = DefectInfo {
    name: "move-mutes-delete-in-source",
    class: "move",
    side: "server",
    models: "Horde 8070ecda, 617880e4",
    description: "the Delete in the source is taken for an echo and not sent; a device that waits for it keeps the old copy",
    min_depth: 3,
    judgement: &MoveMutesDeleteInSource,
};

struct MoveMutesDeleteInSource;

impl Judgement for MoveMutesDeleteInSource {
    fn move_mutes_source(&self) -> bool {
        true
    }
}

/// `move-suppresses-add-in-destination`.
pub(super) const MOVE_SUPPRESSES_ADD_IN_DESTINATION: DefectInfo = DefectInfo {
    name: "move-suppresses-add-in-destination",
    class: "move",
    side: "server",
    models: "Horde fd74b86e, 9737cddd; SOGo #2650 (83bccda5)",
    description: "the moved item counts as known in the destination; a device that waits for the Add loses it",
    min_depth: 3,
    judgement: &MoveSuppressesAddInDestination,
};

struct MoveSuppressesAddInDestination;

impl Judgement for MoveSuppressesAddInDestination {
    fn destination_after_move(&self) -> Option<Doubt> {
        Some(Doubt::None)
    }
}

/// `moved-item-unknown-in-destination`.
pub(super) const MOVED_ITEM_UNKNOWN_IN_DESTINATION: DefectInfo = DefectInfo {
    name: "moved-item-unknown-in-destination",
    class: "move",
    side: "server",
    models: "Z-Push-contrib 5fd8c3c5, 65093339",
    description: "the state of the destination does not know of the move; when the item goes before the next Sync, a device that re-keyed keeps it",
    min_depth: 4,
    judgement: &MovedItemUnknownInDestination,
};

struct MovedItemUnknownInDestination;

impl Judgement for MovedItemUnknownInDestination {
    fn destination_after_move(&self) -> Option<Doubt> {
        None
    }
}

/// `moved-in-item-looks-old`.
pub(super) const MOVED_IN_ITEM_LOOKS_OLD: DefectInfo = DefectInfo {
    name: "moved-in-item-looks-old",
    class: "move",
    side: "server",
    models: "SOGo 114622fe; Horde time stamps; Z-Push ZP-779",
    description: "new items are found by time of receipt, so one moved in looks old",
    min_depth: 4,
    judgement: &MovedInItemLooksOld,
};

struct MovedInItemLooksOld;

impl Judgement for MovedInItemLooksOld {
    fn notices_new(&self, case: NewCase<'_>) -> bool {
        case.is_owed() || case.item.delivered || case.item.received > case.since.at
    }
}

/// `move-retry-returns-stale-dstid`.
pub(super) const MOVE_RETRY_RETURNS_STALE_DSTID: DefectInfo = DefectInfo {
    name: "move-retry-returns-stale-dstid",
    class: "move",
    side: "server",
    models: "AOSP b98d78b1, c6759c91; MS-ASCMD 2.2.3.177.10",
    description: "a completed move asked for again is answered with the old id",
    min_depth: 4,
    judgement: &MoveRetryReturnsStaleDstid,
};

struct MoveRetryReturnsStaleDstid;

impl Judgement for MoveRetryReturnsStaleDstid {
    fn repeated_move(&self, source: &ServerId, _record: &MoveRecord) -> (MoveStatus, ServerId) {
        (MoveStatus::Success, source.clone())
    }
}

/// `move-is-copy-without-delete`.
pub(super) const MOVE_IS_COPY_WITHOUT_DELETE: DefectInfo = DefectInfo {
    name: "move-is-copy-without-delete",
    class: "move",
    side: "server",
    models: "Z-Push 59d31c55; Dovecot 9d21af06; SOGo af6a69c9",
    description: "a move is a copy and then a delete; a crash in between leaves both, and the retry makes another",
    min_depth: 3,
    judgement: &MoveIsCopyWithoutDelete,
};

struct MoveIsCopyWithoutDelete;

impl Judgement for MoveIsCopyWithoutDelete {
    fn move_copies_first(&self) -> bool {
        true
    }
}
