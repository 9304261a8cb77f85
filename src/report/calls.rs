//! Requests and responses in a few words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use activesync::folders::Change;
use activesync::history::MailName;
use activesync::sync::{ClientCommand, ItemResponse, ServerCommand};
use activesync::{CollectionId, Mail, MoveStatus, Request, Response, ServerId, SyncStatus};

/// Names learnt on the way: what ids stand for.
#[derive(Default)]
pub(super) struct Names {
    folders: BTreeMap<CollectionId, String>,
    /// Many servers count items folder by folder.
    mails: BTreeMap<(CollectionId, ServerId), MailName>,
}

impl Names {
    /// Learns from a response.
    pub(super) fn learn(&mut self, response: &Response) {
        match response {
            Response::FolderSync(response) => {
                for change in &response.changes {
                    if let Change::Add(folder) | Change::Update(folder) = change {
                        let name = short(&folder.display_name).to_owned();
                        self.folders.insert(folder.server_id.clone(), name);
                    }
                }
            }
            Response::Sync(Some(response)) => {
                for collection in &response.collections {
                    for command in &collection.commands {
                        if let ServerCommand::Add { server_id, data } = command {
                            self.learn_mail(&collection.collection_id, server_id, data);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn learn_mail(&mut self, folder: &CollectionId, id: &ServerId, data: &Mail) {
        if let Some(mail) = data.subject.as_deref().and_then(MailName::find) {
            self.mails.insert((folder.clone(), id.clone()), mail);
        }
    }

    fn folder(&self, id: &CollectionId) -> String {
        self.folders.get(id).cloned().unwrap_or_else(|| format!("folder {id}"))
    }

    fn mail(&self, folder: &CollectionId, id: &ServerId) -> String {
        let known = self.mails.get(&(folder.clone(), id.clone()));
        known.map_or_else(|| format!("item {id}"), ToString::to_string)
    }

    /// The mail of an id whose folder is not said; not when it may be several.
    fn moved(&self, id: &ServerId) -> String {
        let mut known = self.mails.iter().filter(|((_, known), _)| known == id);
        match (known.next(), known.next()) {
            (Some((_, mail)), None) => mail.to_string(),
            _ => format!("item {id}"),
        }
    }

    /// A request in a few words.
    pub(super) fn request(&self, request: &Request) -> String {
        match request {
            Request::Sync(None) => "Sync, empty".into(),
            Request::Sync(Some(sync)) => {
                let list: Vec<_> = sync
                    .collections
                    .iter()
                    .map(|c| {
                        let mut text =
                            format!("{} key {}", self.folder(&c.collection_id), c.sync_key);
                        if let Some(window) = c.window_size {
                            let _ = write!(text, " W={window}");
                        }
                        if let Some(filter) = c.options.as_ref().and_then(|o| o.filter_type) {
                            let _ = write!(text, " FilterType {filter}");
                        }
                        if c.get_changes == Some(false) {
                            text.push_str(" upload only");
                        }
                        for command in &c.commands {
                            text.push_str(", ");
                            text.push_str(&self.client_command(&c.collection_id, command));
                        }
                        text
                    })
                    .collect();
                let window = sync.window_size.map(|size| format!(" W={size} in all:"));
                format!("Sync{} {}", window.unwrap_or_default(), list.join("; "))
            }
            Request::FolderSync(sync) => format!("FolderSync key {}", sync.sync_key),
            Request::MoveItems(moves) => {
                let list: Vec<_> = moves
                    .moves
                    .iter()
                    .map(|m| {
                        let mail = self.mail(&m.source_folder, &m.source_id);
                        format!("{mail} to {}", self.folder(&m.destination_folder))
                    })
                    .collect();
                format!("MoveItems {}", list.join(", "))
            }
            other => other.command().to_string(),
        }
    }

    fn client_command(&self, folder: &CollectionId, command: &ClientCommand) -> String {
        match command {
            ClientCommand::Add { data, .. } => {
                format!("Add {}", data.subject.as_deref().unwrap_or("a draft"))
            }
            ClientCommand::Change { server_id, data, send } => {
                let mut text = format!("Change {}", self.mail(folder, server_id));
                text.push_str(&properties(data));
                if *send {
                    text.push_str(" send");
                }
                text
            }
            ClientCommand::Delete { server_id } => {
                format!("Delete {}", self.mail(folder, server_id))
            }
            ClientCommand::Fetch { server_id } => format!("Fetch {}", self.mail(folder, server_id)),
        }
    }

    /// A response in a few words.
    pub(super) fn response(&self, response: &Response) -> String {
        match response {
            Response::Sync(None) => "Sync, empty: nothing changed".into(),
            Response::Sync(Some(sync)) => {
                let mut list: Vec<String> =
                    sync.status.iter().map(|status| format!("Status {status}")).collect();
                list.extend(sync.collections.iter().map(|c| self.collection(c)));
                if list.is_empty() { "Sync, no collection".into() } else { list.join("; ") }
            }
            Response::FolderSync(sync) => {
                format!("FolderSync Status {}, {} changes", sync.status.code(), sync.changes.len())
            }
            Response::MoveItems(moves) => {
                let list: Vec<_> = moves
                    .moved
                    .iter()
                    .map(|m| match m.status {
                        MoveStatus::Success => format!("{} moved", self.moved(&m.source_id)),
                        other => format!("{} Status {other}", self.moved(&m.source_id)),
                    })
                    .collect();
                format!("MoveItems: {}", list.join(", "))
            }
            Response::Ping(ping) => {
                let folders: Vec<_> = ping.folders.iter().map(|id| self.folder(id)).collect();
                format!("Ping Status {} {}", ping.status.code(), folders.join(" "))
            }
            Response::FolderCreate(edit)
            | Response::FolderUpdate(edit)
            | Response::FolderDelete(edit) => {
                format!("{} Status {}", response.command(), edit.status)
            }
            other => other.command().to_string(),
        }
    }

    fn collection(&self, c: &activesync::sync::CollectionResponse) -> String {
        let folder = &c.collection_id;
        let mut text = self.folder(folder);
        if let Some(key) = &c.sync_key {
            let _ = write!(text, " key {key}");
        }
        if c.status != SyncStatus::Success {
            let _ = write!(text, " Status {}", c.status);
        }
        let mut parts: Vec<String> =
            c.responses.iter().filter_map(|r| self.item(folder, r)).collect();
        parts.extend(c.commands.iter().map(|command| match command {
            ServerCommand::Add { server_id, .. } => format!("Add {}", self.mail(folder, server_id)),
            ServerCommand::Change { server_id, data } => {
                format!("Change {}{}", self.mail(folder, server_id), properties(data))
            }
            ServerCommand::Delete { server_id } => {
                format!("Delete {}", self.mail(folder, server_id))
            }
            ServerCommand::SoftDelete { server_id } => {
                format!("SoftDelete {}", self.mail(folder, server_id))
            }
        }));
        if c.more_available {
            parts.push("MoreAvailable".into());
        }
        if parts.is_empty() {
            parts.push("no changes".into());
        }
        format!("{text}: {}", parts.join(", "))
    }

    fn item(&self, folder: &CollectionId, response: &ItemResponse) -> Option<String> {
        let id = match response {
            ItemResponse::Add { client_id, .. } => client_id.to_string(),
            ItemResponse::Change { server_id, .. }
            | ItemResponse::Delete { server_id, .. }
            | ItemResponse::Fetch { server_id, .. } => self.mail(folder, server_id),
        };
        let status = response.status();
        (status != SyncStatus::Success).then(|| format!("{id}: Status {status}"))
    }
}

/// The label in the name of a folder that a live hunt made, `lostmail-RUN-NUMBER-LABEL`; other names as they are.
fn short(name: &str) -> &str {
    let label = name.strip_prefix("lostmail-").and_then(|rest| rest.splitn(3, '-').nth(2));
    label.unwrap_or(name)
}

fn properties(data: &Mail) -> String {
    let mut text = String::new();
    if let Some(read) = data.read {
        text.push_str(if read { " read" } else { " unread" });
    }
    if let Some(flag) = &data.flag {
        match (&flag.flag_type, flag.is_set()) {
            (Some(kind), true) => {
                let _ = write!(text, " flag {kind}");
            }
            (None, true) => text.push_str(" flagged"),
            (_, false) => text.push_str(" no flag"),
        }
    }
    text
}
