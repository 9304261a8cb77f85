//! How it came about, told from the history: which answers carried an item, which of them arrived, which key passed over
//! it. Nothing here knows a defect; the shape of the story groups findings of one cause.

use std::ops::Range;

use activesync::history::{CallName, DeviceName, Event, Fault, FolderName, MailName, MailboxOp};
use activesync::{PingStatus, Request, Response, SyncStatus};

use crate::index::{Call, Carried, Carry, Exchange, Index, Label, Reply};
use crate::ops::{Kind, Ops, hand};
use crate::registers::{Property, Value};

/// What the server owed a device about a mail.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Wanted<'a> {
    Add,
    Delete,
    Value(Property, Value<'a>),
}

/// How it came about.
#[derive(Default)]
pub(crate) struct Story {
    /// As the end of a sentence.
    pub(crate) text: String,
    /// The same without names.
    pub(crate) shape: String,
    /// The calls it speaks of.
    pub(crate) calls: Vec<CallName>,
    /// Where it began.
    pub(crate) began: Option<usize>,
    /// Why the device should have been told, as the beginning of a sentence.
    pub(crate) cause: Option<String>,
    /// The device was told, in an answer that it took in.
    pub(crate) brought: bool,
}

impl Story {
    pub(crate) fn new(text: String, shape: &str) -> Self {
        Self { text, shape: shape.to_owned(), ..Self::default() }
    }

    pub(crate) fn calls(mut self, calls: impl IntoIterator<Item = CallName>) -> Self {
        self.calls = calls.into_iter().collect();
        self
    }

    pub(crate) fn began(mut self, at: usize) -> Self {
        self.began = Some(at);
        self
    }
}

/// Why a device does not show what the server has.
pub(crate) fn story(
    index: &Index<'_>,
    ops: &Ops<'_>,
    device: DeviceName,
    folder: &FolderName,
    mail: MailName,
    wanted: Wanted<'_>,
) -> Story {
    let Some(label) = index.label(folder) else { return Story::default() };
    let exchanges = index.exchanges_of(device, label);
    let cause = cause(index, ops, label, mail, wanted);
    let restart = exchanges.iter().rev().find(|exchange| {
        exchange.key().is_some_and(activesync::SyncKey::is_zero) && !exchange.replies.is_empty()
    });
    let restart = restart.filter(|_| wanted != Wanted::Delete).map_or(0, |exchange| exchange.sent);
    // What nobody removed left by growing old, some time after it had last been brought.
    let aged = cause.is_none() && wanted == Wanted::Delete;
    let brought = index.carried(device, mail).last().filter(|_| aged);
    let since = cause.as_ref().map(|cause| cause.at).or(brought.map(|carried| carried.at));
    let since = since.unwrap_or(0).max(restart);
    let brought = brought.map(|carried| index.exchanges[carried.exchange].call);
    let teller = Teller { index, device, label, mail, wanted, since, brought, exchanges };
    let mut story = teller.tell();
    story.cause = cause.map(|cause| cause.words);
    story
}

/// Why a device came to rest without a mail that one more Sync brought.
pub(crate) fn silence(
    index: &Index<'_>,
    ops: &Ops<'_>,
    device: DeviceName,
    folder: &FolderName,
    mail: MailName,
) -> Story {
    let label = index.label(folder);
    let since = label.and_then(|label| cause(index, ops, label, mail, Wanted::Add));
    let since = since.map_or(0, |cause| cause.at);
    let exchanges = label.map_or_else(Vec::new, |label| index.exchanges_of(device, label));
    let carriers = index.carried(device, mail).iter();
    let carriers: Vec<_> = carriers
        .filter(|carried| carried.kind == Carry::Add)
        .map(|carried| index.exchanges[carried.exchange].call)
        .collect();
    let left_out = exchanges.iter().rev().find(|exchange| {
        let told = exchange.reply().is_some_and(|reply| {
            reply.at > since && reply.succeeds() && !reply.body.more_available
        });
        told && exchange.sent > since && !carriers.contains(&exchange.call)
    });
    if let Some(exchange) = left_out {
        let call = exchange.call;
        let text = format!(
            "{call} left it out and did not say that more is available, so nothing asked again"
        );
        let shape = "came to rest without it, left out without MoreAvailable";
        let at = exchange.reply().map_or(exchange.sent, |reply| reply.at);
        return Story::new(text, shape).calls([call]).began(at);
    }
    let ping = index.calls.iter().rev().find(|(name, call)| {
        name.device == device
            && matches!(call.request, Request::Ping(_))
            && call.answers.iter().any(|answer| {
                let silent = matches!(
                    answer.response,
                    Some(Response::Ping(ping)) if ping.status == PingStatus::Expired
                );
                answer.at > since && silent
            })
    });
    if let Some((name, call)) = ping {
        let text = format!("Ping {name} ended without a word of it");
        let shape = "came to rest without it, Ping silent";
        return Story::new(text, shape).calls([*name]).began(call.sent);
    }
    Story::new("nothing woke it".into(), "came to rest without it, nothing woke it")
}

/// What happened on the server that the device should have been told of.
struct Cause {
    at: usize,
    words: String,
}

fn cause(
    index: &Index<'_>,
    ops: &Ops<'_>,
    label: Label,
    mail: MailName,
    wanted: Wanted<'_>,
) -> Option<Cause> {
    let folder = index.labels[label];
    let by_hand = hand(index, mail).filter_map(|(at, op)| {
        let words = match (wanted, op) {
            (Wanted::Add, MailboxOp::Deliver { folder: to, .. } | MailboxOp::Move { to, .. })
                if to == folder =>
            {
                format!("{mail} came to {folder}")
            }
            (Wanted::Delete, MailboxOp::Delete { from, .. }) if from == folder => {
                format!("{mail} was deleted in {folder}")
            }
            (Wanted::Delete, MailboxOp::Move { from, to, .. }) if from == folder => {
                format!("{mail} was moved from {folder} to {to}")
            }
            (Wanted::Value(property, value), op) if property.of_hand(op).is_some() => {
                format!("{mail} was made {}", value.words())
            }
            _ => return None,
        };
        Some(Cause { at, words })
    });
    let with_folder = index.folders_deleted.iter().filter_map(|at| match &index.events[*at] {
        Event::Mailbox(MailboxOp::DeleteFolder(name, mails))
            if wanted == Wanted::Delete && name == folder && mails.contains(&mail) =>
        {
            Some(Cause { at: *at, words: format!("{mail} was deleted with {folder}") })
        }
        _ => None,
    });
    let done = ops.of(mail).iter().filter(|op| !op.only_refused());
    let by_devices = done.filter_map(|op| {
        let phone = Index::phone(op.device);
        let words = match (wanted, op.kind) {
            (Wanted::Add, Kind::Move { to }) if to == Some(label) => {
                format!("{phone} moved {mail} to {folder}")
            }
            (Wanted::Add, Kind::Delete { moves: true }) if index.trash.contains(&label) => {
                format!("{phone} deleted {mail} into {folder}")
            }
            (Wanted::Add, Kind::Add) if op.folder == Some(label) => {
                format!("{phone} wrote {mail} in {folder}")
            }
            (Wanted::Delete, Kind::Delete { .. }) if op.folder == Some(label) => {
                format!("{phone} deleted {mail} in {folder}")
            }
            (Wanted::Delete, Kind::Move { to }) if op.folder == Some(label) => {
                let to = to.map_or("another folder", |to| index.labels[to].as_str());
                format!("{phone} moved {mail} from {folder} to {to}")
            }
            (Wanted::Value(property, value), kind) if property.of_op(kind).is_some() => {
                format!("{phone} made {mail} {}", value.words())
            }
            _ => return None,
        };
        Some(Cause { at: op.start, words })
    });
    by_hand.chain(with_folder).chain(by_devices).max_by_key(|cause| cause.at)
}

/// What a device that never comes to rest does over and over: the end of its longest run of calls that are alike, one by one
/// or by twos; its last calls when there is none.
pub(crate) fn over_and_over(index: &Index<'_>, device: DeviceName) -> Option<Story> {
    const LOOKED_AT: usize = 6;
    let mut calls: Vec<_> = index.calls.iter().filter(|(name, _)| name.device == device).collect();
    calls.sort_by_key(|(_, call)| call.sent);
    let turn = |call: &Call<'_>| format!("{} {}", call.request.command(), gist(call));
    let all: Vec<String> = calls.iter().map(|(_, call)| turn(call)).collect();
    let end =
        longest_run(&all).filter(|run| run.len() >= LOOKED_AT).map_or(all.len(), |run| run.end);
    let last = end.saturating_sub(LOOKED_AT)..end;
    let (from, to) = (calls[last.clone()].first()?.0, calls[last.clone()].last()?.0);
    let mut turns: Vec<&str> = Vec::new();
    for turn in &all[last] {
        if !turns.contains(&turn.as_str()) {
            turns.push(turn);
        }
    }
    let turns = turns.join(", ");
    let text = format!("over and over {turns} ({from} to {to})");
    Some(Story::new(text, &turns).calls([*from, *to]))
}

/// The longest stretch in which each equals the one before it, or else the one before that; the last of several.
fn longest_run(turns: &[String]) -> Option<Range<usize>> {
    let run = |period: usize| {
        let mut start = 0;
        (0..turns.len()).filter_map(move |at| {
            if at >= period && turns[at] != turns[at - period] {
                start = at + 1 - period;
            }
            (at + 1 - start > period).then_some(start..at + 1)
        })
    };
    run(1).chain(run(2)).max_by_key(ExactSizeIterator::len)
}

/// The gist of an answer.
fn gist(call: &Call<'_>) -> String {
    let Some(answer) = call.answers.first() else { return "not answered".into() };
    match answer.response {
        None if answer.unreadable.is_some() => "not readable".into(),
        None => format!("answered with HTTP {}", answer.http),
        Some(Response::Sync(None)) => "answered with nothing".into(),
        Some(Response::Sync(Some(sync))) => {
            let statuses = sync.collections.iter().map(|body| body.status);
            let items = sync.collections.iter().flat_map(|body| &body.responses);
            let statuses = statuses.chain(items.map(activesync::sync::ItemResponse::status));
            let mut failed = sync.status.into_iter().chain(statuses);
            let failed = failed.find(|status| *status != SyncStatus::Success);
            let changes = sync.collections.iter().any(|body| !body.commands.is_empty());
            let more = sync.collections.iter().any(|body| body.more_available);
            match (failed, changes, more) {
                (Some(status), ..) => format!("answered with status {}", status.code()),
                (None, true, _) => "answered with changes".into(),
                (None, false, true) => "answered with MoreAvailable and nothing else".into(),
                (None, false, false) => "answered with nothing".into(),
            }
        }
        Some(Response::Ping(ping)) => format!("answered with status {}", ping.status.code()),
        Some(Response::FolderSync(response)) => {
            format!("answered with status {}", response.status.code())
        }
        Some(
            Response::FolderCreate(response)
            | Response::FolderUpdate(response)
            | Response::FolderDelete(response),
        ) => format!("answered with status {}", response.status.code()),
        Some(Response::MoveItems(response)) => {
            let status = response.moved.first().map(|moved| moved.status.code());
            status.map_or("answered with nothing".into(), |code| {
                format!("answered with status {code}")
            })
        }
        Some(_) => "answered".into(),
    }
}

struct Teller<'a, 'h> {
    index: &'a Index<'h>,
    device: DeviceName,
    label: Label,
    mail: MailName,
    wanted: Wanted<'a>,
    /// What came before does not matter.
    since: usize,
    /// The call that brought last what has grown too old.
    brought: Option<CallName>,
    exchanges: Vec<&'a Exchange<'h>>,
}

impl<'h> Teller<'_, 'h> {
    fn tell(&self) -> Story {
        let carried: Vec<_> = self
            .index
            .carried(self.device, self.mail)
            .iter()
            .filter(|carried| carried.at > self.since && self.here(carried))
            .collect();
        let (fitting, others): (Vec<_>, Vec<_>) =
            carried.iter().copied().partition(|carried| self.fits(carried));
        let arrived = fitting.iter().rev().find(|carried| self.arrived(carried));
        if let Some(carried) = arrived {
            let mut undone = others.iter();
            let undone = undone
                .find(|other| other.at > carried.at && self.arrived(other) && self.undoes(other));
            return self.brought(carried, undone);
        }
        match fitting.first() {
            Some(carried) => self.lost(carried, &fitting),
            None => self.never(),
        }
    }

    fn exchange(&self, carried: &Carried<'h>) -> &Exchange<'h> {
        &self.index.exchanges[carried.exchange]
    }

    fn here(&self, carried: &Carried<'h>) -> bool {
        let exchange = self.exchange(carried);
        self.index.folder(self.device, exchange.collection) == Some(self.label)
    }

    fn arrived(&self, carried: &Carried<'h>) -> bool {
        self.exchange(carried).received.is_some()
    }

    fn fits(&self, carried: &Carried<'h>) -> bool {
        match self.wanted {
            Wanted::Add => carried.kind == Carry::Add,
            Wanted::Delete => carried.kind == Carry::Delete,
            Wanted::Value(property, value) => {
                let shown = carried.data.and_then(|data| match property {
                    Property::Read => data.read.map(Value::Read),
                    Property::Flag => data.flag.as_ref().map(Value::Flag),
                });
                shown.is_some_and(|shown| shown.same(value, true))
            }
        }
    }

    fn undoes(&self, carried: &Carried<'h>) -> bool {
        match self.wanted {
            Wanted::Add => carried.kind == Carry::Delete,
            Wanted::Delete => carried.kind == Carry::Add,
            Wanted::Value(property, _) => carried.data.is_some_and(|data| match property {
                Property::Read => data.read.is_some(),
                Property::Flag => data.flag.is_some(),
            }),
        }
    }

    /// The device was told and took it in.
    fn brought(&self, carried: &Carried<'h>, undone: Option<&Carried<'h>>) -> Story {
        let call = self.exchange(carried).call;
        let story = if let Some(undone) = undone {
            let again = self.exchange(undone).call;
            let (text, shape) = match self.wanted {
                Wanted::Add => (
                    format!("{call} brought it, and {again} took it away again"),
                    "brought and taken away again",
                ),
                Wanted::Delete => (
                    format!("{call} removed it, and {again} brought it back"),
                    "removed and brought back",
                ),
                Wanted::Value(..) => (
                    format!("{call} brought the new value, and {again} brought another one"),
                    "new value brought and replaced",
                ),
            };
            Story::new(text, shape).calls([call, again]).began(undone.at)
        } else {
            let phone = Index::phone(self.device);
            let (text, shape) = match self.wanted {
                Wanted::Add => (
                    format!("{call} brought it, and {phone} does not hold it"),
                    "brought and not kept",
                ),
                Wanted::Delete => (
                    format!("{call} told {phone} to remove it, and it did not"),
                    "told to remove and kept",
                ),
                Wanted::Value(..) => (
                    format!("{call} brought the new value, and {phone} did not keep it"),
                    "new value not kept",
                ),
            };
            Story::new(text, shape).calls([call]).began(carried.at)
        };
        Story { brought: true, ..story }
    }

    /// Only answers that the device never took in told of it.
    fn lost(&self, first: &Carried<'h>, fitting: &[Carried<'h>]) -> Story {
        let exchange = self.exchange(first);
        let call = exchange.call;
        let what = match self.wanted {
            Wanted::Add => "that carried it",
            Wanted::Delete => "that carried its removal",
            Wanted::Value(..) => "that carried the new value",
        };
        let fate = self.fate(call);
        let next = self.exchanges.iter().find(|next| {
            let well = next.reply().is_none_or(Reply::succeeds);
            well && next.told().is_some_and(|told| told > first.at)
                && !fitting.iter().any(|carried| self.exchange(carried).call == next.call)
        });
        let Some(next) = next else {
            let text = format!("the answer {call} {what} {fate}, and nothing repeated it");
            return Story::new(text, "carried by a lost answer, nothing repeated it")
                .calls([call])
                .began(first.at);
        };
        let (name, moved) = (next.call, key_moved(next));
        let (how, shape) = if next.key().is_some() && next.key() == exchange.new_key() {
            (
                format!("yet {name} presents the key {} that came with it", key(next.key())),
                "carried by an answer not taken in, its key kept",
            )
        } else if next.key().is_some() && next.key() == exchange.key() {
            (
                format!("and the retry {name} {moved} without it"),
                "carried by a lost answer, retry answered without it",
            )
        } else if next.key().is_none() {
            (
                format!("and {name}, which names no key, {moved} without it"),
                "carried by a lost answer, a request without key answered without it",
            )
        } else {
            (
                format!("and {name} {moved} without it"),
                "carried by a lost answer, a later answer went on without it",
            )
        };
        let text = format!("the answer {call} {what} {fate}, {how}");
        Story::new(text, shape).calls([call, name]).began(next.told().unwrap_or(first.at))
    }

    fn never(&self) -> Story {
        let told = "no answer carried";
        let what = match self.wanted {
            Wanted::Add => "it",
            Wanted::Delete => "its removal",
            Wanted::Value(..) => "the new value",
        };
        let Some(exchange) = self.passed_over() else {
            let last = "no Sync of the folder was answered after that";
            if let Some(call) = self.brought {
                let text = format!("{call} brought it, and {last}");
                return Story::new(text, "brought, no answer after that").calls([call]);
            }
            return Story::new(format!("{told} {what}, and {last}"), "no answer after that");
        };
        let reply = exchange.reply();
        let (name, moved) = (exchange.call, key_moved(exchange));
        let asked = exchange.request.is_none_or(activesync::sync::Collection::wants_changes);
        let more = reply.is_some_and(|reply| reply.body.more_available);
        let failed = reply.filter(|reply| !reply.succeeds()).map(|reply| reply.body.status);
        let (how, shape) = if let Some(status) = failed {
            (
                format!("{name} failed with status {} and {moved} all the same", status.code()),
                "a failed answer moved the key over it",
            )
        } else if exchange.omitted.is_some() {
            (format!("{name} {moved}"), "an answer without changes passed over it")
        } else if exchange.sent < self.since {
            (
                format!("it happened while {name} was being answered, which {moved} over it"),
                "happened during a request whose key covers it",
            )
        } else if !asked {
            (
                format!("{name}, which asked for no changes, {moved} over it"),
                "an upload without GetChanges moved the key over it",
            )
        } else if exchange.unread {
            (
                format!("something could not be read in {name}, which {moved} over it"),
                "could not be read and was passed over",
            )
        } else if more {
            (
                format!("{name}, cut by the window, {moved} over it"),
                "cut by the window and never sent",
            )
        } else {
            (format!("{name} {moved} over it"), "the key moved over it")
        };
        let at = exchange.told().unwrap_or(exchange.sent);
        let text = format!("{told} {what}; {how}");
        Story::new(text, shape).calls([name]).began(at)
    }

    /// The first exchange whose answer should have told of it and did not.
    fn passed_over(&self) -> Option<&Exchange<'h>> {
        let mut late = self.exchanges.iter().copied().filter(|exchange| {
            // Key 0 gets a key and nothing else; a request under way may be answered from before, and says so only by its
            // key.
            let content = exchange.key().is_none_or(|key| !key.is_zero());
            let fresh = exchange.omitted.is_none() || exchange.sent > self.since && !exchange.full;
            let keyed = exchange.reply().is_none_or(|reply| reply.body.sync_key.is_some());
            content && fresh && keyed && exchange.told().is_some_and(|told| told > self.since)
        });
        let first = late.next()?;
        // Of two that may be at fault, the one in which something went wrong.
        let failing = late.find(|exchange| exchange.unread);
        Some(failing.filter(|_| first.sent < self.since && !first.unread).unwrap_or(first))
    }

    /// What became of an answer that the device did not take in.
    fn fate(&self, call: CallName) -> &'static str {
        let faults = self.index.events.iter().filter_map(|event| match event {
            Event::Fault(fault) => Some(*fault),
            _ => None,
        });
        let mut fate = "did not arrive";
        for fault in faults {
            fate = match fault {
                Fault::ResponseLost(name) if name == call => "was lost",
                Fault::ResponseCut(name) if name == call => "arrived cut",
                Fault::TimedOut(name) if name == call => "came too late",
                _ => fate,
            };
        }
        let sent = self.index.calls.get(&call).map_or(0, |call| call.sent);
        let died = self.index.events.iter().skip(sent).any(|event| {
            matches!(event, Event::Fault(Fault::DeviceCrashed(device)) if *device == self.device)
        });
        if fate == "did not arrive" && died { "was not stored before the phone died" } else { fate }
    }
}

fn key(key: Option<&activesync::SyncKey>) -> String {
    key.map_or("?".to_owned(), ToString::to_string)
}

/// As in "moved the key from 4 to 5".
fn key_moved(exchange: &Exchange<'_>) -> String {
    let new = exchange.reply().and_then(|reply| reply.body.sync_key.as_ref());
    match (exchange.key(), new) {
        (Some(old), Some(new)) if old == new => format!("left the key at {new}"),
        (Some(old), Some(new)) => format!("moved the key from {old} to {new}"),
        (None, Some(new)) => format!("moved the key to {new}"),
        (_, None) if exchange.omitted.is_some() => "answered as if nothing had changed".to_owned(),
        (_, None) => "answered".to_owned(),
    }
}
