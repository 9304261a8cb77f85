//! Calls over the network: begun, under way, answered, lost.

use std::sync::Arc;
use std::time::Duration;

use activesync::history::{CallName, DeviceName, Event, Fault};
use activesync::http::{HttpRequest, HttpResponse};
use activesync::sync::ClientCommand;
use activesync::{Request, Response};
use activesync_client::Client;
use activesync_simulator::{CallKind, Trouble};

use super::super::http::{HttpError, Limits, wbxml_body};
use super::super::proxy::{Fault as Wire, Network, UnderWay};
use super::super::session::heartbeat;
use super::LiveWorld;
use super::target::LiveError;

/// How much longer than it may wait a call may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A request under way.
pub(super) struct Call {
    pub(super) http: HttpRequest,
    pub(super) request: Request,
    pub(super) stand: Stand,
    /// The device is still waiting for its answer.
    pub(super) attached: bool,
}

/// Where a call is.
pub(super) enum Stand {
    /// The network has it.
    Outbound,
    /// The server may be at work on it.
    AtServer(UnderWay),
}

impl Call {
    /// Whether it takes items out of folders: then the other hand must not do the same to them meanwhile, since by IMAP a
    /// move is a copy and a removal, and two of them make two copies of one mail without any fault of the server.
    pub(super) fn relocates(&self) -> bool {
        match &self.request {
            Request::MoveItems(_) | Request::FolderDelete(_) => true,
            Request::Sync(Some(sync)) => sync.collections.iter().any(|collection| {
                let mut commands = collection.commands.iter();
                commands.any(|command| matches!(command, ClientCommand::Delete { .. }))
            }),
            _ => false,
        }
    }
}

impl LiveWorld<'_> {
    /// The device says something; the network has it then.
    pub(super) fn call(&mut self, call: CallName, kind: &CallKind) -> Result<bool, LiveError> {
        if self.calls.contains_key(&call) {
            return Ok(false);
        }
        let Some(want) = self.want(call.device, kind) else { return Ok(false) };
        let Some(client) = self.devices.get_mut(&call.device) else { return Ok(false) };
        let Some(http) = client.begin(&want)? else { return Ok(false) };
        let Some(request) = client.in_flight().cloned() else { return Ok(false) };
        let held = held(client, call, &request);
        self.note_call(call);
        for event in held {
            self.push(event);
        }
        self.push(Event::Sent { call, request: Arc::new(request.clone()) });
        let stand = Stand::Outbound;
        self.calls.insert(call, Call { http, request, stand, attached: true });
        Ok(true)
    }

    /// The request goes to the server, and other things may happen meanwhile.
    pub(super) fn forward(&mut self, name: CallName) -> Result<bool, LiveError> {
        let Some(call) = self.calls.get_mut(&name) else { return Ok(false) };
        if !matches!(call.stand, Stand::Outbound) {
            return Ok(false);
        }
        let timeout = heartbeat(&call.request).unwrap_or_default() + PATIENCE;
        let limits = Limits { timeout, ..self.target.http().limits() };
        let network = Network::new(self.target.http().with_limits(limits));
        let http = call.http.clone();
        let under_way = self.target.wait(async {
            let under_way = network.begin(http, Wire::None);
            // Long enough for the request to be out.
            tokio::time::sleep(Duration::from_millis(3)).await;
            under_way
        })?;
        call.stand = Stand::AtServer(under_way);
        Ok(true)
    }

    /// Waits for the answer, which the network has then; notes it, and forgets the call.
    fn fetch(&mut self, name: CallName) -> Result<Option<HttpResponse>, LiveError> {
        self.forward(name)?;
        let Some(call) = self.calls.remove(&name) else { return Ok(None) };
        let Stand::AtServer(under_way) = call.stand else { return Ok(None) };
        let exchange = self.target.wait(under_way.finish())?;
        let response = match exchange.client {
            Ok(response) => response,
            // Without the server nothing can go on; anything else may be news about it.
            Err(error @ HttpError::Connect(_)) => return Err(error.into()),
            Err(error) => {
                let command = call.request.command();
                return Err(LiveError::Inconclusive(format!("{name}, {command}: {error}")));
            }
        };
        self.tally.answered += 1;
        let status = response.status;
        if matches!(status, 401 | 403 | 404 | 405) {
            let error = HttpError::Status { status };
            return Err(LiveError::Inconclusive(format!("{name}: {error}")));
        }
        let (mut decoded, mut unreadable) = (None, None);
        if status == 200 {
            match wbxml_body(&response) {
                // At the baseline: this is not ActiveSync at all.
                Err(error) if self.baseline == 0 => return Err(error.into()),
                Err(error) => unreadable = Some(error.to_string().into()),
                Ok(_) => match Response::decode(call.request.command(), response.body()) {
                    Ok(response) => decoded = Some(Arc::new(response)),
                    Err(error) => unreadable = Some(error.to_string().into()),
                },
            }
        }
        self.last_status = status;
        self.push(Event::Answered {
            call: name,
            http_status: status,
            response: decoded,
            unreadable,
        });
        Ok(Some(response))
    }

    /// The call goes through: request, answer, stored. Of a call that its device has given up only the first part is left.
    pub(super) fn go(&mut self, name: CallName) -> Result<bool, LiveError> {
        let Some(attached) = self.calls.get(&name).map(|call| call.attached) else {
            return Ok(false);
        };
        let Some(response) = self.fetch(name)? else { return Ok(false) };
        let Some(client) = self.devices.get_mut(&name.device).filter(|_| attached) else {
            return Ok(true);
        };
        // A page for a person, even behind a good beginning, is no answer.
        if response.status == 200 && wbxml_body(&response).is_err() {
            client.fail();
            self.push(Event::Failed(name));
            return Ok(true);
        }
        if client.receive(&response).is_err() {
            self.push(Event::Failed(name));
            return Ok(true);
        }
        while !client.advance() {}
        self.push(Event::Received(name));
        self.learn_labels(name.device);
        Ok(true)
    }

    fn fault(&mut self, fault: Fault) {
        self.tally.faults += 1;
        self.push(Event::Fault(fault));
    }

    /// The device learns that no answer will come.
    fn fail(&mut self, name: CallName) {
        if let Some(client) = self.devices.get_mut(&name.device) {
            client.fail();
        }
        self.push(Event::Failed(name));
    }

    fn is_attached(&self, name: CallName) -> bool {
        self.calls.get(&name).is_some_and(|call| call.attached)
    }

    /// Something goes wrong.
    pub(super) fn trouble(&mut self, trouble: &Trouble) -> Result<bool, LiveError> {
        match trouble {
            Trouble::LoseRequest(name) => {
                let lost = |call: &Call| call.attached && matches!(call.stand, Stand::Outbound);
                if !self.calls.get(name).is_some_and(lost) {
                    return Ok(false);
                }
                self.calls.remove(name);
                self.fault(Fault::RequestLost(*name));
                self.fail(*name);
            }
            Trouble::LoseResponse(name) | Trouble::CutResponse(name) => {
                if !self.is_attached(*name) || self.fetch(*name)?.is_none() {
                    return Ok(false);
                }
                // Content-Length tells the device that its answer is cut; half a body is none.
                self.fault(match trouble {
                    Trouble::CutResponse(_) => Fault::ResponseCut(*name),
                    _ => Fault::ResponseLost(*name),
                });
                self.fail(*name);
            }
            Trouble::Double(name, copy) => {
                if self.calls.contains_key(copy) || name.device != copy.device {
                    return Ok(false);
                }
                let Some(call) = self.calls.get(name) else { return Ok(false) };
                let (http, request) = (call.http.clone(), call.request.clone());
                self.note_call(*copy);
                self.fault(Fault::RequestDoubled(*name));
                self.push(Event::Sent { call: *copy, request: Arc::new(request.clone()) });
                let stand = Stand::Outbound;
                self.calls.insert(*copy, Call { http, request, stand, attached: false });
            }
            Trouble::TimeOut(name) => {
                let Some(call) = self.calls.get_mut(name).filter(|call| call.attached) else {
                    return Ok(false);
                };
                call.attached = false;
                self.fault(Fault::TimedOut(*name));
                self.fail(*name);
            }
            Trouble::CrashDevice(device) => {
                let Some(client) = self.devices.get_mut(device) else { return Ok(false) };
                client.crash();
                self.fault(Fault::DeviceCrashed(*device));
                self.abandon(*device);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The device does not wait for its call any more; what is still to be done at the server is done.
    fn abandon(&mut self, device: DeviceName) {
        let mine = self.calls.iter_mut();
        let mine = mine.filter(|(name, call)| name.device == device && call.attached);
        let mine: Vec<_> = mine
            .map(|(name, call)| {
                call.attached = false;
                *name
            })
            .collect();
        for name in mine {
            self.push(Event::Failed(name));
        }
    }
}

/// What the device holds under the keys that it presents.
fn held(device: &Client, call: CallName, request: &Request) -> Vec<Event> {
    let Request::Sync(Some(request)) = request else { return Vec::new() };
    let keyed = request.collections.iter().filter(|collection| !collection.sync_key.is_zero());
    keyed
        .map(|collection| Event::Held {
            call,
            collection: collection.collection_id.clone(),
            key: collection.sync_key.clone(),
            items: device.held(&collection.collection_id).into(),
        })
        .collect()
}
