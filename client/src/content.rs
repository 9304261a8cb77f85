//! The copy of a collection, and what an answer makes of it.

use activesync::sync::{ClientCommand, ItemResponse, ServerCommand};
use activesync::{Mail, ServerId, SyncStatus};

use crate::Defect;
use crate::device::{CollectionState, SentCommand};
use crate::item::{Item, Pending};

/// Numbers given out while an answer is taken in.
pub(crate) struct Numbers {
    pub local: u32,
    pub edit: u64,
}

impl CollectionState {
    /// What became of the commands sent: those that are not mentioned were done (MS-ASCMD R6414).
    pub(crate) fn settle(&mut self, responses: &[ItemResponse], defect: Option<Defect>) {
        if defect == Some(Defect::FetchErrorAsGone) {
            for response in responses {
                if let ItemResponse::Fetch { server_id, status, .. } = response
                    && *status != SyncStatus::Success
                {
                    self.forget(server_id);
                }
            }
        }
        let fetched = responses.iter().filter_map(|response| match response {
            ItemResponse::Fetch { server_id, status: SyncStatus::Success, data: Some(data) } => {
                Some((server_id, data))
            }
            _ => None,
        });
        for (server_id, data) in fetched {
            let local = self.find(server_id);
            if let Some(item) = local.and_then(|local| self.items.get_mut(&local)) {
                item.base.merge(data);
            }
        }
        for sent in self.sent.take().unwrap_or_default() {
            let status = responses.iter().find_map(|response| response_to(response, &sent));
            match status {
                None | Some(SyncStatus::Success) => {
                    if let ClientCommand::Add { client_id, .. } = &sent.command {
                        self.settle_add(&sent, client_id, responses);
                    } else {
                        self.fold(&sent);
                    }
                }
                // The planted defects: what was refused for good is asked for again.
                Some(SyncStatus::Conflict) if defect == Some(Defect::RetriesConflict) => {}
                Some(SyncStatus::Conversion | SyncStatus::NotFound)
                    if defect == Some(Defect::PermanentErrorRetriedForever) => {}
                // Conflict: the server's version wins; malformed; not found: the Delete comes by itself.
                Some(SyncStatus::Conflict | SyncStatus::Conversion | SyncStatus::NotFound) => {
                    self.give_up(&sent);
                }
                Some(_) => {}
            }
        }
    }

    fn settle_add(
        &mut self,
        sent: &SentCommand,
        client_id: &activesync::ClientId,
        responses: &[ItemResponse],
    ) {
        let id = responses.iter().find_map(|response| match response {
            ItemResponse::Add { client_id: id, server_id, .. } if id == client_id => {
                server_id.clone()
            }
            _ => None,
        });
        let Some(server_id) = id else { return };
        if let Some(twin) = self.find(&server_id).filter(|twin| *twin != sent.local) {
            self.items.remove(&twin);
        }
        if let Some(item) = self.items.get_mut(&sent.local) {
            item.server_id = Some(server_id);
            item.client_id = None;
        }
    }

    /// The command was done: the server now has what it says.
    pub(crate) fn fold(&mut self, sent: &SentCommand) {
        match &sent.command {
            ClientCommand::Change { data, send, .. } => {
                if *send {
                    self.items.remove(&sent.local);
                } else if let Some(item) = self.items.get_mut(&sent.local) {
                    item.base.merge(data);
                    item.forget_until(sent.edit);
                }
            }
            ClientCommand::Delete { .. } => {
                self.items.remove(&sent.local);
            }
            ClientCommand::Add { .. } | ClientCommand::Fetch { .. } => {}
        }
    }

    fn give_up(&mut self, sent: &SentCommand) {
        match &sent.command {
            ClientCommand::Change { .. } => {
                if let Some(item) = self.items.get_mut(&sent.local) {
                    item.forget_until(sent.edit);
                    item.pending.send.take_if(|edit| edit.number <= sent.edit);
                }
            }
            ClientCommand::Add { .. } | ClientCommand::Delete { .. } => {
                self.items.remove(&sent.local);
            }
            ClientCommand::Fetch { .. } => {}
        }
    }

    /// Takes a change of the server in.
    pub(crate) fn take(&mut self, command: &ServerCommand, numbers: &mut Numbers) {
        let server_id = command.server_id();
        let known = self.find(server_id);
        match command {
            ServerCommand::Add { data, .. } => {
                self.departed.remove(server_id);
                if let Some(item) = known.and_then(|local| self.items.get_mut(&local)) {
                    // Add for a known id is a Change (MS-ASCMD R757).
                    item.base.merge(data);
                    item.arrived = false;
                    return;
                }
                let pending = self.orphans.remove(server_id).unwrap_or_default();
                self.insert(server_id, data, pending, numbers);
            }
            ServerCommand::Change { data, .. } => {
                if let Some(item) = known.and_then(|local| self.items.get_mut(&local)) {
                    item.base.merge(data);
                }
            }
            ServerCommand::Delete { .. } | ServerCommand::SoftDelete { .. } => {
                self.departed.remove(server_id);
                if let Some(local) = known {
                    self.items.remove(&local);
                }
            }
        }
    }

    pub(crate) fn insert(
        &mut self,
        server_id: &ServerId,
        data: &Mail,
        pending: Pending,
        numbers: &mut Numbers,
    ) {
        numbers.local += 1;
        let server_id = Some(server_id.clone());
        let item = Item { server_id, base: data.clone(), pending, ..Item::default() };
        self.items.insert(numbers.local, item);
    }

    /// What no correct client does: an item goes without a Delete.
    pub(crate) fn forget(&mut self, server_id: &ServerId) {
        if let Some(local) = self.find(server_id) {
            self.items.remove(&local);
        }
    }

    /// The full content has been taken: drafts that had been sent before the reset and are there already are the same
    /// (MS-ASCMD R4428), and changes of items that are gone have lost their object.
    pub(crate) fn filled(&mut self) {
        self.filling = false;
        self.orphans.clear();
        let there: Vec<_> = self
            .items
            .values()
            .filter(|item| item.server_id.is_some())
            .map(|item| item.base.subject.clone())
            .collect();
        self.items.retain(|_, item| {
            let sent_before = item.server_id.is_none() && item.client_id.is_some();
            !(sent_before && there.contains(&item.base.subject))
        });
    }
}

impl Item {
    /// Drops the changes up to and including a number.
    fn forget_until(&mut self, number: u64) {
        let pending = &mut self.pending;
        pending.read.take_if(|edit| edit.number <= number);
        pending.flag.take_if(|edit| edit.number <= number);
    }
}

fn response_to(response: &ItemResponse, sent: &SentCommand) -> Option<SyncStatus> {
    let same = match (response, &sent.command) {
        (ItemResponse::Add { client_id, .. }, ClientCommand::Add { client_id: sent, .. }) => {
            client_id == sent
        }
        (ItemResponse::Change { server_id, .. }, ClientCommand::Change { server_id: sent, .. })
        | (ItemResponse::Delete { server_id, .. }, ClientCommand::Delete { server_id: sent }) => {
            server_id == sent
        }
        _ => false,
    };
    same.then(|| response.status())
}
