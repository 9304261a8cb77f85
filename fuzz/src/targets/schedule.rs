//! Bytes choose a schedule of the simulator: what mail arrives, what is lost, what crashes.

use crate::run::Ran;
use activesync_checker::Rules;
use activesync_simulator::arbitrary::{Arbitrary as _, Unstructured};
use activesync_simulator::{Baselines, Schedule, run_actions};
use std::cell::RefCell;

thread_local! {
    /// Worlds at their baseline, which are the same for every schedule of a setup.
    static BASELINES: RefCell<Baselines> = RefCell::new(Baselines::default());
}

pub(super) fn body(bytes: &[u8]) -> Ran {
    let Some(first) = bytes.first() else { return Ran::Skipped };
    let Ok(schedule) = Schedule::arbitrary(&mut Unstructured::new(bytes)) else {
        return Ran::Skipped;
    };
    let rules = Rules { strict: true, black_box: first & 2 != 0 };
    BASELINES.with_borrow_mut(|baselines| {
        let outcome = schedule.run(None, &rules, baselines).expect("no defect is asked for");
        let findings = &outcome.verdict.findings;
        assert!(findings.is_empty(), "{findings:#?}\nactions: {:#?}", outcome.actions);

        // What happened happens again.
        if first & 0x0C == 0 {
            let again = run_actions(&outcome.setup, &outcome.actions, &rules, baselines)
                .expect("no defect is asked for");
            assert_eq!(again.hash, outcome.hash, "{:#?}", outcome.actions);
            assert_eq!(again.actions.len(), outcome.actions.len());
        }
        if outcome.actions.is_empty() { Ran::Skipped } else { Ran::Checked }
    })
}
