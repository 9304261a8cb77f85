//! Building requests.

use std::collections::BTreeSet;

use activesync::folders::{CreateRequest, DeleteRequest, FolderType, SyncRequest, UpdateRequest};
use activesync::http::{CONTENT_TYPE, HttpRequest, Method, RequestLine};
use activesync::sync::{self, ClientCommand};
use activesync::{
    CollectionId, Mail, ProtocolError, ProvisionStatus, Request, estimate, moves, ping, provision,
};

use crate::device::{CollectionState, FolderEdit, SentCommand};
use crate::item::{Item, LocalId};
use crate::{Client, Defect, SyncChoices, Want};

/// A phone keeps its batches well below the limit of the protocol (MS-ASCMD R5642).
const COMMANDS_PER_SYNC: usize = 100;

impl Client {
    pub(crate) fn build(&mut self, want: &Want) -> Option<Request> {
        match want {
            Want::Provision => Some(self.provision()),
            Want::FolderSync if self.edits_hierarchy() => None,
            Want::FolderSync => {
                let sync_key = self.disk.hierarchy_key.clone();
                Some(Request::FolderSync(SyncRequest { sync_key }))
            }
            Want::FolderEdit => self.folder_edit(),
            Want::Sync(choices) => self.sync(choices),
            Want::EmptySync => {
                let idle = self.disk.cached_sync && self.is_idle();
                if idle {
                    // Until it is answered they are due.
                    self.want_cached();
                }
                idle.then_some(Request::Sync(None))
            }
            Want::MoveItems => self.move_items(),
            Want::Ping => self.ping(),
            Want::Estimate => self.estimate(),
        }
    }

    /// A request of this device as HTTP: line and headers; the plain form carries version and policy key in headers (MS-ASHTTP 2.2.1.1.2).
    pub fn envelope(&self, request: &Request) -> Result<HttpRequest, ProtocolError> {
        let config = &self.config;
        let line = RequestLine {
            command: request.command(),
            version: Some(config.version),
            locale: 0x0409,
            device_id: config.device_id.clone(),
            device_type: config.device_type.clone(),
            policy_key: self.disk.policy_key,
            user: (!config.base64_line).then(|| config.user.clone()),
            parameters: Vec::new(),
        };
        let body = request.encode()?;
        let mut headers = Vec::new();
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), CONTENT_TYPE.to_owned()));
        }
        let query = if config.base64_line {
            line.to_base64()?
        } else {
            headers.push(("MS-ASProtocolVersion".to_owned(), config.version.to_string()));
            let key = self.disk.policy_key.unwrap_or_default();
            headers.push(("X-MS-PolicyKey".to_owned(), key.to_string()));
            line.to_plain()
        };
        Ok(HttpRequest { method: Method::Post, query, headers, body: body.unwrap_or_default() })
    }

    fn provision(&self) -> Request {
        if self.disk.wiping {
            return Request::Provision(provision::Request {
                policy_type: None,
                acknowledge: None,
                remote_wipe: Some(ProvisionStatus::Success),
            });
        }
        let acknowledge = self.disk.provisional_key.map(|key| (key, ProvisionStatus::Success));
        Request::Provision(provision::Request {
            policy_type: Some(provision::POLICY_TYPE_WBXML.into()),
            acknowledge,
            remote_wipe: None,
        })
    }

    fn folder_edit(&mut self) -> Option<Request> {
        if let Some(unanswered) = &self.disk.unanswered {
            let edit = matches!(
                unanswered,
                Request::FolderCreate(_) | Request::FolderUpdate(_) | Request::FolderDelete(_)
            );
            return edit.then(|| unanswered.clone());
        }
        let sync_key = self.disk.hierarchy_key.clone();
        let request = match self.disk.folder_edits.first()? {
            FolderEdit::Create { parent, name } => Request::FolderCreate(CreateRequest {
                sync_key,
                parent_id: parent.clone(),
                display_name: name.as_str().into(),
                folder_type: FolderType::UserMail,
            }),
            FolderEdit::Rename { id, name } => {
                let parent = self.disk.folders.get(id).map(|folder| folder.parent_id.clone());
                Request::FolderUpdate(UpdateRequest {
                    sync_key,
                    server_id: id.clone(),
                    parent_id: parent.unwrap_or_else(|| "0".into()),
                    display_name: name.as_str().into(),
                })
            }
            FolderEdit::Delete { id } => {
                Request::FolderDelete(DeleteRequest { sync_key, server_id: id.clone() })
            }
        };
        self.disk.unanswered = Some(request.clone());
        Some(request)
    }

    fn sync(&mut self, choices: &SyncChoices) -> Option<Request> {
        if self.has_defect(Defect::NewClientIdOnRetry) {
            self.forget_client_ids();
        }
        if let Some(unanswered) = &self.disk.unanswered {
            return matches!(unanswered, Request::Sync(_)).then(|| unanswered.clone());
        }
        let ids = self.chosen(choices);
        if ids.is_empty() {
            return None;
        }
        let partial = choices.partial && self.disk.cached_sync;
        let collections: Vec<_> =
            ids.iter().filter_map(|id| self.sync_collection(id, choices)).collect();
        // Until it is answered it is due: a Ping before that would wait on a key whose content was lost (MS-ASCMD R5107,
        // R5636, R5637).
        self.for_collections(&ids, |state| state.wanted = true);
        if !partial {
            // Whatever becomes of this request, the server goes on with what it had or with this one.
            let asks = |id: &CollectionId| {
                collections.iter().any(|c| c.collection_id == *id && c.wants_changes())
            };
            self.disk.cached.retain(asks);
        }
        if partial {
            // The server goes on as if the others were listed again (MS-ASCMD R3644 to R3646).
            self.want_cached();
        }
        let commands = collections.iter().any(|c: &sync::Collection| !c.commands.is_empty());
        let request = Request::Sync(Some(sync::Request {
            collections,
            wait_minutes: None,
            heartbeat_seconds: choices.heartbeat_seconds.filter(|_| !commands),
            window_size: choices.global_window,
            partial,
        }));
        if self.has_defect(Defect::DropsQueueOnSend) {
            self.drop_queues(&ids);
        } else if commands {
            self.disk.unanswered = Some(request.clone());
        }
        Some(request)
    }

    fn want_cached(&mut self) {
        let cached = self.disk.cached.clone();
        self.for_collections(&cached, |state| state.wanted = true);
    }

    fn chosen(&self, choices: &SyncChoices) -> BTreeSet<CollectionId> {
        let known = |id: &&CollectionId| self.disk.collections.contains_key(*id);
        let mut ids: BTreeSet<CollectionId> =
            choices.collections.iter().filter(known).cloned().collect();
        if ids.is_empty() {
            ids = self.collections_where(CollectionState::is_due);
        }
        if ids.is_empty() {
            ids = self.collections_where(|_| true);
        }
        ids
    }

    fn sync_collection(
        &mut self,
        id: &CollectionId,
        choices: &SyncChoices,
    ) -> Option<sync::Collection> {
        let commands = self.commands(id);
        let explicit = self.config.explicit.then_some(true);
        let state = self.disk.collections.get_mut(id)?;
        let mut collection = sync::Collection::new(id.clone(), state.key.clone());
        if state.key.is_zero() {
            // Key 0 asks for a key and nothing else; GetChanges is not allowed with it (MS-ASCMD R3128).
            return Some(collection);
        }
        let first = state.filling && state.items.values().all(|item| item.server_id.is_none());
        if state.options_fresh || first {
            collection.options = Some(state.options.clone());
        }
        collection.window_size = choices.window_size;
        collection.get_changes = explicit;
        if choices.upload_only && !state.filling {
            collection.get_changes = Some(false);
        }
        collection.deletes_as_moves = explicit;
        if commands.iter().any(|sent| sent.permanent) {
            collection.deletes_as_moves = Some(false);
        }
        collection.commands = commands.iter().map(|sent| sent.command.clone()).collect();
        if let Some((folder, local)) = &choices.fetch {
            let item = state.items.get(local).filter(|_| folder == id);
            if let Some(server_id) = item.and_then(|item| item.server_id.clone()) {
                collection.commands.push(ClientCommand::Fetch { server_id });
            }
        }
        if !commands.is_empty() {
            state.sent = Some(commands);
        }
        Some(collection)
    }

    /// The commands of a collection: those already sent and not settled, verbatim, or what is waiting.
    fn commands(&mut self, id: &CollectionId) -> Vec<SentCommand> {
        let Some(state) = self.disk.collections.get(id) else { return Vec::new() };
        if let Some(sent) = &state.sent {
            return sent.clone();
        }
        if state.filling {
            return Vec::new();
        }
        let drafts = state.items.iter().filter(|(_, item)| is_new_draft(item));
        for local in drafts.map(|(local, _)| *local).collect::<Vec<_>>() {
            let client_id = self.next_client_id();
            if let Some(item) = self.item_mut(id, local) {
                item.client_id = Some(client_id);
            }
        }
        let Some(state) = self.disk.collections.get(id) else { return Vec::new() };
        // DeletesAsMoves holds for all Deletes of a request, so one kind goes at a time.
        let mut kinds = state.items.values().filter_map(|item| item.pending.delete.as_ref());
        let permanent = kinds.next().is_some_and(|edit| edit.value);
        let commands = state.items.iter().filter_map(|(local, item)| {
            command(*local, item).filter(|sent| {
                !matches!(sent.command, ClientCommand::Delete { .. }) || sent.permanent == permanent
            })
        });
        let mut commands: Vec<_> = commands.collect();
        commands.sort_by_key(|sent| sent.edit);
        commands.truncate(COMMANDS_PER_SYNC);
        commands
    }

    pub(crate) fn item_mut(&mut self, id: &CollectionId, local: LocalId) -> Option<&mut Item> {
        self.disk.collections.get_mut(id)?.items.get_mut(&local)
    }

    fn forget_client_ids(&mut self) {
        if !matches!(self.disk.unanswered, Some(Request::Sync(_))) {
            return;
        }
        self.disk.unanswered = None;
        for state in self.disk.collections.values_mut() {
            state.sent = None;
            let drafts = state.items.values_mut().filter(|item| item.server_id.is_none());
            drafts.for_each(|item| item.client_id = None);
        }
    }

    fn drop_queues(&mut self, ids: &BTreeSet<CollectionId>) {
        for id in ids {
            let Some(state) = self.disk.collections.get_mut(id) else { continue };
            for sent in state.sent.take().unwrap_or_default() {
                state.fold(&sent);
            }
        }
    }

    fn move_items(&mut self) -> Option<Request> {
        if let Some(unanswered) = &self.disk.unanswered {
            return matches!(unanswered, Request::MoveItems(_)).then(|| unanswered.clone());
        }
        let moves: Vec<_> = self
            .disk
            .collections
            .iter()
            .flat_map(|(id, state)| state.items.values().map(move |item| (id, item)))
            .filter(|(_, item)| !item.pending.wants_sync())
            .filter_map(|(id, item)| {
                Some(moves::Move {
                    source_id: item.server_id.clone()?,
                    source_folder: id.clone(),
                    destination_folder: item.pending.moved.as_ref()?.value.clone(),
                })
            })
            .collect();
        if moves.is_empty() {
            return None;
        }
        let request = Request::MoveItems(moves::Request { moves });
        self.disk.unanswered = Some(request.clone());
        Some(request)
    }

    /// Ping watches what has been synchronised; a collection that never was has nothing to be told about.
    fn ping(&self) -> Option<Request> {
        let folder = |id: &CollectionId| ping::Folder { id: id.clone(), class: "Email".into() };
        let primed = self.disk.collections.iter().filter(|(_, state)| !state.key.is_zero());
        let folders: Vec<_> = primed.map(|(id, _)| folder(id)).collect();
        let heartbeat_seconds = Some(self.disk.heartbeat_seconds);
        let wanted = !folders.is_empty();
        let request = ping::Request { heartbeat_seconds, folders: Some(folders) };
        wanted.then_some(Request::Ping(Some(request)))
    }

    fn estimate(&self) -> Option<Request> {
        let primed = self.disk.collections.iter().filter(|(_, state)| !state.key.is_zero());
        let collections: Vec<_> = primed
            .map(|(id, state)| (id.clone(), state.key.clone(), state.options.filter_type))
            .collect();
        let request = || Request::GetItemEstimate(estimate::Request { collections });
        (!self.disk.collections.is_empty()).then(request).filter(
            |request| matches!(request, Request::GetItemEstimate(r) if !r.collections.is_empty()),
        )
    }
}

fn is_new_draft(item: &Item) -> bool {
    item.server_id.is_none() && item.client_id.is_none() && item.visible()
}

/// The command that an item's pending changes ask for: a Delete makes all others pointless.
fn command(local: LocalId, item: &Item) -> Option<SentCommand> {
    let Some(server_id) = item.server_id.clone() else {
        let client_id = item.client_id.clone()?;
        let command = ClientCommand::Add { client_id, data: item.base.clone(), send: false };
        return Some(SentCommand { command, local, edit: 0, permanent: false });
    };
    let pending = &item.pending;
    if let Some(delete) = &pending.delete {
        let command = ClientCommand::Delete { server_id };
        return Some(SentCommand { command, local, edit: delete.number, permanent: delete.value });
    }
    if !pending.wants_sync() {
        return None;
    }
    let numbers = [
        pending.read.as_ref().map(|edit| edit.number),
        pending.flag.as_ref().map(|edit| edit.number),
        pending.send.as_ref().map(|edit| edit.number),
    ];
    let data = Mail {
        read: pending.read.as_ref().map(|edit| edit.value),
        flag: pending.flag.as_ref().map(|edit| edit.value.clone()),
        ..Mail::default()
    };
    let command = ClientCommand::Change { server_id, data, send: pending.send.is_some() };
    let edit = numbers.into_iter().flatten().max().unwrap_or(0);
    Some(SentCommand { command, local, edit, permanent: false })
}
