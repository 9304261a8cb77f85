//! Inputs that other codecs fail on, and what is right: each row of the comparison of peers on
//! hostile input, of the mistakes found when their speed was measured, and of the deviations seen
//! in the field.

use wbxml::tags::{air_sync, air_sync_base, calendar, compose_mail, contacts, email, email2, ping};
use wbxml::{
    Charset, Decoder, Encoder, ErrorKind, Event, Forbidden, Limit, Node, Options, PushDecoder, Tag,
    Token, Tokens, Tree,
};

pub(crate) fn document(body: &[u8]) -> Vec<u8> {
    [b"\x03\x01\x6a\x00", body].concat()
}

#[track_caller]
pub(crate) fn refused(body: &[u8], kind: ErrorKind, offset: usize) {
    let bytes = document(body);
    for options in [Options::general(), Options::strict()] {
        let error = Tree::decode(&bytes, &options).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, offset));
    }
    let mut pushed = PushDecoder::new(&Options::general());
    for byte in &bytes {
        pushed.push(&[*byte]);
    }
    pushed.finish();
    let error = loop {
        match pushed.next() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("accepted"),
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), error.offset()), (kind, offset));
    let kept = Tokens::new(&bytes, &Options::forensic()).map(|token| token.unwrap().span.len());
    assert_eq!(kept.sum::<usize>(), bytes.len());
    let tree = Tree::decode(&bytes, &Options::forensic()).unwrap();
    assert!(tree.damage().iter().any(|damage| damage.kind == kind), "{:?}", tree.damage());
}

#[track_caller]
pub(crate) fn accepted(body: &[u8]) -> Tree {
    let bytes = document(body);
    let tree = Tree::decode(&bytes, &Options::strict()).unwrap();
    let forensic = Tree::decode(&bytes, &Options::forensic()).unwrap();
    assert!(forensic.damage().is_empty());
    assert_eq!(forensic, tree);
    assert_eq!(Tree::decode(&tree.encode().unwrap(), &Options::strict()).unwrap(), tree);
    #[cfg(feature = "xml")]
    assert_eq!(wbxml::xml::from_str(&wbxml::xml::to_string(&tree)).unwrap(), tree);
    tree
}

// The comparison of peers on hostile input.

#[test]
pub(crate) fn nested_tags_up_to_the_limit_and_beyond() {
    let nested = |n: usize| [vec![0x45; n], vec![0x01; n]].concat();
    accepted(&nested(64));
    for n in [65, 1_000, 40_301, 1_000_000] {
        let error = Tree::decode(&document(&nested(n)), &Options::strict()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit(Limit::Depth));
        assert_eq!(error.offset(), 68);
    }
    // Whoever wants it deep gets it, without a stack: decoding, XML, encoding, comparing.
    let mut options = Options::general();
    options.limits.depth = usize::MAX;
    let bytes = document(&nested(1_000_000));
    let tree = Tree::decode(&bytes, &options).unwrap();
    assert_eq!(tree.encode().unwrap(), bytes);
    assert_eq!(tree, Tree::decode(&bytes, &options).unwrap());
}

#[test]
pub(crate) fn an_unknown_token_in_a_known_page() {
    refused(b"\x45\x3f\x01", ErrorKind::UnknownTag { page: 0, token: 0x3f }, 5);
    // Tokens that tables of other projects have filled by mistake.
    refused(b"\0\x0f\x45\x46\x01\x01", ErrorKind::UnknownTag { page: 15, token: 6 }, 7);
    refused(b"\0\x19\x45\x5a\x01\x01", ErrorKind::UnknownTag { page: 25, token: 0x1a }, 7);
}

#[test]
pub(crate) fn an_unknown_code_page_is_named() {
    refused(b"\x45\0\x63\x45\x01\x01", ErrorKind::UnknownPage(99), 5);
    refused(b"\0\xfe\x45\x01", ErrorKind::UnknownPage(254), 4);
    let error = Tree::decode(&document(b"\0\xfe\x45\x01"), &Options::general()).unwrap_err();
    assert!(error.hint().unwrap().contains("Outlook.com"));
}

#[test]
pub(crate) fn truncated_in_the_last_element() {
    refused(b"\x45\x4b\x03abc\0\x01", ErrorKind::UnclosedElements(1), 12);
    refused(b"\x45\x4b\x03abc\0", ErrorKind::UnclosedElements(2), 11);
    refused(b"\x45\x4b\x03abc", ErrorKind::UnterminatedString, 6);
}

#[test]
pub(crate) fn an_opaque_length_of_4_gib_is_refused_before_anything_is_allocated() {
    let kind = ErrorKind::OpaqueTooLong { claimed: u32::MAX, available: 3 };
    refused(b"\x45\xc3\x8f\xff\xff\xff\x7fabc", kind, 5);
}

#[test]
pub(crate) fn bytes_after_the_root() {
    refused(b"\x45\x01abc", ErrorKind::SecondRoot, 6);
    refused(b"\x45\x01\x03abc\0", ErrorKind::TrailingBytes(5), 6);
    // A second body, with and without its header.
    refused(b"\x05\x03\x01\x6a\0\x05", ErrorKind::TrailingBytes(5), 5);
    refused(b"\x05\x45\x01", ErrorKind::SecondRoot, 5);
}

#[test]
pub(crate) fn an_extra_end() {
    refused(b"\x45\x01\x01", ErrorKind::ExtraEnd, 6);
}

#[test]
pub(crate) fn a_string_that_is_not_utf_8() {
    refused(b"\x45\x4b\x03\xff\xfe\0\x01\x01", ErrorKind::BadText, 7);
    // Forensic mode keeps the bytes as they are.
    let bytes = document(b"\x45\x4b\x03\xff\xfe\0\x01\x01");
    let tree = Tree::decode(&bytes, &Options::forensic()).unwrap();
    let key = tree.root().child(air_sync::SYNC_KEY).unwrap();
    assert_eq!(key.bytes().unwrap(), &b"\xff\xfe"[..]);
    assert_eq!(key.text(), None);
}

#[test]
pub(crate) fn control_characters_are_text_and_survive_xml() {
    let tree = accepted(b"\x45\x4b\x03a\x01\x0b\x1f\0\x01\x01");
    assert_eq!(tree.root().child(air_sync::SYNC_KEY).unwrap().text().unwrap(), "a\u{1}\u{b}\u{1f}");
}

#[test]
pub(crate) fn opaque_data_with_nul_and_string_tokens_is_data() {
    let tree = accepted(b"\x45\x4b\xc3\x04\x41\x00\x4e\x03\x01\x0b\x01");
    let key = tree.root().child(air_sync::SYNC_KEY).unwrap();
    assert_eq!(key.bytes().unwrap(), &b"\x41\x00\x4e\x03"[..]);
    assert_eq!(tree.root().children().count(), 2);
}

#[test]
pub(crate) fn a_string_table_reference() {
    let bytes = b"\x03\x01\x6a\x04abc\0\x45\x4b\x83\x00\x01\x01";
    let tree = Tree::decode(bytes, &Options::general()).unwrap();
    assert_eq!(tree.root().child(air_sync::SYNC_KEY).unwrap().text().unwrap(), "abc");
    let bytes = document(b"\x45\x4b\x83\x00\x01\x01");
    let error = Tree::decode(&bytes, &Options::general()).unwrap_err();
    let outside = ErrorKind::StringTableIndex { index: 0, len: 0 };
    assert_eq!((error.kind(), error.offset()), (outside, 6));
    let error = Tree::decode(&bytes, &Options::strict()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden(Forbidden::TableString));
    assert!(!error.general_reads());
}

#[test]
pub(crate) fn a_tag_with_the_attribute_bit() {
    refused(b"\x45\xcb\x05\x01\x03a\0\x01\x01", ErrorKind::Attributes(0xcb), 5);
    let bytes = document(b"\x45\xcb\x05\x85\x03v\0\x01\x03a\0\x01\x8b\x06\x01\x14\x01");
    let tree = Tree::decode(&bytes, &Options::forensic()).unwrap();
    let names: Vec<_> = tree.root().children().filter_map(Node::name).collect();
    assert_eq!(names, ["SyncKey", "SyncKey", "MoreAvailable"]);
    let kept: Vec<_> = tree
        .events()
        .filter_map(|event| match event {
            Event::Damage { bytes, .. } if !bytes.is_empty() => Some(bytes.to_vec()),
            _ => None,
        })
        .collect();
    assert_eq!(kept.concat(), b"\x05\x85\x03v\0\x01\x06\x01");
}

#[test]
pub(crate) fn forty_thousand_adds_take_linear_time_and_come_back() {
    let mut encoder = Encoder::new();
    encoder.start(air_sync::COMMANDS);
    for id in 0..40_000 {
        encoder.start(air_sync::ADD);
        encoder.leaf(air_sync::SERVER_ID, &format!("5:{id}"));
        encoder.start(air_sync::APPLICATION_DATA);
        encoder.leaf(email::SUBJECT, "subject");
        encoder.leaf(email::READ, "0");
        encoder.end();
        encoder.end();
    }
    encoder.end();
    let bytes = encoder.finish().unwrap();
    let tree = Tree::decode(&bytes, &Options::strict()).unwrap();
    assert_eq!(tree.root().children_with(air_sync::ADD).count(), 40_000);
    assert_eq!(tree.encode().unwrap(), bytes);
    #[cfg(feature = "xml")]
    assert_eq!(wbxml::xml::from_str(&wbxml::xml::to_string(&tree)).unwrap(), tree);
}

// What was found when the speed of peers was measured.

#[test]
pub(crate) fn carriage_returns_survive_xml() {
    let tree = accepted(b"\0\x11\x4b\x03line\r\nline\rline\n\0\x01");
    assert_eq!(tree.root().text().unwrap(), "line\r\nline\rline\n");
}

#[test]
pub(crate) fn inline_strings_longer_than_a_megabyte() {
    let body = "x".repeat(2 << 20);
    let mut encoder = Encoder::new();
    encoder.leaf(air_sync_base::DATA, &body);
    let tree = Tree::decode(&encoder.finish().unwrap(), &Options::strict()).unwrap();
    assert_eq!(tree.root().text().unwrap(), body);
}

#[test]
pub(crate) fn a_document_that_begins_with_a_page_switch() {
    let tree = accepted(b"\0\x0d\x45\x47\x031\0\x01\x01");
    assert_eq!(tree.root().tag(), ping::PING);
}

#[test]
pub(crate) fn opaque_data_stays_opaque_and_siblings_keep_their_order() {
    let mut encoder = Encoder::new();
    encoder.start(air_sync::APPLICATION_DATA);
    for id in ["8", "1234567890ab", "5"] {
        encoder.leaf(air_sync::SERVER_ID, id);
        encoder.leaf_opaque(email2::CONVERSATION_ID, id.as_bytes());
    }
    encoder.end();
    let bytes = encoder.finish().unwrap();
    let tree = accepted(&bytes[4..]);
    assert_eq!(tree.encode().unwrap(), bytes);
    #[cfg(feature = "xml")]
    assert_eq!(
        wbxml::xml::from_str(&wbxml::xml::to_string(&tree)).unwrap().encode().unwrap(),
        bytes
    );
    let ids: Vec<_> = tree
        .root()
        .children_with(air_sync::SERVER_ID)
        .map(|id| id.text().unwrap().into_owned())
        .collect();
    assert_eq!(ids, ["8", "1234567890ab", "5"]);
}

#[test]
pub(crate) fn a_declaration_does_not_leak_to_siblings() {
    #[cfg(feature = "xml")]
    {
        let text =
            "<Sync xmlns='AirSync'><Subject xmlns='Email'>a</Subject><Status>1</Status></Sync>";
        let tree = wbxml::xml::from_str(text).unwrap();
        let tags: Vec<_> = tree.root().children().map(Node::tag).collect();
        assert_eq!(tags, [email::SUBJECT, air_sync::STATUS]);
    }
}

#[test]
pub(crate) fn the_encoder_writes_no_token_for_what_it_does_not_know() {
    let mut encoder = Encoder::new();
    encoder.empty(Tag::new(0, 0x04));
    assert_eq!(encoder.finish().unwrap_err().kind(), ErrorKind::NotATag(4));
    let mut encoder = Encoder::new();
    encoder.leaf(air_sync::SYNC_KEY, "a\0b");
    assert_eq!(encoder.finish().unwrap_err().kind(), ErrorKind::NulInText);
}

// Deviations seen in the field.

#[test]
pub(crate) fn a_literal_public_id_with_a_used_string_table() {
    let table = b"-//AIRSYNC//DTD AirSync//EN\0Email\0";
    let mut bytes = vec![0x03, 0x00, 0x00, 0x6a, 34];
    bytes.extend_from_slice(table);
    bytes.extend_from_slice(b"\x45\x50\x83\x1c\x01\x50\x83\x1c\x01\x01");
    let tree = Tree::decode(&bytes, &Options::general()).unwrap();
    assert!(tree.root().children().all(|class| class.text().unwrap() == "Email"));
    let strict = Tree::decode(&bytes, &Options::strict()).unwrap_err();
    assert!(strict.general_reads());
    assert!(strict.hint().unwrap().contains("libwbxml"));
}

#[test]
pub(crate) fn a_string_table_that_nothing_refers_to() {
    let tree = Tree::decode(b"\x03\x01\x6a\x03ab\0\x45\x0b\x01", &Options::general()).unwrap();
    assert_eq!(tree.root().children().count(), 1);
}

#[test]
pub(crate) fn an_empty_string_without_its_nul() {
    // Contacts Category of an old phone: `56 03 01`. The END is read as text, and so on, until
    // the reader finds itself on a page that does not exist; the error names the place.
    let body = b"\0\x01\x55\x56\x03\x01\x01\0\0\x45\x5c\x4f\0\x01";
    let error = Tree::decode(&document(body), &Options::general()).unwrap_err();
    assert!(error.offset() >= 8, "{error}");
    // The bytes that made a server speak of page 72.
    refused(b"\0\x01\x55\x56\x03\x01\x01\0\0\x48\x55\x01", ErrorKind::UnknownPage(72), 12);
}

#[test]
pub(crate) fn empty_containers() {
    let tree = accepted(b"\x5d\0\x04\x07\x1b\x24\0\x11\x20\x01");
    let names: Vec<_> = tree.root().children().filter_map(Node::name).collect();
    assert_eq!(names, ["Attendees", "Recurrence", "Reminder", "Location"]);
    assert!(tree.root().children().all(Node::is_empty));
    assert!(tree.root().child(calendar::ATTENDEES).is_some());
}

#[test]
pub(crate) fn redundant_page_switches() {
    let tree = accepted(b"\0\x07\0\0\0\0\x45\0\x07\0\0\x0b\0\x01\x01");
    assert_eq!(tree.root().child(air_sync::SYNC_KEY).unwrap().text().unwrap(), "");
    assert_eq!(tree.encode().unwrap(), document(b"\x45\x0b\x01"));
}

#[test]
pub(crate) fn a_fragment_without_header_is_no_document() {
    let error = Tree::decode(b"\x45\x4b\x030\0\x01\x01", &Options::general()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Version(0x45));
}

#[test]
pub(crate) fn bodies_that_are_not_wbxml_are_named() {
    for (bytes, word) in [
        (&b"MIME-Version: 1.0\r\nSubject: x\r\n\r\n"[..], "mail"),
        (b"<?xml version=\"1.0\"?><Autodiscover/>", "XML"),
        (b"\x1f\x8b\x08\x00\x00", "gzip"),
        (b"<!DOCTYPE html><html>", "HTML"),
    ] {
        let error = Tree::decode(bytes, &Options::general()).unwrap_err();
        assert_eq!(error.offset(), 0);
        assert!(error.hint().unwrap().contains(word));
    }
    let empty = Tree::decode(b"", &Options::general()).unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::Empty);
}

#[test]
pub(crate) fn opaque_where_a_string_is_specified_and_the_other_way_round() {
    let tree = accepted(b"\0\x11\x4b\xc3\x03abc\x01");
    assert_eq!(tree.root().text().unwrap(), "abc");
    let tree = accepted(b"\0\x15\x50\x03abc\0\x01");
    assert_eq!(tree.root().tag(), compose_mail::MIME);
    assert_eq!(tree.root().bytes().unwrap(), &b"abc"[..]);
    // Opaque data that begins like a document is still data.
    let tree = accepted(b"\0\x15\x50\xc3\x05\x03\x01\x6a\0\x05\x01");
    assert_eq!(tree.root().bytes().unwrap(), &b"\x03\x01\x6a\0\x05"[..]);
}

#[test]
pub(crate) fn several_content_tokens_are_one_content() {
    let tree = accepted(b"\x4b\x03ab\0\x03cd\0\xc3\x01e\x01");
    assert_eq!(tree.root().text().unwrap(), "abcde");
}

#[test]
pub(crate) fn entities_are_characters() {
    let bytes = document(b"\x4b\x03a\0\x02\x81\x69\x02\xbc\x00\x01");
    let tree = Tree::decode(&bytes, &Options::general()).unwrap();
    assert_eq!(tree.root().text().unwrap(), "aé\u{1e00}");
    let surrogate = document(b"\x4b\x02\x83\xb0\x00\x01");
    let error = Tree::decode(&surrogate, &Options::general()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadEntity(0xD800));
}

#[test]
pub(crate) fn integers_of_any_length_up_to_five_bytes() {
    let tree = accepted(b"\x4b\xc3\x80\x80\x03abc\x01");
    assert_eq!(tree.root().text().unwrap(), "abc");
    refused(b"\x4b\xc3\x80\x80\x80\x80\x80\x01a\x01", ErrorKind::IntegerTooLong, 6);
}

#[test]
pub(crate) fn references_to_a_large_string_table_do_not_multiply_it_without_bound() {
    // A megabyte of table, referred to again and again.
    let mut bytes = vec![0x03, 0x01, 0x6a, 0xBF, 0xFF, 0x7F];
    bytes.extend(std::iter::repeat_n(b'a', 0x0F_FFFE));
    bytes.push(0);
    bytes.push(0x45);
    bytes.extend(b"\x83\x00".repeat(10_000));
    bytes.push(0x01);
    let mut options = Options::general();
    options.limits.document = 8 << 20;
    let error = Tree::decode(&bytes, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit(Limit::Document));
    // Events borrow, yet each reference was searched for its end.
    let error = Decoder::new(&bytes, &options).find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Limit(Limit::Document));
}

#[test]
pub(crate) fn large_inputs_of_anything_end_soon() {
    const LEN: usize = 1 << 18;
    for fill in [0x00, 0x01, 0x03, 0x05, 0x44, 0x45, 0x80, 0x83, 0xC3, 0xFF, b'a'] {
        let mut bytes = document(b"\x45");
        bytes.resize(LEN, fill);
        for options in [Options::general(), Options::strict()] {
            assert!(Tree::decode(&bytes, &options).is_err(), "{fill:#04x}");
        }
        let mut end = 0;
        for spanned in Tokens::new(&bytes, &Options::forensic()) {
            end = spanned.unwrap().span.end;
        }
        assert_eq!(end, LEN, "{fill:#04x}");
        let kept = Tree::decode(&bytes, &Options::forensic()).unwrap();
        assert!(kept.damage().len() < 4_000_001);
    }
}

#[test]
pub(crate) fn every_byte_of_a_broken_document_is_kept_by_the_token_layer() {
    let bytes = document(b"\x45\x02\x83\xb0\x00\x99\x05\x86\x01\x44\x00\x01\xc2\x41a\0\x82\x05\x43\x05\x85\x01\x01\x01\x05\x00");
    let mut copy = Vec::new();
    for spanned in Tokens::new(&bytes, &Options::forensic()) {
        let spanned = spanned.unwrap();
        assert_eq!(spanned.span.start, copy.len());
        spanned.token.write(Charset::Utf8, &mut copy);
    }
    assert_eq!(copy, bytes);
    assert!(
        !Tokens::new(&bytes, &Options::forensic())
            .any(|token| matches!(token.unwrap().token, Token::Garbage(bytes) if bytes.len() > 1))
    );
    assert_eq!(contacts::CATEGORY.to_string(), "Contacts:Category");
}

#[test]
pub(crate) fn marks_without_end_end() {
    let mut options = Options::forensic();
    options.limits.marks = 3;
    let bytes = document(b"\x45\x01\x01\x01\x01\x01\x01");
    let tokens: Vec<_> = Tokens::new(&bytes, &options).map(Result::unwrap).collect();
    let damage: Vec<_> = tokens.iter().filter_map(|spanned| spanned.damage).collect();
    let (extra, limit) = (ErrorKind::ExtraEnd, ErrorKind::Limit(Limit::Marks));
    assert_eq!(damage, [extra, extra, extra, limit]);
    // The rest is kept in one piece.
    assert_eq!(tokens.last().unwrap().token, Token::Garbage(b"\x01\x01"));
    assert_eq!(tokens.last().unwrap().span, 9..11);
    let tree = Tree::decode(&bytes, &options).unwrap();
    assert_eq!(tree.damage().iter().map(|damage| damage.len).sum::<usize>(), 5);
    assert_eq!(limit.to_string(), "limit passed: number of marks");
    assert_eq!(Options::default().limits.marks, 1_000_000);
    // Attributes count, too: each is kept as damage.
    let bytes = document(b"\x45\xcb\x05\x06\x07\x08\x01\x01\x01");
    let tokens: Vec<_> = Tokens::new(&bytes, &options).map(Result::unwrap).collect();
    assert_eq!(tokens.last().unwrap().token, Token::Garbage(b"\x07\x08\x01\x01\x01"));
}
