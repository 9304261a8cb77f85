//! WBXML: bytes, tokens, events, tree and XML, for Exchange ActiveSync and beyond.
//!
//! | layer | type | what it is for |
//! |---|---|---|
//! | tokens | [`Tokens`] | every byte, with spans that tile the input; any WBXML, with or without a table |
//! | events | [`Decoder`], [`PushDecoder`], [`Encoder`] | reading and writing without copying or allocating |
//! | tree | [`Tree`], [`Node`] | asking for what is in a document |
//! | XML | [`xml`] (feature `xml`, on by default) | for people and other tools; parses back to the same tree |
//!
//! ```
//! use wbxml::{Encoder, Options, Tree, tags::air_sync};
//!
//! let mut encoder = Encoder::new();
//! encoder.start(air_sync::SYNC);
//! encoder.start(air_sync::COLLECTIONS);
//! encoder.start(air_sync::COLLECTION);
//! encoder.leaf(air_sync::SYNC_KEY, "0");
//! encoder.leaf(air_sync::COLLECTION_ID, "5");
//! encoder.end();
//! encoder.end();
//! encoder.end();
//! let bytes = encoder.finish()?;
//!
//! let tree = Tree::decode(&bytes, &Options::strict())?;
//! let collections = tree.root().child(air_sync::COLLECTIONS).unwrap();
//! for collection in collections.children_with(air_sync::COLLECTION) {
//!     assert_eq!(collection.child(air_sync::SYNC_KEY).unwrap().text().unwrap(), "0");
//! }
//!
//! let error = Tree::decode(&bytes[..17], &Options::strict()).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "the input ends with 3 open element(s) at offset 0x11 in Sync/Collections/Collection",
//! );
//! # Ok::<(), wbxml::Error>(())
//! ```
//!
//! # Three ways to read
//!
//! *General* mode takes any legal WBXML of a known [`Table`]: string tables, literal public ids,
//! entities, versions 1.0 to 1.3, the charsets of [`Charset`]. *Strict* mode takes what MS-ASWBXML
//! describes and nothing else, and says whether general mode would read the rest. *Forensic* mode
//! takes anything, keeps every byte and marks what is wrong. Unknown tags and pages, attributes, a
//! second root, trailing bytes and damage are errors in the first two, never guessed at.
//!
//! # What never happens
//!
//! No panic, no recursion on the depth of the input, no allocation from a length that the input
//! claims; [`Limits`] bound what a document may cost. There is no `unsafe` in this crate. Nothing
//! is skipped or repaired in silence: what cannot be read is an [`Error`] with its kind, offset,
//! code page and element path, and what would be read back as something else is not written.

mod builder;
mod charset;
mod context;
mod decode;
mod encode;
mod error;
mod fast;
mod forensic;
mod header;
mod hint;
mod lexer;
mod lint;
mod mb_u32;
mod options;
mod pages;
mod push;
mod reencode;
mod references;
mod scan;
mod table;
mod tag;
pub mod token;
mod tokens;
mod tree;
#[cfg(feature = "xml")]
pub mod xml;

pub use charset::{Charset, Encoded};
pub use decode::{Decoder, Event};
pub use encode::Encoder;
pub use error::{Error, ErrorKind, Forbidden, Limit, Part, XmlFault};
pub use header::{Header, PublicId};
pub use lint::{Lint, LintKind, lint};
pub use options::{Limits, Mode, Options};
pub use pages::{ACTIVE_SYNC, tags};
pub use push::PushDecoder;
pub use table::{CodePage, Content, Status, Table, TagInfo};
pub use tag::Tag;
pub use token::{Spanned, Token};
pub use tokens::Tokens;
pub use tree::{Damage, Events, Node, Tree, Value};

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
