//! The virtual world as a scene.

use activesync::history::{CallName, DeviceName, FolderName, MailName};
use activesync_client::Client;

use super::{Place as Inside, World};
use crate::SyncAction;
use crate::scene::{Place, Scene};

impl Scene for World {
    fn devices(&self) -> Vec<DeviceName> {
        self.devices.keys().copied().collect()
    }

    fn client(&self, device: DeviceName) -> Option<&Client> {
        self.devices.get(&device)
    }

    fn mails(&self) -> Vec<MailName> {
        self.store.mailbox.items().filter_map(|item| item.mail).collect()
    }

    fn folders(&self) -> Vec<FolderName> {
        self.store.mailbox.folders().map(|folder| folder.label.clone()).collect()
    }

    fn home(&self) -> FolderName {
        "inbox".into()
    }

    fn places(&self) -> Vec<(CallName, Place)> {
        let place = |place: &Inside| match place {
            Inside::Outbound => Place::Outbound,
            Inside::AtServer => Place::AtServer,
            Inside::Homebound(_) => Place::Homebound,
            Inside::Storing => Place::Storing,
        };
        self.calls.iter().map(|(name, call)| (*name, place(&call.place))).collect()
    }

    fn next_call(&self, device: DeviceName) -> CallName {
        self.call_name(device)
    }

    fn next_mail(&self) -> MailName {
        MailName(self.next_mail + 1)
    }

    fn next_folder(&self) -> FolderName {
        FolderName::from(&*format!("f{}", self.next_folder + 1))
    }

    fn pushes(&self, device: DeviceName) -> bool {
        World::pushes(self, device)
    }

    fn waiting_sync(&self, device: DeviceName) -> SyncAction {
        World::waiting_sync(self, device)
    }

    fn next_flag(&self) -> u32 {
        self.next_flag + 1
    }
}
