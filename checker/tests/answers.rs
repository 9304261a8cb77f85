//! Answers that the specification does not allow, the claim, and what is counted.

mod tale;

use std::sync::Arc;

use activesync::history::{Event, Fault, HeldItem};
use activesync::sync::{self, ItemResponse, Options};
use activesync::{Command, Flag, MoveStatus, PingStatus, Request, Response, SyncStatus};
use activesync_checker::{Class, Coverage, Rules};
use tale::*;

#[test]
fn a_body_that_cannot_be_read() {
    let mut tale = Tale::of(1);
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.history.push(Event::Answered {
        call: call("A.2"),
        http_status: 200,
        response: None,
        unreadable: Some("unknown tag at offset 0x1f".into()),
    });
    let finding = tale.shows(Class::IllegalAnswer);
    assert_eq!(finding.sentence, "the body of A.2 cannot be read: unknown tag at offset 0x1f.");
}

#[test]
fn more_than_the_window() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.deliver(2, "inbox");
    let mut request = asks("1", "1", vec![]);
    request.window_size = Some(1);
    tale.turn("A.2", request, says("1", "2", vec![add("1:1", 1), add("1:2", 2)]));
    tale.on_both(1, "inbox");
    tale.on_both(2, "inbox");
    assert!(tale.shows(Class::IllegalAnswer).sentence.contains("the window is 1"));
}

#[test]
fn a_failure_with_a_new_key() {
    let mut tale = Tale::of(1);
    let body = sync::CollectionResponse {
        sync_key: Some("2".into()),
        ..fails("1", SyncStatus::ServerError)
    };
    tale.turn("A.2", asks("1", "1", vec![]), body);
    tale.is_tolerated();
    assert!(tale.shows_strictly(Class::IllegalAnswer).sentence.contains("status 5"));
    // And the mail that the key covers is lost by every measure.
    tale.deliver(1, "inbox");
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.on_server(1, "inbox");
    let findings = tale.judge(Rules::lenient()).findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].class, Class::LostMail);
}

#[test]
fn an_add_without_its_entry() {
    let mut tale = Tale::of(1);
    tale.user_drafts(7);
    tale.turn("A.2", asks("4", "1", vec![draft("c1", 7)]), says("4", "2", vec![add("4:1", 7)]));
    tale.on_both(7, "drafts");
    assert!(tale.shows(Class::IllegalAnswer).sentence.contains("ClientId c1"));
}

#[test]
fn entries_for_what_was_not_asked() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    let body = with(says("1", "3", vec![]), vec![refused("1:1", SyncStatus::Success)]);
    tale.turn("A.2", asks("1", "2", vec![]), body);
    tale.on_both(1, "inbox");
    assert!(tale.shows(Class::IllegalAnswer).sentence.contains("a Change of 1:1"));
}

#[test]
fn one_id_for_two_drafts() {
    let mut tale = Tale::of(1);
    tale.user_drafts(7);
    tale.user_drafts(8);
    let entries = vec![added("c1", "4:1"), added("c2", "4:1")];
    let request = asks("4", "1", vec![draft("c1", 7), draft("c2", 8)]);
    tale.turn("A.2", request, with(says("4", "2", vec![]), entries));
    tale.on_both(7, "drafts");
    tale.on_both(8, "drafts");
    let findings = tale.judge(Rules::lenient()).findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].sentence, "A.2 gives the id 4:1 to two Adds.");
}

#[test]
fn an_id_given_to_a_second_mail() {
    let mut tale = Tale::of(1);
    tale.user_drafts(7);
    let body = with(says("4", "2", vec![]), vec![added("c1", "4:1")]);
    tale.turn("A.2", asks("4", "1", vec![draft("c1", 7)]), body);
    tale.user_drafts(8);
    let body = with(says("4", "3", vec![]), vec![added("c1", "4:1")]);
    tale.turn("A.3", asks("4", "2", vec![draft("c1", 8)]), body);
    tale.on_both(7, "drafts");
    tale.on_both(8, "drafts");
    let finding = tale.shows_strictly(Class::IllegalAnswer);
    assert_eq!(finding.mail, Some(m(8)));
}

#[test]
fn an_invented_key_taken() {
    let mut tale = Tale::of(1);
    tale.turn("A.2", asks("1", "77", vec![]), says("1", "78", vec![]));
    assert!(tale.shows(Class::IllegalAnswer).sentence.contains("the key 77"));
    // Refused, it is as it must be.
    let mut tale = Tale::of(1);
    tale.turn("A.2", asks("1", "77", vec![]), fails("1", SyncStatus::InvalidSyncKey));
    tale.is_clean();
}

#[test]
fn a_key_for_two_states() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.deliver(2, "inbox");
    tale.turn("A.2", asks("1", "2", vec![]), says("1", "2", vec![add("1:2", 2)]));
    tale.on_both(1, "inbox");
    tale.on_both(2, "inbox");
    tale.is_tolerated();
    assert!(tale.shows_strictly(Class::IllegalAnswer).sentence.contains("one key stands"));
    let mut tale = Tale::of(1);
    tale.turn("A.2", asks("1", "1", vec![]), says("1", "2", vec![]));
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![]));
    tale.turn("A.4", asks("1", "3", vec![]), says("1", "2", vec![]));
    assert!(tale.shows_strictly(Class::IllegalAnswer).sentence.contains("gave for another state"));
}

#[test]
fn a_retry_refused() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.say("A.2", says("1", "2", vec![add("1:1", 1)]));
    tale.lost("A.2");
    tale.turn("A.3", asks("1", "1", vec![]), fails("1", SyncStatus::InvalidSyncKey));
    tale.turn("A.4", asks("1", "0", vec![]), says("1", "7", vec![]));
    tale.turn("A.5", asks("1", "7", vec![]), says("1", "8", vec![add("1:1", 1)]));
    tale.on_both(1, "inbox");
    tale.is_tolerated();
    let finding = tale.shows_strictly(Class::IllegalAnswer);
    assert_eq!(
        finding.sentence,
        "A.3 repeats the key 1 of A.2, whose answer nobody has confirmed, and the server refuses it."
    );
    // Nothing is said when a doubled request may have come between.
    let at = tale.history.events.len() - 10;
    tale.history.events.insert(at, Event::Fault(Fault::RequestDoubled(call("A.2"))));
    tale.is_clean();
}

#[test]
fn the_current_key_refused() {
    let mut tale = Tale::of(1);
    tale.turn("A.2", asks("1", "1", vec![]), fails("1", SyncStatus::InvalidSyncKey));
    tale.turn("A.3", asks("1", "0", vec![]), says("1", "7", vec![]));
    let finding = tale.shows_strictly(Class::IllegalAnswer);
    assert!(finding.sentence.starts_with("A.2 presents the key 1 that A.1001 gave"));
}

#[test]
fn an_empty_answer_to_commands() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.ask("A.2", asks("1", "2", vec![mark("1:1", true)]));
    tale.answered(call("A.2"), Response::Sync(None));
    tale.got("A.2");
    tale.turn("A.3", asks("1", "2", vec![mark("1:1", true)]), says("1", "3", vec![]));
    tale.read_on_both(1, "inbox");
    tale.is_tolerated();
    tale.shows_strictly(Class::IllegalAnswer);
}

#[test]
fn a_collection_that_nobody_asked_for() {
    let mut tale = Tale::of(1);
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.say("A.2", says("2", "2", vec![]));
    tale.shows_strictly(Class::IllegalAnswer);
}

#[test]
fn moves_not_answered() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.moves("A.2", "1:1", "1", "2");
    tale.moved("A.2", "1:7", MoveStatus::InvalidSource, None);
    tale.on_both(1, "inbox");
    tale.shows_strictly(Class::IllegalAnswer);
}

#[test]
fn the_client_wins_against_conflict_1() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user(activesync::history::DeviceOp::Flag {
        mail: m(1),
        folder: folder("inbox"),
        flag: flagged(),
    });
    let other = || Flag::active("Call back");
    tale.hand(activesync::history::MailboxOp::Flag {
        mail: m(1),
        folder: folder("inbox"),
        flag: other(),
    });
    let request = asks("1", "2", vec![put_flag("1:1", flagged())]);
    tale.turn("A.2", request, says("1", "3", vec![]));
    tale.on_both(1, "inbox");
    tale.truth.server[0].flag = flagged();
    tale.truth.devices[0].mails[0].flag = flagged();
    tale.is_tolerated();
    let finding = tale.shows_strictly(Class::IllegalAnswer);
    assert_eq!(finding.cause, "illegal answer / the client wins against Conflict 1");
}

#[test]
fn conflicts_that_are_none() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    let body = with(says("1", "3", vec![]), vec![refused("1:1", SyncStatus::Conflict)]);
    tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), body);
    tale.on_both(1, "inbox");
    let finding = tale.shows_strictly(Class::IllegalAnswer);
    assert_eq!(finding.cause, "illegal answer / a conflict without one");
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, false);
    tale.hand_reads(1, "inbox", true);
    let mut request = asks("1", "2", vec![mark("1:1", false)]);
    request.options = Some(Options { conflict: Some(0), ..Options::default() });
    let body = with(
        says("1", "3", vec![now_read("1:1", true)]),
        vec![refused("1:1", SyncStatus::Conflict)],
    );
    tale.turn("A.2", request, body);
    tale.read_on_both(1, "inbox");
    let finding = tale.shows_strictly(Class::IllegalAnswer);
    assert_eq!(finding.cause, "illegal answer / the server wins against Conflict 0");
}

#[test]
fn a_silent_ping() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.deliver(2, "inbox");
    tale.ping("A.2", &["1"], PingStatus::Expired);
    tale.turn("A.3", asks("1", "2", vec![]), says("1", "3", vec![add("1:2", 2)]));
    tale.on_both(1, "inbox");
    tale.on_both(2, "inbox");
    tale.is_tolerated();
    let finding = tale.shows_strictly(Class::IllegalAnswer);
    assert_eq!(
        finding.sentence,
        "Ping A.2 ended with nothing, though m2 was waiting when it began."
    );
}

fn held(id: &str, read: bool) -> HeldItem {
    HeldItem { server_id: id.into(), read, flag: Flag::default() }
}

/// A claim in a call of phone A about the inbox.
fn claim(tale: &mut Tale, name: &str, key: &str, believed: Vec<HeldItem>, own: Vec<HeldItem>) {
    let (call, collection, key) = (call(name), collection("1"), activesync::SyncKey::from(key));
    let items: Arc<[HeldItem]> = own.into();
    let (c, k) = (collection.clone(), key.clone());
    tale.history.push(Event::Held { call, collection: c, key: k, items });
    let items: Arc<[HeldItem]> = believed.into();
    tale.history.push(Event::Belief { call, collection, key, items });
}

#[test]
fn a_broken_claim_without_harm() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.ask("A.2", asks("1", "2", vec![]));
    claim(&mut tale, "A.2", "2", vec![held("1:1", true)], vec![held("1:1", false)]);
    tale.say("A.2", says("1", "3", vec![]));
    tale.got("A.2");
    tale.on_both(1, "inbox");
    let finding = tale.shows_strictly(Class::BrokenClaim);
    assert!(finding.sentence.contains("(m1)"));
    let black_box = Rules { black_box: true, ..Rules::strict() };
    assert!(tale.judge(black_box).findings.is_empty());
}

#[test]
fn a_broken_claim_dates_the_harm() {
    let mut tale = Tale::of(1);
    tale.deliver(1, "inbox");
    tale.ask("A.2", asks("1", "1", vec![]));
    tale.say("A.2", says("1", "2", vec![add("1:1", 1)]));
    tale.lost("A.2");
    tale.ask("A.3", asks("1", "1", vec![]));
    let step = tale.history.events.len() + 1;
    claim(&mut tale, "A.3", "1", vec![held("1:1", false)], vec![]);
    tale.say("A.3", says("1", "3", vec![]));
    tale.got("A.3");
    tale.on_server(1, "inbox");
    assert_eq!(tale.shows_strictly(Class::LostMail).began_at, Some(step));
}

#[test]
fn a_move_on_its_way_breaks_no_claim() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_moves(1, "inbox", "f2");
    tale.moves("A.2", "1:1", "1", "2");
    tale.moved("A.2", "1:1", MoveStatus::Success, Some("2:1"));
    tale.got("A.2");
    tale.ask("A.3", asks("1", "2", vec![]));
    claim(&mut tale, "A.3", "2", vec![held("1:1", false)], vec![]);
    tale.say("A.3", says("1", "3", vec![gone("1:1")]));
    tale.got("A.3");
    tale.on_both(1, "f2");
    tale.is_clean();
}

#[test]
fn what_is_counted() {
    let mut tale = Tale::of(1);
    tale.first_mail();
    tale.user_reads(1, true);
    tale.hand_deletes(1, "inbox");
    let body = with(says("1", "3", vec![gone("1:1")]), vec![refused("1:1", SyncStatus::NotFound)]);
    tale.turn("A.2", asks("1", "2", vec![mark("1:1", true)]), body);
    tale.ask("A.3", asks("1", "3", vec![]));
    tale.say("A.3", says("1", "4", vec![]));
    tale.lost("A.3");
    tale.sent(call("A.4"), Request::Sync(None));
    let coverage = tale.judge(Rules::strict()).coverage;
    assert_eq!(coverage.faults.get("response lost"), Some(&1));
    assert_eq!(coverage.statuses.get(&(Command::Sync, 8)), Some(&1));
    assert_eq!(coverage.rows.get(&6), Some(&1));
    assert_eq!(coverage.rows.get(&32), Some(&1));
    assert_eq!(coverage.rows.get(&2), None);
    assert_eq!(coverage.http.get(&200), Some(&9));
    let mut twice = Coverage::default();
    twice.merge(&coverage);
    twice.merge(&coverage);
    assert_eq!(twice.rows.get(&6), Some(&2));
    assert_eq!(Coverage::FAULTS.len(), 11);
}

#[test]
fn entries_of_every_kind_must_have_been_asked_for() {
    let entries = [
        added("c9", "4:9"),
        refused("4:9", SyncStatus::NotFound),
        ItemResponse::Delete { server_id: "4:9".into(), status: SyncStatus::NotFound },
        ItemResponse::Fetch { server_id: "4:9".into(), status: SyncStatus::NotFound, data: None },
    ];
    for entry in entries {
        let mut tale = Tale::of(1);
        tale.turn("A.2", asks("4", "1", vec![]), with(says("4", "2", vec![]), vec![entry]));
        tale.shows(Class::IllegalAnswer);
    }
}
