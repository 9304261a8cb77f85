//! Forensic mode: keeps everything, marks the damage and nothing else.

use super::decode_any::read;
use crate::run::Ran;
use wbxml::{Decoder, Event, Options, Tokens, Tree, xml};

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

    let tree = Tree::decode(bytes, &options).expect("forensic mode never fails");
    assert_eq!(tree.damage().is_empty(), error.is_none());
    assert!(tree.damage().iter().all(|damage| damage.offset + damage.len <= bytes.len()));
    // Damage can be shown, and is refused where it would have to be read.
    let text = xml::to_string(&tree);
    if error.is_none() {
        assert_eq!(xml::from_str(&text).expect("written XML is read"), tree);
        return Ran::Checked;
    }
    assert!(xml::from_str(&text).is_err());
    Ran::Refused
}
