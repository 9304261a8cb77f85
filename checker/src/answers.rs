//! What an answer may not say, judged from the answer and what the server gave out before (invariant I7).

use std::collections::{BTreeMap, BTreeSet};

use activesync::history::{CallName, DeviceName, Event, Fault, MailName, MailboxOp};
use activesync::sync::{self, ClientCommand, CollectionResponse, ItemResponse};
use activesync::{
    CollectionId, PingStatus, Request, Response, ServerId, SyncKey, SyncStatus, moves, ping,
};

use crate::Rules;
use crate::finding::{Class, Finding};
use crate::index::{Answer, Call, Carry, Exchange, Index, Issued, Label, What, answers};

/// Every illegal answer.
pub(crate) fn findings(index: &Index<'_>, rules: Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, call) in &index.calls {
        for answer in &call.answers {
            let judge = Judge { name: *name, call, answer, rules };
            judge.answer(&mut findings);
        }
    }
    for (device, exchanges) in index.collections() {
        let keys = Keys { index, device, exchanges: &exchanges, rules };
        keys.judge(&mut findings);
    }
    if rules.strict {
        findings.extend(rebound(index));
        findings.extend(silent_pings(index));
    }
    findings
}

/// An illegal answer in a call.
fn illegal(call: CallName, at: usize, sentence: String, shape: &str) -> Finding {
    let finding = Finding::new(Class::IllegalAnswer, sentence, shape);
    finding.device(call.device).calls([call]).began(at)
}

/// One answer by itself.
struct Judge<'a, 'h> {
    name: CallName,
    call: &'a Call<'h>,
    answer: &'a Answer<'h>,
    rules: Rules,
}

impl Judge<'_, '_> {
    fn answer(&self, findings: &mut Vec<Finding>) {
        let name = self.name;
        if let Some(why) = self.answer.unreadable.filter(|_| self.answer.http == 200) {
            let sentence = format!("the body of {name} cannot be read: {why}.");
            let command = self.call.request.command();
            findings.push(self.illegal(sentence, &format!("body of {command} cannot be read")));
        }
        match (self.call.request, self.answer.response) {
            (Request::Sync(Some(request)), Some(Response::Sync(Some(response)))) => {
                self.window(request, response, findings);
                for body in &response.collections {
                    self.collection(request, body, findings);
                }
            }
            (Request::Sync(Some(request)), Some(Response::Sync(None))) if self.rules.strict => {
                let mut collections = request.collections.iter();
                let owed = collections.any(|collection| {
                    collection.sync_key.is_zero() || !collection.commands.is_empty()
                });
                // An empty answer says that nothing changed (MS-ASCMD R667, R679).
                if owed {
                    let sentence =
                        format!("{name} carries commands or key 0 and got an empty answer.");
                    findings.push(self.illegal(sentence, "empty answer to commands or key 0"));
                }
            }
            (Request::MoveItems(request), Some(Response::MoveItems(response)))
                if self.rules.strict =>
            {
                self.moves(request, response, findings);
            }
            _ => {}
        }
    }

    fn illegal(&self, sentence: String, shape: &str) -> Finding {
        illegal(self.name, self.answer.at, sentence, shape)
    }

    /// Fewer than WindowSize is always allowed, more never (MS-ASCMD R4764, R4776).
    fn window(
        &self,
        request: &sync::Request,
        response: &sync::Response,
        findings: &mut Vec<Finding>,
    ) {
        let name = self.name;
        let total: usize = response.collections.iter().map(|body| body.commands.len()).sum();
        let window = request.window_size.map(|size| sync::effective_window(Some(size)));
        if window.is_some_and(|window| total > window as usize) {
            let window = window.unwrap_or_default();
            let sentence =
                format!("{name} carries {total} changes, the request allows {window} in all.");
            findings.push(self.illegal(sentence, "more changes than the window of the request"));
        }
        for body in &response.collections {
            let asked = listed(request, &body.collection_id);
            let Some(asked) =
                asked.filter(|asked| asked.window_size.is_some() || self.rules.strict)
            else {
                continue;
            };
            let (count, window) = (body.commands.len(), asked.window());
            if count > window as usize {
                let id = &body.collection_id;
                let sentence = format!(
                    "{name} carries {count} changes of collection {id}, the window is {window}."
                );
                findings.push(self.illegal(sentence, "more changes than the window"));
            }
        }
    }

    fn collection(
        &self,
        request: &sync::Request,
        body: &CollectionResponse,
        findings: &mut Vec<Finding>,
    ) {
        let (name, id) = (self.name, &body.collection_id);
        let Some(asked) = listed(request, id) else {
            if self.rules.strict && !request.partial {
                let sentence =
                    format!("{name} answers for collection {id}, which was not asked for.");
                findings.push(self.illegal(sentence, "a collection that was not asked for"));
            }
            return;
        };
        if body.status != SyncStatus::Success {
            let new =
                body.sync_key.as_ref().filter(|key| !key.is_zero() && **key != asked.sync_key);
            // A key beside a failure would cover what was not done (2.1; an inference, so by the letter only).
            if let Some(key) = new.filter(|_| self.rules.strict) {
                let code = body.status.code();
                let sentence = format!(
                    "{name} fails in collection {id} with status {code} and gives the new key {key} \
                     all the same."
                );
                findings.push(self.illegal(sentence, "failure with a new key"));
            }
            return;
        }
        self.responses(asked, body, findings);
    }

    fn responses(
        &self,
        asked: &sync::Collection,
        body: &CollectionResponse,
        findings: &mut Vec<Finding>,
    ) {
        let name = self.name;
        // Every Add has its entry, successful or not (MS-ASCMD R6412 to R6414).
        for command in &asked.commands {
            if let ClientCommand::Add { client_id, .. } = command
                && !body.responses.iter().any(|entry| answers(entry, command))
            {
                let sentence = format!(
                    "{name} does not say what became of the Add with ClientId {client_id}."
                );
                findings.push(self.illegal(sentence, "an Add without its entry in Responses"));
            }
        }
        for entry in &body.responses {
            if !asked.commands.iter().any(|command| answers(entry, command)) {
                let what = match entry {
                    ItemResponse::Add { client_id, .. } => format!("an Add of {client_id}"),
                    ItemResponse::Change { server_id, .. } => format!("a Change of {server_id}"),
                    ItemResponse::Delete { server_id, .. } => format!("a Delete of {server_id}"),
                    ItemResponse::Fetch { server_id, .. } => format!("a Fetch of {server_id}"),
                };
                let sentence = format!("{name} answers {what}, which it was not asked for.");
                findings.push(self.illegal(sentence, "Responses name what was not asked for"));
            }
        }
        let given = body.responses.iter().filter_map(|entry| match entry {
            ItemResponse::Add { server_id: Some(id), status: SyncStatus::Success, .. } => Some(id),
            _ => None,
        });
        let mut ids = BTreeSet::new();
        // One item of the server for each Add (row 22).
        for id in given {
            if !ids.insert(id) {
                let sentence = format!("{name} gives the id {id} to two Adds.");
                findings.push(self.illegal(sentence, "one id for two Adds"));
            }
        }
    }

    fn moves(
        &self,
        request: &moves::Request,
        response: &moves::Response,
        findings: &mut Vec<Finding>,
    ) {
        let name = self.name;
        let count =
            |id: &ServerId| response.moved.iter().filter(|moved| moved.source_id == *id).count();
        let asked =
            |id: &ServerId| request.moves.iter().filter(|item| item.source_id == *id).count();
        let wrong = request.moves.iter().map(|item| &item.source_id);
        let wrong = wrong.chain(response.moved.iter().map(|moved| &moved.source_id));
        if let Some(id) = wrong.into_iter().find(|id| count(id) != asked(id)) {
            let (answers, moves) = (count(id), asked(id));
            let sentence =
                format!("{name} asks to move {id} {moves} times and is answered {answers} times.");
            findings.push(self.illegal(sentence, "MoveItems answered for other items than asked"));
        }
    }
}

fn listed<'a>(request: &'a sync::Request, id: &CollectionId) -> Option<&'a sync::Collection> {
    request.collections.iter().find(|collection| collection.collection_id == *id)
}

/// The keys of one collection.
struct Keys<'a, 'h> {
    index: &'a Index<'h>,
    device: DeviceName,
    exchanges: &'a [&'a Exchange<'h>],
    rules: Rules,
}

/// A key that the server gave.
struct Given<'h> {
    at: usize,
    key: &'h SyncKey,
    /// For which key.
    presented: Option<&'h SyncKey>,
    call: CallName,
}

impl<'h> Keys<'_, 'h> {
    fn judge(&self, findings: &mut Vec<Finding>) {
        let mut replies: Vec<_> = self
            .exchanges
            .iter()
            .flat_map(|exchange| {
                exchange.replies.iter().map(move |reply| (reply.at, *exchange, reply.body))
            })
            .collect();
        replies.sort_by_key(|reply| reply.0);
        let mut given: Vec<Given<'h>> = Vec::new();
        // Beside a failure a key was given as well, whatever it is worth.
        let mut known: BTreeSet<&SyncKey> = BTreeSet::new();
        // A history that does not begin with key 0 does not tell which keys were given before.
        let mut whole = false;
        for (at, exchange, body) in replies {
            let presented = exchange.key();
            let zero = presented.is_some_and(SyncKey::is_zero);
            if let (Some(key), true, false) = (presented, whole, zero) {
                findings.extend(self.invented(at, exchange, body, key, &known));
                if self.rules.strict && body.status == SyncStatus::InvalidSyncKey {
                    findings.extend(self.forgotten(at, exchange, key, &given));
                }
            }
            known.extend(&body.sync_key);
            let new = body.sync_key.as_ref().filter(|_| body.status == SyncStatus::Success);
            let Some(key) = new else { continue };
            if self.rules.strict {
                findings.extend(reused(at, exchange, body, key, &given));
            }
            whole |= zero;
            given.push(Given { at, key, presented, call: exchange.call });
        }
    }

    /// Keys that the server never gave are refused (MS-ASCMD R4425, row 36).
    fn invented(
        &self,
        at: usize,
        exchange: &Exchange<'_>,
        body: &CollectionResponse,
        key: &SyncKey,
        known: &BTreeSet<&SyncKey>,
    ) -> Option<Finding> {
        (body.status == SyncStatus::Success && !known.contains(key)).then(|| {
            let (call, id) = (exchange.call, &body.collection_id);
            let sentence = format!(
                "{call} presents the key {key} for collection {id}, which {} was never given, and the \
                 server takes it.",
                Index::phone(self.device)
            );
            illegal(call, at, sentence, "a key that was never given is taken")
        })
    }

    /// The current key and, until it is presented, the one before it are honoured (MS-ASCMD R5107, R5122).
    fn forgotten(
        &self,
        at: usize,
        exchange: &Exchange<'_>,
        key: &SyncKey,
        given: &[Given<'_>],
    ) -> Option<Finding> {
        let last = given.iter().rev().find(|given| given.at < exchange.sent)?;
        let honoured = last.key == key || last.presented == Some(key);
        if !honoured || given.last().is_some_and(|given| given.at > exchange.sent) {
            return None;
        }
        // Once the newer key was presented, the older one may go (2.2 of the rules: "only when K+1 is presented").
        let confirmed = last.key != key
            && self.exchanges.iter().any(|other| {
                other.call != exchange.call && other.sent < at && other.key() == Some(last.key)
            });
        // What a copy made by the network is told, the device never hears.
        let excused = confirmed
            || exchange.received.is_none()
            || self.crossed(at, exchange, last)
            || self.lost_state(at, last)
            || exchange.unread;
        (!excused).then(|| {
            let call = exchange.call;
            let (sentence, shape) = if last.key == key {
                let sentence =
                    format!("{call} presents the key {key} that {} gave, and the server refuses it.", last.call);
                (sentence, "the current key is refused")
            } else {
                let sentence = format!(
                    "{call} repeats the key {key} of {}, whose answer nobody has confirmed, and the server \
                     refuses it.",
                    last.call
                );
                (sentence, "a retry with the previous key is refused")
            };
            illegal(call, at, sentence, shape)
        })
    }

    /// Whether another request about the collection may have come between.
    fn crossed(&self, at: usize, exchange: &Exchange<'_>, last: &Given<'_>) -> bool {
        let events = self.index.events;
        self.exchanges.iter().any(|other| {
            let disturbed = self.index.calls.get(&other.call).is_some_and(|call| call.disturbed);
            if disturbed && other.sent < at && (other.call == last.call || other.sent > last.at) {
                return true;
            }
            if other.call == exchange.call || other.sent > at || other.lost {
                return false;
            }
            let answered = other.replies.iter().all(|reply| reply.at < exchange.sent);
            if answered && self.answered(other.call, exchange.sent) {
                return false;
            }
            // What was in the server when it died is gone.
            let mut since = events[other.sent..exchange.sent.max(other.sent)].iter();
            !since.any(|event| matches!(event, Event::Fault(Fault::ServerCrashed)))
        })
    }

    fn answered(&self, call: CallName, before: usize) -> bool {
        self.index.calls.get(&call).is_some_and(|call| {
            !call.answers.is_empty() && call.answers.iter().all(|answer| answer.at < before)
        })
    }

    /// Whether the server lost its state, or the folder.
    fn lost_state(&self, at: usize, last: &Given<'_>) -> bool {
        let asked = self.index.calls.get(&last.call).map_or(last.at, |call| call.sent);
        let between = self.index.events.iter().take(at).skip(asked);
        let lost = between.filter(|event| {
            matches!(event, Event::Fault(Fault::StateLost(device)) if *device == self.device)
        });
        let folder_gone = !self.index.folders_deleted.is_empty()
            || self.index.issued.iter().any(|issued| deletes_folder(issued) && issued.sent < at);
        lost.count() > 0 || folder_gone
    }
}

/// A key names one state for good: it never comes back for another one (MS-ASCMD R5034).
fn reused(
    at: usize,
    exchange: &Exchange<'_>,
    body: &CollectionResponse,
    key: &SyncKey,
    given: &[Given<'_>],
) -> Option<Finding> {
    let (call, id) = (exchange.call, &body.collection_id);
    let presented = exchange.key();
    let changed = !body.commands.is_empty();
    if presented == Some(key) {
        return changed.then(|| {
            let sentence = format!(
                "{call} brings changes of collection {id} and leaves the key at {key}: one key stands \
                 for two states."
            );
            illegal(call, at, sentence, "changes without a new key")
        });
    }
    // Key 0 begins anew; an empty or partial Sync names no key, so that nothing can be compared.
    let since = given.iter().rposition(|given| given.presented.is_some_and(SyncKey::is_zero));
    let era = since.map_or(given, |since| &given[since..]);
    let other = era.iter().find(|given| {
        given.key == key && given.presented.is_some() && given.presented != presented
    })?;
    presented.filter(|presented| !presented.is_zero())?;
    let sentence = format!(
        "{call} gives the key {key} for collection {id}, which {} gave for another state.",
        other.call
    );
    Some(illegal(call, at, sentence, "a key given for two states"))
}

/// Ids that stand for two mails (row 22: the id belongs to exactly this ClientId).
fn rebound(index: &Index<'_>) -> Vec<Finding> {
    let rebound = index.rebound.iter().map(|again| {
        let (call, id, first, second) = (again.call, again.id, again.first, again.second);
        let collection = again.collection;
        let sentence = format!(
            "{call} gives the id {id} of collection {collection} to {second}, and it was the id of {first}."
        );
        illegal(call, again.at, sentence, "an id given to a second mail").mail(second)
    });
    rebound.collect()
}

/// A Ping that ends with "nothing" although a mail was waiting when it began: what is pending at its start ends it at once
/// (MS-ASCMD R5636, invariant I12).
fn silent_pings(index: &Index<'_>) -> Vec<Finding> {
    let mut cached: BTreeMap<DeviceName, &[ping::Folder]> = BTreeMap::new();
    let mut pings: Vec<_> = index
        .calls
        .iter()
        .filter_map(|(name, call)| match call.request {
            Request::Ping(request) => Some((*name, call, request.as_ref())),
            _ => None,
        })
        .collect();
    pings.sort_by_key(|(_, call, _)| call.sent);
    let mut findings = Vec::new();
    for (position, (name, call, request)) in pings.iter().enumerate() {
        if let Some(folders) = request.and_then(|request| request.folders.as_deref()) {
            cached.insert(name.device, folders);
        }
        let Some(answer) = call.answers.first() else { continue };
        let silent = matches!(answer.response, Some(Response::Ping(ping)) if ping.status == PingStatus::Expired);
        let superseded = pings[position + 1..]
            .iter()
            .any(|(other, call, _)| other.device == name.device && call.sent < answer.at);
        // What no device took in, such as the answer to a copy that the network made, keeps nobody from its mail.
        let unheard = call.received.is_none();
        if !silent || call.disturbed || superseded || unheard {
            continue;
        }
        let folders = cached.get(&name.device).copied().unwrap_or_default();
        let labels = folders.iter().filter_map(|folder| index.folder(name.device, &folder.id));
        let waiting =
            labels.flat_map(|label| waiting(index, name.device, label, call.sent, answer.at));
        findings.extend(waiting.map(|mail| {
            let sentence =
                format!("Ping {name} ended with nothing, though {mail} was waiting when it began.");
            illegal(*name, answer.at, sentence, "Ping silent over a waiting mail").mail(mail)
        }));
    }
    findings
}

/// Mails that surely lay in a folder from before `sent` until `at`, and that no answer had yet brought to the device.
fn waiting(
    index: &Index<'_>,
    device: DeviceName,
    label: Label,
    sent: usize,
    at: usize,
) -> Vec<MailName> {
    // Without a key there is no baseline, and what the filter keeps out does not wait.
    let primed = index.exchanges_of(device, label).iter().any(|exchange| {
        exchange.received.is_some_and(|received| received < sent) && exchange.new_key().is_some()
    });
    let unfiltered = index.exchanges_of(device, label).iter().all(|exchange| {
        exchange
            .request
            .and_then(|request| request.options.as_ref())
            .is_none_or(|options| options.filter_seconds().is_none())
    });
    if !primed || !unfiltered || !index.folders_deleted.is_empty() {
        return Vec::new();
    }
    let lies = |mail: &MailName| {
        let mut since = None;
        for (when, op) in crate::ops::hand(index, *mail).take_while(|(when, _)| *when < at) {
            since = match op {
                MailboxOp::Deliver { folder, .. } | MailboxOp::Move { to: folder, .. } => {
                    (index.label(folder) == Some(label)).then_some(when)
                }
                MailboxOp::Delete { .. } => None,
                _ => since,
            };
        }
        since.filter(|since| *since < sent).is_some_and(|since| {
            let mut told = index.carried(device, *mail).iter();
            let told =
                told.any(|carried| carried.kind == Carry::Add && (since..at).contains(&carried.at));
            // What a device deletes or moves may be gone by then.
            let touched = index.issued.iter().any(|issued| {
                issued.sent < at && (issued.mail == Some(*mail) || deletes_folder(issued))
            });
            !told && !touched
        })
    };
    index.hand.keys().copied().filter(lies).collect()
}

fn deletes_folder(issued: &Issued<'_>) -> bool {
    matches!(issued.what, What::DeleteFolder)
}
