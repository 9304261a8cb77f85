//! What a new key covers.

use super::DefectInfo;
use crate::judgement::Judgement;

/// `state-tag-read-after-enumeration`.
pub(super) const STATE_TAG_READ_AFTER_ENUMERATION: DefectInfo = DefectInfo {
    name: "state-tag-read-after-enumeration",
    class: "key-advance",
    side: "server",
    models: "SOGo #3048, #3058 (cc3652b5); Dovecot 5f90a4f0; Z-Push 1d374d62",
    description: "the tag stored with the new key is read after the list was made, so a change in between is covered and never sent",
    min_depth: 4,
    judgement: &StateTagReadAfterEnumeration,
};

struct StateTagReadAfterEnumeration;

impl Judgement for StateTagReadAfterEnumeration {
    fn covers_late(&self) -> bool {
        true
    }
}

/// `error-advances-key`.
pub(super) const ERROR_ADVANCES_KEY: DefectInfo = DefectInfo {
    name: "error-advances-key",
    class: "key-advance",
    side: "server",
    models: "Z-Push ZP-95 (8cf6e1e1); nextcloud/integration_davc #95; TbSync 4b14d9d2",
    description: "an error of the collection carries and commits a new key whose state holds the items that could not be sent",
    min_depth: 4,
    judgement: &ErrorAdvancesKey,
};

struct ErrorAdvancesKey;

impl Judgement for ErrorAdvancesKey {
    fn error_advances(&self) -> bool {
        true
    }
}
