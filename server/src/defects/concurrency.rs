//! State that two parts of the server hold at once.

use super::DefectInfo;
use crate::judgement::Judgement;

/// `cached-state-reused-for-next-collection`.
pub(super) const CACHED_STATE_REUSED_FOR_NEXT_COLLECTION: DefectInfo = DefectInfo {
    name: "cached-state-reused-for-next-collection",
    class: "concurrency",
    side: "server",
    models: "Z-Push ZP-1157 (14c1b661), ZP-433 (35683fee)",
    description: "a collection taken from the cache is compared with the state of the one before it",
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
    judgement: &HierarchyCacheLostUpdate,
};

struct HierarchyCacheLostUpdate;

impl Judgement for HierarchyCacheLostUpdate {
    fn ping_restores_hierarchy(&self) -> bool {
        true
    }
}
