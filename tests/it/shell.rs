//! The shell as a person pipes lines into it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use crate::support::{Run, golden, lostmail, lostmail_with, run};

/// Runs the shell on these lines.
fn shell(args: &[&str], lines: &str) -> Run {
    lostmail_with(&[&["shell"], args].concat(), lines.as_bytes())
}

/// The same with a password in the environment.
fn shell_as(password: &str, args: &[&str], lines: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lostmail"));
    command.arg("shell").args(args).env("TEST_PASSWORD", password);
    run(command.args(["--user", "alice", "--password-env", "TEST_PASSWORD"]), lines.as_bytes())
}

/// Ports, dates, times and made-up names differ from run to run.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let words: Vec<String> = line.split(' ').map(masked_word).collect();
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    out
}

fn masked_word(word: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let shape = |pattern: &str| {
        word.len() == pattern.len()
            && word
                .bytes()
                .zip(pattern.bytes())
                .all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p })
    };
    if let Some((before, after)) = word.split_once("127.0.0.1:") {
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("{before}127.0.0.1:PORT{rest}");
    }
    if shape("0000-00-00") {
        return "DATE".into();
    }
    if shape("00:00") {
        return "TIME".into();
    }
    match word.strip_prefix("shell-m") {
        Some(number) if digits(number) => "shell-mN".into(),
        _ if word.starts_with("(lostmail/") => "(lostmail/VERSION)".into(),
        _ => word.into(),
    }
}

#[test]
fn the_six_calls_as_they_stand() {
    let six = "set_account(\"embedded\", \"username\", \"password\")\nprovision_device()\nfolder_sync()\n\
               test_sync_reset()\ntest_sync()\nprint_emails()\n";
    let as_calls = shell(&[], six).code(0);
    assert_eq!(as_calls.stderr, "");
    golden("shell-six-calls.txt", &masked(as_calls.text()));
    let words = "set_account embedded username password\r\nprovision_device\r\n# a comment\r\n\r\n\
                 folder_sync\ntest_sync_reset\ntest_sync\nprint_emails\nquit\nthis is never read";
    assert_eq!(masked(shell(&[], words).code(0).text()), masked(as_calls.text()));
    let started = shell(&["embedded"], &six[six.find("provision").unwrap()..]).code(0);
    assert_eq!(masked(started.text()), masked(as_calls.text()));
}

#[test]
fn an_answer_is_lost_and_the_next_is_right() {
    let lines = "provision_device\nfolder_sync\ntest_sync\nread 3\nflag 4\nlose\ntest_sync\ndeliver 2\nretry\n\
                 compare\ntest_sync\ncompare\nlose request\ntest_sync\nretry\nlose half\nestimate\nretry\n\
                 delete 1\nmove 2 Work\nread 5 off\ntest_sync\nprint_emails\nuse work\ntest_sync\ncompare\n\
                 use Deleted Items\n";
    // The last line fails on purpose: a folder with a blank wants quotes.
    let run = shell(&["embedded"], lines).code(2).says("lostmail: line 27: use it as `use FOLDER`");
    golden("shell-lost-answers.txt", &masked(run.text()));
}

#[test]
fn exchanges_are_shown_as_xml_and_never_hold_the_password() {
    let lines = "show on\nprovision_device\nfolder_sync\ntest_sync\nping 1\noptions\n";
    let run = shell_as("s3cret-word", &["embedded"], lines).code(0);
    let text = run.text();
    for words in [
        "→ POST ?Cmd=Provision&User=alice&DeviceId=",
        "<PolicyType>MS-EAS-Provisioning-WBXML</PolicyType>",
        "← HTTP 200, ",
        "<FolderSync xmlns=\"FolderHierarchy\">",
        "<SyncKey>0</SyncKey>",
        "<Subject xmlns=\"Email\">Can it think? Grüße 🤖 (m6)</Subject>",
        "Ping: nothing changed within",
        "ms-asprotocolversions: ",
    ] {
        assert!(text.contains(words), "no {words:?} in:\n{text}");
    }
    assert!(!text.contains("s3cret-word") && !text.contains("Authorization"), "{text}");
}

#[test]
fn the_first_command_that_fails_ends_a_pipe() {
    for (lines, words) in [
        ("test_sync()\n", "line 1: no account: begin with set_account"),
        (
            "\n# x\nset_account embedded\nprint_emails\n",
            "line 4: no folder is known: folder_sync() first",
        ),
        ("set_account embedded\nfolder_sync\n", "provision_device() first"),
        ("frobnicate\n", "there is no command `frobnicate`"),
        ("set_account\n", "use it as `set_account SERVER [USER [PASSWORD]]`"),
        ("set_account(\"embedded\"\n", "the closing parenthesis is missing"),
        ("set_account mail.example\n", "no user"),
        ("set_account mail.example alice\n", "no password for alice: --password-env VAR"),
        ("set_account ftp://mail.example alice x\n", "neither `http://` nor `https://`"),
        ("set_account http://a:b@mail.example alice x\n", "a password does not belong into a URL"),
        ("set_account embedded a:b\n", "a user cannot hold a colon"),
        ("retry\n", "there is nothing to retry"),
        ("help frobnicate\n", "there is no such command"),
        ("show maybe\n", "`on` or `off`?"),
        ("\u{0}\n", "a command begins with its name"),
    ] {
        let lines = format!("{lines}help\n");
        let run = shell(&[], &lines).code(2).says(words);
        assert!(!run.text().contains("print_emails "), "{lines} went on");
    }
    lostmail_with(&["shell"], b"help\n\xff\xfe\n").code(2).says("line 2: a line is not UTF-8");
    lostmail_with(&["shell"], &vec![b'x'; 1 << 20]).code(2).says("a line is longer than");
    shell(&["embedded", "--password-env", "NO_SUCH_VARIABLE"], "").code(2).says("NO_SUCH_VARIABLE");
    for (line, words) in [
        ("read 99", "no mail 99"),
        ("read x", "no mail x"),
        ("move 1 Nowhere", "no folder Nowhere"),
        ("move 1 Inbox", "cannot be changed so"),
        ("delete 1 now", "delete N for-good"),
        ("ping 0", "seconds: 1 to 3540"),
        ("lose everything", "lose what?"),
        ("deliver 0", "how many?"),
        ("imap imap://mail.example", "for loopback only"),
        ("use Calendar", "no folder Calendar"),
    ] {
        let lines = format!("provision_device\nfolder_sync\ntest_sync\n{line}\n");
        shell(&["embedded"], &lines).code(2).says("line 4: ").says(words);
    }
}

#[test]
fn help_names_every_command_and_explains_each() {
    let help = shell(&[], "help\nhelp set_account\n?\n").code(0);
    for word in
        ["set_account SERVER", "lose [answer|half|request]", "`embedded`: the reference server"]
    {
        assert!(help.text().contains(word), "{word}");
    }
    assert!(
        lostmail(&["shell", "--help"])
            .code(0)
            .text()
            .contains("set_account(\"server\", \"username\"")
    );
}

/// A server that gives each connection the same answer, and closes.
fn broken_server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(answer);
        }
    });
    address.to_string()
}

#[test]
fn what_is_wrong_with_a_server_is_said() {
    for (answer, words) in [
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>Hello!</html>\n"
                .as_slice(),
            "HTML instead of WBXML: `<html>Hello!</html> `",
        ),
        (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "HTTP 401: user or password is wrong"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "HTTP 403: this user may not use ActiveSync"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "HTTP 404: there is no ActiveSync at this URL"),
        (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "HTTP 503: the server is busy"),
        (
            b"HTTP/1.1 302 Go\r\nLocation: https://other.example/x\r\nContent-Length: 0\r\n\r\n",
            "the server redirects to https://other.example/x",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "names no protocol version"),
        (
            b"HTTP/1.1 200 OK\r\nMS-ASProtocolVersions: 99.9\r\nContent-Length: 0\r\n\r\n",
            "only versions we do not know: 99.9",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "half a body: 4 bytes of 100"),
        (b"", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "the answer is not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n",
            "the answer is longer than",
        ),
    ] {
        let run = shell_as("x", &[&broken_server(answer)], "help\n").code(2).says(words);
        run.says("127.0.0.1:");
    }
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    shell_as("x", &[&free.to_string()], "").code(2).says("refused");
    shell_as("x", &["no-such-host.invalid"], "").code(2).says("no-such-host.invalid");
    shell_as("x", &["https://127.0.0.1:1/"], "").code(2).says("127.0.0.1:1");
}

#[test]
fn an_answer_that_makes_no_sense_is_told_and_nothing_is_believed() {
    // OPTIONS is answered well; every command gets the same odd body.
    fn odd(body: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut head = [0; 4096];
                let read = stream.read(&mut head).unwrap_or(0);
                let answer = if head[..read].starts_with(b"OPTIONS") {
                    b"HTTP/1.1 200 OK\r\nMS-ASProtocolVersions: 14.1\r\nContent-Length: 0\r\n\r\n"
                        .to_vec()
                } else {
                    let length = body.len();
                    [
                        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").as_bytes(),
                        body,
                    ]
                    .concat()
                };
                let _ = stream.write_all(&answer);
            }
        });
        address.to_string()
    }
    for (body, words) in [
        (b"".as_slice(), "FolderSync needs a body and there was none"),
        (b"<html>", "HTML instead of WBXML"),
        (b"\x03\x01\x6a\x00\x45", "cannot be understood"),
        (b"\x03\x01\x6a\x00\x00\x07\x56", "cannot be understood"),
        (b"\xff\xff\xff\xff\xff\xff\xff", "cannot be understood"),
    ] {
        shell_as("x", &[&odd(body)], "folder_sync\n")
            .code(2)
            .says("line 1: FolderSync: ")
            .says(words);
    }
}
