//! Bytes that are a document, decoded and encoded again.

use crate::run::Ran;
use wbxml::{Decoder, Encoder, Event, Options, Token, Tokens, Tree};

pub(super) fn body(bytes: &[u8]) -> Ran {
    if let Some(written) = write_tokens(bytes) {
        // The same tokens: the same bytes, but for integers that were longer than needed.
        assert!(written.len() <= bytes.len());
        if written.len() == bytes.len() {
            assert_eq!(written, bytes);
        } else {
            assert!(tokens(&written).eq(tokens(bytes)));
            assert_eq!(write_tokens(&written).as_deref(), Some(&*written));
        }
    }

    let options = Options::general();
    let Ok(tree) = Tree::decode(bytes, &options) else { return Ran::Refused };
    let encoded = tree.encode().expect("what was read can be written");
    let again = Tree::decode(&encoded, &options).expect("what was written can be read");
    assert_eq!(again, tree);
    assert!(again.events().eq(tree.events()));
    assert_eq!(again.encode().expect("a second time too"), encoded);

    // Event by event is the same.
    let mut encoder = Encoder::with_buffer(vec![0xFF; 7]);
    let mut entities = false;
    for event in Decoder::new(bytes, &options) {
        let event = event.expect("the tree could read it");
        entities |= matches!(event, Event::Entity(_));
        encoder.event(&event);
    }
    assert_eq!(encoder.finish().expect("balanced events"), encoded);

    let strict = Tree::decode(&encoded, &Options::strict());
    assert_eq!(strict.is_err(), entities, "what is written is MS-ASWBXML, but for entities");
    // A document in canonical form is written as it was.
    let canonical = Tree::decode(bytes, &Options::strict()).is_ok() && is_canonical(bytes);
    assert!(!canonical || encoded == bytes);
    Ran::Checked
}

fn tokens(bytes: &[u8]) -> impl Iterator<Item = Token<'_>> {
    Tokens::new(bytes, &Options::default()).map_while(|spanned| Some(spanned.ok()?.token))
}

/// The tokens of a document one after the other; `None` where they cannot be read.
fn write_tokens(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = Tokens::new(bytes, &Options::default());
    // The header is read by an event decoder too: both must see the same.
    let charset = wbxml::Charset::from_mib(decoder.header().charset)?;
    let mut out = Vec::new();
    while let Some(spanned) = decoder.next().ok()? {
        spanned.token.write(charset, &mut out);
    }
    Some(out)
}

/// Whether there is no page switch but before a tag that needs it, and no integer is too long.
fn is_canonical(bytes: &[u8]) -> bool {
    let mut page = 0;
    let mut switched = None;
    for token in tokens(bytes) {
        match (token, switched) {
            (Token::SwitchPage(to), None) if to != page => switched = Some(to),
            (Token::Tag { .. }, Some(to)) => {
                page = to;
                switched = None;
            }
            (Token::SwitchPage(_), _) | (_, Some(_)) => return false,
            _ => {}
        }
    }
    write_tokens(bytes).is_some_and(|written| written.len() == bytes.len())
}
