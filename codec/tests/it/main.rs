//! Tests of the codec through its public interface.

mod decode;
mod encode;
#[cfg(feature = "xml")]
mod xml;
