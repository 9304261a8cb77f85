//! Bytes from a file or standard input, never more than a limit.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::output::text;

/// Where input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input, `-` on the command line.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path.to_owned()) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => f.write_str(&text::safe_path(path)),
        }
    }
}

/// Why there are no bytes.
#[derive(Debug)]
pub enum ReadError {
    /// The operating system says so.
    Io(io::Error),
    /// A directory, where a file is wanted.
    Directory,
    /// More bytes than the limit; how many, where that is known without reading them.
    TooLarge {
        /// The size of the file, where the file system knows it.
        size: Option<u64>,
        /// The limit.
        limit: usize,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                f.write_str("no such file")
            }
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::Directory => f.write_str("is a directory; give the files in it"),
            Self::TooLarge { size: Some(size), limit } => write!(
                f,
                "{}, more than the {} that are read of one input (--limit changes that)",
                text::count(usize::try_from(*size).unwrap_or(usize::MAX), "byte"),
                text::count(*limit, "byte"),
            ),
            Self::TooLarge { size: None, limit } => write!(
                f,
                "more than the {} that are read of one input (--limit changes that)",
                text::count(*limit, "byte"),
            ),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::IsADirectory { Self::Directory } else { Self::Io(error) }
    }
}

/// All bytes of `source`, or an error where there are more than `limit`.
pub fn read(source: &Source, limit: usize) -> Result<Vec<u8>, ReadError> {
    match source {
        Source::Stdin => read_bounded(io::stdin().lock(), limit),
        Source::File(path) => {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(ReadError::Directory);
            }
            if metadata.is_file() && metadata.len() > limit as u64 {
                return Err(ReadError::TooLarge { size: Some(metadata.len()), limit });
            }
            read_bounded(file, limit)
        }
    }
}

fn read_bounded(from: impl Read, limit: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    from.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(ReadError::TooLarge { size: None, limit });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_up_to_the_limit() {
        assert_eq!(read_bounded(&b"12345"[..], 5).ok().as_deref(), Some(&b"12345"[..]));
        assert!(matches!(
            read_bounded(io::repeat(0), 5),
            Err(ReadError::TooLarge { size: None, limit: 5 })
        ));
    }
}
