//! The legality table: a command of the client beside a change of the server to the same item. One test for each row that
//! concerns a server with mail; the numbers are those of the table.

use activesync::folders::{self, Change, FolderType};
use activesync::history::MailName;
use activesync::sync::{ClientCommand, Collection, ItemResponse, Options};
use activesync::{
    Body, Flag, FolderStatus, Mail, MoveStatus, ProtocolVersion, Request, Response, ServerId,
    SyncKey, SyncStatus, Timestamp, moves,
};
use activesync_server::Retry;

use crate::BOTH;
use crate::driver::*;

/// A mail that the device holds, and the key.
fn start(retry: Retry) -> (World, ServerId, SyncKey) {
    let mut world = World::new(retry, None);
    let id = world.deliver(1);
    let inbox = world.prime(INBOX);
    (world, id, inbox)
}

fn conflict(setting: u8, asked: Collection) -> Collection {
    let options = Options { conflict: Some(setting), ..Options::default() };
    Collection { options: Some(options), ..asked }
}

fn flag_of(world: &World, name: u32) -> Flag {
    world.find(name).unwrap().1.flag.unwrap()
}

fn move_items(
    world: &mut World,
    moved: &[(&ServerId, &str, &str)],
) -> Vec<(u16, Option<ServerId>)> {
    let one = |(id, from, to): &(&ServerId, &str, &str)| moves::Move {
        source_id: (*id).clone(),
        source_folder: (*from).into(),
        destination_folder: (*to).into(),
    };
    let request = moves::Request { moves: moved.iter().map(one).collect() };
    let Response::MoveItems(response) = world.call("A", &Request::MoveItems(request)) else {
        panic!("not a MoveItems response")
    };
    response.moved.into_iter().map(|moved| (moved.status.code(), moved.destination_id)).collect()
}

#[test]
fn row_1_change_alone() {
    let (mut world, id, inbox) = start(Retry::Replay);
    let answer = world.one(with(INBOX, &inbox, vec![change(&id, read(true))]));
    assert!(answer.responses.is_empty() && answer.commands.is_empty());
    assert_eq!(world.find(1).unwrap().1.read, Some(true));
    world.silent(collection(INBOX, &key(&answer)));
}

#[test]
fn row_2_the_server_wins_a_conflict() {
    for retry in BOTH {
        let (mut world, id, inbox) = start(retry);
        world.set_flag(1, "server");
        let answer = world.one(with(INBOX, &inbox, vec![change(&id, flag("client"))]));
        assert_eq!(statuses(&answer), [7]);
        assert_eq!(changed(&answer, &id).flag, Some(Flag::active("server")));
        assert_eq!(flag_of(&world, 1), Flag::active("server"));
        world.silent(collection(INBOX, &key(&answer)));
    }
}

#[test]
fn row_2_the_servers_value_comes_later_when_it_cannot_come_now() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.set_flag(1, "server");
    let asked = with(INBOX, &inbox, vec![change(&id, flag("client"))]);
    let answer = world.one(Collection { get_changes: Some(false), ..asked });
    assert_eq!((statuses(&answer), answer.commands.len()), (vec![7], 0));
    let next = world.one(collection(INBOX, &key(&answer)));
    assert_eq!(changed(&next, &id).flag, Some(Flag::active("server")));
}

#[test]
fn row_2_all_that_the_refused_change_named_is_sent_back() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.set_flag(1, "server");
    let both = Mail { read: Some(true), ..flag("client") };
    let answer = world.one(with(INBOX, &inbox, vec![change(&id, both)]));
    assert_eq!(changed(&answer, &id).read, Some(false), "the device may have marked it read");
}

#[test]
fn row_3_the_client_wins_a_conflict() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.set_flag(1, "server");
    let asked = with(INBOX, &inbox, vec![change(&id, flag("client"))]);
    let answer = world.one(conflict(0, asked));
    assert!(answer.responses.is_empty() && answer.commands.is_empty());
    assert_eq!(flag_of(&world, 1), Flag::active("client"));
}

#[test]
fn row_4_different_properties_merge() {
    for setting in [0, 1] {
        let (mut world, id, inbox) = start(Retry::Replay);
        world.set_flag(1, "server");
        let answer =
            world.one(conflict(setting, with(INBOX, &inbox, vec![change(&id, read(true))])));
        assert!(answer.responses.is_empty());
        assert_eq!(*changed(&answer, &id), flag("server"), "only what the device lacks");
        let data = world.find(1).unwrap().1;
        assert_eq!((data.read, data.flag), (Some(true), Some(Flag::active("server"))));
    }
}

#[test]
fn row_5_the_same_value_is_no_conflict() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.set_read(1, true);
    let answer = world.one(with(INBOX, &inbox, vec![change(&id, read(true))]));
    assert!(answer.responses.is_empty() && answer.commands.is_empty());
}

#[test]
fn row_6_change_of_a_deleted_item() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.remove(1);
    let answer = world.one(with(INBOX, &inbox, vec![change(&id, read(true))]));
    assert_eq!((statuses(&answer), said(&answer)), (vec![8], vec![format!("-{id}")]));
    assert_eq!(world.count(1), 0);
}

#[test]
fn row_7_change_of_a_moved_item() {
    let (mut world, id, inbox) = start(Retry::Replay);
    let trash = world.prime(TRASH);
    world.store.mailbox.move_mail(MailName(1), &folder("deleted"));
    let answer = world.one(with(INBOX, &inbox, vec![change(&id, read(true))]));
    assert_eq!((statuses(&answer), said(&answer)), (vec![8], vec![format!("-{id}")]));
    assert_eq!(said(&world.one(collection(TRASH, &trash))), ["+4:2"]);
}

#[test]
fn row_8_change_of_an_item_that_aged_out() {
    let mut world = World::new(Retry::Replay, None);
    let id = world.deliver(1);
    let first = key(&world.one(collection(INBOX, &SyncKey::zero())));
    let options = Options { filter_type: Some(1), ..Options::default() };
    let inbox = key(&world.one(Collection { options: Some(options), ..collection(INBOX, &first) }));
    world.now = Timestamp(NOW + 90_000);
    let answer = world.one(with(INBOX, &inbox, vec![change(&id, read(true))]));
    assert_eq!((statuses(&answer), said(&answer)), (vec![], vec![format!(".{id}")]));
    assert_eq!(world.find(1).unwrap().1.read, Some(true));
    world.silent(collection(INBOX, &key(&answer)));
}

fn user_folder(world: &mut World) -> String {
    assert!(world.store.mailbox.create_folder(&folder("f1"), None));
    world.store.mailbox.folder_id(&folder("f1")).unwrap().to_string()
}

#[test]
fn row_9_a_renamed_folder_keeps_its_state() {
    let mut world = World::new(Retry::Replay, None);
    let id = user_folder(&mut world);
    let item = world.deliver_to("f1", 1);
    let hierarchy = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
    let state = world.prime(&id);
    assert!(world.store.mailbox.rename_folder(&folder("f1"), "other"));
    let answer = world.one(with(&id, &state, vec![change(&item, read(true))]));
    assert!(answer.responses.is_empty());
    let changes = world.folder_sync(&hierarchy).changes;
    let [Change::Update(folder)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((folder.server_id.as_str(), &*folder.display_name), (id.as_str(), "other"));
}

#[test]
fn row_10_and_23_a_deleted_folder_is_status_12_and_then_a_delete() {
    let mut world = World::new(Retry::Replay, None);
    let id = user_folder(&mut world);
    let item = world.deliver_to("f1", 1);
    let hierarchy = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
    let state = world.prime(&id);
    let inbox = world.prime(INBOX);
    world.store.mailbox.delete_folder(&folder("f1")).unwrap();
    world.deliver(2);
    let gone = with(&id, &state, vec![change(&item, read(true)), add("c1", mail(3))]);
    let answers = world.sync(vec![gone, collection(INBOX, &inbox)]).unwrap().collections;
    assert_eq!(answers[0].status, SyncStatus::HierarchyChanged);
    assert_eq!((answers[0].sync_key.as_ref(), answers[0].responses.len()), (None, 0));
    assert_eq!(said(&answers[1]), ["+2:2"], "the others are not held up");
    assert_eq!(world.folder_sync(&hierarchy).changes, [Change::Delete(self::id(&id))]);
    assert_eq!(world.count(3), 0);
}

#[test]
fn row_11_delete_moves_to_deleted_items() {
    let (mut world, id, inbox) = start(Retry::Replay);
    let trash = world.prime(TRASH);
    let answer = world.one(with(INBOX, &inbox, vec![delete(&id)]));
    assert!(answer.responses.is_empty() && answer.commands.is_empty());
    assert_eq!(world.find(1).unwrap().0, "deleted");
    let there = world.one(collection(TRASH, &trash));
    assert_eq!(said(&there), ["+4:2"]);
    world.one(with(TRASH, &key(&there), vec![delete(&"4:2".into())]));
    assert_eq!(world.count(1), 0, "in Deleted Items a Delete is for good");
    let second = world.deliver(2);
    let asked = with(INBOX, &key(&answer), vec![delete(&second)]);
    world.one(Collection { deletes_as_moves: Some(false), ..asked });
    assert_eq!(world.count(2), 0, "and so it is where the client says so");
}

#[test]
fn row_12_delete_beats_change() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.set_flag(1, "server");
    let answer = world.one(with(INBOX, &inbox, vec![delete(&id)]));
    assert!(answer.responses.is_empty() && answer.commands.is_empty());
    let (place, data) = world.find(1).unwrap();
    assert_eq!((&*place, data.flag), ("deleted", Some(Flag::active("server"))));
}

#[test]
fn row_13_delete_of_what_is_gone() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.remove(1);
    let answer = world.one(with(INBOX, &inbox, vec![delete(&id)]));
    assert!(answer.responses.is_empty() && answer.commands.is_empty());
    world.silent(collection(INBOX, &key(&answer)));
}

#[test]
fn row_14_delete_does_not_follow_a_move() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.store.mailbox.move_mail(MailName(1), &folder("sent"));
    let asked = with(INBOX, &inbox, vec![delete(&id)]);
    world.one(Collection { deletes_as_moves: Some(false), ..asked });
    assert_eq!(world.find(1).unwrap().0, "sent");
}

#[test]
fn row_15_delete_of_an_item_that_aged_out() {
    let mut world = World::new(Retry::Replay, None);
    let id = world.deliver(1);
    let first = key(&world.one(collection(INBOX, &SyncKey::zero())));
    let options = Options { filter_type: Some(1), ..Options::default() };
    let inbox = key(&world.one(Collection { options: Some(options), ..collection(INBOX, &first) }));
    world.now = Timestamp(NOW + 90_000);
    world.one(with(INBOX, &inbox, vec![delete(&id)]));
    assert_eq!(world.find(1).unwrap().0, "deleted");
}

#[test]
fn row_16_a_move_is_a_delete_and_an_add() {
    for changed in [false, true] {
        let (mut world, id, inbox) = start(Retry::Replay);
        let trash = world.prime(TRASH);
        if changed {
            world.set_flag(1, "server");
        }
        assert_eq!(move_items(&mut world, &[(&id, INBOX, TRASH)]), [(3, Some("4:2".into()))]);
        assert_eq!(said(&world.one(collection(INBOX, &inbox))), [format!("-{id}")]);
        let there = world.one(collection(TRASH, &trash));
        assert_eq!(said(&there), ["+4:2"]);
        // Row 17: with what the server changed.
        assert_eq!(flag_of(&world, 1).is_set(), changed);
        world.silent(collection(TRASH, &key(&there)));
        // A repeated move is done, under the same id.
        assert_eq!(move_items(&mut world, &[(&id, INBOX, TRASH)]), [(3, Some("4:2".into()))]);
        assert_eq!(world.count(1), 1);
    }
}

#[test]
fn rows_16_to_21_moves_that_cannot_be_done() {
    let (mut world, id, _) = start(Retry::Replay);
    let user = user_folder(&mut world);
    // Row 35: to two places at once.
    let two = [(&id, INBOX, TRASH), (&id, INBOX, DRAFTS)];
    let statuses: Vec<_> = move_items(&mut world, &two).iter().map(|moved| moved.0).collect();
    assert_eq!((statuses, world.count(1)), (vec![3, 5], 1));
    let second = world.deliver(2);
    assert_eq!(move_items(&mut world, &[(&second, INBOX, INBOX)])[0].0, 4);
    // Row 20: no such destination, the item stays.
    world.store.mailbox.delete_folder(&folder("f1")).unwrap();
    assert_eq!(move_items(&mut world, &[(&second, INBOX, &user)])[0].0, 2);
    assert_eq!(world.find(2).unwrap().0, "inbox");
    // Row 21: no such source.
    assert_eq!(move_items(&mut world, &[(&second, &user, INBOX)])[0].0, 1);
    // Row 19: moved elsewhere.
    world.store.mailbox.move_mail(MailName(2), &folder("sent"));
    assert_eq!(move_items(&mut world, &[(&second, INBOX, TRASH)]), [(1, None)]);
    assert_eq!(world.find(2).unwrap().0, "sent");
    // Row 18: gone.
    world.remove(2);
    assert_eq!(move_items(&mut world, &[(&second, INBOX, TRASH)]), [(1, None)]);
    // A completed move whose item has gone on is no success.
    world.store.mailbox.move_mail(MailName(1), &folder("sent"));
    assert_eq!(move_items(&mut world, &[(&id, INBOX, TRASH)]), [(1, None)]);
    assert_eq!(MoveStatus::from_code(3), MoveStatus::Success);
}

#[test]
fn a_rekeying_client_may_change_the_moved_item_at_once() {
    let (mut world, id, _) = start(Retry::Replay);
    let trash = world.prime(TRASH);
    let moved = move_items(&mut world, &[(&id, INBOX, TRASH)])[0].1.clone().unwrap();
    let answer = world.one(with(TRASH, &trash, vec![change(&moved, read(true))]));
    assert!(answer.responses.is_empty());
    assert_eq!(said(&answer), [format!("+{moved}")], "harmless for it (R757)");
    assert_eq!(world.find(1).unwrap().1.read, Some(true));
    // And it is told when the item goes before its next Sync.
    let id = world.deliver(2);
    let moved = move_items(&mut world, &[(&id, INBOX, TRASH)])[0].1.clone().unwrap();
    world.remove(2);
    assert_eq!(said(&world.one(collection(TRASH, &key(&answer)))), [format!("-{moved}")]);
}

#[test]
fn row_22_and_24_a_draft_is_added_once_whatever_is_lost() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let drafts = world.prime(DRAFTS);
        world.deliver_to("drafts", 2);
        let body = with(DRAFTS, &drafts, vec![add("c7", mail(7))]);
        let lost = world.one(body.clone());
        world.deliver_to("drafts", 3);
        let again = world.one(body);
        assert_eq!(lost.responses, again.responses, "the same id for the same ClientId");
        assert_eq!(world.count(7), 1);
        let [ItemResponse::Add { server_id: Some(id), status, .. }] = &again.responses[..] else {
            panic!("{again:?}")
        };
        assert_eq!(*status, SyncStatus::Success);
        assert!(!said(&again).contains(&format!("+{id}")), "no echo");
        // Under the next key the ClientId is free again (R961).
        let next = world.one(with(DRAFTS, &key(&again), vec![add("c7", mail(8))]));
        assert_eq!((statuses(&next), world.count(8)), (vec![1], 1));
    }
}

#[test]
fn a_draft_edited_between_two_attempts_is_one_draft_with_the_newer_content() {
    let mut world = World::new(Retry::Replay, None);
    let drafts = world.prime(DRAFTS);
    world.one(with(DRAFTS, &drafts, vec![add("c7", mail(7))]));
    let better = Mail { to: Some("bob@example.com".into()), ..mail(7) };
    let answer = world.one(with(DRAFTS, &drafts, vec![add("c7", better)]));
    assert_eq!(statuses(&answer), [1]);
    assert_eq!(
        (world.count(7), world.find(7).unwrap().1.to.as_deref()),
        (1, Some("bob@example.com"))
    );
    world.silent(collection(DRAFTS, &key(&answer)));
}

#[test]
fn row_25_and_26_fetch() {
    let mut world = World::new(Retry::Replay, None);
    let body = Body { kind: 1, data: Some("a long body".into()), ..Body::default() };
    let long = Mail { body: Some(body), ..mail(1) };
    let id = world.store.mailbox.deliver(&folder("inbox"), long).unwrap();
    let first = key(&world.one(collection(INBOX, &SyncKey::zero())));
    let options = Options { body_preference: Some((1, Some(6))), ..Options::default() };
    let inbox = key(&world.one(Collection { options: Some(options), ..collection(INBOX, &first) }));
    world.set_flag(1, "new");
    let missing = ServerId::from("2:99");
    let fetches = vec![
        ClientCommand::Fetch { server_id: id.clone() },
        ClientCommand::Fetch { server_id: missing },
    ];
    let answer = world.one(with(INBOX, &inbox, fetches));
    assert_eq!(statuses(&answer), [1, 8]);
    let ItemResponse::Fetch { data: Some(data), .. } = &answer.responses[0] else {
        panic!("{answer:?}")
    };
    assert_eq!(data.body.as_ref().unwrap().data.as_deref(), Some("a long body"));
    assert_eq!(data.flag, Some(Flag::active("new")), "new content");
    // Row 33: what a device may not change it may not change.
    let asked = vec![change(&id, Mail { from: Some("x".into()), ..Mail::default() })];
    let answer = world.one(with(INBOX, &key(&answer), asked));
    assert_eq!(statuses(&answer), [6]);
    assert_eq!(world.find(1).unwrap().1.from, None);
}

#[test]
fn row_29_a_repeated_change_is_not_done_over_a_newer_value() {
    for retry in BOTH {
        for setting in [0, 1] {
            let (mut world, id, inbox) = start(retry);
            let body = conflict(setting, with(INBOX, &inbox, vec![change(&id, flag("client"))]));
            world.one(body.clone());
            world.set_flag(1, "server");
            let again = world.one(body);
            assert_eq!(flag_of(&world, 1), Flag::active("server"));
            assert_eq!(changed(&again, &id).flag, Some(Flag::active("server")));
        }
    }
}

#[test]
fn s19_tc40_the_same_change_with_other_conflict_settings() {
    let (mut world, id, inbox) = start(Retry::Replay);
    world.set_flag(1, "server");
    let body = with(INBOX, &inbox, vec![change(&id, flag("client"))]);
    assert_eq!(statuses(&world.one(body.clone())), [7]);
    assert_eq!(statuses(&world.one(conflict(1, body.clone()))), [7]);
    assert_eq!(statuses(&world.one(conflict(0, body))), [] as [u16; 0]);
    assert_eq!(flag_of(&world, 1), Flag::active("client"));
}

#[test]
fn a_user_who_changes_his_mind_between_attempts_gets_the_last_word() {
    for retry in BOTH {
        let (mut world, id, inbox) = start(retry);
        for value in [true, false, true] {
            world.one(with(INBOX, &inbox, vec![change(&id, read(value))]));
            assert_eq!(world.find(1).unwrap().1.read, Some(value));
        }
        let answer = world.one(with(INBOX, &inbox, vec![change(&id, read(true))]));
        world.silent(collection(INBOX, &key(&answer)));
    }
}

#[test]
fn row_30_a_repeated_delete_spares_what_came_again() {
    for retry in BOTH {
        let (mut world, id, inbox) = start(retry);
        let body = with(INBOX, &inbox, vec![delete(&id)]);
        world.one(body.clone());
        world.remove(1);
        let new = world.deliver(1);
        let again = world.one(body);
        assert_eq!(world.find(1).unwrap().0, "inbox");
        assert_eq!(said(&again), [format!("+{new}")]);
    }
}

#[test]
fn row_31_each_command_of_a_batch_stands_alone() {
    let mut world = World::new(Retry::Replay, None);
    let ids: Vec<_> = (1..=3).map(|name| world.deliver(name)).collect();
    let inbox = world.prime(INBOX);
    world.remove(1);
    let commands =
        vec![change(&ids[0], read(true)), add("c1", mail(9)), change(&ids[1], read(true))];
    let answer = world.one(with(INBOX, &inbox, commands));
    assert_eq!(statuses(&answer), [8, 6]);
    assert_eq!(world.find(2).unwrap().1.read, Some(true));
}

#[test]
fn row_34_a_draft_is_sent_once() {
    for retry in BOTH {
        let mut world = World::new(retry, None);
        let drafts = world.prime(DRAFTS);
        let added = world.one(with(DRAFTS, &drafts, vec![add("c1", mail(1))]));
        let ItemResponse::Add { server_id: Some(id), .. } = &added.responses[0] else { panic!() };
        let send = |id: &ServerId| ClientCommand::Change {
            server_id: id.clone(),
            data: Mail::default(),
            send: true,
        };
        let body = with(DRAFTS, &key(&added), vec![send(id)]);
        world.one(body.clone());
        let again = world.one(body);
        assert_eq!((statuses(&again), said(&again)), (vec![], vec![format!("-{id}")]));
        assert_eq!(world.store.mailbox.outbox(), [MailName(1)]);
        assert_eq!(world.count(1), 0);
        let at_once = ClientCommand::Add { client_id: "c2".into(), data: mail(2), send: true };
        let body = with(DRAFTS, &key(&again), vec![at_once]);
        world.one(body.clone());
        assert_eq!(statuses(&world.one(body)), [1]);
        assert_eq!(world.store.mailbox.outbox(), [MailName(1), MailName(2)]);
    }
}

#[test]
fn drafts_are_for_16_x_and_for_the_drafts_folder() {
    let mut world = World::new(Retry::Replay, None);
    let (inbox, drafts) = (world.prime(INBOX), world.prime(DRAFTS));
    assert_eq!(statuses(&world.one(with(INBOX, &inbox, vec![add("c1", mail(1))]))), [6]);
    let added = world.one(with(DRAFTS, &drafts, vec![add("c1", mail(2))]));
    let ItemResponse::Add { server_id: Some(id), .. } = &added.responses[0] else { panic!() };
    let edit = Mail { to: Some("bob@example.com".into()), ..Mail::default() };
    let edited = world.one(with(DRAFTS, &key(&added), vec![change(id, edit.clone())]));
    assert_eq!(statuses(&edited), [] as [u16; 0]);
    assert_eq!(world.find(2).unwrap().1.to.as_deref(), Some("bob@example.com"));
    world.version = ProtocolVersion::V14_1;
    let key = key(&edited);
    let answer = world.one(with(DRAFTS, &key, vec![add("c3", mail(3)), change(id, edit)]));
    assert_eq!(statuses(&answer), [6, 6]);
    assert_eq!(world.count(3), 0);
}

#[test]
fn row_38_too_many_commands_do_nothing() {
    let mut world = World::new(Retry::Replay, None);
    let id = world.deliver(1);
    let inbox = world.prime(INBOX);
    let commands =
        |count: usize| (0..count).map(|n| change(&id, read(n % 2 == 0))).collect::<Vec<_>>();
    let refused = world.sync(vec![with(INBOX, &inbox, commands(201))]).unwrap();
    assert_eq!((refused.status, refused.collections.len()), (Some(SyncStatus::ProtocolError), 0));
    assert_eq!(world.find(1).unwrap().1.read, Some(false));
    world.one(with(INBOX, &inbox, commands(199)));
    assert_eq!(world.find(1).unwrap().1.read, Some(true), "199 are done, in order");
}

#[test]
fn folder_create_makes_a_mail_folder() {
    let mut world = World::new(Retry::Replay, None);
    let sync_key = world.folder_sync(&SyncKey::zero()).sync_key.unwrap();
    let create = folders::CreateRequest {
        sync_key,
        parent_id: "0".into(),
        display_name: "f1".into(),
        folder_type: FolderType::UserMail,
    };
    let Response::FolderCreate(made) = world.call("A", &Request::FolderCreate(create.clone()))
    else {
        panic!()
    };
    assert_eq!(made.status, FolderStatus::Success);
    let Response::FolderCreate(again) = world.call("A", &Request::FolderCreate(create)) else {
        panic!()
    };
    assert_eq!(made, again, "a lost answer comes again, and there is one folder");
    assert_eq!(world.store.mailbox.folder_id(&folder("f1")), made.server_id);
    assert!(world.folder_sync(&made.sync_key.unwrap()).changes.is_empty());
}
