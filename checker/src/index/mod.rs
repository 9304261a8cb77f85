//! A history read once: calls with their answers, what each collection was asked and told, which mail an id stands for.

mod exchange;
mod labels;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use activesync::history::{CallName, DeviceName, Event, FolderName, MailName};
use activesync::{CollectionId, Response, ServerId};

pub(crate) use exchange::{Answer, Call, Carried, Carry, Exchange, Issued, Rebound, Reply, What};
pub(crate) use labels::Label;
pub(crate) use read::answers;

/// Everything that the judgements look up.
#[derive(Default)]
pub(crate) struct Index<'h> {
    /// The history.
    pub(crate) events: &'h [Event],
    /// All folder labels, in order.
    pub(crate) labels: Vec<&'h FolderName>,
    /// Folders into which a Delete moves.
    pub(crate) trash: BTreeSet<Label>,
    /// Folders into which sent mail goes.
    pub(crate) sent_items: BTreeSet<Label>,
    /// The calls.
    pub(crate) calls: BTreeMap<CallName, Call<'h>>,
    /// What was asked and told of each collection, in the order in which it was sent.
    pub(crate) exchanges: Vec<Exchange<'h>>,
    /// Positions in `exchanges`.
    by_collection: BTreeMap<(DeviceName, &'h str), Vec<usize>>,
    /// Which folder a collection is.
    collections: BTreeMap<(DeviceName, &'h str), Label>,
    /// Which folder a displayed name means.
    called: BTreeMap<&'h str, Option<Label>>,
    /// Which mail an id stands for at this point of the reading, at the end for the last time.
    names: BTreeMap<(DeviceName, &'h str, &'h str), MailName>,
    /// Server commands about a mail, in order.
    carried: BTreeMap<(DeviceName, MailName), Vec<Carried<'h>>>,
    /// Commands of the clients, in order.
    pub(crate) issued: Vec<Issued<'h>>,
    /// What the other hand did to a mail, folder deletions aside: positions of events.
    pub(crate) hand: BTreeMap<MailName, Vec<usize>>,
    /// What the users of the devices did to a mail: positions of events.
    pub(crate) intents: BTreeMap<(DeviceName, MailName), Vec<usize>>,
    /// Folders that the other hand deleted: positions of events.
    pub(crate) folders_deleted: Vec<usize>,
    /// Which folders lay below which at some time: with a folder goes what is below it.
    nested: BTreeSet<(Label, Label)>,
    /// Devices that the administrator asked to be wiped, and when.
    pub(crate) wipes: Vec<(DeviceName, usize)>,
    /// Folders that a device started anew.
    resets: Vec<(DeviceName, Label, usize)>,
    /// Ids that were given to a second mail: the answer, the id, the first and the second mail.
    pub(crate) rebound: Vec<Rebound<'h>>,
}

impl<'h> Index<'h> {
    /// The label of a folder.
    pub(crate) fn label(&self, folder: &FolderName) -> Option<Label> {
        self.labels.binary_search(&folder).ok()
    }

    /// The folder that a collection is for a device.
    pub(crate) fn folder(&self, device: DeviceName, collection: &CollectionId) -> Option<Label> {
        self.collections.get(&(device, collection.as_str())).copied()
    }

    /// Whether a folder may have lain below another, however deep.
    pub(crate) fn below(&self, folder: Label, parent: Label) -> bool {
        let mut under = BTreeSet::from([parent]);
        loop {
            let more = self.nested.iter().filter(|(_, parent)| under.contains(parent));
            let more: Vec<_> = more.map(|(child, _)| *child).collect();
            let before = under.len();
            under.extend(more);
            if under.len() == before {
                return folder != parent && under.contains(&folder);
            }
        }
    }

    /// The mail that an id stood for at the end.
    pub(crate) fn mail(
        &self,
        device: DeviceName,
        collection: &CollectionId,
        id: &ServerId,
    ) -> Option<MailName> {
        self.names.get(&(device, collection.as_str(), id.as_str())).copied()
    }

    /// The exchanges of a device about a folder, in order, over all the ids that the folder had.
    pub(crate) fn exchanges_of(&self, device: DeviceName, folder: Label) -> Vec<&Exchange<'h>> {
        let ids = self.collections.iter();
        let ids = ids.filter(|((owner, _), label)| *owner == device && **label == folder);
        let lists = ids.filter_map(|(key, _)| self.by_collection.get(key));
        let mut positions: Vec<_> = lists.flatten().copied().collect();
        positions.sort_unstable();
        positions.into_iter().map(|position| &self.exchanges[position]).collect()
    }

    /// The exchanges of a device about a collection, in order.
    pub(crate) fn exchanges_on<'s>(
        &'s self,
        device: DeviceName,
        collection: &'s CollectionId,
    ) -> impl DoubleEndedIterator<Item = &'s Exchange<'h>> {
        let list = self.by_collection.get(&(device, collection.as_str()));
        list.into_iter().flatten().map(|position| &self.exchanges[*position])
    }

    /// Every collection that a device spoke of.
    pub(crate) fn collections(&self) -> impl Iterator<Item = (DeviceName, Vec<&Exchange<'h>>)> {
        self.by_collection.iter().map(|((device, _), list)| {
            (*device, list.iter().map(|position| &self.exchanges[*position]).collect())
        })
    }

    /// Whether an answer to a call says MoreAvailable of any collection.
    pub(crate) fn goes_on(&self, call: CallName) -> bool {
        let answers = self.calls.get(&call).into_iter().flat_map(|call| &call.answers);
        let mut bodies = answers.filter_map(|answer| match answer.response {
            Some(Response::Sync(Some(response))) => Some(&response.collections),
            _ => None,
        });
        bodies.any(|bodies| bodies.iter().any(|body| body.more_available))
    }

    /// The server commands about a mail to a device, in order.
    pub(crate) fn carried(&self, device: DeviceName, mail: MailName) -> &[Carried<'h>] {
        self.carried.get(&(device, mail)).map_or(&[], Vec::as_slice)
    }

    /// Whether the server took a mail away from a device between two events, so that its id means nothing any more.
    pub(crate) fn withdrawn(
        &self,
        device: DeviceName,
        mail: MailName,
        from: usize,
        until: usize,
    ) -> bool {
        self.carried(device, mail)
            .iter()
            .any(|carried| carried.kind == Carry::Delete && (from..=until).contains(&carried.at))
    }

    /// Whether a device started a folder anew at or after an event.
    pub(crate) fn reset_since(&self, device: DeviceName, folder: Option<Label>, at: usize) -> bool {
        self.resets.iter().any(|(owner, label, when)| {
            *owner == device && folder.is_none_or(|folder| folder == *label) && *when >= at
        })
    }

    /// The latest moment before which every change of a collection had been offered to the device, as far as an event
    /// knows: the start of the last call whose answer it took in and that left nothing for later. What a client does
    /// after that may meet any change made since.
    pub(crate) fn clean_before(
        &self,
        device: DeviceName,
        collection: &CollectionId,
        at: usize,
    ) -> usize {
        let clean = self.exchanges_on(device, collection).rev().find(|exchange| {
            exchange.received.is_some_and(|received| received < at) && exchange.is_clean()
        });
        // An answer may repeat what was found for an earlier request with the same key; silence is never stored.
        let stored = clean.filter(|exchange| exchange.omitted.is_none());
        let key = stored.and_then(Exchange::key);
        let first = key.and_then(|key| {
            let mut list = self.exchanges_on(device, collection);
            list.find(|exchange| exchange.key() == Some(key))
        });
        first.or(clean).map_or(0, |exchange| exchange.sent)
    }

    /// The device as a user would call it.
    pub(crate) fn phone(device: DeviceName) -> String {
        format!("phone {device}")
    }
}
