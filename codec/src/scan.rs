//! Finding the end of a string and checking that it is text.

const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
/// Strings up to this length are searched without a call.
const SHORT: usize = 32;
/// Strings from this length on are validated by SIMD.
const LONG: usize = 64;

/// Where the first NUL is.
///
/// Eight bytes at a time while the string may be short; a call to memchr only where it is not.
#[inline]
pub(crate) fn find_nul(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < SHORT
        && let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>)
    {
        let word = u64::from_le_bytes(*chunk);
        let zeros = word.wrapping_sub(LOW) & !word & HIGH;
        if zeros != 0 {
            return Some(at + (zeros.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    memchr::memchr(0, &bytes[at..]).map(|found| at + found)
}

/// Whether there is a NUL.
#[inline]
pub(crate) fn has_nul(bytes: &[u8]) -> bool {
    if bytes.len() > SHORT {
        return memchr::memchr(0, bytes).is_some();
    }
    let (words, rest) = bytes.as_chunks::<8>();
    let zero = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    words.iter().fold(0, |found, word| found | zero(u64::from_le_bytes(*word))) != 0
        || match bytes.last_chunk::<8>() {
            // The last bytes once more together with some before them, if there are enough.
            Some(word) => zero(u64::from_le_bytes(*word)) != 0,
            None => rest.contains(&0),
        }
}

/// Appends bytes: few of them in two overlapping steps of a known length.
#[inline]
pub(crate) fn push(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.len() > 32 {
        out.extend_from_slice(bytes);
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
    {
        let end = out.len() + bytes.len();
        out.extend_from_slice(first);
        out.truncate(end - 16);
        out.extend_from_slice(last);
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let end = out.len() + bytes.len();
        out.extend_from_slice(first);
        out.truncate(end - 8);
        out.extend_from_slice(last);
    } else {
        for &byte in bytes {
            out.push(byte);
        }
    }
}

/// The bytes as text; or how many of them are valid.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> Result<&str, usize> {
    if bytes.len() < LONG {
        std::str::from_utf8(bytes).map_err(|error| error.valid_up_to())
    } else {
        long_text(bytes)
    }
}

fn long_text(bytes: &[u8]) -> Result<&str, usize> {
    simdutf8::basic::from_utf8(bytes)
        .map_err(|_| simdutf8::compat::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_found_at_every_place() {
        for len in 0..100 {
            let mut bytes = vec![0x81; len];
            assert_eq!((find_nul(&bytes), has_nul(&bytes)), (None, false));
            for place in (0..len).rev() {
                bytes[place] = 0;
                assert_eq!((find_nul(&bytes), has_nul(&bytes)), (Some(place), true));
            }
        }
    }

    #[test]
    fn bytes_of_every_length_are_pushed() {
        let bytes: Vec<u8> = (0..100).collect();
        for len in 0..bytes.len() {
            let mut out = vec![7, 7];
            push(&bytes[..len], &mut out);
            assert_eq!(out, [&[7, 7], &bytes[..len]].concat());
        }
    }

    #[test]
    fn text_is_valid_up_to_its_first_bad_byte() {
        for len in [0, 1, 63, 64, 200] {
            let mut bytes = "é".repeat(len).into_bytes();
            assert_eq!(text(&bytes).map(str::len), Ok(2 * len));
            bytes.push(0xC3);
            assert_eq!(text(&bytes), Err(2 * len));
        }
    }
}
