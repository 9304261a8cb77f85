//! A history in lanes: server, network, devices. One row for each thing that happened.

use std::fmt::Write as _;

use activesync::history::{CallName, DeviceOp, Event, Fault, History, MailboxOp};

use super::calls::Names;

/// Widths of the lanes, in characters.
const SERVER: usize = 46;
const NETWORK: usize = 26;

enum Lane {
    Server,
    Network,
    Device,
}

/// The longest run of rows that is looked at for being said over and over.
const PERIOD_MAX: usize = 12;

/// How often it has to be said to be told only once.
const TOLD_ONCE: usize = 3;

const REST: &str =
    "      -- the schedule ends; the network is well again, and the devices run their own loops --";

/// A line of the lanes.
struct Row {
    /// As printed, without its number.
    text: String,
    /// The same without the number of its call: what makes it equal to another.
    kind: String,
    call: Option<CallName>,
    /// Neither repeated nor left out.
    alone: bool,
}

/// Renders events from `from` on; `rest` is where the schedule ended and the devices were left to themselves; a row that is
/// `began` is marked. What is said over and over is told once, with how often.
pub fn lanes(history: &History, from: usize, rest: usize, began: Option<usize>) -> String {
    let head = format!("{:>4}  {:SERVER$} {:NETWORK$} {}\n", "", "server", "network", "devices");
    told(&rows(history, from, rest, began), head)
}

fn rows(history: &History, from: usize, rest: usize, began: Option<usize>) -> Vec<Row> {
    let mut names = Names::default();
    let mut rows = Vec::new();
    for (at, event) in history.events.iter().enumerate() {
        if let Event::Answered { response: Some(response), .. } = event {
            names.learn(response);
        }
        if at < from {
            continue;
        }
        if at == rest {
            let text = REST.to_owned();
            rows.push(Row { kind: text.clone(), text, call: None, alone: true });
        }
        let Some((lane, text)) = row(event, &names) else { continue };
        let call = call_of(event);
        let kind = call.map_or_else(
            || text.clone(),
            |call| text.replacen(&call.to_string(), &call.device.to_string(), 1),
        );
        let began = began == Some(at);
        let mark = if began { "  <- here it began" } else { "" };
        let (server, network, device) = match lane {
            Lane::Server => (text.as_str(), "", ""),
            Lane::Network => ("", text.as_str(), ""),
            Lane::Device => ("", "", text.as_str()),
        };
        let line = format!("{server:SERVER$} {network:NETWORK$} {device}{mark}");
        rows.push(Row { text: line.trim_end().to_owned(), kind, call, alone: began });
    }
    rows
}

fn told(rows: &[Row], mut out: String) -> String {
    let (mut at, mut number) = (0, 0);
    while let Some(row) = rows.get(at) {
        if row.text == REST {
            let _ = writeln!(out, "{REST}");
            at += 1;
            continue;
        }
        // Not from the middle of a call.
        let within = row.call.is_some() && at > 0 && rows[at - 1].call == row.call;
        let (period, times) = if within { (1, 1) } else { said_over_and_over(&rows[at..]) };
        for row in &rows[at..at + period] {
            number += 1;
            let _ = writeln!(out, "{number:>4}  {}", row.text);
        }
        at += period * times;
        if times > 1 {
            number += period * (times - 1);
            let mut calls = rows[at - period * (times - 1)..at].iter().filter_map(|row| row.call);
            let calls = match (calls.next(), calls.next_back()) {
                (Some(first), Some(last)) => format!(" ({first} to {last})"),
                _ => String::new(),
            };
            let _ = writeln!(out, "      -- the same {} times more{calls} --", times - 1);
        }
    }
    out
}

/// How many rows at the beginning are said how often; one row, once, when it is too seldom to leave anything out.
fn said_over_and_over(rows: &[Row]) -> (usize, usize) {
    for period in 1..=PERIOD_MAX.min(rows.len() / TOLD_ONCE) {
        let same = |(a, b): (&Row, &Row)| a.kind == b.kind && !a.alone && !b.alone;
        let again = rows.iter().zip(&rows[period..]).take_while(|pair| same(*pair)).count();
        let times = 1 + again / period;
        if times >= TOLD_ONCE {
            return (period, times);
        }
    }
    (1, 1)
}

fn call_of(event: &Event) -> Option<CallName> {
    match event {
        Event::Sent { call, .. }
        | Event::Answered { call, .. }
        | Event::Received(call)
        | Event::Failed(call) => Some(*call),
        _ => None,
    }
}

fn row(event: &Event, names: &Names) -> Option<(Lane, String)> {
    Some(match event {
        Event::Mailbox(op) => (Lane::Server, mailbox(op)),
        Event::Device(device, op) => (Lane::Device, format!("{device}: user {}", user(op))),
        Event::Sent { call, request } => {
            (Lane::Device, format!("{call} {} ->", names.request(request)))
        }
        Event::Answered { call, http_status, response, unreadable } => {
            let text = match (response, unreadable) {
                (Some(response), _) => names.response(response),
                (None, Some(why)) => format!("HTTP 200, not readable: {why}"),
                (None, None) => format!("HTTP {http_status}"),
            };
            (Lane::Server, format!("{call} <- {text}"))
        }
        Event::Received(call) => (Lane::Device, format!("{call} stored")),
        Event::Failed(call) => (Lane::Device, format!("{call} no answer")),
        Event::Fault(fault) => trouble(*fault),
        Event::Belief { .. } | Event::Held { .. } => return None,
    })
}

fn trouble(fault: Fault) -> (Lane, String) {
    let network = |text: String| (Lane::Network, text);
    match fault {
        Fault::RequestLost(call) => network(format!("x request {call} lost")),
        Fault::ResponseLost(call) => network(format!("x answer {call} lost")),
        Fault::ResponseCut(call) => network(format!("x answer {call} cut")),
        Fault::RequestDoubled(call) => network(format!("x request {call} doubled")),
        Fault::TimedOut(call) => network(format!("x {call} timed out")),
        Fault::ReadFailed(call) => (Lane::Server, format!("x store cannot be read in {call}")),
        Fault::ItemUnreadable(call, mail) => {
            (Lane::Server, format!("x {mail} cannot be read in {call}"))
        }
        Fault::WriteFailed(call) => (Lane::Server, format!("x store cannot be written in {call}")),
        Fault::ServerCrashed => (Lane::Server, "x server dies and comes back".into()),
        Fault::DeviceCrashed(device) => (Lane::Device, format!("x {device} dies and comes back")),
        Fault::StateLost(device) => {
            (Lane::Server, format!("x server loses its state about {device}"))
        }
    }
}

fn mailbox(op: &MailboxOp) -> String {
    match op {
        MailboxOp::Deliver { mail, folder, .. } => format!("{mail} arrives in {folder}"),
        MailboxOp::Read { mail, read: true, .. } => format!("{mail} marked read"),
        MailboxOp::Read { mail, read: false, .. } => format!("{mail} marked unread"),
        MailboxOp::Flag { mail, flag, .. } => format!("{mail} {}", words(flag)),
        MailboxOp::Move { mail, from, to } => format!("{mail} moved from {from} to {to}"),
        MailboxOp::Delete { mail, from } => format!("{mail} deleted from {from}"),
        MailboxOp::CreateFolder(folder) => format!("{folder} created"),
        MailboxOp::NestFolder(folder, parent) => format!("{folder} hung below {parent}"),
        MailboxOp::Unsendable(folder) => {
            format!("something that cannot be sent arrives in {folder}")
        }
        MailboxOp::Wipe(device) => format!("{device} is to be wiped"),
        MailboxOp::RenameFolder(folder) => format!("{folder} renamed"),
        MailboxOp::DeleteFolder(folder, mails) => {
            format!("{folder} deleted with {} mails", mails.len())
        }
    }
}

fn user(op: &DeviceOp) -> String {
    match op {
        DeviceOp::Read { mail, read: true, .. } => format!("marks {mail} read"),
        DeviceOp::Read { mail, read: false, .. } => format!("marks {mail} unread"),
        DeviceOp::Flag { mail, flag, .. } => format!("changes {mail}: {}", words(flag)),
        DeviceOp::Delete { mail, permanent: false, .. } => format!("deletes {mail}"),
        DeviceOp::Delete { mail, permanent: true, .. } => format!("deletes {mail} for good"),
        DeviceOp::Move { mail, from, to } => format!("moves {mail} from {from} to {to}"),
        DeviceOp::Draft { mail, .. } => format!("writes the draft {mail}"),
        DeviceOp::SendDraft { mail, .. } => format!("sends the draft {mail}"),
        DeviceOp::Reset(folder) => format!("starts {folder} again"),
        DeviceOp::CreateFolder(folder) => format!("creates {folder}"),
        DeviceOp::RenameFolder(folder) => format!("renames {folder}"),
        DeviceOp::DeleteFolder(folder) => format!("deletes {folder}"),
    }
}

fn words(flag: &activesync::Flag) -> String {
    match (&flag.flag_type, flag.is_set()) {
        (Some(kind), true) => format!("flagged {kind}"),
        (None, true) => "flagged".into(),
        (_, false) => "not flagged".into(),
    }
}

#[cfg(test)]
mod tests {
    use activesync::history::DeviceName;

    use super::*;

    fn call(number: u32) -> CallName {
        CallName { device: DeviceName(0), number }
    }

    /// A device that is told the same for ever.
    fn history(calls: u32) -> History {
        let mut history = History::default();
        for number in 1..=calls {
            let call = call(number);
            history.push(Event::Answered {
                call,
                http_status: 503,
                response: None,
                unreadable: None,
            });
            history.push(Event::Failed(call));
        }
        history.push(Event::Fault(Fault::ServerCrashed));
        history
    }

    #[test]
    fn what_is_said_over_and_over_is_told_once() {
        let text = lanes(&history(60), 0, usize::MAX, None);
        let lines: Vec<_> =
            text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>()).collect();
        let lines: Vec<_> = lines.iter().map(|words| words.join(" ")).collect();
        let expected = [
            "server network devices",
            "1 A.1 <- HTTP 503",
            "2 A.1 no answer",
            "-- the same 59 times more (A.2 to A.60) --",
            "121 x server dies and comes back",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_said_over_and_over_begins_with_a_call() {
        let mut history = History::default();
        history.push(Event::Failed(CallName { device: DeviceName(1), number: 7 }));
        history.push(Event::Received(call(99)));
        history.push(Event::Failed(call(99)));
        for event in self::history(60).events {
            history.push(event);
        }
        let text = lanes(&history, 0, usize::MAX, None);
        assert!(text.contains("-- the same 59 times more (A.2 to A.60) --"), "{text}");
    }

    #[test]
    fn what_is_said_twice_is_told_twice() {
        assert_eq!(lanes(&history(2), 0, usize::MAX, None).lines().count(), 1 + 5);
    }

    #[test]
    fn where_it_began_and_where_the_schedule_ended_are_never_left_out() {
        let text = lanes(&history(60), 0, 40, Some(80));
        assert_eq!(text.lines().filter(|line| line.contains("here it began")).count(), 1);
        assert_eq!(text.lines().filter(|line| *line == REST).count(), 1);
        assert!(text.contains("-- the same 19 times more (A.2 to A.20) --"), "{text}");
    }
}
