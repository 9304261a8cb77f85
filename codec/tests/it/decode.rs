//! What the decoder accepts, refuses, and says about it.

use wbxml::{
    Decoder, ErrorKind, Event, Forbidden, Limit, Limits, Mode, Options, Part, Tag, Tree, tags,
};

/// The header of ActiveSync and a body.
fn document(body: &[u8]) -> Vec<u8> {
    [b"\x03\x01\x6a\x00", body].concat()
}

fn kind(body: &[u8]) -> (ErrorKind, usize) {
    let error = Tree::decode(&document(body), &Options::general()).unwrap_err();
    let strict = Tree::decode(&document(body), &Options::strict()).unwrap_err();
    assert_eq!(strict, error);
    (error.kind(), error.offset())
}

#[test]
pub(crate) fn the_example_of_the_specification_shape() {
    // Sync > Collections > Collection > (Class "Email", SyncKey "0"), MoreAvailable empty.
    let bytes = document(b"\x45\x5c\x4f\x50\x03Email\0\x01\x4b\x030\0\x01\x14\x01\x01\x01");
    let tree = Tree::decode(&bytes, &Options::strict()).unwrap();
    let collection = tree
        .root()
        .child(tags::air_sync::COLLECTIONS)
        .and_then(|node| node.child(tags::air_sync::COLLECTION))
        .unwrap();
    let names: Vec<_> = collection.children().filter_map(wbxml::Node::name).collect();
    assert_eq!(names, ["Class", "SyncKey", "MoreAvailable"]);
    assert_eq!(collection.child(tags::air_sync::CLASS).unwrap().text().unwrap(), "Email");
    assert!(collection.child(tags::air_sync::MORE_AVAILABLE).unwrap().is_empty());
    assert_eq!(collection.offset(), 6);
    assert_eq!(tree.encode().unwrap(), bytes);
}

#[test]
fn every_kind_of_damage_has_its_kind_and_offset() {
    for (body, expected) in [
        (&b""[..], (ErrorKind::NoRoot, 4)),
        (b"\x00", (ErrorKind::UnexpectedEnd(Part::SwitchPage), 5)),
        (b"\x00\x07", (ErrorKind::NoRoot, 6)),
        (b"\x00\x40", (ErrorKind::UnknownPage(0x40), 4)),
        (b"\x45", (ErrorKind::UnclosedElements(1), 5)),
        (b"\x45\x5c", (ErrorKind::UnclosedElements(2), 6)),
        (b"\x45\x7f", (ErrorKind::UnknownTag { page: 0, token: 0x3f }, 5)),
        (b"\x45\x00", (ErrorKind::UnexpectedEnd(Part::SwitchPage), 6)),
        (b"\x45\x4b\x03ab", (ErrorKind::UnterminatedString, 6)),
        (b"\x45\x4b\x03", (ErrorKind::UnterminatedString, 6)),
        (b"\x45\x4b\x03a\xff\xfe\0\x01\x01", (ErrorKind::BadText, 8)),
        (
            b"\x45\xc3\x8f\xff\xff\xff\x7fabc",
            (ErrorKind::OpaqueTooLong { claimed: u32::MAX, available: 3 }, 5),
        ),
        (b"\x45\xc3\x80", (ErrorKind::UnexpectedEnd(Part::Integer), 7)),
        (b"\x45\xc3\x80\x80\x80\x80\x80\x01a", (ErrorKind::IntegerTooLong, 6)),
        (b"\x45\xc3\x9f\xff\xff\xff\x7fa", (ErrorKind::IntegerTooLarge, 6)),
        (b"\x85\x05\x01", (ErrorKind::Attributes(0x85), 4)),
        (b"\x45\xcb\x05\x01\x01\x01", (ErrorKind::Attributes(0xcb), 5)),
        (b"\x45\xff\x05\x01\x01\x01", (ErrorKind::UnknownTag { page: 0, token: 0x3f }, 5)),
        (b"\x45\x04\x00\x01", (ErrorKind::UnsupportedToken(0x04), 5)),
        (b"\x45\x43\x05\x01\x01", (ErrorKind::UnsupportedToken(0x43), 5)),
        (b"\x43\x05\x01\x45\x01", (ErrorKind::UnsupportedToken(0x43), 4)),
        (b"\x45\xc2\x01", (ErrorKind::UnsupportedToken(0xc2), 5)),
        (b"\x45\x80\x00\x01", (ErrorKind::UnsupportedToken(0x80), 5)),
        (b"\x45\x40a\0\x01", (ErrorKind::UnsupportedToken(0x40), 5)),
        (b"\x01", (ErrorKind::ExtraEnd, 4)),
        (b"\x03a\0", (ErrorKind::ContentOutsideRoot, 4)),
        (b"\xc3\x01a", (ErrorKind::ContentOutsideRoot, 4)),
        (b"\x45\x01\x01", (ErrorKind::ExtraEnd, 6)),
        (b"\x05\x01", (ErrorKind::ExtraEnd, 5)),
        (b"\x45\x01\x05", (ErrorKind::SecondRoot, 6)),
        (b"\x45\x01\x00\x07\x56\x01", (ErrorKind::SecondRoot, 6)),
        (b"\x45\x01\x03a\0", (ErrorKind::TrailingBytes(3), 6)),
        (b"\x45\x01\x00", (ErrorKind::TrailingBytes(1), 6)),
        (b"\x45\x01\x43\x05\x01", (ErrorKind::UnsupportedToken(0x43), 6)),
    ] {
        assert_eq!(kind(body), expected, "{body:02x?}");
    }
}

#[test]
pub(crate) fn headers_that_are_wrong() {
    for (bytes, expected) in [
        (&b""[..], (ErrorKind::Empty, 0)),
        (b"\x04", (ErrorKind::Version(4), 0)),
        (b"<html>", (ErrorKind::Version(b'<'), 0)),
        (b"\x03", (ErrorKind::UnexpectedEnd(Part::Header), 1)),
        (b"\x03\x01", (ErrorKind::UnexpectedEnd(Part::Header), 2)),
        (b"\x03\x01\x6a", (ErrorKind::UnexpectedEnd(Part::Header), 3)),
        (b"\x03\x01\x6a\x02a", (ErrorKind::StringTableTooLong { claimed: 2, available: 1 }, 3)),
        (b"\x03\x01\x11\x00\x05", (ErrorKind::Charset(0x11), 2)),
        (b"\x03\x00\x07\x6a\x02a\0\x05", (ErrorKind::StringTableIndex { index: 7, len: 2 }, 2)),
    ] {
        let error = Tree::decode(bytes, &Options::general()).unwrap_err();
        assert_eq!((error.kind(), error.offset()), expected, "{bytes:02x?}");
    }
}

#[test]
fn an_error_tells_page_path_hint_and_bytes() {
    let bytes = document(b"\x45\x5c\x4f\x00\x11\x4a\x3f\x01");
    let error = Tree::decode(&bytes, &Options::general()).unwrap_err();
    assert_eq!(error.page(), 17);
    assert_eq!(error.depth(), 4);
    assert_eq!(error.path(), "Sync/Collections/Collection/Body");
    assert_eq!(
        error.to_string(),
        "unknown tag 0x3f on code page 17 (AirSyncBase) at offset 0xa in \
         Sync/Collections/Collection/Body"
    );
    assert!(error.hint().unwrap().contains("newer"));
    assert!(error.hex_window().contains("[3f]"));
}

#[test]
fn strict_refuses_what_general_reads_and_says_so() {
    for (bytes, rule, offset) in [
        (&b"\x02\x01\x6a\x00\x05"[..], Forbidden::Version, 0),
        (b"\x03\x05\x6a\x00\x05", Forbidden::PublicId, 1),
        (b"\x03\x00\x00\x6a\x02a\0\x05", Forbidden::PublicId, 1),
        (b"\x03\x01\x03\x00\x05", Forbidden::Charset, 2),
        (b"\x03\x01\x6a\x02a\0\x05", Forbidden::StringTable, 3),
        (b"\x03\x01\x6a\x00\x4b\x02\x41\x01", Forbidden::Entity, 5),
    ] {
        let error = Tree::decode(bytes, &Options::strict()).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Forbidden(rule), offset));
        assert!(error.general_reads(), "{bytes:02x?}");
        assert!(error.to_string().ends_with("general mode reads this document"));
        Tree::decode(bytes, &Options::general()).unwrap();
    }
    // Damage behind the rule: general mode would fail as well.
    let error = Tree::decode(b"\x02\x01\x6a\x00\x45", &Options::strict()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden(Forbidden::Version));
    assert!(!error.general_reads());
}

#[test]
pub(crate) fn what_libwbxml_writes_by_default_is_read() {
    // Literal public id, string table, STR_T, also into the middle of an entry.
    let bytes = b"\x03\x00\x00\x6a\x22-//AIRSYNC//DTD AirSync//EN\0Email\0\x45\x4b\x83\x1c\x01\x50\x83\x1e\x01\x01";
    let tree = Tree::decode(bytes, &Options::general()).unwrap();
    let texts: Vec<_> = tree.root().children().filter_map(wbxml::Node::text).collect();
    assert_eq!(texts, ["Email", "ail"]);
    let decoder = Decoder::new(bytes, &Options::general());
    assert_eq!(decoder.header().public_id_text().unwrap(), "-//AIRSYNC//DTD AirSync//EN");
    let outside = b"\x03\x01\x6a\x02a\0\x4b\x83\x02\x01";
    let error = Tree::decode(outside, &Options::general()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StringTableIndex { index: 2, len: 2 });
}

#[test]
pub(crate) fn the_three_empty_forms_are_the_same_tree() {
    let forms: Vec<_> = [&b"\x45\x0b\x01"[..], b"\x45\x4b\x01\x01", b"\x45\x4b\x03\0\x01\x01"]
        .iter()
        .map(|body| Tree::decode(&document(body), &Options::strict()).unwrap())
        .collect();
    assert_eq!(forms[0], forms[1]);
    assert_eq!(forms[1], forms[2]);
    for form in &forms {
        let key = form.root().child(tags::air_sync::SYNC_KEY).unwrap();
        assert!(key.is_empty());
        assert_eq!(key.text().unwrap(), "");
    }
    // Each keeps its form when it is encoded again.
    assert_eq!(forms[2].encode().unwrap(), document(b"\x45\x4b\x03\0\x01\x01"));
}

#[test]
fn several_texts_and_opaque_data_are_one_content() {
    let bytes = document(b"\x4b\x03ab\0\xc3\x02cd\x02\x65\x03\0\x01");
    let tree = Tree::decode(&bytes, &Options::general()).unwrap();
    assert_eq!(tree.root().text().unwrap(), "abcde");
    assert_eq!(tree.root().bytes().unwrap(), &b"abcde"[..]);
    assert_eq!(tree.encode().unwrap(), bytes);
    let nul = Tree::decode(&document(b"\x4b\xc3\x01\0\x01"), &Options::strict()).unwrap();
    assert_eq!(nul.root().bytes().unwrap(), &b"\0"[..]);
}

#[test]
pub(crate) fn other_charsets_are_read() {
    for (charset, string, text) in [
        (&b"\x03"[..], &b"ab\0"[..], "ab"),
        (b"\x04", b"\xe9t\xe9\0", "été"),
        (b"\x87\x68", b"\0\xe9\0t\0\0", "ét"),
        (b"\x87\x77", b"\xff\xfe\xe9\0t\0\0\0", "ét"),
        (b"\x00", "é\0".as_bytes(), "é"),
    ] {
        let bytes = [b"\x03\x01", charset, b"\0\x45\x4b\x03", string, b"\x01\x01"].concat();
        let tree = Tree::decode(&bytes, &Options::general()).unwrap();
        assert_eq!(tree.root().children().next().unwrap().text().unwrap(), text);
        Tree::decode(&tree.encode().unwrap(), &Options::strict()).unwrap();
    }
    for (charset, string) in
        [(&b"\x03"[..], &b"\xe9\0"[..]), (b"\x87\x68", b"\xd8\0\0t\0\0"), (b"\x6a", b"\xe9\0")]
    {
        let bytes = [b"\x03\x01", charset, b"\0\x4b\x03", string, b"\x01"].concat();
        let error = Tree::decode(&bytes, &Options::general()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadText);
    }
}

#[test]
pub(crate) fn tokens_that_the_version_does_not_have() {
    for (bytes, token, minor, offset) in [
        (&b"\x00\x01\x00\x4b\xc3\x01a\x01"[..], 0xc3, 0, 4),
        (b"\x01\x01\x6a\x00\x00\x07\x56\x01", 0x00, 1, 4),
    ] {
        let error = Tree::decode(bytes, &Options::general()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TokenNotInVersion { token, minor });
        assert_eq!(error.offset(), offset);
    }
    // Version 1.0 has no charset field.
    Tree::decode(b"\x00\x01\x00\x4b\x03a\0\x01", &Options::general()).unwrap();
}

#[test]
fn each_limit_holds_at_its_edge() {
    let bytes = document(b"\x45\x5c\x4b\x03abc\0\x01\x50\xc3\x04abcd\x01\x01\x01");
    let edge = Limits {
        depth: 3,
        document: bytes.len(),
        string: 3,
        opaque: 4,
        table: 0,
        nodes: 4,
        marks: 0,
    };
    let decode = |bytes: &[u8], limits| {
        Tree::decode(bytes, &Options { mode: Mode::General, limits, ..Options::default() })
    };
    decode(&bytes, edge).unwrap();
    for (limits, limit, offset) in [
        (Limits { depth: 2, ..edge }, Limit::Depth, 6),
        (Limits { document: bytes.len() - 1, ..edge }, Limit::Document, bytes.len() - 1),
        (Limits { string: 2, ..edge }, Limit::String, 7),
        (Limits { opaque: 3, ..edge }, Limit::Opaque, 14),
        (Limits { nodes: 3, ..edge }, Limit::Nodes, 13),
    ] {
        let error = decode(&bytes, limits).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Limit(limit), offset));
    }
    let table = b"\x03\x01\x6a\x02a\0\x05";
    decode(table, Limits { table: 2, ..edge }).unwrap();
    let error = decode(table, Limits { table: 1, ..edge }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit(Limit::Table));
}

#[test]
fn an_empty_tag_counts_as_a_level() {
    let limits = Limits { depth: 2, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    Tree::decode(&document(b"\x45\x05\x01"), &options).unwrap();
    Tree::decode(&document(b"\x45\x45\x05\x01\x01"), &options).unwrap_err();
}

#[test]
pub(crate) fn twenty_million_nested_tags_are_a_depth_error() {
    let bytes = document(&vec![0x45; 20_000_000]);
    for options in [Options::general(), Options::strict()] {
        let error = Tree::decode(&bytes, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit(Limit::Depth));
        assert_eq!(error.offset(), 4 + 64);
        assert_eq!(error.depth(), 64);
        assert_eq!(error.path().matches("Sync").count(), 32);
    }
}

#[test]
fn the_decoder_repeats_its_error_and_the_iterator_ends_after_it() {
    let bytes = document(b"\x45\x3f\x01");
    let mut decoder = Decoder::new(&bytes, &Options::general());
    assert!(matches!(decoder.next(), Ok(Some(Event::Start { .. }))));
    let error = decoder.next().unwrap_err();
    assert_eq!(decoder.next().unwrap_err(), error);
    assert_eq!(decoder.by_ref().count(), 1);
    assert_eq!(decoder.count(), 0);
}

#[test]
pub(crate) fn every_row_of_the_table_round_trips() {
    for page in wbxml::ACTIVE_SYNC.pages() {
        for info in page.tags() {
            let tag = Tag::new(page.number(), info.token);
            let mut encoder = wbxml::Encoder::new();
            encoder.leaf(tag, "x");
            let bytes = encoder.finish().unwrap();
            let tree = Tree::decode(&bytes, &Options::strict()).unwrap();
            assert_eq!(tree.root().tag(), tag);
            assert_eq!(tree.encode().unwrap(), bytes);
        }
    }
}
