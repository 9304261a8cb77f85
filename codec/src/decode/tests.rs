//! Elements seen as a whole, and as their parts.

use super::*;
use crate::{Encoder, tags::email, tags::email2};

/// Elements with texts of many lengths and scripts, alone and beside others, opaque data between
/// them: texts end before, at and behind the end of a stretch.
fn document(turns: usize) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.start(email::BODY);
    for turn in 0..turns {
        encoder.leaf(email::SUBJECT, &"subject".repeat(turn % 13));
        encoder.leaf(email::FROM, &"Engstr\u{f6}m ".repeat(turn % 4));
        if turn % 7 == 0 {
            encoder.leaf(email::TO, &"\u{65e5}\u{672c}\u{8a9e}".repeat(turn % 29));
            encoder.leaf(email::CC, &"long ".repeat(turn));
            encoder.leaf_opaque(email2::CONVERSATION_ID, &[0xFF, 0, 0xC3, 3, 1]);
        }
        if turn % 11 == 0 {
            encoder.start(email::CATEGORY);
            encoder.text("one");
            encoder.empty(email::READ);
            encoder.text("two");
            encoder.end();
            encoder.start_with_content(email::REPLY_TO);
            encoder.end();
        }
    }
    encoder.end();
    encoder.finish().unwrap()
}

/// What a decoder says after each event, and at last.
type Step<'a> = (Result<Option<Event<'a>>, Fault>, usize, usize, usize);

fn step<'a>(decoder: &mut Decoder<'a>) -> Step<'a> {
    let event = decoder.next_event();
    (event, decoder.event_offset(), decoder.offset(), decoder.depth())
}

/// In one go, and with a new decoder for each event, which sees no element as a whole.
fn both(bytes: &[u8], options: &Options) -> Option<Fault> {
    let mut whole = Decoder::new(bytes, options);
    let mut position = None;
    loop {
        let mut single = match position {
            Some(position) => Decoder::resume(bytes, *whole.header(), &position, options),
            None => Decoder::new(bytes, options),
        };
        let expected = step(&mut single);
        assert_eq!(step(&mut whole), expected);
        let (from_whole, from_single) = (whole.position(), single.position());
        assert_eq!(format!("{from_whole:?}"), format!("{from_single:?}"));
        position = single.has_header().then_some(from_single);
        match expected.0 {
            Ok(Some(_)) => {}
            Ok(None) => return None,
            Err(fault) => return Some(fault),
        }
    }
}

#[test]
fn elements_seen_as_a_whole_are_seen_as_their_parts() {
    let bytes = document(700);
    let mut options = Options::strict();
    assert_eq!(both(&bytes, &options), None);
    for limit in [0, 1, 30, 300] {
        options.limits.string = limit;
        assert!(both(&bytes, &options).is_some());
    }
    options = Options::strict();
    options.limits.depth = 1;
    assert!(both(&bytes, &options).is_some());
    let bytes = document(30);
    for end in 0..bytes.len() {
        assert!(both(&bytes[..end], &Options::strict()).is_some());
    }
}

#[test]
fn damage_in_a_stretch_is_found_where_it_is() {
    let bytes = document(16);
    let mut bad_texts = 0;
    for at in 4..bytes.len() {
        for byte in [0xC3, 0x80, 0xFF, 0x00, 0x03, 0x3F] {
            let mut damaged = bytes.clone();
            damaged[at] = byte;
            let fault = both(&damaged, &Options::strict());
            bad_texts += usize::from(fault == Some(Fault::new(ErrorKind::BadText, at)));
        }
    }
    assert!(bad_texts > bytes.len());
}
