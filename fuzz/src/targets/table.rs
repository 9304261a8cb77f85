//! Names: tables of one's own and the built-in one, asked for any tag and any name.

use crate::run::Ran;
use std::sync::LazyLock;
use wbxml::{ACTIVE_SYNC, CodePage, Options, Table, Tag, TagInfo, Tree, xml};

/// Rows with gaps, a token that is none, one that stands twice, names that differ by case, an alias.
static ROWS: LazyLock<Vec<TagInfo>> = LazyLock::new(|| {
    let mut rows = vec![
        TagInfo::new(0x05, "message"),
        TagInfo::new(0x06, "Message"),
        TagInfo { aliases: &["old", "note"], ..TagInfo::new(0x07, "new") },
        TagInfo::new(0x04, "global"),
        TagInfo::new(0x3F, "last"),
        TagInfo::new(0x40, "beyond"),
        TagInfo::new(0x3F, "later"),
        TagInfo::new(0x08, ""),
    ];
    // More rows than a hash has room for.
    rows.extend((0x10..0x30).map(|token| TagInfo::new(token, "many")));
    rows.extend((0x10..0x30).map(|token| TagInfo::new(token, "more")));
    rows
});

/// Pages with gaps, one that stands twice, more than a hash has room for.
static PAGES: LazyLock<Vec<CodePage>> = LazyLock::new(|| {
    let mut pages = vec![
        CodePage::new(0, "first", &ROWS),
        CodePage::new(7, "seventh", &ROWS[..3]),
        CodePage::new(7, "again", &ROWS[2..5]),
        CodePage::new(255, "last", &[]),
    ];
    pages.extend((20..120).map(|number| CodePage::new(number, "crowd", &ROWS[..1])));
    pages.push(CodePage::new(9, "beyond the hash", &ROWS[4..]));
    pages
});

static OWN: LazyLock<Table> = LazyLock::new(|| Table::new(&PAGES));

pub(super) fn body(bytes: &[u8]) -> Ran {
    let [page, token, rest @ ..] = bytes else { return Ran::Skipped };
    let tag = Tag::new(*page, *token);
    assert_eq!((tag.page(), tag.token()), (*page, token & 0x3F));
    assert_eq!(tag.to_string(), format!("{tag:?}"));
    let mut known = false;
    for table in [&ACTIVE_SYNC, &*OWN] {
        known |= by_number(table, tag);
        let text = String::from_utf8_lossy(rest);
        for (namespace, name) in [
            text.split_once(' ').unwrap_or((&text, &text)),
            ("first", &text),
            ("FIRST:", &text),
            ("Email", &text),
        ] {
            by_name(table, namespace, name);
        }
    }
    in_a_document(tag, rest);
    if known { Ran::Checked } else { Ran::Refused }
}

/// The row of a tag is the last one with its token, on the last page with its number.
fn by_number(table: &Table, tag: Tag) -> bool {
    let page = table.pages().iter().rfind(|page| page.number() == tag.page());
    assert_eq!(
        table.page(tag.page()).map(CodePage::namespace),
        page.map(CodePage::namespace),
        "{tag}"
    );
    let valid = (0x05..=0x3F).contains(&tag.token());
    let row = page.and_then(|page| page.tags().iter().rfind(|row| row.token == tag.token()));
    let row = row.filter(|_| valid);
    assert_eq!(table.info(tag), row);
    row.is_some()
}

/// Names without regard to case, before aliases.
fn by_name(table: &Table, namespace: &str, name: &str) {
    let bare = namespace.strip_suffix(':').unwrap_or(namespace);
    let page = table.pages().iter().find(|page| page.namespace().eq_ignore_ascii_case(bare));
    assert_eq!(table.find_page(namespace).map(CodePage::number), page.map(CodePage::number));
    let alike = |other: &str| other.eq_ignore_ascii_case(name);
    let expected = page.and_then(|page| {
        let rows = page.tags();
        let named = rows.iter().any(|row| alike(row.name));
        let row = |row: &&TagInfo| {
            if named { alike(row.name) } else { row.aliases.iter().any(|alias| alike(alias)) }
        };
        rows.iter().any(|other| row(&other)).then_some((page, named))
    });
    let found = table.find(namespace, name);
    if std::ptr::eq(table, &raw const ACTIVE_SYNC) {
        assert_eq!(Tag::from_name(namespace, name), found);
    }
    assert_eq!(found.is_some(), expected.is_some(), "{namespace:?} {name:?}");
    if let (Some(tag), Some((page, named))) = (found, expected) {
        assert_eq!(tag.page(), page.number());
        let row = |row: &TagInfo| {
            let fits =
                if named { alike(row.name) } else { row.aliases.iter().any(|alias| alike(alias)) };
            fits && row.token & 0x3F == tag.token()
        };
        assert!(page.tags().iter().any(row), "{namespace:?} {name:?}");
    }
}

/// A document of a table of one's own is named by it, also in XML.
fn in_a_document(tag: Tag, text: &[u8]) {
    let text: String = String::from_utf8_lossy(text).replace('\0', "0");
    let mut encoder = wbxml::Encoder::new();
    encoder.leaf(tag, &text);
    let Ok(bytes) = encoder.finish() else { return };
    let options = Options { table: &OWN, ..Options::default() };
    let tree = Tree::decode(&bytes, &options);
    assert_eq!(tree.is_ok(), OWN.info(tag).is_some());
    if let Ok(tree) = tree {
        assert_eq!(tree.root().name(), OWN.info(tag).map(|row| row.name));
        let written = xml::to_string(&tree);
        let name = tree.root().name().unwrap_or_default();
        // Names that stand twice, or are none in XML, do not come back as the same tag.
        if OWN.find(&namespace(tag), name) == Some(tag) && !name.is_empty() {
            assert_eq!(xml::from_str_with(&written, &options).expect("written XML"), tree);
        }
    }
}

fn namespace(tag: Tag) -> String {
    OWN.page(tag.page()).map_or(String::new(), |page| page.namespace().to_owned())
}
