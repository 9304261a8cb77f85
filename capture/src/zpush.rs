//! Logs of Z-Push and grommunio-sync.
//!
//! A line is `dd/mm/YYYY HH:MM:SS [pid] [LEVEL] [user] [device] text`; logs of one user leave user and device out. At level
//! WBXML the text is `WBXML-IN : BASE64` or `WBXML-OUT: BASE64`. Input is cut after 4,096 bytes, output of more than 512 KiB is
//! replaced by words.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

/// Bytes after which the log cuts a request.
pub const REQUEST_MAX: usize = 4096;

/// Which way a body went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the device.
    Request,
    /// To the device.
    Response,
}

/// A body that the log holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dump<'a> {
    /// Line, from 1.
    pub line: usize,
    /// Date and time as the log has them; it names no zone.
    pub time: &'a str,
    /// Process that wrote it: requests and responses of one call have the same.
    pub process: &'a str,
    /// User, where the log names one.
    pub user: Option<&'a str>,
    /// Device, where the log names one.
    pub device: Option<&'a str>,
    /// Which way it went.
    pub direction: Direction,
    /// The bytes, or why there are none.
    pub body: Result<Vec<u8>, BadDump>,
    /// The log has cut it, as far as its length tells: decode it in forensic mode.
    pub cut: bool,
}

/// A dump without bytes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadDump {
    /// Not base64.
    #[error("line {line}: not base64: {why}")]
    Base64 {
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The log left it out, being too long.
    #[error("line {line}: the log left the body out: {words}")]
    LeftOut {
        /// Line, from 1.
        line: usize,
        /// What stands there instead.
        words: String,
    },
}

/// All dumps of a log, in order. Lines that are no dump are passed over: they are most of a log.
pub fn dumps(log: &str) -> impl Iterator<Item = Dump<'_>> {
    log.lines().enumerate().filter_map(|(index, line)| dump(index + 1, line))
}

fn dump(number: usize, line: &str) -> Option<Dump<'_>> {
    let (time, rest) = line.split_at_checked(19)?;
    let mut rest = rest.trim_start();
    let mut fields = Vec::new();
    while let Some(open) = rest.strip_prefix('[') {
        let (field, after) = open.split_once(']')?;
        fields.push(field.trim());
        rest = after.trim_start();
    }
    let (direction, text) = match rest.split_once(':')? {
        ("WBXML-IN ", text) => (Direction::Request, text.trim()),
        ("WBXML-OUT", text) => (Direction::Response, text.trim()),
        _ => return None,
    };
    let [process, _level, names @ ..] = fields.as_slice() else { return None };
    let body = bytes(number, text);
    let cut = direction == Direction::Request
        && body.as_ref().is_ok_and(|body| body.len() >= REQUEST_MAX);
    Some(Dump {
        line: number,
        time,
        process,
        user: names.first().copied(),
        device: names.get(1).copied(),
        direction,
        body,
        cut,
    })
}

fn bytes(line: usize, text: &str) -> Result<Vec<u8>, BadDump> {
    if text.contains(' ') {
        return Err(BadDump::LeftOut { line, words: text.to_owned() });
    }
    STANDARD.decode(text).map_err(|e| BadDump::Base64 { line, why: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::folders::SyncRequest;
    use activesync::{Command, FolderStatus, Request, Response};

    const LOG: &str = "\
22/11/2026 09:15:02 [ 2799] [WBXML] [alice] [dev1] I  <FolderHierarchy:FolderSync>
22/11/2026 09:15:02 [ 2799] [WBXML] [alice] [dev1] WBXML-IN : AwFqAAAHVlIDMAABAQ==
22/11/2026 09:15:02 [ 2799] [WBXML] [alice] [dev1] WBXML-OUT: AwFqAAAHVkwDOQABAQ==
22/11/2026 09:15:03 [ 2800] [WBXML] WBXML-OUT: more than 512K of data
22/11/2026 09:15:04 [ 2800] [WBXML] WBXML-IN : Aw!!
a stack trace of another program
";

    #[test]
    fn a_call_is_read_out_of_a_log() {
        let dumps: Vec<_> = dumps(LOG).collect();
        assert_eq!(dumps.len(), 4);
        assert_eq!((dumps[0].user, dumps[0].process), (Some("alice"), "2799"));
        let request = Request::decode(Command::FolderSync, dumps[0].body.as_deref().ok()).unwrap();
        assert_eq!(request, Request::FolderSync(SyncRequest { sync_key: "0".into() }));
        let answer = Response::decode(Command::FolderSync, dumps[1].body.as_deref().ok()).unwrap();
        let Response::FolderSync(answer) = answer else { panic!("{answer:?}") };
        assert_eq!(answer.status, FolderStatus::InvalidSyncKey);
    }

    #[test]
    fn what_the_log_does_not_hold_is_said() {
        let dumps: Vec<_> = dumps(LOG).collect();
        assert!(matches!(&dumps[2].body, Err(BadDump::LeftOut { line: 4, .. })));
        assert!(matches!(&dumps[3].body, Err(BadDump::Base64 { line: 5, .. })));
        assert_eq!(dumps[2].user, None);
    }

    #[test]
    fn a_cut_request_is_known_by_its_length() {
        let long = STANDARD.encode(vec![b'x'; REQUEST_MAX]);
        let log = format!("22/11/2026 09:15:02 [ 1] [WBXML] WBXML-IN : {long}");
        assert!(dumps(&log).all(|dump| dump.cut));
    }
}
