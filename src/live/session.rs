//! A device over HTTP: [`Client`] says what to send and takes answers in, the [`Network`] carries the bytes.
//!
//! A [`Call`] keeps both sides of what went over the wire, so that it can be shown, recorded and judged, whether or not
//! the device got its answer.

use std::time::{Duration, Instant};

use activesync::http::{HttpRequest, HttpResponse, Method};
use activesync::{Command, ProtocolError, ProtocolVersion, Request, Response};
use activesync_client::{Client, Config, Want};

use super::http::{Http, HttpError, Limits, wbxml_body};
use super::proxy::{Fault, Network};

/// How much longer than its heartbeat a call may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a server says about itself in its answer to OPTIONS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The protocol versions that we know, oldest first.
    pub(crate) versions: Vec<ProtocolVersion>,
    /// Words in the place of versions that we do not know.
    pub(crate) unknown_versions: Vec<String>,
    /// The commands, as the server spells them.
    pub(crate) commands: Vec<String>,
    /// What it calls itself.
    pub(crate) server: Option<String>,
}

impl Offer {
    /// Asks a server.
    pub(crate) async fn ask(http: &Http) -> Result<(Self, HttpResponse), OfferError> {
        let request = HttpRequest {
            method: Method::Options,
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let answer = http.send(&request).await?;
        let offer = Self::read(&answer)?;
        Ok((offer, answer))
    }

    fn read(answer: &HttpResponse) -> Result<Self, OfferError> {
        if answer.status != 200 {
            let location = answer.header("x-ms-location").or_else(|| answer.header("location"));
            if let Some(location) = location.filter(|_| matches!(answer.status, 300..=399 | 451)) {
                return Err(OfferError::Elsewhere {
                    status: answer.status,
                    location: location.to_owned(),
                });
            }
            return Err(HttpError::Status { status: answer.status }.into());
        }
        let words = |name| {
            let value = answer.header(name).unwrap_or_default();
            value.split(',').map(str::trim).filter(|word| !word.is_empty())
        };
        let mut offer = Self::default();
        for word in words("ms-asprotocolversions") {
            match word.parse() {
                Ok(version) => offer.versions.push(version),
                Err(()) => offer.unknown_versions.push(word.to_owned()),
            }
        }
        offer.versions.sort();
        offer.versions.dedup();
        offer.commands = words("ms-asprotocolcommands").map(str::to_owned).collect();
        let server = answer.header("ms-server-activesync").or_else(|| answer.header("server"));
        offer.server = server.map(str::to_owned);
        if offer.versions.is_empty() && offer.unknown_versions.is_empty() {
            // A page for a person says more about what is wrong than the missing header does.
            wbxml_body(answer)?;
            return Err(OfferError::NoVersions);
        }
        Ok(offer)
    }

    /// The newest version that both sides know.
    pub(crate) fn newest(&self) -> Option<ProtocolVersion> {
        self.versions.last().copied()
    }

    /// Whether the server offers a command. One that lists none is believed to have all.
    pub(crate) fn has(&self, command: Command) -> bool {
        self.commands.is_empty()
            || self.commands.iter().any(|word| word.eq_ignore_ascii_case(command.name()))
    }
}

/// Why nothing is known of a server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfferError {
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It answers, but not as ActiveSync.
    #[error(
        "the server answers OPTIONS but names no protocol version: is the URL that of ActiveSync?"
    )]
    NoVersions,
    /// It sends us away.
    #[error("HTTP {status}: the server redirects to {location}; give that URL instead")]
    Elsewhere {
        /// The status.
        status: u16,
        /// Where to.
        location: String,
    },
}

/// Why a call brought the device nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The fault was asked for.
    #[error("lost on purpose")]
    OnPurpose,
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An answer that is not what the protocol says.
    #[error("the answer cannot be understood: {0}")]
    Protocol(#[from] ProtocolError),
}

/// A request and what came of it.
#[derive(Debug)]
pub(crate) struct Call {
    /// What was sent.
    pub(crate) request: HttpRequest,
    /// The same, understood.
    pub(crate) sent: Request,
    /// What the server answered, also when the device did not get it.
    pub(crate) answer: Option<HttpResponse>,
    /// What the device made of it.
    pub(crate) outcome: Result<Response, CallError>,
    /// From sending to the last byte.
    pub(crate) took: Duration,
}

impl Call {
    /// The command.
    pub(crate) fn command(&self) -> Command {
        self.sent.command()
    }
}

/// A device and its way to the server.
pub(crate) struct Session {
    client: Client,
    http: Http,
}

impl Session {
    /// A new device.
    pub(crate) fn new(http: Http, config: Config) -> Self {
        Self { client: Client::new(config), http }
    }

    /// The device.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The device, for what its user does.
    pub(crate) fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Makes one call to its end; `None` when there is nothing of the kind to say.
    pub(crate) async fn call(
        &mut self,
        want: &Want,
        fault: Fault,
    ) -> Result<Option<Call>, ProtocolError> {
        let Some(request) = self.client.begin(want)? else { return Ok(None) };
        let Some(sent) = self.client.in_flight().cloned() else { return Ok(None) };
        let mut http = self.http.clone();
        if let Some(wait) = heartbeat(&sent) {
            let limits = http.limits();
            http = http.with_limits(Limits { timeout: wait + PATIENCE, ..limits });
        }
        let start = Instant::now();
        let exchange = Network::new(http).exchange(request.clone(), fault).await;
        let took = start.elapsed();
        let broken = exchange.broken;
        let (mut answer, mut failed) = (None, None);
        for result in exchange.server {
            match result {
                Ok(response) => answer = Some(response),
                Err(error) => failed = Some(error),
            }
        }
        let outcome = match exchange.client {
            Ok(response) => {
                answer = Some(response.clone());
                self.take(&sent, &response)
            }
            Err(error) => {
                self.client.fail();
                let real = broken.or(failed);
                Err(match real {
                    Some(real) => real.into(),
                    None if fault == Fault::None => error.into(),
                    None => CallError::OnPurpose,
                })
            }
        };
        Ok(Some(Call { request, sent, answer, outcome, took }))
    }

    fn take(&mut self, sent: &Request, response: &HttpResponse) -> Result<Response, CallError> {
        if let Err(error) = wbxml_body(response) {
            if response.status == 200 {
                self.client.fail();
            } else {
                // The device has to know of 449 and its like.
                self.client.receive(response)?;
            }
            return Err(error.into());
        }
        let understood = Response::decode(sent.command(), response.body());
        self.client.receive(response)?;
        while !self.client.advance() {}
        Ok(understood?)
    }
}

/// How long the server may sit on a request.
pub(crate) fn heartbeat(request: &Request) -> Option<Duration> {
    let seconds = match request {
        Request::Ping(Some(ping)) => ping.heartbeat_seconds?,
        Request::Sync(Some(sync)) => sync
            .heartbeat_seconds
            .or(sync.wait_minutes.map(|minutes| minutes.saturating_mul(60)))?,
        _ => return None,
    };
    Some(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use activesync::folders::SyncRequest;

    use super::super::scripted::{Play, Scripted, answer, ok, run};
    use super::*;

    fn http(server: &Scripted) -> Http {
        let limits = Limits { timeout: Duration::from_millis(500), answer_bytes: 100_000 };
        Http::new(&server.url(), "alice", "alice-pw", limits).unwrap()
    }

    fn session(server: &Scripted) -> Session {
        Session::new(http(server), Config::new("d1", "alice"))
    }

    /// FolderSync with key 1 and no folder.
    const EMPTY_HIERARCHY: &[u8] =
        b"\x03\x01\x6a\0\0\x07\x56\x4c\x031\0\x01\x52\x031\0\x01\x4e\x57\x030\0\x01\x01\x01";

    #[test]
    fn an_offer_is_read_from_the_headers() {
        run(async {
            let headers = "MS-Server-ActiveSync: 14.3\r\nMS-ASProtocolVersions: 14.1,2.5, 15.9\r\n\
                           MS-ASProtocolCommands: Sync,foldersync\r\n";
            let server = Scripted::start(vec![Play::Answer(answer("200 OK", headers, b""))]).await;
            let (offer, _) = Offer::ask(&http(&server)).await.unwrap();
            assert_eq!(offer.newest(), Some(ProtocolVersion::V14_1));
            assert_eq!(offer.versions.len(), 2);
            assert_eq!(offer.unknown_versions, ["15.9"]);
            assert!(offer.has(Command::FolderSync) && !offer.has(Command::Provision));
            assert_eq!(offer.server.as_deref(), Some("14.3"));
        });
    }

    #[test]
    fn what_is_no_offer_is_told_apart() {
        run(async {
            let moved = "Location: https://other.example/\r\n";
            let page = answer("200 OK", "Content-Type: text/html\r\n", b"<html>hello</html>");
            for (play, expected) in [
                (Play::Answer(answer("401 No", "", b"")), "HTTP 401: user or password is wrong"),
                (Play::Answer(answer("503 No", "", b"")), "HTTP 503: the server is busy"),
                (Play::Answer(answer("302 No", moved, b"")), "redirects to https://other.example/"),
                (Play::Answer(page), "HTML instead of WBXML: `<html>hello</html>`"),
                (Play::Answer(ok(b"")), "names no protocol version"),
                (Play::Answer(b"SSH-2.0-OpenSSH\r\n".to_vec()), "the answer is not HTTP"),
                (Play::Close, "closed the connection without an answer"),
            ] {
                let server = Scripted::start(vec![play]).await;
                let error = Offer::ask(&http(&server)).await.unwrap_err().to_string();
                assert!(error.contains(expected), "{error}");
            }
        });
    }

    #[test]
    fn an_answer_lost_on_purpose_is_kept_for_the_record_and_unknown_to_the_device() {
        run(async {
            let script = vec![Play::Answer(ok(EMPTY_HIERARCHY)), Play::Answer(ok(EMPTY_HIERARCHY))];
            let server = Scripted::start(script).await;
            let mut session = session(&server);
            let lost = session.call(&Want::FolderSync, Fault::LoseAnswer).await.unwrap().unwrap();
            assert!(matches!(lost.outcome, Err(CallError::OnPurpose)), "{:?}", lost.outcome);
            assert_eq!(lost.answer.unwrap().body, EMPTY_HIERARCHY);
            let again = session.call(&Want::FolderSync, Fault::None).await.unwrap().unwrap();
            assert_eq!(again.request, lost.request);
            let sync_key = activesync::SyncKey::zero();
            assert_eq!(again.sent, Request::FolderSync(SyncRequest { sync_key }));
            assert!(matches!(again.outcome, Ok(Response::FolderSync(_))));
            let Some(next) = session.call(&Want::FolderSync, Fault::LoseRequest).await.unwrap()
            else {
                panic!("FolderSync can always be asked");
            };
            assert_ne!(next.request.body, again.request.body, "the new key is used");
            assert!(next.answer.is_none());
        });
    }

    #[test]
    fn what_cannot_be_used_is_an_error_and_the_device_goes_on() {
        run(async {
            let half = ok(EMPTY_HIERARCHY)[..90].to_vec();
            let script = vec![
                Play::Answer(answer("449 Retry", "", b"")),
                Play::Answer(ok(b"<html>")),
                Play::Answer(ok(b"\x03\x01\x6a\0\x45")),
                Play::Answer(half),
                Play::Answer(ok(EMPTY_HIERARCHY)),
            ];
            let server = Scripted::start(script).await;
            let mut session = session(&server);
            session.client_mut().do_without_provision();
            let expected = ["HTTP 449", "HTML", "cannot be understood", "half a body"];
            for words in expected {
                let call = session.call(&Want::FolderSync, Fault::None).await;
                let error = match call {
                    Ok(call) => call.unwrap().outcome.unwrap_err().to_string(),
                    Err(error) => panic!("{error}"),
                };
                assert!(error.contains(words), "{error}");
                assert!(session.client().policy_key().is_none(), "449 asks for Provision");
            }
            let call = session.call(&Want::FolderSync, Fault::None).await.unwrap().unwrap();
            assert!(call.outcome.is_ok());
        });
    }
}
