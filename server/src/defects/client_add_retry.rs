//! Adds of the client, sent again.

use activesync::sync::{ClientCommand, ItemResponse};

use super::DefectInfo;
use crate::judgement::{Judgement, RetryAnswer};

/// `add-not-deduped-on-retry`.
pub(super) const ADD_NOT_DEDUPED_ON_RETRY: DefectInfo = DefectInfo {
    name: "add-not-deduped-on-retry",
    class: "client-add-retry",
    side: "server",
    models: "Horde Bug 10644 (351acfe2); MS-ASCMD R5121, R5122",
    description: "the Adds of a repeated request are executed again",
    min_depth: 4,
    judgement: &AddNotDedupedOnRetry,
};

struct AddNotDedupedOnRetry;

impl Judgement for AddNotDedupedOnRetry {
    fn answer_retry(&self, _same_body: bool, _replay: bool) -> RetryAnswer {
        RetryAnswer::Redo
    }

    fn remembers(&self, command: &ClientCommand) -> bool {
        !matches!(command, ClientCommand::Add { .. })
    }
}

/// `clientid-remembered-forever`.
pub(super) const CLIENTID_REMEMBERED_FOREVER: DefectInfo = DefectInfo {
    name: "clientid-remembered-forever",
    class: "client-add-retry",
    side: "server",
    models: "inverse of Horde Bug 10644; MS-ASCMD R961",
    description: "ClientIds are remembered beyond the key, so one that is used again gets the old ServerId and its item is dropped",
    min_depth: 4,
    judgement: &ClientidRememberedForever,
};

struct ClientidRememberedForever;

impl Judgement for ClientidRememberedForever {
    fn forgets_adds_when_confirmed(&self) -> bool {
        false
    }
}

/// `add-responses-misaligned`.
pub(super) const ADD_RESPONSES_MISALIGNED: DefectInfo = DefectInfo {
    name: "add-responses-misaligned",
    class: "client-add-retry",
    side: "server",
    models: "OfflineIMAP 8fc72271, 6.5.0 notes",
    description: "the ServerIds of a batch of Adds go to the wrong ClientIds",
    min_depth: 4,
    judgement: &AddResponsesMisaligned,
};

struct AddResponsesMisaligned;

impl Judgement for AddResponsesMisaligned {
    fn pair_adds(&self, responses: &mut [ItemResponse]) {
        let mut adds = responses.iter_mut().filter_map(|response| match response {
            ItemResponse::Add { server_id: id @ Some(_), .. } => Some(id),
            _ => None,
        });
        if let (Some(first), Some(second)) = (adds.next(), adds.next()) {
            std::mem::swap(first, second);
        }
    }
}
