//! The SyncKey claim: when a device presents a key, what the server believes it holds is what it holds, less its pending
//! changes. A claim that breaks names the step where a harm began; a broken claim without harm is a finding of its own.

use std::collections::{BTreeMap, BTreeSet};

use activesync::history::{CallName, DeviceName, Event, HeldItem, MailName};
use activesync::{CollectionId, Request, ServerId};

use crate::finding::{Class, Finding};
use crate::index::Index;

/// Where a claim broke.
struct Break<'h> {
    at: usize,
    call: CallName,
    collection: &'h CollectionId,
    /// Items on which server and device differ.
    items: Vec<&'h ServerId>,
}

/// Dates the findings by the first claim that broke for the same device (the same mail, where it can be named), and
/// reports broken claims of devices that saw no harm.
pub(crate) fn date(index: &Index<'_>, findings: &mut Vec<Finding>) {
    let breaks = breaks(index);
    let mut first: BTreeMap<DeviceName, &Break<'_>> = BTreeMap::new();
    let mut by_mail: BTreeMap<(DeviceName, MailName), usize> = BTreeMap::new();
    for broken in &breaks {
        let device = broken.call.device;
        first.entry(device).or_insert(broken);
        for id in &broken.items {
            if let Some(mail) = index.mail(device, broken.collection, id) {
                by_mail.entry((device, mail)).or_insert(broken.at);
            }
        }
    }
    for finding in findings.iter_mut().filter(|finding| finding.class != Class::IllegalAnswer) {
        let Some(device) = finding.device else { continue };
        let named = finding.mail.and_then(|mail| by_mail.get(&(device, mail)).copied());
        let step = named.or_else(|| first.get(&device).map(|broken| broken.at));
        // The story may know an earlier step than the claim, which is looked at only when a key is presented.
        finding.began_at = match (finding.began_at, step) {
            (Some(told), Some(step)) => Some(told.min(step)),
            (told, step) => told.or(step),
        };
    }
    let harmed: BTreeSet<_> = findings.iter().filter_map(|finding| finding.device).collect();
    let silent = first.into_iter().filter(|(device, _)| !harmed.contains(device));
    let silent: Vec<_> = silent.map(|(device, broken)| report(index, device, broken)).collect();
    findings.extend(silent);
}

fn report(index: &Index<'_>, device: DeviceName, broken: &Break<'_>) -> Finding {
    let phone = Index::phone(device);
    let items = broken.items.iter().map(|id| {
        let mail = index.mail(device, broken.collection, id);
        mail.map_or_else(|| id.to_string(), |mail| mail.to_string())
    });
    let items = items.collect::<Vec<_>>().join(", ");
    let sentence = format!(
        "when {phone} presented its key in {}, the server was wrong about what it holds ({items}); no \
         harm followed.",
        broken.call
    );
    let finding = Finding::new(Class::BrokenClaim, sentence, "belief differs, no harm");
    finding.device(device).calls([broken.call]).began(broken.at)
}

fn breaks<'h>(index: &Index<'h>) -> Vec<Break<'h>> {
    let moved = moved(index);
    let mut held: BTreeMap<(CallName, &str), &[HeldItem]> = BTreeMap::new();
    for event in index.events {
        if let Event::Held { call, collection, items, .. } = event {
            held.entry((*call, collection.as_str())).or_insert(items);
        }
    }
    let mut breaks = Vec::new();
    for (at, event) in index.events.iter().enumerate() {
        let Event::Belief { call, collection, key, items } = event else { continue };
        let Some(own) = held.get(&(*call, collection.as_str())) else { continue };
        if key.is_zero() {
            continue;
        }
        // A move of its own is pending in both folders until the device has synchronised them (MS-ASCMD R289).
        let settled = |item: &&HeldItem| !moved.contains(&(call.device, item.server_id.as_str()));
        let believed: BTreeSet<_> = items.iter().filter(settled).collect();
        let own: BTreeSet<_> = own.iter().filter(settled).collect();
        let differing = believed.symmetric_difference(&own).map(|item| &item.server_id);
        let differing: BTreeSet<_> = differing.collect();
        if !differing.is_empty() {
            let items = differing.into_iter().collect();
            breaks.push(Break { at, call: *call, collection, items });
        }
    }
    breaks
}

/// Ids that a device gave to MoveItems or got from it.
fn moved<'h>(index: &Index<'h>) -> BTreeSet<(DeviceName, &'h str)> {
    let mut ids = BTreeSet::new();
    for (name, call) in &index.calls {
        if let Request::MoveItems(request) = call.request {
            ids.extend(request.moves.iter().map(|item| (name.device, item.source_id.as_str())));
        }
        for answer in &call.answers {
            if let Some(activesync::Response::MoveItems(response)) = answer.response {
                let new = response.moved.iter().filter_map(|item| item.destination_id.as_ref());
                ids.extend(new.map(|id| (name.device, id.as_str())));
            }
        }
    }
    ids
}
