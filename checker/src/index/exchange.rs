//! Calls, what they asked and were told of each collection, and the commands that they carried.

use activesync::history::{CallName, DeviceName, MailName};
use activesync::sync::{self, CollectionResponse};
use activesync::{CollectionId, Mail, Request, Response, ServerId, SyncKey, SyncStatus};

use super::Label;

/// A request and what was answered.
pub(crate) struct Call<'h> {
    pub(crate) request: &'h Request,
    pub(crate) sent: usize,
    pub(crate) answers: Vec<Answer<'h>>,
    /// When the device took the answer in.
    pub(crate) received: Option<usize>,
    /// When the device learnt that no answer will come.
    pub(crate) failed: Option<usize>,
    /// It never reached the server.
    pub(crate) lost: bool,
    /// It may reach the server twice, or after the device gave it up.
    pub(crate) disturbed: bool,
    /// Something could not be read or written in it.
    pub(crate) unread: bool,
    /// Its commands, as positions in [`Index::issued`].
    pub(crate) issued: std::ops::Range<usize>,
}

/// An answer of the server.
pub(crate) struct Answer<'h> {
    pub(crate) at: usize,
    pub(crate) http: u16,
    pub(crate) response: Option<&'h Response>,
    pub(crate) unreadable: Option<&'h str>,
}

/// One collection in one call.
pub(crate) struct Exchange<'h> {
    pub(crate) call: CallName,
    pub(crate) collection: &'h CollectionId,
    pub(crate) sent: usize,
    /// What was asked; `None` when the collection was not listed (empty or partial Sync).
    pub(crate) request: Option<&'h sync::Collection>,
    /// What was answered, once for each time the server answered.
    pub(crate) replies: Vec<Reply<'h>>,
    /// The answer that passed the collection over in silence: nothing to say of it.
    pub(crate) omitted: Option<usize>,
    /// The window of the whole request was used up, so silence means nothing.
    pub(crate) full: bool,
    pub(crate) received: Option<usize>,
    pub(crate) lost: bool,
    pub(crate) unread: bool,
}

/// One collection of an answer.
pub(crate) struct Reply<'h> {
    pub(crate) at: usize,
    pub(crate) body: &'h CollectionResponse,
}

/// A command of the server about a mail.
#[derive(Clone, Copy)]
pub(crate) struct Carried<'h> {
    /// Position in [`Index::exchanges`].
    pub(crate) exchange: usize,
    pub(crate) at: usize,
    pub(crate) kind: Carry,
    pub(crate) data: Option<&'h Mail>,
}

/// Kind of a command of the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carry {
    Add,
    Change,
    Delete,
}

/// A command of a client, in one request.
pub(crate) struct Issued<'h> {
    pub(crate) device: DeviceName,
    pub(crate) call: CallName,
    pub(crate) sent: usize,
    /// The mail, if the id is known.
    pub(crate) mail: Option<MailName>,
    /// The folder of the item, if the collection is known.
    pub(crate) folder: Option<Label>,
    pub(crate) collection: &'h CollectionId,
    pub(crate) id: Option<&'h ServerId>,
    pub(crate) what: What<'h>,
    /// First answer that reports success.
    pub(crate) done: Option<usize>,
    /// First answer that refuses it for good, with the status.
    pub(crate) refused: Option<(usize, u16)>,
}

/// What a client command asks for.
#[derive(Clone, Copy)]
pub(crate) enum What<'h> {
    Add { send: bool },
    Change { data: &'h Mail, send: bool },
    Delete { moves: bool },
    Fetch,
    Move { to: Option<Label> },
    DeleteFolder,
}

/// An id that was given to a second mail.
pub(crate) struct Rebound<'h> {
    pub(crate) at: usize,
    pub(crate) call: CallName,
    pub(crate) collection: &'h CollectionId,
    pub(crate) id: &'h ServerId,
    pub(crate) first: MailName,
    pub(crate) second: MailName,
}

impl Call<'_> {
    /// The first answer to a Sync that succeeded as a whole, empty or not.
    pub(super) fn silence(&self) -> Option<usize> {
        let silent = self.answers.iter().find(|answer| match answer.response {
            Some(Response::Sync(None)) => true,
            Some(Response::Sync(Some(sync))) => {
                sync.status.is_none_or(|status| status == SyncStatus::Success)
            }
            _ => false,
        });
        silent.map(|answer| answer.at)
    }

    /// Whether an answer used up the window of the whole request (MS-ASCMD R4782).
    pub(super) fn fills_window(&self) -> bool {
        let Request::Sync(Some(request)) = self.request else { return false };
        let Some(window) = request.window_size else { return false };
        self.answers.iter().any(|answer| {
            let Some(Response::Sync(Some(sync))) = answer.response else { return false };
            let total: usize = sync.collections.iter().map(|body| body.commands.len()).sum();
            total >= sync::effective_window(Some(window)) as usize
        })
    }
}

impl<'h> Exchange<'h> {
    /// When the server first said something of the collection, or nothing by passing it over.
    pub(crate) fn told(&self) -> Option<usize> {
        self.reply().map(|reply| reply.at).or(self.omitted)
    }

    /// The key presented, if one was.
    pub(crate) fn key(&self) -> Option<&'h SyncKey> {
        self.request.map(|request| &request.sync_key)
    }

    /// The first answer.
    pub(crate) fn reply(&self) -> Option<&Reply<'h>> {
        self.replies.first()
    }

    /// The key that the first answer gives, if it succeeds.
    pub(crate) fn new_key(&self) -> Option<&'h SyncKey> {
        self.reply().filter(|reply| reply.succeeds()).and_then(|reply| reply.body.sync_key.as_ref())
    }

    /// Whether nothing was left for later, and the device took it in.
    pub(super) fn is_clean(&self) -> bool {
        let asked = self
            .request
            .is_none_or(|request| !request.sync_key.is_zero() && request.wants_changes());
        let told = self.replies.iter().all(|reply| reply.succeeds() && !reply.body.more_available);
        let silent = self.omitted.is_some() && !self.full;
        let told = told && (silent || !self.replies.is_empty());
        asked && told && !self.unread && self.received.is_some()
    }
}

impl Reply<'_> {
    /// Whether the collection was answered with success.
    pub(crate) fn succeeds(&self) -> bool {
        self.body.status == SyncStatus::Success
    }
}
