//! Texts and opaque data: what mail holds, and what breaks software.

use arbitrary::{Result, Unstructured};

/// Words of many scripts, and odd characters on their own.
const WORDS: &[&str] = &[
    "mail",
    "re: ",
    "Zürich",
    "naïve",
    "Ψηφιακό",
    "совещание",
    "会議",
    "일정",
    "اجتماع",
    "שלום",
    "ประชุม",
    "🛰",
    "👩\u{200D}🚀",
    "e\u{301}",
    "\u{FEFF}",
    "\u{FFFD}",
    "\u{2028}",
    "\u{85}",
    "\u{7F}",
    "\u{A0}",
    "\u{10FFFF}",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\\",
    "\\u{1}",
    "&",
    "<",
    ">",
    "&amp;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "\"",
    "'",
    "=?utf-8?q?=C3=A4?=",
    "{",
    "0",
    "-1",
];

/// Characters that XML 1.0 cannot carry.
const NOT_XML: &[char] = &['\u{1}', '\u{8}', '\u{B}', '\u{1B}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'];

/// Lengths around which codecs change their mind: SIMD blocks, one, two and three byte integers.
pub const EDGES: &[usize] =
    &[7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 1023, 16_383, 16_384];

/// A text without NUL.
pub fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let kind: u8 = u.arbitrary()?;
    Ok(match kind % 16 {
        0..=2 => u.arbitrary::<u16>()?.to_string(),
        3 => format!("2026-11-{:02}T08:30:00.000Z", kind % 28 + 1),
        4..=7 => {
            let words = u.int_in_range(1..=6)?;
            (0..words).map(|_| u.choose(WORDS).copied()).collect::<Result<_>>()?
        }
        8 => {
            let character = *u.choose(NOT_XML)?;
            format!("{}{character}{}", u.choose(WORDS)?, u.choose(WORDS)?)
        }
        9..=11 => {
            let len = usize::from(u.arbitrary::<u8>()? % 24);
            (0..len).map(|_| u.arbitrary::<char>()).collect::<Result<String>>()?
        }
        12 => of_length(u)?,
        13 => String::new(),
        14 => {
            let lines = u.int_in_range(1..=8)?;
            "Dear all,\r\nthe satellite is late.\r\n".repeat(lines)
        }
        _ => (*u.choose(WORDS)?).to_owned(),
    }
    .replace('\0', "0"))
}

/// A text of a length at an edge, give or take one, with something other than ASCII at a place that
/// entropy chooses.
fn of_length(u: &mut Unstructured<'_>) -> Result<String> {
    let len = u.choose(EDGES)? + usize::from(u.arbitrary::<u8>()? % 3) - 1;
    let mut text = "a".repeat(len);
    let at = usize::from(u.arbitrary::<u16>()?) % text.len();
    let word = u.choose(WORDS)?;
    let end = (at + word.len()).min(text.len());
    text.replace_range(at..end, word);
    Ok(text)
}

/// Opaque data.
pub fn opaque(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let kind: u8 = u.arbitrary()?;
    Ok(match kind % 8 {
        0 => Vec::new(),
        1 | 2 => text(u)?.into_bytes(),
        // The form of a ConversationId: bytes that look like tokens, NUL among them.
        3 => vec![0x41, 0x00, 0x4E, 0x03, 0x01, 0xC3, 0x00, kind],
        4 => {
            let byte = u.arbitrary()?;
            vec![byte; *u.choose(EDGES)?]
        }
        // A document within the document.
        5 => b"\x03\x01\x6a\x00\x45\x4b\x030\x00\x01\x01".to_vec(),
        _ => {
            let len = usize::from(u.arbitrary::<u8>()? % 40);
            u.bytes(len.min(u.len()))?.to_vec()
        }
    })
}
