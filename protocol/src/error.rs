//! What can be wrong with a body or a request line.

use crate::Command;

/// A body or request line that is not what MS-ASCMD or MS-ASHTTP say it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The body is not WBXML, or not WBXML as the mode in force allows it.
    #[error("{0}")]
    Wbxml(#[from] wbxml::Error),
    /// The body is WBXML, but not this command.
    #[error("{what} at offset {offset:#x}")]
    Structure {
        /// What was expected and what stood there.
        what: String,
        /// Byte offset of the element, from the start of the body.
        offset: usize,
    },
    /// The command needs a body and there was none.
    #[error("{0} needs a body and there was none")]
    NoBody(Command),
    /// A command that this crate does not model.
    #[error("{0} is not modelled")]
    NotModelled(Command),
    /// The request line is malformed (MS-ASHTTP 2.2.1.1).
    #[error("request line: {0}")]
    RequestLine(String),
}
