//! Text from the input made safe to show on one line of a terminal.

use std::fmt::Write as _;
use std::path::Path;

/// `text` without anything that could steer a terminal or break the line: control characters,
/// line and paragraph separators and bidirectional overrides become escapes like `\n` and
/// `\u{1b}`, and a backslash is doubled.
///
/// ```
/// assert_eq!(activesync_capture::text::safe("a\tb\u{1b}[31m"), "a\\tb\\u{1b}[31m");
/// ```
pub fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        push_safe(&mut safe, c);
    }
    safe
}

/// The same for text of several lines: line ends, tabs and our own colours stay.
pub fn safe_lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\\' | '\u{1b}' => safe.push(c),
            c => push_safe(&mut safe, c),
        }
    }
    safe
}

/// The same for bytes that ought to be UTF-8; others become `\xNN`.
pub fn safe_bytes(bytes: &[u8]) -> String {
    let mut safe = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| push_safe(&mut safe, c));
        for byte in chunk.invalid() {
            let _ = write!(safe, "\\x{byte:02x}");
        }
    }
    safe
}

/// A path as it may stand in a message.
pub fn safe_path(path: &Path) -> String {
    safe(&path.to_string_lossy())
}

/// `text` made safe and cut to about `max` characters, saying how many bytes were left out.
pub fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => safe(text),
        Some((end, _)) => {
            format!("{}… ({} bytes in all)", safe(&text[..end]), text.len())
        }
    }
}

/// A count with its noun: `1 byte`, `2 bytes`, `1,234 bytes`.
pub fn count(n: usize, noun: &str) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let _ = write!(text, " {noun}{}", if n == 1 { "" } else { "s" });
    text
}

fn push_safe(safe: &mut String, c: char) {
    match c {
        '\\' => safe.push_str("\\\\"),
        '\n' => safe.push_str("\\n"),
        '\r' => safe.push_str("\\r"),
        '\t' => safe.push_str("\\t"),
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            safe.extend(c.escape_unicode());
        }
        c if c.is_control() => safe.extend(c.escape_unicode()),
        c => safe.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_steer_the_terminal() {
        let nasty: String = (0..0xA0).filter_map(char::from_u32).collect();
        assert!(safe(&nasty).chars().all(|c| !c.is_control()));
        assert_eq!(safe_bytes(b"\xff\x00A\\"), "\\xff\\u{0}A\\\\");
        assert_eq!(safe("\u{202e}txt"), "\\u{202e}txt");
    }

    #[test]
    fn what_is_cut_is_said() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("äbcd", 3), "äbc… (5 bytes in all)");
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(count(1, "byte"), "1 byte");
        assert_eq!(count(0, "byte"), "0 bytes");
        assert_eq!(count(1_234_567, "byte"), "1,234,567 bytes");
        assert_eq!(count(123, "line"), "123 lines");
    }
}
