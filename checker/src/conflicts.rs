//! Conflicts to the letter (MS-ASCMD R2064 to R2069, rows 1 to 5): for the reference server only.
//!
//! A finding needs certainty on all sides: one command, sent once, whose item nobody moved; a change of the other side that
//! surely lies between the snapshot of the key and the command.

use activesync::SyncStatus;
use activesync::history::{MailName, MailboxOp};
use activesync::sync::Options;

use crate::finding::{Class, Finding};
use crate::index::{Exchange, Index, Reply};
use crate::ledger::call_at;
use crate::ops::{Op, Ops, hand, hand_relocates};
use crate::registers::{Property, Value};

/// Conflicts that were answered otherwise than the request asked for.
pub(crate) fn findings(index: &Index<'_>, ops: &Ops<'_>) -> Vec<Finding> {
    let judged = ops.iter().filter_map(|(mail, op)| judge(index, ops, mail, op));
    judged.collect()
}

fn judge(index: &Index<'_>, ops: &Ops<'_>, mail: MailName, op: &Op<'_>) -> Option<Finding> {
    let property = Property::ALL.into_iter().find(|property| property.of_op(op.kind).is_some())?;
    let value = property.of_op(op.kind)?;
    let [call] = op.attempts.as_slice() else { return None };
    let (done, refused) = (op.done, op.refused);
    let answered = done.or(refused.map(|refused| refused.0))?;
    let exchange =
        index.exchanges_on(op.device, op.collection).find(|other| other.call == *call)?;
    // The key may have come in an answer that was kept from an earlier call: what it covers was read then.
    let givers = index.exchanges_on(op.device, op.collection);
    let givers =
        givers.filter(|other| other.new_key().is_some() && other.new_key() == exchange.key());
    let begin = givers.map(|other| other.sent).min().unwrap_or(op.begin).min(op.begin);
    let disturbed = index.calls.get(call).is_none_or(|call| call.disturbed);
    let others = ops.of(mail).iter().any(|other| {
        !std::ptr::eq(other, op)
            && (other.relocates() || other.device != op.device)
            && other.start <= answered
            && other.end() >= begin
    });
    let moved = hand_relocates(index, mail, begin, answered) || !ops.folder_deletes.is_empty();
    if disturbed || others || moved || exchange.replies.len() != 1 {
        return None;
    }
    let met: Vec<_> = hand(index, mail).filter(|(at, _)| (begin..=answered).contains(at)).collect();
    let conflict = refused.is_some_and(|refused| refused.1 == SyncStatus::Conflict.code());
    if conflict && met.is_empty() {
        let sentence =
            format!("{call} is told of a conflict over {mail}, though nobody else had touched it.");
        return Some(illegal(index, answered, mail, op, sentence, "a conflict without one"));
    }
    let server_wins = server_wins(index, exchange)?;
    if conflict && !server_wins {
        let sentence = format!(
            "{call} asks that the client wins a conflict (Conflict 0), and is told that the server won \
             over {mail}."
        );
        return Some(illegal(
            index,
            answered,
            mail,
            op,
            sentence,
            "the server wins against Conflict 0",
        ));
    }
    let owed = server_wins
        && done.is_some()
        && must_conflict(index, ops, exchange, mail, property, value, &met);
    owed.then(|| {
        let sentence = format!(
            "{call} made {mail} {} over a change that the server had taken before and that the device had \
             not seen: the server should have won (Conflict 1), with status 7.",
            value.words()
        );
        illegal(index, answered, mail, op, sentence, "the client wins against Conflict 1")
    })
}

fn illegal(
    index: &Index<'_>,
    at: usize,
    mail: MailName,
    op: &Op<'_>,
    sentence: String,
    shape: &str,
) -> Finding {
    let finding = Finding::new(Class::IllegalAnswer, sentence, shape);
    finding.mail(mail).device(op.device).calls(call_at(index, at)).began(at)
}

/// Whether exactly one change of the same property to another value lies surely between the snapshot and the command.
fn must_conflict(
    index: &Index<'_>,
    ops: &Ops<'_>,
    exchange: &Exchange<'_>,
    mail: MailName,
    property: Property,
    value: Value<'_>,
    met: &[(usize, &MailboxOp)],
) -> bool {
    let mut written = met.iter().filter_map(|(at, op)| Some((*at, property.of_hand(op)?)));
    let (Some((at, new)), None) = (written.next(), written.next()) else { return false };
    let before = hand(index, mail).filter(|(when, _)| *when < at);
    let before = before.filter_map(|(when, op)| Some((when, property.of_hand(op)?))).last();
    let changed = before.is_some_and(|(since, before)| {
        let devices = ops.of(mail).iter().filter(|op| property.of_op(op.kind).is_some());
        let mut between = devices.filter(|op| op.start < at && op.end() > since);
        !before.same(new, true) && between.next().is_none()
    });
    let snapshot = index.exchanges_on(exchange.call.device, exchange.collection).filter(|other| {
        other.new_key().is_some()
            && other.new_key() == exchange.key()
            && other.call != exchange.call
    });
    let snapshot = snapshot.flat_map(|other| other.replies.iter().map(|reply| reply.at)).max();
    let after = snapshot.is_some_and(|snapshot| snapshot < at) && at < exchange.sent;
    changed && after && !new.same(value, true)
}

/// The Conflict option in force; `None` when it cannot be told. Options stay until a new block replaces them (MS-ASCMD
/// R3597 to R3599).
pub(crate) fn server_wins(index: &Index<'_>, exchange: &Exchange<'_>) -> Option<bool> {
    let own = exchange.request?.options.as_ref();
    if let Some(options) = own {
        return Some(options.server_wins());
    }
    let before = index.exchanges_on(exchange.call.device, exchange.collection);
    let mut before = before.rev().filter(|other| other.sent < exchange.sent);
    let last = before.find(|other| other.request.is_none_or(|request| request.options.is_some()));
    let Some(last) = last else { return Some(true) };
    let sure = last.replies.iter().any(Reply::succeeds);
    let options = last.request?.options.as_ref().filter(|_| sure)?;
    Some(Options::server_wins(options))
}
