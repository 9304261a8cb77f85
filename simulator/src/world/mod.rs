//! The virtual world: one server, some devices, a network that loses things, a clock that only actions move.

mod act;
mod odd;
mod rest;
mod scene;
mod trouble;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

use activesync::history::{CallName, DeviceName, Event, FolderName, History, MailName};
use activesync::http::{HttpRequest, HttpResponse};
use activesync::{CollectionId, Mail, Timestamp};
use activesync_client::{Client, Config, School, SyncChoices, Want};
use activesync_server::{Retry, Server, StageFault, Store};

use crate::Setup;
use crate::hash::Hash;
use crate::scene::find;
use crate::wire::WireDefect;

/// The clock at the start: 2026-11-22T09:15:02Z.
const START: Timestamp = Timestamp(1_795_338_902);

/// The virtual world.
#[derive(Clone)]
pub struct World {
    setup: Setup,
    pub(crate) server: Server,
    pub(crate) store: Store,
    devices: BTreeMap<DeviceName, Client>,
    calls: BTreeMap<CallName, Call>,
    next_call: BTreeMap<DeviceName, u32>,
    next_work: u32,
    next_mail: u32,
    next_folder: u32,
    next_flag: u32,
    now: Timestamp,
    history: History,
    hash: Hash,
    labels: BTreeMap<CollectionId, FolderName>,
    tally: Tally,
    baseline: usize,
    /// A planted defect of the codec.
    wire: Option<WireDefect>,
    /// Devices that an administrator had wiped.
    wiped: BTreeSet<DeviceName>,
}

/// What happened since the baseline, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that the server answered.
    pub answered: u64,
    /// Operations on the mailbox, by its other hand and by devices' users.
    pub operations: u64,
    /// Faults.
    pub faults: u64,
}

/// A request under way.
#[derive(Clone, Debug)]
struct Call {
    http: HttpRequest,
    place: Place,
    /// The device is still waiting for its answer.
    attached: bool,
    work: u32,
    armed: Option<StageFault>,
}

/// Where a call is.
#[derive(Clone, Debug)]
enum Place {
    /// On its way to the server.
    Outbound,
    /// The server works on it.
    AtServer,
    /// Its answer is on its way to the device.
    Homebound(HttpResponse),
    /// The device is storing its answer.
    Storing,
}

/// The name of a planted defect is in no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no planted defect is named {0:?}; `lostmail bugs` lists them")]
pub struct UnknownBug(pub String);

impl World {
    /// A world at its quiet baseline: devices provisioned, folders and mails in sync.
    pub fn new(setup: &Setup) -> Result<Self, UnknownBug> {
        let (server_bug, client_bug, wire) = match &setup.bug {
            None => (None, None, None),
            Some(name) => {
                let server = activesync_server::Defect::by_name(name);
                let client = activesync_client::Defect::by_name(name);
                let wire = WireDefect::by_name(name);
                if server.is_none() && client.is_none() && wire.is_none() {
                    return Err(UnknownBug(name.clone()));
                }
                (server, client, wire)
            }
        };
        let mut world = Self {
            setup: setup.clone(),
            server: Server::new(activesync_server::Config::default(), server_bug),
            store: Store::new(),
            devices: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: BTreeMap::new(),
            next_work: 0,
            next_mail: 0,
            next_folder: 0,
            next_flag: 0,
            now: START,
            history: History::default(),
            hash: Hash::default(),
            labels: BTreeMap::new(),
            tally: Tally::default(),
            baseline: 0,
            wire,
            wiped: BTreeSet::new(),
        };
        for number in 0..setup.devices {
            let shared = client_bug == Some(activesync_client::Defect::ConstantDeviceId);
            let name = format!("Lostmail{}", if shared { 0 } else { number });
            let mut config = Config::new(name, "alice");
            config.version = setup.version;
            config.base64_line = setup.base64;
            config.explicit = setup.explicit;
            config.school =
                if setup.rekey >> number & 1 == 1 { School::Rekey } else { School::Wait };
            config.defect = client_bug;
            world.devices.insert(DeviceName(number), Client::new(config));
        }
        world.populate();
        world.settle_baseline();
        world.adopt(setup);
        Ok(world)
    }

    /// Takes over the habits of a setup: what makes no difference until something happens.
    pub(crate) fn adopt(&mut self, setup: &Setup) {
        self.setup = setup.clone();
        self.server.set_retry(if setup.redo { Retry::Redo } else { Retry::Replay });
        for (name, device) in &mut self.devices {
            device.adopt(setup.reuse, setup.tree >> name.0 & 1 == 1);
        }
    }

    /// Whether a device waits by Sync rather than by Ping.
    fn pushes(&self, device: DeviceName) -> bool {
        self.setup.push >> device.0 & 1 == 1
    }

    fn populate(&mut self) {
        for _ in 0..self.setup.folders {
            let folder = self.fresh_folder();
            self.mailbox(&crate::MailboxAction::CreateFolder(folder));
        }
        let mut folders = vec![FolderName::from("inbox")];
        folders.extend((1..=self.setup.folders).map(|n| FolderName::from(&*format!("f{n}"))));
        for number in 0..self.setup.mails {
            let folder = folders[usize::from(number) % folders.len()].clone();
            let mail = self.fresh_mail();
            self.mailbox(&crate::MailboxAction::Deliver(mail, folder, u32::from(number) * 2));
        }
    }

    /// Lets all devices come to rest; what happens until then is not part of the schedule's numbers.
    fn settle_baseline(&mut self) {
        let names: Vec<_> = self.devices.keys().copied().collect();
        for device in names {
            self.drain(device, false);
        }
        self.tally = Tally::default();
        self.baseline = self.history.events.len();
    }

    /// The setup it began with.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// What happened so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What happened, taken out of the world.
    pub fn into_history(self) -> History {
        self.history
    }

    /// Where in the history the baseline ends.
    pub fn baseline(&self) -> usize {
        self.baseline
    }

    /// What happened since the baseline, in numbers.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// A hash of every byte sent and answered and of every operation, for comparing runs.
    pub fn hash(&self) -> u64 {
        self.hash.value()
    }

    /// A device.
    pub fn device(&self, name: DeviceName) -> Option<&Client> {
        self.devices.get(&name)
    }

    fn fresh_mail(&mut self) -> MailName {
        self.next_mail += 1;
        MailName(self.next_mail)
    }

    fn fresh_folder(&mut self) -> FolderName {
        self.next_folder += 1;
        FolderName::from(&*format!("f{}", self.next_folder))
    }

    fn call_name(&self, device: DeviceName) -> CallName {
        CallName { device, number: self.next_call.get(&device).map_or(1, |n| n + 1) }
    }

    /// Takes note of a name, so that the next fresh one differs; traces name their objects themselves.
    fn note_call(&mut self, call: CallName) {
        let last = self.next_call.entry(call.device).or_default();
        *last = (*last).max(call.number);
    }

    fn push(&mut self, event: Event) {
        self.history.push(event);
    }

    fn label(&self, id: &CollectionId) -> FolderName {
        self.labels.get(id).cloned().unwrap_or_else(|| FolderName::from(id.as_str()))
    }

    /// Learns the labels of folders; they stay known when the folder is gone.
    fn learn_labels(&mut self) {
        for folder in self.store.mailbox.folders() {
            if !self.labels.contains_key(&folder.folder.server_id) {
                self.labels.insert(folder.folder.server_id.clone(), folder.label.clone());
            }
        }
    }

    fn letter(mail: MailName, received: Timestamp) -> Mail {
        Mail {
            to: Some("alice@example.test".into()),
            from: Some("bob@example.test".into()),
            subject: Some(mail.to_string().into()),
            date_received: Some(received),
            message_class: Some("IPM.Note".into()),
            read: Some(false),
            flag: Some(activesync::Flag::default()),
            body: Some(activesync::Body {
                kind: 1,
                estimated_size: Some(24),
                truncated: None,
                data: Some(format!("Grüße, this is {mail}.\r\n").into()),
            }),
            ..Mail::default()
        }
    }

    fn want(&self, device: &Client, kind: &crate::CallKind) -> Want {
        use crate::CallKind;
        match kind {
            CallKind::Sync(sync) => {
                let id = |folder: &FolderName| self.store.mailbox.folder_id(folder);
                let fetch = sync.fetch.and_then(|mail| find(device, mail));
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
            // It is built from what the device knows, not by the device.
            CallKind::Provision | CallKind::Odd(_) => Want::Provision,
        }
    }
}
