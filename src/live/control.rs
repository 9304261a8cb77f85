//! The control API of `lostmail serve`, from both sides: what goes over the wire, and the hand that uses it.
//!
//! `POST /control/OPERATION` with a JSON object, Basic authorization as for ActiveSync. 200 with a JSON object when it
//! was done; otherwise 400, 401, 404 or 409 with `{"error": "…"}`.

use std::time::Duration;

use activesync::history::MailName;
use activesync::http::{HttpRequest, Method};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::hand::{Delivery, Hand, HandError, HandFolder, HandMail};
use super::http::{Http, HttpError, Limits};

/// The path before the name of an operation.
pub(crate) const PATH: &str = "/control/";

/// `deliver`: a mail arrives.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deliver {
    /// Path of the folder.
    pub(crate) folder: String,
    /// Its first word of the form `m7` is the mail's name; no two mails may have the same.
    pub(crate) subject: String,
    /// Who sent it.
    #[serde(default)]
    pub(crate) from: Option<String>,
    /// The text.
    #[serde(default)]
    pub(crate) body: Option<String>,
    /// How long ago it was received.
    #[serde(default)]
    pub(crate) days_old: u32,
    /// Read from the start.
    #[serde(default)]
    pub(crate) read: bool,
    /// Flagged from the start.
    #[serde(default)]
    pub(crate) flagged: bool,
}

/// `read` and `flag`: the state of a mail is set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Set {
    /// Name or subject of the mail.
    pub(crate) mail: String,
    /// Path of the folder it must be in; anywhere when left out.
    #[serde(default)]
    pub(crate) folder: Option<String>,
    /// The new state.
    #[serde(default = "yes")]
    pub(crate) on: bool,
}

fn yes() -> bool {
    true
}

/// `move` and `delete`: a mail leaves its folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Take {
    /// Name or subject of the mail.
    pub(crate) mail: String,
    /// Path of the folder it must be in; anywhere when left out.
    #[serde(default)]
    pub(crate) folder: Option<String>,
    /// Where to; for `move` only.
    #[serde(default)]
    pub(crate) to: Option<String>,
}

/// `mkdir`, `rmdir` and `rename`: the hierarchy changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hierarchy {
    /// Path of the folder.
    pub(crate) folder: String,
    /// Its path from now on; for `rename` only, and below the same parent.
    #[serde(default)]
    pub(crate) to: Option<String>,
}

/// `lose-state`: what the server remembers of the synchronisation with a device is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Device {
    /// Its id.
    pub(crate) device: String,
}

/// What `crash` and `mailbox` ask, and the answer of an operation that has nothing more to say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Done {}

/// The answer of an operation that was not done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NotDone {
    /// Why.
    pub(crate) error: String,
}

/// `mailbox`: everything there is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    /// The folders, in order of ids.
    pub(crate) folders: Vec<FolderRow>,
    /// The mails, folder by folder.
    pub(crate) mails: Vec<MailRow>,
}

/// A folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FolderRow {
    /// Names from the top, joined by `/`.
    pub(crate) path: String,
    /// Its id in ActiveSync.
    pub(crate) id: String,
    /// Its type in words.
    pub(crate) kind: String,
}

/// A mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MailRow {
    /// Path of its folder.
    pub(crate) folder: String,
    /// Its id in ActiveSync.
    pub(crate) id: String,
    /// Its name, such as `m7`, if the subject has one.
    pub(crate) mail: Option<String>,
    /// Its subject.
    pub(crate) subject: String,
    /// Read.
    pub(crate) read: bool,
    /// Flagged.
    pub(crate) flagged: bool,
    /// When it was received.
    pub(crate) received: String,
}

/// Why an operation was not done, or is not known to have been.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// No usable answer.
    #[error("the control API: {0}")]
    Http(#[from] HttpError),
    /// The server refused.
    #[error("the control API refused {operation}: {said}")]
    Refused {
        /// Which.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// Why.
        said: String,
    },
    /// An answer that is not JSON, or not the JSON that was expected.
    #[error("the control API answered {operation} with something else: {why}")]
    Garbage {
        /// Which.
        operation: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl ControlError {
    /// Whether the server said that there is no such mail or folder.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }
}

/// The other hand on `lostmail serve`.
#[derive(Clone)]
pub(crate) struct Control {
    server: String,
    user: String,
    password: String,
}

impl Control {
    /// The control API of the server at `http://host:port`, whatever path follows.
    pub(crate) fn new(url: &str, user: &str, password: &str) -> Self {
        let after_scheme = url.find("://").map_or(0, |at| at + 3);
        let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
        let server = url[..end].to_owned();
        Self { server, user: user.to_owned(), password: password.to_owned() }
    }

    /// Whether there is a control API at all: an error says why not.
    pub(crate) async fn probe(&self) -> Result<(), ControlError> {
        self.mailbox().await.map(drop)
    }

    /// Everything there is.
    pub(crate) async fn mailbox(&self) -> Result<Mailbox, ControlError> {
        self.post("mailbox", &Done {}).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &impl Serialize,
    ) -> Result<T, ControlError> {
        let garbage =
            |e: serde_json::Error| ControlError::Garbage { operation, why: e.to_string() };
        let url = format!("{}{PATH}{operation}", self.server);
        let limits = Limits { timeout: Duration::from_secs(20), ..Limits::default() };
        let http = Http::new(&url, &self.user, &self.password, limits)?;
        let request = HttpRequest {
            method: Method::Post,
            query: String::new(),
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: serde_json::to_vec(body).map_err(garbage)?,
        };
        let answer = http.send(&request).await?;
        if answer.status != 200 {
            let said = serde_json::from_slice::<NotDone>(&answer.body);
            let status = answer.status;
            return Err(match said {
                Ok(NotDone { error }) => ControlError::Refused { operation, status, said: error },
                Err(_) => HttpError::Status { status }.into(),
            });
        }
        serde_json::from_slice(&answer.body).map_err(garbage)
    }

    async fn set(
        &self,
        operation: &'static str,
        folder: &str,
        token: &str,
        on: bool,
    ) -> Result<(), HandError> {
        let set = Set { mail: token.to_owned(), folder: Some(folder.to_owned()), on };
        let Done {} = self.post(operation, &set).await?;
        Ok(())
    }

    async fn change(
        &self,
        operation: &'static str,
        body: &impl Serialize,
    ) -> Result<(), HandError> {
        let Done {} = self.post(operation, body).await?;
        Ok(())
    }
}

impl Hand for Control {
    async fn folders(&mut self) -> Result<Vec<HandFolder>, HandError> {
        let folders = self.mailbox().await?.folders.into_iter();
        let names = |path: &str| path.split('/').map(str::to_owned).collect();
        Ok(folders.map(|row| HandFolder { names: names(&row.path), path: row.path }).collect())
    }

    async fn create_folder(&mut self, path: &str) -> Result<(), HandError> {
        self.change("mkdir", &Hierarchy { folder: path.to_owned(), to: None }).await
    }

    async fn rename_folder(&mut self, path: &str, new_path: &str) -> Result<(), HandError> {
        let to = Some(new_path.to_owned());
        self.change("rename", &Hierarchy { folder: path.to_owned(), to }).await
    }

    async fn remove_folder(&mut self, path: &str) -> Result<(), HandError> {
        self.change("rmdir", &Hierarchy { folder: path.to_owned(), to: None }).await
    }

    async fn deliver(&mut self, delivery: &Delivery<'_>) -> Result<(), HandError> {
        let deliver = Deliver {
            folder: delivery.folder.to_owned(),
            subject: delivery.token.to_owned(),
            from: None,
            body: None,
            days_old: delivery.days_old,
            read: delivery.read,
            flagged: delivery.flagged,
        };
        self.change("deliver", &deliver).await
    }

    async fn set_read(&mut self, folder: &str, token: &str, read: bool) -> Result<(), HandError> {
        self.set("read", folder, token, read).await
    }

    async fn set_flag(&mut self, folder: &str, token: &str, on: bool) -> Result<(), HandError> {
        self.set("flag", folder, token, on).await
    }

    async fn mark_deleted(&mut self, _: &str, _: &str) -> Result<bool, HandError> {
        Ok(false)
    }

    async fn move_mail(&mut self, folder: &str, token: &str, to: &str) -> Result<(), HandError> {
        let (mail, folder) = (token.to_owned(), Some(folder.to_owned()));
        self.change("move", &Take { mail, folder, to: Some(to.to_owned()) }).await
    }

    async fn delete(&mut self, folder: &str, token: &str) -> Result<(), HandError> {
        let (mail, folder) = (token.to_owned(), Some(folder.to_owned()));
        self.change("delete", &Take { mail, folder, to: None }).await
    }

    async fn read(&mut self, folder: &str) -> Result<Vec<HandMail>, HandError> {
        let mailbox = self.mailbox().await?;
        if mailbox.folders.iter().all(|row| row.path != folder) {
            return Err(ControlError::Refused {
                operation: "mailbox",
                status: 404,
                said: format!("no folder {folder}"),
            }
            .into());
        }
        let here = mailbox.mails.into_iter().filter(|row| row.folder == folder);
        Ok(here.map(HandMail::from).collect())
    }

    /// One question instead of one for each folder.
    async fn read_all(&mut self) -> Result<Vec<HandMail>, HandError> {
        Ok(self.mailbox().await?.mails.into_iter().map(HandMail::from).collect())
    }
}

impl From<MailRow> for HandMail {
    fn from(row: MailRow) -> Self {
        // A mail of ours has its token for a subject.
        let is_token =
            !row.subject.contains(char::is_whitespace) && MailName::find(&row.subject).is_some();
        Self {
            folder: row.folder,
            token: is_token.then(|| row.subject.clone()),
            subject: row.subject,
            read: row.read,
            flagged: row.flagged,
            marked_deleted: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Play, Scripted, answer, ok, run};
    use super::*;

    #[test]
    fn the_server_is_found_in_any_url() {
        for url in ["http://h:1", "http://h:1/", "http://h:1/Microsoft-Server-ActiveSync"] {
            assert_eq!(Control::new(url, "a", "b").server, "http://h:1");
        }
    }

    #[test]
    fn refusals_and_garbage_are_told_apart() {
        run(async {
            let not_found = answer("404 Not Found", "", b"{\"error\": \"no mail m1\"}");
            for (play, words, gone) in [
                (not_found, "refused delete: no mail m1", true),
                (answer("404 Not Found", "", b"<html>"), "HTTP 404", false),
                (ok(b"<html>"), "with something else", false),
                (answer("401 No", "", b""), "HTTP 401", false),
            ] {
                let server = Scripted::start(vec![Play::Answer(play)]).await;
                let mut control = Control::new(&server.url(), "alice", "pw");
                let error = control.delete("Inbox", "x-m1").await.unwrap_err();
                assert!(error.to_string().contains(words), "{error}");
                assert_eq!(error.is_gone(), gone, "{error}");
                let seen = String::from_utf8(server.seen().remove(0)).unwrap();
                assert!(seen.starts_with("POST /control/delete HTTP/1.1"), "{seen}");
                assert!(seen.ends_with(r#"{"mail":"x-m1","folder":"Inbox","to":null}"#), "{seen}");
            }
        });
    }
}
