//! Start tags that have nothing unusual: nearly all of them.

use super::NAMESPACE;
use super::characters::PLAIN;
use crate::Tag;
use crate::table::{CodePage, Table};

/// How the content of an element is to be taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Escaped,
    Opaque,
    Base64,
}

/// A start tag that has nothing but a name of the table, perhaps a default namespace, and perhaps
/// the mark of base64.
pub(super) struct Plain<'x> {
    pub(super) tag: Tag,
    pub(super) name: &'x str,
    /// The page of the namespace that it declares.
    pub(super) page: Option<&'static CodePage>,
    pub(super) form: Form,
    /// Where its content begins.
    pub(super) inside: usize,
}

const XMLNS: &[u8] = b" xmlns=\"";
const BASE64: &[u8] = b" opaque=\"base64\"";

impl<'x> Plain<'x> {
    /// The start tag at `pos`, if it is such a one; `default` is the page whose namespace is in
    /// force.
    #[inline]
    pub(super) fn read(
        text: &'x str,
        pos: usize,
        table: &'static Table,
        default: impl FnOnce() -> Option<&'static CodePage>,
    ) -> Option<Self> {
        let plain = |from: usize| {
            let bytes = text.as_bytes().get(from..)?;
            let len = bytes.iter().position(|&byte| !PLAIN[usize::from(byte)])?;
            Some((&text[from..from + len], &bytes[len..]))
        };
        if text.as_bytes().get(pos) != Some(&b'<') {
            return None;
        }
        let (name, mut after) = plain(pos + 1)?;
        let mut end = pos + 1 + name.len();
        let mut page = None;
        if after.starts_with(XMLNS) {
            let (uri, rest) = plain(end + XMLNS.len())?;
            page = Some(table.find_page(uri).filter(|_| uri != NAMESPACE)?);
            after = rest.strip_prefix(b"\"")?;
            end += XMLNS.len() + uri.len() + 1;
        }
        let mut form = Form::Text;
        if let Some(rest) = after.strip_prefix(BASE64) {
            form = Form::Base64;
            after = rest;
            end += BASE64.len();
        }
        if after.first() != Some(&b'>') {
            return None;
        }
        let in_force = match page {
            Some(page) => page,
            None => default()?,
        };
        Some(Self { tag: in_force.find(name)?, name, page, form, inside: end + 1 })
    }
}

#[cfg(test)]
mod tests {
    use crate::tags::{air_sync, air_sync_base, email, email2};
    use crate::{Encoder, Options, Tree, xml};

    #[test]
    fn plain_tags_are_read_as_others_are() {
        let mut encoder = Encoder::new();
        encoder.start(air_sync::APPLICATION_DATA);
        for text in
            ["", "a", " a", " ", "a & b", "line\r\nline\r\n", "a\rb", "\u{1}", "é", "ｆｕｌｌ ]]"]
        {
            encoder.leaf(email::SUBJECT, text);
            encoder.leaf(air_sync::CLASS, &text.repeat(9));
            encoder.leaf_opaque(email2::CONVERSATION_ID, text.as_bytes());
            encoder.start(air_sync_base::BODY);
            encoder.leaf(air_sync_base::DATA, text);
            encoder.leaf_opaque(air_sync_base::DATA, &[0xFF, 0, 1]);
            encoder.empty(air_sync_base::PREVIEW);
            encoder.text(text);
            encoder.leaf(email::FROM, text);
            encoder.end();
        }
        encoder.end();
        let tree = Tree::decode(&encoder.finish().unwrap(), &Options::strict()).unwrap();
        let plain = xml::to_string(&tree);
        // A space before its end makes a tag unusual.
        let other = plain.replace("/>", "/\0").replace('>', " >").replace("/\0", " />");
        let other = other.replace("? >", "?>");
        let (plain, other) = (xml::from_str(&plain).unwrap(), xml::from_str(&other).unwrap());
        assert_eq!(plain, tree);
        assert_eq!(other, tree);
        assert_eq!(plain.node_count(), other.node_count());
        assert_eq!(plain.encode().unwrap(), other.encode().unwrap());
    }

    #[test]
    fn what_is_wrong_with_plain_tags_is_said() {
        for (text, error) in [
            (
                "<Ping xmlns=\"Ping\"><Status>1</Statu></Ping>",
                "end tag does not match the open element at offset 0x1c in Ping/Status",
            ),
            (
                "<Ping xmlns=\"Ping\"><Nothing>1</Nothing></Ping>",
                "unknown element \"Nothing\" at offset 0x13 in Ping",
            ),
            (
                "<Ping xmlns=\"Pong\"><Status>1</Status></Ping>",
                "unknown element \"{Pong}Ping\" at offset 0x0",
            ),
            ("<Ping xmlns=\"Ping\"/><Ping xmlns=\"Ping\">", "second root element at offset 0x14"),
            (
                "<Ping xmlns=\"Ping\"><Id opaque=\"base64\">A</Id></Ping>",
                "content is not base64 at offset 0x13 in Ping/Id",
            ),
            (
                "<Ping xmlns=\"Ping\"><Id opaque=\"base64\"><Id>A</Id></Id></Ping>",
                "element inside a value at offset 0x27 in Ping/Id",
            ),
            (
                "<Ping xmlns=\"Ping\"><Id>a]]></Id></Ping>",
                "XML is not well formed at offset 0x18 in Ping/Id",
            ),
            (
                "<Ping xmlns=\"Ping\"><Id>a&#13;b&nbsp;c</Id></Ping>",
                "reference is not to a character at offset 0x1e in Ping/Id",
            ),
        ] {
            assert_eq!(xml::from_str(text).unwrap_err().to_string(), error, "{text}");
        }
    }
}
