//! What the server owes a device beside its mail: its key of the hierarchy stays good, a wipe that was asked for reaches it,
//! and what was refused is said.

use activesync::history::{CallName, DeviceName, Event, Fault, MailName, MailboxOp, Truth};
use activesync::sync::{ClientCommand, ServerCommand};
use activesync::{CollectionId, FolderStatus, Mail, Request, Response, SyncKey, SyncStatus};

use crate::Rules;
use crate::finding::{Class, Finding};
use crate::index::{Call, Carry, Index, Label, answers};
use crate::ops::{Ops, hand};

/// Every duty that was not done.
pub(crate) fn findings(
    index: &Index<'_>,
    ops: &Ops<'_>,
    truth: &Truth,
    rules: Rules,
) -> Vec<Finding> {
    let mut findings = wipes(index, truth);
    if rules.strict {
        findings.extend(unasked_deletes(index, ops, truth));
        findings.extend(hierarchy_keys(index));
        findings.extend(read_only(index));
    }
    findings
}

/// A wipe stays pending until the device has acknowledged it (MS-ASPROV 3.1.5.1.2.2): a device that comes to rest has been
/// told.
fn wipes(index: &Index<'_>, truth: &Truth) -> Vec<Finding> {
    let told = |device: DeviceName, since: usize| {
        index.calls.iter().any(|(name, call)| {
            let directive = |answer: &crate::index::Answer<'_>| {
                matches!(answer.response, Some(Response::Provision(response)) if response.remote_wipe)
            };
            name.device == device
                && call.received.is_some_and(|received| received > since)
                && call.answers.iter().any(directive)
        })
    };
    let restless = |device: DeviceName| {
        truth.devices.iter().any(|other| other.device == device && other.restless.is_some())
    };
    let missed =
        index.wipes.iter().filter(|(device, at)| !restless(*device) && !told(*device, *at));
    let missed = missed.map(|(device, at)| {
        let phone = Index::phone(*device);
        let lost = index.calls.iter().find(|(name, call)| {
            name.device == *device && call.received.is_none() && call.answers.iter().any(|answer| {
                matches!(answer.response, Some(Response::Provision(response)) if response.remote_wipe)
            })
        });
        let (why, calls) = match lost {
            Some((name, _)) => (format!("the answer to {name} told it and was lost, and no other did"), vec![*name]),
            None => ("no answer told it".to_owned(), Vec::new()),
        };
        let sentence = format!("{phone} was to be wiped and still holds its mail: {why}.");
        let finding = Finding::new(Class::IllegalAnswer, sentence, "a wipe that never came");
        finding.device(*device).calls(calls).began(*at)
    });
    missed.collect()
}

/// A Delete of a mail that lies where it was delivered and that nobody has touched: the device loses it, if only until it is
/// sent again.
fn unasked_deletes(index: &Index<'_>, ops: &Ops<'_>, truth: &Truth) -> Vec<Finding> {
    let mut findings = Vec::new();
    let devices: std::collections::BTreeSet<_> =
        index.calls.keys().map(|name| name.device).collect();
    for (device, mail) in
        devices.iter().flat_map(|device| index.hand.keys().map(move |mail| (*device, *mail)))
    {
        for carried in index.carried(device, mail).iter().filter(|one| one.kind == Carry::Delete) {
            let exchange = &index.exchanges[carried.exchange];
            let Some(label) = index.folder(device, exchange.collection) else { continue };
            let filtered = index.exchanges_of(device, label).iter().any(|other| {
                let options = other.request.and_then(|request| request.options.as_ref());
                options.is_some_and(|options| options.filter_seconds().is_some())
            });
            let kept = truth.devices.iter().filter(|other| other.device == device);
            let filtered = filtered
                || kept
                    .flat_map(|device| &device.synced)
                    .any(|(folder, filter)| filter.is_some() && index.label(folder) == Some(label));
            let hard =
                exchange.replies.iter().flat_map(|reply| &reply.body.commands).any(|command| {
                    matches!(command, ServerCommand::Delete { server_id }
                    if index.mail(device, exchange.collection, server_id) == Some(mail))
                });
            if !hard || filtered || !lies_untouched(index, ops, mail, label, carried.at) {
                continue;
            }
            let (call, phone) = (exchange.call, Index::phone(device));
            let folder = index.labels[label];
            let sentence = format!(
                "{call} deletes {mail} on {phone}, though it lies in {folder} and nobody has touched it."
            );
            let finding =
                Finding::new(Class::IllegalAnswer, sentence, "a Delete of a mail that is there");
            findings.push(finding.mail(mail).device(device).calls([call]).began(carried.at));
        }
    }
    findings
}

/// Whether a mail surely lies in a folder, where it was delivered, and nobody has asked for anything else until then.
fn lies_untouched(
    index: &Index<'_>,
    ops: &Ops<'_>,
    mail: MailName,
    label: Label,
    until: usize,
) -> bool {
    let mut before = hand(index, mail).filter(|(at, _)| *at < until).map(|(_, op)| op);
    let delivered = matches!(before.next(), Some(MailboxOp::Deliver { folder, .. })
        if index.label(folder) == Some(label));
    let stays = before.all(|op| matches!(op, MailboxOp::Read { .. } | MailboxOp::Flag { .. }));
    let moved = ops.of(mail).iter().any(|op| op.relocates() && op.start < until);
    let folders = index.folders_deleted.iter().any(|at| *at < until)
        || ops.folder_deletes.iter().any(|op| op.start < until);
    delivered && stays && !moved && !folders
}

/// The key that a device was given last is honoured (MS-ASCMD R4581 speaks of keys that do not match; 2.2 of the rules holds
/// for the hierarchy as well).
fn hierarchy_keys(index: &Index<'_>) -> Vec<Finding> {
    let mut calls: Vec<_> =
        index.calls.iter().filter(|(_, call)| presented(call).is_some()).collect();
    calls.sort_by_key(|(_, call)| call.sent);
    let mut findings = Vec::new();
    for (name, call) in &calls {
        let Some(key) = presented(call).filter(|key| !key.is_zero()) else { continue };
        let refusal = call
            .answers
            .iter()
            .find(|answer| status(answer.response) == Some(FolderStatus::InvalidSyncKey));
        let Some(refusal) = refusal else { continue };
        let mine = calls.iter().filter(|(other, _)| other.device == name.device);
        let taken = mine.filter_map(|(other, earlier)| Some((earlier.received?, *other, *earlier)));
        let last = taken.filter(|(at, _, _)| *at < call.sent).max_by_key(|(at, _, _)| *at);
        let Some((_, giver, given)) = last else { continue };
        let gave = given.answers.iter().any(|answer| given_key(answer.response) == Some(key));
        // An answer that arrives late belongs to a request whose copy or retry may have been answered since.
        let disturbed = call.disturbed || given.disturbed || call.received.is_none();
        if !gave || disturbed || lost_state(index, name.device, given.sent, refusal.at) {
            continue;
        }
        let sentence = format!(
            "{name} presents the key of the hierarchy {key} that {giver} gave, and the server refuses it."
        );
        let finding = Finding::new(
            Class::IllegalAnswer,
            sentence,
            "the current key of the hierarchy is refused",
        );
        findings.push(finding.device(name.device).calls([**name]).began(refusal.at));
    }
    findings
}

fn lost_state(index: &Index<'_>, device: DeviceName, from: usize, until: usize) -> bool {
    let mut between = index.events.iter().take(until).skip(from);
    between.any(|event| matches!(event, Event::Fault(Fault::StateLost(other)) if *other == device))
}

fn presented<'h>(call: &Call<'h>) -> Option<&'h SyncKey> {
    match call.request {
        Request::FolderSync(request) => Some(&request.sync_key),
        Request::FolderCreate(request) => Some(&request.sync_key),
        Request::FolderUpdate(request) => Some(&request.sync_key),
        Request::FolderDelete(request) => Some(&request.sync_key),
        _ => None,
    }
}

fn status(response: Option<&Response>) -> Option<FolderStatus> {
    match response? {
        Response::FolderSync(response) => Some(response.status),
        Response::FolderCreate(response)
        | Response::FolderUpdate(response)
        | Response::FolderDelete(response) => Some(response.status),
        _ => None,
    }
}

fn given_key(response: Option<&Response>) -> Option<&SyncKey> {
    match response? {
        Response::FolderSync(response) => response.sync_key.as_ref(),
        Response::FolderCreate(response)
        | Response::FolderUpdate(response)
        | Response::FolderDelete(response) => response.sync_key.as_ref(),
        _ => None,
    }
}

/// A failed Change is named in Responses (MS-ASCMD R6412 to R6414); that of a property which only the sender may write fails
/// (MS-ASEMAIL R41, R347; row 33).
fn read_only(index: &Index<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, call) in &index.calls {
        let Request::Sync(Some(request)) = call.request else { continue };
        for collection in &request.collections {
            for command in &collection.commands {
                let ClientCommand::Change { server_id, data, .. } = command else { continue };
                let mail = index.mail(name.device, &collection.collection_id, server_id);
                // A draft may be written anew; what was delivered is none.
                let delivered = mail.is_some_and(|mail| hand(index, mail).next().is_some());
                if delivered && writes_content(data) {
                    let id = &collection.collection_id;
                    findings.extend(silent(*name, call, id, command));
                }
            }
        }
    }
    findings
}

fn silent(
    name: CallName,
    call: &Call<'_>,
    collection: &CollectionId,
    command: &ClientCommand,
) -> Option<Finding> {
    let taken = call.answers.iter().find(|answer| {
        let Some(Response::Sync(Some(response))) = answer.response else { return false };
        response.collections.iter().any(|body| {
            body.collection_id == *collection
                && body.status == SyncStatus::Success
                && !body
                    .responses
                    .iter()
                    .any(|entry| answers(entry, command) && entry.status() != SyncStatus::Success)
        })
    })?;
    let id = command.server_id()?;
    let sentence = format!("{name} changes the sender of {id}, and the server does not refuse it.");
    let finding = Finding::new(Class::IllegalAnswer, sentence, "a read-only property is taken");
    Some(finding.device(name.device).calls([name]).began(taken.at))
}

fn writes_content(data: &Mail) -> bool {
    data.from.is_some() || data.date_received.is_some()
}
