//! Hex in the spellings in which bytes are passed around: with and without spaces, with and
//! without zero padding, as dumps of `xxd`, `hexdump -C`, `od` and Wireshark, as arrays of C and
//! its children, and as escapes in a string literal.

use std::borrow::Cow;

use crate::words;

/// Which spelling was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    Dump,
    Words,
    Octal,
    Array,
    Escapes,
    Plain,
}

impl Spelling {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dump => "a hex dump with offsets",
            Self::Words => "a dump of little-endian words",
            Self::Octal => "a dump of octal bytes",
            Self::Array => "an array in source code",
            Self::Escapes => "hex escapes of a string literal",
            Self::Plain => "hex text",
        }
    }
}

/// The bytes that the text spells, or `None` where it is no hex of any spelling.
pub(crate) fn detect(text: &str, limit: usize) -> Option<(Spelling, Vec<u8>)> {
    words::detect(text, limit)
        .or_else(|| dump(text, limit).map(|bytes| (Spelling::Dump, bytes)))
        .or_else(|| array(text).map(|bytes| (Spelling::Array, bytes)))
        .or_else(|| escapes(text).map(|bytes| (Spelling::Escapes, bytes)))
        .or_else(|| plain(text).ok().map(|bytes| (Spelling::Plain, bytes)))
        .or_else(|| plain(&without_column(text)?).ok().map(|bytes| (Spelling::Plain, bytes)))
}

/// The lines of `od -An -tx1z` without their `>characters<`, or `None` where a line has none.
fn without_column(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let bytes: Option<Vec<&str>> =
        lines.map(|line| line.strip_suffix('<')?.split_once('>').map(|(bytes, _)| bytes)).collect();
    Some(bytes?.join("\n"))
}

/// Hex digits in groups, with or without `0x` or `\x`, with anything usual between them. Groups
/// of one digit are bytes whose zero was not written, as TbSync's log has them.
pub(crate) fn plain(text: &str) -> Result<Vec<u8>, String> {
    let is_separator =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b':' | b';' | b'-' | b'|');
    let mut bytes = Vec::new();
    let mut single_digits = 0_usize;
    let mut longest = 0;
    let mut rest = text.as_bytes();
    while let Some(start) = rest.iter().position(|byte| !is_separator(byte)) {
        let group = &rest[start..];
        let length = group.iter().position(is_separator).unwrap_or(group.len());
        let digits = without_prefix(&group[..length]);
        rest = &group[length..];
        if let Some(at) = digits.iter().position(|digit| !digit.is_ascii_hexdigit()) {
            let bad = String::from_utf8_lossy(&digits[at..digits.len().min(at + 4)]);
            let bad = bad.chars().next().unwrap_or_default();
            return Err(format!("{} is not a hex digit", bad.escape_debug()));
        }
        longest = longest.max(digits.len());
        match digits.len() {
            0 => return Err("a prefix without hex digits".to_owned()),
            1 => single_digits += 1,
            length if length % 2 == 1 => {
                return Err(format!("a group of {length} hex digits: an odd number"));
            }
            _ => {}
        }
        push_digits(&mut bytes, digits);
    }
    if bytes.is_empty() {
        return Err("no hex digits".to_owned());
    }
    if single_digits > 0 && longest > 2 {
        return Err("single hex digits among longer groups".to_owned());
    }
    Ok(bytes)
}

/// Why text of nothing but hex digits is no hex: their number is odd. `None` where it is hex, or
/// hardly meant to be.
pub(crate) fn why_not(text: &str) -> Option<String> {
    let is_separator =
        |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ':' | ';' | '-' | '|');
    let mut digits = 0;
    for group in text.split(is_separator).map(|group| without_prefix(group.as_bytes())) {
        if !group.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        digits += group.len();
    }
    if digits < 4 || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    plain(text).err()
}

fn without_prefix(group: &[u8]) -> &[u8] {
    let prefixes: [&[u8]; 5] = [b"0x", b"0X", b"\\x", b"$", b"#"];
    prefixes.iter().find_map(|prefix| group.strip_prefix(*prefix)).unwrap_or(group)
}

/// Appends bytes of hex digits; a digit alone is a byte.
fn push_digits(bytes: &mut Vec<u8>, digits: &[u8]) {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20).wrapping_sub(b'a' - 10),
    };
    if let [digit] = digits {
        bytes.push(value(*digit));
        return;
    }
    bytes.extend(digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])));
}

/// A dump whose lines begin with offsets. The offset of each line must be where the bytes of the
/// lines before it ended, counted in hex, decimal or octal: that tells a dump from hex that only
/// looks like one. A line alone proves nothing: its offset must be 0 or have a colon.
fn dump(text: &str, limit: usize) -> Option<Vec<u8>> {
    [16, 10, 8].into_iter().find_map(|radix| dump_with_offsets(text, radix, limit))
}

fn dump_with_offsets(text: &str, radix: u32, limit: usize) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut width_last: usize = 0;
    let mut squeezed = false;
    let mut origin = None;
    let mut lines = 0;
    let mut proved = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line == "*" {
            squeezed = true; // the last line again and again, up to the next offset
            continue;
        }
        let (offset, rest) = offset_of(line, radix)?;
        let origin = *origin.get_or_insert(offset);
        let colon = line.split_whitespace().next()?.ends_with(':');
        lines += 1;
        proved |= colon || origin == 0 || lines > 1;
        let at = offset.checked_sub(origin)?;
        if squeezed {
            repeat_last_line(&mut bytes, width_last, at, limit)?;
            squeezed = false;
        }
        if at != bytes.len() {
            return None;
        }
        let before = bytes.len();
        push_dump_line(&mut bytes, rest, colon)?;
        width_last = bytes.len() - before;
    }
    (!bytes.is_empty() && !squeezed && proved).then_some(bytes)
}

/// The offset at the beginning of a line, and what follows it.
pub(crate) fn offset_of(line: &str, radix: u32) -> Option<(usize, &str)> {
    let line = line.strip_prefix("0x").unwrap_or(line);
    // No offset has more digits, and a line may be long.
    let end = line.bytes().take(17).take_while(u8::is_ascii_hexdigit).count();
    let (digits, rest) = line.split_at(end);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if !(4..=16).contains(&digits.len()) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    Some((usize::from_str_radix(digits, radix).ok()?, rest))
}

/// The bytes of a line without its offset, up to the column of characters: behind `|`, behind `>`
/// (`od -tx1z`), behind two spaces where the offset ends with a colon (`xxd`), behind three where
/// it does not (Wireshark).
fn push_dump_line(bytes: &mut Vec<u8>, rest: &str, colon: bool) -> Option<()> {
    let rest = rest.trim_start();
    let rest = rest.split(['|', '>']).next()?;
    let rest = rest.split(if colon { "  " } else { "   " }).next()?;
    let rest = rest.split('\t').next()?;
    for group in rest.split_ascii_whitespace() {
        if !group.len().is_multiple_of(2) || !group.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        push_digits(bytes, group.as_bytes());
    }
    Some(())
}

/// Whether text begins as a dump does, with the offset 0 and a number or a character.
pub(crate) fn begins_as_dump(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let offset = words.next().unwrap_or_default();
    let digits = offset.strip_suffix(':').unwrap_or(offset);
    (6..=8).contains(&digits.len())
        && digits.bytes().all(|digit| digit == b'0')
        && words.next().is_some_and(|word| word.len() <= 16)
}

/// Fills up to `end` with copies of the last line, but not beyond the limit: a squeezed dump of
/// zeros can claim any size.
pub(crate) fn repeat_last_line(
    bytes: &mut Vec<u8>,
    width: usize,
    end: usize,
    limit: usize,
) -> Option<()> {
    let start = bytes.len().checked_sub(width)?;
    if width == 0 || end < bytes.len() || end > limit || !(end - start).is_multiple_of(width) {
        return None;
    }
    let line = bytes[start..].to_vec();
    while bytes.len() < end {
        bytes.extend_from_slice(&line);
    }
    Some(())
}

/// The numbers between the first `{` or `[` and its end: C, Java (with casts and negative bytes),
/// Rust, Python, JavaScript. At least one must be hex unless all are decimal bytes.
fn array(text: &str) -> Option<Vec<u8>> {
    let text = without_comments(text);
    let start = text.find(['{', '['])?;
    // `uint8_t x[123] = { … }`: the bracket of the type is not the list.
    let start = match text[start..].find('{') {
        Some(brace) if text[start..].starts_with('[') => start + brace,
        _ => start,
    };
    if is_in_literal(&text, start) {
        return None;
    }
    let close = if text[start..].starts_with('{') { '}' } else { ']' };
    let inner = text.get(start + 1..)?;
    let inner = &inner[..inner.find(close)?];
    let mut bytes = Vec::with_capacity(inner.len() / 5);
    for item in inner.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty()) {
        bytes.push(array_item(item)?);
    }
    (bytes.len() >= 2).then_some(bytes)
}

/// Whether a string literal with hex escapes is open here: what looks like an array is text of it.
fn is_in_literal(text: &str, at: usize) -> bool {
    let Some(quote) = text.bytes().find(|byte| matches!(byte, b'"' | b'\'')) else { return false };
    let (mut inside, mut bytes) = (false, text[..at].bytes());
    while let Some(byte) = bytes.next() {
        if byte == quote {
            inside = !inside;
        } else if inside && byte == b'\\' {
            bytes.next();
        }
    }
    inside && text.contains("\\x")
}

fn array_item(item: &str) -> Option<u8> {
    let item = item.strip_prefix("(byte)").or_else(|| item.strip_prefix("(char)")).unwrap_or(item);
    let item = item.trim();
    let item = ["u8", "u", "U"].iter().find_map(|suffix| item.strip_suffix(suffix)).unwrap_or(item);
    if let Some(digits) = item.strip_prefix("0x").or_else(|| item.strip_prefix("0X")) {
        return u8::from_str_radix(digits, 16).ok();
    }
    match item.parse::<i16>().ok()? {
        value @ -128..=255 => Some(value.to_le_bytes()[0]),
        _ => None,
    }
}

/// Source text without `/* … */` and `// …`.
fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains("/*") && !text.contains("//") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('/') {
        kept.push_str(&rest[..start]);
        let comment = &rest[start..];
        let end = match comment.as_bytes().get(1) {
            Some(b'*') => comment.find("*/").map(|end| end + 2),
            Some(b'/') => comment.find('\n'),
            _ => {
                kept.push('/');
                Some(1)
            }
        };
        rest = &comment[end.unwrap_or(comment.len())..];
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The text of string literals with `\x03` in them: C's, Python's, one after the other.
fn escapes(text: &str) -> Option<Vec<u8>> {
    if !text.contains("\\x") {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let quote = match text.find(['"', '\'']) {
        Some(at) => text[at..].chars().next(),
        None => None,
    };
    // Without quotes the whole text is the literal.
    let mut inside = quote.is_none();
    let mut rest = text.trim().bytes().peekable();
    while let Some(byte) = rest.next() {
        if quote.is_some_and(|quote| byte == quote as u8) {
            inside = !inside;
        } else if inside && byte != b'\\' {
            bytes.push(byte);
        } else if inside {
            bytes.push(match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let mut digit = || char::from(rest.next()?).to_digit(16);
                    u8::try_from(digit()? << 4 | digit()?).ok()?
                }
                first @ b'0'..=b'7' => {
                    let mut value = u32::from(first - b'0');
                    for _ in 0..2 {
                        let Some(digit) = rest.next_if(|digit| (b'0'..=b'7').contains(digit))
                        else {
                            break;
                        };
                        value = value << 3 | u32::from(digit - b'0');
                    }
                    u8::try_from(value).ok()?
                }
                other => other,
            });
        }
    }
    (bytes.len() >= 2).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = &[
        0x03, 0x01, 0x6A, 0x00, 0x00, 0x07, 0x56, 0x4C, 0x03, 0x31, 0x00, 0x01, 0x52, 0x03, 0x32,
        0x00, 0x01, 0x01,
    ];

    #[track_caller]
    fn reads(text: &str, spelling: Spelling) {
        assert_eq!(detect(text, 1000), Some((spelling, BYTES.to_vec())), "{text}");
    }

    #[test]
    fn plain_hex_in_every_dress() {
        reads("03016A000007564C033100015203320 00101".replace(' ', "").as_str(), Spelling::Plain);
        reads("03 01 6A 00 00 07 56 4C 03 31 00 01 52 03 32 00 01 01\n", Spelling::Plain);
        reads("03:01:6a:00:00:07:56:4c:03:31:00:01:52:03:32:00:01:01", Spelling::Plain);
        reads("0301 6a00 0007 564c\r\n0331 0001 5203 3200\r\n0101", Spelling::Plain);
        reads("3 1 6a 0 0 7 56 4c 3 31 0 1 52 3 32 0 1 1", Spelling::Plain);
        // In one line, the first two bytes are no offset of a dump.
        reads("0301 6a00 0007 564c 0331 0001 5203 3200 0101", Spelling::Plain);
        reads(
            "0x03, 0x01, 0x6A, 0x00, 0x00, 0x07, 0x56, 0x4C, 0x03, 0x31, 0x00, 0x01, 0x52, 0x03, \
             0x32, 0x00, 0x01, 0x01",
            Spelling::Plain,
        );
    }

    #[test]
    fn what_looks_like_an_array_may_be_text_of_a_literal() {
        let found = |text: &str| detect(text, 1000).unwrap();
        let literal = "b\"\\x03\\x01j\\x00[0x01, 0x02]\\\"{3, 4}\"";
        assert_eq!(
            found(literal),
            (Spelling::Escapes, b"\x03\x01j\0[0x01, 0x02]\"{3, 4}".to_vec())
        );
        let array = "char *name = \"\\x41\\\"\"; int b[] = {0x03, 0x01};";
        assert_eq!(found(array), (Spelling::Array, vec![3, 1]));
        // An apostrophe is no literal without escapes.
        assert_eq!(found("It's [0x03, 0x01]"), (Spelling::Array, vec![3, 1]));
    }

    #[test]
    fn dumps_of_every_tool() {
        reads(
            "00000000: 0301 6a00 0007 564c 0331 0001 5203 3200  ..j...VL.1..R.2.\n\
             00000010: 0101                                     ..\n",
            Spelling::Dump,
        );
        reads(
            "00000000: 03 01 6a 00 00 07 56 4c 03 31 00 01 52 03 32 00  ..j...VL.1..R.2.\n\
             00000010: 01 01                                            ab cd\n",
            Spelling::Dump,
        );
        reads(
            "00000000  03 01 6a 00 00 07 56 4c  03 31 00 01 52 03 32 00  |..j...VL.1..R.2.|\n\
             00000010  01 01                                             |..|\n\
             00000012\n",
            Spelling::Dump,
        );
        reads(
            "0000000 03 01 6a 00 00 07 56 4c 03 31 00 01 52 03 32 00\n0000020 01 01\n0000022\n",
            Spelling::Dump,
        );
        reads(
            "0000   03 01 6a 00 00 07 56 4c 03 31 00 01 52 03 32 00   ..j...VL.1..R.2.\n\
             0010   01 01                                             ..\n",
            Spelling::Dump,
        );
        reads(
            "\t0x0000:  0301 6a00 0007 564c 0331 0001 5203 3200  ..j...VL.1..R.2.\n\
             \t0x0010:  0101                                     ..\n",
            Spelling::Dump,
        );
    }

    #[test]
    fn a_column_of_characters_may_hold_anything() {
        let bytes = [b"\x03\x01j\0>x|  a   <<", &BYTES[..3]].concat();
        for (offset, next, end) in
            [("000000", "000010", "000012"), ("0000000", "0000020", "0000022"), ("", "", "")]
        {
            let text = format!(
                "{offset} 03 01 6a 00 3e 78 7c 20 20 61 20 20 20 3c 3c 03  >..j.>x|  a   <<.<\n\
                 {next} 01 6a                                            >.j<\n{end}\n"
            );
            let (spelling, found) = detect(&text, 1000).unwrap();
            assert_eq!(found, bytes, "{text}");
            assert_eq!(spelling == Spelling::Plain, offset.is_empty());
        }
        assert_eq!(detect("03 01 >..<\n03 01\n", 1000), None);
    }

    #[test]
    fn a_squeezed_dump_is_filled_and_cannot_claim_a_bomb() {
        let text = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n\
                    *\n00000040  01                                                |.|\n00000041\n";
        let (_, bytes) = detect(text, 65).unwrap();
        assert_eq!(bytes.len(), 65);
        assert_eq!(dump(text, 31), None);
        let bomb = text.replace("00000040", "FFFFFFF0").replace("00000041", "FFFFFFF1");
        assert_eq!(dump(&bomb, 64 << 20), None);
    }

    #[test]
    fn arrays_of_the_c_family() {
        reads(
            "unsigned char body[] = {\n  0x03, 0x01, 0x6a, 0x00, /* header */ 0x00, 0x07, 0x56, 0x4c,\n  \
             0x03, 0x31, 0x00, 0x01, // status\n  0x52, 0x03, 0x32, 0x00, 0x01, 0x01\n};\n\
             unsigned int body_len = 18;\n",
            Spelling::Array,
        );
        reads(
            "const uint8_t body[18] = {3,1,106,0,0,7,86,76,3,49,0,1,82,3,50,0,1,1};",
            Spelling::Array,
        );
        reads("[3, 1, 106, 0, 0, 7, 86, 76, 3, 49, 0, 1, 82, 3, 50, 0, 1, 1]", Spelling::Array);
        assert_eq!(array("new byte[] { (byte) 0xC3, -1, 0x03 }"), Some(vec![0xC3, 0xFF, 3]));
        assert_eq!(array("{ 256 }"), None);
        assert_eq!(array("{ 128, 18, 8 }"), Some(vec![128, 18, 8]));
        assert_eq!(array("{ 0x18, 0x08u }"), Some(vec![0x18, 8]));
    }

    #[test]
    fn escapes_of_string_literals() {
        reads(r"\x03\x01j\x00\x00\x07VL\x031\x00\x01R\x032\x00\x01\x01", Spelling::Escapes);
        reads(r#"b"\x03\x01j\x00\x00\x07VL" "\x031\x00\x01R\x032\x00\x01\x01""#, Spelling::Escapes);
        assert_eq!(escapes(r"'\x03\1j\0'"), Some(vec![3, 1, b'j', 0]));
    }

    #[test]
    fn an_odd_number_of_digits_is_meant_as_hex() {
        for text in ["03016a000", "03016", "0x03016a000\n", "03 01 6a 000", "0301 6"] {
            let why = why_not(text).unwrap();
            assert!(why.contains("an odd number") || why.contains("single"), "{text}: {why}");
        }
        for text in ["03016a00", "", "bad", "decade", "AwFqACM", "03016a00g", "--"] {
            assert_eq!(why_not(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_hex_says_why() {
        assert_eq!(plain("").unwrap_err(), "no hex digits");
        assert_eq!(plain("03 01 6").map(|bytes| bytes.len()), Ok(3));
        assert_eq!(plain("03016").unwrap_err(), "a group of 5 hex digits: an odd number");
        assert_eq!(plain("0301 6").unwrap_err(), "single hex digits among longer groups");
        assert_eq!(plain("xyz").unwrap_err(), "x is not a hex digit");
        for text in ["", "hello", "AwFqAAAHVkwDOQABAQ==", "{}", "[1]", "{\"a\": 1}"] {
            assert_eq!(detect(text, 1000), None, "{text}");
        }
    }
}
