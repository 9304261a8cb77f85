//! Each planted defect shown to do harm where the correct server does none. The story is the same for both.

use activesync::history::MailName;
use activesync::sync::Collection;
use activesync::{Mail, Request, Timestamp};
use activesync_server::{Progress, Retry, Stage, StageFault, defects};

use crate::BOTH;
use crate::driver::*;
use crate::phone::Phone;

type Story = fn(&mut World) -> Vec<String>;

#[test]
fn every_defect_does_harm_and_the_correct_server_does_none() {
    let mut wrong = Vec::new();
    for info in defects() {
        let story = STORIES.iter().find(|(name, _)| *name == info.name);
        let Some((_, story)) = story else { panic!("{} has no story", info.name) };
        for retry in BOTH {
            let harm = story(&mut World::new(retry, None));
            if !harm.is_empty() {
                wrong.push(format!("{retry:?}: without {}: {harm:?}", info.name));
            }
            if story(&mut World::new(retry, Some(info.name))).is_empty() {
                wrong.push(format!("{retry:?}: {} does no harm", info.name));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
    for (name, _) in STORIES {
        assert!(defects().iter().any(|info| info.name == *name), "{name} is not planted");
    }
}

const STORIES: &[(&str, Story)] = &[
    ("retry-answered-from-newer-state", lost_add),
    ("retry-omits-deletes", lost_delete),
    ("retry-omits-softdeletes", lost_soft_delete),
    ("replay-stale-response-with-fresh-state", lost_add_then_another),
    ("previous-state-not-kept", lost_add),
    ("state-tag-read-after-enumeration", mail_inside_a_request),
    ("error-advances-key", listing_fails),
    ("window-truncation-advances-to-tip", three_through_a_window_of_one),
    ("excess-deletes-dropped", deletes_through_a_window_of_one),
    ("global-window-starves-collection", two_collections_one_window),
    ("window-filled-by-unsendable-items", poison_first),
    ("add-not-deduped-on-retry", lost_draft),
    ("clientid-remembered-forever", client_id_used_again),
    ("add-responses-misaligned", two_drafts),
    ("unconfirmed-state-serves-empty-sync", empty_after_loss),
    ("partial-forgets-unlisted-collections", partial),
    ("cached-state-reused-for-next-collection", partial_and_delete),
    ("hierarchy-cache-lost-update", folder_during_ping),
    ("echo-suppression-swallows-server-change", change_after_own),
    ("other-device-delete-not-exported", other_device_deletes),
    ("client-flag-change-not-journaled", other_device_reads),
    ("getchanges-zero-advances-past-changes", upload_only),
    ("moreavailable-missing-at-boundary", one_too_many),
    ("moreavailable-forever", outside_the_filter),
    ("pending-list-frozen-across-windows", deleted_between_windows),
    ("move-mutes-delete-in-source", own_move),
    ("move-suppresses-add-in-destination", own_move),
    ("moved-item-unknown-in-destination", moved_and_gone),
    ("moved-in-item-looks-old", other_hand_moves),
    ("move-retry-returns-stale-dstid", lost_move),
    ("filter-widened-without-backfill", widened),
    ("filter-reset-when-options-absent", options_absent),
    ("aging-not-noticed-without-change", aged),
    ("aged-and-deleted-unreported", aged_and_deleted),
    ("fetch-failure-recorded-as-sent", unreadable),
    ("delete-of-missing-item-fails-collection", delete_what_is_gone),
    ("batch-stops-at-first-failure", batch),
    ("batch-applies-wrong-element", batch_of_two),
    ("apply-then-fail-not-recorded", draft_and_failure),
    ("conflict-setting-ignored", conflict),
    ("conflict-loser-not-told", conflict),
    ("change-resurrects-deleted-item", change_what_is_gone),
    ("flag-update-overwrites-other-flags", read_beside_flag),
    ("folderstat-shortcut-misses-balanced-change", balanced),
    ("highest-id-delete-invisible", newest_deleted),
    ("flag-kind-not-diffed", flagged),
    ("timestamp-granularity-strict-compare", same_second),
    ("read-on-delivery", lost_add),
    ("folder-rename-drops-state", renamed),
    ("folder-delete-not-exported", folder_deleted),
    ("foldersync-retry-answers-empty", lost_folder),
    ("foldersync-child-before-parent", child_and_parent),
    ("ping-ignores-new-mail-event", ping_after_mail),
    ("ping-sync-loop-on-cancelled-change", cancelled),
    ("ping-baseline-at-start", ping_after_mail),
    ("heartbeat-loop-moves-baseline", flagged_while_waiting),
    ("backend-error-as-empty-list", listing_fails),
    ("unreadable-state-as-empty", state_lost),
    ("item-cache-updated-before-key", crash_before_persist),
    ("deletesasmoves-ignored", delete_by_move),
    ("missing-state-reported-as-not-found", state_lost),
    ("key-zero-keeps-old-snapshot", key_zero),
    ("state-shared-between-devices", two_devices),
    ("wipe-cleared-when-sent", wipe),
    ("concurrent-sync-last-writer-wins", two_at_once),
    ("tombstone-compare-off-by-one", newest_deleted),
    ("tombstone-log-pruned-silently", three_deleted),
    ("move-is-copy-without-delete", crash_in_a_move),
    ("key-accepted-for-other-collection", two_collections_alike),
    ("modseq-tie-split-at-window", all_read_through_a_window_of_one),
    ("filter-by-date-header", fresh_with_an_old_date),
    ("poison-item-blocks-collection", unsendable),
    ("serverid-recycled", id_of_a_deleted_mail),
];

fn settled(phone: &mut Phone, world: &mut World) -> Vec<String> {
    for folder in phone.items.keys().cloned().collect::<Vec<_>>() {
        phone.drain(world, &folder);
    }
    let mut harm = phone.harm(world);
    // Nobody reads these mails on the server.
    let read = world.store.mailbox.items().filter(|item| item.mail == Some(MailName(77)));
    harm.extend(read.filter(|item| item.data.read == Some(true)).map(|_| "read by itself".into()));
    harm
}

fn lost_add(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(77);
    phone.lose(world, vec![phone.ask(INBOX)]);
    settled(&mut phone, world)
}

fn lost_add_then_another(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    phone.lose(world, vec![phone.ask(INBOX)]);
    world.deliver(2);
    phone.exchange(world, vec![phone.ask(INBOX)]);
    settled(&mut phone, world)
}

fn lost_delete(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    world.deliver(2);
    phone.lose(world, vec![phone.ask(INBOX)]);
    settled(&mut phone, world)
}

fn filtered(world: &mut World) -> Phone {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    phone.set_filter(world, INBOX, 1);
    phone
}

fn lost_soft_delete(world: &mut World) -> Vec<String> {
    let mut phone = filtered(world);
    world.now = Timestamp(NOW + 90_000);
    world.deliver(2);
    phone.lose(world, vec![phone.ask(INBOX)]);
    settled(&mut phone, world)
}

/// Runs a Sync and does something before a stage of it.
fn between(
    world: &mut World,
    phone: &mut Phone,
    asked: Collection,
    stage: Stage,
    deed: impl FnOnce(&mut World, u32),
) {
    let asked = vec![asked];
    let call = world.start("A", &Request::Sync(Some(request(asked.clone()))));
    world.until(call, stage);
    deed(world, call);
    if world.server.stage(call).is_none() {
        return;
    }
    let http = world.finish_http(call);
    let response = activesync::Response::decode(activesync::Command::Sync, http.body());
    let Ok(activesync::Response::Sync(response)) = response else { panic!("no Sync answer") };
    phone.take(&asked, response);
}

fn mail_inside_a_request(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    let asked = phone.ask(INBOX);
    between(world, &mut phone, asked, Stage::Persist, |world, _| {
        world.deliver(1);
    });
    settled(&mut phone, world)
}

fn listing_fails(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(2);
    let mut quiet = Phone::new("A");
    let asked = phone.ask(INBOX);
    let mut broken = false;
    between(world, &mut quiet, asked, Stage::Read, |world, call| {
        world.step_with(call, StageFault::ReadFails);
    });
    broken |= !quiet.items.is_empty();
    let mut harm = settled(&mut phone, world);
    if broken {
        harm.push("a listing that failed is taken for one".into());
    }
    harm
}

fn window(phone: &Phone, size: u32) -> Collection {
    Collection { window_size: Some(size), ..phone.ask(INBOX) }
}

fn three_through_a_window_of_one(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    for name in 1..4 {
        world.deliver(name);
    }
    for _ in 0..3 {
        phone.exchange(world, vec![window(&phone, 1)]);
    }
    settled(&mut phone, world)
}

fn deletes_through_a_window_of_one(world: &mut World) -> Vec<String> {
    world.deliver(1);
    world.deliver(2);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    world.remove(2);
    phone.exchange(world, vec![window(&phone, 1)]);
    settled(&mut phone, world)
}

fn two_collections_one_window(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    world.deliver(1);
    world.deliver_to("deleted", 2);
    let asked = activesync::sync::Request {
        window_size: Some(1),
        ..request(vec![phone.ask(INBOX), phone.ask(TRASH)])
    };
    let response = world.sync_as("A", Some(asked.clone()));
    phone.take(&asked.collections, response);
    settled(&mut phone, world)
}

fn poison_first(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    world.deliver(2);
    let asked = window(&phone, 1);
    between(world, &mut phone, asked, Stage::Read, |world, call| {
        world.step_with(call, StageFault::ItemUnreadable(MailName(1)));
    });
    let pending = phone.items[INBOX].is_empty();
    let mut harm = settled(&mut phone, world);
    if pending {
        harm.push("nothing came although there was room".into());
    }
    harm
}

fn unreadable(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    world.deliver(2);
    let asked = phone.ask(INBOX);
    between(world, &mut phone, asked, Stage::Read, |world, call| {
        world.step_with(call, StageFault::ItemUnreadable(MailName(1)));
    });
    settled(&mut phone, world)
}

fn all_read_through_a_window_of_one(world: &mut World) -> Vec<String> {
    for name in 1..4 {
        world.deliver(name);
    }
    let mut phone = Phone::with(world, &[INBOX]);
    assert_eq!(world.store.mailbox.set_all_read(&folder("inbox"), true).len(), 3);
    phone.exchange(world, vec![window(&phone, 1)]);
    settled(&mut phone, world)
}

fn fresh_with_an_old_date(world: &mut World) -> Vec<String> {
    let mut phone = filtered(world);
    let old = Timestamp(NOW - 40 * 86_400);
    world.store.mailbox.deliver_dated(&folder("inbox"), mail(2), old).unwrap();
    settled(&mut phone, world)
}

fn unsendable(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.store.mailbox.deliver_unsendable(&folder("inbox"), mail(1)).unwrap();
    world.deliver(2);
    settled(&mut phone, world)
}

fn id_of_a_deleted_mail(world: &mut World) -> Vec<String> {
    let first = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    let second = world.deliver(2);
    let mut harm = settled(&mut phone, world);
    if first == second {
        harm.push("an id came again".into());
    }
    harm
}

fn lost_draft(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[DRAFTS]);
    let asked = phone.ask_with(DRAFTS, vec![add("c7", mail(7))]);
    phone.lose(world, vec![asked.clone()]);
    phone.exchange(world, vec![asked]);
    settled(&mut phone, world)
}

fn client_id_used_again(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[DRAFTS]);
    for name in [7, 8] {
        phone.exchange(world, vec![phone.ask_with(DRAFTS, vec![add("c1", mail(name))])]);
    }
    let mut harm = settled(&mut phone, world);
    if world.count(8) != 1 {
        harm.push("the second draft is nowhere".into());
    }
    harm
}

fn two_drafts(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[DRAFTS]);
    let adds = vec![add("c1", mail(7)), add("c2", mail(8))];
    phone.exchange(world, vec![phone.ask_with(DRAFTS, adds)]);
    let first = phone.id(DRAFTS, 7);
    let asked = phone.ask_with(DRAFTS, vec![delete(&first)]);
    phone.exchange(world, vec![Collection { deletes_as_moves: Some(false), ..asked }]);
    let mut harm = settled(&mut phone, world);
    if world.find(8).is_none() {
        harm.push("the wrong draft was deleted".into());
    }
    harm
}

fn empty_after_loss(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    phone.lose(world, vec![phone.ask(INBOX)]);
    world.deliver(2);
    let response = world.sync_as("A", None);
    phone.take(&[], response);
    settled(&mut phone, world)
}

fn partial(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    phone.exchange(world, vec![phone.ask(INBOX), phone.ask(TRASH)]);
    world.deliver_to("deleted", 2);
    let asked = activesync::sync::Request { partial: true, ..request(vec![phone.ask(INBOX)]) };
    let response = world.sync_as("A", Some(asked.clone()));
    let told = response.is_some();
    phone.take(&asked.collections, response);
    let early = phone.harm(world);
    let mut harm = settled(&mut phone, world);
    harm.extend(early);
    if !told {
        harm.push("the unlisted collection was forgotten".into());
    }
    harm
}

fn partial_and_delete(world: &mut World) -> Vec<String> {
    world.deliver(1);
    world.deliver_to("deleted", 2);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    phone.exchange(world, vec![phone.ask(INBOX), phone.ask(TRASH)]);
    world.remove(2);
    let asked = activesync::sync::Request { partial: true, ..request(vec![phone.ask(INBOX)]) };
    let response = world.sync_as("A", Some(asked.clone()));
    phone.take(&asked.collections, response);
    settled(&mut phone, world)
}

fn folder_during_ping(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    phone.folder_sync(world);
    let call = phone.start_ping(world);
    world.step(call);
    assert!(world.store.mailbox.create_folder(&folder("f1"), None));
    let before = phone_key(&phone);
    phone.folder_sync(world);
    assert_ne!(before, phone_key(&phone));
    phone.finish_ping(world, call);
    // A new Ping, whose key the old hierarchy does not know.
    let key = phone_key(&phone);
    let status = world.folder_sync(&key).status;
    let mut harm = settled(&mut phone, world);
    if status != activesync::FolderStatus::Success {
        harm.push(format!("FolderSync {status}"));
    }
    harm
}

fn phone_key(phone: &Phone) -> activesync::SyncKey {
    phone.hierarchy_key().clone()
}

fn change_after_own(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    let id = phone.id(INBOX, 1);
    phone.exchange(world, vec![phone.ask_with(INBOX, vec![change(&id, read(true))])]);
    world.set_flag(1, "x");
    settled(&mut phone, world)
}

fn other_device_deletes(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    let (key, _) = world.prime_as("B", INBOX);
    let id = phone.id(INBOX, 1);
    world.one_as("B", with(INBOX, &key, vec![delete(&id)]));
    settled(&mut phone, world)
}

fn other_device_reads(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    let (key, _) = world.prime_as("B", INBOX);
    let id = phone.id(INBOX, 1);
    world.one_as("B", with(INBOX, &key, vec![change(&id, read(true))]));
    settled(&mut phone, world)
}

fn upload_only(world: &mut World) -> Vec<String> {
    let id = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(2);
    let asked = phone.ask_with(INBOX, vec![change(&id, read(true))]);
    phone.exchange(world, vec![Collection { get_changes: Some(false), ..asked }]);
    settled(&mut phone, world)
}

fn one_too_many(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    for name in 1..4 {
        world.deliver(name);
    }
    let more = phone.exchange(world, vec![window(&phone, 2)]);
    if more {
        phone.drain(world, INBOX);
    }
    phone.ping_and_drain(world);
    phone.harm(world)
}

fn outside_the_filter(world: &mut World) -> Vec<String> {
    let mut phone = filtered(world);
    world.now = Timestamp(NOW + 90_000);
    phone.drain(world, INBOX);
    let old = Mail { date_received: Some(Timestamp(NOW)), ..mail(2) };
    world.store.mailbox.deliver(&folder("inbox"), old).unwrap();
    settled(&mut phone, world)
}

fn deleted_between_windows(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    world.deliver(2);
    phone.exchange(world, vec![window(&phone, 1)]);
    world.remove(2);
    phone.exchange(world, vec![window(&phone, 1)]);
    settled(&mut phone, world)
}

fn own_move(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    let id = phone.id(INBOX, 1);
    phone.move_mail(world, &id, INBOX, TRASH, false);
    settled(&mut phone, world)
}

fn moved_and_gone(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    let id = phone.id(INBOX, 1);
    phone.move_mail(world, &id, INBOX, TRASH, true);
    world.remove(1);
    settled(&mut phone, world)
}

fn other_hand_moves(world: &mut World) -> Vec<String> {
    world.deliver(1);
    world.deliver_to("deleted", 2);
    world.now = Timestamp(NOW + 10);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    assert!(world.store.mailbox.move_mail(MailName(1), &folder("deleted")));
    settled(&mut phone, world)
}

fn lost_move(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    let id = phone.id(INBOX, 1);
    let mut lost = Phone::new("A");
    lost.move_mail(world, &id, INBOX, TRASH, false);
    phone.drain(world, TRASH);
    phone.move_mail(world, &id, INBOX, TRASH, true);
    settled(&mut phone, world)
}

fn widened(world: &mut World) -> Vec<String> {
    world.deliver(1);
    world.deliver(2);
    world.now = Timestamp(NOW + 90_000);
    let mut phone = Phone::with(world, &[INBOX]);
    phone.set_filter(world, INBOX, 1);
    phone.set_filter(world, INBOX, 5);
    settled(&mut phone, world)
}

fn options_absent(world: &mut World) -> Vec<String> {
    let mut phone = filtered(world);
    world.now = Timestamp(NOW + 90_000);
    phone.drain(world, INBOX);
    settled(&mut phone, world)
}

fn aged(world: &mut World) -> Vec<String> {
    let mut phone = filtered(world);
    phone.drain(world, INBOX);
    world.now = Timestamp(NOW + 90_000);
    settled(&mut phone, world)
}

fn aged_and_deleted(world: &mut World) -> Vec<String> {
    let mut phone = filtered(world);
    world.now = Timestamp(NOW + 90_000);
    world.remove(1);
    settled(&mut phone, world)
}

fn delete_what_is_gone(world: &mut World) -> Vec<String> {
    let id = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    phone.exchange(world, vec![phone.ask_with(INBOX, vec![delete(&id)])]);
    settled(&mut phone, world)
}

fn batch(world: &mut World) -> Vec<String> {
    let (one, two) = (world.deliver(1), world.deliver(2));
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    let commands = vec![change(&one, read(true)), change(&two, read(true))];
    phone.exchange(world, vec![phone.ask_with(INBOX, commands)]);
    settled(&mut phone, world)
}

fn batch_of_two(world: &mut World) -> Vec<String> {
    let (one, two) = (world.deliver(1), world.deliver(2));
    let mut phone = Phone::with(world, &[INBOX]);
    let commands = vec![change(&one, read(true)), change(&two, read(true))];
    phone.exchange(world, vec![phone.ask_with(INBOX, commands)]);
    settled(&mut phone, world)
}

fn draft_and_failure(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[DRAFTS]);
    let asked = phone.ask_with(DRAFTS, vec![add("c7", mail(7))]);
    let mut deaf = Phone::new("A");
    between(world, &mut deaf, asked.clone(), Stage::Persist, |world, call| {
        world.step_with(call, StageFault::WriteFails);
    });
    phone.exchange(world, vec![asked]);
    settled(&mut phone, world)
}

fn conflict(world: &mut World) -> Vec<String> {
    let id = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.set_flag(1, "server");
    phone.exchange(world, vec![phone.ask_with(INBOX, vec![change(&id, flag("client"))])]);
    let mut harm = settled(&mut phone, world);
    if world.find(1).unwrap().1.flag != Some(activesync::Flag::active("server")) {
        harm.push("the server lost the conflict that it was to win".into());
    }
    harm
}

fn change_what_is_gone(world: &mut World) -> Vec<String> {
    let id = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    phone.exchange(world, vec![phone.ask_with(INBOX, vec![change(&id, read(true))])]);
    let mut harm = settled(&mut phone, world);
    if world.find(1).is_some() {
        harm.push("a deleted mail came back".into());
    }
    harm
}

fn read_beside_flag(world: &mut World) -> Vec<String> {
    let id = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.set_flag(1, "server");
    phone.exchange(world, vec![phone.ask_with(INBOX, vec![change(&id, read(true))])]);
    let mut harm = settled(&mut phone, world);
    if world.find(1).unwrap().1.flag != Some(activesync::Flag::active("server")) {
        harm.push("the flag is gone".into());
    }
    harm
}

fn balanced(world: &mut World) -> Vec<String> {
    world.deliver(1);
    world.deliver(2);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    world.deliver(3);
    settled(&mut phone, world)
}

fn newest_deleted(world: &mut World) -> Vec<String> {
    world.deliver(1);
    world.deliver(2);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(2);
    settled(&mut phone, world)
}

fn flagged(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.set_flag(1, "x");
    settled(&mut phone, world)
}

fn same_second(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(2);
    settled(&mut phone, world)
}

fn renamed(world: &mut World) -> Vec<String> {
    assert!(world.store.mailbox.create_folder(&folder("f1"), None));
    let id = world.store.mailbox.folder_id(&folder("f1")).unwrap();
    let mut phone = Phone::with(world, &[id.as_str()]);
    assert!(world.store.mailbox.rename_folder(&folder("f1"), "other"));
    world.deliver_to("f1", 1);
    settled(&mut phone, world)
}

fn folder_deleted(world: &mut World) -> Vec<String> {
    assert!(world.store.mailbox.create_folder(&folder("f1"), None));
    let mut phone = Phone::with(world, &[INBOX]);
    phone.folder_sync(world);
    world.store.mailbox.delete_folder(&folder("f1")).unwrap();
    phone.folder_sync(world);
    settled(&mut phone, world)
}

fn lost_folder(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    phone.folder_sync(world);
    assert!(world.store.mailbox.create_folder(&folder("f1"), None));
    phone.lose_folder_sync(world);
    phone.folder_sync(world);
    settled(&mut phone, world)
}

fn child_and_parent(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    phone.folder_sync(world);
    assert!(world.store.mailbox.create_folder(&folder("f1"), None));
    assert!(world.store.mailbox.create_folder(&folder("f2"), Some(&folder("f1"))));
    phone.folder_sync(world);
    settled(&mut phone, world)
}

fn ping_after_mail(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    phone.ping_and_drain(world);
    phone.harm(world)
}

fn cancelled(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    phone.drain(world, INBOX);
    world.deliver(2);
    world.remove(2);
    phone.ping_and_drain(world);
    phone.harm(world)
}

fn flagged_while_waiting(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    let body = activesync::sync::Request {
        heartbeat_seconds: Some(60),
        ..request(vec![phone.ask(INBOX)])
    };
    let call = world.start("A", &Request::Sync(Some(body)));
    world.until(call, Stage::Wait);
    world.now = Timestamp(NOW + 60);
    world.until(call, Stage::Persist);
    world.set_flag(1, "x");
    world.finish_http(call);
    settled(&mut phone, world)
}

fn state_lost(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    world.remove(1);
    world.store.lose_state(&"A".into());
    let answer = world.sync(vec![phone.ask(INBOX)]).map(|r| r.collections[0].status.code());
    if answer == Some(3) {
        phone.reset(INBOX);
    }
    let mut harm = settled(&mut phone, world);
    if answer != Some(3) {
        harm.push(format!("{answer:?} for a lost state"));
    }
    harm
}

fn crash_before_persist(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    let asked = phone.ask(INBOX);
    between(world, &mut phone, asked, Stage::Persist, |world, _| world.server.crash());
    settled(&mut phone, world)
}

fn delete_by_move(world: &mut World) -> Vec<String> {
    let id = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    phone.exchange(world, vec![phone.ask_with(INBOX, vec![delete(&id)])]);
    let mut harm = settled(&mut phone, world);
    if world.find(1).is_none() {
        harm.push("the mail is in no folder".into());
    }
    harm
}

fn key_zero(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX]);
    // The key has to be presented for its state to be the one that is kept.
    phone.drain(world, INBOX);
    phone.reset(INBOX);
    settled(&mut phone, world)
}

fn two_devices(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    let (key, _) = world.prime_as("B", INBOX);
    world.deliver(1);
    world.one_as("B", collection(INBOX, &key));
    settled(&mut phone, world)
}

fn wipe(world: &mut World) -> Vec<String> {
    world.deliver(1);
    let phone = Phone::with(world, &[INBOX]);
    world.store.request_wipe(&"A".into());
    let body = activesync::provision::Request {
        policy_type: Some(activesync::provision::POLICY_TYPE_WBXML.into()),
        acknowledge: None,
        remote_wipe: None,
    };
    world.call("A", &Request::Provision(body));
    let mut harm = phone.harm(world);
    if !world.store.wipe_pending(&"A".into()) {
        harm.push("the wipe is forgotten".into());
    }
    harm
}

fn two_at_once(world: &mut World) -> Vec<String> {
    let mut phone = Phone::with(world, &[INBOX]);
    world.deliver(1);
    let asked = vec![phone.ask(INBOX)];
    let body = Request::Sync(Some(request(asked.clone())));
    let first = world.start("A", &body);
    world.step(first);
    let second = world.start("A", &body);
    let http = loop {
        match world.step(second) {
            Progress::Responded(http) => break http,
            Progress::Blocked => {
                world.step(first);
            }
            _ => {}
        }
    };
    let response = activesync::Response::decode(activesync::Command::Sync, http.body());
    let Ok(activesync::Response::Sync(response)) = response else { panic!("no Sync answer") };
    phone.take(&asked, response);
    world.deliver(2);
    if world.server.stage(first).is_some() {
        world.finish_http(first);
    }
    settled(&mut phone, world)
}

fn three_deleted(world: &mut World) -> Vec<String> {
    for name in 1..=3 {
        world.deliver(name);
    }
    let mut phone = Phone::with(world, &[INBOX]);
    for name in 1..=3 {
        world.remove(name);
    }
    settled(&mut phone, world)
}

fn crash_in_a_move(world: &mut World) -> Vec<String> {
    let id = world.deliver(1);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    let moves = vec![activesync::moves::Move {
        source_id: id.clone(),
        source_folder: INBOX.into(),
        destination_folder: TRASH.into(),
    }];
    let body = Request::MoveItems(activesync::moves::Request { moves });
    let call = world.start("A", &body);
    world.step(call);
    world.step(call);
    world.server.crash();
    phone.move_mail(world, &id, INBOX, TRASH, false);
    settled(&mut phone, world)
}

fn two_collections_alike(world: &mut World) -> Vec<String> {
    world.deliver(1);
    world.deliver_to("deleted", 2);
    let mut phone = Phone::with(world, &[INBOX, TRASH]);
    phone.drain(world, TRASH);
    world.remove(1);
    settled(&mut phone, world)
}

#[test]
fn a_superseded_wait_commits_nothing() {
    let mut world = World::new(Retry::Replay, None);
    let mut phone = Phone::with(&mut world, &[INBOX]);
    let body = activesync::sync::Request {
        heartbeat_seconds: Some(60),
        ..request(vec![phone.ask(INBOX)])
    };
    let waiting = world.start("A", &Request::Sync(Some(body)));
    world.until(waiting, Stage::Wait);
    assert!(matches!(world.step(waiting), Progress::Waiting { until } if until.0 == NOW + 60));
    world.deliver(1);
    phone.drain(&mut world, INBOX);
    assert!(matches!(world.step(waiting), Progress::Done(Stage::Wait)));
    let http = world.finish_http(waiting);
    let response = activesync::Response::decode(activesync::Command::Sync, http.body());
    let Ok(activesync::Response::Sync(Some(response))) = response else { panic!("no answer") };
    assert_eq!(response.status, Some(activesync::SyncStatus::Retry));
    assert_eq!(settled(&mut phone, &mut world), [] as [&str; 0]);
}
