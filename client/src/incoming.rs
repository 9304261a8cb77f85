//! Taking answers in.

use activesync::folders::{Change, Folder};
use activesync::http::HttpResponse;
use activesync::sync::{self, ClientCommand};
use activesync::{
    CollectionId, FolderStatus, MoveStatus, PingStatus, PolicyKey, ProtocolError, ProvisionStatus,
    Request, Response, SyncKey, SyncStatus, folders, moves, ping, provision,
};

use crate::content::Numbers;
use crate::device::{CollectionState, FolderEdit, Stage};
use crate::{Client, Config, Defect, School};

/// HTTP errors in a row after which the device looks at the hierarchy.
const REFUSALS_BEFORE_LOOK: u32 = 5;

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
        // A request that the server always stumbles over may speak of a folder that is there no more.
        if status >= 500 && self.disk.troubles.is_multiple_of(REFUSALS_BEFORE_LOOK) {
            self.disk.hierarchy_wanted = true;
        }
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
                self.nothing_changed(request);
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
        self.disk.cache_refused = false;
        let more = response.collections.iter().any(|answer| answer.more_available);
        let patient = self.has_defect(Defect::TreatsOmittedAsDone);
        let window = request.and_then(|request| request.window_size);
        let total: usize = response.collections.iter().map(|answer| answer.commands.len()).sum();
        // Who is not spoken of when the window is used up may have found no room (MS-ASCMD R4782, R4783).
        let full = window.is_some() && total >= sync::effective_window(window) as usize;
        let more_elsewhere = (more || full) && !patient;
        for answer in &response.collections {
            let asked = request.and_then(|request| {
                request.collections.iter().find(|c| c.collection_id == answer.collection_id)
            });
            if asked.is_some() || self.is_from_cache(request, &answer.collection_id) {
                self.apply_collection(asked, answer);
            } else if let Some(state) = self.disk.collections.get_mut(&answer.collection_id) {
                state.wanted = true;
            }
        }
        let absent =
            |id: &CollectionId| response.collections.iter().all(|c| c.collection_id != *id);
        self.options_taken(request, absent);
        if request.is_some_and(|request| request.partial) {
            for id in self.disk.cached.clone() {
                let mut listed = request.into_iter().flat_map(|request| &request.collections);
                let listed = listed.any(|collection| collection.collection_id == id);
                if let Some(state) = self.disk.collections.get_mut(&id)
                    && !listed
                    && absent(&id)
                {
                    state.wanted = more_elsewhere || state.sent.is_some() || state.key.is_zero();
                }
            }
        }
        // A collection that found no room is absent; its changes come next time (MS-ASCMD R4782, R4783).
        let asked = request.into_iter().flat_map(|request| &request.collections);
        for collection in asked {
            let id = &collection.collection_id;
            if response.collections.iter().all(|answer| answer.collection_id != *id)
                && let Some(state) = self.disk.collections.get_mut(id)
            {
                // Silence about what was not asked for says nothing.
                let uploaded_only = !collection.wants_changes();
                state.wanted =
                    more_elsewhere || uploaded_only || state.sent.is_some() || state.key.is_zero();
                state.filling &= more_elsewhere || uploaded_only || state.key.is_zero();
            }
        }
    }

    /// Whether a collection that was not listed was asked for all the same, by a Partial or empty request that leaves it to
    /// the server's cache (MS-ASCMD R3644 to R3646). The cache may be that of a request which the device has given up and
    /// which arrived late; what that asked for is not taken: its key may belong to a copy that is gone.
    fn is_from_cache(&self, request: Option<&sync::Request>, id: &CollectionId) -> bool {
        let started = self.disk.collections.get(id).is_some_and(|state| !state.key.is_zero());
        request.is_none_or(|request| request.partial) && self.disk.cached.contains(id) && started
    }

    /// An empty answer: nothing to say of what the request asked about, or the cached one if it was empty as well.
    fn nothing_changed(&mut self, request: Option<&sync::Request>) {
        // An answer to an upload says nothing of what is waiting.
        let asked = |c: &&sync::Collection| c.wants_changes();
        let mut about: std::collections::BTreeSet<CollectionId> = request
            .into_iter()
            .flat_map(|request| request.collections.iter().filter(asked))
            .map(|collection| collection.collection_id.clone())
            .collect();
        // What a Partial or an empty request leaves out is asked for as before.
        if request.is_none_or(|request| request.partial) {
            let listed = |id: &CollectionId| {
                let mut listed = request.into_iter().flat_map(|request| &request.collections);
                listed.any(|collection| collection.collection_id == *id)
            };
            about.extend(self.disk.cached.iter().filter(|id| !listed(id)).cloned());
        }
        self.options_taken(request, |_| true);
        let sticky = self.has_defect(Defect::MoreAvailableSticky);
        self.for_collections(&about, |state| {
            state.wanted = false;
            state.more &= sticky;
            state.filling &= state.key.is_zero();
        });
        self.disk.cached = about;
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
                let keeps_items = self.has_defect(Defect::Status3WithoutWipe);
                self.for_collections(&asked, |state| state.reset(keeps_items));
            }
            SyncStatus::ProtocolError => {
                self.disk.unanswered = None;
                self.for_collections(&asked, |state| state.sent = None);
            }
            SyncStatus::HierarchyChanged => self.hierarchy_changed(),
            SyncStatus::Incomplete => {
                // The same commands, but every collection listed.
                self.disk.cache_refused = true;
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
            _ => {
                if let (true, Some(request)) = (self.has_defect(Defect::FetchErrorAsGone), request)
                {
                    self.forget_fetched(request);
                }
            }
        }
    }

    /// The planted defect: what could not be fetched is taken to be gone.
    fn forget_fetched(&mut self, request: &sync::Request) {
        for collection in &request.collections {
            let Some(state) = self.disk.collections.get_mut(&collection.collection_id) else {
                continue;
            };
            for command in &collection.commands {
                if let ClientCommand::Fetch { server_id } = command {
                    state.forget(server_id);
                }
            }
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
        if !self.has_defect(Defect::IgnoresStatus12) {
            self.disk.hierarchy_wanted = true;
        }
        self.disk.unanswered = None;
    }

    fn apply_collection(
        &mut self,
        asked: Option<&sync::Collection>,
        answer: &sync::CollectionResponse,
    ) {
        let id = &answer.collection_id;
        let before = self.disk.collections.get(id).is_some_and(|state| state.more);
        let goes_on = self.goes_on(answer.more_available, before);
        let defect = self.config.defect;
        let mut numbers = Numbers { local: self.disk.locals, edit: self.disk.edits };
        let Some(state) = self.disk.collections.get_mut(id) else { return };
        match answer.status {
            SyncStatus::Success => {
                let Some(key) = &answer.sync_key else { return };
                if asked.is_some_and(|asked| asked.sync_key.is_zero()) {
                    state.key = key.clone();
                    state.wanted = true;
                    return;
                }
                state.settle(&answer.responses, defect);
                for command in &answer.commands {
                    if !state.mistake(command, defect, &mut numbers) {
                        state.take(command, &mut numbers);
                    }
                }
                state.key = key.clone();
                state.refusals = 0;
                state.more = goes_on;
                let uploaded_only = asked.is_some_and(|asked| !asked.wants_changes());
                state.wanted = uploaded_only;
                if asked.is_some_and(|asked| asked.options.is_some()) {
                    state.options_fresh = false;
                }
                if state.filling && !answer.more_available && !uploaded_only {
                    state.filled();
                }
                self.disk.locals = numbers.local;
                self.disk.edits = numbers.edit;
            }
            SyncStatus::InvalidSyncKey | SyncStatus::Other(132 | 134 | 136) => {
                state.reset(defect == Some(Defect::Status3WithoutWipe));
                state.refusals += 1;
                if defect == Some(Defect::GiveupReportsSynced) && state.refusals > 1 {
                    state.wanted = false;
                    state.filling = false;
                }
            }
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
        let root = folder.parent_id.as_str() == "0";
        let (known, parent) = (&self.disk.folders, &folder.parent_id);
        if self.config.needs_parents
            && !root
            && !known.contains_key(id)
            && !known.contains_key(parent)
        {
            return;
        }
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
        // What was asked about a folder that is gone is not asked again.
        let gone = match &self.disk.unanswered {
            Some(Request::MoveItems(request)) => request
                .moves
                .iter()
                .any(|item| item.source_folder == *id || item.destination_folder == *id),
            Some(Request::Sync(Some(request))) => {
                request.collections.iter().any(|collection| collection.collection_id == *id)
            }
            _ => false,
        };
        if gone {
            self.disk.unanswered = None;
        }
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
        // An id may be that of two items in two folders: each answer is for one of them, in the order of the request.
        let mut answers: Vec<_> = response.moved.iter().collect();
        for asked in &request.moves {
            let place = answers.iter().position(|moved| moved.source_id == asked.source_id);
            if let Some(place) = place {
                self.apply_move(asked, answers.remove(place));
            }
        }
    }

    fn apply_move(&mut self, asked: &moves::Move, moved: &moves::Moved) {
        let school = self.config.school;
        let loses_id = self.has_defect(Defect::MoveLosesNewId);
        let Some(source) = self.disk.collections.get_mut(&asked.source_folder) else { return };
        let Some(local) = source.find(&asked.source_id) else { return };
        let Some(item) = source.items.get_mut(&local) else { return };
        if moved.status == MoveStatus::Locked {
            self.disk.troubles += 1;
            return;
        }
        item.pending.moved = None;
        source.wanted = true;
        let destination = match &moved.destination_id {
            Some(_) if loses_id => Some("0".into()),
            id => id.clone(),
        };
        match (moved.status, school, destination) {
            (MoveStatus::Success, School::Rekey, Some(new_id)) => {
                let Some(mut item) = source.items.remove(&local) else { return };
                if !item.arrived {
                    source.departed.insert(asked.source_id.clone(), item.clone());
                }
                let Some(target) = self.disk.collections.get_mut(&asked.destination_folder) else {
                    return;
                };
                target.wanted = true;
                if target.find(&new_id).is_none() {
                    item.server_id = Some(new_id);
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
        if response.remote_wipe {
            return self.wipe();
        }
        if response.status != ProvisionStatus::Success {
            self.disk.troubles += 1;
            self.disk.provisional_key = None;
            return;
        }
        if request.remote_wipe.is_some() {
            // The server knows; from here on it is a new device.
            self.disk.wiping = false;
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
