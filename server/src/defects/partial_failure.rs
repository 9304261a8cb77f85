//! When a part of a request fails.

use super::DefectInfo;
use crate::judgement::Judgement;

/// `fetch-failure-recorded-as-sent`.
pub(super) const FETCH_FAILURE_RECORDED_AS_SENT: DefectInfo = DefectInfo {
    name: "fetch-failure-recorded-as-sent",
    class: "partial-failure",
    side: "server",
    models: "Horde 2.7.2, 2.7.3; Z-Push-contrib #50; TbSync 4b14d9d2",
    description: "an item that cannot be read for once is left out and recorded as sent",
    min_depth: 3,
    judgement: &FetchFailureRecordedAsSent,
};

struct FetchFailureRecordedAsSent;

impl Judgement for FetchFailureRecordedAsSent {
    fn covers_unreadable(&self) -> bool {
        true
    }
}

/// `delete-of-missing-item-fails-collection`.
pub(super) const DELETE_OF_MISSING_ITEM_FAILS_COLLECTION: DefectInfo = DefectInfo {
    name: "delete-of-missing-item-fails-collection",
    class: "partial-failure",
    side: "server",
    models: "Horde Bug 12013 (5276f861); SOGo #2653 (1bdf88fb); Z-Push ZP-784, ZP-971",
    description: "to delete what is gone is an error of the collection, for ever",
    min_depth: 4,
    judgement: &DeleteOfMissingItemFailsCollection,
};

struct DeleteOfMissingItemFailsCollection;

impl Judgement for DeleteOfMissingItemFailsCollection {
    fn delete_of_missing_fails(&self) -> bool {
        true
    }
}

/// `batch-stops-at-first-failure`.
pub(super) const BATCH_STOPS_AT_FIRST_FAILURE: DefectInfo = DefectInfo {
    name: "batch-stops-at-first-failure",
    class: "partial-failure",
    side: "server",
    models: "Z-Push ZP-170 (ed5e7310); Horde 2.6.1 (44ba72bf)",
    description: "what follows a failed command is not executed, and nobody is told",
    min_depth: 3,
    judgement: &BatchStopsAtFirstFailure,
};

struct BatchStopsAtFirstFailure;

impl Judgement for BatchStopsAtFirstFailure {
    fn goes_on_after_failure(&self) -> bool {
        false
    }
}

/// `batch-applies-wrong-element`.
pub(super) const BATCH_APPLIES_WRONG_ELEMENT: DefectInfo = DefectInfo {
    name: "batch-applies-wrong-element",
    class: "partial-failure",
    side: "server",
    models: "SOGo #3057 (16c863d8), #2691 (6a39b48a)",
    description: "the loop over a batch executes its last command each time",
    min_depth: 2,
    judgement: &BatchAppliesWrongElement,
};

struct BatchAppliesWrongElement;

impl Judgement for BatchAppliesWrongElement {
    fn element(&self, _at: usize, count: usize) -> usize {
        count.saturating_sub(1)
    }
}

/// `apply-then-fail-not-recorded`.
pub(super) const APPLY_THEN_FAIL_NOT_RECORDED: DefectInfo = DefectInfo {
    name: "apply-then-fail-not-recorded",
    class: "partial-failure",
    side: "server",
    models: "Exchange 2003 KB 923164",
    description: "after an error it is forgotten what was executed, so the retry does it again",
    min_depth: 4,
    judgement: &ApplyThenFailNotRecorded,
};

struct ApplyThenFailNotRecorded;

impl Judgement for ApplyThenFailNotRecorded {
    fn keeps_record_after_error(&self) -> bool {
        false
    }
}

/// `poison-item-blocks-collection`.
pub(super) const POISON_ITEM_BLOCKS_COLLECTION: DefectInfo = DefectInfo {
    name: "poison-item-blocks-collection",
    class: "loop-detection",
    side: "server",
    models: "Horde 2.5.1, Bug 13711, 2.27.0, 2.26.1; TbSync f0e62fd2, c2471559",
    description: "an item that cannot be rendered fails its collection, for ever",
    min_depth: 3,
    judgement: &PoisonItemBlocksCollection,
};

struct PoisonItemBlocksCollection;

impl Judgement for PoisonItemBlocksCollection {
    fn unsendable_blocks(&self) -> bool {
        true
    }
}
