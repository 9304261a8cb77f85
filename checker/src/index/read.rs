//! Reading a history, event by event.

use std::ops::Range;

use activesync::folders::{self, FolderType};
use activesync::history::{
    CallName, DeviceName, DeviceOp, Event, Fault, History, MailName, MailboxOp, Truth,
};
use activesync::sync::{self, ClientCommand, CollectionResponse, ItemResponse, ServerCommand};
use activesync::{
    CollectionId, FolderStatus, Mail, MoveStatus, Request, Response, ServerId, SyncStatus, moves,
};

use super::labels::{called, labels};
use super::{Answer, Call, Carried, Carry, Exchange, Index, Issued, Rebound, Reply, What};

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
                Event::Failed(call) => {
                    if let Some(call) = index.calls.get_mut(call) {
                        call.failed.get_or_insert(at);
                    }
                }
                Event::Belief { .. } | Event::Held { .. } => {}
            }
        }
        index.finish();
        index
    }

    fn mailbox(&mut self, at: usize, op: &'h MailboxOp) {
        match op {
            MailboxOp::Deliver { mail, .. }
            | MailboxOp::Read { mail, .. }
            | MailboxOp::Flag { mail, .. }
            | MailboxOp::Move { mail, .. }
            | MailboxOp::Delete { mail, .. } => self.hand.entry(*mail).or_default().push(at),
            MailboxOp::DeleteFolder(..) => self.folders_deleted.push(at),
            MailboxOp::NestFolder(folder, parent) => {
                let labels = self.label(folder).zip(self.label(parent));
                self.nested.extend(labels);
            }
            MailboxOp::Wipe(device) => self.wipes.push((*device, at)),
            MailboxOp::CreateFolder(_) | MailboxOp::RenameFolder(_) | MailboxOp::Unsendable(_) => {}
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
            failed: None,
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
                        self.fold(name.device, id, display, own_loop, truth);
                        self.special(name.device, id, folder.folder_type);
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

    /// Special folders are known by their type, whatever they are called.
    fn special(&mut self, device: DeviceName, id: &'h CollectionId, kind: FolderType) {
        let name = match kind {
            FolderType::Inbox => "inbox",
            FolderType::Drafts => "drafts",
            FolderType::DeletedItems => "deleted",
            FolderType::SentItems => "sent",
            _ => return,
        };
        let usual = || self.labels.iter().position(|label| label.as_str() == name);
        let Some(label) = self.folder(device, id).or_else(usual) else { return };
        self.collections.insert((device, id.as_str()), label);
        match kind {
            FolderType::DeletedItems => self.trash.insert(label),
            FolderType::SentItems => self.sent_items.insert(label),
            _ => false,
        };
    }

    /// Remembers which folder an id is, by what it is called. A rename changes what is displayed, never the folder.
    fn fold(
        &mut self,
        device: DeviceName,
        id: &'h CollectionId,
        display_name: &'h str,
        own_loop: &Truth,
        truth: &Truth,
    ) {
        if self.folder(device, id).is_some() {
            return;
        }
        let labels = &self.labels;
        let label = self.called.entry(display_name);
        let label = *label.or_insert_with(|| called(labels, display_name, own_loop, truth));
        if let Some(label) = label {
            self.collections.insert((device, id.as_str()), label);
        }
    }

    fn reply(
        &mut self,
        name: CallName,
        sent: usize,
        at: usize,
        body: &'h CollectionResponse,
        issued: Range<usize>,
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
        issued: Range<usize>,
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

    fn moved(&mut self, at: usize, issued: Range<usize>, response: &'h moves::Response) {
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
            let (call, from) = (issued.call, issued.collection);
            let target = self.calls.get(&call);
            let target = target.and_then(|call| destination(call, from, &moved.source_id));
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

/// Ids may be unique in their folder only.
fn destination<'h>(
    call: &Call<'h>,
    from: &CollectionId,
    source: &ServerId,
) -> Option<&'h CollectionId> {
    let Request::MoveItems(request) = call.request else { return None };
    let mut moves = request.moves.iter();
    let item = moves.find(|item| item.source_id == *source && item.source_folder == *from)?;
    Some(&item.destination_folder)
}
