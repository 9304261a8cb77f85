//! What is around Sync: HTTP, policies, the hierarchy, Ping, estimates.

use activesync::folders::{
    Change, CreateRequest, DeleteRequest, EditResponse, FolderType, UpdateRequest,
};
use activesync::http::{HttpRequest, Method};
use activesync::provision::{self, POLICY_TYPE_WBXML};
use activesync::sync::{Collection, Options};
use activesync::{
    EstimateStatus, FolderStatus, PingStatus, PolicyKey, ProtocolVersion, ProvisionStatus, Request,
    Response, SyncKey, Timestamp, estimate, folders, ping,
};
use activesync_server::{Config, Progress, Retry, Server, Stage, StageFault};

use crate::BOTH;
use crate::driver::*;

#[test]
fn options_offers_versions_and_commands() {
    let mut world = World::new(Retry::Replay, None);
    let (query, headers, body) = (String::new(), Vec::new(), Vec::new());
    world.server.accept(9, HttpRequest { method: Method::Options, query, headers, body });
    let response = world.finish_http(9);
    let header = |name| response.header(name).unwrap();
    assert_eq!(header("MS-ASProtocolVersions"), "12.1,14.0,14.1,16.0,16.1");
    assert!(header("MS-ASProtocolCommands").split(',').any(|name| name == "FolderSync"));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let mut world = World::new(Retry::Replay, None);
    let mut status = |query: &str, version: &str, body: &[u8]| {
        let headers = vec![("MS-ASProtocolVersion".to_owned(), version.to_owned())];
        let (query, body) = (query.to_owned(), body.to_vec());
        world.server.accept(9, HttpRequest { method: Method::Post, query, headers, body });
        let response = world.finish_http(9);
        let decoded = Response::decode(activesync::Command::Sync, response.body());
        let inner = match decoded {
            Ok(Response::Sync(Some(sync))) => sync.status.map(activesync::SyncStatus::code),
            _ => None,
        };
        (response.status, inner)
    };
    let line = "Cmd=Sync&DeviceId=A&DeviceType=t&User=u";
    assert_eq!(status("nonsense", "14.1", b""), (400, None));
    assert_eq!(status(line, "2.5", b""), (400, None), "a version that is not offered");
    assert_eq!(status("Cmd=Search&DeviceId=A&DeviceType=t", "14.1", b""), (501, None));
    assert_eq!(status("Cmd=FolderSync&DeviceId=A&DeviceType=t", "12.1", b""), (400, None));
    assert_eq!(status(line, "14.1", b"\x03\x01"), (200, Some(102)));
    assert_eq!(status(line, "12.1", b"\x03\x01"), (400, None));
}

fn provision(world: &mut World, acknowledge: Option<PolicyKey>) -> provision::Policy {
    let request = provision::Request {
        policy_type: Some(POLICY_TYPE_WBXML.into()),
        acknowledge: acknowledge.map(|key| (key, ProvisionStatus::Success)),
        remote_wipe: None,
    };
    let Response::Provision(response) = world.call("A", &Request::Provision(request)) else {
        panic!("not a Provision response")
    };
    response.policy.expect("there is a policy")
}

#[test]
fn a_policy_comes_in_two_phases() {
    let mut world = World::new(Retry::Replay, None);
    world.server = Server::new(Config::default(), None);
    let refused = |world: &mut World| world.folder_sync(&SyncKey::zero()).status;
    assert_eq!(refused(&mut world), FolderStatus::Other(142));
    world.version = ProtocolVersion::V12_1;
    let request = Request::FolderSync(folders::SyncRequest { sync_key: SyncKey::zero() });
    assert_eq!(world.call_http("A", &request).status, 449);
    world.version = ProtocolVersion::V14_1;
    let first = provision(&mut world, None);
    assert!(first.document);
    world.policy_key = first.key;
    assert_eq!(refused(&mut world), FolderStatus::Other(142), "the temporary key is not enough");
    let second = provision(&mut world, first.key);
    assert_eq!(provision(&mut world, first.key).key, second.key, "the same answer twice");
    assert_eq!(provision(&mut world, Some(PolicyKey(7))).status, ProvisionStatus::WrongKey);
    world.policy_key = second.key;
    assert_eq!(refused(&mut world), FolderStatus::Success);
    world.policy_key = Some(PolicyKey(7));
    assert_eq!(refused(&mut world), FolderStatus::Other(144));
}

#[test]
fn a_wipe_is_pending_until_it_is_acknowledged() {
    let mut world = World::new(Retry::Replay, None);
    world.prime(INBOX);
    world.store.request_wipe(&"A".into());
    let status = |world: &mut World| world.folder_sync(&SyncKey::zero()).status;
    assert_eq!(status(&mut world), FolderStatus::Other(140));
    let wipe = |world: &mut World, remote_wipe| {
        let request = provision::Request { policy_type: None, acknowledge: None, remote_wipe };
        match world.call("A", &Request::Provision(request)) {
            Response::Provision(response) => response.remote_wipe,
            other => panic!("{other:?}"),
        }
    };
    assert!(wipe(&mut world, None) && wipe(&mut world, None));
    assert!(wipe(&mut world, Some(ProvisionStatus::Protocol)), "a failed one is asked for again");
    assert!(!wipe(&mut world, Some(ProvisionStatus::Success)));
    assert_eq!(status(&mut world), FolderStatus::Success);
}

#[test]
fn a_lost_folder_sync_comes_again() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let key = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
        assert_eq!(world.folder_sync(&key).sync_key.as_ref(), Some(&key), "nothing, same key");
        world.store.mailbox.create_folder(&folder("f1"), None);
        let lost = world.folder_sync(&key);
        let again = world.folder_sync(&key);
        assert_eq!(lost.changes, again.changes);
        assert!(matches!(again.changes[..], [Change::Add(_)]));
        let newer = again.sync_key.unwrap();
        assert!(world.folder_sync(&newer).changes.is_empty());
        assert_eq!(world.folder_sync(&key).status, FolderStatus::InvalidSyncKey, "it is old now");
    }
}

#[test]
fn a_late_folder_sync_does_not_undo_a_newer_start() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let start = |world: &mut World| world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
        let (first, second) = (start(&mut world), start(&mut world));
        assert_eq!(world.folder_sync(&first).status, FolderStatus::Success);
        assert_eq!(world.folder_sync(&second).status, FolderStatus::Success);
        assert_eq!(world.folder_sync(&first).status, FolderStatus::InvalidSyncKey, "it is old now");
    }
}

#[test]
fn a_change_that_was_undone_between_two_attempts_does_not_make_ping_loop() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let key = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
        world.folder_sync(&key);
        world.prime(INBOX);
        world.store.mailbox.create_folder(&folder("f1"), None);
        world.folder_sync(&key);
        world.store.mailbox.delete_folder(&folder("f1")).unwrap();
        let mut key = key;
        let settled = (0..4).any(|_| {
            key = world.folder_sync(&key).sync_key.unwrap();
            ping_status(&mut world, &[INBOX]).is_none()
        });
        assert!(settled, "{retry:?}");
    }
}

#[test]
fn the_hierarchy_is_told_in_an_order_that_can_be_followed() {
    let mut world = World::new(Retry::Replay, None);
    let key = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
    let mailbox = &mut world.store.mailbox;
    for label in ["a", "b"] {
        assert!(mailbox.create_folder(&folder(label), None));
    }
    assert!(mailbox.create_folder(&folder("c"), Some(&folder("a"))));
    let update = |world: &mut World, key, id: &str, parent: &str, name: &str| {
        let request = UpdateRequest {
            sync_key: key,
            server_id: id.into(),
            parent_id: parent.into(),
            display_name: name.into(),
        };
        match world.call("A", &Request::FolderUpdate(request)) {
            Response::FolderUpdate(response) => response,
            other => panic!("{other:?}"),
        }
    };
    let [a, b, c] =
        ["a", "b", "c"].map(|label| world.store.mailbox.folder_id(&folder(label)).unwrap());
    // a goes below b, whose number is higher.
    let moved = update(&mut world, key.clone(), a.as_str(), b.as_str(), "a");
    assert_eq!(moved.status, FolderStatus::Success);
    let cycle = update(&mut world, moved.sync_key.clone().unwrap(), b.as_str(), c.as_str(), "b");
    assert_eq!(
        cycle,
        EditResponse { status: FolderStatus::ParentNotFound, sync_key: None, server_id: None }
    );
    let all = world.folder_sync(&SyncKey::zero()).changes;
    let place = |id| {
        all.iter().position(|change| matches!(change, Change::Add(f) if f.server_id == id)).unwrap()
    };
    assert!(place(b) < place(a.clone()) && place(a) < place(c));
}

#[test]
fn folder_edits_that_cannot_be_done() {
    let mut world = World::new(Retry::Replay, None);
    let key = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
    let create = |world: &mut World, key: &SyncKey, parent: &str, name: &str, folder_type| {
        let request = CreateRequest {
            sync_key: key.clone(),
            parent_id: parent.into(),
            display_name: name.into(),
            folder_type,
        };
        match world.call("A", &Request::FolderCreate(request)) {
            Response::FolderCreate(response) => response.status.code(),
            other => panic!("{other:?}"),
        }
    };
    let mail = FolderType::UserMail;
    assert_eq!(create(&mut world, &SyncKey::from("h99"), "0", "x", mail), 9);
    assert_eq!(create(&mut world, &SyncKey::zero(), "0", "x", mail), 9);
    assert_eq!(create(&mut world, &key, "99", "x", mail), 5);
    assert_eq!(create(&mut world, &key, "0", "Inbox", mail), 2);
    assert_eq!(create(&mut world, &key, "0", "x", FolderType::UserTasks), 10);
    let remove = |world: &mut World, id: &str| {
        let request = DeleteRequest { sync_key: key.clone(), server_id: id.into() };
        match world.call("A", &Request::FolderDelete(request)) {
            Response::FolderDelete(response) => response,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(remove(&mut world, INBOX).status, FolderStatus::Special);
    assert_eq!(remove(&mut world, "99").status, FolderStatus::NotFound);
    world.store.mailbox.create_folder(&folder("f1"), None);
    let id = world.store.mailbox.folder_id(&folder("f1")).unwrap();
    let done = remove(&mut world, id.as_str());
    assert_eq!(done.status, FolderStatus::Success);
    assert_eq!(remove(&mut world, id.as_str()), done, "a repeated one is answered as before");
    let call = world.start("A", &Request::FolderSync(folders::SyncRequest { sync_key: key }));
    world.until(call, Stage::Persist);
    world.step_with(call, StageFault::WriteFails);
    let http = world.finish_http(call);
    let Ok(Response::FolderSync(failed)) =
        Response::decode(activesync::Command::FolderSync, http.body())
    else {
        panic!("no answer")
    };
    assert_eq!((failed.status, failed.sync_key), (FolderStatus::ServerError, None));
}

fn ping_body(folders: &[&str]) -> ping::Request {
    let folder = |id: &&str| ping::Folder { id: (*id).into(), class: "Email".into() };
    ping::Request {
        heartbeat_seconds: Some(60),
        folders: Some(folders.iter().map(folder).collect()),
    }
}

/// The status that a Ping answers at once; `None` when it waits.
fn ping_status(world: &mut World, folders: &[&str]) -> Option<ping::Response> {
    let call = world.start("A", &Request::Ping(Some(ping_body(folders))));
    ping_answer(world, call)
}

fn ping_answer(world: &mut World, call: u32) -> Option<ping::Response> {
    loop {
        match world.step(call) {
            Progress::Responded(http) => {
                let response = Response::decode(activesync::Command::Ping, http.body());
                let Ok(Response::Ping(response)) = response else { panic!("{response:?}") };
                return Some(response);
            }
            Progress::Waiting { .. } => return None,
            Progress::Done(_) => {}
            Progress::Blocked => panic!("Ping needs no lock"),
        }
    }
}

#[test]
fn ping_tells_of_additions_until_they_are_fetched() {
    let mut world = World::new(Retry::Replay, None);
    world.deliver(1);
    let inbox = world.prime(INBOX);
    let status = |response: Option<ping::Response>| response.map(|r| r.status);
    assert_eq!(status(ping_status(&mut world, &[INBOX])), Some(PingStatus::FolderSyncNeeded));
    let hierarchy = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
    world.folder_sync(&hierarchy);
    assert_eq!(ping_status(&mut world, &[INBOX]), None);
    world.set_flag(1, "x");
    assert_eq!(ping_status(&mut world, &[INBOX]), None, "flags do not end it (R5641)");
    let call = world.start("A", &Request::Ping(None));
    assert_eq!(ping_answer(&mut world, call), None, "interval and folders are cached");
    world.deliver(2);
    let answer = ping_answer(&mut world, call).unwrap();
    assert_eq!((answer.status, answer.folders), (PingStatus::Changes, vec![id(INBOX)]));
    assert_eq!(status(ping_status(&mut world, &[INBOX])), Some(PingStatus::Changes), "again");
    world.one(collection(INBOX, &inbox));
    assert_eq!(ping_status(&mut world, &[INBOX]), None, "the last key returned is the baseline");
    let call = world.start("A", &Request::Ping(None));
    assert_eq!(ping_answer(&mut world, call), None);
    world.now = Timestamp(NOW + 60);
    assert_eq!(status(ping_answer(&mut world, call)), Some(PingStatus::Expired));
}

#[test]
fn ping_that_cannot_wait() {
    let mut world = World::new(Retry::Replay, None);
    let call = |world: &mut World, body| {
        let call = world.start("A", &Request::Ping(body));
        ping_answer(world, call).unwrap()
    };
    assert_eq!(call(&mut world, None).status, PingStatus::MissingParameters);
    let short = ping::Request { heartbeat_seconds: Some(1), ..ping_body(&[INBOX]) };
    let answer = call(&mut world, Some(short));
    assert_eq!((answer.status, answer.heartbeat_seconds), (PingStatus::IntervalRange, Some(60)));
    let names: Vec<_> = (0..301).map(|n| n.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let answer = call(&mut world, Some(ping_body(&names)));
    assert_eq!((answer.status, answer.max_folders), (PingStatus::TooManyFolders, Some(300)));
}

#[test]
fn a_ping_gives_way_to_a_newer_request() {
    let mut world = World::new(Retry::Replay, None);
    world.prime(INBOX);
    world.folder_sync(&SyncKey::zero());
    let call = world.start("A", &Request::Ping(Some(ping_body(&[INBOX]))));
    assert_eq!(ping_answer(&mut world, call), None);
    world.start("A", &Request::Ping(Some(ping_body(&[INBOX]))));
    assert_eq!(ping_answer(&mut world, call).unwrap().status, PingStatus::Expired);
}

#[test]
fn an_estimate_moves_nothing() {
    use EstimateStatus::{InvalidCollection, InvalidSyncKey, NotPrimed, Success};

    let mut world = World::new(Retry::Replay, None);
    world.deliver(1);
    let inbox = world.prime(INBOX);
    world.now = Timestamp(NOW + 90_000);
    world.deliver(2);
    let ask = |world: &mut World, id: &str, key: &SyncKey, filter| {
        let collections = vec![(self::id(id), key.clone(), filter)];
        let request = Request::GetItemEstimate(estimate::Request { collections });
        match world.call("A", &request) {
            Response::GetItemEstimate(response) => {
                (response.estimates[0].status, response.estimates[0].estimate)
            }
            other => panic!("{other:?}"),
        }
    };
    for _ in 0..2 {
        assert_eq!(ask(&mut world, INBOX, &inbox, None), (Success, Some(1)));
    }
    assert_eq!(ask(&mut world, INBOX, &inbox, Some(1)), (Success, Some(2)));
    assert_eq!(ask(&mut world, INBOX, &SyncKey::zero(), None), (NotPrimed, None));
    assert_eq!(ask(&mut world, INBOX, &"k99".into(), None), (InvalidSyncKey, None));
    assert_eq!(ask(&mut world, "99", &inbox, None), (InvalidCollection, None));
    let options = Options { filter_type: Some(1), ..Options::default() };
    let answer = world.one(Collection { options: Some(options), ..collection(INBOX, &inbox) });
    assert_eq!(said(&answer), [".2:1", "+2:2"]);
}

#[test]
fn an_edit_is_done_once_whatever_was_asked_in_between() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let sync_key = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
        let request = Request::FolderCreate(CreateRequest {
            sync_key: sync_key.clone(),
            parent_id: "0".into(),
            display_name: "f1".into(),
            folder_type: FolderType::UserMail,
        });
        let lost = world.call("A", &request);
        let between = world.folder_sync(&sync_key);
        assert!(matches!(between.changes[..], [Change::Add(_)]));
        world.store.mailbox.delete_folder(&folder("f1")).unwrap();
        assert_eq!(world.call("A", &request), lost);
        assert_eq!(world.store.mailbox.folder_id(&folder("f1")), None, "it is not made again");
        let Response::FolderCreate(made) = lost else { panic!("{lost:?}") };
        let gone = world.folder_sync(&made.sync_key.unwrap()).changes;
        assert_eq!(gone, [Change::Delete(made.server_id.unwrap())]);
    }
}
