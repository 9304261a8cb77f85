//! Where a mail may be at the end: the search over all orders in which what the devices asked for may have met what the
//! other hand did.
//!
//! The other hand acts at known moments and names the folder in which it found the mail. What a device asked for may be
//! executed at any moment between its first request and the first answer that reports success, and does nothing if the
//! mail is no longer where the device had it: it addressed the copy there (rows 14, 18 and 19 of the legality table).

use std::collections::BTreeSet;

use activesync::history::{DeviceOp, Event, MailName, MailboxOp};

use crate::index::{Index, Label};
use crate::ops::{Kind, Op, Ops, hand, hand_relocates};

/// Where a mail is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Place {
    /// Not there yet.
    Nowhere,
    /// In a folder.
    In(Label),
    /// Deleted.
    Gone,
    /// A draft that was sent.
    Sent,
}

/// Where a mail may be, and which refusals had no reason.
pub(crate) struct Places<'a, 'h> {
    pub(crate) possible: BTreeSet<Place>,
    /// Operations that the server refused although the mail was there all the time.
    pub(crate) unreasonable: Vec<&'a Op<'h>>,
}

/// States of the search above which it gives up: nothing is found then.
const STATES_MAX: usize = 4096;

/// A state: where the mail is, and which operations have had their effect or turned out void.
type State = (Place, u64);

/// Something that happens at a moment.
enum Point<'a> {
    Hand(&'a MailboxOp),
    FolderDeleted(Label, bool),
    Open(usize),
    Close(usize),
}

/// Searches. `None` when the history does not tell where the mail came from, or is too tangled to say.
pub(crate) fn places<'a, 'h>(
    index: &Index<'h>,
    ops: &'a Ops<'h>,
    mail: MailName,
) -> Option<Places<'a, 'h>> {
    let mut own: Vec<&Op<'h>> =
        ops.of(mail).iter().filter(|op| op.relocates() && op.wanted()).collect();
    own.extend(&ops.folder_deletes);
    if own.len() >= 64 || !known_origin(index, mail, &own) || !resolvable(&own) {
        return None;
    }
    let mut search = Search {
        index,
        returns: own.iter().map(|op| may_return(index, mail, op, &own)).collect(),
        own,
        open: 0,
        states: BTreeSet::from([(Place::Nowhere, 0)]),
        unreasonable: Vec::new(),
    };
    for (_, point) in timeline(index, mail, &search.own) {
        search.pass(&point)?;
    }
    search.settle()?;
    let possible = search.states.iter().map(|(place, _)| *place).collect();
    let unreasonable = search.unreasonable.iter().map(|at| search.own[*at]).collect();
    Some(Places { possible, unreasonable })
}

/// Delivered exactly once, or written as a draft.
fn known_origin(index: &Index<'_>, mail: MailName, own: &[&Op<'_>]) -> bool {
    let delivered = hand(index, mail).filter(|(_, op)| matches!(op, MailboxOp::Deliver { .. }));
    match delivered.count() {
        0 => {
            let mut origins =
                own.iter().filter(|op| matches!(op.kind, Kind::Add | Kind::Send { new: true }));
            // After a loss of state a repeated Add may make another item (row 24).
            origins.clone().next().is_some() && !origins.any(|op| op.restarted)
        }
        1 => true,
        _ => false,
    }
}

fn resolvable(own: &[&Op<'_>]) -> bool {
    own.iter().all(|op| op.folder.is_some() && op.kind != Kind::Move { to: None })
}

/// Whether the mail may have left its folder and come back as another copy, so that an operation on the old copy is void.
fn may_return(index: &Index<'_>, mail: MailName, op: &Op<'_>, own: &[&Op<'_>]) -> bool {
    let overlaps = |other: &&Op<'_>| {
        !std::ptr::eq(*other, op) && other.start <= op.end() && other.end() >= op.begin
    };
    index.withdrawn(op.device, mail, op.begin, op.end())
        || hand_relocates(index, mail, op.begin, op.end())
        || own.iter().any(overlaps)
}

fn timeline<'h>(
    index: &Index<'h>,
    mail: MailName,
    own: &[&Op<'h>],
) -> Vec<((usize, bool), Point<'h>)> {
    let mut points: Vec<_> =
        hand(index, mail).map(|(at, op)| ((at, false), Point::Hand(op))).collect();
    for at in &index.folders_deleted {
        if let Event::Mailbox(MailboxOp::DeleteFolder(folder, mails)) = &index.events[*at]
            && let Some(label) = index.label(folder)
        {
            let point = Point::FolderDeleted(label, mails.contains(&mail));
            points.push(((*at, false), point));
        }
    }
    for (position, op) in own.iter().enumerate() {
        points.push(((op.start, false), Point::Open(position)));
        let close = op.done.map(|_| op.end()).or(op.refused.map(|refused| refused.0));
        points.extend(close.map(|at| ((at, true), Point::Close(position))));
    }
    points.sort_by_key(|point| point.0);
    points
}

struct Search<'a, 'i, 'h> {
    index: &'i Index<'h>,
    own: Vec<&'a Op<'h>>,
    /// For each operation, whether its copy may have been replaced by another in the same folder.
    returns: Vec<bool>,
    /// Operations that have begun.
    open: u64,
    states: BTreeSet<State>,
    unreasonable: Vec<usize>,
}

impl Search<'_, '_, '_> {
    fn pass(&mut self, point: &Point<'_>) -> Option<()> {
        match point {
            Point::Open(position) => self.open |= 1 << position,
            Point::Close(position) => {
                self.settle()?;
                self.close(*position);
            }
            Point::Hand(op) => {
                self.settle()?;
                self.hand(op);
            }
            Point::FolderDeleted(label, took) => {
                self.settle()?;
                let label = *label;
                if *took {
                    self.observe(label, Place::Gone);
                } else {
                    let elsewhere: BTreeSet<_> = self.filter(|place| place != Place::In(label));
                    if !elsewhere.is_empty() {
                        self.states = elsewhere;
                    }
                }
            }
        }
        Some(())
    }

    /// Lets every operation that has begun have its effect, in any order.
    fn settle(&mut self) -> Option<()> {
        let mut work: Vec<State> = self.states.iter().copied().collect();
        while let Some(state) = work.pop() {
            for position in 0..self.own.len() {
                let bit = 1 << position;
                if self.open & bit == 0 || state.1 & bit != 0 {
                    continue;
                }
                // After a loss of state a repetition is executed once more.
                let again = self.own[position].restarted.then_some(state.1);
                for place in self.effects(position, state.0) {
                    for done in [Some(state.1 | bit), again].into_iter().flatten() {
                        let next = (place, done);
                        if self.states.insert(next) {
                            work.push(next);
                        }
                    }
                }
            }
            if self.states.len() > STATES_MAX {
                return None;
            }
        }
        Some(())
    }

    /// Where a mail may be after an operation; the place itself when the operation is void.
    fn effects(&self, position: usize, place: Place) -> Vec<Place> {
        let op = self.own[position];
        let source = op.folder.map_or(Place::Nowhere, Place::In);
        let addressed = match op.kind {
            Kind::Add => place == Place::Nowhere,
            Kind::Send { new: true } => place == Place::Nowhere || place == source,
            Kind::DeleteFolder => match (place, op.folder) {
                (Place::In(label), Some(folder)) => {
                    label == folder || self.index.below(label, folder)
                }
                _ => false,
            },
            _ => place == source,
        };
        let mut places = Vec::with_capacity(3);
        // What was refused every time it was asked for had no effect.
        let may_fire = !op.only_refused() || op.attempts.len() > 1;
        if addressed && may_fire {
            self.fire(op, &mut places);
        }
        // A folder that lay below the deleted one at some time need not have lain there at this one.
        let unsure = op.kind == Kind::DeleteFolder && place != source;
        if !addressed || unsure || self.returns[position] || self.excused(op) {
            places.push(place);
        }
        places
    }

    fn fire(&self, op: &Op<'_>, places: &mut Vec<Place>) {
        match op.kind {
            Kind::Add => places.extend(op.folder.map(Place::In)),
            Kind::Send { .. } => places.push(Place::Sent),
            Kind::Move { to } => places.extend(to.map(Place::In)),
            Kind::Delete { moves: true } if !self.index.trash.is_empty() => {
                places.extend(self.index.trash.iter().map(|label| Place::In(*label)));
            }
            Kind::Delete { .. } => places.push(Place::Gone),
            Kind::DeleteFolder => {
                // Gone for good, or below Deleted Items.
                places.push(Place::Gone);
                places.extend(op.folder.map(Place::In));
                places.extend(self.index.trash.iter().map(|label| Place::In(*label)));
            }
            Kind::Read(_) | Kind::Flag(_) => {}
        }
    }

    /// Whether a refusal needs no other reason than itself: the destination of a move, a lock, a conflict, a malformed
    /// draft. "Not found" needs one; servers that make new ids for a renamed folder say it of a move there, too.
    fn excused(&self, op: &Op<'_>) -> bool {
        const NOT_FOUND: u16 = 8;
        const MOVE_INVALID_SOURCE: u16 = 1;
        let needs_reason = match op.kind {
            Kind::Delete { .. } => NOT_FOUND,
            Kind::Move { to: Some(to) } if self.changed_before(to, op.end()) => {
                return op.only_refused();
            }
            Kind::Move { .. } => MOVE_INVALID_SOURCE,
            _ => return op.only_refused(),
        };
        op.only_refused() && op.refused.is_some_and(|refused| refused.1 != needs_reason)
    }

    /// Whether a folder was renamed or deleted before that moment, on either side.
    fn changed_before(&self, label: Label, until: usize) -> bool {
        let mut events = self.index.events[..until.min(self.index.events.len())].iter();
        events.any(|event| match event {
            Event::Mailbox(
                MailboxOp::RenameFolder(folder) | MailboxOp::DeleteFolder(folder, _),
            )
            | Event::Device(_, DeviceOp::RenameFolder(folder) | DeviceOp::DeleteFolder(folder)) => {
                self.index.label(folder) == Some(label)
            }
            _ => false,
        })
    }

    fn close(&mut self, position: usize) {
        let bit = 1 << position;
        let settled: BTreeSet<_> =
            self.states.iter().copied().filter(|state| state.1 & bit != 0).collect();
        if settled.is_empty() {
            self.unreasonable.push(position);
            self.states = self.states.iter().map(|state| (state.0, state.1 | bit)).collect();
        } else {
            self.states = settled;
        }
    }

    fn hand(&mut self, op: &MailboxOp) {
        let place = |folder| self.index.label(folder).map(Place::In);
        match op {
            MailboxOp::Deliver { folder, .. } => {
                if let Some(place) = place(folder) {
                    self.states = self.states.iter().map(|state| (place, state.1)).collect();
                }
            }
            MailboxOp::Move { from, to, .. } => {
                if let (Some(Place::In(from)), Some(to)) = (place(from), place(to)) {
                    self.observe(from, to);
                }
            }
            MailboxOp::Delete { from, .. } => {
                if let Some(Place::In(from)) = place(from) {
                    self.observe(from, Place::Gone);
                }
            }
            MailboxOp::Read { folder, .. } | MailboxOp::Flag { folder, .. } => {
                if let Some(place @ Place::In(label)) = place(folder) {
                    self.observe(label, place);
                }
            }
            MailboxOp::CreateFolder(_)
            | MailboxOp::RenameFolder(_)
            | MailboxOp::DeleteFolder(..)
            | MailboxOp::NestFolder(..)
            | MailboxOp::Unsendable(_)
            | MailboxOp::Wipe(_) => {}
        }
    }

    /// The mail was seen in a folder, and is elsewhere from now on. If no state explains what was seen, the search goes
    /// on from there: only the end is judged.
    fn observe(&mut self, seen: Label, then: Place) {
        let fitting = self.filter(|place| place == Place::In(seen));
        let from = if fitting.is_empty() { self.states.clone() } else { fitting };
        self.states = from.into_iter().map(|state| (then, state.1)).collect();
    }

    fn filter(&self, keep: impl Fn(Place) -> bool) -> BTreeSet<State> {
        self.states.iter().copied().filter(|state| keep(state.0)).collect()
    }
}
