//! Coming to rest: the network heals, late requests arrive, and the devices run their own loops, as phones do.

use std::sync::Arc;

use activesync::history::{CallName, DeviceName, Event, Fault, Truth};
use activesync_client::{Client, Want};

use super::World;
use crate::{CallKind, SyncAction};

/// Calls in a row after which a device is said not to come to rest. A device that drains twenty mails one by one, after
/// two resets, needs about fifty.
const CALLS_MAX: u32 = 160;

/// Rounds over all devices; what one uploads is news for the next.
const ROUNDS_MAX: u32 = 8;

impl World {
    /// Heals everything and lets the devices run their own loops: Sync while MoreAvailable says so, then Ping, and Sync
    /// again only if Ping says so. The first truth is what holds then; the second after one more unconditional Sync.
    pub fn rest(&mut self) -> (Truth, Truth) {
        self.land_all();
        let mut restless = Vec::new();
        self.rounds(true, &mut restless);
        let own_loop = self.truth(&restless);
        // Twice: a server that keeps answers may give the first time one that a request which arrived late has left behind.
        for _ in 0..2 {
            for device in self.devices.values_mut() {
                device.want_folders();
                device.want_all();
            }
            self.rounds(false, &mut restless);
        }
        let truth = self.truth(&restless);
        self.hash.add(format!("{truth:?}").as_bytes());
        (own_loop, truth)
    }

    /// Everything under way arrives.
    fn land_all(&mut self) {
        let calls: Vec<CallName> = self.calls.keys().copied().collect();
        for call in calls {
            if let Some(call) = self.calls.get_mut(&call) {
                call.armed = None;
            }
            self.go(call);
        }
    }

    fn rounds(&mut self, ping: bool, restless: &mut Vec<(DeviceName, Arc<str>)>) {
        let names: Vec<_> = self.devices.keys().copied().collect();
        for _ in 0..ROUNDS_MAX {
            let mut quiet = true;
            for device in &names {
                match self.drain(*device, ping) {
                    Drained::Quiet => {}
                    Drained::Talked => quiet = false,
                    Drained::Never(why) => {
                        restless.retain(|(name, _)| name != device);
                        restless.push((*device, why.into()));
                        return;
                    }
                }
            }
            if quiet {
                return;
            }
        }
        if let Some(device) = names.first() {
            restless.push((*device, "the devices keep giving each other news".into()));
        }
    }

    /// Runs a device's own loop until a Ping expires (or until it would Ping).
    pub(super) fn drain(&mut self, device: DeviceName, ping: bool) -> Drained {
        let mut talked = false;
        let overtaken = self.overtaken(device);
        for _ in 0..CALLS_MAX {
            let Some(want) = self.devices.get(&device).and_then(Client::next) else {
                return Drained::Never("it is stuck in a call".into());
            };
            let kind = match &want {
                Want::Provision => CallKind::Provision,
                Want::FolderSync => CallKind::Folders,
                Want::FolderEdit => CallKind::FolderEdit,
                Want::MoveItems => CallKind::Moves,
                Want::Ping if !ping => return quiet(talked),
                Want::Ping if !self.pushes(device) => CallKind::Ping,
                Want::Ping if !overtaken && self.caches_all(device) => CallKind::EmptySync,
                Want::Ping => CallKind::Sync(self.waiting_sync(device)),
                Want::Sync(_) | Want::EmptySync | Want::Estimate => CallKind::Sync(SyncAction {
                    window: self.own_window(),
                    ..SyncAction::default()
                }),
            };
            let call = self.call_name(device);
            if !self.call(call, &kind) {
                // No folder to watch: nothing can be missed.
                return quiet(talked);
            }
            self.go(call);
            let idle = self.devices.get(&device).is_some_and(Client::is_idle);
            let waited = want == Want::Ping;
            if waited && idle {
                return quiet(talked);
            }
            talked |= !waited;
        }
        Drained::Never(format!("it still had something to say after {CALLS_MAX} calls"))
    }
}

impl World {
    /// The WindowSize that devices use of their own accord; not before the schedule begins, which is the same for all.
    fn own_window(&self) -> Option<u32> {
        Some(u32::from(self.setup.window)).filter(|window| *window > 0 && self.baseline > 0)
    }

    fn caches_all(&self, device: DeviceName) -> bool {
        self.devices.get(&device).is_some_and(Client::caches_all)
    }

    /// Whether a request of the device may have reached the server after a newer one: what is cached there is then another
    /// request than the device thinks, and nothing tells.
    fn overtaken(&self, device: DeviceName) -> bool {
        self.history.events.iter().any(|event| match event {
            Event::Fault(Fault::TimedOut(call) | Fault::RequestDoubled(call)) => {
                call.device == device
            }
            // Its last request goes on without it.
            Event::Fault(Fault::DeviceCrashed(name)) => *name == device,
            _ => false,
        })
    }

    /// What a device that waits by Sync asks for when it has nothing to say: news of any folder.
    pub(super) fn waiting_sync(&self, device: DeviceName) -> SyncAction {
        let folders = self
            .devices
            .get(&device)
            .map(|device| device.collections().map(|(id, _)| self.label(id)).collect::<Vec<_>>());
        SyncAction {
            folders: folders.unwrap_or_default(),
            heartbeat: Some(480),
            window: self.own_window(),
            ..SyncAction::default()
        }
    }
}

fn quiet(talked: bool) -> Drained {
    if talked { Drained::Talked } else { Drained::Quiet }
}

/// How a device came to rest.
pub(super) enum Drained {
    /// It had nothing to say.
    Quiet,
    /// It had something to say and came to rest.
    Talked,
    /// It did not.
    Never(String),
}
