//! What libwbxml reads, for comparing with what ours reads.

/// What libwbxml says of a document, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// An element begins: page and token, or nothing where the tag is not in its table.
    Start(Option<(u8, u8)>),
    /// An element ends.
    End,
    /// Text or opaque data: it makes no difference.
    Characters(Vec<u8>),
}

/// The events of a document; `None` where libwbxml was not found when this was built, the message
/// where it refuses the document.
pub fn read(wbxml: &[u8]) -> Option<Result<Vec<Seen>, String>> {
    #[cfg(libwbxml)]
    return Some(crate::libwbxml::read(wbxml).map_err(|refused| refused.0));
    #[cfg(not(libwbxml))]
    {
        let _ = wbxml;
        None
    }
}
