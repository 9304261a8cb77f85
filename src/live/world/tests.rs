//! Live hunts over loopback HTTP against `lostmail serve`, in process.

use activesync_checker::Class;
use activesync_server::Defect;
use activesync_simulator::{Runner as _, Trace};

use super::super::scripted::{Play, Scripted, answer, ok, run};
use super::super::serve::{Config, Running, start};
use super::runner::Live;
use super::target::{Place, Target};

fn serve(bug: Option<&str>) -> (Running, Target) {
    let mut config = Config::new("alice", "alice-pw");
    config.defect = bug.map(|name| Defect::by_name(name).unwrap());
    let server = start(config).unwrap();
    let place =
        Place { url: server.url(), user: "alice".into(), password: "alice-pw".into(), imap: None };
    let target = Target::reach(place).unwrap();
    (server, target)
}

/// Schedules that do not wait in Ping, which takes a heartbeat each.
fn quick() -> impl Iterator<Item = u64> {
    (0..).filter(|number| number % 12 != 11)
}

#[test]
fn nothing_is_found_on_the_correct_server() {
    let (_server, target) = serve(None);
    let live = Live::new(&target);
    let mut answered = 0;
    for number in quick().take(40) {
        let outcome = live.drawn(1, number).unwrap().outcome;
        let findings = &outcome.verdict.findings;
        assert!(findings.is_empty(), "schedule {number}: {findings:#?}");
        answered += outcome.tally.answered;
    }
    println!("40 schedules, {answered} requests answered");
    assert!(answered > 100);
    let mut hand = target.hand().unwrap();
    let left = target.insist(super::super::hand::Hand::read_all(&mut hand)).unwrap();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn planted_defects_are_found_over_the_wire() {
    for bug in [
        "retry-answered-from-newer-state",
        "window-truncation-advances-to-tip",
        "retry-omits-deletes",
        "getchanges-zero-advances-past-changes",
        "echo-suppression-swallows-server-change",
    ] {
        let (_server, target) = serve(Some(bug));
        let mut live = Live::new(&target);
        let found = quick().take(400).find_map(|number| {
            let outcome = live.drawn(1, number).unwrap().outcome;
            let finding = outcome.verdict.findings.first()?.clone();
            Some((number, outcome, finding))
        });
        let (number, outcome, finding) = found.unwrap_or_else(|| panic!("{bug} was not found"));
        println!("{bug}: schedule {number}, {}: {}", finding.class, finding.sentence);
        assert_ne!(finding.class, Class::NoConvergence, "{}", finding.sentence);
        live.cause = Some(finding.cause);
        let again = (0..5).any(|_| {
            let run = live.run(&outcome.setup, &outcome.actions).unwrap();
            live.same(finding.class, &run)
        });
        assert!(again, "{bug} was not seen again");
    }
}

/// What the other hand cannot do, because a device was first, does not happen.
#[test]
fn a_folder_that_a_device_has_made_or_removed_is_no_obstacle() {
    let (_server, target) = serve(None);
    let trace: Trace = "# lostmail trace 1\n\
        world devices=1 version=14.1 rekey=0 base64=0 folders=2 mails=1 explicit=1\n\
        A rmdir f2\ncall A.1 folder-edit\ngo A.1\n\
        A mkdir f3\ncall A.2 folder-edit\ngo A.2\n\
        box deliver m7 f2\nbox rename f2 2\nbox rmdir f2\nbox mkdir f3\nbox deliver m8 f1\n"
        .parse()
        .unwrap();
    let outcome = Live::new(&target).run(&trace.setup, &trace.actions).unwrap();
    assert!(outcome.verdict.findings.is_empty(), "{:#?}", outcome.verdict.findings);
    let done: Vec<_> = outcome.actions.iter().map(ToString::to_string).collect();
    let calls = ["call A.1 folder-edit", "go A.1", "call A.2 folder-edit", "go A.2"];
    let [first, first_gone, second, second_gone] = calls;
    let happened =
        ["A rmdir f2", first, first_gone, "A mkdir f3", second, second_gone, "box deliver m8 f1"];
    assert_eq!(done, happened);
}

/// Asks a server that does as it is told.
fn reach(play: Play) -> String {
    run(async {
        let server = Scripted::start(vec![play]).await;
        let url = server.url();
        let user = "alice".to_owned();
        let password = "alice-pw".to_owned();
        let place = Place { url, user, password, imap: None };
        // A runtime of its own, as in the tool; the server runs on ours meanwhile.
        let reached = tokio::task::spawn_blocking(move || match Target::reach(place) {
            Ok(_) => "reached".to_owned(),
            Err(error) => error.to_string(),
        });
        reached.await.unwrap()
    })
}

#[test]
fn a_server_that_is_none_is_told_so() {
    let html = answer("200 OK", "Content-Type: text/html\r\n", b"<html><title>It works!</title>");
    let mut half = ok(b"12345678");
    half.truncate(half.len() - 4);
    for (play, words) in [
        (Play::Answer(html), "HTML"),
        (Play::Answer(answer("401 Unauthorized", "", b"")), "password"),
        (Play::Answer(answer("503 Service Unavailable", "", b"")), "503"),
        (Play::Answer(answer("200 OK", "MS-ASProtocolVersions: 2.5,12.1\r\n", b"")), "2.5, 12.1"),
        (Play::Answer(b"220 smtp ready\r\n".to_vec()), "not HTTP"),
        (Play::Answer(half), "half a body"),
        (Play::Close, "without an answer"),
    ] {
        let said = reach(play.clone());
        assert!(said.contains(words), "{play:?}: {said}");
    }
}

#[test]
fn a_server_without_another_hand_is_told_so() {
    let offer = answer("200 OK", "MS-ASProtocolVersions: 14.1\r\n", b"");
    let said = run(async {
        let nothing = answer("404 Not Found", "", b"");
        let server = Scripted::start(vec![Play::Answer(offer), Play::Answer(nothing)]).await;
        let (url, user) = (server.url(), "alice".to_owned());
        let place = Place { url, user, password: "alice-pw".into(), imap: None };
        let reached =
            tokio::task::spawn_blocking(|| Target::reach(place).err().unwrap().to_string());
        reached.await.unwrap()
    });
    assert!(said.contains("--imap"), "{said}");
}
