//! Both sides at rest: what is on one and not on the other.

use std::collections::{BTreeMap, BTreeSet};

use activesync::history::{
    DeviceMail, DeviceTruth, FolderName, MailName, MailboxOp, ServerMail, Truth,
};

use crate::Rules;
use crate::explain::{Story, Wanted, over_and_over, silence, story};
use crate::filter::{Age, Despite, age, brought_despite};
use crate::finding::{Class, Finding};
use crate::index::{Carry, Index};
use crate::ledger::list;
use crate::ops::{Kind, Ops, hand};
use crate::registers::{Property, Value};

/// The server's side at rest, by mail.
pub(crate) struct Sides<'a> {
    pub(crate) truth: &'a Truth,
    server: BTreeMap<MailName, Vec<&'a ServerMail>>,
    sent: BTreeMap<MailName, usize>,
}

impl<'a> Sides<'a> {
    pub(crate) fn new(truth: &'a Truth) -> Self {
        let mut server: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for mail in truth.server.iter().filter(|mail| !mail.marked_deleted) {
            server.entry(mail.mail).or_default().push(mail);
        }
        let mut sent = BTreeMap::new();
        for mail in &truth.outbox {
            *sent.entry(*mail).or_default() += 1;
        }
        Self { truth, server, sent }
    }

    /// The copies of a mail on the server, those marked for removal aside.
    pub(crate) fn server(&self, mail: MailName) -> &[&'a ServerMail] {
        self.server.get(&mail).map_or(&[], Vec::as_slice)
    }

    /// How often a draft was sent.
    pub(crate) fn sent(&self, mail: MailName) -> usize {
        self.sent.get(&mail).copied().unwrap_or(0)
    }
}

/// What differs.
pub(crate) fn findings(
    index: &Index<'_>,
    ops: &Ops<'_>,
    own_loop: &Truth,
    truth: &Truth,
    rules: Rules,
) -> Vec<Finding> {
    let sides = Sides::new(truth);
    let mut findings = twice_on_server(index, ops, &sides);
    // When one device never comes to rest, the others may have had no chance to.
    let at_rest = truth.devices.iter().all(|device| device.restless.is_none());
    for device in &truth.devices {
        if let Some(why) = &device.restless {
            let phone = Index::phone(device.device);
            let story = over_and_over(index, device.device);
            let (text, shape) = story.as_ref().map_or_else(
                || (why.to_string(), shape_of(why)),
                |story| (format!("{why}; {}", story.text), story.shape.clone()),
            );
            let sentence = format!("{phone} never comes to rest: {text}.");
            let finding = Finding::new(Class::NoConvergence, sentence, &shape);
            let finding = tell(finding, &story.unwrap_or_default());
            findings.push(finding.device(device.device));
        }
        if !at_rest {
            continue;
        }
        let side = Side { index, ops, sides: &sides, device, rules, at_rest: true };
        findings.extend(side.compare());
        findings.extend(side.folders());
    }
    let sides = Sides::new(own_loop);
    for device in &own_loop.devices {
        if at_rest && device.restless.is_none() {
            let side = Side { index, ops, sides: &sides, device, rules, at_rest: false };
            // What is still wrong at the end has been told.
            let told: BTreeSet<_> = findings.iter().map(|one| (one.mail, one.device)).collect();
            let late = side.compare().into_iter();
            findings.extend(late.filter(|one| !told.contains(&(one.mail, one.device))));
        }
    }
    findings
}

/// A reason without its numbers, so that the same trouble is one cause.
fn shape_of(why: &str) -> String {
    let words = why.split_whitespace();
    let words = words.filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

/// One server item for each mail, one delivery for each draft sent (invariant I2).
fn twice_on_server(index: &Index<'_>, ops: &Ops<'_>, sides: &Sides<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (mail, copies) in &sides.server {
        let delivered = hand(index, *mail);
        let delivered = delivered.filter(|(_, op)| matches!(op, MailboxOp::Deliver { .. })).count();
        if copies.len() <= delivered.max(1) {
            continue;
        }
        // After a loss of state nothing tells the server that it knows the draft (row 24).
        let adds = || ops.of(*mail).iter().filter(|op| op.kind == Kind::Add);
        if delivered == 0 && adds().any(|op| op.restarted) {
            continue;
        }
        let folders: Vec<_> = copies.iter().map(|copy| copy.folder.as_str()).collect();
        let (count, folders) = (copies.len(), folders.join(" and "));
        let mut relocations = ops.of(*mail).iter().filter(|op| op.relocates());
        let finding = match relocations.next_back() {
            None => {
                let sentence = format!(
                    "{mail} is on the server {count} times ({folders}), though it was delivered once."
                );
                Finding::new(Class::Duplicate, sentence, "on the server twice")
            }
            Some(op) => {
                let did = match op.kind {
                    Kind::Add | Kind::Send { .. } => "add",
                    Kind::Move { .. } => "move",
                    _ => "delete",
                };
                let calls: Vec<_> = match op.kind {
                    Kind::Add => adds().flat_map(|op| op.attempts.clone()).collect(),
                    _ => op.attempts.clone(),
                };
                let phone = Index::phone(op.device);
                let times = list(&calls);
                let sentence = format!(
                    "{mail} is on the server {count} times ({folders}): {phone} asked in {times} \
                     to {did} it once."
                );
                let shape = if calls.len() > 1 { "repeated" } else { "sent once" };
                let shape = format!("on the server twice, {did} {shape}");
                let finding = Finding::new(Class::Duplicate, sentence, &shape);
                finding.device(op.device).calls(calls).began(op.start)
            }
        };
        findings.push(finding.mail(*mail).folder(&copies[0].folder));
    }
    for (mail, count) in sides.sent.iter().filter(|(_, count)| **count > 1) {
        let sends = ops.of(*mail).iter().filter(|op| matches!(op.kind, Kind::Send { .. }));
        if sends.clone().any(|op| op.restarted) {
            continue;
        }
        let calls: Vec<_> = sends.flat_map(|op| op.attempts.clone()).collect();
        let sentence = format!("{mail} was sent {count} times: asked for in {}.", list(&calls));
        let finding = Finding::new(Class::Duplicate, sentence, "sent twice");
        findings.push(finding.mail(*mail).calls(calls));
    }
    findings
}

/// One device against the server.
struct Side<'a, 'h> {
    index: &'a Index<'h>,
    ops: &'a Ops<'h>,
    sides: &'a Sides<'a>,
    device: &'a DeviceTruth,
    rules: Rules,
    /// After the last unconditional Sync, when everything must agree; before it only what is present is owed.
    at_rest: bool,
}

/// A mail in one folder: how many copies the device has, must have, may have.
#[derive(Default)]
struct Tally<'a> {
    held: Vec<&'a DeviceMail>,
    owed: Vec<&'a ServerMail>,
    tolerated: usize,
    /// Server copies that the filter keeps out.
    aged: usize,
    /// How such a copy came to the device all the same.
    despite: Option<Despite>,
}

impl Tally<'_> {
    fn missing(&self) -> bool {
        self.held.len() < self.owed.len()
    }

    fn extra(&self) -> bool {
        self.held.len() > self.owed.len() + self.tolerated
    }
}

impl<'a> Side<'a, '_> {
    fn compare(&self) -> Vec<Finding> {
        let mut mails: BTreeMap<MailName, BTreeMap<&FolderName, Tally<'a>>> = BTreeMap::new();
        let mut findings = Vec::new();
        let synced = |folder: &FolderName| {
            self.device.synced.iter().find(|(name, _)| name == folder).map(|(_, filter)| *filter)
        };
        for held in &self.device.mails {
            if synced(&held.folder).is_none() {
                continue;
            }
            match held.mail {
                Some(mail) => {
                    let tally = mails.entry(mail).or_default().entry(&held.folder).or_default();
                    tally.held.push(held);
                }
                None => findings.extend(self.nameless(held)),
            }
        }
        for copy in &self.sides.truth.server {
            let Some(filter) = synced(&copy.folder) else { continue };
            let tally = mails.entry(copy.mail).or_default().entry(&copy.folder).or_default();
            match age(copy.received, self.sides.truth.now, filter, self.rules) {
                _ if copy.marked_deleted => tally.tolerated += 1,
                Age::Inside => tally.owed.push(copy),
                Age::Edge => tally.tolerated += 1,
                // When an item that has left the filter goes is not written anywhere: another server may take its time,
                // but it may not bring one.
                Age::Outside => match self.brought_despite(copy, filter) {
                    None if !self.rules.strict => tally.tolerated += 1,
                    despite => {
                        tally.aged += 1;
                        tally.despite = despite;
                    }
                },
            }
        }
        findings.extend(mails.iter().filter_map(|(mail, tallies)| self.mail(*mail, tallies)));
        findings
    }

    fn brought_despite(&self, copy: &ServerMail, filter: Option<i64>) -> Option<Despite> {
        let label = self.index.label(&copy.folder)?;
        let now = self.sides.truth.now;
        let outside = |filter| age(copy.received, now, filter, self.rules) == Age::Outside;
        brought_despite(self.index, self.device.device, label, copy.mail, filter, outside)
    }

    fn mail(&self, mail: MailName, tallies: &BTreeMap<&FolderName, Tally<'a>>) -> Option<Finding> {
        let missing = tallies.iter().find(|(_, tally)| tally.missing());
        let extra = tallies.iter().find(|(_, tally)| tally.extra());
        let finding = match (missing, extra) {
            (Some((folder, tally)), other) => {
                // Of two copies on the server, one on the device is what the user misses least.
                let copied = self.sides.server(mail).len() > 1;
                if copied && tallies.values().any(|tally| !tally.held.is_empty()) {
                    return None;
                }
                if !self.at_rest && (!tally.held.is_empty() || self.came_late(mail, folder)) {
                    return None;
                }
                self.missing(mail, folder, other.map(|(folder, _)| *folder))
            }
            (None, Some((folder, tally))) if self.at_rest || self.was_told(mail, folder) => {
                let rightful = tally.owed.len() + tally.tolerated > 0
                    || tallies.values().any(|tally| !tally.held.is_empty() && !tally.extra());
                if rightful {
                    self.twice(mail, folder, tally, tallies)
                } else {
                    self.ghost(mail, folder, tally)
                }
            }
            (None, None) => {
                let told = tallies.keys().all(|folder| self.was_told(mail, folder));
                return if self.at_rest || told { self.stale(mail, tallies) } else { None };
            }
            _ => return None,
        };
        Some(finding.mail(mail).device(self.device.device))
    }

    /// Whether the device had asked for the changes of a folder, and had an answer, after all that ever happened to a mail:
    /// of what is older than its last Sync nothing may be missing, whether Ping speaks of it or not (2.9 of the rules).
    fn was_told(&self, mail: MailName, folder: &FolderName) -> bool {
        let (index, device) = (self.index, self.device.device);
        let Some(label) = index.label(folder).filter(|_| self.rules.strict) else { return false };
        let exchanges = index.exchanges_of(device, label);
        let mut taken = exchanges.iter().filter(|exchange| {
            let asks = |request: &activesync::sync::Collection| {
                !request.sync_key.is_zero() && request.wants_changes()
            };
            exchange.request.is_some_and(asks)
                && exchange.received.is_some_and(|at| at < self.sides.truth.events)
        });
        let Some(last) = taken.next_back() else { return false };
        let filtered = exchanges.iter().any(|exchange| {
            let options = exchange.request.and_then(|request| request.options.as_ref());
            options.is_some_and(|options| options.filter_seconds().is_some())
        });
        let mut mine = index.calls.iter().filter(|(name, _)| name.device == device);
        let disturbed = mine.any(|(_, call)| call.disturbed);
        let quiet = hand(index, mail).all(|(at, _)| at < last.sent)
            && self.ops.of(mail).iter().all(|op| op.end() < last.sent)
            && self.ops.folder_deletes.is_empty()
            && index.folders_deleted.is_empty()
            && index
                .intents
                .get(&(device, mail))
                .is_none_or(|wishes| wishes.iter().all(|at| *at < last.sent));
        // A collection that found no room is passed over like one without changes (MS-ASCMD R4780, R4782); that there is
        // more to come only MoreAvailable tells.
        let passed_over = last.full && last.replies.is_empty() && !index.goes_on(last.call);
        quiet && !filtered && !disturbed && !last.unread && !passed_over
    }

    /// Whether the mail is in an answer that the server gave to a request after the device had had the answer to a later
    /// one, or to a copy that the network made: for the server it is the last answer, and Ping builds on it (MS-ASCMD
    /// R5636).
    fn came_late(&self, mail: MailName, folder: &FolderName) -> bool {
        let (index, device) = (self.index, self.device.device);
        let carried = index.carried(device, mail).iter().filter(|carried| {
            let collection = index.exchanges[carried.exchange].collection;
            let here = index.folder(device, collection);
            carried.kind == Carry::Add && here.is_some() && here == index.label(folder)
        });
        let mut late = carried.filter(|carried| {
            let exchange = &index.exchanges[carried.exchange];
            let overtaken = index.calls.iter().any(|(name, call)| {
                name.device == device
                    && call.sent > exchange.sent
                    && call.received.is_some_and(|received| received < carried.at)
            });
            let copy = index.calls.get(&exchange.call).is_some_and(|call| call.failed.is_none());
            exchange.received.is_none() && (overtaken || copy)
        });
        late.next().is_some()
    }

    fn missing(
        &self,
        mail: MailName,
        folder: &FolderName,
        elsewhere: Option<&FolderName>,
    ) -> Finding {
        let (device, phone) = (self.device.device, Index::phone(self.device.device));
        let wanted = Wanted::Add;
        let (finding, story) = if self.at_rest {
            let story = story(self.index, self.ops, device, folder, mail, wanted);
            let text = &story.text;
            let finding = match elsewhere {
                Some(other) => {
                    let sentence = format!(
                        "{mail} is in {folder} on the server, but {phone} has it in {other}: {text}."
                    );
                    Finding::new(Class::WrongFolder, sentence, &story.shape)
                }
                None if story.brought => {
                    let sentence = format!("{mail} is missing on {phone}, in {folder}: {text}.");
                    Finding::new(Class::LostMail, sentence, &story.shape)
                }
                None => {
                    let sentence = format!("{mail} never reached {phone}: {text}.");
                    Finding::new(Class::LostMail, sentence, &story.shape)
                }
            };
            (finding, story)
        } else {
            let story = silence(self.index, self.ops, device, folder, mail);
            let text = &story.text;
            let sentence = format!(
                "{mail} is on the server in {folder}, but {phone} came to rest without it: {text}."
            );
            // Found only because it was looked for: until something else happens, the user does not see the mail.
            (Finding::new(Class::LostMail, sentence, &story.shape), story)
        };
        tell(finding, &story).folder(folder)
    }

    fn ghost(&self, mail: MailName, folder: &FolderName, tally: &Tally<'_>) -> Finding {
        let (device, phone) = (self.device.device, Index::phone(self.device.device));
        let story = match tally.despite {
            Some(despite) => despite.story(),
            None => story(self.index, self.ops, device, folder, mail, Wanted::Delete),
        };
        let gone = if tally.aged > 0 {
            format!("{mail} is older than what {folder} is to show")
        } else {
            story
                .cause
                .clone()
                .unwrap_or_else(|| format!("{mail} is not in {folder} on the server"))
        };
        let text = &story.text;
        let sentence = format!("{gone}, but {phone} still shows it: {text}.");
        tell(Finding::new(Class::Ghost, sentence, &story.shape), &story).folder(folder)
    }

    fn twice(
        &self,
        mail: MailName,
        folder: &FolderName,
        tally: &Tally<'_>,
        tallies: &BTreeMap<&FolderName, Tally<'_>>,
    ) -> Finding {
        let (device, phone) = (self.device.device, Index::phone(self.device.device));
        if tally.owed.len() + tally.tolerated > 0 {
            let ids = tally
                .held
                .iter()
                .map(|held| held.server_id.as_ref().map_or("none".to_owned(), ToString::to_string));
            let ids: Vec<_> = ids.collect();
            let one_id = ids.windows(2).all(|pair| pair[0] == pair[1]);
            let sentence = format!(
                "{phone} shows {mail} {} times in {folder} (ids {}), the server has it once.",
                tally.held.len(),
                ids.join(", ")
            );
            let shape = if one_id { "twice under one id" } else { "twice under two ids" };
            return Finding::new(Class::Duplicate, sentence, shape).folder(folder);
        }
        let story = story(self.index, self.ops, device, folder, mail, Wanted::Delete);
        let rightful = tallies.iter().find(|(_, tally)| !tally.held.is_empty() && !tally.extra());
        let rightful = rightful.map_or("elsewhere", |(name, _)| name.as_str());
        let text = &story.text;
        let sentence = format!(
            "{phone} shows {mail} twice, in {rightful}, where it is, and in {folder}, where it is \
             not: {text}."
        );
        tell(Finding::new(Class::Duplicate, sentence, &story.shape), &story).folder(folder)
    }

    fn stale(&self, mail: MailName, tallies: &BTreeMap<&FolderName, Tally<'_>>) -> Option<Finding> {
        let pairs = tallies.iter().filter_map(|(folder, tally)| {
            match (tally.held.as_slice(), tally.owed.as_slice()) {
                ([held], [owed]) => Some((*folder, *held, *owed)),
                _ => None,
            }
        });
        let mut differences = pairs.flat_map(|(folder, held, owed)| {
            Property::ALL.map(|property| {
                let (here, there) = match property {
                    Property::Read => (Value::Read(held.read), Value::Read(owed.read)),
                    Property::Flag => (Value::Flag(&held.flag), Value::Flag(&owed.flag)),
                };
                (folder, property, here, there)
            })
        });
        let exact = self.rules.strict;
        let (folder, property, here, there) =
            differences.find(|(_, _, here, there)| !here.same(*there, exact))?;
        let (device, phone) = (self.device.device, Index::phone(self.device.device));
        let story =
            story(self.index, self.ops, device, folder, mail, Wanted::Value(property, there));
        let (here, there, text) = (here.words(), there.words(), &story.text);
        let sentence = if here == there {
            let words = property.words();
            format!("the {words} of {mail} has another text on {phone} than on the server: {text}.")
        } else {
            format!("{mail} is {here} on {phone}, but {there} on the server: {text}.")
        };
        let shape = format!("{} differs, {}", property.words(), story.shape);
        let finding = Finding::new(Class::StaleFlag, sentence, &shape);
        Some(tell(finding, &story).folder(folder).mail(mail).device(device))
    }

    /// An item that names no mail: our own server has none, others may.
    fn nameless(&self, held: &DeviceMail) -> Option<Finding> {
        if !self.rules.strict || !self.at_rest {
            return None;
        }
        let (phone, folder) = (Index::phone(self.device.device), &held.folder);
        let sentence = format!(
            "{phone} shows an item in {folder} that is no mail of the server: it has no subject."
        );
        let finding = Finding::new(Class::Ghost, sentence, "an item without a subject");
        Some(finding.device(self.device.device).folder(folder))
    }

    /// The hierarchy is the same on both sides (invariant I6).
    fn folders(&self) -> Vec<Finding> {
        let phone = Index::phone(self.device.device);
        let by_label = |folders: &'a [activesync::history::FolderTruth]| {
            folders.iter().map(|folder| (&folder.folder, &folder.display_name)).collect()
        };
        let there: BTreeMap<_, _> = by_label(&self.sides.truth.folders);
        let here: BTreeMap<_, _> = by_label(&self.device.folders);
        // Without a list of the server's folders there is nothing to compare.
        if there.is_empty() {
            return Vec::new();
        }
        let missing = there.keys().filter(|folder| !here.contains_key(*folder)).map(|folder| {
            (*folder, format!("folder {folder} never reached {phone}."), "folder missing")
        });
        let extra = here.keys().filter(|folder| {
            !there.contains_key(*folder) && (self.rules.strict || self.deleted(folder))
        });
        let extra = extra.map(|folder| {
            let sentence =
                format!("{phone} still shows folder {folder}, which the server does not have.");
            (*folder, sentence, "folder still shown")
        });
        let renamed = there.iter().filter_map(|(folder, name)| {
            let shown = here.get(folder).filter(|shown| *shown != name)?;
            let sentence = format!(
                "folder {folder} is called \"{name}\" on the server and \"{shown}\" on {phone}."
            );
            Some((*folder, sentence, "folder has another name"))
        });
        let all = missing.chain(extra).chain(renamed);
        let finding = |(folder, sentence, shape): (&FolderName, String, &str)| {
            let finding = Finding::new(Class::WrongFolder, sentence, shape);
            finding.device(self.device.device).folder(folder)
        };
        all.map(finding).collect()
    }

    fn deleted(&self, folder: &FolderName) -> bool {
        self.index.folders_deleted.iter().any(|at| {
            matches!(
                &self.index.events[*at],
                activesync::history::Event::Mailbox(MailboxOp::DeleteFolder(name, _)) if name == folder
            )
        })
    }
}

fn tell(mut finding: Finding, story: &Story) -> Finding {
    finding.calls.clone_from(&story.calls);
    finding.began_at = story.began;
    finding
}
