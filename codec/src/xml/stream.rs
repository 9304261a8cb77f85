//! Plain documents to XML text as they are read, without a tree.

use super::escape::{Bytes, Sink, short};
use super::write::{DECLARATION, back, into_string, opaque, text};
use crate::Tag;
use crate::fast::{Fast, Item, Unusual};
use crate::options::Options;
use crate::table::{CodePage, Markup, Piece, Table};
use crate::token::END;

/// Appends a document as compact XML; false, and nothing is appended, where it is not plain, and
/// where it is better written from its tree.
pub(super) fn decode(input: &[u8], options: &Options, out: &mut String) -> bool {
    if is_text(input) {
        return false;
    }
    let len = out.len();
    if out.capacity() - len < 2 * input.len() {
        // Of tags there is more in XML. What is still missing is found when it is.
        out.reserve(3 * input.len() + 256);
    }
    let mut bytes = Bytes::new(std::mem::take(out).into_bytes());
    let whole = Stream::new(options, &mut bytes).document(input, options).is_ok();
    if !whole {
        bytes.truncate(len);
    }
    *out = into_string(bytes);
    whole
}

/// Whether most of a document seems to be long texts, or texts that are not Latin.
fn is_text(input: &[u8]) -> bool {
    const SAMPLE: usize = 64;
    let (mut seen, mut ends, mut high) = (0, 0, 0);
    for sample in input.chunks(SAMPLE).step_by(1 + input.len() / (64 * SAMPLE)) {
        seen += sample.len();
        ends += memchr::memchr_iter(END, sample).count();
        high += sample.iter().filter(|byte| !byte.is_ascii()).count();
    }
    high > seen / 8 || ends < seen / 256
}

/// An open element.
struct Open {
    markup: &'static Markup,
    page: u8,
}

struct Stream<'o> {
    out: &'o mut Bytes,
    table: &'static Table,
    /// The code page of the last tag.
    page: Option<&'static CodePage>,
    open: Vec<Open>,
    /// Nodes that a tree could still have.
    nodes: usize,
}

impl<'o> Stream<'o> {
    fn new(options: &Options, out: &'o mut Bytes) -> Self {
        Self {
            out,
            table: options.table,
            page: None,
            open: Vec::with_capacity(16),
            nodes: options.limits.nodes,
        }
    }

    fn document(&mut self, input: &[u8], options: &Options) -> Result<(), Unusual> {
        let mut fast = Fast::new(input, options).ok_or(Unusual)?;
        self.out.push(DECLARATION);
        // Whether the last thing written is the start tag of an element that is still open.
        let mut fresh = false;
        while !fast.is_done() {
            match fast.next()? {
                Item::LeafText(tag, _, span) => {
                    let (start, markup) = self.tag(tag)?;
                    let range = span.start..span.start + span.len;
                    if let Some(value) = short(input, &range)
                        && !value[0].is_ascii_whitespace()
                    {
                        self.out.push_leaf(start, value, range.len(), &markup.end);
                    } else {
                        self.out.push_piece(start);
                        text(self.table, tag, input, range, self.out);
                        self.out.push_piece(&markup.end);
                    }
                    fresh = false;
                }
                Item::Open(tag, _) => {
                    let (start, markup) = self.tag(tag)?;
                    self.out.push_piece(start);
                    self.open.push(Open { markup, page: tag.page() });
                    fresh = true;
                }
                Item::Close => {
                    let open = self.open.pop().ok_or(Unusual)?;
                    if fresh {
                        back(self.out);
                        self.out.push("/>");
                    } else {
                        self.out.push_piece(&open.markup.end);
                    }
                    fresh = false;
                }
                Item::Empty(tag, _) => {
                    let (start, _) = self.tag(tag)?;
                    self.out.push_piece(start);
                    back(self.out);
                    self.out.push("/>");
                    fresh = false;
                }
                Item::LeafOpaque(tag, _, span) => {
                    let (start, markup) = self.tag(tag)?;
                    self.out.push_piece(start);
                    opaque(&input[span.start..span.start + span.len], self.out);
                    self.out.push_piece(&markup.end);
                    fresh = false;
                }
                // Whether they stand alone is seen when the element ends.
                Item::Text(_) | Item::Opaque(_) => return Err(Unusual),
            }
        }
        Ok(())
    }

    /// The XML of a tag: its start tag here, and all of it.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a call costs as much as the work")]
    fn tag(&mut self, tag: Tag) -> Result<(&'static Piece, &'static Markup), Unusual> {
        self.nodes = self.nodes.checked_sub(1).ok_or(Unusual)?;
        if self.page.is_none_or(|page| page.number() != tag.page()) {
            self.page = self.table.page(tag.page());
        }
        let markup = self.page.and_then(|page| page.markup(tag.token())).ok_or(Unusual)?;
        let same = self.open.last().is_some_and(|open| open.page == tag.page());
        Ok((if same { &markup.start } else { &markup.declared }, markup))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::{air_sync, air_sync_base, email};
    use crate::{Encoder, ErrorKind, Limit, Tree, xml};

    fn element(contents: impl FnOnce(&mut Encoder)) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.start(air_sync::APPLICATION_DATA);
        contents(&mut encoder);
        encoder.end();
        encoder.finish().unwrap()
    }

    /// Whether a document is written without a tree; what is written is what the tree gives.
    #[track_caller]
    fn is_written(bytes: &[u8]) -> bool {
        let options = Options::strict();
        let expected = format!("before{}", xml::to_string(&Tree::decode(bytes, &options).unwrap()));
        let mut out = "before".to_owned();
        xml::decode(bytes, &options, xml::Style::Compact, &mut out).unwrap();
        assert_eq!(out, expected);
        let mut out = "before".to_owned();
        let whole = decode(bytes, &options, &mut out);
        assert_eq!(out, if whole { &expected } else { "before" });
        whole
    }

    #[test]
    fn xml_is_that_of_the_tree_behind_what_was_there() {
        assert!(is_written(&element(|encoder| encoder.empty(email::READ))));
        assert!(is_written(&element(|encoder| {
            encoder.start_with_content(email::BODY);
            encoder.end();
        })));
        for text in
            [" ", "\r\n", "a <b> & c\r\n", "\u{1}\\", "\u{fffe}", "é\u{ffff}", "ｆｕｌｌ", "\u{7f}"]
        {
            for text in [text, &text.repeat(20)] {
                assert!(is_written(&element(|encoder| {
                    encoder.leaf(email::SUBJECT, text);
                    encoder.leaf(air_sync_base::BODY, text);
                    encoder.leaf(air_sync::ADD, text);
                    encoder.leaf_opaque(air_sync_base::DATA, text.as_bytes());
                    encoder.start(air_sync_base::BODY);
                    encoder.leaf_opaque(air_sync_base::DATA, &[0xFF; 100]);
                    encoder.leaf(air_sync_base::DATA, text);
                    encoder.empty(email::READ);
                    encoder.end();
                    for _ in 0..2000 {
                        encoder.leaf(email::FROM, "plain");
                    }
                })));
            }
        }
    }

    #[test]
    fn what_is_text_or_is_not_plain_is_left_to_the_tree() {
        assert!(!is_written(&element(|encoder| {
            encoder.leaf(email::SUBJECT, "plain as far as here");
            encoder.text("beside an element");
        })));
        assert!(!is_written(
            &element(|encoder| encoder.leaf(email::SUBJECT, &"long ".repeat(400)))
        ));
        assert!(!is_written(&element(|encoder| encoder.leaf(email::SUBJECT, "язык"))));
    }

    #[test]
    fn nothing_is_appended_where_there_is_an_error() {
        let bytes = element(|encoder| {
            for _ in 0..100 {
                encoder.leaf(email::SUBJECT, "subject");
            }
        });
        let mut options = Options::strict();
        options.limits.nodes = 100;
        for (bytes, options, kind) in [
            (&bytes[..bytes.len() - 1], Options::strict(), ErrorKind::UnclosedElements(1)),
            (&bytes[..], options, ErrorKind::Limit(Limit::Nodes)),
        ] {
            let mut out = "before".to_owned();
            let error = xml::decode(bytes, &options, xml::Style::Compact, &mut out).unwrap_err();
            assert_eq!((error.kind(), out.as_str()), (kind, "before"));
        }
    }
}
