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
    /// Status of SendMail, SmartReply and SmartForward: they have the common ones only.
    ComposeStatus {
        1 Success "success",
    }
}
statuses! {
    /// Status of Settings and of each of its parts (MS-ASCMD 2.2.3.177.16).
    SettingsStatus {
        1 Success "success",
        2 Protocol "protocol error",
        3 AccessDenied "access denied",
        4 Unavailable "server unavailable",
        5 InvalidArguments "invalid arguments",
        6 ConflictingArguments "conflicting arguments",
        7 DeniedByPolicy "denied by policy",
    }
}
statuses! {
    /// Status of ItemOperations and of each operation (MS-ASCMD 2.2.3.177.8).
    ItemOperationsStatus {
        1 Success "success",
        2 Protocol "protocol error",
        3 ServerError "server error",
        4 BadLink "the document library's link is bad",
        5 AccessDenied "access to the document library denied",
        6 NotFound "object not found, or access denied",
        7 CannotConnect "cannot connect to the document library's server",
        8 RangeInvalid "the byte range is invalid or too large",
        9 StoreUnknown "unknown store, or not supported",
        10 FileEmpty "the file is empty",
        11 TooLarge "the requested data is too large",
        12 DownloadFailed "the download failed",
        14 Conversion "the item could not be converted",
        15 InvalidAttachment "invalid attachment or attachment id",
        16 ResourceAccess "access to the resource denied",
        17 PartialSuccess "partial success",
        18 CredentialsRequired "credentials required",
        155 MoveProtocol "protocol error: an element is missing",
        156 MoveDestination "the action is not supported for this destination",
    }
}
statuses! {
    /// Status of Search and of its store (MS-ASCMD 2.2.3.177.15).
    SearchStatus {
        1 Success "success",
        2 Invalid "the request was invalid",
        3 ServerError "server error",
        4 BadLink "the link is bad",
        5 AccessDenied "access denied",
        6 NotFound "not found",
        7 CannotConnect "the connection failed",
        8 TooComplex "the query is too complex",
        10 TimedOut "the search timed out",
        11 FolderSyncRequired "FolderSync required",
        12 EndOfRange "end of the retrievable range",
        13 AccessBlocked "access blocked by policy",
        14 CredentialsRequired "credentials required",
    }
}
statuses! {
    /// Status of Find (MS-ASCMD 2.2.3.177.1).
    FindStatus {
        1 Success "success",
        2 Invalid "the request was invalid",
        3 FolderSyncRequired "FolderSync required",
        4 RangeEnd "end of the retrievable range",
    }
}
statuses! {
    /// Status of MeetingResponse (MS-ASCMD 2.2.3.177.9).
    MeetingStatus {
        1 Success "success",
        2 Invalid "the meeting request is invalid, or not of the user's calendar",
        3 MailboxError "mailbox error",
        4 ServerError "server error",
    }
}
statuses! {
    /// Status of ResolveRecipients and of its parts (MS-ASCMD 2.2.3.177.13).
    RecipientsStatus {
        1 Success "success",
        2 Ambiguous "ambiguous: suggestions follow",
        3 PartlyAmbiguous "ambiguous: some suggestions follow",
        4 None "no recipient matches",
        5 Protocol "protocol error",
        6 ServerError "server error",
        7 NoCertificate "no valid certificate",
        8 CertificateLimit "more certificates than asked for",
    }
}
statuses! {
    /// Status of ValidateCert and of each certificate (MS-ASCMD 2.2.3.177.19).
    CertificateStatus {
        1 Success "success",
        2 Protocol "protocol error",
        3 Signature "the signature cannot be validated",
        4 Untrusted "an untrusted issuer",
        5 Chain "the chain was not created correctly",
        6 NotForSigning "not valid for signing mail",
        7 Expired "expired or not yet valid",
        8 TimesInconsistent "the times of the chain do not agree",
        9 IdMisused "an id in the chain is used wrongly",
        10 InformationMissing "information is missing or wrong",
        11 IdWrong "an id in the chain is wrong",
        12 AddressMismatch "the address does not match the certificate",
        13 Revoked "revoked",
        14 RevocationUnreachable "the server of revocations cannot be reached",
        15 ChainRevoked "a certificate of the chain is revoked",
        16 RevocationUnknown "the revocation cannot be determined",
        17 Unknown "unknown server error",
    }
}
statuses! {
    /// Statuses that any command may answer from 14.0 on (MS-ASCMD 2.2.4).
    CommonStatus {
        101 InvalidContent "the body is not valid",
        102 InvalidWbxml "the WBXML is not valid",
        103 InvalidXml "the XML is not valid",
        104 InvalidDateTime "a date or time is not valid",
        105 InvalidCombinationOfIds "invalid combination of ids",
        106 InvalidIds "invalid ids",
        107 InvalidMime "the MIME is not valid",
        108 DeviceIdMissing "device id missing or invalid",
        109 DeviceTypeMissing "device type missing or invalid",
        110 ServerErrorNoRetry "server error, do not retry",
        111 ServerErrorRetryLater "server error, retry later",
        112 DirectoryAccessDenied "the server may not read the directory",
        113 DiskQuota "mailbox quota exceeded",
        114 MailboxServerOffline "the mailbox server is offline",
        115 SendQuota "send quota exceeded",
        116 RecipientUnresolved "a recipient cannot be resolved",
        117 ReplyNotAllowed "the message may not be answered",
        118 MessagePreviouslySent "message previously sent",
        119 NoRecipient "the message has no recipient",
        120 SubmissionFailed "the mail could not be submitted",
        121 ReplyFailed "the reply failed",
        122 AttachmentTooLarge "an attachment is too large",
        123 NoMailbox "the user has no mailbox",
        124 Anonymous "the user cannot be anonymous",
        125 UserNotFound "the user was not found",
        126 UserDisabled "the user is disabled for synchronisation",
        127 NewMailbox "the user's mailbox is on a newer server",
        128 LegacyMailbox "the user's mailbox is on an older server",
        129 DeviceBlocked "the device is blocked for this user",
        130 AccessDenied "access denied",
        131 AccountDisabled "the account is disabled",
        132 StateNotFound "synchronisation state not found",
        133 StateLocked "synchronisation state locked",
        134 StateCorrupt "synchronisation state corrupt",
        135 StateExists "synchronisation state already exists",
        136 StateVersion "synchronisation state has another version",
        137 CommandNotSupported "the command is not supported",
        138 VersionNotSupported "the protocol version is not supported",
        139 NotFullyProvisionable "the device cannot apply the policy in full",
        140 RemoteWipe "remote wipe requested",
        141 LegacyDevice "legacy device on a strict policy",
        142 NotProvisioned "the device is not provisioned",
        143 PolicyRefresh "the policy is to be refreshed",
        144 InvalidPolicyKey "the policy key is invalid",
        145 ExternallyManaged "externally managed devices are not allowed",
        146 NoRecurrence "no recurrence in the calendar item",
        147 UnexpectedClass "unexpected class of item",
        148 NoTls "the remote server has no TLS",
        149 CachedRequestLost "the cached request cannot be repeated, send it in full",
        150 ItemNotFound "the source item was not found",
        151 TooManyFolders "too many folders",
        152 NoFolders "no folders found",
        153 ItemsLostAfterMove "items were lost after the move",
        154 MoveFailed "the move failed",
        155 MoveNotPersistent "only persistent moves are allowed",
        156 MoveDestination "invalid destination of the move",
        160 TooManyRecipients "availability: too many recipients",
        161 DistributionListLimit "availability: the distribution list is too large",
        162 AvailabilityTransient "availability: transient failure",
        163 AvailabilityFailure "availability: failure",
        164 BodyPartType "this type of BodyPartPreference is not supported",
        165 DeviceInformationRequired "device information is required",
        166 InvalidAccountId "invalid account id",
        167 SendDisabled "sending is disabled for the account",
        168 RightsDisabled "rights management is disabled",
        169 RightsTransient "rights management: transient error",
        170 RightsPermanent "rights management: permanent error",
        171 RightsTemplate "rights management: invalid template",
        172 RightsOperation "rights management: the operation is not permitted",
        173 NoPicture "the user has no picture",
        174 PictureTooLarge "the picture is too large",
        175 PictureLimit "the limit of pictures is reached",
        176 ConversationTooLarge "the conversation is too large for a body part",
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
        Command::SendMail | Command::SmartReply | Command::SmartForward => ComposeStatus::TABLE,
        Command::Settings => SettingsStatus::TABLE,
        Command::ItemOperations => ItemOperationsStatus::TABLE,
        Command::Search => SearchStatus::TABLE,
        Command::Find => FindStatus::TABLE,
        Command::MeetingResponse => MeetingStatus::TABLE,
        Command::ResolveRecipients => RecipientsStatus::TABLE,
        Command::ValidateCert => CertificateStatus::TABLE,
        Command::GetAttachment => &[], // answers with HTTP codes only
    };
    let own = table.iter().find(|row| row.0 == code).map(|row| row.1);
    own.or_else(|| CommonStatus::lookup(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_sorted_and_has_no_double() {
        for command in Command::ALL {
            let codes: Vec<_> =
                (0..200).filter(|code| meaning(*command, *code).is_some()).collect();
            assert!(codes.contains(&142));
        }
        for table in [
            SyncStatus::TABLE,
            ItemOperationsStatus::TABLE,
            SearchStatus::TABLE,
            CertificateStatus::TABLE,
            CommonStatus::TABLE,
        ] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
    }

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
