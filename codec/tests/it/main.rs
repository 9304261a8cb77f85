//! Tests of the codec through its public interface.

mod decode;
mod encode;
mod samples;
#[cfg(feature = "xml")]
mod xml;
