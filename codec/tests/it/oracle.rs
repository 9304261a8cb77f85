//! A second opinion on our XML: quick-xml reads what we write, and our tree is what it says.

use quick_xml::NsReader;
use quick_xml::events::Event as Xml;
use quick_xml::name::{Namespace, ResolveResult};
use wbxml::{Event, Node, Options, Tree, xml};

/// What is in a document, by any reader.
#[derive(Debug, PartialEq)]
enum Item {
    Start(String, String),
    Text(String),
    End,
}

/// What quick-xml finds in XML text.
fn by_quick_xml(text: &str) -> Vec<Item> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut items = Vec::new();
    let mut data = String::new();
    loop {
        let (namespace, event) = reader.read_resolved_event().unwrap();
        let namespace = match namespace {
            ResolveResult::Bound(Namespace(name)) => name.to_owned(),
            _ => String::new(),
        };
        match event {
            Xml::Text(more) => data.push_str(&more.xml10_content()),
            Xml::CData(more) => data.push_str(&more.xml10_content()),
            Xml::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let named = match &*name {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    _ => None,
                };
                data.push(named.or_else(|| reference.resolve_char_ref().unwrap()).unwrap());
            }
            Xml::Start(start) if data.is_empty() => {
                let name = start.local_name().into_inner().to_owned();
                items.push(Item::Start(namespace, name));
            }
            Xml::End(_) => {
                if !data.is_empty() {
                    items.push(Item::Text(std::mem::take(&mut data)));
                }
                items.push(Item::End);
            }
            Xml::Decl(_) => {}
            Xml::Eof => return items,
            other => panic!("{other:?} after {data:?}"),
        }
    }
}

/// The same of a tree of elements and texts.
fn by_tree(tree: &Tree) -> Vec<Item> {
    tree.events()
        .filter_map(|event| match event {
            Event::Start { tag, .. } => {
                let namespace = tag.namespace().unwrap().to_owned();
                Some(Item::Start(namespace, tag.name().unwrap().to_owned()))
            }
            Event::Text("") => None,
            Event::Text(text) => Some(Item::Text(text.to_owned())),
            Event::End => Some(Item::End),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Compares what both say about a document without opaque data and mixed content.
#[track_caller]
fn check(tree: &Tree) {
    let text = xml::to_string(tree);
    assert_eq!(by_tree(tree), by_quick_xml(&text), "{text}");
}

#[test]
fn quick_xml_reads_every_tag_and_any_text() {
    let mut encoder = wbxml::Encoder::new();
    let texts = ["a", " <&>\"' ", "a\r\nb\rc\n", "]]>", "é漢\u{1F600}\u{85}", "\u{7f}", "x > y"];
    let mut texts = texts.iter().cycle();
    encoder.start(wbxml::tags::air_sync::SYNC);
    for page in wbxml::ACTIVE_SYNC.pages() {
        for info in page.tags() {
            encoder.leaf(wbxml::Tag::new(page.number(), info.token), texts.next().unwrap());
        }
    }
    encoder.empty(wbxml::tags::air_sync::MORE_AVAILABLE);
    encoder.end();
    let tree = Tree::decode(&encoder.finish().unwrap(), &Options::strict()).unwrap();
    assert_eq!(tree.root().children().filter_map(Node::name).count(), 655);
    check(&tree);
}
