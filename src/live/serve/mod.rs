//! The reference server on HTTP/1.1: real sockets, real waiting, a mailbox that the control API changes.
//!
//! A request is driven stage by stage, and the machine is free between two stages: requests on other connections and
//! mail arrive in between, as in a real server. What is in work goes on when its client has gone.
//!
//! * [`door`]: HTTP requests in, authorization, answers out;
//! * [`other_hand`]: the control API;
//! * [`sample`]: a small mailbox to look at.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use activesync::Timestamp;
use activesync::http::{HttpRequest, HttpResponse, PATH};
use activesync_server::{Defect, Progress, Server, Store};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Notify, Semaphore, oneshot};

use super::control::Control;

mod door;
mod other_hand;
mod sample;

/// Connections at one time.
const CONNECTIONS_MAX: usize = 256;
/// How long a client may take for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How to serve.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where to listen; port 0 means any that is free.
    pub(crate) listen: SocketAddr,
    /// Whether others than this machine may be listened to.
    pub(crate) anywhere: bool,
    /// Who may come in.
    pub(crate) user: String,
    /// With what.
    pub(crate) password: String,
    /// The planted defect.
    pub(crate) defect: Option<Defect>,
    /// Whether there is mail from the start.
    pub(crate) sample: bool,
    /// Time between two stages of a request.
    pub(crate) pace: Duration,
}

impl Config {
    /// A correct server on loopback with an empty mailbox.
    pub(crate) fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            anywhere: false,
            user: user.into(),
            password: password.into(),
            defect: None,
            sample: false,
            pace: Duration::ZERO,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// Others than this machine could reach it.
    #[error("{0} is not a loopback address; with --anywhere everybody who reaches it may try")]
    Reachable(IpAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The machine gives us no thread or no runtime.
    #[error("cannot start the server: {0}")]
    Start(io::Error),
}

/// A running server; it ends when this is dropped.
pub(crate) struct Running {
    address: SocketAddr,
    user: String,
    password: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts a server on a thread of its own.
pub(crate) fn start(config: Config) -> Result<Running, StartError> {
    if !config.listen.ip().is_loopback() && !config.anywhere {
        return Err(StartError::Reachable(config.listen.ip()));
    }
    let cannot = |error| StartError::Listen { address: config.listen, error };
    let listener = TcpListener::bind(config.listen).map_err(cannot)?;
    listener.set_nonblocking(true).map_err(StartError::Start)?;
    let address = listener.local_addr().map_err(StartError::Start)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(StartError::Start)?;
    let (user, password) = (config.user.clone(), config.password.clone());
    let (stop, stopped) = oneshot::channel();
    let house = Arc::new(House::new(config));
    let serve = move || {
        runtime.block_on(async {
            tokio::select! {
                () = accept(listener, house) => {}
                _ = stopped => {}
            }
        });
    };
    let thread = thread::Builder::new().name("serve".into()).spawn(serve);
    let thread = Some(thread.map_err(StartError::Start)?);
    Ok(Running { address, user, password, stop: Some(stop), thread })
}

impl Running {
    /// The URL of ActiveSync.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// The mailbox's other hand.
    pub(crate) fn control(&self) -> Control {
        Control::new(&self.url(), &self.user, &self.password)
    }

    /// Serves until the process ends.
    pub(crate) fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A server that ends by itself has panicked, and has said so.
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What all connections share.
struct House {
    config: Config,
    machine: Mutex<Machine>,
    /// Something has changed: those who wait look again.
    changed: Notify,
}

/// The server and what lasts.
struct Machine {
    server: Server,
    store: Store,
    next_id: u32,
}

impl House {
    fn new(config: Config) -> Self {
        let mut store = Store::new();
        if config.sample {
            sample::fill(&mut store.mailbox, now());
        }
        // A heartbeat may be short here: nobody's battery is at stake.
        let server = activesync_server::Config { heartbeat_min: 1, ..Default::default() };
        let server = Server::new(server, config.defect);
        let machine = Mutex::new(Machine { server, store, next_id: 1 });
        Self { config, machine, changed: Notify::new() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Machine) -> T) -> T {
        // A panic in between leaves the machine as after a crash of the process: each commit is whole.
        work(&mut self.machine.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a request in; its number.
    fn accept(&self, request: HttpRequest) -> u32 {
        self.with(|machine| {
            let id = machine.next_id;
            machine.next_id = id.wrapping_add(1);
            machine.server.accept(id, request);
            id
        })
    }

    /// Drives a request to its answer.
    async fn drive(self: Arc<Self>, id: u32) -> HttpResponse {
        // The machine counts whole seconds: an interval that began within one ends within one.
        let within = since_1970().subsec_nanos();
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let progress =
                self.with(|machine| machine.server.advance(id, &mut machine.store, None, now()));
            match progress {
                Progress::Done(_) => {
                    self.changed.notify_waiters();
                    tokio::time::sleep(self.config.pace).await;
                    tokio::task::yield_now().await;
                }
                Progress::Blocked => changed.await,
                Progress::Waiting { until } => {
                    tokio::select! {
                        () = changed => {}
                        () = tokio::time::sleep(time_until(until, within)) => {}
                    }
                }
                Progress::Responded(response) => {
                    self.changed.notify_waiters();
                    return response;
                }
            }
        }
    }

    /// The client of a request has gone.
    fn abort(&self, id: u32) {
        self.with(|machine| machine.server.abort(id));
        self.changed.notify_waiters();
    }
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn now() -> Timestamp {
    Timestamp(i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX))
}

/// From now to that part of that second.
fn time_until(then: Timestamp, nanoseconds: u32) -> Duration {
    let then = Duration::new(u64::try_from(then.0).unwrap_or(0), nanoseconds);
    then.saturating_sub(since_1970()) + Duration::from_millis(1)
}

async fn accept(listener: TcpListener, house: Arc<House>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let seats = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, or a client that is gone already.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        // Small answers leave at once.
        let _ = stream.set_nodelay(true);
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let house = Arc::clone(&house);
                async move { Ok::<_, std::convert::Infallible>(door::answer(house, request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .max_headers(64)
                .serve_connection(TokioIo::new(stream), service);
            // What a client does wrong is its own affair.
            let _ = connection.await;
            drop(seat);
        });
    }
}

#[cfg(test)]
mod tests;
