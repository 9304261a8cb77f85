//! The token layer, over everything that WBXML has.

use wbxml::token::global_name;
use wbxml::{Charset, ErrorKind, Options, Part, Tag, Token, Tokens};

/// A document with one of each token, and where each begins.
const PIECES: &[(&[u8], Token<'static>)] = &[
    (b"\x03", Token::Version(3)),
    (b"\x00\x02", Token::PublicIdIndex(2)),
    (b"\x6a", Token::Charset(106)),
    (b"\x05a\0bc\0", Token::StringTable(b"a\0bc\0")),
    (b"\x43", Token::ProcessingInstruction),
    (b"\x05", Token::AttributeStart(0, 0x05)),
    (b"\x85", Token::AttributeValue(0, 0x85)),
    (b"\x01", Token::EndAttributes),
    (b"\x00\x07", Token::SwitchPage(7)),
    (b"\xc5", Token::Tag { tag: Tag::new(7, 0x05), content: true, attributes: true }),
    (b"\x00\x09", Token::SwitchAttributePage(9)),
    (b"\x04\x81\x00", Token::LiteralAttribute(128)),
    (b"\x03v\0", Token::InlineString(b"v")),
    (b"\x83\x02", Token::TableString(2)),
    (b"\x02\x41", Token::Entity(0x41)),
    (b"\xc3\x01\x01", Token::Opaque(b"\x01")),
    (b"\x7f", Token::AttributeStart(9, 0x7f)),
    (b"\xff", Token::AttributeValue(9, 0xff)),
    (b"\x40x\0", Token::ExtensionString(0, b"x")),
    (b"\x81\x05", Token::ExtensionInteger(1, 5)),
    (b"\xc2", Token::Extension(2)),
    (b"\x01", Token::EndAttributes),
    (b"\x03text\0", Token::InlineString(b"text")),
    (b"\x42y\0", Token::ExtensionString(2, b"y")),
    (b"\x80\x00", Token::ExtensionInteger(0, 0)),
    (b"\xc0", Token::Extension(0)),
    (b"\x04\x00", Token::LiteralTag { index: 0, content: false, attributes: false }),
    (b"\x44\x02", Token::LiteralTag { index: 2, content: true, attributes: false }),
    (b"\x01", Token::End),
    (b"\x84\x02", Token::LiteralTag { index: 2, content: false, attributes: true }),
    (b"\x05", Token::AttributeStart(9, 0x05)),
    (b"\x01", Token::EndAttributes),
    (b"\xc4\x02", Token::LiteralTag { index: 2, content: true, attributes: true }),
    (b"\x06", Token::AttributeStart(9, 0x06)),
    (b"\x01", Token::EndAttributes),
    (b"\x43", Token::ProcessingInstruction),
    (b"\x06", Token::AttributeStart(9, 0x06)),
    (b"\x01", Token::EndAttributes),
    (b"\x86", Token::Tag { tag: Tag::new(7, 0x06), content: false, attributes: true }),
    (b"\x07", Token::AttributeStart(9, 0x07)),
    (b"\x01", Token::EndAttributes),
    (b"\x01", Token::End),
    (b"\x01", Token::End),
    (b"\x43", Token::ProcessingInstruction),
    (b"\x07", Token::AttributeStart(9, 0x07)),
    (b"\x01", Token::EndAttributes),
];

fn document() -> Vec<u8> {
    PIECES.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect()
}

#[test]
fn one_of_each() {
    let bytes = document();
    let mut start = 0;
    let mut depths = Vec::new();
    let mut tokens = Tokens::new(&bytes, &Options::default());
    for (piece, token) in PIECES {
        let spanned = tokens.next().unwrap().unwrap();
        assert_eq!((spanned.token, spanned.span), (*token, start..start + piece.len()));
        assert_eq!(spanned.damage, None);
        let mut copy = Vec::new();
        token.write(Charset::Utf8, &mut copy);
        assert_eq!(copy, *piece);
        start += piece.len();
        depths.push(spanned.depth);
    }
    assert_eq!(tokens.next(), Ok(None));
    assert_eq!(start, bytes.len());
    assert_eq!(depths[9..12], [0, 1, 1]);
    assert_eq!(depths[depths.len() - 6..], [2, 2, 1, 0, 0, 0]);
}

#[test]
fn every_prefix_is_an_error_unless_a_root_has_ended() {
    let bytes = document();
    let mut ends = 0;
    for end in 0..bytes.len() {
        let last = Tokens::new(&bytes[..end], &Options::default()).last();
        match last {
            Some(Ok(_)) => ends += 1,
            Some(Err(error)) => assert!(error.offset() <= end),
            None => panic!("an error at least"),
        }
        let forensic = Tokens::new(&bytes[..end], &Options::forensic()).last().unwrap().unwrap();
        assert_eq!(forensic.span.end, end);
    }
    // Only where the processing instruction at the end is missing as a whole.
    assert_eq!(ends, 1);
}

#[test]
fn lists_of_attributes_that_are_wrong() {
    for (body, kind, offset) in [
        (&b"\x85"[..], ErrorKind::UnexpectedEnd(Part::Attributes), 5),
        (b"\x85\x05", ErrorKind::UnexpectedEnd(Part::Attributes), 6),
        (b"\x43\x05", ErrorKind::UnexpectedEnd(Part::ProcessingInstruction), 6),
        (b"\x85\x85\x01", ErrorKind::AttributeValueFirst(0x85), 5),
        (b"\x85\x03a\0\x01", ErrorKind::AttributeValueFirst(0x03), 5),
        (b"\x85\x43\x01", ErrorKind::UnsupportedToken(0x43), 5),
        (b"\x85\x05\xc4\x01", ErrorKind::UnsupportedToken(0xc4), 6),
    ] {
        let bytes = [b"\x03\x01\x6a\x00", body].concat();
        let error = Tokens::new(&bytes, &Options::default()).find_map(Result::err).unwrap();
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{body:02x?}");
        let kept = Tokens::new(&bytes, &Options::forensic()).last().unwrap().unwrap();
        assert_eq!(kept.span.end, bytes.len());
    }
    // A page switch may come first.
    let bytes = b"\x03\x01\x6a\x00\x85\x00\x01\x05\x01";
    assert!(Tokens::new(bytes, &Options::default()).all(|token| token.is_ok()));
}

#[test]
fn opaque_attribute_values_came_with_version_1_2() {
    for (version, ok) in [(1, false), (2, true), (3, true)] {
        let bytes = [&[version][..], b"\x01\x6a\x00\x85\x05\xc3\x01a\x01"].concat();
        assert_eq!(Tokens::new(&bytes, &Options::default()).all(|t| t.is_ok()), ok);
    }
    let bytes = b"\x01\x01\x6a\x00\x85\x05\xc3\x01a\x01";
    let marked: Vec<_> = Tokens::new(bytes, &Options::forensic())
        .filter_map(|token| token.unwrap().damage)
        .collect();
    let token = ErrorKind::TokenNotInVersion { token: 0xc3, minor: 1 };
    assert_eq!(marked, [ErrorKind::Attributes(0x85), token]);
}

#[test]
fn global_tokens_have_their_names() {
    for (token, name) in [
        (0x00, "SWITCH_PAGE"),
        (0x01, "END"),
        (0x02, "ENTITY"),
        (0x03, "STR_I"),
        (0x04, "LITERAL"),
        (0x40, "EXT_I_0"),
        (0x41, "EXT_I_1"),
        (0x42, "EXT_I_2"),
        (0x43, "PI"),
        (0x44, "LITERAL_C"),
        (0x80, "EXT_T_0"),
        (0x81, "EXT_T_1"),
        (0x82, "EXT_T_2"),
        (0x83, "STR_T"),
        (0x84, "LITERAL_A"),
        (0xC0, "EXT_0"),
        (0xC1, "EXT_1"),
        (0xC2, "EXT_2"),
        (0xC3, "OPAQUE"),
        (0xC4, "LITERAL_AC"),
        (0x05, "not a global token"),
    ] {
        assert_eq!(global_name(token), name);
    }
    let kinds: Vec<_> = PIECES.iter().map(|(_, token)| token.kind()).collect();
    for kind in ["version", "public id", "charset", "string table", "PI", "attribute", "LITERAL_AC"]
    {
        assert!(kinds.contains(&kind), "{kind}");
    }
}

#[test]
fn tokens_keep_to_the_depth_limit() {
    let mut options = Options::default();
    options.limits.depth = 2;
    let last = |body: &[u8]| {
        let bytes = [b"\x03\x01\x6a\x00", body].concat();
        let all: Result<Vec<_>, _> = Tokens::new(&bytes, &options).collect();
        all.map(|tokens| tokens.len()).map_err(|error| (error.kind(), error.offset()))
    };
    let depth = ErrorKind::Limit(wbxml::Limit::Depth);
    // At the limit ENDs and values are as good as anywhere.
    assert_eq!(last(b"\x45\x45\x03a\0\x01\x45\x01\x01"), Ok(4 + 7));
    assert_eq!(last(b"\x45\x45\x45\x01\x01\x01"), Err((depth, 6)));
    assert_eq!(last(b"\x45\x45\x05\x01\x01"), Err((depth, 6)));
    assert_eq!(last(b"\x45\x45\x44\x00\x01\x01\x01"), Err((depth, 6)));
}

#[test]
fn page_switches_came_with_version_1_2() {
    for (version, ok) in [(1, false), (2, true), (3, true)] {
        let bytes = [&[version][..], b"\x01\x6a\x00\x00\x07\x45\x00\x00\x01"].concat();
        assert_eq!(Tokens::new(&bytes, &Options::default()).all(|token| token.is_ok()), ok);
    }
}

#[test]
fn opaque_data_may_end_with_the_input() {
    let error = Tokens::new(b"\x03\x01\x6a\x00\x45\xc3\x01a", &Options::default());
    let error = error.last().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::UnclosedElements(1), 8));
}

#[test]
fn each_kind_of_token_has_its_name() {
    for n in 0..3 {
        assert_eq!(Token::ExtensionString(n, b"").kind(), format!("EXT_I_{n}"));
        assert_eq!(Token::ExtensionInteger(n, 0).kind(), format!("EXT_T_{n}"));
        assert_eq!(Token::Extension(n).kind(), format!("EXT_{n}"));
    }
    let literal = |content, attributes| Token::LiteralTag { index: 0, content, attributes }.kind();
    assert_eq!(literal(false, false), "LITERAL");
    assert_eq!(literal(true, false), "LITERAL_C");
    assert_eq!(literal(false, true), "LITERAL_A");
    assert_eq!(literal(true, true), "LITERAL_AC");
    for (token, kind) in [
        (Token::Version(3), "version"),
        (Token::PublicId(1), "public id"),
        (Token::PublicIdIndex(1), "public id"),
        (Token::Charset(106), "charset"),
        (Token::StringTable(b""), "string table"),
        (Token::SwitchPage(1), "SWITCH_PAGE"),
        (Token::SwitchAttributePage(1), "SWITCH_PAGE"),
        (Token::Tag { tag: Tag::new(0, 5), content: true, attributes: true }, "tag"),
        (Token::LiteralAttribute(0), "LITERAL"),
        (Token::End, "END"),
        (Token::EndAttributes, "END"),
        (Token::InlineString(b""), "STR_I"),
        (Token::TableString(0), "STR_T"),
        (Token::Entity(65), "ENTITY"),
        (Token::Opaque(b""), "OPAQUE"),
        (Token::ProcessingInstruction, "PI"),
        (Token::AttributeStart(0, 5), "attribute"),
        (Token::AttributeValue(0, 0x85), "attribute value"),
        (Token::Garbage(b""), "garbage"),
    ] {
        assert_eq!(token.kind(), kind);
    }
}

#[test]
fn a_public_id_is_looked_up_in_a_table_that_could_be_read() {
    fn damage(bytes: &[u8]) -> Vec<(Token<'_>, Option<ErrorKind>)> {
        let tokens = Tokens::new(bytes, &Options::forensic()).map(|spanned| spanned.unwrap());
        tokens.map(|spanned| (spanned.token, spanned.damage)).collect()
    }
    let index = Token::PublicIdIndex(5);
    let outside = ErrorKind::StringTableIndex { index: 5, len: 2 };
    assert_eq!(damage(b"\x03\x00\x05\x6a\x02a\0\x05")[1], (index, Some(outside)));
    assert_eq!(damage(b"\x03\x00\x00\x6a\x02a\0\x05")[1], (Token::PublicIdIndex(0), None));
    let cut = damage(b"\x03\x00\x05\x6a\x09a\0");
    assert_eq!(cut[1], (index, None));
    let too_long = ErrorKind::StringTableTooLong { claimed: 9, available: 2 };
    assert_eq!(cut.last(), Some(&(Token::Garbage(b"\x09a\0"), Some(too_long))));
}

#[test]
fn without_a_table_nothing_is_damage_that_can_be_read() {
    static NO_TABLE: wbxml::Table = wbxml::Table::new(&[]);
    let bytes = document();
    let options = Options { table: &NO_TABLE, ..Options::forensic() };
    assert!(Tokens::new(&bytes, &options).all(|token| token.unwrap().damage.is_none()));
    // With one, what it does not know and what has no meaning is marked.
    let marked: Vec<_> = Tokens::new(&bytes, &Options::forensic())
        .map(|token| token.unwrap())
        .filter_map(|spanned| Some((spanned.token.kind(), spanned.damage?)))
        .collect();
    let unsupported = |kind, byte| (kind, ErrorKind::UnsupportedToken(byte));
    for expected in [
        unsupported("PI", 0x43),
        unsupported("EXT_I_2", 0x42),
        unsupported("EXT_T_0", 0x80),
        unsupported("EXT_0", 0xc0),
        unsupported("LITERAL", 0x04),
        unsupported("LITERAL_C", 0x44),
        unsupported("LITERAL_A", 0x84),
        unsupported("LITERAL_AC", 0xc4),
        ("tag", ErrorKind::Attributes(0xc5)),
    ] {
        assert!(marked.contains(&expected), "{expected:?}: {marked:?}");
    }
}
