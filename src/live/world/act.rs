//! Applying an action: the other hand, the users of the devices, and the calls.

use activesync::history::{DeviceName, DeviceOp, Event, FolderName, MailName, MailboxOp};
use activesync::sync::Options;
use activesync::{Flag, Timestamp};
use activesync_client::Client;
use activesync_simulator::{Action, CallKind, MailboxAction, UserAction, find};

use super::super::hand::{Delivery, Hand as _, HandError};
use super::call::Stand;
use super::target::LiveError;
use super::{DELETED, LiveWorld, now};

const DAY: i64 = 86_400;

impl LiveWorld<'_> {
    /// Does an action; `false` when it cannot happen now, or only in the virtual world.
    pub(crate) fn apply(&mut self, action: &Action) -> Result<bool, LiveError> {
        let done = match action {
            Action::Mailbox(action) => self.mailbox(action)?,
            Action::User(device, action) => self.user(*device, action),
            // A server would sit on these for minutes; at rest there is time for it.
            Action::Call(call, kind) => !waits(kind) && self.call(*call, kind)?,
            Action::Go(call) => self.go(*call)?,
            Action::In(call) => self.forward(*call)?,
            Action::Trouble(trouble) => self.trouble(trouble)?,
            Action::Step(_)
            | Action::Home(_)
            | Action::Out(_)
            | Action::Store(_)
            | Action::Clock(_) => false,
        };
        if done {
            let counted = matches!(action, Action::Mailbox(_) | Action::User(..));
            self.tally.operations += u64::from(counted);
        }
        Ok(done)
    }

    pub(super) fn mailbox(&mut self, action: &MailboxAction) -> Result<bool, LiveError> {
        match action {
            MailboxAction::Deliver(mail, folder, days) => self.deliver(*mail, folder, *days),
            MailboxAction::Read(mail, read) => {
                let Some((folder, path)) = self.locate(*mail)? else { return Ok(false) };
                let token = self.token(*mail);
                let set = self.hand.set_read(&path, &token, *read);
                let set = self.target.wait(set)?;
                if !self.happened(set, &[&path])? {
                    return Ok(false);
                }
                self.did(MailboxOp::Read { mail: *mail, folder, read: *read });
                Ok(true)
            }
            MailboxAction::Flag(mail, text) => {
                let Some((folder, path)) = self.locate(*mail)? else { return Ok(false) };
                let token = self.token(*mail);
                self.next_flag = self.next_flag.max(text.unwrap_or(0));
                let set = self.hand.set_flag(&path, &token, text.is_some());
                let set = self.target.wait(set)?;
                if !self.happened(set, &[&path])? {
                    return Ok(false);
                }
                // By IMAP a mail is flagged or not; there is no text.
                let flag = set_or_not(text.is_some());
                self.did(MailboxOp::Flag { mail: *mail, folder, flag });
                Ok(true)
            }
            MailboxAction::Move(mail, to) => {
                let Some((from, path)) = self.locate(*mail)? else { return Ok(false) };
                let Some(target) = self.folders.get(to).cloned() else { return Ok(false) };
                if from == *to || self.relocating() {
                    return Ok(false);
                }
                let token = self.token(*mail);
                let moved = self.hand.move_mail(&path, &token, &target);
                let moved = self.target.wait(moved)?;
                if !self.happened(moved, &[&path, &target])? {
                    return Ok(false);
                }
                self.did(MailboxOp::Move { mail: *mail, from, to: to.clone() });
                Ok(true)
            }
            MailboxAction::Delete(mail) => {
                let Some((from, path)) = self.locate(*mail)? else { return Ok(false) };
                if self.relocating() {
                    return Ok(false);
                }
                let token = self.token(*mail);
                let deleted = self.hand.delete(&path, &token);
                let deleted = self.target.wait(deleted)?;
                if !self.happened(deleted, &[&path])? {
                    return Ok(false);
                }
                if let Some((_, there)) = self.mails.get_mut(mail) {
                    *there = false;
                }
                self.did(MailboxOp::Delete { mail: *mail, from });
                Ok(true)
            }
            MailboxAction::ReadAll(folder, read) => {
                let Some(path) = self.folders.get(folder).cloned() else { return Ok(false) };
                let mut any = false;
                for (mail, seen) in self.look_into(folder)? {
                    // To a user it is gone.
                    if seen.marked_deleted {
                        continue;
                    }
                    let token = self.token(mail);
                    let set = self.hand.set_read(&path, &token, *read);
                    let set = self.target.wait(set)?;
                    if self.happened(set, &[&path])? {
                        any = true;
                        self.did(MailboxOp::Read { mail, folder: folder.clone(), read: *read });
                    }
                }
                Ok(any)
            }
            MailboxAction::CreateFolder(folder) => {
                if self.folders.contains_key(folder) || folder.as_str() == DELETED {
                    return Ok(false);
                }
                let path = format!("{}{folder}", self.prefix);
                let created = self.target.wait(self.hand.create_folder(&path))?;
                self.look_for_folders()?;
                // A device may have made it first.
                if created.is_err() && self.folders.contains_key(folder) {
                    return Ok(false);
                }
                created?;
                self.note_folder(folder);
                self.did(MailboxOp::CreateFolder(folder.clone()));
                Ok(true)
            }
            MailboxAction::RenameFolder(folder, number) => {
                let Some(path) = self.folders.get(folder).cloned() else { return Ok(false) };
                let Some(at) = path.find(&self.prefix) else { return Ok(false) };
                let renamed = format!("{}{}{folder}-{number}", &path[..at], self.prefix);
                if renamed == path || self.relocating() {
                    return Ok(false);
                }
                let done = self.target.wait(self.hand.rename_folder(&path, &renamed))?;
                if !self.happened(done, &[&path])? {
                    return Ok(false);
                }
                self.look_for_folders()?;
                self.did(MailboxOp::RenameFolder(folder.clone()));
                Ok(true)
            }
            MailboxAction::DeleteFolder(folder) => {
                let Some(path) = self.folders.get(folder).cloned() else { return Ok(false) };
                if self.busy() {
                    return Ok(false);
                }
                let mut mails = self.look_into(folder)?;
                mails.retain(|(_, seen)| !seen.marked_deleted);
                let mails: Vec<_> = mails.into_iter().map(|(mail, _)| mail).collect();
                let removed = self.target.wait(self.hand.remove_folder(&path))?;
                if !self.happened(removed, &[&path])? {
                    return Ok(false);
                }
                self.look_for_folders()?;
                for mail in &mails {
                    if let Some((_, there)) = self.mails.get_mut(mail) {
                        *there = false;
                    }
                }
                self.did(MailboxOp::DeleteFolder(folder.clone(), mails));
                Ok(true)
            }
            // Only the virtual world does these.
            MailboxAction::DeliverDated(..)
            | MailboxAction::Unsendable(_)
            | MailboxAction::CreateBelow(..)
            | MailboxAction::MoveFolder(..)
            | MailboxAction::Wipe(_) => Ok(false),
        }
    }

    fn deliver(
        &mut self,
        mail: MailName,
        folder: &FolderName,
        days: u32,
    ) -> Result<bool, LiveError> {
        let Some(path) = self.folders.get(folder).cloned() else { return Ok(false) };
        if self.mails.contains_key(&mail) {
            return Ok(false);
        }
        let token = self.token(mail);
        let delivery =
            Delivery { folder: &path, token: &token, days_old: days, read: false, flagged: false };
        let delivered = if self.opened.contains(folder) {
            self.target.wait(self.hand.deliver(&delivery))?
        } else {
            let mut other = self.target.hand()?;
            self.target.wait(other.deliver(&delivery))?
        };
        if !self.happened(delivered, &[&path])? {
            return Ok(false);
        }
        let received = Timestamp(now().0 - i64::from(days) * DAY);
        self.next_mail = self.next_mail.max(mail.0);
        self.mails.insert(mail, (received, true));
        let (read, flag) = (false, Flag::default());
        let folder = folder.clone();
        self.did(MailboxOp::Deliver { mail, folder, read, flag, received });
        Ok(true)
    }

    /// Whether it happened. When the mail or a folder was gone before the hand reached it, it did not.
    fn happened(
        &mut self,
        result: Result<(), HandError>,
        paths: &[&str],
    ) -> Result<bool, LiveError> {
        let Err(error) = result else { return Ok(true) };
        if error.is_gone() {
            return Ok(false);
        }
        for path in paths {
            if !self.is_there(path)? {
                return Ok(false);
            }
        }
        Err(error.into())
    }

    fn did(&mut self, op: MailboxOp) {
        self.push(Event::Mailbox(op));
    }

    /// Whether the server may be moving or deleting items at this moment.
    fn relocating(&self) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| matches!(call.stand, Stand::AtServer(_)) && call.relocates())
    }

    /// Whether the server may be at work at this moment.
    fn busy(&self) -> bool {
        self.calls.values().any(|call| matches!(call.stand, Stand::AtServer(_)))
    }

    fn note_folder(&mut self, folder: &FolderName) {
        let digits = folder.as_str().strip_prefix('f').and_then(|digits| digits.parse().ok());
        self.next_folder = self.next_folder.max(digits.unwrap_or(0));
    }

    fn user(&mut self, name: DeviceName, action: &UserAction) -> bool {
        match action {
            UserAction::Filter(folder, filter) => {
                self.options(name, folder, |options| options.filter_type = Some(*filter))
            }
            UserAction::Conflict(folder, server) => {
                let conflict = u8::from(*server);
                self.options(name, folder, |options| options.conflict = Some(conflict))
            }
            _ => match self.user_op(name, action) {
                Some(op) => {
                    self.push(Event::Device(name, op));
                    true
                }
                None => false,
            },
        }
    }

    /// Does what the user does to the local copy; `None` when it cannot be done.
    fn user_op(&mut self, name: DeviceName, action: &UserAction) -> Option<DeviceOp> {
        let device = self.devices.get(&name)?;
        let op = match action {
            UserAction::Read(mail, read) => {
                let (id, local) = find(device, *mail)?;
                let op = DeviceOp::Read { mail: *mail, folder: self.label(name, &id), read: *read };
                self.with(name, |device| device.user_read(&id, local, *read)).then_some(op)?
            }
            UserAction::Flag(mail, text) => {
                let (id, local) = find(device, *mail)?;
                let flag = text.map_or_else(Flag::default, |n| Flag::active(format!("x{n}")));
                self.next_flag = self.next_flag.max(text.unwrap_or(0));
                let folder = self.label(name, &id);
                let op = DeviceOp::Flag { mail: *mail, folder, flag: flag.clone() };
                self.with(name, |device| device.user_flag(&id, local, flag)).then_some(op)?
            }
            UserAction::Delete(mail, permanent) => {
                let (id, local) = find(device, *mail)?;
                let from = self.label(name, &id);
                let op = DeviceOp::Delete { mail: *mail, from, permanent: *permanent };
                self.with(name, |device| device.user_delete(&id, local, *permanent))
                    .then_some(op)?
            }
            UserAction::Move(mail, to) => {
                let (id, local) = find(device, *mail)?;
                let target = self.collection(name, to)?;
                let op =
                    DeviceOp::Move { mail: *mail, from: self.label(name, &id), to: to.clone() };
                self.with(name, |device| device.user_move(&id, local, &target)).then_some(op)?
            }
            UserAction::Reset(folder) => {
                let id = self.collection(name, folder)?;
                let op = DeviceOp::Reset(folder.clone());
                self.with(name, |device| device.user_reset(&id)).then_some(op)?
            }
            UserAction::CreateFolder(folder) => {
                if self.folders.contains_key(folder) {
                    return None;
                }
                self.note_folder(folder);
                let display = format!("{}{folder}", self.prefix);
                self.devices.get_mut(&name)?.user_create_folder("0".into(), display);
                DeviceOp::CreateFolder(folder.clone())
            }
            UserAction::RenameFolder(folder, number) => {
                let id = self.collection(name, folder)?;
                let display = format!("{}{folder}-{number}", self.prefix);
                self.devices.get_mut(&name)?.user_rename_folder(id, display);
                DeviceOp::RenameFolder(folder.clone())
            }
            UserAction::DeleteFolder(folder) => {
                let id = self.collection(name, folder)?;
                self.devices.get_mut(&name)?.user_delete_folder(id);
                DeviceOp::DeleteFolder(folder.clone())
            }
            UserAction::Filter(..)
            | UserAction::Conflict(..)
            | UserAction::Draft(_)
            | UserAction::Send(_) => return None,
        };
        Some(op)
    }

    fn options(
        &mut self,
        name: DeviceName,
        folder: &FolderName,
        change: impl Fn(&mut Options),
    ) -> bool {
        let Some(id) = self.collection(name, folder) else { return false };
        let Some(device) = self.devices.get_mut(&name) else { return false };
        let state = device.collections().find(|(known, _)| **known == id);
        let Some((_, state)) = state else { return false };
        let mut options = state.options.clone();
        change(&mut options);
        device.user_options(&id, options)
    }

    fn with(&mut self, name: DeviceName, change: impl FnOnce(&mut Client) -> bool) -> bool {
        self.devices.get_mut(&name).is_some_and(change)
    }
}

/// Whether the server may sit on a call.
fn waits(kind: &CallKind) -> bool {
    match kind {
        CallKind::Ping => true,
        CallKind::Sync(sync) => sync.heartbeat.is_some(),
        _ => false,
    }
}

/// A flag as IMAP knows it.
pub(super) fn set_or_not(set: bool) -> Flag {
    if set { Flag { status: 2, flag_type: None } } else { Flag::default() }
}
