//! GetChanges 0.

use super::DefectInfo;
use crate::judgement::Judgement;

/// `getchanges-zero-advances-past-changes`.
pub(super) const GETCHANGES_ZERO_ADVANCES_PAST_CHANGES: DefectInfo = DefectInfo {
    name: "getchanges-zero-advances-past-changes",
    class: "getchanges",
    side: "server",
    models: "Horde 2.4.0beta4, Bug 10731 (e8987232)",
    description: "a request that only uploads moves the state to the tip although nothing was sent",
    min_depth: 4,
    judgement: &GetchangesZeroAdvancesPastChanges,
};

struct GetchangesZeroAdvancesPastChanges;

impl Judgement for GetchangesZeroAdvancesPastChanges {
    fn covers_unasked(&self) -> bool {
        true
    }
}
