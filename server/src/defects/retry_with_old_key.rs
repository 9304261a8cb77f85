//! What answers a key that is presented again.

use super::DefectInfo;
use crate::changes::Kind;
use crate::judgement::{Judgement, RetryAnswer};

/// `retry-answered-from-newer-state`.
pub(super) const RETRY_ANSWERED_FROM_NEWER_STATE: DefectInfo = DefectInfo {
    name: "retry-answered-from-newer-state",
    class: "retry-with-old-key",
    side: "server",
    models: "SOGo #3058, #2849 (8d85ca13); Z-Push ZP-848 (f0e80cd2); tine20 #2570",
    description: "a repeated key is answered from the newest state, which nobody has confirmed, so all that the lost answer carried is skipped",
    min_depth: 4,
    judgement: &RetryAnsweredFromNewerState,
};

struct RetryAnsweredFromNewerState;

impl Judgement for RetryAnsweredFromNewerState {
    fn answer_retry(&self, _same_body: bool, _replay: bool) -> RetryAnswer {
        RetryAnswer::RedoFromNewest
    }
}

/// `retry-omits-deletes`.
pub(super) const RETRY_OMITS_DELETES: DefectInfo = DefectInfo {
    name: "retry-omits-deletes",
    class: "retry-with-old-key",
    side: "server",
    models: "SOGo 8d85ca13 (for deletes a cache entry has to be made anew)",
    description: "a retry makes Adds and Changes anew, but Deletes were crossed out when they were first sent",
    min_depth: 4,
    judgement: &RetryOmitsDeletes,
};

struct RetryOmitsDeletes;

impl Judgement for RetryOmitsDeletes {
    fn answer_retry(&self, _same_body: bool, _replay: bool) -> RetryAnswer {
        RetryAnswer::Redo
    }

    fn repeats(&self, kind: Kind) -> bool {
        kind != Kind::Delete
    }
}

/// `retry-omits-softdeletes`.
pub(super) const RETRY_OMITS_SOFTDELETES: DefectInfo = DefectInfo {
    name: "retry-omits-softdeletes",
    class: "retry-with-old-key",
    side: "server",
    models: "SOGo 8d85ca13 (a SoftDelete has to be set again for the next sync)",
    description: "as retry-omits-deletes, for SoftDelete",
    min_depth: 5,
    judgement: &RetryOmitsSoftdeletes,
};

struct RetryOmitsSoftdeletes;

impl Judgement for RetryOmitsSoftdeletes {
    fn answer_retry(&self, _same_body: bool, _replay: bool) -> RetryAnswer {
        RetryAnswer::Redo
    }

    fn repeats(&self, kind: Kind) -> bool {
        kind != Kind::SoftDelete
    }
}

/// `replay-stale-response-with-fresh-state`.
pub(super) const REPLAY_STALE_RESPONSE_WITH_FRESH_STATE: DefectInfo = DefectInfo {
    name: "replay-stale-response-with-fresh-state",
    class: "retry-with-old-key",
    side: "server",
    models: "Horde stored pending changes (28313e08) with the cleanup of SOGo 8d85ca13",
    description: "a retry is served the stored answer, but its key is bound to a state made anew, so what came between is covered and never sent",
    min_depth: 5,
    judgement: &ReplayStaleResponseWithFreshState,
};

struct ReplayStaleResponseWithFreshState;

impl Judgement for ReplayStaleResponseWithFreshState {
    fn answer_retry(&self, _same_body: bool, _replay: bool) -> RetryAnswer {
        RetryAnswer::ReplayWithNewState
    }
}
