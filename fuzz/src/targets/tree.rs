//! The tree asked node by node.

use crate::run::Ran;
use wbxml::{Event, Node, Options, Tag, Tree, Value, xml};

/// What is met on the way through a tree.
#[derive(Debug, PartialEq)]
enum Met<'t> {
    Start(Tag),
    Text(String),
    Opaque(&'t [u8]),
    Damage(&'t [u8]),
    End,
}

pub(super) fn body(bytes: &[u8]) -> Ran {
    let forensic = Tree::decode(bytes, &Options::forensic()).expect("forensic mode never fails");
    check(&forensic);
    if let Ok(tree) = Tree::decode(bytes, &Options::general()) {
        check(&tree);
        assert!(forensic == tree && tree == tree.clone());
        let mut offset = 0;
        for node in nodes(&tree) {
            assert!(node.offset() >= offset && node.offset() < bytes.len());
            offset = node.offset();
        }
        assert_eq!(nodes(&tree).len(), tree.node_count());
        return Ran::Checked;
    }
    // Damage keeps bytes of the input where they stood.
    for damage in forensic.damage() {
        assert!(bytes.get(damage.offset..damage.offset + damage.len).is_some());
    }
    Ran::Refused
}

fn check(tree: &Tree) {
    // Equal to nothing but itself.
    let other = Tree::decode(b"\x03\x01\x6a\0\x45\x4b\x037\0\x01\x01", &Options::strict());
    let other = other.expect("a small document");
    let (one, two) = (tree == &other, &other == tree);
    assert_eq!(one, two);
    assert!(*tree != other || xml::to_string(tree) == xml::to_string(&other));
    // Node by node and event by event are the same.
    let events: Vec<Met<'_>> = tree
        .events()
        .map(|event| match event {
            Event::Start { tag, .. } => Met::Start(tag),
            Event::End => Met::End,
            Event::Text(text) => Met::Text(text.to_owned()),
            Event::Entity(character) => Met::Text(character.to_string()),
            Event::Opaque(bytes) => Met::Opaque(bytes),
            Event::Damage { bytes, .. } => Met::Damage(bytes),
            other => panic!("{other:?} in a tree"),
        })
        .collect();
    assert_eq!(walk(tree), events);
    assert!(!format!("{tree:?}").is_empty());

    for node in nodes(tree) {
        let contents: Vec<_> = node.contents().collect();
        let elements: Vec<_> = contents.iter().copied().filter(|node| node.is_element()).collect();
        assert!(node.children().eq(elements.iter().copied()));
        for element in &elements {
            let alike = elements.iter().filter(|other| other.tag() == element.tag());
            assert!(node.children_with(element.tag()).eq(alike.copied()));
            let first = node.child(element.tag()).expect("there is at least this one");
            assert!(elements.contains(&first) && first.tag() == element.tag());
        }
        // Text and bytes are all values together, where there is nothing else.
        let values: Vec<_> = match node.value() {
            Some(value) => vec![value],
            None => contents.iter().filter_map(|node| node.value()).collect(),
        };
        let mut all = Vec::new();
        let mut is_text = true;
        for value in values {
            match value {
                Value::Text(text) => all.extend(text.bytes()),
                Value::Opaque(bytes) => {
                    is_text &= std::str::from_utf8(bytes).is_ok();
                    all.extend(bytes);
                }
                Value::Damage(_, bytes) => {
                    is_text = false;
                    all.extend(bytes);
                }
            }
        }
        let alone = elements.is_empty();
        assert_eq!(node.bytes().as_deref(), alone.then_some(&*all));
        let text = node.text();
        assert_eq!(text.is_some(), alone && is_text);
        assert!(text.is_none_or(|text| text.as_bytes() == all));
        assert_eq!(node.is_empty(), alone && all.is_empty());
        assert_eq!(node.name(), tree.table().info(node.tag()).map(|info| info.name));
        assert!(!format!("{node:?}").is_empty());
    }
}

/// All nodes in document order.
fn nodes(tree: &Tree) -> Vec<Node<'_>> {
    let mut open: Vec<Node<'_>> = tree.top_level().collect();
    open.reverse();
    let mut nodes = Vec::new();
    while let Some(node) = open.pop() {
        nodes.push(node);
        let at = open.len();
        open.extend(node.contents());
        open[at..].reverse();
    }
    nodes
}

fn walk(tree: &Tree) -> Vec<Met<'_>> {
    let mut met = Vec::new();
    let mut open: Vec<(Node<'_>, bool)> = tree.top_level().map(|node| (node, true)).collect();
    open.reverse();
    while let Some((node, entering)) = open.pop() {
        if !entering {
            met.push(Met::End);
            continue;
        }
        if node.is_element() {
            met.push(Met::Start(node.tag()));
            open.push((node, false));
        }
        match node.value() {
            Some(Value::Text(text)) => met.push(Met::Text(text.to_owned())),
            Some(Value::Opaque(bytes)) => met.push(Met::Opaque(bytes)),
            Some(Value::Damage(_, bytes)) => met.push(Met::Damage(bytes)),
            None => {
                let at = open.len();
                open.extend(node.contents().map(|node| (node, true)));
                open[at..].reverse();
            }
        }
    }
    met
}
