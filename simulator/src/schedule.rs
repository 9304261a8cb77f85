//! Schedules: what a source of choices makes of a world.

use std::collections::BTreeMap;

use activesync::ProtocolVersion;
use activesync::history::{History, MailName};
use activesync_checker::{Rules, Verdict, check};

use crate::draw::draw;
use crate::scene::Scene;
use crate::shrink::Runner;
use crate::world::{Tally, UnknownBug};
use crate::{Action, Choice, Kind, MailboxAction, Seeded, Setup, UserAction, World};

/// How often which kind of action comes up in a schedule, and how long the schedule is.
#[derive(Clone, Debug)]
pub struct Profile {
    weights: Vec<(Kind, u32)>,
    total: u32,
    steps: u32,
}

impl Profile {
    /// Every kind, with its weight in the table.
    pub fn uniform(choice: &mut impl Choice) -> Self {
        Self::of(Kind::ALL.to_vec(), choice)
    }

    /// A random part of the kinds, with random weights: kinds that are left out make room for the others, and rare
    /// combinations become likely (swarm testing).
    pub fn swarm(choice: &mut impl Choice) -> Self {
        let mut weights = Vec::new();
        for (kind, weight) in Kind::ALL {
            if kind.is_vital() || choice.percent(65) {
                weights.push((*kind, 1 + choice.below(weight * 2)));
            }
        }
        Self::of(weights, choice)
    }

    /// Leaves kinds out.
    #[must_use]
    pub fn without(mut self, kinds: &[Kind]) -> Self {
        self.weights.retain(|(kind, _)| !kinds.contains(kind));
        self.total = self.weights.iter().map(|(_, weight)| weight).sum();
        self
    }

    /// Sets the number of draws.
    #[must_use]
    pub fn steps(mut self, steps: u32) -> Self {
        self.steps = steps;
        self
    }

    fn of(weights: Vec<(Kind, u32)>, choice: &mut impl Choice) -> Self {
        let total = weights.iter().map(|(_, weight)| weight).sum();
        Self { weights, total, steps: 40 + choice.below(60) }
    }

    fn kind(&self, choice: &mut impl Choice) -> Kind {
        let mut at = choice.below(self.total);
        for (kind, weight) in &self.weights {
            if at < *weight {
                return *kind;
            }
            at -= weight;
        }
        Kind::Go
    }
}

/// Worlds at their baseline: it is the same for every schedule of a setup, so it is made once.
#[derive(Default)]
pub struct Baselines {
    worlds: BTreeMap<Setup, World>,
}

impl Baselines {
    /// A world at its baseline.
    pub fn get(&mut self, setup: &Setup) -> Result<World, UnknownBug> {
        let core = setup.core();
        let mut world = if let Some(world) = self.worlds.get(&core) {
            world.clone()
        } else {
            let world = World::new(&core)?;
            self.worlds.insert(core, world.clone());
            world
        };
        world.adopt(setup);
        Ok(world)
    }
}

/// A schedule that was run, and what the checker says of it.
pub struct Outcome {
    /// The setup.
    pub setup: Setup,
    /// What happened, in order; replaying it gives the same world.
    pub actions: Vec<Action>,
    /// The verdict.
    pub verdict: Verdict,
    /// Numbers.
    pub tally: Tally,
    /// Hash of the run.
    pub hash: u64,
    /// All that happened.
    pub history: History,
    /// Where in the history the schedule begins, after the baseline.
    pub baseline: usize,
    /// Where in the history it ends, and coming to rest begins.
    pub rest: usize,
}

/// Draws a setup: one, two or three devices, both generations of versions, both schools of moving.
pub fn draw_setup(bug: Option<&str>, choice: &mut impl Choice) -> Setup {
    Setup {
        devices: [1, 2, 2, 3][choice.below(4) as usize],
        version: if choice.percent(60) { ProtocolVersion::V16_1 } else { ProtocolVersion::V14_1 },
        rekey: u8::try_from(choice.below(4)).unwrap_or(0),
        base64: choice.percent(50),
        folders: u8::try_from(1 + choice.below(2)).unwrap_or(1),
        mails: [0, 2, 4][choice.below(3) as usize],
        explicit: false,
        redo: choice.percent(40),
        push: [0, 0, 1, 3][choice.below(4) as usize],
        tree: [0, 3][choice.below(2) as usize],
        reuse: choice.percent(50),
        window: [0, 0, 0, 1, 2, 3][choice.below(6) as usize],
        bug: bug.map(str::to_owned),
    }
}

/// Runs the schedule of a seed and a number: swarm choice in three schedules of four, uniform choice in the fourth.
pub fn run_seeded(
    seed: u64,
    number: u64,
    bug: Option<&str>,
    rules: &Rules,
    baselines: &mut Baselines,
) -> Result<Outcome, UnknownBug> {
    let mut choice = Seeded::new(seed, number);
    run_chosen(bug, rules, baselines, &mut choice, number % 4 != 3)
}

/// Runs a schedule from any source of choices.
pub fn run_chosen(
    bug: Option<&str>,
    rules: &Rules,
    baselines: &mut Baselines,
    choice: &mut impl Choice,
    swarm: bool,
) -> Result<Outcome, UnknownBug> {
    let setup = draw_setup(bug, choice);
    let mut world = baselines.get(&setup)?;
    let profile = if swarm { Profile::swarm(choice) } else { Profile::uniform(choice) };
    let actions = play(&mut world, &profile, choice, |world, action| Ok(world.apply(action)))?;
    Ok(finish(setup, world, actions, *rules))
}

/// Plays a schedule in a world: draws from the menu, applies, until the profile's length is reached or the choices run dry.
/// Returns what happened. An error of `apply` ends it.
pub fn play<S: Scene, E>(
    world: &mut S,
    profile: &Profile,
    choice: &mut impl Choice,
    mut apply: impl FnMut(&mut S, &Action) -> Result<bool, E>,
) -> Result<Vec<Action>, E> {
    let mut actions = Vec::new();
    let mut hot = None;
    for _ in 0..profile.steps {
        if choice.is_dry() {
            break;
        }
        let kind = profile.kind(choice);
        let Some(action) = draw(world, kind, hot, choice) else { continue };
        if apply(world, &action)? {
            hot = mail_of(&action).or(hot);
            actions.push(action);
        }
    }
    Ok(actions)
}

/// Replays actions; those that cannot happen are left out of the outcome.
pub fn run_actions(
    setup: &Setup,
    actions: &[Action],
    rules: &Rules,
    baselines: &mut Baselines,
) -> Result<Outcome, UnknownBug> {
    let mut world = baselines.get(setup)?;
    let done = actions.iter().filter(|action| world.apply(action)).cloned().collect();
    Ok(finish(setup.clone(), world, done, *rules))
}

/// Runs in the virtual world, judged by some rules.
pub struct Virtual<'a> {
    /// The rules.
    pub rules: Rules,
    /// Worlds at their baseline.
    pub baselines: &'a mut Baselines,
}

impl Runner for Virtual<'_> {
    type Error = UnknownBug;

    fn run(&mut self, setup: &Setup, actions: &[Action]) -> Result<Outcome, UnknownBug> {
        run_actions(setup, actions, &self.rules, self.baselines)
    }
}

fn finish(setup: Setup, mut world: World, actions: Vec<Action>, rules: Rules) -> Outcome {
    let rest = world.history().events.len();
    let (own_loop, truth) = world.rest();
    let verdict = check(world.history(), &own_loop, &truth, &rules);
    Outcome {
        setup,
        actions,
        verdict,
        tally: world.tally(),
        hash: world.hash(),
        baseline: world.baseline(),
        rest,
        history: world.into_history(),
    }
}

/// The mail that an action touches.
fn mail_of(action: &Action) -> Option<MailName> {
    match action {
        Action::Mailbox(
            MailboxAction::Deliver(mail, ..)
            | MailboxAction::DeliverDated(mail, ..)
            | MailboxAction::Read(mail, _)
            | MailboxAction::Flag(mail, _)
            | MailboxAction::Move(mail, _),
        )
        | Action::User(
            _,
            UserAction::Read(mail, _)
            | UserAction::Flag(mail, _)
            | UserAction::Delete(mail, _)
            | UserAction::Move(mail, _)
            | UserAction::Draft(mail),
        ) => Some(*mail),
        _ => None,
    }
}
