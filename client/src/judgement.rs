//! The client's planted defects: judgements that a phone can get wrong.

/// A defect to plant in the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defect {
    /// The new SyncKey is persisted before the items of the same response are.
    SavesKeyBeforeItems,
    /// Add for a known ServerId inserts a second item.
    AddNotIdempotent,
    /// One Sync per trigger; MoreAvailable is not looked at.
    IgnoresMoreAvailable,
    /// What MoreAvailable said once is never taken back.
    MoreAvailableSticky,
    /// Key 0 after Status 3 keeps the items and does not match them by ServerId.
    Status3WithoutWipe,
    /// Local changes leave the queue when they are sent, not when an answer confirms them.
    DropsQueueOnSend,
    /// A Change for an item that the user deleted goes the way of an Add.
    ChangeCreatesItem,
    /// A pull replaces an item together with its unsent changes.
    PullOverwritesPendingEdit,
    /// Status 7 is taken for a passing error.
    RetriesConflict,
    /// All installations use one DeviceId; the world gives it to them.
    ConstantDeviceId,
    /// Only the key decides whether a request may be repeated by an empty one, not the options.
    EmptySyncAfterOptionChange,
    /// Delete and SoftDelete are parsed but not dispatched.
    IgnoresDeletes,
    /// DstMsgId is thrown away.
    MoveLosesNewId,
    /// Any failure of a Fetch means that the item is gone.
    FetchErrorAsGone,
    /// A collection left out of a full answer is taken to be in sync.
    TreatsOmittedAsDone,
    /// An item that cannot be taken in (here: one that comes flagged) is swallowed, and the key is stored.
    DropsItemOnParseError,
    /// SoftDelete goes the way of a deletion by the user.
    SoftDeleteBecomesDelete,
    /// Status 12 does not lead to FolderSync.
    IgnoresStatus12,
    /// Item statuses 6 and 8 are retried without bound.
    PermanentErrorRetriedForever,
    /// The second Status 3 in a row ends the work on a folder, as if it were done.
    GiveupReportsSynced,
    /// A retry draws a fresh ClientId for the same draft.
    NewClientIdOnRetry,
}

/// A planted defect, as listed.
#[derive(Clone, Copy, Debug)]
pub struct DefectInfo {
    /// Its name.
    pub name: &'static str,
    /// What kind of judgement it gets wrong.
    pub class: &'static str,
    /// What goes wrong.
    pub description: &'static str,
    /// The real bugs it models.
    pub models: &'static str,
    /// The fewest operations, requests and faults that show it.
    pub min_depth: usize,
    /// The defect.
    pub defect: Defect,
}

/// All planted defects of the client.
pub const DEFECTS: &[DefectInfo] = &[
    DefectInfo {
        name: "client-saves-key-before-items",
        class: "key-advance",
        description: "the key of a Sync response is stored before its items; a crash in between loses them",
        models: "mustang #225, PR 233",
        min_depth: 3,
        defect: Defect::SavesKeyBeforeItems,
    },
    DefectInfo {
        name: "client-add-not-idempotent",
        class: "atomicity",
        description: "an Add for an item that is there already makes a second one",
        models: "AOSP bf28a9d6; Firefox OS 4787083d; TbSync dc072022",
        min_depth: 4,
        defect: Defect::AddNotIdempotent,
    },
    DefectInfo {
        name: "client-ignores-moreavailable",
        class: "moreavailable",
        description: "one Sync per trigger, whatever MoreAvailable says",
        models: "SyncEvolution f02e8352; clients that wait for the next Ping with a window half drained",
        min_depth: 2,
        defect: Defect::IgnoresMoreAvailable,
    },
    DefectInfo {
        name: "client-moreavailable-sticky",
        class: "moreavailable",
        description: "after the first MoreAvailable the device never stops asking",
        models: "TbSync 8e92d810",
        min_depth: 3,
        defect: Defect::MoreAvailableSticky,
    },
    DefectInfo {
        name: "client-status3-without-wipe",
        class: "resync",
        description: "after status 3 the device begins with key 0 again, keeps its items, and adds all that comes",
        models: "AOSP 722006c7; TbSync dc072022; NachoClient 4efaa764",
        min_depth: 4,
        defect: Defect::Status3WithoutWipe,
    },
    DefectInfo {
        name: "client-drops-queue-on-send",
        class: "local-queue",
        description: "local changes leave the queue when they are sent; a lost request or answer loses them",
        models: "TbSync 931413d1",
        min_depth: 3,
        defect: Defect::DropsQueueOnSend,
    },
    DefectInfo {
        name: "client-change-creates-item",
        class: "change-type",
        description: "a Change for an item that the user has deleted makes it again",
        models: "TbSync c02bf715",
        min_depth: 3,
        defect: Defect::ChangeCreatesItem,
    },
    DefectInfo {
        name: "client-pull-overwrites-pending-edit",
        class: "conflict",
        description: "what the server sends about an item throws away what the user changed and nobody has sent yet",
        models: "TbSync 30ce9101",
        min_depth: 3,
        defect: Defect::PullOverwritesPendingEdit,
    },
    DefectInfo {
        name: "client-retries-conflict",
        class: "conflict",
        description: "a change that lost a conflict is sent again until it wins",
        models: "TbSync cad77489",
        min_depth: 3,
        defect: Defect::RetriesConflict,
    },
    DefectInfo {
        name: "client-constant-deviceid",
        class: "device-state",
        description: "all devices have the same DeviceId and share what the server remembers",
        models: "Firefox OS Bug 825538 (efc75066)",
        min_depth: 3,
        defect: Defect::ConstantDeviceId,
    },
    DefectInfo {
        name: "client-empty-sync-after-option-change",
        class: "cached-collections",
        description: "an empty Sync is sent though the options have changed since the request that it repeats",
        models: "Firefox OS 14351119",
        min_depth: 3,
        defect: Defect::EmptySyncAfterOptionChange,
    },
    DefectInfo {
        name: "client-ignores-deletes",
        class: "change-type",
        description: "Delete and SoftDelete are parsed but not dispatched; the key advances",
        models: "Firefox OS Bug 823669 (c383bae9)",
        min_depth: 2,
        defect: Defect::IgnoresDeletes,
    },
    DefectInfo {
        name: "client-move-loses-new-id",
        class: "move",
        description: "the new id of a moved item is thrown away, so the copy cannot be matched with the Add",
        models: "AOSP a11e0c0d",
        min_depth: 2,
        defect: Defect::MoveLosesNewId,
    },
    DefectInfo {
        name: "client-fetch-error-as-gone",
        class: "error-handling",
        description: "whatever goes wrong with a Fetch, the item is taken to be gone",
        models: "TbSync c2471559",
        min_depth: 2,
        defect: Defect::FetchErrorAsGone,
    },
    DefectInfo {
        name: "client-treats-omitted-collection-as-done",
        class: "moreavailable",
        description: "a collection that found no room in an answer is taken to have no changes",
        models: "NachoClient da48116d",
        min_depth: 4,
        defect: Defect::TreatsOmittedAsDone,
    },
    DefectInfo {
        name: "client-drops-item-on-parse-error",
        class: "error-handling",
        description: "an item with an element that the device cannot handle is dropped, and the key stored",
        models: "NachoClient 209af731; TbSync 4b14d9d2",
        min_depth: 2,
        defect: Defect::DropsItemOnParseError,
    },
    DefectInfo {
        name: "client-softdelete-becomes-delete",
        class: "filtertype",
        description: "what leaves the filter is deleted on the server",
        models: "OfflineIMAP 25513e90, 8096f6cd, 6.5.7-rc3",
        min_depth: 4,
        defect: Defect::SoftDeleteBecomesDelete,
    },
    DefectInfo {
        name: "client-ignores-status12",
        class: "error-handling",
        description: "status 12 does not lead to FolderSync",
        models: "Horde wiki BrokenClientBehavior (Outlook 2013 and others)",
        min_depth: 4,
        defect: Defect::IgnoresStatus12,
    },
    DefectInfo {
        name: "client-permanent-error-retried-forever",
        class: "error-handling",
        description: "commands refused for good are sent again and again",
        models: "Exchange KB 2814847; TbSync 5dd69780",
        min_depth: 3,
        defect: Defect::PermanentErrorRetriedForever,
    },
    DefectInfo {
        name: "client-giveup-reports-synced",
        class: "error-handling",
        description: "after the second status 3 in a row the device stops and calls the folder synchronised",
        models: "TbSync 272ab827",
        min_depth: 3,
        defect: Defect::GiveupReportsSynced,
    },
    DefectInfo {
        name: "client-new-clientid-on-retry",
        class: "client-add-retry",
        description: "a retry gives the same draft a new ClientId, so the server cannot recognise it",
        models: "isync c7a5a233; pimalaya/core #46; nylas sync-engine #278",
        min_depth: 3,
        defect: Defect::NewClientIdOnRetry,
    },
];

impl Defect {
    /// The defect of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        DEFECTS.iter().find(|info| info.name == name).map(|info| info.defect)
    }
}
