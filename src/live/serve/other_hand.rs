//! The control API, on the side of the server.

use activesync::history::{FolderName, MailName};
use activesync::{Body, DeviceId, Flag, Mail, Timestamp};
use activesync_server::{FolderView, ItemView, Mailbox};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::control::{
    Deliver, Device, Done, FolderRow, Hierarchy, MailRow, Mailbox as Everything, NotDone, Set, Take,
};
use super::door::{Response, plain};
use super::{House, Machine, now};

/// Why an operation was not done.
struct Refusal {
    status: u16,
    why: String,
}

impl Refusal {
    fn not_found(why: impl Into<String>) -> Self {
        Self { status: 404, why: why.into() }
    }

    fn conflict(why: impl Into<String>) -> Self {
        Self { status: 409, why: why.into() }
    }

    fn bad(why: impl Into<String>) -> Self {
        Self { status: 400, why: why.into() }
    }
}

/// Does an operation.
pub(super) fn obey(house: &House, operation: &str, body: &[u8]) -> Response {
    let result = house.with(|machine| act(machine, operation, body));
    house.changed.notify_waiters();
    match result {
        Ok(body) => plain(200, "application/json", body),
        Err(Refusal { status, why }) => {
            let body = serde_json::to_vec(&NotDone { error: why }).unwrap_or_default();
            plain(status, "application/json", body)
        }
    }
}

fn act(machine: &mut Machine, operation: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mailbox = &mut machine.store.mailbox;
    match operation {
        "mailbox" => return said(&everything(mailbox)),
        "deliver" => return deliver(mailbox, read(body)?),
        "read" => {
            let Set { mail, folder, on } = read(body)?;
            let name = find(mailbox, &mail, folder.as_deref())?;
            mailbox.set_read(name, on);
        }
        "flag" => {
            let Set { mail, folder, on } = read(body)?;
            let name = find(mailbox, &mail, folder.as_deref())?;
            let flag = if on { Flag::active("Flag for follow up") } else { Flag::default() };
            mailbox.set_flag(name, flag);
        }
        "move" => {
            let Take { mail, folder, to } = read(body)?;
            let name = find(mailbox, &mail, folder.as_deref())?;
            let to = to.ok_or_else(|| Refusal::bad("`to` is missing"))?;
            let to = label(mailbox, &to)?;
            if !mailbox.move_mail(name, &to) {
                return Err(Refusal::conflict("the mail is there already"));
            }
        }
        "delete" => {
            let Take { mail, folder, to } = read(body)?;
            if to.is_some() {
                return Err(Refusal::bad("`to` is for `move`"));
            }
            let name = find(mailbox, &mail, folder.as_deref())?;
            mailbox.delete(name);
        }
        "mkdir" => mkdir(mailbox, &read(body)?)?,
        "rename" => rename(mailbox, &read(body)?)?,
        "rmdir" => {
            let Hierarchy { folder, to } = read(body)?;
            if to.is_some() {
                return Err(Refusal::bad("`to` is for `rename`"));
            }
            let label = label(mailbox, &folder)?;
            if mailbox.delete_folder(&label).is_none() {
                return Err(Refusal::conflict(format!("{folder} cannot be removed")));
            }
        }
        "crash" => {
            let Done {} = read(body)?;
            machine.server.crash();
        }
        "lose-state" => {
            let Device { device } = read(body)?;
            let device = DeviceId::new(device);
            if machine.store.devices().all(|known| *known != device) {
                return Err(Refusal::not_found(format!("no device {device}")));
            }
            machine.store.lose_state(&device);
        }
        _ => return Err(Refusal::not_found("there is no such operation")),
    }
    said(&Done {})
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad(error.to_string()))
}

fn said(answer: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(answer).map_err(|error| Refusal { status: 500, why: error.to_string() })
}

fn deliver(mailbox: &mut Mailbox, asked: Deliver) -> Result<Vec<u8>, Refusal> {
    let label = label(mailbox, &asked.folder)?;
    let taken = |name| mailbox.items().any(|item| item.mail == Some(name));
    let (name, subject) = match MailName::find(&asked.subject) {
        Some(name) if taken(name) => {
            return Err(Refusal::conflict(format!("there is a mail {name} already")));
        }
        Some(name) => (name, asked.subject),
        None => {
            let newest = mailbox.items().filter_map(|item| item.mail).max();
            let next = newest.map_or(Some(1), |MailName(number)| number.checked_add(1));
            let next = next.ok_or_else(|| Refusal::conflict("there are no names left"))?;
            (MailName(next), format!("{} m{next}", asked.subject))
        }
    };
    let Timestamp(now) = now();
    let data = asked.body.unwrap_or_else(|| format!("This mail is {name}.\r\n"));
    let mail = Mail {
        to: Some("\"you\" <you@example.test>".into()),
        from: Some(
            asked.from.unwrap_or_else(|| "\"lostmail\" <lostmail@example.test>".into()).into(),
        ),
        subject: Some(subject.into()),
        date_received: Some(Timestamp(now - i64::from(asked.days_old) * 86_400)),
        message_class: Some("IPM.Note".into()),
        read: Some(asked.read),
        flag: Some(if asked.flagged {
            Flag::active("Flag for follow up")
        } else {
            Flag::default()
        }),
        body: Some(Body {
            kind: 1,
            estimated_size: u32::try_from(data.len()).ok(),
            truncated: Some(false),
            data: Some(data.into()),
        }),
        ..Mail::default()
    };
    let id = mailbox.deliver(&label, mail);
    let id = id.ok_or_else(|| Refusal::not_found(format!("no folder {}", asked.folder)))?;
    said(&json!({ "mail": name.to_string(), "id": id.as_str() }))
}

fn mkdir(mailbox: &mut Mailbox, asked: &Hierarchy) -> Result<(), Refusal> {
    if asked.to.is_some() {
        return Err(Refusal::bad("`to` is for `rename`"));
    }
    let (parent, name) = split(mailbox, &asked.folder)?;
    if mailbox.create_folder(&FolderName::from(name), parent.as_ref()) {
        Ok(())
    } else {
        Err(Refusal::conflict(format!("the name {name} is taken")))
    }
}

fn rename(mailbox: &mut Mailbox, asked: &Hierarchy) -> Result<(), Refusal> {
    let to = asked.to.as_deref().ok_or_else(|| Refusal::bad("`to` is missing"))?;
    let folder = label(mailbox, &asked.folder)?;
    let (from, _) = split(mailbox, &asked.folder)?;
    let (parent, name) = split(mailbox, to)?;
    if from != parent {
        return Err(Refusal::bad("a folder is renamed where it is"));
    }
    if mailbox.rename_folder(&folder, name) {
        Ok(())
    } else {
        Err(Refusal::conflict(format!("{} cannot be called {name}", asked.folder)))
    }
}

/// The folder above a path, and the last name of it.
fn split<'a>(mailbox: &Mailbox, path: &'a str) -> Result<(Option<FolderName>, &'a str), Refusal> {
    let (parent, name) = match path.rsplit_once('/') {
        Some((parent, name)) => (Some(label(mailbox, parent)?), name),
        None => (None, path),
    };
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(Refusal::bad("a folder needs a name, without control characters"));
    }
    Ok((parent, name))
}

/// Names of a folder and of those above it, joined by `/`.
fn path_of(mailbox: &Mailbox, folder: FolderView<'_>) -> String {
    let mut path = folder.folder.display_name.to_string();
    let mut parent = folder.folder.parent_id.clone();
    // The server lets no folder be its own parent, so this ends.
    while let Some(above) = mailbox.folders().find(|known| known.folder.server_id == parent) {
        path = format!("{}/{path}", above.folder.display_name);
        parent = above.folder.parent_id.clone();
    }
    path
}

fn label(mailbox: &Mailbox, path: &str) -> Result<FolderName, Refusal> {
    let same = |known: &str| {
        known == path || known.eq_ignore_ascii_case("inbox") && path.eq_ignore_ascii_case("inbox")
    };
    let found = mailbox.folders().find(|folder| same(&path_of(mailbox, *folder)));
    found
        .map(|folder| folder.label.clone())
        .ok_or_else(|| Refusal::not_found(format!("no folder {path}")))
}

/// A mail by name or subject.
fn find(mailbox: &Mailbox, mail: &str, folder: Option<&str>) -> Result<MailName, Refusal> {
    let folder = folder.map(|path| label(mailbox, path)).transpose()?;
    let wanted: Option<MailName> = mail.parse().ok();
    let is = |item: &ItemView<'_>| {
        folder.as_ref().is_none_or(|label| label == item.folder)
            && (wanted.is_some() && item.mail == wanted
                || item.data.subject.as_deref() == Some(mail))
    };
    let found =
        mailbox.items().find(is).ok_or_else(|| Refusal::not_found(format!("no mail {mail}")))?;
    let name = found.mail;
    let name =
        name.ok_or_else(|| Refusal::conflict(format!("the mail {mail} has no name such as m7")))?;
    // The mailbox goes by names: with two of the same it might take the other.
    if mailbox.items().filter(|item| item.mail == Some(name)).count() > 1 {
        return Err(Refusal::conflict(format!("several mails have the name {name}")));
    }
    Ok(name)
}

fn everything(mailbox: &Mailbox) -> Everything {
    let folders = mailbox.folders().map(|folder| FolderRow {
        path: path_of(mailbox, folder),
        id: folder.folder.server_id.to_string(),
        kind: folder.folder.folder_type.to_string(),
    });
    let folders: Vec<FolderRow> = folders.collect();
    let mails = mailbox.items().map(|item| MailRow {
        folder: folders
            .iter()
            .find(|row| row.id == item.collection.as_str())
            .map_or_else(String::new, |row| row.path.clone()),
        id: item.server_id.to_string(),
        mail: item.mail.map(|name| name.to_string()),
        subject: item.data.subject.as_deref().unwrap_or_default().to_owned(),
        read: item.data.read.unwrap_or(false),
        flagged: item.data.flag.as_ref().is_some_and(Flag::is_set),
        received: item.received.to_string(),
    });
    let mails = mails.collect();
    Everything { folders, mails }
}
