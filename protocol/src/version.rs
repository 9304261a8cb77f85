//! Protocol versions.

use std::fmt;
use std::str::FromStr;

/// A version of Exchange ActiveSync, as in `MS-ASProtocolVersion` (MS-ASHTTP 2.2.1.1.2.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ProtocolVersion {
    /// 2.5
    V2_5,
    /// 12.0
    V12_0,
    /// 12.1
    V12_1,
    /// 14.0
    V14_0,
    /// 14.1
    V14_1,
    /// 16.0
    V16_0,
    /// 16.1
    V16_1,
}

const TABLE: [(ProtocolVersion, u8, &str); 7] = [
    (ProtocolVersion::V2_5, 25, "2.5"),
    (ProtocolVersion::V12_0, 120, "12.0"),
    (ProtocolVersion::V12_1, 121, "12.1"),
    (ProtocolVersion::V14_0, 140, "14.0"),
    (ProtocolVersion::V14_1, 141, "14.1"),
    (ProtocolVersion::V16_0, 160, "16.0"),
    (ProtocolVersion::V16_1, 161, "16.1"),
];

impl ProtocolVersion {
    /// All versions, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// Version times ten, as in the base64 request line.
    pub fn times_ten(self) -> u8 {
        TABLE[self as usize].1
    }

    /// The version for a "times ten" byte.
    pub fn from_times_ten(byte: u8) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == byte).map(|row| row.0)
    }

    /// Whether the version has e-mail drafts that a client may add, change and send (16.0 on; MS-ASEMAIL R1386).
    pub fn has_drafts(self) -> bool {
        self >= Self::V16_0
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TABLE[*self as usize].2)
    }
}

impl FromStr for ProtocolVersion {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        TABLE.iter().find(|row| row.2 == text.trim()).map(|row| row.0).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_reads_back() {
        for version in ProtocolVersion::all() {
            assert_eq!(version.to_string().parse(), Ok(version));
            assert_eq!(ProtocolVersion::from_times_ten(version.times_ten()), Some(version));
        }
        assert_eq!("15.0".parse::<ProtocolVersion>(), Err(()));
    }
}
