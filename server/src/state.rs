//! What the server remembers of a device.
//!
//! Two generations for each collection: `acked` is what the device holds under the key it presented last; each entry of
//! `sent` is what it will hold if the answer that carried that key arrived. Presenting a key of `sent` confirms it. Several
//! answers to the same key may be under way (the device sent another body, a request arrived twice), so there may be several
//! entries; nobody knows which of them the device has until it says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use activesync::folders::Folder;
use activesync::sync::{self, ClientCommand, CollectionResponse, ItemResponse, Options};
use activesync::{
    ClientId, CollectionId, Mail, PolicyKey, Request, Response, ServerId, SyncKey, Timestamp, ping,
};

/// How many answers to one key are kept; a device that lost more than these starts again.
const BRANCHES_MAX: usize = 16;
/// How many completed moves are remembered.
pub(crate) const MOVES_MAX: usize = 1000;

/// What a device holds, by number of the item.
pub(crate) type Snapshot = Arc<BTreeMap<u32, Known>>;

/// An item as the device holds it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub server_id: ServerId,
    /// The version that the device has seen, all of it.
    pub version: u64,
    pub data: Arc<Mail>,
    pub doubt: Doubt,
    /// Serial of the state that followed the device's own last write of it; 0 for none.
    pub own: u64,
}

/// What the server does not know of an item on the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Doubt {
    /// Nothing.
    None,
    /// Which values it has: one of its changes was refused, or it fetched the item. All are sent.
    Values,
    /// Whether it has the item: it was moved there (MS-ASCMD R289), or sent. Present: Add; gone: Delete.
    Presence,
}

/// A state that has a key.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub key: SyncKey,
    /// Counts the states of the collection.
    pub serial: u64,
    pub known: Snapshot,
    /// Options in force (MS-ASCMD R3597 to R3599).
    pub options: Options,
    /// Version of the mailbox when the changes were read.
    pub version: u64,
    /// Version of the folder when the changes were read.
    pub folder_version: u64,
    /// The clock then.
    pub at: Timestamp,
    /// Name of the folder then.
    pub folder_name: Arc<str>,
    /// What the window cut off, for a server that drains a list.
    pub left: Arc<[u32]>,
}

/// An answer that nobody has confirmed.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub generation: Generation,
    /// It answers key 0: the device starts again.
    pub from_zero: bool,
    /// The request of the collection and the window of the whole request: the fingerprint.
    pub body: Arc<(sync::Collection, Option<u32>)>,
    pub answer: Arc<CollectionResponse>,
}

/// A collection of a device.
#[derive(Clone, Debug, Default)]
pub(crate) struct CollectionState {
    pub acked: Option<Generation>,
    pub sent: Vec<Branch>,
    pub outstanding: Outstanding,
    /// Since the newest of `sent`, a request with the same key was answered by silence: that was the last answer, and the
    /// stored one is not to be given again.
    pub silent: bool,
    /// How often the key presented last was presented. More than once means that requests overtook one another, and the
    /// device may be in any of the states.
    pub presented: u32,
}

/// What was done under the key presented last, so that a retry does nothing twice. It dies when the next key is presented.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outstanding {
    /// Adds by ClientId (MS-ASCMD R961).
    pub adds: BTreeMap<ClientId, Applied>,
    /// Commands on one item, in the order in which they were executed.
    pub items: BTreeMap<ServerId, Vec<Applied>>,
    /// What the device wrote: against this, not against what it holds, a later command conflicts.
    pub written: BTreeMap<u32, Known>,
}

/// A command executed.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    /// The command, and whether the server was to win a conflict, and whether Delete was a move.
    pub command: ClientCommand,
    pub server_wins: bool,
    pub deletes_as_moves: bool,
    pub outcome: Outcome,
}

/// What came of a command.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub response: Option<ItemResponse>,
    pub fold: Fold,
}

/// What a command of the device changes in what the device holds.
#[derive(Clone, Debug)]
pub(crate) enum Fold {
    Nothing,
    /// The device has this item now.
    Insert(u32, Known),
    /// The device has these values; if it had seen version `before`, it has seen `after`.
    Merge {
        number: u32,
        before: u64,
        after: u64,
        change: Arc<Mail>,
    },
    /// The device has it no longer.
    Remove(u32),
    /// Doubt about an item.
    Doubt(u32, Doubt),
}

impl Fold {
    /// Applies it to what the device held, on the way to the state with this serial.
    pub(crate) fn apply(&self, known: &mut BTreeMap<u32, Known>, serial: u64) {
        match self {
            Self::Nothing => {}
            Self::Insert(number, item) => {
                known.insert(*number, item.clone());
            }
            Self::Merge { number, before, after, change } => {
                let Some(item) = known.get_mut(number) else { return };
                let mut data = (*item.data).clone();
                data.merge(change);
                item.data = Arc::new(data);
                item.own = serial;
                if item.version == *before {
                    item.version = *after;
                }
            }
            Self::Remove(number) => {
                known.remove(number);
            }
            Self::Doubt(number, doubt) => {
                // Not to know whether the device has an item is the greater doubt.
                if let Some(item) = known.get_mut(number).filter(|k| k.doubt != Doubt::Presence) {
                    item.doubt = *doubt;
                }
            }
        }
    }
}

impl CollectionState {
    /// Makes an answer of `sent` what the device is known to hold.
    pub(crate) fn confirm(&mut self, at: usize, forget: bool) {
        if at >= self.sent.len() {
            return;
        }
        let branch = self.sent.remove(at);
        self.acked = Some(branch.generation);
        // A request that arrives late must not undo a newer start with key 0.
        let mut place = 0;
        self.sent.retain(|other| {
            let newer = place >= at;
            place += 1;
            other.from_zero && (newer || !branch.from_zero)
        });
        self.silent = false;
        self.presented = 0;
        if forget {
            self.outstanding = Outstanding::default();
        } else {
            self.outstanding.items.clear();
            self.outstanding.written.clear();
        }
    }

    pub(crate) fn push(&mut self, branch: Branch) {
        self.silent = false;
        // Keys are unique, unless a planted defect gives them twice; then the last writer wins.
        self.sent.retain(|other| other.generation.key != branch.generation.key);
        if self.sent.len() >= BRANCHES_MAX {
            self.sent.remove(0);
        }
        self.sent.push(branch);
    }

    /// The newest answer to the key presented last.
    pub(crate) fn newest(&self) -> Option<&Branch> {
        self.sent.iter().rev().find(|branch| !branch.from_zero)
    }

    /// The states that the device may be in when it has taken in the last answer it got.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &Generation> {
        let confirmed_only = self.newest().is_none() || self.silent || self.presented > 1;
        let acked = self.acked.iter().filter(move |_| confirmed_only);
        let sent = self.sent.iter().filter(|branch| !branch.from_zero);
        sent.map(|branch| &branch.generation).chain(acked)
    }

    /// Every snapshot kept.
    pub(crate) fn snapshots(&mut self) -> impl Iterator<Item = &mut Snapshot> {
        let acked = self.acked.iter_mut().map(|generation| &mut generation.known);
        acked.chain(self.sent.iter_mut().map(|branch| &mut branch.generation.known))
    }
}

/// The hierarchy as a device knows it; two generations as well.
#[derive(Clone, Debug, Default)]
pub(crate) struct HierarchyState {
    pub acked: Option<HierarchyGeneration>,
    pub sent: Vec<HierarchyBranch>,
}

/// A hierarchy that has a key.
#[derive(Clone, Debug)]
pub(crate) struct HierarchyGeneration {
    pub key: SyncKey,
    pub folders: Arc<BTreeMap<CollectionId, Folder>>,
}

/// An answer about the hierarchy that nobody has confirmed.
#[derive(Clone, Debug)]
pub(crate) struct HierarchyBranch {
    pub generation: HierarchyGeneration,
    pub from_zero: bool,
    pub request: Arc<Request>,
    pub response: Arc<Response>,
}

impl HierarchyState {
    pub(crate) fn push(&mut self, branch: HierarchyBranch) {
        if self.sent.len() >= BRANCHES_MAX {
            self.sent.remove(0);
        }
        self.sent.push(branch);
    }

    /// The states that the device may be in; as for collections.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &HierarchyGeneration> {
        let inner = self.sent.iter().any(|branch| !branch.from_zero);
        let nothing_acked = self.acked.is_none();
        let acked = self.acked.iter().filter(move |_| !inner);
        let sent = self.sent.iter().filter(move |branch| nothing_acked || !branch.from_zero);
        sent.map(|branch| &branch.generation).chain(acked)
    }
}

/// Policy of a device (MS-ASPROV).
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyState {
    /// The key of the first phase.
    pub temporary: Option<PolicyKey>,
    /// The key in force.
    pub key: Option<PolicyKey>,
    /// The temporary key acknowledged last, and what it was exchanged for.
    pub acknowledged: Option<(PolicyKey, PolicyKey)>,
    /// A remote wipe was asked for and not yet acknowledged.
    pub wipe: bool,
}

/// A move done: where to, and under which id.
#[derive(Clone, Debug)]
pub(crate) struct MoveRecord {
    pub destination: CollectionId,
    pub id: ServerId,
}

/// Everything about a device.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeviceState {
    pub collections: BTreeMap<CollectionId, CollectionState>,
    pub hierarchy: HierarchyState,
    /// The last Sync request without commands (MS-ASCMD R666, R674).
    pub cached_sync: Option<Arc<sync::Request>>,
    /// Interval and folders of the last Ping (MS-ASCMD R5632 to R5635).
    pub cached_ping: Option<Arc<ping::Request>>,
    pub policy: PolicyState,
    pub moves: BTreeMap<ServerId, MoveRecord>,
}
