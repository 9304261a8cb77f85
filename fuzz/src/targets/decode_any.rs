//! Any bytes: no panic, and every way to read them tells the same story.

use super::slow::{self, Owned};
use crate::run::Ran;
use wbxml::{ACTIVE_SYNC, Decoder, Error, Event, Limits, Options, PublicId, Tokens, Tree};

pub(super) fn body(bytes: &[u8]) -> Ran {
    let (general, general_error) = read(bytes, &Options::general());
    let (strict, strict_error) = read(bytes, &Options::strict());
    check_shape(&general, general_error.is_none());

    // A second decoder, written to be read, sees the same.
    let (events, error) = slow::decode(bytes);
    assert!(general.iter().copied().map(owned).eq(events));
    assert_eq!(general_error.as_ref().map(|error| (error.kind(), error.offset())), error);

    // The public id is a text only where it is one in the table.
    let decoder = Decoder::new(bytes, &Options::general());
    let header = decoder.header();
    match header.public_id {
        PublicId::Known(_) => assert_eq!(header.public_id_text(), None),
        PublicId::Index(index) => {
            let there = header.table_string(index).is_ok();
            assert!(header.public_id_text().is_none() || there);
        }
    }

    // Tokens have names and show themselves; so do events.
    for spanned in Tokens::new(bytes, &Options::forensic()).flatten() {
        let kind = spanned.token.kind();
        assert!(!kind.is_empty() && !format!("{spanned:?}").is_empty());
        // What has a name of the specification is a global token.
        if kind.starts_with(char::is_uppercase) {
            assert_eq!(kind, wbxml::token::global_name(bytes[spanned.span.start]));
        }
    }
    for event in &general {
        let shown = format!("{event:?}");
        if let Event::Encoded(text) = event {
            assert_eq!(text.to_string(), text.decode());
            let again = text.charset().decode(text.bytes());
            assert_eq!(again.as_deref(), Some(&*text.decode()));
            assert!(shown.contains(&format!("{:?}", text.decode())));
        }
    }

    // The tree is built from the same events.
    match (Tree::decode(bytes, &Options::general()), &general_error) {
        (Ok(tree), None) => {
            assert_eq!(tree.events().count(), general.len());
            assert!(tree.events().zip(&general).all(|(one, other)| same(&one, other)));
        }
        (Err(one), Some(other)) => {
            assert_eq!((one.kind(), one.offset()), (other.kind(), other.offset()));
        }
        (tree, error) => panic!("tree {tree:?}, events {error:?}"),
    }

    // Strict mode reads less, and nothing else.
    match (&strict_error, &general_error) {
        (None, None) => assert_eq!(strict, general),
        (None, Some(error)) => panic!("strict mode reads what general mode refuses: {error}"),
        (Some(_), _) => assert!(general.starts_with(&strict)),
    }

    // Tight limits are errors, never another document.
    let limits = Limits { depth: 4, string: 16, opaque: 16, table: 16, ..Limits::default() };
    let (limited, limit_error) = read(bytes, &Options { limits, ..Options::default() });
    assert!(general.starts_with(&limited));
    assert!(limit_error.is_some() || limited == general);
    let limits = Limits { nodes: 5, document: bytes.len().min(200), ..Limits::default() };
    match Tree::decode(bytes, &Options { limits, ..Options::default() }) {
        Ok(tree) => assert!(tree.node_count() <= 5),
        Err(error) => assert!(!error.to_string().is_empty()),
    }

    if general_error.is_some() { Ran::Refused } else { Ran::Checked }
}

/// The events up to the end or to the error.
pub(super) fn read<'a>(bytes: &'a [u8], options: &Options) -> (Vec<Event<'a>>, Option<Error>) {
    let mut decoder = Decoder::new(bytes, options);
    let mut events = Vec::new();
    loop {
        let before = decoder.offset();
        match decoder.next() {
            Ok(Some(event)) => {
                assert!(decoder.offset() >= before && decoder.offset() <= bytes.len());
                assert!(decoder.event_offset() < bytes.len());
                assert!(decoder.depth() <= options.limits.depth);
                events.push(event);
            }
            Ok(None) => {
                assert_eq!(decoder.offset(), bytes.len());
                return (events, None);
            }
            Err(error) => {
                check_error(&error, bytes);
                // The same error again, for as long as one asks.
                let again = decoder.next().expect_err("an error stays an error");
                assert_eq!((error.kind(), error.offset()), (again.kind(), again.offset()));
                return (events, Some(error));
            }
        }
        // An event takes a byte at least, but for the end of a tag without content.
        assert!(events.len() <= 2 * bytes.len());
    }
}

/// An error tells its place in words, in bytes and to a programmer.
fn check_error(error: &Error, bytes: &[u8]) {
    assert!(error.offset() <= bytes.len());
    let shown = error.to_string();
    assert!(shown.contains(&format!(" at offset {:#x}", error.offset())), "{shown}");
    assert!(shown.contains(error.path()), "{shown}");
    assert!(error.path().split('/').count() <= error.depth().max(1));
    let window = error.hex_window();
    let marked = bytes.get(error.offset()).map_or("[]".to_owned(), |byte| format!("[{byte:02x}]"));
    assert!(window.contains(&marked), "{window}");
    assert!(error.hint() != Some("") && error.name().is_none());
    assert!(format!("{error:?}").contains(&format!("offset: {}", error.offset())));
    assert!(ACTIVE_SYNC.page(error.page()).is_some() || shown.contains("page"), "{shown}");
}

/// Balanced, one root, nothing outside it, an END right behind a tag without content.
fn check_shape(events: &[Event<'_>], complete: bool) {
    let mut depth = 0_usize;
    let mut must_end = false;
    for (index, event) in events.iter().enumerate() {
        assert!(!must_end || *event == Event::End);
        must_end = false;
        match event {
            Event::Start { content, .. } => {
                assert!(depth > 0 || index == 0);
                depth += 1;
                must_end = !content;
            }
            Event::End => depth = depth.checked_sub(1).expect("an end has its start"),
            Event::Text(text) => assert!(depth > 0 && !text.contains('\0')),
            Event::Encoded(_) | Event::Entity(_) | Event::Opaque(_) => assert!(depth > 0),
            other => panic!("{other:?} outside forensic mode"),
        }
    }
    assert!(!complete || (depth == 0 && !events.is_empty()));
}

/// The same event; a tree holds text of other charsets converted.
pub(super) fn same(one: &Event<'_>, other: &Event<'_>) -> bool {
    match (one, other) {
        (Event::Text(text), Event::Encoded(encoded)) => *text == encoded.decode(),
        _ => one == other,
    }
}

/// An event as the plain decoder gives it.
pub(super) fn owned(event: Event<'_>) -> Owned {
    match event {
        Event::Start { tag, content } => Owned::Start(tag, content),
        Event::End => Owned::End,
        Event::Text(text) => Owned::Text(text.to_owned()),
        Event::Encoded(text) => Owned::Text(text.decode().into_owned()),
        Event::Entity(character) => Owned::Entity(character),
        Event::Opaque(bytes) => Owned::Opaque(bytes.to_vec()),
        other => panic!("{other:?} outside forensic mode"),
    }
}
