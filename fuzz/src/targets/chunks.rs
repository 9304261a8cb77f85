//! A document that arrives in pieces.

use super::decode_any::{owned, read};
use crate::run::Ran;
use wbxml::{ErrorKind, Limit, Limits, Options, PushDecoder};

pub(super) fn body(bytes: &[u8]) -> Ran {
    // The bytes themselves choose the split: all of them, since documents end alike.
    let choice = bytes.iter().fold(0_u8, |sum, byte| sum.rotate_left(3).wrapping_add(*byte));
    let mode = if choice & 1 == 0 { Options::general() } else { Options::strict() };
    let (whole, error) = read(bytes, &mode);
    let whole: Vec<_> = whole.into_iter().map(owned).collect();
    let error = error.map(|error| (error.kind(), error.offset()));

    let mut decoder = PushDecoder::new(&mode);
    let mut events = Vec::new();
    let mut failed = None;
    let mut rest = bytes;
    let mut turn = usize::from(choice >> 1);
    loop {
        // Pieces of one to some bytes, in a pattern that the choice gives; nothing now and then.
        let len = (turn * 7 % 11 * (turn % 5)).min(rest.len());
        let len = if choice < 16 { rest.len().min(1) } else { len };
        turn += 1;
        let (piece, later) = rest.split_at(len);
        rest = later;
        decoder.push(piece);
        assert_eq!(decoder.bytes(), &bytes[..bytes.len() - rest.len()]);
        if rest.is_empty() {
            decoder.finish();
        }
        while failed.is_none() {
            match decoder.next() {
                Ok(Some(event)) => events.push(owned(event)),
                Ok(None) => break,
                Err(error) => failed = Some((error.kind(), error.offset())),
            }
        }
        // What has come so far never gives more than the whole.
        assert!(whole.starts_with(&events));
        if rest.is_empty() || failed.is_some() {
            break;
        }
    }
    assert_eq!(failed, error);
    limited(bytes, &mode);
    assert_eq!(events, whole);
    assert_eq!(decoder.is_done(), error.is_none());
    if error.is_some() { Ran::Refused } else { Ran::Checked }
}

/// A document that is longer than it may be: an error as soon as that is seen, and no more is kept
/// than tells it.
fn limited(bytes: &[u8], options: &Options) {
    let document = bytes.len() / 2;
    let limits = Limits { document, ..options.limits };
    let mut decoder = PushDecoder::new(&Options { limits, ..*options });
    for piece in bytes.chunks(3) {
        decoder.push(piece);
    }
    assert!(decoder.bytes().len() <= document + 1);
    decoder.finish();
    if decoder.bytes().len() > document {
        let error = decoder.next().expect_err("too long");
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Limit(Limit::Document), document));
        assert!(error.to_string().contains("length of the document"));
    }
}
