//! What the codec allocates, counted.

use activesync_generator::shapes;
use benches::allocations::{Allocations, Counting, count};
use wbxml::{Decoder, Encoder, Options, Tree, xml};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NONE: Allocations = Allocations { new: 0, resized: 0, peak: 0 };

#[test]
fn the_allocator_counts() {
    let (bytes, allocations) = count(|| vec![0_u8; 100]);
    assert_eq!(allocations, Allocations { new: 1, resized: 0, peak: 100 });
    drop(bytes);
}

#[test]
fn events_allocate_nothing() {
    for shape in shapes::all().unwrap() {
        let ((), allocations) = count(|| {
            let mut decoder = Decoder::new(&shape.bytes, &Options::strict());
            while decoder.next().unwrap().is_some() {}
        });
        assert_eq!(allocations, NONE, "{}", shape.key);
    }
}

#[test]
fn encoding_into_a_reused_buffer_allocates_nothing() {
    for shape in shapes::all().unwrap() {
        let tree = Tree::decode(&shape.bytes, &Options::strict()).unwrap();
        let events: Vec<_> = tree.events().collect();
        let mut buffer = Vec::new();
        // Twice: the first time it may grow.
        for turn in 0..2 {
            let (encoded, allocations) = count(|| {
                let mut encoder = Encoder::with_buffer(buffer);
                for event in &events {
                    encoder.event(event);
                }
                encoder.finish().unwrap()
            });
            buffer = encoded;
            assert_eq!(buffer, shape.bytes);
            assert!(turn == 0 || allocations == NONE, "events of {}: {allocations:?}", shape.key);
        }
        for turn in 0..2 {
            let (encoded, allocations) = count(|| tree.encode_into(buffer).unwrap());
            buffer = encoded;
            assert_eq!(buffer, shape.bytes);
            assert!(turn == 0 || allocations == NONE, "tree of {}: {allocations:?}", shape.key);
        }
    }
}

#[test]
fn a_tree_takes_four_allocations_and_little_more_than_its_input() {
    for shape in shapes::all().unwrap() {
        let elements = shape.count().unwrap().elements;
        let (tree, allocations) = count(|| Tree::decode(&shape.bytes, &Options::strict()).unwrap());
        // A document of some dozen bytes rounds up; the guess of how many nodes there are is off by
        // some where one value is nearly all of the document.
        let most = (shape.bytes.len() + 20 * elements + shape.bytes.len() / 512).max(256);
        println!("{}: {allocations:?}, at most {most} bytes", shape.key);
        assert!(allocations.new + allocations.resized <= 4, "{}: {allocations:?}", shape.key);
        assert!(allocations.peak <= most, "{}: {allocations:?}, at most {most} bytes", shape.key);
        drop(tree);
    }
}

#[test]
fn xml_takes_two_allocations_and_growth() {
    for shape in shapes::all().unwrap() {
        let tree = Tree::decode(&shape.bytes, &Options::strict()).unwrap();
        let (text, allocations) = count(|| xml::to_string(&tree));
        println!("{}: {allocations:?} for {} bytes", shape.key, text.len());
        assert!(allocations.new <= 2, "{}: {allocations:?}", shape.key);
        assert!(allocations.peak <= 2 * text.len() + 4096, "{}: {allocations:?}", shape.key);
    }
}

#[test]
fn xml_without_a_tree_takes_two_allocations_and_growth() {
    for shape in shapes::all().unwrap() {
        let mut text = String::new();
        // Twice: the second time the text has its room.
        for turn in 0..2 {
            text.clear();
            let (decoded, allocations) = count(|| {
                xml::decode(&shape.bytes, &Options::strict(), xml::Style::Compact, &mut text)
            });
            decoded.unwrap();
            assert_eq!(text, shape.xml);
            println!("{}: {allocations:?} for {} bytes", shape.key, text.len());
            assert!(allocations.new <= 2, "{}: {allocations:?}", shape.key);
            assert!(allocations.peak <= 2 * text.len() + 4096, "{}: {allocations:?}", shape.key);
            // The open elements, or the nodes of a document that is better written from a tree.
            assert!(
                turn == 0 || allocations.new + allocations.resized <= 2,
                "{}: {allocations:?}",
                shape.key
            );
        }
    }
}

#[test]
fn nothing_is_allocated_from_a_claimed_length() {
    // Opaque data, a string table, a string that never ends; each claims or could claim 4 GiB.
    for bytes in [
        &b"\x03\x01\x6a\x00\x45\xc3\x8f\xff\xff\xff\x7f\x00"[..],
        b"\x03\x01\x6a\x8f\xff\xff\xff\x7f\x00",
        b"\x03\x01\x6a\x00\x45\x03never ending",
    ] {
        for options in [Options::strict(), Options::general(), Options::forensic()] {
            let ((), allocations) = count(|| drop(Tree::decode(bytes, &options)));
            assert!(allocations.peak < 16_384, "{bytes:02x?}: {allocations:?}");
        }
    }
}
