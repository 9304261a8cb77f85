//! Instructions instead of time: they are the same on every run, whatever else the machine does.
//!
//! A bench runs itself under callgrind, with no and with some repetitions of one operation on a
//! document in a file; the difference is what the operation costs.

use std::env;
use std::fs;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use wbxml::{Decoder, Encoder, Event, Options, Tree, xml};

/// The operations, by name.
pub const OPERATIONS: [&str; 6] =
    ["decode events", "decode tree", "decode xml", "encode events", "encode tree", "encode xml"];

/// The error at the end of a document that is cut off, with its path and all.
pub const ERROR: &str = "error";

/// The argument that makes a bench a child under callgrind.
const CHILD: &str = "--count";

/// Deep enough for every document that is made here.
fn options() -> Options {
    let mut options = Options::strict();
    options.limits.depth = 1 << 14;
    options
}

/// Does the work if this process is a child; a bench asks this first.
pub fn child() -> Option<ExitCode> {
    let arguments: Vec<String> = env::args().collect();
    let at = arguments.iter().position(|argument| argument == CHILD)?;
    let [operation, file, times] = arguments.get(at + 1..at + 4)? else { return None };
    let bytes = fs::read(file).expect("the parent has written this file");
    repeat(operation, &bytes, times.parse().expect("the parent gives a number"));
    Some(ExitCode::SUCCESS)
}

fn repeat(operation: &str, bytes: &[u8], times: usize) {
    let options = options();
    let tree = || Tree::decode(bytes, &options).expect("a document");
    match operation {
        "decode events" => times_of(times, || {
            let mut decoder = Decoder::new(bytes, &options);
            while let Some(event) = decoder.next().expect("a document") {
                match event {
                    Event::Start { tag, content } => drop(black_box((tag, content))),
                    Event::End => black_box(()),
                    Event::Text(text) => drop(black_box(text)),
                    Event::Opaque(bytes) => drop(black_box(bytes)),
                    other => drop(black_box(other)),
                }
            }
        }),
        "decode tree" => times_of(times, || drop(black_box(tree()))),
        "decode xml" => {
            let mut text = String::new();
            times_of(times, || {
                text.clear();
                xml::decode(bytes, &options, xml::Style::Compact, &mut text).expect("a document");
                black_box(&text);
            });
        }
        "encode events" => {
            let events: Vec<_> =
                Decoder::new(bytes, &options).collect::<Result<_, _>>().expect("a document");
            let mut buffer = Vec::with_capacity(bytes.len());
            times_of(times, || {
                let mut encoder = Encoder::with_buffer(std::mem::take(&mut buffer));
                for event in &events {
                    encoder.event(event);
                }
                buffer = encoder.finish().expect("events of a document");
            });
        }
        "encode tree" => {
            let tree = tree();
            let mut buffer = Vec::with_capacity(bytes.len());
            times_of(times, || {
                buffer = tree.encode_into(std::mem::take(&mut buffer)).expect("a tree");
            });
        }
        "encode xml" => {
            let text = xml::to_string(&tree());
            times_of(times, || {
                let tree = xml::from_str_with(&text, &options).expect("XML of a document");
                drop(black_box(tree.encode()));
            });
        }
        ERROR => times_of(times, || {
            let cut = &bytes[..bytes.len() - 1];
            drop(black_box(Tree::decode(cut, &options).expect_err("it is cut off")));
        }),
        other => panic!("no operation {other}"),
    }
}

fn times_of(times: usize, mut run: impl FnMut()) {
    for _ in 0..times {
        run();
    }
}

/// Counts instructions of operations on documents.
pub struct Counter {
    program: PathBuf,
    file: PathBuf,
}

impl Counter {
    /// A counter; nothing, and a message, where there is no valgrind.
    pub fn new() -> io::Result<Option<Self>> {
        let valgrind = Command::new("valgrind").arg("--version").output();
        if !valgrind.is_ok_and(|output| output.status.success()) {
            println!("skipped: instructions are counted by valgrind, which is not here");
            return Ok(None);
        }
        let file = env::temp_dir().join(format!("lostmail-instructions-{}", std::process::id()));
        Ok(Some(Self { program: env::current_exe()?, file }))
    }

    /// Instructions of one repetition, as the difference of `first` and `first + times`.
    pub fn count(&self, operation: &str, bytes: &[u8], first: u64, times: u64) -> io::Result<u64> {
        fs::write(&self.file, bytes)?;
        let all = [first, first + times].map(|times| self.run(operation, times));
        let [before, after] = all;
        Ok((after? - before?) / times)
    }

    fn run(&self, operation: &str, times: u64) -> io::Result<u64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(&self.program)
            .args([CHILD, operation])
            .arg(&self.file)
            .arg(times.to_string())
            .output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        let counted = log
            .lines()
            .find_map(|line| line.split_once("Collected :"))
            .and_then(|(_, number)| number.trim().parse().ok());
        counted
            .filter(|_| output.status.success())
            .ok_or_else(|| io::Error::other(format!("callgrind has counted nothing:\n{log}")))
    }

    /// Where the document is.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        // A file of a temporary directory: nothing is lost if it stays.
        let _ = fs::remove_file(&self.file);
    }
}
