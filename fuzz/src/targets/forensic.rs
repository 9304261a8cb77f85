//! Forensic mode: keeps everything, marks the damage and nothing else.

use super::decode_any::read;
use crate::run::Ran;
use wbxml::{Decoder, ErrorKind, Event, Limit, Limits, Options, Tokens, Tree, xml};

pub(super) fn body(bytes: &[u8]) -> Ran {
    let options = Options::forensic();
    let (general, error) = read(bytes, &Options::general());

    // Spans tile the input.
    let mut end = 0;
    let mut marked = false;
    for spanned in Tokens::new(bytes, &options) {
        let spanned = spanned.expect("forensic tokens never fail");
        assert_eq!(spanned.span.start, end);
        end = spanned.span.end;
        marked |= spanned.damage.is_some();
    }
    assert_eq!(end, bytes.len());
    assert_eq!(marked, error.is_some(), "{error:?}");

    // Events are balanced, whatever the bytes are.
    let events: Vec<Event<'_>> = Decoder::new(bytes, &options)
        .map(|event| event.expect("forensic events never fail"))
        .collect();
    let mut depth = 0_usize;
    let mut damaged = false;
    for event in &events {
        match event {
            Event::Start { .. } => depth += 1,
            Event::End => depth = depth.checked_sub(1).expect("an end has its start"),
            Event::Damage { .. } => damaged = true,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    assert_eq!(damaged, error.is_some());
    if error.is_none() {
        assert_eq!(events, general);
    }

    limited(bytes);

    let tree = Tree::decode(bytes, &options).expect("forensic mode never fails");
    assert_eq!(tree.damage().is_empty(), error.is_none());
    assert!(tree.damage().iter().all(|damage| damage.offset + damage.len <= bytes.len()));
    assert_eq!(tree.encode().is_ok(), error.is_none(), "damage is not encoded");
    // Damage can be shown, and is refused where it would have to be read.
    let text = xml::to_string(&tree);
    if error.is_none() {
        assert_eq!(xml::from_str(&text).expect("written XML is read"), tree);
        return Ran::Checked;
    }
    let refused = xml::from_str(&text).expect_err("damage is not read");
    assert!(matches!(refused.kind(), ErrorKind::Damaged | ErrorKind::Limit(_)), "{refused}");
    Ran::Refused
}

/// Limits are damage, too: what is behind them is kept in one piece.
fn limited(bytes: &[u8]) {
    let limits =
        Limits { nodes: 6, marks: 2, string: 30, opaque: 30, depth: 9, ..Limits::default() };
    let options = Options { limits, ..Options::forensic() };
    let (mut end, mut marks) = (0, 0);
    let mut written = Vec::new();
    for spanned in Tokens::new(bytes, &options) {
        let spanned = spanned.expect("forensic tokens never fail");
        assert_eq!(spanned.span.start, end);
        end = spanned.span.end;
        marks += usize::from(spanned.damage.is_some());
        spanned.token.write(wbxml::Charset::Utf8, &mut written);
    }
    assert_eq!(end, bytes.len());
    // Two in the body, two of the header at most, and the one that ends it.
    assert!(marks <= 5, "{marks} marks");
    let tree = Tree::decode(bytes, &options).expect("forensic mode never fails");
    assert!(tree.node_count() <= 6 + 2);
    let nodes = ErrorKind::Limit(Limit::Nodes);
    let given_up = tree.damage().iter().filter(|damage| damage.kind == nodes).count();
    assert!(
        given_up <= 1 && tree.damage().iter().all(|damage| !damage.kind.to_string().is_empty())
    );
}
