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

/// Name, what it models (`mutations.tsv` of the field's bugs), and the defect.
pub const DEFECTS: &[(&str, &str, Defect)] = &[
    (
        "client-saves-key-before-items",
        "the key of a Sync response is stored before its items; a crash in between loses them",
        Defect::SavesKeyBeforeItems,
    ),
    (
        "client-drops-queue-on-send",
        "local changes leave the queue when sent; a lost request or answer loses them",
        Defect::DropsQueueOnSend,
    ),
    (
        "client-ignores-moreavailable",
        "one Sync per trigger, whatever MoreAvailable says",
        Defect::IgnoresMoreAvailable,
    ),
    (
        "client-ignores-deletes",
        "Delete and SoftDelete are not dispatched, the key advances",
        Defect::IgnoresDeletes,
    ),
    (
        "client-new-clientid-on-retry",
        "a retry gives the same draft a new ClientId, so the server cannot recognise it",
        Defect::NewClientIdOnRetry,
    ),
];

impl Defect {
    /// The defect of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        DEFECTS.iter().find(|row| row.0 == name).map(|row| row.2)
    }
}
