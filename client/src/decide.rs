//! What a device says next.

use activesync::Request;

use crate::{Client, Defect, SyncChoices};

/// Something that a device may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// The next phase of Provision.
    Provision,
    /// FolderSync.
    FolderSync,
    /// The next change of the hierarchy that the user asked for.
    FolderEdit,
    /// Sync.
    Sync(SyncChoices),
    /// The empty Sync that repeats the cached request; only after an answer that was empty as well.
    EmptySync,
    /// MoveItems for what the user moved.
    MoveItems,
    /// Ping over all collections.
    Ping,
    /// GetItemEstimate over all collections.
    Estimate,
}

impl Client {
    /// The device's own loop: what is due, and Ping when nothing is. `None` while a call is under way.
    pub fn next(&self) -> Option<Want> {
        if self.is_busy() {
            return None;
        }
        let disk = &self.disk;
        let syncs = || disk.collections.values().any(super::device::CollectionState::is_due);
        let sync = || Want::Sync(SyncChoices::default());
        Some(if disk.policy_key.is_none() {
            Want::Provision
        } else if self.edits_hierarchy() {
            // It goes again with the key it had; a newer one must not come between (MS-ASCMD R4573, R5107).
            Want::FolderEdit
        } else if disk.hierarchy_wanted {
            Want::FolderSync
        } else if let Some(request) = &disk.unanswered {
            match request {
                Request::MoveItems(_) => Want::MoveItems,
                _ => sync(),
            }
        } else if !disk.folder_edits.is_empty() {
            Want::FolderEdit
        } else if syncs() {
            sync()
        } else if self.has_moves() {
            Want::MoveItems
        } else {
            Want::Ping
        })
    }

    /// Whether nothing is left to say but Ping.
    pub fn is_idle(&self) -> bool {
        self.next() == Some(Want::Ping)
    }

    /// Whether a change of the hierarchy has no answer yet.
    pub(crate) fn edits_hierarchy(&self) -> bool {
        matches!(
            self.disk.unanswered,
            Some(Request::FolderCreate(_) | Request::FolderUpdate(_) | Request::FolderDelete(_))
        )
    }

    fn has_moves(&self) -> bool {
        let mut items = self.disk.collections.values().flat_map(|state| state.items.values());
        items.any(|item| item.pending.moved.is_some())
    }

    /// Whether the next Sync is due because the last answer left something for it (MS-ASCMD R4772).
    pub(crate) fn goes_on(&self, said: bool, before: bool) -> bool {
        match self.config.defect {
            Some(Defect::IgnoresMoreAvailable) => false,
            Some(Defect::MoreAvailableSticky) => said || before,
            _ => said,
        }
    }
}
