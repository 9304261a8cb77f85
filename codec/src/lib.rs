//! WBXML: bytes, tokens, events, tree and XML, for Exchange ActiveSync and beyond.
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
//! # Ok::<(), wbxml::Error>(())
//! ```

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
