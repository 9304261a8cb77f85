//! State and keys are committed, all collections of a request at once.

use std::sync::Arc;

use activesync::sync::{Collection, CollectionResponse};
use activesync::{SyncKey, SyncStatus};

use super::{Course, Plan, Reading, SyncWork};
use crate::changes::pending;
use crate::judgement::edit;
use crate::server::Context;
use crate::state::{Branch, Generation};

impl SyncWork {
    /// Commits, and returns the answers of the collections that have one.
    pub(super) fn persist(&mut self, context: &mut Context<'_>) -> Vec<CollectionResponse> {
        let mut answers = Vec::with_capacity(self.plans.len());
        let waited = self.deadline.is_some();
        for plan in &mut self.plans {
            answers.extend(plan.persist(context, &self.caller.device, waited));
        }
        let fine = answers.iter().all(|answer| answer.status == SyncStatus::Success);
        let bare = self.plans.iter().all(|plan| plan.collection().commands.is_empty());
        // Only a request without commands can be repeated by an empty one; any other discards the cache (MS-ASCMD R666,
        // R674).
        let cached = (fine && bare).then(|| self.request.clone());
        context.store.device_mut(&self.caller.device).cached_sync = cached;
        answers
    }
}

impl Plan {
    fn persist(
        &mut self,
        context: &mut Context<'_>,
        device: &activesync::DeviceId,
        waited: bool,
    ) -> Option<CollectionResponse> {
        let asked = self.asked.clone();
        let id = &asked.0.collection_id;
        let refused = |status| {
            let collection_id = id.clone();
            Some(CollectionResponse { status, ..empty(collection_id) })
        };
        if !self.state_stands(context, device) {
            return refused(SyncStatus::InvalidSyncKey);
        }
        match &self.course {
            Course::Refuse(status) => refused(*status),
            Course::Absent => None,
            Course::First => Some(self.first(context, device)),
            Course::Replay(branch, _) => {
                let state = context.store.device_mut(device).collections.entry(id.clone());
                let state = state.or_default();
                let key = &branch.generation.key;
                // The same branch again, so that it stays the newest one.
                if let Some(at) = state.sent.iter().position(|b| b.generation.key == *key) {
                    state.sent.remove(at);
                    state.sent.push((**branch).clone());
                    state.silent = false;
                }
                Some((*branch.answer).clone())
            }
            Course::Answer(since, _) => {
                let since = (**since).clone();
                let reading = self.reading.take()?;
                if reading.failed {
                    return Some(failed(context, device, &asked.0, &since, &reading));
                }
                let silent = reading.is_silent(&asked.0);
                let sent = self.covered(context, &since, &reading);
                if silent {
                    self.stay(context, device, sent, &reading, waited);
                    return None;
                }
                Some(self.answer(context, device, &since, *reading, sent))
            }
        }
    }

    /// Whether the state that the answer was made from is still there; lost on the way, it is Status 3 (MS-ASCMD R4426) and
    /// never a key for another state.
    fn state_stands(&self, context: &Context<'_>, device: &activesync::DeviceId) -> bool {
        if matches!(self.course, Course::Refuse(_) | Course::First) {
            return true;
        }
        let collection = self.collection();
        let device = context.store.device(device);
        let state = device.and_then(|device| device.collections.get(&collection.collection_id));
        let acked = state.and_then(|state| state.acked.as_ref());
        acked.is_some_and(|acked| self.unlisted || acked.key == collection.sync_key)
    }

    /// Key 0: a first key, and no items yet (MS-ASCMD R648, R5555). What was known stays until the first key is presented: a
    /// request that arrives late must not undo a newer state.
    fn first(
        &self,
        context: &mut Context<'_>,
        device: &activesync::DeviceId,
    ) -> CollectionResponse {
        let id = self.collection().collection_id.clone();
        let judge = context.judge;
        let folder = context.store.mailbox.folder(&id);
        let Some(folder_name) = folder.map(|folder| folder.folder.display_name.clone()) else {
            return CollectionResponse { status: SyncStatus::HierarchyChanged, ..empty(id) };
        };
        let key = judge.key(context.store.fresh_key('k'), 1);
        let answer = CollectionResponse { sync_key: Some(key.clone()), ..empty(id.clone()) };
        let (version, at) = (context.store.mailbox.version(), context.now);
        let state = context.store.device_mut(device).collections.entry(id).or_default();
        let generation = Generation {
            key,
            serial: 1,
            known: judge.first_snapshot(state.acked.as_ref().map(|acked| &acked.known)),
            options: self.collection().options.clone().unwrap_or_default(),
            version,
            folder_version: 0,
            at,
            folder_name,
            left: Arc::default(),
        };
        let branch = Branch {
            generation,
            from_zero: true,
            body: self.asked.clone(),
            answer: Arc::new(answer.clone()),
        };
        state.push(branch);
        answer
    }

    /// What the new key covers: what was sent. A change that came after the reading is not in it.
    fn covered(
        &self,
        context: &Context<'_>,
        since: &Generation,
        reading: &Reading,
    ) -> crate::state::Snapshot {
        let mut sent = reading.sent.clone();
        let folder = context.store.mailbox.folder(&self.collection().collection_id);
        if let (true, Some(folder)) = (context.judge.covers_late(), folder) {
            let late = pending(&sent, since, folder, &reading.options, context.now, context.judge);
            let late = late.changes.iter().filter(|c| !reading.left.contains(&c.number));
            let known = edit(&mut sent);
            late.for_each(|change| change.apply(known));
        }
        sent
    }

    fn answer(
        &self,
        context: &mut Context<'_>,
        device: &activesync::DeviceId,
        since: &Generation,
        reading: Reading,
        sent: crate::state::Snapshot,
    ) -> CollectionResponse {
        let id = self.collection().collection_id.clone();
        let key = context.judge.key(context.store.fresh_key('k'), since.serial + 1);
        let generation = generation(key.clone(), since, &reading, sent);
        let answer = CollectionResponse {
            sync_key: Some(key),
            more_available: reading.more,
            responses: reading.responses,
            commands: reading.commands,
            ..empty(id.clone())
        };
        let branch = Branch {
            generation,
            from_zero: false,
            body: self.asked.clone(),
            answer: Arc::new(answer.clone()),
        };
        context.store.device_mut(device).collections.entry(id).or_default().push(branch);
        answer
    }

    /// Nothing was said: the key stays and so does the state. Here are the places where others forget that.
    fn stay(
        &self,
        context: &mut Context<'_>,
        device: &activesync::DeviceId,
        sent: crate::state::Snapshot,
        reading: &Reading,
        waited: bool,
    ) {
        let judge = context.judge;
        let id = &self.collection().collection_id;
        if let Some(state) = context.store.device_mut(device).collections.get_mut(id) {
            state.silent = true;
        }
        let covers = judge.covers_late()
            || reading.starved && judge.covers_starved()
            || !self.collection().wants_changes() && judge.covers_unasked()
            || waited && judge.wait_moves_state();
        if !covers {
            return;
        }
        let mut sent = sent;
        if waited
            && judge.wait_moves_state()
            && let Some(folder) = context.store.mailbox.folder(id)
        {
            let known = edit(&mut sent);
            known.clear();
            known.extend(folder.items.iter().map(|(n, item)| (*n, crate::state::Known::of(item))));
        }
        let state = context.store.device_mut(device).collections.get_mut(id);
        if let Some(acked) = state.and_then(|state| state.acked.as_mut()) {
            acked.known = sent;
        }
    }
}

fn generation(
    key: SyncKey,
    since: &Generation,
    reading: &Reading,
    known: crate::state::Snapshot,
) -> Generation {
    Generation {
        key,
        serial: since.serial + 1,
        known,
        options: reading.options.clone(),
        version: reading.version,
        folder_version: reading.folder_version,
        at: reading.at,
        folder_name: reading.folder_name.clone(),
        left: reading.left.clone(),
    }
}

/// The listing failed: status 5 and no key. The commands are on record, so the retry does nothing twice.
fn failed(
    context: &mut Context<'_>,
    device: &activesync::DeviceId,
    asked: &Collection,
    since: &Generation,
    reading: &Reading,
) -> CollectionResponse {
    let id = asked.collection_id.clone();
    let mut answer = CollectionResponse { status: SyncStatus::ServerError, ..empty(id.clone()) };
    let folder = context.store.mailbox.folder(&id);
    if let (true, Some(folder)) = (context.judge.error_advances(), folder) {
        let mut sent = reading.sent.clone();
        let all = pending(&sent, since, folder, &reading.options, context.now, context.judge);
        let known = edit(&mut sent);
        all.changes.iter().for_each(|change| change.apply(known));
        let key = context.store.fresh_key('k');
        answer.sync_key = Some(key.clone());
        let generation = generation(key, since, reading, sent.clone());
        // No body is equal to this one, so an error is never replayed.
        let body = Arc::new((Collection::new(id.clone(), generation.key.clone()), None));
        let answered = Arc::new(answer.clone());
        let branch = Branch { generation, from_zero: false, body, answer: answered };
        let state = context.store.device_mut(device).collections.entry(id).or_default();
        // The state moves on whichever of the two keys comes next.
        if let Some(acked) = &mut state.acked {
            acked.known = sent;
        }
        state.push(branch);
    }
    answer
}

fn empty(collection_id: activesync::CollectionId) -> CollectionResponse {
    CollectionResponse {
        sync_key: None,
        collection_id,
        status: SyncStatus::Success,
        more_available: false,
        responses: Vec::new(),
        commands: Vec::new(),
    }
}
