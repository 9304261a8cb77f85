//! What is this file? A document in any wrapping is found again, byte for byte; anything else does
//! no harm.

use super::wrap::{self, Wrap};
use crate::run::Ran;
use activesync_capture::{Content, Format, Found, NotFound, SIZE_MAX, detect};

/// What any input may unpack to here.
const LIMIT: usize = 64 << 10;

pub(super) fn body(bytes: &[u8]) -> Ran {
    for (format, ..) in Format::ALL {
        harmless(bytes, format);
    }
    let [choice, second, rest @ ..] = bytes else { return Ran::Refused };
    // Six bytes at least, as every document has: less is not believed to be base64.
    let document = [b"\x03\x01\x6a\x00", rest, b"\x01\x01"].concat();
    let outer = wrap::ALL[usize::from(*choice) % wrap::ALL.len()];
    let inner = wrap::ALL[usize::from(*second) % wrap::ALL.len()];
    found_again(&document, &[outer]);
    if outer.takes(inner) {
        found_again(&document, &[outer, inner]);
        return Ran::Checked;
    }
    Ran::Refused
}

/// Whatever it is taken for, that is said, and it is bounded.
fn harmless(bytes: &[u8], format: Format) {
    match detect(bytes, format, LIMIT) {
        Ok(Found { steps, parts, damage }) => {
            assert!(!steps.is_empty());
            assert!(damage.iter().all(|what| steps.contains(what)));
            assert!(parts.len() <= 4096.max(bytes.len()));
            let size = |content: &Content| match content {
                Content::Wbxml(bytes) | Content::Bytes(bytes) => bytes.len(),
                Content::Query(query) => query.len(),
            };
            let sum: usize = parts.iter().map(|part| size(&part.content)).sum();
            assert!(sum <= LIMIT.max(bytes.len()), "{sum} bytes out of {}", bytes.len());
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let NotFound { bytes: rest, .. } = &error;
            assert!(rest.len() <= LIMIT.max(2 * bytes.len()));
            assert_eq!(error.as_document().parts.len(), 1);
        }
    }
}

/// Wraps a document, the innermost wrapping last in the list, and finds it.
fn found_again(document: &[u8], wraps: &[Wrap]) {
    let whole = wraps.iter().rev().fold(document.to_vec(), |bytes, wrap| wrap.around(&bytes));
    let start = &whole[..whole.len().min(200)];
    let shown = || format!("{wraps:?}: {:?}", String::from_utf8_lossy(start));
    let found = match detect(&whole, Format::Auto, SIZE_MAX) {
        Ok(found) => found,
        Err(error) => panic!("{error}\n{}", shown()),
    };
    let documents: Vec<_> = found
        .parts
        .iter()
        .filter_map(|part| match &part.content {
            Content::Wbxml(bytes) => Some(bytes),
            _ => None,
        })
        .collect();
    assert_eq!(documents, [document], "{:?}\n{}", found.steps, shown());
    // It says what it took it for, from the outside to the inside.
    let mut steps = found.steps.iter();
    for wrap in wraps {
        let named = steps.any(|step| step.starts_with(wrap.step()));
        assert!(named, "{:?} does not name {wrap:?}\n{}", found.steps, shown());
    }
}
