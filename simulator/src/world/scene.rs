//! The virtual world as a scene.

use activesync::Request;
use activesync::history::{CallName, DeviceName, FolderName, MailName};
use activesync_client::Client;
use activesync_server::Stage;

use super::{Call, Place as Inside, World};
use crate::scene::{Place, Scene};
use crate::{Action, SyncAction, Trouble};

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

    fn abandon(&self, device: DeviceName) -> Option<Action> {
        let waits = match self.devices.get(&device)?.in_flight()? {
            Request::Ping(_) => true,
            Request::Sync(Some(request)) => request.heartbeat_seconds.is_some(),
            _ => false,
        };
        let mine = |(name, call): &(&CallName, &Call)| name.device == device && call.attached;
        let (name, call) = self.calls.iter().find(mine).filter(|_| waits)?;
        match &call.place {
            Inside::Outbound => Some(Action::In(*name)),
            Inside::AtServer if self.server.stage(call.work) == Some(Stage::Wait) => {
                Some(Action::Trouble(Trouble::TimeOut(*name)))
            }
            Inside::AtServer => Some(Action::Step(*name)),
            Inside::Homebound(_) | Inside::Storing => None,
        }
    }

    fn lingers(&self, call: CallName) -> bool {
        self.calls.get(&call).is_some_and(|call| !call.attached)
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
