//! The SyncKey claim: when a device presents a key, what the server believes it holds is what it holds, less its pending
//! changes. A claim that breaks names the step where a harm began; a broken claim without harm is a finding of its own.

use std::collections::{BTreeMap, BTreeSet};

use activesync::history::{CallName, DeviceName, Event, HeldItem, MailName};
use activesync::{CollectionId, Flag, Request, ServerId};

use crate::finding::{Class, Finding};
use crate::index::{Index, What};
use crate::ops::hand_relocates;

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
    let fetched = fetched(index);
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
        let device = call.device;
        // Of what has left its folder, the server may take a change without keeping it (rows 6 and 7).
        let left = |id: &ServerId| {
            let mail = index.mail(device, collection, id);
            mail.is_some_and(|mail| hand_relocates(index, mail, 0, at))
        };
        let of = |items: &'h [HeldItem]| -> BTreeSet<Claimed<'h>> {
            // A move of its own is pending in both folders until the device has synchronised them (MS-ASCMD R289).
            let settled =
                items.iter().filter(|item| !moved.contains(&(device, item.server_id.as_str())));
            settled
                .map(|item| {
                    // A Fetch may have brought newer values than the key stands for (row 25).
                    let newer = left(&item.server_id)
                        || fetched.contains(&(device, item.server_id.as_str()));
                    (&item.server_id, (!newer).then_some((item.read, &item.flag)))
                })
                .collect()
        };
        let (believed, own) = (of(items), of(own));
        let differing = believed.symmetric_difference(&own).map(|item| item.0);
        let differing: BTreeSet<_> = differing.collect();
        if !differing.is_empty() {
            let items = differing.into_iter().collect();
            breaks.push(Break { at, call: *call, collection, items });
        }
    }
    breaks
}

/// An item of a claim, with what is claimed of it.
type Claimed<'h> = (&'h ServerId, Option<(bool, &'h Flag)>);

/// Ids that a device has fetched.
fn fetched<'h>(index: &Index<'h>) -> BTreeSet<(DeviceName, &'h str)> {
    let fetches = index.issued.iter().filter(|issued| matches!(issued.what, What::Fetch));
    fetches.filter_map(|issued| Some((issued.device, issued.id?.as_str()))).collect()
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
