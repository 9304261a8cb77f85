//! Properties over generated documents: bytes, events, tree and XML say the same.
//!
//! The entropy is proptest's, so a failure shrinks to a small document.

use activesync_generator::arbitrary::{Arbitrary, Unstructured};
use activesync_generator::{Broken, Document, General, Piece};
use proptest::collection::vec;
use proptest::prelude::*;
use wbxml::{Decoder, Encoder, Event, Options, Tokens, Tree, xml};

fn drawn<T: for<'a> Arbitrary<'a> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    vec(any::<u8>(), 0..600).prop_map(|entropy| {
        T::arbitrary(&mut Unstructured::new(&entropy)).expect("finite entropy makes a document")
    })
}

fn events<'a>(bytes: &'a [u8], options: &Options) -> Vec<Event<'a>> {
    Decoder::new(bytes, options).collect::<Result<_, _>>().expect("a valid document")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_to_events_and_back(document in drawn::<Document>()) {
        let bytes = document.bytes();
        let events = events(&bytes, &Options::strict());
        prop_assert!(document.is(&events), "{:?}", events);
        let mut encoder = Encoder::new();
for event in &events {
 encoder.event(event);
 }
        prop_assert_eq!(encoder.finish().unwrap(), document.canonical().bytes());
    }

    #[test]
    fn events_to_tree_and_back(document in drawn::<Document>()) {
        let bytes = document.bytes();
        let tree = Tree::decode(&bytes, &Options::strict()).unwrap();
        prop_assert!(document.is(&tree.events().collect::<Vec<_>>()));
        prop_assert_eq!(tree.encode().unwrap(), document.canonical().bytes());
    }

    #[test]
    fn tree_to_xml_and_back(document in drawn::<Document>()) {
        let tree = Tree::decode(&document.bytes(), &Options::strict()).unwrap();
        for style in [xml::Style::Compact, xml::Style::Indented] {
            let mut text = String::new();
            xml::write(&tree, style, &mut text);
            prop_assert_eq!(&xml::from_str(&text).unwrap(), &tree, "{}", text);
        }
    }

    #[test]
    fn xml_to_bytes_and_back(document in drawn::<Document>()) {
        // Through XML the form of an empty element is lost, nothing else.
        let tree = Tree::decode(&document.bytes(), &Options::strict()).unwrap();
        let bytes = xml::from_str(&xml::to_string(&tree)).unwrap().encode().unwrap();
        let again = Tree::decode(&bytes, &Options::strict()).unwrap();
        prop_assert_eq!(&again, &tree);
        let forms = document.canonical().pieces().windows(2).any(|pair| {
            matches!(pair[0], Piece::Start { content: true, .. }) && pair[1] == Piece::End
                || pair.contains(&Piece::Text(String::new()))
                || pair.contains(&Piece::Opaque(Vec::new()))
        });
        prop_assert!(forms || bytes == document.canonical().bytes());
    }

    #[test]
    fn general_documents_become_strict_ones(General(document) in drawn::<General>()) {
        let bytes = document.bytes();
        prop_assert!(document.is(&events(&bytes, &Options::general())));
        let tree = Tree::decode(&bytes, &Options::general()).unwrap();
        let written = tree.encode().unwrap();
        prop_assert_eq!(&written, &document.canonical().bytes());
        let entities = document.pieces().iter().any(|piece| matches!(piece, Piece::Entity(_)));
        prop_assert_eq!(Tree::decode(&written, &Options::strict()).is_err(), entities);
        // XML has no entities of its own: through it every document becomes a strict one.
        let strict = xml::from_str(&xml::to_string(&tree)).unwrap().encode().unwrap();
        prop_assert_eq!(Tree::decode(&strict, &Options::strict()).unwrap(), tree);
    }

    #[test]
    fn tokens_written_one_after_the_other_are_the_document(document in drawn::<Document>()) {
        let bytes = document.bytes();
        let mut copy = Vec::new();
        for spanned in Tokens::new(&bytes, &Options::strict()) {
            spanned.unwrap().token.write(wbxml::Charset::Utf8, &mut copy);
        }
        prop_assert!(copy == bytes || copy.len() < bytes.len());
        // Only integers that were longer than needed get shorter.
        prop_assert_eq!(events(&copy, &Options::strict()), events(&bytes, &Options::strict()));
    }

    #[test]
    fn broken_documents_are_read_up_to_the_damage(broken in drawn::<Broken>()) {
        let found: Vec<_> = Decoder::new(&broken.bytes, &Options::strict()).collect();
        let error = found.iter().find_map(|event| event.as_ref().err());
        prop_assert!(error.is_some() || !broken.damage.is_certain());
        let intact: Vec<_> = broken.document.pieces()[..broken.intact]
            .iter()
            .filter(|piece| !matches!(piece, Piece::Switch(_)))
            .collect();
        for (index, piece) in intact.iter().enumerate() {
            let event = found.get(index).and_then(|event| event.as_ref().ok());
            prop_assert!(event.is_some_and(|event| piece.is(event)), "{:?}: {:?}", piece, event);
        }
        // Forensic mode keeps every byte.
        let kept: usize = Tokens::new(&broken.bytes, &Options::forensic())
            .map(|spanned| spanned.unwrap().span.len())
            .sum();
        prop_assert_eq!(kept, broken.bytes.len());
    }
}
