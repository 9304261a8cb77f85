//! A document as a list of items that keep their bytes: what is not edited is written as it was.

use activesync_generator::wire;
use std::borrow::Cow;
use std::ops::Range;
use wbxml::{ACTIVE_SYNC, Charset, Options, Token, Tokens};

/// What an item is; a tag knows its page, as far as it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// SWITCH_PAGE. One that a tag needs is written also where there is none.
    Switch,
    /// A tag with the content bit; a LITERAL has no page.
    Open(Option<u8>),
    /// A tag without content.
    Leaf(Option<u8>),
    /// END of an element.
    Close,
    Text,
    Opaque,
    TableText,
    Entity,
    /// An extension or a processing instruction, to its END.
    Other,
}

impl Kind {
    pub(super) fn is_value(self) -> bool {
        matches!(self, Self::Text | Self::Opaque | Self::TableText | Self::Entity)
    }
}

/// A token with its bytes; a tag with all its attributes.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    pub(super) kind: Kind,
    pub(super) bytes: Cow<'a, [u8]>,
}

impl Item<'static> {
    pub(super) fn new(kind: Kind, bytes: Vec<u8>) -> Self {
        Self { kind, bytes: Cow::Owned(bytes) }
    }

    /// A tag of a page, without its bits.
    pub(super) fn tag(page: u8, token: u8, content: bool) -> Self {
        if content {
            Self::new(Kind::Open(Some(page)), vec![token | wbxml::token::CONTENT_BIT])
        } else {
            Self::new(Kind::Leaf(Some(page)), vec![token])
        }
    }

    pub(super) fn close() -> Self {
        Self::new(Kind::Close, vec![wbxml::token::END])
    }

    pub(super) fn opaque(data: &[u8], padding: u8) -> Self {
        let mut bytes = vec![wbxml::token::OPAQUE];
        wire::integer(u32::try_from(data.len()).unwrap_or(u32::MAX), padding, &mut bytes);
        bytes.extend_from_slice(data);
        Self::new(Kind::Opaque, bytes)
    }

    /// STR_T or ENTITY.
    pub(super) fn integer(kind: Kind, value: u32, padding: u8) -> Self {
        let token = if kind == Kind::Entity { wbxml::token::ENTITY } else { wbxml::token::STR_T };
        let mut bytes = vec![token];
        wire::integer(value, padding, &mut bytes);
        Self::new(kind, bytes)
    }
}

impl Item<'_> {
    pub(super) fn into_owned(self) -> Item<'static> {
        Item { kind: self.kind, bytes: Cow::Owned(self.bytes.into_owned()) }
    }

    /// The integer behind the token, and the bytes behind that.
    pub(super) fn number(&self) -> (u32, &[u8]) {
        let rest = self.bytes.get(1..).unwrap_or_default();
        let len = rest.iter().position(|byte| byte & 0x80 == 0).map_or(rest.len(), |at| at + 1);
        let (integer, rest) = rest.split_at(len);
        let push = |value: u32, byte: &u8| value << 7 | u32::from(byte & 0x7F);
        (integer.iter().fold(0, push), rest)
    }
}

/// A document, whole or not: elements that lack their END have one of no bytes here.
#[derive(Clone, Debug)]
pub(super) struct Document<'a> {
    pub(super) version: u8,
    /// As it is written.
    pub(super) public_id: Cow<'a, [u8]>,
    pub(super) charset: u32,
    pub(super) table: Cow<'a, [u8]>,
    /// Bytes that the charset and the length of the table have more than they need.
    pub(super) padding: [u8; 2],
    pub(super) items: Vec<Item<'a>>,
    /// Whether general mode has nothing against it.
    pub(super) whole: bool,
}

impl<'a> Document<'a> {
    /// Reads a document as far as its header can be read; what follows the last token that can be
    /// read is the last item.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        Self::read_as(bytes, false)
    }

    /// Reads what is left of a document without what is wrong with it.
    pub(super) fn heal(bytes: &'a [u8]) -> Option<Self> {
        Self::read_as(bytes, true)
    }

    fn read_as(bytes: &'a [u8], heal: bool) -> Option<Self> {
        let mut tokens = Tokens::new(bytes, &Options::forensic());
        let mut document = Self::header(&mut tokens, bytes, heal)?;
        let mut depth = 0_usize;
        while let Some(spanned) = tokens.next().ok()? {
            let damaged = spanned.damage.is_some();
            document.whole &= !damaged;
            let kind = kind(&spanned.token);
            let mut span = spanned.span;
            if lists(&spanned.token) {
                // An item ends where its attributes do.
                let start = span.end;
                for listed in tokens.by_ref().map_while(Result::ok) {
                    span.end = listed.span.end;
                    if matches!(listed.token, Token::EndAttributes | Token::Garbage(_)) {
                        break;
                    }
                }
                if heal {
                    span.end = start;
                }
            }
            let mut item = Item { kind, bytes: bytes[span].into() };
            if heal {
                let Some(healed) = document.healed(item, damaged) else { continue };
                item = healed;
            }
            match item.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            let root_ends = depth == 0 && matches!(item.kind, Kind::Close | Kind::Leaf(_));
            document.items.push(item);
            if heal && root_ends {
                break;
            }
        }
        let end = if heal { Item::close() } else { Item::new(Kind::Close, Vec::new()) };
        document.items.extend(std::iter::repeat_n(end, depth));
        if heal && document.elements().is_empty() {
            document.items.push(Item::tag(0, 0x05, false));
        }
        Some(document)
    }

    fn header(tokens: &mut Tokens<'a>, bytes: &'a [u8], heal: bool) -> Option<Self> {
        let header = *tokens.header();
        let mut document = Self {
            version: header.version,
            public_id: Cow::Borrowed(&[1]),
            charset: header.charset,
            table: header.string_table.into(),
            padding: [0; 2],
            items: Vec::new(),
            whole: true,
        };
        while let Some(spanned) = tokens.next().ok()? {
            let damaged = spanned.damage.is_some();
            document.whole &= !damaged;
            match spanned.token {
                Token::Version(_) if heal && damaged => document.version = 3,
                Token::PublicId(_) | Token::PublicIdIndex(_) if !(heal && damaged) => {
                    document.public_id = bytes[spanned.span].into();
                }
                Token::Charset(_) if heal && damaged => document.charset = 106,
                Token::Charset(charset) => {
                    document.padding[0] = longer(charset, spanned.span.len());
                }
                Token::StringTable(table) => {
                    let len = u32::try_from(table.len()).ok()?;
                    document.padding[1] = longer(len, spanned.span.len() - table.len());
                    return Some(document);
                }
                Token::Garbage(_) => return None,
                _ => {}
            }
        }
        None
    }

    /// An item as general mode takes it; `None` where there is nothing to be saved.
    fn healed(&self, item: Item<'a>, damaged: bool) -> Option<Item<'a>> {
        let inside = self.items.iter().any(|item| matches!(item.kind, Kind::Open(_)));
        match item.kind {
            Kind::Close => inside.then_some(item),
            Kind::Other => None,
            Kind::Open(page) | Kind::Leaf(page) if damaged => {
                let page = page.unwrap_or_else(|| self.page_at(self.items.len()));
                let page = ACTIVE_SYNC.page(page).or(ACTIVE_SYNC.page(0))?;
                let token = item.bytes.first()? & 0x3F;
                let tags = page.tags();
                let token = match page.info(token) {
                    Some(info) => info.token,
                    None => tags.get(usize::from(token) % tags.len())?.token,
                };
                Some(Item::tag(page.number(), token, matches!(item.kind, Kind::Open(_))))
            }
            Kind::Open(_) | Kind::Leaf(_) => Some(item),
            Kind::Switch => (!damaged).then_some(item),
            _ if !inside => None,
            Kind::Text if damaged => {
                Some(self.text_item(&String::from_utf8_lossy(item.bytes.get(1..)?)))
            }
            Kind::TableText | Kind::Entity if damaged => Some(self.text_item("")),
            _ => Some(item),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = vec![self.version];
        out.extend_from_slice(&self.public_id);
        if self.version > 0 {
            wire::integer(self.charset, self.padding[0], &mut out);
        }
        let len = u32::try_from(self.table.len()).unwrap_or(u32::MAX);
        wire::integer(len, self.padding[1], &mut out);
        out.extend_from_slice(&self.table);
        let mut page = 0;
        for item in &self.items {
            match item.kind {
                Kind::Switch => page = item.bytes.get(1).copied().unwrap_or(page),
                Kind::Open(Some(own)) | Kind::Leaf(Some(own)) if own != page => {
                    out.extend_from_slice(&[wbxml::token::SWITCH_PAGE, own]);
                    page = own;
                }
                _ => {}
            }
            out.extend_from_slice(&item.bytes);
        }
        out
    }

    /// Takes out what the version does not have.
    pub(super) fn settle(&mut self) {
        if self.version < 2 {
            self.items.retain(|item| item.kind != Kind::Switch);
            for item in &mut self.items {
                if let Kind::Open(Some(page @ 1..)) | Kind::Leaf(Some(page @ 1..)) = &mut item.kind
                {
                    *page = 0;
                    let first = &mut item.bytes.to_mut()[0];
                    if ACTIVE_SYNC.page(0).is_none_or(|page| page.info(*first & 0x3F).is_none()) {
                        *first = *first & 0xC0 | 0x05;
                    }
                }
            }
        }
        if self.version == 0 {
            for index in 0..self.items.len() {
                if self.items[index].kind == Kind::Opaque {
                    let data = self.items[index].number().1;
                    let text = String::from_utf8_lossy(data).replace('\0', "0");
                    self.items[index] = self.text_item(&text);
                }
            }
        }
    }

    /// The elements, the root first, each as a range of items.
    pub(super) fn elements(&self) -> Vec<Range<usize>> {
        let mut elements = Vec::new();
        let mut open = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            match item.kind {
                Kind::Open(_) => {
                    open.push(elements.len());
                    elements.push(index..index);
                }
                Kind::Leaf(_) => elements.push(index..index + 1),
                Kind::Close => {
                    if let Some(element) = open.pop() {
                        elements[element].end = index + 1;
                    }
                }
                _ => {}
            }
        }
        elements
    }

    /// Levels; an element without content counts as one.
    pub(super) fn depth(&self) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0);
        for item in &self.items {
            match item.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Leaf(_) => deepest = deepest.max(depth + 1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest
    }

    /// The page in force before an item.
    pub(super) fn page_at(&self, index: usize) -> u8 {
        let before = self.items.iter().take(index).rev();
        let page = |item: &Item<'_>| match item.kind {
            Kind::Switch => item.bytes.get(1).copied(),
            Kind::Open(page) | Kind::Leaf(page) => page,
            _ => None,
        };
        before.into_iter().find_map(page).unwrap_or(0)
    }

    /// The text of an item, as far as it is one.
    pub(super) fn text(&self, item: &Item<'_>) -> Option<String> {
        let charset = Charset::from_mib(self.charset)?;
        match item.kind {
            Kind::Text => {
                let terminator = if wire::wide(self.charset) { 2 } else { 1 };
                let end = item.bytes.len().checked_sub(terminator)?;
                charset.decode(item.bytes.get(1..end)?).map(Cow::into_owned)
            }
            Kind::TableText => self.table_text(item.number().0),
            Kind::Entity => char::from_u32(item.number().0).map(String::from),
            Kind::Opaque => String::from_utf8(item.number().1.to_vec()).ok(),
            _ => None,
        }
    }

    pub(super) fn table_text(&self, index: u32) -> Option<String> {
        let rest = self.table.get(usize::try_from(index).ok()?..)?;
        let end = if wire::wide(self.charset) {
            2 * rest.chunks_exact(2).position(|pair| pair == [0, 0])?
        } else {
            rest.iter().position(|&byte| byte == 0)?
        };
        Charset::from_mib(self.charset)?.decode(&rest[..end]).map(Cow::into_owned)
    }

    /// Text as an inline string in the charset of the document.
    pub(super) fn text_item(&self, text: &str) -> Item<'static> {
        let text = wire::encoded(self.charset, &text.replace('\0', "0"));
        Item::new(Kind::Text, [&[wbxml::token::STR_I], &*text].concat())
    }

    /// The index of a text in the table, into which it is put where it is not there yet.
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        let bytes = wire::encoded(self.charset, &text.replace('\0', "0"));
        let unit = if wire::wide(self.charset) { 2 } else { 1 };
        let mut starts = (0..self.table.len()).step_by(unit);
        let at = starts.find(|&at| self.table[at..].starts_with(&bytes)).unwrap_or_else(|| {
            let at = self.table.len();
            self.table.to_mut().extend_from_slice(&bytes);
            at
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// Items of another document as they have to be written in this one.
    pub(super) fn adopt(&self, other: &Document<'_>, items: Range<usize>) -> Vec<Item<'static>> {
        let items = other.items.get(items).unwrap_or_default();
        let adopted = items.iter().map(|item| match item.kind {
            Kind::Text if other.charset == self.charset => item.clone().into_owned(),
            Kind::Text | Kind::TableText => self.text_item(&other.text(item).unwrap_or_default()),
            _ => item.clone().into_owned(),
        });
        adopted.collect()
    }
}

/// What item a token of the body begins.
fn kind(token: &Token<'_>) -> Kind {
    let tag = |content, page| if content { Kind::Open(page) } else { Kind::Leaf(page) };
    match *token {
        Token::SwitchPage(_) => Kind::Switch,
        Token::Tag { tag: name, content, .. } => tag(content, Some(name.page())),
        Token::LiteralTag { content, .. } => tag(content, None),
        Token::End => Kind::Close,
        Token::InlineString(_) => Kind::Text,
        Token::TableString(_) => Kind::TableText,
        Token::Entity(_) => Kind::Entity,
        Token::Opaque(_) => Kind::Opaque,
        _ => Kind::Other,
    }
}

/// Whether attributes follow a token.
fn lists(token: &Token<'_>) -> bool {
    match token {
        Token::Tag { attributes, .. } | Token::LiteralTag { attributes, .. } => *attributes,
        token => *token == Token::ProcessingInstruction,
    }
}

/// Bytes that an integer has more than it needs.
fn longer(value: u32, len: usize) -> u8 {
    let mut shortest = Vec::new();
    wire::integer(value, 0, &mut shortest);
    u8::try_from(len.saturating_sub(shortest.len())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wbxml::Decoder;

    const WHOLE: &[&[u8]] = &[
        b"\x03\x01\x6a\x00\x05",
        // Needless switches, empty forms, integers longer than they have to be.
        b"\x03\x81\x01\x80\x6a\x80\x00\x00\x00\x45\x00\x02\x00\x00\x4b\x03\x00\x01\x54\x01\xc3\x80\x80\x01x\x01",
        // A public id in the table, a reference into it, an entity.
        b"\x02\x00\x01\x6a\x05\0abc\0\x45\x83\x02\x02\x81\x20\x01",
        // UTF-16, version 1.0.
        b"\x03\x01\x87\x75\x00\x45\x03\0a\x01\x00\0\0\x01",
        b"\x00\x01\x00\x45\x03a\0\x01",
    ];

    const REFUSED: &[&[u8]] = &[
        // Attributes, literals, extensions, processing instructions before and behind the root.
        b"\x03\x01\x6a\x02n\0\x43\x05\x03v\0\x01\xc5\x06\x85\x03v\0\x01\x84\x00\x05\x01\x44\x00\x01\xc0\x80\x07\x40v\0\x01\x43\x05\x01",
        // Nothing, too little, too much.
        b"\x03\x01\x6a\x00",
        b"\x03\x01\x6a\x00\x45\x4b\x03a",
        b"\x03\x01\x6a\x00\x45\xc5\x06",
        b"\x03\x01\x6a\x00\x45\x01\x01\x05tail",
        b"\x03\x01\x6a\x00\x45\xc3\x8f\xff\xff\xff\x7f\x01",
        // Pages, tags, entities, texts, references, versions and charsets that do not exist.
        b"\x03\x01\x6a\x00\x45\x00\x80\x7f\x03x\0\x01\x3f\x01",
        b"\x03\x01\x6a\x00\x45\x02\x00\x03\xff\xfe\0\x83\x07\x01",
        b"\x04\x01\x6a\x00\x45\x03x\0\x01",
        b"\x03\x00\x05\x09\x00\x45\x03x\0\x01",
        // Values and an END outside the root, an opaque in version 1.0, a switch in 1.1.
        b"\x03\x01\x6a\x00\x03x\0\x01\x05",
        b"\x00\x01\x00\x45\xc3\x01x\x01",
        b"\x01\x01\x6a\x00\x00\x02\x45\x01",
    ];

    #[test]
    fn what_is_not_edited_is_written_as_it_was() {
        for (whole, documents) in [(true, WHOLE), (false, REFUSED)] {
            for &bytes in documents {
                let document = Document::read(bytes).unwrap();
                assert_eq!(document.bytes(), bytes);
                assert_eq!(document.whole, whole, "{bytes:02x?}");
            }
        }
    }

    #[test]
    fn what_is_refused_is_healed_and_nothing_else() {
        for &bytes in WHOLE {
            assert_eq!(Document::heal(bytes).unwrap().bytes(), bytes);
        }
        for &bytes in REFUSED {
            let mut document = Document::heal(bytes).unwrap();
            document.settle();
            let healed = document.bytes();
            let error = Decoder::new(&healed, &Options::general()).find_map(Result::err);
            assert!(error.is_none(), "{bytes:02x?} {healed:02x?}: {error:?}");
        }
    }

    #[test]
    fn a_switch_is_written_where_a_tag_needs_it() {
        let bytes = b"\x03\x01\x6a\x00\x45\x00\x02\x0f\x01";
        let mut document = Document::read(bytes).unwrap();
        assert_eq!(document.elements(), [0..4, 2..3]);
        document.items.remove(1);
        assert_eq!(document.bytes(), bytes);
    }
}
