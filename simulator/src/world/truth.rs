//! What is true on both sides.

use std::sync::Arc;

use activesync::history::{
    DeviceMail, DeviceName, DeviceTruth, FolderName, FolderTruth, MailName, ServerMail, Truth,
};
use activesync_client::Client;

use super::World;
use crate::scene::named;

impl World {
    /// Where the server has a mail.
    pub(super) fn mail_folder(&self, mail: MailName) -> Option<FolderName> {
        let mut items = self.store.mailbox.items();
        items.find(|item| item.mail == Some(mail)).map(|item| item.folder.clone())
    }

    /// Its properties.
    pub(super) fn mail_data(&self, mail: MailName) -> Option<&activesync::Mail> {
        let mut items = self.store.mailbox.items();
        items.find(|item| item.mail == Some(mail)).map(|item| item.data)
    }

    /// Both sides as they are now.
    pub fn truth(&self, restless: &[(DeviceName, Arc<str>)]) -> Truth {
        let mailbox = &self.store.mailbox;
        let server = mailbox.items().filter_map(|item| {
            Some(ServerMail {
                mail: item.mail?,
                folder: item.folder.clone(),
                read: item.data.read.unwrap_or(false),
                flag: item.data.flag.clone().unwrap_or_default(),
                received: item.received,
                marked_deleted: false,
            })
        });
        let folders = mailbox.folders().map(|folder| FolderTruth {
            folder: folder.label.clone(),
            display_name: folder.folder.display_name.clone(),
        });
        Truth {
            events: self.history.events.len(),
            now: self.now,
            folders: folders.collect(),
            server: server.collect(),
            devices: self
                .devices
                .iter()
                .map(|(name, device)| self.device_truth(*name, device, restless))
                .collect(),
            outbox: mailbox.outbox().to_vec(),
        }
    }

    fn device_truth(
        &self,
        device: DeviceName,
        client: &Client,
        restless: &[(DeviceName, Arc<str>)],
    ) -> DeviceTruth {
        let mails = client.mails().map(|view| DeviceMail {
            mail: named(view.item.base.subject.as_deref()),
            server_id: view.item.server_id.clone(),
            folder: self.label(view.collection),
            read: view.item.read(),
            flag: view.item.flag(),
        });
        let folders = client.folders().map(|folder| FolderTruth {
            folder: self.label(&folder.server_id),
            display_name: folder.display_name.clone(),
        });
        let synced = client
            .collections()
            .map(|(id, state)| (self.label(id), state.options.filter_seconds()));
        let restless = restless.iter().find(|(name, _)| *name == device);
        DeviceTruth {
            device,
            folders: folders.collect(),
            mails: mails.collect(),
            synced: synced.collect(),
            restless: restless.map(|(_, why)| why.clone()),
        }
    }
}
