//! The client's commands. Each is one commit: the change of the mailbox together with the record that it was done.

use std::sync::Arc;

use activesync::folders::FolderType;
use activesync::sync::{ClientCommand, ItemResponse};
use activesync::{ClientId, CollectionId, Mail, ServerId, SyncStatus};

use super::{Course, Plan, SyncWork};
use crate::judgement::{Judgement, Verdict, edit};
use crate::mailbox::{DELETED_ITEMS, Item, number_of};
use crate::server::Context;
use crate::state::{Applied, CollectionState, Doubt, Fold, Known, Outcome, Outstanding};

/// A command on its way, with what it depends on.
struct Order<'a> {
    collection: &'a CollectionId,
    /// The server wins conflicts.
    server_wins: bool,
    /// Delete moves to Deleted Items.
    deletes_as_moves: bool,
    /// The device's version has drafts that it may change.
    drafts: bool,
    /// What the device holds, as far as the item of the command is concerned.
    held: Option<&'a Known>,
}

impl SyncWork {
    pub(super) fn execute_next(&mut self, context: &mut Context<'_>) {
        if self.todo.is_empty() {
            return;
        }
        let (at, place) = self.todo.remove(0);
        self.done += 1;
        let Some(plan) = self.plans.get_mut(at) else { return };
        let drafts = self.caller.version.has_drafts();
        let asked = plan.asked.clone();
        let count = asked.0.commands.len();
        let Some(command) = asked.0.commands.get(context.judge.element(place, count)) else {
            return;
        };
        let outcome = match plan.recorded(context, &self.caller.device, command) {
            Some(outcome) => Some(outcome),
            None => plan.execute(context, &self.caller.device, command, drafts),
        };
        let failed = outcome.as_ref().is_some_and(|outcome| {
            let response = outcome.response.as_ref();
            response.is_some_and(|response| response.status() != SyncStatus::Success)
        });
        if let Some(slot) = plan.outcomes.get_mut(place) {
            *slot = outcome;
        }
        let refused = matches!(plan.course, Course::Refuse(_));
        if refused || failed && !context.judge.goes_on_after_failure() {
            self.todo.retain(|(other, _)| *other != at);
        }
    }
}

impl Plan {
    fn server_wins(&self) -> bool {
        let Course::Answer(since, _) = &self.course else { return true };
        self.collection().options.as_ref().unwrap_or(&since.options).server_wins()
    }

    fn deletes_as_moves(&self) -> bool {
        self.collection().deletes_as_moves.unwrap_or(true)
    }

    fn recorded(
        &mut self,
        context: &Context<'_>,
        device: &activesync::DeviceId,
        command: &ClientCommand,
    ) -> Option<Outcome> {
        let device = context.store.device(device)?;
        let state = device.collections.get(&self.collection().collection_id)?;
        self.on_record(&state.outstanding, command, context.judge, true)
    }

    /// What came of a command that was executed under this key before.
    ///
    /// Commands on one item are compared in order: as long as the request repeats what was executed, it is a repetition;
    /// from the first difference on, the request counts (MS-ASCMD R5115 to R5122, and S19 TC40 for another body).
    pub(super) fn on_record(
        &mut self,
        outstanding: &Outstanding,
        command: &ClientCommand,
        judge: &dyn Judgement,
        answering: bool,
    ) -> Option<Outcome> {
        let same = |applied: &Applied| {
            applied.command == *command
                && (!answering || applied.server_wins == self.server_wins())
                && applied.deletes_as_moves == self.deletes_as_moves()
        };
        match command {
            ClientCommand::Add { client_id, .. } => {
                let applied = outstanding.adds.get(client_id)?;
                let known = judge.remembers(command) && applied.command == *command;
                known.then(|| applied.outcome.clone())
            }
            ClientCommand::Change { server_id, .. } | ClientCommand::Delete { server_id } => {
                let met = self.met.get(server_id).copied().unwrap_or(0);
                let applied = outstanding.items.get(server_id)?.get(met)?;
                if !(judge.remembers(command) && same(applied)) {
                    return None;
                }
                self.met.insert(server_id.clone(), met + 1);
                Some(applied.outcome.clone())
            }
            ClientCommand::Fetch { .. } => None,
        }
    }

    fn execute(
        &mut self,
        context: &mut Context<'_>,
        device: &activesync::DeviceId,
        command: &ClientCommand,
        drafts: bool,
    ) -> Option<Outcome> {
        let Course::Answer(since, _) = &self.course else { return None };
        let (serial, since) = (since.serial + 1, since.known.clone());
        let collection = self.collection().collection_id.clone();
        let number = command.server_id().and_then(number_of);
        let state = context.store.device(device)?.collections.get(&collection)?;
        let written = number.and_then(|number| state.outstanding.written.get(&number));
        let held = written.or_else(|| since.get(&number?)).cloned();
        let held = held.filter(|held| Some(&held.server_id) == command.server_id());
        let (server_wins, deletes_as_moves) = (self.server_wins(), self.deletes_as_moves());
        let earlier = match command {
            ClientCommand::Add { client_id, .. } => state.outstanding.adds.get(client_id).cloned(),
            _ => None,
        };
        let earlier = earlier.filter(|_| context.judge.remembers(command));
        let order = Order {
            collection: &collection,
            server_wins,
            deletes_as_moves,
            drafts,
            held: held.as_ref(),
        };
        let outcome = match command {
            ClientCommand::Add { client_id, data, send } => match earlier {
                Some(earlier) => order.add_again(context, earlier.outcome, data, *send),
                None => order.add(context, client_id, data, *send),
            },
            ClientCommand::Change { server_id, data, send } => {
                order.change(context, server_id, data, *send)
            }
            ClientCommand::Delete { server_id } => {
                let Some(outcome) = order.delete(context, server_id) else {
                    self.course = Course::Refuse(SyncStatus::ServerError);
                    return None;
                };
                outcome
            }
            ClientCommand::Fetch { .. } => return None,
        };
        let applied = Applied {
            command: command.clone(),
            server_wins,
            deletes_as_moves,
            outcome: outcome.clone(),
        };
        self.record(context, device, applied, held, serial);
        Some(outcome)
    }

    fn record(
        &mut self,
        context: &mut Context<'_>,
        device: &activesync::DeviceId,
        applied: Applied,
        held: Option<Known>,
        serial: u64,
    ) {
        let collection = self.collection().collection_id.clone();
        let fold = applied.outcome.fold.clone();
        if !context.judge.echo_is_per_device() {
            let others: Vec<_> = context.store.devices().cloned().collect();
            for other in others {
                let state = context.store.device_mut(&other).collections.get_mut(&collection);
                for snapshot in state.into_iter().flat_map(CollectionState::snapshots) {
                    fold.apply(edit(snapshot), serial);
                }
            }
        }
        let state = context.store.device_mut(device).collections.entry(collection).or_default();
        let outstanding = &mut state.outstanding;
        if let Fold::Merge { number, .. } = &fold
            && let Some(held) = held
        {
            outstanding.written.insert(*number, held);
            fold.apply(&mut outstanding.written, serial);
        }
        match &applied.command {
            ClientCommand::Add { client_id, .. } => {
                outstanding.adds.insert(client_id.clone(), applied);
            }
            ClientCommand::Change { server_id, .. } | ClientCommand::Delete { server_id } => {
                let met = self.met.entry(server_id.clone()).or_default();
                let log = outstanding.items.entry(server_id.clone()).or_default();
                log.truncate(*met);
                log.push(applied);
                *met += 1;
            }
            ClientCommand::Fetch { .. } => {}
        }
    }
}

impl Order<'_> {
    /// E-mail cannot be added (MS-ASCMD R754), except drafts from 16.0 on, stored or sent (MS-ASEMAIL R1386).
    fn add(&self, context: &mut Context<'_>, id: &ClientId, data: &Mail, send: bool) -> Outcome {
        let answer = |server_id: Option<ServerId>, status| {
            Some(ItemResponse::Add { client_id: id.clone(), server_id, status })
        };
        if !self.is_drafts_folder(context) {
            let response = answer(None, SyncStatus::Conversion);
            return Outcome { response, fold: Fold::Nothing };
        }
        let mailbox = &mut context.store.mailbox;
        if send {
            mailbox.send(name_of(data));
            return Outcome { response: answer(None, SyncStatus::Success), fold: Fold::Nothing };
        }
        let mut data = data.clone();
        data.date_received.get_or_insert(context.now);
        data.is_draft = Some(true);
        let number = mailbox.insert(self.collection, data, false);
        let item = number.and_then(|number| Some((number, mailbox.item(self.collection, number)?)));
        match item {
            Some((number, item)) => Outcome {
                response: answer(Some(item.server_id.clone()), SyncStatus::Success),
                fold: Fold::Insert(number, Known::of(item)),
            },
            None => Outcome { response: answer(None, SyncStatus::NotFound), fold: Fold::Nothing },
        }
    }

    /// The same ClientId with another content: still one draft, and the newer content counts.
    fn add_again(
        &self,
        context: &mut Context<'_>,
        earlier: Outcome,
        data: &Mail,
        send: bool,
    ) -> Outcome {
        let Fold::Insert(number, known) = &earlier.fold else { return earlier };
        let mailbox = &mut context.store.mailbox;
        let Some((_, item)) = mailbox.find(self.collection, &known.server_id) else {
            return earlier;
        };
        if send {
            let name = item.name;
            mailbox.remove(self.collection, *number);
            mailbox.send(name);
            return Outcome { fold: Fold::Nothing, ..earlier };
        }
        let mut changed = (*item.data).clone();
        changed.merge(data);
        mailbox.write(self.collection, *number, changed, true);
        let item = mailbox.item(self.collection, *number);
        let fold = item.map_or(Fold::Nothing, |item| Fold::Insert(*number, Known::of(item)));
        Outcome { fold, ..earlier }
    }

    /// Rows 1 to 10, 33 and 34 of the legality table.
    fn change(
        &self,
        context: &mut Context<'_>,
        id: &ServerId,
        change: &Mail,
        send: bool,
    ) -> Outcome {
        let judge = context.judge;
        let failure = |status, fold| {
            let response = Some(ItemResponse::Change { server_id: id.clone(), status });
            Outcome { response, fold }
        };
        if judge.change_recreates() {
            self.recreate(context, id);
        }
        let is_drafts_folder = self.is_drafts_folder(context);
        let mailbox = &mut context.store.mailbox;
        let Some((number, item)) = mailbox.find(self.collection, id) else {
            return failure(SyncStatus::NotFound, Fold::Nothing);
        };
        let draft = is_drafts_folder && item.data.is_draft == Some(true);
        if !draft && (send || has_read_only(change)) {
            // Only Read, Flag and Categories of a mail can be changed (MS-ASEMAIL R41, R347).
            return failure(SyncStatus::Conversion, Fold::Nothing);
        }
        let collides = self.held.is_some_and(|held| collides(held, item, change));
        match judge.conflict(self.server_wins, collides) {
            Verdict::Refuse => {
                return failure(SyncStatus::Conflict, Fold::Doubt(number, Doubt::Values));
            }
            Verdict::RefuseSilently => {
                let fold = Fold::Insert(number, Known::of(item));
                return Outcome { response: None, fold };
            }
            Verdict::Apply => {}
        }
        let (name, before) = (item.name, item.version);
        let held = self.held.map(|held| &*held.data);
        let data = judge.merged(&item.data, held, change);
        if send {
            mailbox.remove(self.collection, number);
            mailbox.send(name);
            // Whether the device drops its copy itself or waits for the Delete is not said, so it is told.
            return Outcome { response: None, fold: Fold::Doubt(number, Doubt::Presence) };
        }
        let after = mailbox.write(self.collection, number, data, judge.counts_change());
        let after = after.unwrap_or(before);
        let change = Arc::new(change.clone());
        Outcome { response: None, fold: Fold::Merge { number, before, after, change } }
    }

    /// Rows 11 to 15: what is gone is gone; a mail that was moved away is not the one meant. `None` fails the collection.
    fn delete(&self, context: &mut Context<'_>, id: &ServerId) -> Option<Outcome> {
        let judge = context.judge;
        let mailbox = &mut context.store.mailbox;
        let removed = |number| Outcome { response: None, fold: Fold::Remove(number) };
        let Some((number, _)) = mailbox.find(self.collection, id) else {
            if judge.delete_of_missing_fails() {
                return None;
            }
            let held = self.held.and_then(|held| number_of(&held.server_id));
            let nothing = Outcome { response: None, fold: Fold::Nothing };
            return Some(held.map_or(nothing, removed));
        };
        let trash = CollectionId::from(DELETED_ITEMS);
        if judge.delete_moves(self.deletes_as_moves) && *self.collection != trash {
            mailbox.relocate(self.collection, number, &trash);
        } else {
            mailbox.remove(self.collection, number);
        }
        Some(removed(number))
    }

    /// What no correct server does: the item comes back as the device held it.
    fn recreate(&self, context: &mut Context<'_>, id: &ServerId) {
        let mailbox = &mut context.store.mailbox;
        if let (None, Some(held)) = (mailbox.find(self.collection, id), self.held)
            && let Some(number) = number_of(id)
        {
            let item = Item {
                server_id: id.clone(),
                name: name_of(&held.data),
                data: held.data.clone(),
                received: held.data.date_received.unwrap_or_default(),
                version: 0,
                delivered: false,
                dated: held.data.date_received.unwrap_or_default(),
                unsendable: false,
            };
            mailbox.restore(self.collection, number, item);
        }
    }

    fn is_drafts_folder(&self, context: &Context<'_>) -> bool {
        let folder = context.store.mailbox.folder(self.collection);
        self.drafts && folder.is_some_and(|f| f.folder.folder_type == FolderType::Drafts)
    }
}

fn name_of(data: &Mail) -> Option<activesync::history::MailName> {
    data.subject.as_deref().and_then(activesync::history::MailName::find)
}

/// Whether a Change names a property that a device may not change.
fn has_read_only(change: &Mail) -> bool {
    let Mail { to, from, subject, date_received, message_class, body, is_draft, .. } = change;
    to.is_some()
        || from.is_some()
        || subject.is_some()
        || date_received.is_some()
        || message_class.is_some()
        || body.is_some()
        || is_draft.is_some()
}

/// Whether the server has another value than the device held, and than the device wants, for a property of the Change.
fn collides(held: &Known, item: &Item, change: &Mail) -> bool {
    fn one<T: PartialEq + Default + Clone>(
        held: Option<&T>,
        now: Option<&T>,
        new: Option<&T>,
    ) -> bool {
        let value = |value: Option<&T>| value.cloned().unwrap_or_default();
        new.is_some_and(|new| value(now) != value(held) && value(now) != *new)
    }
    if held.version == item.version {
        return false;
    }
    let (held, now) = (&held.data, &item.data);
    one(held.read.as_ref(), now.read.as_ref(), change.read.as_ref())
        || one(held.flag.as_ref(), now.flag.as_ref(), change.flag.as_ref())
        || one(held.categories.as_ref(), now.categories.as_ref(), change.categories.as_ref())
        || one(held.subject.as_ref(), now.subject.as_ref(), change.subject.as_ref())
        || one(held.body.as_ref(), now.body.as_ref(), change.body.as_ref())
        || one(held.to.as_ref(), now.to.as_ref(), change.to.as_ref())
}
