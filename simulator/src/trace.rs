//! Traces: a failure as a file, in text, that replays for ever.
//!
//! ```text
//! # lostmail trace 1
//! # m3 never reached phone A: ...
//! world devices=1 version=14.1 rekey=0 base64=0 folders=1 mails=0 bug=retry-answered-from-newer-state
//! box deliver m3 inbox
//! call A.9 sync
//! lose-response A.9
//! expect lost mail
//! hash 0123456789abcdef
//! ```

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::{Action, Setup};

const HEAD: &str = "# lostmail trace 1";

/// A trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Comments at the head, a line each: the sentence of the finding, where it was seen.
    pub comments: Vec<String>,
    /// The setup.
    pub setup: Setup,
    /// The actions.
    pub actions: Vec<Action>,
    /// The class of the finding that it shows, or `clean`.
    pub expect: Option<String>,
    /// Hash of the run, if it is known.
    pub hash: Option<u64>,
}

/// What is wrong with a trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct TraceError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl Trace {
    /// How many actions count for its length.
    pub fn len(&self) -> usize {
        self.actions.iter().filter(|action| action.counts()).count()
    }

    /// Whether nothing counts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it replays in the virtual world only.
    pub fn is_inside(&self) -> bool {
        self.actions.iter().any(Action::is_inside)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        for comment in &self.comments {
            writeln!(f, "# {}", comment.replace('\n', " "))?;
        }
        writeln!(f, "{}", self.setup)?;
        for action in &self.actions {
            writeln!(f, "{action}")?;
        }
        if let Some(expect) = &self.expect {
            writeln!(f, "expect {expect}")?;
        }
        if let Some(hash) = self.hash {
            writeln!(f, "hash {hash:016x}")?;
        }
        Ok(())
    }
}

impl FromStr for Trace {
    type Err = TraceError;

    fn from_str(text: &str) -> Result<Self, TraceError> {
        let mut lines = text.lines().enumerate();
        let error = |line: usize, what: String| TraceError { line: line + 1, what };
        if lines.next().map(|(_, line)| line.trim_end()) != Some(HEAD) {
            return Err(error(0, format!("a trace begins with {HEAD:?}")));
        }
        let mut trace = Self {
            comments: Vec::new(),
            setup: Setup::default(),
            actions: Vec::new(),
            expect: None,
            hash: None,
        };
        let mut headed = false;
        for (number, line) in lines {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if let Some(comment) = line.strip_prefix('#') {
                trace.comments.push(comment.trim().to_owned());
            } else if line.starts_with("world") {
                trace.setup = line.parse().map_err(|what| error(number, what))?;
                headed = true;
            } else if let Some(expect) = line.strip_prefix("expect ") {
                trace.expect = Some(expect.trim().to_owned());
            } else if let Some(hash) = line.strip_prefix("hash ") {
                let hash = u64::from_str_radix(hash.trim(), 16);
                trace.hash = Some(hash.map_err(|e| error(number, format!("hash: {e}")))?);
            } else if headed {
                let action = line.parse::<Action>();
                trace.actions.push(action.map_err(|e| error(number, e.to_string()))?);
            } else {
                return Err(error(number, "the `world` line comes before the actions".into()));
            }
        }
        if headed { Ok(trace) } else { Err(error(0, "the `world` line is missing".into())) }
    }
}

/// Lists actions a line each, for messages.
pub fn lines(actions: &[Action]) -> String {
    let mut text = String::new();
    for action in actions {
        let _ = writeln!(text, "{action}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_reads_back() {
        let text = "# lostmail trace 1\n# why\nworld devices=1 version=16.1 rekey=0 base64=1 folders=1 mails=0\n\
            box deliver m3 inbox\ncall A.9 sync window=1\nlose-response A.9\nexpect lost mail\nhash 00000000000000ff\n";
        let trace: Trace = text.parse().unwrap();
        assert_eq!(trace.to_string(), text);
        assert_eq!(trace.len(), 3);
        assert!(!trace.is_inside());
    }

    #[test]
    fn errors_name_the_line() {
        let bad = "# lostmail trace 1\nworld devices=1\nbox dance m1\n".parse::<Trace>();
        assert_eq!(bad.unwrap_err().line, 3);
        assert_eq!("hello".parse::<Trace>().unwrap_err().line, 1);
        assert_eq!("# lostmail trace 1\nbox delete m1".parse::<Trace>().unwrap_err().line, 2);
    }
}
