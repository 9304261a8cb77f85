//! `lostmail serve` as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::support::{lostmail, run};

/// A server that ends with the test.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lostmail"))
            .arg("serve")
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim_end().to_owned() }
    }

    /// `POST /control/OPERATION`, or GET without a body: the status and what was said.
    fn control(&self, operation: &str, body: &str) -> (u16, String) {
        let address = self.url.trim_start_matches("http://").split('/').next().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let method = if body.is_empty() { "GET" } else { "POST" };
        // alice:alice-pw
        let request = format!(
            "{method} /control/{operation} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Authorization: Basic YWxpY2U6YWxpY2UtcHc=\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    fn shell(&self, lines: &str) -> crate::support::Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lostmail"));
        command.args(["shell", &self.url, "--user", "alice", "--password-env", "TEST_PASSWORD"]);
        run(command.env("TEST_PASSWORD", "alice-pw"), lines.as_bytes())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SIX: &str =
    "provision_device()\nfolder_sync()\ntest_sync_reset()\ntest_sync()\nprint_emails()\n";

#[test]
fn mail_delivered_by_control_reaches_the_device() {
    let served = Served::start(&[]);
    assert!(served.url.ends_with("/Microsoft-Server-ActiveSync"), "{}", served.url);
    for (operation, body) in [
        ("mkdir", r#"{"folder":"Work"}"#),
        ("deliver", r#"{"folder":"Work","subject":"hello m7","days_old":3,"read":true}"#),
        (
            "deliver",
            r#"{"folder":"inbox","subject":"no name","from":"x@example.test","body":"text"}"#,
        ),
        ("flag", r#"{"mail":"m7"}"#),
        ("read", r#"{"mail":"hello m7","folder":"Work","on":false}"#),
        ("move", r#"{"mail":"m7","to":"Inbox"}"#),
    ] {
        let (status, said) = served.control(operation, body);
        assert_eq!(status, 200, "{operation} {body}: {said}");
    }
    let run = served.shell(SIX).code(0);
    assert!(run.text().contains("Inbox: 2 mails"), "{}", run.text());
    assert!(run.text().contains("*! "), "{}", run.text());
    assert!(run.text().contains("no name m8"), "{}", run.text());
    assert_eq!(served.control("delete", r#"{"mail":"m8"}"#).0, 200);
    assert_eq!(served.control("delete", r#"{"mail":"m8"}"#).0, 404);
    let (status, said) = served.control("mailbox", "");
    assert_eq!(status, 200);
    let mailbox: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(mailbox["mails"].as_array().unwrap().len(), 1, "{said}");
    assert_eq!(mailbox["mails"][0]["folder"], "Inbox");
    assert_eq!(mailbox["mails"][0]["flagged"], true);
}

#[test]
fn a_planted_defect_can_be_seen_by_hand() {
    let served = Served::start(&["--bug", "retry-answered-from-newer-state", "--sample"]);
    let (mut child, mut pipe, mut out) = {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lostmail"))
            .args(["shell", &served.url, "--user", "alice", "--password-env", "TEST_PASSWORD"])
            .env("TEST_PASSWORD", "alice-pw")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (pipe, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        (child, pipe, BufReader::new(out))
    };
    let mut until = |words: &str| {
        loop {
            let mut line = String::new();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "no {words:?}");
            if line.contains(words) {
                return;
            }
        }
    };
    let deliver = |name: &str| {
        let body = format!(r#"{{"folder":"Inbox","subject":"{name}"}}"#);
        assert_eq!(served.control("deliver", &body).0, 200);
    };
    pipe.write_all(b"provision_device\nfolder_sync\ntest_sync\n").unwrap();
    until("the device holds 6 mails");
    deliver("m51");
    pipe.write_all(b"lose\ntest_sync\n").unwrap();
    until("was lost");
    deliver("m52");
    pipe.write_all(b"retry\ntest_sync\ntest_sync\n").unwrap();
    // One of eight is missing, and nobody will ever say so.
    until("the device holds 7 mails");
    until("0 changes in 1 window");
    drop(pipe);
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_cannot_be_served_is_said() {
    lostmail(&["serve", "--listen", "0.0.0.0:0"]).code(2).says("--anywhere");
    lostmail(&["serve", "--bug", "none-such"]).code(2).says("no defect none-such");
    lostmail(&["serve", "--user", "a:b"]).code(2).says("colon");
    lostmail(&["serve", "--listen", "nowhere"]).code(2).says("invalid value 'nowhere'");
    let served = Served::start(&[]);
    let address = served.url.trim_start_matches("http://").split('/').next().unwrap();
    lostmail(&["serve", "--listen", address]).code(2).says("cannot listen on");
    assert!(lostmail(&["serve", "--help"]).code(0).text().contains("/control/deliver"));
}
