//! Whether what the server ended with can be explained by what anyone did.

use std::collections::BTreeSet;

use activesync::history::{CallName, Event, MailName, MailboxOp, ServerMail, Truth};

use crate::finding::{Class, Finding};
use crate::index::Index;
use crate::intents;
use crate::location::{Place, Places, places};
use crate::ops::{Kind, Op, Ops, hand};
use crate::registers::{Property, Value, Write, may_be_last, writes};
use crate::{Rules, converge::Sides};

/// What cannot be explained.
pub(crate) fn findings(
    index: &Index<'_>,
    ops: &Ops<'_>,
    truth: &Truth,
    rules: Rules,
) -> Vec<Finding> {
    let sides = Sides::new(truth);
    let mut mails: BTreeSet<MailName> = index.hand.keys().copied().collect();
    mails.extend(index.intents.keys().map(|(_, mail)| *mail));
    let mut findings = Vec::new();
    for mail in mails {
        let copies = sides.server(mail);
        if copies.len() > 1 {
            continue;
        }
        let copy = copies.first().copied();
        let case = Case { index, ops, mail, copy, sent: sides.sent(mail) };
        findings.extend(case.location());
        if copy.is_some() {
            let judged = Property::ALL.into_iter();
            findings.extend(judged.filter_map(|property| case.register(property, rules.strict)));
        }
        findings.extend(intents::findings(index, ops, &sides, mail, rules));
    }
    findings
}

struct Case<'a, 'h> {
    index: &'a Index<'h>,
    ops: &'a Ops<'h>,
    mail: MailName,
    copy: Option<&'a ServerMail>,
    /// How often it was sent.
    sent: usize,
}

impl<'a, 'h> Case<'a, 'h> {
    fn location(&self) -> Option<Finding> {
        let places = places(self.index, self.ops, self.mail)?;
        self.refused_without_reason(&places).or_else(|| {
            let fits = self.fits(&places.possible);
            (!fits).then(|| self.misplaced(&places.possible))
        })
    }

    fn fits(&self, possible: &BTreeSet<Place>) -> bool {
        let Some(copy) = self.copy else {
            return if self.sent > 0 {
                possible.contains(&Place::Sent)
            } else {
                possible.contains(&Place::Gone) || possible.contains(&Place::Nowhere)
            };
        };
        let Some(label) = self.index.label(&copy.folder) else { return true };
        possible.contains(&Place::In(label))
            || (self.index.sent_items.contains(&label) && possible.contains(&Place::Sent))
    }

    fn misplaced(&self, possible: &BTreeSet<Place>) -> Finding {
        let finding = match self.copy {
            None => self.absent(possible),
            Some(copy) => self.present(copy, possible).folder(&copy.folder),
        };
        finding.mail(self.mail)
    }

    /// It should be somewhere and is nowhere.
    fn absent(&self, possible: &BTreeSet<Place>) -> Finding {
        let mail = self.mail;
        let where_to = self.words(possible);
        if let Some(op) = self.unwanted() {
            let phone = Index::phone(op.device);
            let calls = list(&op.attempts);
            let sentence = format!(
                "{mail} is gone from the server though nobody deleted it: {phone} sent a command \
                 that removed it in {calls}, and its user had not asked for it."
            );
            let finding =
                Finding::new(Class::DestroyedMail, sentence, "removed by a device unasked");
            return finding.device(op.device).calls(op.attempts.clone()).began(op.start);
        }
        let Some(op) = self.last_done().or_else(|| self.last_asked()) else {
            let sentence = format!(
                "{mail} is gone from the server though nobody deleted it: it should be {where_to}."
            );
            return Finding::new(Class::DestroyedMail, sentence, "gone, nobody deleted it");
        };
        let phone = Index::phone(op.device);
        let told = match op.done {
            Some(_) => format!("the server acknowledged it in {}", self.acknowledged(op)),
            None => format!("the server never said what came of it in {}", list(&op.attempts)),
        };
        let (class, what, shape) = match op.kind {
            Kind::Add => {
                (Class::LostClientChange, "wrote it as a draft", "draft acknowledged and nowhere")
            }
            Kind::Send { .. } => {
                (Class::LostClientChange, "sent it", "draft acknowledged and never sent")
            }
            Kind::Delete { .. } => (
                Class::DestroyedMail,
                "deleted it by way of Deleted Items",
                "deleted for good instead of moved to Deleted Items",
            ),
            Kind::Move { .. } => (Class::DestroyedMail, "moved it", "moved and in neither folder"),
            _ => (Class::DestroyedMail, "deleted a folder", "gone with a folder it was not in"),
        };
        let sentence = format!(
            "{mail} is nowhere on the server: {phone} {what}, {told}, and it should be {where_to}."
        );
        self.about(op, Finding::new(class, sentence, shape))
    }

    /// It is where nobody put it.
    fn present(&self, copy: &ServerMail, possible: &BTreeSet<Place>) -> Finding {
        let (mail, folder) = (self.mail, &copy.folder);
        let here = self.index.label(folder);
        let gone = possible.iter().all(|place| *place == Place::Gone);
        let op = self.last_done().filter(|op| op.folder == here && op.kind != Kind::Add);
        let Some(op) = op else {
            let (class, sentence, shape) = if gone {
                let sentence =
                    format!("{mail} was deleted, but it is back on the server in {folder}.");
                (Class::Ghost, sentence, "deleted and back on the server")
            } else {
                let expected = self.words(possible);
                let sentence = format!(
                    "{mail} is on the server in {folder}, where nobody put it: it should be \
                     {expected}."
                );
                (Class::WrongFolder, sentence, "on the server where nobody put it")
            };
            return Finding::new(class, sentence, shape);
        };
        let (did, shape) = match op.kind {
            Kind::Delete { .. } => ("deleted", "deletion acknowledged and not done"),
            Kind::Move { .. } => ("moved", "move acknowledged and not done"),
            Kind::Send { .. } => ("sent", "sending acknowledged and not done"),
            _ => ("deleted the folder of", "folder deletion acknowledged and not done"),
        };
        let phone = Index::phone(op.device);
        let acknowledged = self.acknowledged(op);
        let sentence = format!(
            "{phone} {did} {mail}; the server acknowledged it in {acknowledged}, yet {mail} is \
             still in {folder}."
        );
        self.about(op, Finding::new(Class::LostClientChange, sentence, shape))
    }

    fn refused_without_reason(&self, places: &Places<'_, '_>) -> Option<Finding> {
        let op = places.unreasonable.first().filter(|op| op.kind != Kind::DeleteFolder)?;
        let here = self.copy.and_then(|copy| self.index.label(&copy.folder));
        // If the wish came true all the same, nobody is harmed.
        if op.folder.is_none() || here != op.folder {
            return None;
        }
        let (at, status) = op.refused?;
        let (mail, phone) = (self.mail, Index::phone(op.device));
        let call = call_at(self.index, at)?;
        let did = if matches!(op.kind, Kind::Move { .. }) { "moved" } else { "deleted" };
        let folder = self.copy.map_or("", |copy| copy.folder.as_str());
        let sentence = format!(
            "{phone} {did} {mail}; the server refused it in {call} with status {status} (not \
             there), though {mail} was in {folder} all the time."
        );
        let finding =
            Finding::new(Class::LostClientChange, sentence, "refused as not there, but it was");
        Some(self.about(op, finding).mail(self.mail))
    }

    fn register(&self, property: Property, strict: bool) -> Option<Finding> {
        let delivered =
            hand(self.index, self.mail).any(|(_, op)| matches!(op, MailboxOp::Deliver { .. }));
        let copy = self.copy.filter(|_| delivered)?;
        let value = match property {
            Property::Read => Value::Read(copy.read),
            Property::Flag => Value::Flag(&copy.flag),
        };
        let writes = writes(self.index, self.ops, self.mail, property, strict);
        let explained = writes
            .iter()
            .any(|write| write.value.same(value, strict) && may_be_last(write, &writes));
        if explained {
            return None;
        }
        let last = writes.iter().filter(|write| write.sure).max_by_key(|write| write.end)?;
        Some(self.overwritten(property, value, last).mail(self.mail).folder(&copy.folder))
    }

    fn overwritten(&self, property: Property, value: Value<'_>, last: &Write<'_, 'h>) -> Finding {
        let (mail, is, should) = (self.mail, value.words(), last.value.words());
        if let Some(op) = last.op {
            let (phone, acknowledged) = (Index::phone(op.device), self.acknowledged(op));
            let sentence = format!(
                "{phone} marked {mail} {should}; the server acknowledged it in {acknowledged}, \
                 yet {mail} is {is} on the server."
            );
            let shape = format!("{} acknowledged and not kept", property.words());
            return self.about(op, Finding::new(Class::LostClientChange, sentence, &shape));
        }
        let writer =
            self.ops.of(mail).iter().rev().find(|op| {
                property.of_op(op.kind).is_some_and(|written| written.same(value, false))
            });
        if let Some(op) = writer {
            let (phone, calls) = (Index::phone(op.device), list(&op.attempts));
            let sentence = format!(
                "{mail} was made {should} on the server, yet it is {is} there: a value that \
                 {phone} sent in {calls} stands over it."
            );
            let shape = format!("{} of the server overwritten by a device", property.words());
            let finding = Finding::new(Class::StaleFlag, sentence, &shape);
            return finding.calls(op.attempts.clone()).began(last.end);
        }
        let sentence = format!(
            "{mail} is {is} on the server though nobody made it so: it should be {should}."
        );
        let shape = format!("{} changed by nobody", property.words());
        Finding::new(Class::StaleFlag, sentence, &shape)
    }

    /// A command that removed the mail without a wish of the user behind it.
    fn unwanted(&self) -> Option<&'a Op<'h>> {
        let removes = |op: &&Op<'_>| !op.wanted() && op.relocates() && op.kind != Kind::Add;
        self.ops.of(self.mail).iter().rev().find(removes)
    }

    /// The last operation on where the mail is that the server acknowledged.
    fn last_done(&self) -> Option<&'a Op<'h>> {
        let done = self.ops.of(self.mail).iter().filter(|op| op.relocates() && op.wanted());
        done.filter(|op| op.done.is_some()).max_by_key(|op| op.done)
    }

    /// The last wish to take it away that reached the server, though no answer says what came of it.
    fn last_asked(&self) -> Option<&'a Op<'h>> {
        let asked = self.ops.of(self.mail).iter().filter(|op| op.relocates() && op.wanted());
        let open = asked.filter(|op| op.done.is_none() && op.refused.is_none());
        open.filter(|op| matches!(op.kind, Kind::Delete { .. } | Kind::Move { .. }))
            .max_by_key(|op| op.start)
    }

    fn acknowledged(&self, op: &Op<'_>) -> CallName {
        let call = op.done.and_then(|at| call_at(self.index, at));
        call.or(op.last_call()).unwrap_or(CallName { device: op.device, number: 0 })
    }

    fn about(&self, op: &Op<'_>, finding: Finding) -> Finding {
        let mut calls: BTreeSet<_> = op.attempts.iter().copied().collect();
        calls.insert(self.acknowledged(op));
        let finding = finding.device(op.device).calls(calls);
        finding.began(op.done.unwrap_or(op.start))
    }

    fn words(&self, places: &BTreeSet<Place>) -> String {
        let mut words: Vec<_> = places.iter().map(|place| self.word(*place)).collect();
        words.dedup();
        words.join(" or ")
    }

    fn word(&self, place: Place) -> String {
        match place {
            Place::Nowhere => "not there yet".into(),
            Place::In(label) => format!("in {}", self.index.labels[label]),
            Place::Gone => "gone for good".into(),
            Place::Sent => "sent".into(),
        }
    }
}

/// The call that an answer belongs to.
pub(crate) fn call_at(index: &Index<'_>, at: usize) -> Option<CallName> {
    match index.events.get(at)? {
        Event::Answered { call, .. } | Event::Sent { call, .. } => Some(*call),
        _ => None,
    }
}

/// As in "A.2 and A.3".
pub(crate) fn list(calls: &[CallName]) -> String {
    let names: Vec<_> = calls.iter().map(ToString::to_string).collect();
    match names.split_last() {
        None => "no call".into(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
