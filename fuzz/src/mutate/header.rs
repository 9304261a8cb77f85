//! Edits of the header. Each says whether it found something to do.

use super::document::{Document, Item, Kind};
use activesync_generator::{Dice, text, wire};
use std::borrow::Cow;

const CHARSETS: &[u32] = &[106, 106, 106, 0, 3, 4, 1000, 1013, 1014, 1015];

/// Puts all texts into another charset; what it does not have becomes opaque or `?`.
pub(super) fn charset(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let charset = dice.pick(CHARSETS);
    if document.version == 0 || charset == document.charset {
        return None;
    }
    let old = document.clone();
    document.charset = charset;
    document.table = Cow::Owned(Vec::new());
    document.padding = [0; 2];
    if let Some(index) = old.public_id_index() {
        // It comes first in the table, as most write it.
        document.name(&old.table_text(index).unwrap_or_default());
    }
    for at in 0..document.items.len() {
        let kind = document.items[at].kind;
        if !matches!(kind, Kind::Text | Kind::TableText) {
            continue;
        }
        let text = old.text(&old.items[at]).unwrap_or_default();
        let lost = charset == 3 && !text.is_ascii();
        document.items[at] = if lost && dice.below(2) == 0 {
            Item::opaque(text.as_bytes(), 0)
        } else if kind == Kind::TableText {
            Item::integer(kind, document.intern(&text), 0)
        } else {
            document.text_item(&text)
        };
    }
    Some(())
}

pub(super) fn version(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let version = dice.pick(&[3, 3, 3, 2, 2, 1, 0]);
    if version == document.version {
        return None;
    }
    if version == 0 && !matches!(document.charset, 0 | 106) {
        return None;
    }
    if document.version == 0 {
        document.charset = 106;
    }
    document.version = version;
    Some(())
}

/// Another public id: a number, or a name in the table.
pub(super) fn public_id(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    let before = document.public_id.clone();
    match dice.below(4) {
        0 | 1 => {
            let names = ["-//AIRSYNC//DTD AirSync//EN", "x", "", "Zürich"];
            document.name(dice.pick(&names));
        }
        2 => document.public_id = vec![1].into(),
        _ => {
            let number = dice.pick(&[2, 5, 0x7F, 0x80, 0x3FFF, 0x4000, 0xFFF_FFFF, u32::MAX]);
            let mut bytes = Vec::new();
            wire::integer(number.max(1), dice.pick(&[0, 0, 0, 1, 4]), &mut bytes);
            document.public_id = bytes.into();
        }
    }
    (document.public_id != before).then_some(())
}

/// Puts something into the table to which nothing refers, or a reference into an entry.
pub(super) fn table(document: &mut Document<'_>, dice: &mut Dice) -> Option<()> {
    if dice.below(2) == 0 {
        let len = dice.pick(text::EDGES.get(..9)?);
        document.intern(&"t".repeat(len));
        return Some(());
    }
    let unit = if wire::wide(document.charset) { 2 } else { 1 };
    let index = u32::try_from(dice.below(document.table.len() + 2) / unit * unit).ok()?;
    // The middle of a character is no place to begin, and behind the table there is nothing.
    if dice.below(16) > 0 {
        document.table_text(index)?;
    }
    let at = super::elements::place(document, dice)?;
    document.items.insert(at, Item::integer(Kind::TableText, index, 0));
    Some(())
}

impl Document<'_> {
    /// The public id is a text in the table.
    fn name(&mut self, name: &str) {
        let index = self.intern(name);
        let mut bytes = vec![0];
        wire::integer(index, 0, &mut bytes);
        self.public_id = bytes.into();
    }

    /// Where in the table the public id stands, if it is a text.
    fn public_id_index(&self) -> Option<u32> {
        let id = Item { kind: Kind::TableText, bytes: self.public_id.clone() };
        (self.public_id.first() == Some(&0)).then(|| id.number().0)
    }
}
