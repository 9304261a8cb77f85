//! Trees to bytes, without events in between.

use crate::Tag;
use crate::builder::{Kind, NONE, Raw};
use crate::header::ACTIVE_SYNC_HEADER;
use crate::token::{CONTENT_BIT, END, ENTITY, OPAQUE, STR_I, SWITCH_PAGE};
use crate::tree::Tree;
use crate::{mb_u32, scan};

/// Encodes a tree of one root without damage, whose tags all are tags; gives the buffer back where it is not that, and the
/// encoder of events must say what is wrong.
pub(crate) fn reencode(tree: &Tree, mut out: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
    let is_root = |root: &Raw| {
        // A tree without a root has one that is no tag.
        root.kind.is_element() && root.end(0) as usize == tree.nodes.len() && root.tag.token() >= 5
    };
    let whole = tree.damage.is_empty() && tree.nodes.first().is_some_and(is_root);
    if !whole {
        return Err(out);
    }
    out.clear();
    out.extend_from_slice(&ACTIVE_SYNC_HEADER);
    let mut page = 0;
    let (mut open, mut open_end) = (NONE, usize::MAX);
    for (index, raw) in tree.nodes.iter().enumerate() {
        while index >= open_end {
            (open, open_end) = close(tree, open, &mut out);
        }
        match raw.kind {
            Kind::Element | Kind::LeafText | Kind::LeafOpaque => {
                if raw.tag.page() != page {
                    page = raw.tag.page();
                    out.extend_from_slice(&[SWITCH_PAGE, page]);
                }
                match raw.kind {
                    Kind::LeafText => leaf_text(tree, raw, &mut out),
                    Kind::LeafOpaque => {
                        out.push(raw.tag.token() | CONTENT_BIT);
                        opaque(tree.bytes_of(raw), &mut out);
                        out.push(END);
                    }
                    _ => {
                        #[allow(clippy::cast_possible_truncation, reason = "nodes are below 4 G")]
                        let this = index as u32;
                        let end = raw.end(this) as usize;
                        let has_contents = end > index + 1;
                        element(raw.tag, raw.content || has_contents, &mut out);
                        if has_contents {
                            (open, open_end) = (this, end);
                        } else if raw.content {
                            out.push(END);
                        }
                    }
                }
            }
            Kind::Text => {
                out.push(STR_I);
                scan::push(tree.bytes_of(raw), &mut out);
                out.push(0);
            }
            Kind::Entity => {
                let text = scan::text(tree.bytes_of(raw)).unwrap_or_default();
                out.push(ENTITY);
                mb_u32::write(text.chars().next().unwrap_or_default().into(), &mut out);
            }
            Kind::Opaque => opaque(tree.bytes_of(raw), &mut out),
            Kind::Damage => return Err(out),
        }
    }
    while open != NONE {
        (open, _) = close(tree, open, &mut out);
    }
    Ok(out)
}

/// Ends an element; gives the one around it and where that ends.
#[inline]
fn close(tree: &Tree, open: u32, out: &mut Vec<u8>) -> (u32, usize) {
    out.push(END);
    let parent = tree.nodes[open as usize].parent();
    tree.nodes
        .get(parent as usize)
        .map_or((NONE, usize::MAX), |raw| (parent, raw.end(parent) as usize))
}

#[inline]
fn element(tag: Tag, content: bool, out: &mut Vec<u8>) {
    out.push(tag.token() | if content { CONTENT_BIT } else { 0 });
}

/// Texts in a tree hold no NUL: they were ended by one, or checked when they were read from XML.
#[inline]
fn leaf_text(tree: &Tree, raw: &Raw, out: &mut Vec<u8>) {
    out.extend_from_slice(&[raw.tag.token() | CONTENT_BIT, STR_I]);
    let range = raw.range();
    let padded = tree.store.get(range.start..).and_then(<[u8]>::first_chunk::<32>);
    match padded {
        Some(padded) if range.len() <= 32 => {
            let end = out.len() + range.len();
            out.extend_from_slice(padded);
            out.truncate(end);
        }
        _ => out.extend_from_slice(&tree.store[range]),
    }
    out.extend_from_slice(&[0, END]);
}

#[inline]
fn opaque(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(OPAQUE);
    // Values of a tree are below 4 GiB.
    mb_u32::write(u32::try_from(bytes.len()).unwrap_or(u32::MAX), out);
    scan::push(bytes, out);
}
