//! A line as a person types it: `set_account("server", "user", "password")` or `set_account server user`.

use super::words::Word;

/// The longest line that is read.
pub(crate) const LENGTH_MAX: usize = 64 << 10;

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The command, as typed.
    pub(crate) name: String,
    /// Its arguments, without quotes.
    pub(crate) arguments: Vec<String>,
}

impl Line {
    /// Takes a line apart; `None` when there is nothing on it but blanks and a comment.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, String> {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '?';
        let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if name.is_empty() {
            return Err("a command begins with its name; `help` lists them".into());
        }
        let rest = rest.trim_start();
        let arguments = match rest.strip_prefix('(') {
            Some(inside) => call(inside)?,
            None => words(rest)?,
        };
        Ok(Some(Self { name: name.to_owned(), arguments }))
    }

    /// The line as it may be kept in a history: without a password, or not at all.
    ///
    /// A line that is no command may be a command with a password, mistyped: only what is understood is kept.
    pub(crate) fn for_history(text: &str) -> Option<String> {
        let line = Self::parse(text).ok()??;
        let word = Word::find(&line.name)?;
        // A password in a URL is refused later, and must not be kept either.
        if line.arguments.iter().any(|argument| holds_password(argument)) {
            return None;
        }
        let Some(secret) = word.password else { return Some(text.trim().to_owned()) };
        if line.arguments.len() <= secret {
            return Some(text.trim().to_owned());
        }
        let kept = line.arguments[..secret].iter().map(|argument| quoted(argument));
        Some(format!("{}({})", word.name, kept.collect::<Vec<_>>().join(", ")))
    }
}

/// Whether a URL has `user:password@`.
fn holds_password(argument: &str) -> bool {
    let Some((_, rest)) = argument.split_once("://") else { return false };
    rest.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

fn quoted(argument: &str) -> String {
    let mut text = String::with_capacity(argument.len() + 2);
    text.push('"');
    for c in argument.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}

/// The arguments of `name(…)`, after the opening parenthesis.
fn call(inside: &str) -> Result<Vec<String>, String> {
    let mut arguments = Vec::new();
    let mut rest = inside.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            let after = after.trim().trim_start_matches(';').trim_start();
            if !(after.is_empty() || after.starts_with('#')) {
                return Err(format!("`{after}` stands after the closing parenthesis"));
            }
            return Ok(arguments);
        }
        let (argument, after) = argument(rest, |c| c == ',' || c == ')' || c.is_whitespace())?;
        arguments.push(argument);
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None if rest.starts_with(')') => {}
            None if rest.is_empty() => return Err("the closing parenthesis is missing".into()),
            None => return Err("a comma is missing between two arguments".into()),
        }
    }
}

/// The arguments of `name one two`.
fn words(rest: &str) -> Result<Vec<String>, String> {
    let mut arguments = Vec::new();
    let mut rest = rest;
    while !(rest.is_empty() || rest.starts_with('#')) {
        let (argument, after) = argument(rest, char::is_whitespace)?;
        if !(after.is_empty() || after.starts_with(char::is_whitespace)) {
            return Err("a blank is missing after a closing quote".into());
        }
        arguments.push(argument);
        rest = after.trim_start();
    }
    Ok(arguments)
}

/// One argument, in quotes or up to where `ends` says, and what follows it.
fn argument(text: &str, ends: impl Fn(char) -> bool) -> Result<(String, &str), String> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = text.find(ends).unwrap_or(text.len());
        if end == 0 {
            return Err("an argument is missing".into());
        }
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut argument = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            c if c == quote => return Ok((argument, &text[at + c.len_utf8()..])),
            '\\' => match characters.next() {
                Some((_, c)) => argument.push(c),
                None => break,
            },
            c => argument.push(c),
        }
    }
    Err("the closing quote is missing".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, Vec<String>) {
        let line = Line::parse(text).unwrap().unwrap();
        (line.name, line.arguments)
    }

    #[test]
    fn calls_and_plain_words_mean_the_same() {
        let expected = ("set_account".to_owned(), vec!["mail.example".into(), "al ice".into()]);
        for text in [
            r#"set_account("mail.example", "al ice")"#,
            r"  set_account ( 'mail.example','al ice', ) ; # the old one",
            r#"set_account(mail.example, "al ice");"#,
            r#"set_account mail.example "al ice""#,
            "set_account 'mail.example'  'al ice'  # comment",
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
        assert_eq!(parsed("test_sync()"), ("test_sync".into(), vec![]));
        assert_eq!(parsed("test_sync"), ("test_sync".into(), vec![]));
        assert_eq!(parsed(r#"x("a\"b\\", "")"#).1, ["a\"b\\", ""]);
    }

    #[test]
    fn nothing_is_nothing() {
        for text in ["", "   ", "# set_account", "\t"] {
            assert_eq!(Line::parse(text), Ok(None));
        }
    }

    #[test]
    fn what_is_broken_is_said() {
        for text in [
            "x(", "x(\"a", "x(a b)", "x(a) y", "x(,)", "(a)", "x \"a\"b", "x \"a\\", "x 'a", "=",
            "é",
        ] {
            assert!(Line::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_history_never_holds_a_password() {
        for (text, kept) in [
            (r#"set_account("s", "u", "secret")"#, Some(r#"set_account("s", "u")"#)),
            (r"set_account s u se\cret", Some(r#"set_account("s", "u")"#)),
            ("SET_ACCOUNT s u secret", Some(r#"set_account("s", "u")"#)),
            ("imap imap://u@s:1 u secret", Some(r#"imap("imap://u@s:1", "u")"#)),
            ("set_account s u", Some("set_account s u")),
            ("read 3", Some("read 3")),
            (r#"set_account("s", "u", "secret""#, None),
            ("set_acount s u secret", None),
            ("imap imap://u:secret@s", None),
            ("", None),
        ] {
            let line = Line::for_history(text);
            assert_eq!(line.as_deref(), kept, "{text}");
            assert!(!line.unwrap_or_default().contains("secret"));
        }
    }
}
