//! The client's planted defects: judgements that a phone can get wrong.

/// A defect to plant in the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defect {
    /// The new SyncKey is persisted before the items of the same response are.
    SavesKeyBeforeItems,
    /// Local changes leave the queue when they are sent, not when an answer confirms them.
    DropsQueueOnSend,
    /// One Sync per trigger; MoreAvailable is not looked at.
    IgnoresMoreAvailable,
    /// Delete and SoftDelete are parsed but not dispatched.
    IgnoresDeletes,
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
    /// The defect.
    pub defect: Defect,
}

/// All planted defects of the client.
pub const DEFECTS: &[DefectInfo] = &[
    DefectInfo {
        name: "client-saves-key-before-items",
        class: "key-advance",
        description: "the key of a Sync response is stored before its items; a crash in between loses them",
        models: "OfflineIMAP's and other clients' state written before content",
        defect: Defect::SavesKeyBeforeItems,
    },
    DefectInfo {
        name: "client-drops-queue-on-send",
        class: "response-loss",
        description: "local changes leave the queue when they are sent; a lost request or answer loses them",
        models: "queues emptied on send instead of on acknowledgement",
        defect: Defect::DropsQueueOnSend,
    },
    DefectInfo {
        name: "client-ignores-moreavailable",
        class: "moreavailable",
        description: "one Sync per trigger, whatever MoreAvailable says",
        models: "clients that wait for the next Ping with a window half drained",
        defect: Defect::IgnoresMoreAvailable,
    },
    DefectInfo {
        name: "client-ignores-deletes",
        class: "dispatch",
        description: "Delete and SoftDelete are parsed but not dispatched; the key advances",
        models: "a wrong path in a parser's table",
        defect: Defect::IgnoresDeletes,
    },
    DefectInfo {
        name: "client-new-clientid-on-retry",
        class: "client-add-retry",
        description: "a retry gives the same draft a new ClientId, so the server cannot recognise it",
        models: "isync c7a5a233 and its like in other synchronisers",
        defect: Defect::NewClientIdOnRetry,
    },
];

impl Defect {
    /// The defect of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        DEFECTS.iter().find(|info| info.name == name).map(|info| info.defect)
    }
}
