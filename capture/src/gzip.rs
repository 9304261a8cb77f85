//! Compressed bodies, unpacked to a bounded size.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What unpacking gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unpacked {
    pub(crate) bytes: Vec<u8>,
    /// What was wrong after these bytes, if anything: a cut stream still gives what came before.
    pub(crate) damage: Option<String>,
}

/// Whether bytes begin like a gzip stream.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B, 0x08])
}

/// A gzip stream, of one member or several.
pub(crate) fn gunzip(bytes: &[u8], limit: usize) -> Result<Unpacked, String> {
    unpack(MultiGzDecoder::new(bytes), limit)
}

/// HTTP's `deflate`: a zlib stream by the letter, raw deflate by habit.
pub(crate) fn inflate(bytes: &[u8], limit: usize) -> Result<Unpacked, String> {
    match unpack(ZlibDecoder::new(bytes), limit) {
        Ok(unpacked) if !unpacked.bytes.is_empty() => Ok(unpacked),
        first => match unpack(DeflateDecoder::new(bytes), limit) {
            Ok(unpacked) if !unpacked.bytes.is_empty() => Ok(unpacked),
            _ => first,
        },
    }
}

fn unpack(from: impl Read, limit: usize) -> Result<Unpacked, String> {
    let mut bytes = Vec::new();
    let damage = match from.take(limit as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    if bytes.len() > limit {
        return Err(format!("unpacks to more than the limit of {limit} bytes"));
    }
    Ok(Unpacked { bytes, damage })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn unpacks_what_was_packed() {
        let packed = gzip(b"hello");
        assert!(is_gzip(&packed));
        assert_eq!(gunzip(&packed, 5), Ok(Unpacked { bytes: b"hello".to_vec(), damage: None }));

        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"hello").unwrap();
        assert_eq!(inflate(&zlib.finish().unwrap(), 5).unwrap().bytes, b"hello");

        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(b"hello").unwrap();
        assert_eq!(inflate(&raw.finish().unwrap(), 5).unwrap().bytes, b"hello");
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let bomb = gzip(&vec![0; 10_000_000]);
        assert!(bomb.len() < 20_000);
        assert!(gunzip(&bomb, 1_000_000).unwrap_err().contains("limit of 1000000"));
    }

    #[test]
    fn a_cut_stream_gives_what_came_before() {
        let packed = gzip(b"hello, world, and more of it");
        let cut = gunzip(&packed[..packed.len() - 9], 100).unwrap();
        assert!(cut.damage.is_some());
        let empty = gunzip(&packed[..5], 100).unwrap();
        assert!(empty.bytes.is_empty() && empty.damage.is_some());
    }
}
