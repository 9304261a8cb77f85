//! State that two parts of the server hold at once.

use activesync::SyncKey;

use super::DefectInfo;
use crate::judgement::Judgement;

/// `cached-state-reused-for-next-collection`.
pub(super) const CACHED_STATE_REUSED_FOR_NEXT_COLLECTION: DefectInfo = DefectInfo {
    name: "cached-state-reused-for-next-collection",
    class: "concurrency",
    side: "server",
    models: "Z-Push ZP-1157 (14c1b661), ZP-433 (35683fee)",
    description: "a collection taken from the cache is compared with the state of the one before it",
    min_depth: 5,
    judgement: &CachedStateReusedForNextCollection,
};

struct CachedStateReusedForNextCollection;

impl Judgement for CachedStateReusedForNextCollection {
    fn unlisted_uses_own_state(&self) -> bool {
        false
    }
}

/// `hierarchy-cache-lost-update`.
pub(super) const HIERARCHY_CACHE_LOST_UPDATE: DefectInfo = DefectInfo {
    name: "hierarchy-cache-lost-update",
    class: "concurrency",
    side: "server",
    models: "Z-Push ZP-449 (5b4feabf), ZP-858 (f7fbe8e6); Horde Bug 13273 (3889e785)",
    description: "a Ping that ends writes the hierarchy back that it read when it began",
    min_depth: 5,
    judgement: &HierarchyCacheLostUpdate,
};

struct HierarchyCacheLostUpdate;

impl Judgement for HierarchyCacheLostUpdate {
    fn ping_restores_hierarchy(&self) -> bool {
        true
    }
}

/// `concurrent-sync-last-writer-wins`.
pub(super) const CONCURRENT_SYNC_LAST_WRITER_WINS: DefectInfo = DefectInfo {
    name: "concurrent-sync-last-writer-wins",
    class: "concurrency",
    side: "server",
    models: "SOGo #3603 (821b9d1f); Horde bfdcf48e, 22cb3ec0; tine20 #2570",
    description: "two requests of a device run side by side and both store the next key; the device holds the answer of one, the server the state of the other",
    min_depth: 5,
    judgement: &ConcurrentSyncLastWriterWins,
};

struct ConcurrentSyncLastWriterWins;

impl Judgement for ConcurrentSyncLastWriterWins {
    fn one_request_at_a_time(&self) -> bool {
        false
    }

    fn key(&self, _fresh: SyncKey, serial: u64) -> SyncKey {
        SyncKey::new(format!("k{serial}"))
    }
}
