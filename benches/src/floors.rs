//! What no codec can be faster than, measured beside the codecs.

use crate::documents::Prepared;
use std::hint::black_box;

/// Copies the document.
pub fn memcpy(document: &Prepared, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(document.bytes());
    black_box(&out);
}

/// Looks for the end of every string.
pub fn nul_scan(document: &Prepared) {
    for string in &document.strings {
        black_box(memchr::memchr(0, &document.padded()[string.start..]));
    }
}

/// Checks every string for being UTF-8.
pub fn utf8(document: &Prepared) {
    for string in &document.strings {
        let valid = simdutf8::basic::from_utf8(&document.bytes()[string.clone()]);
        black_box(valid.is_ok());
    }
}

/// Both.
pub fn nul_scan_and_utf8(document: &Prepared) {
    nul_scan(document);
    utf8(document);
}

/// Goes over the tokens without checking anything, and hands each one out: what any decoder has to
/// do at least.
pub fn walk(document: &Prepared) -> usize {
    let bytes = document.padded();
    let end = document.bytes().len();
    let mut pos = 4;
    let mut page = 0;
    let mut tokens = 0;
    while pos < end {
        tokens += 1;
        // SAFETY: `pos` is below the length of the document.
        let byte = unsafe { *bytes.get_unchecked(pos) };
        match byte {
            0x00 => {
                // SAFETY: the document is valid: a page follows.
                page = unsafe { *bytes.get_unchecked(pos + 1) };
                pos += 2;
            }
            0x03 => {
                // SAFETY: a string ends inside the document, and there is padding behind that.
                let after = unsafe { after_string(bytes, pos + 1) };
                black_box((pos + 1, after - 1));
                pos = after;
            }
            0xC3 => {
                let (mut len, mut at) = (0_usize, pos + 1);
                loop {
                    // SAFETY: the document is valid: an integer ends inside it.
                    let byte = unsafe { *bytes.get_unchecked(at) };
                    len = len << 7 | usize::from(byte & 0x7F);
                    at += 1;
                    if byte < 0x80 {
                        break;
                    }
                }
                black_box((at, at + len));
                pos = at + len;
            }
            tag => {
                black_box((page, tag));
                pos += 1;
            }
        }
    }
    tokens
}

/// The same walk in safe code: every access is checked, strings are searched eight bytes at a time.
pub fn safe_walk(document: &Prepared) -> usize {
    let bytes = document.bytes();
    let mut pos = 4;
    let mut page = 0;
    let mut tokens = 0;
    while let Some(&byte) = bytes.get(pos) {
        tokens += 1;
        match byte {
            0x00 => {
                page = bytes.get(pos + 1).copied().unwrap_or_default();
                pos += 2;
            }
            0x03 => {
                let after = after_string_safe(bytes, pos + 1);
                black_box(bytes.get(pos + 1..after));
                pos = after;
            }
            0xC3 => {
                let (mut len, mut at) = (0_usize, pos + 1);
                while let Some(&byte) = bytes.get(at) {
                    len = len << 7 | usize::from(byte & 0x7F);
                    at += 1;
                    if byte < 0x80 {
                        break;
                    }
                }
                black_box(bytes.get(at..at + len));
                pos = at + len;
            }
            tag => {
                black_box((page, tag));
                pos += 1;
            }
        }
    }
    tokens
}

#[inline]
fn after_string_safe(bytes: &[u8], mut pos: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    if let Some(rest) = bytes.get(pos..) {
        for block in rest.chunks_exact(8) {
            let word = u64::from_le_bytes(block.try_into().expect("eight bytes"));
            let zero = word.wrapping_sub(ONES) & !word & HIGH;
            if zero != 0 {
                return pos + zero.trailing_zeros() as usize / 8 + 1;
            }
            pos += 8;
            if pos.is_multiple_of(256) {
                // A long one.
                let found = memchr::memchr(0, &bytes[pos..]);
                return pos + found.map_or(0, |at| at + 1);
            }
        }
    }
    while bytes.get(pos).is_some_and(|byte| *byte != 0) {
        pos += 1;
    }
    pos + 1
}

/// The position behind the terminator of a string.
///
/// # Safety
///
/// The string must end in `bytes`, with at least 16 bytes after its terminator.
#[cfg(target_arch = "x86_64")]
#[inline]
unsafe fn after_string(bytes: &[u8], mut pos: usize) -> usize {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_setzero_si128,
    };
    loop {
        // SAFETY: the caller says that 16 bytes can be read; SSE2 is part of x86_64.
        let mask = unsafe {
            let block = _mm_loadu_si128(bytes.as_ptr().add(pos).cast());
            _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_setzero_si128()))
        };
        if mask != 0 {
            return pos + mask.trailing_zeros() as usize + 1;
        }
        pos += 16;
    }
}

/// The position behind the terminator of a string.
///
/// # Safety
///
/// The string must end in `bytes`.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
unsafe fn after_string(bytes: &[u8], mut pos: usize) -> usize {
    // SAFETY: the caller says that there is a terminator.
    while unsafe { *bytes.get_unchecked(pos) } != 0 {
        pos += 1;
    }
    pos + 1
}

/// Copies every text and looks for NUL in it: what an encoder has to do at least.
pub fn copy_texts(document: &Prepared, out: &mut Vec<u8>) {
    out.clear();
    for string in &document.strings {
        let text = &document.bytes()[string.clone()];
        black_box(memchr::memchr(0, text));
        out.extend_from_slice(text);
    }
    black_box(&out);
}

/// Goes over the tokens, copies every text with references where XML needs them, and copies as many
/// bytes again as the XML has besides texts.
pub fn walk_and_escape(document: &Prepared, out: &mut Vec<u8>) {
    walk(document);
    out.clear();
    for string in &document.strings {
        let mut rest = &document.bytes()[string.clone()];
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'\r'))
        {
            out.extend_from_slice(&rest[..at]);
            out.extend_from_slice(if rest[at] == b'\r' { b"&#13;" } else { b"&amp;" });
            rest = &rest[at + 1..];
        }
        out.extend_from_slice(rest);
    }
    let names = document.xml.len().saturating_sub(out.len());
    out.extend_from_slice(&document.xml.as_bytes()[..names]);
    black_box(&out);
}

/// Reads the XML with quick-xml and does nothing with it.
pub fn quick_xml_read(document: &Prepared) {
    let mut reader = quick_xml::Reader::from_str(&document.xml);
    loop {
        match reader.read_event().expect("shapes are well-formed XML") {
            quick_xml::events::Event::Eof => break,
            event => drop(black_box(event)),
        }
    }
}
