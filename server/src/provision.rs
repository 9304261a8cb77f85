//! Provision in two phases (MS-ASPROV 3.1.5.1): policy and temporary key, acknowledgement and key.

use activesync::provision::{POLICY_TYPE_WBXML, Policy, Request, Response};
use activesync::{PolicyKey, ProvisionStatus};

use crate::accept::{Caller, reply};
use crate::server::{Context, Job};

/// A Provision request in work.
#[derive(Clone, Debug)]
pub(crate) struct ProvisionWork {
    caller: Caller,
    request: Request,
}

pub(crate) fn admit(caller: Caller, request: Request) -> Job {
    Job::Provision(Box::new(ProvisionWork { caller, request }))
}

impl ProvisionWork {
    pub(crate) fn advance(self, context: &mut Context<'_>) -> Job {
        let response = self.execute(context);
        Job::Respond(reply(&activesync::Response::Provision(response)))
    }

    fn execute(&self, context: &mut Context<'_>) -> Response {
        let answer = |status, policy| Response { status, policy, remote_wipe: false };
        if context.write_fails() || context.read_fails() {
            return answer(ProvisionStatus::ServerError, None);
        }
        let pending = context.store.wipe_pending(&self.caller.device);
        if pending {
            let device = context.store.device_mut(&self.caller.device);
            // Only a success ends it: a failed wipe is asked for again.
            let done = self.request.remote_wipe == Some(ProvisionStatus::Success);
            device.policy.wipe = !done && !context.judge.wipe_ends_when_sent();
            if done {
                device.policy.key = None;
                device.policy.temporary = None;
            }
            let response = answer(ProvisionStatus::Success, None);
            return Response { remote_wipe: !done, ..response };
        }
        if self.request.remote_wipe.is_some() && self.request.policy_type.is_none() {
            return answer(ProvisionStatus::Success, None);
        }
        let policy = |status, key, document| {
            let policy_type = POLICY_TYPE_WBXML.into();
            Some(Policy { policy_type, status, key, document })
        };
        if self.request.policy_type.as_deref() != Some(POLICY_TYPE_WBXML) {
            return answer(
                ProvisionStatus::Success,
                policy(ProvisionStatus::ServerError, None, false),
            );
        }
        if !context.config.policy {
            return answer(
                ProvisionStatus::Success,
                policy(ProvisionStatus::Protocol, None, false),
            );
        }
        match self.request.acknowledge {
            None => {
                let key = context.store.fresh_policy_key();
                let device = context.store.device_mut(&self.caller.device);
                device.policy.temporary = Some(key);
                answer(ProvisionStatus::Success, policy(ProvisionStatus::Success, Some(key), true))
            }
            Some((key, status)) => {
                let (status, key) = self.acknowledge(context, key, status);
                answer(ProvisionStatus::Success, policy(status, key, false))
            }
        }
    }

    /// The second phase; the same acknowledgement twice has the same answer.
    fn acknowledge(
        &self,
        context: &mut Context<'_>,
        temporary: PolicyKey,
        status: ProvisionStatus,
    ) -> (ProvisionStatus, Option<PolicyKey>) {
        let device = context.store.device(&self.caller.device);
        let policy = device.map(|device| device.policy.clone()).unwrap_or_default();
        let taken = matches!(status, ProvisionStatus::Success | ProvisionStatus::Protocol);
        if policy.temporary != Some(temporary) || !taken {
            return (ProvisionStatus::WrongKey, None);
        }
        let key = match policy.acknowledged {
            Some((acknowledged, key)) if acknowledged == temporary => key,
            _ => context.store.fresh_policy_key(),
        };
        let device = context.store.device_mut(&self.caller.device);
        device.policy.key = Some(key);
        device.policy.acknowledged = Some((temporary, key));
        (ProvisionStatus::Success, Some(key))
    }
}
