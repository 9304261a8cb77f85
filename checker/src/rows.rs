//! Which rows of the legality table a history has reached: a client command, and what the other side did to the same item
//! between the snapshot of the key and the execution of the command.

use std::collections::BTreeMap;

use activesync::Request;
use activesync::history::{CallName, DeviceName, Event, MailName, MailboxOp};
use activesync::sync::{COMMANDS_MAX, ClientCommand};

use crate::conflicts::server_wins;
use crate::coverage::Coverage;
use crate::index::{Index, Label, What};
use crate::ops::{Kind, Op, Ops, hand, same_flag};
use crate::registers::{Property, Value};

/// Counts the rows.
pub(crate) fn count(index: &Index<'_>, ops: &Ops<'_>, coverage: &mut Coverage) {
    for (mail, op) in ops.iter().filter(|(_, op)| op.wanted()) {
        let met = Met::new(index, ops, mail, op);
        for row in rows(index, op, &met) {
            coverage.row(row);
        }
    }
    fetches(index, coverage);
    requests(index, coverage);
}

/// What the other side did meanwhile.
#[derive(Default)]
struct Met<'h> {
    same: Vec<Value<'h>>,
    changed: bool,
    other_property: bool,
    deleted: bool,
    moved: bool,
    /// A retry with the change in between.
    between: bool,
    folder_renamed: bool,
    folder_deleted: bool,
    target_deleted: bool,
    aged: bool,
    added: bool,
}

impl<'h> Met<'h> {
    fn new(index: &Index<'h>, ops: &Ops<'h>, mail: MailName, op: &Op<'h>) -> Self {
        let mut met = Self::default();
        let until = op.end().min(op.refused.map_or(usize::MAX, |refused| refused.0));
        let until = until.min(index.events.len());
        let property = Property::ALL.into_iter().find(|property| property.of_op(op.kind).is_some());
        let last = op.attempts.last().and_then(|call| index.calls.get(call)).map(|call| call.sent);
        for (at, hand) in hand(index, mail).filter(|(at, _)| (op.begin..=until).contains(at)) {
            let written = property.and_then(|property| property.of_hand(hand));
            match hand {
                MailboxOp::Read { .. } | MailboxOp::Flag { .. } => {
                    met.changed = true;
                    met.other_property |= written.is_none();
                    met.between |= op.start < at && last.is_some_and(|last| at < last);
                    met.same.extend(written);
                }
                MailboxOp::Delete { .. } => met.deleted = true,
                MailboxOp::Move { .. } => met.moved = true,
                _ => {}
            }
        }
        for other in ops.of(mail).iter().filter(|other| other.device != op.device) {
            let overlaps = other.start <= until && other.end() >= op.begin && other.done.is_some();
            match other.kind {
                _ if !overlaps => {}
                Kind::Delete { moves: false } => met.deleted = true,
                Kind::Delete { .. } | Kind::Move { .. } => met.moved = true,
                Kind::Read(_) | Kind::Flag(_) => {
                    met.changed = true;
                    let written = property.and_then(|property| property.of_op(other.kind));
                    met.other_property |= written.is_none();
                    met.same.extend(written);
                }
                _ => {}
            }
        }
        met.folders(index, mail, op, until);
        met.aged = index.carried(op.device, mail).iter().any(|carried| {
            let exchange = &index.exchanges[carried.exchange];
            carried.at >= op.begin && soft_deletes(index, exchange, mail)
        });
        met
    }

    fn folders(&mut self, index: &Index<'h>, mail: MailName, op: &Op<'h>, until: usize) {
        let events = index.events.iter().enumerate().take(until).skip(op.begin);
        let label = |folder| index.label(folder);
        let target = match op.kind {
            Kind::Move { to } => to,
            _ => None,
        };
        for (_, event) in events {
            match event {
                Event::Mailbox(MailboxOp::RenameFolder(folder)) => {
                    self.folder_renamed |= label(folder).is_some() && label(folder) == op.folder;
                }
                Event::Mailbox(MailboxOp::DeleteFolder(folder, _)) => {
                    self.folder_deleted |= label(folder).is_some() && label(folder) == op.folder;
                    self.target_deleted |= label(folder).is_some() && label(folder) == target;
                }
                Event::Mailbox(MailboxOp::Deliver { folder, mail: other, .. }) => {
                    self.added |= label(folder) == op.folder && *other != mail;
                }
                _ => {}
            }
        }
    }
}

fn soft_deletes(index: &Index<'_>, exchange: &crate::index::Exchange<'_>, mail: MailName) -> bool {
    let bodies = exchange.replies.iter().flat_map(|reply| &reply.body.commands);
    let mut soft = bodies.filter_map(|command| match command {
        activesync::sync::ServerCommand::SoftDelete { server_id } => Some(server_id),
        _ => None,
    });
    soft.any(|id| index.mail(exchange.call.device, exchange.collection, id) == Some(mail))
}

/// The rows that an operation and what it met fall under.
fn rows(index: &Index<'_>, op: &Op<'_>, met: &Met<'_>) -> Vec<u8> {
    let mut rows = match op.kind {
        Kind::Read(_) | Kind::Flag(_) => change(index, op, met),
        Kind::Delete { moves } => delete(op, met, moves),
        Kind::Move { .. } => relocate(met),
        Kind::Add => add(op, met),
        Kind::Send { .. } if op.attempts.len() > 1 => vec![34],
        Kind::Send { .. } | Kind::DeleteFolder => Vec::new(),
    };
    if op.refused.is_some() && shares_request(index, op) {
        rows.push(31);
    }
    rows
}

fn change(index: &Index<'_>, op: &Op<'_>, met: &Met<'_>) -> Vec<u8> {
    let mut rows = Vec::new();
    let value = Property::ALL.into_iter().find_map(|property| property.of_op(op.kind));
    let equal = met.same.last().zip(value).is_some_and(|(left, right)| match (left, right) {
        (Value::Read(left), Value::Read(right)) => *left == right,
        (Value::Flag(left), Value::Flag(right)) => same_flag(left, right, true),
        _ => false,
    });
    match (met.same.is_empty(), equal) {
        (false, true) => rows.push(5),
        (false, false) if conflict_zero(index, op) => rows.push(3),
        (false, false) => rows.push(2),
        (true, _) => {}
    }
    let flags = [
        (4, met.other_property),
        (6, met.deleted),
        (7, met.moved),
        (8, met.aged),
        (9, met.folder_renamed),
        (10, met.folder_deleted),
        (29, met.between && op.attempts.len() > 1),
    ];
    rows.extend(flags.into_iter().filter(|flag| flag.1).map(|flag| flag.0));
    if rows.is_empty() { vec![1] } else { rows }
}

fn delete(op: &Op<'_>, met: &Met<'_>, moves: bool) -> Vec<u8> {
    let flags = [
        (12, met.changed),
        (13, met.deleted),
        (14, met.moved),
        (15, met.aged),
        (30, op.attempts.len() > 1 && met.added),
    ];
    let mut rows: Vec<_> = flags.into_iter().filter(|flag| flag.1).map(|flag| flag.0).collect();
    if rows.is_empty() && moves {
        rows.push(11);
    }
    rows
}

fn relocate(met: &Met<'_>) -> Vec<u8> {
    let flags = [
        (17, met.changed),
        (18, met.deleted),
        (19, met.moved),
        (20, met.target_deleted),
        (21, met.folder_deleted),
    ];
    let rows: Vec<_> = flags.into_iter().filter(|flag| flag.1).map(|flag| flag.0).collect();
    if rows.is_empty() { vec![16] } else { rows }
}

fn add(op: &Op<'_>, met: &Met<'_>) -> Vec<u8> {
    let flags =
        [(22, met.added), (23, met.folder_deleted), (24, op.attempts.len() > 1 && !op.restarted)];
    flags.into_iter().filter(|flag| flag.1).map(|flag| flag.0).collect()
}

fn conflict_zero(index: &Index<'_>, op: &Op<'_>) -> bool {
    let first = op.attempts.first();
    let mut exchanges = index.exchanges_on(op.device, op.collection);
    let exchange = exchanges.find(|exchange| Some(&exchange.call) == first);
    exchange.and_then(|exchange| server_wins(index, exchange)) == Some(false)
}

/// Whether one of its requests carried other commands as well.
fn shares_request(index: &Index<'_>, op: &Op<'_>) -> bool {
    op.attempts.iter().any(|call| index.calls.get(call).is_some_and(|call| call.issued.len() > 1))
}

/// Rows 25 and 26: Fetch against a change, a deletion or a move.
fn fetches(index: &Index<'_>, coverage: &mut Coverage) {
    for issued in index.issued.iter().filter(|issued| matches!(issued.what, What::Fetch)) {
        let Some(mail) = issued.mail else { continue };
        let begin = index.clean_before(issued.device, issued.collection, issued.sent);
        for (at, op) in hand(index, mail) {
            let until = issued.done.or(issued.refused.map(|refused| refused.0));
            if at < begin || until.is_some_and(|until| at > until) {
                continue;
            }
            match op {
                MailboxOp::Read { .. } | MailboxOp::Flag { .. } => coverage.row(25),
                MailboxOp::Delete { .. } | MailboxOp::Move { .. } => coverage.row(26),
                _ => {}
            }
        }
    }
}

/// Rows about requests as a whole: 32, 35, 36, 37, 38.
fn requests(index: &Index<'_>, coverage: &mut Coverage) {
    // The last Sync of each device whose answer did not arrive, and the collections begun anew without an answer.
    let mut unanswered: BTreeMap<DeviceName, (CallName, usize)> = BTreeMap::new();
    let mut begun: BTreeMap<(DeviceName, Option<Label>, &str), usize> = BTreeMap::new();
    let mut calls: Vec<_> = index.calls.iter().collect();
    calls.sort_by_key(|(_, call)| call.sent);
    for (name, call) in calls {
        match call.request {
            Request::Sync(None) if unanswered.contains_key(&name.device) => {
                coverage.row(32);
            }
            Request::Sync(Some(request)) => {
                for collection in &request.collections {
                    let id = &collection.collection_id;
                    if collection.sync_key.is_zero() {
                        let key = (name.device, index.folder(name.device, id), id.as_str());
                        if begun.insert(key, call.sent).is_some() && call.received.is_some() {
                            coverage.row(37);
                        }
                        if call.received.is_some() {
                            begun.remove(&key);
                        }
                    } else if invented(
                        index,
                        *name,
                        id.as_str(),
                        collection.sync_key.as_str(),
                        call.sent,
                    ) {
                        coverage.row(36);
                    }
                }
                let mut changes = request.collections.iter().flat_map(|one| &one.commands);
                let foreign = |command: &ClientCommand| matches!(command, ClientCommand::Change { data, .. } if data.from.is_some());
                if changes.any(foreign) {
                    coverage.row(33);
                }
                let commands =
                    request.collections.iter().map(|collection| collection.commands.len());
                if commands.sum::<usize>() > COMMANDS_MAX {
                    coverage.row(38);
                }
            }
            Request::MoveItems(request) => {
                let mut sources: Vec<_> =
                    request.moves.iter().map(|item| &item.source_id).collect();
                sources.sort();
                if sources.windows(2).any(|pair| pair[0] == pair[1]) {
                    coverage.row(35);
                }
            }
            _ => {}
        }
        if matches!(call.request, Request::Sync(_)) {
            if call.received.is_some() {
                unanswered.remove(&name.device);
            } else {
                unanswered.insert(name.device, (*name, call.sent));
            }
        }
    }
}

/// Whether a key was never given to the device for the collection.
fn invented(index: &Index<'_>, name: CallName, collection: &str, key: &str, sent: usize) -> bool {
    let mut primed = false;
    let id = collection.into();
    for exchange in index.exchanges_on(name.device, &id).filter(|exchange| exchange.sent < sent) {
        primed |= exchange.key().is_some_and(activesync::SyncKey::is_zero);
        let mut given = exchange.replies.iter().filter_map(|reply| reply.body.sync_key.as_ref());
        if given.any(|given| given.as_str() == key) {
            return false;
        }
    }
    primed
}
