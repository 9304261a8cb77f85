//! Trees as XML text and back.
//!
//! The namespaces are those of MS-ASWBXML, declared where the code page changes:
//!
//! ```
//! use wbxml::{Encoder, Options, Tree, tags::*, xml};
//!
//! let mut encoder = Encoder::new();
//! encoder.start(air_sync::APPLICATION_DATA);
//! encoder.leaf(email::SUBJECT, "R&D\r\n");
//! encoder.leaf_opaque(email2::CONVERSATION_ID, b"\x00\xff");
//! encoder.end();
//! let tree = Tree::decode(&encoder.finish()?, &Options::default())?;
//!
//! let text = xml::to_string(&tree);
//! assert_eq!(
//!     text,
//!     "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
//!      <ApplicationData xmlns=\"AirSync\">\
//!      <Subject xmlns=\"Email\">R&amp;D&#13;\n</Subject>\
//!      <ConversationId xmlns=\"Email2\" opaque=\"base64\">AP8=</ConversationId>\
//!      </ApplicationData>"
//! );
//! assert_eq!(xml::from_str(&text)?, tree);
//! # Ok::<(), wbxml::Error>(())
//! ```
//!
//! # What is beyond plain XML
//!
//! What is written always parses back to the same tree. ActiveSync has no attributes, so three
//! attributes without a namespace can say what plain text cannot:
//!
//! | attribute | the content is |
//! |---|---|
//! | `opaque="text"` | opaque data that happens to be text XML can carry |
//! | `opaque="base64"` | other opaque data, in base64 |
//! | `text="escaped"` | text with characters that XML cannot carry: `\u{1}` is U+0001, `\\` is `\` |
//!
//! The rest lives in the namespace `wbxml`: `<value>` is a text or opaque value that is not the only
//! content of its element, `<unknown page="64" token="10">` a tag that is not in the table,
//! `<damage>` bytes that forensic mode kept, and `<document>` holds it all together where there is
//! not exactly one root. Damage is for reading; [`from_str`] refuses it.
//!
//! CR is written as `&#13;`, because XML readers turn a bare one into LF.
//!
//! # What is read
//!
//! XML of other tools too: any prefixes, namespaces with a trailing colon, names in any case and of
//! older revisions, CDATA, comments, a document type without internal subset. White space between
//! elements is dropped; in an element that holds nothing else it is text, unless the element is one
//! that holds elements only. An element without marks is an inline string: opaque data needs the
//! attribute. What has no counterpart in WBXML (other attributes, processing instructions, unknown
//! names) is an error, never skipped.

mod base64;
mod characters;
mod escape;
mod plain;
mod read;
mod stream;
mod write;

pub use read::{from_str, from_str_with};
pub use write::{Style, decode, to_string, write};

/// The namespace of what is beyond plain XML.
const NAMESPACE: &str = "wbxml";
