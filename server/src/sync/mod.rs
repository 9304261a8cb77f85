//! Sync (MS-ASCMD 2.2.1.21), stage by stage: admit, each command of the client, read, persist, respond; or wait.

mod admit;
mod execute;
mod persist;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use activesync::sync::{self, CollectionResponse};
use activesync::{Response, ServerId, SyncStatus, Timestamp};

use crate::Stage;
use crate::accept::{Caller, reply};
use crate::server::{Context, Job, Step};
use crate::state::{Branch, Generation, Outcome};

pub(crate) use admit::admit;
use read::Reading;
pub(crate) use read::addition_pending;

/// A Sync request in work.
#[derive(Clone, Debug)]
pub(crate) struct SyncWork {
    caller: Caller,
    /// The request, with what the cache had to add.
    request: Arc<sync::Request>,
    plans: Vec<Plan>,
    /// The commands still to be executed: collection and place; the first is next.
    todo: Vec<(usize, usize)>,
    done: usize,
    /// End of the wait, if the request wants one.
    deadline: Option<Timestamp>,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Commands,
    Read,
    Persist,
    Wait,
}

/// What is done about one collection.
#[derive(Clone, Debug)]
struct Plan {
    asked: Arc<(sync::Collection, Option<u32>)>,
    /// It came from the cache.
    unlisted: bool,
    course: Course,
    /// For each command what came of it.
    outcomes: Vec<Option<Outcome>>,
    /// How many commands on an item have been met.
    met: BTreeMap<ServerId, usize>,
    reading: Option<Box<Reading>>,
}

#[derive(Clone, Debug)]
enum Course {
    /// A status and nothing else.
    Refuse(SyncStatus),
    /// Key 0: a first key.
    First,
    /// Nothing: there was no room for what the cache asks to repeat. It is asked for again.
    Absent,
    /// The stored answer.
    Replay(Box<Branch>, Renewal),
    /// A new answer, from this state; true: it was answered before.
    Answer(Box<Generation>, bool),
}

/// Whether a stored answer comes with its stored state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Renewal {
    AsStored,
    NewState,
}

impl Plan {
    fn collection(&self) -> &sync::Collection {
        &self.asked.0
    }

    /// Nothing to say: the collection is left out, its key stays (MS-ASCMD R667, R4780).
    fn is_silent(&self) -> bool {
        let quiet = |reading: &Reading| reading.is_silent(self.collection());
        match self.course {
            Course::Answer(..) => self.reading.as_deref().is_some_and(quiet),
            Course::Absent => true,
            Course::Refuse(_) | Course::First | Course::Replay(..) => false,
        }
    }
}

impl SyncWork {
    pub(crate) fn stage(&self) -> Stage {
        match self.phase {
            Phase::Commands => Stage::Command(self.done),
            Phase::Read => Stage::Read,
            Phase::Persist => Stage::Persist,
            Phase::Wait => Stage::Wait,
        }
    }

    pub(crate) fn advance(mut self: Box<Self>, context: &mut Context<'_>) -> Step {
        match self.phase {
            Phase::Commands => {
                if context.write_fails() {
                    return self.fail(context);
                }
                self.execute_next(context);
                if self.todo.is_empty() {
                    self.phase = Phase::Read;
                }
            }
            Phase::Read => {
                self.read(context);
                let silent = self.plans.iter().all(Plan::is_silent);
                let early = self.deadline.is_some_and(|deadline| context.now < deadline);
                self.phase = if silent && early { Phase::Wait } else { Phase::Persist };
            }
            Phase::Persist => {
                if context.write_fails() {
                    return self.fail(context);
                }
                let answers = self.persist(context);
                return Step::Next(respond(answers));
            }
            Phase::Wait => return self.wait(context),
        }
        Step::Next(Job::Sync(self))
    }

    /// Waits for an addition or for the end (MS-ASCMD R5595 to R5598). Nothing has been committed, so whoever is newer may
    /// simply go ahead.
    fn wait(mut self: Box<Self>, context: &mut Context<'_>) -> Step {
        let Some(deadline) = self.deadline else { return Step::Next(Job::Sync(self)) };
        if context.superseded || !self.states_stand(context) {
            return Step::Next(refuse(SyncStatus::Retry, None));
        }
        if context.now >= deadline || self.has_news(context) {
            self.refresh(context);
            self.phase = Phase::Read;
            return Step::Next(Job::Sync(self));
        }
        Step::Wait(Job::Sync(self), deadline)
    }

    /// Whether the keys presented are still the ones presented last.
    fn states_stand(&self, context: &Context<'_>) -> bool {
        let device = context.store.device(&self.caller.device);
        self.plans.iter().all(|plan| {
            let state = device.and_then(|d| d.collections.get(&plan.collection().collection_id));
            let acked = state.and_then(|state| state.acked.as_ref());
            match &plan.course {
                Course::Answer(since, _) => acked.is_some_and(|acked| acked.key == since.key),
                _ => false,
            }
        })
    }

    /// An older request may have noted moves in the states meanwhile.
    fn refresh(&mut self, context: &Context<'_>) {
        let device = context.store.device(&self.caller.device);
        for plan in &mut self.plans {
            let id = &plan.asked.0.collection_id;
            let state = device.and_then(|device| device.collections.get(id));
            let acked = state.and_then(|state| state.acked.as_ref());
            if let (Course::Answer(since, _), Some(acked)) = (&mut plan.course, acked) {
                **since = acked.clone();
            }
        }
    }

    fn has_news(&self, context: &Context<'_>) -> bool {
        self.plans.iter().any(|plan| {
            let Course::Answer(since, _) = &plan.course else { return true };
            let folder = context.store.mailbox.folder(&plan.collection().collection_id);
            folder.is_none_or(|folder| {
                let options = context
                    .judge
                    .options_in_force(&since.options, plan.collection().options.as_ref());
                let since = Generation { options, ..(**since).clone() };
                let versions = (since.version, since.version);
                addition_pending(&since, folder, versions, context.now, context.judge)
            })
        })
    }

    /// The whole request fails with status 5. What was executed stays on record under the key presented, so the retry that
    /// this status asks for does nothing twice.
    fn fail(&self, context: &mut Context<'_>) -> Step {
        if !context.judge.keeps_record_after_error() {
            self.forget_records(context);
        }
        Step::Next(refuse(SyncStatus::ServerError, None))
    }

    fn forget_records(&self, context: &mut Context<'_>) {
        let device = context.store.device_mut(&self.caller.device);
        for plan in &self.plans {
            let id = &plan.collection().collection_id;
            if let Some(state) = device.collections.get_mut(id) {
                state.outstanding = crate::state::Outstanding::default();
            }
        }
    }
}

/// A status for the whole request.
fn refuse(status: SyncStatus, limit: Option<u32>) -> Job {
    let status = Some(status);
    let response = sync::Response { status, limit, ..sync::Response::default() };
    Job::Respond(reply(&Response::Sync(Some(response))))
}

fn respond(collections: Vec<CollectionResponse>) -> Job {
    let response = sync::Response { collections, ..sync::Response::default() };
    let response = Some(response).filter(|response| !response.collections.is_empty());
    Job::Respond(reply(&Response::Sync(response)))
}
