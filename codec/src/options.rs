//! How to read: mode, limits, table.

use crate::pages::ACTIVE_SYNC;
use crate::table::Table;

/// How strictly to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Any legal WBXML whose tags are in the table: string tables, literal public ids, entities
    /// and other charsets included. Unknown tags, attributes, a second root, trailing bytes and
    /// damage are errors.
    #[default]
    General,
    /// MS-ASWBXML to the letter: what is legal WBXML but not used by ActiveSync (R656) is an error
    /// that says whether general mode would read it.
    Strict,
    /// Never gives up: keeps every byte, marks damage with its span, and goes on.
    Forensic,
}

/// What a document may cost. Reaching a limit is allowed, passing it is an error of kind
/// [`ErrorKind::Limit`](crate::ErrorKind::Limit).
///
/// No specification sets limits; the deepest captured body has 9 levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Levels of nesting; 64 by default.
    pub depth: usize,
    /// Bytes of the document, and of all values of a [`Tree`](crate::Tree), which references to a
    /// string table can make longer, and of what all references together stand for; 128 MiB by
    /// default. Larger than 4 GiB - 1 counts as that.
    pub document: usize,
    /// Bytes of one inline string or string table entry; 128 MiB by default.
    pub string: usize,
    /// Bytes of one opaque value; 128 MiB by default.
    pub opaque: usize,
    /// Bytes of the string table; 1 MiB by default.
    pub table: usize,
    /// Elements and values in a [`Tree`](crate::Tree); 4,000,000 by default, which is 64 MB.
    pub nodes: usize,
    /// Marks of damage in forensic mode; what comes after is kept in one piece; 1,000,000 by
    /// default.
    pub marks: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            depth: 64,
            document: 128 * MIB,
            string: 128 * MIB,
            opaque: 128 * MIB,
            table: MIB,
            nodes: 4_000_000,
            marks: 1_000_000,
        }
    }
}

impl Limits {
    /// The document limit, held below what a 32-bit offset can name.
    pub(crate) fn document(&self) -> usize {
        self.document.min(u32::MAX as usize)
    }
}

/// How to decode: the default is general mode, the default limits and the ActiveSync table.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How strictly to read.
    pub mode: Mode,
    /// What a document may cost.
    pub limits: Limits,
    /// Which tags there are.
    pub table: &'static Table,
}

impl Default for Options {
    fn default() -> Self {
        Self { mode: Mode::General, limits: Limits::default(), table: &ACTIVE_SYNC }
    }
}

impl Options {
    /// General mode, default limits.
    pub fn general() -> Self {
        Self::default()
    }

    /// Strict mode, default limits.
    pub fn strict() -> Self {
        Self { mode: Mode::Strict, ..Self::default() }
    }

    /// Forensic mode, default limits.
    pub fn forensic() -> Self {
        Self { mode: Mode::Forensic, ..Self::default() }
    }
}
