//! Shrinking: from the schedule that failed to the few steps that matter.

use activesync_checker::{Class, Finding};

use crate::schedule::Outcome;
use crate::{Action, CallKind, MailboxAction, Setup, SyncAction, Trouble};

/// Runs actions again: the virtual world does it at once, the real one over the wire.
pub trait Runner {
    /// Why a run could not be made at all.
    type Error;

    /// Runs actions from a setup; those that cannot happen are left out of the outcome.
    fn run(&mut self, setup: &Setup, actions: &[Action]) -> Result<Outcome, Self::Error>;

    /// Whether two runs with the same harm show the same failure.
    fn same(&self, class: Class, outcome: &Outcome) -> bool {
        outcome.verdict.findings.iter().any(|finding| finding.class == class)
    }
}

/// A failure made small.
pub struct Shrunk {
    /// The run that still fails, with all its findings.
    pub outcome: Outcome,
    /// The finding kept.
    pub finding: Finding,
    /// Replays that it took.
    pub replays: u32,
}

/// Makes a failure smaller while a finding of the same class remains, within a number of replays.
pub fn shrink<R: Runner>(
    outcome: Outcome,
    class: Class,
    runner: &mut R,
    replays_max: u32,
) -> Result<Option<Shrunk>, R::Error> {
    let mut search = Search { class, runner, replays: 0, replays_max, best: outcome };
    // Start from what a replay shows, so that what is kept is what will be seen again.
    let (setup, actions) = (search.best.setup.clone(), search.best.actions.clone());
    if !search.attempt(&setup, &actions)? {
        return Ok(None);
    }
    loop {
        let before = size(&search.best.setup, &search.best.actions);
        search.drop_actions()?;
        search.simplify_setup()?;
        search.simplify_actions()?;
        search.drop_pairs()?;
        if size(&search.best.setup, &search.best.actions) >= before || search.is_spent() {
            break;
        }
    }
    let findings = &search.best.verdict.findings;
    let Some(finding) = findings.iter().find(|finding| finding.class == class).cloned() else {
        return Ok(None);
    };
    Ok(Some(Shrunk { finding, replays: search.replays, outcome: search.best }))
}

struct Search<'a, R> {
    class: Class,
    runner: &'a mut R,
    replays: u32,
    replays_max: u32,
    best: Outcome,
}

/// What is made smaller: first what counts, then lines, then the words on them and the world's size.
fn size(setup: &Setup, actions: &[Action]) -> (usize, usize, usize) {
    let counted = actions.iter().filter(|action| action.counts()).count();
    let words: usize = actions.iter().map(|action| action.to_string().len()).sum();
    let habits = [setup.redo, setup.push != 0, setup.tree != 0, setup.reuse, setup.window != 0];
    let habits = habits.into_iter().filter(|habit| *habit).count();
    let world = usize::from(setup.devices) * 8
        + usize::from(setup.folders) * 4
        + usize::from(setup.mails) * 2
        + usize::from(setup.base64)
        + habits;
    (counted, actions.len(), words + world)
}

impl<R: Runner> Search<'_, R> {
    fn is_spent(&self) -> bool {
        self.replays >= self.replays_max
    }

    /// Replays; keeps it as the best when it shows the same class and is not larger.
    fn attempt(&mut self, setup: &Setup, actions: &[Action]) -> Result<bool, R::Error> {
        if self.is_spent() && self.replays > 0 {
            return Ok(false);
        }
        self.replays += 1;
        let outcome = self.runner.run(setup, actions)?;
        let same = self.runner.same(self.class, &outcome);
        let smaller =
            size(&outcome.setup, &outcome.actions) <= size(&self.best.setup, &self.best.actions);
        if same && smaller {
            self.best = outcome;
        }
        Ok(same && smaller)
    }

    /// Takes runs of actions out, long ones first.
    fn drop_actions(&mut self) -> Result<(), R::Error> {
        let mut chunk = self.best.actions.len().div_ceil(2).max(1);
        loop {
            let mut at = 0;
            while at < self.best.actions.len() {
                let mut fewer = self.best.actions.clone();
                fewer.drain(at..(at + chunk).min(fewer.len()));
                let setup = self.best.setup.clone();
                // With less to do, the server comes to the same point in fewer stages.
                let sooner = sooner(&fewer);
                let mut dropped = self.attempt(&setup, &fewer)?;
                if let (false, Some(sooner)) = (dropped, sooner) {
                    dropped = self.attempt(&setup, &sooner)?;
                }
                if !dropped {
                    at += chunk;
                }
                if self.is_spent() {
                    return Ok(());
                }
            }
            if chunk == 1 {
                return Ok(());
            }
            chunk = chunk.div_ceil(2);
        }
    }

    /// Takes pairs out that only go together: an operation and the one that undid it, a call and its fate.
    fn drop_pairs(&mut self) -> Result<(), R::Error> {
        let mut first = 0;
        while first < self.best.actions.len() {
            let mut second = first + 1;
            let mut dropped = false;
            while second < self.best.actions.len() {
                let mut fewer = self.best.actions.clone();
                fewer.remove(second);
                fewer.remove(first);
                let setup = self.best.setup.clone();
                if self.attempt(&setup, &fewer)? {
                    dropped = true;
                    break;
                }
                if self.is_spent() {
                    return Ok(());
                }
                second += 1;
            }
            if !dropped {
                first += 1;
            }
        }
        Ok(())
    }

    fn simplify_setup(&mut self) -> Result<(), R::Error> {
        let plainer: [fn(&mut Setup); 11] = [
            |setup| setup.redo = false,
            |setup| setup.push = 0,
            |setup| setup.tree = 0,
            |setup| setup.reuse = false,
            |setup| setup.window = 0,
            |setup| setup.devices = 1,
            |setup| setup.devices = setup.devices.saturating_sub(1).max(1),
            |setup| setup.folders = 0,
            |setup| setup.mails = 0,
            |setup| setup.mails = setup.mails.saturating_sub(1),
            |setup| setup.base64 = false,
        ];
        for change in plainer {
            let mut setup = self.best.setup.clone();
            change(&mut setup);
            if setup != self.best.setup {
                let actions = self.best.actions.clone();
                self.attempt(&setup, &actions)?;
            }
        }
        Ok(())
    }

    /// Says the same in plainer words: a call that goes through at once, a Sync without choices.
    fn simplify_actions(&mut self) -> Result<(), R::Error> {
        let mut at = 0;
        while at < self.best.actions.len() && !self.is_spent() {
            for plain in plainer(&self.best.actions[at]) {
                let mut actions = self.best.actions.clone();
                actions[at] = plain;
                let setup = self.best.setup.clone();
                if self.attempt(&setup, &actions)? {
                    break;
                }
            }
            at += 1;
        }
        Ok(())
    }
}

/// The same actions with each death of the server one stage earlier; `None` when none is left that could be.
fn sooner(actions: &[Action]) -> Option<Vec<Action>> {
    let mut any = false;
    let sooner = actions.iter().map(|action| match action {
        Action::Trouble(Trouble::CrashAfter(call, stages)) if *stages > 1 => {
            any = true;
            Action::Trouble(Trouble::CrashAfter(*call, stages - 1))
        }
        _ => action.clone(),
    });
    let sooner = sooner.collect();
    any.then_some(sooner)
}

fn plainer(action: &Action) -> Vec<Action> {
    match action {
        Action::Call(call, CallKind::Sync(sync)) if *sync != SyncAction::default() => {
            let with = |change: fn(&mut SyncAction)| {
                let mut sync = sync.clone();
                change(&mut sync);
                Action::Call(*call, CallKind::Sync(sync))
            };
            let choices: [fn(&mut SyncAction); 8] = [
                |sync| *sync = SyncAction::default(),
                |sync| sync.folders.clear(),
                |sync| sync.window = None,
                |sync| sync.window_all = None,
                |sync| sync.upload = false,
                |sync| sync.heartbeat = None,
                |sync| sync.partial = false,
                |sync| sync.fetch = None,
            ];
            choices.into_iter().map(with).filter(|plain| plain != action).collect()
        }
        Action::Mailbox(MailboxAction::DeliverDated(mail, folder, _)) => {
            vec![Action::Mailbox(MailboxAction::Deliver(*mail, folder.clone(), 0))]
        }
        Action::Mailbox(MailboxAction::CreateBelow(folder, _)) => {
            vec![Action::Mailbox(MailboxAction::CreateFolder(folder.clone()))]
        }
        Action::Trouble(Trouble::CrashAfter(call, stages)) if *stages > 1 => {
            vec![Action::Trouble(Trouble::CrashAfter(*call, stages - 1))]
        }
        Action::In(call) | Action::Step(call) => vec![Action::Go(*call), Action::Home(*call)],
        Action::Home(call) | Action::Out(call) | Action::Store(call) => vec![Action::Go(*call)],
        _ => Vec::new(),
    }
}
