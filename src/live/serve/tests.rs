use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use activesync_client::{Client, Config as DeviceConfig, SyncChoices, Want};

use super::super::hand::{Delivery, Hand as _};
use super::super::http::{Http, Limits};
use super::super::proxy::Fault;
use super::super::scripted::run;
use super::super::session::{Offer, Session};
use super::*;

fn server(sample: bool) -> Running {
    start(Config { sample, ..Config::new("alice", "secret") }).unwrap()
}

fn session(running: &Running, device: &str) -> Session {
    let http = Http::new(&running.url(), "alice", "secret", Limits::default()).unwrap();
    Session::new(http, DeviceConfig::new(device, "alice"))
}

/// Runs the device's own loop until only Ping is left.
async fn settle(session: &mut Session) {
    for _ in 0..100 {
        let Some(want) = session.client().next() else { panic!("the device is busy") };
        if want == Want::Ping {
            return;
        }
        let call = session.call(&want, Fault::None).await.unwrap().unwrap();
        call.outcome.unwrap();
    }
    panic!("the device never comes to rest");
}

fn subjects(client: &Client) -> Vec<String> {
    let subject = |mail: activesync_client::MailView<'_>| {
        let flag = if mail.item.flag().is_set() { "!" } else { "" };
        let read = if mail.item.read() { "" } else { "*" };
        format!("{read}{flag}{}", mail.item.base.subject.as_deref().unwrap_or_default())
    };
    let mut subjects: Vec<_> = client.mails().map(subject).collect();
    subjects.sort();
    subjects
}

fn delivery<'a>(folder: &'a str, token: &'a str) -> Delivery<'a> {
    Delivery { folder, token, days_old: 0, read: false, flagged: false }
}

/// Sends bytes, and reads until the server closes.
fn raw(running: &Running, bytes: &[u8]) -> String {
    raw_and(running, bytes, false)
}

/// The same; `leaves`: and says that no more will come.
fn raw_and(running: &Running, bytes: &[u8], leaves: bool) -> String {
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // The server may close before all is sent.
    let _ = stream.write_all(bytes);
    if leaves {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(path: &str, authorization: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\
         MS-ASProtocolVersion: 14.1\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// `alice:secret`
const ALICE: &str = "Basic YWxpY2U6c2VjcmV0";

#[test]
fn what_one_hand_does_the_other_sees() {
    run(async {
        let running = server(false);
        let mut hand = running.control();
        let mut device = session(&running, "d1");
        hand.create_folder("Work").await.unwrap();
        hand.create_folder("Work/Urgent").await.unwrap();
        hand.deliver(&delivery("Inbox", "t-m1")).await.unwrap();
        hand.deliver(&delivery("Work/Urgent", "t-m2")).await.unwrap();
        settle(&mut device).await;
        assert_eq!(subjects(device.client()), ["*t-m1", "*t-m2"]);

        hand.set_read("INBOX", "t-m1", true).await.unwrap();
        hand.set_flag("Work/Urgent", "t-m2", true).await.unwrap();
        hand.move_mail("Work/Urgent", "t-m2", "Work").await.unwrap();
        hand.rename_folder("Work/Urgent", "Work/Later").await.unwrap();
        device.client_mut().want_all();
        device.client_mut().want_folders();
        settle(&mut device).await;
        assert_eq!(subjects(device.client()), ["*!t-m2", "t-m1"]);
        assert!(device.client().folders().any(|folder| &*folder.display_name == "Later"));

        let client = device.client_mut();
        let mail = client.mails().find(|mail| mail.item.flag().is_set()).unwrap();
        let (id, local) = (mail.collection.clone(), mail.local);
        assert!(client.user_read(&id, local, true));
        settle(&mut device).await;
        let mails = hand.read("Work").await.unwrap();
        assert!(mails[0].read && mails[0].flagged, "{mails:?}");

        hand.delete("Inbox", "t-m1").await.unwrap();
        hand.remove_folder("Work").await.unwrap();
        device.client_mut().want_all();
        device.client_mut().want_folders();
        settle(&mut device).await;
        assert_eq!(subjects(device.client()), Vec::<String>::new());
        assert!(hand.read_all().await.unwrap().is_empty());
        let folders = hand.folders().await.unwrap();
        assert!(folders.iter().all(|folder| !folder.path.starts_with("Work")), "{folders:?}");
    });
}

#[test]
fn a_ping_waits_for_its_mail_and_no_longer() {
    run(async {
        let running = server(true);
        let mut hand = running.control();
        let mut device = session(&running, "d1");
        settle(&mut device).await;
        device.client_mut().user_heartbeat(60);
        let deliver = async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            hand.deliver(&delivery("Inbox", "t-m100")).await.unwrap();
        };
        let (call, ()) = tokio::join!(device.call(&Want::Ping, Fault::None), deliver);
        let call = call.unwrap().unwrap();
        let Ok(activesync::Response::Ping(answer)) = &call.outcome else { panic!("{call:?}") };
        assert_eq!(answer.status, activesync::PingStatus::Changes);
        assert!(call.took >= Duration::from_millis(150), "{:?}", call.took);
        assert!(call.took < Duration::from_secs(20), "{:?}", call.took);
        settle(&mut device).await;
        assert!(subjects(device.client()).contains(&"*t-m100".to_owned()));

        device.client_mut().user_heartbeat(1);
        let call = device.call(&Want::Ping, Fault::None).await.unwrap().unwrap();
        let Ok(activesync::Response::Ping(answer)) = &call.outcome else { panic!("{call:?}") };
        assert_eq!(answer.status, activesync::PingStatus::Expired);
        assert!(call.took >= Duration::from_secs(1), "{:?}", call.took);
    });
}

#[test]
fn a_request_goes_on_when_its_client_has_gone() {
    run(async {
        let running = server(true);
        let mut device = session(&running, "d1");
        settle(&mut device).await;
        let client = device.client_mut();
        let unread = client.mails().find(|mail| !mail.item.read()).unwrap();
        let (id, local) = (unread.collection.clone(), unread.local);
        let subject = unread.item.base.subject.clone().unwrap();
        assert!(client.user_read(&id, local, true));
        let choices = SyncChoices { collections: vec![id], ..SyncChoices::default() };
        let fault = Fault::HangUp { wait: Duration::from_millis(300) };
        device.call(&Want::Sync(choices), fault).await.unwrap().unwrap().outcome.unwrap_err();
        let mails = running.control().read_all().await.unwrap();
        let mail = mails.iter().find(|mail| mail.subject == *subject).unwrap();
        assert!(mail.read, "the change was made");
        settle(&mut device).await;
    });
}

#[test]
fn an_abandoned_ping_does_not_keep_the_device_out() {
    run(async {
        let running = server(true);
        let mut device = session(&running, "d1");
        settle(&mut device).await;
        device.client_mut().user_heartbeat(3000);
        let fault = Fault::HangUp { wait: Duration::from_millis(50) };
        device.call(&Want::Ping, fault).await.unwrap().unwrap().outcome.unwrap_err();
        device.client_mut().want_all();
        settle(&mut device).await;
    });
}

#[test]
fn a_planted_defect_shows() {
    run(async {
        let defect = Defect::by_name("retry-answered-from-newer-state");
        assert!(defect.is_some());
        let running = start(Config { defect, ..Config::new("alice", "secret") }).unwrap();
        let mut hand = running.control();
        let mut device = session(&running, "d1");
        hand.deliver(&delivery("Inbox", "t-m1")).await.unwrap();
        settle(&mut device).await;
        hand.deliver(&delivery("Inbox", "t-m2")).await.unwrap();
        device.client_mut().want_all();
        let want = device.client().next().unwrap();
        device.call(&want, Fault::LoseAnswer).await.unwrap().unwrap().outcome.unwrap_err();
        hand.deliver(&delivery("Inbox", "t-m3")).await.unwrap();
        settle(&mut device).await;
        assert!(!subjects(device.client()).contains(&"*t-m2".to_owned()), "m2 is lost");
    });
}

#[test]
fn mail_that_comes_between_two_stages_is_not_lost() {
    run(async {
        let pace = Duration::from_millis(30);
        let running = start(Config { pace, ..Config::new("alice", "secret") }).unwrap();
        let mut hand = running.control();
        let mut device = session(&running, "d1");
        settle(&mut device).await;
        for number in 1..=10 {
            device.client_mut().want_all();
            let token = format!("t-m{number}");
            let delivery = delivery("Inbox", &token);
            let deliver = async {
                tokio::time::sleep(Duration::from_millis(number * 12 % 130)).await;
                hand.deliver(&delivery).await.unwrap();
            };
            tokio::join!(settle(&mut device), deliver);
        }
        device.client_mut().want_all();
        settle(&mut device).await;
        assert_eq!(subjects(device.client()).len(), 10);
    });
}

#[test]
fn a_stranger_is_kept_out() {
    run(async {
        let running = server(true);
        for (user, password) in [("alice", "wrong"), ("bob", "secret"), ("alice", "")] {
            let http = Http::new(&running.url(), user, password, Limits::default()).unwrap();
            let error = Offer::ask(&http).await.unwrap_err().to_string();
            assert!(error.contains("401"), "{error}");
        }
        let mut hand = Control::new(&running.url(), "alice", "wrong");
        assert!(hand.read_all().await.unwrap_err().to_string().contains("401"));
        for authorization in ["Basic", "Basic !!!", "Bearer YWxpY2U6c2VjcmV0", ""] {
            let answer = raw(&running, &post("/control/mailbox", authorization, "{}"));
            assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
            assert!(answer.to_ascii_lowercase().contains("www-authenticate: basic"), "{answer}");
        }
    });
}

#[test]
fn garbage_is_answered_or_dropped_and_the_server_goes_on() {
    let running = server(true);
    let sync = format!("{PATH}?Cmd=Sync&User=alice&DeviceId=d&DeviceType=t");
    let garbage = "\u{0}".repeat(3000) + "GET / HTTP";
    let head = format!("POST {sync} HTTP/1.1\r\nHost: x\r\nAuthorization: {ALICE}\r\n");
    for (bytes, expected) in [
        (b"".to_vec(), ""),
        (b"\r\n\r\n".to_vec(), ""),
        (garbage.into_bytes(), "HTTP/1.1 400"),
        (b"SSH-2.0-OpenSSH\r\n\r\n".to_vec(), "HTTP/1.1 400"),
        (b"GET / HTTP/1.1\r\nConnection: close\r\nHost: x\r\n\r\n".to_vec(), "HTTP/1.1 401"),
        (post("/", ALICE, ""), "HTTP/1.1 404"),
        (post(PATH, ALICE, ""), "HTTP/1.1 400"),
        (post(&format!("{PATH}?!!!!"), ALICE, "x"), "HTTP/1.1 400"),
        (post(&format!("{PATH}?Cmd=Nonsense&DeviceId=d"), ALICE, "x"), "HTTP/1.1 400"),
        (post(&format!("{PATH}?Cmd=Search&DeviceId=d"), ALICE, "x"), "HTTP/1.1 501"),
        (post(&sync, ALICE, "<html>this is not WBXML</html>"), "HTTP/1.1 200"),
        (post("/control/nonsense", ALICE, "{}"), "HTTP/1.1 404"),
        (post("/control/deliver", ALICE, "{"), "HTTP/1.1 400"),
        (post("/control/deliver", ALICE, "[]"), "HTTP/1.1 400"),
        (post("/control/read", ALICE, r#"{"mail":"m1","un":true}"#), "HTTP/1.1 400"),
        (post("/control/read", ALICE, r#"{"mail":"m999"}"#), "HTTP/1.1 404"),
        (post("/control/move", ALICE, r#"{"mail":"m1"}"#), "HTTP/1.1 400"),
        (post("/control/mkdir", ALICE, r#"{"folder":"a/b"}"#), "HTTP/1.1 404"),
        (post("/control/mkdir", ALICE, r#"{"folder":"Work"}"#), "HTTP/1.1 409"),
        (post("/control/rmdir", ALICE, r#"{"folder":"Inbox"}"#), "HTTP/1.1 409"),
        (post("/control/deliver", ALICE, r#"{"folder":"Inbox","subject":"m1"}"#), "HTTP/1.1 409"),
        (format!("{head}Content-Length: 100\r\n\r\nhalf").into_bytes(), ""),
        (format!("{head}Content-Length: 209715200\r\n\r\n").into_bytes(), "HTTP/1.1 413"),
        (format!("{head}Content-Length: -1\r\n\r\n").into_bytes(), "HTTP/1.1 400"),
        (format!("{head}Transfer-Encoding: chunked\r\n\r\nZZ\r\n").into_bytes(), "HTTP/1.1 400"),
        (
            format!("GET {PATH} HTTP/1.1\r\nConnection: close\r\nHost: x\r\nAuthorization: {ALICE}\r\n\r\n")
                .into_bytes(),
            "HTTP/1.1 405",
        ),
    ] {
        let answer = raw_and(&running, &bytes, expected.is_empty());
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(160)]).into_owned();
        assert!(answer.starts_with(expected), "{shown:?} was answered {answer:?}");
    }
    let answer = raw(&running, &post("/control/mailbox", ALICE, "{}"));
    assert!(answer.contains(r#""mail":"m1""#), "{answer}");
}

#[test]
fn a_body_without_end_is_cut_off() {
    let running = server(true);
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    let head = format!(
        "POST /control/mailbox HTTP/1.1\r\nHost: x\r\nAuthorization: {ALICE}\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    let mut sent = 0;
    while sent < 200 && stream.write_all(&chunk).is_ok() {
        sent += 1;
    }
    assert!(sent < 100, "the server took {sent} MB");
    assert!(raw(&running, &post("/control/mailbox", ALICE, "{}")).starts_with("HTTP/1.1 200"));
}

#[test]
fn who_can_be_reached_has_to_say_so() {
    let listen = SocketAddr::from(([0, 0, 0, 0], 0));
    let error = start(Config { listen, ..Config::new("a", "b") }).err().unwrap().to_string();
    assert!(error.contains("--anywhere"), "{error}");
    assert!(start(Config { listen, anywhere: true, ..Config::new("a", "b") }).is_ok());
    let taken = server(false);
    let error = start(Config { listen: taken.address, ..Config::new("a", "b") }).err().unwrap();
    assert!(error.to_string().contains("cannot listen on"), "{error}");
}

#[test]
fn a_crash_and_a_lost_state_are_survived() {
    run(async {
        let running = server(true);
        let mut device = session(&running, "d1");
        settle(&mut device).await;
        let before = subjects(device.client());
        for (operation, body) in [("crash", "{}"), ("lose-state", r#"{"device":"d1"}"#)] {
            let answer = raw(&running, &post(&format!("/control/{operation}"), ALICE, body));
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            device.client_mut().want_all();
            settle(&mut device).await;
            assert_eq!(subjects(device.client()), before, "after {operation}");
        }
    });
}
