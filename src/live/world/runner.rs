//! Schedules on a real server: drawn, replayed, judged.

use activesync::ProtocolVersion;
use activesync_checker::{Class, Rules, check};
use activesync_simulator::{Action, Choice, Kind, Outcome, Profile, Runner, Seeded, Setup, play};

use super::LiveWorld;
use super::target::{LiveError, Target};

/// What only the virtual world can do, or what costs a real server minutes.
const NOT_HERE: [Kind; 17] = [
    Kind::Clock,
    Kind::UserDraft,
    Kind::UserSend,
    Kind::Ping,
    Kind::Step,
    Kind::Out,
    Kind::Store,
    Kind::FailRead,
    Kind::FailItem,
    Kind::FailWrite,
    Kind::CrashServer,
    Kind::LoseState,
    Kind::Estimate,
    Kind::BoxDated,
    Kind::BoxUnsendable,
    Kind::BoxWipe,
    Kind::Odd,
];

/// Of this many schedules one waits in Ping at its end.
const PING_EVERY: u64 = 12;

/// Runs schedules on a server.
pub(crate) struct Live<'t> {
    pub(crate) target: &'t Target,
    /// Devices wait in Ping at the end.
    pub(crate) pings: bool,
    /// The cause that a replay has to show; any of the class when there is none.
    pub(crate) cause: Option<String>,
}

/// A schedule of a seed.
pub(crate) struct Drawn {
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// Whether its devices waited in Ping at the end.
    pub(crate) pings: bool,
}

impl<'t> Live<'t> {
    /// Runs schedules without Ping.
    pub(crate) fn new(target: &'t Target) -> Self {
        Self { target, pings: false, cause: None }
    }

    /// Runs the schedule of a seed and a number.
    pub(crate) fn drawn(&self, seed: u64, number: u64) -> Result<Drawn, LiveError> {
        let mut choice = Seeded::new(seed, number);
        let setup = draw_setup(&self.target.versions()?, &mut choice);
        let profile = match number % 4 {
            3 => Profile::uniform(&mut choice),
            _ => Profile::swarm(&mut choice),
        };
        let profile = profile.without(&NOT_HERE).steps(30 + choice.below(40));
        let pings = number % PING_EVERY == PING_EVERY - 1;
        let run = |world: &mut LiveWorld<'_>| play(world, &profile, &mut choice, LiveWorld::apply);
        Ok(Drawn { outcome: self.run(&setup, pings, run)?, pings })
    }

    fn run(
        &self,
        setup: &Setup,
        pings: bool,
        play: impl FnOnce(&mut LiveWorld<'_>) -> Result<Vec<Action>, LiveError>,
    ) -> Result<Outcome, LiveError> {
        let mut world = LiveWorld::new(self.target, setup, pings)?;
        let outcome = judge(&mut world, play);
        let cleaned = world.clean_up();
        let outcome = outcome?;
        cleaned?;
        Ok(outcome)
    }
}

impl Runner for Live<'_> {
    type Error = LiveError;

    fn run(&mut self, setup: &Setup, actions: &[Action]) -> Result<Outcome, LiveError> {
        let replay = |world: &mut LiveWorld<'_>| {
            let mut done = Vec::new();
            for action in actions {
                if world.apply(action)? {
                    done.push(action.clone());
                }
            }
            Ok(done)
        };
        match Live::run(self, setup, self.pings, replay) {
            Err(error) if error.is_passing() => {
                self.target.wait_until_well()?;
                Live::run(self, setup, self.pings, replay)
            }
            outcome => outcome,
        }
    }

    fn same(&self, class: Class, outcome: &Outcome) -> bool {
        outcome.verdict.findings.iter().any(|finding| {
            finding.class == class
                && self.cause.as_ref().is_none_or(|cause| finding.cause == *cause)
        })
    }
}

fn judge(
    world: &mut LiveWorld<'_>,
    play: impl FnOnce(&mut LiveWorld<'_>) -> Result<Vec<Action>, LiveError>,
) -> Result<Outcome, LiveError> {
    let actions = play(world)?;
    let rest = world.history.events.len();
    let tally = world.tally;
    let (own_loop, truth) = world.rest()?;
    let verdict = check(&world.history, &own_loop, &truth, &Rules::lenient());
    Ok(Outcome {
        setup: world.setup.clone(),
        hash: hash(&world.setup, &actions),
        actions,
        verdict,
        tally,
        history: std::mem::take(&mut world.history),
        baseline: world.baseline,
        rest,
    })
}

/// One, two or three devices, one to three folders, the versions that both sides speak.
fn draw_setup(versions: &[ProtocolVersion], choice: &mut impl Choice) -> Setup {
    Setup {
        devices: [1, 1, 2, 2, 3][choice.below(5) as usize],
        version: choice.pick(versions).copied().unwrap_or(ProtocolVersion::V14_1),
        rekey: u8::try_from(choice.below(4)).unwrap_or(0),
        base64: choice.percent(50),
        folders: u8::try_from(1 + choice.below(3)).unwrap_or(1),
        mails: [0, 2, 4][choice.below(3) as usize],
        explicit: choice.percent(75),
        ..Setup::default()
    }
}

/// What a trace is called: a real server never runs twice the same, so only what was asked for counts.
fn hash(setup: &Setup, actions: &[Action]) -> u64 {
    let text = format!("{setup}\n{}", activesync_simulator::lines(actions));
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
