//! What the window cuts off.

use super::DefectInfo;
use crate::changes::{Change, Kind};
use crate::judgement::Judgement;

/// `window-truncation-advances-to-tip`.
pub(super) const WINDOW_TRUNCATION_ADVANCES_TO_TIP: DefectInfo = DefectInfo {
    name: "window-truncation-advances-to-tip",
    class: "windowsize",
    side: "server",
    models: "sabre/dav PR 1248; nextcloud/server #50086; SOGo NEWS 2.2",
    description: "the state of a cut answer is the tip, not what was sent; MoreAvailable is set and the rest never comes",
    min_depth: 3,
    judgement: &WindowTruncationAdvancesToTip,
};

struct WindowTruncationAdvancesToTip;

impl Judgement for WindowTruncationAdvancesToTip {
    fn covers_cut(&self, _change: &Change, _last: Option<&Change>) -> bool {
        true
    }
}

/// `excess-deletes-dropped`.
pub(super) const EXCESS_DELETES_DROPPED: DefectInfo = DefectInfo {
    name: "excess-deletes-dropped",
    class: "windowsize",
    side: "server",
    models: "SOGo 31ace947; Z-Push ZP-623 (7013c516)",
    description: "Deletes that do not fit into the window are dropped",
    min_depth: 4,
    judgement: &ExcessDeletesDropped,
};

struct ExcessDeletesDropped;

impl Judgement for ExcessDeletesDropped {
    fn covers_cut(&self, change: &Change, _last: Option<&Change>) -> bool {
        change.kind == Kind::Delete
    }
}

/// `global-window-starves-collection`.
pub(super) const GLOBAL_WINDOW_STARVES_COLLECTION: DefectInfo = DefectInfo {
    name: "global-window-starves-collection",
    class: "windowsize",
    side: "server",
    models: "Z-Push ZP-832 (42963a35), ZP-1215 (d170a007), ZP-723; Horde dcb0d81d; Syncroton f88bb6a3",
    description: "collections for which the window of the request has no room are marked as up to date",
    min_depth: 5,
    judgement: &GlobalWindowStarvesCollection,
};

struct GlobalWindowStarvesCollection;

impl Judgement for GlobalWindowStarvesCollection {
    fn covers_starved(&self) -> bool {
        true
    }
}

/// `window-filled-by-unsendable-items`.
pub(super) const WINDOW_FILLED_BY_UNSENDABLE_ITEMS: DefectInfo = DefectInfo {
    name: "window-filled-by-unsendable-items",
    class: "windowsize",
    side: "server",
    models: "Horde 2.7.2 (e2a18697)",
    description: "items that cannot be read take room in the window, and an answer made of them alone looks like no change",
    min_depth: 4,
    judgement: &WindowFilledByUnsendableItems,
};

struct WindowFilledByUnsendableItems;

impl Judgement for WindowFilledByUnsendableItems {
    fn unreadable_fills_window(&self) -> bool {
        true
    }
}

/// `modseq-tie-split-at-window`.
pub(super) const MODSEQ_TIE_SPLIT_AT_WINDOW: DefectInfo = DefectInfo {
    name: "modseq-tie-split-at-window",
    class: "windowsize",
    side: "server",
    models: "SOGo 31ace947 (same modseq across contiguous boundaries); Horde fffcc0ac",
    description: "a cut answer goes on behind the change number of its last item, and passes over others with the same number",
    min_depth: 4,
    judgement: &ModseqTieSplitAtWindow,
};

struct ModseqTieSplitAtWindow;

impl Judgement for ModseqTieSplitAtWindow {
    fn covers_cut(&self, change: &Change, last: Option<&Change>) -> bool {
        let number = |change: &Change| change.after.as_ref().map(|after| after.version);
        number(change).is_some() && last.is_some_and(|last| number(last) == number(change))
    }
}
