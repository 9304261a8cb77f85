//! A tiny world: one server, typed requests in, typed responses out, everything across the wire as bytes.

use activesync::folders;
use activesync::history::{FolderName, MailName};
use activesync::http::{HttpRequest, HttpResponse, Method, RequestLine};
use activesync::sync::{self, ClientCommand, Collection, CollectionResponse, ServerCommand};
use activesync::{
    CollectionId, DeviceId, Flag, Mail, PolicyKey, ProtocolVersion, Request, Response, ServerId,
    SyncKey, SyncStatus, Timestamp,
};
use activesync_server::{Config, Defect, Progress, Retry, Server, Stage, StageFault, Store};

pub(crate) const INBOX: &str = "2";
pub(crate) const DRAFTS: &str = "3";
pub(crate) const TRASH: &str = "4";
pub(crate) const NOW: i64 = 1_000_000_000;

/// The world.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    pub(crate) version: ProtocolVersion,
    pub(crate) policy_key: Option<PolicyKey>,
    next: u32,
}

/// A server without policies, so that stories begin with what they are about.
pub(crate) fn config(retry: Retry) -> Config {
    Config { policy: false, retry, ..Config::default() }
}

pub(crate) fn mail(name: u32) -> Mail {
    Mail {
        subject: Some(format!("m{name}").into()),
        date_received: Some(Timestamp(NOW)),
        ..Mail::default()
    }
}

pub(crate) fn read(read: bool) -> Mail {
    Mail { read: Some(read), ..Mail::default() }
}

pub(crate) fn flag(text: &str) -> Mail {
    Mail { flag: Some(Flag::active(text)), ..Mail::default() }
}

pub(crate) fn change(id: &ServerId, data: Mail) -> ClientCommand {
    ClientCommand::Change { server_id: id.clone(), data, send: false }
}

pub(crate) fn delete(id: &ServerId) -> ClientCommand {
    ClientCommand::Delete { server_id: id.clone() }
}

pub(crate) fn add(client_id: &str, data: Mail) -> ClientCommand {
    ClientCommand::Add { client_id: client_id.into(), data, send: false }
}

pub(crate) fn collection(id: &str, key: &SyncKey) -> Collection {
    Collection::new(id.into(), key.clone())
}

pub(crate) fn with(id: &str, key: &SyncKey, commands: Vec<ClientCommand>) -> Collection {
    Collection { commands, ..collection(id, key) }
}

pub(crate) fn folder(label: &str) -> FolderName {
    FolderName::from(label)
}

pub(crate) fn request(collections: Vec<Collection>) -> sync::Request {
    sync::Request { collections, ..sync::Request::default() }
}

impl World {
    pub(crate) fn new(retry: Retry, defect: Option<&str>) -> Self {
        let defect = defect.map(|name| Defect::by_name(name).expect("a planted defect"));
        Self {
            server: Server::new(config(retry), defect),
            store: Store::new(),
            now: Timestamp(NOW),
            version: ProtocolVersion::V16_1,
            policy_key: None,
            next: 1,
        }
    }

    pub(crate) fn deliver(&mut self, name: u32) -> ServerId {
        self.deliver_to("inbox", name)
    }

    pub(crate) fn deliver_to(&mut self, label: &str, name: u32) -> ServerId {
        let mail = Mail { date_received: Some(self.now), ..mail(name) };
        self.store.mailbox.deliver(&folder(label), mail).expect("the folder is there")
    }

    pub(crate) fn set_read(&mut self, name: u32, read: bool) {
        assert!(self.store.mailbox.set_read(MailName(name), read));
    }

    pub(crate) fn set_flag(&mut self, name: u32, text: &str) {
        assert!(self.store.mailbox.set_flag(MailName(name), Flag::active(text)));
    }

    pub(crate) fn remove(&mut self, name: u32) {
        assert!(self.store.mailbox.delete(MailName(name)));
    }

    /// Where a mail is, by label, with its properties.
    pub(crate) fn find(&self, name: u32) -> Option<(String, Mail)> {
        let mut items = self.store.mailbox.items();
        let hit = items.find(|item| item.mail == Some(MailName(name)));
        hit.map(|item| (item.folder.to_string(), item.data.clone()))
    }

    pub(crate) fn count(&self, name: u32) -> usize {
        self.store.mailbox.items().filter(|item| item.mail == Some(MailName(name))).count()
    }

    /// Puts a request into the server; returns its id.
    pub(crate) fn start(&mut self, device: &str, request: &Request) -> u32 {
        let line = RequestLine {
            command: request.command(),
            version: None,
            locale: 0x0409,
            device_id: DeviceId::from(device),
            device_type: "story".into(),
            policy_key: None,
            user: None,
            parameters: Vec::new(),
        };
        let mut headers = vec![("MS-ASProtocolVersion".to_owned(), self.version.to_string())];
        if let Some(key) = self.policy_key {
            headers.push(("X-MS-PolicyKey".to_owned(), key.to_string()));
        }
        let body = request.encode().expect("a request can be written").unwrap_or_default();
        let id = self.next;
        self.next += 1;
        let query = line.to_plain();
        self.server.accept(id, HttpRequest { method: Method::Post, query, headers, body });
        id
    }

    pub(crate) fn step(&mut self, id: u32) -> Progress {
        self.server.advance(id, &mut self.store, None, self.now)
    }

    pub(crate) fn step_with(&mut self, id: u32, fault: StageFault) -> Progress {
        self.server.advance(id, &mut self.store, Some(fault), self.now)
    }

    /// Advances up to, and not into, a stage.
    pub(crate) fn until(&mut self, id: u32, stage: Stage) {
        for _ in 0..1000 {
            if self.server.stage(id) == Some(stage) {
                return;
            }
            assert!(matches!(self.step(id), Progress::Done(_)), "{stage:?} was never reached");
        }
        panic!("{stage:?} was never reached");
    }

    /// Advances to the answer.
    pub(crate) fn finish_http(&mut self, id: u32) -> HttpResponse {
        for _ in 0..1000 {
            match self.step(id) {
                Progress::Responded(response) => return response,
                Progress::Done(_) => {}
                other => panic!("no answer but {other:?}"),
            }
        }
        panic!("no answer");
    }

    pub(crate) fn call_http(&mut self, device: &str, request: &Request) -> HttpResponse {
        let id = self.start(device, request);
        self.finish_http(id)
    }

    pub(crate) fn call(&mut self, device: &str, request: &Request) -> Response {
        let http = self.call_http(device, request);
        assert_eq!(http.status, 200);
        Response::decode(request.command(), http.body()).expect("the answer can be read")
    }

    pub(crate) fn sync_as(
        &mut self,
        device: &str,
        request: Option<sync::Request>,
    ) -> Option<sync::Response> {
        match self.call(device, &Request::Sync(request)) {
            Response::Sync(response) => response,
            other => panic!("not a Sync response: {other:?}"),
        }
    }

    pub(crate) fn sync(&mut self, collections: Vec<Collection>) -> Option<sync::Response> {
        self.sync_as("A", Some(request(collections)))
    }

    /// Sync of one collection that has something to say.
    pub(crate) fn one(&mut self, collection: Collection) -> CollectionResponse {
        self.one_as("A", collection)
    }

    pub(crate) fn one_as(&mut self, device: &str, collection: Collection) -> CollectionResponse {
        let response = self.sync_as(device, Some(request(vec![collection])));
        let response = response.expect("something is said");
        assert_eq!(response.status, None);
        response.collections.into_iter().next().expect("the collection is answered")
    }

    /// Sync of one collection of which nothing is said.
    pub(crate) fn silent(&mut self, collection: Collection) {
        assert_eq!(self.sync(vec![collection]), None);
    }

    /// Key 0, then the content; the key in hand and what came.
    pub(crate) fn prime_as(&mut self, device: &str, id: &str) -> (SyncKey, Vec<ServerCommand>) {
        let zero = SyncKey::zero();
        let first = key(&self.one_as(device, collection(id, &zero)));
        let content = Collection { window_size: Some(512), ..collection(id, &first) };
        match self.sync_as(device, Some(request(vec![content]))) {
            None => (first, Vec::new()),
            Some(response) => {
                let answer = response.collections.into_iter().next().expect("answered");
                (key(&answer), answer.commands)
            }
        }
    }

    pub(crate) fn prime(&mut self, id: &str) -> SyncKey {
        self.prime_as("A", id).0
    }

    pub(crate) fn folder_sync(&mut self, key: &SyncKey) -> folders::SyncResponse {
        let request = Request::FolderSync(folders::SyncRequest { sync_key: key.clone() });
        match self.call("A", &request) {
            Response::FolderSync(response) => response,
            other => panic!("not a FolderSync response: {other:?}"),
        }
    }
}

/// The new key of an answer.
pub(crate) fn key(answer: &CollectionResponse) -> SyncKey {
    assert_eq!(answer.status, SyncStatus::Success, "{answer:?}");
    answer.sync_key.clone().expect("a success has a key")
}

/// The commands of an answer, short: `+2:1`, `~2:1`, `-2:1`, `.2:1` (SoftDelete).
pub(crate) fn said(answer: &CollectionResponse) -> Vec<String> {
    answer.commands.iter().map(short).collect()
}

pub(crate) fn short(command: &ServerCommand) -> String {
    let sign = match command {
        ServerCommand::Add { .. } => '+',
        ServerCommand::Change { .. } => '~',
        ServerCommand::Delete { .. } => '-',
        ServerCommand::SoftDelete { .. } => '.',
    };
    format!("{sign}{}", command.server_id())
}

/// What a Change in an answer carries.
pub(crate) fn changed<'a>(answer: &'a CollectionResponse, id: &ServerId) -> &'a Mail {
    let change = answer.commands.iter().find_map(|command| match command {
        ServerCommand::Change { server_id, data } if server_id == id => Some(data),
        _ => None,
    });
    change.expect("there is a Change of the item")
}

/// The statuses of the item responses.
pub(crate) fn statuses(answer: &CollectionResponse) -> Vec<u16> {
    answer.responses.iter().map(|response| response.status().code()).collect()
}

pub(crate) fn id(text: &str) -> CollectionId {
    CollectionId::from(text)
}
