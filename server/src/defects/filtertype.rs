//! FilterType.

use activesync::Timestamp;
use activesync::sync::Options;

use super::DefectInfo;
use crate::judgement::{FolderCase, GoneCase, Judgement, NewCase};
use crate::mailbox::Item;

/// `filter-widened-without-backfill`.
pub(super) const FILTER_WIDENED_WITHOUT_BACKFILL: DefectInfo = DefectInfo {
    name: "filter-widened-without-backfill",
    class: "filtertype",
    side: "server",
    models: "SOGo #3543 (f6f5613b); Horde Bug 13781, 13182; Firefox OS 14351119",
    description: "a wider filter is stored, but only what is new comes",
    min_depth: 4,
    judgement: &FilterWidenedWithoutBackfill,
};

struct FilterWidenedWithoutBackfill;

impl Judgement for FilterWidenedWithoutBackfill {
    fn notices_new(&self, case: NewCase<'_>) -> bool {
        case.is_owed() || case.item.version > case.since.version
    }
}

/// `filter-reset-when-options-absent`.
pub(super) const FILTER_RESET_WHEN_OPTIONS_ABSENT: DefectInfo = DefectInfo {
    name: "filter-reset-when-options-absent",
    class: "filtertype",
    side: "server",
    models: "Z-Push ZP-194 (b057acfc), ZP-220 (98d57034); Horde Bug 12970",
    description: "a request without Options falls back to the defaults",
    min_depth: 4,
    judgement: &FilterResetWhenOptionsAbsent,
};

struct FilterResetWhenOptionsAbsent;

impl Judgement for FilterResetWhenOptionsAbsent {
    fn options_in_force(&self, _before: &Options, given: Option<&Options>) -> Options {
        given.cloned().unwrap_or_default()
    }
}

/// `aging-not-noticed-without-change`.
pub(super) const AGING_NOT_NOTICED_WITHOUT_CHANGE: DefectInfo = DefectInfo {
    name: "aging-not-noticed-without-change",
    class: "filtertype",
    side: "server",
    models: "Z-Push ZP-851 (8e3339da)",
    description: "a folder without changes is skipped, so nothing ages out of the filter",
    min_depth: 3,
    judgement: &AgingNotNoticedWithoutChange,
};

struct AgingNotNoticedWithoutChange;

impl Judgement for AgingNotNoticedWithoutChange {
    fn skips_folder(&self, case: FolderCase<'_>) -> bool {
        case.since.folder_version == case.folder.version && case.since.left.is_empty()
    }
}

/// `aged-and-deleted-unreported`.
pub(super) const AGED_AND_DELETED_UNREPORTED: DefectInfo = DefectInfo {
    name: "aged-and-deleted-unreported",
    class: "filtertype",
    side: "server",
    models: "Horde 2.7.0 (75c374ee)",
    description: "an item that left the filter and the folder at once is dropped without a word",
    min_depth: 3,
    judgement: &AgedAndDeletedUnreported,
};

struct AgedAndDeletedUnreported;

impl Judgement for AgedAndDeletedUnreported {
    fn notices_gone(&self, case: GoneCase<'_>) -> bool {
        let received = case.known.data.date_received.unwrap_or_default();
        case.edge.is_none_or(|edge| received >= edge)
    }
}

/// `filter-by-date-header`.
pub(super) const FILTER_BY_DATE_HEADER: DefectInfo = DefectInfo {
    name: "filter-by-date-header",
    class: "filtertype",
    side: "server",
    models: "Z-Push ZP-1167 (0a87b2a7); Firefox OS Bug 886534 (90143cdb), 828446",
    description: "the filter goes by the date that the sender wrote, so fresh mail may count as old",
    min_depth: 2,
    judgement: &FilterByDateHeader,
};

struct FilterByDateHeader;

impl Judgement for FilterByDateHeader {
    fn filter_time(&self, item: &Item) -> Timestamp {
        item.dated
    }
}
