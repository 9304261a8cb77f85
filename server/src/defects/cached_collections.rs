//! Requests that lean on the cache.

use super::DefectInfo;
use crate::judgement::Judgement;

/// `unconfirmed-state-serves-empty-sync`.
pub(super) const UNCONFIRMED_STATE_SERVES_EMPTY_SYNC: DefectInfo = DefectInfo {
    name: "unconfirmed-state-serves-empty-sync",
    class: "cached-collections",
    side: "server",
    models: "Z-Push ZP-866 (54ab8e4b)",
    description: "an empty Sync is answered from the newest state, which the device never presented, and skips what the lost answer carried",
    min_depth: 5,
    judgement: &UnconfirmedStateServesEmptySync,
};

struct UnconfirmedStateServesEmptySync;

impl Judgement for UnconfirmedStateServesEmptySync {
    fn unlisted_confirms_newest(&self) -> bool {
        true
    }
}

/// `partial-forgets-unlisted-collections`.
pub(super) const PARTIAL_FORGETS_UNLISTED_COLLECTIONS: DefectInfo = DefectInfo {
    name: "partial-forgets-unlisted-collections",
    class: "cached-collections",
    side: "server",
    models: "Horde Bug 13912, 13863 (41cb4fda, ffb09c02); Z-Push ZP-762; Syncroton 2a48b98e",
    description: "a Partial request replaces the cached list instead of completing it",
    min_depth: 4,
    judgement: &PartialForgetsUnlistedCollections,
};

struct PartialForgetsUnlistedCollections;

impl Judgement for PartialForgetsUnlistedCollections {
    fn partial_keeps_unlisted(&self) -> bool {
        false
    }
}
