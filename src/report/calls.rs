//! Requests and responses in a few words.

use std::collections::BTreeMap;

use activesync::folders::Change;
use activesync::history::MailName;
use activesync::sync::{ClientCommand, ItemResponse, ServerCommand};
use activesync::{CollectionId, Mail, MoveStatus, Request, Response, ServerId, SyncStatus};

/// Names learnt on the way: what ids stand for.
#[derive(Default)]
pub(super) struct Names {
    folders: BTreeMap<CollectionId, String>,
    mails: BTreeMap<ServerId, MailName>,
}

impl Names {
    /// Learns from a response.
    pub(super) fn learn(&mut self, response: &Response) {
        match response {
            Response::FolderSync(response) => {
                for change in &response.changes {
                    if let Change::Add(folder) | Change::Update(folder) = change {
                        let name = folder.display_name.to_string();
                        self.folders.insert(folder.server_id.clone(), name);
                    }
                }
            }
            Response::Sync(Some(response)) => {
                for command in response.collections.iter().flat_map(|c| &c.commands) {
                    if let ServerCommand::Add { server_id, data } = command {
                        self.learn_mail(server_id, data);
                    }
                }
            }
            _ => {}
        }
    }

    fn learn_mail(&mut self, id: &ServerId, data: &Mail) {
        if let Some(mail) = data.subject.as_deref().and_then(MailName::find) {
            self.mails.insert(id.clone(), mail);
        }
    }

    fn folder(&self, id: &CollectionId) -> String {
        self.folders.get(id).cloned().unwrap_or_else(|| format!("folder {id}"))
    }

    fn mail(&self, id: &ServerId) -> String {
        self.mails.get(id).map_or_else(|| format!("item {id}"), ToString::to_string)
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
                            text.push_str(&format!(" W={window}"));
                        }
                        if c.get_changes == Some(false) {
                            text.push_str(" upload only");
                        }
                        for command in &c.commands {
                            text.push_str(", ");
                            text.push_str(&self.client_command(command));
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
                        format!(
                            "{} to {}",
                            self.mail(&m.source_id),
                            self.folder(&m.destination_folder)
                        )
                    })
                    .collect();
                format!("MoveItems {}", list.join(", "))
            }
            other => other.command().to_string(),
        }
    }

    fn client_command(&self, command: &ClientCommand) -> String {
        match command {
            ClientCommand::Add { data, .. } => {
                format!("Add {}", data.subject.as_deref().unwrap_or("a draft"))
            }
            ClientCommand::Change { server_id, data, send } => {
                let mut text = format!("Change {}", self.mail(server_id));
                text.push_str(&properties(data));
                if *send {
                    text.push_str(" send");
                }
                text
            }
            ClientCommand::Delete { server_id } => format!("Delete {}", self.mail(server_id)),
            ClientCommand::Fetch { server_id } => format!("Fetch {}", self.mail(server_id)),
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
                        MoveStatus::Success => format!("{} moved", self.mail(&m.source_id)),
                        other => format!("{} Status {other}", self.mail(&m.source_id)),
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
        let mut text = self.folder(&c.collection_id);
        if let Some(key) = &c.sync_key {
            text.push_str(&format!(" key {key}"));
        }
        if c.status != SyncStatus::Success {
            text.push_str(&format!(" Status {}", c.status));
        }
        let mut parts: Vec<String> = c.responses.iter().filter_map(|r| self.item(r)).collect();
        parts.extend(c.commands.iter().map(|command| match command {
            ServerCommand::Add { server_id, .. } => format!("Add {}", self.mail(server_id)),
            ServerCommand::Change { server_id, data } => {
                format!("Change {}{}", self.mail(server_id), properties(data))
            }
            ServerCommand::Delete { server_id } => format!("Delete {}", self.mail(server_id)),
            ServerCommand::SoftDelete { server_id } => {
                format!("SoftDelete {}", self.mail(server_id))
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

    fn item(&self, response: &ItemResponse) -> Option<String> {
        let id = match response {
            ItemResponse::Add { client_id, .. } => client_id.to_string(),
            ItemResponse::Change { server_id, .. }
            | ItemResponse::Delete { server_id, .. }
            | ItemResponse::Fetch { server_id, .. } => self.mail(server_id),
        };
        let status = response.status();
        (status != SyncStatus::Success).then(|| format!("{id}: Status {status}"))
    }
}

fn properties(data: &Mail) -> String {
    let mut text = String::new();
    if let Some(read) = data.read {
        text.push_str(if read { " read" } else { " unread" });
    }
    if let Some(flag) = &data.flag {
        match (&flag.flag_type, flag.is_set()) {
            (Some(kind), true) => text.push_str(&format!(" flag {kind}")),
            (None, true) => text.push_str(" flagged"),
            (_, false) => text.push_str(" no flag"),
        }
    }
    text
}
