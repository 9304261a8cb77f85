//! Histories written by hand, a line for each event.
#![allow(dead_code)] // each test file uses what it needs

use std::sync::Arc;

use activesync::folders::{Change, Folder, FolderType, SyncRequest, SyncResponse};
use activesync::history::{
    CallName, DeviceMail, DeviceName, DeviceOp, DeviceTruth, Event, Fault, FolderName, FolderTruth,
    History, MailName, MailboxOp, ServerMail, Truth,
};
use activesync::sync::{self, ClientCommand, CollectionResponse, ItemResponse, ServerCommand};
use activesync::{
    CollectionId, Flag, FolderStatus, Mail, MoveStatus, PingStatus, Request, Response, SyncKey,
    SyncStatus, Timestamp, moves, ping,
};
use activesync_checker::{Class, Finding, Rules, Verdict, check};

pub(crate) const NOW: Timestamp = Timestamp(1_000_000_000);

/// The folders of every tale: collection id, label, display name, type.
pub(crate) const FOLDERS: [(&str, &str, &str, FolderType); 5] = [
    ("1", "inbox", "Inbox", FolderType::Inbox),
    ("2", "f2", "f2 archive", FolderType::UserMail),
    ("3", "deleted", "Deleted Items", FolderType::DeletedItems),
    ("4", "drafts", "Drafts", FolderType::Drafts),
    ("5", "sent", "Sent Items", FolderType::SentItems),
];

pub(crate) struct Tale {
    pub(crate) history: History,
    /// Both sides after the devices' own loop, if they differ from the end.
    pub(crate) own_loop: Option<Truth>,
    pub(crate) truth: Truth,
}

pub(crate) fn call(text: &str) -> CallName {
    text.parse().unwrap()
}

pub(crate) fn a() -> DeviceName {
    DeviceName(0)
}

pub(crate) fn m(number: u32) -> MailName {
    MailName(number)
}

pub(crate) fn flagged() -> Flag {
    Flag::active("Follow up")
}

/// The item as a server sends it.
pub(crate) fn item(number: u32) -> Mail {
    Mail {
        subject: Some(format!("m{number} hello").into()),
        read: Some(false),
        flag: Some(Flag::default()),
        ..Mail::default()
    }
}

pub(crate) fn add(id: &str, number: u32) -> ServerCommand {
    ServerCommand::Add { server_id: id.into(), data: item(number) }
}

pub(crate) fn gone(id: &str) -> ServerCommand {
    ServerCommand::Delete { server_id: id.into() }
}

pub(crate) fn soft(id: &str) -> ServerCommand {
    ServerCommand::SoftDelete { server_id: id.into() }
}

pub(crate) fn now_read(id: &str, read: bool) -> ServerCommand {
    let data = Mail { read: Some(read), ..Mail::default() };
    ServerCommand::Change { server_id: id.into(), data }
}

pub(crate) fn mark(id: &str, read: bool) -> ClientCommand {
    let data = Mail { read: Some(read), ..Mail::default() };
    ClientCommand::Change { server_id: id.into(), data, send: false }
}

pub(crate) fn put_flag(id: &str, flag: Flag) -> ClientCommand {
    let data = Mail { flag: Some(flag), ..Mail::default() };
    ClientCommand::Change { server_id: id.into(), data, send: false }
}

pub(crate) fn delete(id: &str) -> ClientCommand {
    ClientCommand::Delete { server_id: id.into() }
}

pub(crate) fn draft(client_id: &str, number: u32) -> ClientCommand {
    ClientCommand::Add { client_id: client_id.into(), data: item(number), send: false }
}

pub(crate) fn added(client_id: &str, id: &str) -> ItemResponse {
    ItemResponse::Add {
        client_id: client_id.into(),
        server_id: Some(id.into()),
        status: SyncStatus::Success,
    }
}

pub(crate) fn refused(id: &str, status: SyncStatus) -> ItemResponse {
    ItemResponse::Change { server_id: id.into(), status }
}

/// One collection of a request.
pub(crate) fn asks(id: &str, key: &str, commands: Vec<ClientCommand>) -> sync::Collection {
    sync::Collection { commands, ..sync::Collection::new(id.into(), key.into()) }
}

/// One collection of an answer.
pub(crate) fn says(id: &str, key: &str, commands: Vec<ServerCommand>) -> CollectionResponse {
    CollectionResponse {
        sync_key: Some(key.into()),
        collection_id: id.into(),
        status: SyncStatus::Success,
        more_available: false,
        responses: Vec::new(),
        commands,
    }
}

pub(crate) fn fails(id: &str, status: SyncStatus) -> CollectionResponse {
    CollectionResponse { sync_key: None, status, ..says(id, "", Vec::new()) }
}

pub(crate) fn more(mut body: CollectionResponse) -> CollectionResponse {
    body.more_available = true;
    body
}

pub(crate) fn with(
    mut body: CollectionResponse,
    responses: Vec<ItemResponse>,
) -> CollectionResponse {
    body.responses = responses;
    body
}

impl Tale {
    /// The phones have the folders and stand at key 1 of each collection, with nothing in it.
    pub(crate) fn of(phones: u8) -> Self {
        let folders: Vec<FolderTruth> = FOLDERS
            .iter()
            .map(|(_, label, name, _)| FolderTruth {
                folder: (*label).into(),
                display_name: (*name).into(),
            })
            .collect();
        let devices = (0..phones).map(|number| DeviceTruth {
            device: DeviceName(number),
            folders: folders.clone(),
            mails: Vec::new(),
            synced: FOLDERS.iter().map(|(_, label, ..)| ((*label).into(), None)).collect(),
            restless: None,
        });
        let devices = devices.collect();
        let truth = Truth { now: NOW, folders, devices, ..Truth::default() };
        let mut tale = Self { history: History::default(), own_loop: None, truth };
        for number in 0..phones {
            tale.begin(DeviceName(number));
        }
        tale
    }

    fn begin(&mut self, device: DeviceName) {
        let name = |number: u32| CallName { device, number: 1000 + number };
        self.hierarchy(name(0), "");
        for (number, (id, ..)) in (1u32..).zip(FOLDERS) {
            self.turn(&name(number).to_string(), asks(id, "0", vec![]), says(id, "1", vec![]));
        }
    }

    /// The whole hierarchy, the ids of the folders with something before them.
    pub(crate) fn hierarchy(&mut self, call: CallName, before: &str) {
        self.sent(call, Request::FolderSync(SyncRequest { sync_key: SyncKey::zero() }));
        let folders = FOLDERS.iter().map(|(id, _, display, kind)| {
            Change::Add(Folder {
                server_id: (*format!("{before}{id}")).into(),
                parent_id: "0".into(),
                display_name: (*display).into(),
                folder_type: *kind,
            })
        });
        let response = SyncResponse {
            status: FolderStatus::Success,
            sync_key: Some("1".into()),
            changes: folders.collect(),
        };
        self.answered(call, Response::FolderSync(response));
        self.history.push(Event::Received(call));
    }

    pub(crate) fn sent(&mut self, call: CallName, request: Request) {
        self.history.push(Event::Sent { call, request: Arc::new(request) });
    }

    pub(crate) fn answered(&mut self, call: CallName, response: Response) {
        let response = Some(Arc::new(response));
        self.history.push(Event::Answered { call, http_status: 200, response, unreadable: None });
    }

    /// A Sync request of one collection.
    pub(crate) fn ask(&mut self, name: &str, collection: sync::Collection) {
        let collections = vec![collection];
        let request = sync::Request { collections, ..sync::Request::default() };
        self.sent(call(name), Request::Sync(Some(request)));
    }

    /// The answer to it.
    pub(crate) fn say(&mut self, name: &str, body: CollectionResponse) {
        let response = sync::Response { collections: vec![body], ..sync::Response::default() };
        self.answered(call(name), Response::Sync(Some(response)));
    }

    pub(crate) fn got(&mut self, name: &str) {
        self.history.push(Event::Received(call(name)));
    }

    /// The answer is lost.
    pub(crate) fn lost(&mut self, name: &str) {
        self.history.push(Event::Fault(Fault::ResponseLost(call(name))));
        self.history.push(Event::Failed(call(name)));
    }

    /// The request never arrives.
    pub(crate) fn swallowed(&mut self, name: &str) {
        self.history.push(Event::Fault(Fault::RequestLost(call(name))));
        self.history.push(Event::Failed(call(name)));
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        self.history.push(Event::Fault(fault));
    }

    /// A whole Sync of one collection.
    pub(crate) fn turn(&mut self, name: &str, request: sync::Collection, body: CollectionResponse) {
        self.ask(name, request);
        self.say(name, body);
        self.got(name);
    }

    pub(crate) fn moves(&mut self, name: &str, id: &str, from: &str, to: &str) {
        let item = moves::Move {
            source_id: id.into(),
            source_folder: from.into(),
            destination_folder: to.into(),
        };
        self.sent(call(name), Request::MoveItems(moves::Request { moves: vec![item] }));
    }

    pub(crate) fn moved(&mut self, name: &str, id: &str, status: MoveStatus, new: Option<&str>) {
        let moved =
            moves::Moved { source_id: id.into(), status, destination_id: new.map(Into::into) };
        self.answered(call(name), Response::MoveItems(moves::Response { moved: vec![moved] }));
    }

    pub(crate) fn ping(&mut self, name: &str, folders: &[&str], status: PingStatus) {
        let folder = |id: &&str| ping::Folder { id: (*id).into(), class: "Email".into() };
        let folders = Some(folders.iter().map(folder).collect());
        let request = ping::Request { heartbeat_seconds: Some(60), folders };
        self.sent(call(name), Request::Ping(Some(request)));
        self.answered(call(name), Response::Ping(ping::Response::status(status)));
        self.got(name);
    }

    pub(crate) fn hand(&mut self, op: MailboxOp) {
        self.history.push(Event::Mailbox(op));
    }

    pub(crate) fn deliver(&mut self, number: u32, folder: &str) {
        self.hand(MailboxOp::Deliver {
            mail: m(number),
            folder: folder.into(),
            read: false,
            flag: Flag::default(),
            received: NOW,
        });
    }

    pub(crate) fn hand_reads(&mut self, number: u32, folder: &str, read: bool) {
        self.hand(MailboxOp::Read { mail: m(number), folder: folder.into(), read });
    }

    pub(crate) fn hand_deletes(&mut self, number: u32, folder: &str) {
        self.hand(MailboxOp::Delete { mail: m(number), from: folder.into() });
    }

    pub(crate) fn hand_moves(&mut self, number: u32, from: &str, to: &str) {
        self.hand(MailboxOp::Move { mail: m(number), from: from.into(), to: to.into() });
    }

    pub(crate) fn user(&mut self, op: DeviceOp) {
        self.history.push(Event::Device(a(), op));
    }

    pub(crate) fn user_reads(&mut self, number: u32, read: bool) {
        self.user(DeviceOp::Read { mail: m(number), folder: "inbox".into(), read });
    }

    pub(crate) fn user_deletes(&mut self, number: u32) {
        self.user(DeviceOp::Delete { mail: m(number), from: "inbox".into(), permanent: false });
    }

    pub(crate) fn user_moves(&mut self, number: u32, from: &str, to: &str) {
        self.user(DeviceOp::Move { mail: m(number), from: from.into(), to: to.into() });
    }

    pub(crate) fn user_drafts(&mut self, number: u32) {
        self.user(DeviceOp::Draft { mail: m(number), folder: "drafts".into() });
    }

    /// m1 is delivered to the inbox and reaches phone A as item 1:1 under key 2.
    pub(crate) fn first_mail(&mut self) {
        self.deliver(1, "inbox");
        self.turn("A.1", asks("1", "1", vec![]), says("1", "2", vec![add("1:1", 1)]));
    }

    /// A mail of the server at the end.
    pub(crate) fn on_server(&mut self, number: u32, folder: &str) -> &mut ServerMail {
        self.truth.server.push(ServerMail {
            mail: m(number),
            folder: folder.into(),
            read: false,
            flag: Flag::default(),
            received: NOW,
            marked_deleted: false,
        });
        self.truth.server.last_mut().unwrap()
    }

    /// A mail of a phone at the end.
    pub(crate) fn on_phone(&mut self, phone: u8, number: u32, folder: &str) -> &mut DeviceMail {
        let mails = &mut self.truth.devices[usize::from(phone)].mails;
        mails.push(DeviceMail {
            mail: Some(m(number)),
            server_id: Some("x".into()),
            folder: folder.into(),
            read: false,
            flag: Flag::default(),
        });
        mails.last_mut().unwrap()
    }

    /// A mail on both sides at the end.
    pub(crate) fn on_both(&mut self, number: u32, folder: &str) {
        self.on_server(number, folder);
        for phone in 0..self.truth.devices.len() {
            self.on_phone(u8::try_from(phone).unwrap(), number, folder);
        }
    }

    /// The same, read.
    pub(crate) fn read_on_both(&mut self, number: u32, folder: &str) {
        self.on_both(number, folder);
        let mails = self.truth.server.iter_mut().filter(|mail| mail.mail == m(number));
        mails.for_each(|mail| mail.read = true);
        let mails = self.truth.devices.iter_mut().flat_map(|device| &mut device.mails);
        mails.filter(|mail| mail.mail == Some(m(number))).for_each(|mail| mail.read = true);
    }

    pub(crate) fn judge(&self, rules: Rules) -> Verdict {
        check(&self.history, self.own_loop.as_ref().unwrap_or(&self.truth), &self.truth, &rules)
    }

    /// Nothing is found, by neither measure.
    #[track_caller]
    pub(crate) fn is_clean(&self) {
        for rules in [Rules::strict(), Rules::lenient()] {
            let findings = self.judge(rules).findings;
            assert!(findings.is_empty(), "{rules:?}: {findings:#?}");
        }
    }

    /// Nothing is found by the lenient measure.
    #[track_caller]
    pub(crate) fn is_tolerated(&self) {
        let findings = self.judge(Rules::lenient()).findings;
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// Exactly one finding, of this class and by both measures; the strict one is returned.
    #[track_caller]
    pub(crate) fn shows(&self, class: Class) -> Finding {
        let lenient = self.judge(Rules::lenient()).findings;
        let lenient: Vec<_> = lenient.iter().map(|finding| finding.class).collect();
        assert_eq!(lenient, [class]);
        self.shows_strictly(class)
    }

    /// Exactly one finding, of this class, by the letter.
    #[track_caller]
    pub(crate) fn shows_strictly(&self, class: Class) -> Finding {
        let mut findings = self.judge(Rules::strict()).findings;
        let classes: Vec<_> = findings.iter().map(|finding| finding.class).collect();
        assert_eq!(classes, [class], "{findings:#?}");
        findings.remove(0)
    }
}

pub(crate) fn folder(label: &str) -> FolderName {
    label.into()
}

pub(crate) fn collection(id: &str) -> CollectionId {
    id.into()
}
