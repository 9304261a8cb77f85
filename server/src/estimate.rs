//! GetItemEstimate (MS-ASCMD 2.2.1.9). It reads and never moves a key (MS-ASCMD R4591).

use activesync::estimate::{Estimate, Request, Response};
use activesync::sync::Options;
use activesync::{CollectionId, EstimateStatus, SyncKey};

use crate::accept::{Caller, refusal, reply};
use crate::changes::pending;
use crate::server::{Context, Job};
use crate::state::Generation;

/// A GetItemEstimate request in work.
#[derive(Clone, Debug)]
pub(crate) struct EstimateWork {
    caller: Caller,
    request: Request,
}

pub(crate) fn admit(caller: Caller, request: Request) -> Job {
    Job::Estimate(Box::new(EstimateWork { caller, request }))
}

impl EstimateWork {
    pub(crate) fn advance(self, context: &mut Context<'_>) -> Job {
        if context.read_fails() {
            let status = activesync::CommonStatus::ServerErrorRetryLater;
            let command = activesync::Command::GetItemEstimate;
            return Job::Respond(refusal(command, self.caller.version, status));
        }
        let asked = self.request.collections.iter();
        let estimates = asked.map(|(id, key, filter)| self.estimate(context, id, key, *filter));
        let response = Response { estimates: estimates.collect() };
        Job::Respond(reply(&activesync::Response::GetItemEstimate(response)))
    }

    fn estimate(
        &self,
        context: &Context<'_>,
        id: &CollectionId,
        key: &SyncKey,
        filter: Option<u8>,
    ) -> Estimate {
        let failure = |status| {
            let collection_id = Some(id.clone());
            Estimate { status, collection_id, estimate: None }
        };
        let Some(folder) = context.store.mailbox.folder(id) else {
            return failure(EstimateStatus::InvalidCollection);
        };
        if key.is_zero() {
            return failure(EstimateStatus::NotPrimed);
        }
        let device = context.store.device(&self.caller.device);
        let state = device.and_then(|device| device.collections.get(id));
        let sent = state.into_iter().flat_map(|state| &state.sent).map(|b| &b.generation);
        let acked = state.and_then(|state| state.acked.as_ref());
        let Some(since) = sent.chain(acked).find(|generation| generation.key == *key) else {
            return failure(EstimateStatus::InvalidSyncKey);
        };
        let options = match filter {
            Some(_) => Options { filter_type: filter, ..since.options.clone() },
            None => since.options.clone(),
        };
        let Generation { known, .. } = since;
        let all = pending(known, since, folder, &options, context.now, context.judge);
        Estimate {
            status: EstimateStatus::Success,
            collection_id: Some(id.clone()),
            estimate: u32::try_from(all.changes.len()).ok(),
        }
    }
}
