//! What references to the string table may cost: two bytes of a document stand for up to a whole
//! table.

use crate::error::{ErrorKind, Limit};
use crate::header::Header;
use crate::options::Limits;
use crate::{mb_u32, scan};

/// Bytes that the references of a document have stood for so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct References(usize);

impl References {
    /// The text of this STR_T of a UTF-8 document if nothing is wrong with it, and where the token
    /// ends.
    pub(crate) fn text<'a>(
        &mut self,
        input: &[u8],
        offset: usize,
        header: &Header<'a>,
        limits: &Limits,
    ) -> Option<(&'a str, usize)> {
        let (index, end) = mb_u32::read(input, offset + 1).ok()?;
        let mut references = *self;
        let bytes = references.resolve(index, header, limits).ok()?;
        let text = scan::text(bytes).ok().filter(|text| text.len() <= limits.string)?;
        // What is not right counts when it is looked at again.
        *self = references;
        Some((text, end))
    }

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
