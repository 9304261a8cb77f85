//! Identifiers: opaque on the wire, never computed with.

use std::fmt;
use std::sync::Arc;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps the text as it stands on the wire.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A synchronisation key: the server's name for a state it believes the client holds. Opaque, at most 64 characters
    /// (MS-ASCMD R4604); a client never computes one.
    SyncKey
}
text_id! {
    /// The id of a folder as synchronised: `ServerId` in FolderSync, `CollectionId` in Sync. At most 64 characters.
    CollectionId
}
text_id! {
    /// The id that the server gave to an item. At most 64 characters.
    ServerId
}
text_id! {
    /// The id that the client gives to an item it adds; unique only while its Sync request is outstanding (MS-ASCMD R961).
    ClientId
}
text_id! {
    /// The id of a device. Binary ids of the base64 request line are written as upper-case hex (MS-ASHTTP 2.2.1.1.1.1).
    DeviceId
}

impl SyncKey {
    /// The key `0` that starts a collection or the hierarchy (MS-ASCMD R648).
    pub fn zero() -> Self {
        Self::new("0")
    }

    /// Whether this is the key `0`.
    pub fn is_zero(&self) -> bool {
        self.as_str() == "0"
    }
}

/// The policy key of MS-ASPROV; 0 before a device is provisioned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PolicyKey(pub u32);

impl fmt::Display for PolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
