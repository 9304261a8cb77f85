//! What a device is and how it likes to talk.

use activesync::{DeviceId, ProtocolVersion};

use crate::Defect;

/// How a device treats its copy of an item that it moved itself (MS-ASCMD R289).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum School {
    /// Waits for the Delete in the source and the Add in the destination.
    #[default]
    Wait,
    /// Re-keys its copy to DstMsgId at once.
    Rekey,
}

/// A device's fixed properties.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its id.
    pub device_id: DeviceId,
    /// Its kind.
    pub device_type: String,
    /// User name, for the plain request line.
    pub user: String,
    /// Version it speaks.
    pub version: ProtocolVersion,
    /// Uses the base64 request line (12.1 on).
    pub base64_line: bool,
    /// What it does after MoveItems.
    pub school: School,
    /// Whether only folders whose name begins so are synchronised; a hunt on somebody's mailbox touches no other.
    pub folder_prefix: Option<String>,
    /// Says GetChanges and DeletesAsMoves also where leaving them out means the same, as most phones do.
    pub explicit: bool,
    /// Numbers its drafts anew in each request: a ClientId is unique only during the Sync request (MS-ASCMD R961).
    pub reuses_client_ids: bool,
    /// Hangs a folder below its parent or nowhere: one whose parent it does not know is passed over.
    pub needs_parents: bool,
    /// Heartbeat of its Pings, in seconds.
    pub heartbeat_seconds: u32,
    /// A planted defect.
    pub defect: Option<Defect>,
}

impl Config {
    /// A device that speaks 14.1 with plain request lines.
    pub fn new(device_id: impl Into<String>, user: impl Into<String>) -> Self {
        Self {
            device_id: DeviceId::new(device_id.into()),
            device_type: "lostmail".into(),
            user: user.into(),
            version: ProtocolVersion::V14_1,
            base64_line: false,
            school: School::default(),
            folder_prefix: None,
            explicit: false,
            reuses_client_ids: false,
            needs_parents: false,
            heartbeat_seconds: 480,
            defect: None,
        }
    }
}
