//! A small mailbox to look at.

use activesync::history::FolderName;
use activesync::{Body, Flag, Mail, Timestamp};
use activesync_server::Mailbox;

/// Folder label, days old, read, flagged, sender, subject, text.
type Row = (&'static str, i64, bool, bool, &'static str, &'static str, &'static str);

const MAILS: [Row; 9] = [
    ("inbox", 9, true, false, "Grace", "Welcome (m1)", "Good to have you here."),
    (
        "inbox",
        6,
        true,
        true,
        "Edsger",
        "The minutes of Monday (m2)",
        "Considered harmful: all of it.",
    ),
    ("inbox", 5, false, false, "Barbara", "Re: substitution (m3)", "It holds for mail as well."),
    (
        "inbox",
        3,
        false,
        false,
        "Tony",
        "A billion-dollar question (m4)",
        "Who has seen the invoice?",
    ),
    ("inbox", 2, false, true, "Ada", "Notes, with a table (m5)", "G is the last one."),
    (
        "inbox",
        0,
        false,
        false,
        "Alan",
        "Can it think? Grüße 🤖 (m6)",
        "Ask it.\r\n\r\nThen ask again.",
    ),
    ("Work", 4, true, false, "Leslie", "Which happened first? (m7)", "That depends on who looks."),
    (
        "Work",
        1,
        false,
        false,
        "Radia",
        "The tree you asked for (m8)",
        "A graph more lovely than a tree.",
    ),
    ("sent", 1, true, false, "You", "Re: Notes, with a table (m9)", "Thank you."),
];

/// Fills an empty mailbox.
pub(super) fn fill(mailbox: &mut Mailbox, now: Timestamp) {
    mailbox.create_folder(&FolderName::from("Work"), None);
    for (folder, days, read, flagged, sender, subject, text) in MAILS {
        let mail = Mail {
            to: Some("\"You\" <you@example.test>".into()),
            from: Some(format!("\"{sender}\" <{}@example.test>", sender.to_lowercase()).into()),
            subject: Some(subject.into()),
            date_received: Some(Timestamp(now.0 - days * 86_400)),
            message_class: Some("IPM.Note".into()),
            read: Some(read),
            flag: Some(if flagged { Flag::active("Flag for follow up") } else { Flag::default() }),
            body: Some(Body {
                kind: 1,
                estimated_size: u32::try_from(text.len()).ok(),
                truncated: Some(false),
                data: Some(text.into()),
            }),
            ..Mail::default()
        };
        mailbox.deliver(&FolderName::from(folder), mail);
    }
}
