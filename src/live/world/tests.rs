//! Live hunts over loopback HTTP against `lostmail serve`, in process.

use activesync_checker::Class;
use activesync_server::Defect;
use activesync_simulator::Runner as _;

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
