//! XML out and in.

use wbxml::tags::{air_sync, air_sync_base, compose_mail, email};
use wbxml::xml::{self, Style};
use wbxml::{Encoder, ErrorKind, Options, Tree, XmlFault};

fn tree(write: impl FnOnce(&mut Encoder)) -> Tree {
    let mut encoder = Encoder::new();
    write(&mut encoder);
    Tree::decode(&encoder.finish().unwrap(), &Options::default()).unwrap()
}

#[track_caller]
fn round_trips(tree: &Tree) {
    let compact = xml::to_string(tree);
    assert_eq!(&xml::from_str(&compact).unwrap(), tree, "{compact}");
    let mut indented = String::new();
    xml::write(tree, Style::Indented, &mut indented);
    assert_eq!(&xml::from_str(&indented).unwrap(), tree, "{indented}");
}

#[test]
fn texts_of_all_kinds_come_back() {
    for text in [
        "",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "a\rb",
        "<&>\"'",
        "]]>",
        "é\u{FFFD}\u{10FFFF}",
        "\u{1}",
        "a\u{b}\\u{1}\\",
        "\u{FFFE}",
        "\u{FFFF}x",
        "\u{EFFF}",
        "\u{7f}\u{85}\u{2028}",
    ] {
        let leaf = tree(|e| {
            e.start(air_sync::SYNC);
            e.start(email::SUBJECT);
            e.text(text);
            e.end();
            e.empty(air_sync::MORE_AVAILABLE);
            e.end();
        });
        round_trips(&leaf);
        let subject = leaf.root().child(email::SUBJECT).unwrap();
        assert_eq!(subject.text().unwrap(), text);
    }
}

#[test]
fn opaque_data_comes_back_as_opaque_data() {
    for bytes in [&b""[..], b"a", b"\0", b"\xff\xfe", b"MIME-Version: 1.0\r\n\r\n<&>", b"a\x01"] {
        let leaf = tree(|e| {
            e.start(compose_mail::SEND_MAIL);
            e.start(compose_mail::MIME);
            e.opaque(bytes);
            e.end();
            e.end();
        });
        round_trips(&leaf);
        let text = xml::to_string(&leaf);
        let again = xml::from_str(&text).unwrap().encode().unwrap();
        assert!(again.ends_with(&[bytes, b"\x01\x01"].concat()), "{text}");
    }
}

#[test]
fn mixed_content_comes_back() {
    let mixed = tree(|e| {
        e.start(air_sync::SYNC);
        e.text(" ");
        e.empty(air_sync::ADD);
        e.opaque(b"\x00");
        e.text("x");
        e.text("y\u{2}");
        e.start(air_sync_base::BODY);
        e.opaque(b"1");
        e.opaque(b"2");
        e.entity('é');
        e.end();
        e.end();
    });
    round_trips(&mixed);
}

#[test]
fn indentation_is_a_line_per_element() {
    let mut out = String::new();
    let tree = tree(|e| {
        e.start(air_sync::SYNC);
        e.start(air_sync::COLLECTIONS);
        e.leaf(air_sync_base::TYPE, "1");
        e.end();
        e.end();
    });
    xml::write(&tree, Style::Indented, &mut out);
    assert_eq!(
        out,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <Sync xmlns=\"AirSync\">\n\
         \x20 <Collections>\n\
         \x20   <Type xmlns=\"AirSyncBase\">1</Type>\n\
         \x20 </Collections>\n\
         </Sync>\n"
    );
    let mut direct = String::new();
    let bytes = tree.encode().unwrap();
    xml::decode(&bytes, &Options::strict(), Style::Indented, &mut direct).unwrap();
    assert_eq!(direct, out);
}

#[test]
fn indentation_counts_the_document_around_several_roots() {
    let forest = "<document xmlns='wbxml'><Add xmlns='AirSync'><Sync/></Add>\
        <Sync xmlns='AirSync'>1</Sync></document>";
    let mut out = String::new();
    xml::write(&xml::from_str(forest).unwrap(), Style::Indented, &mut out);
    assert_eq!(
        out,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <document xmlns=\"wbxml\">\n\
         \x20 <Add xmlns=\"AirSync\">\n\
         \x20   <Sync/>\n\
         \x20 </Add>\n\
         \x20 <Sync xmlns=\"AirSync\">1</Sync>\n\
         </document>\n"
    );
}

#[test]
fn xml_of_other_tools_is_read() {
    let text = "\u{FEFF}<?xml version='1.0'?>\n<!DOCTYPE ActiveSync PUBLIC \"-//MICROSOFT//DTD ActiveSync//EN\" \
        'http://www.microsoft.com/'>\n<!-- c -->\n<A:sync xmlns:A='AirSync:' xmlns:b=\"AirSyncBase:\">\r\n \
        <A:MoreAvailable />\n<b:Data><![CDATA[<x>&\r\n]]>&#x41;&#66;</b:Data >\n\
        <ForwardeeName xmlns='ComposeMail'>q</ForwardeeName></A:sync>\n<!---->";
    let tree = xml::from_str(text).unwrap();
    let expected = self::tree(|e| {
        e.start(air_sync::SYNC);
        e.empty(air_sync::MORE_AVAILABLE);
        e.leaf(air_sync_base::DATA, "<x>&\nAB");
        e.leaf(compose_mail::NAME, "q");
        e.end();
    });
    assert_eq!(tree, expected);
}

#[test]
fn what_has_no_counterpart_is_an_error_with_its_place() {
    let syntax = |fault| ErrorKind::Xml(fault);
    for (text, kind, at) in [
        ("", ErrorKind::NoRoot, 0),
        ("<Sync/>", ErrorKind::UnknownName, 0),
        ("<Sync xmlns='x'/>", ErrorKind::UnknownName, 0),
        ("<Nope xmlns='AirSync'/>", ErrorKind::UnknownName, 0),
        ("<Sync xmlns='AirSync'>", syntax(XmlFault::Unclosed), 22),
        ("<Sync xmlns='AirSync'></Add>", syntax(XmlFault::EndTag), 22),
        ("<Sync xmlns='AirSync'/><Sync xmlns='AirSync'/>", ErrorKind::SecondRoot, 23),
        ("<Sync xmlns='AirSync'/>x", ErrorKind::ContentOutsideRoot, 23),
        ("<Sync xmlns='AirSync' a='1'/>", syntax(XmlFault::Attribute), 22),
        ("<Sync xmlns='AirSync' xmlns='AirSync'/>", syntax(XmlFault::Syntax), 22),
        ("<Sync xmlns='AirSync'>&nbsp;</Sync>", syntax(XmlFault::Reference), 22),
        ("<Sync xmlns='AirSync'>&#0;</Sync>", syntax(XmlFault::Reference), 22),
        ("<Sync xmlns='AirSync'>&#+9;</Sync>", syntax(XmlFault::Reference), 22),
        ("<Sync xmlns='AirSync'>\u{1}</Sync>", syntax(XmlFault::Character), 22),
        ("<Sync xmlns='AirSync'>]]></Sync>", syntax(XmlFault::Syntax), 22),
        ("<Sync xmlns='AirSync'><?a?></Sync>", syntax(XmlFault::ProcessingInstruction), 22),
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><Sync xmlns='AirSync'/>",
            syntax(XmlFault::DocumentType),
            0,
        ),
        ("<Sync xmlns='AirSync' opaque='base64'>a</Sync>", syntax(XmlFault::Base64), 0),
        ("<Sync xmlns='AirSync' text='escaped'>\\</Sync>", syntax(XmlFault::Escape), 0),
        ("<Sync xmlns='AirSync' text='escaped'>\\u{0}</Sync>", ErrorKind::NulInText, 37),
        ("<Sync xmlns='AirSync' opaque='text'><Add/></Sync>", syntax(XmlFault::Nested), 36),
        ("<value xmlns='wbxml'>a</value>", ErrorKind::ContentOutsideRoot, 0),
        ("<damage xmlns='wbxml'>a</damage>", ErrorKind::Damaged, 0),
        ("<unknown xmlns='wbxml' page='1' token='4'/>", syntax(XmlFault::Attribute), 0),
        ("<document xmlns='wbxml'>a</document>", ErrorKind::ContentOutsideRoot, 24),
        ("<document xmlns='wbxml'/>", ErrorKind::NoRoot, 25),
        ("<document xmlns='wbxml'> <!-- --> </document>", ErrorKind::NoRoot, 45),
        ("<document xmlns='wbxml' opaque='text'>a</document>", ErrorKind::NoRoot, 50),
        ("<document xmlns='wbxml' text='escaped'>a</document>", ErrorKind::NoRoot, 51),
    ] {
        let error = xml::from_str(text).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, at), "{text}");
    }
    let error = xml::from_str("<Sync xmlns='AirSync'><Bad/></Sync>").unwrap_err();
    assert_eq!(error.to_string(), "unknown element \"Bad\" at offset 0x16 in Sync");
}

#[test]
fn a_document_may_stand_around_one_root() {
    let text = "<w:document xmlns:w='wbxml'> <Sync xmlns='AirSync'>a</Sync> </w:document>";
    let tree = xml::from_str(text).unwrap();
    assert_eq!(tree.encode().unwrap(), b"\x03\x01\x6a\x00\x45\x03a\0\x01");
}

#[test]
fn a_tree_without_a_root_is_not_encoded() {
    for bytes in [&b""[..], b"\x03\x01\x6a\x00", b"\x03\x01\x6a\x00\x01"] {
        let tree = Tree::decode(bytes, &Options::forensic()).unwrap();
        assert!(tree.encode().is_err(), "{bytes:02x?}");
    }
}

#[test]
fn deep_xml_is_a_depth_error() {
    let text = format!("<Sync xmlns='AirSync'>{}", "<Sync>".repeat(1_000_000));
    let error = xml::from_str(&text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit(wbxml::Limit::Depth));
    assert_eq!(error.depth(), 64);
}

#[test]
fn declarations_without_end_are_an_error() {
    let some = |n: usize| {
        let many: Vec<_> = (0..n).map(|n| format!(" xmlns:p{n}='Email'")).collect();
        let many = many.concat();
        xml::from_str(&format!("<Sync xmlns='AirSync'{many}><p5:Subject/></Sync>"))
    };
    assert_eq!(some(127).unwrap().root().children().count(), 1);
    let error = some(128).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Xml(XmlFault::Declarations));
    assert_eq!(some(100_000).unwrap_err().offset(), error.offset());
}

#[test]
fn a_deep_tree_is_written_in_linear_space() {
    let depth = 2_000;
    let bytes = [b"\x03\x01\x6a\0", &*vec![0x45; depth], &*vec![0x01; depth]].concat();
    let mut options = Options::general();
    options.limits.depth = depth;
    let tree = Tree::decode(&bytes, &options).unwrap();
    let mut text = String::new();
    xml::write(&tree, Style::Indented, &mut text);
    assert!(text.len() < depth * 300, "{}", text.len());
    assert_eq!(xml::from_str_with(&text, &options).unwrap(), tree);
}

#[test]
fn a_document_of_several_roots_is_not_encoded() {
    let encode = |text: &str| xml::from_str(text).unwrap().encode().unwrap_err().kind();
    let two = "<document xmlns='wbxml'><Sync xmlns='AirSync'/><Sync xmlns='AirSync'/></document>";
    assert_eq!(encode(two), ErrorKind::SecondRoot);
    assert_eq!(
        xml::from_str(&xml::to_string(&xml::from_str(two).unwrap())).unwrap(),
        xml::from_str(two).unwrap()
    );
    let one = "<document xmlns='wbxml'><Sync xmlns='AirSync'/></document>";
    assert_eq!(xml::from_str(one).unwrap().encode().unwrap(), b"\x03\x01\x6a\0\x05");
}

#[test]
fn a_document_type_ends_outside_its_literals() {
    let read = |text: &str| xml::from_str(&format!("{text}<Sync xmlns='AirSync'/>"));
    for good in [
        "<!DOCTYPE a>",
        "<!DOCTYPE a SYSTEM 'x>y'>",
        "<!DOCTYPE a PUBLIC \"-//MICROSOFT//DTD ActiveSync//EN\" 'http://www.microsoft.com/'>",
        "<!DOCTYPE a SYSTEM \"[']>\" >",
    ] {
        assert_eq!(read(good).unwrap().node_count(), 1, "{good}");
    }
    for (bad, fault) in [
        ("<!DOCTYPE a PUBLIC //EN\" 'x'>", XmlFault::Unclosed),
        ("<!DOCTYPE a 'x>", XmlFault::Unclosed),
        ("<!DOCTYPE a <b>>", XmlFault::Syntax),
        ("<!DOCTYPE a SYSTEM 'x' []>", XmlFault::DocumentType),
        ("<!DOCTYPE a", XmlFault::Syntax),
    ] {
        assert_eq!(read(bad).unwrap_err().kind(), ErrorKind::Xml(fault), "{bad}");
    }
}

#[test]
fn a_character_that_xml_does_not_have_is_where_it_is() {
    for (text, at) in [
        ("<Sync xmlns='AirSync'>ab\u{1}</Sync>", 24),
        ("<Sync xmlns='AirSync'><![CDATA[a\u{1}]]></Sync>", 32),
        ("<Sync xmlns='Air\u{1}Sync'/>", 16),
        ("<Sync xmlns='AirSync'>ab\u{FFFE}</Sync>", 24),
    ] {
        let error = xml::from_str(text).unwrap_err();
        let character = ErrorKind::Xml(XmlFault::Character);
        assert_eq!((error.kind(), error.offset()), (character, at), "{text}");
    }
}

#[test]
fn line_ends_of_short_and_long_texts_are_line_feeds() {
    for filler in ["", &"x".repeat(100)] {
        let read = |text: &str| {
            let tree = xml::from_str(&format!("<Data xmlns='AirSyncBase'>{text}</Data>")).unwrap();
            tree.root().text().unwrap().into_owned()
        };
        let text = format!("{filler}a\r\nb\rc\nd");
        let expected = format!("{filler}a\nb\nc\nd");
        assert_eq!(read(&text), expected);
        assert_eq!(read(&format!("<![CDATA[{text}]]>")), expected);
        assert_eq!(read(&format!("{filler}a&#13;b")), format!("{filler}a\rb"));
        assert_eq!(read(&format!("{filler}a>b")), format!("{filler}a>b"));
    }
}

#[test]
fn base64_has_one_form() {
    let read = |digits: &str| {
        let text = format!("<Data xmlns='AirSyncBase' opaque='base64'>{digits}</Data>");
        let tree = xml::from_str(&text).map_err(|error| error.kind())?;
        Ok(tree.root().bytes().unwrap().into_owned())
    };
    for (digits, bytes) in [
        ("", &b""[..]),
        ("AA==", b"\0"),
        ("AAA=", b"\0\0"),
        ("AAAA", b"\0\0\0"),
        ("+/8=", b"\xfb\xff"),
        ("MDEy\n MzQ1", b"012345"),
    ] {
        assert_eq!(read(digits), Ok(bytes.to_vec()), "{digits}");
    }
    for digits in ["A", "AA", "AAA", "AB==", "AAB=", "A===", "AA=A", "AAAA=", "-_8=", "AA==AA=="] {
        assert_eq!(read(digits), Err(ErrorKind::Xml(XmlFault::Base64)), "{digits}");
    }
}
