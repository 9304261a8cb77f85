//! Reading and writing bodies: the few shapes that all commands share.

use std::sync::Arc;

use wbxml::{Encoder, Mode, Node, Options, Tag, Tree};

use crate::ProtocolError;

/// Decodes a body; general mode, so that a server with a string table is still understood. What MS-ASWBXML forbids is
/// for the codec's strict mode and lint to say, not for the commands.
pub(crate) fn tree(body: &[u8]) -> Result<Tree, ProtocolError> {
    Ok(Tree::decode(body, &Options { mode: Mode::General, ..Options::default() })?)
}

/// The root, which must be `tag`.
pub(crate) fn root(tree: &Tree, tag: Tag) -> Result<Node<'_>, ProtocolError> {
    let root = tree.root();
    if root.tag() == tag {
        return Ok(root);
    }
    Err(structure(root, format!("expected {tag}, found {}", root.tag())))
}

pub(crate) fn structure(node: Node<'_>, what: String) -> ProtocolError {
    ProtocolError::Structure { what, offset: node.offset() }
}

/// Text of an element, empty when it has none.
pub(crate) fn text(node: Node<'_>) -> Arc<str> {
    node.text().map_or_else(|| Arc::from(""), |text| Arc::from(&*text))
}

/// Text of a child, if the child is there.
pub(crate) fn child_text(node: Node<'_>, tag: Tag) -> Option<Arc<str>> {
    node.child(tag).map(text)
}

/// Text of a child that must be there.
pub(crate) fn need_text(node: Node<'_>, tag: Tag) -> Result<Arc<str>, ProtocolError> {
    child_text(node, tag).ok_or_else(|| structure(node, format!("{} lacks {tag}", node.tag())))
}

/// A number in an element.
pub(crate) fn number<T: std::str::FromStr>(node: Node<'_>) -> Result<T, ProtocolError> {
    let text = text(node);
    let parsed = text.trim().parse();
    parsed.map_err(|_| structure(node, format!("{} is no number: {text:?}", node.tag())))
}

/// A number in a child, if the child is there.
pub(crate) fn child_number<T: std::str::FromStr>(
    node: Node<'_>,
    tag: Tag,
) -> Result<Option<T>, ProtocolError> {
    node.child(tag).map(number).transpose()
}

/// A boolean child. Present and empty counts as true, as for GetChanges and DeletesAsMoves (MS-ASCMD R3127, R2158).
pub(crate) fn child_bool(node: Node<'_>, tag: Tag) -> Result<Option<bool>, ProtocolError> {
    let Some(child) = node.child(tag) else { return Ok(None) };
    match text(child).trim() {
        "" | "1" => Ok(Some(true)),
        "0" => Ok(Some(false)),
        other => Err(structure(child, format!("{tag} is no boolean: {other:?}"))),
    }
}

/// Writes `<tag>text</tag>` if there is a text.
pub(crate) fn leaf_if(out: &mut Encoder, tag: Tag, text: Option<&str>) {
    if let Some(text) = text {
        out.leaf(tag, text);
    }
}

/// Writes a number.
pub(crate) fn leaf_number(out: &mut Encoder, tag: Tag, number: impl Into<u64>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = number.into();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.leaf(tag, std::str::from_utf8(&digits[at..]).unwrap_or("0"));
}

/// Writes a number if there is one.
pub(crate) fn leaf_number_if(out: &mut Encoder, tag: Tag, number: Option<impl Into<u64>>) {
    if let Some(number) = number {
        leaf_number(out, tag, number);
    }
}

/// Writes a boolean if there is one.
pub(crate) fn leaf_bool_if(out: &mut Encoder, tag: Tag, value: Option<bool>) {
    leaf_if(out, tag, value.map(|value| if value { "1" } else { "0" }));
}
