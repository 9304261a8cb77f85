//! WindowSize, MoreAvailable, FilterType, Options, GetChanges, the cache, and the waiting Sync.

use activesync::sync::{self, Collection, Options};
use activesync::{ProtocolVersion, Request, Response, SyncKey, SyncStatus, Timestamp};
use activesync_server::{Progress, Retry, Stage};

use crate::driver::*;

fn with_window(id: &str, key: &SyncKey, size: u32) -> Collection {
    Collection { window_size: Some(size), ..collection(id, key) }
}

fn filter(id: &str, key: &SyncKey, filter_type: u8) -> Collection {
    let options = Options { filter_type: Some(filter_type), ..Options::default() };
    Collection { options: Some(options), ..collection(id, key) }
}

#[test]
fn a_window_is_filled_and_the_rest_comes_next() {
    let mut world = World::new(Retry::Replay, None);
    let mut inbox = world.prime(INBOX);
    for name in 1..=5 {
        world.deliver(name);
    }
    let mut got = Vec::new();
    for more in [true, true, false] {
        let answer = world.one(with_window(INBOX, &inbox, 2));
        assert_eq!(answer.more_available, more);
        got.extend(said(&answer));
        inbox = key(&answer);
    }
    assert_eq!(got, ["+2:1", "+2:2", "+2:3", "+2:4", "+2:5"]);
}

#[test]
fn the_boundary_of_a_window() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    world.deliver(1);
    world.deliver(2);
    assert!(!world.clone().one(with_window(INBOX, &inbox, 2)).more_available);
    assert!(world.one(with_window(INBOX, &inbox, 1)).more_available);
}

#[test]
fn the_window_of_the_request_is_shared_in_order() {
    let mut world = World::new(Retry::Replay, None);
    let (inbox, trash) = (world.prime(INBOX), world.prime(TRASH));
    for name in 1..=3 {
        world.deliver(name);
    }
    world.deliver_to("deleted", 4);
    let body = |window| sync::Request {
        window_size: Some(window),
        ..request(vec![collection(INBOX, &inbox), collection(TRASH, &trash)])
    };
    let two = world.sync_as("A", Some(body(2))).unwrap().collections;
    assert_eq!(two.len(), 1, "Deleted Items found no room and is absent (R4782)");
    assert!(two[0].more_available);
    let ten = world.sync_as("A", Some(body(10))).unwrap().collections;
    assert_eq!((said(&ten[0]).len(), said(&ten[1])), (3, vec!["+4:4".into()]));
    // A replay that does not fit is made anew.
    let one = world.sync_as("A", Some(body(1))).unwrap().collections;
    assert_eq!((one.len(), said(&one[0]).len()), (1, 1));
}

#[test]
fn upload_only_leaves_the_changes_pending() {
    let mut world = World::new(Retry::Replay, None);
    let id = world.deliver(1);
    let inbox = world.prime(INBOX);
    world.deliver(2);
    let asked = with(INBOX, &inbox, vec![change(&id, read(true))]);
    let answer = world.one(Collection { get_changes: Some(false), ..asked });
    assert!(answer.commands.is_empty() && !answer.more_available);
    assert_eq!(said(&world.one(collection(INBOX, &key(&answer)))), ["+2:2"]);
}

#[test]
fn a_filter_lets_in_lets_out_and_sticks() {
    let mut world = World::new(Retry::Replay, None);
    let old = world.deliver(1);
    world.now = Timestamp(NOW + 90_000);
    let new = world.deliver(2);
    let inbox = world.prime(INBOX);
    let narrow = world.one(filter(INBOX, &inbox, 1));
    assert_eq!(said(&narrow), [format!(".{old}")]);
    world.silent(collection(INBOX, &key(&narrow)));
    world.now = Timestamp(NOW + 180_000);
    let aged = world.one(collection(INBOX, &key(&narrow)));
    assert_eq!(said(&aged), [format!(".{new}")], "without any change in the folder");
    let wide = world.one(filter(INBOX, &key(&aged), 3));
    assert_eq!(said(&wide), [format!("+{old}"), format!("+{new}")]);
    let all = Collection { options: Some(Options::default()), ..collection(INBOX, &key(&wide)) };
    assert!(world.one(all).commands.is_empty(), "a block without FilterType means all");
}

#[test]
fn new_options_come_with_a_new_key() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    let first = world.one(filter(INBOX, &inbox, 2));
    assert!(first.commands.is_empty());
    // The key that was lost with its answer confirms nothing, its options neither.
    assert_eq!(world.clone().sync(vec![collection(INBOX, &inbox)]), None);
    world.silent(filter(INBOX, &key(&first), 2));
}

#[test]
fn an_empty_sync_repeats_what_is_cached() {
    let mut world = World::new(Retry::Replay, None);
    let incomplete = |response: Option<sync::Response>| response.and_then(|r| r.status);
    let inbox = world.prime(INBOX);
    world.silent(collection(INBOX, &inbox));
    assert_eq!(world.sync_as("A", None), None);
    let id = world.deliver(1);
    let answer = world.sync_as("A", None).unwrap().collections.remove(0);
    assert_eq!(said(&answer), [format!("+{id}")]);
    // The answer was lost: all of it again, from the acknowledged state (row 32).
    let again = world.sync_as("A", None).unwrap().collections.remove(0);
    assert_eq!(again, answer);
    let second = world.deliver(2);
    let more = world.sync_as("A", None).unwrap().collections.remove(0);
    assert_eq!(said(&more), [format!("+{id}"), format!("+{second}")]);
    // A request with commands discards the cache (R674).
    world.one(with(INBOX, &key(&answer), vec![change(&id, read(true))]));
    assert_eq!(incomplete(world.sync_as("A", None)), Some(SyncStatus::Incomplete));
    assert_eq!(incomplete(world.sync_as("B", None)), Some(SyncStatus::Incomplete));
}

#[test]
fn an_empty_sync_confirms_no_key() {
    let mut world = World::new(Retry::Redo, None);
    let inbox = world.prime(INBOX);
    world.deliver(1);
    world.one(collection(INBOX, &inbox));
    world.deliver(2);
    let answer = world.sync_as("A", None).unwrap().collections.remove(0);
    assert!(said(&answer).contains(&"+2:1".to_owned()));
}

#[test]
fn partial_completes_the_cached_request() {
    let mut world = World::new(Retry::Replay, None);
    let (inbox, trash) = (world.prime(INBOX), world.prime(TRASH));
    let partial = |collections| sync::Request { partial: true, ..request(collections) };
    let alone = world.sync_as("A", Some(partial(Vec::new()))).unwrap();
    assert_eq!(alone.status, Some(SyncStatus::ProtocolError));
    assert_eq!(world.sync(vec![collection(INBOX, &inbox), collection(TRASH, &trash)]), None);
    world.deliver_to("deleted", 1);
    let answer = world.sync_as("A", Some(partial(vec![collection(INBOX, &inbox)]))).unwrap();
    assert_eq!((answer.collections.len(), said(&answer.collections[0])), (1, vec!["+4:1".into()]));
    let nobody = world.sync_as("B", Some(partial(vec![collection(INBOX, &inbox)]))).unwrap();
    assert_eq!(nobody.status, Some(SyncStatus::Incomplete));
}

#[test]
fn a_request_that_is_wrong_as_a_whole() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    let zero = SyncKey::zero();
    let id = world.deliver(1);
    let base = || request(vec![collection(INBOX, &inbox)]);
    let wants = Collection { get_changes: Some(true), ..collection(INBOX, &zero) };
    let cases = [
        (sync::Request { wait_minutes: Some(1), heartbeat_seconds: Some(60), ..base() }, 4, None),
        (sync::Request { wait_minutes: Some(60), ..base() }, 14, Some(59)),
        (sync::Request { wait_minutes: Some(0), ..base() }, 14, Some(1)),
        (sync::Request { heartbeat_seconds: Some(59), ..base() }, 14, Some(60)),
        (sync::Request { heartbeat_seconds: Some(3541), ..base() }, 14, Some(3540)),
        (request(Vec::new()), 4, None),
        (request(vec![wants]), 4, None),
        (request(vec![with(INBOX, &zero, vec![delete(&id)])]), 4, None),
        (request(vec![collection(INBOX, &inbox), collection(INBOX, &inbox)]), 4, None),
        (request(vec![filter(INBOX, &inbox, 6)]), 4, None),
        (request((0..301).map(|n| collection(&n.to_string(), &inbox)).collect()), 15, Some(300)),
    ];
    for (body, status, limit) in cases {
        let answer = world.sync_as("A", Some(body.clone())).unwrap();
        let found = answer.status.map(SyncStatus::code);
        assert_eq!((found, answer.limit), (Some(status), limit), "{body:?}");
    }
    world.version = ProtocolVersion::V12_1;
    let heartbeat = sync::Request { heartbeat_seconds: Some(60), ..base() };
    let answer = world.sync_as("A", Some(heartbeat)).unwrap();
    assert_eq!(answer.status, Some(SyncStatus::ProtocolError), "not in 12.1 (R6691)");
    assert_eq!(world.find(1).unwrap().0, "inbox");
}

fn waiting(world: &mut World, inbox: &SyncKey) -> u32 {
    let body =
        sync::Request { heartbeat_seconds: Some(60), ..request(vec![collection(INBOX, inbox)]) };
    let call = world.start("A", &Request::Sync(Some(body)));
    world.until(call, Stage::Wait);
    assert_eq!(world.step(call), Progress::Waiting { until: Timestamp(NOW + 60) });
    call
}

fn answer(world: &mut World, call: u32) -> Option<sync::Response> {
    let http = world.finish_http(call);
    match Response::decode(activesync::Command::Sync, http.body()) {
        Ok(Response::Sync(response)) => response,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_waiting_sync_ends_with_an_addition_or_in_time() {
    let mut world = World::new(Retry::Replay, None);
    world.deliver(1);
    let inbox = world.prime(INBOX);
    let call = waiting(&mut world, &inbox);
    world.set_flag(1, "x");
    assert!(matches!(world.step(call), Progress::Waiting { .. }), "flags do not end it (R5598)");
    let mut other = world.clone();
    world.deliver(2);
    let early = answer(&mut world, call).unwrap().collections.remove(0);
    assert_eq!(said(&early), ["~2:1", "+2:2"]);
    other.now = Timestamp(NOW + 60);
    let late = answer(&mut other, call).unwrap().collections.remove(0);
    assert_eq!(said(&late), ["~2:1"]);
    // With nothing at all the answer is empty and the key stays.
    let mut quiet = World::new(Retry::Replay, None);
    let inbox = quiet.prime(INBOX);
    let call = waiting(&mut quiet, &inbox);
    quiet.now = Timestamp(NOW + 60);
    assert_eq!(answer(&mut quiet, call), None);
    quiet.silent(collection(INBOX, &inbox));
}

#[test]
fn what_is_pending_or_commanded_is_answered_at_once() {
    let mut world = World::new(Retry::Replay, None);
    let id = world.deliver(1);
    let inbox = world.prime(INBOX);
    let body =
        |collection| sync::Request { heartbeat_seconds: Some(60), ..request(vec![collection]) };
    let commanded = with(INBOX, &inbox, vec![change(&id, read(true))]);
    let answer = world.sync_as("A", Some(body(commanded))).unwrap();
    let inbox = key(&answer.collections[0]);
    world.set_flag(1, "x");
    let answer = world.sync_as("A", Some(body(collection(INBOX, &inbox)))).unwrap();
    assert_eq!(said(&answer.collections[0]), ["~2:1"]);
}

#[test]
fn nobody_waits_for_a_connection_that_is_gone() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    let call = waiting(&mut world, &inbox);
    world.server.abort(call);
    assert_eq!(world.server.stage(call), None);
    // What is in work goes on.
    let body = request(vec![collection(INBOX, &inbox)]);
    let call = world.start("A", &Request::Sync(Some(body)));
    world.server.abort(call);
    assert_eq!(world.server.stage(call), Some(Stage::Accept));
}

#[test]
fn one_request_of_a_device_at_a_time() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    world.deliver(1);
    let body = Request::Sync(Some(request(vec![collection(INBOX, &inbox)])));
    let (first, second) = (world.start("A", &body), world.start("A", &body));
    assert!(matches!(world.step(second), Progress::Done(Stage::Accept)));
    assert_eq!(world.server.stage(first), Some(Stage::Blocked));
    assert_eq!(world.step(first), Progress::Blocked);
    let retried = answer(&mut world, second).unwrap();
    let original = answer(&mut world, first).unwrap();
    assert_eq!(retried, original);
    // Another device is in nobody's way.
    let (key, _) = world.prime_as("B", INBOX);
    let mine = world.start("A", &body);
    world.step(mine);
    assert!(world.sync_as("B", Some(request(vec![collection(INBOX, &key)]))).is_none());
}
