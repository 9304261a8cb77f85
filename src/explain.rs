//! What a number or a word means: one table for each kind, for `decode --explain`.
//!
//! Statuses are of the protocol and come from [`activesync::meaning`]; the rest is here. An element
//! is known by its namespace and name, so the rows read like the specification.

use activesync::Command;
use wbxml::Tag;

/// The meanings of the values of one kind.
type Values = &'static [(&'static str, &'static str)];

/// What the text of an element means, where there is a table for it.
///
/// `root` is the name of the root element, from which the command is known; `parent` that of the
/// element around this one.
///
/// ```
/// use lostmail::explain;
///
/// let meaning = explain::value("FolderSync", "Add", "FolderHierarchy", "Type", "2");
/// assert_eq!(meaning.as_deref(), Some("the Inbox"));
/// let meaning = explain::value("Sync", "Collection", "AirSync", "Status", "3");
/// assert!(meaning.unwrap().starts_with("invalid synchronization key"));
/// ```
pub fn value(root: &str, parent: &str, namespace: &str, name: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if name == "Status" && !matches!((namespace, parent), ("Email", "Flag")) {
        return status(root, namespace, text).map(str::to_owned);
    }
    let kind = kind(namespace, parent, name)?;
    match kind {
        Kind::Table(values) => {
            let (_, meaning) = values.iter().find(|(value, _)| value.eq_ignore_ascii_case(text))?;
            Some((*meaning).to_owned())
        }
        Kind::MessageClass => message_class(text).map(str::to_owned),
        Kind::Weekdays => weekdays(text),
        Kind::Minutes => {
            let seconds = text.parse::<u32>().ok()?.checked_mul(60)?;
            Some(format!("minutes: {}", duration(seconds)))
        }
        Kind::Seconds => text.parse::<u32>().ok().map(|n| format!("seconds: {}", duration(n))),
    }
}

/// The same for the text of an element known by its tag.
pub fn of(root: Tag, parent: Option<Tag>, tag: Tag, text: &str) -> Option<String> {
    let name = |tag: Tag| tag.name().unwrap_or_default();
    value(name(root), parent.map_or("", name), tag.namespace()?, tag.name()?, text)
}

/// What a status means in the command whose root element this is.
fn status(root: &str, namespace: &str, text: &str) -> Option<&'static str> {
    let code = text.parse().ok()?;
    let command = command_of_root(root).or_else(|| command_of_namespace(namespace))?;
    // A status of another page is of that page's command: a ComposeMail root has none of its own.
    let command = match command_of_namespace(namespace) {
        Some(of_page) if namespace != "FolderHierarchy" => of_page,
        _ => command,
    };
    activesync::meaning(command, code)
}

/// The command that a document with this root element belongs to.
pub fn command_of_root(root: &str) -> Option<Command> {
    root.parse().ok()
}

fn command_of_namespace(namespace: &str) -> Option<Command> {
    Some(match namespace {
        "AirSync" => Command::Sync,
        "GetItemEstimate" => Command::GetItemEstimate,
        "FolderHierarchy" => Command::FolderSync,
        "MeetingResponse" => Command::MeetingResponse,
        "Move" => Command::MoveItems,
        "ResolveRecipients" => Command::ResolveRecipients,
        "ValidateCert" => Command::ValidateCert,
        "Ping" => Command::Ping,
        "Provision" => Command::Provision,
        "Search" => Command::Search,
        "Settings" => Command::Settings,
        "ItemOperations" => Command::ItemOperations,
        "ComposeMail" => Command::SendMail,
        "Find" => Command::Find,
        _ => return None,
    })
}

/// How the text of an element is to be understood.
enum Kind {
    Table(Values),
    MessageClass,
    Weekdays,
    Minutes,
    Seconds,
}

/// The elements whose values have a meaning beside them. One table; `*` stands for any parent.
#[rustfmt::skip]
const ELEMENTS: &[(&str, &str, &str, Kind)] = &[
    ("AirSync", "*", "Class", Kind::Table(CLASS)),
    ("AirSync", "*", "FilterType", Kind::Table(FILTER)),
    ("AirSync", "*", "Conflict", Kind::Table(CONFLICT)),
    ("AirSync", "*", "Truncation", Kind::Table(TRUNCATION)),
    ("AirSync", "*", "MIMESupport", Kind::Table(MIME_SUPPORT)),
    ("AirSync", "*", "MIMETruncation", Kind::Table(MIME_TRUNCATION)),
    ("AirSync", "*", "SyncKey", Kind::Table(SYNC_KEY)),
    ("AirSync", "*", "Wait", Kind::Minutes),
    ("AirSync", "*", "HeartbeatInterval", Kind::Seconds),
    ("AirSyncBase", "Attachment", "Method", Kind::Table(ATTACHMENT_METHOD)),
    ("AirSyncBase", "*", "Type", Kind::Table(BODY_TYPE)),
    ("AirSyncBase", "*", "NativeBodyType", Kind::Table(BODY_TYPE)),
    ("Calendar", "*", "AttendeeStatus", Kind::Table(ATTENDEE_STATUS)),
    ("Calendar", "*", "AttendeeType", Kind::Table(ATTENDEE_TYPE)),
    ("Calendar", "*", "BusyStatus", Kind::Table(BUSY)),
    ("Calendar", "*", "DayOfWeek", Kind::Weekdays),
    ("Calendar", "*", "MeetingStatus", Kind::Table(MEETING_STATUS)),
    ("Calendar", "*", "Sensitivity", Kind::Table(SENSITIVITY)),
    ("Calendar", "*", "Type", Kind::Table(RECURRENCE)),
    ("Email", "Recurrence", "Type", Kind::Table(RECURRENCE)),
    ("Email", "Flag", "Status", Kind::Table(FLAG)),
    ("Email", "*", "BusyStatus", Kind::Table(BUSY)),
    ("Email", "*", "ContentClass", Kind::Table(CONTENT_CLASS)),
    ("Email", "*", "DayOfWeek", Kind::Weekdays),
    ("Email", "*", "Importance", Kind::Table(IMPORTANCE)),
    ("Email", "*", "InstanceType", Kind::Table(INSTANCE)),
    ("Email", "*", "MessageClass", Kind::MessageClass),
    ("Email", "*", "Read", Kind::Table(READ)),
    ("Email", "*", "Sensitivity", Kind::Table(SENSITIVITY)),
    ("Email2", "*", "LastVerbExecuted", Kind::Table(LAST_VERB)),
    ("Email2", "*", "MeetingMessageType", Kind::Table(MEETING_MESSAGE)),
    ("FolderHierarchy", "*", "Type", Kind::Table(FOLDER_TYPE)),
    ("FolderHierarchy", "*", "SyncKey", Kind::Table(SYNC_KEY)),
    ("FolderHierarchy", "*", "ParentId", Kind::Table(PARENT)),
    ("GetItemEstimate", "*", "Class", Kind::Table(CLASS)),
    ("ItemOperations", "*", "Store", Kind::Table(STORE)),
    ("MeetingResponse", "*", "UserResponse", Kind::Table(USER_RESPONSE)),
    ("Ping", "*", "Class", Kind::Table(CLASS)),
    ("Ping", "*", "HeartbeatInterval", Kind::Seconds),
    ("Provision", "*", "PolicyType", Kind::Table(POLICY_TYPE)),
    ("Provision", "*", "MaxCalendarAgeFilter", Kind::Table(FILTER)),
    ("Provision", "*", "MaxEmailAgeFilter", Kind::Table(FILTER)),
    ("Provision", "*", "MaxInactivityTimeDeviceLock", Kind::Seconds),
    ("Search", "*", "Name", Kind::Table(STORE)),
    ("Settings", "*", "OofState", Kind::Table(OOF)),
    ("Tasks", "*", "DayOfWeek", Kind::Weekdays),
    ("Tasks", "*", "Importance", Kind::Table(IMPORTANCE)),
    ("Tasks", "*", "Sensitivity", Kind::Table(SENSITIVITY)),
    ("Tasks", "*", "Type", Kind::Table(RECURRENCE)),
];

fn kind(namespace: &str, parent: &str, name: &str) -> Option<&'static Kind> {
    let (.., kind) = ELEMENTS.iter().find(|(of, around, called, _)| {
        *of == namespace && *called == name && (*around == "*" || *around == parent)
    })?;
    Some(kind)
}

const CLASS: Values = &[
    ("Email", "mail"),
    ("SMS", "text messages"),
    ("Calendar", "appointments and meetings"),
    ("Contacts", "people"),
    ("Tasks", "tasks"),
    ("Notes", "notes"),
];

const FOLDER_TYPE: Values = &[
    ("1", "a folder of the user, of any class"),
    ("2", "the Inbox"),
    ("3", "Drafts"),
    ("4", "Deleted Items"),
    ("5", "Sent Items"),
    ("6", "the Outbox"),
    ("7", "the default Tasks folder"),
    ("8", "the default Calendar"),
    ("9", "the default Contacts folder"),
    ("10", "the default Notes folder"),
    ("11", "the default Journal"),
    ("12", "a mail folder of the user"),
    ("13", "a calendar of the user"),
    ("14", "a contacts folder of the user"),
    ("15", "a tasks folder of the user"),
    ("16", "a journal of the user"),
    ("17", "a notes folder of the user"),
    ("18", "unknown type"),
    ("19", "the recipient information cache"),
];

const PARENT: Values = &[("0", "the root of the mailbox")];

const SYNC_KEY: Values = &[("0", "start from nothing")];

const FILTER: Values = &[
    ("0", "everything"),
    ("1", "one day back"),
    ("2", "three days back"),
    ("3", "one week back"),
    ("4", "two weeks back"),
    ("5", "one month back"),
    ("6", "three months back"),
    ("7", "six months back"),
    ("8", "tasks that are not complete"),
];

const CONFLICT: Values = &[("0", "the client's version wins"), ("1", "the server's version wins")];

const TRUNCATION: Values = &[
    ("0", "all body text cut"),
    ("1", "cut after 512 characters"),
    ("2", "cut after 1,024 characters"),
    ("3", "cut after 2,048 characters"),
    ("4", "cut after 5,120 characters"),
    ("5", "cut after 10,240 characters"),
    ("6", "cut after 20,480 characters"),
    ("7", "cut after 51,200 characters"),
    ("8", "cut after 102,400 characters"),
    ("9", "not cut"),
];

const MIME_SUPPORT: Values =
    &[("0", "never send MIME"), ("1", "MIME for S/MIME messages only"), ("2", "MIME for all")];

const MIME_TRUNCATION: Values = &[
    ("0", "all body text cut"),
    ("1", "cut after 4,096 characters"),
    ("2", "cut after 5,120 characters"),
    ("3", "cut after 7,168 characters"),
    ("4", "cut after 10,240 characters"),
    ("5", "cut after 20,480 characters"),
    ("6", "cut after 51,200 characters"),
    ("7", "cut after 102,400 characters"),
    ("8", "not cut"),
];

const BODY_TYPE: Values = &[("1", "plain text"), ("2", "HTML"), ("3", "RTF"), ("4", "MIME")];

const ATTACHMENT_METHOD: Values = &[
    ("1", "an ordinary attachment"),
    ("5", "an embedded message"),
    ("6", "an embedded OLE object"),
];

const READ: Values = &[("0", "unread"), ("1", "read")];

const FLAG: Values = &[("0", "cleared"), ("1", "complete"), ("2", "flagged")];

const IMPORTANCE: Values = &[("0", "low"), ("1", "normal"), ("2", "high")];

const SENSITIVITY: Values =
    &[("0", "normal"), ("1", "personal"), ("2", "private"), ("3", "confidential")];

const BUSY: Values = &[
    ("0", "free"),
    ("1", "tentative"),
    ("2", "busy"),
    ("3", "out of office"),
    ("4", "working elsewhere"),
];

const INSTANCE: Values = &[
    ("0", "a single appointment"),
    ("1", "the master of a series"),
    ("2", "an occurrence of a series"),
    ("3", "an exception of a series"),
    ("4", "an orphan occurrence of a series"),
];

const RECURRENCE: Values = &[
    ("0", "daily"),
    ("1", "weekly"),
    ("2", "monthly, on a day"),
    ("3", "monthly, on the nth weekday"),
    ("5", "yearly, on a day"),
    ("6", "yearly, on the nth weekday"),
];

const MEETING_STATUS: Values = &[
    ("0", "an appointment, no meeting"),
    ("1", "a meeting, the user organises it"),
    ("3", "a meeting, the user is invited"),
    ("5", "a cancelled meeting, the user organised it"),
    ("7", "a cancelled meeting, the user was invited"),
    ("9", "a meeting, the user organises it"),
    ("11", "a meeting, the user is invited"),
    ("13", "a cancelled meeting, the user organised it"),
    ("15", "a cancelled meeting, the user was invited"),
];

const MEETING_MESSAGE: Values = &[
    ("0", "a silent update, or unknown"),
    ("1", "the first request"),
    ("2", "a full update"),
    ("3", "an informational update"),
    ("4", "outdated: a newer request exists"),
    ("5", "of a delegator's calendar"),
    ("6", "delegated: the delegator's copy"),
];

const ATTENDEE_STATUS: Values = &[
    ("0", "response unknown"),
    ("2", "tentative"),
    ("3", "accepted"),
    ("4", "declined"),
    ("5", "not responded"),
];

const ATTENDEE_TYPE: Values = &[("1", "required"), ("2", "optional"), ("3", "a resource")];

const USER_RESPONSE: Values =
    &[("1", "accepted"), ("2", "tentatively accepted"), ("3", "declined")];

const LAST_VERB: Values =
    &[("0", "none"), ("1", "reply to sender"), ("2", "reply to all"), ("3", "forward")];

const OOF: Values = &[("0", "off"), ("1", "on"), ("2", "on for a time")];

const POLICY_TYPE: Values = &[
    ("MS-EAS-Provisioning-WBXML", "the policy as WBXML, from 12.0 on"),
    ("MS-WAP-Provisioning-XML", "the policy as XML text, 2.5"),
];

const CONTENT_CLASS: Values = &[
    ("urn:content-classes:message", "a mail"),
    ("urn:content-classes:calendarmessage", "a message about a meeting"),
];

const STORE: Values = &[
    ("Mailbox", "the user's mailbox"),
    ("Document Library", "a file share or SharePoint"),
    ("DocumentLibrary", "a file share or SharePoint"),
    ("GAL", "the address book of the organisation"),
];

/// Message classes by their beginning; the longest that fits stands first.
const MESSAGE_CLASS: Values = &[
    ("IPM.Note.SMIME.MultipartSigned", "a signed mail (S/MIME)"),
    ("IPM.Note.SMIME", "an encrypted or opaque-signed mail (S/MIME)"),
    ("IPM.Note.Receipt.SMIME", "an S/MIME receipt"),
    ("IPM.Note.Mobile", "a text message"),
    ("IPM.Note.Rules.OofTemplate", "an out-of-office reply"),
    ("IPM.Note", "a mail"),
    ("IPM.InfoPathForm", "an InfoPath form"),
    ("IPM.Schedule.Meeting.Request", "a meeting request"),
    ("IPM.Schedule.Meeting.Canceled", "a meeting cancellation"),
    ("IPM.Schedule.Meeting.Resp.Pos", "a meeting response: accepted"),
    ("IPM.Schedule.Meeting.Resp.Neg", "a meeting response: declined"),
    ("IPM.Schedule.Meeting.Resp.Tent", "a meeting response: tentative"),
    ("IPM.Schedule.Meeting.Notification", "a meeting forward notification"),
    ("IPM.Post", "a post"),
    ("IPM.Octel.Voice", "a voice message"),
    ("IPM.Voicenotes", "a voice note"),
    ("IPM.Sharing", "a sharing message"),
];

fn message_class(text: &str) -> Option<&'static str> {
    let upper = text.to_ascii_uppercase();
    if upper.starts_with("REPORT.") {
        return Some(match upper.rsplit('.').next()? {
            "NDR" => "a report: not delivered",
            "DR" => "a report: delivered",
            "IPNRN" => "a report: read",
            "IPNNRN" => "a report: deleted without being read",
            "DELAYED" => "a report: delivery delayed",
            _ => "a report",
        });
    }
    let (_, meaning) = MESSAGE_CLASS.iter().find(|(class, _)| {
        let class = class.to_ascii_uppercase();
        upper.strip_prefix(&class).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })?;
    Some(meaning)
}

/// The days in a bit mask: 1 is Sunday, 64 Saturday.
fn weekdays(text: &str) -> Option<String> {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    let mask: u8 = text.parse().ok()?;
    match mask {
        62 => Some("weekdays".to_owned()),
        65 => Some("weekend days".to_owned()),
        127 => Some("any day; last day of the month".to_owned()),
        1..=126 => {
            let days = DAYS.iter().enumerate().filter(|(bit, _)| mask & 1 << bit != 0);
            Some(days.map(|(_, day)| *day).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

fn duration(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_of_the_table_exists() {
        for (namespace, _, name, _) in ELEMENTS {
            assert!(
                Tag::from_name(namespace, name).is_some(),
                "{namespace}:{name} is in no code page"
            );
        }
    }

    #[test]
    fn a_narrower_row_stands_before_a_wider_one() {
        for (index, (namespace, parent, name, _)) in ELEMENTS.iter().enumerate() {
            assert!(
                !ELEMENTS[..index]
                    .iter()
                    .any(|(n, p, e, _)| n == namespace && e == name && (*p == "*" || p == parent)),
                "{namespace}:{name} is hidden by an earlier row"
            );
        }
        for (index, (class, _)) in MESSAGE_CLASS.iter().enumerate() {
            assert!(MESSAGE_CLASS[..index].iter().all(|(earlier, _)| !class.starts_with(earlier)));
        }
    }

    #[test]
    fn a_status_is_that_of_its_command() {
        let status = |root, namespace, text| value(root, "", namespace, "Status", text);
        assert_eq!(status("MoveItems", "Move", "3").as_deref(), Some("success"));
        assert_eq!(
            status("FolderDelete", "FolderHierarchy", "4").as_deref(),
            Some("the folder does not exist")
        );
        assert_eq!(
            status("Ping", "Ping", "2").as_deref(),
            Some("changes occurred in the listed folders")
        );
        assert_eq!(
            status("Sync", "AirSync", "142").as_deref(),
            Some("the device is not provisioned")
        );
        assert_eq!(status("Sync", "AirSync", "77"), None);
        assert_eq!(status("Sync", "AirSync", "x"), None);
        assert_eq!(value("Sync", "Flag", "Email", "Status", "2").as_deref(), Some("flagged"));
    }

    #[test]
    fn values_that_are_computed() {
        let value = |namespace, name, text| value("Sync", "", namespace, name, text);
        assert_eq!(value("Calendar", "DayOfWeek", "10").as_deref(), Some("Mon, Wed"));
        assert_eq!(value("Calendar", "DayOfWeek", "62").as_deref(), Some("weekdays"));
        assert_eq!(value("Calendar", "DayOfWeek", "128"), None);
        assert_eq!(
            value("Ping", "HeartbeatInterval", "470").as_deref(),
            Some("seconds: 7 min 50 s")
        );
        assert_eq!(value("AirSync", "Wait", "4294967295"), None);
        assert_eq!(
            value("Email", "MessageClass", "IPM.Note.SMIME.MultipartSigned").as_deref(),
            Some("a signed mail (S/MIME)")
        );
        assert_eq!(
            value("Email", "MessageClass", "REPORT.IPM.Note.NDR").as_deref(),
            Some("a report: not delivered")
        );
        assert_eq!(value("Email", "MessageClass", "IPM.Notebook"), None);
    }
}
