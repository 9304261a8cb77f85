//! What the encoder writes and what it refuses to write.

use wbxml::tags::{air_sync, air_sync_base, email};
use wbxml::{Decoder, Encoder, ErrorKind, Event, Options, Tag};

fn fault(write: impl FnOnce(&mut Encoder)) -> ErrorKind {
    let mut encoder = Encoder::new();
    write(&mut encoder);
    encoder.finish().unwrap_err().kind()
}

#[test]
fn pages_are_switched_only_where_they_change() {
    let mut encoder = Encoder::new();
    encoder.start(air_sync::APPLICATION_DATA);
    encoder.leaf(email::SUBJECT, "a");
    encoder.leaf(email::READ, "1");
    encoder.start(air_sync_base::BODY);
    encoder.leaf(air_sync_base::TYPE, "1");
    encoder.end();
    encoder.empty(air_sync::STATUS);
    encoder.end();
    assert_eq!(
        encoder.finish().unwrap(),
        b"\x03\x01\x6a\0\x5d\0\x02\x54\x03a\0\x01\x55\x031\0\x01\0\x11\x4a\x46\x031\0\x01\x01\0\0\x0e\x01"
    );
}

#[test]
fn a_start_without_content_is_the_empty_form() {
    let mut encoder = Encoder::new();
    encoder.start(air_sync::SYNC);
    encoder.start(air_sync::MORE_AVAILABLE);
    encoder.end();
    encoder.leaf(air_sync::SYNC_KEY, "");
    encoder.leaf_opaque(air_sync::SYNC_KEY, b"");
    encoder.end();
    assert_eq!(encoder.finish().unwrap(), b"\x03\x01\x6a\0\x45\x14\x0b\x0b\x01");
}

#[test]
fn mistakes_are_errors_and_the_first_one_counts() {
    assert_eq!(fault(|_| {}), ErrorKind::NoRoot);
    assert_eq!(fault(|e| e.start(air_sync::SYNC)), ErrorKind::Unbalanced(1));
    assert_eq!(fault(Encoder::end), ErrorKind::ExtraEnd);
    assert_eq!(fault(|e| e.text("a")), ErrorKind::ContentOutsideRoot);
    assert_eq!(fault(|e| e.empty(Tag::new(0, 4))), ErrorKind::NotATag(4));
    assert_eq!(
        fault(|e| e.event(&Event::Damage { kind: ErrorKind::NoRoot, bytes: b"" })),
        ErrorKind::Damaged
    );
    assert_eq!(
        fault(|e| {
            e.empty(air_sync::SYNC);
            e.empty(air_sync::SYNC);
            e.text("\0");
        }),
        ErrorKind::SecondRoot
    );
    let mut encoder = Encoder::new();
    encoder.start(air_sync::SYNC);
    encoder.start(air_sync::SYNC_KEY);
    encoder.text("a\0b");
    let error = encoder.finish().unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::NulInText, 6));
    assert_eq!(error.path(), "Sync/SyncKey");
}

#[test]
fn events_are_written_as_they_were_read() {
    let bytes =
        b"\x03\x01\x6a\0\x45\x4b\x01\x4b\x03\0\x01\x0b\x4b\xc3\0\x01\x4b\x02\x84\x80\0\x01\x01";
    let mut encoder = Encoder::new();
    for event in Decoder::new(bytes, &Options::general()) {
        encoder.event(&event.unwrap());
    }
    assert_eq!(encoder.finish().unwrap(), bytes);
}

#[test]
fn a_reused_buffer_keeps_its_room() {
    let buffer = Vec::with_capacity(4096);
    let place = buffer.as_ptr();
    let mut encoder = Encoder::with_buffer(buffer);
    encoder.leaf(air_sync::SYNC, "a");
    let bytes = encoder.finish().unwrap();
    assert_eq!(bytes.as_ptr(), place);
}

#[test]
fn the_offset_is_what_has_been_written() {
    let mut encoder = Encoder::new();
    assert_eq!(encoder.offset(), 4);
    encoder.start(email::SUBJECT);
    assert_eq!(encoder.offset(), 7);
    encoder.text("abc");
    assert_eq!(encoder.offset(), 12);
    encoder.end();
    let written = encoder.offset();
    assert_eq!(encoder.finish().unwrap().len(), written);
}
