//! What goes wrong.

use std::sync::Arc;

use activesync::Request;
use activesync::history::{CallName, Event, Fault};
use activesync_server::StageFault;

use super::{Call, Place, World};
use crate::Trouble;

impl World {
    pub(super) fn fault(&mut self, fault: Fault) {
        self.tally.faults += 1;
        self.push(Event::Fault(fault));
    }

    pub(super) fn trouble(&mut self, trouble: &Trouble) -> bool {
        match trouble {
            Trouble::LoseRequest(name) => {
                let lost = |call: &Call| call.attached && matches!(call.place, Place::Outbound);
                if !self.calls.get(name).is_some_and(lost) {
                    return false;
                }
                self.fault(Fault::RequestLost(*name));
                self.hang_up(*name);
            }
            Trouble::LoseResponse(name) => {
                let Some(home) = self.bring_home(*name) else { return false };
                if home {
                    self.fault(Fault::ResponseLost(*name));
                    self.hang_up(*name);
                }
            }
            Trouble::CutResponse(name) => return self.cut(*name),
            Trouble::Double(name, copy) => {
                let call = self.calls.get(name).filter(|_| !self.calls.contains_key(copy));
                let early = call.filter(|call| !matches!(call.place, Place::Storing));
                let Some(http) = early.map(|call| call.http.clone()) else { return false };
                if name.device != copy.device {
                    return false;
                }
                let request = http
                    .line()
                    .ok()
                    .and_then(|line| Request::decode(line.command, http.body()).ok());
                let Some(request) = request else { return false };
                self.note_call(*copy);
                self.fault(Fault::RequestDoubled(*name));
                self.push(Event::Sent { call: *copy, request: Arc::new(request) });
                self.launch(*copy, http, false);
            }
            Trouble::TimeOut(name) => {
                let Some(call) = self.calls.get_mut(name).filter(|call| call.attached) else {
                    return false;
                };
                if matches!(call.place, Place::Storing) {
                    return false;
                }
                // The server does not learn of it: what waits there goes on waiting.
                call.attached = false;
                let home = matches!(call.place, Place::Homebound(_));
                if home {
                    self.calls.remove(name);
                }
                self.fault(Fault::TimedOut(*name));
                self.fail(*name);
            }
            Trouble::FailRead(name) => return self.arm(*name, StageFault::ReadFails),
            Trouble::FailItem(name, mail) => {
                return self.arm(*name, StageFault::ItemUnreadable(*mail));
            }
            Trouble::FailWrite(name) => return self.arm(*name, StageFault::WriteFails),
            Trouble::CrashServer => self.crash_server(),
            Trouble::CrashAfter(name, stages) => {
                let early = |call: &Call| matches!(call.place, Place::Outbound | Place::AtServer);
                if !self.calls.get(name).is_some_and(early) {
                    return false;
                }
                self.arrive(*name);
                for _ in 0..*stages {
                    self.step(*name);
                }
                self.crash_server();
            }
            Trouble::CrashDevice(device) => {
                let Some(client) = self.devices.get_mut(device) else { return false };
                client.crash();
                self.fault(Fault::DeviceCrashed(*device));
                let mine =
                    self.calls.iter().find(|(name, call)| name.device == *device && call.attached);
                if let Some(name) = mine.map(|(name, _)| *name) {
                    self.push(Event::Failed(name));
                    self.detach(name);
                }
            }
            Trouble::LoseState(device) => {
                let Some(client) = self.devices.get(device) else { return false };
                self.store.lose_state(&client.config().device_id.clone());
                self.fault(Fault::StateLost(*device));
            }
        }
        true
    }

    /// The server process dies and comes back; the connections of the requests in it are gone.
    fn crash_server(&mut self) {
        self.server.crash();
        self.fault(Fault::ServerCrashed);
        let inside: Vec<_> = self
            .calls
            .iter()
            .filter(|(_, call)| matches!(call.place, Place::AtServer))
            .map(|(name, _)| *name)
            .collect();
        for name in inside {
            self.hang_up(name);
        }
    }

    /// The connection of a call is gone, and the call with it.
    fn hang_up(&mut self, name: CallName) {
        let attached = self.calls.remove(&name).is_some_and(|call| call.attached);
        if attached {
            self.fail(name);
        }
    }

    fn fail(&mut self, name: CallName) {
        if let Some(device) = self.devices.get_mut(&name.device) {
            device.fail();
        }
        self.push(Event::Failed(name));
    }

    /// Nobody waits for the answer any more; what is still to be done at the server is done.
    fn detach(&mut self, name: CallName) {
        let Some(call) = self.calls.get_mut(&name) else { return };
        call.attached = false;
        let (work, over) = (call.work, matches!(call.place, Place::Homebound(_) | Place::Storing));
        self.server.abort(work);
        if over {
            self.calls.remove(&name);
        }
    }

    /// Brings a call to where its answer is in the network; whether it is there then. `None` when nobody waits for it, and
    /// then nothing has changed.
    fn bring_home(&mut self, name: CallName) -> Option<bool> {
        let call = self.calls.get(&name).filter(|call| call.attached)?;
        if matches!(call.place, Place::Storing) {
            return None;
        }
        self.serve(name);
        let place = self.calls.get(&name).map(|call| &call.place);
        Some(matches!(place, Some(Place::Homebound(_))))
    }

    /// The device gets a prefix of the body. It must see that for itself: the transport is not asked.
    fn cut(&mut self, name: CallName) -> bool {
        let Some(home) = self.bring_home(name) else { return false };
        let call = self.calls.get_mut(&name).filter(|_| home);
        let Some(Place::Homebound(response)) = call.map(|call| &mut call.place) else {
            return true;
        };
        if response.body.len() < 2 {
            // Nothing to cut; it waits in the network.
            return true;
        }
        let keep = response.body.len() / 2;
        response.body.truncate(keep);
        if let Some(defect) = self.wire {
            response.body = defect.cut(std::mem::take(&mut response.body));
        }
        self.fault(Fault::ResponseCut(name));
        self.out(name);
        true
    }

    fn arm(&mut self, name: CallName, fault: StageFault) -> bool {
        let Some(call) = self.calls.get_mut(&name) else { return false };
        let early = matches!(call.place, Place::Outbound | Place::AtServer);
        if early && call.armed.is_none() {
            call.armed = Some(fault);
            return true;
        }
        false
    }
}
