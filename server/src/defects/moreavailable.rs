//! MoreAvailable.

use super::DefectInfo;
use crate::judgement::{Judgement, WakeCase, WindowCase};

/// `moreavailable-missing-at-boundary`.
pub(super) const MOREAVAILABLE_MISSING_AT_BOUNDARY: DefectInfo = DefectInfo {
    name: "moreavailable-missing-at-boundary",
    class: "moreavailable",
    side: "server",
    models: "Horde Bug 12443 (2.5.5), 4afc2bf3; SOGo NEWS",
    description: "one item too many for the window goes without MoreAvailable, and Ping takes the tip as what the device has",
    min_depth: 3,
    judgement: &MoreavailableMissingAtBoundary,
};

struct MoreavailableMissingAtBoundary;

impl Judgement for MoreavailableMissingAtBoundary {
    fn more_available(&self, case: WindowCase) -> bool {
        case.pending > case.emitted && case.pending > case.window + 1
    }

    fn wakes(&self, case: WakeCase<'_>) -> bool {
        case.item.version > case.tip
    }
}

/// `moreavailable-forever`.
pub(super) const MOREAVAILABLE_FOREVER: DefectInfo = DefectInfo {
    name: "moreavailable-forever",
    class: "moreavailable",
    side: "server",
    models: "AOSP 8efd25be; Horde 4afc2bf3; Cyrus #2369",
    description: "items that the filter keeps out count as pending",
    min_depth: 3,
    judgement: &MoreavailableForever,
};

struct MoreavailableForever;

impl Judgement for MoreavailableForever {
    fn more_available(&self, case: WindowCase) -> bool {
        case.pending + case.outside > case.emitted
    }
}

/// `pending-list-frozen-across-windows`.
pub(super) const PENDING_LIST_FROZEN_ACROSS_WINDOWS: DefectInfo = DefectInfo {
    name: "pending-list-frozen-across-windows",
    class: "moreavailable",
    side: "server",
    models: "Horde 2.6.2 (155be342), 2.3.6; 28313e08",
    description: "the list of the first window is drained whatever happens meanwhile: a mail deleted since is still added",
    min_depth: 5,
    judgement: &PendingListFrozenAcrossWindows,
};

struct PendingListFrozenAcrossWindows;

impl Judgement for PendingListFrozenAcrossWindows {
    fn drains_old_list(&self) -> bool {
        true
    }
}
