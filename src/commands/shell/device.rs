//! The account, and calls to its server.

use activesync::folders::FolderType;
use activesync::{CollectionId, Command};
use activesync_client::{Client, Config, Want};

use crate::cli::Failure;
use crate::live::hand::AnyHand;
use crate::live::http::{Http, Limits};
use crate::live::proxy::Fault;
use crate::live::serve::{self, Running};
use crate::live::session::{Call, CallError, Offer, Session};
use crate::output::Terminal;
use crate::output::text::safe;

use super::line::Line;
use super::print;

/// Id of the test device: one for all, so that no server collects them.
const DEVICE_ID: &str = "lostmailshell";
/// The server that is started on demand.
const EMBEDDED: &str = "embedded";

/// The state of the shell.
pub(crate) struct Shell<'t> {
    /// Where it prints.
    pub(crate) terminal: &'t mut Terminal,
    /// Whether `compare` found a difference that nothing explains.
    pub(crate) found: bool,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) person: bool,
    pub(crate) account: Option<Account>,
    pub(crate) show: bool,
    pub(crate) lose: Option<Loss>,
    /// The line whose call was lost or failed.
    retry: Option<Line>,
}

/// An account that was chosen.
pub(crate) struct Account {
    /// The server, as shown.
    pub(crate) server: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) http: Http,
    pub(crate) offer: Offer,
    pub(crate) session: Session,
    /// The folder that is synchronised.
    pub(crate) folder: Option<CollectionId>,
    pub(crate) hand: Option<AnyHand>,
    /// The server itself, if it is ours; ends with the account.
    embedded: Option<Running>,
    /// Number of the next mail that the hand delivers.
    pub(crate) delivered: u32,
}

/// The reference server with a sample mailbox.
fn embedded(user: &str, password: &str) -> Result<Running, Stop> {
    if user.contains(':') {
        return Err(Stop::failed("a user cannot hold a colon: Basic authorization ends it there"));
    }
    let config = serve::Config { sample: true, ..serve::Config::new(user, password) };
    serve::start(config).map_err(|error| Stop::failed(error.to_string()))
}

/// What becomes of the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The device gets nothing.
    Answer,
    /// The device gets half.
    Half,
    /// The server gets nothing.
    Request,
}

/// Why a command ended early.
pub(crate) enum Stop {
    /// Its call was lost on purpose.
    Lost,
    /// It failed.
    Failed(Failure),
}

impl Stop {
    /// A failure told in one sentence.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Failure::new(message))
    }
}

impl<'t> Shell<'t> {
    /// A shell without an account. `person`: somebody can be asked.
    pub(crate) fn new(
        terminal: &'t mut Terminal,
        user: Option<String>,
        password: Option<String>,
        person: bool,
    ) -> Self {
        Self {
            terminal,
            found: false,
            user,
            password,
            person,
            account: None,
            show: false,
            lose: None,
            retry: None,
        }
    }

    /// What stands before the cursor.
    pub(crate) fn prompt(&self) -> String {
        let Some(account) = &self.account else { return "lostmail> ".into() };
        let folder = account.folder_name().map(|name| format!(" {}", safe(&name)));
        format!("{}{}> ", safe(&account.user), folder.unwrap_or_default())
    }

    /// Names to complete.
    pub(crate) fn folder_names(&self) -> Vec<String> {
        let Some(account) = &self.account else { return Vec::new() };
        let client = account.session.client();
        client
            .folders()
            .filter(|folder| folder.folder_type.is_mail())
            .map(|folder| folder.display_name.to_string())
            .collect()
    }

    /// A call that was given up has no answer.
    pub(crate) fn hang_up(&mut self) {
        if let Some(account) = &mut self.account {
            account.session.client_mut().fail();
        }
    }

    /// What `retry` does.
    pub(crate) fn take_retry(&mut self) -> Result<Line, Failure> {
        self.retry.take().ok_or_else(|| Failure::new("nothing was lost: there is nothing to retry"))
    }

    /// Remembers what can be retried.
    pub(crate) fn after(&mut self, line: &Line, done: &Result<(), Stop>) {
        if matches!(done, Err(Stop::Lost)) {
            self.retry = Some(line.clone());
        }
    }

    /// Chooses server and user, and asks what the server offers.
    pub(crate) async fn set_account(
        &mut self,
        server: &str,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Result<(), Stop> {
        let user = user.map(str::to_owned).or_else(|| self.user.clone());
        let password = password.map(str::to_owned).or_else(|| self.password.clone());
        let (url, user, password, embedded) = if server.eq_ignore_ascii_case(EMBEDDED) {
            // The server takes whatever it is told.
            let user = user.unwrap_or_else(|| "alice".into());
            let password = password.unwrap_or_else(|| "alice-pw".into());
            let running = embedded(&user, &password)?;
            (running.url(), user, password, Some(running))
        } else {
            let url = url_of(server);
            let Some(user) = user else {
                return Err(Stop::failed("no user: set_account SERVER USER, or --user USER"));
            };
            let password = match password {
                Some(password) => password,
                None => self.ask_password(&user, &url)?,
            };
            (url, user, password, None)
        };
        let http = Http::new(&url, &user, &password, Limits::default()).map_err(failed(&url))?;
        let (offer, _) = Offer::ask(&http).await.map_err(failed(&url))?;
        let Some(version) = offer.newest() else {
            let words = offer.unknown_versions.join(", ");
            return Err(Stop::failed(format!(
                "{url}: only versions we do not know: {}",
                safe(&words)
            )));
        };
        let config = Config { version, ..Config::new(DEVICE_ID, user.clone()) };
        let session = Session::new(http.clone(), config);
        self.account = Some(Account {
            server: url,
            user,
            password,
            http,
            offer,
            session,
            folder: None,
            hand: embedded.as_ref().map(|running| AnyHand::Control(running.control())),
            embedded,
            delivered: 0,
        });
        self.retry = None;
        self.print_offer()
    }

    /// Asks the server again what it offers.
    pub(crate) async fn options(&mut self) -> Result<(), Stop> {
        let show = self.show;
        let account = self.account()?;
        let asked = Offer::ask(&account.http).await;
        let (offer, answer) = asked.map_err(failed(&account.server))?;
        account.offer = offer;
        if show {
            self.terminal.print(&print::headers(&answer));
        }
        self.print_offer()
    }

    fn print_offer(&mut self) -> Result<(), Stop> {
        let account = self.account()?;
        let mut name = account.server.clone();
        if account.embedded.is_some() {
            name = format!("{EMBEDDED}: the reference server with a sample mailbox on {name}");
        }
        let text = print::offer(&name, &account.offer, account.session.client());
        self.terminal.print(&text);
        Ok(())
    }

    /// Asks for a password without showing it.
    pub(crate) fn ask_password(&mut self, user: &str, server: &str) -> Result<String, Stop> {
        if !self.person {
            return Err(Stop::failed(format!(
                "no password for {}: --password-env VAR names the variable that holds it",
                safe(user)
            )));
        }
        self.terminal.flush();
        rpassword::prompt_password(format!("Password of {} on {}: ", safe(user), safe(server)))
            .map_err(|error| Stop::failed(format!("no password: {error}")))
    }

    /// The account, or what to do first.
    pub(crate) fn account(&mut self) -> Result<&mut Account, Stop> {
        self.account.as_mut().ok_or_else(|| {
            Stop::failed(
                "no account: begin with set_account(\"server\", \"username\", \"password\")",
            )
        })
    }

    /// The device of the account.
    pub(crate) fn client(&mut self) -> Result<&mut Client, Stop> {
        Ok(self.account()?.session.client_mut())
    }

    /// Makes a call that has to be possible now, shows it, and gives it back with an answer in it.
    pub(crate) async fn call(&mut self, want: &Want, otherwise: &str) -> Result<Call, Stop> {
        let show = self.show;
        let loss = self.lose;
        let account = self.account()?;
        let fault = match loss {
            None => Fault::None,
            Some(Loss::Answer) => Fault::LoseAnswer,
            // Half of an answer is less than the shortest document.
            Some(Loss::Half) => Fault::CutAnswer { keep: 3 },
            Some(Loss::Request) => Fault::LoseRequest,
        };
        let call = match account.session.call(want, fault).await {
            Ok(Some(call)) => call,
            Ok(None) => return Err(Stop::failed(otherwise)),
            Err(error) => return Err(Stop::failed(format!("the request cannot be made: {error}"))),
        };
        self.lose = None;
        if show {
            self.terminal.print(&print::call(&call));
        }
        match &call.outcome {
            Ok(_) => Ok(call),
            Err(CallError::OnPurpose) => {
                self.terminal.println(&print::lost(&call, loss));
                Err(Stop::Lost)
            }
            Err(error) => {
                let advice = match &call.answer {
                    Some(answer) if answer.status == 449 => ": provision_device() first",
                    _ => "",
                };
                Err(Stop::failed(format!("{}: {error}{advice}", call.command())))
            }
        }
    }

    /// Shows exchanges, or does not.
    pub(crate) fn show(&mut self, word: &str) -> Result<(), Stop> {
        self.show = on_or_off(Some(word))?;
        Ok(())
    }

    /// Loses the next call.
    pub(crate) fn lose(&mut self, word: Option<&str>) -> Result<(), Stop> {
        self.account()?;
        let (loss, text) = match word {
            None | Some("answer") => (Loss::Answer, "the next answer will be lost"),
            Some("half") => (Loss::Half, "half of the next answer will be lost"),
            Some("request") => (Loss::Request, "the next request will be lost"),
            Some(_) => return Err(Stop::failed("lose what? `answer`, `half` or `request`")),
        };
        self.lose = Some(loss);
        self.terminal.println(text);
        Ok(())
    }
}

impl Account {
    /// The name of the folder in use.
    pub(crate) fn folder_name(&self) -> Option<String> {
        let id = self.folder.as_ref()?;
        let mut folders = self.session.client().folders();
        folders.find(|folder| folder.server_id == *id).map(|folder| folder.display_name.to_string())
    }

    /// The folder in use: the Inbox until another is chosen.
    pub(crate) fn folder(&mut self) -> Result<CollectionId, Stop> {
        let client = self.session.client();
        let known = |id: &CollectionId| client.collections().any(|(known, _)| known == id);
        if let Some(id) = self.folder.as_ref().filter(|id| known(id)) {
            return Ok(id.clone());
        }
        let inbox = client.folders().find(|folder| folder.folder_type == FolderType::Inbox);
        let first = client.folders().find(|folder| known(&folder.server_id));
        match inbox.or(first) {
            Some(folder) => {
                let id = folder.server_id.clone();
                self.folder = Some(id.clone());
                Ok(id)
            }
            None => Err(Stop::failed("no folder is known: folder_sync() first")),
        }
    }

    /// Whether the server offers a command.
    pub(crate) fn offers(&self, command: Command) -> bool {
        self.offer.has(command)
    }
}

/// Failures of a server, told with its name.
pub(crate) fn failed<E: std::fmt::Display>(server: &str) -> impl FnOnce(E) -> Stop {
    let server = safe(server);
    move |error| {
        let text = error.to_string();
        if text.contains(&server) {
            Stop::failed(text)
        } else {
            Stop::failed(format!("{server}: {text}"))
        }
    }
}

/// `on` unless it says otherwise.
pub(crate) fn on_or_off(word: Option<&str>) -> Result<bool, Stop> {
    match word {
        None | Some("on" | "yes" | "1" | "true" | "True") => Ok(true),
        Some("off" | "no" | "0" | "false" | "False") => Ok(false),
        Some(_) => Err(Stop::failed("`on` or `off`?")),
    }
}

/// A host alone means HTTPS, except on loopback.
fn url_of(server: &str) -> String {
    if server.contains("://") {
        return server.to_owned();
    }
    let host = server.split(['/', '?']).next().unwrap_or(server);
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let loopback = name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    format!("{}://{server}", if loopback { "http" } else { "https" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_alone_means_https_except_on_loopback() {
        for (server, url) in [
            ("mail.example", "https://mail.example"),
            ("mail.example:8443/x", "https://mail.example:8443/x"),
            ("127.0.0.1:28000", "http://127.0.0.1:28000"),
            ("localhost", "http://localhost"),
            ("[::1]:80", "http://[::1]:80"),
            ("http://mail.example", "http://mail.example"),
        ] {
            assert_eq!(url_of(server), url);
        }
    }
}
