//! A document as XML.

use std::borrow::Cow;

use wbxml::{Error, Tree, xml};

use super::document::{Marks, Show};
use super::{Style, Terminal, text};
use crate::explain;

/// Prints the document, indented; with the meaning of values as comments beside them, which
/// `lostmail encode` leaves out again.
pub(super) fn print(show: &Show, bytes: &[u8], terminal: &mut Terminal) -> Result<Marks, Error> {
    let tree = Tree::decode(bytes, &show.options)?;
    let mut printed = String::new();
    xml::write(&tree, xml::Style::Indented, &mut printed);
    if show.explain || show.colour {
        printed = decorated(&printed, show.explain, show.colour);
    }
    if terminal.is_terminal() {
        terminal.print(&text::safe_lines(&printed));
    } else {
        terminal.print(&printed);
    }
    let mut marks = Marks::default();
    for damage in tree.damage() {
        marks.add(damage.kind, damage.offset);
    }
    Ok(marks)
}

/// An element that is open while its XML is read again.
struct Open<'x> {
    name: &'x str,
    namespace: &'x str,
    /// Where its text would begin, while it has no child.
    text: Option<usize>,
}

/// XML of the codec, with comments and colour.
///
/// The text is our own, so it can be read without a parser: `<` and `>` stand only at tags, no
/// comment and no CDATA section is in it.
fn decorated(xml: &str, explain: bool, colour: bool) -> String {
    let mut out = String::with_capacity(xml.len() * 2);
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut rest = 0;
    while let Some(start) = xml[rest..].find('<').map(|at| rest + at) {
        let Some(end) = xml[start..].find('>').map(|at| start + at + 1) else { break };
        let value = &xml[rest..start];
        out.push_str(&if value.trim().is_empty() {
            Cow::Borrowed(value)
        } else {
            Cow::Owned(Style::Value.paint(value, colour))
        });
        let tag = &xml[start..end];
        out.push_str(&Style::Name.paint(tag, colour));
        rest = end;
        if tag.starts_with("<?") {
            continue;
        }
        if tag.starts_with("</") {
            let meaning = meaning(&open, xml, start).filter(|_| explain);
            open.pop();
            if let Some(meaning) = meaning {
                out.push(' ');
                out.push_str(&Style::Note.paint(&format!("<!-- {meaning} -->"), colour));
            }
            continue;
        }
        let inherited = open.last().map_or("", |element| element.namespace);
        if let Some(parent) = open.last_mut() {
            parent.text = None;
        }
        if !tag.ends_with("/>") {
            let name = tag[1..].split([' ', '>']).next().unwrap_or_default();
            let declared = tag.split_once(" xmlns=\"").and_then(|(_, rest)| rest.split('"').next());
            let namespace = declared.unwrap_or(inherited);
            open.push(Open { name, namespace, text: Some(end) });
        }
    }
    out.push_str(&xml[rest..]);
    out
}

/// What the text of the innermost element means.
fn meaning(open: &[Open<'_>], xml: &str, end: usize) -> Option<String> {
    let (element, around) = open.split_last()?;
    let value = &xml[element.text?..end];
    // No value with a meaning holds a reference, or spans lines.
    if value.is_empty() || value.len() > 200 || value.contains(['&', '\n']) {
        return None;
    }
    let root = open.first()?.name;
    let parent = around.last().map_or("", |parent| parent.name);
    explain::value(root, parent, element.namespace, element.name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Sync xmlns=\"AirSync\">\n  \
        <Status>3</Status>\n  <Subject xmlns=\"Email\">1</Subject>\n  <MoreAvailable/>\n  \
        <Read xmlns=\"Email\">0</Read>\n  <Status>1</Status>\n</Sync>\n";

    #[test]
    fn meanings_become_comments_that_xml_can_hold() {
        let explained = decorated(XML, true, false);
        assert!(explained.contains("<Status>3</Status> <!-- invalid synchronization key"));
        assert!(explained.contains("<Read xmlns=\"Email\">0</Read> <!-- unread -->\n"));
        assert!(explained.contains("<Subject xmlns=\"Email\">1</Subject>\n"));
        assert!(explained.contains("<Status>1</Status> <!-- success -->\n"));
        let comments = explained.split("<!--").skip(1).map(|rest| rest.split("-->").next());
        assert!(comments.flatten().all(|comment| !comment.contains("--")));
    }

    #[test]
    fn without_decoration_nothing_changes() {
        assert_eq!(decorated(XML, false, false), XML);
        assert_eq!(decorated("", true, true), "");
    }
}
