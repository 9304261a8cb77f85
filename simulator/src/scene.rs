//! A world as seen by whoever picks what happens next: the virtual one here, the real one of a live hunt.

use activesync::CollectionId;
use activesync::history::{CallName, DeviceName, FolderName, MailName};
use activesync_client::{Client, LocalId};

use crate::{Action, SyncAction};

/// Where a call is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// On its way to the server.
    Outbound,
    /// The server works on it.
    AtServer,
    /// Its answer is on its way to the device.
    Homebound,
    /// The device is storing its answer.
    Storing,
}

/// What the menu is made from.
pub trait Scene {
    /// The devices.
    fn devices(&self) -> Vec<DeviceName>;
    /// One of them.
    fn client(&self, device: DeviceName) -> Option<&Client>;
    /// The mails on the server.
    fn mails(&self) -> Vec<MailName>;
    /// The folders on the server that schedules may touch.
    fn folders(&self) -> Vec<FolderName>;
    /// The folder that comes up most.
    fn home(&self) -> FolderName;
    /// Calls under way and where they are, in order of names.
    fn places(&self) -> Vec<(CallName, Place)>;
    /// The name of the device's next call.
    fn next_call(&self, device: DeviceName) -> CallName;
    /// A mail name that was not used yet.
    fn next_mail(&self) -> MailName;
    /// A folder name that was not used yet.
    fn next_folder(&self) -> FolderName;
    /// What brings a device out of a call in which it waits for news (the request first reaches the server and begins to
    /// wait there); `None` when it is in no such call.
    fn abandon(&self, _device: DeviceName) -> Option<Action> {
        None
    }
    /// Whether nobody waits for the answer to a call any more.
    fn lingers(&self, _call: CallName) -> bool {
        false
    }
    /// Whether a device waits by Sync rather than by Ping.
    fn pushes(&self, _device: DeviceName) -> bool {
        false
    }
    /// What it then asks for.
    fn waiting_sync(&self, _device: DeviceName) -> SyncAction {
        SyncAction::default()
    }
    /// A flag number that was not used yet.
    fn next_flag(&self) -> u32;
}

/// Where a device has a mail; the first place in order of folders, when there are several.
pub fn find(device: &Client, mail: MailName) -> Option<(CollectionId, LocalId)> {
    let mut mails = device.mails();
    let view = mails.find(|view| named(view.item.base.subject.as_deref()) == Some(mail))?;
    Some((view.collection.clone(), view.local))
}

/// The mail that a subject names.
pub fn named(subject: Option<&str>) -> Option<MailName> {
    subject.and_then(MailName::find)
}
