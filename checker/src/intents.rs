//! Wishes of the users of the devices that were never brought through, though nothing stood in their way.

use activesync::folders::Change;
use activesync::history::{CallName, DeviceName, DeviceOp, Event, FolderName, MailName, MailboxOp};
use activesync::{FolderStatus, Request, Response};

use crate::Rules;
use crate::converge::Sides;
use crate::filter::{Age, age};
use crate::finding::{Class, Finding};
use crate::index::{Index, Label};
use crate::ledger::list;
use crate::ops::{Op, Ops, hand, hand_relocates, kinds, means, source};
use crate::registers::{Property, Value};

/// The wishes about a mail that were lost on the way.
pub(crate) fn findings(
    index: &Index<'_>,
    ops: &Ops<'_>,
    sides: &Sides<'_>,
    mail: MailName,
    rules: Rules,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    // When one device never comes to rest, the others may have had no chance to bring their changes through.
    if sides.truth.devices.iter().any(|device| device.restless.is_some()) {
        return findings;
    }
    for device in &sides.truth.devices {
        let Some(wishes) = index.intents.get(&(device.device, mail)) else { continue };
        let case = Case { index, ops, sides, mail, device: device.device, rules };
        // A later wish about the same thing takes the place of an earlier one.
        let mut seen = [false; 3];
        for at in wishes.iter().rev() {
            let Event::Device(_, wish) = &index.events[*at] else { continue };
            let about = match wish {
                DeviceOp::Read { .. } => 0,
                DeviceOp::Flag { .. } => 1,
                _ => 2,
            };
            if !std::mem::replace(&mut seen[about], true) {
                findings.extend(case.judge(*at, wish));
            }
        }
    }
    findings
}

struct Case<'a, 'h> {
    index: &'a Index<'h>,
    ops: &'a Ops<'h>,
    sides: &'a Sides<'h>,
    mail: MailName,
    device: DeviceName,
    rules: Rules,
}

impl<'a, 'h> Case<'a, 'h> {
    fn judge(&self, at: usize, wish: &'h DeviceOp) -> Option<Finding> {
        let folder = source(wish)?;
        let carriers: Vec<_> = self.carriers(at, wish).collect();
        // What the server answered, the ledger judges.
        let answered = carriers.iter().any(|op| op.done.is_some() || op.refused.is_some());
        if answered || self.excused(at, wish, folder) || self.came_true(wish)? {
            return None;
        }
        let did = match wish {
            DeviceOp::Read { read, .. } => format!("marked it {}", Value::Read(*read).words()),
            DeviceOp::Flag { flag, .. } => format!("made it {}", Value::Flag(flag).words()),
            DeviceOp::Delete { .. } => "deleted it".into(),
            DeviceOp::Move { to, .. } => format!("moved it to {to}"),
            DeviceOp::Draft { .. } => "wrote it as a draft".into(),
            DeviceOp::SendDraft { .. } => "sent it".into(),
            _ => return None,
        };
        let calls = self.calls(at, wish);
        let (why, shape) = if calls.is_empty() {
            ("never told the server".into(), "never sent")
        } else {
            let calls = list(&calls);
            (
                format!("did not repeat it after {calls}, which had no answer"),
                "sent and not repeated",
            )
        };
        let (mail, phone) = (self.mail, Index::phone(self.device));
        let sentence = format!(
            "the change that {phone} made to {mail} is lost: its user {did}, and {phone} {why}."
        );
        let finding = Finding::new(Class::LostClientChange, sentence, shape);
        let finding = finding.mail(mail).device(self.device).folder(folder);
        Some(finding.calls(calls).began(at))
    }

    /// The operations that may have been meant to bring it through.
    fn carriers(&self, at: usize, wish: &'a DeviceOp) -> impl Iterator<Item = &'a Op<'h>> {
        let (index, device) = (self.index, self.device);
        self.ops.of(self.mail).iter().filter(move |op| {
            op.device == device
                && op.intent.is_some_and(|intent| intent >= at)
                && means(index, wish, op.kind)
        })
    }

    /// The calls that told of it, whether they reached the server or not.
    fn calls(&self, at: usize, wish: &DeviceOp) -> Vec<CallName> {
        let told = self.index.issued.iter().filter(|issued| {
            issued.device == self.device
                && issued.mail == Some(self.mail)
                && issued.sent > at
                && kinds(issued.what)
                    .into_iter()
                    .flatten()
                    .any(|kind| means(self.index, wish, kind))
        });
        told.map(|issued| issued.call).collect()
    }

    /// Whether the server shows what was wished; `None` when that cannot be said.
    fn came_true(&self, wish: &DeviceOp) -> Option<bool> {
        let copies = self.sides.server(self.mail);
        if copies.len() > 1 {
            return None;
        }
        let copy = copies.first();
        Some(match wish {
            // Who deletes a mail overrides what was done to it.
            DeviceOp::Read { read, .. } => copy.is_none_or(|copy| copy.read == *read),
            DeviceOp::Flag { flag, .. } => copy.is_none_or(|copy| {
                Value::Flag(&copy.flag).same(Value::Flag(flag), self.rules.strict)
            }),
            DeviceOp::Delete { from, .. } => copy.is_none_or(|copy| copy.folder != *from),
            DeviceOp::Move { to, from, .. } => {
                copy.is_none_or(|copy| copy.folder == *to || copy.folder != *from)
            }
            DeviceOp::Draft { .. } => copy.is_some() || self.sides.sent(self.mail) > 0,
            DeviceOp::SendDraft { .. } => self.sides.sent(self.mail) > 0,
            _ => return None,
        })
    }

    /// Whether something else may have come between.
    fn excused(&self, at: usize, wish: &DeviceOp, folder: &FolderName) -> bool {
        let (index, mail) = (self.index, self.mail);
        let label = index.label(folder);
        let begin = label.map_or(0, |label| {
            let exchanges = index.exchanges_of(self.device, label);
            exchanges.last().map_or(0, |last| index.clean_before(self.device, last.collection, at))
        });
        let begin = begin.min(at);
        let property = match wish {
            DeviceOp::Read { .. } => Some(Property::Read),
            DeviceOp::Flag { .. } => Some(Property::Flag),
            _ => None,
        };
        let overruled = property.is_some_and(|property| {
            let delivered = |op: &MailboxOp| matches!(op, MailboxOp::Deliver { .. });
            hand(index, mail)
                .any(|(when, op)| when >= begin && !delivered(op) && property.of_hand(op).is_some())
                || self.ops.of(mail).iter().any(|op| {
                    op.device != self.device
                        && op.end() >= begin
                        && property.of_op(op.kind).is_some()
                })
        });
        let moved = hand_relocates(index, mail, begin, usize::MAX)
            || self.ops.folder_deletes.iter().any(|op| op.end() >= begin)
            || label.is_some_and(|label| self.folder_went(label, at))
            || self
                .ops
                .of(mail)
                .iter()
                .any(|op| op.relocates() && op.end() >= begin && !self.carries(op, at, wish));
        overruled
            || moved
            || index.withdrawn(self.device, mail, begin, usize::MAX)
            || self.ops.stray_since(self.device, begin)
            || index.reset_since(self.device, label, begin)
            || !self.in_reach(folder)
            || self.wished_again(at, property.is_some())
    }

    /// Whether the device was told, after an event, that its folder is gone, and what was to be done in it with it. It may be
    /// back under another id, as with servers for which a rename by IMAP makes another folder, or which number folders anew
    /// when the hierarchy starts again (R885 is but a SHOULD, R887).
    fn folder_went(&self, label: Label, at: usize) -> bool {
        let known = self.index.exchanges_of(self.device, label).into_iter();
        let known: Vec<_> = known.filter(|exchange| exchange.sent < at).collect();
        let known = known.last().map(|exchange| exchange.collection);
        let mine = self.index.calls.iter().filter(|(name, call)| {
            name.device == self.device && call.received.is_some_and(|received| received > at)
        });
        mine.flat_map(|(_, call)| call.answers.iter().map(move |answer| (call, answer))).any(
            |(call, answer)| match (call.request, answer.response) {
                (Request::FolderSync(request), Some(Response::FolderSync(response))) => {
                    let deleted = response.changes.iter().any(|change| {
                        matches!(change, Change::Delete(id)
                            if self.index.folder(self.device, id) == Some(label))
                    });
                    let anew = request.sync_key.is_zero() && response.status == FolderStatus::Success;
                    let listed = |id: &activesync::CollectionId| {
                        response.changes.iter().any(
                            |change| matches!(change, Change::Add(folder) if folder.server_id == *id),
                        )
                    };
                    deleted || anew && known.is_some_and(|id| !listed(id))
                }
                _ => false,
            },
        )
    }

    fn carries(&self, op: &Op<'_>, at: usize, wish: &DeviceOp) -> bool {
        op.device == self.device
            && op.intent.is_some_and(|intent| intent >= at)
            && means(self.index, wish, op.kind)
    }

    /// Whether the device keeps the folder in sync and the filter surely lets the mail through.
    fn in_reach(&self, folder: &FolderName) -> bool {
        let mut devices = self.sides.truth.devices.iter();
        let Some(device) = devices.find(|device| device.device == self.device) else {
            return false;
        };
        let mut synced = device.synced.iter();
        let Some((_, filter)) = synced.find(|(name, _)| name == folder) else { return false };
        let copies = self.sides.server(self.mail);
        copies.iter().all(|copy| {
            age(copy.received, self.sides.truth.now, *filter, self.rules) == Age::Inside
        })
    }

    /// A wish about where the mail is overrides what was wished of its properties, and the reverse does not matter: only
    /// the newest wish of its kind is judged.
    fn wished_again(&self, at: usize, property: bool) -> bool {
        let wishes = self.index.intents.get(&(self.device, self.mail));
        let mut later = wishes.into_iter().flatten().filter(|when| **when > at);
        property
            && later.any(|when| {
                matches!(
                    &self.index.events[*when],
                    Event::Device(
                        _,
                        DeviceOp::Delete { .. }
                            | DeviceOp::Move { .. }
                            | DeviceOp::SendDraft { .. }
                    )
                )
            })
    }
}
