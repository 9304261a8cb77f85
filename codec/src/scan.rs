//! Finding the end of a string and checking that it is text.

/// Strings up to this length are searched without a call.
const SHORT: usize = 32;
/// Strings from this length on are validated by SIMD.
const LONG: usize = 64;

/// Where the first NUL is.
///
/// Eight bytes at a time while the string may be short; a call to memchr only where it is not.
#[inline]
pub(crate) fn find_nul(bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
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
