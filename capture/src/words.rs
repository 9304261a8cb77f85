//! Dumps by words, as `od` and `hexdump` print unless told otherwise: octal or hex numbers of the
//! machine's byte order, which is little-endian nearly everywhere.

use crate::hex::{Spelling, offset_of, repeat_last_line};
use crate::{gzip, log};

/// How a number is written, and how many bytes it is.
#[derive(Clone, Copy)]
struct Unit {
    digits: usize,
    radix: u32,
    size: usize,
}

const UNITS: [Unit; 5] = [
    Unit { digits: 3, radix: 8, size: 1 },
    Unit { digits: 6, radix: 8, size: 2 },
    Unit { digits: 4, radix: 16, size: 2 },
    Unit { digits: 8, radix: 16, size: 4 },
    Unit { digits: 16, radix: 16, size: 8 },
];

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// The bytes of a dump by words, or `None` where it is none, or where nothing says that its bytes
/// are not in order.
pub(crate) fn detect(text: &str, limit: usize) -> Option<(Spelling, Vec<u8>)> {
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let mut words = line.split_ascii_whitespace();
    let (first, second) = (words.next()?, words.next()?);
    let unit = *UNITS.iter().find(|unit| unit.digits == second.len())?;
    let spelling = if unit.size == 1 { Spelling::Octal } else { Spelling::Words };
    let read = |order| {
        [16, 10, 8].into_iter().find_map(|radix| with_offsets(text, radix, unit, order, limit))
    };
    let little = match read(Order::Little) {
        Some(bytes) if is_known(&bytes) => return Some((spelling, bytes)),
        other => other,
    };
    // `od --endian=big`: read here and not as bytes, as its last word is filled up, too.
    if let Some(bytes) = read(Order::Big).filter(|bytes| is_known(bytes)) {
        return Some((Spelling::Dump, bytes));
    }
    if let Some(bytes) = little {
        // Numbers of four digits behind an offset of seven are what the tools print by default.
        // Others are words only where a document says so.
        let usual = unit.radix == 8 || (unit.size == 2 && first.len() < 8);
        return usual.then_some((spelling, bytes));
    }
    let bytes = without_offsets(text, unit, Order::Little)?;
    let big = || without_offsets(text, unit, Order::Big).is_some_and(|bytes| is_known(&bytes));
    // Octal numbers of six digits are no bytes in hex, which would have other digits soon.
    let octal = unit.radix == 8 && unit.size == 2;
    (octal || (is_known(&bytes) && (unit.size == 1 || !big()))).then_some((spelling, bytes))
}

fn is_known(bytes: &[u8]) -> bool {
    log::is_document(bytes) || gzip::is_gzip(bytes)
}

fn with_offsets(text: &str, radix: u32, unit: Unit, order: Order, limit: usize) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut width_last = 0;
    let (mut squeezed, mut ended, mut proved) = (false, false, false);
    let mut origin = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if ended {
            return None;
        }
        if line == "*" {
            squeezed = true;
            continue;
        }
        let width = line.split_ascii_whitespace().next()?.len();
        let (offset, rest) = offset_of(line, radix)?;
        if !(6..=8).contains(&width) || line.as_bytes().get(width.checked_sub(1)?) == Some(&b':') {
            return None;
        }
        proved |= origin.is_some() || (offset == 0 && width != unit.digits);
        let at = offset.checked_sub(*origin.get_or_insert(offset))?;
        if squeezed {
            repeat_last_line(&mut bytes, width_last, at, limit)?;
            squeezed = false;
        }
        if at != bytes.len() {
            // The last word was filled up with zeros; the last offset says where the bytes end.
            let filled = bytes.get(at..)?;
            if !rest.is_empty() || filled.len() >= unit.size || filled.iter().any(|&byte| byte != 0)
            {
                return None;
            }
            bytes.truncate(at);
            ended = true;
        }
        let before = bytes.len();
        push_words(&mut bytes, rest, unit, order)?;
        width_last = bytes.len() - before;
    }
    (!bytes.is_empty() && !squeezed && proved).then_some(bytes)
}

fn without_offsets(text: &str, unit: Unit, order: Order) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        push_words(&mut bytes, line, unit, order)?;
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The numbers of a line, up to the column of characters of `od -tx2z`.
fn push_words(bytes: &mut Vec<u8>, line: &str, unit: Unit, order: Order) -> Option<()> {
    for word in line.split('>').next()?.split_ascii_whitespace() {
        if word.len() != unit.digits || !word.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let value = u64::from_str_radix(word, unit.radix).ok()?.to_le_bytes();
        let (value, above) = value.split_at_checked(unit.size)?;
        if above.iter().any(|&byte| byte != 0) {
            return None;
        }
        match order {
            Order::Little => bytes.extend(value),
            Order::Big => bytes.extend(value.iter().rev()),
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = b"\x03\x01j\0\0\x07VL\x031\0\x01R\x032\0\x01\x01\x07";

    #[track_caller]
    fn reads(text: &str) {
        assert_eq!(detect(text, 1000), Some((Spelling::Words, BYTES.to_vec())), "{text}");
    }

    #[test]
    fn what_od_and_hexdump_print_by_default() {
        // od
        reads(
            "0000000 000403 000152 003400 046126 030403 000400 001522 000062\n\
             0000020 000401 000007\n0000023\n",
        );
        // od -x
        reads("0000000 0103 006a 0700 4c56 3103 0100 0352 0032\n0000020 0101 0007\n0000023\n");
        // hexdump
        reads(
            "0000000 0103 006a 0700 4c56 3103 0100 0352 0032\n\
             0000010 0101 0007                              \n0000013\n",
        );
        // hexdump -x
        reads(
            "0000000    0103    006a    0700    4c56    3103    0100    0352    0032\n\
             0000010    0101    0007                                                \n0000013\n",
        );
        // hexdump -o
        reads(
            "0000000  000403  000152  003400  046126  030403  000400  001522  000062\n\
             0000010  000401  000007                                                \n0000013\n",
        );
        // od -tx4z
        reads(
            "0000000 006a0103 4c560700 01003103 00320352  >..j...VL.1..R.2.<\n\
             0000020 00070101                             >...<\n0000023\n",
        );
        // od -b
        let text = "0000000 003 001 152 000\n0000004 105 001\n0000006\n";
        let document = b"\x03\x01j\0E\x01".to_vec();
        assert_eq!(detect(text, 1000), Some((Spelling::Octal, document)));
    }

    #[test]
    fn octal_words_are_never_hex() {
        let bytes = Some((Spelling::Words, vec![3, 1, 0x6A, 0]));
        assert_eq!(detect("0000000 000403 000152\n", 1000), bytes);
        assert_eq!(detect(" 000403 000152\n", 1000), bytes);
        let text = Some((Spelling::Words, b"hello!".to_vec()));
        assert_eq!(detect("0000000 062550 066154 020557\n0000006\n", 1000), text);
    }

    #[test]
    fn words_without_offsets_are_told_by_the_document() {
        assert_eq!(
            detect("0103 006a 0145\n", 1000),
            Some((Spelling::Words, b"\x03\x01j\0E\x01".to_vec()))
        );
        assert_eq!(detect("0301 6a00 4501\n", 1000), None);
        assert_eq!(detect("6548 6c6c\n", 1000), None);
    }

    #[test]
    fn squeezed_lines_are_filled() {
        let text = "0000000 000000 000000 000000 000000 000000 000000 000000 000000\n*\n\
                    0000060 000001\n0000061\n";
        let (_, bytes) = detect(text, 49).unwrap();
        assert_eq!((bytes.len(), bytes.last()), (49, Some(&1)));
        assert_eq!(detect(text, 47), None);
    }

    #[test]
    fn the_order_is_told_by_the_document() {
        assert_eq!(
            detect("0000000 0301 6a00 4501 0700\n0000007\n", 1000),
            Some((Spelling::Dump, b"\x03\x01j\0E\x01\x07".to_vec()))
        );
    }

    #[test]
    fn bytes_in_order_are_no_words() {
        for text in [
            "",
            "00000000: 0301 6a00 4501\n",
            "00000000: 006a0103 4c560700\n",
            "00000000 54686973 20697320\n00000008\n",
            "0000000 03 01 6a 00\n",
            "0000000 0103 006a\n0000005\n",
            "0000000 200000 000001\n",
            "0000000 0103 006a\n0000003\n0000004 0103\n",
            "03016a00 45015678\n03016a00 45015678\n",
            "100 200 300\n",
        ] {
            assert_eq!(detect(text, 1000), None, "{text}");
        }
    }
}
