//! What other codecs get wrong, row by row, and the test here that holds what is right.
//!
//! Three collections: what peers do to hostile input ([`HOSTILE`]), what was found wrong when their
//! speed was measured ([`MEASURED`]), and deviations seen in the field ([`FIELD`]). A row is the
//! mistake in a few words and the tests, which are functions: a row without its test does not
//! compile.

use crate::decode as general;
use crate::hostile::{self as hostile, accepted, document, refused};
use wbxml::tags::{
    air_sync, air_sync_base, calendar, compose_mail, contacts, email, email2, ping, provision,
};
use wbxml::{
    ACTIVE_SYNC, Decoder, Encoder, ErrorKind, Event, LintKind, Options, Tag, Tree, Value, XmlFault,
    lint, xml,
};

type Row = (&'static str, &'static [fn()]);

/// Inputs on which libwbxml, hstern, pyactivesync, mitmproxy, TbSync, Z-Push or node-aswbxml crash,
/// hang, or say something that is not so.
const HOSTILE: &[Row] = &[
    (
        "a well-formed Sync, namespace and names kept",
        &[
            general::the_example_of_the_specification_shape,
            names_and_namespaces_are_those_of_the_specification,
        ],
    ),
    (
        "N nested tags: stack overflow at 40,300, at 1,000, at 20,000,000",
        &[
            hostile::nested_tags_up_to_the_limit_and_beyond,
            general::twenty_million_nested_tags_are_a_depth_error,
        ],
    ),
    (
        "an unknown token in a known page: exit 0, nameless tag, lost body",
        &[hostile::an_unknown_token_in_a_known_page],
    ),
    ("unknown code page 99: the wrong page named", &[hostile::an_unknown_code_page_is_named]),
    ("truncated in the last element: silent success", &[hostile::truncated_in_the_last_element]),
    (
        "an opaque length of 4 GiB: silent success",
        &[hostile::an_opaque_length_of_4_gib_is_refused_before_anything_is_allocated],
    ),
    ("trailing bytes: accepted, or decoded as more elements", &[hostile::bytes_after_the_root]),
    ("an extra END: accepted", &[hostile::an_extra_end]),
    (
        "string bytes FF FE: ill-formed XML",
        &[hostile::a_string_that_is_not_utf_8, forensic_xml_of_bad_text_is_well_formed],
    ),
    ("control characters: ill-formed XML", &[hostile::control_characters_are_text_and_survive_xml]),
    (
        "OPAQUE 41 00 4E 03 read as a string",
        &[hostile::opaque_data_with_nul_and_string_tokens_is_data],
    ),
    (
        "a string-table reference: attributes blamed, garbage tags",
        &[hostile::a_string_table_reference],
    ),
    ("a tag with the attribute bit: ignored", &[hostile::a_tag_with_the_attribute_bit]),
    (
        "40,000 Adds: 21.6 s, quadratic",
        &[hostile::forty_thousand_adds_take_linear_time_and_come_back],
    ),
    (
        "xml2wbxml's default: string table and literal public id",
        &[general::what_libwbxml_writes_by_default_is_read],
    ),
    (
        "tags of a newer version: NULL crash",
        &[hostile::an_unknown_token_in_a_known_page, hostile::an_unknown_code_page_is_named],
    ),
    (
        "XML from Exchange does not encode back: \"Failed to decode Base64\"",
        &[text_of_binary_elements_is_left_alone],
    ),
    ("tags of 16.0 and 16.1 missing", &[general::every_row_of_the_table_round_trips]),
];

/// What the peers whose speed was measured got wrong.
const MEASURED: &[Row] = &[
    ("libwbxml: CR raw in XML, so CRLF becomes LF", &[hostile::carriage_returns_survive_xml]),
    (
        "libwbxml: opaque text comes back as inline string",
        &[
            hostile::opaque_data_stays_opaque_and_siblings_keep_their_order,
            opaque_data_of_any_tag_and_size_is_read,
        ],
    ),
    ("libwbxml: old names are written", &[old_names_are_read_and_new_ones_written]),
    (
        "libEtPan: inline strings above 1 MiB refused",
        &[hostile::inline_strings_longer_than_a_megabyte],
    ),
    (
        "hstern: the table of page 14 shifted",
        &[names_and_namespaces_are_those_of_the_specification],
    ),
    ("remdev: opaque size limited", &[opaque_data_of_any_tag_and_size_is_read]),
    (
        "gleroi: no token when the document begins with SWITCH_PAGE",
        &[hostile::a_document_that_begins_with_a_page_switch],
    ),
    ("gleroi: events carry no code page", &[events_carry_their_page]),
    ("magicmonty: EOF error on any opaque", &[opaque_data_of_any_tag_and_size_is_read]),
    ("wbxml-stream: \"No plugin defined for tag\"", &[opaque_data_of_any_tag_and_size_is_read]),
    (
        "wbxml-stream: ConversationId as raw control characters",
        &[opaque_control_characters_are_well_formed_xml],
    ),
    ("jswbxml: none known", &[general::the_example_of_the_specification_shape]),
    (
        "aswbxml: order of siblings lost, a declaration leaks",
        &[
            hostile::opaque_data_stays_opaque_and_siblings_keep_their_order,
            hostile::a_declaration_does_not_leak_to_siblings,
        ],
    ),
    (
        "dalgleish: no opaque, siblings reordered",
        &[
            hostile::opaque_data_stays_opaque_and_siblings_keep_their_order,
            opaque_data_of_any_tag_and_size_is_read,
        ],
    ),
    (
        "Z-Push: NULs dropped from opaque data that becomes a string",
        &[nul_is_kept_where_it_can_be_and_refused_where_not],
    ),
    ("Horde: none known", &[general::the_example_of_the_specification_shape]),
    (
        "monperrus: KeyError on encode, tables incomplete",
        &[general::every_row_of_the_table_round_trips],
    ),
    ("dshaw: opaque becomes hex", &[opaque_data_of_any_tag_and_size_is_read]),
    (
        "LPE: unknown tags encoded as token 0x05, no NUL check",
        &[
            hostile::the_encoder_writes_no_token_for_what_it_does_not_know,
            a_tag_of_no_table_is_written_as_itself,
            nul_is_kept_where_it_can_be_and_refused_where_not,
        ],
    ),
];

/// Deviations seen on the wire.
const FIELD: &[Row] = &[
    (
        "public id in the string table",
        &[
            hostile::a_literal_public_id_with_a_used_string_table,
            general::what_libwbxml_writes_by_default_is_read,
        ],
    ),
    ("STR_T for repeated texts", &[hostile::a_literal_public_id_with_a_used_string_table]),
    ("a string table that nothing refers to", &[hostile::a_string_table_that_nothing_refers_to]),
    ("STR_I without its NUL for an empty string", &[hostile::an_empty_string_without_its_nul]),
    ("empty containers", &[hostile::empty_containers]),
    ("redundant SWITCH_PAGE", &[hostile::redundant_page_switches]),
    (
        "first tag on page 0 without a switch; first token a switch",
        &[
            general::the_example_of_the_specification_shape,
            hostile::a_document_that_begins_with_a_page_switch,
        ],
    ),
    ("bytes after the root's END: a second body", &[hostile::bytes_after_the_root]),
    ("missing header", &[hostile::a_fragment_without_header_is_no_document]),
    ("body absent", &[hostile::bodies_that_are_not_wbxml_are_named]),
    ("body not WBXML: MIME, Autodiscover XML", &[hostile::bodies_that_are_not_wbxml_are_named]),
    ("a multipart body", &[a_multipart_response_is_no_document]),
    (
        "OPAQUE where a string is specified, STR_I where bytes are",
        &[hostile::opaque_where_a_string_is_specified_and_the_other_way_round],
    ),
    ("several content tokens for one element", &[hostile::several_content_tokens_are_one_content]),
    (
        "a page in no table (64, 127), an unknown tag",
        &[pages_64_and_127, hostile::an_unknown_token_in_a_known_page],
    ),
    ("the attribute bit", &[hostile::a_tag_with_the_attribute_bit]),
    ("ENTITY", &[hostile::entities_are_characters]),
    ("NUL inside a string", &[nul_is_kept_where_it_can_be_and_refused_where_not]),
    (
        "invalid UTF-8, characters that XML does not have",
        &[
            hostile::a_string_that_is_not_utf_8,
            hostile::control_characters_are_text_and_survive_xml,
            forensic_xml_of_bad_text_is_well_formed,
        ],
    ),
    ("XML of Exchange mailbox logs", &[xml_of_mailbox_logs_is_an_error_with_its_place]),
    ("depth", &[hostile::nested_tags_up_to_the_limit_and_beyond]),
    ("gzip", &[hostile::bodies_that_are_not_wbxml_are_named]),
    (
        "headers with other values",
        &[
            general::headers_that_are_wrong,
            general::other_charsets_are_read,
            general::tokens_that_the_version_does_not_have,
        ],
    ),
    ("three encodings of an empty value", &[general::the_three_empty_forms_are_the_same_tree]),
    (
        "mb_u_int32 that is too long, too large, longer than needed",
        &[hostile::integers_of_any_length_up_to_five_bytes],
    ),
    (
        "a length larger than what is left",
        &[hostile::an_opaque_length_of_4_gib_is_refused_before_anything_is_allocated],
    ),
    ("white space of texts changed", &[white_space_of_texts_is_text]),
];

#[test]
fn every_row_has_its_tests() {
    for (rows, count) in [(HOSTILE, 18), (MEASURED, 19), (FIELD, 27)] {
        assert_eq!(rows.len(), count);
        for (at, (row, tests)) in rows.iter().enumerate() {
            assert!(!tests.is_empty(), "{row}");
            assert!(rows[..at].iter().all(|(other, _)| other != row), "{row} comes twice");
        }
    }
}

fn tree_of(write: impl FnOnce(&mut Encoder)) -> Tree {
    let mut encoder = Encoder::new();
    write(&mut encoder);
    Tree::decode(&encoder.finish().unwrap(), &Options::general()).unwrap()
}

/// Whether another reader finds nothing wrong with XML.
#[track_caller]
fn well_formed(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Text(data) => {
                let xml = |c: char| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f');
                assert!(data.xml10_content().chars().all(xml), "{text}");
            }
            _ => {}
        }
    }
}

#[test]
fn names_and_namespaces_are_those_of_the_specification() {
    let tree = accepted(b"\x45\x4b\x030\0\x01\x01");
    assert!(xml::to_string(&tree).ends_with("<Sync xmlns=\"AirSync\"><SyncKey>0</SyncKey></Sync>"));
    // Page 14 by its tokens (MS-ASWBXML 2.1.2.1.15).
    for (token, name) in [
        (0x05, "Provision"),
        (0x06, "Policies"),
        (0x07, "Policy"),
        (0x08, "PolicyType"),
        (0x09, "PolicyKey"),
        (0x0A, "Data"),
        (0x0B, "Status"),
        (0x0C, "RemoteWipe"),
        (0x0D, "EASProvisionDoc"),
        (0x0E, "DevicePasswordEnabled"),
        (0x0F, "AlphanumericDevicePasswordRequired"),
        (0x10, "RequireStorageCardEncryption"),
        (0x11, "PasswordRecoveryEnabled"),
        (0x13, "AttachmentsEnabled"),
        (0x14, "MinDevicePasswordLength"),
    ] {
        assert_eq!(Tag::new(14, token).name(), Some(name));
    }
    assert_eq!(provision::REQUIRE_STORAGE_CARD_ENCRYPTION.token(), 0x10);
}

#[test]
fn opaque_data_of_any_tag_and_size_is_read() {
    for page in ACTIVE_SYNC.pages() {
        let tags = page.tags().iter().map(|info| Tag::new(page.number(), info.token));
        let tree = tree_of(|encoder| {
            encoder.start(air_sync::SYNC);
            tags.clone().for_each(|tag| encoder.leaf_opaque(tag, &[tag.token(), 0, 1, 0xC3]));
            encoder.end();
        });
        for (node, tag) in tree.root().children().zip(tags) {
            assert_eq!(node.value(), Some(Value::Opaque(&[tag.token(), 0, 1, 0xC3])));
        }
        assert_eq!(xml::from_str(&xml::to_string(&tree)).unwrap(), tree);
    }
    for len in [1, 0x7F, 0x80, 0x3FFF, 0x4000, 5 << 20] {
        let bytes = vec![0xA5; len];
        let tree = tree_of(|encoder| encoder.leaf_opaque(compose_mail::MIME, &bytes));
        assert_eq!(tree.root().bytes().unwrap(), bytes);
        assert_eq!(tree.root().value(), Some(Value::Opaque(&bytes)));
    }
}

#[test]
fn old_names_are_read_and_new_ones_written() {
    let text = "<Attendee xmlns='Calendar'><Attendee_Email>a</Attendee_Email>\
                <Email>b</Email></Attendee>";
    let tree = xml::from_str(text).unwrap();
    let emails: Vec<_> = tree.root().children_with(calendar::EMAIL).collect();
    assert_eq!(emails.len(), 2);
    assert!(!xml::to_string(&tree).contains("Attendee_Email"));
    for page in ACTIVE_SYNC.pages() {
        for info in page.tags() {
            for name in info.aliases {
                let found = Tag::from_name(page.namespace(), name).unwrap();
                assert_eq!(found, Tag::new(page.number(), info.token), "{name}");
            }
        }
    }
}

#[test]
fn events_carry_their_page() {
    // Status is a tag of many pages.
    let bytes = document(b"\x45\x4e\x031\0\x01\0\x0d\x47\x032\0\x01\x01");
    let events: Vec<_> = Decoder::new(&bytes, &Options::general()).map(Result::unwrap).collect();
    let tags = events.iter().filter_map(|event| match event {
        Event::Start { tag, .. } => Some(*tag),
        _ => None,
    });
    assert!(tags.eq([air_sync::SYNC, air_sync::STATUS, ping::STATUS]));
    let mut encoder = Encoder::new();
    for event in &events {
        encoder.event(event);
    }
    assert_eq!(encoder.finish().unwrap(), bytes);
}

#[test]
fn opaque_control_characters_are_well_formed_xml() {
    let id: Vec<u8> = (0..=0x1F).collect();
    let tree = tree_of(|encoder| {
        encoder.start(air_sync::APPLICATION_DATA);
        encoder.leaf_opaque(email2::CONVERSATION_ID, &id);
        encoder.leaf_opaque(email2::CONVERSATION_INDEX, b"\x01<&\xff");
        encoder.end();
    });
    let text = xml::to_string(&tree);
    well_formed(&text);
    assert_eq!(xml::from_str(&text).unwrap(), tree);
}

#[test]
fn forensic_xml_of_bad_text_is_well_formed() {
    let bytes = document(b"\x45\x4b\x03\xff\xfe\0\x01\x4b\x03ok\x01\0\x01\x01");
    let tree = Tree::decode(&bytes, &Options::forensic()).unwrap();
    let text = xml::to_string(&tree);
    well_formed(&text);
    assert!(text.contains("fffe"), "{text}");
    assert_eq!(xml::from_str(&text).unwrap_err().kind(), ErrorKind::Damaged);
}

#[test]
fn nul_is_kept_where_it_can_be_and_refused_where_not() {
    let data = b"MIME\0bytes\0";
    let bytes = tree_of(|encoder| encoder.leaf_opaque(compose_mail::MIME, data)).encode().unwrap();
    let mut encoder = Encoder::new();
    for event in Decoder::new(&bytes, &Options::strict()) {
        encoder.event(&event.unwrap());
    }
    assert_eq!(encoder.finish().unwrap(), bytes);
    for at in [0, 1, 31, 32, 33, 100] {
        let text = ["a".repeat(at), "\0b".to_owned()].concat();
        let mut encoder = Encoder::new();
        encoder.leaf(air_sync_base::DATA, &text);
        assert_eq!(encoder.finish().unwrap_err().kind(), ErrorKind::NulInText);
    }
    let text = "<Data xmlns='AirSyncBase' text='escaped'>a\\u{0}</Data>";
    assert_eq!(xml::from_str(text).unwrap_err().kind(), ErrorKind::NulInText);
}

#[test]
fn a_tag_of_no_table_is_written_as_itself() {
    for tag in [Tag::new(0, 0x3F), Tag::new(64, 0x05), Tag::new(254, 0x06)] {
        let mut encoder = Encoder::new();
        encoder.leaf(tag, "x");
        let bytes = encoder.finish().unwrap();
        assert!(bytes.ends_with(&[tag.token() | 0x40, 0x03, b'x', 0, 1]));
        let tree = Tree::decode(&bytes, &Options::forensic()).unwrap();
        assert_eq!((tree.root().tag(), tree.root().name()), (tag, None));
        let shown = format!("page {:#04x} token {:#04x}", tag.page(), tag.token());
        assert_eq!((tag.to_string(), format!("{tag:?}")), (shown.clone(), shown));
        let written = xml::to_string(&tree);
        assert!(written.contains("<unknown xmlns=\"wbxml\" page="), "{written}");
        let text = format!(
            "<unknown xmlns='wbxml' page='{}' token='{}'>x</unknown>",
            tag.page(),
            tag.token()
        );
        assert_eq!(xml::from_str(&text).unwrap().encode().unwrap(), bytes);
    }
}

#[test]
fn text_of_binary_elements_is_left_alone() {
    // Contacts Picture is base64 in a string (MS-ASCNTC 2.2.2.64): nothing decodes it, good or bad.
    for picture in ["/9j/4AAQ", "not base64!", "====", ""] {
        let text = format!("<Picture xmlns='Contacts'>{picture}</Picture>");
        let tree = xml::from_str(&text).unwrap();
        assert_eq!(tree.root().tag(), contacts::PICTURE);
        let bytes = tree.encode().unwrap();
        let back = Tree::decode(&bytes, &Options::strict()).unwrap();
        assert_eq!(back.root().text().unwrap(), picture);
        assert!(matches!(back.root().value(), None | Some(Value::Text(_))));
    }
}

#[test]
fn a_multipart_response_is_no_document() {
    // PartsCount 1, offset 12, length 6: a header by chance, with a string table of twelve bytes.
    let bytes = b"\x01\0\0\0\x0c\0\0\0\x06\0\0\0\x03\x01\x6a\x00\x45\x01";
    for count in 1..=255_u8 {
        let mut bytes = bytes.to_vec();
        bytes[0] = count;
        assert!(Tree::decode(&bytes, &Options::general()).is_err(), "{count} parts");
    }
}

#[test]
fn pages_64_and_127() {
    refused(b"\0\x40\x45\x01", ErrorKind::UnknownPage(64), 4);
    refused(b"\x45\0\x7f\x45\x01\x01", ErrorKind::UnknownPage(127), 5);
    let kinds = |body: &[u8]| -> Vec<LintKind> {
        let lints = lint(&document(body), &Options::general()).unwrap();
        lints.iter().map(|lint| lint.kind).collect()
    };
    let refused = LintKind::Refused(ErrorKind::UnknownPage(64));
    assert!(kinds(b"\0\x40\x05").contains(&refused));
}

#[test]
fn xml_of_mailbox_logs_is_an_error_with_its_place() {
    for (text, fault) in [
        ("<Subject xmlns=\"Calendar:\" bytes=\"9\"/>", XmlFault::Attribute),
        ("<Data xmlns=\"AirSyncBase:\"><Body=0 bytes/></Data>", XmlFault::Syntax),
    ] {
        let error = xml::from_str(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Xml(fault), "{text}");
        assert!(error.offset() > 0 && error.offset() < text.len());
    }
    let error = xml::from_str("<Add xmlns='AirSync'><TimeZone xmlns='Calendar'/></Add>");
    // The name differs from Timezone by case alone.
    assert_eq!(error.unwrap().root().children().next().unwrap().tag(), calendar::TIMEZONE);
}

#[test]
fn white_space_of_texts_is_text() {
    for text in [" ", "\n", "  a  ", "\ta\n", "\r\n"] {
        let tree = tree_of(|encoder| {
            encoder.start(air_sync::APPLICATION_DATA);
            encoder.leaf(email::SUBJECT, text);
            encoder.end();
        });
        for style in [xml::Style::Compact, xml::Style::Indented] {
            let mut out = String::new();
            xml::write(&tree, style, &mut out);
            let back = xml::from_str(&out).unwrap();
            assert_eq!(back.root().child(email::SUBJECT).unwrap().text().unwrap(), text);
        }
    }
}
