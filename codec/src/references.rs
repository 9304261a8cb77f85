//! What references to the string table may cost: two bytes of a document stand for up to a whole
//! table.

use crate::error::{ErrorKind, Limit};
use crate::header::Header;
use crate::options::Limits;

/// Bytes that the references of a document have stood for so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct References(usize);

impl References {
    /// The string at an index of the table. All together may be as long as a document may be.
    pub(crate) fn resolve<'a>(
        &mut self,
        index: u32,
        header: &Header<'a>,
        limits: &Limits,
    ) -> Result<&'a [u8], ErrorKind> {
        let limit = limits.document();
        if self.0 > limit {
            return Err(ErrorKind::Limit(Limit::Document));
        }
        let found = header.table_string(index);
        // Also what has no end was searched for it.
        let looked_at = match found {
            Ok(bytes) => bytes.len(),
            Err(ErrorKind::UnterminatedString) => header.string_table.len(),
            Err(_) => 0,
        };
        self.0 = self.0.saturating_add(looked_at);
        match found {
            Ok(_) if self.0 > limit => Err(ErrorKind::Limit(Limit::Document)),
            found => found,
        }
    }
}
