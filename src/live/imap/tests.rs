//! Against a fake server that expects exact commands, and against a lab when one is named.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::super::letter::{Letter, Moment};
use super::super::scripted::run;
use super::*;

/// What is expected (without its tag) and what is answered; `$` in an answer is the tag, and an answer that begins with
/// `!` comes instead of the word to go on with a literal.
type Script<'a> = &'a [(&'a str, &'a str)];

const LOGIN: (&str, &str) = ("LOGIN \"alice\" \"alice-pw\"", "$ OK in\r\n");
const PLUS: (&str, &str) = ("CAPABILITY", "* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\n$ OK done\r\n");
const BARE: (&str, &str) = ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\n$ OK done\r\n");

/// Plays the script on one connection and closes. The task fails at the first command that was not expected.
async fn fake(script: Script<'_>) -> (Account, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let script: Vec<_> = script.iter().map(|(c, a)| ((*c).to_owned(), (*a).to_owned())).collect();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream.write_all(b"* OK [CAPABILITY IMAP4rev1] hello\r\n").await.unwrap();
        for (expected, answer) in script {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let announced = line.trim_end().strip_suffix('}').and_then(|l| l.rsplit_once('{'));
            if let Some((_, length)) = announced
                && !answer.starts_with('!')
            {
                let mut literal = vec![0; length.parse().unwrap()];
                stream.write_all(b"+ go on\r\n").await.unwrap();
                stream.read_exact(&mut literal).await.unwrap();
                line.push_str(&String::from_utf8(literal).unwrap());
                stream.read_line(&mut line).await.unwrap();
            }
            let (tag, command) = line.trim_end().split_once(' ').unwrap();
            assert_eq!(command, expected);
            let answer = answer.trim_start_matches('!').replace('$', tag);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        stream.shutdown().await.unwrap();
    });
    let url = format!("imap://alice@127.0.0.1:{port}");
    (Account::new(&url, "", "alice-pw").unwrap(), task)
}

const PATIENCE: Duration = Duration::from_secs(5);

/// Logs in to a fake that plays `script`, does `work`, and checks that the fake saw what it expected.
fn play<T>(script: Script<'_>, work: impl AsyncFnOnce(Imap) -> T) -> T {
    run(async {
        let (account, task) = fake(script).await;
        let imap = Imap::login(&account, PATIENCE).await.unwrap();
        let result = work(imap).await;
        task.await.unwrap();
        result
    })
}

#[test]
fn folders_are_listed() {
    let folders = play(
        &[
            LOGIN,
            PLUS,
            (
                "LIST \"\" \"*\"",
                "* LIST (\\HasNoChildren \\Trash) \"/\" Trash\r\n* LIST () NIL \"a b\"\r\n\
                 * LIST (\\Noselect) \".\" {3}\r\n{x}\r\n$ OK done\r\n",
            ),
        ],
        async |mut imap| imap.folders().await.unwrap(),
    );
    let names: Vec<_> = folders.iter().map(|f| (f.name.as_str(), f.separator)).collect();
    assert_eq!(names, [("Trash", Some('/')), ("a b", None), ("{x}", Some('.'))]);
    assert_eq!(folders[0].attributes, ["\\HasNoChildren", "\\Trash"]);
}

#[test]
fn a_folder_is_read_with_deleted_ones_seen_as_such() {
    let contents = play(
        &[
            LOGIN,
            PLUS,
            (
                "EXAMINE \"box\"",
                "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n$ OK [READ-ONLY] done\r\n",
            ),
            (
                "UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (X-Lostmail-Token Subject)])",
                "* 1 FETCH (UID 4 FLAGS (\\Seen \\Recent) BODY[HEADER.FIELDS (X-LOSTMAIL-TOKEN SUBJECT)] {45}\r\n\
                 Subject: [SPAM] (m1\r\nx-lostmail-token: m1\r\n\r\n)\r\n\
                 * 2 FETCH (FLAGS (\\Deleted $Junk \\Flagged) UID 9 BODY[HEADER.FIELDS (X-Lostmail-Token Subject)] {21}\r\n\
                 Subject: two\r\n more\r\n)\r\n\
                 * 1 FETCH (UID 4 FLAGS ())\r\n$ OK done\r\n",
            ),
        ],
        async |mut imap| imap.read("box").await.unwrap(),
    );
    assert_eq!(contents.uid_validity, 7);
    let [one, two] = contents.messages.as_slice() else { panic!("{contents:?}") };
    assert_eq!((one.uid, one.token.as_deref(), one.flags), (4, Some("m1"), Flags::default()));
    assert_eq!((two.uid, two.token.as_deref(), two.subject.as_str()), (9, None, "two more"));
    assert_eq!(two.flags, Flags { seen: false, flagged: true, deleted: true });
}

#[test]
fn a_short_or_refused_list_is_never_taken_for_the_truth() {
    const FETCH: &str =
        "UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (X-Lostmail-Token Subject)])";
    const OPEN: (&str, &str) =
        ("EXAMINE \"box\"", "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n$ OK done\r\n");
    const ONE: (&str, &str) =
        (FETCH, "* 1 FETCH (UID 4 FLAGS () BODY[HEADER.FIELDS (S)] {2}\r\n\r\n)\r\n$ OK done\r\n");
    const NO: (&str, &str) = (FETCH, "$ NO [EXPUNGEISSUED] some are gone\r\n");
    let error = play(
        &[LOGIN, PLUS, OPEN, ONE, OPEN, ONE, OPEN, ONE, OPEN, ONE, OPEN, ONE],
        async |mut imap| imap.read("box").await.unwrap_err(),
    );
    assert!(matches!(error, ImapError::Restless { .. }), "{error}");
    let error = play(
        &[LOGIN, PLUS, OPEN, NO, OPEN, NO, OPEN, ONE, OPEN, NO, OPEN, NO],
        async |mut imap| imap.read("box").await.unwrap_err(),
    );
    assert!(error.to_string().contains("NO [EXPUNGEISSUED] some are gone"), "{error}");
    let contents = play(
        &[
            LOGIN,
            PLUS,
            OPEN,
            NO,
            ("EXAMINE \"box\"", "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n$ OK done\r\n"),
        ],
        async |mut imap| imap.read("box").await.unwrap(),
    );
    assert_eq!(contents.messages, []);
}

#[test]
fn a_message_is_delivered_as_it_is() {
    let uid = play(
        &[
            LOGIN,
            PLUS,
            (
                "APPEND \"a \\\"b\" (\\Seen) \" 1-Jan-1970 00:00:00 +0000\" {5}\r\nhello",
                "* 3 EXISTS\r\n$ OK [APPENDUID 7 12] done\r\n",
            ),
        ],
        async |mut imap| {
            let date = Moment::from(0).imap();
            imap.append("a \"b", b"hello", &[Flag::Seen], Some(&date)).await.unwrap()
        },
    );
    assert_eq!(uid, Some(12));
}

#[test]
fn a_refused_delivery_is_an_error() {
    let error = play(
        &[LOGIN, PLUS, ("APPEND \"x\" {5}", "!$ NO [TRYCREATE] no such folder\r\n")],
        async |mut imap| imap.append("x", b"hello", &[], None).await.unwrap_err(),
    );
    assert_eq!(error.to_string(), "the IMAP server refused APPEND: NO [TRYCREATE] no such folder");
}

#[test]
fn a_flag_is_stored_and_looked_at() {
    const SELECT: (&str, &str) = ("SELECT \"box\"", "* 1 EXISTS\r\n$ OK done\r\n");
    const STORE: (&str, &str) = ("UID STORE 4 +FLAGS.SILENT (\\Seen)", "$ OK done\r\n");
    const LOOK: &str = "UID FETCH 4 (UID FLAGS)";
    let work = async |mut imap: Imap| imap.store("box", 4, Flag::Seen, true).await;
    let set = "* 1 FETCH (UID 4 FLAGS (\\seen))\r\n$ OK done\r\n";
    play(&[LOGIN, PLUS, SELECT, STORE, (LOOK, set)], work).unwrap();
    let unset = "* 1 FETCH (UID 4 FLAGS ())\r\n$ OK done\r\n";
    let error = play(&[LOGIN, PLUS, SELECT, STORE, (LOOK, unset)], work).unwrap_err();
    assert!(matches!(error, ImapError::NotStored { flag: "\\Seen", .. }), "{error}");
    let gone = "* 1 FETCH (UID 5 FLAGS (\\Seen))\r\n$ OK done\r\n";
    let error = play(&[LOGIN, PLUS, SELECT, STORE, (LOOK, gone)], work).unwrap_err();
    assert!(matches!(error, ImapError::NoSuchMessage { uid: 4, .. }), "{error}");
}

#[test]
fn a_move_is_one_step_where_the_server_can() {
    const SELECT: (&str, &str) = ("SELECT \"a\"", "$ OK done\r\n");
    const LOOK: (&str, &str) =
        ("UID FETCH 4 (UID FLAGS)", "* 1 FETCH (UID 4 FLAGS ())\r\n$ OK done\r\n");
    let work = async |mut imap: Imap| imap.move_to("a", 4, "b").await;
    let moved = play(
        &[
            LOGIN,
            PLUS,
            SELECT,
            LOOK,
            ("UID MOVE 4 \"b\"", "* OK [COPYUID 7 4 31] moved\r\n* 1 EXPUNGE\r\n$ OK done\r\n"),
        ],
        work,
    );
    assert_eq!(moved.unwrap(), Some(31));
    let nothing = play(&[LOGIN, PLUS, SELECT, LOOK, ("UID MOVE 4 \"b\"", "$ OK done\r\n")], work);
    assert!(matches!(nothing.unwrap_err(), ImapError::NoSuchMessage { .. }));
    let copied = play(
        &[
            LOGIN,
            BARE,
            SELECT,
            LOOK,
            ("UID COPY 4 \"b\"", "$ OK done\r\n"),
            ("UID STORE 4 +FLAGS.SILENT (\\Deleted)", "$ OK done\r\n"),
            ("EXPUNGE", "* 1 EXPUNGE\r\n$ OK done\r\n"),
        ],
        work,
    );
    assert_eq!(copied.unwrap(), None);
}

#[test]
fn a_delete_expunges_only_its_message() {
    play(
        &[
            LOGIN,
            PLUS,
            ("SELECT \"a\"", "$ OK done\r\n"),
            ("UID STORE 4 +FLAGS.SILENT (\\Deleted)", "$ OK done\r\n"),
            ("UID FETCH 4 (UID FLAGS)", "* 1 FETCH (UID 4 FLAGS (\\Deleted))\r\n$ OK done\r\n"),
            ("UID EXPUNGE 4", "* 1 EXPUNGE\r\n$ OK done\r\n"),
            ("UID FETCH 4 (UID FLAGS)", "$ OK nothing\r\n"),
        ],
        async |mut imap| imap.delete("a", 4).await.unwrap(),
    );
}

#[test]
fn a_wrong_password_and_a_goodbye_are_told() {
    run(async {
        let script: Script<'_> =
            &[("LOGIN \"alice\" \"alice-pw\"", "$ NO [AUTHENTICATIONFAILED] wrong\r\n")];
        let (account, task) = fake(script).await;
        let error = Imap::login(&account, PATIENCE).await.err().unwrap().to_string();
        assert!(error.contains("refused LOGIN") && !error.contains("alice-pw"), "{error}");
        task.await.unwrap();
    });
    let error =
        play(&[LOGIN, PLUS, ("CREATE \"a\"", "* BYE shutting down\r\n")], async |mut imap| {
            imap.create("a").await.unwrap_err()
        });
    assert!(error.to_string().contains("shutting down"), "{error}");
    let error = play(&[LOGIN, PLUS], async |mut imap| imap.create("a").await.unwrap_err());
    assert!(matches!(error, ImapError::Closed(_) | ImapError::Broken(_)), "{error}");
}

#[test]
fn hostile_replies_end_in_an_error() {
    for answer in [
        "rubbish\r\n",
        "* LIST {99999999999}\r\n",
        "L77 OK who\r\n",
        "+ what\r\n",
        "\r\n",
        "$ MAYBE\r\n",
        "* LIST {9}\r\nabc",
    ] {
        let script: Script<'_> = &[LOGIN, PLUS, ("LIST \"\" \"*\"", answer)];
        let error = play(script, async |mut imap| imap.folders().await.unwrap_err());
        assert!(
            matches!(error, ImapError::Garbage(_) | ImapError::Closed(_)),
            "{answer:?}: {error}"
        );
    }
    let long = format!("* LIST {}\r\n", "(".repeat(70_000));
    let script: Script<'_> = &[LOGIN, PLUS, ("LIST \"\" \"*\"", &long)];
    let error = play(script, async |mut imap| imap.folders().await.unwrap_err());
    assert!(matches!(error, ImapError::Garbage(_)), "{error}");
}

#[test]
fn no_name_smuggles_in_a_command() {
    play(&[LOGIN, PLUS], async |mut imap| {
        for name in ["a\r\nL9 DELETE b", "a\nb", "a\0"] {
            let error = imap.create(name).await.unwrap_err();
            assert!(matches!(error, ImapError::Argument(_)), "{error}");
        }
    });
}

#[test]
fn names_outside_ascii_go_as_literals() {
    play(&[LOGIN, PLUS, ("CREATE {7}\r\nB\u{fc}cher", "$ OK done\r\n")], async |mut imap| {
        imap.create("B\u{fc}cher").await.unwrap();
    });
}

#[test]
fn imap_in_clear_is_for_loopback() {
    assert!(Account::new("imap://alice@mail.example.test", "", "x").is_err());
    assert!(Account::new("imaps://alice@mail.example.test", "", "x").is_ok());
    assert!(Account::new("imap://[::1]", "alice", "x").is_ok());
    for bad in ["http://h", "imaps://h/INBOX", "imaps://a:b@h"] {
        assert!(Account::new(bad, "", "x").is_err(), "{bad}");
    }
    let account = Account::new("imaps://h", "bob", "secret").unwrap();
    assert_eq!(format!("{account:?}"), "Account(bob at h:993)");
}

/// `LOSTMAIL_LAB_IMAP=imap://alice@127.0.0.1:28002 LOSTMAIL_LAB_PASSWORD=alice-pw cargo test lab`
#[test]
fn a_lab_takes_every_operation() {
    let Ok(url) = std::env::var("LOSTMAIL_LAB_IMAP") else {
        println!("skipped: LOSTMAIL_LAB_IMAP names no lab");
        return;
    };
    let password = std::env::var("LOSTMAIL_LAB_PASSWORD").unwrap_or_default();
    run(async {
        let account = Account::new(&url, "", &password).unwrap();
        let mut imap = Imap::login(&account, PATIENCE).await.unwrap();
        let (a, b) = ("lostmail-imap-test-a", "lostmail-imap-test-b");
        for folder in imap.folders().await.unwrap() {
            if folder.name.starts_with("lostmail-imap-test-") {
                imap.remove(&folder.name).await.unwrap();
            }
        }
        imap.create(a).await.unwrap();
        imap.create("lostmail-imap-test-c").await.unwrap();
        imap.rename("lostmail-imap-test-c", b).await.unwrap();
        for token in ["m1", "m2", "m3"] {
            let letter = Letter { token, to: "alice@example.test", sent: 1_795_626_253 };
            let date = Moment::from(letter.sent).imap();
            imap.append(a, &letter.to_bytes(), &[], Some(&date)).await.unwrap();
        }
        let before = imap.read(a).await.unwrap();
        let tokens: Vec<_> = before.messages.iter().filter_map(|m| m.token.as_deref()).collect();
        assert_eq!(tokens, ["m1", "m2", "m3"]);
        let uid = |n: usize| before.messages[n].uid;
        imap.store(a, uid(0), Flag::Seen, true).await.unwrap();
        imap.store(a, uid(0), Flag::Flagged, true).await.unwrap();
        imap.store(a, uid(0), Flag::Seen, false).await.unwrap();
        imap.mark_deleted(a, uid(0)).await.unwrap();
        imap.delete(a, uid(1)).await.unwrap();
        let moved = imap.move_to(a, uid(2), b).await.unwrap();
        assert!(matches!(
            imap.move_to(a, uid(2), b).await.unwrap_err(),
            ImapError::NoSuchMessage { .. }
        ));
        let left = imap.read(a).await.unwrap().messages;
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(left[0].flags, Flags { seen: false, flagged: true, deleted: true });
        let there = imap.read(b).await.unwrap().messages;
        assert_eq!(there[0].token.as_deref(), Some("m3"));
        assert!(moved.is_none_or(|uid| uid == there[0].uid));
        imap.remove(a).await.unwrap();
        imap.remove(b).await.unwrap();
        imap.logout().await.unwrap();
    });
}
