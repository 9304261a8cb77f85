//! How folders, mails and exchanges look.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use activesync::folders::Folder;
use activesync::http::{HttpResponse, Method};
use activesync::{CollectionId, ProtocolVersion};
use activesync_client::{Client, MailView};
use wbxml::{Mode, Options, Tree, xml};

use crate::live::session::{Call, Offer};
use crate::output::text::{count, safe};

use super::device::Loss;

/// What a server offers, and what we make of it.
pub(crate) fn offer(server: &str, offer: &Offer, client: &Client) -> String {
    let versions: Vec<_> = offer.versions.iter().map(ProtocolVersion::to_string).collect();
    let mut text = safe(server);
    if let Some(name) = &offer.server {
        let _ = write!(text, " ({})", cut(name, 60));
    }
    let _ = write!(text, "\n  versions: {}", versions.join(", "));
    if !offer.unknown_versions.is_empty() {
        let _ = write!(text, " (unknown: {})", cut(&offer.unknown_versions.join(", "), 60));
    }
    let _ = writeln!(text, "; speaking {}", client.config().version);
    let commands = match offer.commands.as_slice() {
        [] => "not listed".to_owned(),
        commands => commands.iter().map(|word| safe(word)).collect::<Vec<_>>().join(", "),
    };
    let _ = writeln!(text, "  commands: {commands}");
    text
}

/// The status and the headers of an answer.
pub(crate) fn headers(answer: &HttpResponse) -> String {
    let mut text = format!("← HTTP {}\n", answer.status);
    for (name, value) in &answer.headers {
        let _ = writeln!(text, "  {}: {}", safe(name), safe(value));
    }
    text
}

/// The folders as a tree; `current` is marked.
pub(crate) fn folders(client: &Client, current: Option<&CollectionId>) -> String {
    let folders: Vec<&Folder> = client.folders().collect();
    let ids: BTreeSet<_> = folders.iter().map(|folder| &folder.server_id).collect();
    let mut below: BTreeMap<Option<&CollectionId>, Vec<&Folder>> = BTreeMap::new();
    for folder in &folders {
        let parent = ids.contains(&folder.parent_id).then_some(&folder.parent_id);
        below.entry(parent).or_default().push(folder);
    }
    for siblings in below.values_mut() {
        siblings.sort_by_key(|folder| (folder.folder_type, folder.display_name.to_lowercase()));
    }
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<(usize, &Folder)> = Vec::new();
    let push = |open: &mut Vec<_>, depth, parent: Option<&CollectionId>| {
        let children = below.get(&parent).into_iter().flatten();
        open.extend(children.rev().map(|folder| (depth, *folder)));
    };
    push(&mut open, 0, None);
    // Folders that are each other's parents hang from no root: they come last.
    let mut rest = folders.iter();
    loop {
        let Some((depth, folder)) = open.pop() else {
            match rest.find(|folder| !seen.contains(&folder.server_id)) {
                Some(folder) => open.push((0, folder)),
                None => break,
            }
            continue;
        };
        if !seen.insert(&folder.server_id) {
            continue;
        }
        rows.push((depth, folder));
        push(&mut open, depth + 1, Some(&folder.server_id));
    }
    let name = |depth: usize, folder: &Folder| {
        format!("{}{}", "  ".repeat(depth.min(20)), cut(&folder.display_name, 40))
    };
    let width = rows.iter().map(|(depth, folder)| name(*depth, folder).chars().count()).max();
    let mut text = String::new();
    for (depth, folder) in rows {
        let mark = if current == Some(&folder.server_id) { '*' } else { ' ' };
        let _ = writeln!(
            text,
            "{mark} {:width$}  {} ({})  id {}",
            name(depth, folder),
            folder.folder_type.code(),
            folder.folder_type,
            cut(folder.server_id.as_str(), 64),
            width = width.unwrap_or(0),
        );
    }
    text
}

/// Mails of the device, with the numbers by which they can be named.
pub(crate) fn mails<'a>(title: &str, mails: impl Iterator<Item = MailView<'a>>) -> String {
    let mut rows = String::new();
    let mut number = 0;
    for MailView { local, item, .. } in mails {
        number += 1;
        let base = &item.base;
        let received = base.date_received.map_or_else(|| "no date".into(), |date| date.to_string());
        let received = received.replacen('T', " ", 1);
        let waiting = if item.pending.is_empty() { ' ' } else { '+' };
        let _ = writeln!(
            rows,
            "{local:>4} {}{}{waiting} {:16}  {:28}  {}",
            if item.read() { ' ' } else { '*' },
            if item.flag().is_set() { '!' } else { ' ' },
            received.get(..16).unwrap_or(&received),
            cut(base.from.as_deref().unwrap_or("nobody"), 28),
            cut(base.subject.as_deref().unwrap_or("no subject"), 70),
        );
    }
    let mut text = format!("{}: {}", safe(title), count(number, "mail"));
    if number > 0 {
        text.push_str(" (* unread, ! flagged, + changed here and not sent yet)");
    }
    format!("{text}\n{rows}")
}

/// A call with both bodies.
pub(crate) fn call(call: &Call) -> String {
    let request = &call.request;
    let method = match request.method {
        Method::Options => "OPTIONS",
        Method::Post => "POST",
    };
    let mut text = format!("→ {method} ?{}\n", safe(&request.query));
    for (name, value) in &request.headers {
        let _ = writeln!(text, "  {}: {}", safe(name), safe(value));
    }
    body(&request.body, &mut text);
    match &call.answer {
        None => text.push_str("← no answer\n"),
        Some(answer) => {
            let _ = writeln!(
                text,
                "← HTTP {}, {}, {} ms",
                answer.status,
                count(answer.body.len(), "byte"),
                call.took.as_millis()
            );
            body(&answer.body, &mut text);
        }
    }
    text
}

fn body(bytes: &[u8], out: &mut String) {
    if bytes.is_empty() {
        out.push_str("  (no body)\n");
        return;
    }
    let options = Options { mode: Mode::General, ..Options::default() };
    match Tree::decode(bytes, &options) {
        Ok(tree) => {
            let mut text = String::new();
            xml::write(&tree, xml::Style::Indented, &mut text);
            for line in text.lines().skip(1) {
                let _ = writeln!(out, "  {}", harmless(line));
            }
        }
        Err(error) => {
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
            let _ = writeln!(out, "  not WBXML ({error}): {}", safe(&start));
        }
    }
}

/// XML that cannot steer the terminal it is printed on.
fn harmless(line: &str) -> String {
    let odd = |c: char| {
        c.is_control() && c != '\t'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        if odd(c) {
            let _ = write!(text, "&#x{:x};", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

/// Text made safe, and cut to `max` characters.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if text.char_indices().nth(max).is_none() {
        return safe(text);
    }
    let end = text.char_indices().nth(max.saturating_sub(1)).map_or(0, |(at, _)| at);
    format!("{}…", safe(&text[..end]))
}

/// What a loss means.
pub(crate) fn lost(call: &Call, loss: Option<Loss>) -> String {
    let command = call.command();
    if loss == Some(Loss::Request) {
        return format!("{command}: the request was lost; the server knows nothing of it. `retry`");
    }
    let bytes = count(call.answer.as_ref().map_or(0, |answer| answer.body.len()), "byte");
    format!(
        "{command}: the answer ({bytes}) was lost; the server has done its part, the device does not \
         know. `retry`"
    )
}
