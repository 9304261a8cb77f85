//! Multipart responses of ItemOperations (MS-ASCMD 2.2.1.10.1.1): what was put together comes
//! apart the same way, and any other bytes come apart as a plain reader says.

use crate::run::Ran;
use activesync_capture::{Content, Format, Multipart, MultipartError, SIZE_MAX, detect};
use std::ops::Range;

pub(super) fn body(bytes: &[u8]) -> Ran {
    let judged = compare(bytes);
    if let Some((&count, rest)) = bytes.split_first() {
        put_together(usize::from(count % 8) + 1, rest);
    }
    judged
}

/// Any bytes: the reader and a plain one agree, and so does the search for WBXML.
fn compare(bytes: &[u8]) -> Ran {
    let parsed = Multipart::parse(bytes);
    let plain = plain(bytes);
    assert_eq!(parsed.as_ref().ok().map(|multipart| &*multipart.parts), plain.as_deref());
    match parsed {
        Ok(multipart) => {
            let mut seen = vec![false; bytes.len()];
            seen[..4 + 8 * multipart.parts.len()].fill(true);
            multipart.parts.iter().for_each(|part| seen[part.clone()].fill(true));
            assert_eq!(multipart.unused, seen.iter().filter(|seen| !**seen).count());

            let parts = multipart.parts.iter().map(|part| &bytes[part.clone()]);
            check_found(bytes, Format::Multipart, &parts.collect::<Vec<_>>());
            Ran::Checked
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            // A part that was cut is shown as far as it is there, and is damage.
            match (Multipart::parse_cut(bytes), detect(bytes, Format::Multipart, SIZE_MAX)) {
                (Ok((_, cut)), Ok(found)) => assert_eq!(found.damage.len(), cut.len()),
                (Ok(_), Err(_)) => {}
                (Err(_), found) => assert!(found.is_err()),
            }
            Ran::Refused
        }
    }
}

/// Cuts bytes into parts, puts them together, takes them apart; no prefix comes apart.
fn put_together(count: usize, bytes: &[u8]) {
    let parts: Vec<&[u8]> = bytes.chunks(bytes.len() / count + 1).collect();
    let whole = write(&parts);
    if parts.is_empty() {
        assert_eq!(Multipart::parse(&whole), Err(MultipartError::NoParts));
        return;
    }
    let multipart = Multipart::parse(&whole).expect("what was put together comes apart");
    assert_eq!(multipart.unused, 0);
    assert!(multipart.parts.iter().map(|part| &whole[part.clone()]).eq(parts.iter().copied()));
    check_found(&whole, Format::Multipart, &parts);
    if parts[0][0] <= 3 {
        assert!(Multipart::looks_like(&whole));
        check_found(&whole, Format::Auto, &parts);
    }
    for end in (0..whole.len()).step_by(whole.len() / 64 + 1).chain([whole.len() - 1]) {
        let error = Multipart::parse(&whole[..end]).expect_err("a prefix lacks something");
        let cut = matches!(error, MultipartError::TableCut { .. } | MultipartError::PartCut { .. });
        assert!(cut, "{error}");
        // What is there of each part is found all the same.
        if let Ok((multipart, cut)) = Multipart::parse_cut(&whole[..end]) {
            assert!(!cut.is_empty() && multipart.parts.len() == parts.len());
            for (found, part) in multipart.parts.iter().zip(&parts) {
                assert!(part.starts_with(&whole[..end][found.clone()]));
            }
        }
    }
}

/// The search for WBXML finds these parts, the first as a document.
fn check_found(bytes: &[u8], format: Format, parts: &[&[u8]]) {
    let found = detect(bytes, format, SIZE_MAX).expect("it comes apart");
    assert_eq!(found.parts.len(), parts.len());
    for (number, (found, part)) in found.parts.iter().zip(parts).enumerate() {
        match (&found.content, number) {
            (Content::Wbxml(bytes), 0) | (Content::Bytes(bytes), 1..) => assert_eq!(bytes, part),
            (content, _) => panic!("part {number} is {content:?}"),
        }
    }
}

/// PartsCount, offset and length of each part, the parts one after the other.
pub(super) fn write(parts: &[&[u8]]) -> Vec<u8> {
    let integer = |value: usize| u32::try_from(value).expect("small inputs").to_le_bytes();
    let mut out = integer(parts.len()).to_vec();
    let mut offset = 4 + 8 * parts.len();
    for part in parts {
        out.extend([integer(offset), integer(part.len())].concat());
        offset += part.len();
    }
    out.extend(parts.concat());
    out
}

/// The same as the reader, written to be read.
fn plain(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let integer = |at: usize| {
        let quad = bytes.get(at..at + 4)?;
        Some(quad.iter().rev().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte)))
    };
    let count = integer(0)?;
    let size = bytes.len() as u64;
    let table = 4 + 8 * count;
    if count == 0 || count > 4096 || table > size {
        return None;
    }
    let mut parts = Vec::new();
    for part in 0..usize::try_from(count).ok()? {
        let (offset, length) = (integer(4 + 8 * part)?, integer(8 + 8 * part)?);
        if offset < table || offset + length > size {
            return None;
        }
        parts.push(usize::try_from(offset).ok()?..usize::try_from(offset + length).ok()?);
    }
    Some(parts)
}
