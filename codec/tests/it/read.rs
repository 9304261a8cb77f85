//! XML that is read, or why not and where. Tags with double quotes are plain and are read on a short
//! way; with single quotes they are not: each text is read both ways.

use wbxml::tags::{air_sync, air_sync_base, email};
use wbxml::{Encoder, ErrorKind, Limit, Limits, Options, Tree, XmlFault, xml};

type Place = (ErrorKind, usize);

/// What comes of this text, which is the same on both ways.
#[track_caller]
fn read(text: &str, limits: Limits) -> Result<Tree, Place> {
    let options = Options { limits, ..Options::default() };
    let read = |text: &str| {
        xml::from_str_with(text, &options).map_err(|error| (error.kind(), error.offset()))
    };
    let tree = read(text);
    assert_eq!(read(&text.replace('"', "'")), tree, "{text}");
    tree
}

fn syntax(fault: XmlFault) -> ErrorKind {
    ErrorKind::Xml(fault)
}

#[test]
fn what_is_not_well_formed_is_an_error_where_it_is() {
    for (text, kind, at) in [
        ("<Sync", syntax(XmlFault::Unclosed), 5),
        ("<Sync ", syntax(XmlFault::Unclosed), 6),
        ("<Sync xmlns=\"AirSync", syntax(XmlFault::Unclosed), 20),
        ("<", syntax(XmlFault::Syntax), 1),
        ("<>", syntax(XmlFault::Syntax), 1),
        ("< Sync>", syntax(XmlFault::Syntax), 1),
        ("<=>", syntax(XmlFault::Syntax), 1),
        ("<Sy!nc/>", syntax(XmlFault::Syntax), 1),
        ("<Sync\u{1}/>", syntax(XmlFault::Syntax), 1),
        ("<é\u{fffe}/>", syntax(XmlFault::Syntax), 1),
        ("<é/>", ErrorKind::UnknownName, 0),
        ("<!ELEMENT Sync>", syntax(XmlFault::Syntax), 1),
        ("<!-- a -- b --><Sync xmlns=\"AirSync\"/>", syntax(XmlFault::Syntax), 0),
        ("<!-- a ---><Sync xmlns=\"AirSync\"/>", syntax(XmlFault::Syntax), 0),
        ("<Sync xmlns=\"AirSync\"b=\"c\"/>", syntax(XmlFault::Syntax), 21),
        ("<Sync xmlns=\"Air&Sync\"/>", syntax(XmlFault::Syntax), 16),
        ("<Sync xmlns=\"Air<Sync\"/>", syntax(XmlFault::Syntax), 16),
        ("<Sync xmlns:=\"AirSync\"/>", syntax(XmlFault::Attribute), 6),
        ("<Sync xmlns=\"AirSync\">1</Syn>", syntax(XmlFault::EndTag), 23),
        ("<Sync xmlns=\"AirSync\">1</Sync2>", syntax(XmlFault::EndTag), 23),
        ("<Sync xmlns=\"AirSync\">1</Sync 2>", syntax(XmlFault::Syntax), 30),
    ] {
        assert_eq!(read(text, Limits::default()), Err((kind, at)), "{text}");
    }
}

#[test]
fn an_attribute_stands_once() {
    let forms = ["opaque=\"base64\"", "opaque=\"text\"", "text=\"escaped\""];
    for (first, second) in forms.iter().flat_map(|first| forms.map(|second| (first, second))) {
        let start = format!("<Data xmlns=\"AirSyncBase\" {first} ");
        let text = format!("{start}{second}></Data>");
        let expected = Err((syntax(XmlFault::Attribute), start.len()));
        assert_eq!(read(&text, Limits::default()), expected, "{text}");
    }
    let start = "<unknown xmlns=\"wbxml\" page=\"1\" token=\"5\" ";
    assert!(read(&format!("{start}/>"), Limits::default()).is_ok());
    for again in ["page=\"1\"", "token=\"5\""] {
        let expected = Err((syntax(XmlFault::Attribute), start.len()));
        assert_eq!(read(&format!("{start}{again}/>"), Limits::default()), expected, "{again}");
    }
}

#[test]
fn a_value_holds_no_elements() {
    for (value, end) in [
        ("<Sync xmlns=\"AirSync\"><value xmlns=\"wbxml\">", "</value></Sync>"),
        ("<Data xmlns=\"AirSyncBase\" opaque=\"text\">", "</Data>"),
        ("<Data xmlns=\"AirSyncBase\" opaque=\"base64\">", "</Data>"),
    ] {
        for element in ["<Add xmlns=\"AirSync\">1</Add>", "<Add xmlns=\"AirSync\"/>"] {
            let expected = Err((syntax(XmlFault::Nested), value.len()));
            assert_eq!(read(&format!("{value}{element}{end}"), Limits::default()), expected);
        }
    }
}

#[test]
fn limits_hold_to_the_byte() {
    // What is read, how much of what is limited it has, and where.
    type Set = fn(&mut Limits, usize);
    let string: (Set, _) = (|limits, max| limits.string = max, Limit::String);
    let opaque: (Set, _) = (|limits, max| limits.opaque = max, Limit::Opaque);
    let document: (Set, _) = (|limits, max| limits.document = max, Limit::Document);
    for ((set, limit), text, len, at) in [
        (string, "<Data xmlns=\"AirSyncBase\">12345</Data>", 5, Some(26)),
        (string, "<Data xmlns=\"AirSyncBase\">&lt;2345</Data>", 5, Some(26)),
        (string, "<Data xmlns=\"AirSyncBase\">é2345</Data>", 6, Some(26)),
        (opaque, "<Data xmlns=\"AirSyncBase\" opaque=\"text\">12345</Data>", 5, Some(40)),
        (opaque, "<Data xmlns=\"AirSyncBase\" opaque=\"base64\">MTIzNDU=</Data>", 5, Some(42)),
        (document, "<Data xmlns=\"AirSyncBase\">12345</Data>", 38, None),
    ] {
        for max in 1..len + 2 {
            let mut limits = Limits::default();
            set(&mut limits, max);
            let error = read(text, limits).err();
            let expected = (ErrorKind::Limit(limit), at.unwrap_or(max));
            assert_eq!(error, (max < len).then_some(expected), "{text} {max}");
        }
    }
}

#[test]
fn declarations_have_a_limit_on_both_ways() {
    let many: Vec<_> = (0..127).map(|n| format!(" xmlns:p{n}=\"Email\"")).collect();
    let start = format!("<Sync xmlns=\"AirSync\"{}>", many.concat());
    let without = format!("{start}<Add>1</Add></Sync>");
    assert!(read(&without, Limits::default()).is_ok());
    let with = format!("{start}<Add xmlns=\"AirSync\">1</Add></Sync>");
    let expected = (syntax(XmlFault::Declarations), start.len() + 5);
    assert_eq!(read(&with, Limits::default()), Err(expected));
}

#[test]
fn a_text_begins_where_the_first_of_its_pieces_does() {
    let start = "<Data xmlns=\"AirSyncBase\">";
    let pieces = ["ab", "&amp;", "&#13;", "<![CDATA[cd]]>", "<![CDATA[]]>", "\r\n"];
    for (first, second) in pieces.iter().flat_map(|first| pieces.map(|second| (first, second))) {
        for between in ["", "<!-- -->"] {
            let text = format!("{start}<!-- -->{first}{between}{second}efg</Data>");
            let limits = Limits { string: 2, ..Limits::default() };
            let inside = if first.starts_with("<!") { "<![CDATA[".len() } else { 0 };
            let at = start.len() + "<!-- -->".len() + inside;
            let expected = Err((ErrorKind::Limit(Limit::String), at));
            assert_eq!(read(&text, limits), expected, "{text}");
        }
    }
}

/// An element of these contents.
fn element(write: impl FnOnce(&mut Encoder)) -> Tree {
    let mut encoder = Encoder::new();
    encoder.start(air_sync::ADD);
    write(&mut encoder);
    encoder.end();
    Tree::decode(&encoder.finish().unwrap(), &Options::default()).unwrap()
}

#[test]
fn text_before_an_element_stays_before_it() {
    for (text, expected) in [
        ("a", "a"),
        ("a<!-- -->", "a"),
        ("&lt;", "<"),
        ("a&lt;", "a<"),
        (" &#32;", "  "),
        ("<![CDATA[a]]>", "a"),
        ("<![CDATA[ ]]>", " "),
        ("<![CDATA[]]>", ""),
        (" <!-- -->", ""),
        ("\r\n<!-- -->\t", ""),
    ] {
        let text = format!("<Add xmlns=\"AirSync\">{text}<Class> 1</Class>{text}</Add>");
        let tree = element(|encoder| {
            encoder.text(expected);
            encoder.leaf(air_sync::CLASS, " 1");
            encoder.text(expected);
        });
        let expected = if expected.is_empty() {
            element(|encoder| encoder.leaf(air_sync::CLASS, " 1"))
        } else {
            tree
        };
        assert_eq!(read(&text, Limits::default()), Ok(expected), "{text}");
    }
}

#[test]
fn white_space_alone_is_text_where_elements_have_text() {
    for space in [" ", "\t", "\n", "\r\n", "\r", "  \n  "] {
        let text = format!(
            "<Add xmlns=\"AirSync\"><Add>{space}</Add><Subject xmlns=\"Email\">{space}</Subject>\
             <Body xmlns=\"AirSyncBase\">{space}a</Body></Add>"
        );
        let read_as = space.replace("\r\n", "\n").replace('\r', "\n");
        let expected = element(|encoder| {
            encoder.start_with_content(air_sync::ADD);
            encoder.end();
            encoder.leaf(email::SUBJECT, &read_as);
            encoder.leaf(air_sync_base::BODY, &format!("{read_as}a"));
        });
        assert_eq!(read(&text, Limits::default()), Ok(expected), "{text:?}");
    }
}
