//! Conflict.

use activesync::Mail;

use super::DefectInfo;
use crate::judgement::{Judgement, Verdict};

/// `conflict-setting-ignored`.
pub(super) const CONFLICT_SETTING_IGNORED: DefectInfo = DefectInfo {
    name: "conflict-setting-ignored",
    class: "conflict",
    side: "server",
    models: "Z-Push ZP-361 (36b08613)",
    description: "the client always wins",
    min_depth: 3,
    judgement: &ConflictSettingIgnored,
};

struct ConflictSettingIgnored;

impl Judgement for ConflictSettingIgnored {
    fn conflict(&self, _server_wins: bool, _collides: bool) -> Verdict {
        Verdict::Apply
    }
}

/// `conflict-loser-not-told`.
pub(super) const CONFLICT_LOSER_NOT_TOLD: DefectInfo = DefectInfo {
    name: "conflict-loser-not-told",
    class: "conflict",
    side: "server",
    models: "grommunio-sync 1d7d6326; TbSync 30ce9101",
    description: "the server wins, and neither status 7 nor its value is sent",
    min_depth: 3,
    judgement: &ConflictLoserNotTold,
};

struct ConflictLoserNotTold;

impl Judgement for ConflictLoserNotTold {
    fn conflict(&self, server_wins: bool, collides: bool) -> Verdict {
        if collides && server_wins { Verdict::RefuseSilently } else { Verdict::Apply }
    }
}

/// `change-resurrects-deleted-item`.
pub(super) const CHANGE_RESURRECTS_DELETED_ITEM: DefectInfo = DefectInfo {
    name: "change-resurrects-deleted-item",
    class: "conflict",
    side: "server",
    models: "Horde 1.1.4 (e6dd3db7); upsert stores",
    description: "a Change of an item that is gone writes it again",
    min_depth: 3,
    judgement: &ChangeResurrectsDeletedItem,
};

struct ChangeResurrectsDeletedItem;

impl Judgement for ChangeResurrectsDeletedItem {
    fn change_recreates(&self) -> bool {
        true
    }
}

/// `flag-update-overwrites-other-flags`.
pub(super) const FLAG_UPDATE_OVERWRITES_OTHER_FLAGS: DefectInfo = DefectInfo {
    name: "flag-update-overwrites-other-flags",
    class: "conflict",
    side: "server",
    models: "Z-Push ZP-1456 (a2843eaf), ZP-815; TbSync 2c5e77b6",
    description: "a Change of one flag writes all flags as the device knew them",
    min_depth: 3,
    judgement: &FlagUpdateOverwritesOtherFlags,
};

struct FlagUpdateOverwritesOtherFlags;

impl Judgement for FlagUpdateOverwritesOtherFlags {
    fn merged(&self, current: &Mail, held: Option<&Mail>, change: &Mail) -> Mail {
        let mut data = current.clone();
        if let Some(Mail { read, flag, categories, .. }) = held {
            let flags = Mail {
                read: *read,
                flag: flag.clone(),
                categories: categories.clone(),
                ..Mail::default()
            };
            data.merge(&flags);
        }
        data.merge(change);
        data
    }
}
