//! Tables of code pages: which tags there are, and what they are called.

use crate::Tag;

/// What the specification says an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// Child elements only.
    Container,
    /// A value that travels as inline string.
    Text,
    /// A byte array: travels as opaque data (MS-ASDTYPE 2.7.1).
    Opaque,
    /// A value for which both encodings are in use.
    Either,
    /// Nothing: the presence of the element is its meaning.
    Empty,
    /// Child elements, a value or nothing, depending on where it stands.
    Mixed,
    /// No source says.
    Unknown,
}

/// Where a tag is specified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// In the current revision of MS-ASWBXML (v22.2).
    Current,
    /// Specified for protocol version 2.5 only.
    Only25,
    /// In an older revision, withdrawn since.
    Withdrawn,
    /// In no published revision, known from implementations. Decode it, do not send it.
    Legacy,
}

/// One row of a table: a tag of a code page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagInfo {
    /// The token, 0x05 to 0x3F.
    pub token: u8,
    /// The newest name.
    pub name: &'static str,
    /// Other names under which the tag is found: those of older revisions, known misspellings.
    pub aliases: &'static [&'static str],
    /// What the element holds.
    pub content: Content,
    /// Where the tag is specified.
    pub status: Status,
    /// First and last protocol version that has it, `14.0-16.1`; empty where no source says.
    pub versions: &'static str,
}

impl TagInfo {
    /// A row of a table of one's own, of which only token and name are known.
    pub const fn new(token: u8, name: &'static str) -> Self {
        Self {
            token,
            name,
            aliases: &[],
            content: Content::Unknown,
            status: Status::Current,
            versions: "",
        }
    }
}

/// The XML of a tag, ready to be copied.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "xml"), allow(dead_code, reason = "only XML is written from it"))]
pub(crate) struct Markup {
    /// `<Sync>`
    pub(crate) start: Piece,
    /// `<Sync xmlns="AirSync">`
    pub(crate) declared: Piece,
    /// `</Sync>`
    pub(crate) end: Piece,
}

/// A piece of text, and its beginning in a length that is known: copying that is cheaper.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "xml"), allow(dead_code, reason = "only XML is written from it"))]
pub(crate) struct Piece {
    pub(crate) text: &'static str,
    pub(crate) padded: [u8; 48],
}

impl Piece {
    pub(crate) const fn new(text: &'static str) -> Self {
        let mut padded = [b' '; 48];
        let mut at = 0;
        while at < text.len() && at < padded.len() {
            padded[at] = text.as_bytes()[at];
            at += 1;
        }
        Self { text, padded }
    }
}

/// A code page: a namespace and its tags.
#[derive(Clone, Copy, Debug)]
pub struct CodePage {
    number: u8,
    namespace: &'static str,
    tags: &'static [TagInfo],
    /// Bit n: token n is in the table.
    known: u64,
    /// Row of each token; meaningful where the bit is set.
    rows: [u8; 64],
    /// As many as there are tags, or none at all.
    #[cfg_attr(not(feature = "xml"), allow(dead_code, reason = "only XML is written from it"))]
    markup: &'static [Markup],
    /// Rows by the hash of their names; [`NO_ROW`] where there is none.
    slots: [u8; SLOTS],
}

/// Slots of a hash of names: more than twice the tags of a page.
const SLOTS: usize = 128;
const NO_ROW: u8 = 0xFF;

/// A hash of a name that does not regard case.
const fn hash(name: &[u8]) -> usize {
    let len = name.len();
    if len == 0 {
        return 0;
    }
    let first = (name[0] | 0x20) as usize;
    let middle = (name[len / 2] | 0x20) as usize;
    let last = (name[len - 1] | 0x20) as usize;
    (len * 5 + first * 3 + middle * 11 + last * 29) % SLOTS
}

/// Puts a row into a hash, as far as there is room.
const fn insert(slots: &mut [u8; SLOTS], name: &str, row: u8) {
    let mut slot = hash(name.as_bytes());
    let mut tries = 0;
    while tries < SLOTS {
        if slots[slot] == NO_ROW {
            slots[slot] = row;
            return;
        }
        slot = (slot + 1) % SLOTS;
        tries += 1;
    }
}

impl CodePage {
    /// A code page of these tags. Rows with tokens outside 0x05 to 0x3F are never found; where a
    /// token stands twice the later row counts.
    pub const fn new(number: u8, namespace: &'static str, tags: &'static [TagInfo]) -> Self {
        let mut known = 0;
        let mut rows = [0; 64];
        let mut slots = [NO_ROW; SLOTS];
        let mut row = 0;
        while row < tags.len() && row < 256 {
            let token = tags[row].token;
            if token >= 0x05 && token <= 0x3F {
                known |= 1 << token;
                #[allow(clippy::cast_possible_truncation, reason = "row < 256")]
                {
                    rows[token as usize] = row as u8;
                    // Half of the slots stay empty: a search ends soon.
                    if row < SLOTS / 2 {
                        insert(&mut slots, tags[row].name, row as u8);
                    }
                }
            }
            row += 1;
        }
        Self { number, namespace, tags, known, rows, markup: &[], slots }
    }

    pub(crate) const fn with_markup(
        number: u8,
        namespace: &'static str,
        tags: &'static [TagInfo],
        markup: &'static [Markup],
    ) -> Self {
        Self { markup, ..Self::new(number, namespace, tags) }
    }

    /// The XML of a token, where it is ready.
    #[cfg(feature = "xml")]
    #[inline]
    pub(crate) fn markup(&self, token: u8) -> Option<&'static Markup> {
        let known = token < 64 && self.known >> token & 1 == 1;
        self.markup.get(usize::from(self.rows[usize::from(token & 0x3F)])).filter(|_| known)
    }

    /// The number of the page.
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// The XML namespace, without a trailing colon.
    pub const fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// The rows.
    pub const fn tags(&self) -> &'static [TagInfo] {
        self.tags
    }

    /// The row of a token.
    pub fn info(&self, token: u8) -> Option<&'static TagInfo> {
        let known = token < 64 && self.known >> token & 1 == 1;
        known.then(|| &self.tags[usize::from(self.rows[usize::from(token)])])
    }

    /// Finds a tag by name, without regard to case; aliases after names.
    pub fn find(&self, name: &str) -> Option<Tag> {
        let mut slot = hash(name.as_bytes());
        while let Some(row) = self.tags.get(usize::from(self.slots[slot])) {
            if row.name == name || row.name.eq_ignore_ascii_case(name) {
                return Some(Tag::new(self.number, row.token));
            }
            slot = (slot + 1) % SLOTS;
        }
        self.find_other(name)
    }

    /// Finds a tag among the aliases, and among the rows for which there was no slot.
    #[cold]
    fn find_other(&self, name: &str) -> Option<Tag> {
        let by_name = |info: &&TagInfo| info.name.eq_ignore_ascii_case(name);
        let by_alias =
            |info: &&TagInfo| info.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name));
        let row = self.tags.iter().find(by_name).or_else(|| self.tags.iter().find(by_alias))?;
        Some(Tag::new(self.number, row.token))
    }
}

/// A table of code pages: the tags of one document type.
///
/// [`ACTIVE_SYNC`](crate::ACTIVE_SYNC) is built in; others can be written down as a `static`.
///
/// ```
/// use wbxml::{CodePage, Options, Table, TagInfo, Tree};
///
/// static GREETING: Table = Table::new(&[CodePage::new(
///     0,
///     "Greeting",
///     &[TagInfo::new(0x05, "hello"), TagInfo::new(0x06, "name")],
/// )]);
///
/// let options = Options { table: &GREETING, ..Options::default() };
/// let tree = Tree::decode(b"\x03\x01\x6a\x00\x45\x46\x03you\x00\x01\x01", &options)?;
/// assert_eq!(tree.root().tag(), GREETING.find("Greeting", "hello").unwrap());
/// # Ok::<(), wbxml::Error>(())
/// ```
#[derive(Debug)]
pub struct Table {
    pages: &'static [CodePage],
    /// Row of each page number plus one; 0 where there is none.
    rows: [u8; 256],
    /// The tokens of each page number, as in the page: there at once when a page is switched to.
    known: [u64; 256],
    /// Rows by the hash of their namespaces.
    slots: [u8; SLOTS],
}

impl Table {
    /// A table of these pages. Where a page number stands twice the later one counts; pages
    /// beyond the 255th are not found.
    pub const fn new(pages: &'static [CodePage]) -> Self {
        let mut rows = [0; 256];
        let mut known = [0; 256];
        let mut slots = [NO_ROW; SLOTS];
        let mut row = 0;
        while row < pages.len() && row < 255 {
            #[allow(clippy::cast_possible_truncation, reason = "row < 255")]
            {
                rows[pages[row].number as usize] = row as u8 + 1;
                known[pages[row].number as usize] = pages[row].known;
                if row < SLOTS / 2 {
                    insert(&mut slots, pages[row].namespace, row as u8);
                }
            }
            row += 1;
        }
        Self { pages, rows, known, slots }
    }

    /// Bit n: token n of this page is in the table; `None` where there is no such page.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    pub(crate) fn known(&self, page: u8) -> Option<u64> {
        let known = self.known[usize::from(page)];
        // A page without tags is one, too.
        (known != 0 || self.page(page).is_some()).then_some(known)
    }

    /// The pages.
    pub const fn pages(&self) -> &'static [CodePage] {
        self.pages
    }

    /// The page of this number.
    pub fn page(&self, number: u8) -> Option<&'static CodePage> {
        let row = self.rows[usize::from(number)];
        self.pages.get(usize::from(row.checked_sub(1)?))
    }

    /// The row of a tag.
    pub fn info(&self, tag: Tag) -> Option<&'static TagInfo> {
        self.page(tag.page())?.info(tag.token())
    }

    /// Finds a tag by namespace and name, both without regard to case; the namespace with or
    /// without a trailing colon.
    pub fn find(&self, namespace: &str, name: &str) -> Option<Tag> {
        self.find_page(namespace)?.find(name)
    }

    /// Finds a page by its namespace, as [`find`](Self::find) does.
    pub fn find_page(&self, namespace: &str) -> Option<&'static CodePage> {
        let namespace = namespace.strip_suffix(':').unwrap_or(namespace);
        let mut slot = hash(namespace.as_bytes());
        while let Some(page) = self.pages.get(usize::from(self.slots[slot])) {
            if page.namespace == namespace || page.namespace.eq_ignore_ascii_case(namespace) {
                return Some(page);
            }
            slot = (slot + 1) % SLOTS;
        }
        self.pages.iter().find(|page| page.namespace.eq_ignore_ascii_case(namespace))
    }
}
