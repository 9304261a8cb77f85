//! A plain phone: applies what it is told, and can be compared with the mailbox.

use std::collections::{BTreeMap, BTreeSet};

use activesync::folders::{self, Change};
use activesync::history::MailName;
use activesync::sync::{
    self, ClientCommand, Collection, CollectionResponse, ItemResponse, Options, ServerCommand,
};
use activesync::{
    CollectionId, Mail, PingStatus, Request, Response, ServerId, SyncKey, SyncStatus, moves, ping,
};
use activesync_server::Progress;

use crate::driver::*;

/// A phone.
pub(crate) struct Phone {
    device: String,
    keys: BTreeMap<String, SyncKey>,
    pub(crate) items: BTreeMap<String, BTreeMap<ServerId, Mail>>,
    folders: Vec<CollectionId>,
    hierarchy_key: SyncKey,
    /// Seconds that its filter lets through.
    filter: Option<i64>,
    /// What it re-keyed and has not been told of.
    pub(crate) arrived: BTreeSet<ServerId>,
    /// What it re-keyed and has not been told to delete: folder, old id.
    departed: BTreeMap<String, BTreeMap<ServerId, Mail>>,
    /// What went wrong on the way.
    trouble: Vec<String>,
}

impl Phone {
    pub(crate) fn new(device: &str) -> Self {
        Self {
            device: device.into(),
            keys: BTreeMap::new(),
            items: BTreeMap::new(),
            folders: Vec::new(),
            hierarchy_key: SyncKey::zero(),
            filter: None,
            arrived: BTreeSet::new(),
            departed: BTreeMap::new(),
            trouble: Vec::new(),
        }
    }

    /// A phone with these folders in sync.
    pub(crate) fn with(world: &mut World, folders: &[&str]) -> Self {
        let mut phone = Self::new("A");
        for folder in folders {
            phone.reset(folder);
            phone.drain(world, folder);
        }
        phone
    }

    pub(crate) fn reset(&mut self, folder: &str) {
        self.keys.insert(folder.into(), SyncKey::zero());
        self.items.insert(folder.into(), BTreeMap::new());
        self.departed.remove(folder);
    }

    pub(crate) fn key(&self, folder: &str) -> &SyncKey {
        &self.keys[folder]
    }

    pub(crate) fn hierarchy_key(&self) -> &SyncKey {
        &self.hierarchy_key
    }

    pub(crate) fn ask(&self, folder: &str) -> Collection {
        collection(folder, self.key(folder))
    }

    pub(crate) fn ask_with(&self, folder: &str, commands: Vec<ClientCommand>) -> Collection {
        with(folder, self.key(folder), commands)
    }

    /// The id of a mail on the phone.
    pub(crate) fn id(&self, folder: &str, name: u32) -> ServerId {
        let name = Some(MailName(name));
        let items = &self.items[folder];
        let hit = items.iter().find(|(_, data)| named(data) == name);
        hit.map(|(id, _)| id.clone()).expect("the phone has it")
    }

    /// One exchange; what is said is taken in.
    pub(crate) fn exchange(&mut self, world: &mut World, collections: Vec<Collection>) -> bool {
        let asked = request(collections);
        let response = world.sync_as(&self.device, Some(asked.clone()));
        self.take(&asked.collections, response)
    }

    /// One exchange whose answer is lost.
    pub(crate) fn lose(&self, world: &mut World, collections: Vec<Collection>) {
        world.sync_as(&self.device, Some(request(collections)));
    }

    /// Syncs a folder until nothing more is available.
    pub(crate) fn drain(&mut self, world: &mut World, folder: &str) {
        for _ in 0..20 {
            let zero = self.key(folder).is_zero();
            let more = self.exchange(world, vec![self.ask(folder)]);
            if !more && !zero {
                return;
            }
        }
        self.trouble.push(format!("{folder} never ends"));
    }

    /// As a phone does it: Ping, and Sync when it says so.
    pub(crate) fn ping_and_drain(&mut self, world: &mut World) {
        for _ in 0..5 {
            let changed = self.ping(world);
            if changed.is_empty() {
                return;
            }
            for folder in changed {
                self.drain(world, folder.as_str());
            }
        }
        self.trouble.push("Ping never ends".into());
    }

    /// The folders that a Ping names; none when it has to wait.
    pub(crate) fn ping(&mut self, world: &mut World) -> Vec<CollectionId> {
        let call = self.start_ping(world);
        self.finish_ping(world, call)
    }

    pub(crate) fn start_ping(&mut self, world: &mut World) -> u32 {
        if self.hierarchy_key.is_zero() {
            self.folder_sync(world);
        }
        let folder = |id: &String| ping::Folder { id: id.as_str().into(), class: "Email".into() };
        let request = ping::Request {
            heartbeat_seconds: Some(60),
            folders: Some(self.keys.keys().map(folder).collect()),
        };
        world.start(&self.device, &Request::Ping(Some(request)))
    }

    pub(crate) fn finish_ping(&mut self, world: &mut World, call: u32) -> Vec<CollectionId> {
        for _ in 0..20 {
            match world.step(call) {
                Progress::Responded(http) => {
                    let response = Response::decode(activesync::Command::Ping, http.body());
                    let Ok(Response::Ping(response)) = response else { panic!("no Ping answer") };
                    if response.status == PingStatus::FolderSyncNeeded {
                        self.folder_sync(world);
                    }
                    return response.folders;
                }
                Progress::Waiting { .. } => {
                    world.server.abort(call);
                    return Vec::new();
                }
                Progress::Done(_) => {}
                Progress::Blocked => panic!("Ping needs no lock"),
            }
        }
        panic!("no Ping answer");
    }

    pub(crate) fn folder_sync(&mut self, world: &mut World) {
        let sync_key = self.hierarchy_key.clone();
        let request = Request::FolderSync(folders::SyncRequest { sync_key });
        let Response::FolderSync(response) = world.call(&self.device, &request) else {
            panic!("not a FolderSync response")
        };
        for change in response.changes {
            match change {
                Change::Add(folder) => {
                    let parent = &folder.parent_id;
                    if parent.as_str() != "0" && !self.folders.contains(parent) {
                        self.trouble.push(format!("{} has no parent", folder.server_id));
                    }
                    self.folders.push(folder.server_id);
                }
                Change::Update(_) => {}
                Change::Delete(id) => self.folders.retain(|other| *other != id),
            }
        }
        self.hierarchy_key = response.sync_key.expect("a success has a key");
    }

    pub(crate) fn lose_folder_sync(&mut self, world: &mut World) {
        let sync_key = self.hierarchy_key.clone();
        world.call(&self.device, &Request::FolderSync(folders::SyncRequest { sync_key }));
    }

    /// Moves a mail; with `rekey` the copy goes to its new id at once.
    pub(crate) fn move_mail(
        &mut self,
        world: &mut World,
        id: &ServerId,
        from: &str,
        to: &str,
        rekey: bool,
    ) {
        let moves = vec![moves::Move {
            source_id: id.clone(),
            source_folder: from.into(),
            destination_folder: to.into(),
        }];
        let request = Request::MoveItems(moves::Request { moves });
        let Response::MoveItems(response) = world.call(&self.device, &request) else {
            panic!("not a MoveItems response")
        };
        if let (true, Some(new)) = (rekey, response.moved[0].destination_id.clone())
            && let Some(data) = self.items.get_mut(from).and_then(|items| items.remove(id))
        {
            if !self.arrived.remove(id) {
                self.departed.entry(from.into()).or_default().insert(id.clone(), data.clone());
            }
            let items = self.items.entry(to.into()).or_default();
            if !items.contains_key(&new) {
                items.insert(new.clone(), data);
                self.arrived.insert(new);
            }
        }
    }

    pub(crate) fn set_filter(&mut self, world: &mut World, folder: &str, filter_type: u8) {
        let options = Options { filter_type: Some(filter_type), ..Options::default() };
        self.filter = options.filter_seconds();
        let asked = Collection { options: Some(options), ..self.ask(folder) };
        self.exchange(world, vec![asked]);
    }

    pub(crate) fn filter_type(&self) -> Option<u8> {
        self.filter.map(|_| 1)
    }

    pub(crate) fn want_filter(&mut self, filter_type: Option<u8>) {
        self.filter = Options { filter_type, ..Options::default() }.filter_seconds();
    }

    /// What it holds of a folder, the copies included that it moved away and was not told to delete.
    pub(crate) fn held(&self, folder: &str) -> impl Iterator<Item = (&ServerId, &Mail)> {
        self.items[folder].iter().chain(self.departed.get(folder).into_iter().flatten())
    }

    /// Syncs a folder with its filter until nothing is said any more.
    pub(crate) fn drain_filtered(&mut self, world: &mut World, folder: &str) {
        for _ in 0..40 {
            let mut asked = self.ask(folder);
            if !asked.sync_key.is_zero() {
                let filter_type = self.filter_type();
                asked.options = Some(Options { filter_type, ..Options::default() });
            }
            let asked = vec![asked];
            let response = world.sync_as(&self.device, Some(request(asked.clone())));
            let Some(response) = response else { return };
            if response.collections[0].status == SyncStatus::InvalidSyncKey {
                self.reset(folder);
                continue;
            }
            self.take(&asked, Some(response));
        }
        self.trouble.push(format!("{folder} never ends"));
    }

    /// A move whose answer is lost.
    pub(crate) fn lose_move(&self, world: &mut World, id: &ServerId, from: &str, to: &str) {
        let (source_folder, destination_folder) = (from.into(), to.into());
        let moves = vec![moves::Move { source_id: id.clone(), source_folder, destination_folder }];
        world.call(&self.device, &Request::MoveItems(moves::Request { moves }));
    }

    /// Takes in what was answered well.
    pub(crate) fn take_fine(&mut self, asked: &[Collection], response: Option<sync::Response>) {
        let Some(mut response) = response else { return };
        for answer in &response.collections {
            if answer.status == SyncStatus::InvalidSyncKey {
                self.reset(answer.collection_id.as_str());
            }
        }
        response.collections.retain(|answer| answer.status == SyncStatus::Success);
        self.take(asked, Some(response));
    }

    /// Takes an answer in; says whether more is available.
    pub(crate) fn take(&mut self, asked: &[Collection], response: Option<sync::Response>) -> bool {
        let Some(response) = response else { return false };
        if let Some(status) = response.status {
            self.trouble.push(format!("status {}", status.code()));
            return false;
        }
        let mut more = false;
        for answer in &response.collections {
            let asked = asked.iter().find(|asked| asked.collection_id == answer.collection_id);
            more |= self.take_one(asked, answer);
        }
        more
    }

    fn take_one(&mut self, asked: Option<&Collection>, answer: &CollectionResponse) -> bool {
        let folder = answer.collection_id.as_str();
        if answer.status != SyncStatus::Success {
            self.trouble.push(format!("{folder} status {}", answer.status.code()));
            return false;
        }
        let items = self.items.entry(folder.into()).or_default();
        let departed = self.departed.entry(folder.into()).or_default();
        for command in asked.into_iter().flat_map(|asked| &asked.commands) {
            settle(items, command, &answer.responses);
        }
        for command in &answer.commands {
            match command {
                ServerCommand::Add { server_id, data } => {
                    self.arrived.remove(server_id);
                    departed.remove(server_id);
                    items.entry(server_id.clone()).or_default().merge(data);
                }
                ServerCommand::Change { server_id, data } => {
                    let copies = [items.get_mut(server_id), departed.get_mut(server_id)];
                    copies.into_iter().flatten().for_each(|item| item.merge(data));
                }
                ServerCommand::Delete { server_id } | ServerCommand::SoftDelete { server_id } => {
                    self.arrived.remove(server_id);
                    departed.remove(server_id);
                    items.remove(server_id);
                    departed.remove(server_id);
                }
            }
        }
        if let Some(key) = &answer.sync_key {
            self.keys.insert(folder.into(), key.clone());
        }
        answer.more_available
    }

    /// How the phone differs from the mailbox.
    pub(crate) fn harm(&self, world: &World) -> Vec<String> {
        let mut harm = self.trouble.clone();
        let edge = self.filter.map(|seconds| world.now.0 - seconds);
        let mut names: Vec<_> = world.store.mailbox.items().filter_map(|item| item.mail).collect();
        names.sort();
        let twice = names.windows(2).filter(|pair| pair[0] == pair[1]);
        harm.extend(twice.map(|pair| format!("{} is twice on the server", pair[0])));
        for (folder, items) in &self.items {
            let id = CollectionId::from(folder.as_str());
            let there = world.store.mailbox.items().filter(|item| *item.collection == id);
            // Nobody is owed what cannot be sent.
            let there = there.filter(|item| !item.unsendable);
            let there: BTreeMap<_, _> = there
                .filter(|item| edge.is_none_or(|edge| item.received.0 >= edge))
                .map(|item| (item.server_id.clone(), item.data.clone()))
                .collect();
            for (id, now) in &there {
                match items.get(id) {
                    None => harm.push(format!("{id} is missing")),
                    Some(held) if held.read != now.read || held.flag != now.flag => {
                        harm.push(format!("{id} is stale"));
                    }
                    Some(_) => {}
                }
            }
            let ghosts = items.keys().filter(|id| !there.contains_key(*id));
            harm.extend(ghosts.map(|id| format!("{id} is a ghost")));
        }
        if !self.hierarchy_key.is_zero() {
            let mut now: Vec<_> =
                world.store.mailbox.folders().map(|view| view.folder.server_id.clone()).collect();
            let mut held = self.folders.clone();
            now.sort();
            held.sort();
            if held != now {
                harm.push("the folders differ".into());
            }
        }
        harm
    }
}

fn named(data: &Mail) -> Option<MailName> {
    data.subject.as_deref().and_then(MailName::find)
}

fn settle(
    items: &mut BTreeMap<ServerId, Mail>,
    command: &ClientCommand,
    responses: &[ItemResponse],
) {
    let failed = |id: &ServerId| {
        responses.iter().any(|response| match response {
            ItemResponse::Change { server_id, status }
            | ItemResponse::Delete { server_id, status } => {
                server_id == id && *status != SyncStatus::Success
            }
            _ => false,
        })
    };
    match command {
        ClientCommand::Add { client_id, data, .. } => {
            let id = responses.iter().find_map(|response| match response {
                ItemResponse::Add { client_id: answered, server_id, .. }
                    if answered == client_id =>
                {
                    server_id.clone()
                }
                _ => None,
            });
            if let Some(id) = id {
                let mut data = data.clone();
                data.read.get_or_insert(false);
                data.flag.get_or_insert_default();
                items.insert(id, data);
            }
        }
        ClientCommand::Change { server_id, data, send } if !failed(server_id) => {
            if *send {
                items.remove(server_id);
            } else if let Some(item) = items.get_mut(server_id) {
                item.merge(data);
            }
        }
        ClientCommand::Delete { server_id } if !failed(server_id) => {
            items.remove(server_id);
        }
        _ => {}
    }
}
