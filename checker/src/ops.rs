//! What the clients asked for, as operations: a command with all its repetitions is one operation, with the time in which
//! the server may have executed it and the wish of the user that stands behind it.

use std::collections::BTreeMap;

use activesync::history::{CallName, DeviceName, DeviceOp, Event, FolderName, MailName, MailboxOp};
use activesync::{CollectionId, Flag};

use crate::index::{Exchange, Index, Issued, Label, What};

/// The operations on each mail.
#[derive(Default)]
pub(crate) struct Ops<'h> {
    by_mail: BTreeMap<MailName, Vec<Op<'h>>>,
    /// Folders that devices deleted.
    pub(crate) folder_deletes: Vec<Op<'h>>,
    /// Devices that deleted or moved something whose id nobody knows, and when.
    strays: Vec<(DeviceName, usize)>,
}

/// A client command with its repetitions.
pub(crate) struct Op<'h> {
    pub(crate) device: DeviceName,
    pub(crate) kind: Kind<'h>,
    /// The folder of the item.
    pub(crate) folder: Option<Label>,
    pub(crate) collection: &'h CollectionId,
    /// The calls that carried it to the server, in order.
    pub(crate) attempts: Vec<CallName>,
    /// The event in which the user wished it; `None` when nobody did.
    pub(crate) intent: Option<usize>,
    /// From here on, a change of the other side may meet it.
    pub(crate) begin: usize,
    /// First request that carried it to the server.
    pub(crate) start: usize,
    /// First answer that reports success.
    pub(crate) done: Option<usize>,
    /// Last answer that reports success.
    pub(crate) last_done: Option<usize>,
    /// First answer that refuses it, with the status.
    pub(crate) refused: Option<(usize, u16)>,
    /// When the device took in an answer that settles it.
    pub(crate) told: Option<usize>,
    /// Sent under key 0 or after the state of the collection was lost: a repetition is no longer recognised.
    pub(crate) restarted: bool,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Kind<'h> {
    Read(bool),
    Flag(&'h Flag),
    Delete { moves: bool },
    Move { to: Option<Label> },
    Add,
    Send { new: bool },
    DeleteFolder,
}

impl Op<'_> {
    /// The last moment at which the server may have executed it: what was repeated after a loss of state may be executed
    /// again.
    pub(crate) fn end(&self) -> usize {
        let done = if self.restarted { self.last_done } else { self.done };
        done.unwrap_or(usize::MAX)
    }

    /// Whether it concerns where the mail is.
    pub(crate) fn relocates(&self) -> bool {
        !matches!(self.kind, Kind::Read(_) | Kind::Flag(_))
    }

    /// Whether the user wanted it.
    pub(crate) fn wanted(&self) -> bool {
        self.intent.is_some() || self.kind == Kind::DeleteFolder
    }

    /// Whether it was refused and nothing else.
    pub(crate) fn only_refused(&self) -> bool {
        self.refused.is_some() && self.done.is_none()
    }

    /// The last call that carried it.
    pub(crate) fn last_call(&self) -> Option<CallName> {
        self.attempts.last().copied()
    }
}

impl<'h> Ops<'h> {
    /// Groups the commands of a history.
    pub(crate) fn new(index: &Index<'h>) -> Self {
        let mut ops = Self::default();
        // Commands that never reached the server.
        let mut lost = Vec::new();
        for issued in &index.issued {
            let Some(call) = index.calls.get(&issued.call) else { continue };
            if call.lost && call.answers.is_empty() {
                lost.push(issued);
                continue;
            }
            ops.take(index, issued, &lost, call.received);
        }
        ops
    }

    /// The operations on a mail, in the order in which they were first sent.
    pub(crate) fn of(&self, mail: MailName) -> &[Op<'h>] {
        self.by_mail.get(&mail).map_or(&[], Vec::as_slice)
    }

    /// All operations on mails.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (MailName, &Op<'h>)> {
        self.by_mail.iter().flat_map(|(mail, ops)| ops.iter().map(|op| (*mail, op)))
    }

    /// Whether a device deleted or moved something unknown at or after an event.
    pub(crate) fn stray_since(&self, device: DeviceName, at: usize) -> bool {
        self.strays.iter().any(|(owner, when)| *owner == device && *when >= at)
    }

    fn take(
        &mut self,
        index: &Index<'h>,
        issued: &Issued<'h>,
        lost: &[&Issued<'h>],
        received: Option<usize>,
    ) {
        for kind in kinds(issued.what).into_iter().flatten() {
            match issued.mail {
                Some(mail) => {
                    let ops = self.by_mail.entry(mail).or_default();
                    let sent = first_sent(index, issued, lost, kind);
                    let intent = intent(ops, index, issued, sent, kind, mail);
                    attach(ops, index, issued, received, kind, intent);
                }
                None if kind == Kind::DeleteFolder => {
                    attach(&mut self.folder_deletes, index, issued, received, kind, None);
                }
                None => self.strays.push((issued.device, issued.sent)),
            }
        }
    }
}

/// What a command asks for; a Change may ask for several things at once.
pub(crate) fn kinds(what: What<'_>) -> [Option<Kind<'_>>; 3] {
    match what {
        What::Add { send: true } => [Some(Kind::Send { new: true }), None, None],
        What::Add { send: false } => [Some(Kind::Add), None, None],
        What::Change { data, send } => [
            data.read.map(Kind::Read),
            data.flag.as_ref().map(Kind::Flag),
            send.then_some(Kind::Send { new: false }),
        ],
        What::Delete { moves } => [Some(Kind::Delete { moves }), None, None],
        What::Move { to } => [Some(Kind::Move { to }), None, None],
        What::DeleteFolder => [Some(Kind::DeleteFolder), None, None],
        What::Fetch => [None; 3],
    }
}

/// Adds a command to the operation that it repeats, or begins a new one.
fn attach<'h>(
    ops: &mut Vec<Op<'h>>,
    index: &Index<'h>,
    issued: &Issued<'h>,
    received: Option<usize>,
    kind: Kind<'h>,
    intent: Option<usize>,
) {
    let told = received.filter(|_| issued.done.is_some() || issued.refused.is_some());
    let key = |call: CallName| key(index, issued, call);
    // Sent again under the same key it is the same request: it carries what was wished then, and nothing newer.
    let verbatim = |op: &Op<'h>| {
        let last = op.attempts.last().and_then(|last| key(*last));
        last.is_some() && last == key(issued.call)
    };
    // What nobody wished, such as a late copy of what is long done, is not taken up by a wish.
    let repeats = |op: &&mut Op<'h>| {
        op.device == issued.device
            && op.kind == kind
            && op.folder == issued.folder
            && op.told.is_none_or(|told| told > issued.sent)
            && (op.intent.is_some() || intent.is_none() || verbatim(op))
    };
    if let Some(op) = ops.iter_mut().rev().find(repeats) {
        let verbatim = verbatim(op);
        op.attempts.push(issued.call);
        if !verbatim || op.intent.is_none() {
            op.intent = op.intent.max(intent);
        }
        op.done = op.done.or(issued.done);
        op.last_done = issued.done.or(op.last_done);
        op.refused = op.refused.or(issued.refused);
        op.told = op.told.or(told);
        op.restarted |= restarted(index, issued, op.start);
        return;
    }
    // The device spoke of the item as it knew it when the user wished, or at the latest when it sent.
    let known = intent.map_or(issued.sent, |at| at.min(issued.sent));
    ops.push(Op {
        device: issued.device,
        kind,
        folder: issued.folder,
        collection: issued.collection,
        attempts: vec![issued.call],
        intent,
        begin: index.clean_before(issued.device, issued.collection, known).min(issued.sent),
        start: issued.sent,
        done: issued.done,
        last_done: issued.done,
        refused: issued.refused,
        told,
        restarted: false,
    });
}

/// The key that a call gave for the collection of a command.
fn key<'h>(
    index: &Index<'h>,
    issued: &Issued<'h>,
    call: CallName,
) -> Option<&'h activesync::SyncKey> {
    let mut exchanges = index.exchanges_on(issued.device, issued.collection);
    exchanges.find(|exchange| exchange.call == call).and_then(Exchange::key)
}

/// When a command was sent for the first time under its key: what goes again as it was carries no newer wish.
fn first_sent<'h>(
    index: &Index<'h>,
    issued: &Issued<'h>,
    lost: &[&Issued<'h>],
    kind: Kind<'h>,
) -> usize {
    let own = key(index, issued, issued.call);
    // Servers may leave a key as it is: an answer in between makes it another request.
    let answered = |since: usize| {
        let mut exchanges = index.exchanges_on(issued.device, issued.collection);
        exchanges.any(|exchange| {
            since < exchange.sent && exchange.sent < issued.sent && exchange.received.is_some()
        })
    };
    let same = |other: &&&Issued<'h>| {
        other.device == issued.device
            && other.mail == issued.mail
            && other.folder == issued.folder
            && kinds(other.what).contains(&Some(kind))
            && own.is_some()
            && key(index, issued, other.call) == own
            && !answered(other.sent)
    };
    lost.iter().filter(same).map(|other| other.sent).min().unwrap_or(issued.sent)
}

/// The newest wish of the user that a command, sent first at `sent`, can be meant to bring through and that no settled
/// operation has used up.
fn intent<'h>(
    ops: &[Op<'h>],
    index: &Index<'h>,
    issued: &Issued<'h>,
    sent: usize,
    kind: Kind<'h>,
    mail: MailName,
) -> Option<usize> {
    let wishes = index.intents.get(&(issued.device, mail))?;
    let meant = |at: &usize| match &index.events[*at] {
        Event::Device(_, op) => means(index, op, kind).then_some((*at, op)),
        _ => None,
    };
    let before = || wishes.iter().rev().filter(|at| **at < sent).filter_map(meant);
    // A device may show two copies while a move is on its way: the wish about this one, if there is one.
    let about = |op: &DeviceOp| source(op).and_then(|folder| index.label(folder));
    let here = before().find(|(_, op)| issued.folder.is_some() && about(op) == issued.folder);
    let (at, _) = here.or_else(|| before().next())?;
    let used = |op: &Op<'h>| {
        op.device == issued.device
            && op.intent == Some(at)
            && op.kind == kind
            && op.told.is_some_and(|told| told < issued.sent)
    };
    (!ops.iter().any(used)).then_some(at)
}

/// The folder of the copy that a wish is about.
pub(crate) fn source(wish: &DeviceOp) -> Option<&FolderName> {
    match wish {
        DeviceOp::Read { folder, .. }
        | DeviceOp::Flag { folder, .. }
        | DeviceOp::Delete { from: folder, .. }
        | DeviceOp::Move { from: folder, .. }
        | DeviceOp::Draft { folder, .. }
        | DeviceOp::SendDraft { folder, .. } => Some(folder),
        _ => None,
    }
}

/// Whether a command of this kind brings a wish through.
pub(crate) fn means(index: &Index<'_>, wish: &DeviceOp, kind: Kind<'_>) -> bool {
    let trash = |label: Option<Label>| label.is_some_and(|label| index.trash.contains(&label));
    let is =
        |folder: &FolderName, label: Option<Label>| label.is_none() || index.label(folder) == label;
    match (wish, kind) {
        (DeviceOp::Read { read, .. }, Kind::Read(value)) => *read == value,
        (DeviceOp::Flag { flag, .. }, Kind::Flag(value)) => same_flag(flag, value, false),
        (DeviceOp::Delete { .. }, Kind::Delete { .. })
        | (DeviceOp::Draft { .. }, Kind::Add)
        | (DeviceOp::SendDraft { .. }, Kind::Send { .. }) => true,
        // A client may bring a deletion through as a move to Deleted Items, and the reverse.
        (DeviceOp::Delete { permanent, .. }, Kind::Move { to }) => !permanent && trash(to),
        (DeviceOp::Move { to, .. }, Kind::Delete { moves }) => moves && trash(index.label(to)),
        (DeviceOp::Move { to, .. }, Kind::Move { to: label }) => is(to, label),
        _ => false,
    }
}

/// Whether two flags are the same to a user; `exact` counts the text beside the flag.
pub(crate) fn same_flag(left: &Flag, right: &Flag, exact: bool) -> bool {
    if exact {
        return left == right;
    }
    // Where only "flagged" is known (IMAP), there is no text and no "complete" to compare.
    left.is_set() == right.is_set()
}

/// Whether between its first sending and this one the server lost or dropped what it knew of the collection.
fn restarted(index: &Index<'_>, issued: &Issued<'_>, first: usize) -> bool {
    index.reset_since(issued.device, issued.folder, first)
        || index.exchanges_on(issued.device, issued.collection).any(|exchange| {
            let between = first <= exchange.sent && exchange.sent <= issued.sent;
            between && exchange.key().is_some_and(activesync::SyncKey::is_zero)
        })
}

/// What the other hand did to a mail, with the positions.
pub(crate) fn hand<'h>(
    index: &Index<'h>,
    mail: MailName,
) -> impl Iterator<Item = (usize, &'h MailboxOp)> {
    let own = index.hand.get(&mail).into_iter().flatten();
    own.filter_map(|at| match &index.events[*at] {
        Event::Mailbox(op) => Some((*at, op)),
        _ => None,
    })
}

/// When the other hand moved or deleted a mail, by itself or with its folder.
pub(crate) fn hand_relocates(index: &Index<'_>, mail: MailName, from: usize, until: usize) -> bool {
    let moved = hand(index, mail).any(|(at, op)| {
        (from..=until).contains(&at)
            && matches!(op, MailboxOp::Move { .. } | MailboxOp::Delete { .. })
    });
    moved || index.folders_deleted.iter().any(|at| (from..=until).contains(at))
}
