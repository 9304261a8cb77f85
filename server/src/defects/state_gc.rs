//! When an old state may go.

use super::DefectInfo;
use crate::judgement::{Judgement, RetryAnswer};

/// `previous-state-not-kept`.
pub(super) const PREVIOUS_STATE_NOT_KEPT: DefectInfo = DefectInfo {
    name: "previous-state-not-kept",
    class: "state-gc",
    side: "server",
    models: "grommunio-sync 96428bfb; Syncroton 340e0c9b; tine20 #1605, #2570; MailEnable ME020597",
    description: "the old state is dropped when the new one is written, not when it is presented, so the legal retry is refused with status 3",
    min_depth: 3,
    judgement: &PreviousStateNotKept,
};

struct PreviousStateNotKept;

impl Judgement for PreviousStateNotKept {
    fn answer_retry(&self, _same_body: bool, _replay: bool) -> RetryAnswer {
        RetryAnswer::Refuse
    }
}
