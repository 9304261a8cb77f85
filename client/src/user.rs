//! What the user of a device does: it changes the local copy at once and waits in the queue for the next call.

use activesync::folders::FolderType;
use activesync::sync::Options;
use activesync::{CollectionId, Flag, Mail, PolicyKey};

use crate::device::FolderEdit;
use crate::item::{Edit, Item, LocalId};
use crate::{Client, Defect};

impl Client {
    fn edit(&mut self, id: &CollectionId, local: LocalId) -> Option<(u64, &mut Item)> {
        self.disk.edits += 1;
        let number = self.disk.edits;
        let item = self.disk.collections.get_mut(id)?.items.get_mut(&local)?;
        item.editable().then_some((number, item))
    }

    /// Marks read or unread; `false` when it is so already or the item cannot be changed now.
    pub fn user_read(&mut self, id: &CollectionId, local: LocalId, value: bool) -> bool {
        let Some((number, item)) = self.edit(id, local) else { return false };
        if item.read() == value {
            return false;
        }
        item.pending.read = Some(Edit { value, number });
        true
    }

    /// Sets or clears the flag; `false` when it is so already or the item cannot be changed now.
    pub fn user_flag(&mut self, id: &CollectionId, local: LocalId, value: Flag) -> bool {
        let Some((number, item)) = self.edit(id, local) else { return false };
        if item.flag() == value {
            return false;
        }
        item.pending.flag = Some(Edit { value, number });
        true
    }

    /// Deletes, by way of Deleted Items or for good; `false` when the item cannot be changed now.
    pub fn user_delete(&mut self, id: &CollectionId, local: LocalId, permanent: bool) -> bool {
        let Some((number, item)) = self.edit(id, local) else { return false };
        if item.server_id.is_none() && item.client_id.is_none() {
            // A draft that was never sent: nobody else knows it.
            if let Some(state) = self.disk.collections.get_mut(id) {
                state.items.remove(&local);
            }
            return true;
        }
        item.pending.delete = Some(Edit { value: permanent, number });
        true
    }

    /// Moves; `false` when the item cannot be moved now or the folder is not there.
    pub fn user_move(&mut self, id: &CollectionId, local: LocalId, to: &CollectionId) -> bool {
        if id == to || !self.disk.collections.contains_key(to) {
            return false;
        }
        let Some((number, item)) = self.edit(id, local) else { return false };
        if item.server_id.is_none() {
            return false;
        }
        item.pending.moved = Some(Edit { value: to.clone(), number });
        true
    }

    /// Writes a draft (16.x); the new item's number, or `None` when there is no Drafts folder.
    pub fn user_draft(&mut self, draft: Mail) -> Option<LocalId> {
        if !self.config.version.has_drafts() {
            return None;
        }
        let mut folders = self.disk.folders.values();
        let id = folders.find(|f| f.folder_type == FolderType::Drafts)?.server_id.clone();
        let local = self.next_local();
        let item = Item { base: draft, ..Item::default() };
        self.disk.collections.get_mut(&id)?.items.insert(local, item);
        Some(local)
    }

    /// Sends a draft that the server knows (16.x); `false` when it cannot be changed now.
    pub fn user_send(&mut self, id: &CollectionId, local: LocalId) -> bool {
        let Some((number, item)) = self.edit(id, local) else { return false };
        if item.server_id.is_none() {
            return false;
        }
        item.pending.send = Some(Edit { value: (), number });
        true
    }

    /// Throws the copy of a collection away; the next Sync starts with key 0.
    pub fn user_reset(&mut self, id: &CollectionId) -> bool {
        if self.is_busy() || self.disk.unanswered.is_some() {
            return false;
        }
        // What the server has cached names the old key.
        self.disk.cached_sync = false;
        let Some(state) = self.disk.collections.get_mut(id) else { return false };
        state.reset(false);
        true
    }

    /// Changes the options (FilterType, Conflict, body preference) of a collection; not while commands are unanswered,
    /// since those go again as they were.
    pub fn user_options(&mut self, id: &CollectionId, options: Options) -> bool {
        if self.is_busy() || self.disk.unanswered.is_some() {
            return false;
        }
        let Some(state) = self.disk.collections.get_mut(id) else { return false };
        if state.sent.is_some() {
            return false;
        }
        let silent =
            self.config.defect == Some(Defect::EmptySyncAfterOptionChange) && self.disk.cached_sync;
        let fresh = state.options != options && !silent;
        state.options_fresh |= fresh;
        state.options = options;
        self.disk.cached_sync &= !fresh;
        true
    }

    /// Asks for a folder to be created below another (`0`: at the root).
    pub fn user_create_folder(&mut self, parent: CollectionId, name: String) {
        self.disk.folder_edits.push(FolderEdit::Create { parent, name });
    }

    /// Asks for a folder to be renamed.
    pub fn user_rename_folder(&mut self, id: CollectionId, name: String) {
        self.disk.folder_edits.push(FolderEdit::Rename { id, name });
    }

    /// Asks for a folder to be deleted.
    pub fn user_delete_folder(&mut self, id: CollectionId) {
        self.disk.folder_edits.push(FolderEdit::Delete { id });
    }

    /// Wants every collection synchronised once more, whatever Ping says.
    pub fn want_all(&mut self) {
        self.disk.collections.values_mut().for_each(|state| state.wanted = true);
    }

    /// The server offers no Provision: the device goes on with policy key 0.
    pub fn do_without_provision(&mut self) {
        self.disk.policy_key = Some(PolicyKey(0));
        self.disk.provisional_key = None;
    }

    /// How long the next Pings wait, in seconds; a server may ask for another interval.
    pub fn user_heartbeat(&mut self, seconds: u32) {
        self.disk.heartbeat_seconds = seconds;
    }

    /// Wants the hierarchy synchronised once more.
    pub fn want_folders(&mut self) {
        self.disk.hierarchy_wanted = true;
    }
}
