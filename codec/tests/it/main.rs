//! Tests of the codec through its public interface.

mod decode;
mod encode;
mod errors;
mod hostile;
mod lint;
#[cfg(feature = "xml")]
mod oracle;
#[cfg(feature = "xml")]
mod peers;
mod properties;
#[cfg(feature = "xml")]
mod read;
mod references;
mod samples;
mod slow;
mod tables;
mod tokens;
mod trees;
mod ways;
#[cfg(feature = "xml")]
mod written;
#[cfg(feature = "xml")]
mod xml;
