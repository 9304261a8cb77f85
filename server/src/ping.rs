//! Ping (MS-ASCMD 2.2.1.13): level-triggered against the state of the last key returned. It writes nothing but its cache.

use std::collections::BTreeMap;
use std::sync::Arc;

use activesync::folders::Folder;
use activesync::ping::{Request, Response};
use activesync::{CollectionId, PingStatus, Timestamp};

use crate::Stage;
use crate::accept::{Caller, reply};
use crate::server::{Context, Job, Step};
use crate::state::HierarchyState;
use crate::sync::addition_pending;

/// A Ping request in work.
#[derive(Clone, Debug)]
pub(crate) struct PingWork {
    caller: Caller,
    /// The request, with what the cache had to add.
    request: Arc<Request>,
    folders: Vec<CollectionId>,
    until: Timestamp,
    cached: bool,
    /// Version of the mailbox when the Ping came.
    started: u64,
    /// The hierarchy of the device then.
    hierarchy: HierarchyState,
}

pub(crate) fn admit(context: &Context<'_>, caller: &Caller, request: Option<Request>) -> Job {
    let device = context.store.device(&caller.device);
    let cached = device.and_then(|device| device.cached_ping.as_deref());
    let request = request.unwrap_or_default();
    let heartbeat = request.heartbeat_seconds.or(cached.and_then(|c| c.heartbeat_seconds));
    let folders = request.folders.or_else(|| cached.and_then(|cached| cached.folders.clone()));
    let (Some(heartbeat), Some(folders)) = (heartbeat, folders) else {
        return answer(Response::status(PingStatus::MissingParameters));
    };
    if folders.is_empty() {
        return answer(Response::status(PingStatus::MissingParameters));
    }
    let config = context.config;
    let nearest = heartbeat.clamp(config.heartbeat_min, config.heartbeat_max);
    if nearest != heartbeat {
        let response = Response::status(PingStatus::IntervalRange);
        return answer(Response { heartbeat_seconds: Some(nearest), ..response });
    }
    if folders.len() > config.limits.ping_folders {
        let max_folders = u32::try_from(config.limits.ping_folders).ok();
        return answer(Response { max_folders, ..Response::status(PingStatus::TooManyFolders) });
    }
    let ids = folders.iter().map(|folder| folder.id.clone()).collect();
    Job::Ping(Box::new(PingWork {
        caller: caller.clone(),
        request: Arc::new(Request { heartbeat_seconds: Some(heartbeat), folders: Some(folders) }),
        folders: ids,
        until: Timestamp(context.now.0 + i64::from(heartbeat)),
        cached: false,
        started: context.store.mailbox.version(),
        hierarchy: device.map(|device| device.hierarchy.clone()).unwrap_or_default(),
    }))
}

fn answer(response: Response) -> Job {
    Job::Respond(reply(&activesync::Response::Ping(response)))
}

impl PingWork {
    pub(crate) fn stage(&self) -> Stage {
        if self.cached { Stage::Wait } else { Stage::Persist }
    }

    pub(crate) fn advance(mut self: Box<Self>, context: &mut Context<'_>) -> Step {
        if !self.cached {
            if context.write_fails() {
                return Step::Next(answer(Response::status(PingStatus::ServerError)));
            }
            let device = context.store.device_mut(&self.caller.device);
            device.cached_ping = Some(self.request.clone());
            self.cached = true;
            return Step::Next(Job::Ping(self));
        }
        let response = if context.read_fails() {
            Response::status(PingStatus::ServerError)
        } else if self.hierarchy_changed(context) {
            Response::status(PingStatus::FolderSyncNeeded)
        } else {
            let changed = self.folders.iter().filter(|id| self.has_news(context, id));
            let folders: Vec<_> = changed.cloned().collect();
            if !folders.is_empty() {
                Response { folders, ..Response::status(PingStatus::Changes) }
            } else if context.superseded || context.now >= self.until {
                Response::status(PingStatus::Expired)
            } else {
                let until = self.until;
                return Step::Wait(Job::Ping(self), until);
            }
        };
        if context.judge.ping_restores_hierarchy() {
            context.store.device_mut(&self.caller.device).hierarchy = self.hierarchy;
        }
        Step::Next(answer(response))
    }

    /// The device never asked for the hierarchy, or does not have it as it is (MS-ASCMD 2.2.3.177.11, status 7).
    fn hierarchy_changed(&self, context: &Context<'_>) -> bool {
        let mailbox = &context.store.mailbox;
        let state = context.store.device(&self.caller.device).map(|device| &device.hierarchy);
        let same = |folders: &BTreeMap<CollectionId, Folder>| mailbox.same_hierarchy(folders);
        let mut candidates = state.into_iter().flat_map(HierarchyState::candidates).peekable();
        candidates.peek().is_none()
            || !candidates.all(|generation| same(&generation.folders))
            || self.folders.iter().any(|id| mailbox.folder(id).is_none())
    }

    /// Nobody knows which of several answers to a key the device has taken in, so any state with news counts; what is not
    /// there any more has to be told too.
    fn has_news(&self, context: &Context<'_>, id: &CollectionId) -> bool {
        let device = context.store.device(&self.caller.device);
        let state = device.and_then(|device| device.collections.get(id));
        let (Some(state), Some(folder)) = (state, context.store.mailbox.folder(id)) else {
            return true;
        };
        let tip = state.candidates().map(|generation| generation.version).max();
        let versions = (self.started, tip.unwrap_or(0));
        tip.is_none()
            || state.candidates().any(|generation| {
                addition_pending(generation, folder, versions, context.now, context.judge)
            })
    }
}
