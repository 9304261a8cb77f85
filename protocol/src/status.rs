//! Statuses: numbers that mean something else in each command, so each command has a type of its own.

use std::fmt;

use crate::Command;

macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident { $($code:literal $variant:ident $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
            /// A number that the table does not have.
            Other(u16),
        }

        impl $name {
            /// The rows of the table: number and meaning.
            pub const TABLE: &'static [(u16, &'static str)] = &[$(($code, $meaning)),*];

            /// The status for a number of the wire.
            pub fn from_code(code: u16) -> Self {
                match code { $($code => Self::$variant,)* other => Self::Other(other) }
            }

            /// The number on the wire.
            pub fn code(self) -> u16 {
                match self { $(Self::$variant => $code,)* Self::Other(other) => other }
            }

            /// What it means; the table of statuses common to all commands is asked last.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                    Self::Other(other) => CommonStatus::lookup(other).unwrap_or("not in any table"),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} ({})", self.code(), self.meaning())
            }
        }
    };
}

statuses! {
    /// Status of Sync, global, of a collection or of an item (MS-ASCMD 2.2.3.177.17).
    SyncStatus {
        1 Success "success",
        3 InvalidSyncKey "invalid synchronization key, or the server lost the state",
        4 ProtocolError "protocol error",
        5 ServerError "server error",
        6 Conversion "error in client/server conversion, malformed item",
        7 Conflict "conflict, the server's version wins",
        8 NotFound "object not found",
        9 OutOfSpace "out of disk space, or no permission",
        12 HierarchyChanged "the folder hierarchy has changed",
        13 Incomplete "the Sync request is not complete (nothing cached)",
        14 WaitRange "invalid Wait or HeartbeatInterval",
        15 TooManyCollections "too many collections",
        16 Retry "retry",
    }
}
statuses! {
    /// Status of Ping (MS-ASCMD 2.2.3.177.11).
    PingStatus {
        1 Expired "the heartbeat interval expired without changes",
        2 Changes "changes occurred in the listed folders",
        3 MissingParameters "required parameters are missing and not cached",
        4 Syntax "syntax error",
        5 IntervalRange "the heartbeat interval is out of range",
        6 TooManyFolders "too many folders",
        7 FolderSyncNeeded "FolderSync needed",
        8 ServerError "server error",
    }
}
statuses! {
    /// Status of FolderSync, FolderCreate, FolderUpdate and FolderDelete (MS-ASCMD 2.2.3.177.2 to .5).
    FolderStatus {
        1 Success "success",
        2 Exists "a folder with that name exists, or the folder is special",
        3 Special "the folder is special",
        4 NotFound "the folder does not exist",
        5 ParentNotFound "the parent folder does not exist",
        6 ServerError "server error",
        9 InvalidSyncKey "synchronization key mismatch or invalid",
        10 Malformed "incorrectly formatted request",
        11 Unknown "unknown error",
        12 CodeUnknown "code unknown",
    }
}
statuses! {
    /// Status of MoveItems; **3 is success** (MS-ASCMD 2.2.3.177.10).
    MoveStatus {
        1 InvalidSource "invalid source collection or item",
        2 InvalidDestination "invalid destination collection",
        3 Success "success",
        4 SameFolder "source and destination are the same",
        5 Failed "more than one destination, or the item is locked",
        7 Locked "source or destination locked, retry",
    }
}
statuses! {
    /// Status of GetItemEstimate (MS-ASCMD 2.2.3.177.6).
    EstimateStatus {
        1 Success "success",
        2 InvalidCollection "invalid collection",
        3 NotPrimed "the synchronization state has not been primed",
        4 InvalidSyncKey "the synchronization key is invalid",
    }
}
statuses! {
    /// Status of Provision (MS-ASPROV 2.2.2.54).
    ProvisionStatus {
        1 Success "success",
        2 Protocol "protocol error, or policy not defined",
        3 ServerError "general server error, or unknown policy type",
        4 ExternallyManaged "the device is externally managed, or the policy data is corrupt",
        5 WrongKey "the policy key is wrong",
    }
}
statuses! {
    /// Statuses that any command may answer from 14.0 on (MS-ASCMD 2.2.4).
    CommonStatus {
        101 InvalidContent "the body is not valid",
        102 InvalidWbxml "the WBXML is not valid",
        103 InvalidXml "the XML is not valid",
        108 DeviceIdMissing "device id missing or invalid",
        109 DeviceTypeMissing "device type missing or invalid",
        110 ServerErrorNoRetry "server error, do not retry",
        111 ServerErrorRetryLater "server error, retry later",
        113 DiskQuota "mailbox quota exceeded",
        118 MessagePreviouslySent "message previously sent",
        126 UserDisabled "the user is disabled for synchronisation",
        130 AccessDenied "access denied",
        132 StateNotFound "synchronisation state not found",
        133 StateLocked "synchronisation state locked",
        134 StateCorrupt "synchronisation state corrupt",
        135 StateExists "synchronisation state already exists",
        136 StateVersion "synchronisation state has another version",
        139 NotRepeatable "the cached request cannot be repeated",
        140 RemoteWipe "remote wipe requested",
        141 LegacyDevice "legacy device on a strict policy",
        142 NotProvisioned "the device is not provisioned",
        143 PolicyRefresh "the policy is to be refreshed",
        144 InvalidPolicyKey "the policy key is invalid",
        149 CachedRequestLost "the cached request cannot be repeated, send it in full",
        150 ItemNotFound "the source item was not found",
        164 FolderHierarchy "unexpected folder hierarchy",
        177 TooManyPartnerships "too many device partnerships",
    }
}

impl CommonStatus {
    fn lookup(code: u16) -> Option<&'static str> {
        Self::TABLE.iter().find(|row| row.0 == code).map(|row| row.1)
    }
}

/// What a status number means in a command; `None` when no table has it.
pub fn meaning(command: Command, code: u16) -> Option<&'static str> {
    let table = match command {
        Command::Sync => SyncStatus::TABLE,
        Command::Ping => PingStatus::TABLE,
        Command::FolderSync
        | Command::FolderCreate
        | Command::FolderDelete
        | Command::FolderUpdate => FolderStatus::TABLE,
        Command::MoveItems => MoveStatus::TABLE,
        Command::GetItemEstimate => EstimateStatus::TABLE,
        Command::Provision => ProvisionStatus::TABLE,
        _ => &[],
    };
    let own = table.iter().find(|row| row.0 == code).map(|row| row.1);
    own.or_else(|| CommonStatus::lookup(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_and_mean_something() {
        for code in 0..=200 {
            assert_eq!(SyncStatus::from_code(code).code(), code);
            assert_eq!(MoveStatus::from_code(code).code(), code);
        }
        assert_eq!(MoveStatus::from_code(3), MoveStatus::Success);
        assert_eq!(meaning(Command::Sync, 3), Some(SyncStatus::InvalidSyncKey.meaning()));
        assert_eq!(meaning(Command::Find, 142), Some(CommonStatus::NotProvisioned.meaning()));
        assert_eq!(meaning(Command::Sync, 99), None);
    }
}
