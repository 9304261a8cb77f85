//! What FilterType lets through, and what came in spite of it.

use activesync::Timestamp;
use activesync::history::{CallName, DeviceName, MailName};

use crate::Rules;
use crate::explain::Story;
use crate::index::{Carry, Index, Label};

/// How a mail stands to a filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Age {
    Inside,
    /// So near that either is right: clocks and day boundaries differ.
    Edge,
    Outside,
}

/// How a mail stands to a filter at a moment.
pub(crate) fn age(received: Timestamp, now: Timestamp, filter: Option<i64>, rules: Rules) -> Age {
    // Servers that we did not write may count in calendar days of some zone.
    let slack = if rules.strict { 3 * 3600 } else { 26 * 3600 };
    let Some(filter) = filter else { return Age::Inside };
    let beyond = now.0.saturating_sub(received.0).saturating_sub(filter);
    match beyond {
        beyond if beyond <= -slack => Age::Inside,
        beyond if beyond >= slack => Age::Outside,
        _ => Age::Edge,
    }
}

/// A mail that came to a device although the filter in force kept it out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Despite {
    /// The call that brought it.
    call: CallName,
    /// When the server answered it.
    at: usize,
    /// The call that had set the filter.
    set_by: CallName,
}

impl Despite {
    pub(crate) fn story(self) -> Story {
        let Self { call, at, set_by } = self;
        let text =
            format!("{call} brought it although the FilterType that {set_by} had set still held");
        Story::new(text, "brought although the filter held").calls([set_by, call]).began(at)
    }
}

/// Whether the server added a mail for the device although the filter in force, which is that of the end, kept it out: an
/// Options block holds until another replaces it (MS-ASCMD R3597 to R3599).
pub(crate) fn brought_despite(
    index: &Index<'_>,
    device: DeviceName,
    label: Label,
    mail: MailName,
    filter: Option<i64>,
    outside: impl Fn(Option<i64>) -> bool,
) -> Option<Despite> {
    let mut in_force = None;
    let mut set_by = None;
    let mut despite = None;
    for exchange in index.exchanges_of(device, label) {
        // A filter that comes with the request may find the list of changes already made.
        let before = in_force;
        if let Some(request) = exchange.request.filter(|_| !exchange.lost) {
            if request.sync_key.is_zero() {
                in_force = None;
            }
            if let Some(options) = &request.options {
                in_force = options.filter_seconds();
                set_by = Some(exchange.call);
            }
        }
        let Some(received) = exchange.received else { continue };
        let answered = exchange.reply().map_or(received, |reply| reply.at);
        let added = index.carried(device, mail).iter().any(|carried| {
            carried.kind == Carry::Add && index.exchanges[carried.exchange].call == exchange.call
        });
        if added {
            let held = before == filter && in_force == filter && outside(in_force);
            despite = set_by.filter(|_| held).map(|set_by| Despite {
                call: exchange.call,
                at: answered,
                set_by,
            });
        }
    }
    despite
}
