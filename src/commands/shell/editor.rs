//! Where lines come from: an editor on a terminal, or a pipe.

use std::env;
use std::fs;
use std::io::{BufRead, IsTerminal as _, Read as _};
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use crate::cli::Failure;

use super::line::{LENGTH_MAX, Line};
use super::words::{WORDS, Word};

/// Names the history file; empty for none.
const HISTORY_VARIABLE: &str = "LOSTMAIL_HISTORY";
/// How many lines a history keeps.
const HISTORY_LINES: usize = 1000;

/// Where lines come from.
pub(crate) enum Source {
    /// A person at a terminal.
    Person(Box<Prompt>),
    /// A pipe or a file; lines are counted.
    Pipe(Box<dyn BufRead>),
}

/// What came.
pub(crate) enum Input {
    /// A line.
    Text(String),
    /// The line was given up (Ctrl-C).
    Nothing,
    /// There is no more.
    End,
}

/// The editor, with history and completion.
pub(crate) struct Prompt {
    editor: Editor<Complete, FileHistory>,
    history: Option<PathBuf>,
}

impl Source {
    /// Standard input, with an editor if it is a terminal.
    pub(crate) fn of_this_process() -> Result<Self, Failure> {
        if !std::io::stdin().is_terminal() {
            return Ok(Self::Pipe(Box::new(std::io::stdin().lock())));
        }
        let no_editor = |e: ReadlineError| Failure::new(format!("no line editor: {e}"));
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .max_history_size(HISTORY_LINES)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(no_editor)?
            .build();
        let mut editor = Editor::with_config(config).map_err(no_editor)?;
        editor.set_helper(Some(Complete::default()));
        let history = history_file();
        if let Some(path) = &history {
            // A history that is not there yet is no error.
            let _ = editor.load_history(path);
        }
        Ok(Self::Person(Box::new(Prompt { editor, history })))
    }

    /// Whether nobody can be asked anything.
    pub(crate) fn is_pipe(&self) -> bool {
        matches!(self, Self::Pipe(_))
    }

    /// The next line. `folders` are completed after `use` and `move`.
    pub(crate) fn next(&mut self, prompt: &str, folders: Vec<String>) -> Result<Input, Failure> {
        match self {
            Self::Person(person) => person.next(prompt, folders),
            Self::Pipe(pipe) => next_of_pipe(pipe.as_mut()),
        }
    }
}

fn next_of_pipe(pipe: &mut dyn BufRead) -> Result<Input, Failure> {
    let mut bytes = Vec::new();
    let limit = LENGTH_MAX as u64 + 1;
    pipe.take(limit).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(Input::End);
    }
    if bytes.len() > LENGTH_MAX {
        return Err(Failure::new(format!("a line is longer than {LENGTH_MAX} bytes")));
    }
    String::from_utf8(bytes)
        .map(Input::Text)
        .map_err(|error| Failure::new(format!("a line is not UTF-8: {}", error.utf8_error())))
}

impl Prompt {
    fn next(&mut self, prompt: &str, folders: Vec<String>) -> Result<Input, Failure> {
        if let Some(helper) = self.editor.helper_mut() {
            helper.folders = folders;
        }
        match self.editor.readline(prompt) {
            Ok(text) => {
                if let Some(kept) = Line::for_history(&text) {
                    let added = self.editor.add_history_entry(kept).unwrap_or(false);
                    if let Some(path) = self.history.as_ref().filter(|_| added) {
                        // At once: a shell that is killed keeps its history. One that cannot be written is no error.
                        let _ = self.editor.append_history(path);
                    }
                }
                Ok(Input::Text(text))
            }
            Err(ReadlineError::Interrupted) => Ok(Input::Nothing),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(error) => Err(Failure::new(format!("the line editor failed: {error}"))),
        }
    }
}

/// `$LOSTMAIL_HISTORY`, or `lostmail/history` where the system keeps such things.
fn history_file() -> Option<PathBuf> {
    if let Some(path) = env::var_os(HISTORY_VARIABLE) {
        return (!path.is_empty()).then(|| path.into());
    }
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")))?;
    let folder = state.join("lostmail");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

/// Completes commands, folders and fixed words.
#[derive(Default)]
struct Complete {
    folders: Vec<String>,
}

impl Complete {
    /// Where the word before the cursor begins, and what it may become.
    fn candidates(&self, before: &str) -> (usize, Vec<String>) {
        let Some(end) = before.find([' ', '(']) else {
            let begins = |word: &&Word| {
                word.name
                    .get(..before.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(before))
            };
            return (0, WORDS.iter().filter(begins).map(|word| word.name.to_owned()).collect());
        };
        let start = before.rfind([' ', ',', '(']).map_or(end, |at| at + 1);
        let typed = before[start..].trim_start_matches('"').to_lowercase();
        let position = before[end + 1..start].split_whitespace().count();
        let fixed = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let all: Vec<String> = match (&before[..end], position) {
            ("use", 0) | ("move", 1) => {
                let quoted = |name: &String| {
                    if name.contains(' ') { format!("\"{name}\"") } else { name.clone() }
                };
                self.folders.iter().map(quoted).collect()
            }
            ("show", 0) | ("read" | "flag", 1) => fixed(&["on", "off"]),
            ("lose", 0) => fixed(&["answer", "half", "request"]),
            ("delete", 1) => fixed(&["for-good"]),
            ("set_account", 0) => fixed(&["embedded"]),
            ("help", 0) => WORDS.iter().map(|word| word.name.to_owned()).collect(),
            _ => Vec::new(),
        };
        let fits = |word: &String| word.trim_start_matches('"').to_lowercase().starts_with(&typed);
        (start, all.into_iter().filter(fits).collect())
    }
}

impl Completer for Complete {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.candidates(line.get(..position).unwrap_or(line)))
    }
}

impl Hinter for Complete {
    type Hint = String;

    /// The arguments of a command that has just been typed.
    fn hint(&self, line: &str, position: usize, _: &Context<'_>) -> Option<String> {
        let name = line.strip_suffix(' ').filter(|_| position == line.len())?;
        let word = WORDS.iter().find(|word| word.name == name)?;
        (!word.usage.is_empty()).then(|| word.usage.to_owned())
    }
}

impl Highlighter for Complete {}
impl Validator for Complete {}
impl Helper for Complete {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_folders_and_fixed_words_are_completed() {
        let folders = ["Inbox", "Sent Items", "inner"].map(str::to_owned).to_vec();
        let complete = Complete { folders };
        let all = |before: &str| complete.candidates(before);
        assert_eq!(all("test_sync_"), (0, vec!["test_sync_reset".into()]));
        assert_eq!(all("PRO"), (0, vec!["provision_device".into()]));
        assert_eq!(all("use in"), (4, vec!["Inbox".into(), "inner".into()]));
        assert_eq!(all("use(\"sen"), (4, vec!["\"Sent Items\"".into()]));
        assert_eq!(all("move 3 s"), (7, vec!["\"Sent Items\"".into()]));
        assert_eq!(all("move 3").1, Vec::<String>::new());
        assert_eq!(all("show o").1, ["on", "off"]);
        assert_eq!(all("set_account(").1, ["embedded"]);
        assert_eq!(all("é").1, Vec::<String>::new());
        assert_eq!(all("use é").1, Vec::<String>::new());
    }

    #[test]
    fn a_pipe_is_read_line_by_line_and_bounded() {
        let mut pipe: &[u8] = b"one\ntwo";
        for expected in ["one\n", "two"] {
            let Ok(Input::Text(text)) = next_of_pipe(&mut pipe) else { panic!("a line") };
            assert_eq!(text, expected);
        }
        assert!(matches!(next_of_pipe(&mut pipe), Ok(Input::End)));
        assert!(next_of_pipe(&mut &b"\xff\xfe\n"[..]).is_err());
        let mut endless = std::io::BufReader::new(std::io::repeat(b'x'));
        assert!(next_of_pipe(&mut endless).is_err());
    }
}
