//! A tag: code page and tag token.

use crate::pages::ACTIVE_SYNC;
use std::fmt;

/// A tag of the tag code space: a code page and a six-bit token.
///
/// ```
/// use wbxml::{Tag, tags};
///
/// let tag = Tag::new(0, 0x05);
/// assert_eq!(tag, tags::air_sync::SYNC);
/// assert_eq!(tag.to_string(), "AirSync:Sync");
/// assert_eq!(Tag::new(0x40, 0x0a).to_string(), "page 0x40 token 0x0a");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u16);

impl Tag {
    /// The tag of this page and token.
    ///
    /// Only the six low bits of the token count; tokens below 5 are global tokens and name no tag:
    /// the encoder refuses them.
    pub const fn new(page: u8, token: u8) -> Self {
        Self(((page as u16) << 8) | (token & 0x3F) as u16)
    }

    /// The code page.
    pub const fn page(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// The token, without the content and attribute bits: 0x05 to 0x3F.
    pub const fn token(self) -> u8 {
        (self.0 & 0x3F) as u8
    }

    /// The name in the ActiveSync table: `Sync`.
    pub fn name(self) -> Option<&'static str> {
        ACTIVE_SYNC.info(self).map(|info| info.name)
    }

    /// The namespace of the code page in the ActiveSync table: `AirSync`.
    pub fn namespace(self) -> Option<&'static str> {
        ACTIVE_SYNC.page(self.page()).map(super::table::CodePage::namespace)
    }

    /// Finds a tag of the ActiveSync table by name, without regard to case.
    ///
    /// The namespace may end in a colon, as older schemas write it; names of older revisions of
    /// MS-ASWBXML are found too.
    ///
    /// ```
    /// # use wbxml::{Tag, tags};
    /// assert_eq!(Tag::from_name("airsync:", "SyncKey"), Some(tags::air_sync::SYNC_KEY));
    /// assert_eq!(Tag::from_name("AirSync", "NoSuchTag"), None);
    /// ```
    pub fn from_name(namespace: &str, name: &str) -> Option<Self> {
        ACTIVE_SYNC.find(namespace, name)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.namespace(), self.name()) {
            (Some(namespace), Some(name)) => write!(f, "{namespace}:{name}"),
            _ => write!(f, "page {:#04x} token {:#04x}", self.page(), self.token()),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
