//! The same documents read by libwbxml 0.11.8, the codec that most servers use.
//!
//! Only with the feature `libwbxml`, and where pkg-config finds the library. What the two read
//! differently is listed in [`EXPLAINED`], each with its reason; anything else is a finding.

use crate::run::Ran;

/// Where libwbxml is known to read something else, and why ours stays as it is.
pub const EXPLAINED: &[(&str, &str)] = &[
    (
        "charset",
        "its Debian build has no converter for ISO-8859-1 and UTF-16, and does not know MIBenum \
         1013 and 1014",
    ),
    (
        "entity",
        "it writes characters from U+0800 to U+0FFF as two bytes and from U+10000 on as three, which \
         is not UTF-8",
    ),
    ("public id", "a zero of more than one byte is a number to it, not a literal public id"),
    (
        "two page switches before the root",
        "it takes the second one for a tag, stops there and reports success",
    ),
    (
        "unknown tag",
        "its table lacks page 25 and a few tags of 16.1 and of implementations; it calls them \
         <unknown> and goes on",
    ),
];

pub(super) fn body(bytes: &[u8]) -> Ran {
    #[cfg(feature = "libwbxml")]
    return compare::body(bytes);
    #[cfg(not(feature = "libwbxml"))]
    {
        let _ = bytes;
        Ran::Skipped
    }
}

#[cfg(feature = "libwbxml")]
mod compare {
    use crate::run::Ran;
    use benches::peer::{Seen, read};
    use wbxml::{Decoder, Event, Options, Token, Tokens};

    pub(super) fn body(bytes: &[u8]) -> Ran {
        let options = Options::general();
        let Ok(events) = Decoder::new(bytes, &options).collect::<Result<Vec<_>, _>>() else {
            // It reads much that is damaged, and must not be asked: nesting overflows its stack.
            return Ran::Refused;
        };
        if explained(bytes, &events) {
            return Ran::Skipped;
        }
        let Some(theirs) = read(bytes) else { return Ran::Skipped };
        let theirs = match theirs {
            Ok(seen) => joined(seen),
            Err(message) => panic!("libwbxml refuses a document: {message}"),
        };
        let ours = joined(events.iter().map(seen).collect());
        assert_eq!(ours.len(), theirs.len(), "ours {ours:?}\ntheirs {theirs:?}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let lacks = match (ours, theirs) {
                (Seen::Start(Some((page, token))), Seen::Start(None)) => lacks(*page, *token),
                _ => false,
            };
            assert!(lacks || ours == theirs, "ours {ours:?}\ntheirs {theirs:?}");
        }
        Ran::Checked
    }

    /// Whether its table lacks this tag: Calendar attachments, ProposedStartTime and EndTime, Ping
    /// Version, AccountOnlyRemoteWipe, ComposeMail Type, and all of Find.
    fn lacks(page: u8, token: u8) -> bool {
        matches!(
            (page, token),
            (4, 0x2B..=0x32) | (8, 0x10 | 0x11) | (13, 0x0E) | (14, 0x3B) | (21, 0x0A) | (25, _)
        )
    }

    /// Whether one of the differences of `EXPLAINED` other than unknown tags is to be expected.
    fn explained(bytes: &[u8], events: &[Event<'_>]) -> bool {
        let mut switches = 0;
        for spanned in Tokens::new(bytes, &Options::general()).flatten() {
            match spanned.token {
                Token::Charset(mib) if !matches!(mib, 0 | 3 | 106) => return true,
                Token::SwitchPage(_) if spanned.depth == 0 => switches += 1,
                Token::PublicIdIndex(_) if bytes.get(1) != Some(&0) => return true,
                Token::Entity(0x800..=0xFFF | 0x1_0000..) => return true,
                _ => {}
            }
        }
        let encoded = |event: &Event<'_>| matches!(event, Event::Encoded(_));
        switches > 1 || events.iter().any(encoded)
    }

    fn seen(event: &Event<'_>) -> Seen {
        match event {
            Event::Start { tag, .. } => Seen::Start(Some((tag.page(), tag.token()))),
            Event::End => Seen::End,
            Event::Text(text) => Seen::Characters(text.as_bytes().to_vec()),
            Event::Encoded(text) => Seen::Characters(text.decode().as_bytes().to_vec()),
            Event::Entity(character) => Seen::Characters(character.to_string().into_bytes()),
            Event::Opaque(bytes) => Seen::Characters(bytes.to_vec()),
            other => panic!("{other:?} outside forensic mode"),
        }
    }

    /// One run of characters where there were several; none where they were empty.
    fn joined(events: Vec<Seen>) -> Vec<Seen> {
        let mut out: Vec<Seen> = Vec::new();
        for event in events {
            match (&event, out.last_mut()) {
                (Seen::Characters(bytes), _) if bytes.is_empty() => {}
                (Seen::Characters(more), Some(Seen::Characters(bytes))) => bytes.extend(more),
                _ => out.push(event),
            }
        }
        out
    }
}
