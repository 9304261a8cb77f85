//! The real world as a scene.

use activesync::history::{CallName, DeviceName, FolderName, MailName};
use activesync_client::Client;
use activesync_simulator::{Place, Scene};

use super::LiveWorld;
use super::call::Stand;

impl Scene for LiveWorld<'_> {
    fn devices(&self) -> Vec<DeviceName> {
        self.devices.keys().copied().collect()
    }

    fn client(&self, device: DeviceName) -> Option<&Client> {
        self.devices.get(&device)
    }

    fn mails(&self) -> Vec<MailName> {
        self.mails.iter().filter(|(_, (_, there))| *there).map(|(mail, _)| *mail).collect()
    }

    fn folders(&self) -> Vec<FolderName> {
        self.folders.keys().cloned().collect()
    }

    fn home(&self) -> FolderName {
        "f1".into()
    }

    fn places(&self) -> Vec<(CallName, Place)> {
        let place = |stand: &Stand| match stand {
            Stand::Outbound => Place::Outbound,
            Stand::AtServer(_) => Place::AtServer,
        };
        self.calls.iter().map(|(name, call)| (*name, place(&call.stand))).collect()
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

    fn next_flag(&self) -> u32 {
        self.next_flag + 1
    }
}
