//! How differences are found.

use activesync::Mail;

use super::DefectInfo;
use crate::judgement::{FolderCase, GoneCase, Judgement, NewCase};

/// `folderstat-shortcut-misses-balanced-change`.
pub(super) const FOLDERSTAT_SHORTCUT_MISSES_BALANCED_CHANGE: DefectInfo = DefectInfo {
    name: "folderstat-shortcut-misses-balanced-change",
    class: "change-detection",
    side: "server",
    models: "Z-Push ZP-832 (8142d73c, 37293fc8), ZP-1388; grommunio-sync 9793c608 (#120)",
    description: "a folder is skipped when the numbers of all and of unread mails are as before",
    min_depth: 3,
    judgement: &FolderstatShortcutMissesBalancedChange,
};

struct FolderstatShortcutMissesBalancedChange;

impl Judgement for FolderstatShortcutMissesBalancedChange {
    fn skips_folder(&self, case: FolderCase<'_>) -> bool {
        let unread = |data: &Mail| data.read != Some(true);
        let (known, items) = (&case.since.known, &case.folder.items);
        case.since.folder_version != 0
            && known.len() == items.len()
            && known.values().filter(|k| unread(&k.data)).count()
                == items.values().filter(|i| unread(&i.data)).count()
    }
}

/// `highest-id-delete-invisible`.
pub(super) const HIGHEST_ID_DELETE_INVISIBLE: DefectInfo = DefectInfo {
    name: "highest-id-delete-invisible",
    class: "change-detection",
    side: "server",
    models: "Cyrus #6071; SOPE PR 73",
    description: "what is gone is looked for up to the highest id that is still there",
    min_depth: 2,
    judgement: &HighestIdDeleteInvisible,
};

struct HighestIdDeleteInvisible;

impl Judgement for HighestIdDeleteInvisible {
    fn notices_gone(&self, case: GoneCase<'_>) -> bool {
        case.number < case.highest
    }
}

/// `flag-kind-not-diffed`.
pub(super) const FLAG_KIND_NOT_DIFFED: DefectInfo = DefectInfo {
    name: "flag-kind-not-diffed",
    class: "change-detection",
    side: "server",
    models: "Z-Push ZP-1561 (76c42c83), ZP-1581; Horde 2.28.3",
    description: "only Read is compared; the follow-up flag is not",
    min_depth: 2,
    judgement: &FlagKindNotDiffed,
};

struct FlagKindNotDiffed;

impl Judgement for FlagKindNotDiffed {
    fn difference(&self, held: &Mail, now: &Mail) -> Option<Mail> {
        let held = Mail { flag: now.flag.clone(), ..held.clone() };
        crate::changes::difference(&held, now)
    }
}

/// `timestamp-granularity-strict-compare`.
pub(super) const TIMESTAMP_GRANULARITY_STRICT_COMPARE: DefectInfo = DefectInfo {
    name: "timestamp-granularity-strict-compare",
    class: "change-detection",
    side: "server",
    models: "Syncroton 340e0c9b; Dovecot maildir; SOGo c_lastmodified",
    description: "an item is new when it was received after the second of the last Sync",
    min_depth: 3,
    judgement: &TimestampGranularityStrictCompare,
};

struct TimestampGranularityStrictCompare;

impl Judgement for TimestampGranularityStrictCompare {
    fn notices_new(&self, case: NewCase<'_>) -> bool {
        case.is_owed() || case.item.received > case.since.at
    }
}

/// `read-on-delivery`.
pub(super) const READ_ON_DELIVERY: DefectInfo = DefectInfo {
    name: "read-on-delivery",
    class: "change-detection",
    side: "server",
    models: "SOGo NEWS 2.2.3, 99e8c42a; Horde 2.4.0beta5",
    description: "to send a mail is to mark it as read",
    min_depth: 2,
    judgement: &ReadOnDelivery,
};

struct ReadOnDelivery;

impl Judgement for ReadOnDelivery {
    fn reading_marks_read(&self) -> bool {
        true
    }
}

/// `tombstone-compare-off-by-one`.
pub(super) const TOMBSTONE_COMPARE_OFF_BY_ONE: DefectInfo = DefectInfo {
    name: "tombstone-compare-off-by-one",
    class: "change-detection",
    side: "server",
    models: "Dovecot de7dae07",
    description: "a deletion that is the very next change after the state is not reported",
    min_depth: 3,
    judgement: &TombstoneCompareOffByOne,
};

struct TombstoneCompareOffByOne;

impl Judgement for TombstoneCompareOffByOne {
    fn notices_gone(&self, case: GoneCase<'_>) -> bool {
        case.at() != case.since.version + 1
    }
}

/// `tombstone-log-pruned-silently`.
pub(super) const TOMBSTONE_LOG_PRUNED_SILENTLY: DefectInfo = DefectInfo {
    name: "tombstone-log-pruned-silently",
    class: "state-gc",
    side: "server",
    models: "nextcloud/server #36644, PR 44126; Cyrus PR 6182; Dovecot 77ffa7a0",
    description: "only the last two deletions of a folder are on record, and older ones are passed over",
    min_depth: 4,
    judgement: &TombstoneLogPrunedSilently,
};

struct TombstoneLogPrunedSilently;

impl Judgement for TombstoneLogPrunedSilently {
    fn notices_gone(&self, case: GoneCase<'_>) -> bool {
        case.folder.gone.values().filter(|at| **at > case.at()).count() < 2
    }
}
