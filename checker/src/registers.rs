//! What a read state or a flag may be at the end: the value of a write that may be the last one.

use activesync::Flag;
use activesync::history::{MailName, MailboxOp};

use crate::index::Index;
use crate::ops::{Kind, Op, Ops, hand, hand_relocates, same_flag};

/// A property of a mail that both sides write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Property {
    Read,
    Flag,
}

/// A value of a property.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Value<'h> {
    Read(bool),
    Flag(&'h Flag),
}

/// A write of a property.
pub(crate) struct Write<'a, 'h> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: Value<'h>,
    /// It cannot have been without effect.
    pub(crate) sure: bool,
    /// The operation of a device, or else the other hand.
    pub(crate) op: Option<&'a Op<'h>>,
}

impl Value<'_> {
    /// As in "m3 is unread".
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Value::Read(true) => "read",
            Value::Read(false) => "unread",
            Value::Flag(flag) => match flag.status {
                0 => "not flagged",
                1 => "flagged complete",
                _ => "flagged",
            },
        }
    }

    /// Whether a user sees no difference.
    pub(crate) fn same(self, other: Value<'_>, exact: bool) -> bool {
        match (self, other) {
            (Value::Read(left), Value::Read(right)) => left == right,
            (Value::Flag(left), Value::Flag(right)) => same_flag(left, right, exact),
            _ => false,
        }
    }
}

impl Property {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Read, Self::Flag];

    /// As in "the flag of m3".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Read => "read state",
            Self::Flag => "flag",
        }
    }

    /// What an operation of the other hand writes to it.
    pub(crate) fn of_hand(self, op: &MailboxOp) -> Option<Value<'_>> {
        match (self, op) {
            (Self::Read, MailboxOp::Deliver { read, .. } | MailboxOp::Read { read, .. }) => {
                Some(Value::Read(*read))
            }
            (Self::Flag, MailboxOp::Deliver { flag, .. } | MailboxOp::Flag { flag, .. }) => {
                Some(Value::Flag(flag))
            }
            _ => None,
        }
    }

    /// What an operation of a device writes to it.
    pub(crate) fn of_op(self, kind: Kind<'_>) -> Option<Value<'_>> {
        match (self, kind) {
            (Self::Read, Kind::Read(read)) => Some(Value::Read(read)),
            (Self::Flag, Kind::Flag(flag)) => Some(Value::Flag(flag)),
            _ => None,
        }
    }
}

/// Every write of a property that may have had an effect.
pub(crate) fn writes<'a, 'h>(
    index: &Index<'h>,
    ops: &'a Ops<'h>,
    mail: MailName,
    property: Property,
    strict: bool,
) -> Vec<Write<'a, 'h>> {
    let by_hand = hand(index, mail).filter_map(|(at, op)| {
        let value = property.of_hand(op)?;
        Some(Write { start: at, end: at, value, sure: true, op: None })
    });
    let by_devices = ops.of(mail).iter().filter(|op| op.wanted()).filter_map(|op| {
        let value = property.of_op(op.kind)?;
        // A refusal means no effect, unless it answers a repetition: the first request may have had one.
        let void = op.only_refused() && op.attempts.len() == 1 && strict;
        // What another server executes twice may win twice (row 29).
        let end = if strict { op.end() } else { op.done.and(op.last_done).unwrap_or(usize::MAX) };
        let sure =
            op.done.is_some() && op.refused.is_none() && !may_be_void(index, ops, mail, op, strict);
        (!void).then_some(Write { start: op.start, end, value, sure, op: Some(op) })
    });
    by_hand.chain(by_devices).collect()
}

/// Whether a write may have been the last one: every write that surely had an effect may have come before it.
pub(crate) fn may_be_last(write: &Write<'_, '_>, writes: &[Write<'_, '_>]) -> bool {
    writes.iter().filter(|other| other.sure).all(|other| other.start <= write.end)
}

/// Whether a write that was acknowledged may all the same be without effect: its item moved away or was deleted
/// meanwhile (row 7: carrying the value over is allowed, not owed); with servers that we did not write, also when anyone
/// else changed the item meanwhile (rows 2 to 4).
pub(crate) fn may_be_void(
    index: &Index<'_>,
    ops: &Ops<'_>,
    mail: MailName,
    op: &Op<'_>,
    strict: bool,
) -> bool {
    let overlaps = |other: &Op<'_>| {
        !std::ptr::eq(other, op) && other.start <= op.end() && other.end() >= op.begin
    };
    let moved = index.withdrawn(op.device, mail, op.begin, op.end())
        || hand_relocates(index, mail, op.begin, op.end())
        || ops.of(mail).iter().any(|other| other.relocates() && overlaps(other))
        || ops.folder_deletes.iter().any(overlaps);
    let changed = || {
        hand(index, mail).any(|(at, _)| (op.begin..=op.end()).contains(&at))
            || ops.of(mail).iter().any(|other| other.device != op.device && overlaps(other))
    };
    moved || (!strict && changed())
}
