//! The ten documents, with what the contenders need of them beforehand.

use activesync_generator::shapes::{self, Count};
use wbxml::{Decoder, Event, Options, Tree};

/// A document and what is made of it before the clock runs.
pub struct Prepared {
    /// Its letter.
    pub key: &'static str,
    /// What it is.
    pub name: &'static str,
    /// WBXML, followed in memory by padding that floors may read.
    padded: Vec<u8>,
    len: usize,
    /// XML.
    pub xml: String,
    /// What is in it.
    pub count: Count,
    /// Decoded.
    pub tree: Tree,
    /// Where its strings are.
    pub strings: Vec<std::ops::Range<usize>>,
    /// As libwbxml sees it.
    #[cfg(libwbxml)]
    pub peer: crate::libwbxml::Prepared,
}

/// Bytes behind each document that floors may read.
pub const PADDING: usize = 64;

impl Prepared {
    /// The document.
    pub fn bytes(&self) -> &[u8] {
        &self.padded[..self.len]
    }

    /// The document and its padding.
    pub fn padded(&self) -> &[u8] {
        &self.padded
    }

    /// The events of the document.
    pub fn events(&self) -> Vec<Event<'_>> {
        Decoder::new(self.bytes(), &Options::strict())
            .collect::<Result<_, _>>()
            .expect("a shape is a document")
    }
}

/// The ten documents, prepared.
pub fn all() -> Vec<Prepared> {
    shapes::all().expect("shapes are documents").into_iter().map(prepare).collect()
}

fn prepare(shape: shapes::Shape) -> Prepared {
    let count = shape.count().expect("a shape is a document");
    let tree = Tree::decode(&shape.bytes, &Options::strict()).expect("a shape is a document");
    let base = shape.bytes.as_ptr() as usize;
    let mut strings = Vec::with_capacity(count.strings);
    for event in Decoder::new(&shape.bytes, &Options::strict()) {
        if let Ok(Event::Text(text)) = event {
            let start = text.as_ptr() as usize - base;
            strings.push(start..start + text.len());
        }
    }
    #[cfg(libwbxml)]
    let peer = crate::libwbxml::Prepared::new(&shape.bytes);
    let len = shape.bytes.len();
    let mut padded = shape.bytes;
    padded.resize(len + PADDING, 0);
    Prepared {
        key: shape.key,
        name: shape.name,
        padded,
        len,
        xml: shape.xml,
        count,
        tree,
        strings,
        #[cfg(libwbxml)]
        peer,
    }
}
