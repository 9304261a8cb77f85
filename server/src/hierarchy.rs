//! FolderSync, FolderCreate, FolderUpdate, FolderDelete (MS-ASCMD 2.2.1.3 to 2.2.1.6), each one commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use activesync::folders::{
    Change, CreateRequest, DeleteRequest, EditResponse, Folder, FolderType, SyncResponse,
    UpdateRequest,
};
use activesync::history::FolderName;
use activesync::{CollectionId, FolderStatus, Request, Response, SyncKey};

use crate::accept::{Caller, reply};
use crate::judgement::{Judgement, RetryAnswer};
use crate::mailbox::ROOT;
use crate::server::{Context, Job};
use crate::state::{HierarchyBranch, HierarchyGeneration, HierarchyState};
use crate::{Mailbox, Retry};

/// A hierarchy request in work.
#[derive(Clone, Debug)]
pub(crate) struct HierarchyWork {
    caller: Caller,
    request: Request,
}

type Folders = BTreeMap<CollectionId, Folder>;

pub(crate) fn admit(caller: Caller, request: Request) -> Job {
    Job::Hierarchy(Box::new(HierarchyWork { caller, request }))
}

impl HierarchyWork {
    pub(crate) fn advance(self, context: &mut Context<'_>) -> Job {
        let response = if context.write_fails() || context.read_fails() {
            self.failure(FolderStatus::ServerError)
        } else {
            self.execute(context)
        };
        Job::Respond(reply(&response))
    }

    fn key(&self) -> SyncKey {
        match &self.request {
            Request::FolderSync(request) => request.sync_key.clone(),
            Request::FolderCreate(request) => request.sync_key.clone(),
            Request::FolderUpdate(request) => request.sync_key.clone(),
            Request::FolderDelete(request) => request.sync_key.clone(),
            _ => SyncKey::zero(),
        }
    }

    fn execute(&self, context: &mut Context<'_>) -> Response {
        let key = self.key();
        if key.is_zero() {
            return match self.request {
                // What was known stays until the first key is presented.
                Request::FolderSync(_) => self.sync(context, &Folders::new(), true),
                _ => self.failure(FolderStatus::InvalidSyncKey),
            };
        }
        let device = context.store.device(&self.caller.device);
        if !device.is_some_and(|device| device.hierarchy.knows(&key)) {
            return self.failure(FolderStatus::InvalidSyncKey);
        }
        let hierarchy = &mut context.store.device_mut(&self.caller.device).hierarchy;
        hierarchy.confirm(&key);
        let Some(acked) = hierarchy.acked.clone() else {
            return self.failure(FolderStatus::InvalidSyncKey);
        };
        let mut answered = hierarchy.sent.iter().rev().filter(|branch| !branch.from_zero);
        let is_sync = matches!(self.request, Request::FolderSync(_));
        let mut base = acked.folders;
        if is_sync {
            let replay = context.config.retry == Retry::Replay;
            match (answered.next(), context.judge.answer_hierarchy_retry(replay)) {
                (Some(newest), RetryAnswer::RedoFromNewest) => {
                    base = newest.generation.folders.clone();
                }
                (Some(newest), RetryAnswer::Replay) if *newest.request == self.request => {
                    return (*newest.response).clone();
                }
                _ => {}
            }
        } else if let Some(done) = answered.find(|branch| *branch.request == self.request) {
            // An edit is never done twice: repeated, it is answered as before, whatever was answered since.
            return (*done.response).clone();
        }
        match &self.request {
            Request::FolderSync(_) => self.sync(context, &base, false),
            Request::FolderCreate(request) => self.create(context, &base, request),
            Request::FolderUpdate(request) => self.update(context, &base, request),
            Request::FolderDelete(request) => self.delete(context, &base, request),
            _ => self.failure(FolderStatus::Malformed),
        }
    }

    fn sync(&self, context: &mut Context<'_>, base: &Folders, from_zero: bool) -> Response {
        let mailbox = &context.store.mailbox;
        let status = FolderStatus::Success;
        let device = context.store.device(&self.caller.device);
        let settled = device.is_none_or(|device| device.hierarchy.sent.is_empty());
        // While another answer to this key is under way, only a new key can tell it from this one.
        if !from_zero && settled && mailbox.same_hierarchy(base) {
            let sync_key = Some(self.key());
            return Response::FolderSync(SyncResponse { status, sync_key, changes: Vec::new() });
        }
        let folders = mailbox.hierarchy();
        let changes = changes(base, &folders, context.judge);
        let key = context.store.fresh_key('h');
        let sync_key = Some(key.clone());
        let response = Response::FolderSync(SyncResponse { status, sync_key, changes });
        self.push(context, key, folders, from_zero, response)
    }

    fn create(
        &self,
        context: &mut Context<'_>,
        base: &Folders,
        request: &CreateRequest,
    ) -> Response {
        let CreateRequest { parent_id, display_name, folder_type, .. } = request;
        let mailbox = &mut context.store.mailbox;
        if !is_parent(mailbox, parent_id) {
            return self.failure(FolderStatus::ParentNotFound);
        }
        if mailbox.name_taken(parent_id, display_name, None) {
            return self.failure(FolderStatus::Exists);
        }
        // Mail folders are all this server has.
        if !matches!(folder_type, FolderType::UserMail | FolderType::UserGeneric) {
            return self.failure(FolderStatus::Malformed);
        }
        let label = fresh_label(mailbox, display_name);
        let id = mailbox.add_folder(label, parent_id.clone(), display_name, *folder_type);
        self.edited(context, base, &id, Some(id.clone()))
    }

    fn update(
        &self,
        context: &mut Context<'_>,
        base: &Folders,
        request: &UpdateRequest,
    ) -> Response {
        let UpdateRequest { server_id, parent_id, display_name, .. } = request;
        let mailbox = &mut context.store.mailbox;
        let Some(folder) = mailbox.folder(server_id) else {
            return self.failure(FolderStatus::NotFound);
        };
        if folder.folder.folder_type.is_special() {
            return self.failure(FolderStatus::Exists);
        }
        if !is_parent(mailbox, parent_id) || mailbox.is_within(parent_id, server_id) {
            return self.failure(FolderStatus::ParentNotFound);
        }
        if mailbox.name_taken(parent_id, display_name, Some(server_id)) {
            return self.failure(FolderStatus::Exists);
        }
        mailbox.change_folder(server_id, parent_id.clone(), display_name);
        self.edited(context, base, server_id, None)
    }

    fn delete(
        &self,
        context: &mut Context<'_>,
        base: &Folders,
        request: &DeleteRequest,
    ) -> Response {
        let mailbox = &mut context.store.mailbox;
        let Some(folder) = mailbox.folder(&request.server_id) else {
            return self.failure(FolderStatus::NotFound);
        };
        if folder.folder.folder_type.is_special() {
            return self.failure(FolderStatus::Special);
        }
        mailbox.remove_folder(&request.server_id);
        self.edited(context, base, &request.server_id, None)
    }

    /// The new key covers the edit itself and nothing else that happened (MS-ASCMD R4573, R4569).
    fn edited(
        &self,
        context: &mut Context<'_>,
        base: &Folders,
        id: &CollectionId,
        created: Option<CollectionId>,
    ) -> Response {
        let mut folders = base.clone();
        match context.store.mailbox.folder(id) {
            Some(folder) => folders.insert(id.clone(), folder.folder.clone()),
            None => folders.remove(id),
        };
        let key = context.store.fresh_key('h');
        let status = FolderStatus::Success;
        let response = EditResponse { status, sync_key: Some(key.clone()), server_id: created };
        let response = self.edit_response(response);
        self.push(context, key, folders, false, response)
    }

    fn push(
        &self,
        context: &mut Context<'_>,
        key: SyncKey,
        folders: Folders,
        from_zero: bool,
        response: Response,
    ) -> Response {
        let branch = HierarchyBranch {
            generation: HierarchyGeneration { key, folders: Arc::new(folders) },
            from_zero,
            request: Arc::new(self.request.clone()),
            response: Arc::new(response.clone()),
        };
        context.store.device_mut(&self.caller.device).hierarchy.push(branch);
        response
    }

    fn edit_response(&self, response: EditResponse) -> Response {
        match self.request {
            Request::FolderCreate(_) => Response::FolderCreate(response),
            Request::FolderUpdate(_) => Response::FolderUpdate(response),
            _ => Response::FolderDelete(response),
        }
    }

    /// A failure has no key (MS-ASCMD R4570).
    fn failure(&self, status: FolderStatus) -> Response {
        match self.request {
            Request::FolderSync(_) => {
                let changes = Vec::new();
                Response::FolderSync(SyncResponse { status, sync_key: None, changes })
            }
            _ => self.edit_response(EditResponse { status, sync_key: None, server_id: None }),
        }
    }
}

impl HierarchyState {
    fn knows(&self, key: &SyncKey) -> bool {
        self.acked.as_ref().is_some_and(|acked| acked.key == *key)
            || self.sent.iter().any(|branch| branch.generation.key == *key)
    }

    /// A key of `sent` is confirmed by being presented.
    fn confirm(&mut self, key: &SyncKey) {
        if let Some(at) = self.sent.iter().position(|branch| branch.generation.key == *key) {
            let branch = self.sent.remove(at);
            self.acked = Some(branch.generation);
            // A request that arrives late must not undo a newer start with key 0.
            let newer = self.sent.split_off(at);
            self.sent.retain(|other| other.from_zero && !branch.from_zero);
            self.sent.extend(newer.into_iter().filter(|other| other.from_zero));
        }
    }
}

/// What a device has to be told: additions, parents first; then updates, which may move folders out of those that go; then
/// deletions.
fn changes(base: &Folders, now: &Folders, judge: &dyn Judgement) -> Vec<Change> {
    let mut new: Vec<_> = now.values().filter(|f| !base.contains_key(&f.server_id)).collect();
    let mut changes = Vec::new();
    if judge.parents_first() {
        while !new.is_empty() {
            let waits = |f: &Folder| new.iter().any(|other| other.server_id == f.parent_id);
            let ready: Vec<_> = new.iter().copied().filter(|f| !waits(f)).collect();
            if ready.is_empty() {
                break;
            }
            new.retain(|f| !ready.iter().any(|ready| ready.server_id == f.server_id));
            changes.extend(ready.into_iter().cloned().map(Change::Add));
        }
    }
    changes.extend(new.into_iter().rev().cloned().map(Change::Add));
    let updated = now.values().filter(|f| base.get(&f.server_id).is_some_and(|old| old != *f));
    changes.extend(updated.cloned().map(Change::Update));
    if judge.reports_folder_delete() {
        let gone = base.keys().filter(|id| !now.contains_key(*id));
        changes.extend(gone.cloned().map(Change::Delete));
    }
    changes
}

fn is_parent(mailbox: &Mailbox, id: &CollectionId) -> bool {
    id.as_str() == ROOT || mailbox.folder(id).is_some()
}

/// A label is the name, with a number behind it when it is taken.
fn fresh_label(mailbox: &Mailbox, name: &str) -> FolderName {
    let mut label = FolderName::from(name);
    let mut number = 2_u32;
    while mailbox.folder_id(&label).is_some() {
        label = FolderName::from(&*format!("{name}-{number}"));
        number += 1;
    }
    label
}
