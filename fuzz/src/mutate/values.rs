//! Edits of values. Each says whether it found something to do.

use super::document::{Document, Item, Kind};
use super::elements::place;
use activesync_generator::arbitrary::Unstructured;
use activesync_generator::{Dice, text};

/// Characters on which readers and writers of text change their mind.
const SPICE: &[&str] = &[
    "\r",
    "\n",
    "\r\n",
    "\t",
    "\u{1}",
    "\u{8}",
    "\u{B}",
    "\u{1F}",
    "\u{7F}",
    "\u{85}",
    "\u{A0}",
    "é",
    "\u{7FF}",
    "\u{800}",
    "会",
    "\u{D7FF}",
    "\u{E000}",
    "\u{2028}",
    "\u{FEFF}",
    "\u{FFFD}",
    "\u{FFFE}",
    "\u{FFFF}",
    "🛰",
    "\u{10FFFF}",
    "<",
    "&",
    ">",
    "\"",
    "'",
    "\\",
    "]]>",
    " ",
    "{",
];

/// Fillers of one to four bytes.
const FILLERS: &[&str] = &["a", "é", "会", "🛰"];

/// Where the values are of which `takes` is true.
fn pick(document: &Document<'_>, dice: &mut Dice, takes: impl Fn(Kind) -> bool) -> Option<usize> {
    let values = document.items.iter().enumerate().filter(|(_, item)| takes(item.kind));
    let values: Vec<usize> = values.map(|(at, _)| at).collect();
    values.get(dice.below(values.len())).copied()
}

/// How long a new value may be: long ones cost every mutant that comes after.
const ROOM: &[usize] = &[40, 40, 70, 70, 70, 300, 1100];

/// A text that the generator makes.
fn made(dice: &mut Dice) -> String {
    let len = dice.pick(&[4, 12, 40, 120]);
    let entropy = dice.bytes(len);
    let mut text = text::text(&mut Unstructured::new(&entropy)).unwrap_or_default();
    text.truncate(text.floor_char_boundary(dice.pick(ROOM)));
    text
}

/// A new value of any kind that the version has.
pub(super) fn value(document: &mut Document<'_>, dice: &mut Dice) -> Item<'static> {
    match dice.below(12) {
        0..=2 => {
            let entropy = dice.bytes(60);
            let mut data = text::opaque(&mut Unstructured::new(&entropy)).unwrap_or_default();
            data.truncate(dice.pick(ROOM));
            Item::opaque(&data, 0)
        }
        3 => {
            let index = document.intern(&made(dice));
            Item::integer(Kind::TableText, index, 0)
        }
        4 => {
            let character = dice.pick(SPICE).chars().next().unwrap_or('a');
            Item::integer(Kind::Entity, u32::from(character), 0)
        }
        _ => document.text_item(&made(dice)),
    }
}

pub(super) fn replace(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = pick(document, dice, Kind::is_value)?;
    document.items[at] = value(document, dice);
    Some(())
}

/// Puts a value somewhere, mostly beside another one.
pub(super) fn add(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = match pick(document, dice, Kind::is_value) {
        Some(at) if dice.below(3) > 0 => at + dice.below(2),
        _ => place(document, dice)?,
    };
    let value = value(document, dice);
    document.items.insert(at, value);
    Some(())
}

pub(super) fn remove(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = pick(document, dice, |kind| kind.is_value() || kind == Kind::Other)?;
    document.items.remove(at);
    Some(())
}

/// Gives a text a length of note.
pub(super) fn stretch(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = pick(document, dice, |kind| matches!(kind, Kind::Text | Kind::Opaque))?;
    let item = &document.items[at];
    let kind = item.kind;
    let mut text = document.text(item)?;
    let edge = match dice.below(48) {
        0 => 4096,
        // Around blocks of 16, 32 and 64 bytes; then up to a thousand.
        1..=41 => dice.pick(text::EDGES.get(..11)?),
        _ => dice.pick(text::EDGES.get(..17)?),
    };
    let len = edge + dice.below(3) - 1;
    let filler = match dice.below(3) {
        0 => dice.pick(FILLERS),
        _ => "a",
    };
    text.truncate(text.floor_char_boundary(len));
    while text.len() + filler.len() <= len {
        text.push_str(filler);
    }
    text.extend(std::iter::repeat_n('b', len.saturating_sub(text.len())));
    if dice.below(2) == 0 {
        put(&mut text, dice);
    }
    document.items[at] = match kind {
        Kind::Opaque => Item::opaque(text.as_bytes(), 0),
        _ => document.text_item(&text),
    };
    Some(())
}

/// Puts an odd character over the place of others, so that lengths stay.
fn put(text: &mut String, dice: &mut Dice) {
    let word = dice.pick(SPICE);
    let start = text.floor_char_boundary(dice.below(text.len() + 1));
    let end = text.ceil_char_boundary((start + word.len()).min(text.len()));
    text.replace_range(start..end, word);
}

/// Puts an odd character into a text, or takes some of it away.
pub(super) fn spice(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = pick(document, dice, |kind| kind == Kind::Text)?;
    let mut text = document.text(&document.items[at])?;
    let start = text.floor_char_boundary(dice.below(text.len() + 1));
    if dice.below(4) == 0 {
        let end = text.ceil_char_boundary(start + dice.below(text.len() - start + 1));
        text.replace_range(start..end, "");
    } else {
        text.insert_str(start, dice.pick(SPICE));
    }
    document.items[at] = document.text_item(&text);
    Some(())
}

/// Writes a text as another kind of value.
pub(super) fn retype(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let at = pick(document, dice, Kind::is_value)?;
    let kind = document.items[at].kind;
    let text = document.text(&document.items[at])?;
    let items = match dice.below(5) {
        0 | 1 if kind != Kind::Opaque => vec![Item::opaque(text.as_bytes(), 0)],
        2 if kind != Kind::TableText => {
            vec![Item::integer(Kind::TableText, document.intern(&text), 0)]
        }
        3 => split(document, &text, dice)?,
        _ if kind != Kind::Text => vec![document.text_item(&text)],
        _ => return None,
    };
    document.items.splice(at..=at, items);
    Some(())
}

/// A text in two parts, with a character as an entity between them where it is not 0.
fn split(document: &Document<'_>, text: &str, dice: &mut Dice) -> Option<Vec<Item<'static>>> {
    let (before, after) = text.split_at(text.floor_char_boundary(dice.below(text.len() + 1)));
    let character = after.chars().next().filter(|character| *character != '\0')?;
    let entity = Item::integer(Kind::Entity, u32::from(character), 0);
    let parts = [before, &after[character.len_utf8()..]].map(|part| document.text_item(part));
    let [before, after] = parts;
    Some(vec![before, entity, after])
}

/// Writes an integer longer than it has to be.
pub(super) fn pad(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let more = u8::try_from(1 + dice.below(4)).unwrap_or(1);
    let integer = |kind: Kind| kind.is_value() && kind != Kind::Text;
    let Some(at) = pick(document, dice, integer).filter(|_| dice.below(8) > 0) else {
        let padding = document.padding.get_mut(dice.below(2))?;
        *padding = if *padding == 0 { more } else { 0 };
        return Some(());
    };
    let item = &document.items[at];
    let (number, data) = item.number();
    document.items[at] = match item.kind {
        Kind::Opaque => Item::opaque(data, more),
        kind => Item::integer(kind, number, more),
    };
    Some(())
}
