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
                | MailboxOp::DeleteFolder(folder, _) => {
                    labels.insert(folder);
                }
                MailboxOp::Move { from, to, .. } => labels.extend([from, to]),
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

/// The folder that is meant by a displayed name: one that is displayed so at the end, or else the one with whose label it
/// begins.
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
    let mut shown = shown.filter(|folder| &*folder.display_name == display_name);
    if let Some(label) = shown.next().and_then(|folder| labels.binary_search(&&folder.folder).ok())
    {
        return Some(label);
    }
    let starts = |label: &str| {
        let head = display_name.get(..label.len())?;
        let rest = display_name[label.len()..].chars().next();
        let whole = rest.is_none_or(|c| !c.is_alphanumeric());
        head.eq_ignore_ascii_case(label).then_some((whole, label.len()))
    };
    let fits = labels.iter().enumerate();
    let fits = fits.filter_map(|(at, label)| starts(label.as_str()).map(|fit| (fit, at)));
    fits.max().map(|(_, at)| at)
}
