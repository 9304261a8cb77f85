//! Every harm that a user sees is found and told in one sentence.

mod tale;

use activesync::history::{DeviceOp, Event, Fault, MailboxOp};
use activesync::sync::{self, Options};
use activesync::{MoveStatus, PingStatus, SyncStatus, Timestamp};
use activesync_checker::{Class, Rules};
use tale::*;

#[test]
fn a_mail_lost_with_an_answer() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.say("A.2", says("1", "2", vec![add("1:1", 1)]));
    tale.lost("A.2");
    tale.turn("A.3", asks("1", "1", vec![]), says("1", "3", vec![]));
    tale.on_server(1, "inbox");
    let finding = tale.shows(Class::LostMail);
    assert_eq!(
        finding.sentence,
        "m1 never reached phone A: the answer A.2 that carried it was lost, and the retry A.3 moved \
         the key from 1 to 3 without it."
    );
    assert_eq!(finding.cause, "lost mail / carried by a lost answer, retry answered without it");
    assert_eq!(finding.calls, [call("A.2"), call("A.3")]);
    assert!(finding.began_at.is_some());
}

#[test]
fn a_mail_that_came_during_a_request() {
    let mut tale = Tale::of(1);
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.deliver(1, "inbox");
    tale.say("A.2", says("1", "2", vec![]));
    tale.got("A.2");
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.on_server(1, "inbox");
    let finding = tale.shows(Class::LostMail);
    assert_eq!(
        finding.sentence,
        "m1 never reached phone A: no answer carried it; it happened while A.2 was being answered, \
         which moved the key from 1 to 2 over it."
    );
}

#[test]
fn a_mail_passed_over_by_an_upload() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.deliver(2, "inbox");
    tale.user_reads(1, true);
    let mut request = asks("1", "2", vec![mark("1:1", true)]);
    request.get_changes = Some(false);
    tale.turn("A.2", request, says("1", "3", vec![]));
    tale.turn("A.3", asks("1", "3", vec![]), says("1", "4", vec![]));
    tale.read_on_both(1, "inbox");
    tale.on_server(2, "inbox");
    let finding = tale.shows(Class::LostMail);
    assert!(
        finding.sentence.contains("A.2, which asked for no changes, moved the key from 2 to 3")
    );
}

#[test]
fn a_mail_whose_key_was_kept_without_it() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.say("A.2", says("1", "2", vec![add("1:1", 1)]));
    tale.fault(Fault::DeviceCrashed(a()));
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.on_server(1, "inbox");
    let finding = tale.shows(Class::LostMail);
    assert_eq!(
        finding.sentence,
        "m1 never reached phone A: the answer A.2 that carried it was not stored before the phone \
         died, yet A.3 presents the key 2 that came with it."
    );
}

#[test]
fn a_mail_that_only_one_more_sync_brings() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.deliver(2, "inbox");
    let mut request = asks("1", "1", vec![]);
    request.window_size = Some(1);
    tale.turn("A.2", request, says("1", "2", vec![add("1:1", 1)]));
    tale.ping("A.3", &["1"], PingStatus::Expired);
    tale.on_both(1, "inbox");
    let mut early = tale.truth.clone();
    early.server.push(activesync::history::ServerMail { mail: m(2), ..early.server[0].clone() });
    tale.own_loop = Some(early);
    tale.turn("A.4", asks("1", "2", vec![]), says("1", "3", vec![add("1:2", 2)]));
    tale.on_both(2, "inbox");
    let findings = tale.judge(Rules::lenient()).findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].class, Class::LostMail);
    assert_eq!(
        findings[0].sentence,
        "m2 is on the server in inbox, but phone A came to rest without it: A.2 left it out and did \
         not say that more is available, so nothing asked again."
    );
    // By the letter, the Ping is wrong as well.
    let classes: Vec<_> =
        tale.judge(Rules::strict()).findings.iter().map(|finding| finding.class).collect();
    assert_eq!(classes, [Class::LostMail, Class::IllegalAnswer]);
}

#[test]
fn a_ghost() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand_deletes(1, "inbox");
    tale.ask("A.2", asks("1", "2", vec![]));
    tale.say("A.2", says("1", "3", vec![gone("1:1")]));
    tale.lost("A.2");
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "4", vec![]));
    tale.on_phone(0, 1, "inbox");
    let finding = tale.shows(Class::Ghost);
    assert_eq!(
        finding.sentence,
        "m1 was deleted in inbox, but phone A still shows it: the answer A.2 that carried its removal \
         was lost, and the retry A.3 moved the key from 2 to 4 without it."
    );
}

#[test]
fn an_old_mail_that_comes_in_spite_of_the_filter() {
    // The first request with a key may set a filter that holds until another comes (R3597 to R3599).
    let old = |filter: Option<u8>| {
        let mut tale = Tale::of(1);
        tale.first_mail();
        let options =
            filter.map(|filter| Options { filter_type: Some(filter), ..Options::default() });
        tale.turn(
            "A.2",
            sync::Collection { options, ..asks("1", "2", vec![]) },
            says("1", "3", vec![gone("1:1")]),
        );
        tale.turn("A.3", asks("1", "3", vec![]), says("1", "4", vec![add("1:1", 1)]));
        tale.on_phone(0, 1, "inbox");
        tale.on_server(1, "inbox").received = Timestamp(NOW.0 - 9 * 86_400);
        tale.truth.devices[0].synced[0].1 = Some(3 * 86_400);
        tale
    };
    let finding = old(Some(2)).shows(Class::Ghost);
    assert_eq!(
        finding.sentence,
        "m1 is older than what inbox is to show, but phone A still shows it: A.3 brought it \
         although the FilterType that A.2 had set still held."
    );
    assert_eq!(finding.calls, [call("A.2"), call("A.3")]);
    // Nobody knows when it has to go that was there before.
    for other in [Some(3), None] {
        old(other).is_tolerated();
    }
}

#[test]
fn a_deleted_mail_that_comes_back_on_the_server() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand_deletes(1, "inbox");
    tale.user_reads(1, true);
    tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), says("1", "3", vec![]));
    tale.read_on_both(1, "inbox");
    let finding = tale.shows(Class::Ghost);
    assert_eq!(finding.sentence, "m1 was deleted, but it is back on the server in inbox.");
}

#[test]
fn a_copy_left_in_the_old_folder() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_moves(1, "inbox", "f2");
    tale.moves("A.2", "1:1", "1", "2");
    tale.moved("A.2", "1:1", MoveStatus::Success, Some("2:1"));
    tale.got("A.2");
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.turn("A.4", asks("2", "1", vec![]), says("2", "2", vec![add("2:1", 1)]));
    tale.on_both(1, "f2");
    tale.on_phone(0, 1, "inbox");
    let finding = tale.shows(Class::Duplicate);
    assert_eq!(
        finding.sentence,
        "phone A shows m1 twice, in f2, where it is, and in inbox, where it is not: no answer carried \
         its removal; A.3 moved the key from 2 to 3 over it."
    );
}

#[test]
fn an_item_stored_twice_on_the_phone() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.on_both(1, "inbox");
    tale.on_phone(0, 1, "inbox").server_id = Some("y".into());
    let finding = tale.shows(Class::Duplicate);
    assert!(finding.sentence.starts_with("phone A shows m1 2 times in inbox"));
}

#[test]
fn a_draft_added_twice() {
    let mut tale = Tale::of(1);
    tale.user_drafts(7);
    tale.ask("A.2", asks("4", "1", vec![draft("c1", 7)]));
    tale.say("A.2", with(says("4", "2", vec![]), vec![added("c1", "4:1")]));
    tale.lost("A.2");
    tale.turn(
        "A.3",
        asks("4", "1", vec![draft("c1", 7)]),
        with(says("4", "3", vec![]), vec![added("c1", "4:2")]),
    );
    tale.on_both(7, "drafts");
    tale.on_both(7, "drafts");
    let finding = tale.shows(Class::Duplicate);
    assert_eq!(
        finding.sentence,
        "m7 is on the server 2 times (drafts and drafts): phone A asked in A.2 and A.3 to add it once."
    );
}

#[test]
fn a_draft_sent_twice() {
    let mut tale = Tale::of(1);
    tale.user_drafts(7);
    tale.turn(
        "A.2",
        asks("4", "1", vec![draft("c1", 7)]),
        with(says("4", "2", vec![]), vec![added("c1", "4:1")]),
    );
    tale.user(DeviceOp::SendDraft { mail: m(7), folder: folder("drafts") });
    let send = || sync::ClientCommand::Change {
        server_id: "4:1".into(),
        data: activesync::Mail::default(),
        send: true,
    };
    tale.ask("A.3", asks("4", "2", vec![send()]));
    tale.say("A.3", says("4", "3", vec![]));
    tale.lost("A.3");
    tale.turn("A.4", asks("4", "2", vec![send()]), says("4", "4", vec![gone("4:1")]));
    tale.truth.outbox = vec![m(7)];
    tale.is_clean();
    tale.truth.outbox = vec![m(7), m(7)];
    assert_eq!(
        tale.shows(Class::Duplicate).sentence,
        "m7 was sent 2 times: asked for in A.3 and A.4."
    );
    tale.truth.outbox.clear();
    assert!(tale.shows(Class::LostClientChange).sentence.contains("phone A sent it"));
}

#[test]
fn a_read_state_that_differs() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand_reads(1, "inbox", true);
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.on_server(1, "inbox").read = true;
    tale.on_phone(0, 1, "inbox");
    let finding = tale.shows(Class::StaleFlag);
    assert_eq!(
        finding.sentence,
        "m1 is unread on phone A, but read on the server: no answer carried the new value; A.2 moved \
         the key from 2 to 3 over it."
    );
}

#[test]
fn a_flag_that_a_change_of_the_read_state_erased() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand(MailboxOp::Flag { mail: m(1), folder: folder("inbox"), flag: flagged() });
    tale.user_reads(1, true);
    tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), says("1", "3", vec![]));
    tale.read_on_both(1, "inbox");
    let finding = tale.shows(Class::StaleFlag);
    assert_eq!(
        finding.sentence,
        "m1 is not flagged on the server though nobody made it so: it should be flagged."
    );
}

#[test]
fn a_mail_that_nobody_read() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.read_on_both(1, "inbox");
    assert!(tale.shows(Class::StaleFlag).sentence.starts_with("m1 is read on the server though"));
}

#[test]
fn a_value_that_the_server_refused_and_the_phone_sends_again() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user(DeviceOp::Flag { mail: m(1), folder: folder("inbox"), flag: flagged() });
    let other = || activesync::Flag::active("Call back");
    tale.hand(MailboxOp::Flag { mail: m(1), folder: folder("inbox"), flag: other() });
    tale.turn(
        "A.2",
        asks("1", "2", vec![put_flag("1:1", flagged())]),
        with(says("1", "3", vec![]), vec![refused("1:1", SyncStatus::Conflict)]),
    );
    tale.turn("A.3", asks("1", "3", vec![put_flag("1:1", flagged())]), says("1", "4", vec![]));
    tale.on_both(1, "inbox");
    tale.truth.server[0].flag = flagged();
    tale.truth.devices[0].mails[0].flag = flagged();
    let finding = tale.shows_strictly(Class::StaleFlag);
    assert!(finding.sentence.contains("a value that phone A sent in A.3 stands over it"));
}

#[test]
fn a_mail_in_another_folder() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.hand_moves(1, "inbox", "f2");
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.turn("A.3", asks("2", "1", vec![]), says("2", "2", vec![]));
    tale.on_server(1, "f2");
    tale.on_phone(0, 1, "inbox");
    let finding = tale.shows(Class::WrongFolder);
    assert!(finding.sentence.starts_with("m1 is in f2 on the server, but phone A has it in inbox"));
}

#[test]
fn a_folder_that_the_phone_never_saw() {
    let mut tale = Tale::of(1);
    tale.truth.devices[0].folders.pop();
    tale.truth.devices[0].synced.pop();
    let finding = tale.shows(Class::WrongFolder);
    assert_eq!(finding.sentence, "folder sent never reached phone A.");
    let mut tale = Tale::of(1);
    tale.truth.devices[0].folders[1].display_name = "old".into();
    let finding = tale.shows(Class::WrongFolder);
    assert_eq!(finding.folder, Some(folder("f2")));
}

#[test]
fn a_read_mark_that_the_server_took_and_forgot() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.turn("A.4", asks("1", "2", vec![mark("1:1", true)]), says("1", "3", vec![]));
    tale.on_both(1, "inbox");
    let finding = tale.shows(Class::LostClientChange);
    assert_eq!(
        finding.sentence,
        "phone A marked m1 read; the server acknowledged it in A.4, yet m1 is unread on the server."
    );
    assert_eq!(finding.device, Some(a()));
}

#[test]
fn a_read_mark_that_the_phone_never_repeated() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.ask("A.2", asks("1", "2", vec![mark("1:1", true)]));
    tale.swallowed("A.2");
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.on_server(1, "inbox");
    tale.on_phone(0, 1, "inbox");
    let finding = tale.shows(Class::LostClientChange);
    assert_eq!(
        finding.sentence,
        "the change that phone A made to m1 is lost: its user marked it read, and phone A did not \
         repeat it after A.2, which had no answer."
    );
}

#[test]
fn a_deletion_that_the_server_took_and_forgot() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_deletes(1);
    tale.turn("A.2", asks("1", "2", vec![delete("1:1")]), says("1", "3", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    let finding = tale.shows(Class::LostClientChange);
    assert_eq!(
        finding.sentence,
        "phone A deleted m1; the server acknowledged it in A.2, yet m1 is still in inbox."
    );
}

#[test]
fn a_deletion_refused_without_a_reason() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_deletes(1);
    let entry =
        sync::ItemResponse::Delete { server_id: "1:1".into(), status: SyncStatus::NotFound };
    tale.turn(
        "A.2",
        asks("1", "2", vec![delete("1:1")]),
        with(says("1", "3", vec![]), vec![entry]),
    );
    tale.on_both(1, "inbox");
    assert!(tale.shows(Class::LostClientChange).sentence.contains("with status 8 (not there)"));
}

#[test]
fn a_move_that_destroys() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_moves(1, "inbox", "f2");
    tale.moves("A.2", "1:1", "1", "2");
    tale.moved("A.2", "1:1", MoveStatus::Success, Some("2:1"));
    tale.got("A.2");
    let finding = tale.shows(Class::DestroyedMail);
    assert_eq!(
        finding.sentence,
        "m1 is nowhere on the server: phone A moved it, the server acknowledged it in A.2, and it \
         should be in f2."
    );
}

#[test]
fn a_deletion_that_does_not_go_to_deleted_items() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_deletes(1);
    tale.turn("A.2", asks("1", "2", vec![delete("1:1")]), says("1", "3", vec![]));
    let finding = tale.shows(Class::DestroyedMail);
    assert!(finding.sentence.contains("should be in deleted"));
}

#[test]
fn a_deletion_without_an_answer_that_does_not_go_to_deleted_items() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_deletes(1);
    tale.ask("A.2", asks("1", "2", vec![delete("1:1")]));
    tale.history.push(Event::Answered {
        call: call("A.2"),
        http_status: 500,
        response: None,
        unreadable: None,
    });
    tale.got("A.2");
    let finding = tale.shows(Class::DestroyedMail);
    assert_eq!(
        finding.sentence,
        "m1 is nowhere on the server: phone A deleted it by way of Deleted Items, the server never said \
         what came of it in A.2, and it should be in deleted or in inbox."
    );
}

#[test]
fn a_soft_delete_that_the_phone_turns_into_a_delete() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "3", vec![soft("1:1")]));
    tale.turn("A.3", asks("1", "3", vec![delete("1:1")]), says("1", "4", vec![]));
    let finding = tale.shows(Class::DestroyedMail);
    assert!(finding.sentence.contains("phone A sent a command that removed it in A.3"));
}

#[test]
fn a_mail_gone_without_anyone() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    assert!(tale.shows(Class::DestroyedMail).sentence.starts_with("m1 is gone from the server"));
}

#[test]
fn a_phone_that_never_rests() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    for number in 2..8 {
        let (key, new) = (number.to_string(), (number + 1).to_string());
        let name = format!("A.{number}");
        tale.turn(&name, asks("1", &key, vec![]), more(says("1", &new, vec![])));
    }
    tale.on_server(1, "inbox");
    tale.truth.devices[0].restless = Some("MoreAvailable in 50 answers on end".into());
    let finding = tale.shows(Class::NoConvergence);
    assert_eq!(
        finding.sentence,
        "phone A never comes to rest: MoreAvailable in 50 answers on end; over and over Sync answered \
         with MoreAvailable and nothing else (A.2 to A.7)."
    );
    assert_eq!(finding.cause, "no convergence / Sync answered with MoreAvailable and nothing else");
}

#[test]
fn what_a_phone_said_over_and_over_is_not_what_it_said_at_last() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    for number in 2..9 {
        let name = format!("A.{number}");
        tale.ask(&name, asks("1", "2", vec![]));
        tale.answered(call(&name), activesync::Response::Sync(None));
        tale.got(&name);
    }
    tale.turn("A.9", asks("1", "2", vec![]), says("1", "3", vec![soft("1:1")]));
    tale.on_server(1, "inbox");
    tale.truth.devices[0].restless = Some("it still had something to say".into());
    let finding = tale.shows(Class::NoConvergence);
    assert!(finding.sentence.ends_with("over and over Sync answered with nothing (A.3 to A.8)."));
}

#[test]
fn a_mail_over_which_an_answer_was_silent() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.answered(call("A.2"), activesync::Response::Sync(None));
    tale.got("A.2");
    tale.on_server(1, "inbox");
    assert_eq!(
        tale.shows(Class::LostMail).sentence,
        "m1 never reached phone A: no answer carried it; A.2 answered as if nothing had changed."
    );
}
