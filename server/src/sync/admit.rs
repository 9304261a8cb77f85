//! A Sync request comes in: is it well-formed, what does the cache add, what do its keys mean?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use activesync::history::HeldItem;
use activesync::sync::{ClientCommand, Collection, Request};
use activesync::{CollectionId, ProtocolVersion, SyncStatus, Timestamp};

use super::{Course, Phase, Plan, Renewal, SyncWork, refuse};
use crate::accept::Caller;
use crate::judgement::{RetryAnswer, UnknownKey};
use crate::server::{Belief, Context, Job};
use crate::state::{Branch, CollectionState, DeviceState, Doubt, Generation, Snapshot};

/// Wait, in minutes (MS-ASCMD R4745).
const WAIT_MINUTES: (u32, u32) = (1, 59);

/// A request refused as a whole, with the limit it missed.
type Refusal = (SyncStatus, Option<u32>);

pub(crate) fn admit(context: &mut Context<'_>, caller: Caller, request: Option<Request>) -> Job {
    let admitted = resolve(context, &caller, request).and_then(|(request, unlisted)| {
        let deadline = check(context, &caller, &request)?;
        cached_keys_stand(context, &caller, &request, &unlisted)?;
        Ok((request, unlisted, deadline))
    });
    let (request, unlisted, deadline) = match admitted {
        Ok(admitted) => admitted,
        Err((status, limit)) => return refuse(status, limit),
    };
    let mut plans = Vec::with_capacity(request.collections.len());
    for collection in &request.collections {
        let unlisted = unlisted.contains(&collection.collection_id);
        let asked = Arc::new((collection.clone(), request.window_size));
        plans.push(plan(context, &caller, asked, unlisted));
    }
    let todo: Vec<_> = plans
        .iter()
        .enumerate()
        .filter(|(_, plan)| matches!(plan.course, Course::Answer(..)))
        .flat_map(|(at, plan)| {
            let commands = plan.collection().commands.iter().enumerate();
            let executed = commands.filter(|(_, c)| !matches!(c, ClientCommand::Fetch { .. }));
            executed.map(move |(place, _)| (at, place))
        })
        .collect();
    let phase = if todo.is_empty() { Phase::Read } else { Phase::Commands };
    let request = Arc::new(request);
    Job::Sync(Box::new(SyncWork { caller, request, plans, todo, done: 0, deadline, phase }))
}

/// Fills an empty or Partial request from the cache; says which collections came from there.
fn resolve(
    context: &Context<'_>,
    caller: &Caller,
    request: Option<Request>,
) -> Result<(Request, BTreeSet<CollectionId>), Refusal> {
    let cached = || {
        let device = context.store.device(&caller.device);
        let cached = device.and_then(|device| device.cached_sync.as_deref()).cloned();
        // 13: nothing to repeat or to complete (MS-ASCMD R670, TC06).
        cached.ok_or((SyncStatus::Incomplete, None))
    };
    let ids = |request: &Request| -> BTreeSet<CollectionId> {
        request.collections.iter().map(|c| c.collection_id.clone()).collect()
    };
    let Some(mut request) = request else {
        let cached = cached()?;
        let unlisted = ids(&cached);
        return Ok((cached, unlisted));
    };
    let settings = request.wait_minutes.is_some()
        || request.heartbeat_seconds.is_some()
        || request.window_size.is_some();
    if request.collections.is_empty() && !(request.partial && settings) {
        // Partial alone is invalid (MS-ASCMD R3642, R3643), and so is a request about nothing.
        return Err((SyncStatus::ProtocolError, None));
    }
    if !request.partial {
        return Ok((request, BTreeSet::new()));
    }
    let cached = cached()?;
    let listed = ids(&request);
    request.partial = false;
    request.window_size = request.window_size.or(cached.window_size);
    if request.wait_minutes.is_none() && request.heartbeat_seconds.is_none() {
        request.wait_minutes = cached.wait_minutes;
        request.heartbeat_seconds = cached.heartbeat_seconds;
    }
    if context.judge.partial_keeps_unlisted() {
        let rest = cached.collections.into_iter().filter(|c| !listed.contains(&c.collection_id));
        request.collections.extend(rest);
    }
    let unlisted = ids(&request).difference(&listed).cloned().collect();
    Ok((request, unlisted))
}

/// What can be wrong with a request as a whole. Nothing is executed then.
fn check(
    context: &Context<'_>,
    caller: &Caller,
    request: &Request,
) -> Result<Option<Timestamp>, Refusal> {
    let malformed = Err((SyncStatus::ProtocolError, None));
    let config = context.config;
    let (wait, heartbeat) = (request.wait_minutes, request.heartbeat_seconds);
    if wait.is_some() && heartbeat.is_some()
        || heartbeat.is_some() && caller.version < ProtocolVersion::V14_0
    {
        return malformed;
    }
    let in_range = |value: Option<u32>, (least, most): (u32, u32)| match value {
        Some(value) if value < least => Err((SyncStatus::WaitRange, Some(least))),
        Some(value) if value > most => Err((SyncStatus::WaitRange, Some(most))),
        _ => Ok(()),
    };
    in_range(wait, WAIT_MINUTES)?;
    in_range(heartbeat, (config.heartbeat_min, config.heartbeat_max))?;
    if request.collections.len() > config.limits.collections {
        let limit = u32::try_from(config.limits.collections).ok();
        return Err((SyncStatus::TooManyCollections, limit));
    }
    let mut ids: Vec<_> = request.collections.iter().map(|c| &c.collection_id).collect();
    ids.sort();
    let twice = ids.windows(2).any(|pair| pair[0] == pair[1]);
    let commands: usize = request.collections.iter().map(|c| c.commands.len()).sum();
    if twice || commands > config.limits.commands || !request.collections.iter().all(is_well_formed)
    {
        return malformed;
    }
    // With commands there is something to answer, so there is nothing to wait for.
    let seconds = wait.map(|minutes| minutes * 60).or(heartbeat).filter(|_| commands == 0);
    Ok(seconds.map(|seconds| Timestamp(context.now.0 + i64::from(seconds))))
}

fn is_well_formed(collection: &Collection) -> bool {
    // GetChanges is not allowed with key 0 (MS-ASCMD R3128); commands cannot be meant then (R651).
    let first = collection.sync_key.is_zero();
    let first_is_bare = collection.get_changes != Some(true) && collection.commands.is_empty();
    let options = collection.options.as_ref();
    let filter = options.and_then(|options| options.filter_type).unwrap_or(0);
    let conflict = options.and_then(|options| options.conflict).unwrap_or(1);
    // MS-ASCMD R3080 for the filter.
    (!first || first_is_bare) && filter <= 5 && conflict <= 1
}

/// A key of the cache that is no longer good asks for the full request, not for a resync. So does one under which something
/// else was answered since: whether the device has that answer only a key can tell.
fn cached_keys_stand(
    context: &Context<'_>,
    caller: &Caller,
    request: &Request,
    unlisted: &BTreeSet<CollectionId>,
) -> Result<(), Refusal> {
    let device = context.store.device(&caller.device);
    let stands = |collection: &Collection| {
        let state = device.and_then(|device| device.collections.get(&collection.collection_id));
        let acked = state.and_then(|state| state.acked.as_ref());
        // Nobody knows whether the device has an answer that was given and not confirmed: what is made from here must fit both.
        let branches = state.into_iter().flat_map(|state| &state.sent);
        let alone = branches.filter(|branch| !branch.from_zero).count() <= 1;
        let newest = state.and_then(CollectionState::newest);
        let repeats = |newest: &Branch| {
            newest.body.0 == *collection
                && newest.body.1 == request.window_size
                && still_holds(context, &collection.collection_id, newest)
        };
        acked.is_some_and(|acked| acked.key == collection.sync_key)
            && (context.judge.unlisted_confirms_newest() || alone && newest.is_none_or(repeats))
    };
    let mut from_cache = request.collections.iter().filter(|c| unlisted.contains(&c.collection_id));
    if from_cache.all(stands) { Ok(()) } else { Err((SyncStatus::Incomplete, None)) }
}

/// What a collection's key means, and so what is done about it.
fn plan(
    context: &mut Context<'_>,
    caller: &Caller,
    asked: Arc<(Collection, Option<u32>)>,
    unlisted: bool,
) -> Plan {
    let outcomes = vec![None; asked.0.commands.len()];
    let course = course(context, caller, &asked, unlisted);
    let mut plan = Plan { asked, unlisted, course, outcomes, met: BTreeMap::new(), reading: None };
    if matches!(plan.course, Course::Replay(..)) {
        recall(context, caller, &mut plan);
    }
    plan
}

fn course(
    context: &mut Context<'_>,
    caller: &Caller,
    asked: &Arc<(Collection, Option<u32>)>,
    unlisted: bool,
) -> Course {
    let id = &asked.0.collection_id;
    let key = &asked.0.sync_key;
    let judge = context.judge;
    let Some(folder) = context.store.mailbox.folder(id) else {
        // Row 10 of the legality table: FolderSync tells what became of it.
        return Course::Refuse(SyncStatus::HierarchyChanged);
    };
    if key.is_zero() {
        return Course::First;
    }
    let name = folder.folder.display_name.clone();
    // Only a known device gets a state: an invented key leaves nothing behind.
    let known = context.store.device(&caller.device);
    let known = known.and_then(|device| device.collections.get(id));
    let found = known.is_some_and(|state| {
        state.acked.as_ref().is_some_and(|acked| acked.key == *key)
            || state.sent.iter().any(|branch| branch.generation.key == *key)
    });
    if !found {
        return match judge.unknown_key() {
            UnknownKey::Refuse(status) => Course::Refuse(status),
            UnknownKey::TakeAsEmpty => {
                let since = invented(context, asked, name);
                let device = context.store.device_mut(&caller.device);
                let state = device.collections.entry(id.clone()).or_default();
                state.acked = Some(since.clone());
                Course::Answer(Box::new(since), false)
            }
        };
    }
    let device = context.store.device_mut(&caller.device);
    let Some(state) = device.collections.get_mut(id) else {
        return Course::Refuse(SyncStatus::InvalidSyncKey);
    };
    let (state, was_acked) = confirm(state, asked, unlisted, judge);
    let Some(acked) = state.acked.clone() else {
        return Course::Refuse(SyncStatus::InvalidSyncKey);
    };
    if judge.state_goes_by_name() && acked.folder_name != name {
        return Course::Refuse(SyncStatus::HierarchyChanged);
    }
    let acked = match judge.state_by_key_alone().then(|| by_key_alone(device, &acked.key)) {
        Some(Some(other)) => other,
        _ => acked,
    };
    let Some(state) = device.collections.get_mut(id) else {
        return Course::Refuse(SyncStatus::InvalidSyncKey);
    };
    let newest = state.newest().filter(|_| was_acked).cloned();
    let silent = state.silent;
    state.presented = state.presented.saturating_add(1);
    let course = match newest {
        None => Course::Answer(Box::new(acked.clone()), false),
        Some(newest) => {
            let whole = is_whole(context, id, &newest);
            let wanted = unlisted || context.config.retry == crate::Retry::Replay;
            let replay = wanted && whole && !silent;
            retry(acked.clone(), newest, asked, replay, judge)
        }
    };
    // A replay belongs to the acknowledged state, as a new answer would.
    let believed = if let Course::Answer(since, _) = &course { since } else { &acked };
    context.beliefs.push(belief(asked, believed));
    course
}

/// Whether a stored answer is still all there is to say.
fn is_whole(context: &Context<'_>, id: &CollectionId, stored: &Branch) -> bool {
    let stored = &stored.generation;
    let ages = stored.options.filter_seconds().is_some() && stored.at != context.now;
    let folder = context.store.mailbox.folder(id);
    folder.is_some_and(|folder| folder.version == stored.folder_version) && !ages
}

/// Whether all that a stored answer leaves on the device is as it was: then a new one repeats it, and adds to it at the most.
fn still_holds(context: &Context<'_>, id: &CollectionId, stored: &Branch) -> bool {
    let stored = &stored.generation;
    let ages = stored.options.filter_seconds().is_some() && stored.at != context.now;
    let Some(folder) = context.store.mailbox.folder(id) else { return false };
    let same = |(number, known): (&u32, &crate::state::Known)| {
        known.doubt == Doubt::None
            && folder.items.get(number).is_some_and(|item| item.version == known.version)
    };
    !ages && stored.known.iter().all(same)
}

/// What no correct server does: the state that was written last under a key, whatever the collection.
fn by_key_alone(device: &DeviceState, key: &activesync::SyncKey) -> Option<Generation> {
    let states = device.collections.values();
    let acked = states.filter_map(|state| state.acked.as_ref());
    let same = acked.filter(|generation| generation.key == *key);
    same.max_by_key(|generation| generation.version).cloned()
}

/// A key of `sent` is confirmed by being presented; says whether the key had been presented before.
fn confirm<'a>(
    state: &'a mut CollectionState,
    asked: &Arc<(Collection, Option<u32>)>,
    unlisted: bool,
    judge: &dyn crate::judgement::Judgement,
) -> (&'a mut CollectionState, bool) {
    let key = &asked.0.sync_key;
    let newest = || state.sent.iter().rposition(|branch| !branch.from_zero);
    let at = if unlisted && judge.unlisted_confirms_newest() {
        newest()
    } else {
        state.sent.iter().position(|branch| branch.generation.key == *key)
    };
    if let Some(at) = at {
        state.confirm(at, judge.forgets_adds_when_confirmed());
    }
    (state, at.is_none())
}

fn retry(
    acked: Generation,
    newest: Branch,
    asked: &Arc<(Collection, Option<u32>)>,
    replay: bool,
    judge: &dyn crate::judgement::Judgement,
) -> Course {
    let same_body = newest.body == *asked;
    match judge.answer_retry(same_body, replay) {
        RetryAnswer::Replay => Course::Replay(Box::new(newest), Renewal::AsStored),
        RetryAnswer::ReplayWithNewState => Course::Replay(Box::new(newest), Renewal::NewState),
        RetryAnswer::Redo => Course::Answer(Box::new(acked), true),
        RetryAnswer::RedoFromNewest => {
            let since = Generation { key: acked.key, ..newest.generation };
            Course::Answer(Box::new(since), true)
        }
        RetryAnswer::Refuse => Course::Refuse(SyncStatus::InvalidSyncKey),
    }
}

/// A replay executes nothing; should its answer not fit into the window, a new one is made with what was done then. If any
/// of it is not on record any more, it is no replay.
fn recall(context: &Context<'_>, caller: &Caller, plan: &mut Plan) {
    let asked = plan.asked.clone();
    let device = context.store.device(&caller.device);
    let state = device.and_then(|device| device.collections.get(&asked.0.collection_id));
    let Some(state) = state else { return };
    for (place, command) in asked.0.commands.iter().enumerate() {
        if matches!(command, ClientCommand::Fetch { .. }) {
            continue;
        }
        let outcome = plan.on_record(&state.outstanding, command, context.judge, false);
        if outcome.is_none() {
            if let Some(acked) = state.acked.clone() {
                plan.course = Course::Answer(Box::new(acked), true);
            }
            plan.outcomes.fill(None);
            plan.met.clear();
            return;
        }
        plan.outcomes[place] = outcome;
    }
}

/// A state for a key that nobody gave.
fn invented(
    context: &Context<'_>,
    asked: &Arc<(Collection, Option<u32>)>,
    folder_name: Arc<str>,
) -> Generation {
    Generation {
        key: asked.0.sync_key.clone(),
        serial: 0,
        known: Snapshot::default(),
        options: asked.0.options.clone().unwrap_or_default(),
        version: 0,
        folder_version: 0,
        at: context.now,
        folder_name,
        left: Arc::default(),
    }
}

/// What the server believes that the device holds.
fn belief(asked: &Arc<(Collection, Option<u32>)>, since: &Generation) -> Belief {
    let sure = since.known.values().filter(|known| known.doubt != Doubt::Presence);
    let mut items: Vec<_> = sure
        .map(|known| HeldItem {
            server_id: known.server_id.clone(),
            read: known.data.read.unwrap_or(false),
            flag: known.data.flag.clone().unwrap_or_default(),
        })
        .collect();
    items.sort();
    let unsure = since.known.values().filter(|known| known.doubt == Doubt::Values);
    Belief {
        collection: asked.0.collection_id.clone(),
        key: asked.0.sync_key.clone(),
        items: items.into(),
        unsure: unsure.map(|known| known.server_id.clone()).collect(),
    }
}
