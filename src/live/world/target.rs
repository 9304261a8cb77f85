//! The server that is hunted on: how to reach it, what it offers, what our folders on it are called.

use std::cell::Cell;
use std::future::Future;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use activesync::{Command, ProtocolError, ProtocolVersion};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::super::control::{Control, ControlError};
use super::super::hand::{AnyHand, HandError, ImapHand};
use super::super::http::{Http, HttpError, Limits};
use super::super::imap::{Account, ImapError};
use super::super::session::{Offer, OfferError};

/// How long one step of the other hand may take.
const HAND_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a server that was well may be ill.
const WELL_AGAIN: Duration = Duration::from_mins(1);

/// What everything that we make on a server begins with.
const MARK: &str = "lostmail-";

/// Where to hunt, and as whom.
#[derive(Clone)]
pub(crate) struct Place {
    /// The URL of ActiveSync.
    pub(crate) url: String,
    /// Whose mailbox.
    pub(crate) user: String,
    /// The password there.
    pub(crate) password: String,
    /// URL and password of IMAP; without it the other hand uses the control API of `lostmail serve`.
    pub(crate) imap: Option<(String, String)>,
}

/// Why a hunt on a real server could not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LiveError {
    /// The server says nothing about itself.
    #[error("{0}")]
    Offer(#[from] OfferError),
    /// No connection any more.
    #[error("{0}")]
    Http(#[from] HttpError),
    /// The other hand could not do its part.
    #[error("{0}")]
    Hand(#[from] HandError),
    /// A request that cannot be encoded.
    #[error("{0}")]
    Protocol(#[from] ProtocolError),
    /// Neither IMAP nor a control API.
    #[error("{0}; on a server other than `lostmail serve` give --imap, the mailbox's other hand")]
    NoHand(ControlError),
    /// Versions older than those that we speak.
    #[error("the server offers protocol versions {0} only; this hunt speaks 14.0 to 16.1")]
    Version(String),
    /// It never came to the point where a hunt can begin.
    #[error("no baseline: {0}")]
    Baseline(String),
    /// What happened says nothing about the server's bookkeeping.
    #[error("{0}")]
    Inconclusive(String),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// No runtime.
    #[error("cannot start: {0}")]
    Start(#[from] std::io::Error),
}

impl LiveError {
    /// Whether the next schedule may fare better.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Http(error) => matches!(error, HttpError::Connect(_)),
            Self::Inconclusive(_) | Self::Baseline(_) | Self::Hand(_) => true,
            _ => false,
        }
    }
}

impl From<ImapError> for LiveError {
    fn from(error: ImapError) -> Self {
        Self::Hand(error.into())
    }
}

/// A server that answers.
pub(crate) struct Target {
    runtime: Runtime,
    place: Place,
    account: Option<Account>,
    http: Http,
    offer: Offer,
    run: String,
    next: Cell<u32>,
    stop: watch::Receiver<bool>,
}

impl Target {
    /// Asks the server what it offers, and tries the other hand.
    pub(crate) fn reach(place: Place) -> Result<Self, LiveError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let http = Http::new(&place.url, &place.user, &place.password, Limits::default())?;
        let account = place.imap.as_ref();
        let account =
            account.map(|(url, password)| Account::new(url, &place.user, password)).transpose()?;
        let (sender, stop) = watch::channel(false);
        runtime.spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() && sender.send(true).is_ok() {}
        });
        let (offer, _) = runtime.block_on(Offer::ask(&http))?;
        let run = run_name();
        let target = Self { runtime, place, account, http, offer, run, next: Cell::new(0), stop };
        target.versions()?;
        target.hand()?;
        Ok(target)
    }

    /// Waits until the server answers again, for a while.
    pub(crate) fn wait_until_well(&self) -> Result<(), LiveError> {
        let deadline = Instant::now() + WELL_AGAIN;
        loop {
            match self.wait(Offer::ask(&self.http))? {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() >= deadline => return Err(error.into()),
                Err(_) => self.wait(tokio::time::sleep(Duration::from_secs(1)))?,
            }
        }
    }

    /// Logs the other hand in.
    pub(crate) fn hand(&self) -> Result<AnyHand, LiveError> {
        let Some(account) = &self.account else {
            let Place { url, user, password, .. } = &self.place;
            let control = Control::new(url, user, password);
            self.wait(control.probe())?.map_err(LiveError::NoHand)?;
            return Ok(AnyHand::Control(control));
        };
        let hand = self.wait(ImapHand::login(account, &self.place.user, HAND_TIMEOUT))??;
        Ok(AnyHand::Imap(hand))
    }

    /// How to send requests.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// Whose mailbox.
    pub(crate) fn user(&self) -> &str {
        &self.place.user
    }

    /// What the server calls itself.
    pub(crate) fn banner(&self) -> String {
        let name = self.offer.server.as_deref().unwrap_or("a server without a name");
        let versions = self.offer.versions.iter().map(ToString::to_string);
        format!("{name}, versions {}", versions.collect::<Vec<_>>().join(" "))
    }

    /// The versions that both sides speak, oldest first.
    pub(crate) fn versions(&self) -> Result<Vec<ProtocolVersion>, LiveError> {
        let ours = |version: &ProtocolVersion| *version >= ProtocolVersion::V14_0;
        let both: Vec<_> = self.offer.versions.iter().copied().filter(ours).collect();
        if both.is_empty() {
            let offered = self.offer.versions.iter().map(ToString::to_string);
            let offered = offered.chain(self.offer.unknown_versions.iter().cloned());
            return Err(LiveError::Version(offered.collect::<Vec<_>>().join(", ")));
        }
        Ok(both)
    }

    /// Whether the server wants devices to be provisioned.
    pub(crate) fn provisions(&self) -> bool {
        self.offer.has(Command::Provision)
    }

    /// The id of a device. The pool is small, since servers remember every device that they ever saw; two hunts at the same
    /// time seldom take the same.
    pub(crate) fn device_id(&self, number: u8) -> String {
        let pool = self.run.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(7).wrapping_add(byte));
        format!("lostmail{}{number}", char::from(b'a' + pool % 16))
    }

    /// What everything of the next schedule begins with: `lostmail-RUN-NUMBER-`.
    pub(crate) fn next_prefix(&self) -> String {
        self.next.set(self.next.get() + 1);
        format!("{MARK}{}-{}-", self.run, self.next.get())
    }

    /// Waits for something, unless the user has had enough.
    pub(crate) fn wait<T>(&self, what: impl Future<Output = T>) -> Result<T, LiveError> {
        let mut stop = self.stop.clone();
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => Err(LiveError::Interrupted),
                done = what => Ok(done),
            }
        })
    }

    /// Waits for something that must be done even then.
    pub(crate) fn insist<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }
}

/// A name for this run: unlike that of any other, and no name of a mail.
fn run_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut rest = (now.as_millis() << 16 | u128::from(std::process::id() & 0xffff)) % (1 << 50);
    let mut name = String::from("r");
    while rest > 0 {
        let digit = u32::try_from(rest % 36).unwrap_or(0);
        name.extend(char::from_digit(digit, 36));
        rest /= 36;
    }
    name
}
