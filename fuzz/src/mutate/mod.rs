//! Mutations that make documents of documents.
//!
//! The mutations of libFuzzer know bytes, and a byte changed in WBXML is mostly a document refused.
//! Here a document is read as tokens, elements and values of it are edited, and it is written
//! again; what was not touched keeps its bytes. One mutant in ten is damaged as well, for what lies
//! around documents; and since most of a corpus is refused in the end, what is refused is mostly
//! healed first. Nothing here is left to chance: the seed tells it all.

mod document;
mod elements;
mod header;
mod values;

use activesync_generator::Dice;
use document::Document;
use wbxml::Limits;

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// An element is gone, with all that it held; sometimes what follows it, too.
    Delete,
    /// An element comes again.
    Duplicate,
    /// An element stands elsewhere.
    Move,
    /// Two elements changed places.
    Swap,
    /// An element lies in a new one.
    Wrap,
    /// The contents of an element stand in its place.
    Unwrap,
    /// An element lies so deep as may be.
    Nest,
    /// A new element with a value or without.
    Insert,
    /// A new element that the generator made.
    Graft,
    /// Another tag.
    Retag,
    /// Another form of an element that holds nothing.
    Empty,
    /// A page switch that no tag needs.
    Switch,
    /// Such a switch is gone.
    Unswitch,
    /// Attributes, a processing instruction, a literal, an extension.
    Foreign,
    /// Another value.
    Value,
    /// One more value.
    AddValue,
    /// One value less.
    RemoveValue,
    /// A text of a length of note.
    Stretch,
    /// An odd character in a text, or some of it gone.
    Spice,
    /// A value in another form.
    Retype,
    /// An integer of more bytes than it needs.
    Pad,
    /// Another charset.
    Charset,
    /// Another version.
    Version,
    /// Another public id.
    PublicId,
    /// Something in the string table, or a reference into it.
    Table,
    /// What was wrong is gone.
    Heal,
    /// Bytes changed, without regard to what they are.
    Damage,
}

type Body = fn(&mut Document<'_>, &mut Dice) -> Option<()>;

/// The edits, how often each is tried, and how it is done.
const EDITS: &[(Edit, usize, Body)] = &[
    (Edit::Delete, 12, elements::delete),
    (Edit::Duplicate, 5, elements::duplicate),
    (Edit::Move, 5, elements::relocate),
    (Edit::Swap, 4, elements::swap),
    (Edit::Wrap, 4, elements::wrap),
    (Edit::Unwrap, 4, elements::unwrap),
    (Edit::Nest, 1, elements::nest),
    (Edit::Insert, 8, elements::insert),
    (Edit::Graft, 3, elements::graft),
    (Edit::Retag, 6, elements::retag),
    (Edit::Empty, 4, elements::empty),
    (Edit::Switch, 4, elements::switch),
    (Edit::Unswitch, 4, elements::unswitch),
    (Edit::Foreign, 1, elements::foreign),
    (Edit::Value, 6, values::replace),
    (Edit::AddValue, 5, values::add),
    (Edit::RemoveValue, 5, values::remove),
    (Edit::Stretch, 6, values::stretch),
    (Edit::Spice, 8, values::spice),
    (Edit::Retype, 6, values::retype),
    (Edit::Pad, 2, values::pad),
    (Edit::Charset, 3, header::charset),
    (Edit::Version, 2, header::version),
    (Edit::PublicId, 2, header::public_id),
    (Edit::Table, 3, header::table),
];

/// Longer documents are cut back often.
const LONG: usize = 400;

/// How often a mutant that cannot be used is made anew.
const ATTEMPTS: usize = 6;

impl Edit {
    /// Every edit.
    pub fn all() -> impl Iterator<Item = Self> {
        EDITS.iter().map(|&(edit, ..)| edit).chain([Self::Heal, Self::Damage])
    }
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What was done, in order.
    pub edits: Vec<Edit>,
}

/// Another document of at most so many bytes; `None` where not even a header can be read, or
/// nothing fits. What is refused is mostly healed; otherwise what is wrong with it stays.
pub fn mutate(document: &[u8], max_len: usize, seed: u32) -> Option<Mutant> {
    let mut dice = Dice::new(u64::from(seed));
    let (read, healed) = read(document, &mut dice)?;
    for _ in 0..ATTEMPTS {
        let mut edited = read.clone();
        let mut edits = Vec::from_iter(healed.then_some(Edit::Heal));
        // Of two documents that show the same the shorter one is run more often.
        if document.len() > LONG && dice.below(3) == 0 {
            edits.extend(elements::delete(&mut edited, &mut dice).map(|()| Edit::Delete));
        }
        for _ in 0..dice.pick(&[1, 1, 1, 2, 2, 3, 4]).max(1) {
            edits.extend(edit(&mut edited, &mut dice));
        }
        let Some(mut bytes) = written(edited, max_len, &mut dice) else { continue };
        if dice.below(10) == 0 {
            damage(&mut bytes, &mut dice);
            edits.push(Edit::Damage);
        }
        if bytes.len() <= max_len && bytes != document {
            return Some(Mutant { bytes, edits });
        }
    }
    None
}

/// The first document with an element of the second in it.
pub fn cross(one: &[u8], other: &[u8], max_len: usize, seed: u32) -> Option<Vec<u8>> {
    let mut dice = Dice::new(u64::from(seed));
    let (one, _) = read(one, &mut dice)?;
    let (other, _) = read(other, &mut dice)?;
    (0..ATTEMPTS).find_map(|_| {
        let mut crossed = one.clone();
        elements::transplant(&mut crossed, &other, &mut dice)?;
        written(crossed, max_len, &mut dice)
    })
}

/// A document, and whether it had to be healed.
fn read<'a>(bytes: &'a [u8], dice: &mut Dice) -> Option<(Document<'a>, bool)> {
    let document = Document::read(bytes)?;
    if document.whole || dice.below(5) == 0 {
        return Some((document, false));
    }
    Document::heal(bytes).map(|document| (document, true))
}

/// One of the edits that find something to do.
fn edit(document: &mut Document<'_>, dice: &mut Dice) -> Option<Edit> {
    let sum = EDITS.iter().map(|&(_, weight, _)| weight).sum();
    (0..ATTEMPTS).find_map(|_| {
        let mut at = dice.below(sum);
        let (edit, _, body) = EDITS.iter().find(|&&(_, weight, _)| {
            let here = at < weight;
            at = at.saturating_sub(weight);
            here
        })?;
        body(document, dice).map(|()| *edit)
    })
}

/// The bytes of a document that is neither too deep nor, when some of it is taken out, too long.
fn written(mut document: Document<'_>, max_len: usize, dice: &mut Dice) -> Option<Vec<u8>> {
    document.settle();
    // One level too many is a limit worth a look now and then.
    let levels = Limits::default().depth + usize::from(dice.below(64) == 0);
    if document.depth() > levels {
        return None;
    }
    for _ in 0..ATTEMPTS {
        let bytes = document.bytes();
        if bytes.len() <= max_len {
            return Some(bytes);
        }
        elements::delete(&mut document, dice).or_else(|| values::remove(&mut document, dice))?;
    }
    None
}

/// What is nearly always wrong where it comes unasked.
const WRONG: &[&[u8]] = &[
    b"\x00",
    b"\x01",
    b"\x03",
    // Characters that UTF-8 and UTF-16 do not have.
    b"\xFF\xFE",
    b"\xC0\x80",
    b"\xED\xA0\x80",
    b"\xD8\x00\xD8\x00",
    // Integers too long and too large, lengths beyond the end, characters that are none.
    b"\x80\x80\x80\x80\x80\x01",
    b"\x02\x90\x80\x80\x80\x00",
    b"\xC3\x8F\xFF\xFF\xFF\x7F",
    b"\x02\x83\xB0\x00",
    b"\x83\x7F",
    // A page and tags that do not exist; attributes.
    b"\x00\x7F",
    b"\x00\xFE",
    b"\x3F",
    b"\x7F",
    b"\xC5\x05",
];

/// How that begins which is taken for a document by mistake: errors have a hint for each.
const OTHERS: &[&[u8]] = &[
    b"\x1F\x8B",
    b"\xEF\xBB\xBF<",
    b"<!DOCTYPE html",
    b"<html",
    b"<head",
    b"<?xml",
    b"HTTP/1",
    b"POST /",
    b"OPTIONS /",
    b"0301",
    b"03 01",
    b"0x03",
    b"AwFq",
    b"MIME-Version:",
    b"Received:",
    b"From:",
    b"{",
];

/// Changes bytes, as somebody would who does not know what they are.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    // The header is short, and half of what can be wrong is there.
    let at = match dice.below(4) {
        0 => dice.below(bytes.len().min(6)),
        _ => dice.below(bytes.len()),
    };
    let end = (at + 1 + dice.below(8)).min(bytes.len());
    match dice.below(7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => bytes.extend_from_within(at..end),
        3 => {
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
        4 => {
            bytes.splice(at..at, dice.pick(WRONG).iter().copied());
        }
        5 => {
            let start = dice.pick(OTHERS);
            let len = if dice.below(2) == 0 { start.len() } else { dice.below(start.len()) };
            bytes.splice(..end.min(8), start[..len].iter().copied());
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
}

#[cfg(fuzzing)]
mod hooks {
    use crate::{Input, TARGETS, Target};
    use activesync_generator::Dice;

    /// The inputs of `long` are recipes for documents rather than documents.
    fn reads_documents(target: &str) -> bool {
        let reads = |known: &Target| known.name == target && known.input == Input::Wbxml;
        target != "long" && TARGETS.iter().any(reads)
    }

    /// The mutator of a target, for libFuzzer: ours every other time where the input is a document.
    pub fn mutator(target: &str, data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
        let ours = reads_documents(target) && Dice::new(u64::from(!seed)).below(2) == 0;
        let mutant = ours.then(|| super::mutate(data.get(..size)?, max, seed)).flatten();
        match mutant {
            Some(mutant) => {
                data[..mutant.bytes.len()].copy_from_slice(&mutant.bytes);
                mutant.bytes.len()
            }
            None => libfuzzer_sys::fuzzer_mutate(data, size, max),
        }
    }

    /// The crossover of a target; 0 leaves it to the mutator, which libFuzzer asks as often.
    pub fn crossover(target: &str, one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
        let ours = reads_documents(target) && Dice::new(u64::from(!seed)).below(4) == 0;
        let crossed = ours.then(|| super::cross(one, other, out.len(), seed)).flatten();
        let bytes = crossed.unwrap_or_default();
        out[..bytes.len()].copy_from_slice(&bytes);
        bytes.len()
    }
}

#[cfg(fuzzing)]
#[doc(hidden)]
pub use hooks::{crossover, mutator};
