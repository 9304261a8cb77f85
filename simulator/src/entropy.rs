//! Schedules from bytes: a fuzzer's input, or the entropy of a property test.

use activesync_checker::Rules;
use arbitrary::{Arbitrary, Result, Unstructured};

use crate::schedule::run_chosen;
use crate::{Baselines, Outcome, Tape, UnknownBug};

/// A schedule chosen by bytes. Any bytes are one; it ends when they do.
///
/// ```
/// use activesync_checker::Rules;
/// use activesync_simulator::{Baselines, Schedule, arbitrary::{Arbitrary, Unstructured}};
///
/// let bytes: Vec<u8> = (0..=200).rev().collect();
/// let schedule = Schedule::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
/// let rules = Rules { strict: true, black_box: false };
/// let outcome = schedule.run(None, &rules, &mut Baselines::default())?;
/// assert!(!outcome.actions.is_empty());
/// assert!(outcome.verdict.findings.is_empty());
/// # Ok::<(), activesync_simulator::UnknownBug>(())
/// ```
#[derive(Clone, Debug)]
pub struct Schedule<'a> {
    /// Whether some kinds of actions are left out and others come often, or all are as likely.
    pub swarm: bool,
    tape: Tape<'a>,
}

impl<'a> Arbitrary<'a> for Schedule<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let swarm = u.arbitrary::<u8>()? & 1 == 0;
        let rest = u.len();
        Ok(Self { swarm, tape: Tape::new(u.bytes(rest)?) })
    }
}

impl Schedule<'_> {
    /// Runs it, with or without a planted defect.
    ///
    /// # Errors
    ///
    /// There is no defect of that name.
    pub fn run(
        &self,
        bug: Option<&str>,
        rules: &Rules,
        baselines: &mut Baselines,
    ) -> std::result::Result<Outcome, UnknownBug> {
        run_chosen(bug, rules, baselines, &mut self.tape.clone(), self.swarm)
    }
}
