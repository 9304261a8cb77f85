//! The device: its local copy, and the calls it makes.

use std::collections::{BTreeMap, BTreeSet};

use activesync::folders::Folder;
use activesync::history::HeldItem;
use activesync::http::{HttpRequest, HttpResponse};
use activesync::sync::Options;
use activesync::{ClientId, CollectionId, PolicyKey, ProtocolError, Request, ServerId, SyncKey};

use crate::incoming::Incoming;
use crate::item::{Item, LocalId, MailView, Pending};
use crate::{Config, Defect, Want};

/// A device. What is stored survives [`Client::crash`], the rest does not.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) config: Config,
    pub(crate) disk: Disk,
    pub(crate) call: Option<Request>,
    pub(crate) incoming: Option<Incoming>,
}

/// What a device has stored.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub policy_key: Option<PolicyKey>,
    pub provisional_key: Option<PolicyKey>,
    pub hierarchy_key: SyncKey,
    pub hierarchy_wanted: bool,
    pub folders: BTreeMap<CollectionId, Folder>,
    pub folder_edits: Vec<FolderEdit>,
    pub collections: BTreeMap<CollectionId, CollectionState>,
    /// The Sync or edit that carries commands and has no answer yet; sent again verbatim.
    pub unanswered: Option<Request>,
    /// The last answer was empty, so its request may be repeated by an empty one (MS-ASCMD R670).
    pub cached_sync: bool,
    /// The collections for which that request asks for changes.
    pub cached: BTreeSet<CollectionId>,
    /// A request that leaned on the cache was refused (status 13), and nothing has changed since.
    pub cache_refused: bool,
    /// The copy was wiped as the server asked, and the server does not know yet (MS-ASPROV 3.1.5.1.2.2).
    pub wiping: bool,
    /// How often it was wiped.
    pub wipes: u32,
    pub edits: u64,
    pub drafts: u64,
    pub locals: LocalId,
    pub heartbeat_seconds: u32,
    pub troubles: u32,
    /// Server errors in a row to the first of `folder_edits`.
    pub edit_failures: u32,
}

/// A change of the hierarchy by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FolderEdit {
    Create { parent: CollectionId, name: String },
    Rename { id: CollectionId, name: String },
    Delete { id: CollectionId },
}

/// What a device knows of one collection.
#[derive(Clone, Debug)]
pub struct CollectionState {
    /// The newest key.
    pub key: SyncKey,
    /// The items, by their number on the device.
    pub items: BTreeMap<LocalId, Item>,
    /// Options in force.
    pub options: Options,
    /// Options changed since they were last acknowledged.
    pub(crate) options_fresh: bool,
    /// A Sync is wanted.
    pub(crate) wanted: bool,
    /// The last answer said MoreAvailable.
    pub(crate) more: bool,
    /// Still taking the full content after key 0; commands wait (MS-ASCMD R652).
    pub(crate) filling: bool,
    /// What was sent and has no answer: the commands as sent, and which edits they carry.
    pub(crate) sent: Option<Vec<SentCommand>>,
    /// Unconfirmed changes of items that a reset threw away, to be taken up when the items come again.
    pub(crate) orphans: BTreeMap<ServerId, Pending>,
    /// Refusals of its keys in a row.
    pub(crate) refusals: u32,
    /// Items that this device moved away (re-keyed) and whose Delete has not come.
    pub(crate) departed: BTreeMap<ServerId, Item>,
}

/// A command as sent.
#[derive(Clone, Debug)]
pub(crate) struct SentCommand {
    pub command: activesync::sync::ClientCommand,
    pub local: LocalId,
    /// The newest edit it carries.
    pub edit: u64,
    pub permanent: bool,
}

/// How the next Sync is to be asked for; the default is what a phone does by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncChoices {
    /// Which collections; empty means those that want it (all, if none does).
    pub collections: Vec<CollectionId>,
    /// WindowSize of each collection.
    pub window_size: Option<u32>,
    /// WindowSize of the request.
    pub global_window: Option<u32>,
    /// `GetChanges` 0: only upload.
    pub upload_only: bool,
    /// HeartbeatInterval, in seconds.
    pub heartbeat_seconds: Option<u32>,
    /// Lists only these collections and has the others taken from the cache.
    pub partial: bool,
    /// An item to fetch whole.
    pub fetch: Option<(CollectionId, LocalId)>,
}

/// What the device does next with an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Store items and key together.
    Persist,
    /// Store the key first (planted defect).
    PersistKey,
    /// Store the items after it (planted defect).
    PersistItems,
}

impl CollectionState {
    pub(crate) fn new() -> Self {
        Self {
            key: SyncKey::zero(),
            items: BTreeMap::new(),
            options: Options::default(),
            options_fresh: false,
            wanted: true,
            more: false,
            filling: true,
            sent: None,
            orphans: BTreeMap::new(),
            refusals: 0,
            departed: BTreeMap::new(),
        }
    }

    pub(crate) fn find(&self, server_id: &ServerId) -> Option<LocalId> {
        let mut items = self.items.iter();
        items.find(|(_, item)| item.server_id.as_ref() == Some(server_id)).map(|(local, _)| *local)
    }

    /// Whether the user's changes are waiting for a Sync of this collection.
    pub fn has_commands(&self) -> bool {
        self.sent.is_some()
            || !self.filling
                && self.items.values().any(|item| {
                    item.pending.wants_sync() || item.server_id.is_none() && item.visible()
                })
    }

    /// Whether anything but a Ping is due for it.
    pub fn is_due(&self) -> bool {
        self.wanted || self.more || self.filling || self.options_fresh || self.has_commands()
    }

    /// Back to key 0 (MS-ASCMD R4424 to R4428, R5038): the copy goes, what the user changed and drafts nobody has
    /// acknowledged stay until the full content has been taken.
    pub(crate) fn reset(&mut self, keeps_items: bool) {
        self.key = SyncKey::zero();
        self.sent = None;
        self.filling = true;
        self.wanted = true;
        self.more = false;
        self.departed.clear();
        if keeps_items {
            return;
        }
        let items = std::mem::take(&mut self.items);
        for (local, item) in items {
            match &item.server_id {
                None => {
                    self.items.insert(local, item);
                }
                Some(id) if !item.pending.is_empty() => {
                    self.orphans.insert(id.clone(), item.pending);
                }
                Some(_) => {}
            }
        }
    }
}

impl Disk {
    fn new(heartbeat_seconds: u32) -> Self {
        Self {
            policy_key: None,
            provisional_key: None,
            hierarchy_key: SyncKey::zero(),
            hierarchy_wanted: true,
            folders: BTreeMap::new(),
            folder_edits: Vec::new(),
            collections: BTreeMap::new(),
            unanswered: None,
            cached_sync: false,
            cached: BTreeSet::new(),
            cache_refused: false,
            wiping: false,
            wipes: 0,
            edits: 0,
            drafts: 0,
            locals: 0,
            heartbeat_seconds,
            troubles: 0,
            edit_failures: 0,
        }
    }
}

impl Client {
    /// A new device: nothing stored.
    pub fn new(config: Config) -> Self {
        let heartbeat_seconds = config.heartbeat_seconds;
        let disk = Disk::new(heartbeat_seconds);
        Self { config, disk, call: None, incoming: None }
    }

    /// Changes habits that nothing stored depends on, whatever the device was made with.
    pub fn adopt(&mut self, reuses_client_ids: bool, needs_parents: bool) {
        self.config.reuses_client_ids = reuses_client_ids;
        self.config.needs_parents = needs_parents;
    }

    /// How often the device was wiped because the server asked for it.
    pub fn wipes(&self) -> u32 {
        self.disk.wipes
    }

    /// Whether an empty Sync would ask for the changes of every collection, as far as the device knows.
    pub fn caches_all(&self) -> bool {
        self.disk.cached_sync
            && !self.disk.cache_refused
            && self.disk.collections.keys().all(|id| self.disk.cached.contains(id))
    }

    /// Everything stored goes, numbers that must not come again aside.
    pub(crate) fn wipe(&mut self) {
        let old = &self.disk;
        let (edits, drafts, locals, wipes) = (old.edits, old.drafts, old.locals, old.wipes + 1);
        let fresh = Disk::new(self.config.heartbeat_seconds);
        self.disk = Disk { edits, drafts, locals, wipes, wiping: true, ..fresh };
    }

    /// The device's fixed properties.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Starts a call: what to send, or `None` when there is nothing of the kind to say or a call is under way. The call
    /// ends with [`Client::receive`] or [`Client::fail`].
    pub fn begin(&mut self, want: &Want) -> Result<Option<HttpRequest>, ProtocolError> {
        if self.call.is_some() || self.incoming.is_some() {
            return Ok(None);
        }
        let Some(request) = self.build(want) else { return Ok(None) };
        let http = self.envelope(&request)?;
        self.call = Some(request);
        Ok(Some(http))
    }

    /// The request of the call under way.
    pub fn in_flight(&self) -> Option<&Request> {
        self.call.as_ref()
    }

    /// Whether a call is under way or an answer still has to be stored.
    pub fn is_busy(&self) -> bool {
        self.call.is_some() || self.incoming.is_some()
    }

    /// The call ended without an answer: lost, cut, timed out.
    pub fn fail(&mut self) {
        self.call = None;
    }

    /// The call's answer arrived whole. [`Client::advance`] takes it in. An answer that cannot be read is like none: the
    /// error is returned, and the device will ask again.
    pub fn receive(&mut self, response: &HttpResponse) -> Result<(), ProtocolError> {
        let Some(request) = self.call.take() else { return Ok(()) };
        self.incoming = Incoming::read(request, response, &self.config)?;
        if self.incoming.is_none() {
            self.refused(response.status);
        }
        Ok(())
    }

    /// What [`Client::advance`] would do.
    pub fn stage(&self) -> Option<Stage> {
        self.incoming.as_ref().map(|incoming| incoming.stage)
    }

    /// Does the next stage of taking an answer in; `true` when it is all stored.
    pub fn advance(&mut self) -> bool {
        let Some(mut incoming) = self.incoming.take() else { return true };
        match incoming.stage {
            Stage::PersistKey => {
                self.apply_keys_only(&incoming);
                incoming.stage = Stage::PersistItems;
                self.incoming = Some(incoming);
                false
            }
            Stage::Persist | Stage::PersistItems => {
                self.apply(&incoming);
                true
            }
        }
    }

    /// The device dies and comes back: what was not stored is gone.
    pub fn crash(&mut self) {
        self.call = None;
        self.incoming = None;
    }

    /// What the device holds as confirmed under its key of a collection, in order of ids.
    pub fn held(&self, id: &CollectionId) -> Vec<HeldItem> {
        let Some(collection) = self.disk.collections.get(id) else { return Vec::new() };
        let here = collection.items.values().filter(|item| !item.arrived);
        let mut held: Vec<HeldItem> = here
            .chain(collection.departed.values())
            .filter_map(|item| {
                let server_id = item.server_id.clone()?;
                let read = item.base.read.unwrap_or(false);
                Some(HeldItem { server_id, read, flag: item.base.flag.clone().unwrap_or_default() })
            })
            .collect();
        held.sort();
        held
    }

    /// The folders it knows.
    pub fn folders(&self) -> impl Iterator<Item = &Folder> {
        self.disk.folders.values()
    }

    /// The collections it synchronises.
    pub fn collections(&self) -> impl Iterator<Item = (&CollectionId, &CollectionState)> {
        self.disk.collections.iter()
    }

    /// The mails as its user sees them.
    pub fn mails(&self) -> impl Iterator<Item = MailView<'_>> {
        self.disk.collections.iter().flat_map(|(collection, state)| {
            state
                .items
                .iter()
                .filter(|(_, item)| item.visible())
                .map(move |(local, item)| MailView { collection, local: *local, item })
        })
    }

    /// Answers in a row that asked for something to be done again; a sign that the device does not come to rest.
    pub fn troubles(&self) -> u32 {
        self.disk.troubles
    }

    /// The policy key, once provisioned.
    pub fn policy_key(&self) -> Option<PolicyKey> {
        self.disk.policy_key
    }

    pub(crate) fn has_defect(&self, defect: Defect) -> bool {
        self.config.defect == Some(defect)
    }

    pub(crate) fn next_local(&mut self) -> LocalId {
        self.disk.locals += 1;
        self.disk.locals
    }

    pub(crate) fn next_client_id(&mut self) -> ClientId {
        if self.config.reuses_client_ids {
            return self.lowest_client_id();
        }
        self.disk.drafts += 1;
        ClientId::new(format!("c{}", self.disk.drafts))
    }

    /// The lowest number that no draft under way has.
    fn lowest_client_id(&self) -> ClientId {
        let items = self.disk.collections.values().flat_map(|state| state.items.values());
        let taken: BTreeSet<_> = items.filter_map(|item| item.client_id.as_ref()).collect();
        let mut ids = (1_u64..).map(|number| ClientId::new(format!("c{number}")));
        ids.find(|id| !taken.contains(id)).unwrap_or_else(|| ClientId::new("c0".to_owned()))
    }

    /// Ids of collections with a property.
    pub(crate) fn collections_where(
        &self,
        test: impl Fn(&CollectionState) -> bool,
    ) -> BTreeSet<CollectionId> {
        let hits = self.disk.collections.iter().filter(|(_, state)| test(state));
        hits.map(|(id, _)| id.clone()).collect()
    }
}
