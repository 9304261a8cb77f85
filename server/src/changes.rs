//! What a device has to be told: the difference between what it holds and what the mailbox has.
//!
//! There is no log and no cursor. A state that was cut by the window, or could not be read, is simply not in the snapshot, so
//! it is a difference next time.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::Arc;

use activesync::sync::{Options, ServerCommand};
use activesync::{Body, Mail, ServerId, Timestamp};

use crate::judgement::{FolderCase, GoneCase, Judgement, NewCase};
use crate::mailbox::{FolderBox, Item};
use crate::state::{Doubt, Generation, Known};

/// A kind of change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Add,
    Change,
    Delete,
    SoftDelete,
}

/// A change that is pending for a device.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub number: u32,
    pub kind: Kind,
    pub server_id: ServerId,
    /// What a Change carries.
    pub data: Option<Mail>,
    /// What the device holds once it has been told.
    pub after: Option<Known>,
}

/// Everything pending in a collection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    pub changes: Vec<Change>,
    /// What differs in the snapshot but not for the eye of the device.
    pub quiet: Vec<(u32, Option<Known>)>,
    /// Items that the filter keeps out.
    pub outside: usize,
    /// Items that no device will ever have.
    pub unsendable: Vec<u32>,
}

impl Change {
    /// As it stands in an answer.
    pub(crate) fn command(&self, options: &Options) -> ServerCommand {
        let server_id = self.server_id.clone();
        match self.kind {
            Kind::Add => {
                let data = self.after.as_ref().map(|after| rendered(&after.data, options));
                ServerCommand::Add { server_id, data: data.unwrap_or_default() }
            }
            Kind::Change => {
                let data = self.data.as_ref().map(|data| rendered(data, options));
                ServerCommand::Change { server_id, data: data.unwrap_or_default() }
            }
            Kind::Delete => ServerCommand::Delete { server_id },
            Kind::SoftDelete => ServerCommand::SoftDelete { server_id },
        }
    }

    /// Applies it to what the device held.
    pub(crate) fn apply(&self, known: &mut BTreeMap<u32, Known>) {
        put(known, self.number, self.after.as_ref());
    }
}

pub(crate) fn put(known: &mut BTreeMap<u32, Known>, number: u32, after: Option<&Known>) {
    match after {
        Some(after) => known.insert(number, after.clone()),
        None => known.remove(&number),
    };
}

impl Known {
    /// The device holds the item as it is.
    pub(crate) fn of(item: &Item) -> Self {
        Self {
            server_id: item.server_id.clone(),
            version: item.version,
            data: item.data.clone(),
            doubt: Doubt::None,
            own: 0,
        }
    }
}

/// Mail received before this moment is outside the filter; `None`: nothing is.
pub(crate) fn edge(options: &Options, now: Timestamp) -> Option<Timestamp> {
    options.filter_seconds().map(|seconds| Timestamp(now.0 - seconds))
}

/// What is pending, in order of the items' numbers.
pub(crate) fn pending(
    base: &BTreeMap<u32, Known>,
    since: &Generation,
    folder: &FolderBox,
    options: &Options,
    now: Timestamp,
    judge: &dyn Judgement,
) -> Pending {
    let mut out = Pending::default();
    if judge.skips_folder(FolderCase { since, folder }) {
        return out;
    }
    let edge = edge(options, now);
    let highest = folder.items.last_key_value().map_or(0, |(number, _)| *number);
    for (number, known, item) in Union::new(base, &folder.items) {
        let inside =
            item.is_none_or(|item| edge.is_none_or(|edge| judge.filter_time(item) >= edge));
        match (known, item) {
            (None, None) => {}
            (_, Some(item)) if item.unsendable => out.unsendable.push(number),
            (None, Some(_)) if !inside => out.outside += 1,
            (None, Some(item)) => {
                if judge.notices_new(NewCase { number, item, since }) {
                    out.changes.push(added(number, item));
                }
            }
            (Some(known), None) => {
                if judge.notices_gone(GoneCase { number, known, since, folder, highest, edge }) {
                    out.changes.push(gone(number, known, Kind::Delete));
                } else {
                    out.quiet.push((number, None));
                }
            }
            (Some(known), Some(_)) if !inside => {
                out.changes.push(gone(number, known, Kind::SoftDelete));
            }
            (Some(known), Some(item)) => match known.doubt {
                Doubt::Presence => out.changes.push(added(number, item)),
                Doubt::Values => out.changes.push(changed(number, item, (*item.data).clone())),
                Doubt::None if judge.up_to_date(known, item, since) => {
                    if known.version != item.version {
                        out.quiet.push((number, Some(Known::of(item))));
                    }
                }
                Doubt::None => match judge.difference(&known.data, &item.data) {
                    Some(data) => out.changes.push(changed(number, item, data)),
                    None => out.quiet.push((number, Some(Known::of(item)))),
                },
            },
        }
    }
    out
}

fn added(number: u32, item: &Item) -> Change {
    let server_id = item.server_id.clone();
    Change { number, kind: Kind::Add, server_id, data: None, after: Some(Known::of(item)) }
}

fn changed(number: u32, item: &Item, data: Mail) -> Change {
    let (server_id, after) = (item.server_id.clone(), Some(Known::of(item)));
    Change { number, kind: Kind::Change, server_id, data: Some(data), after }
}

fn gone(number: u32, known: &Known, kind: Kind) -> Change {
    Change { number, kind, server_id: known.server_id.clone(), data: None, after: None }
}

/// What a Change carries: the one property of Read, Flag and Categories that differs, or the whole item (MS-ASEMAIL R75 to
/// R78); `None` when nothing differs.
pub(crate) fn difference(held: &Mail, now: &Mail) -> Option<Mail> {
    let read = held.read != now.read;
    let flag = held.flag.clone().unwrap_or_default() != now.flag.clone().unwrap_or_default();
    let categories = categories(held) != categories(now);
    if content_differs(held, now) || u8::from(read) + u8::from(flag) + u8::from(categories) > 1 {
        return Some(now.clone());
    }
    let mut data = Mail::default();
    if read {
        data.read = now.read;
    } else if flag {
        data.flag.clone_from(&now.flag);
    } else if categories {
        data.categories = Some(now.categories.clone().unwrap_or_default());
    } else {
        return None;
    }
    Some(data)
}

fn categories(mail: &Mail) -> &[Arc<str>] {
    mail.categories.as_deref().unwrap_or_default()
}

fn content_differs(a: &Mail, b: &Mail) -> bool {
    a.to != b.to
        || a.from != b.from
        || a.subject != b.subject
        || a.date_received != b.date_received
        || a.message_class != b.message_class
        || a.body != b.body
        || a.is_draft != b.is_draft
}

/// The item as the device wants it: the body cut where BodyPreference says (MS-ASAIRS 2.2.2.12).
pub(crate) fn rendered(data: &Mail, options: &Options) -> Mail {
    let mut data = data.clone();
    let Some((_, Some(size))) = options.body_preference else { return data };
    if let Some(Body { data: Some(text), truncated, estimated_size, .. }) = &mut data.body {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if text.len() > size {
            let cut = (0..=size).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            *estimated_size = Some(u32::try_from(text.len()).unwrap_or(u32::MAX));
            *truncated = Some(true);
            *text = text[..cut].into();
        }
    }
    data
}

/// Two maps side by side, in order of keys.
struct Union<'a, A, B> {
    left: Peekable<std::collections::btree_map::Iter<'a, u32, A>>,
    right: Peekable<std::collections::btree_map::Iter<'a, u32, B>>,
}

impl<'a, A, B> Union<'a, A, B> {
    fn new(left: &'a BTreeMap<u32, A>, right: &'a BTreeMap<u32, B>) -> Self {
        Self { left: left.iter().peekable(), right: right.iter().peekable() }
    }
}

impl<'a, A, B> Iterator for Union<'a, A, B> {
    type Item = (u32, Option<&'a A>, Option<&'a B>);

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.left.peek().map(|(number, _)| **number);
        let right = self.right.peek().map(|(number, _)| **number);
        let number = match (left, right) {
            (Some(left), Some(right)) => left.min(right),
            (Some(number), None) | (None, Some(number)) => number,
            (None, None) => return None,
        };
        let left = self.left.next_if(|(at, _)| **at == number).map(|(_, value)| value);
        let right = self.right.next_if(|(at, _)| **at == number).map(|(_, value)| value);
        Some((number, left, right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::Flag;

    #[test]
    fn a_change_carries_what_differs() {
        let held = Mail { read: Some(false), subject: Some("m1".into()), ..Mail::default() };
        let mut now = held.clone();
        assert_eq!(difference(&held, &now), None);
        now.read = Some(true);
        let only_read = Mail { read: Some(true), ..Mail::default() };
        assert_eq!(difference(&held, &now), Some(only_read));
        now.flag = Some(Flag::active("x"));
        assert_eq!(difference(&held, &now), Some(now.clone()), "two at once: the item");
        now = Mail { subject: Some("m1 b".into()), ..held.clone() };
        assert_eq!(difference(&held, &now), Some(now.clone()));
        now = Mail { flag: Some(Flag::default()), categories: Some(Vec::new()), ..held.clone() };
        assert_eq!(difference(&held, &now), None, "none and empty are the same");
    }

    #[test]
    fn a_body_is_cut_between_characters() {
        let body = Body { kind: 1, data: Some("aéz".into()), ..Body::default() };
        let mail = Mail { body: Some(body), ..Mail::default() };
        let cut = |size| {
            let options = Options { body_preference: Some((1, Some(size))), ..Options::default() };
            let body = rendered(&mail, &options).body.unwrap();
            (body.data.unwrap().to_string(), body.truncated, body.estimated_size)
        };
        assert_eq!(cut(2), ("a".into(), Some(true), Some(4)));
        assert_eq!(cut(3), ("aé".into(), Some(true), Some(4)));
        assert_eq!(cut(4), ("aéz".into(), None, None));
    }

    #[test]
    fn union_meets_every_key_once() {
        let left = BTreeMap::from([(1, 'a'), (3, 'b')]);
        let right = BTreeMap::from([(2, 'x'), (3, 'y'), (9, 'z')]);
        let keys: Vec<_> = Union::new(&left, &right).map(|row| (row.0, row.1, row.2)).collect();
        let expected = vec![
            (1, Some(&'a'), None),
            (2, None, Some(&'x')),
            (3, Some(&'b'), Some(&'y')),
            (9, None, Some(&'z')),
        ];
        assert_eq!(keys, expected);
    }
}
