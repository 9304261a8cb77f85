//! The mailbox: folders and mails, and the other hand that changes them (delivery, webmail, IMAP).
//!
//! Ids are `<folder>:<number>`, never used twice; a mail that moves gets a new one. Every change gives the mail a new version,
//! and that is all that synchronisation has to know about time.

use std::collections::BTreeMap;
use std::sync::Arc;

use activesync::folders::{Folder, FolderType};
use activesync::history::{FolderName, MailName};
use activesync::{CollectionId, Flag, Mail, ServerId, Timestamp};

/// Id of the root of the hierarchy.
pub(crate) const ROOT: &str = "0";
/// Id of Drafts.
pub(crate) const DRAFTS: &str = "3";
/// Id of Deleted Items.
pub(crate) const DELETED_ITEMS: &str = "4";

/// The folders that every mailbox has: id, label, name shown, type.
const SPECIAL: [(&str, &str, &str, FolderType); 4] = [
    ("2", "inbox", "Inbox", FolderType::Inbox),
    (DRAFTS, "drafts", "Drafts", FolderType::Drafts),
    (DELETED_ITEMS, "deleted", "Deleted Items", FolderType::DeletedItems),
    ("5", "sent", "Sent Items", FolderType::SentItems),
];

/// A mailbox. Cloning is cheap: clones share what neither has changed.
#[derive(Clone, Debug)]
pub struct Mailbox {
    folders: Arc<BTreeMap<CollectionId, FolderBox>>,
    outbox: Arc<Vec<MailName>>,
    version: u64,
    next_folder: u32,
    next_item: u32,
    /// A planted defect: numbers of items come again.
    pub(crate) recycles_ids: bool,
}

/// A folder of the mailbox, as the other hand sees it.
#[derive(Clone, Copy, Debug)]
pub struct FolderView<'a> {
    /// Its label.
    pub label: &'a FolderName,
    /// As the hierarchy shows it.
    pub folder: &'a Folder,
}

/// A mail of the mailbox, as the other hand sees it.
#[derive(Clone, Copy, Debug)]
pub struct ItemView<'a> {
    /// Its id.
    pub server_id: &'a ServerId,
    /// Its name, if its subject has one.
    pub mail: Option<MailName>,
    /// Label of its folder.
    pub folder: &'a FolderName,
    /// Id of its folder.
    pub collection: &'a CollectionId,
    /// Its properties.
    pub data: &'a Mail,
    /// When it was received.
    pub received: Timestamp,
    /// It cannot be sent: no device will ever have it.
    pub unsendable: bool,
}

/// A folder with its mails.
#[derive(Clone, Debug)]
pub(crate) struct FolderBox {
    pub label: FolderName,
    pub folder: Folder,
    pub items: Items,
    /// What went out of it, and the version of that change. Nothing here needs it; servers that look for tombstones do.
    pub gone: Arc<BTreeMap<u32, u64>>,
    /// Version of the last change in it.
    pub version: u64,
}

/// Mails of a folder by number.
pub(crate) type Items = Arc<BTreeMap<u32, Item>>;

/// A mail.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub server_id: ServerId,
    pub name: Option<MailName>,
    pub data: Arc<Mail>,
    pub received: Timestamp,
    pub version: u64,
    /// Came by delivery, not by a move or as a draft.
    pub delivered: bool,
    /// What its sender says of when it was written. Nothing here needs it; servers that take it for the time of receipt do.
    pub dated: Timestamp,
    /// It cannot be rendered, now or ever.
    pub unsendable: bool,
}

impl Mailbox {
    /// An empty mailbox with its special folders.
    pub(crate) fn new() -> Self {
        let folders = SPECIAL.map(|(id, label, name, folder_type)| {
            let folder = Folder {
                server_id: id.into(),
                parent_id: ROOT.into(),
                display_name: name.into(),
                folder_type,
            };
            (CollectionId::from(id), FolderBox::new(label.into(), folder))
        });
        Self {
            folders: Arc::new(BTreeMap::from(folders)),
            outbox: Arc::default(),
            version: 1,
            next_folder: 6,
            next_item: 1,
            recycles_ids: false,
        }
    }

    /// Grows with every change: a waiting request need not look again while it is the same.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The folders, in order of ids.
    pub fn folders(&self) -> impl Iterator<Item = FolderView<'_>> {
        self.folders.values().map(|f| FolderView { label: &f.label, folder: &f.folder })
    }

    /// The mails, folder by folder.
    pub fn items(&self) -> impl Iterator<Item = ItemView<'_>> {
        self.folders.iter().flat_map(|(collection, folder)| {
            folder.items.values().map(move |item| ItemView {
                server_id: &item.server_id,
                mail: item.name,
                folder: &folder.label,
                collection,
                data: &item.data,
                received: item.received,
                unsendable: item.unsendable,
            })
        })
    }

    /// Names of the drafts sent, one for each delivery.
    pub fn outbox(&self) -> &[MailName] {
        &self.outbox
    }

    /// The id of a folder.
    pub fn folder_id(&self, label: &FolderName) -> Option<CollectionId> {
        self.folders.iter().find(|(_, folder)| folder.label == *label).map(|(id, _)| id.clone())
    }

    /// The label of a folder.
    pub fn label(&self, id: &CollectionId) -> Option<&FolderName> {
        self.folders.get(id).map(|folder| &folder.label)
    }

    /// A mail arrives. Its `date_received` is when; read and flag are unset unless it says otherwise. `None` when there is
    /// no such folder.
    pub fn deliver(&mut self, folder: &FolderName, mail: Mail) -> Option<ServerId> {
        let id = self.folder_id(folder)?;
        let number = self.insert(&id, mail, true)?;
        self.folders.get(&id)?.items.get(&number).map(|item| item.server_id.clone())
    }

    /// A mail arrives whose sender wrote another date on it.
    pub fn deliver_dated(
        &mut self,
        folder: &FolderName,
        mail: Mail,
        dated: Timestamp,
    ) -> Option<ServerId> {
        let id = self.deliver(folder, mail)?;
        self.change_item(folder, &id, |item| item.dated = dated);
        Some(id)
    }

    /// Something arrives that cannot be rendered for any device, now or ever.
    pub fn deliver_unsendable(&mut self, folder: &FolderName, mail: Mail) -> Option<ServerId> {
        let id = self.deliver(folder, mail)?;
        self.change_item(folder, &id, |item| item.unsendable = true);
        Some(id)
    }

    fn change_item(&mut self, folder: &FolderName, id: &ServerId, change: impl FnOnce(&mut Item)) {
        let (Some(folder), Some(number)) = (self.folder_id(folder), number_of(id)) else { return };
        let folders = Arc::make_mut(&mut self.folders);
        let items = folders.get_mut(&folder).map(|folder| Arc::make_mut(&mut folder.items));
        if let Some(item) = items.and_then(|items| items.get_mut(&number)) {
            change(item);
        }
    }

    /// Sets the read state of all mails of a folder in one operation, with one version for all that change; returns those.
    pub fn set_all_read(&mut self, folder: &FolderName, read: bool) -> Vec<MailName> {
        let Some(id) = self.folder_id(folder) else { return Vec::new() };
        let Some(target) = Arc::make_mut(&mut self.folders).get_mut(&id) else { return Vec::new() };
        let differs = |item: &Item| !item.unsendable && item.data.read != Some(read);
        if !target.items.values().any(differs) {
            return Vec::new();
        }
        self.version += 1;
        target.version = self.version;
        let mut changed = Vec::new();
        for item in Arc::make_mut(&mut target.items).values_mut().filter(|item| differs(item)) {
            item.data = Arc::new(Mail { read: Some(read), ..(*item.data).clone() });
            item.version = self.version;
            changed.extend(item.name);
        }
        changed
    }

    /// Hangs a folder below another, or at the root. False when either is not there, the folder is special, the name is
    /// taken there, or the folder would lie below itself.
    pub fn move_folder(&mut self, label: &FolderName, parent: Option<&FolderName>) -> bool {
        let parent = match parent {
            Some(label) => self.folder_id(label),
            None => Some(CollectionId::from(ROOT)),
        };
        let (Some(id), Some(parent)) = (self.folder_id(label), parent) else { return false };
        let Some(folder) = self.folders.get(&id).map(|f| f.folder.clone()) else { return false };
        if folder.folder_type.is_special()
            || folder.parent_id == parent
            || self.is_within(&parent, &id)
            || self.name_taken(&parent, &folder.display_name, Some(&id))
        {
            return false;
        }
        self.change_folder(&id, parent, &folder.display_name);
        true
    }

    /// Sets the read state of a mail. False when there is no such mail.
    pub fn set_read(&mut self, mail: MailName, read: bool) -> bool {
        self.edit(mail, |data| data.read = Some(read))
    }

    /// Sets the flag of a mail. False when there is no such mail.
    pub fn set_flag(&mut self, mail: MailName, flag: Flag) -> bool {
        self.edit(mail, |data| data.flag = Some(flag))
    }

    /// Moves a mail. False when mail or folder are not there, or it is there already.
    pub fn move_mail(&mut self, mail: MailName, to: &FolderName) -> bool {
        let (Some((from, number)), Some(to)) = (self.locate(mail), self.folder_id(to)) else {
            return false;
        };
        from != to && self.relocate(&from, number, &to).is_some()
    }

    /// Deletes a mail for good. False when there is no such mail.
    pub fn delete(&mut self, mail: MailName) -> bool {
        self.locate(mail).is_some_and(|(folder, number)| self.remove(&folder, number).is_some())
    }

    /// Makes a mail folder whose name is its label. False when the label is taken, the name is taken where the folder
    /// would be, or there is no such parent.
    pub fn create_folder(&mut self, label: &FolderName, parent: Option<&FolderName>) -> bool {
        let parent = match parent {
            Some(label) => self.folder_id(label),
            None => Some(CollectionId::from(ROOT)),
        };
        let Some(parent) = parent else { return false };
        if self.folder_id(label).is_some() || self.name_taken(&parent, label.as_str(), None) {
            return false;
        }
        self.add_folder(label.clone(), parent, label.as_str(), FolderType::UserMail);
        true
    }

    /// Gives a folder another name to show. False when there is no such folder, it is special, or the name is taken.
    pub fn rename_folder(&mut self, label: &FolderName, new_display: &str) -> bool {
        let Some(id) = self.folder_id(label) else { return false };
        let Some(folder) = self.folders.get(&id).map(|f| f.folder.clone()) else { return false };
        if folder.folder_type.is_special()
            || self.name_taken(&folder.parent_id, new_display, Some(&id))
        {
            return false;
        }
        self.change_folder(&id, folder.parent_id, new_display);
        true
    }

    /// Deletes a folder for good with all that is in it; returns the mails that went with it. `None` when there is no such
    /// folder or it is special.
    pub fn delete_folder(&mut self, label: &FolderName) -> Option<Vec<MailName>> {
        let id = self.folder_id(label)?;
        if self.folders.get(&id)?.folder.folder_type.is_special() {
            return None;
        }
        Some(self.remove_folder(&id))
    }

    fn edit(&mut self, mail: MailName, change: impl FnOnce(&mut Mail)) -> bool {
        let Some((folder, number)) = self.locate(mail) else { return false };
        let Some(item) = self.item(&folder, number) else { return false };
        let mut data = (*item.data).clone();
        change(&mut data);
        self.write(&folder, number, data, true).is_some()
    }

    fn locate(&self, mail: MailName) -> Option<(CollectionId, u32)> {
        self.folders.iter().find_map(|(id, folder)| {
            let mut items = folder.items.iter();
            let hit = items.find(|(_, item)| item.name == Some(mail));
            hit.map(|(number, _)| (id.clone(), *number))
        })
    }
}

/// What the server does to the mailbox.
impl Mailbox {
    pub(crate) fn folder(&self, id: &CollectionId) -> Option<&FolderBox> {
        self.folders.get(id)
    }

    pub(crate) fn hierarchy(&self) -> BTreeMap<CollectionId, Folder> {
        self.folders.iter().map(|(id, f)| (id.clone(), f.folder.clone())).collect()
    }

    pub(crate) fn same_hierarchy(&self, other: &BTreeMap<CollectionId, Folder>) -> bool {
        self.folders.len() == other.len()
            && self.folders.values().zip(other.values()).all(|(ours, other)| ours.folder == *other)
    }

    pub(crate) fn item(&self, folder: &CollectionId, number: u32) -> Option<&Item> {
        self.folders.get(folder)?.items.get(&number)
    }

    /// The mail with this id, if it is in this folder.
    pub(crate) fn find(&self, folder: &CollectionId, id: &ServerId) -> Option<(u32, &Item)> {
        let number = number_of(id)?;
        let item = self.item(folder, number)?;
        (item.server_id == *id).then_some((number, item))
    }

    /// Adds a mail; returns its number.
    pub(crate) fn insert(
        &mut self,
        folder: &CollectionId,
        mut data: Mail,
        delivered: bool,
    ) -> Option<u32> {
        data.read.get_or_insert(false);
        data.flag.get_or_insert_default();
        let received = data.date_received.unwrap_or_default();
        let name = data.subject.as_deref().and_then(MailName::find);
        let item = |server_id, version| Item {
            server_id,
            name,
            data: Arc::new(data),
            received,
            version,
            delivered,
            dated: received,
            unsendable: false,
        };
        self.put(folder, item)
    }

    fn put(
        &mut self,
        folder: &CollectionId,
        item: impl FnOnce(ServerId, u64) -> Item,
    ) -> Option<u32> {
        let target = Arc::make_mut(&mut self.folders).get_mut(folder)?;
        let number = if self.recycles_ids {
            target.items.last_key_value().map_or(0, |(number, _)| *number) + 1
        } else {
            self.next_item
        };
        self.next_item += 1;
        self.version += 1;
        target.version = self.version;
        let id = ServerId::new(format!("{folder}:{number}"));
        Arc::make_mut(&mut target.items).insert(number, item(id, self.version));
        Some(number)
    }

    /// Replaces the properties of a mail; returns its version. `counted` false leaves the version alone, which no correct
    /// writer does.
    pub(crate) fn write(
        &mut self,
        folder: &CollectionId,
        number: u32,
        data: Mail,
        counted: bool,
    ) -> Option<u64> {
        let target = Arc::make_mut(&mut self.folders).get_mut(folder)?;
        let item = Arc::make_mut(&mut target.items).get_mut(&number)?;
        item.data = Arc::new(data);
        if counted {
            self.version += 1;
            item.version = self.version;
            target.version = self.version;
        }
        Some(item.version)
    }

    /// Takes a mail out for good.
    pub(crate) fn remove(&mut self, folder: &CollectionId, number: u32) -> Option<Item> {
        self.item(folder, number)?;
        let target = Arc::make_mut(&mut self.folders).get_mut(folder)?;
        self.version += 1;
        target.version = self.version;
        Arc::make_mut(&mut target.gone).insert(number, self.version);
        Arc::make_mut(&mut target.items).remove(&number)
    }

    /// Copies a mail; returns the number of the copy. No correct server does that.
    pub(crate) fn copy(
        &mut self,
        from: &CollectionId,
        number: u32,
        to: &CollectionId,
    ) -> Option<u32> {
        let old = self.item(from, number)?.clone();
        self.put(to, |server_id, version| Item { server_id, version, delivered: false, ..old })
    }

    /// Moves a mail; returns its new number.
    pub(crate) fn relocate(
        &mut self,
        from: &CollectionId,
        number: u32,
        to: &CollectionId,
    ) -> Option<u32> {
        self.folders.get(to)?;
        let old = self.remove(from, number)?;
        self.put(to, |server_id, version| Item { server_id, version, delivered: false, ..old })
    }

    /// Puts a mail back under the number it had, which no correct writer does.
    pub(crate) fn restore(&mut self, folder: &CollectionId, number: u32, mut item: Item) {
        let Some(target) = Arc::make_mut(&mut self.folders).get_mut(folder) else { return };
        self.version += 1;
        target.version = self.version;
        item.version = self.version;
        Arc::make_mut(&mut target.items).insert(number, item);
    }

    /// Takes a draft out and sends it.
    pub(crate) fn send(&mut self, name: Option<MailName>) {
        self.version += 1;
        if let Some(name) = name {
            Arc::make_mut(&mut self.outbox).push(name);
        }
    }

    pub(crate) fn name_taken(
        &self,
        parent: &CollectionId,
        name: &str,
        except: Option<&CollectionId>,
    ) -> bool {
        self.folders.iter().any(|(id, f)| {
            Some(id) != except && f.folder.parent_id == *parent && &*f.folder.display_name == name
        })
    }

    pub(crate) fn add_folder(
        &mut self,
        label: FolderName,
        parent: CollectionId,
        name: &str,
        folder_type: FolderType,
    ) -> CollectionId {
        let id = CollectionId::new(self.next_folder.to_string());
        self.next_folder += 1;
        self.version += 1;
        let folder = Folder {
            server_id: id.clone(),
            parent_id: parent,
            display_name: name.into(),
            folder_type,
        };
        Arc::make_mut(&mut self.folders).insert(id.clone(), FolderBox::new(label, folder));
        id
    }

    pub(crate) fn change_folder(&mut self, id: &CollectionId, parent: CollectionId, name: &str) {
        let Some(target) = Arc::make_mut(&mut self.folders).get_mut(id) else { return };
        target.folder.parent_id = parent;
        target.folder.display_name = name.into();
        self.version += 1;
    }

    /// Whether a folder is `id` itself or lies below it.
    pub(crate) fn is_within(&self, folder: &CollectionId, id: &CollectionId) -> bool {
        let mut at = folder;
        // A hierarchy has no cycles, so it ends; the bound holds even if it had one.
        for _ in 0..=self.folders.len() {
            if at == id {
                return true;
            }
            match self.folders.get(at) {
                Some(f) => at = &f.folder.parent_id,
                None => return false,
            }
        }
        false
    }

    /// Removes a folder and those below it; returns the mails that went with them.
    pub(crate) fn remove_folder(&mut self, id: &CollectionId) -> Vec<MailName> {
        let all = self.folders.keys();
        let doomed: Vec<_> = all.filter(|folder| self.is_within(folder, id)).cloned().collect();
        let folders = Arc::make_mut(&mut self.folders);
        let mut gone = Vec::new();
        for id in &doomed {
            if let Some(folder) = folders.remove(id) {
                gone.extend(folder.items.values().filter_map(|item| item.name));
            }
        }
        self.version += 1;
        gone
    }
}

impl FolderBox {
    fn new(label: FolderName, folder: Folder) -> Self {
        Self { label, folder, items: Items::default(), gone: Arc::default(), version: 1 }
    }
}

/// The number in an id, for looking it up; whether the id is the item's is for the caller to compare.
pub(crate) fn number_of(id: &ServerId) -> Option<u32> {
    id.as_str().rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str) -> Mail {
        Mail { subject: Some(subject.into()), ..Mail::default() }
    }

    #[test]
    fn ids_are_never_used_twice() {
        let mut mailbox = Mailbox::new();
        let inbox = FolderName::from("inbox");
        let first = mailbox.deliver(&inbox, mail("m1")).unwrap();
        assert!(mailbox.delete(MailName(1)));
        let second = mailbox.deliver(&inbox, mail("m1")).unwrap();
        assert_ne!(first, second);
        assert!(mailbox.move_mail(MailName(1), &"deleted".into()));
        let third = mailbox.items().next().unwrap();
        assert_eq!(third.folder.as_str(), "deleted");
        assert!(*third.server_id != first && *third.server_id != second);
        assert!(!mailbox.move_mail(MailName(1), &"deleted".into()));
    }

    #[test]
    fn a_folder_takes_what_is_below_it_along() {
        let mut mailbox = Mailbox::new();
        let (outer, inner) = (FolderName::from("f1"), FolderName::from("f2"));
        assert!(mailbox.create_folder(&outer, None));
        assert!(mailbox.create_folder(&inner, Some(&outer)));
        assert!(!mailbox.create_folder(&inner, None), "a label is unique");
        mailbox.deliver(&inner, mail("m3")).unwrap();
        assert_eq!(mailbox.delete_folder(&outer), Some(vec![MailName(3)]));
        assert_eq!(mailbox.folder_id(&inner), None);
        assert_eq!(mailbox.delete_folder(&"inbox".into()), None);
        assert!(!mailbox.rename_folder(&"inbox".into(), "Posteingang"));
    }

    #[test]
    fn a_clone_is_a_mailbox_of_its_own() {
        let mut mailbox = Mailbox::new();
        mailbox.deliver(&"inbox".into(), mail("m1")).unwrap();
        let before = mailbox.clone();
        assert!(mailbox.set_read(MailName(1), true));
        assert_eq!(before.items().next().unwrap().data.read, Some(false));
        assert_eq!(mailbox.items().next().unwrap().data.read, Some(true));
        assert!(mailbox.version() > before.version());
    }
}
