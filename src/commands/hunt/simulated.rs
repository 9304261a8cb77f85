//! The hunt on the embedded server: many schedules, all cores, the lowest failing number wins.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use activesync_checker::{Class, Rules};
use activesync_simulator::{
    Baselines, Outcome as Run, Setup, Shrunk, UnknownBug, Virtual, World, run_seeded, shrink,
};
use indicatif::{ProgressBar, ProgressStyle};

use super::looked_at::LookedAt;
use super::{Args, findings};
use crate::cli::{Failure, Outcome};
use crate::output::Terminal;

/// Schedules taken at a time by a thread.
const CHUNK: u64 = 32;

pub(super) fn hunt(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let rules = Rules { strict: true, black_box: args.black_box };
    if let Some(bug) = &args.bug {
        // A name that is not in the table is told before anything is started.
        let setup = Setup { bug: Some(bug.clone()), ..Setup::default() };
        World::new(&setup).map_err(|e| Failure::new(e.to_string()))?;
    }
    let started = Instant::now();
    let (found, looked_at) = search(args, rules)?;
    let seconds = started.elapsed().as_secs_f64();
    match found {
        None => {
            report_clean(args, &looked_at, seconds, terminal)
        }
        Some((number, run)) => {
            let shrink = args.shrink.unwrap_or(SHRINK);
            let (number, shrunk) = shortest(args.seed, args.bug.as_deref(), shrink, rules, number, run)?;
            findings::report(args, rules, number, shrunk, seconds, terminal)
        }
    }
}

/// Replays that shrinking may take.
const SHRINK: u32 = 4_000;

/// What it took to find a defect, on one core.
pub struct Measured {
    /// Schedules run.
    pub schedules: u64,
    /// Seconds for all of it, shrinking included.
    pub seconds: f64,
    /// The harm and the length of the shortest trace; `None` when it was not found.
    pub found: Option<(Class, usize)>,
}

/// Hunts a planted defect on one core until it is found or the time is over.
pub fn measure(bug: &str, black_box: bool, seed: u64, limit: Duration) -> Result<Measured, Failure> {
    let rules = Rules { strict: true, black_box };
    let (started, mut baselines, mut failed) = (Instant::now(), Baselines::default(), Failed::default());
    let mut number = 0;
    while number <= failed.bound() && started.elapsed() < limit {
        let run = run_seeded(seed, number, Some(bug), &rules, &mut baselines)
            .map_err(|error| Failure::new(error.to_string()))?;
        if !run.verdict.findings.is_empty() {
            failed.keep(number, run);
        }
        number += 1;
    }
    let found = match failed.choose() {
        None => None,
        Some((first, run)) => {
            let (_, shrunk) = shortest(seed, Some(bug), SHRINK, rules, first, run)?;
            Some((shrunk.finding.class, length(&shrunk)))
        }
    };
    Ok(Measured { schedules: number, seconds: started.elapsed().as_secs_f64(), found })
}

/// A trace this short needs no rival.
const SHORT: usize = 4;
/// Schedules after the first that failed in which rivals are looked for, and how many.
const RIVALS_WITHIN: u64 = 400;
const RIVALS_MAX: usize = 5;

/// Shrinks the schedule that failed; where little comes of it, also the next ones that failed with the same harm, since one
/// detour cannot always be shrunk away. The shortest trace is told.
fn shortest(
    seed: u64,
    bug: Option<&str>,
    replays: u32,
    rules: Rules,
    number: u64,
    run: Run,
) -> Result<(u64, Shrunk), Failure> {
    let class = run.verdict.findings[0].class;
    let mut baselines = Baselines::default();
    let told = |error: UnknownBug| Failure::new(error.to_string());
    let shrink_one = |run: Run, baselines: &mut Baselines| {
        let mut runner = Virtual { rules, baselines };
        shrink(run, class, &mut runner, replays).map_err(told)
    };
    let first = shrink_one(run, &mut baselines)?.ok_or_else(|| {
        Failure::new(format!(
            "schedule {number} of seed {seed} failed, but not when it was replayed"
        ))
    })?;
    let (mut best, mut rivals) = ((number, first), 0);
    for next in number + 1..=number + RIVALS_WITHIN {
        if length(&best.1) <= SHORT || rivals == RIVALS_MAX {
            break;
        }
        let run = run_seeded(seed, next, bug, &rules, &mut baselines).map_err(told)?;
        if run.verdict.findings.first().is_none_or(|finding| finding.class != class) {
            continue;
        }
        rivals += 1;
        if let Some(rival) = shrink_one(run, &mut baselines)?
            && length(&rival) < length(&best.1)
        {
            best = (next, rival);
        }
    }
    Ok(best)
}

fn length(shrunk: &Shrunk) -> usize {
    shrunk.outcome.actions.iter().filter(|action| action.counts()).count()
}

/// What the threads share.
struct Shared<'a> {
    args: &'a Args,
    rules: Rules,
    next: AtomicU64,
    /// Schedules above this need not be looked at.
    bound: AtomicU64,
    /// The lowest schedule in which the simulator itself broke.
    broken: AtomicU64,
    failed: Mutex<Failed>,
    bar: ProgressBar,
}

type Found = Option<(u64, Run)>;

/// The lowest schedules that failed.
#[derive(Default)]
struct Failed {
    /// With a harm that a user sees.
    harm: Found,
    /// With nothing but a belief that was wrong.
    claim: Found,
}

/// How many schedules after a wrong belief are looked at for the harm that it does: a maintainer believes that at once.
const PATIENCE: u64 = 4096;

impl Failed {
    fn keep(&mut self, number: u64, run: Run) {
        let harmless = run.verdict.findings.iter().all(|f| f.class == Class::BrokenClaim);
        let slot = if harmless { &mut self.claim } else { &mut self.harm };
        if slot.as_ref().is_none_or(|(other, _)| number < *other) {
            *slot = Some((number, run));
        }
    }

    /// Every schedule up to here is looked at, whatever the threads do, so that the choice below does not depend on them.
    fn bound(&self) -> u64 {
        let claim = self.claim.as_ref().map_or(u64::MAX, |(number, _)| number + PATIENCE);
        self.harm.as_ref().map_or(claim, |(number, _)| claim.min(*number))
    }

    fn choose(self) -> Found {
        let bound = self.bound();
        self.harm.filter(|(number, _)| *number <= bound).or(self.claim)
    }
}

fn search(args: &Args, rules: Rules) -> Result<(Found, LookedAt), Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or(cores).clamp(1, 256);
    let shared = Shared {
        args,
        rules,
        next: AtomicU64::new(0),
        bound: AtomicU64::new(u64::MAX),
        broken: AtomicU64::new(u64::MAX),
        failed: Mutex::default(),
        bar: bar(args.simulated_schedules()),
    };
    let done = AtomicBool::new(false);
    let looked_at = std::thread::scope(|scope| {
        let ticker = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                shared.bar.set_position(shared.next.load(Ordering::Relaxed).min(args.simulated_schedules()));
                std::thread::park_timeout(Duration::from_millis(200));
            }
        });
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&shared))).collect();
        let mut total = LookedAt::default();
        for worker in workers {
            match worker.join() {
                Ok(part) => total.merge(&part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done.store(true, Ordering::Relaxed);
        ticker.thread().unpark();
        total
    });
    shared.bar.finish_and_clear();
    let broken = shared.broken.into_inner();
    if broken < u64::MAX {
        return Err(Failure::new(format!(
            "schedule {broken} of seed {}: the simulator itself broke there, which says nothing about a server; please report it",
            args.seed
        )));
    }
    let found = shared.failed.into_inner().map_err(|_| Failure::new("a thread died"))?;
    Ok((found.choose(), looked_at))
}

fn work(shared: &Shared<'_>) -> LookedAt {
    let mut baselines = Baselines::default();
    let mut looked_at = LookedAt::default();
    loop {
        let first = shared.next.fetch_add(CHUNK, Ordering::Relaxed);
        if first >= shared.args.simulated_schedules() || first > shared.bound.load(Ordering::Relaxed) {
            return looked_at;
        }
        for number in first..(first + CHUNK).min(shared.args.simulated_schedules()) {
            if number > shared.bound.load(Ordering::Relaxed) {
                return looked_at;
            }
            let bug = shared.args.bug.as_deref();
            let seed = shared.args.seed;
            let run = || run_seeded(seed, number, bug, &shared.rules, &mut baselines);
            let Ok(run) = catch_unwind(AssertUnwindSafe(run)) else {
                shared.broken.fetch_min(number, Ordering::Relaxed);
                shared.bound.fetch_min(number, Ordering::Relaxed);
                return looked_at;
            };
            // The name was tried before the threads were started.
            let Ok(run) = run else { return looked_at };
            looked_at.add(&run);
            if !run.verdict.findings.is_empty() {
                keep(shared, number, run);
            }
        }
    }
}

fn keep(shared: &Shared<'_>, number: u64, run: Run) {
    let Ok(mut failed) = shared.failed.lock() else { return };
    failed.keep(number, run);
    shared.bound.store(failed.bound(), Ordering::Relaxed);
}

fn bar(schedules: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{bar:30} {human_pos} of {human_len} schedules, {per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(schedules);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn report_clean(
    args: &Args,
    looked_at: &LookedAt,
    seconds: f64,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let missing = looked_at.missing();
    if args.json {
        let json = serde_json::json!({
            "verdict": if missing.is_empty() { "clean" } else { "looked at too little" },
            "seed": args.seed,
            "schedules": looked_at.schedules,
            "seconds": seconds,
            "looked_at": looked_at.json(),
            "missing": missing,
            "finding": null,
        });
        terminal.println(&json.to_string());
    } else {
        let with = args.bug.as_ref().map_or(String::new(), |bug| format!(" with {bug} planted"));
        terminal.println(&format!(
            "no mail lost in {} schedules{with} (seed {}, {seconds:.1} s)\n",
            super::looked_at::thousands(looked_at.schedules),
            args.seed
        ));
        terminal.print(&looked_at.text());
        terminal.println(&format!(
            "\nNext: --seed {} for other schedules, --schedules N for more, --bug NAME to see what a finding looks like,\n\
             --url URL for a real server.",
            args.seed + 1
        ));
    }
    // A run that is large enough to reach everything and did not has looked at less than it says.
    if !missing.is_empty() && looked_at.schedules >= super::looked_at::ENOUGH {
        return Err(Failure::new(format!("never reached: {}", missing.join(", "))));
    }
    Ok(Outcome::Clean)
}
