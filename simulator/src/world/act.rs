//! Applying an action.

use std::sync::Arc;

use activesync::history::{
    CallName, DeviceName, DeviceOp, Event, Fault, FolderName, HeldItem, MailboxOp,
};
use activesync::http::HttpResponse;
use activesync::{CollectionId, Flag, Request, Response, Timestamp};
use activesync_server::{Belief, Progress, Stage, StageFault};

use super::{Call, Place, World};
use crate::scene::find;
use crate::{Action, CallKind, MailboxAction, UserAction};

/// Stages after which a request that makes no headway is left alone.
const STAGES_MAX: u32 = 2_000;

const DAY: i64 = 86_400;

impl World {
    /// Does an action; `false` when it cannot happen now, and then nothing has changed.
    pub fn apply(&mut self, action: &Action) -> bool {
        let done = match action {
            Action::Mailbox(action) => self.mailbox(action),
            Action::User(device, action) => self.user(*device, action),
            Action::Call(call, kind) => self.call(*call, kind),
            Action::Go(call) => self.go(*call),
            Action::In(call) => self.arrive(*call),
            Action::Step(call) => self.step(*call),
            Action::Home(call) => self.home(*call),
            Action::Out(call) => self.out(*call),
            Action::Store(call) => self.store_some(*call),
            Action::Trouble(trouble) => self.trouble(trouble),
            Action::Clock(seconds) => {
                self.now = Timestamp(self.now.0 + (*seconds).max(0));
                *seconds > 0
            }
        };
        if done {
            let counted = matches!(action, Action::Mailbox(_) | Action::User(..));
            self.tally.operations += u64::from(counted);
        }
        done
    }

    pub(super) fn mailbox(&mut self, action: &MailboxAction) -> bool {
        let here = |world: &Self, mail| world.mail_folder(mail);
        match action {
            MailboxAction::Deliver(mail, folder, days) => {
                if here(self, *mail).is_some() {
                    return false;
                }
                let received = Timestamp(self.now.0 - i64::from(*days) * DAY);
                let letter = Self::letter(*mail, received);
                if self.store.mailbox.deliver(folder, letter).is_none() {
                    return false;
                }
                self.next_mail = self.next_mail.max(mail.0);
                let (read, flag) = (false, Flag::default());
                let folder = folder.clone();
                self.did(MailboxOp::Deliver { mail: *mail, folder, read, flag, received });
            }
            MailboxAction::DeliverDated(mail, folder, days) => {
                if here(self, *mail).is_some() {
                    return false;
                }
                let (received, dated) = (self.now, Timestamp(self.now.0 - i64::from(*days) * DAY));
                let letter = Self::letter(*mail, received);
                if self.store.mailbox.deliver_dated(folder, letter, dated).is_none() {
                    return false;
                }
                self.next_mail = self.next_mail.max(mail.0);
                let (read, flag) = (false, Flag::default());
                let folder = folder.clone();
                self.did(MailboxOp::Deliver { mail: *mail, folder, read, flag, received });
            }
            MailboxAction::Unsendable(folder) => {
                // It has no name: nobody is owed it.
                let letter = activesync::Mail {
                    subject: Some("unsendable".into()),
                    date_received: Some(self.now),
                    ..activesync::Mail::default()
                };
                if self.store.mailbox.deliver_unsendable(folder, letter).is_none() {
                    return false;
                }
                self.did(MailboxOp::Unsendable(folder.clone()));
            }
            MailboxAction::Read(mail, read) => {
                let Some(folder) = here(self, *mail) else { return false };
                if self.mail_data(*mail).is_none_or(|data| data.read == Some(*read)) {
                    return false;
                }
                self.store.mailbox.set_read(*mail, *read);
                self.did(MailboxOp::Read { mail: *mail, folder, read: *read });
            }
            MailboxAction::Flag(mail, text) => {
                let Some(folder) = here(self, *mail) else { return false };
                let flag = flag(*text);
                if self.mail_data(*mail).is_none_or(|data| data.flag.as_ref() == Some(&flag)) {
                    return false;
                }
                self.next_flag = self.next_flag.max(text.unwrap_or(0));
                self.store.mailbox.set_flag(*mail, flag.clone());
                self.did(MailboxOp::Flag { mail: *mail, folder, flag });
            }
            MailboxAction::Move(mail, to) => {
                let Some(from) = here(self, *mail) else { return false };
                if from == *to || !self.store.mailbox.move_mail(*mail, to) {
                    return false;
                }
                self.did(MailboxOp::Move { mail: *mail, from, to: to.clone() });
            }
            MailboxAction::Delete(mail) => {
                let Some(from) = here(self, *mail) else { return false };
                self.store.mailbox.delete(*mail);
                self.did(MailboxOp::Delete { mail: *mail, from });
            }
            MailboxAction::ReadAll(folder, read) => {
                let mails = self.store.mailbox.set_all_read(folder, *read);
                for mail in &mails {
                    let folder = folder.clone();
                    self.did(MailboxOp::Read { mail: *mail, folder, read: *read });
                }
                return !mails.is_empty();
            }
            MailboxAction::CreateFolder(folder) => {
                if !self.store.mailbox.create_folder(folder, None) {
                    return false;
                }
                self.note_folder(folder);
                self.did(MailboxOp::CreateFolder(folder.clone()));
            }
            MailboxAction::CreateBelow(folder, parent) => {
                if !self.store.mailbox.create_folder(folder, Some(parent)) {
                    return false;
                }
                self.note_folder(folder);
                self.did(MailboxOp::CreateFolder(folder.clone()));
                self.did(MailboxOp::NestFolder(folder.clone(), parent.clone()));
            }
            MailboxAction::MoveFolder(folder, parent) => {
                if !self.store.mailbox.move_folder(folder, Some(parent)) {
                    return false;
                }
                self.did(MailboxOp::NestFolder(folder.clone(), parent.clone()));
            }
            MailboxAction::RenameFolder(folder, number) => {
                let name = format!("{folder} {number}");
                if !self.store.mailbox.rename_folder(folder, &name) {
                    return false;
                }
                self.did(MailboxOp::RenameFolder(folder.clone()));
            }
            MailboxAction::DeleteFolder(folder) => {
                if !folder.as_str().starts_with('f') {
                    return false;
                }
                return self.delete_tree(folder);
            }
            MailboxAction::Wipe(name) => {
                // An acknowledgement names no wipe: a late one would end the next.
                let Some(device) = self.devices.get(name).filter(|_| !self.wiped.contains(name))
                else {
                    return false;
                };
                self.store.request_wipe(&device.config().device_id.clone());
                self.wiped.insert(*name);
                self.did(MailboxOp::Wipe(*name));
            }
        }
        self.learn_labels();
        true
    }

    /// The folders below go first, each with its own mails.
    fn delete_tree(&mut self, folder: &FolderName) -> bool {
        let Some(id) = self.store.mailbox.folder_id(folder) else { return false };
        let below = |world: &Self| {
            let mut folders = world.store.mailbox.folders();
            folders.find(|view| view.folder.parent_id == id).map(|view| view.label.clone())
        };
        while let Some(child) = below(self) {
            if !self.delete_tree(&child) {
                return false;
            }
        }
        let Some(mails) = self.store.mailbox.delete_folder(folder) else { return false };
        self.did(MailboxOp::DeleteFolder(folder.clone(), mails));
        true
    }

    fn note_folder(&mut self, folder: &FolderName) {
        let digits = folder.as_str().strip_prefix('f').and_then(|digits| digits.parse().ok());
        self.next_folder = self.next_folder.max(digits.unwrap_or(0));
    }

    fn did(&mut self, op: MailboxOp) {
        self.hash.add(format!("{op:?}").as_bytes());
        self.push(Event::Mailbox(op));
    }

    fn user(&mut self, name: DeviceName, action: &UserAction) -> bool {
        let Some(device) = self.devices.get(&name) else { return false };
        let found = |mail| find(device, mail);
        let folder_id = |folder| self.store.mailbox.folder_id(folder);
        // A user can only touch folders that the device shows.
        let shown = |id: &CollectionId| device.folders().any(|folder| folder.server_id == *id);
        let op = match action {
            UserAction::Read(mail, read) => {
                let Some((id, local)) = found(*mail) else { return false };
                let op = DeviceOp::Read { mail: *mail, folder: self.label(&id), read: *read };
                self.with(name, |device| device.user_read(&id, local, *read)).then_some(op)
            }
            UserAction::Flag(mail, text) => {
                let Some((id, local)) = found(*mail) else { return false };
                let flag = flag(*text);
                self.next_flag = self.next_flag.max(text.unwrap_or(0));
                let folder = self.label(&id);
                let op = DeviceOp::Flag { mail: *mail, folder, flag: flag.clone() };
                self.with(name, |device| device.user_flag(&id, local, flag)).then_some(op)
            }
            UserAction::Delete(mail, permanent) => {
                let Some((id, local)) = found(*mail) else { return false };
                let from = self.label(&id);
                // Inside Deleted Items a Delete always destroys.
                let destroys = *permanent || from.as_str() == "deleted";
                let op = DeviceOp::Delete { mail: *mail, from, permanent: destroys };
                self.with(name, |device| device.user_delete(&id, local, *permanent)).then_some(op)
            }
            UserAction::Move(mail, to) => {
                let (Some((id, local)), Some(target)) = (found(*mail), folder_id(to)) else {
                    return false;
                };
                let op = DeviceOp::Move { mail: *mail, from: self.label(&id), to: to.clone() };
                self.with(name, |device| device.user_move(&id, local, &target)).then_some(op)
            }
            UserAction::Draft(mail) => {
                let known = self.mail_folder(*mail).is_some();
                if known || self.devices.values().any(|d| find(d, *mail).is_some()) {
                    return false;
                }
                let draft = activesync::Mail {
                    date_received: None,
                    is_draft: Some(true),
                    ..Self::letter(*mail, self.now)
                };
                self.next_mail = self.next_mail.max(mail.0);
                let op = DeviceOp::Draft { mail: *mail, folder: "drafts".into() };
                self.with(name, |device| device.user_draft(draft).is_some()).then_some(op)
            }
            UserAction::Send(mail) => {
                let Some((id, local)) = found(*mail) else { return false };
                let folder = self.label(&id);
                if folder.as_str() != "drafts" {
                    return false;
                }
                let op = DeviceOp::SendDraft { mail: *mail, folder };
                self.with(name, |device| device.user_send(&id, local)).then_some(op)
            }
            UserAction::Reset(folder) => {
                let Some(id) = folder_id(folder) else { return false };
                let op = DeviceOp::Reset(folder.clone());
                self.with(name, |device| device.user_reset(&id)).then_some(op)
            }
            UserAction::Filter(folder, filter) => {
                return self.options(name, folder, |options| options.filter_type = Some(*filter));
            }
            UserAction::Conflict(folder, server) => {
                let conflict = u8::from(*server);
                return self.options(name, folder, |options| options.conflict = Some(conflict));
            }
            UserAction::CreateFolder(folder) => {
                self.note_folder(folder);
                let display = folder.as_str().to_owned();
                let op = DeviceOp::CreateFolder(folder.clone());
                self.with(name, |device| {
                    device.user_create_folder("0".into(), display);
                    true
                })
                .then_some(op)
            }
            UserAction::RenameFolder(folder, number) => {
                let Some(id) = folder_id(folder).filter(shown) else { return false };
                let display = format!("{folder} {number}");
                let op = DeviceOp::RenameFolder(folder.clone());
                self.with(name, |device| {
                    device.user_rename_folder(id, display);
                    true
                })
                .then_some(op)
            }
            UserAction::DeleteFolder(folder) => {
                let Some(id) = folder_id(folder).filter(shown) else { return false };
                let op = DeviceOp::DeleteFolder(folder.clone());
                self.with(name, |device| {
                    device.user_delete_folder(id);
                    true
                })
                .then_some(op)
            }
        };
        let Some(op) = op else { return false };
        self.hash.add(format!("{op:?}").as_bytes());
        self.push(Event::Device(name, op));
        true
    }

    fn options(
        &mut self,
        name: DeviceName,
        folder: &FolderName,
        change: impl Fn(&mut activesync::sync::Options),
    ) -> bool {
        let Some(id) = self.store.mailbox.folder_id(folder) else { return false };
        let Some(device) = self.devices.get_mut(&name) else { return false };
        let state = device.collections().find(|(known, _)| **known == id);
        let Some((_, state)) = state else { return false };
        let mut options = state.options.clone();
        change(&mut options);
        device.user_options(&id, options)
    }

    fn with(
        &mut self,
        name: DeviceName,
        change: impl FnOnce(&mut activesync_client::Client) -> bool,
    ) -> bool {
        self.devices.get_mut(&name).is_some_and(change)
    }

    pub(super) fn call(&mut self, call: CallName, kind: &CallKind) -> bool {
        if self.calls.contains_key(&call) {
            return false;
        }
        if let CallKind::Odd(odd) = kind {
            return self.odd(call, odd);
        }
        let Some(device) = self.devices.get(&call.device) else { return false };
        let want = self.want(device, kind);
        let Some(device) = self.devices.get_mut(&call.device) else { return false };
        // Texts of this world encode; a device with nothing of the kind to say stays silent.
        let Ok(Some(http)) = device.begin(&want) else { return false };
        let Some(request) = device.in_flight().cloned() else { return false };
        let held = held(device, call, &request);
        self.note_call(call);
        for event in held {
            self.push(event);
        }
        self.push(Event::Sent { call, request: Arc::new(request) });
        self.launch(call, http, true);
        true
    }

    pub(super) fn launch(
        &mut self,
        call: CallName,
        http: activesync::http::HttpRequest,
        attached: bool,
    ) {
        self.hash.add(http.query.as_bytes());
        self.hash.add(&http.body);
        self.next_work += 1;
        let work = self.next_work;
        let place = Place::Outbound;
        self.calls.insert(call, Call { http, place, attached, work, armed: None });
    }

    /// The request reaches the server.
    pub(super) fn arrive(&mut self, name: CallName) -> bool {
        let Some(call) = self.calls.get_mut(&name) else { return false };
        if !matches!(call.place, Place::Outbound) {
            return false;
        }
        call.place = Place::AtServer;
        self.server.accept(call.work, call.http.clone());
        true
    }

    /// One stage; `false` when there was no headway.
    pub(super) fn step(&mut self, name: CallName) -> bool {
        self.advance(name) == Headway::Some
    }

    fn advance(&mut self, name: CallName) -> Headway {
        let Some(call) = self.calls.get_mut(&name) else { return Headway::None };
        if !matches!(call.place, Place::AtServer) {
            return Headway::None;
        }
        let work = call.work;
        let fault = match (self.server.stage(work), &call.armed) {
            (Some(Stage::Read), Some(StageFault::ReadFails | StageFault::ItemUnreadable(_)))
            | (Some(Stage::Command(_) | Stage::Persist), Some(StageFault::WriteFails)) => {
                call.armed.take()
            }
            _ => None,
        };
        if let Some(fault) = &fault {
            self.fault(match fault {
                StageFault::ReadFails => Fault::ReadFailed(name),
                StageFault::ItemUnreadable(mail) => Fault::ItemUnreadable(name, *mail),
                StageFault::WriteFails => Fault::WriteFailed(name),
            });
        }
        match self.server.advance(work, &mut self.store, fault, self.now) {
            Progress::Done(stage) => {
                if stage == Stage::Accept {
                    self.note_beliefs(name, work);
                }
                self.learn_labels();
                Headway::Some
            }
            Progress::Waiting { until } => Headway::Waiting(until),
            Progress::Blocked => Headway::Blocked,
            Progress::Responded(response) => {
                self.learn_labels();
                self.answered(name, response);
                Headway::Some
            }
        }
    }

    fn note_beliefs(&mut self, call: CallName, work: u32) {
        let beliefs: Vec<_> = self.server.beliefs(work).to_vec();
        for belief in beliefs {
            let items = self.sure(call, &belief).into();
            let (collection, key) = (belief.collection, belief.key);
            self.push(Event::Belief { call, collection, key, items });
        }
    }

    /// What the server believes, less what it says it cannot know: there it is given the benefit of the doubt.
    fn sure(&self, call: CallName, belief: &Belief) -> Vec<HeldItem> {
        let mut items = belief.items.to_vec();
        if belief.unsure.is_empty() {
            return items;
        }
        let held = self.history.events.iter().rev().find_map(|event| match event {
            Event::Held { call: other, collection, items, .. }
                if *other == call && *collection == belief.collection =>
            {
                Some(items.clone())
            }
            _ => None,
        });
        let doubted = |item: &HeldItem| belief.unsure.contains(&item.server_id);
        items.retain(|item| !doubted(item));
        items
            .extend(held.iter().flat_map(|held| held.iter()).filter(|item| doubted(item)).cloned());
        items.sort();
        items
    }

    fn answered(&mut self, name: CallName, mut response: HttpResponse) {
        if let Some(defect) = self.wire.filter(|_| self.baseline > 0) {
            response.body = defect.written(std::mem::take(&mut response.body));
        }
        self.hash.add(&response.status.to_le_bytes());
        self.hash.add(&response.body);
        self.tally.answered += 1;
        let Some(call) = self.calls.get_mut(&name) else { return };
        let command = call.http.line().map(|line| line.command);
        let decoded = command.and_then(|command| Response::decode(command, response.body()));
        let (decoded, unreadable) = match (response.status, decoded) {
            (200, Ok(decoded)) => (Some(Arc::new(decoded)), None),
            (200, Err(error)) => (None, Some(error.to_string().into())),
            _ => (None, None),
        };
        let http_status = response.status;
        if call.attached {
            call.place = Place::Homebound(response);
        } else {
            self.calls.remove(&name);
        }
        self.push(Event::Answered { call: name, http_status, response: decoded, unreadable });
    }

    /// Runs the server's part to its end. A wait ends by what is pending, or by the clock.
    pub(super) fn serve(&mut self, name: CallName) {
        self.arrive(name);
        for _ in 0..STAGES_MAX {
            match self.advance(name) {
                Headway::Some => {}
                Headway::None => return,
                Headway::Waiting(until) => self.now = self.now.max(until),
                Headway::Blocked => self.unblock(name),
            }
        }
    }

    /// Another request of the device holds the lock: it gets on with its work.
    fn unblock(&mut self, name: CallName) {
        let others: Vec<_> = self
            .calls
            .keys()
            .copied()
            .filter(|other| *other != name && other.device == name.device)
            .collect();
        for other in others {
            if let Headway::Waiting(until) = self.advance(other) {
                self.now = self.now.max(until);
            }
        }
    }

    pub(super) fn go(&mut self, name: CallName) -> bool {
        if !self.calls.contains_key(&name) {
            return false;
        }
        self.serve(name);
        if matches!(self.calls.get(&name).map(|call| &call.place), Some(Place::Storing)) {
            return self.store_all(name);
        }
        self.out(name) || !self.calls.contains_key(&name)
    }

    /// The server's part to its end; the answer waits in the network.
    fn home(&mut self, name: CallName) -> bool {
        let early = |call: &Call| matches!(call.place, Place::Outbound | Place::AtServer);
        if !self.calls.get(&name).is_some_and(early) {
            return false;
        }
        self.serve(name);
        !self.calls.get(&name).is_some_and(early)
    }

    /// The answer reaches the device and is stored whole.
    pub(super) fn out(&mut self, name: CallName) -> bool {
        self.take_answer(name) && self.store_all(name)
    }

    fn take_answer(&mut self, name: CallName) -> bool {
        let Some(call) = self.calls.get_mut(&name).filter(|call| call.attached) else {
            return false;
        };
        let Place::Homebound(response) = &call.place else { return false };
        let mut response = response.clone();
        call.place = Place::Storing;
        if let Some(defect) = self.wire.filter(|_| self.baseline > 0) {
            response.body = defect.read(std::mem::take(&mut response.body));
        }
        let Some(device) = self.devices.get_mut(&name.device) else { return false };
        if device.receive(&response).is_err() {
            self.calls.remove(&name);
            self.push(Event::Failed(name));
        }
        true
    }

    fn store_all(&mut self, name: CallName) -> bool {
        while self.store_one(name) {}
        true
    }

    /// One stage of storing; `false` when there is nothing left to store.
    fn store_one(&mut self, name: CallName) -> bool {
        let storing = self.calls.get(&name).is_some_and(|c| matches!(c.place, Place::Storing));
        let Some(device) = self.devices.get_mut(&name.device).filter(|_| storing) else {
            return false;
        };
        let wipes = device.wipes();
        let before: Vec<_> = device.collections().map(|(id, _)| id.clone()).collect();
        let over = device.advance();
        let wiped = device.wipes() != wipes;
        if over {
            self.calls.remove(&name);
            self.push(Event::Received(name));
        }
        for id in before.iter().filter(|_| wiped) {
            self.push(Event::Device(name.device, DeviceOp::Reset(self.label(id))));
        }
        true
    }

    fn store_some(&mut self, name: CallName) -> bool {
        self.take_answer(name);
        self.store_one(name)
    }
}

/// How far a stage came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Headway {
    Some,
    None,
    Waiting(Timestamp),
    Blocked,
}

fn flag(text: Option<u32>) -> Flag {
    text.map_or_else(Flag::default, |number| Flag::active(format!("x{number}")))
}

/// What the device holds under the keys that it presents.
fn held(device: &activesync_client::Client, call: CallName, request: &Request) -> Vec<Event> {
    let Request::Sync(Some(request)) = request else { return Vec::new() };
    let keyed = request.collections.iter().filter(|collection| !collection.sync_key.is_zero());
    keyed
        .map(|collection| Event::Held {
            call,
            collection: collection.collection_id.clone(),
            key: collection.sync_key.clone(),
            items: device.held(&collection.collection_id).into(),
        })
        .collect()
}
