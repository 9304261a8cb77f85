//! The hunt on a real server: one schedule after the other; each cause that is found is confirmed, shrunk, written down and
//! set aside, so that it does not hide the next.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use activesync_checker::{Class, Finding};
use activesync_simulator::{Outcome as Run, Runner as _, Shrunk, Trace, shrink};
use indicatif::{ProgressBar, ProgressStyle};

use super::Args;
use super::looked_at::{LookedAt, thousands};
use crate::cli::{Failure, Outcome};
use crate::live::world::runner::{Drawn, Live};
use crate::live::world::target::{LiveError, Place, Target};
use crate::output::{Style, Terminal};
use crate::report::lanes;

/// How long a hunt goes on when neither time nor schedules are given.
const TIME: Duration = Duration::from_mins(10);

/// Replays of a schedule, at least one of which has to show the same again.
const CONFIRM: u32 = 5;

/// Replays of a shrunk trace that make its rate.
const RATE: u32 = 10;

/// Replays that shrinking may take when the user does not say.
const SHRINK: u32 = 60;

/// How long shrinking one cause may take: the hunt is for all of them.
const SHRINK_TIME: Duration = Duration::from_mins(3);

/// Schedules in a row that say nothing about the server, after which something else is wrong.
const INCONCLUSIVE_MAX: u32 = 3;

/// What is found, by cause.
enum Case {
    /// Seen again.
    Confirmed(Box<Confirmed>),
    /// Seen once.
    Once(Finding),
}

struct Confirmed {
    shrunk: Shrunk,
    trace: Trace,
    file: String,
    command: String,
    /// How often the trace showed it, in how many replays.
    rate: (u32, u32),
    first_schedule: u64,
}

struct Hunt<'a> {
    args: &'a Args,
    target: &'a Target,
    deadline: Instant,
    /// The causes, with the schedules that showed them.
    cases: BTreeMap<String, (u64, Case)>,
    looked_at: LookedAt,
    schedules_with_findings: u64,
    inconclusive: BTreeMap<String, u64>,
    interrupted: bool,
}

pub(super) fn hunt(args: &Args, place: Place, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    if args.bug.is_some() {
        return Err(Failure::new(
            "--bug plants a defect in the embedded server; with --url give it to `lostmail serve`",
        ));
    }
    let started = Instant::now();
    let target = Target::reach(place).map_err(|error| failure(&error))?;
    terminal.note_to_user(&format!("hunting on {}", target.banner()));
    let time = args.time.or(args.schedules.is_none().then_some(TIME));
    let mut hunt = Hunt {
        args,
        target: &target,
        deadline: started + time.unwrap_or(Duration::from_secs(u64::from(u32::MAX))),
        cases: BTreeMap::new(),
        looked_at: LookedAt::default(),
        schedules_with_findings: 0,
        inconclusive: BTreeMap::new(),
        interrupted: false,
    };
    let bar = bar(args.schedules, time);
    let searched = hunt.search(&bar, terminal);
    bar.finish_and_clear();
    searched?;
    let seconds = started.elapsed().as_secs_f64();
    if args.json {
        hunt.report_json(seconds, terminal);
    } else {
        hunt.report(seconds, terminal);
    }
    let confirmed = hunt.cases.values().any(|(_, case)| matches!(case, Case::Confirmed(_)));
    Ok(match (confirmed, hunt.interrupted) {
        (true, _) => Outcome::Found,
        (false, true) => Outcome::CouldNotRun,
        (false, false) => Outcome::Clean,
    })
}

impl Hunt<'_> {
    fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn search(&mut self, bar: &ProgressBar, terminal: &mut Terminal) -> Result<(), Failure> {
        let live = Live::new(self.target);
        let mut in_a_row = 0;
        for number in 0..self.args.schedules.unwrap_or(u64::MAX) {
            if self.is_over() {
                break;
            }
            bar.set_position(number);
            bar.set_message(self.summary());
            match live.drawn(self.args.seed, number) {
                Ok(drawn) => {
                    in_a_row = 0;
                    self.looked_at.add(&drawn.outcome);
                    match self.look_at(number, drawn, terminal) {
                        Ok(()) => {}
                        Err(LiveError::Interrupted) => self.interrupted = true,
                        Err(error) if error.is_passing() => self.note_inconclusive(&error)?,
                        Err(error) => return Err(failure(&error)),
                    }
                }
                Err(LiveError::Interrupted) => self.interrupted = true,
                Err(error) if error.is_passing() => {
                    in_a_row += 1;
                    // The first baseline tells whether a hunt is possible at all.
                    let hopeless = number == 0 && matches!(error, LiveError::Baseline(_));
                    if hopeless || in_a_row >= INCONCLUSIVE_MAX {
                        return Err(failure(&error));
                    }
                    self.note_inconclusive(&error)?;
                }
                Err(error) => return Err(failure(&error)),
            }
            if self.interrupted {
                break;
            }
        }
        Ok(())
    }

    /// Goes on when the server does.
    fn note_inconclusive(&mut self, why: &LiveError) -> Result<(), Failure> {
        *self.inconclusive.entry(why.to_string()).or_default() += 1;
        match self.target.wait_until_well() {
            Err(LiveError::Interrupted) => self.interrupted = true,
            Err(error) => return Err(failure(&error)),
            Ok(()) => {}
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let confirmed =
            self.cases.values().filter(|(_, c)| matches!(c, Case::Confirmed(_))).count();
        match confirmed {
            0 => String::new(),
            1 => ", 1 cause found".into(),
            n => format!(", {n} causes found"),
        }
    }

    /// What a schedule has shown: known causes are counted, the gravest new one is followed up.
    fn look_at(
        &mut self,
        number: u64,
        drawn: Drawn,
        terminal: &mut Terminal,
    ) -> Result<(), LiveError> {
        let findings = &drawn.outcome.verdict.findings;
        self.schedules_with_findings += u64::from(!findings.is_empty());
        let mut fresh = None;
        let mut counted = std::collections::BTreeSet::new();
        for finding in findings {
            if !counted.insert(&finding.cause) {
                continue;
            }
            match self.cases.get_mut(&finding.cause) {
                Some((count, _)) => *count += 1,
                None => fresh = fresh.or(Some(finding.clone())),
            }
        }
        let Some(finding) = fresh else { return Ok(()) };
        let cause = finding.cause.clone();
        terminal.note_to_user(&format!(
            "schedule {number}, {}: {} Running it again.",
            finding.class, finding.sentence
        ));
        let case = self.follow(number, drawn, finding)?;
        match &case {
            Case::Confirmed(case) => {
                let (seen, of) = case.rate;
                terminal.note_to_user(&format!("seen again {seen} of {of} times: {}", case.file));
            }
            Case::Once(_) => terminal.note_to_user(&"not seen again"),
        }
        self.cases.insert(cause, (1, case));
        Ok(())
    }

    fn follow(&self, number: u64, drawn: Drawn, finding: Finding) -> Result<Case, LiveError> {
        let Drawn { outcome, pings } = drawn;
        let mut live = Live::new(self.target);
        live.cause = Some(finding.cause.clone());
        let class = finding.class;
        // Waiting in Ping costs a heartbeat each time: without it first.
        let mut again = replays(&mut live, class, &outcome, CONFIRM)?;
        if again.is_none() && pings {
            live.pings = true;
            again = replays(&mut live, class, &outcome, CONFIRM)?;
        }
        let Some((again, took)) = again else { return Ok(Case::Once(finding)) };
        let budget = self.args.shrink.unwrap_or_else(|| affordable(took));
        // What does not show every time may not show when it is to be shrunk: then the schedule as it was has to do.
        let shrunk = shrink(again, class, &mut live, budget)?;
        let shrunk = shrunk.unwrap_or(Shrunk { outcome, finding, replays: budget });
        let rate = rate(&mut live, class, &shrunk.outcome)?;
        if rate.0 == 0 {
            return Ok(Case::Once(shrunk.finding));
        }
        let pings = live.pings;
        Ok(Case::Confirmed(Box::new(self.write_down(number, shrunk, rate, pings)?)))
    }

    fn write_down(
        &self,
        number: u64,
        shrunk: Shrunk,
        rate: (u32, u32),
        pings: bool,
    ) -> Result<Confirmed, LiveError> {
        let Shrunk { outcome, finding, .. } = &shrunk;
        let trace = Trace {
            comments: vec![
                finding.sentence.clone(),
                format!("on {}", self.target.banner()),
                format!("seen {} of {} times when replayed", rate.0, rate.1),
                format!("found by seed {}, schedule {number}", self.args.seed),
            ],
            setup: outcome.setup.clone(),
            actions: outcome.actions.clone(),
            expect: Some(finding.class.to_string()),
            hash: None,
        };
        let slug = finding.class.to_string().replace(' ', "-");
        let name = format!("live-{slug}-{:08x}.trace", outcome.hash & 0xffff_ffff);
        let path = self.args.out.join(name);
        fs::create_dir_all(&self.args.out).and_then(|()| fs::write(&path, trace.to_string()))?;
        let file = path.display().to_string();
        let wait = if pings { " --wait" } else { "" };
        let command = format!("lostmail replay{}{wait} {file}", self.args.on.words());
        Ok(Confirmed { shrunk, trace, file, command, rate, first_schedule: number })
    }

    fn report(&self, seconds: f64, terminal: &mut Terminal) {
        let colour = terminal.colour();
        let schedules = thousands(self.looked_at.schedules);
        let seed = self.args.seed;
        let ended = if self.interrupted { ", interrupted" } else { "" };
        let mut causes = 0;
        for (count, case) in self.cases.values() {
            let Case::Confirmed(case) = case else { continue };
            causes += 1;
            let Confirmed { shrunk, trace, rate, .. } = &**case;
            let finding = &shrunk.finding;
            let class = Style::Error.paint(&finding.class.to_string(), colour);
            terminal.println(&format!("{class}: {}\n", finding.sentence));
            let run = &shrunk.outcome;
            terminal.print(&lanes(&run.history, run.baseline, run.rest, finding.began_at));
            terminal.println(&format!(
                "\nseen {} of {} times when replayed; its cause ({}) in {count} schedules, first in {}. Trace of length {}:\n",
                rate.0, rate.1, finding.cause, case.first_schedule, trace.len()
            ));
            terminal.print(&trace.to_string());
            terminal.println(&format!("\nReplay it with:\n  {}\n", case.command));
        }
        let verdict = match causes {
            0 => "no mail lost".to_owned(),
            1 => "1 cause found".to_owned(),
            n => format!("{n} causes found"),
        };
        terminal.println(&format!(
            "{verdict} in {schedules} schedules on {} (seed {seed}, {seconds:.0} s{ended})\n",
            self.target.banner()
        ));
        for (count, case) in self.cases.values() {
            match case {
                Case::Confirmed(case) => terminal.println(&format!(
                    "  {} of {}  {:>4} schedules  {}  {}",
                    case.rate.0, case.rate.1, count, case.file, case.shrunk.finding.cause
                )),
                Case::Once(finding) => terminal.println(&format!(
                    "  seen {count} times, not when replayed: {}: {}",
                    finding.class, finding.sentence
                )),
            }
        }
        for (why, count) in &self.inconclusive {
            terminal.println(&format!("  {count} schedules say nothing about the server: {why}"));
        }
        terminal.println("");
        terminal.print(&self.looked_at.text());
        terminal.println(&format!(
            "\nNext: --seed {} for other schedules, --time 1h for more.",
            seed + 1
        ));
    }

    fn report_json(&self, seconds: f64, terminal: &mut Terminal) {
        let mut findings = Vec::new();
        let mut once = Vec::new();
        for (cause, (count, case)) in &self.cases {
            match case {
                Case::Confirmed(case) => {
                    let finding = &case.shrunk.finding;
                    findings.push(serde_json::json!({
                        "class": finding.class.to_string(),
                        "sentence": finding.sentence,
                        "cause": cause,
                        "schedules": count,
                        "seen": case.rate.0,
                        "replayed": case.rate.1,
                        "trace": case.trace.to_string(),
                        "trace_file": case.file,
                        "length": case.trace.len(),
                        "replay": case.command,
                    }));
                }
                Case::Once(finding) => once.push(serde_json::json!({
                    "class": finding.class.to_string(),
                    "sentence": finding.sentence,
                    "cause": cause,
                    "schedules": count,
                })),
            }
        }
        let verdict = match (findings.is_empty(), self.interrupted) {
            (false, _) => "found",
            (true, true) => "interrupted",
            (true, false) => "clean",
        };
        let json = serde_json::json!({
            "verdict": verdict,
            "server": self.target.banner(),
            "seed": self.args.seed,
            "schedules": self.looked_at.schedules,
            "schedules_with_findings": self.schedules_with_findings,
            "seconds": seconds,
            "looked_at": self.looked_at.json(),
            "inconclusive": self.inconclusive,
            "findings": findings,
            "not_seen_again": once,
        });
        terminal.println(&json.to_string());
    }
}

/// Replays until it shows, up to a number of times; with how long that replay took.
fn replays(
    live: &mut Live<'_>,
    class: Class,
    run: &Run,
    times: u32,
) -> Result<Option<(Run, Duration)>, LiveError> {
    for _ in 0..times {
        let started = Instant::now();
        let again = live.run(&run.setup, &run.actions)?;
        if live.same(class, &again) {
            return Ok(Some((again, started.elapsed())));
        }
    }
    Ok(None)
}

/// Replays that shrinking may take when one takes so long.
fn affordable(one: Duration) -> u32 {
    let replays = SHRINK_TIME.as_millis() / one.as_millis().max(1);
    u32::try_from(replays).map_or(SHRINK, |replays| replays.clamp(5, SHRINK))
}

fn rate(live: &mut Live<'_>, class: Class, run: &Run) -> Result<(u32, u32), LiveError> {
    let of = if live.pings { RATE / 3 } else { RATE };
    let mut seen = 0;
    for _ in 0..of {
        let again = live.run(&run.setup, &run.actions)?;
        seen += u32::from(live.same(class, &again));
    }
    Ok((seen, of))
}

fn bar(schedules: Option<u64>, time: Option<Duration>) -> ProgressBar {
    let of = match (schedules, time) {
        (Some(n), _) => format!(" of {n}"),
        (None, Some(time)) => format!(" in {{elapsed}} of {} min", time.as_secs().div_ceil(60)),
        (None, None) => String::new(),
    };
    let bar = ProgressBar::new(schedules.unwrap_or(u64::MAX));
    if let Ok(style) =
        ProgressStyle::with_template(&format!("{{spinner}} schedule {{human_pos}}{of}{{msg}}"))
    {
        bar.set_style(style);
    }
    bar
}

fn failure(error: &LiveError) -> Failure {
    Failure::new(error.to_string())
}
