//! WBXML documents from finite entropy: one source for fuzzer, properties and benches.
//!
//! A [`Document`] is made from bytes, and the more bytes the larger it is: a fuzzer's input, a
//! property's random vector and a seed all give documents of every code page, tag and kind of
//! content. [`Document::bytes`] writes it down with a plain writer of this crate's own, so that the
//! codec is judged by something that shares no code with it.
//!
//! ```
//! use activesync_generator::{Document, arbitrary::{Arbitrary, Unstructured}};
//! use wbxml::{Decoder, Options};
//!
//! let entropy: Vec<u8> = (0..200).map(|n: u8| n.wrapping_mul(37)).collect();
//! let document = Document::arbitrary(&mut Unstructured::new(&entropy)).unwrap();
//! let bytes = document.bytes();
//! let events = Decoder::new(&bytes, &Options::strict()).collect::<Result<Vec<_>, _>>()?;
//! assert!(document.is(&events));
//! # Ok::<(), wbxml::Error>(())
//! ```
//!
//! [`General`] documents use what WBXML has and ActiveSync does not; [`Broken`] ones say what was
//! broken and whether a reader may overlook it; [`shapes::all`] gives the ten documents that the
//! benches measure.

mod broken;
mod dice;
mod document;
mod draw;
mod general;
pub mod shapes;
pub mod text;
pub mod wire;

pub use arbitrary;
pub use broken::{Broken, Damage};
pub use dice::Dice;
pub use document::{Document, Head, Piece};
pub use general::General;
