//! Statuses that lead nowhere.

use activesync::SyncStatus;

use super::DefectInfo;
use crate::judgement::{Judgement, UnknownKey};

/// `missing-state-reported-as-not-found`.
pub(super) const MISSING_STATE_REPORTED_AS_NOT_FOUND: DefectInfo = DefectInfo {
    name: "missing-state-reported-as-not-found",
    class: "wrong-status",
    side: "server",
    models: "Syncroton 6f4935af, b15dd3ae; Horde BrokenClientBehavior",
    description: "a lost state is answered with status 8, which does not lead back to key 0",
    min_depth: 3,
    judgement: &MissingStateReportedAsNotFound,
};

struct MissingStateReportedAsNotFound;

impl Judgement for MissingStateReportedAsNotFound {
    fn unknown_key(&self) -> UnknownKey {
        UnknownKey::Refuse(SyncStatus::NotFound)
    }
}
