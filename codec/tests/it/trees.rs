//! Asking a tree.

use wbxml::tags::{air_sync, email};
use wbxml::{Decoder, ErrorKind, Event, Limit, Limits, Node, Options, Tag, Tree, Value};

fn document(body: &[u8]) -> Vec<u8> {
    [b"\x03\x01\x6a\x00", body].concat()
}

fn decode(body: &[u8]) -> Tree {
    Tree::decode(&document(body), &Options::general()).unwrap()
}

#[test]
fn behind_the_limit_of_nodes_everything_is_one_piece_of_damage() {
    let limits = Limits { nodes: 4, ..Limits::default() };
    let options = Options { limits, ..Options::forensic() };
    let bytes = document(b"\x45\x5c\x4f\x0b\x0b\x0b\x01\x01\x01");
    let tree = Tree::decode(&bytes, &options).unwrap();
    let damage: Vec<_> = tree.damage().iter().map(|one| (one.kind, one.offset, one.len)).collect();
    assert_eq!(damage, [(ErrorKind::Limit(Limit::Nodes), 8, 5)]);
    assert_eq!(tree.node_count(), 5);
    // Where it stood, and everything that was open is closed.
    let collection = tree.root().children().next().unwrap().children().next().unwrap();
    let last = collection.contents().last().unwrap();
    assert_eq!(last.value(), Some(Value::Damage(ErrorKind::Limit(Limit::Nodes), &bytes[8..])));
    assert_eq!((last.offset(), last.is_element()), (8, false));
    let ends = tree.events().filter(|event| *event == Event::End).count();
    assert_eq!(ends, 4);
    assert_eq!(tree.encode().unwrap_err().kind(), ErrorKind::Damaged);
}

#[test]
fn behind_the_limit_of_values_too() {
    // A string table makes more of a document than it is long.
    let bytes = b"\x03\x01\x6a\x09aaaaaaaa\0\x45\x83\0\x83\0\x83\0\x83\0\x83\0\x01";
    let limits = Limits { document: bytes.len(), ..Limits::default() };
    let tree = Tree::decode(bytes, &Options { limits, ..Options::forensic() }).unwrap();
    let damage: Vec<_> = tree.damage().iter().map(|one| (one.kind, one.offset, one.len)).collect();
    assert_eq!(damage, [(ErrorKind::Limit(Limit::Document), 20, 5)]);
    let error = Tree::decode(bytes, &Options { limits, ..Options::general() }).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::Limit(Limit::Document), 20));
}

#[test]
fn a_tree_without_an_element_has_a_root_that_is_none() {
    for (bytes, top) in [(&b""[..], 2), (b"\x03\x01\x6a\x00", 2), (b"\x03\x01\x6a\x00\x03a\0", 3)] {
        let tree = Tree::decode(bytes, &Options::forensic()).unwrap();
        let root = tree.root();
        assert_eq!((root.tag(), root.name(), root.offset()), (Tag::new(0, 0), None, 0));
        assert!(root.is_element() && root.is_empty());
        assert_eq!((root.contents().count(), root.children().count()), (0, 0));
        assert_eq!(root.text().as_deref(), Some(""));
        assert_eq!(tree.top_level().count(), top, "{bytes:02x?}");
        assert_eq!(tree.top_level().last(), Some(root));
        assert_eq!(tree.events().last(), Some(Event::End));
    }
}

#[test]
fn values_beside_others_are_nodes_with_places() {
    // Sync: text, SyncKey, opaque, entity, damage-free.
    let tree = decode(b"\x45\x03ab\0\x4b\x031\0\x01\xc3\x01x\x02\x41\x01");
    let contents: Vec<Node<'_>> = tree.root().contents().collect();
    let values: Vec<_> = contents.iter().map(|node| node.value()).collect();
    assert_eq!(
        values,
        [
            Some(Value::Text("ab")),
            Some(Value::Text("1")),
            Some(Value::Opaque(b"x")),
            Some(Value::Text("A")),
        ]
    );
    let places: Vec<_> = contents.iter().map(|node| (node.is_element(), node.offset())).collect();
    assert_eq!(places, [(false, 5), (true, 9), (false, 14), (false, 17)]);
    assert_eq!(tree.root().value(), None);
    assert_eq!((tree.root().text(), tree.root().bytes()), (None, None));
    assert!(!tree.root().is_empty());
    assert_eq!(tree.node_count(), 5);
    assert_eq!(contents[0].tag(), Tag::new(0, 0));
    let same: Vec<_> = tree.root().contents().collect();
    assert_eq!(contents, same);
    assert_ne!(contents[0], contents[2]);
    assert_ne!(contents[0], tree.clone().root().contents().next().unwrap());
}

#[test]
fn texts_and_opaque_data_of_one_element_are_put_together() {
    let tree = decode(b"\x4b\x03\0\xc3\x02cd\x03ef\0\x01");
    assert_eq!(tree.root().text().as_deref(), Some("cdef"));
    assert_eq!(tree.root().bytes().as_deref(), Some(&b"cdef"[..]));
    let tree = decode(b"\x4b\xc3\x01\xff\x03a\0\x01");
    assert_eq!(tree.root().text(), None);
    assert_eq!(tree.root().bytes().as_deref(), Some(&b"\xffa"[..]));
    let tree = decode(b"\x4b\x03\0\xc3\0\x01");
    assert!(tree.root().is_empty());
    let tree = decode(b"\x4b\x03\0\xc3\x01a\x01");
    assert!(!tree.root().is_empty());
}

#[test]
fn trees_are_equal_by_what_they_say() {
    let key = decode(b"\x45\x4b\x03ab\0\x01\x01");
    for same in [&b"\x45\x4b\x03a\0\x03b\0\x01\x01"[..], b"\x45\x4b\x02\x61\x03b\0\x03\0\x01\x01"] {
        assert_eq!(decode(same), key);
    }
    for other in [
        &b"\x45\x4b\x03ac\0\x01\x01"[..],
        b"\x45\x4b\xc3\x02ab\x01\x01",
        b"\x45\x4d\x03ab\0\x01\x01",
        b"\x45\x4b\x03ab\0\x01\x0b\x01",
        b"\x45\x0b\x01",
        b"\x05",
        b"\x45\x4b\x03a\0\xc3\x01b\x01\x01",
    ] {
        assert_ne!(decode(other), key, "{other:02x?}");
        assert_ne!(key, decode(other), "{other:02x?}");
    }
    let damaged = |body: &[u8]| Tree::decode(&document(body), &Options::forensic()).unwrap();
    assert_eq!(damaged(b"\x45\xff\x01"), damaged(b"\x45\xff\x01"));
    assert_ne!(damaged(b"\x45\xc0\x01"), damaged(b"\x45\xc1\x01"));
    assert_ne!(damaged(b"\x45\xc0\x01"), damaged(b"\x45\x01"));
}

#[test]
fn children_are_found_by_their_tag() {
    let tree = decode(b"\x5d\x0d\0\x02\x14\x15\x54\x03b\0\x01\x01");
    let root = tree.root();
    assert_eq!(root.children_with(email::SUBJECT).count(), 2);
    assert!(root.child(email::SUBJECT).unwrap().is_empty());
    assert_eq!(root.children_with(email::SUBJECT).last().unwrap().text().as_deref(), Some("b"));
    assert!(root.child(email::TO).is_none());
    assert_eq!(root.child(air_sync::SERVER_ID).unwrap().offset(), 5);
    let tags: Vec<_> = root.children().map(Node::tag).collect();
    assert_eq!(tags, [air_sync::SERVER_ID, email::SUBJECT, email::READ, email::SUBJECT]);
}

#[test]
fn a_tree_shows_itself() {
    let tree = decode(b"\x45\x4b\x031\0\x01\xc3\x01x\x01");
    assert_eq!(
        format!("{tree:?}"),
        "AirSync:Sync\n  AirSync:SyncKey\n    Text(\"1\")\n  Opaque([120])\n"
    );
    let nodes: Vec<_> = tree.root().contents().map(|node| format!("{node:?}")).collect();
    assert_eq!(nodes, ["AirSync:SyncKey Text(\"1\")", "Opaque([120])"]);
    assert_eq!(format!("{:?}", tree.root()), "AirSync:Sync (2 nodes inside)");
}

#[test]
fn values_may_be_as_long_as_the_limit_together() {
    let bytes = b"\x03\x01\x6a\x0caaaaaaaaaaa\0\x45\x83\0\x83\0\x01";
    let limits = Limits { document: 22, ..Limits::default() };
    assert_eq!(bytes.len(), 22);
    let tree = Tree::decode(bytes, &Options { limits, ..Options::general() }).unwrap();
    assert_eq!(tree.root().text().unwrap().len(), 22);
}

#[test]
fn values_that_are_damage_as_tokens_are_damage_in_the_tree() {
    let limits = Limits { document: 23, string: 12, opaque: 2, ..Limits::default() };
    let options = Options { limits, ..Options::forensic() };
    for (bytes, damaged) in [
        // OPAQUE came with version 1.1.
        (&b"\0\x01\0\x45\xc3\x01a\x01"[..], 4),
        (b"\x03\x01\x6a\0\x45\xc3\x03abc\x01", 5),
        (b"\x03\x01\x6a\0\x45\x03abcdefghijklm\0\x01", 5),
        (b"\x03\x01\x6a\0\x45\x03\xff\0\x01", 5),
        (b"\x03\x01\x6a\0\x45\x02\x83\xb0\0\x01", 5),
        (b"\x03\x01\x6a\0\x45\x83\x05\x01", 5),
        (b"\x03\x01\x6a\x0dabcdefghijkl\0\x45\x83\0\x83\0\x01", 20),
    ] {
        let tree = Tree::decode(bytes, &options).unwrap();
        let offsets: Vec<_> = tree.damage().iter().map(|one| one.offset).collect();
        assert_eq!(offsets, [damaged], "{bytes:02x?}");
    }
}

#[test]
fn forensic_mode_has_the_events_of_general_mode_in_every_charset() {
    for (charset, texts) in [
        (b"\x03", &[&b"abc\0"[..], b"\0"][..]),
        (b"\x04", &[b"abc\0", b"\xe9\0", b"\0"]),
        (b"\x6a", &[b"abc\0", b"\xc3\xa9\0", b"\0"]),
    ] {
        let mut bytes = [&b"\x03\x01"[..], charset, b"\x04abc\0\x45\x83\0"].concat();
        for text in texts {
            bytes.extend([b"\x03", *text].concat());
        }
        bytes.push(0x01);
        let events = |options: &Options| -> Vec<_> {
            Decoder::new(&bytes, options)
                .map(Result::unwrap)
                .map(|event| format!("{event:?}"))
                .collect()
        };
        assert_eq!(events(&Options::forensic()), events(&Options::general()));
    }
}
