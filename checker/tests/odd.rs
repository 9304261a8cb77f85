//! Legal but odd: what the checker must not report (section 4 of the semantics, and the legal outcomes of the table).

mod tale;

use activesync::history::{DeviceOp, Fault, MailboxOp};
use activesync::sync::ItemResponse;
use activesync::{MoveStatus, PingStatus, SyncStatus, Timestamp};
use activesync_checker::{Class, Rules};
use tale::*;

#[test]
fn a_quiet_history() {
    let mut tale = Tale::of(2);
    tale.first_mail();
    tale.turn("B.1", asks("1", "1", vec![]), says("1", "2", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_clean();
}

// 1. Status 3 at any time, if the client converges.
#[test]
fn status_3_that_converges() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.turn("A.2", asks("1", "2", vec![]), fails("1", SyncStatus::InvalidSyncKey));
    tale.turn("A.3", asks("1", "0", vec![]), says("1", "7", vec![]));
    tale.turn("A.4", asks("1", "7", vec![]), says("1", "8", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_tolerated();
    // By the letter it needs a reason.
    tale.history.events.insert(
        tale.history.events.len() - 9,
        activesync::history::Event::Fault(Fault::StateLost(a())),
    );
    tale.is_clean();
}

#[test]
fn status_3_to_a_key_long_gone() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.turn("A.3", asks("1", "3", vec![]), says("1", "4", vec![]));
    tale.turn("A.4", asks("1", "2", vec![]), fails("1", SyncStatus::InvalidSyncKey));
    tale.turn("A.5", asks("1", "0", vec![]), says("1", "8", vec![]));
    tale.turn("A.6", asks("1", "8", vec![]), says("1", "9", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_clean();
}

#[test]
fn a_draft_added_again_after_the_state_was_lost() {
    let mut tale = Tale::of(1);
    tale.user_drafts(7);
    tale.ask("A.2", asks("4", "1", vec![draft("c1", 7)]));
    tale.say("A.2", with(says("4", "2", vec![]), vec![added("c1", "4:1")]));
    tale.lost("A.2");
    tale.fault(Fault::StateLost(a()));
    let request = || asks("4", "1", vec![draft("c1", 7)]);
    tale.turn("A.3", request(), fails("4", SyncStatus::InvalidSyncKey));
    tale.turn("A.4", asks("4", "0", vec![]), says("4", "7", vec![]));
    tale.turn(
        "A.5",
        asks("4", "7", vec![draft("c1", 7)]),
        with(says("4", "8", vec![add("4:1", 7)]), vec![added("c1", "4:2")]),
    );
    tale.on_both(7, "drafts");
    tale.on_both(7, "drafts");
    tale.is_clean();
}

// 2. Add again, a Change that changes nothing, an echo.
#[test]
fn redundant_commands() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), says("1", "3", vec![]));
    let echo = vec![add("1:1", 1), now_read("1:1", true), now_read("1:1", true)];
    tale.turn("A.3", asks("1", "3", vec![]), says("1", "4", echo));
    tale.read_on_both(1, "inbox");
    tale.is_clean();
}

// 3. Small windows and a few empty ones.
#[test]
fn empty_answers_with_more_available() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.turn("A.2", asks("1", "1", vec![]), more(says("1", "2", vec![])));
    tale.turn("A.3", asks("1", "2", vec![]), more(says("1", "3", vec![])));
    tale.turn("A.4", asks("1", "3", vec![]), says("1", "4", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_clean();
}

// 4. Delete where SoftDelete was due.
#[test]
fn delete_instead_of_soft_delete() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "3", vec![gone("1:1")]));
    tale.on_server(1, "inbox").received = Timestamp(NOW.0 - 9 * 86_400);
    tale.truth.devices[0].synced[0].1 = Some(3 * 86_400);
    tale.is_clean();
}

#[test]
fn a_mail_at_the_edge_of_the_filter_may_be_there_or_not() {
    for hours in [-2, 0, 2] {
        for held in [false, true] {
            let mut tale = Tale::of(1);
            tale.first_mail();
            let received = Timestamp(NOW.0 - 3 * 86_400 - hours * 3600);
            tale.on_server(1, "inbox").received = received;
            if held {
                tale.on_phone(0, 1, "inbox");
            }
            tale.truth.devices[0].synced[0].1 = Some(3 * 86_400);
            tale.is_clean();
        }
    }
}

// 5. After a move: new or same id, Delete and Add in any order.
#[test]
fn a_move_seen_as_add_before_delete_under_the_same_id() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand_moves(1, "inbox", "f2");
    tale.turn("A.2", asks("2", "1", vec![]), says("2", "2", vec![add("1:1", 1)]));
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![gone("1:1")]));
    tale.on_both(1, "f2");
    tale.is_clean();
}

#[test]
fn a_move_of_the_phone_retried() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_moves(1, "inbox", "f2");
    tale.moves("A.2", "1:1", "1", "2");
    tale.moved("A.2", "1:1", MoveStatus::Success, Some("2:1"));
    tale.lost("A.2");
    tale.moves("A.3", "1:1", "1", "2");
    tale.moved("A.3", "1:1", MoveStatus::InvalidSource, None);
    tale.got("A.3");
    tale.turn("A.4", asks("1", "2", vec![]), says("1", "3", vec![gone("1:1")]));
    tale.turn("A.5", asks("2", "1", vec![]), says("2", "2", vec![add("2:1", 1)]));
    tale.on_both(1, "f2");
    tale.is_clean();
}

#[test]
fn a_move_refused_because_its_destination_was_renamed() {
    // Some servers make a new id then, and say of a move to the old one what they say of a missing source.
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_moves(1, "inbox", "f2");
    tale.hand(MailboxOp::RenameFolder("f2".into()));
    tale.moves("A.2", "1:1", "1", "2");
    tale.moved("A.2", "1:1", MoveStatus::InvalidSource, None);
    tale.lost("A.2");
    tale.moves("A.3", "1:1", "1", "2");
    tale.moved("A.3", "1:1", MoveStatus::InvalidSource, None);
    tale.got("A.3");
    tale.on_both(1, "inbox");
    tale.is_clean();
}

#[test]
fn a_gone_source_voids_what_a_phone_does_to_the_copy() {
    // Rows 14, 18 and 19: the mail lives on where the other hand put it.
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_deletes(1);
    tale.hand_moves(1, "inbox", "f2");
    tale.turn("A.2", asks("1", "2", vec![delete("1:1")]), says("1", "3", vec![]));
    tale.turn("A.3", asks("2", "1", vec![]), says("2", "2", vec![add("2:1", 1)]));
    tale.on_both(1, "f2");
    tale.is_clean();
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_moves(1, "inbox", "f2");
    tale.hand_moves(1, "inbox", "drafts");
    tale.moves("A.2", "1:1", "1", "2");
    tale.moved("A.2", "1:1", MoveStatus::InvalidSource, None);
    tale.got("A.2");
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![gone("1:1")]));
    tale.on_both(1, "drafts");
    tale.is_clean();
}

#[test]
fn a_deletion_executed_before_the_mail_was_seen_in_deleted_items() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_deletes(1);
    tale.ask("A.2", asks("1", "2", vec![delete("1:1")]));
    tale.hand_moves(1, "deleted", "f2");
    tale.say("A.2", says("1", "3", vec![]));
    tale.got("A.2");
    tale.on_both(1, "f2");
    tale.is_clean();
}

// 6. Ping 2 without a change; silent on flags, deletes and moves out.
#[test]
fn pings() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.ping("A.2", &["1", "2"], PingStatus::Changes);
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.hand_reads(1, "inbox", true);
    tale.ping("A.4", &["1", "2"], PingStatus::Expired);
    tale.hand_deletes(1, "inbox");
    tale.ping("A.5", &["1", "2"], PingStatus::Expired);
    tale.turn("A.6", asks("1", "3", vec![]), says("1", "4", vec![gone("1:1")]));
    tale.is_clean();
}

#[test]
fn what_ping_may_pass_over_is_not_owed_before_the_last_sync() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand_deletes(1, "inbox");
    tale.ping("A.2", &["1"], PingStatus::Expired);
    tale.on_phone(0, 1, "inbox");
    tale.own_loop = Some(tale.truth.clone());
    tale.truth.devices[0].mails.clear();
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![gone("1:1")]));
    tale.is_clean();
}

// 7. Keys that stay, keys that move.
#[test]
fn keys_that_stay_or_move_without_a_change() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "2", vec![]));
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.turn("A.4", asks("1", "3", vec![]), says("1", "4", vec![]));
    tale.on_both(1, "inbox");
    tale.is_clean();
}

// 8. Transient failures, retried.
#[test]
fn transient_failures() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    let request = || asks("1", "2", vec![mark("1:1", true)]);
    let failures = [SyncStatus::ServerError, SyncStatus::HierarchyChanged, SyncStatus::Retry];
    for (number, status) in (2..).zip(failures) {
        tale.turn(&format!("A.{number}"), request(), fails("1", status));
    }
    tale.turn("A.6", request(), says("1", "3", vec![]));
    tale.read_on_both(1, "inbox");
    tale.is_clean();
}

// 9. A redone answer that is larger, or lacks an item deleted meanwhile.
#[test]
fn a_redone_answer() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.deliver(2, "inbox");
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.say("A.2", says("1", "2", vec![add("1:1", 1), add("1:2", 2)]));
    tale.lost("A.2");
    tale.hand_deletes(2, "inbox");
    tale.deliver(3, "inbox");
    tale.turn("A.3", asks("1", "1", vec![]), says("1", "3", vec![add("1:1", 1), add("1:3", 3)]));
    tale.on_both(1, "inbox");
    tale.on_both(3, "inbox");
    tale.is_clean();
}

#[test]
fn a_redone_answer_with_the_same_new_key() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.say("A.2", says("1", "2", vec![add("1:1", 1)]));
    tale.lost("A.2");
    tale.turn("A.3", asks("1", "1", vec![]), says("1", "2", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_clean();
}

// 10. The Delete of an item that the client deleted itself may be missing or there.
#[test]
fn deletions_of_the_phone() {
    for echo in [vec![], vec![gone("1:1")]] {
        let mut tale = Tale::of(1);
        tale.first_mail();
        tale.user_deletes(1);
        tale.turn("A.2", asks("1", "2", vec![delete("1:1")]), says("1", "3", echo));
        tale.turn("A.3", asks("3", "1", vec![]), says("3", "2", vec![add("3:1", 1)]));
        tale.on_both(1, "deleted");
        tale.is_clean();
    }
}

// 13. Status 8 for an item whose SoftDelete was sent.
#[test]
fn status_8_after_a_soft_delete() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.turn(
        "A.2",
        asks("1", "2", vec![mark("1:1", true)]),
        with(says("1", "3", vec![soft("1:1")]), vec![refused("1:1", SyncStatus::NotFound)]),
    );
    tale.on_server(1, "inbox").received = Timestamp(NOW.0 - 9 * 86_400);
    tale.truth.devices[0].synced[0].1 = Some(3 * 86_400);
    tale.is_clean();
}

// Row 2: the server wins, and the client is told.
#[test]
fn a_conflict_that_the_server_wins() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand_reads(1, "inbox", true);
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "3", vec![now_read("1:1", true)]));
    tale.user_reads(1, false);
    tale.hand_reads(1, "inbox", false);
    tale.hand_reads(1, "inbox", true);
    tale.turn(
        "A.3",
        asks("1", "3", vec![mark("1:1", false)]),
        with(
            says("1", "4", vec![now_read("1:1", true)]),
            vec![refused("1:1", SyncStatus::Conflict)],
        ),
    );
    tale.read_on_both(1, "inbox");
    tale.is_clean();
}

// Rows 2 to 4, lenient: any winner, if both sides agree.
#[test]
fn a_conflict_with_a_silent_winner() {
    for client_wins in [false, true] {
        let mut tale = Tale::of(1);
        tale.first_mail();
        tale.user_reads(1, true);
        tale.hand(MailboxOp::Flag { mail: m(1), folder: folder("inbox"), flag: flagged() });
        let body = says("1", "3", vec![]);
        tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), body);
        tale.on_both(1, "inbox");
        tale.truth.server[0].flag = flagged();
        tale.truth.devices[0].mails[0].flag = flagged();
        tale.truth.server[0].read = client_wins;
        tale.truth.devices[0].mails[0].read = client_wins;
        tale.is_tolerated();
    }
}

// Row 4: a merge of two properties.
#[test]
fn a_merge() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.hand(MailboxOp::Flag { mail: m(1), folder: folder("inbox"), flag: flagged() });
    tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), says("1", "3", vec![]));
    tale.read_on_both(1, "inbox");
    tale.truth.server[0].flag = flagged();
    tale.truth.devices[0].mails[0].flag = flagged();
    tale.is_clean();
}

// Row 6: the item was deleted, with status 8 or without a word.
#[test]
fn a_change_of_a_deleted_item() {
    for entries in [vec![], vec![refused("1:1", SyncStatus::NotFound)]] {
        let mut tale = Tale::of(1);
        tale.first_mail();
        tale.user_reads(1, true);
        tale.hand_deletes(1, "inbox");
        let body = with(says("1", "3", vec![gone("1:1")]), entries);
        tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), body);
        tale.is_clean();
    }
}

// Row 7: the value may be carried over to the new folder or not.
#[test]
fn a_change_of_a_moved_item() {
    for carried in [false, true] {
        let mut tale = Tale::of(1);
        tale.first_mail();
        tale.user_reads(1, true);
        tale.hand_moves(1, "inbox", "f2");
        let entries = vec![refused("1:1", SyncStatus::NotFound)];
        let entries = if carried { vec![] } else { entries };
        let body = with(says("1", "3", vec![gone("1:1")]), entries);
        tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), body);
        if carried {
            tale.read_on_both(1, "f2");
        } else {
            tale.on_both(1, "f2");
        }
        tale.is_clean();
    }
}

// Row 29: the first execution counts, and a later change of the server wins.
#[test]
fn a_change_between_an_execution_and_its_retry() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.ask("A.2", asks("1", "2", vec![mark("1:1", true)]));
    tale.say("A.2", says("1", "3", vec![]));
    tale.lost("A.2");
    tale.hand_reads(1, "inbox", false);
    let body = says("1", "4", vec![now_read("1:1", false)]);
    tale.turn("A.3", asks("1", "2", vec![mark("1:1", true)]), body);
    tale.on_both(1, "inbox");
    tale.is_clean();
}

#[test]
fn a_change_of_mind() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.user_reads(1, false);
    tale.user(DeviceOp::Flag { mail: m(1), folder: folder("inbox"), flag: flagged() });
    tale.turn("A.2", asks("1", "2", vec![mark("1:1", false)]), says("1", "3", vec![]));
    tale.user(DeviceOp::Delete { mail: m(1), from: folder("inbox"), permanent: false });
    tale.turn("A.3", asks("1", "3", vec![delete("1:1")]), says("1", "4", vec![]));
    tale.on_both(1, "deleted");
    tale.is_clean();
}

#[test]
fn a_phone_that_starts_a_folder_anew_forgets_its_changes() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.user(DeviceOp::Reset(folder("inbox")));
    tale.turn("A.2", asks("1", "0", vec![]), says("1", "7", vec![]));
    tale.turn("A.3", asks("1", "7", vec![]), says("1", "8", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_clean();
}

#[test]
fn a_phone_whose_folders_are_numbered_anew_forgets_its_changes() {
    // R887: the client must cope with new ids; of what it had under the old ones it can say nothing.
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.hierarchy(call("A.2"), "x");
    tale.turn("A.3", asks("x1", "0", vec![]), says("x1", "1", vec![]));
    tale.turn("A.4", asks("x1", "1", vec![]), says("x1", "2", vec![add("x1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_clean();
    // Under the same ids it can.
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.hierarchy(call("A.2"), "");
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.on_both(1, "inbox");
    tale.shows(Class::LostClientChange);
}

#[test]
fn a_folder_deleted_with_its_mails() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "f2");
    tale.turn("A.2", asks("2", "1", vec![]), says("2", "2", vec![add("2:1", 1)]));
    tale.user(DeviceOp::Read { mail: m(1), folder: folder("f2"), read: true });
    tale.hand(MailboxOp::DeleteFolder(folder("f2"), vec![m(1)]));
    let request = asks("2", "2", vec![mark("2:1", true)]);
    tale.turn("A.3", request, fails("2", SyncStatus::HierarchyChanged));
    tale.truth.folders.remove(1);
    tale.truth.devices[0].folders.remove(1);
    tale.truth.devices[0].synced.remove(1);
    tale.is_clean();
}

#[test]
fn mails_marked_deleted_are_neither_owed_nor_ghosts() {
    for held in [false, true] {
        let mut tale = Tale::of(1);
        tale.first_mail();
        tale.hand_deletes(1, "inbox");
        tale.on_server(1, "inbox").marked_deleted = true;
        if held {
            tale.on_phone(0, 1, "inbox");
        }
        tale.is_clean();
    }
}

#[test]
fn a_flag_whose_text_only_the_phone_knows() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user(DeviceOp::Flag { mail: m(1), folder: folder("inbox"), flag: flagged() });
    let request = asks("1", "2", vec![put_flag("1:1", flagged())]);
    tale.turn("A.2", request, says("1", "3", vec![]));
    tale.on_both(1, "inbox");
    tale.truth.server[0].flag = activesync::Flag { status: 2, flag_type: None };
    tale.truth.devices[0].mails[0].flag = flagged();
    tale.is_tolerated();
}

#[test]
fn mails_of_before_the_history_are_not_judged() {
    let mut tale = Tale::of(1);
    tale.on_both(9, "inbox");
    tale.hand_reads(9, "inbox", true);
    tale.truth.server[0].read = false;
    tale.is_clean();
}

#[test]
fn a_draft_refused_with_its_folder() {
    let mut tale = Tale::of(1);
    tale.user_drafts(7);
    let entry = ItemResponse::Add {
        client_id: "c1".into(),
        server_id: None,
        status: SyncStatus::Conversion,
    };
    let body = with(says("4", "2", vec![]), vec![entry]);
    tale.turn("A.2", asks("4", "1", vec![draft("c1", 7)]), body);
    tale.is_clean();
}

#[test]
fn an_answer_that_was_served_again_after_a_crash() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.ask("A.2", asks("1", "2", vec![mark("1:1", true)]));
    tale.fault(Fault::ServerCrashed);
    tale.history.push(activesync::history::Event::Failed(call("A.2")));
    tale.turn("A.3", asks("1", "2", vec![mark("1:1", true)]), says("1", "4", vec![]));
    tale.read_on_both(1, "inbox");
    tale.is_clean();
}

#[test]
fn both_measures_count_the_same() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    let (strict, lenient) = (tale.judge(Rules::strict()), tale.judge(Rules::lenient()));
    assert_eq!(strict.coverage, lenient.coverage);
}
