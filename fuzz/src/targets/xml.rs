//! XML text: what is read is well formed, and survives being written.

use crate::run::Ran;
use quick_xml::events::Event as Other;
use wbxml::{ErrorKind, Event, Limits, Options, Tree, xml};

pub(super) fn body(bytes: &[u8]) -> Ran {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ran::Skipped };
    let tree = match xml::from_str(text) {
        Ok(tree) => tree,
        Err(error) => {
            assert!(error.offset() <= text.len());
            assert!(!error.to_string().is_empty());
            return Ran::Refused;
        }
    };
    limited(text, &tree);
    let elements = tree.events().filter(|event| matches!(event, Event::Start { .. })).count();
    let others = count(text);
    assert!(elements <= others, "{elements} elements, another reader finds {others}");

    let written = xml::to_string(&tree);
    assert_eq!(xml::from_str(&written).expect("written XML is read"), tree, "{written}");
    // An empty text is forgotten in the first turn, after that nothing changes.
    let turn = |text: &str| xml::to_string(&xml::from_str(text).expect("as before"));
    let again = turn(&written);
    assert_eq!(turn(&again), again);
    count(&written);
    let mut indented = String::new();
    xml::write(&tree, xml::Style::Indented, &mut indented);
    assert_eq!(xml::from_str(&indented).expect("indented XML is read"), tree, "{indented}");
    count(&indented);

    // To WBXML, or an error that names what WBXML cannot carry.
    match tree.encode() {
        Ok(bytes) => {
            // `<unknown>` may stand for a tag that is in no table: forensic mode reads that too.
            let mode = Options::forensic();
            let back = Tree::decode(&bytes, &mode).expect("forensic mode never fails");
            if back.damage().is_empty() {
                assert_eq!(back, tree);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    Ran::Checked
}

/// How many elements another reader finds in text that must be well formed to it.
fn count(text: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = true;
    config.check_comments = true;
    let mut elements = 0;
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Other::Start(_)) => {
                elements += 1;
                depth += 1;
            }
            Ok(Other::End(_)) => depth -= 1,
            Ok(Other::Empty(_)) => elements += 1,
            Ok(Other::Eof) => break,
            Ok(_) => {}
            Err(error) => panic!("another reader refuses this: {error}\n{text}"),
        }
    }
    assert_eq!(depth, 0, "another reader finds elements left open\n{text}");
    elements
}

/// Tight limits are errors, never another document.
fn limited(text: &str, tree: &Tree) {
    let limits = Limits {
        depth: 3,
        string: 20,
        opaque: 4,
        document: text.len().min(400),
        ..Limits::default()
    };
    match xml::from_str_with(text, &Options { limits, ..Options::default() }) {
        Ok(limited) => assert_eq!(limited, *tree),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Limit(_)), "{error}");
            assert!(!error.to_string().is_empty());
        }
    }
}
