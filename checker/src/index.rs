//! A history read once: calls with their answers, what each collection was asked and told, which mail an id stands for.

use std::collections::{BTreeMap, BTreeSet};

use activesync::history::{
    CallName, DeviceName, DeviceOp, Event, Fault, FolderName, History, MailName, MailboxOp, Truth,
};
use activesync::sync::{self, ClientCommand, CollectionResponse, ItemResponse, ServerCommand};
use activesync::{
    CollectionId, FolderStatus, Mail, MoveStatus, Request, Response, ServerId, SyncKey, SyncStatus,
    folders, moves,
};

/// A folder, as a position in [`Index::labels`].
pub(crate) type Label = usize;

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
    /// Folders that a device started anew.
    resets: Vec<(DeviceName, Label, usize)>,
    /// Ids that were given to a second mail: the answer, the id, the first and the second mail.
    pub(crate) rebound: Vec<Rebound<'h>>,
}

/// A request and what was answered.
pub(crate) struct Call<'h> {
    pub(crate) request: &'h Request,
    pub(crate) sent: usize,
    pub(crate) answers: Vec<Answer<'h>>,
    /// When the device took the answer in.
    pub(crate) received: Option<usize>,
    /// It never reached the server.
    pub(crate) lost: bool,
    /// It may reach the server twice, or after the device gave it up.
    pub(crate) disturbed: bool,
    /// Something could not be read or written in it.
    pub(crate) unread: bool,
    /// Its commands, as positions in [`Index::issued`].
    pub(crate) issued: std::ops::Range<usize>,
}

/// An answer of the server.
pub(crate) struct Answer<'h> {
    pub(crate) at: usize,
    pub(crate) http: u16,
    pub(crate) response: Option<&'h Response>,
    pub(crate) unreadable: Option<&'h str>,
}

/// One collection in one call.
pub(crate) struct Exchange<'h> {
    pub(crate) call: CallName,
    pub(crate) collection: &'h CollectionId,
    pub(crate) sent: usize,
    /// What was asked; `None` when the collection was not listed (empty or partial Sync).
    pub(crate) request: Option<&'h sync::Collection>,
    /// What was answered, once for each time the server answered.
    pub(crate) replies: Vec<Reply<'h>>,
    /// The answer that passed the collection over in silence: nothing to say of it.
    pub(crate) omitted: Option<usize>,
    /// The window of the whole request was used up, so silence means nothing.
    pub(crate) full: bool,
    pub(crate) received: Option<usize>,
    pub(crate) lost: bool,
    pub(crate) unread: bool,
}

/// One collection of an answer.
pub(crate) struct Reply<'h> {
    pub(crate) at: usize,
    pub(crate) body: &'h CollectionResponse,
}

/// A command of the server about a mail.
#[derive(Clone, Copy)]
pub(crate) struct Carried<'h> {
    /// Position in [`Index::exchanges`].
    pub(crate) exchange: usize,
    pub(crate) at: usize,
    pub(crate) kind: Carry,
    pub(crate) data: Option<&'h Mail>,
}

/// Kind of a command of the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carry {
    Add,
    Change,
    Delete,
}

/// A command of a client, in one request.
pub(crate) struct Issued<'h> {
    pub(crate) device: DeviceName,
    pub(crate) call: CallName,
    pub(crate) sent: usize,
    /// The mail, if the id is known.
    pub(crate) mail: Option<MailName>,
    /// The folder of the item, if the collection is known.
    pub(crate) folder: Option<Label>,
    pub(crate) collection: &'h CollectionId,
    pub(crate) id: Option<&'h ServerId>,
    pub(crate) what: What<'h>,
    /// First answer that reports success.
    pub(crate) done: Option<usize>,
    /// First answer that refuses it for good, with the status.
    pub(crate) refused: Option<(usize, u16)>,
}

/// What a client command asks for.
#[derive(Clone, Copy)]
pub(crate) enum What<'h> {
    Add { send: bool },
    Change { data: &'h Mail, send: bool },
    Delete { moves: bool },
    Fetch,
    Move { to: Option<Label> },
    DeleteFolder,
}

/// An id that was given to a second mail.
pub(crate) struct Rebound<'h> {
    pub(crate) at: usize,
    pub(crate) call: CallName,
    pub(crate) collection: &'h CollectionId,
    pub(crate) id: &'h ServerId,
    pub(crate) first: MailName,
    pub(crate) second: MailName,
}

impl<'h> Index<'h> {
    /// Reads a history.
    pub(crate) fn new(history: &'h History, own_loop: &'h Truth, truth: &'h Truth) -> Self {
        let mut index = Self {
            events: &history.events,
            labels: labels(&history.events, own_loop, truth),
            ..Self::default()
        };
        for (at, event) in history.events.iter().enumerate() {
            match event {
                Event::Mailbox(op) => index.mailbox(at, op),
                Event::Device(device, op) => index.device(at, *device, op),
                Event::Sent { call, request } => index.sent(at, *call, request),
                Event::Answered { call, http_status, response, unreadable } => {
                    let answer = Answer {
                        at,
                        http: *http_status,
                        response: response.as_deref(),
                        unreadable: unreadable.as_deref(),
                    };
                    index.answered(*call, answer, own_loop, truth);
                }
                Event::Received(call) => {
                    if let Some(call) = index.calls.get_mut(call) {
                        call.received.get_or_insert(at);
                    }
                }
                Event::Fault(fault) => index.fault(*fault),
                Event::Failed(_) | Event::Belief { .. } | Event::Held { .. } => {}
            }
        }
        index.finish();
        index
    }

    /// The label of a folder.
    pub(crate) fn label(&self, folder: &FolderName) -> Option<Label> {
        self.labels.binary_search(&folder).ok()
    }

    /// The folder that a collection is for a device.
    pub(crate) fn folder(&self, device: DeviceName, collection: &CollectionId) -> Option<Label> {
        self.collections.get(&(device, collection.as_str())).copied()
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
        let key = stored.and_then(|exchange| exchange.key());
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

    fn mailbox(&mut self, at: usize, op: &'h MailboxOp) {
        match op {
            MailboxOp::Deliver { mail, .. }
            | MailboxOp::Read { mail, .. }
            | MailboxOp::Flag { mail, .. }
            | MailboxOp::Move { mail, .. }
            | MailboxOp::Delete { mail, .. } => self.hand.entry(*mail).or_default().push(at),
            MailboxOp::DeleteFolder(..) => self.folders_deleted.push(at),
            MailboxOp::CreateFolder(_) | MailboxOp::RenameFolder(_) => {}
        }
    }

    fn device(&mut self, at: usize, device: DeviceName, op: &'h DeviceOp) {
        match op {
            DeviceOp::Read { mail, .. }
            | DeviceOp::Flag { mail, .. }
            | DeviceOp::Delete { mail, .. }
            | DeviceOp::Move { mail, .. }
            | DeviceOp::Draft { mail, .. }
            | DeviceOp::SendDraft { mail, .. } => {
                self.intents.entry((device, *mail)).or_default().push(at);
            }
            DeviceOp::Reset(folder) => {
                if let Some(label) = self.label(folder) {
                    self.resets.push((device, label, at));
                }
            }
            DeviceOp::CreateFolder(_) | DeviceOp::RenameFolder(_) | DeviceOp::DeleteFolder(_) => {}
        }
    }

    fn sent(&mut self, at: usize, call: CallName, request: &'h Request) {
        let first = self.issued.len();
        match request {
            Request::Sync(Some(sync)) => {
                for collection in &sync.collections {
                    self.open_exchange(call, at, &collection.collection_id, Some(collection));
                    self.issue_all(at, call, collection);
                }
            }
            Request::MoveItems(request) => {
                request.moves.iter().for_each(|item| self.issue_move(at, call, item));
            }
            Request::FolderDelete(request) => {
                self.issue(at, call, &request.server_id, None, What::DeleteFolder);
            }
            _ => {}
        }
        let issued = first..self.issued.len();
        let entry = Call {
            request,
            sent: at,
            answers: Vec::new(),
            received: None,
            lost: false,
            disturbed: false,
            unread: false,
            issued,
        };
        // A name that is used twice is the recorder's mistake; the first use stands.
        self.calls.entry(call).or_insert(entry);
    }

    fn open_exchange(
        &mut self,
        call: CallName,
        sent: usize,
        collection: &'h CollectionId,
        request: Option<&'h sync::Collection>,
    ) -> usize {
        let position = self.exchanges.len();
        self.exchanges.push(Exchange {
            call,
            collection,
            sent,
            request,
            replies: Vec::new(),
            omitted: None,
            full: false,
            received: None,
            lost: false,
            unread: false,
        });
        let list = self.by_collection.entry((call.device, collection.as_str())).or_default();
        list.push(position);
        position
    }

    fn issue_all(&mut self, at: usize, call: CallName, collection: &'h sync::Collection) {
        let id = &collection.collection_id;
        let in_trash =
            self.folder(call.device, id).is_some_and(|label| self.trash.contains(&label));
        for command in &collection.commands {
            let what = match command {
                ClientCommand::Add { send, .. } => What::Add { send: *send },
                ClientCommand::Change { data, send, .. } => What::Change { data, send: *send },
                ClientCommand::Delete { .. } => What::Delete {
                    // Inside Deleted Items a Delete always destroys (practice; MS-ASCMD R2158 to R2161).
                    moves: collection.deletes_as_moves.unwrap_or(true) && !in_trash,
                },
                ClientCommand::Fetch { .. } => What::Fetch,
            };
            self.issue(at, call, id, command.server_id(), what);
            if let (ClientCommand::Add { data, .. }, Some(issued)) =
                (command, self.issued.last_mut())
            {
                issued.mail = data.subject.as_deref().and_then(MailName::find);
            }
        }
    }

    fn issue_move(&mut self, at: usize, call: CallName, item: &'h moves::Move) {
        let to = self.folder(call.device, &item.destination_folder);
        let what = What::Move { to };
        self.issue(at, call, &item.source_folder, Some(&item.source_id), what);
    }

    fn issue(
        &mut self,
        sent: usize,
        call: CallName,
        collection: &'h CollectionId,
        id: Option<&'h ServerId>,
        what: What<'h>,
    ) {
        let device = call.device;
        let folder = self.folder(device, collection);
        let mail = id.and_then(|id| self.mail(device, collection, id));
        let (done, refused) = (None, None);
        let issued =
            Issued { device, call, sent, mail, folder, collection, id, what, done, refused };
        self.issued.push(issued);
    }

    fn answered(&mut self, name: CallName, answer: Answer<'h>, own_loop: &Truth, truth: &Truth) {
        let Some(call) = self.calls.get_mut(&name) else { return };
        let (request, sent, issued) = (call.request, call.sent, call.issued.clone());
        let (at, response) = (answer.at, answer.response);
        call.answers.push(answer);
        match (request, response) {
            (_, Some(Response::Sync(Some(sync)))) => {
                for body in &sync.collections {
                    self.reply(name, sent, at, body, issued.clone());
                }
            }
            (_, Some(Response::MoveItems(response))) => self.moved(at, issued, response),
            (_, Some(Response::FolderSync(response))) => {
                for change in &response.changes {
                    if let folders::Change::Add(folder) | folders::Change::Update(folder) = change {
                        let (id, display) = (&folder.server_id, &folder.display_name);
                        let label = self.fold(name.device, id, display, own_loop, truth);
                        self.special(label, folder.folder_type);
                    }
                }
            }
            (Request::FolderCreate(request), Some(Response::FolderCreate(response))) => {
                if let Some(id) = &response.server_id {
                    self.fold(name.device, id, &request.display_name, own_loop, truth);
                }
            }
            (_, Some(Response::FolderDelete(response))) => {
                for issued in &mut self.issued[issued] {
                    match response.status {
                        FolderStatus::Success => {
                            issued.done.get_or_insert(at);
                        }
                        FolderStatus::Special | FolderStatus::NotFound => {
                            issued.refused.get_or_insert((at, response.status.code()));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn special(&mut self, label: Option<Label>, kind: folders::FolderType) {
        match (label, kind) {
            (Some(label), folders::FolderType::DeletedItems) => {
                self.trash.insert(label);
            }
            (Some(label), folders::FolderType::SentItems) => {
                self.sent_items.insert(label);
            }
            _ => {}
        }
    }

    /// Remembers which folder an id is, by what it is called.
    fn fold(
        &mut self,
        device: DeviceName,
        id: &'h CollectionId,
        display_name: &str,
        own_loop: &Truth,
        truth: &Truth,
    ) -> Option<Label> {
        let known = self.collections.get(&(device, id.as_str())).copied();
        // A rename changes what is displayed, never the folder.
        let label = known.or_else(|| self.called(display_name, own_loop, truth))?;
        self.collections.insert((device, id.as_str()), label);
        Some(label)
    }

    fn called(&self, display_name: &str, own_loop: &Truth, truth: &Truth) -> Option<Label> {
        let truths = [truth, own_loop];
        let shown = truths.iter().flat_map(|truth| {
            truth.folders.iter().chain(truth.devices.iter().flat_map(|device| &device.folders))
        });
        let mut shown = shown.filter(|folder| &*folder.display_name == display_name);
        if let Some(label) = shown.next().and_then(|folder| self.label(&folder.folder)) {
            return Some(label);
        }
        let starts = |label: &str| {
            let head = display_name.get(..label.len())?;
            let rest = display_name[label.len()..].chars().next();
            let whole = rest.is_none_or(|c| !c.is_alphanumeric());
            head.eq_ignore_ascii_case(label).then_some((whole, label.len()))
        };
        let fits = self.labels.iter().enumerate();
        let fits = fits.filter_map(|(at, label)| starts(label.as_str()).map(|fit| (fit, at)));
        fits.max().map(|(_, at)| at)
    }

    fn reply(
        &mut self,
        name: CallName,
        sent: usize,
        at: usize,
        body: &'h CollectionResponse,
        issued: std::ops::Range<usize>,
    ) {
        let collection = &body.collection_id;
        let list = self.by_collection.get(&(name.device, collection.as_str()));
        let mut open = list.into_iter().flatten().rev().copied();
        let open = open.find(|position| self.exchanges[*position].call == name);
        let position = open.unwrap_or_else(|| self.open_exchange(name, sent, collection, None));
        self.exchanges[position].replies.push(Reply { at, body });
        self.respond(name, at, body, issued);
        for command in &body.commands {
            self.carry(name, position, at, collection, command);
        }
    }

    /// What became of the client's commands.
    fn respond(
        &mut self,
        name: CallName,
        at: usize,
        body: &'h CollectionResponse,
        issued: std::ops::Range<usize>,
    ) {
        if body.status != SyncStatus::Success {
            return;
        }
        let Some(Request::Sync(Some(request))) = self.calls.get(&name).map(|call| call.request)
        else {
            return;
        };
        let commands = request.collections.iter().flat_map(|collection| &collection.commands);
        for (position, command) in issued.zip(commands) {
            if self.issued[position].collection != &body.collection_id {
                continue;
            }
            let entry = body.responses.iter().find(|entry| answers(entry, command));
            let status = match (entry, command) {
                (Some(entry), _) => entry.status(),
                // A Change or Delete that is not mentioned is done (MS-ASCMD R6414).
                (None, ClientCommand::Change { .. } | ClientCommand::Delete { .. }) => {
                    SyncStatus::Success
                }
                (None, _) => continue,
            };
            let issued = &mut self.issued[position];
            match status {
                SyncStatus::Success => {
                    issued.done.get_or_insert(at);
                }
                SyncStatus::ProtocolError
                | SyncStatus::Conversion
                | SyncStatus::Conflict
                | SyncStatus::NotFound
                | SyncStatus::HierarchyChanged => {
                    issued.refused.get_or_insert((at, status.code()));
                }
                _ => {}
            }
            if let (Some(ItemResponse::Add { server_id: Some(id), .. }), Some(mail)) =
                (entry, issued.mail)
            {
                self.bind(name, at, &body.collection_id, id, mail);
            }
        }
        for entry in &body.responses {
            if let ItemResponse::Fetch { server_id, data: Some(data), .. } = entry {
                self.learn(name, at, &body.collection_id, server_id, data);
            }
        }
    }

    fn carry(
        &mut self,
        name: CallName,
        exchange: usize,
        at: usize,
        collection: &'h CollectionId,
        command: &'h ServerCommand,
    ) {
        let id = command.server_id();
        let (kind, data) = match command {
            ServerCommand::Add { data, .. } => (Carry::Add, Some(data)),
            ServerCommand::Change { data, .. } => (Carry::Change, Some(data)),
            ServerCommand::Delete { .. } | ServerCommand::SoftDelete { .. } => {
                (Carry::Delete, None)
            }
        };
        if let Some(data) = data {
            self.learn(name, at, collection, id, data);
        }
        if let Some(mail) = self.mail(name.device, collection, id) {
            let list = self.carried.entry((name.device, mail)).or_default();
            list.push(Carried { exchange, at, kind, data });
        }
    }

    fn learn(
        &mut self,
        name: CallName,
        at: usize,
        collection: &'h CollectionId,
        id: &'h ServerId,
        data: &Mail,
    ) {
        if let Some(mail) = data.subject.as_deref().and_then(MailName::find) {
            self.bind(name, at, collection, id, mail);
        }
    }

    fn bind(
        &mut self,
        call: CallName,
        at: usize,
        collection: &'h CollectionId,
        id: &'h ServerId,
        mail: MailName,
    ) {
        let key = (call.device, collection.as_str(), id.as_str());
        if let Some(first) = self.names.insert(key, mail).filter(|first| *first != mail) {
            self.rebound.push(Rebound { at, call, collection, id, first, second: mail });
        }
    }

    fn moved(&mut self, at: usize, issued: std::ops::Range<usize>, response: &'h moves::Response) {
        let mut taken = vec![false; response.moved.len()];
        for position in issued {
            let mut entries = response.moved.iter().enumerate();
            let entry = entries.find(|(entry, moved)| {
                !taken[*entry] && self.issued[position].id == Some(&moved.source_id)
            });
            let Some((entry, moved)) = entry else { continue };
            taken[entry] = true;
            let issued = &mut self.issued[position];
            match moved.status {
                MoveStatus::Success => {
                    issued.done.get_or_insert(at);
                }
                MoveStatus::Locked | MoveStatus::Other(_) => {}
                refused => {
                    issued.refused.get_or_insert((at, refused.code()));
                }
            }
            let call = issued.call;
            let target = self.calls.get(&call).and_then(|call| destination(call, &moved.source_id));
            if let (Some(mail), Some(id), Some(to)) = (issued.mail, &moved.destination_id, target)
                && moved.status == MoveStatus::Success
            {
                self.bind(call, at, to, id, mail);
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        let mut with = |call: CallName, change: fn(&mut Call<'h>)| {
            if let Some(call) = self.calls.get_mut(&call) {
                change(call);
            }
        };
        match fault {
            Fault::RequestLost(call) => with(call, |call| call.lost = true),
            Fault::RequestDoubled(call) | Fault::TimedOut(call) => {
                with(call, |call| call.disturbed = true);
            }
            Fault::ReadFailed(call) | Fault::WriteFailed(call) | Fault::ItemUnreadable(call, _) => {
                with(call, |call| call.unread = true);
            }
            _ => {}
        }
    }

    /// What is known only at the end: who took which answer in.
    fn finish(&mut self) {
        for exchange in &mut self.exchanges {
            if let Some(call) = self.calls.get(&exchange.call) {
                exchange.received = call.received;
                exchange.lost = call.lost && call.answers.is_empty();
                exchange.unread = call.unread;
                exchange.full = call.fills_window();
                if exchange.replies.is_empty() {
                    exchange.omitted = call.silence();
                }
            }
        }
        let exchanges = &self.exchanges;
        for list in self.by_collection.values_mut() {
            list.sort_by_key(|position| exchanges[*position].sent);
        }
    }
}

impl Call<'_> {
    /// The first answer to a Sync that succeeded as a whole, empty or not.
    fn silence(&self) -> Option<usize> {
        let silent = self.answers.iter().find(|answer| match answer.response {
            Some(Response::Sync(None)) => true,
            Some(Response::Sync(Some(sync))) => {
                sync.status.is_none_or(|status| status == SyncStatus::Success)
            }
            _ => false,
        });
        silent.map(|answer| answer.at)
    }

    /// Whether an answer used up the window of the whole request (MS-ASCMD R4782).
    fn fills_window(&self) -> bool {
        let Request::Sync(Some(request)) = self.request else { return false };
        let Some(window) = request.window_size else { return false };
        self.answers.iter().any(|answer| {
            let Some(Response::Sync(Some(sync))) = answer.response else { return false };
            let total: usize = sync.collections.iter().map(|body| body.commands.len()).sum();
            total >= sync::effective_window(Some(window)) as usize
        })
    }
}

impl<'h> Exchange<'h> {
    /// When the server first said something of the collection, or nothing by passing it over.
    pub(crate) fn told(&self) -> Option<usize> {
        self.reply().map(|reply| reply.at).or(self.omitted)
    }

    /// The key presented, if one was.
    pub(crate) fn key(&self) -> Option<&'h SyncKey> {
        self.request.map(|request| &request.sync_key)
    }

    /// The first answer.
    pub(crate) fn reply(&self) -> Option<&Reply<'h>> {
        self.replies.first()
    }

    /// The key that the first answer gives, if it succeeds.
    pub(crate) fn new_key(&self) -> Option<&'h SyncKey> {
        self.reply().filter(|reply| reply.succeeds()).and_then(|reply| reply.body.sync_key.as_ref())
    }

    /// Whether nothing was left for later, and the device took it in.
    fn is_clean(&self) -> bool {
        let asked = self
            .request
            .is_none_or(|request| !request.sync_key.is_zero() && request.wants_changes());
        let told = self.replies.iter().all(|reply| reply.succeeds() && !reply.body.more_available);
        let silent = self.omitted.is_some() && !self.full;
        let told = told && (silent || !self.replies.is_empty());
        asked && told && !self.unread && self.received.is_some()
    }
}

impl Reply<'_> {
    /// Whether the collection was answered with success.
    pub(crate) fn succeeds(&self) -> bool {
        self.body.status == SyncStatus::Success
    }
}

/// Whether an entry of Responses is about a command.
pub(crate) fn answers(entry: &ItemResponse, command: &ClientCommand) -> bool {
    match (entry, command) {
        (
            ItemResponse::Add { client_id: left, .. },
            ClientCommand::Add { client_id: right, .. },
        ) => left == right,
        (
            ItemResponse::Change { server_id: left, .. },
            ClientCommand::Change { server_id: right, .. },
        )
        | (
            ItemResponse::Delete { server_id: left, .. },
            ClientCommand::Delete { server_id: right },
        )
        | (
            ItemResponse::Fetch { server_id: left, .. },
            ClientCommand::Fetch { server_id: right },
        ) => left == right,
        _ => false,
    }
}

fn destination<'h>(call: &Call<'h>, source: &ServerId) -> Option<&'h CollectionId> {
    let Request::MoveItems(request) = call.request else { return None };
    let item = request.moves.iter().find(|item| item.source_id == *source)?;
    Some(&item.destination_folder)
}

/// Every folder that anything names, in order.
fn labels<'h>(events: &'h [Event], own_loop: &'h Truth, truth: &'h Truth) -> Vec<&'h FolderName> {
    let mut labels = BTreeSet::new();
    for event in events {
        match event {
            Event::Mailbox(op) => match op {
                MailboxOp::Deliver { folder, .. }
                | MailboxOp::Read { folder, .. }
                | MailboxOp::Flag { folder, .. }
                | MailboxOp::Delete { from: folder, .. }
                | MailboxOp::CreateFolder(folder)
                | MailboxOp::RenameFolder(folder)
                | MailboxOp::DeleteFolder(folder, _) => {
                    labels.insert(folder);
                }
                MailboxOp::Move { from, to, .. } => labels.extend([from, to]),
            },
            Event::Device(_, op) => match op {
                DeviceOp::Read { folder, .. }
                | DeviceOp::Flag { folder, .. }
                | DeviceOp::Delete { from: folder, .. }
                | DeviceOp::Draft { folder, .. }
                | DeviceOp::SendDraft { folder, .. }
                | DeviceOp::Reset(folder)
                | DeviceOp::CreateFolder(folder)
                | DeviceOp::RenameFolder(folder)
                | DeviceOp::DeleteFolder(folder) => {
                    labels.insert(folder);
                }
                DeviceOp::Move { from, to, .. } => labels.extend([from, to]),
            },
            _ => {}
        }
    }
    for truth in [own_loop, truth] {
        labels.extend(truth.folders.iter().map(|folder| &folder.folder));
        labels.extend(truth.server.iter().map(|mail| &mail.folder));
        for device in &truth.devices {
            labels.extend(device.folders.iter().map(|folder| &folder.folder));
            labels.extend(device.synced.iter().map(|(folder, _)| folder));
            labels.extend(device.mails.iter().map(|mail| &mail.folder));
        }
    }
    labels.into_iter().collect()
}
