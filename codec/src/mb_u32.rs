//! `mb_u_int32`: seven bits a byte, most significant group first, 0x80 means that more follow.

use crate::error::{ErrorKind, Fault, Part};

/// Bytes that 32 bits need at most.
const LEN_MAX: usize = 5;

/// Reads an integer at `pos`; gives the value and the position behind it.
///
/// Non-minimal forms (`80 80 05`) are legal.
#[inline]
pub(crate) fn read(input: &[u8], pos: usize) -> Result<(u32, usize), Fault> {
    match input.get(pos) {
        Some(&byte) if byte < 0x80 => Ok((u32::from(byte), pos + 1)),
        _ => read_long(input, pos),
    }
}

fn read_long(input: &[u8], start: usize) -> Result<(u32, usize), Fault> {
    let mut value = 0_u64;
    for pos in start..start + LEN_MAX {
        let Some(&byte) = input.get(pos) else {
            return Err(Fault::new(ErrorKind::UnexpectedEnd(Part::Integer), input.len()));
        };
        value = (value << 7) + u64::from(byte & 0x7F);
        if byte < 0x80 {
            return match u32::try_from(value) {
                Ok(value) => Ok((value, pos + 1)),
                Err(_) => Err(Fault::new(ErrorKind::IntegerTooLarge, start)),
            };
        }
    }
    Err(Fault::new(ErrorKind::IntegerTooLong, start))
}

/// Bytes of the shortest form of an integer.
pub(crate) fn len(value: u32) -> usize {
    (32 - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Appends an integer in its shortest form.
#[allow(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
pub(crate) fn write(value: u32, out: &mut Vec<u8>) {
    let groups = len(value);
    for group in (1..groups).rev() {
        out.push(0x80 | (value >> (7 * group)) as u8);
    }
    out.push((value & 0x7F) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortest_forms_at_every_edge() {
        for (value, bytes) in [
            (0, &[0x00][..]),
            (0x7F, &[0x7F]),
            (0x80, &[0x81, 0x00]),
            (0xA0, &[0x81, 0x20]),
            (0x3FFF, &[0xFF, 0x7F]),
            (0x4000, &[0x81, 0x80, 0x00]),
            (0x1F_FFFF, &[0xFF, 0xFF, 0x7F]),
            (0x20_0000, &[0x81, 0x80, 0x80, 0x00]),
            (0xFFF_FFFF, &[0xFF, 0xFF, 0xFF, 0x7F]),
            (0x1000_0000, &[0x81, 0x80, 0x80, 0x80, 0x00]),
            (u32::MAX, &[0x8F, 0xFF, 0xFF, 0xFF, 0x7F]),
        ] {
            let mut out = Vec::new();
            write(value, &mut out);
            assert_eq!(out, bytes);
            assert_eq!(read(bytes, 0), Ok((value, bytes.len())));
            for end in 0..bytes.len() {
                let cut = read(&bytes[..end], 0).unwrap_err();
                assert_eq!(cut, Fault::new(ErrorKind::UnexpectedEnd(Part::Integer), end));
            }
        }
    }

    #[test]
    fn longer_forms_are_read_up_to_five_bytes() {
        assert_eq!(read(&[0x80, 0x80, 0x05], 0), Ok((5, 3)));
        assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x05], 0), Ok((5, 5)));
        let six = read(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x05], 0).unwrap_err();
        assert_eq!(six, Fault::new(ErrorKind::IntegerTooLong, 0));
    }

    #[test]
    fn more_than_32_bits_is_not_cut_off() {
        for bytes in [[0x90, 0x80, 0x80, 0x80, 0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0x7F]] {
            assert_eq!(
                read(&bytes, 0),
                Err(Fault::new(ErrorKind::IntegerTooLarge, 0)),
                "{bytes:02x?}"
            );
        }
    }
}
