//! Ping and the waiting Sync.

use super::DefectInfo;
use crate::judgement::{FolderCase, Judgement, WakeCase};

/// `ping-ignores-new-mail-event`.
pub(super) const PING_IGNORES_NEW_MAIL_EVENT: DefectInfo = DefectInfo {
    name: "ping-ignores-new-mail-event",
    class: "heartbeat-ping",
    side: "server",
    models: "grommunio-sync 4446ba2f (#53); tine20 #3552, #3170",
    description: "the sink of Ping hears of moves and drafts but not of deliveries",
    min_depth: 3,
    judgement: &PingIgnoresNewMailEvent,
};

struct PingIgnoresNewMailEvent;

impl Judgement for PingIgnoresNewMailEvent {
    fn wakes(&self, case: WakeCase<'_>) -> bool {
        !case.item.delivered
    }
}

/// `ping-sync-loop-on-cancelled-change`.
pub(super) const PING_SYNC_LOOP_ON_CANCELLED_CHANGE: DefectInfo = DefectInfo {
    name: "ping-sync-loop-on-cancelled-change",
    class: "heartbeat-ping",
    side: "server",
    models: "Horde Bug 12075 (ac88b9da), 12339, 11823; Z-Push ZP-1077, ZP-840",
    description: "Ping looks at a counter; when the change cancels out, Sync says nothing and Ping fires for ever",
    min_depth: 4,
    judgement: &PingSyncLoopOnCancelledChange,
};

struct PingSyncLoopOnCancelledChange;

impl Judgement for PingSyncLoopOnCancelledChange {
    fn folder_wakes(&self, case: FolderCase<'_>) -> bool {
        case.since.folder_version != case.folder.version
    }
}

/// `ping-baseline-at-start`.
pub(super) const PING_BASELINE_AT_START: DefectInfo = DefectInfo {
    name: "ping-baseline-at-start",
    class: "heartbeat-ping",
    side: "server",
    models: "counterpart of Horde Bug 12075; guarded against in Z-Push bc067ce2",
    description: "Ping compares with the mailbox as it was when the Ping came",
    min_depth: 3,
    judgement: &PingBaselineAtStart,
};

struct PingBaselineAtStart;

impl Judgement for PingBaselineAtStart {
    fn wakes(&self, case: WakeCase<'_>) -> bool {
        case.item.version > case.started
    }
}

/// `heartbeat-loop-moves-baseline`.
pub(super) const HEARTBEAT_LOOP_MOVES_BASELINE: DefectInfo = DefectInfo {
    name: "heartbeat-loop-moves-baseline",
    class: "heartbeat-ping",
    side: "server",
    models: "Syncroton caf42684, 6144042c",
    description: "a waiting Sync that ends with nothing stores the present as its state",
    min_depth: 4,
    judgement: &HeartbeatLoopMovesBaseline,
};

struct HeartbeatLoopMovesBaseline;

impl Judgement for HeartbeatLoopMovesBaseline {
    fn wait_moves_state(&self) -> bool {
        true
    }
}
