//! Folders: one label each, whatever they are called and whatever ids they have.

use std::collections::BTreeSet;

use activesync::history::{DeviceOp, Event, FolderName, MailboxOp, Truth};

/// A folder, as a position in the list of all labels.
pub(crate) type Label = usize;

/// Every folder that anything names, in order.
pub(crate) fn labels<'h>(
    events: &'h [Event],
    own_loop: &'h Truth,
    truth: &'h Truth,
) -> Vec<&'h FolderName> {
    let mut labels = BTreeSet::new();
    for event in events {
        match event {
            Event::Mailbox(op) => match op {
                MailboxOp::Deliver { folder, .. }
                | MailboxOp::Read { folder, .. }
                | MailboxOp::Flag { folder, .. }
                | MailboxOp::Delete { from: folder, .. }
                | MailboxOp::CreateFolder(folder)
                | MailboxOp::RenameFolder(folder)
                | MailboxOp::Unsendable(folder)
                | MailboxOp::DeleteFolder(folder, _) => {
                    labels.insert(folder);
                }
                MailboxOp::Move { from, to, .. } | MailboxOp::NestFolder(from, to) => {
                    labels.extend([from, to]);
                }
                MailboxOp::Wipe(_) => {}
            },
            Event::Device(_, op) => match op {
                DeviceOp::Read { folder, .. }
                | DeviceOp::Flag { folder, .. }
                | DeviceOp::Delete { from: folder, .. }
                | DeviceOp::Draft { folder, .. }
                | DeviceOp::SendDraft { folder, .. }
                | DeviceOp::Reset(folder)
                | DeviceOp::CreateFolder(folder)
                | DeviceOp::RenameFolder(folder)
                | DeviceOp::DeleteFolder(folder) => {
                    labels.insert(folder);
                }
                DeviceOp::Move { from, to, .. } => labels.extend([from, to]),
            },
            _ => {}
        }
    }
    for truth in [own_loop, truth] {
        labels.extend(truth.folders.iter().map(|folder| &folder.folder));
        labels.extend(truth.server.iter().map(|mail| &mail.folder));
        for device in &truth.devices {
            labels.extend(device.folders.iter().map(|folder| &folder.folder));
            labels.extend(device.synced.iter().map(|(folder, _)| folder));
            labels.extend(device.mails.iter().map(|mail| &mail.folder));
        }
    }
    labels.into_iter().collect()
}

/// The folder that is meant by a displayed name: one that is displayed so at the end or whose label it is, or else the one
/// with whose label it begins, after whatever all names begin with. `None` when two folders may be meant.
pub(crate) fn called(
    labels: &[&FolderName],
    display_name: &str,
    own_loop: &Truth,
    truth: &Truth,
) -> Option<Label> {
    let truths = [truth, own_loop];
    let shown = truths.iter().flat_map(|truth| {
        truth.folders.iter().chain(truth.devices.iter().flat_map(|device| &device.folders))
    });
    let mut hits = BTreeSet::new();
    let mut prefixes = BTreeSet::from([""]);
    for folder in shown {
        if &*folder.display_name == display_name {
            hits.extend(labels.binary_search(&&folder.folder));
        }
        let at = folder.display_name.find(folder.folder.as_str());
        prefixes.extend(at.and_then(|at| folder.display_name.get(..at)));
    }
    let fits = prefixes.iter().filter_map(|prefix| display_name.strip_prefix(prefix));
    let fits = fits.flat_map(|rest| {
        let labels = labels.iter().enumerate();
        labels.filter_map(move |(at, label)| begins(rest, label.as_str()).map(|fit| (fit, at)))
    });
    let best = fits.max();
    hits.extend(best.filter(|(fit, _)| *fit == Fit::Equal).map(|(_, at)| at));
    match (hits.pop_first(), hits.is_empty()) {
        (Some(hit), true) => Some(hit),
        (Some(_), false) => None,
        (None, _) => best.map(|(_, at)| at),
    }
}

/// How a name begins with a label, from the worst to the best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Another word begins with the label; with its length.
    Part(usize),
    /// The label is the first word; with its length.
    Word(usize),
    /// Nothing follows the label.
    Equal,
}

fn begins(name: &str, label: &str) -> Option<Fit> {
    let head = name.get(..label.len())?;
    if !head.eq_ignore_ascii_case(label) {
        return None;
    }
    Some(match name[label.len()..].chars().next() {
        None => Fit::Equal,
        Some(next) if next.is_alphanumeric() => Fit::Part(label.len()),
        Some(_) => Fit::Word(label.len()),
    })
}

#[cfg(test)]
mod tests {
    use activesync::history::FolderTruth;

    use super::*;

    #[test]
    fn a_folder_is_known_by_what_it_is_called() {
        let [f1, f10, inbox] = ["f1", "f10", "inbox"].map(FolderName::from);
        let labels = [&f1, &f10, &inbox];
        let shown = |folder: &FolderName, display_name: &str| FolderTruth {
            folder: folder.clone(),
            display_name: display_name.into(),
        };
        let truth = Truth {
            folders: vec![shown(&f1, "lm-f1 old"), shown(&f10, "lm-f10"), shown(&inbox, "Eingang")],
            ..Truth::default()
        };
        let label = |name| called(&labels, name, &truth, &truth);
        assert_eq!(label("Eingang"), Some(2));
        assert_eq!(label("Inbox"), Some(2));
        assert_eq!(label("lm-f1 new"), Some(0));
        assert_eq!(label("lm-f1"), Some(0));
        assert_eq!(label("lm-f10"), Some(1));
        assert_eq!(label("f10 x"), Some(1));
        assert_eq!(label("Notes"), None);
        // Shown as one folder, called like another: no telling.
        let truth = Truth { folders: vec![shown(&f10, "f1")], ..Truth::default() };
        assert_eq!(called(&labels, "f1", &truth, &truth), None);
    }
}
