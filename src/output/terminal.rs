//! Standard output and standard error, and whether they may be coloured.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal as _, Write};

/// The two streams a command writes to.
///
/// A reader that goes away (`lostmail … | head`) is not an error: what is written after that is
/// dropped, and the command ends with the exit code that it has earned. [`Terminal::is_closed`]
/// tells a long command that nobody listens any more.
///
/// Any other failure to write is kept and told at the end, so that a full disk is never a success.
pub struct Terminal {
    out: BufWriter<Box<dyn Write + Send>>,
    err: Box<dyn Write + Send>,
    to_person: bool,
    colour_out: bool,
    colour_err: bool,
    closed: bool,
    failed: Option<io::Error>,
}

/// A colour or weight of text; only ever seen on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Offsets, separators: what the eye should skip.
    Faint,
    /// Names of tags and tokens.
    Name,
    /// Values.
    Value,
    /// Explanations that are not in the input.
    Note,
    /// Damage and errors.
    Error,
    /// Headings.
    Strong,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Faint => "2",
            Self::Name => "36",
            Self::Value => "32",
            Self::Note => "33",
            Self::Error => "1;31",
            Self::Strong => "1",
        }
    }

    /// `text` in this style, or as it is where colour is off.
    pub fn paint(self, text: &str, colour: bool) -> String {
        if colour && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", self.code())
        } else {
            text.to_owned()
        }
    }
}

impl Terminal {
    /// The streams of this process. Colour is on where a stream is a terminal, unless the
    /// environment has a non-empty `NO_COLOR` (<https://no-color.org>) or `TERM=dumb`.
    pub fn of_this_process() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            out: BufWriter::with_capacity(64 << 10, Box::new(io::stdout())),
            err: Box::new(io::stderr()),
            to_person: io::stdout().is_terminal(),
            colour_out: !plain && io::stdout().is_terminal(),
            colour_err: !plain && io::stderr().is_terminal(),
            closed: false,
            failed: None,
        }
    }

    /// Streams given by the caller, without colour: for tests.
    pub fn new(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        Self {
            out: BufWriter::new(Box::new(out)),
            err: Box::new(err),
            to_person: false,
            colour_out: false,
            colour_err: false,
            closed: false,
            failed: None,
        }
    }

    /// Whether standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.to_person
    }

    /// Whether standard output may be coloured.
    pub fn colour(&self) -> bool {
        self.colour_out
    }

    /// Whether standard error may be coloured.
    pub fn colour_of_errors(&self) -> bool {
        self.colour_err
    }

    /// Whether the reader of standard output has gone, or nothing can be written to it any more.
    pub fn is_closed(&self) -> bool {
        self.closed || self.failed.is_some()
    }

    /// Writes text to standard output.
    pub fn print(&mut self, text: &str) {
        self.print_bytes(text.as_bytes());
    }

    /// Writes a line to standard output.
    pub fn println(&mut self, line: &str) {
        self.print(line);
        self.print("\n");
    }

    /// Writes bytes to standard output.
    pub fn print_bytes(&mut self, bytes: &[u8]) {
        if !self.is_closed() {
            let result = self.out.write_all(bytes);
            self.note(result);
        }
    }

    /// Makes everything printed so far visible.
    pub fn flush(&mut self) {
        if !self.is_closed() {
            let result = self.out.flush();
            self.note(result);
        }
    }

    /// Writes text to standard error, after everything printed so far. Nobody can be told when
    /// that fails.
    pub fn eprint(&mut self, text: &str) {
        self.flush();
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }

    /// `lostmail: MESSAGE` on standard error, in red on a terminal.
    pub fn error(&mut self, message: &dyn Display) {
        let name = Style::Error.paint("lostmail:", self.colour_err);
        self.eprint(&format!("{name} {message}\n"));
    }

    /// `lostmail: MESSAGE` on standard error: not an error, but good to know.
    pub fn note_to_user(&mut self, message: &dyn Display) {
        self.eprint(&format!("lostmail: {message}\n"));
    }

    /// Flushes, and gives the first failure to write other than a reader that went away.
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush();
        self.failed.take().map_or(Ok(()), Err)
    }

    fn note(&mut self, result: io::Result<()>) {
        match result {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(error) => {
                self.failed.get_or_insert(error);
            }
        }
    }
}

/// Writing to a terminal is printing; it never fails, see [`Terminal::finish`].
impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.print_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::flush(self);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that fails in the given way.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_goes_away_is_not_an_error() {
        let mut terminal = Terminal::new(Broken(io::ErrorKind::BrokenPipe), io::sink());
        terminal.print("hello");
        terminal.flush();
        assert!(terminal.is_closed());
        assert!(terminal.finish().is_ok());
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut terminal = Terminal::new(Broken(io::ErrorKind::StorageFull), io::sink());
        terminal.print("hello");
        assert_eq!(
            terminal.finish().map_err(|error| error.kind()),
            Err(io::ErrorKind::StorageFull)
        );
    }

    #[test]
    fn colour_is_a_matter_of_the_terminal() {
        assert_eq!(Style::Name.paint("Sync", false), "Sync");
        assert_eq!(Style::Name.paint("Sync", true), "\u{1b}[36mSync\u{1b}[0m");
        assert_eq!(Style::Name.paint("", true), "");
    }
}
