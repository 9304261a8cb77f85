//! Documents with what WBXML has and ActiveSync does not use.

use crate::document::{Document, Head};
use crate::draw::{self, Grammar};
use arbitrary::{Arbitrary, Result, Unstructured};

/// A document of the ActiveSync table in any version, charset and kind of text: what general mode
/// reads, and strict mode refuses wherever it is not MS-ASWBXML.
///
/// Older versions lack tokens: 1.0 has neither charset nor opaque data, 1.0 and 1.1 have only
/// page 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct General(pub Document);

impl<'a> Arbitrary<'a> for General {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let version = *u.choose(&[3, 3, 3, 2, 1, 0])?;
        let charset = match version {
            0 => 106,
            _ => *u.choose(&[106, 106, 106, 0, 3, 4, 1000, 1013, 1014, 1015])?,
        };
        let public_id = match u.arbitrary::<u8>()? % 4 {
            0 => Err("-//AIRSYNC//DTD AirSync//EN".to_owned()),
            1 => Ok(u.int_in_range(2..=u32::MAX)?),
            _ => Ok(1),
        };
        let padding = u.arbitrary::<u8>()?.saturating_sub(0xF0) % 5;
        let grammar = Grammar { charset, pages: version >= 2, opaque: version >= 1, general: true };
        let pieces = draw::pieces(u, grammar)?;
        Ok(Self(Document { head: Head { version, public_id, charset }, padding, pieces }))
    }
}
