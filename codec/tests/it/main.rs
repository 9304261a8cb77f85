//! Tests of the codec through its public interface.

mod decode;
mod encode;
mod lint;
mod properties;
mod samples;
mod slow;
#[cfg(feature = "xml")]
mod xml;
