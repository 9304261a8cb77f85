//! The changes are read: all collections in one view of the mailbox, cut by the windows in order of the request.

use std::sync::Arc;

use activesync::sync::{ClientCommand, Collection, ItemResponse, Options, ServerCommand};
use activesync::{SyncStatus, Timestamp};

use super::{Course, Plan, Renewal, SyncWork};
use crate::StageFault;
use crate::changes::{Change, Kind, Pending, edge, pending, put, rendered};
use crate::judgement::{FolderCase, Judgement, NewCase, WakeCase, WindowCase, edit};
use crate::mailbox::{FolderBox, Item, Items};
use crate::server::Context;
use crate::state::{Doubt, Generation, Known, Snapshot};

/// What a collection's answer will be made of.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// What the device will hold when it has taken the answer in.
    pub sent: Snapshot,
    pub options: Options,
    options_changed: bool,
    pub emitted: Vec<Change>,
    pub commands: Vec<ServerCommand>,
    pub responses: Vec<ItemResponse>,
    pub more: bool,
    /// What is pending and not in the answer.
    pub left: Arc<[u32]>,
    /// Changes that would have been reported, had there been room in the request.
    pub starved: bool,
    /// The listing failed.
    pub failed: bool,
    pub version: u64,
    pub folder_version: u64,
    pub at: Timestamp,
    pub folder_name: Arc<str>,
}

impl Reading {
    pub(super) fn is_silent(&self, asked: &Collection) -> bool {
        asked.commands.is_empty()
            && self.commands.is_empty()
            && !self.more
            && !self.failed
            && !self.options_changed
    }
}

impl SyncWork {
    pub(super) fn read(&mut self, context: &mut Context<'_>) {
        let global = self.request.window_size;
        let mut room = match global {
            None => usize::MAX,
            some => to_usize(activesync::sync::effective_window(some)),
        };
        let mut fails = context.read_fails();
        let mut previous: Option<Snapshot> = None;
        for plan in &mut self.plans {
            if let Course::Replay(branch, _) = &plan.course
                && branch.answer.commands.len() > room
            {
                if plan.unlisted {
                    plan.course = Course::Absent;
                } else {
                    plan.redo(context, &self.caller.device);
                }
            }
            match &plan.course {
                Course::Refuse(_) | Course::First | Course::Absent => {}
                Course::Replay(branch, renewal) => {
                    room -= branch.answer.commands.len();
                    if *renewal == Renewal::NewState {
                        plan.renew(context);
                    }
                }
                Course::Answer(..) => {
                    if plan.unlisted
                        && !context.judge.unlisted_uses_own_state()
                        && let (Some(other), Course::Answer(since, _)) =
                            (&previous, &mut plan.course)
                    {
                        since.known = other.clone();
                    }
                    let fault = fails && plan.collection().wants_changes();
                    fails &= !fault;
                    plan.read(context, &self.caller.device, room, fault);
                    room -= plan.reading.as_ref().map_or(0, |reading| reading.commands.len());
                }
            }
            if let Course::Answer(since, _) = &plan.course {
                previous = Some(since.known.clone());
            }
        }
        let failed = |plan: &Plan| plan.reading.as_ref().is_some_and(|reading| reading.failed);
        if self.plans.iter().any(failed) && !context.judge.keeps_record_after_error() {
            self.forget_records(context);
        }
    }
}

impl Plan {
    /// From a replay back to a new answer: the window has become too small for it. Where the state has gone meanwhile (it
    /// was lost, or an older request started the collection again), no answer is left but Status 3 (MS-ASCMD R4426).
    fn redo(&mut self, context: &Context<'_>, device: &activesync::DeviceId) {
        let id = &self.collection().collection_id;
        let state = context.store.device(device).and_then(|device| device.collections.get(id));
        self.course = match state.and_then(|state| state.acked.clone()) {
            Some(acked) => Course::Answer(Box::new(acked), true),
            None => Course::Refuse(SyncStatus::InvalidSyncKey),
        };
    }

    /// What no correct server does: the stored answer gets a state made anew.
    fn renew(&mut self, context: &Context<'_>) {
        let asked = self.asked.clone();
        let Course::Replay(branch, _) = &mut self.course else { return };
        let Some(folder) = context.store.mailbox.folder(&asked.0.collection_id) else { return };
        let since = &mut branch.generation;
        let all = pending(&since.known, since, folder, &since.options, context.now, context.judge);
        let known = edit(&mut since.known);
        all.changes.iter().for_each(|change| change.apply(known));
    }

    fn read(
        &mut self,
        context: &mut Context<'_>,
        device: &activesync::DeviceId,
        room: usize,
        fault: bool,
    ) {
        let Course::Answer(since, again) = &self.course else { return };
        let (asked, again, judge) = (self.asked.clone(), *again, context.judge);
        let collection = &asked.0;
        let Some(folder) = context.store.mailbox.folder(&collection.collection_id).cloned() else {
            self.course = Course::Refuse(SyncStatus::HierarchyChanged);
            return;
        };
        let stuck = judge.unsendable_blocks() && folder.items.values().any(|item| item.unsendable);
        let failed = stuck || fault && !judge.failed_listing_is_empty();
        let folder = if fault { FolderBox { items: Items::default(), ..folder } } else { folder };
        let options = judge.options_in_force(&since.options, collection.options.as_ref());
        let options_changed = options != since.options;

        let mut known = since.known.clone();
        self.fold(&mut known, since.serial + 1, &folder, collection);

        let all = if failed {
            Pending::default()
        } else {
            pending(&known, since, &folder, &options, context.now, judge)
        };
        let all = if again { omit_repeated(all, context, device, collection) } else { all };
        let Pending { changes, quiet, outside, unsendable } = drain_old(all, since, &folder, judge);
        let before = changes.len();
        let unreadable = |change: &Change| {
            let Some(StageFault::ItemUnreadable(name)) = context.fault else { return false };
            let item = folder.items.get(&change.number);
            change.after.is_some() && item.is_some_and(|item| item.name == Some(name))
        };
        let window = to_usize(collection.window()).min(room);
        let (mut emitted, mut left, mut poisoned) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            let never = unsendable.iter().filter(|number| **number < change.number).count();
            let filled = if judge.unreadable_fills_window() { poisoned.len() + never } else { 0 };
            if !collection.wants_changes() || emitted.len() + filled >= window {
                left.push(change);
            } else if unreadable(&change) {
                poisoned.push(change);
            } else {
                emitted.push(change);
            }
        }
        // Left out without a word; what is answered all the same (new options have to be taken) says MoreAvailable.
        let starved =
            room == 0 && !left.is_empty() && collection.commands.is_empty() && !options_changed;
        let more = collection.wants_changes() && !starved && {
            let emitted = emitted.len();
            let case = WindowCase { pending: before, emitted, window, outside };
            let only_poison = judge.unreadable_fills_window() && emitted == 0;
            judge.more_available(case) && !only_poison
        };

        let sent = edit(&mut known);
        for change in &emitted {
            change.apply(sent);
        }
        for (number, after) in &quiet {
            put(sent, *number, after.as_ref());
        }
        let covers = |change: &Change, last: Option<&Change>| {
            if collection.wants_changes() {
                judge.covers_cut(change, last) && !starved || starved && judge.covers_starved()
            } else {
                judge.covers_unasked()
            }
        };
        let last = emitted.last();
        let covers = |change: &&Change| covers(change, last);
        for change in left.iter().filter(covers) {
            change.apply(sent);
        }
        for change in poisoned.iter().filter(|_| judge.covers_unreadable()) {
            change.apply(sent);
        }
        left.append(&mut poisoned);

        let commands = emitted.iter().map(|change| change.command(&options)).collect();
        let reading = Reading {
            sent: known,
            options_changed,
            commands,
            responses: self.responses(&folder, &options, context.fault, judge),
            more,
            left: left.iter().map(|change| change.number).collect(),
            starved,
            failed,
            version: context.store.mailbox.version(),
            folder_version: folder.version,
            at: context.now,
            folder_name: folder.folder.display_name.clone(),
            options,
            emitted,
        };
        if judge.reading_marks_read() {
            mark_read(context, collection, &reading);
        }
        if judge.stores_while_reading() {
            let state =
                context.store.device_mut(device).collections.get_mut(&collection.collection_id);
            if let Some(acked) = state.and_then(|state| state.acked.as_mut()) {
                acked.known = reading.sent.clone();
            }
        }
        self.reading = Some(Box::new(reading));
    }

    /// Adds what the client's commands changed in what the client holds.
    fn fold(&self, known: &mut Snapshot, serial: u64, folder: &FolderBox, collection: &Collection) {
        if collection.commands.is_empty() {
            return;
        }
        let known = edit(known);
        for outcome in self.outcomes.iter().flatten() {
            outcome.fold.apply(known, serial);
        }
        for command in &collection.commands {
            // The device takes fetched values or not; if they are not those it held, it is told again.
            let ClientCommand::Fetch { server_id } = command else { continue };
            let item = folder.items.values().find(|item| item.server_id == *server_id);
            let stale = |known: &&mut Known| {
                known.server_id == *server_id
                    && item.is_some_and(|item| item.version != known.version)
                    && known.doubt == Doubt::None
            };
            if let Some(known) = known.values_mut().find(stale) {
                known.doubt = Doubt::Values;
            }
        }
    }

    /// What became of the commands, in their order (MS-ASCMD R6412 to R6414): Adds, Fetches, and what failed.
    fn responses(
        &self,
        folder: &FolderBox,
        options: &Options,
        fault: Option<StageFault>,
        judge: &dyn Judgement,
    ) -> Vec<ItemResponse> {
        let unreadable = |item: &Item| {
            item.name.is_some_and(|name| fault == Some(StageFault::ItemUnreadable(name)))
        };
        let commands = self.collection().commands.iter().zip(&self.outcomes);
        let response = commands.filter_map(|(command, outcome)| match command {
            ClientCommand::Fetch { server_id } => {
                let item = folder.items.values().find(|item| item.server_id == *server_id);
                let whole = Options { body_preference: None, ..options.clone() };
                let status = match item {
                    None => SyncStatus::NotFound,
                    Some(item) if unreadable(item) => SyncStatus::ServerError,
                    Some(_) => SyncStatus::Success,
                };
                let data = item.filter(|_| status == SyncStatus::Success);
                let data = data.map(|item| rendered(&item.data, &whole));
                Some(ItemResponse::Fetch { server_id: server_id.clone(), status, data })
            }
            _ => outcome.as_ref().and_then(|outcome| outcome.response.clone()),
        });
        let mut responses: Vec<_> = response.collect();
        judge.pair_adds(&mut responses);
        responses
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What no correct server does: a retry leaves out kinds of changes that an earlier answer carried.
fn omit_repeated(
    mut all: Pending,
    context: &Context<'_>,
    device: &activesync::DeviceId,
    collection: &Collection,
) -> Pending {
    let judge = context.judge;
    if [Kind::Add, Kind::Change, Kind::Delete, Kind::SoftDelete].iter().all(|k| judge.repeats(*k)) {
        return all;
    }
    let device = context.store.device(device);
    let state = device.and_then(|device| device.collections.get(&collection.collection_id));
    let told = |change: &Change| {
        let branches = state.into_iter().flat_map(|state| &state.sent);
        let mut commands = branches.flat_map(|branch| &branch.answer.commands);
        commands.any(|command| *command.server_id() == change.server_id)
    };
    let (omitted, kept): (Vec<_>, Vec<_>) =
        all.changes.into_iter().partition(|change| !judge.repeats(change.kind) && told(change));
    all.changes = kept;
    all.quiet.extend(omitted.into_iter().map(|change| (change.number, change.after)));
    all
}

/// What no correct server does: the list of the first window is drained, whatever has happened since.
fn drain_old(
    mut all: Pending,
    since: &Generation,
    folder: &FolderBox,
    judge: &dyn Judgement,
) -> Pending {
    if !judge.drains_old_list() || since.left.is_empty() {
        return all;
    }
    all.changes.retain(|change| since.left.contains(&change.number));
    for number in since.left.iter() {
        if !folder.items.contains_key(number) && !since.known.contains_key(number) {
            let server_id = format!("{}:{number}", folder.folder.server_id).into();
            let kind = Kind::Add;
            all.changes.push(Change { number: *number, kind, server_id, data: None, after: None });
        }
    }
    all
}

/// What no correct server does: to read is to mark as read.
fn mark_read(context: &mut Context<'_>, collection: &Collection, reading: &Reading) {
    for change in reading.emitted.iter().filter(|change| change.kind == Kind::Add) {
        let Some(after) = &change.after else { continue };
        let mut data = (*after.data).clone();
        if data.read != Some(true) {
            data.read = Some(true);
            let mailbox = &mut context.store.mailbox;
            mailbox.write(&collection.collection_id, change.number, data, true);
        }
    }
}

/// Whether an item waits that the device does not have; nothing else ends a Ping or a waiting Sync (MS-ASCMD R5595, R5638 to
/// R5641).
pub(crate) fn addition_pending(
    since: &Generation,
    folder: &FolderBox,
    (started, tip): (u64, u64),
    now: Timestamp,
    judge: &dyn Judgement,
) -> bool {
    let case = FolderCase { since, folder };
    if judge.folder_wakes(case) {
        return true;
    }
    if judge.skips_folder(case) {
        return false;
    }
    let edge = edge(&since.options, now);
    folder.items.iter().any(|(number, item)| {
        let held = since.known.get(number);
        held.is_none_or(|known| known.doubt == Doubt::Presence)
            && !item.unsendable
            && edge.is_none_or(|edge| judge.filter_time(item) >= edge)
            && judge.notices_new(NewCase { number: *number, item, since })
            && judge.wakes(WakeCase { item, started, tip })
    })
}
