//! Key 0.

use super::DefectInfo;
use crate::judgement::Judgement;
use crate::state::Snapshot;

/// `key-zero-keeps-old-snapshot`.
pub(super) const KEY_ZERO_KEEPS_OLD_SNAPSHOT: DefectInfo = DefectInfo {
    name: "key-zero-keeps-old-snapshot",
    class: "resync",
    side: "server",
    models: "Z-Push ZP-841 (d4e23e25); Horde ce221948",
    description: "key 0 gives a new key, but what was known stays known and is not sent again",
    min_depth: 4,
    judgement: &KeyZeroKeepsOldSnapshot,
};

struct KeyZeroKeepsOldSnapshot;

impl Judgement for KeyZeroKeepsOldSnapshot {
    fn first_snapshot(&self, old: Option<&Snapshot>) -> Snapshot {
        old.cloned().unwrap_or_default()
    }
}
