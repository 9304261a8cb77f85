//! Provision, hierarchy, Sync, Ping and the like.

use activesync::sync::{ItemResponse, ServerCommand};
use activesync::{
    Command, EstimateStatus, FolderStatus, MoveStatus, PingStatus, ProvisionStatus, Request,
    Response, SyncStatus,
};
use activesync_client::{SyncChoices, Want};

use crate::output::text::count;

use super::device::{Shell, Stop};
use super::print;

/// Windows of one `test_sync`: far more than any mailbox needs, so that a server which always has more is noticed.
const ROUNDS_MAX: usize = 10_000;
/// Answers in a row that bring nothing but a reason to ask again.
const TROUBLES_MAX: usize = 5;
/// How long `ping` waits unless it says otherwise, in seconds.
const PING_SECONDS: u32 = 60;
/// The longest heartbeat of MS-ASCMD, in seconds.
const PING_SECONDS_MAX: u32 = 3540;

/// What one `test_sync` brought.
#[derive(Default)]
struct Brought {
    adds: usize,
    changes: usize,
    deletes: usize,
    windows: usize,
}

impl Shell<'_> {
    /// Provision in two phases.
    pub(crate) async fn provision_device(&mut self) -> Result<(), Stop> {
        let account = self.account()?;
        if !account.offers(Command::Provision) {
            account.session.client_mut().do_without_provision();
            self.terminal.println("the server offers no Provision; going on with policy key 0");
            return Ok(());
        }
        // The phase that acknowledges comes second, unless an earlier attempt ended between the two.
        for _ in 0..2 {
            let call = self.call(&Want::Provision, "a call is under way").await?;
            let (Request::Provision(asked), Ok(Response::Provision(answer))) =
                (&call.sent, &call.outcome)
            else {
                return Err(Stop::failed("Provision was answered by something else"));
            };
            if answer.remote_wipe {
                self.terminal.println(
                    "the server asks for a remote wipe; there is nothing here to wipe, and nothing is acknowledged",
                );
            }
            if answer.status != ProvisionStatus::Success {
                return Err(Stop::failed(format!("Provision: status {}", answer.status)));
            }
            match &answer.policy {
                None => self.terminal.println("Provision: the server has no policy"),
                Some(policy) if policy.status != ProvisionStatus::Success => {
                    self.terminal.println(&format!("Provision: policy status {}", policy.status));
                }
                Some(policy) => {
                    let key = policy.key.map_or_else(|| "none".into(), |key| key.to_string());
                    let phase = match asked.acknowledge {
                        None => "phase 1, temporary policy key",
                        Some(_) => "phase 2, policy key",
                    };
                    self.terminal.println(&format!("Provision: {phase} {key}"));
                }
            }
            // A policy that is not there has nothing to be acknowledged.
            let policy = answer.policy.as_ref();
            let no_policy = policy.is_none_or(|policy| policy.status != ProvisionStatus::Success);
            let finished = asked.acknowledge.is_some() || no_policy;
            let key = self.client()?.policy_key();
            if let Some(key) = key.filter(|_| finished) {
                self.terminal.println(&format!("provisioned, policy key {key}"));
                return Ok(());
            }
        }
        match self.client()?.policy_key() {
            Some(key) => {
                self.terminal.println(&format!("provisioned, policy key {key}"));
                Ok(())
            }
            None => Err(Stop::failed("Provision: the server gave no policy key")),
        }
    }

    /// FolderSync, and the tree.
    pub(crate) async fn folder_sync(&mut self) -> Result<(), Stop> {
        self.update_hierarchy().await?;
        // Chooses the Inbox, if nothing is chosen.
        let _ = self.account()?.folder();
        self.folders()
    }

    async fn update_hierarchy(&mut self) -> Result<(), Stop> {
        for _ in 0..2 {
            let call = self.call(&Want::FolderSync, "a call is under way").await?;
            let Ok(Response::FolderSync(answer)) = &call.outcome else {
                return Err(Stop::failed("FolderSync was answered by something else"));
            };
            match answer.status {
                FolderStatus::Success => {
                    let changes = count(answer.changes.len(), "change");
                    self.terminal.println(&format!("FolderSync: {changes}"));
                    return Ok(());
                }
                FolderStatus::InvalidSyncKey => {
                    self.terminal.println(
                        "FolderSync: the server does not know the key any more; starting again from 0",
                    );
                }
                status => return Err(refused("FolderSync", status.code(), &status)),
            }
        }
        Err(Stop::failed("FolderSync: the server does not take the key 0"))
    }

    /// The tree as known.
    pub(crate) fn folders(&mut self) -> Result<(), Stop> {
        let account = self.account()?;
        let client = account.session.client();
        if client.folders().next().is_none() {
            return Err(Stop::failed("no folder is known: folder_sync() first"));
        }
        let text = print::folders(client, account.folder.as_ref());
        self.terminal.print(&text);
        Ok(())
    }

    /// Forgets the copy of the folder, and asks for a first key.
    pub(crate) async fn test_sync_reset(&mut self) -> Result<(), Stop> {
        let account = self.account()?;
        let id = account.folder()?;
        if !account.session.client_mut().user_reset(&id) {
            return Err(Stop::failed(
                "a Sync with changes of this device has not been answered; `retry` or test_sync() first",
            ));
        }
        let choices = SyncChoices { collections: vec![id.clone()], ..SyncChoices::default() };
        let call = self.call(&Want::Sync(choices), "there is nothing to synchronise").await?;
        let Ok(Response::Sync(Some(answer))) = &call.outcome else {
            return Err(Stop::failed("Sync with SyncKey 0 got an empty answer"));
        };
        if let Some(status) = answer.status.filter(|status| *status != SyncStatus::Success) {
            return Err(refused("Sync", status.code(), &status));
        }
        let collection = answer.collections.iter().find(|c| c.collection_id == id);
        match collection {
            Some(answer) if answer.status == SyncStatus::Success => {
                let key = answer.sync_key.as_ref().map_or("none", |key| key.as_str());
                let name = self.account()?.folder_name().unwrap_or_default();
                self.terminal.println(&format!(
                    "{}: the local copy is gone; first SyncKey {}",
                    print::cut(&name, 40),
                    print::cut(key, 64)
                ));
                Ok(())
            }
            Some(answer) => Err(refused("Sync", answer.status.code(), &answer.status)),
            None => Err(Stop::failed("Sync: the answer does not mention the folder")),
        }
    }

    /// Sync until there is no more, with the changes of the device.
    pub(crate) async fn test_sync(&mut self) -> Result<(), Stop> {
        let id = self.account()?.folder()?;
        let mut brought = Brought::default();
        self.sync_folder(&mut brought).await?;
        let moves = |shell: &mut Self| {
            let client = shell.client()?;
            let mut mails = client.mails();
            Ok::<_, Stop>(mails.any(|mail| {
                *mail.collection == id
                    && mail.item.pending.moved.is_some()
                    && !mail.item.pending.wants_sync()
            }))
        };
        if moves(self)? {
            let call = self.call(&Want::MoveItems, "there is nothing to move").await?;
            if let Ok(Response::MoveItems(answer)) = &call.outcome {
                for moved in &answer.moved {
                    let new_id = moved.destination_id.as_ref().map_or("none", |id| id.as_str());
                    self.terminal.println(&match moved.status {
                        MoveStatus::Success => {
                            format!("MoveItems: moved, new id {}", print::cut(new_id, 64))
                        }
                        status => format!("MoveItems: refused, status {status}"),
                    });
                }
            }
            self.sync_folder(&mut brought).await?;
        }
        let account = self.account()?;
        let name = account.folder_name().unwrap_or_default();
        let held = account.session.client().mails().filter(|mail| *mail.collection == id).count();
        self.terminal.println(&format!(
            "{}: {} in {}: {} added, {} changed, {} deleted; the device holds {}",
            print::cut(&name, 40),
            count(brought.adds + brought.changes + brought.deletes, "change"),
            count(brought.windows, "window"),
            brought.adds,
            brought.changes,
            brought.deletes,
            count(held, "mail"),
        ));
        Ok(())
    }

    async fn sync_folder(&mut self, brought: &mut Brought) -> Result<(), Stop> {
        let id = self.account()?.folder()?;
        let mut troubles = 0;
        for round in 0..ROUNDS_MAX {
            let due = |shell: &mut Self| {
                let client = shell.client()?;
                let state = client.collections().find(|(known, _)| **known == id);
                Ok::<_, Stop>(state.map(|(_, state)| state.is_due()))
            };
            match due(self)? {
                None => return Err(Stop::failed("the folder is not there any more")),
                Some(false) if round > 0 => return Ok(()),
                Some(_) => {}
            }
            let choices = SyncChoices { collections: vec![id.clone()], ..SyncChoices::default() };
            let otherwise = "another request has not been answered; `retry` it first";
            let call = self.call(&Want::Sync(choices), otherwise).await?;
            let Ok(Response::Sync(answer)) = &call.outcome else {
                return Err(Stop::failed("Sync was answered by something else"));
            };
            brought.windows += 1;
            // An empty answer: nothing has changed.
            let Some(answer) = answer else { continue };
            let mut statuses = Vec::from_iter(answer.status);
            for collection in &answer.collections {
                statuses.push(collection.status);
                brought.take(&collection.commands);
                self.print_refusals(&collection.responses);
            }
            let trouble = statuses.into_iter().find(|status| *status != SyncStatus::Success);
            match trouble {
                None => troubles = 0,
                Some(status) => {
                    troubles += 1;
                    if troubles == TROUBLES_MAX {
                        return Err(refused("Sync", status.code(), &status));
                    }
                    self.cope(status).await?;
                }
            }
        }
        Err(Stop::failed(format!("Sync: the server still has more after {ROUNDS_MAX} windows")))
    }

    /// What the protocol says is to be done about a status.
    async fn cope(&mut self, status: SyncStatus) -> Result<(), Stop> {
        match status {
            SyncStatus::InvalidSyncKey => {
                self.terminal.println(&format!("Sync: status {status}; starting again from key 0"));
                Ok(())
            }
            SyncStatus::HierarchyChanged | SyncStatus::NotFound => {
                self.terminal.println(&format!("Sync: status {status}; FolderSync first"));
                self.update_hierarchy().await
            }
            SyncStatus::ServerError | SyncStatus::Retry | SyncStatus::Incomplete => {
                self.terminal.println(&format!("Sync: status {status}; asking again"));
                Ok(())
            }
            status => Err(refused("Sync", status.code(), &status)),
        }
    }

    fn print_refusals(&mut self, responses: &[ItemResponse]) {
        for response in responses {
            let status = response.status();
            if status != SyncStatus::Success {
                let (what, id) = match response {
                    ItemResponse::Add { client_id, .. } => ("Add", client_id.as_str()),
                    ItemResponse::Change { server_id, .. } => ("Change", server_id.as_str()),
                    ItemResponse::Delete { server_id, .. } => ("Delete", server_id.as_str()),
                    ItemResponse::Fetch { server_id, .. } => ("Fetch", server_id.as_str()),
                };
                let id = print::cut(id, 64);
                self.terminal.println(&format!("Sync: {what} of {id} refused, status {status}"));
            }
        }
    }

    /// Waits for changes.
    pub(crate) async fn ping(&mut self, seconds: Option<&str>) -> Result<(), Stop> {
        let seconds = match seconds {
            None => PING_SECONDS,
            Some(word) => match word.parse() {
                Ok(seconds @ 1..=PING_SECONDS_MAX) => seconds,
                _ => return Err(Stop::failed(format!("seconds: 1 to {PING_SECONDS_MAX}"))),
            },
        };
        self.client()?.user_heartbeat(seconds);
        let call =
            self.call(&Want::Ping, "nothing was synchronised yet: test_sync() first").await?;
        let Ok(Response::Ping(answer)) = &call.outcome else {
            return Err(Stop::failed("Ping was answered by something else"));
        };
        let after = call.took.as_secs_f32();
        match answer.status {
            PingStatus::Expired => {
                self.terminal.println(&format!("Ping: nothing changed within {after:.1} s"));
            }
            PingStatus::Changes => {
                let client = self.account()?.session.client();
                let name = |id: &activesync::CollectionId| {
                    let mut folders = client.folders();
                    let folder = folders.find(|folder| folder.server_id == *id);
                    print::cut(folder.map_or(id.as_str(), |folder| &folder.display_name), 40)
                };
                let names: Vec<_> = answer.folders.iter().map(name).collect();
                let text = format!("Ping: changes in {} after {after:.1} s", names.join(", "));
                self.terminal.println(&text);
            }
            PingStatus::IntervalRange => {
                let wanted = answer.heartbeat_seconds.unwrap_or_default();
                return Err(Stop::failed(format!(
                    "Ping: the server wants a heartbeat of {wanted} s; `ping {wanted}`"
                )));
            }
            PingStatus::FolderSyncNeeded => {
                return Err(Stop::failed("Ping: the hierarchy has changed: folder_sync() first"));
            }
            status => return Err(refused("Ping", status.code(), &status)),
        }
        Ok(())
    }

    /// How many changes are pending.
    pub(crate) async fn estimate(&mut self) -> Result<(), Stop> {
        for (name, estimate) in self.estimates().await? {
            self.terminal.println(&match estimate {
                Ok(count) => format!("{name}: {count} pending"),
                Err(status) => format!("{name}: status {status}"),
            });
        }
        Ok(())
    }

    /// Folder, and how many changes are pending for it on the server.
    pub(crate) async fn estimates(
        &mut self,
    ) -> Result<Vec<(String, Result<u32, EstimateStatus>)>, Stop> {
        let otherwise = "nothing was synchronised yet: test_sync() first";
        let call = self.call(&Want::Estimate, otherwise).await?;
        let Ok(Response::GetItemEstimate(answer)) = &call.outcome else {
            return Err(Stop::failed("GetItemEstimate was answered by something else"));
        };
        let client = self.account()?.session.client();
        let row = |estimate: &activesync::estimate::Estimate| {
            let id = estimate.collection_id.as_ref();
            let folder = client.folders().find(|folder| Some(&folder.server_id) == id);
            let id = id.map_or("a folder without id", |id| id.as_str());
            let name = print::cut(folder.map_or(id, |folder| &folder.display_name), 40);
            match estimate.status {
                EstimateStatus::Success => (name, Ok(estimate.estimate.unwrap_or(0))),
                status => (name, Err(status)),
            }
        };
        Ok(answer.estimates.iter().map(row).collect())
    }
}

impl Brought {
    fn take(&mut self, commands: &[ServerCommand]) {
        for command in commands {
            match command {
                ServerCommand::Add { .. } => self.adds += 1,
                ServerCommand::Change { .. } => self.changes += 1,
                ServerCommand::Delete { .. } | ServerCommand::SoftDelete { .. } => {
                    self.deletes += 1;
                }
            }
        }
    }
}

/// A status that leaves nothing to be done here.
fn refused(command: &str, code: u16, status: &dyn std::fmt::Display) -> Stop {
    let advice = if (140..=144).contains(&code) { "; provision_device() first" } else { "" };
    Stop::failed(format!("{command}: status {status}{advice}"))
}
