//! The real world as the simulator sees worlds: the same actions, over HTTP and by the mailbox's other hand.
//!
//! A [`LiveWorld`] is one schedule on a server: its own folders, devices from a small pool, and a history that the checker
//! judges like that of the virtual world. What only the virtual world can do (stages of the server, faults of its store, the
//! clock) does not happen here.
//!
//! * [`target`]: the server, and what everything of ours on it is called;
//! * `act`: applying an action;
//! * `rest`: coming to rest, and what is true on both sides then;
//! * [`runner`]: running a schedule again, for confirming and shrinking.

mod act;
mod call;
mod rest;
pub(crate) mod runner;
mod scene;
pub(crate) mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use activesync::folders::FolderType;
use activesync::history::{CallName, DeviceName, Event, FolderName, History, MailName};
use activesync::{CollectionId, Timestamp};
use activesync_client::{Client, Config, School, Want};
use activesync_simulator::{Setup, Tally};

use self::call::Call;
use self::target::{LiveError, Target};
use super::hand::{AnyHand, Hand as _, HandMail};

/// Calls of the baseline have numbers from here on, so that those of the schedule are the same on every server.
const BASELINE_CALLS: u32 = 900;

/// What folders are called into which a Delete moves, when the device has not been told.
const TRASH: [&str; 4] = ["Trash", "Deleted Items", "Deleted Messages", "Deleted"];

/// The label of that folder.
const DELETED: &str = "deleted";

/// A schedule on a real server.
pub(crate) struct LiveWorld<'t> {
    target: &'t Target,
    hand: AnyHand,
    setup: Setup,
    prefix: String,
    /// Devices wait in Ping at the end.
    pings: bool,
    devices: BTreeMap<DeviceName, Client>,
    calls: BTreeMap<CallName, Call>,
    next_call: BTreeMap<DeviceName, u32>,
    next_mail: u32,
    next_folder: u32,
    next_flag: u32,
    /// Our folders on the server, with their paths.
    folders: BTreeMap<FolderName, String>,
    /// Those of them that somebody has opened before the schedule began.
    opened: BTreeSet<FolderName>,
    /// The path of the folder for deleted mail.
    trash: Option<String>,
    /// Every name that a folder of ours had on either side.
    names: BTreeSet<(FolderName, String)>,
    /// Our mails, and when they were received; those that the other hand deleted are gone.
    mails: BTreeMap<MailName, (Timestamp, bool)>,
    /// Which folder a collection is for a device; known also after it has gone.
    labels: BTreeMap<(DeviceName, CollectionId), FolderName>,
    history: History,
    tally: Tally,
    baseline: usize,
    last_status: u16,
}

impl<'t> LiveWorld<'t> {
    /// A world at its quiet baseline. What it made on the server is removed by [`LiveWorld::clean_up`], also when this fails.
    pub(crate) fn new(target: &'t Target, setup: &Setup, pings: bool) -> Result<Self, LiveError> {
        let hand = target.hand()?;
        let mut world = Self {
            target,
            hand,
            setup: setup.clone(),
            prefix: target.next_prefix(),
            pings,
            devices: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: BTreeMap::new(),
            next_mail: 0,
            next_folder: 0,
            next_flag: 0,
            folders: BTreeMap::new(),
            opened: BTreeSet::new(),
            trash: None,
            names: BTreeSet::new(),
            mails: BTreeMap::new(),
            labels: BTreeMap::new(),
            history: History::default(),
            tally: Tally::default(),
            baseline: 0,
            last_status: 200,
        };
        match world.populate() {
            Ok(()) => Ok(world),
            Err(error) => {
                // The first error says what is wrong.
                let _ = world.clean_up();
                Err(error)
            }
        }
    }

    fn populate(&mut self) -> Result<(), LiveError> {
        let setup = self.setup.clone();
        for _ in 0..setup.folders.max(1) {
            let folder = FolderName::from(&*format!("f{}", self.next_folder + 1));
            self.mailbox(&activesync_simulator::MailboxAction::CreateFolder(folder))?;
        }
        let folders: Vec<_> = self.folders.keys().cloned().collect();
        if folders.is_empty() {
            return Err(LiveError::Baseline("the server shows no folder that was made".into()));
        }
        // The baseline is a mailbox in use, whose folders somebody has opened before. Whoever has asked for MODSEQ once has
        // it counted in all that the session does; what becomes of mail in a folder that nobody has opened is for folders
        // that schedules make, where mail is delivered in sessions of its own.
        if let AnyHand::Imap(hand) = &mut self.hand {
            for path in self.folders.values() {
                self.target.wait(hand.count_changes(path))??;
            }
        }
        self.opened = self.folders.keys().cloned().collect();
        for number in 0..setup.mails {
            let folder = folders[usize::from(number) % folders.len()].clone();
            let mail = MailName(self.next_mail + 1);
            let days = u32::from(number) * 2;
            self.mailbox(&activesync_simulator::MailboxAction::Deliver(mail, folder, days))?;
        }
        let version = self.target.versions()?.into_iter().rev().find(|v| *v <= setup.version);
        let version = version.map_or_else(|| self.target.versions().map(|v| v[0]), Ok)?;
        for number in 0..setup.devices {
            let mut config = Config::new(self.target.device_id(number), self.target.user());
            config.version = version;
            config.base64_line = setup.base64;
            config.explicit = setup.explicit;
            config.school =
                if setup.rekey >> number & 1 == 1 { School::Rekey } else { School::Wait };
            config.folder_prefix = Some(self.prefix.clone());
            config.heartbeat_seconds = rest::HEARTBEAT;
            let device = DeviceName(number);
            self.devices.insert(device, Client::new(config));
            self.next_call.insert(device, BASELINE_CALLS);
        }
        for device in self.devices.keys().copied().collect::<Vec<_>>() {
            self.settle(device, folders.len())?;
        }
        self.next_call.clear();
        self.tally = Tally::default();
        self.baseline = self.history.events.len();
        Ok(())
    }

    /// Lets a new device get everything there is.
    fn settle(&mut self, device: DeviceName, folders: usize) -> Result<(), LiveError> {
        if !self.target.provisions() {
            self.without_provision(device);
        }
        let drained = self.drain(device, false)?;
        if let rest::Drained::Never(why) = drained {
            return Err(LiveError::Baseline(format!("phone {device} never comes to rest: {why}")));
        }
        let seen = self.devices.get(&device).map_or(0, |client| client.collections().count());
        if seen < folders {
            let status = self.last_status;
            return Err(LiveError::Baseline(format!(
                "phone {device} was told of {seen} of {folders} folders that were made for it; the last answer was HTTP {status}"
            )));
        }
        Ok(())
    }

    fn without_provision(&mut self, device: DeviceName) {
        if let Some(client) = self.devices.get_mut(&device) {
            client.do_without_provision();
        }
    }

    /// Removes what this world made: its folders, and its mails in the folder for deleted mail.
    pub(crate) fn clean_up(&mut self) -> Result<(), LiveError> {
        self.calls.clear();
        let (target, prefix, hand) = (self.target, &self.prefix, &mut self.hand);
        let trash = self.trash.clone();
        target.insist(async {
            let mut ours: Vec<_> = hand.folders().await?;
            ours.retain(|folder| folder.names.iter().any(|name| name.starts_with(prefix)));
            // Inner folders first.
            ours.sort_by_key(|folder| std::cmp::Reverse(folder.names.len()));
            for folder in ours {
                match hand.remove_folder(&folder.path).await {
                    Err(error) if !error.is_gone() => return Err(error),
                    _ => {}
                }
            }
            let Some(trash) = trash else { return Ok(()) };
            for mail in hand.read(&trash).await? {
                let Some(token) = mail.token.filter(|token| token.starts_with(prefix)) else {
                    continue;
                };
                match hand.delete(&trash, &token).await {
                    Err(error) if !error.is_gone() => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// What happened so far.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    fn push(&mut self, event: Event) {
        self.history.push(event);
    }

    fn token(&self, mail: MailName) -> String {
        format!("{}{mail}", self.prefix)
    }

    fn call_name(&self, device: DeviceName) -> CallName {
        CallName { device, number: self.next_call.get(&device).map_or(1, |n| n + 1) }
    }

    fn note_call(&mut self, call: CallName) {
        let last = self.next_call.entry(call.device).or_default();
        *last = (*last).max(call.number);
    }

    /// The label in a folder's name as displayed; ours only.
    fn label_in(&self, display: &str) -> Option<FolderName> {
        let rest = display.strip_prefix(&self.prefix)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        (end > 0).then(|| FolderName::from(&rest[..end]))
    }

    /// Looks which of our folders are there, and what they are called.
    fn look_for_folders(&mut self) -> Result<(), LiveError> {
        let seen = self.target.wait(self.hand.folders())??;
        self.folders.clear();
        let shown = self.devices.values().flat_map(Client::folders);
        let shown = shown.filter(|folder| folder.folder_type == FolderType::DeletedItems);
        let trash_names: Vec<String> = shown
            .map(|folder| folder.display_name.to_string())
            .chain(TRASH.map(str::to_owned))
            .collect();
        self.trash = trash_names.iter().find_map(|name| {
            let mut hits = seen.iter().filter(|folder| folder.names.last() == Some(name));
            hits.next().map(|folder| folder.path.clone())
        });
        let trash = self.trash.clone();
        for folder in seen {
            let Some(name) = folder.names.last() else { continue };
            // A folder that was deleted may live on below Trash; nobody looks for it there.
            let thrown_away = trash.as_ref().is_some_and(|trash| folder.path.starts_with(trash));
            if let Some(label) = self.label_in(name).filter(|_| !thrown_away) {
                self.names.insert((label.clone(), name.clone()));
                self.folders.insert(label, folder.path);
            }
        }
        Ok(())
    }

    /// Whether a folder is still there: what we know of it is old when a device or the server has renamed or deleted it.
    fn is_there(&mut self, path: &str) -> Result<bool, LiveError> {
        self.look_for_folders()?;
        let mut known = self.folders.values().chain(&self.trash);
        Ok(known.any(|known| known == path))
    }

    /// Learns the labels of a device's folders; they stay known when the folder is gone.
    fn learn_labels(&mut self, device: DeviceName) {
        let Some(client) = self.devices.get(&device) else { return };
        let mut learnt = Vec::new();
        for folder in client.folders() {
            let name = &*folder.display_name;
            let deleted = folder.folder_type == FolderType::DeletedItems;
            let label = self.label_in(name).or_else(|| deleted.then(|| DELETED.into()));
            learnt.extend(label.map(|label| (label, folder.server_id.clone(), name.to_owned())));
        }
        for (label, id, name) in learnt {
            self.names.insert((label.clone(), name));
            self.labels.entry((device, id)).or_insert(label);
        }
    }

    fn label(&self, device: DeviceName, id: &CollectionId) -> FolderName {
        let known = self.labels.get(&(device, id.clone())).cloned();
        known.unwrap_or_else(|| FolderName::from(id.as_str()))
    }

    /// The collection that a folder is for a device now.
    fn collection(&self, device: DeviceName, folder: &FolderName) -> Option<CollectionId> {
        let client = self.devices.get(&device)?;
        let mut shown = client
            .folders()
            .filter(|shown| self.labels.get(&(device, shown.server_id.clone())) == Some(folder));
        shown.next().map(|shown| shown.server_id.clone())
    }

    /// Our mails in a folder of the server.
    fn look_into(&mut self, folder: &FolderName) -> Result<Vec<(MailName, HandMail)>, LiveError> {
        let path = match folder.as_str() {
            DELETED => self.trash.clone(),
            _ => self.folders.get(folder).cloned(),
        };
        let Some(path) = path else { return Ok(Vec::new()) };
        let read = match self.target.wait(self.hand.read(&path))? {
            Ok(read) => read,
            Err(error) if error.is_gone() || !self.is_there(&path)? => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let prefix = &self.prefix;
        let ours = read.into_iter().filter_map(|mail| {
            let token = mail.token.as_deref().unwrap_or(&mail.subject);
            let name = token.strip_prefix(prefix)?.parse().ok()?;
            Some((name, mail))
        });
        Ok(ours.collect())
    }

    /// In which folder of ours a mail is, and under which path.
    fn locate(&mut self, mail: MailName) -> Result<Option<(FolderName, String)>, LiveError> {
        for (folder, path) in self.folders.clone() {
            let here = self.look_into(&folder)?;
            if here.iter().any(|(name, seen)| *name == mail && !seen.marked_deleted) {
                return Ok(Some((folder, path)));
            }
        }
        Ok(None)
    }

    fn want(&self, device: DeviceName, kind: &activesync_simulator::CallKind) -> Option<Want> {
        use activesync_client::SyncChoices;
        use activesync_simulator::CallKind;
        Some(match kind {
            CallKind::Sync(sync) => {
                let client = self.devices.get(&device)?;
                let id = |folder: &FolderName| self.collection(device, folder);
                let fetch = sync.fetch.and_then(|mail| activesync_simulator::find(client, mail));
                Want::Sync(SyncChoices {
                    collections: sync.folders.iter().filter_map(id).collect(),
                    window_size: sync.window,
                    global_window: sync.window_all,
                    upload_only: sync.upload,
                    heartbeat_seconds: sync.heartbeat,
                    partial: sync.partial,
                    fetch,
                })
            }
            CallKind::EmptySync => Want::EmptySync,
            CallKind::Ping => Want::Ping,
            CallKind::Moves => Want::MoveItems,
            CallKind::Folders => Want::FolderSync,
            CallKind::FolderEdit => Want::FolderEdit,
            CallKind::Estimate => Want::Estimate,
            CallKind::Provision => Want::Provision,
            CallKind::Odd(_) => return None,
        })
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
