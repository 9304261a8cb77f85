//! Documents of tens of kilobytes, of a few bytes that say how to make them.
//!
//! Readers look at long texts and long runs in blocks of some kilobytes. A fuzzer that changes a
//! byte here and there never gets to the end of such a block.

use super::decode_any::{owned, read};
use super::{decode_any, forensic, reencode};
use crate::run::Ran;
use wbxml::{Options, PushDecoder, Tree, xml};

/// Bytes of the longest document.
const LONGEST: usize = 80_000;
/// What the lengths of blocks are multiples of.
const BLOCK: usize = 4096;

pub(super) fn body(recipe: &[u8]) -> Ran {
    let bytes = expand(recipe);
    let ran = decode_any::body(&bytes);
    reencode::body(&bytes);
    forensic::body(&bytes);
    pieces(&bytes, recipe.len());
    if let Ok(tree) = Tree::decode(&bytes, &Options::general()) {
        text(&bytes, &tree);
    }
    ran
}

/// Bytes stand for themselves, but for `FB n b`: b, 2^n times; `FC n b`: b up to the end of a block
/// and n - 128 times more; `FD n k`: the last k + 1 bytes, n times more; `FE b`: b, whatever it is.
fn expand(recipe: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut rest = recipe;
    loop {
        let room = LONGEST.saturating_sub(bytes.len());
        rest = match *rest {
            [0xFB, n, b, ref rest @ ..] => {
                bytes.extend(std::iter::repeat_n(b, room.min(1 << (n % 17))));
                rest
            }
            [0xFC, n, b, ref rest @ ..] => {
                let to = bytes.len().next_multiple_of(BLOCK) + usize::from(n);
                let more = to.saturating_sub(128 + bytes.len());
                bytes.extend(std::iter::repeat_n(b, room.min(more)));
                rest
            }
            [0xFD, n, k, ref rest @ ..] => {
                let unit = bytes[bytes.len().saturating_sub(usize::from(k) + 1)..].to_vec();
                let more = unit.iter().copied().cycle().take(unit.len() * usize::from(n));
                bytes.extend(more.take(room));
                rest
            }
            [0xFE, b, ref rest @ ..] | [b, ref rest @ ..] => {
                bytes.extend((room > 0).then_some(b));
                rest
            }
            [] => return bytes,
        };
    }
}

/// In pieces of some kilobytes, up to the borders of blocks and a little beyond.
fn pieces(bytes: &[u8], choice: usize) {
    let options = Options::general();
    let (whole, error) = read(bytes, &options);
    let mut decoder = PushDecoder::new(&options);
    let mut events = whole.into_iter().map(owned);
    let mut failed = None;
    for piece in bytes.chunks(BLOCK / 2 + choice % 40 * BLOCK / 4) {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(event)) => assert_eq!(Some(owned(event)), events.next()),
                Ok(None) => break,
                Err(error) => {
                    failed = Some((error.kind(), error.offset()));
                    break;
                }
            }
        }
        if failed.is_some() {
            break;
        }
    }
    decoder.finish();
    while failed.is_none() {
        match decoder.next() {
            Ok(Some(event)) => assert_eq!(Some(owned(event)), events.next()),
            Ok(None) => break,
            Err(error) => failed = Some((error.kind(), error.offset())),
        }
    }
    assert_eq!(events.next(), None);
    assert_eq!(failed, error.map(|error| (error.kind(), error.offset())));
}

/// XML in one go and XML of the tree are the same, and give the tree again.
fn text(bytes: &[u8], tree: &Tree) {
    let mut streamed = String::new();
    xml::decode(bytes, &Options::general(), xml::Style::Compact, &mut streamed)
        .expect("the tree could read it");
    let written = xml::to_string(tree);
    assert_eq!(streamed, written);
    assert_eq!(xml::from_str(&written).expect("written XML is read"), *tree);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_are_followed() {
        assert_eq!(expand(b"ab\xFE\xFE\xFB\x02c"), b"ab\xFEcccc");
        assert_eq!(expand(b"ab\xFD\x02\x01"), b"ababab");
        assert_eq!(expand(b"\xFD\xFF\xFF"), b"");
        assert_eq!(expand(b"a\xFC\x81b").len(), BLOCK + 1);
        assert_eq!(expand(b"a\xFC\x00b").len(), BLOCK - 128);
        assert_eq!(expand(&b"\xFB\x10a".repeat(3)).len(), LONGEST);
        // What is cut off stands for itself.
        assert_eq!(expand(b"\xFB\x02"), b"\xFB\x02");
    }
}
