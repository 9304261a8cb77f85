//! Tables of one's own.

use wbxml::{
    ACTIVE_SYNC, CodePage, Content, ErrorKind, Options, Status, Table, Tag, TagInfo, Tree, tags,
};

/// Names whose first, middle and last characters and lengths are the same, an empty name, and names
/// that differ by case.
static ALIKE: [TagInfo; 6] = [
    TagInfo::new(0x05, ""),
    TagInfo::new(0x06, "xabcy"),
    TagInfo::new(0x07, "xzbzy"),
    TagInfo::new(0x08, "XABCY"),
    TagInfo::new(0x09, "xqbqy"),
    TagInfo { aliases: &["old", "older"], ..TagInfo::new(0x0A, "new") },
];

/// Tokens that are none, and one that stands twice.
static ODD: [TagInfo; 5] = [
    TagInfo::new(0x04, "global"),
    TagInfo::new(0x40, "beyond"),
    TagInfo::new(0x3F, "first"),
    TagInfo::new(0x3F, "second"),
    TagInfo::new(0x05, "least"),
];

static OWN: Table = Table::new(&[
    CodePage::new(0, "", &ALIKE),
    CodePage::new(1, "xabcy", &ODD),
    CodePage::new(2, "xzbzy", &ALIKE),
    CodePage::new(3, "xqbqy", &ODD),
    CodePage::new(255, "last", &ALIKE),
    CodePage::new(2, "again", &ODD),
]);

#[test]
fn names_that_look_alike_to_the_hash_are_told_apart() {
    for page in OWN.pages() {
        assert_eq!(OWN.find_page(page.namespace()).unwrap().number(), page.number());
        assert_eq!(
            OWN.find_page(&format!("{}:", page.namespace())).unwrap().number(),
            page.number()
        );
    }
    assert!(OWN.find_page("xwbwy").is_none() && OWN.find_page("nope").is_none());
    let page = OWN.page(0).unwrap();
    for (name, token) in [
        ("", 5),
        ("xabcy", 6),
        ("XabcY", 6),
        ("xzbzy", 7),
        ("xqbqy", 9),
        ("NEW", 10),
        ("Older", 10),
    ] {
        assert_eq!(page.find(name), Some(Tag::new(0, token)), "{name}");
    }
    assert_eq!(page.find("xwbwy"), None);
}

#[test]
fn the_later_row_counts_and_odd_tokens_are_never_found() {
    let page = OWN.page(1).unwrap();
    assert_eq!(page.info(0x3F).unwrap().name, "second");
    assert_eq!(page.info(0x05).unwrap().name, "least");
    for token in [0, 4, 6, 0x3E, 0x40, 0x45, 0x7F, 0x85, 0xFF] {
        assert_eq!(page.info(token), None, "{token:#x}");
    }
    assert_eq!(OWN.page(2).unwrap().namespace(), "again");
    assert_eq!(OWN.page(255).unwrap().namespace(), "last");
    assert!(OWN.page(4).is_none() && OWN.page(254).is_none());
}

#[test]
fn a_row_of_which_only_the_name_is_known() {
    let row = TagInfo::new(0x11, "a");
    assert_eq!((row.token, row.name, row.versions), (0x11, "a", ""));
    assert_eq!((row.content, row.status), (Content::Unknown, Status::Current));
    assert!(row.aliases.is_empty());
}

/// More rows and pages than a hash has slots for are still found.
#[allow(clippy::cast_possible_truncation, reason = "below 128")]
static MANY: [TagInfo; 130] = {
    const NAMES: &str = "aabacadaeafagahaiajakalamanaoapaqarasatauavawaxayazbabbbcbdbebfbgbhbibj\
        bkblbmbnbobpbqbrbsbtbubvbwbxbybzcacbcccdcecfcgchcicjckclcmcncocpcqcrcsctcucvcwcxcyczdadbdcdd\
        dedfdgdhdidjdkdldmdndodpdqdrdsdtdudvdwdxdydzeaebecedeeefegeheiejekelemeneoepeqereseteuevewex\
        eyezfa";
    let mut rows = [TagInfo::new(0x05, "name"); 130];
    let mut row = 0;
    while row < 130 {
        let (_, rest) = NAMES.split_at(2 * (row % 128));
        let (name, _) = rest.split_at(2);
        rows[row] = TagInfo::new(0x05 + (row % 0x3B) as u8, name);
        row += 1;
    }
    rows
};

#[allow(clippy::cast_possible_truncation, reason = "below 128")]
static CROWD: [CodePage; 100] = {
    let mut pages = [CodePage::new(0, "zero", &MANY); 100];
    let mut page = 0;
    while page < 100 {
        pages[page] = CodePage::new(page as u8, MANY[page].name, &MANY);
        page += 1;
    }
    pages
};

static CROWDED: Table = Table::new(&CROWD);

#[test]
fn more_rows_than_the_hash_has_room_for_are_found() {
    for (at, page) in CROWDED.pages().iter().enumerate() {
        assert_eq!(usize::from(CROWDED.find_page(page.namespace()).unwrap().number()), at);
        assert_eq!(CROWDED.page(page.number()).unwrap().namespace(), page.namespace());
    }
    let page = CROWDED.page(7).unwrap();
    for row in &MANY[..128] {
        assert_eq!(page.find(row.name), Some(Tag::new(7, row.token)), "{}", row.name);
        assert_eq!(CROWDED.find(MANY[7].name, row.name).map(Tag::token), Some(row.token));
    }
}

#[test]
fn a_document_of_a_table_of_ones_own() {
    let options = Options { table: &OWN, ..Options::default() };
    let tree = Tree::decode(b"\x03\x01\x6a\x00\x47\x00\x01\x3f\x01", &options).unwrap();
    assert_eq!(tree.root().name(), Some("xzbzy"));
    assert_eq!(tree.root().children().next().unwrap().name(), Some("second"));
    assert!(Tree::decode(b"\x03\x01\x6a\x00\x0b", &options).is_err());
    assert!(std::ptr::eq(tree.table(), &raw const OWN));
    #[cfg(feature = "xml")]
    {
        use wbxml::xml;
        let text = xml::to_string(&tree);
        assert!(text.ends_with("<xzbzy xmlns=\"\"><second xmlns=\"xabcy\"/></xzbzy>"), "{text}");
        let text = "<second xmlns='xabcy'><least/><again:least xmlns:again='again'/></second>";
        let tree = xml::from_str_with(text, &options).unwrap();
        assert_eq!(xml::from_str_with(&xml::to_string(&tree), &options).unwrap(), tree);
    }
}

#[test]
fn tags_of_the_built_in_table_know_their_names() {
    let tag = tags::email2::CONVERSATION_ID;
    assert_eq!((tag.page(), tag.token(), tag.name()), (22, 0x09, Some("ConversationId")));
    assert_eq!(tag.namespace(), Some("Email2"));
    assert_eq!(
        (tag.to_string(), format!("{tag:?}")),
        ("Email2:ConversationId".into(), "Email2:ConversationId".into())
    );
    assert_eq!(Tag::from_name("EMAIL2:", "conversationid"), Some(tag));
    assert_eq!(
        ACTIVE_SYNC.pages().len(),
        ACTIVE_SYNC
            .pages()
            .iter()
            .filter(|page| { std::ptr::eq(*page, ACTIVE_SYNC.page(page.number()).unwrap()) })
            .count()
    );
    assert_eq!(Tag::new(0x40, 0x0a).namespace(), None);
}

#[test]
fn a_page_without_tags_can_be_switched_to() {
    static TABLE: Table = Table::new(&[
        CodePage::new(0, "Zero", &[TagInfo::new(0x05, "root")]),
        CodePage::new(1, "One", &[]),
    ]);
    let options = Options { table: &TABLE, ..Options::general() };
    assert!(Tree::decode(b"\x03\x01\x6a\0\x45\0\x01\0\0\x05\x01", &options).is_ok());
    let error = Tree::decode(b"\x03\x01\x6a\0\x45\0\x02\x01", &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownPage(2));
    let error = Tree::decode(b"\x03\x01\x6a\0\x45\0\x01\x05\x01", &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownTag { page: 1, token: 5 });
}
