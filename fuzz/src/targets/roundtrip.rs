//! Generated documents: bytes to events to tree to XML and back.

use super::decode_any::read;
use crate::run::Ran;
use activesync_generator::arbitrary::{Arbitrary, Unstructured};
use activesync_generator::{Document, General};
use wbxml::{Encoder, Event, Options, Tree, xml};

pub(super) fn body(bytes: &[u8]) -> Ran {
    // One in four is a document of general mode.
    let (general, entropy) = match bytes.split_first() {
        Some((first, rest)) => (first % 4 == 3, rest),
        None => (false, bytes),
    };
    let mut entropy = Unstructured::new(entropy);
    let (document, options) = if general {
        let Ok(General(document)) = General::arbitrary(&mut entropy) else { return Ran::Skipped };
        (document, Options::general())
    } else {
        let Ok(document) = Document::arbitrary(&mut entropy) else { return Ran::Skipped };
        (document, Options::strict())
    };
    check(&document, &options);
    Ran::Checked
}

fn check(document: &Document, options: &Options) {
    let bytes = document.bytes();
    let (events, error) = read(&bytes, options);
    assert!(error.is_none(), "{error:?}");
    assert!(document.is(&events), "{events:?}");

    // Events to bytes, judged by the plain writer.
    let canonical = document.canonical().bytes();
    let mut encoder = Encoder::new();
    for event in &events {
        encoder.event(event);
    }
    assert_eq!(encoder.finish().expect("balanced events"), canonical);

    // Events to tree and back.
    let tree = Tree::decode(&bytes, options).expect("the events were read");
    assert_eq!(tree.encode().expect("what was read can be written"), canonical);

    // Tree to XML and back, in both styles.
    let text = xml::to_string(&tree);
    assert_eq!(xml::from_str(&text).expect("written XML is read"), tree, "{text}");
    let mut straight = String::new();
    xml::decode(&bytes, options, xml::Style::Compact, &mut straight).expect("the tree was read");
    assert_eq!(straight, text);
    let mut indented = String::new();
    xml::write(&tree, xml::Style::Indented, &mut indented);
    assert_eq!(xml::from_str(&indented).expect("indented XML is read"), tree, "{indented}");

    // No prefix is a document.
    let general = Options::general();
    let step = bytes.len() / 16 + 1;
    for end in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
        let (prefix, error) = read(&bytes[..end], &general);
        assert!(error.is_some(), "a prefix of {end} bytes is read");
        let same = |(one, other): (&Event<'_>, &Event<'_>)| one == other;
        assert!(prefix.len() <= events.len() && prefix.iter().zip(&events).all(same));
    }
}
