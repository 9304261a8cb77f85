//! SyncKeys: when they move, what they cover, and what a repeated one is answered with (MS-ASCMD 3.1.5.9).

use activesync::history::MailName;
use activesync::sync::{Collection, ServerCommand};
use activesync::{SyncKey, SyncStatus};
use activesync_server::{Progress, Retry, Stage, StageFault};

use crate::BOTH;
use crate::driver::*;

#[test]
fn key_zero_gives_a_key_and_then_the_content() {
    let mut world = World::new(Retry::Replay, None);
    world.deliver(1);
    let zero = world.one(collection(INBOX, &SyncKey::zero()));
    assert!(zero.commands.is_empty());
    let answer = world.one(collection(INBOX, &key(&zero)));
    assert_eq!(said(&answer), ["+2:1"]);
    world.silent(collection(INBOX, &key(&answer)));
}

#[test]
fn row_37_a_lost_first_key_costs_nothing() {
    let mut world = World::new(Retry::Replay, None);
    world.deliver(1);
    let zero = collection(INBOX, &SyncKey::zero());
    let lost = key(&world.one(zero.clone()));
    let second = key(&world.one(zero));
    assert_ne!(lost, second);
    assert_eq!(said(&world.one(collection(INBOX, &second))), ["+2:1"]);
}

#[test]
fn a_late_key_zero_does_not_undo_a_newer_state() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    world.one(collection(INBOX, &SyncKey::zero()));
    world.deliver(1);
    assert_eq!(said(&world.one(collection(INBOX, &inbox))), ["+2:1"]);
}

#[test]
fn a_lost_answer_comes_again_with_all_it_carried() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let gone = world.deliver(1);
        let inbox = world.prime(INBOX);
        world.remove(1);
        world.deliver(2);
        let lost = world.one(collection(INBOX, &inbox));
        assert_eq!(said(&lost), [format!("-{gone}"), "+2:2".into()]);
        let again = world.one(collection(INBOX, &inbox));
        assert_eq!(said(&again), said(&lost));
        assert_eq!(again == lost, retry == Retry::Replay, "byte for byte, where it is a replay");
        // What came meanwhile comes along: a stored answer that is no longer all of it is not given.
        world.deliver(3);
        let again = world.one(collection(INBOX, &inbox));
        assert_eq!(said(&again), ["-2:1", "+2:2", "+2:3"]);
        world.silent(collection(INBOX, &key(&again)));
    }
}

#[test]
fn another_body_under_the_same_key_is_no_replay() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    world.deliver(1);
    world.deliver(2);
    let narrow = Collection { window_size: Some(1), ..collection(INBOX, &inbox) };
    let lost = world.one(narrow);
    assert_eq!((said(&lost), lost.more_available), (vec!["+2:1".into()], true));
    let wide = world.one(collection(INBOX, &inbox));
    assert_eq!((said(&wide), wide.more_available), (vec!["+2:1".into(), "+2:2".into()], false));
    assert_ne!(lost.sync_key, wide.sync_key);
}

#[test]
fn whichever_answer_arrived_its_key_is_good() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let inbox = world.prime(INBOX);
        world.deliver(1);
        let first = world.one(collection(INBOX, &inbox));
        world.deliver(2);
        let second = world.one(collection(INBOX, &inbox));
        world.deliver(3);
        let mut other = world.clone();
        let after = |world: &mut World, answer: &activesync::sync::CollectionResponse| {
            let next = world.one(collection(INBOX, &key(answer)));
            let mut all = said(answer);
            all.extend(said(&next));
            all
        };
        assert_eq!(after(&mut world, &first), ["+2:1", "+2:2", "+2:3"]);
        assert_eq!(after(&mut other, &second), ["+2:1", "+2:2", "+2:3"]);
    }
}

#[test]
fn row_36_invented_foreign_and_old_keys_are_refused_and_nothing_is_done() {
    let mut world = World::new(Retry::Replay, None);
    let item = world.deliver(1);
    let inbox = world.prime(INBOX);
    let drafts = key(&world.one(collection(DRAFTS, &SyncKey::zero())));
    world.deliver(2);
    let newer = key(&world.one(collection(INBOX, &inbox)));
    world.silent(collection(INBOX, &newer));
    for bad in [SyncKey::from("k999"), drafts, inbox, SyncKey::from("")] {
        let answer = world.one(with(INBOX, &bad, vec![delete(&item)]));
        assert_eq!((answer.status, answer.sync_key), (SyncStatus::InvalidSyncKey, None));
    }
    assert_eq!(world.find(1).map(|found| found.0).as_deref(), Some("inbox"));
    let other_device = world.one_as("B", collection(INBOX, &newer));
    assert_eq!(other_device.status, SyncStatus::InvalidSyncKey);
}

#[test]
fn a_crash_between_any_two_stages_loses_and_doubles_nothing() {
    for retry in BOTH {
        for stages in 0..8 {
            let mut world = World::new(retry, None);
            let (one, two) = (world.deliver(1), world.deliver(2));
            let inbox = world.prime(INBOX);
            world.deliver(3);
            let commands = vec![change(&one, read(true)), delete(&two)];
            let body = request(vec![with(INBOX, &inbox, commands)]);
            let call = world.start("A", &activesync::Request::Sync(Some(body.clone())));
            for _ in 0..stages {
                if matches!(world.step(call), Progress::Responded(_)) {
                    break;
                }
            }
            world.server.crash();
            assert_eq!(world.server.works().count(), 0);
            let answer = world.sync_as("A", Some(body)).unwrap().collections.remove(0);
            assert_eq!(said(&answer), ["+2:3"], "{retry:?} after {stages} stages");
            assert_eq!(statuses(&answer), [] as [u16; 0]);
            assert_eq!(world.find(1).unwrap().1.read, Some(true));
            assert_eq!(world.find(2).unwrap().0, "deleted");
            assert_eq!(world.count(2), 1);
            world.silent(collection(INBOX, &key(&answer)));
        }
    }
}

#[test]
fn a_failed_read_has_no_key_and_covers_nothing() {
    let mut world = World::new(Retry::Replay, None);
    let one = world.deliver(1);
    let inbox = world.prime(INBOX);
    world.deliver(2);
    let body = with(INBOX, &inbox, vec![change(&one, read(true))]);
    let call = world.start("A", &activesync::Request::Sync(Some(request(vec![body.clone()]))));
    world.until(call, Stage::Read);
    world.step_with(call, StageFault::ReadFails);
    let http = world.finish_http(call);
    let response = activesync::Response::decode(activesync::Command::Sync, http.body()).unwrap();
    let activesync::Response::Sync(Some(response)) = response else { panic!("{response:?}") };
    assert_eq!(response.collections[0].status, SyncStatus::ServerError);
    assert_eq!(response.collections[0].sync_key, None);
    world.set_read(1, false);
    let answer = world.one(body);
    assert_eq!(said(&answer), ["~2:1", "+2:2"], "the later change of the server stands");
    assert_eq!(world.find(1).unwrap().1.read, Some(false), "and the command is not done twice");
}

#[test]
fn a_failed_write_advances_nothing() {
    for stage in [Stage::Command(0), Stage::Persist] {
        let mut world = World::new(Retry::Replay, None);
        let inbox = world.prime(DRAFTS);
        let body = with(DRAFTS, &inbox, vec![add("c1", mail(5))]);
        let call = world.start("A", &activesync::Request::Sync(Some(request(vec![body.clone()]))));
        world.until(call, stage);
        world.step_with(call, StageFault::WriteFails);
        let http = world.finish_http(call);
        let response = activesync::Response::decode(activesync::Command::Sync, http.body());
        let Ok(activesync::Response::Sync(Some(response))) = response else { panic!("no answer") };
        assert_eq!(response.status, Some(SyncStatus::ServerError));
        let answer = world.one(body);
        assert_eq!(statuses(&answer), [1]);
        assert_eq!(world.count(5), 1, "{stage:?}");
    }
}

#[test]
fn an_item_that_cannot_be_read_comes_next_time() {
    let mut world = World::new(Retry::Replay, None);
    let inbox = world.prime(INBOX);
    world.deliver(1);
    world.deliver(2);
    let body = activesync::Request::Sync(Some(request(vec![collection(INBOX, &inbox)])));
    let call = world.start("A", &body);
    world.until(call, Stage::Read);
    world.step_with(call, StageFault::ItemUnreadable(MailName(1)));
    let http = world.finish_http(call);
    let response = activesync::Response::decode(activesync::Command::Sync, http.body());
    let Ok(activesync::Response::Sync(Some(response))) = response else { panic!("no answer") };
    let answer = &response.collections[0];
    assert_eq!((said(answer), answer.more_available), (vec!["+2:2".into()], true));
    assert_eq!(said(&world.one(collection(INBOX, &key(answer)))), ["+2:1"]);
}

#[test]
fn what_comes_inside_a_request_is_not_covered_by_its_key() {
    for stage in [Stage::Read, Stage::Persist, Stage::Respond] {
        let mut world = World::new(Retry::Replay, None);
        let inbox = world.prime(INBOX);
        world.deliver(1);
        let body = request(vec![collection(INBOX, &inbox)]);
        let call = world.start("A", &activesync::Request::Sync(Some(body)));
        world.until(call, stage);
        world.deliver(2);
        let http = world.finish_http(call);
        let response = activesync::Response::decode(activesync::Command::Sync, http.body());
        let Ok(activesync::Response::Sync(Some(response))) = response else { panic!("no answer") };
        let mut all = said(&response.collections[0]);
        let next = world.sync(vec![collection(INBOX, &key(&response.collections[0]))]);
        all.extend(next.iter().flat_map(|next| said(&next.collections[0])));
        assert_eq!(all, ["+2:1", "+2:2"], "mail arriving before {stage:?}");
    }
}

#[test]
fn beliefs_are_what_the_device_was_given() {
    let mut world = World::new(Retry::Replay, None);
    let one = world.deliver(1);
    let inbox = world.prime(INBOX);
    let answer = world.one(with(INBOX, &inbox, vec![change(&one, read(true))]));
    world.set_flag(1, "later");
    let body = activesync::Request::Sync(Some(request(vec![collection(INBOX, &key(&answer))])));
    let call = world.start("A", &body);
    assert!(world.server.beliefs(call).is_empty());
    world.step(call);
    let [belief] = world.server.beliefs(call) else { panic!("one collection, one belief") };
    assert_eq!(belief.key, key(&answer));
    assert_eq!(belief.items.len(), 1);
    assert_eq!((&belief.items[0].server_id, belief.items[0].read), (&one, true));
    assert!(!belief.items[0].flag.is_set());
    world.finish_http(call);
    assert!(world.server.beliefs(call).is_empty());
}

#[test]
fn a_lost_state_is_status_3_and_key_zero_heals_it() {
    let mut world = World::new(Retry::Replay, None);
    world.deliver(1);
    let inbox = world.prime(INBOX);
    world.store.lose_state(&"A".into());
    assert_eq!(world.one(collection(INBOX, &inbox)).status, SyncStatus::InvalidSyncKey);
    let (_, commands) = world.prime_as("A", INBOX);
    assert!(matches!(commands[..], [ServerCommand::Add { .. }]));
}
