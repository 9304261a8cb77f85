//! Taking answers in.

use activesync::folders::{Change, Folder};
use activesync::http::HttpResponse;
use activesync::sync::{self, ClientCommand, ItemResponse, ServerCommand};
use activesync::{
    CollectionId, FolderStatus, MoveStatus, PingStatus, PolicyKey, ProtocolError, ProvisionStatus,
    Request, Response, SyncKey, SyncStatus, folders, moves, ping, provision,
};

use crate::device::{CollectionState, FolderEdit, SentCommand, Stage};
use crate::item::Item;
use crate::{Client, Config, Defect, School};

/// Server errors in a row after which a change of the hierarchy is given up.
const EDIT_FAILURES_MAX: u32 = 5;

/// An answer on its way into the store.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub request: Request,
    pub response: Response,
    pub stage: Stage,
}

impl Incoming {
    /// `None` when HTTP says that there is no answer.
    pub(crate) fn read(
        request: Request,
        response: &HttpResponse,
        config: &Config,
    ) -> Result<Option<Self>, ProtocolError> {
        if response.status != 200 {
            return Ok(None);
        }
        let response = Response::decode(request.command(), response.body())?;
        let split = config.defect == Some(Defect::SavesKeyBeforeItems)
            && matches!(request, Request::Sync(_));
        let stage = if split { Stage::PersistKey } else { Stage::Persist };
        Ok(Some(Self { request, response, stage }))
    }
}

/// What the client has to do about a status that is common to all commands (MS-ASCMD 2.2.4).
fn needs_provision(code: u16) -> bool {
    (140..=144).contains(&code)
}

impl Client {
    /// An HTTP status other than 200.
    pub(crate) fn refused(&mut self, status: u16) {
        self.disk.troubles += 1;
        // 449 before 14.0; 403 stands for several of the common statuses (MS-ASCMD R7545 to R7566).
        if status == 449 {
            self.unprovision();
        }
    }

    fn unprovision(&mut self) {
        self.disk.policy_key = None;
        self.disk.provisional_key = None;
    }

    pub(crate) fn apply(&mut self, incoming: &Incoming) {
        match (&incoming.request, &incoming.response) {
            (Request::Sync(request), Response::Sync(response)) => {
                self.apply_sync(request.as_ref(), response.as_ref());
            }
            (Request::FolderSync(request), Response::FolderSync(response)) => {
                self.apply_hierarchy(&request.sync_key, response);
            }
            (
                request,
                Response::FolderCreate(response)
                | Response::FolderUpdate(response)
                | Response::FolderDelete(response),
            ) => self.apply_edit(request, response),
            (Request::MoveItems(request), Response::MoveItems(response)) => {
                self.apply_moves(request, response);
            }
            (_, Response::Ping(response)) => self.apply_ping(response),
            (Request::Provision(request), Response::Provision(response)) => {
                self.apply_provision(request, response);
            }
            _ => {}
        }
    }

    /// The planted defect: keys go to the store, and with them the belief that the items did.
    pub(crate) fn apply_keys_only(&mut self, incoming: &Incoming) {
        let Response::Sync(Some(response)) = &incoming.response else { return };
        for answer in &response.collections {
            let state = self.disk.collections.get_mut(&answer.collection_id);
            if let (Some(state), Some(key), SyncStatus::Success) =
                (state, &answer.sync_key, answer.status)
            {
                state.key = key.clone();
                state.wanted = false;
                state.more = answer.more_available;
            }
        }
        self.disk.unanswered = None;
    }

    fn apply_sync(&mut self, request: Option<&sync::Request>, response: Option<&sync::Response>) {
        let had_commands = request
            .is_some_and(|request| request.collections.iter().any(|c| !c.commands.is_empty()));
        let Some(response) = response else {
            // Nothing changed (MS-ASCMD R667); commands that were sent are not answered by that.
            self.disk.cached_sync = !had_commands;
            if !had_commands {
                // An answer to an upload says nothing of what is waiting.
                let listed = |id: &CollectionId| {
                    request.is_none_or(|request| {
                        let mut collections = request.collections.iter();
                        collections.any(|c| c.collection_id == *id && c.wants_changes())
                    })
                };
                self.options_taken(request, |_| true);
                for (id, state) in &mut self.disk.collections {
                    state.wanted &= !listed(id);
                    state.more &= !listed(id);
                    state.filling &= !listed(id) || state.key.is_zero();
                }
            }
            return;
        };
        self.disk.cached_sync = false;
        if let Some(status) = response.status.filter(|status| *status != SyncStatus::Success) {
            self.apply_global(request, response, status);
            return;
        }
        self.disk.unanswered = None;
        self.disk.troubles = 0;
        let more = response.collections.iter().any(|answer| answer.more_available);
        for answer in &response.collections {
            let asked = request.and_then(|request| {
                request.collections.iter().find(|c| c.collection_id == answer.collection_id)
            });
            self.apply_collection(asked, answer);
        }
        let absent =
            |id: &CollectionId| response.collections.iter().all(|c| c.collection_id != *id);
        self.options_taken(request, absent);
        // A collection that found no room is absent; its changes come next time (MS-ASCMD R4782, R4783).
        let asked = request.into_iter().flat_map(|request| &request.collections);
        for collection in asked {
            let id = &collection.collection_id;
            if response.collections.iter().all(|answer| answer.collection_id != *id)
                && let Some(state) = self.disk.collections.get_mut(id)
            {
                // Silence about what was not asked for says nothing.
                let uploaded_only = !collection.wants_changes();
                state.wanted = more || uploaded_only || state.sent.is_some() || state.key.is_zero();
                state.filling &= more || uploaded_only || state.key.is_zero();
            }
        }
    }

    /// Silence about a collection that came with options is consent.
    fn options_taken(
        &mut self,
        request: Option<&sync::Request>,
        silent: impl Fn(&CollectionId) -> bool,
    ) {
        let asked = request.into_iter().flat_map(|request| &request.collections);
        for collection in asked.filter(|collection| collection.options.is_some()) {
            if silent(&collection.collection_id)
                && let Some(state) = self.disk.collections.get_mut(&collection.collection_id)
            {
                state.options_fresh = false;
            }
        }
    }

    fn apply_global(
        &mut self,
        request: Option<&sync::Request>,
        response: &sync::Response,
        status: SyncStatus,
    ) {
        self.disk.troubles += 1;
        let asked: Vec<CollectionId> = match request {
            Some(request) => request.collections.iter().map(|c| c.collection_id.clone()).collect(),
            None => self.disk.collections.keys().cloned().collect(),
        };
        match status {
            SyncStatus::InvalidSyncKey | SyncStatus::Other(132 | 134 | 136) => {
                self.disk.unanswered = None;
                self.for_collections(&asked, CollectionState::reset);
            }
            SyncStatus::ProtocolError => {
                self.disk.unanswered = None;
                self.for_collections(&asked, |state| state.sent = None);
            }
            SyncStatus::HierarchyChanged => self.hierarchy_changed(),
            SyncStatus::Incomplete => {
                // The same commands, but every collection listed.
                self.disk.unanswered = None;
                self.want_all();
            }
            SyncStatus::WaitRange => {
                if let Some(limit) = response.limit {
                    self.disk.heartbeat_seconds = limit;
                }
            }
            SyncStatus::Other(code) if needs_provision(code) => self.unprovision(),
            // 5, 16, 110, 111, 133: the same request again (MS-ASCMD 2.2.3.177.17).
            _ => {}
        }
    }

    pub(crate) fn for_collections<'a>(
        &mut self,
        ids: impl IntoIterator<Item = &'a CollectionId>,
        change: impl Fn(&mut CollectionState),
    ) {
        for id in ids {
            if let Some(state) = self.disk.collections.get_mut(id) {
                change(state);
            }
        }
    }

    /// FolderSync first, then the same commands under the same key, for the folders that are still there.
    fn hierarchy_changed(&mut self) {
        self.disk.hierarchy_wanted = true;
        self.disk.unanswered = None;
    }

    fn apply_collection(
        &mut self,
        asked: Option<&sync::Collection>,
        answer: &sync::CollectionResponse,
    ) {
        let id = &answer.collection_id;
        let drains = self.drains();
        let ignore_deletes = self.has_defect(Defect::IgnoresDeletes);
        let mut next_local = self.disk.locals;
        let Some(state) = self.disk.collections.get_mut(id) else { return };
        match answer.status {
            SyncStatus::Success => {
                let Some(key) = &answer.sync_key else { return };
                if asked.is_some_and(|asked| asked.sync_key.is_zero()) {
                    state.key = key.clone();
                    state.wanted = true;
                    return;
                }
                state.settle(&answer.responses);
                for command in &answer.commands {
                    let delete = matches!(
                        command,
                        ServerCommand::Delete { .. } | ServerCommand::SoftDelete { .. }
                    );
                    if !(delete && ignore_deletes) {
                        state.take(command, &mut next_local);
                    }
                }
                state.key = key.clone();
                state.more = answer.more_available && drains;
                let uploaded_only = asked.is_some_and(|asked| !asked.wants_changes());
                state.wanted = uploaded_only;
                if asked.is_some_and(|asked| asked.options.is_some()) {
                    state.options_fresh = false;
                }
                if state.filling && !answer.more_available && !uploaded_only {
                    state.filled();
                }
                self.disk.locals = next_local;
            }
            SyncStatus::InvalidSyncKey | SyncStatus::Other(132 | 134 | 136) => state.reset(),
            SyncStatus::HierarchyChanged | SyncStatus::NotFound => {
                state.wanted = true;
                self.hierarchy_changed();
            }
            SyncStatus::ProtocolError => {
                state.sent = None;
                self.disk.troubles += 1;
            }
            SyncStatus::Other(code) if needs_provision(code) => self.unprovision(),
            _ => {
                // Server error, retry: the key stays, and the same commands go again under it.
                state.wanted = true;
                self.disk.troubles += 1;
            }
        }
    }

    fn apply_hierarchy(&mut self, asked: &SyncKey, response: &folders::SyncResponse) {
        match (response.status, &response.sync_key) {
            (FolderStatus::Success, Some(key)) => {
                if asked.is_zero() {
                    let listed = |id: &CollectionId| {
                        response
                            .changes
                            .iter()
                            .any(|change| matches!(change, Change::Add(f) if f.server_id == *id))
                    };
                    self.disk.folders.retain(|id, _| listed(id));
                    self.disk.collections.retain(|id, _| listed(id));
                }
                for change in &response.changes {
                    match change {
                        Change::Add(folder) | Change::Update(folder) => self.take_folder(folder),
                        Change::Delete(id) => self.drop_folder(id),
                    }
                }
                self.disk.hierarchy_key = key.clone();
                self.disk.hierarchy_wanted = false;
            }
            (FolderStatus::InvalidSyncKey, _) => self.disk.hierarchy_key = SyncKey::zero(),
            (FolderStatus::Other(code), _) if needs_provision(code) => self.unprovision(),
            _ => self.disk.troubles += 1,
        }
    }

    fn take_folder(&mut self, folder: &Folder) {
        let wanted = folder.folder_type.is_mail()
            && self
                .config
                .folder_prefix
                .as_ref()
                .is_none_or(|prefix| folder.display_name.starts_with(prefix.as_str()));
        let id = &folder.server_id;
        self.disk.folders.insert(id.clone(), folder.clone());
        if wanted && !self.disk.collections.contains_key(id) {
            self.disk.collections.insert(id.clone(), CollectionState::new());
            self.disk.cached_sync = false;
        }
    }

    fn drop_folder(&mut self, id: &CollectionId) {
        self.disk.folders.remove(id);
        self.disk.collections.remove(id);
        self.disk.cached_sync = false;
    }

    fn apply_edit(&mut self, request: &Request, response: &folders::EditResponse) {
        self.disk.unanswered = None;
        match response.status {
            FolderStatus::Success => {
                self.edit_done(request, response);
                if let Some(key) = &response.sync_key {
                    self.disk.hierarchy_key = key.clone();
                }
            }
            FolderStatus::InvalidSyncKey => {
                self.disk.hierarchy_key = SyncKey::zero();
                self.disk.hierarchy_wanted = true;
                return;
            }
            FolderStatus::Other(code) if needs_provision(code) => return self.unprovision(),
            FolderStatus::ServerError | FolderStatus::Unknown | FolderStatus::CodeUnknown => {
                self.disk.troubles += 1;
                self.disk.edit_failures += 1;
                if self.disk.edit_failures < EDIT_FAILURES_MAX {
                    return;
                }
                // It will not be done: the device looks at the hierarchy anew, and its user at what came of it.
                self.disk.hierarchy_key = SyncKey::zero();
                self.disk.hierarchy_wanted = true;
            }
            // Exists, special, not there: nothing to be done about it but to look again.
            _ => self.disk.hierarchy_wanted = true,
        }
        self.disk.edit_failures = 0;
        if !self.disk.folder_edits.is_empty() {
            self.disk.folder_edits.remove(0);
        }
    }

    fn edit_done(&mut self, request: &Request, response: &folders::EditResponse) {
        match (request, self.disk.folder_edits.first()) {
            (Request::FolderCreate(create), _) => {
                let Some(server_id) = response.server_id.clone() else { return };
                self.take_folder(&Folder {
                    server_id,
                    parent_id: create.parent_id.clone(),
                    display_name: create.display_name.clone(),
                    folder_type: create.folder_type,
                });
            }
            (_, Some(FolderEdit::Rename { id, name })) => {
                let (id, name) = (id.clone(), name.as_str().into());
                if let Some(folder) = self.disk.folders.get_mut(&id) {
                    folder.display_name = name;
                }
            }
            (_, Some(FolderEdit::Delete { id })) => {
                let id = id.clone();
                self.drop_folder(&id);
            }
            _ => {}
        }
    }

    fn apply_moves(&mut self, request: &moves::Request, response: &moves::Response) {
        self.disk.unanswered = None;
        for (asked, moved) in request.moves.iter().filter_map(|asked| {
            let moved = response.moved.iter().find(|moved| moved.source_id == asked.source_id);
            moved.map(|moved| (asked, moved))
        }) {
            self.apply_move(asked, moved);
        }
    }

    fn apply_move(&mut self, asked: &moves::Move, moved: &moves::Moved) {
        let school = self.config.school;
        let Some(source) = self.disk.collections.get_mut(&asked.source_folder) else { return };
        let Some(local) = source.find(&asked.source_id) else { return };
        let Some(item) = source.items.get_mut(&local) else { return };
        if moved.status == MoveStatus::Locked {
            self.disk.troubles += 1;
            return;
        }
        item.pending.moved = None;
        source.wanted = true;
        match (moved.status, school, &moved.destination_id) {
            (MoveStatus::Success, School::Rekey, Some(new_id)) => {
                let Some(mut item) = source.items.remove(&local) else { return };
                if !item.arrived {
                    source.departed.insert(asked.source_id.clone(), item.clone());
                }
                let Some(target) = self.disk.collections.get_mut(&asked.destination_folder) else {
                    return;
                };
                target.wanted = true;
                if target.find(new_id).is_none() {
                    item.server_id = Some(new_id.clone());
                    item.arrived = true;
                    target.items.insert(local, item);
                }
            }
            (MoveStatus::Success, _, _) => {
                item.leaving = true;
                if let Some(target) = self.disk.collections.get_mut(&asked.destination_folder) {
                    target.wanted = true;
                }
            }
            (MoveStatus::InvalidDestination, _, _) => self.disk.hierarchy_wanted = true,
            _ => {}
        }
    }

    fn apply_ping(&mut self, response: &ping::Response) {
        match response.status {
            PingStatus::Changes => {
                for id in &response.folders {
                    if let Some(state) = self.disk.collections.get_mut(id) {
                        state.wanted = true;
                    }
                }
            }
            PingStatus::IntervalRange => {
                if let Some(seconds) = response.heartbeat_seconds {
                    self.disk.heartbeat_seconds = seconds;
                }
            }
            PingStatus::FolderSyncNeeded => self.disk.hierarchy_wanted = true,
            PingStatus::Other(code) if needs_provision(code) => self.unprovision(),
            PingStatus::Expired => {}
            _ => self.disk.troubles += 1,
        }
    }

    fn apply_provision(&mut self, request: &provision::Request, response: &provision::Response) {
        if response.status != ProvisionStatus::Success {
            self.disk.troubles += 1;
            self.disk.provisional_key = None;
            return;
        }
        let policy = response.policy.as_ref();
        let key = policy.and_then(|policy| policy.key);
        let no_policy = policy.is_none_or(|policy| policy.status == ProvisionStatus::Protocol);
        if no_policy {
            // The server has no policy for this device (MS-ASPROV 2.2.2.54, status 2).
            self.disk.policy_key = Some(PolicyKey(0));
        } else if request.acknowledge.is_some() {
            self.disk.policy_key = key;
            self.disk.provisional_key = None;
        } else {
            self.disk.provisional_key = key;
        }
    }
}

impl CollectionState {
    /// What became of the commands sent: those that are not mentioned were done (MS-ASCMD R6414).
    fn settle(&mut self, responses: &[ItemResponse]) {
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
    fn take(&mut self, command: &ServerCommand, next_local: &mut u32) {
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
                *next_local += 1;
                let pending = self.orphans.remove(server_id).unwrap_or_default();
                let server_id = Some(server_id.clone());
                let item = Item { server_id, base: data.clone(), pending, ..Item::default() };
                self.items.insert(*next_local, item);
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

    /// The full content has been taken: drafts that had been sent before the reset and are there already are the same
    /// (MS-ASCMD R4428), and changes of items that are gone have lost their object.
    fn filled(&mut self) {
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
