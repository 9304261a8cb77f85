//! A history in lanes: server, network, devices. One row for each thing that happened.

use activesync::history::{DeviceOp, Event, Fault, History, MailboxOp};

use super::calls::Names;

/// Widths of the lanes, in characters.
const SERVER: usize = 46;
const NETWORK: usize = 26;

enum Lane {
    Server,
    Network,
    Device,
}

/// Renders events from `from` on; `rest` is where the schedule ended and the devices were left to themselves; a row that is
/// `began` is marked.
pub fn lanes(history: &History, from: usize, rest: usize, began: Option<usize>) -> String {
    let mut names = Names::default();
    let mut out = format!("{:>4}  {:SERVER$} {:NETWORK$} {}\n", "", "server", "network", "devices");
    let mut number = 0;
    for (at, event) in history.events.iter().enumerate() {
        if let Event::Answered { response: Some(response), .. } = event {
            names.learn(response);
        }
        if at < from {
            continue;
        }
        if at == rest {
            out.push_str("      -- the schedule ends; the network is well again, and the devices run their own loops --\n");
        }
        let Some((lane, text)) = row(event, &names) else { continue };
        number += 1;
        let mark = if began == Some(at) { "  <- here it began" } else { "" };
        let (server, network, device) = match lane {
            Lane::Server => (text.as_str(), "", ""),
            Lane::Network => ("", text.as_str(), ""),
            Lane::Device => ("", "", text.as_str()),
        };
        let line = format!("{number:>4}  {server:SERVER$} {network:NETWORK$} {device}{mark}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
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
