//! What is measured: six groups of operations, each with its contenders.

use crate::documents::Prepared;
use crate::floors;
use std::hint::black_box;
use wbxml::{Decoder, Encoder, Event, Options, Tree, xml};

/// Buffers that live from one run to the next, for the contenders that reuse them.
#[derive(Default)]
pub struct Scratch {
    bytes: Vec<u8>,
    text: String,
}

/// A contender in a group.
#[derive(Clone, Copy)]
pub struct Contender {
    /// The group: `decode_events` and so on.
    pub group: &'static str,
    /// The name: `ours`, `libwbxml`, `floor/walk` and so on.
    pub name: &'static str,
    /// Does the work once.
    pub run: fn(&Prepared, &[Event<'_>], &mut Scratch),
    /// Whether it gets the document right; one that does not is shown as wrong.
    pub is_right: fn(&Prepared) -> bool,
}

/// The groups, in order.
pub const GROUPS: [&str; 6] =
    ["decode_events", "decode_tree", "decode_xml", "encode_events", "encode_tree", "encode_xml"];

fn always(_: &Prepared) -> bool {
    true
}

macro_rules! contenders {
    ($($(#[$attribute:meta])* $group:literal $name:literal $run:expr, $right:expr;)*) => {
        /// Every contender of every group.
        pub const CONTENDERS: &[Contender] = &[
            $($(#[$attribute])* Contender { group: $group, name: $name, run: $run, is_right: $right },)*
        ];
    };
}

contenders! {
    "decode_events" "ours" |document, _, _| events(document), |document| {
        document.tree.events().eq(document.events())
    };
    "decode_events" "ours, events kept whole" |document, _, _| whole_events(document), always;
    #[cfg(libwbxml)]
    "decode_events" "libwbxml" |document, _, _| {
        let _ = black_box(crate::libwbxml::events(document.bytes()));
    }, |document| crate::libwbxml::events(document.bytes()).is_ok();
    "decode_events" "floor/walk" |document, _, _| { floors::walk(document); }, |document| {
        floors::walk(document) == document.count.tokens()
    };
    "decode_events" "floor/safe_walk" |document, _, _| { floors::safe_walk(document); }, |document| {
        floors::safe_walk(document) == document.count.tokens()
    };
    "decode_events" "floor/nul_scan" |document, _, _| floors::nul_scan(document), always;
    "decode_events" "floor/nul_scan+simdutf8" |document, _, _| {
        floors::nul_scan_and_utf8(document);
    }, always;
    "decode_events" "floor/simdutf8" |document, _, _| floors::utf8(document), always;
    "decode_events" "floor/memcpy" |document, _, scratch| {
        floors::memcpy(document, &mut scratch.bytes);
    }, always;

    "decode_tree" "ours" |document, _, _| drop(black_box(tree(document))), |document| {
        tree(document).encode().is_ok_and(|bytes| bytes == document.bytes())
    };
    #[cfg(libwbxml)]
    "decode_tree" "libwbxml" |document, _, _| {
        drop(black_box(crate::libwbxml::Tree::decode(document.bytes())));
    }, |document| document.peer.tree_is_right;
    "decode_tree" "floor/memcpy" |document, _, _| {
        drop(black_box(document.bytes().to_vec()));
    }, always;

    "decode_xml" "ours" |document, _, _| {
        let mut text = String::new();
        to_xml(document, &mut text);
        drop(black_box(text));
    }, |document| {
        let mut text = String::new();
        to_xml(document, &mut text);
        text == document.xml && text == xml::to_string(&tree(document))
    };
    "decode_xml" "ours, buffer reused" |document, _, scratch| {
        scratch.text.clear();
        to_xml(document, &mut scratch.text);
        black_box(&scratch.text);
    }, always;
    #[cfg(libwbxml)]
    "decode_xml" "libwbxml" |document, _, _| {
        drop(black_box(crate::libwbxml::to_xml(document.bytes())));
    }, |document| document.peer.xml_is_right;
    "decode_xml" "floor/walk+escape+copy" |document, _, scratch| {
        floors::walk_and_escape(document, &mut scratch.bytes);
    }, always;

    "encode_events" "ours" |document, events, _| {
        let buffer = Vec::with_capacity(document.bytes().len());
        drop(black_box(encode(events, buffer)));
    }, |document| encode(&document.events(), Vec::new()) == document.bytes();
    "encode_events" "ours, buffer reused" |_, events, scratch| {
        scratch.bytes = encode(events, std::mem::take(&mut scratch.bytes));
        black_box(&scratch.bytes);
    }, always;
    #[cfg(libwbxml)]
    "encode_events" "libwbxml" |document, _, _| {
        drop(black_box(document.peer.tree.encode()));
    }, |document| document.peer.tree_is_right;
    "encode_events" "floor/copy+nul_scan" |document, _, scratch| {
        floors::copy_texts(document, &mut scratch.bytes);
    }, always;
    "encode_events" "floor/memcpy" |document, _, scratch| {
        floors::memcpy(document, &mut scratch.bytes);
    }, always;

    "encode_tree" "ours" |document, _, _| {
        drop(black_box(document.tree.encode()));
    }, |document| document.tree.encode().is_ok_and(|bytes| bytes == document.bytes());
    "encode_tree" "ours, buffer reused" |document, _, scratch| {
        let buffer = std::mem::take(&mut scratch.bytes);
        scratch.bytes = document.tree.encode_into(buffer).expect("a shape can be encoded");
        black_box(&scratch.bytes);
    }, always;
    #[cfg(libwbxml)]
    "encode_tree" "libwbxml" |document, _, _| {
        drop(black_box(document.peer.tree.encode()));
    }, |document| document.peer.tree_is_right;
    "encode_tree" "floor/memcpy" |document, _, scratch| {
        floors::memcpy(document, &mut scratch.bytes);
    }, always;

    "encode_xml" "ours" |document, _, _| {
        drop(black_box(from_xml(&document.xml)));
    }, |document| from_xml(&document.xml) == document.bytes();
    #[cfg(libwbxml)]
    "encode_xml" "libwbxml" |document, _, _| {
        drop(black_box(crate::libwbxml::from_xml(document.peer.xml.bytes())));
    }, |document| document.peer.xml_is_right;
    "encode_xml" "quick-xml, reading only" |document, _, _| floors::quick_xml_read(document), always;
}

/// Looks what each event is and hands out what is in it, as the walk does.
fn events(document: &Prepared) {
    let mut decoder = Decoder::new(document.bytes(), &Options::strict());
    while let Some(event) = decoder.next().expect("a shape is a document") {
        match event {
            Event::Start { tag, content } => drop(black_box((tag, content))),
            Event::End => black_box(()),
            Event::Text(text) => drop(black_box(text)),
            Event::Opaque(bytes) => drop(black_box(bytes)),
            other => drop(black_box(other)),
        }
    }
}

/// Moves each event about without looking at it: what it costs to keep them for later.
fn whole_events(document: &Prepared) {
    let mut decoder = Decoder::new(document.bytes(), &Options::strict());
    while let Some(event) = decoder.next().expect("a shape is a document") {
        black_box(event);
    }
}

fn tree(document: &Prepared) -> Tree {
    Tree::decode(document.bytes(), &Options::strict()).expect("a shape is a document")
}

fn to_xml(document: &Prepared, out: &mut String) {
    xml::decode(document.bytes(), &Options::strict(), xml::Style::Compact, out)
        .expect("a shape is a document");
}

fn encode(events: &[Event<'_>], buffer: Vec<u8>) -> Vec<u8> {
    let mut encoder = Encoder::with_buffer(buffer);
    for event in events {
        encoder.event(event);
    }
    encoder.finish().expect("events of a document")
}

fn from_xml(text: &str) -> Vec<u8> {
    let tree = xml::from_str(text).expect("XML of a shape");
    tree.encode().expect("XML of a shape")
}
