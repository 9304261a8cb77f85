//! Base64 with padding (RFC 4648, section 4).

use super::escape::Sink;

/// Bytes that are turned into letters at a time; a multiple of three.
const STRETCH: usize = 48;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Six bits of each letter; 0xFF for others.
const VALUES: [u8; 256] = {
    let mut values = [0xFF; 256];
    let mut at = 0;
    while at < 64 {
        #[allow(clippy::cast_possible_truncation, reason = "below 64")]
        {
            values[ALPHABET[at] as usize] = at as u8;
        }
        at += 1;
    }
    values
};

/// Appends the base64 of these bytes.
pub(super) fn write(bytes: &[u8], out: &mut impl Sink) {
    let letter = |bits: u32| ALPHABET[(bits & 0x3F) as usize];
    // Many letters at a time, so that pushing them is cheap.
    for stretch in bytes.chunks(STRETCH) {
        let mut letters = [b'='; STRETCH / 3 * 4];
        let (groups, rest) = stretch.as_chunks::<3>();
        for (group, place) in groups.iter().zip(letters.as_chunks_mut::<4>().0) {
            let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
            *place = [bits >> 18, bits >> 12, bits >> 6, bits].map(letter);
        }
        let mut len = groups.len() * 4;
        if let Some(&first) = rest.first() {
            let second = rest.get(1).copied();
            let bits = u32::from_be_bytes([0, first, second.unwrap_or_default(), 0]);
            letters[len] = letter(bits >> 18);
            letters[len + 1] = letter(bits >> 12);
            letters[len + 2] = if second.is_some() { letter(bits >> 6) } else { b'=' };
            len += 4;
        }
        match letters.first_chunk() {
            Some(short) if len <= short.len() => out.push_short(short, len),
            _ => out.push_text(&letters[..len]),
        }
    }
}

/// The bytes of this base64; white space does not count. `None` where it is not base64.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut letters, mut padding) = (0_u32, 0_usize, 0_usize);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if byte == b'=' {
            padding += 1;
            continue;
        }
        let value = VALUES[usize::from(byte)];
        if value == 0xFF || padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        letters += 1;
        if letters % 4 == 0 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match (letters % 4, padding) {
        (0, 0) => {}
        (2, 2) if bits.trailing_zeros() >= 4 => out.push((bits >> 4).to_be_bytes()[3]),
        (3, 1) if bits.trailing_zeros() >= 2 => {
            out.extend_from_slice(&(bits >> 2).to_be_bytes()[2..]);
        }
        _ => return None,
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_every_length_and_byte() {
        let bytes: Vec<u8> = (0..=255).collect();
        for len in 0..bytes.len() {
            let mut text = String::new();
            write(&bytes[..len], &mut text);
            assert_eq!(read(&text).as_deref(), Some(&bytes[..len]));
        }
        let mut text = String::new();
        write(b"ab", &mut text);
        assert_eq!(text, "YWI=");
    }

    #[test]
    fn refuses_what_is_not_base64() {
        for text in ["a", "ab", "abc", "ab=", "a===", "YWI", "YWJ=", "YW=I", "Y_I=", "YWI==", "="] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(" Y W\nI =").as_deref(), Some(&b"ab"[..]));
    }
}
