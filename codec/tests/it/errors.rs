//! What an error tells: words, name, page, path, place.

use std::borrow::Cow;
use wbxml::{
    Charset, Decoder, Encoder, ErrorKind, Event, Forbidden, Limit, LintKind, Options, Part, Status,
    Tag, Tree, XmlFault,
};

fn document(body: &[u8]) -> Vec<u8> {
    [b"\x03\x01\x6a\x00", body].concat()
}

#[test]
fn each_kind_says_what_is_wrong_in_words() {
    for (kind, words) in [
        (ErrorKind::Empty, "empty document"),
        (ErrorKind::Version(7), "version byte 0x07 is not a version of WBXML"),
        (ErrorKind::Charset(17), "charset 17 (MIBenum) is not supported"),
        (ErrorKind::UnexpectedEnd(Part::Header), "the input ends inside the header"),
        (ErrorKind::UnexpectedEnd(Part::Integer), "the input ends inside a multi-byte integer"),
        (ErrorKind::UnexpectedEnd(Part::SwitchPage), "the input ends inside a page switch"),
        (ErrorKind::UnexpectedEnd(Part::Attributes), "the input ends inside a list of attributes"),
        (
            ErrorKind::UnexpectedEnd(Part::ProcessingInstruction),
            "the input ends inside a processing instruction",
        ),
        (ErrorKind::UnclosedElements(2), "the input ends with 2 open element(s)"),
        (ErrorKind::NoRoot, "there is no root element"),
        (ErrorKind::IntegerTooLong, "multi-byte integer of more than five bytes"),
        (ErrorKind::IntegerTooLarge, "multi-byte integer above 32 bits"),
        (
            ErrorKind::StringTableTooLong { claimed: 9, available: 3 },
            "string table claims 9 bytes, 3 are left",
        ),
        (
            ErrorKind::StringTableIndex { index: 9, len: 3 },
            "string table index 9 is outside the table of 3 bytes",
        ),
        (ErrorKind::UnterminatedString, "string without a terminating NUL"),
        (
            ErrorKind::OpaqueTooLong { claimed: 9, available: 3 },
            "opaque data claims 9 bytes, 3 are left",
        ),
        (ErrorKind::BadText, "string is not valid in the charset of the document"),
        (ErrorKind::UnknownPage(99), "unknown code page 99"),
        (ErrorKind::UnknownTag { page: 1, token: 0x3f }, "unknown tag 0x3f on code page 1"),
        (ErrorKind::Attributes(0xcb), "tag with attributes (0xcb)"),
        (ErrorKind::UnsupportedToken(0x43), "global token 0x43 (PI) has no meaning here"),
        (
            ErrorKind::TokenNotInVersion { token: 0xc3, minor: 0 },
            "global token 0xc3 (OPAQUE) does not exist in WBXML 1.0",
        ),
        (ErrorKind::AttributeValueFirst(0x85), "attribute value 0x85 before any attribute start"),
        (ErrorKind::BadEntity(0xd800), "entity 0xd800 is not a character"),
        (ErrorKind::ContentOutsideRoot, "content outside the root element"),
        (ErrorKind::ExtraEnd, "END without an open element"),
        (ErrorKind::SecondRoot, "second root element"),
        (ErrorKind::TrailingBytes(5), "5 trailing byte(s) after the root element"),
        (
            ErrorKind::Forbidden(Forbidden::Version),
            "a WBXML version other than 1.3 is not used by MS-ASWBXML",
        ),
        (
            ErrorKind::Forbidden(Forbidden::PublicId),
            "a public id other than 1 is not used by MS-ASWBXML",
        ),
        (
            ErrorKind::Forbidden(Forbidden::Charset),
            "a charset other than UTF-8 is not used by MS-ASWBXML",
        ),
        (ErrorKind::Forbidden(Forbidden::StringTable), "a string table is not used by MS-ASWBXML"),
        (
            ErrorKind::Forbidden(Forbidden::TableString),
            "STR_T, a reference into the string table is not used by MS-ASWBXML",
        ),
        (ErrorKind::Forbidden(Forbidden::Entity), "ENTITY is not used by MS-ASWBXML"),
        (ErrorKind::Limit(Limit::Depth), "limit passed: depth"),
        (ErrorKind::Limit(Limit::Document), "limit passed: length of the document"),
        (ErrorKind::Limit(Limit::String), "limit passed: length of a string"),
        (ErrorKind::Limit(Limit::Opaque), "limit passed: length of opaque data"),
        (ErrorKind::Limit(Limit::Table), "limit passed: length of the string table"),
        (ErrorKind::Limit(Limit::Nodes), "limit passed: number of nodes"),
        (ErrorKind::Limit(Limit::Marks), "limit passed: number of marks"),
        (ErrorKind::NulInText, "NUL inside an inline string"),
        (ErrorKind::NotATag(4), "token 0x04 is not a tag token"),
        (ErrorKind::Unbalanced(2), "2 element(s) left open"),
        (ErrorKind::Damaged, "damage cannot be encoded"),
        (ErrorKind::UnknownName, "unknown element"),
        (ErrorKind::Xml(XmlFault::Syntax), "XML is not well formed"),
        (ErrorKind::Xml(XmlFault::Unclosed), "XML ends too early"),
        (ErrorKind::Xml(XmlFault::EndTag), "end tag does not match the open element"),
        (ErrorKind::Xml(XmlFault::Reference), "reference is not to a character"),
        (ErrorKind::Xml(XmlFault::Character), "character is not allowed in XML"),
        (ErrorKind::Xml(XmlFault::Attribute), "attribute has no counterpart in WBXML"),
        (ErrorKind::Xml(XmlFault::Nested), "element inside a value"),
        (
            ErrorKind::Xml(XmlFault::ProcessingInstruction),
            "processing instruction has no counterpart in WBXML",
        ),
        (
            ErrorKind::Xml(XmlFault::DocumentType),
            "document type with an internal subset is not read",
        ),
        (ErrorKind::Xml(XmlFault::Declarations), "too many namespace declarations"),
        (ErrorKind::Xml(XmlFault::Base64), "content is not base64"),
        (ErrorKind::Xml(XmlFault::Escape), "content has an escape that is none"),
    ] {
        assert_eq!(kind.to_string(), words);
    }
}

#[test]
fn each_remark_says_what_is_odd_in_words() {
    for (kind, words) in [
        (LintKind::Forbidden(Forbidden::Entity), "ENTITY is not used by MS-ASWBXML"),
        (LintKind::Refused(ErrorKind::UnknownPage(64)), "unknown code page 64"),
        (LintKind::RedundantSwitch(7), "redundant switch to code page 7"),
        (LintKind::LongInteger, "integer is not in its shortest form"),
        (LintKind::EmptyForm, "empty element is not in its shortest form"),
        (LintKind::EmptyContainer, "element that holds elements is empty"),
        (LintKind::OpaqueForText, "opaque data where the specification says string"),
        (LintKind::TextForOpaque, "string where the specification says byte array"),
        (LintKind::UnexpectedValue, "value in an element that holds none"),
        (LintKind::SeveralValues, "several values in one element"),
        (LintKind::XmlCharacter('\u{1}'), "character U+0001 that XML cannot carry"),
        (LintKind::BadText, "string is not valid in the charset of the document"),
        (LintKind::Outdated(Status::Only25), "tag of protocol version 2.5 only"),
        (LintKind::Outdated(Status::Withdrawn), "tag that was withdrawn"),
        (LintKind::Outdated(Status::Legacy), "tag that no revision of the specification has"),
        (LintKind::More, "more remarks are left out"),
    ] {
        assert_eq!(kind.to_string(), words);
    }
}

#[test]
fn an_error_shows_its_place_to_a_programmer() {
    let error = Tree::decode(&document(b"\x45\x5c\x3f"), &Options::general()).unwrap_err();
    let shown = format!("{error:?}");
    for part in ["UnknownTag", "offset: 6", "page: 0", "depth: 2", "\"Sync/Collections\""] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[cfg(feature = "xml")]
#[test]
fn the_name_is_that_of_the_element_or_attribute() {
    let name = |text: &str| wbxml::xml::from_str(text).unwrap_err().name().map(str::to_owned);
    assert_eq!(name("<Sync xmlns='AirSync'><Bad/></Sync>").as_deref(), Some("Bad"));
    assert_eq!(name("<Sync xmlns='AirSync' colour='red'/>").as_deref(), Some("colour"));
    assert_eq!(name("<a:Sync xmlns:a='urn:x'/>").as_deref(), Some("{urn:x}Sync"));
    assert_eq!(name("<Sync xmlns='AirSync'>"), None);
}

#[test]
fn the_page_of_an_error_is_the_one_in_force() {
    for (body, page) in [
        (&b"\x45\0\x11\x4a\x3f"[..], 17),
        (b"\x45\0\x11\0\x3f", 17),
        (b"\0\x07\x56\x02\x83\xb0\x00", 7),
        (b"\0\x0d\0\x0f\x06", 15),
    ] {
        let error = Tree::decode(&document(body), &Options::general()).unwrap_err();
        assert_eq!(error.page(), page, "{error}");
    }
}

#[test]
fn the_outer_elements_of_a_long_path_are_left_out() {
    let path = |depth: usize| {
        let mut options = Options::general();
        options.limits.depth = 100;
        let body = [vec![0x5c], vec![0x45; depth - 1]].concat();
        Tree::decode(&document(&body), &options).unwrap_err().path().to_owned()
    };
    assert_eq!(path(2), "Collections/Sync");
    assert_eq!(path(32), format!("Collections{}", "/Sync".repeat(31)));
    assert_eq!(path(33), format!("…{}", "/Sync".repeat(32)));
    assert_eq!(path(50), format!("…{}", "/Sync".repeat(32)));
    // A tag of no table is its numbers.
    let mut encoder = Encoder::new();
    encoder.start_with_content(Tag::new(64, 0x0A));
    assert_eq!(encoder.finish().unwrap_err().path(), "0x0a@64");
}

#[test]
fn a_charset_reads_its_own_bytes_only() {
    let utf16 = |little_endian| Charset::Utf16 { little_endian };
    assert_eq!(Charset::Ascii.decode("é".as_bytes()), None);
    assert!(matches!(Charset::Ascii.decode(b"ab"), Some(Cow::Borrowed("ab"))));
    assert!(matches!(Charset::Latin1.decode(b"ab"), Some(Cow::Borrowed("ab"))));
    assert_eq!(Charset::Latin1.decode(b"\xe9").as_deref(), Some("é"));
    assert_eq!(Charset::Utf8.decode(b"\xe9"), None);
    for (bytes, big, little) in [
        (&b"\0A"[..], Some("A"), Some("\u{4100}")),
        (b"\xfe\xff\0A", Some("A"), Some("A")),
        (b"\xff\xfeA\0", Some("A"), Some("A")),
        (b"\xd8\x3d\xde\0", Some("\u{1F600}"), Some("\u{3dd8}\u{de}")),
        (b"\xd8\x3d", None, Some("\u{3dd8}")),
        (b"A", None, None),
        (b"", Some(""), Some("")),
    ] {
        assert_eq!(utf16(false).decode(bytes).as_deref(), big, "{bytes:02x?}");
        assert_eq!(utf16(true).decode(bytes).as_deref(), little, "{bytes:02x?}");
    }
}

#[test]
fn encoded_text_shows_itself() {
    let bytes = b"\x03\x01\x04\x00\x45\x4b\x03\xe9t\xe9\0\x01\x01";
    let mut decoder = Decoder::new(bytes, &Options::general());
    let text = decoder.find_map(|event| match event.unwrap() {
        Event::Encoded(text) => Some(text),
        _ => None,
    });
    let text = text.unwrap();
    assert_eq!((text.bytes(), text.charset()), (&b"\xe9t\xe9"[..], Charset::Latin1));
    assert_eq!((text.decode(), text.to_string().as_str()), (Cow::Borrowed("été"), "été"));
    assert_eq!(format!("{text:?}"), "\"été\" (Latin1)");
}

#[test]
fn a_forensic_decoder_says_where_it_is() {
    let bytes = document(b"\x45\x4b\x030\0\x01\x3f\x01");
    let mut decoder = Decoder::new(&bytes, &Options::forensic());
    let mut seen = Vec::new();
    while decoder.next().unwrap().is_some() {
        seen.push((decoder.event_offset(), decoder.offset(), decoder.depth()));
    }
    assert_eq!(
        seen,
        [
            (4, 5, 1),
            (5, 6, 2),
            (6, 9, 2),
            (9, 10, 1),
            (10, 11, 1), // the mark
            (10, 11, 2),
            (10, 11, 1),
            (11, 12, 0),
        ]
    );
}

#[test]
fn a_hint_for_each_thing_that_is_taken_for_wbxml() {
    for (input, hint) in [
        (&b"\x1f\x8b\x08\x00"[..], "this is gzip: decompress it first"),
        (b"<!doctype HTML><p>", "this is HTML: a login or error page, perhaps"),
        (b" \n<HTML>", "this is HTML: a login or error page, perhaps"),
        (b"<head><title>", "this is HTML: a login or error page, perhaps"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "this is XML: encode it first"),
        (b"<Sync xmlns='AirSync'/>", "this is XML: encode it first"),
        (b"HTTP/1.1 200 OK", "this is an HTTP message: only its body is WBXML"),
        (b"POST /Microsoft-Server-ActiveSync", "this is an HTTP message: only its body is WBXML"),
        (
            b"OPTIONS /Microsoft-Server-ActiveSync",
            "this is an HTTP message: only its body is WBXML",
        ),
        (b"03016a0045", "this is hexadecimal text of a WBXML document"),
        (b"03 01 6a 00 45", "this is hexadecimal text of a WBXML document"),
        (b"0x03, 0x01", "this is hexadecimal text of a WBXML document"),
        (b"AwFqAEUB", "this is base64 of a WBXML document"),
        (b"MIME-Version: 1.0", "this is a mail message"),
        (b"Received: by", "this is a mail message"),
        (b"From: a@b", "this is a mail message"),
        (b"{\"error\": 1}", "this is JSON"),
        (b"Not here", "this is plain text: an error message, perhaps"),
        (b"tab\t\r\n and a ~", "this is plain text: an error message, perhaps"),
    ] {
        let error = Tree::decode(input, &Options::general()).unwrap_err();
        assert_eq!(error.hint(), Some(hint), "{:?}", String::from_utf8_lossy(input));
    }
    // Too short to be a message, or not text after all.
    for input in [&b"Nothere"[..], b"Not\x01 a message", b"Not \xe9 message", b"Not \x7f a message"]
    {
        assert_eq!(Tree::decode(input, &Options::general()).unwrap_err().hint(), None);
    }
}

#[test]
fn a_hint_for_each_kind_that_has_a_reason() {
    let hint = |bytes: &[u8], options: &Options| Tree::decode(bytes, options).unwrap_err().hint();
    let general = Options::general();
    let body = |body: &[u8]| hint(&document(body), &general).unwrap_or_default();
    assert!(body(b"\0\xfe\x05").contains("Outlook.com"));
    assert!(body(b"\0\x1a\x05").contains("newer protocol version, or the reader lost its place"));
    assert!(body(b"\x45\x3f\x01").contains("forensic mode keeps it"));
    assert!(body(b"\x05\x05").contains("two bodies"));
    assert_eq!(body(b"\x45"), "");
    for bytes in [&b"\x03\x05\x6a\0\x05"[..], b"\x03\x01\x6a\x02a\0\x05"] {
        assert!(hint(bytes, &Options::strict()).unwrap().contains("libwbxml"));
    }
    assert_eq!(hint(b"\x02\x01\x6a\0\x05", &Options::strict()), None);
}

#[test]
fn the_window_is_sixteen_bytes_each_way() {
    let window = |before: usize, after: usize| {
        let body = [vec![0x45], vec![0x0b; before], vec![0x3f], vec![0x0b; after]].concat();
        Tree::decode(&document(&body), &Options::general()).unwrap_err().hex_window()
    };
    let short = "0b ".repeat(14);
    assert_eq!(window(30, 30), format!("00000013: {short}0b 0b[3f]{short}0b",));
    assert_eq!(window(2, 1), "00000000: 03 01 6a 00 45 0b 0b[3f]0b");
    assert_eq!(window(2, 0), "00000000: 03 01 6a 00 45 0b 0b[3f]");
}

#[test]
fn a_header_may_end_with_its_input_and_at_its_limits() {
    let decode = |bytes: &[u8], limits| {
        let error = Tree::decode(bytes, &Options { limits, ..Options::general() }).unwrap_err();
        (error.kind(), error.offset())
    };
    let limits = wbxml::Limits::default();
    // A table up to the last byte is no table that is too long.
    assert_eq!(decode(b"\x03\x01\x6a\x02a\0", limits), (ErrorKind::NoRoot, 6));
    let table = wbxml::Limits { table: 2, ..limits };
    assert_eq!(decode(b"\x03\x01\x6a\x02a\0", table), (ErrorKind::NoRoot, 6));
    for header in [&b"\x03\x01\x6a\x00"[..], b"\x02\x01\x6a\x00"] {
        let bytes = [header, b"\x45\x0b\x01"].concat();
        let at = |document| Options {
            limits: wbxml::Limits { document, ..limits },
            ..Options::general()
        };
        Tree::decode(&bytes, &at(7)).unwrap();
        let error = Tree::decode(&bytes, &at(6)).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Limit(Limit::Document), 6));
    }
}

#[test]
fn forensic_mode_reads_on_behind_a_version_that_is_none() {
    // With the rest of the header of ActiveSync it is believed, without it is not.
    let damage = |bytes: &[u8]| -> Vec<(ErrorKind, usize, usize)> {
        let tree = Tree::decode(bytes, &Options::forensic()).unwrap();
        tree.damage().iter().map(|damage| (damage.kind, damage.offset, damage.len)).collect()
    };
    assert_eq!(damage(b"\x07\x01\x6a\0\x45\x0b\x01"), [(ErrorKind::Version(7), 0, 0)]);
    assert_eq!(damage(b"\x07\x01\x6a\x01\x45\x0b\x01"), [(ErrorKind::Version(7), 0, 7)]);
}

#[test]
fn forensic_mode_keeps_values_that_stand_nowhere_with_their_tokens() {
    let events = |bytes: &[u8]| -> Vec<(ErrorKind, Vec<u8>)> {
        Decoder::new(bytes, &Options::forensic())
            .filter_map(|event| match event.unwrap() {
                Event::Damage { kind, bytes } => Some((kind, bytes.to_vec())),
                Event::Start { .. } | Event::End => None,
                other => panic!("{other:?}"),
            })
            .collect()
    };
    let outside = ErrorKind::ContentOutsideRoot;
    for value in [&b"\x03a\0"[..], b"\xc3\x01a", b"\x02\x41", b"\x83\x00"] {
        let bytes = [b"\x03\x01\x6a\x02t\0", value, b"\x05"].concat();
        assert_eq!(events(&bytes), [(outside, value.to_vec())], "{value:02x?}");
    }
    // A reference to nothing is no empty text.
    let bytes = b"\x03\x01\x6a\x02t\0\x45\x83\x02\x01";
    let index = ErrorKind::StringTableIndex { index: 2, len: 2 };
    assert_eq!(events(bytes), [(index, b"\x83\x02".to_vec())]);
}

#[test]
fn forensic_mode_reads_other_charsets() {
    for bytes in [
        &b"\x03\x01\x04\x00\x45\x4b\x03\xe9\0\x01\x01"[..],
        b"\x03\x01\x87\x68\x00\x45\x4b\x03\0\xe9\0\0\x01\x01",
    ] {
        let read = |options: &Options| -> Vec<String> {
            let events = Decoder::new(bytes, options).map(|event| format!("{:?}", event.unwrap()));
            events.collect()
        };
        assert_eq!(read(&Options::forensic()), read(&Options::general()));
    }
}

#[test]
fn the_path_of_a_limit_goes_on_behind_it() {
    let limits = wbxml::Limits { document: 6, table: 1, ..wbxml::Limits::default() };
    let options = Options { limits, ..Options::general() };
    let error = Tree::decode(&document(b"\x45\x5c\x4f\x4b\x01"), &options).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Limit(Limit::Document), "Sync/Collections")
    );
}

#[test]
fn what_follows_the_root_is_a_second_one_or_not() {
    let kind = |behind: &[u8]| {
        let bytes = document(&[b"\x05", behind].concat());
        let error = Tree::decode(&bytes, &Options::general()).unwrap_err();
        assert_eq!(error.offset(), 5);
        error.kind()
    };
    for behind in
        [&b"\x05"[..], b"\x45", b"\x85\x05\x01", b"\0\x07\x05", b"\x04\x00", b"\xc4\x00\x05\x01"]
    {
        assert_eq!(kind(behind), ErrorKind::SecondRoot, "{behind:02x?}");
    }
    for behind in
        [&b"\0"[..], b"\0\x07", b"\0\x07\0", b"\0\x07\x01", b"\0\x07\x43\x05", b"\x03a\0", b"\xc0"]
    {
        let left = ErrorKind::TrailingBytes(u32::try_from(behind.len()).unwrap());
        assert_eq!(kind(behind), left, "{behind:02x?}");
    }
    for value in [0x02, 0x03, 0x83, 0xc3, 0x40, 0x42, 0x80, 0x82, 0xc0, 0xc2] {
        assert_eq!(kind(&[0, 7, value]), ErrorKind::TrailingBytes(3), "{value:02x}");
    }
}

#[test]
fn a_charset_by_its_number() {
    for (mib, charset) in [
        (0, Some(Charset::Utf8)),
        (106, Some(Charset::Utf8)),
        (3, Some(Charset::Ascii)),
        (4, Some(Charset::Latin1)),
        (1000, Some(Charset::Utf16 { little_endian: false })),
        (1013, Some(Charset::Utf16 { little_endian: false })),
        (1014, Some(Charset::Utf16 { little_endian: true })),
        (1015, Some(Charset::Utf16 { little_endian: false })),
        (5, None),
        (1012, None),
        (1016, None),
    ] {
        assert_eq!(Charset::from_mib(mib), charset, "{mib}");
    }
}

#[test]
fn values_before_the_root_are_outside_it() {
    for value in [&b"\x03a\0"[..], b"\xc3\x01a", b"\x02\x41", b"\x83\0"] {
        for (switch, at) in [(&b""[..], 4), (b"\0\0", 6)] {
            let bytes = document(&[switch, value, b"\x45\x0b\x01"].concat());
            for options in [Options::general(), Options::strict()] {
                let error = Tree::decode(&bytes, &options).unwrap_err();
                let expected = (ErrorKind::ContentOutsideRoot, at);
                assert_eq!((error.kind(), error.offset()), expected, "{value:02x?}");
            }
        }
    }
}

#[test]
fn bad_text_is_where_its_first_bad_byte_is_if_bytes_are_characters() {
    for (header, text, offset) in [
        (&b"\x03\x01\x6a\x00"[..], &b"ab\xe9\0"[..], 8),
        (b"\x03\x01\x03\x00", b"ab\xe9\0", 8),
        (b"\x03\x01\x03\x00", b"\xe9\0", 6),
        // Elsewhere the string itself.
        (b"\x03\x01\x87\x68\x00", b"\0a\xd8\0\0\0", 6),
    ] {
        let bytes = [header, b"\x4b\x03", text, b"\x01"].concat();
        let error = Tree::decode(&bytes, &Options::general()).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::BadText, offset), "{bytes:02x?}");
    }
    // In the table it is where the reference is.
    let bytes = b"\x03\x01\x03\x02\xe9\0\x4b\x83\0\x01";
    let error = Tree::decode(bytes, &Options::general()).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::BadText, 7));
}

#[test]
fn text_that_needs_no_conversion_is_borrowed() {
    for mib in [0x03, 0x04] {
        let bytes = [b"\x03\x01", &[mib][..], b"\x00\x4b\x03ab\0\x01"].concat();
        let event = Decoder::new(&bytes, &Options::general()).nth(1).unwrap().unwrap();
        assert_eq!(event, Event::Text("ab"), "{mib}");
    }
}
