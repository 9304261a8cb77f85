//! MoveItems (MS-ASCMD 2.2.1.12): each move is one commit.

use activesync::moves::{Move, Moved, Request, Response};
use activesync::{CollectionId, MoveStatus, ServerId};

use crate::Stage;
use crate::accept::{Caller, refusal, reply};
use crate::judgement::edit;
use crate::mailbox::number_of;
use crate::server::{Context, Job};
use crate::state::{CollectionState, Doubt, Known, MOVES_MAX, MoveRecord};

/// A MoveItems request in work.
#[derive(Clone, Debug)]
pub(crate) struct MovesWork {
    caller: Caller,
    request: Request,
    moved: Vec<Moved>,
    /// A copy that is made and whose original is still there.
    copy: Option<u32>,
}

pub(crate) fn admit(context: &Context<'_>, caller: Caller, request: Request) -> Job {
    if request.moves.is_empty() || request.moves.len() > context.config.limits.moves {
        let status = activesync::CommonStatus::InvalidXml;
        return Job::Respond(refusal(activesync::Command::MoveItems, caller.version, status));
    }
    Job::Moves(Box::new(MovesWork { caller, request, moved: Vec::new(), copy: None }))
}

impl MovesWork {
    pub(crate) fn stage(&self) -> Stage {
        Stage::Command(self.moved.len())
    }

    pub(crate) fn advance(mut self: Box<Self>, context: &mut Context<'_>) -> Job {
        if let Some(asked) = self.request.moves.get(self.moved.len()) {
            if context.judge.move_copies_first() && self.copy.is_none() && !context.write_fails() {
                let mailbox = &mut context.store.mailbox;
                let found = mailbox.find(&asked.source_folder, &asked.source_id);
                let number = found.map(|(number, _)| number);
                self.copy = number.and_then(|number| {
                    mailbox.copy(&asked.source_folder, number, &asked.destination_folder)
                });
                if self.copy.is_some() {
                    return Job::Moves(self);
                }
            }
            let (status, destination_id) = self.execute(context, asked);
            let source_id = asked.source_id.clone();
            self.moved.push(Moved { source_id, status, destination_id });
            self.copy = None;
        }
        if self.moved.len() < self.request.moves.len() {
            return Job::Moves(self);
        }
        let response = Response { moved: self.moved };
        Job::Respond(reply(&activesync::Response::MoveItems(response)))
    }

    fn execute(&self, context: &mut Context<'_>, asked: &Move) -> (MoveStatus, Option<ServerId>) {
        let Move { source_id, source_folder: from, destination_folder: to } = asked;
        if context.write_fails() {
            // Locked asks for a retry (MS-ASCMD 2.2.3.177.10).
            return (MoveStatus::Locked, None);
        }
        if self.moved.iter().any(|moved| moved.source_id == *source_id) {
            // The same item twice in a request: one succeeds (MS-ASCMD R4324, S10 TC06).
            return (MoveStatus::Failed, None);
        }
        if from == to {
            return (MoveStatus::SameFolder, None);
        }
        let mailbox = &mut context.store.mailbox;
        if mailbox.folder(from).is_none() {
            return (MoveStatus::InvalidSource, None);
        }
        if mailbox.folder(to).is_none() {
            return (MoveStatus::InvalidDestination, None);
        }
        let Some((number, _)) = mailbox.find(from, source_id) else {
            return self.again(context, source_id, to);
        };
        let new = match self.copy {
            Some(copy) => mailbox.remove(from, number).map(|_| copy),
            None => mailbox.relocate(from, number, to),
        };
        let Some(new) = new else { return (MoveStatus::InvalidDestination, None) };
        let Some(known) = mailbox.item(to, new).map(Known::of) else {
            return (MoveStatus::InvalidDestination, None);
        };
        let id = known.server_id.clone();
        self.note(context, asked, new, &known);
        (MoveStatus::Success, Some(id))
    }

    /// The item is not in its folder. If this device moved it, and it is still where it was moved to, the move is done.
    fn again(
        &self,
        context: &mut Context<'_>,
        source: &ServerId,
        to: &CollectionId,
    ) -> (MoveStatus, Option<ServerId>) {
        let device = context.store.device(&self.caller.device);
        let record = device.and_then(|device| device.moves.get(source)).cloned();
        let record = record.filter(|record| record.destination == *to);
        let found = record.and_then(|record| {
            let (number, item) = context.store.mailbox.find(to, &record.id)?;
            Some((number, Known::of(item), record))
        });
        let Some((number, known, record)) = found else {
            return (MoveStatus::InvalidSource, None);
        };
        // What the device may have been told of it since (a SoftDelete, say) is undone by telling it the id again.
        self.doubt(context, to, number, &known);
        let (status, id) = context.judge.repeated_move(source, &record);
        (status, Some(id))
    }

    /// What the move means for the states: in the source the Delete is due as after any move. In the destination nobody knows
    /// whether the device has re-keyed its copy or waits for the Add, so it will be told either way.
    fn note(&self, context: &mut Context<'_>, asked: &Move, number: u32, known: &Known) {
        let judge = context.judge;
        let device = context.store.device_mut(&self.caller.device);
        let record = MoveRecord {
            destination: asked.destination_folder.clone(),
            id: known.server_id.clone(),
        };
        device.moves.insert(asked.source_id.clone(), record);
        if device.moves.len() > MOVES_MAX {
            // The oldest has the lowest number; ids are never used again.
            let oldest = device.moves.keys().min_by_key(|id| number_of(id)).cloned();
            oldest.map(|oldest| device.moves.remove(&oldest));
        }
        if judge.move_mutes_source()
            && let Some(state) = device.collections.get_mut(&asked.source_folder)
            && let Some(old) = number_of(&asked.source_id)
        {
            for snapshot in state.snapshots() {
                edit(snapshot).remove(&old);
            }
        }
        self.doubt(context, &asked.destination_folder, number, known);
    }

    /// From now on the device may have the item, in every state that does not know of it.
    fn doubt(&self, context: &mut Context<'_>, to: &CollectionId, number: u32, known: &Known) {
        let Some(doubt) = context.judge.destination_after_move() else { return };
        debug_assert!(doubt != Doubt::Values, "a move says nothing about values");
        let device = context.store.device_mut(&self.caller.device);
        let state = device.collections.get_mut(to);
        for snapshot in state.into_iter().flat_map(CollectionState::snapshots) {
            let known = Known { doubt, ..known.clone() };
            edit(snapshot).entry(number).or_insert(known);
        }
    }
}
