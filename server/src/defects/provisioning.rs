//! Provision.

use super::DefectInfo;
use crate::judgement::Judgement;

/// `wipe-cleared-when-sent`.
pub(super) const WIPE_CLEARED_WHEN_SENT: DefectInfo = DefectInfo {
    name: "wipe-cleared-when-sent",
    class: "provision",
    side: "server",
    models: "Horde 2.30.5, 2.16.4, 1.2.1",
    description: "a remote wipe is done when it is asked for, not when the device says so",
    min_depth: 4,
    judgement: &WipeClearedWhenSent,
};

struct WipeClearedWhenSent;

impl Judgement for WipeClearedWhenSent {
    fn wipe_ends_when_sent(&self) -> bool {
        true
    }
}
