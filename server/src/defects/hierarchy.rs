//! The hierarchy of folders.

use super::DefectInfo;
use crate::judgement::{Judgement, RetryAnswer};

/// `folder-rename-drops-state`.
pub(super) const FOLDER_RENAME_DROPS_STATE: DefectInfo = DefectInfo {
    name: "folder-rename-drops-state",
    class: "hierarchy",
    side: "server",
    models: "SOGo 0133bb3b, #2700; Horde Bug 13196, 14019; tine20 #3324, #3934",
    description: "the state of a collection goes by its name, so after a rename there is status 12 for ever",
    min_depth: 4,
    judgement: &FolderRenameDropsState,
};

struct FolderRenameDropsState;

impl Judgement for FolderRenameDropsState {
    fn state_goes_by_name(&self) -> bool {
        true
    }
}

/// `folder-delete-not-exported`.
pub(super) const FOLDER_DELETE_NOT_EXPORTED: DefectInfo = DefectInfo {
    name: "folder-delete-not-exported",
    class: "hierarchy",
    side: "server",
    models: "Horde Bug 11918 (92c51014); EGroupware b052e875",
    description: "FolderSync reports additions and updates only",
    min_depth: 2,
    judgement: &FolderDeleteNotExported,
};

struct FolderDeleteNotExported;

impl Judgement for FolderDeleteNotExported {
    fn reports_folder_delete(&self) -> bool {
        false
    }
}

/// `foldersync-retry-answers-empty`.
pub(super) const FOLDERSYNC_RETRY_ANSWERS_EMPTY: DefectInfo = DefectInfo {
    name: "foldersync-retry-answers-empty",
    class: "hierarchy",
    side: "server",
    models: "Horde 434bfd10; Z-Push ZP-846 (85f75f81)",
    description: "the hierarchy has one state only, so a retry is answered from the new one",
    min_depth: 4,
    judgement: &FoldersyncRetryAnswersEmpty,
};

struct FoldersyncRetryAnswersEmpty;

impl Judgement for FoldersyncRetryAnswersEmpty {
    fn answer_hierarchy_retry(&self, _replay: bool) -> RetryAnswer {
        RetryAnswer::RedoFromNewest
    }
}

/// `foldersync-child-before-parent`.
pub(super) const FOLDERSYNC_CHILD_BEFORE_PARENT: DefectInfo = DefectInfo {
    name: "foldersync-child-before-parent",
    class: "hierarchy",
    side: "server",
    models: "Z-Push ZP-842 (2b5c898e), ZP-1072 (bc86a936), ZP-849",
    description: "a folder is reported before its parent",
    min_depth: 2,
    judgement: &FoldersyncChildBeforeParent,
};

struct FoldersyncChildBeforeParent;

impl Judgement for FoldersyncChildBeforeParent {
    fn parents_first(&self) -> bool {
        false
    }
}
