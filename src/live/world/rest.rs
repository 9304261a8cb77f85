//! Coming to rest on a real server, and what is true on both sides then.

use std::collections::BTreeSet;
use std::sync::Arc;

use activesync::history::{
    CallName, DeviceMail, DeviceName, DeviceTruth, Event, FolderName, FolderTruth, ServerMail,
    Truth,
};
use activesync_client::{Client, Want};
use activesync_simulator::{CallKind, SyncAction, named};

use super::act::set_or_not;
use super::target::LiveError;
use super::{DELETED, LiveWorld, now};

/// Calls in a row after which a device is said not to come to rest.
const CALLS_MAX: u32 = 60;

/// Calls in a row that bring nothing, after which the same is said of it.
const IN_VAIN_MAX: u32 = 8;

/// Rounds over all devices; what one uploads is news for the next.
const ROUNDS_MAX: u32 = 6;

/// The shortest heartbeat that is asked for; a server that wants longer ones says so.
pub(super) const HEARTBEAT: u32 = 10;

/// Requests for Provision after which a device does without.
const PROVISIONS_MAX: u32 = 4;

type Restless = Vec<(DeviceName, Arc<str>)>;

impl LiveWorld<'_> {
    /// Lets everything arrive and the devices run their own loops: Sync while MoreAvailable says so, then Ping, and Sync
    /// again only if Ping says so. The first truth is what holds then, the second after one more unconditional Sync.
    /// Without Ping nobody tells a device what it has missed, so only the second is judged, in both places.
    pub(crate) fn rest(&mut self) -> Result<(Truth, Truth), LiveError> {
        let calls: Vec<CallName> = self.calls.keys().copied().collect();
        for call in calls {
            self.go(call)?;
        }
        let mut restless = Vec::new();
        self.rounds(self.pings, &mut restless)?;
        let own_loop = if self.pings { Some(self.truth(&restless)?) } else { None };
        for device in self.devices.values_mut() {
            device.want_folders();
            device.want_all();
        }
        self.rounds(false, &mut restless)?;
        let truth = self.truth(&restless)?;
        let mut own_loop = own_loop.unwrap_or_else(|| truth.clone());
        // By these the checker knows which folder an id was: all names that our folders ever had.
        let names = self.names.iter().map(|(folder, name)| FolderTruth {
            folder: folder.clone(),
            display_name: name.as_str().into(),
        });
        own_loop.folders.extend(names);
        Ok((own_loop, truth))
    }

    fn rounds(&mut self, ping: bool, restless: &mut Restless) -> Result<(), LiveError> {
        let names: Vec<_> = self.devices.keys().copied().collect();
        for _ in 0..ROUNDS_MAX {
            let mut quiet = true;
            for device in &names {
                match self.drain(*device, ping)? {
                    Drained::Quiet => {}
                    Drained::Talked => quiet = false,
                    Drained::Never(why) => {
                        restless.retain(|(name, _)| name != device);
                        restless.push((*device, why.into()));
                        return Ok(());
                    }
                }
            }
            if quiet {
                return Ok(());
            }
        }
        if let Some(device) = names.first() {
            restless.push((*device, "the devices keep giving each other news".into()));
        }
        Ok(())
    }

    /// Runs a device's own loop until a Ping expires (or until it would Ping).
    pub(super) fn drain(&mut self, device: DeviceName, ping: bool) -> Result<Drained, LiveError> {
        let mut talked = false;
        let mut provisions = 0;
        let mut in_vain = 0;
        for _ in 0..CALLS_MAX {
            let Some(want) = self.devices.get(&device).and_then(Client::next) else {
                return Ok(Drained::Never("it is stuck in a call".into()));
            };
            let kind = match want {
                Want::Provision if provisions >= PROVISIONS_MAX => {
                    self.without_provision(device);
                    continue;
                }
                Want::Provision => CallKind::Provision,
                Want::FolderSync => CallKind::Folders,
                Want::FolderEdit => CallKind::FolderEdit,
                Want::MoveItems => CallKind::Moves,
                Want::Ping if !ping => return Ok(quiet(talked)),
                Want::Ping => CallKind::Ping,
                Want::Sync(_) | Want::EmptySync | Want::Estimate => {
                    CallKind::Sync(SyncAction::default())
                }
            };
            provisions += u32::from(kind == CallKind::Provision);
            let call = self.call_name(device);
            if !self.call(call, &kind)? {
                // No folder to watch: nothing can be missed.
                return Ok(quiet(talked));
            }
            self.go(call)?;
            in_vain = if self.last_was_taken_in() { 0 } else { in_vain + 1 };
            if in_vain >= IN_VAIN_MAX {
                break;
            }
            let idle = self.devices.get(&device).is_some_and(Client::is_idle);
            if kind == CallKind::Ping && idle {
                return Ok(quiet(talked));
            }
            talked |= kind != CallKind::Ping;
        }
        let status = self.last_status;
        // A gateway or an overloaded server says nothing about its bookkeeping.
        if matches!(status, 502..=504) {
            return Err(LiveError::Inconclusive(format!(
                "{device}: HTTP {status} again and again"
            )));
        }
        Ok(Drained::Never(if in_vain >= IN_VAIN_MAX {
            let last = self.last_trouble();
            format!(
                "{IN_VAIN_MAX} calls in a row brought nothing that it could use, the last {last}"
            )
        } else {
            format!("it still had something to say after {CALLS_MAX} calls")
        }))
    }

    /// Whether the device could use the last answer.
    fn last_was_taken_in(&self) -> bool {
        let last = self
            .history
            .events
            .iter()
            .rev()
            .find(|event| matches!(event, Event::Received(_) | Event::Failed(_)));
        self.last_status == 200 && matches!(last, Some(Event::Received(_)))
    }

    /// What was wrong with the last answer.
    fn last_trouble(&self) -> String {
        let unreadable = self.history.events.iter().rev().find_map(|event| match event {
            Event::Answered { unreadable, .. } => Some(unreadable.clone()),
            _ => None,
        });
        match unreadable.flatten() {
            Some(why) => format!("could not be read ({why})"),
            None => format!("being HTTP {}", self.last_status),
        }
    }

    /// Both sides as they are now.
    fn truth(&mut self, restless: &Restless) -> Result<Truth, LiveError> {
        self.look_for_folders()?;
        let mut labels: Vec<FolderName> = self.folders.keys().cloned().collect();
        labels.push(DELETED.into());
        let mut server = Vec::new();
        for folder in &labels {
            for (mail, seen) in self.look_into(folder)? {
                let received = self.mails.get(&mail).map(|(received, _)| *received);
                server.push(ServerMail {
                    mail,
                    folder: folder.clone(),
                    read: seen.read,
                    flag: set_or_not(seen.flagged),
                    received: received.unwrap_or_default(),
                    marked_deleted: seen.marked_deleted,
                });
            }
        }
        // Of what a folder is called only the last part is shown to devices.
        let shown =
            |path: &str| path.find(&self.prefix).map_or("", |at| path.split_at(at).1).into();
        let folders = self.folders.iter().map(|(folder, path)| FolderTruth {
            folder: folder.clone(),
            display_name: shown(path),
        });
        let devices = self.devices.iter();
        Ok(Truth {
            events: self.history.events.len(),
            now: now(),
            folders: folders.collect(),
            server,
            devices: devices.map(|(name, device)| self.side(*name, device, restless)).collect(),
            outbox: Vec::new(),
        })
    }

    fn side(&self, device: DeviceName, client: &Client, restless: &Restless) -> DeviceTruth {
        let mails = client.mails().map(|view| DeviceMail {
            mail: named(view.item.base.subject.as_deref()),
            server_id: view.item.server_id.clone(),
            folder: self.label(device, view.collection),
            read: view.item.read(),
            flag: set_or_not(view.item.flag().is_set()),
        });
        let ours: BTreeSet<_> = self.names.iter().map(|(folder, _)| folder).collect();
        let folders = client.folders().filter_map(|folder| {
            let label = self.label(device, &folder.server_id);
            let shown = ours.contains(&label) && label.as_str() != DELETED;
            shown.then(|| FolderTruth { folder: label, display_name: folder.display_name.clone() })
        });
        let synced = client
            .collections()
            .map(|(id, state)| (self.label(device, id), state.options.filter_seconds()));
        let restless = restless.iter().find(|(name, _)| *name == device);
        DeviceTruth {
            device,
            folders: folders.collect(),
            mails: mails.collect(),
            synced: synced.collect(),
            restless: restless.map(|(_, why)| why.clone()),
        }
    }
}

fn quiet(talked: bool) -> Drained {
    if talked { Drained::Talked } else { Drained::Quiet }
}

/// How a device came to rest.
pub(super) enum Drained {
    /// It had nothing to say.
    Quiet,
    /// It had something to say and came to rest.
    Talked,
    /// It did not.
    Never(String),
}
