//! Finding the end of a string and checking that it is text.

const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
const LOW_16: u128 = u128::from_ne_bytes([0x01; 16]);
const HIGH_16: u128 = u128::from_ne_bytes([0x80; 16]);
/// Strings up to this length are searched without a call.
const SHORT: usize = 32;
/// Where looking for the end of a short string ends.
const NEAR: usize = 64;
/// Characters that are not ASCII up to which a stretch is looked at here; beyond, SIMD is better.
const OTHERS: usize = 16;
/// Strings from this length on are validated by SIMD.
const LONG: usize = 64;

/// Where the first NUL is.
///
/// Sixteen bytes at a time while the string may be short; a call to memchr only where it is not.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
pub(crate) fn find_nul(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < SHORT {
        let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) else {
            return find_nul_at_end(bytes, at);
        };
        if let Some(place) = first_nul(chunk) {
            return Some(at + place);
        }
        at += 16;
    }
    find_nul_far(bytes, at)
}

/// Where the first NUL of sixteen bytes is: on x86-64, which has SSE2 always, three instructions.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
fn first_nul(block: &[u8; 16]) -> Option<usize> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    {
        memchr::arch::x86_64::sse2::memchr::One::new(0)?.find(block)
    }
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    first_zero(block)
}

/// The same as a word.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
fn first_zero(block: &[u8; 16]) -> Option<usize> {
    let word = u128::from_le_bytes(*block);
    let zeros = word.wrapping_sub(LOW_16) & !word & HIGH_16;
    (zeros != 0).then_some((zeros.trailing_zeros() / 8) as usize)
}

/// Where the first NUL is, if it is among the first 64 bytes and not among the last 15.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
pub(crate) fn find_nul_near(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < NEAR {
        if let Some(place) = first_nul(bytes.get(at..)?.first_chunk::<16>()?) {
            return Some(at + place);
        }
        at += 16;
    }
    None
}

/// The same in the last 15 bytes or less.
#[inline(never)]
fn find_nul_at_end(bytes: &[u8], at: usize) -> Option<usize> {
    bytes[at..].iter().position(|&byte| byte == 0).map(|found| at + found)
}

#[inline(never)]
fn find_nul_far(bytes: &[u8], at: usize) -> Option<usize> {
    memchr::memchr(0, &bytes[at..]).map(|found| at + found)
}

/// How many bytes at the beginning are ASCII or some characters of two bytes: mail in most Latin
/// scripts with the tokens around it, up to the next OPAQUE.
pub(crate) fn latin_len(bytes: &[u8]) -> usize {
    let (mut at, mut others) = (0, 0);
    loop {
        at += ascii_len(bytes.get(at..).unwrap_or_default());
        match bytes.get(at..).unwrap_or_default() {
            [0xC2..=0xDF, 0x80..=0xBF, ..] if others < OTHERS => {
                at += 2;
                others += 1;
            }
            _ => return at,
        }
    }
}

/// How many bytes at the beginning are ASCII.
#[inline(always)]
#[allow(clippy::inline_always, reason = "one caller")]
fn ascii_len(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let ascii = blocks.iter().take_while(|block| block.is_ascii()).count();
    64 * ascii
        + blocks.get(ascii).map_or_else(|| ascii_len_short(rest), |block| ascii_len_short(block))
}

/// The same for few bytes, eight at a time.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
fn ascii_len_short(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let high = u64::from_le_bytes(*word) & HIGH;
        if high != 0 {
            return 8 * at + (high.trailing_zeros() / 8) as usize;
        }
    }
    8 * words.len() + rest.iter().take_while(|byte| byte.is_ascii()).count()
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

/// Up to 14 bytes as the low end of a word; `None` where there are more, or a NUL among them.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call costs as much as the work")]
pub(crate) fn short_word(bytes: &[u8]) -> Option<u128> {
    let len = bytes.len();
    let word = if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk()) {
        if len > 14 {
            return None;
        }
        let word = |bytes| u128::from(u64::from_le_bytes(bytes));
        word(*first) | word(*last) << (8 * (len - 8))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk()) {
        let word = |bytes| u64::from(u32::from_le_bytes(bytes));
        u128::from(word(*first) | word(*last) << (8 * (len - 4)))
    } else {
        // The same byte twice is the same byte.
        let byte = |at: usize| u32::from(bytes.get(at).copied().unwrap_or_default()) << (8 * at);
        u128::from(byte(0) | byte(len / 2) | byte(len.saturating_sub(1)))
    };
    let zeros = word.wrapping_sub(LOW_16) & !word & HIGH_16;
    // The first zero is exact.
    (zeros.trailing_zeros() as usize >= 8 * len).then_some(word)
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
    fn the_first_nul_is_found_at_every_place() {
        for len in 0..100 {
            let mut bytes = vec![0x81; len];
            assert_eq!((find_nul(&bytes), has_nul(&bytes)), (None, false));
            for place in 0..len {
                bytes[place] = 0;
                for other in place..len {
                    let before = std::mem::replace(&mut bytes[other], 0);
                    assert_eq!((find_nul(&bytes), has_nul(&bytes)), (Some(place), true));
                    let near = find_nul_near(&bytes);
                    let (may, must) = (place < NEAR, place < NEAR && place + 16 <= len);
                    assert!(if near == Some(place) { may } else { near.is_none() && !must });
                    bytes[other] = before;
                }
                bytes[place] = 0x81;
            }
        }
    }

    #[test]
    fn the_first_nul_of_a_block_is_found_in_either_way() {
        for places in 0..=u16::MAX {
            let block = std::array::from_fn(|at| if places >> at & 1 == 1 { 0 } else { 0x80 });
            let first = (places != 0).then_some(places.trailing_zeros() as usize);
            assert_eq!((first_nul(&block), first_zero(&block)), (first, first));
        }
    }

    #[test]
    fn latin_ends_where_other_scripts_and_opaque_data_begin() {
        for len in 0..200 {
            let plain = vec![b'a'; len];
            assert_eq!(latin_len(&plain), len);
            for tail in [&b"\xC3\x10"[..], b"\xE6\x97\xA5", b"\xC3", b"\x80", b"\xC1\x80", b"\xFF"]
            {
                for more in [0, 1, 15, 16, 40] {
                    assert_eq!(latin_len(&[&plain, tail, &vec![b'b'; more]].concat()), len);
                }
            }
            let some = [&plain, "é".repeat(OTHERS).as_bytes(), &plain].concat();
            assert_eq!(latin_len(&some), some.len());
            let many = [&plain, "é".repeat(OTHERS + 1).as_bytes()].concat();
            assert_eq!(latin_len(&many), many.len() - 2);
        }
    }

    #[test]
    fn short_words_are_their_bytes() {
        for len in 0..20 {
            let mut bytes: Vec<u8> = (0x81..).take(len).collect();
            let word = short_word(&bytes).map(u128::to_le_bytes);
            let mut expected = [0; 16];
            if len <= 14 {
                expected[..len].copy_from_slice(&bytes);
            }
            assert_eq!(word, (len <= 14).then_some(expected));
            for place in 0..len {
                let before = std::mem::replace(&mut bytes[place], 0);
                assert_eq!(short_word(&bytes), None);
                bytes[place] = before;
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
