//! Planted defects: each replaces one or two judgements of the correct server by what a real server got wrong.
//!
//! They are our own measure, one file per class. Nothing else in the server knows of them.

mod cached_collections;
mod change_detection;
mod client_add_retry;
mod concurrency;
mod conflict;
mod deletes_as_moves;
mod device_state;
mod echo_suppression;
mod filtertype;
mod getchanges;
mod heartbeat_ping;
mod hierarchy;
mod key_advance;
mod moreavailable;
mod moves;
mod partial_failure;
mod provisioning;
mod resync;
mod retry_with_old_key;
mod state_gc;
mod storage;
mod windowsize;
mod wrong_status;

use std::fmt;

use crate::judgement::Judgement;

/// What is known of a planted defect.
pub struct DefectInfo {
    /// Its name.
    pub name: &'static str,
    /// The class of mistakes it belongs to.
    pub class: &'static str,
    /// Where it is planted.
    pub side: &'static str,
    /// The real mistakes that it models.
    pub models: &'static str,
    /// What it does.
    pub description: &'static str,
    /// The fewest operations, requests and faults that show it.
    pub min_depth: usize,
    pub(crate) judgement: &'static dyn Judgement,
}

impl fmt::Debug for DefectInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefectInfo").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A defect to plant.
#[derive(Clone, Copy)]
pub struct Defect(&'static DefectInfo);

impl fmt::Debug for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl PartialEq for Defect {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Defect {}

impl Defect {
    /// The defect of that name.
    ///
    /// ```
    /// use activesync_server::Defect;
    ///
    /// let defect = Defect::by_name("retry-omits-deletes").expect("it is in the table");
    /// assert_eq!(defect.info().class, "retry-with-old-key");
    /// assert!(Defect::by_name("none-such").is_none());
    /// ```
    pub fn by_name(name: &str) -> Option<Self> {
        defects().iter().find(|info| info.name == name).map(Self)
    }

    /// What is known of it.
    pub fn info(self) -> &'static DefectInfo {
        self.0
    }

    pub(crate) fn judgement(self) -> &'static dyn Judgement {
        self.0.judgement
    }
}

/// All planted defects, by class.
pub fn defects() -> &'static [DefectInfo] {
    TABLE
}

static TABLE: &[DefectInfo] = &[
    retry_with_old_key::RETRY_ANSWERED_FROM_NEWER_STATE,
    retry_with_old_key::RETRY_OMITS_DELETES,
    retry_with_old_key::RETRY_OMITS_SOFTDELETES,
    retry_with_old_key::REPLAY_STALE_RESPONSE_WITH_FRESH_STATE,
    state_gc::PREVIOUS_STATE_NOT_KEPT,
    key_advance::STATE_TAG_READ_AFTER_ENUMERATION,
    key_advance::ERROR_ADVANCES_KEY,
    windowsize::WINDOW_TRUNCATION_ADVANCES_TO_TIP,
    windowsize::EXCESS_DELETES_DROPPED,
    windowsize::MODSEQ_TIE_SPLIT_AT_WINDOW,
    windowsize::GLOBAL_WINDOW_STARVES_COLLECTION,
    windowsize::WINDOW_FILLED_BY_UNSENDABLE_ITEMS,
    client_add_retry::ADD_NOT_DEDUPED_ON_RETRY,
    client_add_retry::CLIENTID_REMEMBERED_FOREVER,
    client_add_retry::ADD_RESPONSES_MISALIGNED,
    cached_collections::UNCONFIRMED_STATE_SERVES_EMPTY_SYNC,
    cached_collections::PARTIAL_FORGETS_UNLISTED_COLLECTIONS,
    concurrency::CONCURRENT_SYNC_LAST_WRITER_WINS,
    concurrency::CACHED_STATE_REUSED_FOR_NEXT_COLLECTION,
    concurrency::HIERARCHY_CACHE_LOST_UPDATE,
    echo_suppression::ECHO_SUPPRESSION_SWALLOWS_SERVER_CHANGE,
    echo_suppression::OTHER_DEVICE_DELETE_NOT_EXPORTED,
    echo_suppression::CLIENT_FLAG_CHANGE_NOT_JOURNALED,
    getchanges::GETCHANGES_ZERO_ADVANCES_PAST_CHANGES,
    moreavailable::MOREAVAILABLE_MISSING_AT_BOUNDARY,
    moreavailable::MOREAVAILABLE_FOREVER,
    moreavailable::PENDING_LIST_FROZEN_ACROSS_WINDOWS,
    moves::MOVE_IS_COPY_WITHOUT_DELETE,
    moves::MOVE_MUTES_DELETE_IN_SOURCE,
    moves::MOVE_SUPPRESSES_ADD_IN_DESTINATION,
    moves::MOVED_ITEM_UNKNOWN_IN_DESTINATION,
    moves::MOVED_IN_ITEM_LOOKS_OLD,
    moves::MOVE_RETRY_RETURNS_STALE_DSTID,
    filtertype::FILTER_WIDENED_WITHOUT_BACKFILL,
    filtertype::FILTER_RESET_WHEN_OPTIONS_ABSENT,
    filtertype::AGING_NOT_NOTICED_WITHOUT_CHANGE,
    filtertype::AGED_AND_DELETED_UNREPORTED,
    filtertype::FILTER_BY_DATE_HEADER,
    partial_failure::POISON_ITEM_BLOCKS_COLLECTION,
    partial_failure::FETCH_FAILURE_RECORDED_AS_SENT,
    partial_failure::DELETE_OF_MISSING_ITEM_FAILS_COLLECTION,
    partial_failure::BATCH_STOPS_AT_FIRST_FAILURE,
    partial_failure::BATCH_APPLIES_WRONG_ELEMENT,
    partial_failure::APPLY_THEN_FAIL_NOT_RECORDED,
    conflict::CONFLICT_SETTING_IGNORED,
    conflict::CONFLICT_LOSER_NOT_TOLD,
    conflict::CHANGE_RESURRECTS_DELETED_ITEM,
    conflict::FLAG_UPDATE_OVERWRITES_OTHER_FLAGS,
    change_detection::TOMBSTONE_LOG_PRUNED_SILENTLY,
    change_detection::TOMBSTONE_COMPARE_OFF_BY_ONE,
    change_detection::FOLDERSTAT_SHORTCUT_MISSES_BALANCED_CHANGE,
    change_detection::HIGHEST_ID_DELETE_INVISIBLE,
    change_detection::FLAG_KIND_NOT_DIFFED,
    change_detection::TIMESTAMP_GRANULARITY_STRICT_COMPARE,
    change_detection::READ_ON_DELIVERY,
    hierarchy::FOLDER_RENAME_DROPS_STATE,
    hierarchy::FOLDER_DELETE_NOT_EXPORTED,
    hierarchy::FOLDERSYNC_RETRY_ANSWERS_EMPTY,
    hierarchy::FOLDERSYNC_CHILD_BEFORE_PARENT,
    heartbeat_ping::PING_IGNORES_NEW_MAIL_EVENT,
    heartbeat_ping::PING_SYNC_LOOP_ON_CANCELLED_CHANGE,
    heartbeat_ping::PING_BASELINE_AT_START,
    heartbeat_ping::HEARTBEAT_LOOP_MOVES_BASELINE,
    storage::BACKEND_ERROR_AS_EMPTY_LIST,
    storage::UNREADABLE_STATE_AS_EMPTY,
    storage::ITEM_CACHE_UPDATED_BEFORE_KEY,
    deletes_as_moves::DELETESASMOVES_IGNORED,
    wrong_status::MISSING_STATE_REPORTED_AS_NOT_FOUND,
    resync::KEY_ZERO_KEEPS_OLD_SNAPSHOT,
    device_state::SERVERID_RECYCLED,
    device_state::KEY_ACCEPTED_FOR_OTHER_COLLECTION,
    device_state::STATE_SHARED_BETWEEN_DEVICES,
    provisioning::WIPE_CLEARED_WHEN_SENT,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = defects().iter().map(|info| info.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
