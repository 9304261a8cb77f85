//! Documents that end too early.

use super::decode_any::read;
use crate::run::Ran;
use wbxml::{Error, ErrorKind, Options, PushDecoder, Tokens, Tree};

/// Prefixes of an input that are read; of a longer one every second, third, …
const PREFIXES_MAX: usize = 64;

pub(super) fn body(bytes: &[u8]) -> Ran {
    let general = Options::general();
    let (whole, error) = read(bytes, &general);
    let step = bytes.len() / PREFIXES_MAX + 1;
    let ends = (0..bytes.len()).step_by(step).chain(bytes.len().checked_sub(1));
    for end in ends {
        let prefix = &bytes[..end];
        let (events, cut) = read(prefix, &general);
        // Nothing is read that is not in the whole.
        assert!(whole.starts_with(&events), "{end} bytes give other events");
        let Some(cut) = cut else {
            // A document with something behind it is a document without that.
            let behind = error.as_ref().is_some_and(|error| error.offset() == end);
            assert!(behind, "{end} of {} bytes are read", bytes.len());
            continue;
        };
        match &error {
            // What is wrong with the whole is wrong with every prefix that holds it, and nothing
            // else is wrong before that.
            Some(error) if !is_cut(error.kind()) && cut.kind() == error.kind() => {
                assert_eq!(cut.offset(), error.offset());
            }
            Some(error) => assert!(is_cut(cut.kind()) || cut.offset() >= error.offset(), "{cut}"),
            None => assert!(is_cut(cut.kind()), "{cut}"),
        }
        assert!(cut.offset() <= end);

        let same = |other: &Error| (other.kind(), other.offset()) == (cut.kind(), cut.offset());
        let tree = Tree::decode(prefix, &general).expect_err("the events were an error");
        assert!(same(&tree), "events {cut}, tree {tree}");
        let strict = Tree::decode(prefix, &Options::strict()).expect_err("strict reads less");
        assert!(!strict.general_reads() && strict.offset() <= cut.offset());
        assert!(same(&strict) || matches!(strict.kind(), ErrorKind::Forbidden(_)), "{strict}");
        let mut out = String::new();
        let xml = wbxml::xml::decode(prefix, &general, wbxml::xml::Style::Compact, &mut out);
        assert!(xml.is_err_and(|error| same(&error)));
        assert!(same(&pushed(prefix, &general)));

        // Forensic mode marks that something is missing and keeps what is there.
        let mut kept = 0;
        let mut marked = false;
        for spanned in Tokens::new(prefix, &Options::forensic()) {
            let spanned = spanned.expect("forensic tokens never fail");
            kept += spanned.span.len();
            marked |= spanned.damage.is_some();
        }
        assert!(marked && kept == end);
    }
    if error.is_some() { Ran::Refused } else { Ran::Checked }
}

/// Whether that can be the matter with the beginning of a document.
fn is_cut(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Empty
            | ErrorKind::UnexpectedEnd(_)
            | ErrorKind::NoRoot
            | ErrorKind::UnclosedElements(_)
            | ErrorKind::UnterminatedString
            | ErrorKind::OpaqueTooLong { .. }
            | ErrorKind::StringTableTooLong { .. }
    )
}

fn pushed(prefix: &[u8], options: &Options) -> Error {
    let mut decoder = PushDecoder::new(options);
    decoder.push(prefix);
    decoder.finish();
    loop {
        match decoder.next() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("{} bytes are read in pieces", prefix.len()),
            Err(error) => return error,
        }
    }
}
