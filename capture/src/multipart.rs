//! The multipart response of ItemOperations (MS-ASCMD 2.2.1.10.1.1, R5508 to R5518).
//!
//! PartsCount, then an offset and a length for each part, then the bytes; integers of four bytes,
//! little-endian; offsets count from the start of the structure. Part 0 is the WBXML document,
//! whose `Part` elements hold the numbers of the others.

use std::fmt;
use std::ops::Range;

/// More parts than any server sends; a greater count is taken for damage before it is believed.
const PARTS_MAX: usize = 4096;

/// A multipart response: where its parts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multipart {
    /// The bytes of each part, in the order of their numbers.
    pub parts: Vec<Range<usize>>,
    /// The bytes after the last table entry that belong to no part.
    pub unused: usize,
}

/// Why bytes are not a multipart response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MultipartError {
    /// The bytes end before the table of parts does.
    TableCut {
        /// How many parts were promised.
        count: u32,
        /// How many bytes there are.
        size: usize,
    },
    /// No part at all: the WBXML document is missing.
    NoParts,
    /// More parts than anybody sends.
    TooManyParts {
        /// How many parts were promised.
        count: u32,
    },
    /// A part begins inside the table.
    PartInTable {
        /// The number of the part.
        part: usize,
        /// Its offset.
        offset: u32,
        /// Where the table ends.
        table_end: usize,
    },
    /// A part ends after the last byte.
    PartCut {
        /// The number of the part.
        part: usize,
        /// Where it should end.
        end: u64,
        /// How many bytes there are.
        size: usize,
    },
}

impl fmt::Display for MultipartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TableCut { count, size } => {
                write!(f, "a table of {count} parts does not fit into {size} bytes")
            }
            Self::NoParts => f.write_str("a multipart response without parts"),
            Self::TooManyParts { count } => {
                write!(f, "{count} parts, more than the {PARTS_MAX} that are believed")
            }
            Self::PartInTable { part, offset, table_end } => write!(
                f,
                "part {part} begins at offset {offset}, inside the table of parts, which ends at \
                 {table_end}"
            ),
            Self::PartCut { part, end, size } => {
                write!(f, "part {part} ends at offset {end}, but there are only {size} bytes")
            }
        }
    }
}

impl std::error::Error for MultipartError {}

impl Multipart {
    /// Reads the table of parts. Parts may overlap and leave gaps: the specification does not
    /// exclude either.
    ///
    /// ```
    /// use activesync_capture::Multipart;
    ///
    /// let bytes = b"\x01\0\0\0\x0C\0\0\0\x06\0\0\0\x03\x01\x6A\x00\x45\x01";
    /// assert_eq!(Multipart::parse(bytes).unwrap().parts, [12..18]);
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, MultipartError> {
        let (multipart, cut) = Self::parse_cut(bytes)?;
        match cut.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(multipart),
        }
    }

    /// The same of a response that may have lost its end: of each part what is there, and an error
    /// for each that is not whole.
    ///
    /// ```
    /// use activesync_capture::Multipart;
    ///
    /// let bytes = b"\x01\0\0\0\x0C\0\0\0\x09\0\0\0\x03\x01\x6A\x00\x45\x01";
    /// let (multipart, cut) = Multipart::parse_cut(bytes).unwrap();
    /// assert_eq!((multipart.parts[0].clone(), cut.len()), (12..18, 1));
    /// ```
    pub fn parse_cut(bytes: &[u8]) -> Result<(Self, Vec<MultipartError>), MultipartError> {
        let mut cut = Vec::new();
        let size = bytes.len();
        let count = read_u32(bytes, 0).ok_or(MultipartError::TableCut { count: 0, size })?;
        if count == 0 {
            return Err(MultipartError::NoParts);
        }
        let parts_count = count as usize;
        if parts_count > PARTS_MAX {
            return Err(MultipartError::TooManyParts { count });
        }
        let table_end = 4 + 8 * parts_count;
        if table_end > size {
            return Err(MultipartError::TableCut { count, size });
        }
        let mut parts = Vec::with_capacity(parts_count);
        for part in 0..parts_count {
            let entry = 4 + 8 * part;
            let offset = read_u32(bytes, entry).unwrap_or_default();
            let length = read_u32(bytes, entry + 4).unwrap_or_default();
            let start = offset as usize;
            if start < table_end {
                return Err(MultipartError::PartInTable { part, offset, table_end });
            }
            let end = u64::from(offset) + u64::from(length);
            if end > size as u64 {
                cut.push(MultipartError::PartCut { part, end, size });
                parts.push(start.min(size)..size);
                continue;
            }
            let end = start + length as usize;
            parts.push(start..end);
        }
        let unused = uncovered(&parts, table_end, size);
        Ok((Self { parts, unused }, cut))
    }

    /// Whether bytes begin like a multipart response: a believable count, and a first part right
    /// behind the table that begins like WBXML. A WBXML document cannot: it would have to hold
    /// three zero bytes where its charset and string table are, and a first part in the midst.
    pub fn looks_like(bytes: &[u8]) -> bool {
        let (Some(count), Some(offset)) = (read_u32(bytes, 0), read_u32(bytes, 4)) else {
            return false;
        };
        let table_end = 4 + 8 * u64::from(count);
        count > 0
            && count as usize <= PARTS_MAX
            && u64::from(offset) == table_end
            && bytes.get(offset as usize).is_none_or(|&version| version <= 3)
    }
}

/// How many bytes between `start` and `end` no part has.
fn uncovered(parts: &[Range<usize>], start: usize, end: usize) -> usize {
    let mut parts: Vec<_> = parts.iter().collect();
    parts.sort_unstable_by_key(|part| part.start);
    let (mut gaps, mut covered) = (0, start);
    for part in parts {
        gaps += part.start.saturating_sub(covered);
        covered = covered.max(part.end);
    }
    gaps + end - covered
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[(u32, u32)], body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
        for (offset, length) in entries {
            bytes.extend(offset.to_le_bytes());
            bytes.extend(length.to_le_bytes());
        }
        bytes.extend(body);
        bytes
    }

    #[test]
    fn parts_may_overlap_and_leave_gaps() {
        let bytes = table(&[(20, 4), (22, 4)], &[3, 1, 0x6A, 0, 5, 6, 7, 8]);
        assert!(Multipart::looks_like(&bytes));
        assert_eq!(
            Multipart::parse(&bytes),
            Ok(Multipart { parts: vec![20..24, 22..26], unused: 2 })
        );
        // In any order; what lies between belongs to no part either.
        let bytes = table(&[(26, 1), (21, 2)], &[9, 3, 1, 9, 9, 9, 5, 9]);
        assert_eq!(
            Multipart::parse(&bytes),
            Ok(Multipart { parts: vec![26..27, 21..23], unused: 5 })
        );
    }

    #[test]
    fn every_error_is_told_apart() {
        use MultipartError as E;
        assert_eq!(Multipart::parse(&[1, 0]), Err(E::TableCut { count: 0, size: 2 }));
        assert_eq!(Multipart::parse(&[0; 12]), Err(E::NoParts));
        assert_eq!(Multipart::parse(&[2, 0, 0, 0, 0, 0]), Err(E::TableCut { count: 2, size: 6 }));
        assert_eq!(Multipart::parse(&[0xFF; 64]), Err(E::TooManyParts { count: u32::MAX }));
        assert_eq!(
            Multipart::parse(&table(&[(11, 1)], &[3])),
            Err(E::PartInTable { part: 0, offset: 11, table_end: 12 })
        );
        assert_eq!(
            Multipart::parse(&table(&[(12, u32::MAX)], &[3])),
            Err(E::PartCut { part: 0, end: 12 + u64::from(u32::MAX), size: 13 })
        );
    }

    #[test]
    fn a_document_is_not_a_multipart_response() {
        assert!(!Multipart::looks_like(&[3, 1, 0x6A, 0, 0x45, 1]));
        assert!(!Multipart::looks_like(&[0; 64]));
        assert!(!Multipart::looks_like(&[1, 0, 0]));
    }
}
