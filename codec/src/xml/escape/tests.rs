//! Text is the same in both kinds of output, and what a slow and simple way makes of it.

use super::*;
use crate::lint::is_xml;

/// Characters that are special, or nearly.
const CHARACTERS: [char; 17] = [
    'a',
    '\t',
    '\n',
    '\r',
    '&',
    '<',
    '>',
    '\u{1}',
    '\u{1f}',
    '\u{7f}',
    'é',
    '日',
    '\u{efff}',
    '\u{feff}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{1f600}',
];

/// Text as XML, one character after the other; nothing where XML does not have one of them.
fn slow(text: &str) -> Option<String> {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '\r' => out.push_str("&#13;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ if is_xml(character) => out.push(character),
            _ => return None,
        }
    }
    Some(out)
}

/// Text goes into both kinds of output as the slow way has it, behind what was there.
#[track_caller]
fn check(text: &str) {
    let (mut string, mut bytes) = (String::from("<é>"), Bytes::new("<é>".into()));
    let done = (escape(text.as_bytes(), &mut string), escape(text.as_bytes(), &mut bytes));
    if let Some(expected) = slow(text) {
        let expected = format!("<é>{expected}");
        assert_eq!(done, (true, true), "{text:?}");
        assert_eq!(string, expected);
        assert_eq!(bytes.into_inner(), expected.as_bytes());
    } else {
        assert_eq!(done, (false, false), "{text:?}");
        bytes.truncate(4);
        assert_eq!(bytes.into_inner(), b"<\xC3\xA9>");
    }
}

#[test]
fn characters_at_every_place_of_short_texts() {
    for character in CHARACTERS {
        for filler in ["a", "é", "日"] {
            for len in 0..40 {
                for place in 0..=len {
                    let (before, after) = (filler.repeat(place), filler.repeat(len - place));
                    check(&format!("{before}{character}{after}"));
                }
            }
        }
    }
}

#[test]
fn characters_beside_others() {
    for (first, second) in CHARACTERS.iter().flat_map(|first| CHARACTERS.map(|it| (first, it))) {
        for between in 0..18 {
            let between = "a".repeat(between);
            check(&format!("{first}{between}{second}{second}"));
            check(&format!("{between}{first}{second}{between}"));
            check(&format!("{}{first}{between}{second}{first}", "a".repeat(LONG)));
        }
    }
}

#[test]
fn characters_at_the_edges_of_long_texts() {
    let edges = [0, 1, 127, 128, 129, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK];
    for filler in ["a", "é", "日", "\u{1f600}"] {
        for character in
            ["", "a", "aé", "&", "\r", "<a>", "\r\n&\r", "\u{efff}", "\u{fffe}", "\u{1}"]
        {
            for edge in edges {
                let text = filler.repeat(edge / filler.len());
                check(&format!("{text}{character}"));
                check(&format!("{character}{text}"));
                check(&format!("{text}{character}{text}{character}"));
            }
        }
    }
}

#[test]
fn what_xml_cannot_carry_is_written_as_escapes() {
    let escaped = |character: char| match character {
        '\\' => "\\\\".to_owned(),
        _ => slow(&character.to_string())
            .unwrap_or_else(|| format!("\\u{{{:x}}}", u32::from(character))),
    };
    let text: String = ('\0'..=' ').chain(CHARACTERS).chain("\\u{1}".chars()).collect();
    for text in [&text, &text.repeat(20)] {
        let (mut string, mut bytes) = (String::new(), Bytes::new(Vec::new()));
        escape_all(text, &mut string);
        escape_all(text, &mut bytes);
        assert_eq!(string, text.chars().map(escaped).collect::<String>());
        assert_eq!(bytes.into_inner(), string.as_bytes());
    }
}

#[test]
fn pieces_of_every_length() {
    const LONG: &str = "<A-long-name-of-an-element xmlns=\"A-long-namespace-of-it\">";
    static PIECES: [Piece; LONG.len()] = {
        let mut pieces = [Piece::new(""); LONG.len()];
        let mut len = 0;
        while len < pieces.len() {
            pieces[len] = Piece::new(LONG.split_at(len).0);
            len += 1;
        }
        pieces
    };
    let text = *b"a text of not more than 32 bytes";
    let (mut string, mut bytes) = (String::new(), Bytes::new(Vec::new()));
    let mut expected = String::new();
    for start in &PIECES {
        for end in &PIECES {
            for len in [0, 1, 16, 31, 32] {
                string.push_leaf(start, &text, len, end);
                bytes.push_leaf(start, &text, len, end);
                expected += start.text;
                expected += std::str::from_utf8(&text[..len]).unwrap();
                expected += end.text;
            }
        }
        string.push_piece(start);
        bytes.push_piece(start);
        expected += start.text;
    }
    assert_eq!((Sink::len(&string), Sink::len(&bytes)), (expected.len(), expected.len()));
    assert_eq!(string, expected);
    assert_eq!(bytes.into_inner(), expected.as_bytes());
}

#[test]
fn every_byte_at_every_place() {
    for byte in 0..=0x7F_u8 {
        assert_eq!(is_special(byte), class(byte) != Class::Plain, "{byte}");
        for place in 0..40 {
            let mut text = vec![b'a'; 40];
            text[place] = byte;
            let expected = (class(byte) != Class::Plain).then_some(place);
            assert_eq!(find_special(&text), expected);
        }
    }
    for byte in 0..=0xFF_u8 {
        for place in 0..32 {
            let mut text = [b'a'; 32];
            text[place] = byte;
            for len in 0..=32 {
                let special = is_special(byte) && place < len;
                assert!(may_be_special(&text, len) || !special, "{byte} {place} {len}");
            }
        }
    }
    assert!(!may_be_special(b"plain text \x7f#%] <&>            \n", 15));
    assert!(is_special(0xEF) && !is_special(0xEE) && !is_special(0xFF));
}
