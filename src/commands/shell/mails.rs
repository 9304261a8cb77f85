//! What the user of the device does to mails: they change at once here, and on the server with the next `test_sync`.

use activesync::folders::Folder;
use activesync::{CollectionId, Flag};
use activesync_client::{Client, LocalId};

use crate::output::text::safe;

use super::device::{Shell, Stop, on_or_off};
use super::print;

impl Shell<'_> {
    /// Prints the mails of every folder that was synchronised.
    pub(crate) fn print_emails(&mut self) -> Result<(), Stop> {
        let account = self.account()?;
        let current = account.folder()?;
        let client = account.session.client();
        let mut text = String::new();
        for folder in client.folders() {
            let id = &folder.server_id;
            let known = client.mails().any(|mail| mail.collection == id);
            if known || *id == current {
                let mails = client.mails().filter(|mail| mail.collection == id);
                text.push_str(&print::mails(&folder.display_name, mails));
            }
        }
        self.terminal.print(&text);
        Ok(())
    }

    /// Chooses the folder.
    pub(crate) fn use_folder(&mut self, name: &str) -> Result<(), Stop> {
        let account = self.account()?;
        let id = find_folder(account.session.client(), name)?;
        account.folder = Some(id);
        Ok(())
    }

    /// Marks a mail read or unread.
    pub(crate) fn read(&mut self, number: &str, word: Option<&str>) -> Result<(), Stop> {
        let read = on_or_off(word)?;
        self.edit(number, |client, id, local| client.user_read(id, local, read))
    }

    /// Flags a mail or clears its flag.
    pub(crate) fn flag(&mut self, number: &str, word: Option<&str>) -> Result<(), Stop> {
        let flag =
            if on_or_off(word)? { Flag::active("Flag for follow up") } else { Flag::default() };
        self.edit(number, |client, id, local| client.user_flag(id, local, flag))
    }

    /// Deletes a mail.
    pub(crate) fn delete(&mut self, number: &str, word: Option<&str>) -> Result<(), Stop> {
        let permanent = match word {
            None => false,
            Some("for-good") => true,
            Some(_) => return Err(Stop::failed("delete N, or delete N for-good")),
        };
        self.edit(number, |client, id, local| client.user_delete(id, local, permanent))
    }

    /// Moves a mail.
    pub(crate) fn move_mail(&mut self, number: &str, folder: &str) -> Result<(), Stop> {
        let to = find_folder(self.client()?, folder)?;
        self.edit(number, |client, id, local| client.user_move(id, local, &to))
    }

    fn edit(
        &mut self,
        number: &str,
        change: impl FnOnce(&mut Client, &CollectionId, LocalId) -> bool,
    ) -> Result<(), Stop> {
        let client = self.client()?;
        let parsed: Result<LocalId, _> = number.parse();
        let no_such =
            || Stop::failed(format!("no mail {}; print_emails() shows the numbers", safe(number)));
        let local = parsed.map_err(|_| no_such())?;
        let found = client.mails().find(|mail| mail.local == local);
        let id = found.map(|mail| mail.collection.clone()).ok_or_else(no_such)?;
        if change(client, &id, local) {
            Ok(())
        } else {
            Err(Stop::failed(
                "this mail cannot be changed so now: it is on the move, or is there already",
            ))
        }
    }
}

/// A folder that can be synchronised, by name, path or id.
fn find_folder(client: &Client, wanted: &str) -> Result<CollectionId, Stop> {
    let synced = |folder: &&Folder| client.collections().any(|(id, _)| *id == folder.server_id);
    let mut found: Vec<&Folder> =
        client.folders().filter(|folder| folder.server_id.as_str() == wanted).collect();
    if found.is_empty() {
        let same = |name: &str| name.to_lowercase() == wanted.to_lowercase();
        found = client
            .folders()
            .filter(|folder| same(&folder.display_name) || same(&path_of(client, folder).join("/")))
            .collect();
    }
    match found.as_slice() {
        [] if client.folders().next().is_none() => {
            Err(Stop::failed("no folder is known: folder_sync() first"))
        }
        [] => Err(Stop::failed(format!("no folder {}; `folders` shows them", safe(wanted)))),
        [folder] if synced(folder) => Ok(folder.server_id.clone()),
        [folder] => Err(Stop::failed(format!("{} holds no mail", safe(&folder.display_name)))),
        several => Err(Stop::failed(format!(
            "{} folders are called {}; name one by its id",
            several.len(),
            safe(wanted)
        ))),
    }
}

/// Names of a folder and of those above it, from the top.
pub(crate) fn path_of(client: &Client, folder: &Folder) -> Vec<String> {
    /// Deeper than any hierarchy; a server may make folders each other's parents.
    const DEPTH_MAX: usize = 64;
    let mut names = vec![folder.display_name.to_string()];
    let mut parent = folder.parent_id.clone();
    while names.len() < DEPTH_MAX {
        let Some(above) = client.folders().find(|known| known.server_id == parent) else { break };
        names.push(above.display_name.to_string());
        parent = above.parent_id.clone();
    }
    names.reverse();
    names
}
