//! Any calls of the encoder, sensible or not, judged by a plain writer.

use crate::run::Ran;
use wbxml::{Encoder, ErrorKind, Event, Options, Tag, Tokens};

/// A call.
#[derive(Debug)]
enum Call {
    Start(Tag),
    StartWithContent(Tag),
    End,
    Text(String),
    Opaque(Vec<u8>),
    Entity(char),
    Leaf(Tag, String),
    LeafOpaque(Tag, Vec<u8>),
    Empty(Tag),
    Event(Kind),
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Start(Tag, bool),
    End,
    Damage,
}

pub(super) fn body(bytes: &[u8]) -> Ran {
    let calls = calls(bytes);
    let mut encoder = Encoder::default();
    for call in &calls {
        let before = encoder.offset();
        make(&mut encoder, call);
        assert!(encoder.offset() >= before);
    }
    let length = encoder.offset();
    match (encoder.finish(), plain(&calls)) {
        (Ok(bytes), Ok(expected)) => {
            assert_eq!(bytes, expected, "{calls:?}");
            assert_eq!(bytes.len(), length);
            assert!(
                Tokens::new(&bytes, &Options::general()).all(|token| token.is_ok() || deep(&token))
            );
            Ran::Checked
        }
        (Err(error), Err(kind)) => {
            assert_eq!(error.kind(), kind, "{calls:?}");
            assert!(error.offset() <= length);
            Ran::Refused
        }
        (ours, plain) => panic!("{ours:?}, a plain writer {plain:?}: {calls:?}"),
    }
}

/// The encoder has no limits; the decoder has.
fn deep(token: &Result<wbxml::Spanned<'_>, wbxml::Error>) -> bool {
    token.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::Limit(_)))
}

fn make(encoder: &mut Encoder, call: &Call) {
    match call {
        Call::Start(tag) => encoder.start(*tag),
        Call::StartWithContent(tag) => encoder.start_with_content(*tag),
        Call::End => encoder.end(),
        Call::Text(text) => encoder.text(text),
        Call::Opaque(bytes) => encoder.opaque(bytes),
        Call::Entity(character) => encoder.entity(*character),
        Call::Leaf(tag, text) => encoder.leaf(*tag, text),
        Call::LeafOpaque(tag, bytes) => encoder.leaf_opaque(*tag, bytes),
        Call::Empty(tag) => encoder.empty(*tag),
        Call::Event(kind) => encoder.event(&match *kind {
            Kind::Start(tag, content) => Event::Start { tag, content },
            Kind::End => Event::End,
            Kind::Damage => Event::Damage { kind: ErrorKind::NoRoot, bytes: b"x" },
        }),
    }
}

/// How many elements a call leaves open.
fn opened(call: &Call) -> isize {
    match call {
        Call::Start(_) | Call::StartWithContent(_) | Call::Event(Kind::Start(..)) => 1,
        Call::End | Call::Event(Kind::End) => -1,
        _ => 0,
    }
}

/// Whether a call writes a whole element.
fn is_element(call: &Call) -> bool {
    matches!(call, Call::Leaf(..) | Call::LeafOpaque(..) | Call::Empty(_))
}

fn calls(mut bytes: &[u8]) -> Vec<Call> {
    fn take<'a>(bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(len.min(bytes.len()));
        *bytes = rest;
        taken
    }
    let mut calls = Vec::new();
    let (mut depth, mut started) = (0_isize, false);
    while let Some((&first, rest)) = bytes.split_first() {
        bytes = rest;
        let tag = |bytes: &mut &[u8]| match take(bytes, 2) {
            [page, token] => Tag::new(page % 28, token % 0x3B + 0x05),
            [token] => Tag::new(0, *token),
            _ => Tag::new(0, 5),
        };
        let some = |bytes: &mut &[u8]| {
            let len = take(bytes, 1).first().map_or(0, |&len| usize::from(len));
            take(bytes, if len < 0xF0 { len % 40 } else { len * 2 }).to_vec()
        };
        let text = |bytes: &mut &[u8]| {
            let text = String::from_utf8_lossy(&some(bytes)).into_owned();
            // NUL is an error: not in every other text.
            if first < 0xE0 { text.replace('\0', "0") } else { text }
        };
        let call = match first % 16 {
            0..=2 => Call::Start(tag(&mut bytes)),
            3 => Call::StartWithContent(tag(&mut bytes)),
            4..=6 => Call::End,
            7 => Call::Text(text(&mut bytes)),
            8 => Call::Opaque(some(&mut bytes)),
            9 => {
                let code =
                    take(&mut bytes, 3).iter().fold(0, |sum, &byte| sum << 8 | u32::from(byte));
                Call::Entity(char::from_u32(code).unwrap_or('x'))
            }
            10 | 11 => Call::Leaf(tag(&mut bytes), text(&mut bytes)),
            12 => Call::LeafOpaque(tag(&mut bytes), some(&mut bytes)),
            13 => Call::Empty(tag(&mut bytes)),
            14 => Call::Event(Kind::Start(tag(&mut bytes), first & 0x10 != 0)),
            _ if first == 0xFF => Call::Event(Kind::Damage),
            _ => Call::Event(Kind::End),
        };
        // Most mistakes are left out, so that most inputs have bytes to compare.
        let by = opened(&call);
        let ends_early = by < 0 && depth <= 1 && !bytes.is_empty();
        let outside = depth == 0 && (started || by != 1 && !is_element(&call));
        if first % 64 < 60 && (ends_early || outside) {
            continue;
        }
        depth += by;
        started |= by > 0 || is_element(&call);
        calls.push(call);
    }
    if depth > 0 && calls.len() % 8 != 7 {
        calls.extend((0..depth).map(|_| Call::End));
    }
    calls
}

/// An element as it is put down: its children first, its bytes last.
struct Element {
    tag: Tag,
    content: bool,
    items: Vec<Item>,
}

enum Item {
    Element(Element),
    Value(Vec<u8>),
}

/// The same calls by a writer that builds the document and writes it at the end.
fn plain(calls: &[Call]) -> Result<Vec<u8>, ErrorKind> {
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut started = false;
    for call in calls {
        let simple: Vec<Call> = match call {
            Call::Leaf(tag, text) if !text.is_empty() => {
                vec![Call::Start(*tag), Call::Text(text.clone()), Call::End]
            }
            Call::LeafOpaque(tag, bytes) if !bytes.is_empty() => {
                vec![Call::Start(*tag), Call::Opaque(bytes.clone()), Call::End]
            }
            Call::Leaf(tag, _) | Call::LeafOpaque(tag, _) | Call::Empty(tag) => {
                vec![Call::Start(*tag), Call::End]
            }
            Call::Start(tag) | Call::Event(Kind::Start(tag, false)) => vec![Call::Start(*tag)],
            Call::StartWithContent(tag) | Call::Event(Kind::Start(tag, true)) => {
                vec![Call::StartWithContent(*tag)]
            }
            Call::End | Call::Event(Kind::End) => vec![Call::End],
            Call::Event(Kind::Damage) => return Err(ErrorKind::Damaged),
            Call::Text(text) => vec![Call::Text(text.clone())],
            Call::Opaque(bytes) => vec![Call::Opaque(bytes.clone())],
            Call::Entity(character) => vec![Call::Entity(*character)],
        };
        for call in simple {
            match call {
                Call::Start(tag) | Call::StartWithContent(tag) => {
                    if open.is_empty() && started {
                        return Err(ErrorKind::SecondRoot);
                    }
                    if tag.token() < 5 {
                        return Err(ErrorKind::NotATag(tag.token()));
                    }
                    started = true;
                    let content = matches!(call, Call::StartWithContent(_));
                    open.push(Element { tag, content, items: Vec::new() });
                }
                Call::End => {
                    let element = open.pop().ok_or(ErrorKind::ExtraEnd)?;
                    match open.last_mut() {
                        Some(outer) => outer.items.push(Item::Element(element)),
                        None => root = Some(element),
                    }
                }
                Call::Entity('\0') => return Err(ErrorKind::BadEntity(0)),
                value => {
                    let outer = open.last_mut().ok_or(ErrorKind::ContentOutsideRoot)?;
                    outer.items.push(Item::Value(match value {
                        Call::Text(text) if text.contains('\0') => {
                            return Err(ErrorKind::NulInText);
                        }
                        Call::Text(text) => [b"\x03", text.as_bytes(), b"\0"].concat(),
                        Call::Opaque(bytes) => {
                            let len = u32::try_from(bytes.len()).expect("small inputs");
                            [&[0xC3], &*integer(len), &*bytes].concat()
                        }
                        Call::Entity(character) => {
                            [&[0x02], &*integer(u32::from(character))].concat()
                        }
                        other => panic!("{other:?} is no value"),
                    }));
                }
            }
        }
    }
    if !open.is_empty() {
        let open = u32::try_from(open.len()).expect("small inputs");
        return Err(ErrorKind::Unbalanced(open));
    }
    let root = root.ok_or(ErrorKind::NoRoot)?;
    let mut out = b"\x03\x01\x6a\x00".to_vec();
    write(root, &mut out);
    Ok(out)
}

/// Seven bits a byte, the most significant first.
fn integer(value: u32) -> Vec<u8> {
    let groups = (0..5).rev().map(|group| value >> (7 * group) & 0x7F);
    let mut bytes: Vec<u32> = groups.skip_while(|&group| group == 0).collect();
    if bytes.is_empty() {
        bytes.push(0);
    }
    let last = bytes.len() - 1;
    bytes[..last].iter_mut().for_each(|group| *group |= 0x80);
    bytes.into_iter().filter_map(|byte| u8::try_from(byte).ok()).collect()
}

/// Writes an element; a stack of our own, since inputs may nest deeply.
fn write(root: Element, out: &mut Vec<u8>) {
    let mut page = 0;
    let mut open = vec![vec![Item::Element(root)].into_iter()];
    let mut ends = vec![false];
    while let Some(items) = open.last_mut() {
        match items.next() {
            Some(Item::Value(bytes)) => out.extend(bytes),
            Some(Item::Element(element)) => {
                if element.tag.page() != page {
                    page = element.tag.page();
                    out.extend([0, page]);
                }
                let content = element.content || !element.items.is_empty();
                out.push(element.tag.token() + if content { 0x40 } else { 0 });
                open.push(element.items.into_iter());
                ends.push(content);
            }
            None => {
                open.pop();
                if ends.pop() == Some(true) {
                    out.push(1);
                }
            }
        }
    }
}
