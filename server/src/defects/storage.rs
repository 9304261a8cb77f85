//! Errors of the store, and the order of writes.

use super::DefectInfo;
use crate::judgement::{Judgement, UnknownKey};

/// `backend-error-as-empty-list`.
pub(super) const BACKEND_ERROR_AS_EMPTY_LIST: DefectInfo = DefectInfo {
    name: "backend-error-as-empty-list",
    class: "storage",
    side: "server",
    models: "EGroupware cbc264de; OfflineIMAP 6.3.4-rc2; TbSync c2471559",
    description: "a listing that failed is taken for an empty folder, and all is deleted on the device",
    min_depth: 2,
    judgement: &BackendErrorAsEmptyList,
};

struct BackendErrorAsEmptyList;

impl Judgement for BackendErrorAsEmptyList {
    fn failed_listing_is_empty(&self) -> bool {
        true
    }
}

/// `unreadable-state-as-empty`.
pub(super) const UNREADABLE_STATE_AS_EMPTY: DefectInfo = DefectInfo {
    name: "unreadable-state-as-empty",
    class: "storage",
    side: "server",
    models: "Z-Push ZP-794 (50dc9a5c), ZP-1442, ZP-1480; isync 23a0b2f9",
    description: "a lost state is replaced by an empty one under the same key",
    min_depth: 2,
    judgement: &UnreadableStateAsEmpty,
};

struct UnreadableStateAsEmpty;

impl Judgement for UnreadableStateAsEmpty {
    fn unknown_key(&self) -> UnknownKey {
        UnknownKey::TakeAsEmpty
    }
}

/// `item-cache-updated-before-key`.
pub(super) const ITEM_CACHE_UPDATED_BEFORE_KEY: DefectInfo = DefectInfo {
    name: "item-cache-updated-before-key",
    class: "storage",
    side: "server",
    models: "Syncroton c26c37c0; SOGo 8d85ca13",
    description: "the list of known items is written while the answer is made, before its key is",
    min_depth: 4,
    judgement: &ItemCacheUpdatedBeforeKey,
};

struct ItemCacheUpdatedBeforeKey;

impl Judgement for ItemCacheUpdatedBeforeKey {
    fn stores_while_reading(&self) -> bool {
        true
    }
}
