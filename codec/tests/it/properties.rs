//! What holds for every document, and for every string of bytes.

use crate::slow::{self, Owned};
use proptest::collection::vec;
use proptest::prelude::*;
use wbxml::{
    ACTIVE_SYNC, Charset, Decoder, Encoder, ErrorKind, Event, Options, PushDecoder, Tag, Token,
    Tokens, Tree,
};

/// Every tag of the table.
fn tags() -> Vec<Tag> {
    let tags = |page: &wbxml::CodePage| {
        let number = page.number();
        page.tags().iter().map(move |info| Tag::new(number, info.token))
    };
    ACTIVE_SYNC.pages().iter().flat_map(tags).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Start(usize, bool),
    End,
    Text(String),
    Opaque(Vec<u8>),
    Entity(char),
}

fn step() -> impl Strategy<Value = Step> {
    let text = prop_oneof![
        "[a-z0-9]{0,12}",
        "[ \t\r\n&<>\"'\\]\\\\]{0,6}",
        any::<String>().prop_map(|text| text.replace('\0', "\u{1}")),
        "[a-zé漢\u{1F600}]{50,200}",
    ];
    prop_oneof![
        6 => (any::<usize>(), prop::bool::weighted(0.8)).prop_map(|(tag, c)| Step::Start(tag, c)),
        4 => Just(Step::End),
        4 => text.prop_map(Step::Text),
        1 => vec(any::<u8>(), 0..300).prop_map(Step::Opaque),
        1 => any::<char>().prop_map(|c| Step::Entity(c.max('\u{1}'))),
    ]
}

/// A well-formed document out of any steps.
fn build(steps: &[Step], entities: bool) -> Vec<u8> {
    let tags = tags();
    let mut encoder = Encoder::new();
    let mut open = 0;
    encoder.start_with_content(tags[0]);
    for step in steps {
        match step {
            Step::Start(tag, content) if open < 30 => {
                let tag = tags[tag % tags.len()];
                if *content {
                    encoder.start_with_content(tag);
                    open += 1;
                } else {
                    encoder.empty(tag);
                }
            }
            Step::End if open > 0 => {
                encoder.end();
                open -= 1;
            }
            Step::Text(text) => encoder.text(text),
            Step::Opaque(bytes) => encoder.opaque(bytes),
            Step::Entity(character) if entities => encoder.entity(*character),
            _ => {}
        }
    }
    for _ in 0..=open {
        encoder.end();
    }
    encoder.finish().unwrap()
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    vec(step(), 0..40).prop_map(|steps| build(&steps, false))
}

/// Bytes that are nearly a document: a document with some bytes changed, cut or doubled, or with
/// another header.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let tokens = prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![0, 1, 2, 3, 4, 0x43, 0x83, 0xC3, 0x45, 0x05, 0x80, 0xC4, 0x40]),
    ];
    let header = prop::sample::select(vec![
        &b"\x03\x01\x6a\x00"[..],
        b"\x03\x00\x00\x6a\x04ab\0c",
        b"\x02\x01\x03\x00",
        b"\x01\x01\x04\x03\xe9\0a",
        b"\x00\x05\x00",
        b"\x03\x01\x87\x68\x00",
        b"\x03\x01\x87\x76\x04a\0\0\0",
        b"\x03\x01\x05\x00",
    ]);
    let changed = vec(step(), 0..12).prop_map(|steps| build(&steps, true));
    let edits = vec((any::<prop::sample::Index>(), tokens), 0..4);
    (changed, header, prop::bool::weighted(0.7), edits, any::<prop::sample::Index>(), 0..8_u8)
        .prop_map(|(mut bytes, header, keep, edits, place, cut)| {
            if !keep {
                bytes.splice(..4, header.iter().copied());
            }
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let at = place.index(bytes.len());
            match cut {
                0 => bytes.truncate(at),
                1 => {
                    let _ = bytes.remove(at);
                }
                2 => bytes.insert(at, 1),
                3 => bytes.extend_from_within(at..),
                _ => {}
            }
            bytes
        })
}

fn owned(event: Event<'_>) -> Owned {
    match event {
        Event::Start { tag, content } => Owned::Start(tag, content),
        Event::End => Owned::End,
        Event::Text(text) => Owned::Text(text.to_owned()),
        Event::Encoded(text) => Owned::Text(text.decode().into_owned()),
        Event::Entity(character) => Owned::Entity(character),
        Event::Opaque(bytes) => Owned::Opaque(bytes.to_vec()),
        other => panic!("{other:?}"),
    }
}

/// The events up to the first error, and the error.
fn decode(bytes: &[u8], options: &Options) -> slow::Decoded {
    let mut events = Vec::new();
    for event in Decoder::new(bytes, options) {
        match event {
            Ok(event) => events.push(owned(event)),
            Err(error) => return (events, Some((error.kind(), error.offset()))),
        }
    }
    (events, None)
}

fn push(bytes: &[u8], cuts: &[prop::sample::Index]) -> slow::Decoded {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    let mut decoder = PushDecoder::new(&Options::general());
    let mut events = Vec::new();
    for (turn, pair) in places.windows(2).enumerate() {
        decoder.push(&bytes[pair[0]..pair[1]]);
        if turn + 2 == places.len() {
            decoder.finish();
        }
        loop {
            match decoder.next() {
                Ok(Some(event)) => events.push(owned(event)),
                Ok(None) => break,
                Err(error) => return (events, Some((error.kind(), error.offset()))),
            }
        }
    }
    assert!(decoder.is_done());
    (events, None)
}

/// Spans of the tokens of a document that is right.
fn spans(bytes: &[u8]) -> Vec<(std::ops::Range<usize>, Token<'_>)> {
    Tokens::new(bytes, &Options::general())
        .map(|spanned| spanned.unwrap())
        .map(|spanned| (spanned.span, spanned.token))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_events_tree_and_xml_are_one_document(bytes in document()) {
        let options = Options::strict();
        let events: Vec<_> = Decoder::new(&bytes, &options).collect::<Result<_, _>>().unwrap();
        let mut encoder = Encoder::new();
        for event in &events {
            encoder.event(event);
        }
        prop_assert_eq!(&encoder.finish().unwrap(), &bytes);
        let tree = Tree::decode(&bytes, &options).unwrap();
        prop_assert_eq!(tree.events().collect::<Vec<_>>(), events);
        prop_assert_eq!(&tree.encode().unwrap(), &bytes);
        // The short way through a plain document and the long one build the same nodes.
        let long = Tree::decode(&bytes, &Options::forensic()).unwrap();
        prop_assert_eq!(long.node_count(), tree.node_count());
        prop_assert_eq!(offsets(&long), offsets(&tree));
        #[cfg(feature = "xml")]
        {
            use wbxml::xml;
            let compact = xml::to_string(&tree);
            let mut direct = String::from("before");
            xml::decode(&bytes, &options, xml::Style::Compact, &mut direct).unwrap();
            prop_assert_eq!(direct.strip_prefix("before"), Some(&*compact));
            prop_assert_eq!(&xml::from_str(&compact).unwrap(), &tree, "{}", compact);
            let mut indented = String::new();
            xml::write(&tree, xml::Style::Indented, &mut indented);
            prop_assert_eq!(&xml::from_str(&indented).unwrap(), &tree, "{}", indented);
        }
    }

    #[test]
    fn tokens_written_again_are_the_document(bytes in document()) {
        let mut copy = Vec::new();
        for (span, token) in spans(&bytes) {
            prop_assert_eq!(span.start, copy.len());
            token.write(Charset::Utf8, &mut copy);
        }
        prop_assert_eq!(copy, bytes);
    }

    #[test]
    fn every_prefix_is_a_typed_error(bytes in document()) {
        for end in 0..bytes.len() {
            let error = Tree::decode(&bytes[..end], &Options::general()).unwrap_err();
            prop_assert!(error.offset() <= end);
            let typed = matches!(
                error.kind(),
                ErrorKind::Empty
                    | ErrorKind::UnexpectedEnd(_)
                    | ErrorKind::NoRoot
                    | ErrorKind::UnclosedElements(_)
                    | ErrorKind::UnterminatedString
                    | ErrorKind::OpaqueTooLong { .. }
            );
            prop_assert!(typed, "{} at {}", error, end);
        }
    }

    #[test]
    fn a_damaged_byte_is_never_reported_before_its_token(
        bytes in document(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let place = place.index(bytes.len());
        let spans = spans(&bytes);
        let token = spans.iter().position(|(span, _)| span.contains(&place)).unwrap();
        let start = spans[token].0.start;
        let mut damaged = bytes.clone();
        damaged[place] = byte;
        let good = decode(&bytes, &Options::general()).0;
        let (events, error) = decode(&damaged, &Options::general());
        if let Some((kind, offset)) = error {
            prop_assert!(offset >= start, "{:?} at {}, token at {}", kind, offset, start);
        }
        // An event per token before, one more for the END of a tag without content.
        let before: usize = spans[..token]
            .iter()
            .map(|(_, token)| match token {
                Token::Tag { content: false, .. } => 2,
                Token::Tag { .. } | Token::End | Token::InlineString(_) | Token::Opaque(_) => 1,
                _ => 0,
            })
            .sum();
        prop_assert!(events.len() >= before || start < 4);
        if start >= 4 {
            prop_assert_eq!(&events[..before], &good[..before]);
        }
    }

    #[test]
    fn the_plain_decoder_agrees(bytes in nearly()) {
        prop_assert_eq!(decode(&bytes, &Options::general()), slow::decode(&bytes));
    }

    #[test]
    fn any_split_gives_the_same_events_and_error(
        bytes in nearly(),
        cuts in vec(any::<prop::sample::Index>(), 0..5),
    ) {
        prop_assert_eq!(push(&bytes, &cuts), decode(&bytes, &Options::general()));
    }

    #[test]
    fn forensic_mode_keeps_every_byte_and_agrees_where_nothing_is_wrong(bytes in nearly()) {
        let options = Options::forensic();
        let mut end = 0;
        let mut damaged = false;
        for spanned in Tokens::new(&bytes, &options) {
            let spanned = spanned.unwrap();
            prop_assert_eq!(spanned.span.start, end);
            end = spanned.span.end;
            damaged |= spanned.damage.is_some();
        }
        prop_assert_eq!(end, bytes.len());
        let (events, error) = decode(&bytes, &Options::general());
        prop_assert_eq!(damaged, error.is_some());
        let forensic: Vec<_> = Decoder::new(&bytes, &options).map(Result::unwrap).collect();
        if error.is_none() {
            let forensic: Vec<_> = forensic.iter().copied().map(owned).collect();
            prop_assert_eq!(forensic, events);
        } else {
            let starts = forensic.iter().filter(|e| matches!(e, Event::Start { .. })).count();
            let ends = forensic.iter().filter(|e| **e == Event::End).count();
            prop_assert_eq!(starts, ends);
            let damaged = forensic.iter().any(|e| matches!(e, Event::Damage { .. }));
            prop_assert!(damaged);
        }
        let tree = Tree::decode(&bytes, &options).unwrap();
        prop_assert_eq!(tree.events().take_while(|e| !is_unrooted(e)).count(),
            forensic.iter().take_while(|e| !is_unrooted(e)).count());
        prop_assert_eq!(tree.damage().is_empty(), error.is_none());
        #[cfg(feature = "xml")]
        wbxml::xml::to_string(&tree);
    }

    #[test]
    fn strict_accepts_nothing_that_general_refuses(bytes in nearly()) {
        let strict = Tree::decode(&bytes, &Options::strict());
        let general = Tree::decode(&bytes, &Options::general());
        match (strict, general) {
            (Ok(strict), Ok(general)) => prop_assert_eq!(strict, general),
            (Ok(_), Err(error)) => prop_assert!(false, "{}", error),
            (Err(error), Ok(_)) => {
                prop_assert!(error.general_reads());
                prop_assert!(matches!(error.kind(), ErrorKind::Forbidden(_)));
            }
            (Err(strict), Err(general)) => prop_assert!(strict.offset() <= general.offset()),
        }
    }

    #[test]
    fn random_bytes_do_no_harm(bytes in vec(any::<u8>(), 0..200)) {
        for options in [Options::general(), Options::strict(), Options::forensic()] {
            let _ = Tree::decode(&bytes, &options);
            let _ = Tokens::new(&bytes, &options).count();
        }
        prop_assert_eq!(decode(&bytes, &Options::general()), slow::decode(&bytes));
    }

    #[cfg(feature = "xml")]
    #[test]
    fn random_xml_does_no_harm(text in "[<>/='\"&;!\\[\\]\\-?a-zA-Z \n]{0,60}", split in any::<prop::sample::Index>()) {
        let _ = wbxml::xml::from_str(&text);
        let good = "<Sync xmlns=\"AirSync\"><b:Data xmlns:b='AirSyncBase'>a&amp;<![CDATA[b]]></b:Data><!-- --></Sync>";
        let at = split.index(good.len());
        let mixed = [&good[..at], &text, &good[at..]].concat();
        if let Ok(tree) = wbxml::xml::from_str(&mixed) {
            prop_assert_eq!(wbxml::xml::from_str(&wbxml::xml::to_string(&tree)).unwrap(), tree);
        }
    }
}

/// Where each node is.
fn offsets(tree: &Tree) -> Vec<(Tag, usize)> {
    let mut offsets = Vec::new();
    let mut open: Vec<wbxml::Node<'_>> = tree.top_level().collect();
    while let Some(node) = open.pop() {
        offsets.push((node.tag(), node.offset()));
        open.extend(node.contents());
    }
    offsets
}

/// A tree holds an impossible root where there is no element.
fn is_unrooted(event: &Event<'_>) -> bool {
    matches!(event, Event::Start { tag, .. } if *tag == Tag::new(0, 0))
}

#[test]
fn a_document_of_every_tag_is_one_document() {
    let steps: Vec<_> = (0..tags().len())
        .flat_map(|tag| [Step::Start(tag, true), Step::Text(tag.to_string()), Step::End])
        .collect();
    let bytes = build(&steps, false);
    let tree = Tree::decode(&bytes, &Options::strict()).unwrap();
    assert_eq!(tree.root().children().count(), 654);
    assert_eq!(tree.encode().unwrap(), bytes);
    assert_eq!(slow::decode(&bytes), decode(&bytes, &Options::general()));
    #[cfg(feature = "xml")]
    assert_eq!(wbxml::xml::from_str(&wbxml::xml::to_string(&tree)).unwrap(), tree);
}

/// Whatever way a document is read, a second decoder reads the same.
#[track_caller]
fn every_way_agrees(bytes: &[u8], what: &str) {
    let (expected, error) = slow::decode(bytes);
    let options = Options::general();
    assert_eq!(decode(bytes, &options), (expected.clone(), error), "{what}");
    let tree = Tree::decode(bytes, &options);
    match (&tree, error) {
        (Ok(tree), None) => {
            let events: Vec<_> = tree.events().map(owned).collect();
            let texts = |event: &&Owned| !matches!(event, Owned::Text(text) if text.is_empty());
            assert!(events.iter().filter(texts).eq(expected.iter().filter(texts)), "{what}");
        }
        (Err(error), Some(expected)) => {
            assert_eq!((error.kind(), error.offset()), expected, "{what}");
        }
        other => panic!("{what}: {other:?}"),
    }
    #[cfg(feature = "xml")]
    {
        let mut out = String::new();
        let written =
            wbxml::xml::decode(bytes, &options, wbxml::xml::Style::Compact, &mut out).is_ok();
        assert_eq!(written, tree.is_ok(), "{what}");
        if let Ok(tree) = tree {
            assert_eq!(out, wbxml::xml::to_string(&tree), "{what}");
        }
    }
}

/// Long texts are read block by block, and again when they turn out not to be alone in their element.
#[test]
fn long_texts_before_anything_with_any_damage() {
    let block = 1 << 14;
    let lengths = [block - 1, block, block + 1, 2 * block - 1, 2 * block, 2 * block + 44];
    let followers: [(&str, &[u8]); 6] = [
        ("its end", b"\x01\x01"),
        ("opaque data", b"\xc3\x01\x00\x01\x01"),
        ("no opaque data", b"\xc3\x00\x01\x01"),
        ("a text", b"\x03more\x00\x01\x01"),
        ("an element", b"\x05\x01\x01"),
        ("nothing", b""),
    ];
    for length in lengths {
        for (name, follower) in followers {
            for bad in [None, Some(0), Some(block - 1), Some(block), Some(length - 1)] {
                for (kind, replacement) in [("broken", &b"\xff"[..]), ("foreign", "é".as_bytes())]
                {
                    let mut text = vec![b'a'; length];
                    if let Some(place) = bad.filter(|place| *place < length) {
                        text.splice(place..=place, replacement.iter().copied());
                    }
                    let start: &[u8] = b"\x03\x01\x6a\x00\x45\x45\x03";
                    let bytes = [start, &text, b"\x00", follower].concat();
                    let what = format!("{length} bytes, {kind} at {bad:?}, before {name}");
                    every_way_agrees(&bytes, &what);
                }
            }
        }
    }
}
