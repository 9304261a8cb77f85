//! Finding the end of a string and checking that it is text.

/// Strings up to this length are searched without a call.
const SHORT: usize = 16;
/// Strings from this length on are validated by SIMD.
const LONG: usize = 64;

/// Where the first NUL is.
#[inline]
pub(crate) fn find_nul(bytes: &[u8]) -> Option<usize> {
    let head = &bytes[..bytes.len().min(SHORT)];
    match head.iter().position(|&byte| byte == 0) {
        Some(at) => Some(at),
        None => memchr::memchr(0, &bytes[head.len()..]).map(|at| at + head.len()),
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
