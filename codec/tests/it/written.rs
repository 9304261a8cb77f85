//! What XML looks like, to the byte, whichever way it is written.

use wbxml::tags::{air_sync, air_sync_base, email};
use wbxml::xml::{self, Style};
use wbxml::{ACTIVE_SYNC, CodePage, Encoder, Options, Table, Tree};

/// The built-in table as one that somebody else wrote down.
static BARE: Table = Table::new(&PAGES);
static PAGES: [CodePage; ACTIVE_SYNC.pages().len()] = {
    let mut pages = [CodePage::new(0, "", &[]); ACTIVE_SYNC.pages().len()];
    let mut at = 0;
    while at < pages.len() {
        let page = &ACTIVE_SYNC.pages()[at];
        pages[at] = CodePage::new(page.number(), page.namespace(), page.tags());
        at += 1;
    }
    pages
};

/// The document in an element, with so much behind it that short texts have room behind them.
fn inside(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.start(air_sync::APPLICATION_DATA);
    write(&mut encoder);
    encoder.leaf(air_sync::CLASS, &"Email ".repeat(10));
    encoder.end();
    encoder.finish().unwrap()
}

/// What is between the start tag of the outermost element and what [`inside`] has at its end.
#[track_caller]
fn written(bytes: &[u8]) -> String {
    let tree = Tree::decode(bytes, &Options::strict()).unwrap();
    let text = xml::to_string(&tree);
    let mut direct = String::new();
    xml::decode(bytes, &Options::strict(), Style::Compact, &mut direct).unwrap();
    assert_eq!(direct, text);
    assert_eq!(xml::from_str(&text).unwrap(), tree);
    let (_, rest) = text.split_once("<ApplicationData xmlns=\"AirSync\">").unwrap();
    let (inside, _) = rest.rsplit_once("<Class>Email").unwrap();
    inside.to_owned()
}

/// Elements of the same and of other pages, in one another and side by side, of every kind.
fn of_every_kind() -> Vec<u8> {
    inside(|encoder| {
        let leaves = |encoder: &mut Encoder| {
            for tag in [email::SUBJECT, air_sync::CLASS, air_sync_base::DATA] {
                encoder.leaf(tag, "text");
                encoder.leaf(tag, " & text ");
                encoder.leaf(tag, &"long text ".repeat(40));
                encoder.leaf(tag, "\u{1}");
                encoder.leaf_opaque(tag, b"text");
                encoder.leaf_opaque(tag, b"\xFF");
                encoder.empty(tag);
            }
        };
        leaves(encoder);
        for tag in [air_sync_base::BODY, air_sync::ADD] {
            encoder.start(tag);
            leaves(encoder);
            encoder.text("beside");
            encoder.start(email::FLAG);
            leaves(encoder);
            encoder.end();
            leaves(encoder);
            encoder.start_with_content(tag);
            encoder.end();
            encoder.end();
        }
        leaves(encoder);
    })
}

#[test]
fn a_table_of_ones_own_is_written_as_the_one_with_ready_pieces() {
    let bytes = of_every_kind();
    let bare = Options { table: &BARE, ..Options::strict() };
    let (tree, own) =
        (Tree::decode(&bytes, &Options::strict()).unwrap(), Tree::decode(&bytes, &bare).unwrap());
    for style in [Style::Compact, Style::Indented] {
        let [mut ready, mut by_name, mut direct] = [const { String::new() }; 3];
        xml::write(&tree, style, &mut ready);
        xml::write(&own, style, &mut by_name);
        assert_eq!(by_name, ready);
        xml::decode(&bytes, &bare, style, &mut direct).unwrap();
        assert_eq!(direct, ready);
    }
}

#[test]
fn only_white_space_that_would_be_dropped_is_written_as_references() {
    let (container, other) = (air_sync::ADD, email::SUBJECT);
    for (tag, text, expected) in [
        (container, " ", "&#32;"),
        (container, "\r\n\t", "&#13;&#10;&#9;"),
        (container, " a", " a"),
        (container, "a ", "a "),
        (other, " ", " "),
        (other, "\r\n\t", "&#13;\n\t"),
        (other, " a", " a"),
    ] {
        for repeat in [1, 40] {
            let bytes = inside(|encoder| encoder.leaf(tag, &text.repeat(repeat)));
            let element = written(&bytes);
            let content = element.split(['>', '<']).nth(2).unwrap();
            assert_eq!(content, expected.repeat(repeat), "{text:?}");
        }
    }
}
