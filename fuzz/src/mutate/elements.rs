//! Edits of elements and page switches. Each says whether it found something to do.

use super::document::{Document, Item, Kind};
use activesync_generator::arbitrary::{Arbitrary, Unstructured};
use activesync_generator::{Dice, text};
use std::ops::Range;
use wbxml::{ACTIVE_SYNC, Limits};

/// An element other than the root.
fn inner(document: &Document<'_>, dice: &mut Dice) -> Option<Range<usize>> {
    let elements = document.elements();
    let at = 1 + dice.below(elements.len().checked_sub(1)?);
    elements.get(at).cloned()
}

/// Any element.
pub(super) fn any(document: &Document<'_>, dice: &mut Dice) -> Option<Range<usize>> {
    let elements = document.elements();
    elements.get(dice.below(elements.len())).cloned()
}

/// A place between items inside the root.
pub(super) fn place(document: &Document<'_>, dice: &mut Dice) -> Option<usize> {
    let root = document.elements().first()?.clone();
    (root.len() > 1).then(|| root.start + 1 + dice.below(root.len() - 1))
}

/// A tag: mostly one of the page, now and then of another page, rarely one that does not exist.
fn tag(page: u8, dice: &mut Dice, content: bool) -> Item<'static> {
    let known = ACTIVE_SYNC.page(page).filter(|_| dice.below(4) > 0);
    let pages = ACTIVE_SYNC.pages();
    let info = known.unwrap_or(&pages[dice.below(pages.len())]);
    let token = match dice.below(64) {
        0 => u8::try_from(5 + dice.below(0x3B)).unwrap_or(5),
        _ => info.tags()[dice.below(info.tags().len())].token,
    };
    Item::tag(info.number(), token, content)
}

fn put<'a>(document: &mut Document<'a>, at: usize, items: impl IntoIterator<Item = Item<'a>>) {
    document.items.splice(at..at, items);
}

pub(super) fn delete(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let mut element = inner(document, dice)?;
    // What is not cut back now and then only grows.
    if dice.below(3) == 0 {
        for next in document.elements() {
            if next.start == element.end && dice.below(8) > 0 {
                element.end = next.end;
            }
        }
    }
    document.items.drain(element);
    Some(())
}

pub(super) fn duplicate(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let element = inner(document, dice)?;
    for _ in 0..dice.pick(&[1, 1, 1, 2, 3]).max(1) {
        let copy = document.items[element.clone()].to_vec();
        document.items.splice(element.end..element.end, copy);
    }
    Some(())
}

pub(super) fn relocate(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let element = inner(document, dice)?;
    let items: Vec<_> = document.items.drain(element).collect();
    let at = place(document, dice)?;
    document.items.splice(at..at, items);
    Some(())
}

/// Two neighbours change places, or where an element has no neighbour behind it any two.
pub(super) fn swap(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let first = inner(document, dice)?;
    let behind: Vec<_> =
        document.elements().into_iter().filter(|other| other.start >= first.end).collect();
    let second = match behind.first()? {
        next if next.start == first.end && dice.below(4) > 0 => next.clone(),
        _ => behind.get(dice.below(behind.len()))?.clone(),
    };
    let between = first.end..second.start;
    let order = [second.clone(), between, first.clone()];
    let items: Vec<_> =
        order.into_iter().flat_map(|range| document.items[range].to_vec()).collect();
    document.items.splice(first.start..second.end, items);
    Some(())
}

pub(super) fn wrap(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let element = any(document, dice)?;
    let page = document.page_at(element.start);
    put(document, element.end, [Item::close()]);
    put(document, element.start, [tag(page, dice, true)]);
    Some(())
}

pub(super) fn unwrap(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let element = inner(document, dice).filter(|element| element.len() > 1)?;
    document.items.remove(element.end - 1);
    document.items.remove(element.start);
    Some(())
}

/// Wraps an element so often that the document is as deep as it may be, or some of the way.
pub(super) fn nest(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let element = any(document, dice)?;
    let room = Limits::default().depth.checked_sub(document.depth())?;
    let levels = if dice.below(2) == 0 { room } else { 1 + dice.below(room) };
    let page = document.page_at(element.start);
    let opening = tag(page, dice, true);
    put(document, element.end, std::iter::repeat_n(Item::close(), levels));
    put(document, element.start, std::iter::repeat_n(opening, levels));
    (levels > 0).then_some(())
}

pub(super) fn insert(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = place(document, dice)?;
    let form = dice.below(6);
    let opening = tag(document.page_at(at), dice, form > 0);
    let value = match form {
        0 | 1 => None,
        2 => Some(document.text_item("")),
        3 => Some(Item::opaque(&[], 0)),
        _ => Some(super::values::value(document, dice)),
    };
    let closing = (form > 0).then(Item::close);
    put(document, at, [Some(opening), value, closing].into_iter().flatten());
    Some(())
}

/// Puts a generated element somewhere.
pub(super) fn graft(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = place(document, dice)?;
    let len = dice.pick(&[6, 12, 24, 60]);
    let entropy = dice.bytes(len);
    let made = activesync_generator::Document::arbitrary(&mut Unstructured::new(&entropy)).ok()?;
    let bytes = made.bytes();
    let made = Document::read(&bytes)?;
    let items = document.adopt(&made, made.elements().first()?.clone());
    put(document, at, items);
    Some(())
}

/// Puts an element of another document into this one, beside or instead of one that is there.
pub(super) fn transplant(
    document: &mut Document<'_>,
    other: &Document<'_>,
    dice: &mut Dice,
) -> Option<()> {
    let element = any(other, dice)?;
    let items = document.adopt(other, element);
    let taken_out = match inner(document, dice) {
        Some(element) if dice.below(3) == 0 => element,
        _ => {
            let at = place(document, dice)?;
            at..at
        }
    };
    document.items.splice(taken_out, items);
    Some(())
}

pub(super) fn retag(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let element = any(document, dice)?;
    let page = document.page_at(element.start + 1);
    let new = tag(page, dice, element.len() > 1);
    document.items[element.start] = new;
    Some(())
}

/// The three forms of an element that holds nothing: without content, with none, emptied.
pub(super) fn empty(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let element = any(document, dice)?;
    let first = document.items.get_mut(element.start)?;
    match (first.kind, element.len()) {
        (Kind::Leaf(page), _) => {
            first.kind = Kind::Open(page);
            *first.bytes.to_mut().first_mut()? |= wbxml::token::CONTENT_BIT;
            put(document, element.end, [Item::close()]);
        }
        (Kind::Open(page), 2) => {
            first.kind = Kind::Leaf(page);
            *first.bytes.to_mut().first_mut()? &= !wbxml::token::CONTENT_BIT;
            document.items.remove(element.start + 1);
        }
        // The contents of the root are the document.
        _ if element.len() < 8 => {
            document.items.drain(element.start + 1..element.end - 1);
        }
        _ => return None,
    }
    Some(())
}

/// A switch, often one that changes nothing; the next tag brings its page back.
pub(super) fn switch(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = place(document, dice)?;
    let pages = ACTIVE_SYNC.pages();
    for _ in 0..dice.pick(&[1, 1, 1, 2]).max(1) {
        let page = match dice.below(3) {
            0 => document.page_at(at),
            _ => pages[dice.below(pages.len())].number(),
        };
        put(document, at, [Item::new(Kind::Switch, vec![wbxml::token::SWITCH_PAGE, page])]);
    }
    (document.version > 1).then_some(())
}

/// Takes out a switch: a tag that needs it gets it again.
pub(super) fn unswitch(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let switches = (0..document.items.len()).filter(|&at| document.items[at].kind == Kind::Switch);
    let switches: Vec<_> = switches.collect();
    let &at = switches.get(dice.below(switches.len()))?;
    let page = document.page_at(at);
    let needed = document.page_at(at + 1) != page;
    document.items.remove(at);
    // One that is needed comes later then, if a value stands between.
    let tag = document
        .items
        .get(at)
        .is_some_and(|item| matches!(item.kind, Kind::Open(_) | Kind::Leaf(_)));
    (!needed || !tag).then_some(())
}

/// What general mode knows as WBXML, but not in a document of ActiveSync.
pub(super) fn foreign(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = place(document, dice)?;
    let entropy = dice.bytes(200);
    let mut u = Unstructured::new(&entropy);
    let text = document.text_item(&text::text(&mut u).ok()?).bytes.into_owned();
    let extension = |token: u8, rest: &[u8]| Item::new(Kind::Other, [&[token], rest].concat());
    let n = u8::try_from(dice.below(3)).unwrap_or(0);
    let item = match dice.below(7) {
        0 => extension(wbxml::token::EXT_0 | n, &[]),
        1 => extension(wbxml::token::EXT_T_0 | n, &[n]),
        2 => extension(wbxml::token::EXT_I_0 | n, &text[1..]),
        3 => extension(wbxml::token::PI, &[&[0x05], &*text, &[0x01]].concat()),
        4 | 5 => {
            let index = u8::try_from(document.intern("name").min(0x7F)).unwrap_or(0);
            Item::new(Kind::Leaf(None), vec![wbxml::token::LITERAL, index])
        }
        _ => {
            let mut item = tag(document.page_at(at), dice, false);
            let bytes = item.bytes.to_mut();
            bytes[0] |= wbxml::token::ATTRIBUTE_BIT;
            bytes.extend_from_slice(&[&[0x06, 0x85], &*text, &[0x01]].concat());
            item
        }
    };
    put(document, at, [item]);
    Some(())
}
