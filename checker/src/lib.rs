//! The oracle: histories in, findings out.
//!
//! A [`History`] says what the users of both sides did, what the devices sent and what the
//! server answered; two [`Truth`]s say what both sides hold at rest. [`check`] finds the harm that a
//! user sees: mail that is lost, that should be gone, that is there twice, that has another flag or stands in another folder,
//! changes of a device that the server took and forgot, mail that nobody destroyed. It trusts neither side and knows no
//! planted defect: what is right and wrong is in the rules of ActiveSync (MS-ASCMD), cited where each is applied.
//!
//! * `converge` compares both sides at rest,
//! * `ledger` searches an explanation for what the server ended with,
//! * `answers` judges each answer by itself,
//! * `duties` judges what was owed to a device beside its mail: folders, a wipe, a word about what was refused,
//! * `claims` compares what the server believed of a device with what it held, to name the step where the harm began,
//! * `explain` tells from the history how it came about,
//! * `rows` counts which rows of the legality table a history has reached.
//!
//! ```
//! use activesync::Flag;
//! use activesync::Timestamp;
//! use activesync::history::{DeviceName, DeviceTruth, Event, History, MailName, MailboxOp, ServerMail, Truth};
//! use activesync_checker::{Class, Rules, check};
//!
//! let (mail, folder) = (MailName(3), "inbox".into());
//! let received = Timestamp(0);
//! let mut history = History::default();
//! history.push(Event::Mailbox(MailboxOp::Deliver { mail, folder, read: false, flag: Flag::default(), received }));
//! let truth = Truth {
//!     server: vec![ServerMail {
//!         mail, folder: "inbox".into(), read: false, flag: Flag::default(), received, marked_deleted: false,
//!     }],
//!     devices: vec![DeviceTruth {
//!         device: DeviceName(0), folders: vec![], mails: vec![], synced: vec![("inbox".into(), None)], restless: None,
//!     }],
//!     ..Truth::default()
//! };
//! let verdict = check(&history, &truth, &truth, &Rules::strict());
//! assert_eq!(verdict.findings[0].class, Class::LostMail);
//! assert!(verdict.findings[0].sentence.starts_with("m3 never reached phone A"));
//! ```

mod answers;
mod claims;
mod conflicts;
mod converge;
mod coverage;
mod duties;
mod explain;
mod filter;
mod finding;
mod index;
mod intents;
mod ledger;
mod location;
mod ops;
mod registers;
mod rows;

use activesync::history::{History, Truth};

pub use coverage::Coverage;
pub use finding::{Class, Finding};

/// How to judge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// By the letter, for the reference server; otherwise leniently, for servers that we did not write.
    pub strict: bool,
    /// Without what the server believes, as with a server that cannot be asked.
    pub black_box: bool,
}

impl Rules {
    /// By the letter, the server's belief included.
    pub fn strict() -> Self {
        Self { strict: true, black_box: false }
    }

    /// For servers that we did not write.
    pub fn lenient() -> Self {
        Self { strict: false, black_box: true }
    }
}

/// What the oracle says.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What was found, gravest first; at most one finding for each mail and device.
    pub findings: Vec<Finding>,
    /// What the history reached, found or not.
    pub coverage: Coverage,
}

/// Judges a history.
///
/// `own_loop` is what both sides hold when the devices' own loop (Sync while more is available, then Ping, Sync only if Ping
/// says so) has come to rest: every mail that is present is owed then. `truth` is the same after one more Sync of
/// everything: then both sides must agree.
pub fn check(history: &History, own_loop: &Truth, truth: &Truth, rules: &Rules) -> Verdict {
    let rules = *rules;
    let index = index::Index::new(history, own_loop, truth);
    let ops = ops::Ops::new(&index);
    let mut findings = converge::findings(&index, &ops, own_loop, truth, rules);
    findings.extend(ledger::findings(&index, &ops, truth, rules));
    findings.extend(answers::findings(&index, rules));
    findings.extend(duties::findings(&index, &ops, truth, rules));
    if rules.strict {
        findings.extend(conflicts::findings(&index, &ops));
    }
    let mut findings = finding::gravest(findings);
    if !rules.black_box {
        claims::date(&index, &mut findings);
    }
    let mut coverage = Coverage::of(&index);
    rows::count(&index, &ops, &mut coverage);
    Verdict { findings, coverage }
}
