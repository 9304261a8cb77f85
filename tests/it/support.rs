//! Runs the program, compares what it printed, makes documents.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wbxml::{Encoder, tags};

/// No command on any input may take longer than this, debug build and busy machine included.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) time: Duration,
}

impl Run {
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.stdout).expect("standard output is text")
    }

    /// Checks the exit code, and that nothing panicked.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code; standard error:\n{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert!(self.time < PATIENCE, "took {:?}", self.time);
        self
    }

    /// Checks that standard error holds these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "no {words:?} in standard error:\n{}", self.stderr);
        self
    }
}

/// Runs `lostmail` with these arguments and nothing on standard input.
pub(crate) fn lostmail<S: AsRef<OsStr>>(args: &[S]) -> Run {
    lostmail_with(args, b"")
}

/// Runs `lostmail` with these arguments and bytes on standard input.
pub(crate) fn lostmail_with<S: AsRef<OsStr>>(args: &[S], stdin: &[u8]) -> Run {
    run(Command::new(env!("CARGO_BIN_EXE_lostmail")).args(args), stdin)
}

/// The same within one gigabyte of address space, where the system can be told so.
pub(crate) fn lostmail_in_a_gigabyte(args: &[&str], stdin: &[u8]) -> Run {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 1000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_lostmail")]);
    run(command.args(args), stdin)
}

pub(crate) fn run(command: &mut Command, stdin: &[u8]) -> Run {
    let start = Instant::now();
    let mut child = command
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("standard input is a pipe");
    // The program may end without reading all of it.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = pipe.write_all(stdin);
        });
        child.wait_with_output().expect("the program ends")
    });
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        time: start.elapsed(),
    }
}

/// Compares text with a file in `tests/golden/`; with `BLESS=1` in the environment, writes it.
#[track_caller]
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, text).expect("the golden file can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let mut first_difference = String::new();
    for (number, (left, right)) in expected.lines().zip(text.lines()).enumerate() {
        if left != right {
            let _ = write!(first_difference, "line {}:\n  {left}\n  {right}", number + 1);
            break;
        }
    }
    assert!(
        expected == text,
        "{name} differs (BLESS=1 rewrites it), {first_difference}\n--- now:\n{text}"
    );
}

/// A file for a test, in the folder that cargo keeps for it.
pub(crate) fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, bytes).expect("a scratch file can be written");
    path
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().expect("a path of ours is UTF-8")
}

/// The folder with captured bodies of other projects, or `None`, said once for each test.
pub(crate) fn samples(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("LOSTMAIL_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        say(&format!("skipped {test}: LOSTMAIL_SAMPLES names no folder of captured bodies"));
    }
    folder
}

/// Says what was looked at or skipped, past the harness, which hides what passing tests print.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The FolderSync response of MS-ASHTTP 4.1: 25 bytes.
pub(crate) const FOLDER_SYNC: &[u8] = b"\x03\x01\x6A\x00\x00\x07\x56\x4C\x031\x00\x01\x52\x032\x00\
    \x01\x4E\x57\x030\x00\x01\x01\x01";

/// A Sync response with one mail, made by our encoder.
pub(crate) fn sync_response() -> Vec<u8> {
    use tags::{air_sync, air_sync_base, email};
    let mut encoder = Encoder::new();
    encoder.start(air_sync::SYNC);
    encoder.start(air_sync::COLLECTIONS);
    encoder.start(air_sync::COLLECTION);
    encoder.leaf(air_sync::CLASS, "Email");
    encoder.leaf(air_sync::SYNC_KEY, "{5a3c}2");
    encoder.leaf(air_sync::COLLECTION_ID, "5");
    encoder.leaf(air_sync::STATUS, "1");
    encoder.empty(air_sync::MORE_AVAILABLE);
    encoder.start(air_sync::COMMANDS);
    encoder.start(air_sync::ADD);
    encoder.leaf(air_sync::SERVER_ID, "5:1");
    encoder.start(air_sync::APPLICATION_DATA);
    encoder.leaf(email::SUBJECT, "Tea <at> \"five\" & näher");
    encoder.leaf(email::READ, "0");
    encoder.leaf(email::MESSAGE_CLASS, "IPM.Note");
    encoder.start(air_sync_base::BODY);
    encoder.leaf(air_sync_base::TYPE, "1");
    encoder.leaf(air_sync_base::DATA, "Line one\r\nLine two");
    encoder.end();
    for _ in 0..6 {
        encoder.end();
    }
    encoder.finish().expect("a well-formed document")
}
