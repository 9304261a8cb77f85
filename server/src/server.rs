//! The machine: requests in work, advanced one stage at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use activesync::history::{HeldItem, MailName};
use activesync::http::{HttpRequest, HttpResponse, RequestLine};
use activesync::{
    CollectionId, Command, DeviceId, ProtocolError, ProtocolVersion, ServerId, SyncKey, Timestamp,
};

use crate::estimate::EstimateWork;
use crate::hierarchy::HierarchyWork;
use crate::judgement::{Correct, Judgement};
use crate::moves::MovesWork;
use crate::ping::PingWork;
use crate::provision::ProvisionWork;
use crate::sync::SyncWork;
use crate::{Defect, Store, accept};

/// How the server is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Versions offered.
    pub versions: Vec<ProtocolVersion>,
    /// Whether a device has to be provisioned first.
    pub policy: bool,
    /// Sizes that a request may have.
    pub limits: Limits,
    /// The shortest HeartbeatInterval, in seconds.
    pub heartbeat_min: u32,
    /// The longest HeartbeatInterval, in seconds.
    pub heartbeat_max: u32,
    /// How a repeated request is answered.
    pub retry: Retry,
}

/// Sizes that a request may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Commands in a Sync request (MS-ASCMD R5642).
    pub commands: usize,
    /// Collections in a Sync request.
    pub collections: usize,
    /// Moves in a MoveItems request.
    pub moves: usize,
    /// Folders in a Ping request.
    pub ping_folders: usize,
}

/// How a repeated request is answered; both are right (MS-ASCMD R5115 to R5122).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retry {
    /// With the stored answer, if the body is the same and the stored answer is still all there is to say. An older one would
    /// be right as well, but whoever takes it cannot tell that it is old.
    Replay,
    /// With a new answer from the state under the repeated key.
    Redo,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            versions: ProtocolVersion::all().filter(|v| *v >= ProtocolVersion::V12_1).collect(),
            policy: true,
            limits: Limits { commands: 200, collections: 300, moves: 1000, ping_folders: 300 },
            heartbeat_min: 60,
            heartbeat_max: 3540,
            retry: Retry::Replay,
        }
    }
}

/// The reference server. What it holds itself is volatile: the requests in work. What lasts is in the [`Store`].
///
/// A request goes through stages; [`Server::advance`] does exactly one, so that mail can arrive, another request can be
/// advanced, or the process can die between any two of them.
#[derive(Clone, Debug)]
pub struct Server {
    config: Arc<Config>,
    defect: Option<Defect>,
    works: BTreeMap<u32, Work>,
    arrivals: u64,
    latest: BTreeMap<DeviceId, u64>,
    locks: BTreeMap<DeviceId, u32>,
}

/// What the next stage of a request is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Stage {
    /// Request line, policy, body, keys.
    Accept,
    /// One command of the client, committed with the record that it was done.
    Command(usize),
    /// The changes are read, in one view of the mailbox.
    Read,
    /// State and key are committed.
    Persist,
    /// The answer leaves.
    Respond,
    /// Waits for a change or for the end of the interval.
    Wait,
    /// Another request of the device is in work.
    Blocked,
}

/// Something that goes wrong in a stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StageFault {
    /// A read of the store fails.
    ReadFails,
    /// One mail cannot be read.
    ItemUnreadable(MailName),
    /// A write of the store fails; nothing of it is done.
    WriteFails,
}

/// What came of a stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// The stage is done, there are more.
    Done(Stage),
    /// Nothing to say yet: advance again when the store has changed, or at this time.
    Waiting {
        /// End of the interval.
        until: Timestamp,
    },
    /// Another request of this device is in work: advance again later.
    Blocked,
    /// The answer; the request is no longer in work.
    Responded(HttpResponse),
}

/// What the server believes that a device holds under a key it presented.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Belief {
    /// Collection.
    pub collection: CollectionId,
    /// The key presented.
    pub key: SyncKey,
    /// What is believed to be held under it, in order of ids. Items of which the server does not know whether the device
    /// has them (moved there, not yet synchronised) are left out.
    pub items: Arc<[HeldItem]>,
    /// Items among them whose values the server does not rely on: they will be sent whole.
    pub unsure: Arc<[ServerId]>,
}

/// A request in work.
#[derive(Clone, Debug)]
struct Work {
    arrival: u64,
    device: Option<DeviceId>,
    job: Job,
    beliefs: Vec<Belief>,
}

/// How far a request has come.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    Arrived(Box<HttpRequest>, Box<Result<RequestLine, ProtocolError>>),
    Sync(Box<SyncWork>),
    Moves(Box<MovesWork>),
    Hierarchy(Box<HierarchyWork>),
    Ping(Box<PingWork>),
    Estimate(Box<EstimateWork>),
    Provision(Box<ProvisionWork>),
    Respond(HttpResponse),
}

/// What a stage has at hand.
pub(crate) struct Context<'a> {
    pub config: &'a Config,
    pub judge: &'static dyn Judgement,
    pub store: &'a mut Store,
    pub fault: Option<StageFault>,
    pub now: Timestamp,
    /// A newer request of the device has arrived.
    pub superseded: bool,
    pub beliefs: &'a mut Vec<Belief>,
}

impl Context<'_> {
    pub(crate) fn write_fails(&self) -> bool {
        self.fault == Some(StageFault::WriteFails)
    }

    pub(crate) fn read_fails(&self) -> bool {
        self.fault == Some(StageFault::ReadFails)
    }
}

/// What a job does next.
pub(crate) enum Step {
    /// The stage is done; go on with this.
    Next(Job),
    /// Wait until then.
    Wait(Job, Timestamp),
}

impl Server {
    /// A server, correct or with one planted defect.
    pub fn new(config: Config, defect: Option<Defect>) -> Self {
        Self {
            config: Arc::new(config),
            defect,
            works: BTreeMap::new(),
            arrivals: 0,
            latest: BTreeMap::new(),
            locks: BTreeMap::new(),
        }
    }

    /// How it is set up.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How repeated requests are answered from now on.
    pub fn set_retry(&mut self, retry: Retry) {
        if self.config.retry != retry {
            self.config = Arc::new(Config { retry, ..(*self.config).clone() });
        }
    }

    /// The planted defect.
    pub fn defect(&self) -> Option<Defect> {
        self.defect
    }

    /// A request arrived whole. Ids are the caller's; one in use is replaced.
    pub fn accept(&mut self, id: u32, request: HttpRequest) {
        self.finish(id);
        let line = request.line();
        let device = line.as_ref().ok().map(|line| line.device_id.clone());
        self.arrivals += 1;
        if let Some(device) = &device {
            self.latest.insert(device.clone(), self.arrivals);
        }
        let job = Job::Arrived(Box::new(request), Box::new(line));
        let work = Work { arrival: self.arrivals, device, job, beliefs: Vec::new() };
        self.works.insert(id, work);
    }

    /// What the next [`Server::advance`] of a request would do; `None` for one not in work.
    pub fn stage(&self, id: u32) -> Option<Stage> {
        let work = self.works.get(&id)?;
        Some(if self.is_blocked(id, work) { Stage::Blocked } else { work.job.stage() })
    }

    /// Does exactly one stage of a request. One that is not in work is answered with HTTP 500.
    pub fn advance(
        &mut self,
        id: u32,
        store: &mut Store,
        fault: Option<StageFault>,
        now: Timestamp,
    ) -> Progress {
        let Some(mut work) = self.works.remove(&id) else {
            return Progress::Responded(HttpResponse::new(500, Vec::new()));
        };
        if self.is_blocked(id, &work) {
            self.works.insert(id, work);
            return Progress::Blocked;
        }
        if let (true, Some(device)) = (work.job.wants_lock(), &work.device) {
            self.locks.insert(device.clone(), id);
        }
        store.mailbox.recycles_ids |= self.judge().recycles_ids();
        let stage = work.job.stage();
        let newest = work.device.as_ref().and_then(|device| self.latest.get(device));
        let mut context = Context {
            config: &self.config,
            judge: self.judge(),
            store,
            fault,
            now,
            superseded: newest.is_some_and(|newest| *newest > work.arrival)
                && self.judge().one_request_at_a_time(),
            beliefs: &mut work.beliefs,
        };
        let step = match work.job {
            Job::Respond(response) => {
                self.release(id);
                return Progress::Responded(response);
            }
            Job::Arrived(request, line) => {
                Step::Next(accept::accept(&mut context, &request, *line))
            }
            Job::Sync(job) => job.advance(&mut context),
            Job::Moves(job) => Step::Next(job.advance(&mut context)),
            Job::Hierarchy(job) => Step::Next(job.advance(&mut context)),
            Job::Ping(job) => job.advance(&mut context),
            Job::Estimate(job) => Step::Next(job.advance(&mut context)),
            Job::Provision(job) => Step::Next(job.advance(&mut context)),
        };
        let (job, progress) = match step {
            Step::Next(job) => (job, Progress::Done(stage)),
            Step::Wait(job, until) => (job, Progress::Waiting { until }),
        };
        // Who waits, or has only the answer to send, is in nobody's way.
        if !job.keeps_lock() {
            self.release(id);
        }
        work.job = job;
        self.works.insert(id, work);
        progress
    }

    /// The requests in work.
    pub fn works(&self) -> impl Iterator<Item = u32> {
        self.works.keys().copied()
    }

    /// The connection of a request is gone. What is in work goes on, as in a real server; what waits has nobody to wait for.
    pub fn abort(&mut self, id: u32) {
        if self.works.get(&id).is_some_and(|work| work.job.stage() == Stage::Wait) {
            self.finish(id);
        }
    }

    /// The process dies and comes back: the requests in work are gone.
    pub fn crash(&mut self) {
        self.works.clear();
        self.latest.clear();
        self.locks.clear();
    }

    /// What the server believes that the device holds under the keys that a request presented: there after the stage
    /// [`Stage::Accept`], until the answer has left.
    pub fn beliefs(&self, id: u32) -> &[Belief] {
        self.works.get(&id).map_or(&[], |work| &work.beliefs)
    }

    fn judge(&self) -> &'static dyn Judgement {
        self.defect.map_or(&Correct, Defect::judgement)
    }

    fn is_blocked(&self, id: u32, work: &Work) -> bool {
        if !self.judge().one_request_at_a_time() {
            return false;
        }
        let Some(device) = work.device.as_ref().filter(|_| work.job.wants_lock()) else {
            return false;
        };
        self.locks.get(device).is_some_and(|owner| *owner != id)
    }

    fn release(&mut self, id: u32) {
        self.locks.retain(|_, owner| *owner != id);
    }

    fn finish(&mut self, id: u32) {
        self.works.remove(&id);
        self.release(id);
    }
}

impl Job {
    fn stage(&self) -> Stage {
        match self {
            Self::Arrived(..) => Stage::Accept,
            Self::Sync(job) => job.stage(),
            Self::Moves(job) => job.stage(),
            Self::Ping(job) => job.stage(),
            Self::Estimate(_) => Stage::Read,
            Self::Hierarchy(_) | Self::Provision(_) => Stage::Persist,
            Self::Respond(_) => Stage::Respond,
        }
    }

    /// Whether the next stage must be alone among those of the device: all that change its state.
    fn wants_lock(&self) -> bool {
        match self {
            Self::Arrived(_, line) => {
                line.as_ref().as_ref().is_ok_and(|line| changes_state(line.command))
            }
            Self::Sync(_) | Self::Moves(_) | Self::Hierarchy(_) | Self::Provision(_) => true,
            Self::Ping(_) | Self::Estimate(_) | Self::Respond(_) => false,
        }
    }

    fn keeps_lock(&self) -> bool {
        self.wants_lock() && self.stage() != Stage::Wait
    }
}

fn changes_state(command: Command) -> bool {
    !matches!(command, Command::Ping | Command::GetItemEstimate)
}
