//! DeletesAsMoves.

use super::DefectInfo;
use crate::judgement::Judgement;

/// `deletesasmoves-ignored`.
pub(super) const DELETESASMOVES_IGNORED: DefectInfo = DefectInfo {
    name: "deletesasmoves-ignored",
    class: "deletes-as-moves",
    side: "server",
    models: "Syncroton 7400acb9; SOGo ac216496",
    description: "a Delete is always for good",
    min_depth: 2,
    judgement: &DeletesasmovesIgnored,
};

struct DeletesasmovesIgnored;

impl Judgement for DeletesasmovesIgnored {
    fn delete_moves(&self, _asked: bool) -> bool {
        false
    }
}
