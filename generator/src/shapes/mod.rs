//! The ten documents that the benches measure, made of mails that never were.
//!
//! They cover what ActiveSync servers and phones send: small ones that are all fixed cost, one of
//! nothing but tags and short strings, mail in ASCII and in other scripts, and bodies of 5 MB.
//! They are constants written as programs: the same bytes on every machine.
//!
//! ```
//! let shapes = activesync_generator::shapes::all()?;
//! let keys: Vec<_> = shapes.iter().map(|shape| shape.key).collect();
//! assert_eq!(keys, ["a", "b", "c", "d", "f", "g", "h", "i", "e1", "e2"]);
//! # Ok::<(), wbxml::Error>(())
//! ```

mod items;
mod mails;
mod words;

use wbxml::tags::{air_sync, air_sync_base, folder_hierarchy, ping, search};
use wbxml::{Encoder, Error, Event, Options, Tag, Tree};

/// A document of the benches.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its letter.
    pub key: &'static str,
    /// What it is.
    pub name: &'static str,
    /// The document.
    pub bytes: Vec<u8>,
    /// The same as XML.
    pub xml: String,
}

impl Shape {
    /// Counts what is in the document.
    pub fn count(&self) -> Result<Count, Error> {
        let mut count = Count::default();
        let (mut page, mut depth, mut open) = (0, 0, Vec::new());
        for event in wbxml::Decoder::new(&self.bytes, &Options::default()) {
            match event? {
                Event::Start { tag, content } => {
                    count.elements += 1;
                    count.ends += usize::from(content);
                    count.switches += usize::from(tag.page() != page);
                    page = tag.page();
                    open.push(tag);
                    depth = open.len().max(depth);
                }
                Event::End => {
                    open.pop();
                }
                Event::Opaque(_) => count.opaque += 1,
                _ => count.strings += 1,
            }
        }
        count.depth = depth;
        Ok(count)
    }
}

/// What is in a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Elements.
    pub elements: usize,
    /// Inline strings.
    pub strings: usize,
    /// Opaque values.
    pub opaque: usize,
    /// Page switches.
    pub switches: usize,
    /// END tokens.
    pub ends: usize,
    /// Levels.
    pub depth: usize,
}

impl Count {
    /// Tokens of the body.
    pub const fn tokens(&self) -> usize {
        self.elements + self.strings + self.opaque + self.switches + self.ends
    }
}

/// A function that writes a document.
type Write = fn(&mut Encoder);

const SHAPES: [(&str, &str, Write); 10] = [
    ("a", "Ping response", ping_response),
    ("b", "Sync request", sync_request),
    ("c", "Sync, 25 mails, 1 KB text", |e| mails::sync(e, 25, mails::Body::Text)),
    ("d", "Sync, 512 mails, headers only", |e| mails::sync(e, 512, mails::Body::None)),
    ("f", "FolderSync, 500 folders", folder_sync),
    ("g", "300 mixed items", items::mixed),
    ("h", "GAL, 100 results, 10 pictures", items::address_list),
    ("i", "Sync, 32 mails, 32 KB non-ASCII", |e| mails::sync(e, 32, mails::Body::World)),
    ("e1", "5 MB MIME body, opaque", |e| mails::fetch(e, true)),
    ("e2", "5 MB MIME body, inline", |e| mails::fetch(e, false)),
];

/// The ten documents, in the order of the tables that show them.
pub fn all() -> Result<Vec<Shape>, Error> {
    SHAPES.iter().map(|row| make(*row)).collect()
}

/// One of the ten documents.
pub fn one(key: &str) -> Result<Option<Shape>, Error> {
    SHAPES.iter().find(|row| row.0 == key).map(|row| make(*row)).transpose()
}

fn make((key, name, write): (&'static str, &'static str, Write)) -> Result<Shape, Error> {
    let mut encoder = Encoder::new();
    write(&mut encoder);
    let bytes = encoder.finish()?;
    let xml = wbxml::xml::to_string(&Tree::decode(&bytes, &Options::strict())?);
    Ok(Shape { key, name, bytes, xml })
}

/// A document of a run of equal siblings: for growth.
///
/// ```
/// use activesync_generator::shapes::siblings;
///
/// let (one, two) = (siblings(100)?.len(), siblings(200)?.len());
/// assert!(two * 100 / one >= 195);
/// # Ok::<(), wbxml::Error>(())
/// ```
pub fn siblings(n: usize) -> Result<Vec<u8>, Error> {
    let mut encoder = Encoder::new();
    folders(&mut encoder, n);
    encoder.finish()
}

/// A document of elements inside each other.
pub fn nested(depth: usize) -> Result<Vec<u8>, Error> {
    let mut encoder = Encoder::new();
    for _ in 0..depth {
        encoder.start(air_sync::SYNC);
    }
    for _ in 0..depth {
        encoder.end();
    }
    encoder.finish()
}

/// Elements around what `inside` writes.
fn within(encoder: &mut Encoder, tags: &[Tag], inside: impl FnOnce(&mut Encoder)) {
    for tag in tags {
        encoder.start(*tag);
    }
    inside(encoder);
    for _ in tags {
        encoder.end();
    }
}

fn ping_response(encoder: &mut Encoder) {
    within(encoder, &[ping::PING], |e| {
        e.leaf(ping::STATUS, "2");
        within(e, &[ping::FOLDERS], |e| {
            for folder in ["5", "8", "1234567890ab"] {
                e.leaf(ping::FOLDER, folder);
            }
        });
    });
}

fn sync_request(encoder: &mut Encoder) {
    within(encoder, &[air_sync::SYNC, air_sync::COLLECTIONS], |e| {
        for (key, id) in [("1854213077", "5"), ("77", "8")] {
            within(e, &[air_sync::COLLECTION], |e| {
                e.leaf(air_sync::SYNC_KEY, key);
                e.leaf(air_sync::COLLECTION_ID, id);
                e.leaf(air_sync::DELETES_AS_MOVES, "1");
                e.leaf(air_sync::GET_CHANGES, "1");
                e.leaf(air_sync::WINDOW_SIZE, "25");
                within(e, &[air_sync::OPTIONS], |e| {
                    within(e, &[air_sync_base::BODY_PREFERENCE], |e| {
                        e.leaf(air_sync_base::TYPE, "2");
                        e.leaf(air_sync_base::TRUNCATION_SIZE, "51200");
                    });
                    e.leaf(air_sync::FILTER_TYPE, "3");
                });
            });
        }
    });
}

fn folder_sync(encoder: &mut Encoder) {
    folders(encoder, 500);
}

fn folders(encoder: &mut Encoder, n: usize) {
    use folder_hierarchy::{
        ADD, CHANGES, COUNT, DISPLAY_NAME, FOLDER_SYNC, PARENT_ID, SERVER_ID, STATUS, SYNC_KEY,
        TYPE,
    };
    within(encoder, &[FOLDER_SYNC], |e| {
        e.leaf(STATUS, "1");
        e.leaf(SYNC_KEY, "1");
        within(e, &[CHANGES], |e| {
            e.leaf(COUNT, &n.to_string());
            for id in 1..=n {
                within(e, &[ADD], |e| {
                    e.leaf(SERVER_ID, &id.to_string());
                    e.leaf(PARENT_ID, &(id / 8).to_string());
                    e.leaf(DISPLAY_NAME, &words::folder(id));
                    e.leaf(TYPE, if id < 10 { "2" } else { "12" });
                });
            }
        });
    });
}

/// The frame of a response to Search.
fn search_response(encoder: &mut Encoder, inside: impl FnOnce(&mut Encoder)) {
    within(encoder, &[search::SEARCH], |e| {
        e.leaf(search::STATUS, "1");
        within(e, &[search::RESPONSE, search::STORE], |e| {
            e.leaf(search::STATUS, "1");
            inside(e);
        });
    });
}
