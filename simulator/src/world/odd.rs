//! Requests that no good device sends, in the name of one: a server must refuse them and do nothing of what they ask.

use std::sync::Arc;

use activesync::history::{CallName, DeviceName, DeviceOp, Event, FolderName, MailName};
use activesync::http::HttpRequest;
use activesync::sync::{self, ClientCommand, Collection};
use activesync::{CollectionId, Mail, Request, ServerId, SyncKey};
use activesync_client::Client;

use super::World;
use crate::Odd;
use crate::scene::find;

impl World {
    /// Sends it; nobody waits for the answer.
    pub(super) fn odd(&mut self, call: CallName, odd: &Odd) -> bool {
        let Some(request) = self.odd_request(call.device, odd) else { return false };
        let Some(http) = self.odd_http(call.device, &request) else { return false };
        // What presents the device's own key may move its state at the server: a device that had sent it would ask again.
        if let (Odd::ReadOnly(_), Some(device)) = (odd, self.devices.get_mut(&call.device)) {
            device.want_all();
        }
        self.note_call(call);
        self.push(Event::Sent { call, request: Arc::new(request) });
        self.launch(call, http, false);
        true
    }

    fn odd_http(&self, device: DeviceName, request: &Request) -> Option<HttpRequest> {
        let client = self.devices.get(&device)?;
        // Without a policy key it would be refused for that.
        client.policy_key()?;
        client.envelope(request).ok()
    }

    fn odd_request(&self, device: DeviceName, odd: &Odd) -> Option<Request> {
        let client = self.devices.get(&device)?;
        let collection = match odd {
            Odd::InventedKey(folder) => {
                let (id, _) = self.keyed(client, folder)?;
                self.with_change(client, folder, Collection::new(id, SyncKey::new("x0")))
            }
            Odd::ForeignKey(folder, other) => {
                let ((id, own), (_, key)) =
                    (self.keyed(client, folder)?, self.keyed(client, other)?);
                if own == key {
                    return None;
                }
                self.with_change(client, folder, Collection::new(id, key))
            }
            Odd::ReadOnly(mail) => self.read_only(client, *mail)?,
            Odd::TooMany(folder) => self.too_many(client, folder)?,
        };
        Some(Request::Sync(Some(sync::Request {
            collections: vec![collection],
            ..sync::Request::default()
        })))
    }

    /// A folder and the device's key for it.
    fn keyed(&self, client: &Client, folder: &FolderName) -> Option<(CollectionId, SyncKey)> {
        let id = self.store.mailbox.folder_id(folder)?;
        let (_, state) = client.collections().find(|(other, _)| **other == id)?;
        (!state.key.is_zero()).then(|| (id, state.key.clone()))
    }

    /// The first mail of a folder that the server knows.
    fn first(&self, client: &Client, folder: &FolderName) -> Option<(ServerId, bool)> {
        let id = self.store.mailbox.folder_id(folder)?;
        // Nothing that its user asked for before: what refuses this must not look like an answer to that.
        let wished = |view: &activesync_client::MailView<'_>| {
            let name = crate::named(view.item.base.subject.as_deref());
            self.history.events.iter().any(|event| match event {
                Event::Device(
                    _,
                    DeviceOp::Read { mail, .. }
                    | DeviceOp::Flag { mail, .. }
                    | DeviceOp::Delete { mail, .. }
                    | DeviceOp::Move { mail, .. },
                ) => Some(*mail) == name,
                _ => false,
            })
        };
        let mut mails = client.mails().filter(|view| *view.collection == id && !wished(view));
        mails.find_map(|view| Some((view.item.server_id.clone()?, view.item.read())))
    }

    /// A change that a server would carry out if it took the key.
    fn with_change(
        &self,
        client: &Client,
        folder: &FolderName,
        mut asked: Collection,
    ) -> Collection {
        asked.commands.extend(self.first(client, folder).map(|(server_id, read)| {
            let data = Mail { read: Some(!read), ..Mail::default() };
            ClientCommand::Change { server_id, data, send: false }
        }));
        asked
    }

    /// The subject of a mail is its sender's (row 33).
    fn read_only(&self, client: &Client, mail: MailName) -> Option<Collection> {
        let (id, _) = find(client, mail)?;
        let label = self.store.mailbox.label(&id)?.clone();
        let mut mails = client.mails();
        let view = mails.find(|view| {
            *view.collection == id && crate::named(view.item.base.subject.as_deref()) == Some(mail)
        })?;
        if view.item.base.is_draft == Some(true) || label.as_str() == "drafts" {
            return None;
        }
        let server_id = view.item.server_id.clone()?;
        let (id, key) = self.keyed(client, &label)?;
        let mut asked = Collection::new(id, key);
        let data = Mail { from: Some("mallory@example.test".into()), ..Mail::default() };
        asked.commands.push(ClientCommand::Change { server_id, data, send: false });
        Some(asked)
    }

    /// One more than MS-ASCMD R5642 allows; the first would be carried out (row 38).
    fn too_many(&self, client: &Client, folder: &FolderName) -> Option<Collection> {
        let (id, key) = self.keyed(client, folder)?;
        let (server_id, read) = self.first(client, folder)?;
        let mut asked = Collection::new(id, key);
        let data = Mail { read: Some(!read), ..Mail::default() };
        let change = ClientCommand::Change { server_id, data, send: false };
        asked.commands = vec![change; sync::COMMANDS_MAX + 1];
        Some(asked)
    }
}
