//! The seam: every judgement of the server that can be wrong, one named function each.
//!
//! The defaults are right; where a rule comes from stands beside them. A planted defect (see `defects/`) replaces one or two.

use std::sync::Arc;

use activesync::sync::{ClientCommand, ItemResponse, Options};
use activesync::{DeviceId, Mail, MoveStatus, ServerId, SyncKey, SyncStatus, Timestamp};

use crate::changes::{Change, Kind, difference};
use crate::mailbox::{FolderBox, Item};
use crate::state::{Doubt, Generation, Known, MoveRecord, Snapshot};

/// The correct server.
#[derive(Debug)]
pub(crate) struct Correct;

impl Judgement for Correct {}

/// What answers a key that was presented before and that has been answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RetryAnswer {
    /// The stored answer.
    Replay,
    /// A new answer from the state under that key.
    Redo,
    /// A new answer from the newest state, which nobody has confirmed.
    RedoFromNewest,
    /// The stored answer, with a state made anew.
    ReplayWithNewState,
    /// Status 3.
    Refuse,
}

/// What a key that is neither acknowledged nor sent leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UnknownKey {
    /// A status of the collection.
    Refuse(SyncStatus),
    /// An empty state is taken for it.
    TakeAsEmpty,
}

/// What becomes of a Change that may conflict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It is done.
    Apply,
    /// Status 7, and the server's values are sent.
    Refuse,
    /// It is not done, and nobody is told.
    RefuseSilently,
}

/// The window of a collection and what it met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowCase {
    /// Changes that are pending before this answer.
    pub pending: usize,
    /// Changes in this answer.
    pub emitted: usize,
    /// The window.
    pub window: usize,
    /// Items outside the filter.
    pub outside: usize,
}

/// A folder beside the state that a device has of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FolderCase<'a> {
    pub since: &'a Generation,
    pub folder: &'a FolderBox,
}

/// A new item beside the state that a device has of its folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCase<'a> {
    pub number: u32,
    pub item: &'a Item,
    pub since: &'a Generation,
}

impl NewCase<'_> {
    /// Still owed from the answers before: the full content, or what the window cut off.
    pub(crate) fn is_owed(&self) -> bool {
        self.since.folder_version == 0 || self.since.left.contains(&self.number)
    }
}

/// An item that is gone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GoneCase<'a> {
    pub number: u32,
    pub known: &'a Known,
    pub since: &'a Generation,
    pub folder: &'a FolderBox,
    /// The highest number that is still there.
    pub highest: u32,
    /// The edge of the filter.
    pub edge: Option<Timestamp>,
}

impl GoneCase<'_> {
    /// When it went; 0 if that is not known any more.
    pub(crate) fn at(&self) -> u64 {
        self.folder.gone.get(&self.number).copied().unwrap_or(0)
    }
}

/// An item that may end a Ping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WakeCase<'a> {
    pub item: &'a Item,
    /// Version of the mailbox when the Ping came.
    pub started: u64,
    /// Version of the mailbox when the last answer was made.
    pub tip: u64,
}

/// The judgements.
pub(crate) trait Judgement: Sync {
    // ---- Which state answers.

    /// Keys are never used twice and never shared.
    fn key(&self, fresh: SyncKey, _serial: u64) -> SyncKey {
        fresh
    }

    /// A key belongs to its collection.
    fn state_by_key_alone(&self) -> bool {
        false
    }

    /// One request of a device at a time changes its state, and one that waits gives way to a newer one.
    fn one_request_at_a_time(&self) -> bool {
        true
    }

    /// Whose state is used.
    fn state_owner(&self, device: &DeviceId) -> DeviceId {
        device.clone()
    }

    /// A key presented again (MS-ASCMD R5115 to R5122): replay needs the same body, anything else is answered from the
    /// acknowledged state.
    fn answer_retry(&self, same_body: bool, replay: bool) -> RetryAnswer {
        if same_body && replay { RetryAnswer::Replay } else { RetryAnswer::Redo }
    }

    /// A key that is not known (MS-ASCMD R4425).
    fn unknown_key(&self) -> UnknownKey {
        UnknownKey::Refuse(SyncStatus::InvalidSyncKey)
    }

    /// A request that does not present a key (empty, or Partial for collections not listed) confirms none.
    fn unlisted_confirms_newest(&self) -> bool {
        false
    }

    /// A Partial request completes the cached one (MS-ASCMD R3644 to R3646).
    fn partial_keeps_unlisted(&self) -> bool {
        true
    }

    /// Each collection of the cache is answered from its own state.
    fn unlisted_uses_own_state(&self) -> bool {
        true
    }

    /// What the device holds after key 0: nothing (MS-ASCMD R648).
    fn first_snapshot(&self, _old: Option<&Snapshot>) -> Snapshot {
        Snapshot::default()
    }

    /// Options stay until a new block replaces them as a whole (MS-ASCMD R3597 to R3599).
    fn options_in_force(&self, before: &Options, given: Option<&Options>) -> Options {
        given.unwrap_or(before).clone()
    }

    /// The state of a collection goes by its id, so a new name changes nothing.
    fn state_goes_by_name(&self) -> bool {
        false
    }

    // ---- The device's commands.

    /// A command of the outstanding key is executed once (MS-ASCMD R5121, R5122).
    fn remembers(&self, _command: &ClientCommand) -> bool {
        true
    }

    /// ClientIds serve the outstanding key only (MS-ASCMD R961).
    fn forgets_adds_when_confirmed(&self) -> bool {
        true
    }

    /// What was executed stays executed when the answer is an error.
    fn keeps_record_after_error(&self) -> bool {
        true
    }

    /// Which command of a batch is executed at a place.
    fn element(&self, at: usize, _count: usize) -> usize {
        at
    }

    /// Each command of a batch succeeds or fails by itself.
    fn goes_on_after_failure(&self) -> bool {
        true
    }

    /// Conflict, per property: the server wins unless the request says otherwise (MS-ASCMD R2064 to R2068).
    fn conflict(&self, server_wins: bool, collides: bool) -> Verdict {
        if collides && server_wins { Verdict::Refuse } else { Verdict::Apply }
    }

    /// A Change leaves alone what it does not name (MS-ASCMD R873).
    fn merged(&self, current: &Mail, _held: Option<&Mail>, change: &Mail) -> Mail {
        let mut data = current.clone();
        data.merge(change);
        data
    }

    /// A change is a change for everybody.
    fn counts_change(&self) -> bool {
        true
    }

    /// Delete beats Change (MS-ASCMD R2076): an item that is gone stays gone.
    fn change_recreates(&self) -> bool {
        false
    }

    /// To delete what is gone is done already.
    fn delete_of_missing_fails(&self) -> bool {
        false
    }

    /// DeletesAsMoves is the default (MS-ASCMD R2158).
    fn delete_moves(&self, asked: bool) -> bool {
        asked
    }

    /// What a device wrote, that device knows, and nobody else.
    fn echo_is_per_device(&self) -> bool {
        true
    }

    /// The answers to Adds, on their way out.
    fn pair_adds(&self, _responses: &mut [ItemResponse]) {}

    // ---- The list of changes.

    /// A listing that failed is no listing.
    fn failed_listing_is_empty(&self) -> bool {
        false
    }

    /// Whether the folder need not be looked at. Only looking tells.
    fn skips_folder(&self, _case: FolderCase<'_>) -> bool {
        false
    }

    /// What the device does not have and the filter lets through is new for it.
    fn notices_new(&self, _case: NewCase<'_>) -> bool {
        true
    }

    /// What the device has and the folder has not is gone.
    fn notices_gone(&self, _case: GoneCase<'_>) -> bool {
        true
    }

    /// The device has seen an item when it has seen this version of it.
    fn up_to_date(&self, known: &Known, item: &Item, _since: &Generation) -> bool {
        known.version == item.version
    }

    /// What a Change has to carry (MS-ASEMAIL R75 to R78); `None` when the device would see no difference.
    fn difference(&self, held: &Mail, now: &Mail) -> Option<Mail> {
        difference(held, now)
    }

    /// A retry repeats everything.
    fn repeats(&self, _kind: Kind) -> bool {
        true
    }

    /// The list is made anew for each answer.
    fn drains_old_list(&self) -> bool {
        false
    }

    /// Reading changes nothing.
    fn reading_marks_read(&self) -> bool {
        false
    }

    // ---- What a new key covers: what was sent and what the device did, and nothing else.

    /// What the window cut off (MS-ASCMD R4783), behind the last change that was sent.
    fn covers_cut(&self, _change: &Change, _last: Option<&Change>) -> bool {
        false
    }

    /// What could not be read.
    fn covers_unreadable(&self) -> bool {
        false
    }

    /// What found no room because other collections took it (MS-ASCMD R4782).
    fn covers_starved(&self) -> bool {
        false
    }

    /// What was not asked for (GetChanges 0).
    fn covers_unasked(&self) -> bool {
        false
    }

    /// What came after the changes were read.
    fn covers_late(&self) -> bool {
        false
    }

    /// What could not be read at all: an error has no key.
    fn error_advances(&self) -> bool {
        false
    }

    /// The state is stored with its key and not before.
    fn stores_while_reading(&self) -> bool {
        false
    }

    /// A wait that ends with nothing leaves the state alone.
    fn wait_moves_state(&self) -> bool {
        false
    }

    /// MoreAvailable stands where changes remain (MS-ASCMD R3446 to R3460).
    fn more_available(&self, case: WindowCase) -> bool {
        case.pending > case.emitted
    }

    /// The filter goes by the time of receipt.
    fn filter_time(&self, item: &Item) -> Timestamp {
        item.received
    }

    /// What cannot be rendered is in nobody's way.
    fn unsendable_blocks(&self) -> bool {
        false
    }

    /// The id of an item that is gone is never given again.
    fn recycles_ids(&self) -> bool {
        false
    }

    /// Items that cannot be read take no room.
    fn unreadable_fills_window(&self) -> bool {
        false
    }

    // ---- Moves (MS-ASCMD R289, R290).

    /// A move is one commit.
    fn move_copies_first(&self) -> bool {
        false
    }

    /// The device is told of the Delete in the source.
    fn move_mutes_source(&self) -> bool {
        false
    }

    /// What the server takes the device to hold in the destination; `None` leaves its state alone.
    fn destination_after_move(&self) -> Option<Doubt> {
        Some(Doubt::Presence)
    }

    /// A completed move asked for again: success with the true id, as long as the item is there.
    fn repeated_move(&self, _source: &ServerId, record: &MoveRecord) -> (MoveStatus, ServerId) {
        (MoveStatus::Success, record.id.clone())
    }

    // ---- The hierarchy.

    /// A hierarchy key presented again; two generations here as well.
    fn answer_hierarchy_retry(&self, replay: bool) -> RetryAnswer {
        if replay { RetryAnswer::Replay } else { RetryAnswer::Redo }
    }

    /// A folder that is gone is reported.
    fn reports_folder_delete(&self) -> bool {
        true
    }

    /// A parent is reported before its children.
    fn parents_first(&self) -> bool {
        true
    }

    /// Ping writes nothing but its cache.
    fn ping_restores_hierarchy(&self) -> bool {
        false
    }

    // ---- Ping and the waiting Sync (MS-ASCMD R5636 to R5641).

    /// An item ends the wait when the device does not have it, however it came.
    fn wakes(&self, _case: WakeCase<'_>) -> bool {
        true
    }

    /// A folder ends the wait without a look at its items.
    fn folder_wakes(&self, _case: FolderCase<'_>) -> bool {
        false
    }

    // ---- Provision.

    /// A wipe is done when the device says so.
    fn wipe_ends_when_sent(&self) -> bool {
        false
    }
}

/// Snapshots are shared; this is the one place that unshares them.
pub(crate) fn edit(snapshot: &mut Snapshot) -> &mut std::collections::BTreeMap<u32, Known> {
    Arc::make_mut(snapshot)
}
