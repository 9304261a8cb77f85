//! Planted defects of a codec: adapters around the wire that lie. `wbxml` itself holds no switch.

use wbxml::{Options, Token, Tokens};

/// A defect of a codec.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WireDefect {
    /// The encoder of the server forgets to switch back to the page that it left.
    CodepageStateWrong,
    /// The encoder of the server says of an empty element that it has content.
    EmptyContainerEncodedWrongly,
    /// The encoder of the server copies a text that is not UTF-8.
    InvalidUtf8PassedThrough,
    /// The decoder of the client takes the end of the input for the end of the document.
    TruncatedDocumentAccepted,
    /// The decoder of the client looks for MoreAvailable where the server does not write it.
    MoreavailablePositionDependent,
}

/// What is known of a defect of a codec.
#[derive(Clone, Copy, Debug)]
pub struct WireDefectInfo {
    /// Its name.
    pub name: &'static str,
    /// What goes wrong.
    pub description: &'static str,
    /// The real bugs it models.
    pub models: &'static str,
    /// The fewest operations, requests and faults that show it.
    pub min_depth: usize,
    defect: WireDefect,
}

/// All planted defects of the codec.
pub const WIRE_DEFECTS: &[WireDefectInfo] = &[
    WireDefectInfo {
        name: "codepage-state-wrong",
        description: "the encoder forgets to switch the code page back, and what follows is read in the wrong one",
        models: "TbSync 91c9832b, e12e2755, de2c91b1; Horde 9e935386",
        min_depth: 2,
        defect: WireDefect::CodepageStateWrong,
    },
    WireDefectInfo {
        name: "empty-container-encoded-wrongly",
        description: "an empty element says that it has content and swallows the next end tag",
        models: "Horde Bug 12595, 302c9b8f; tine20 #4106",
        min_depth: 2,
        defect: WireDefect::EmptyContainerEncodedWrongly,
    },
    WireDefectInfo {
        name: "invalid-utf8-passed-through",
        description: "text that is not UTF-8 is copied into the document, and a strict client rejects it all",
        models: "grommunio-sync PR 28; Horde 2.8.0, 2.0.10",
        min_depth: 3,
        defect: WireDefect::InvalidUtf8PassedThrough,
    },
    WireDefectInfo {
        name: "truncated-document-accepted",
        description: "the end of the input is taken for the end of the document; the key stands first, so the cut items are lost",
        models: "AOSP 4d07dd49; Horde 908461c2; OfflineIMAP 6.3.4-rc2",
        min_depth: 3,
        defect: WireDefect::TruncatedDocumentAccepted,
    },
    WireDefectInfo {
        name: "moreavailable-position-dependent",
        description: "MoreAvailable is honoured at one place only, and stands at another",
        models: "MS-ASCMD Collection element order; shtrumj/19_10_alt_365",
        min_depth: 3,
        defect: WireDefect::MoreavailablePositionDependent,
    },
];

impl WireDefect {
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        WIRE_DEFECTS.iter().find(|info| info.name == name).map(|info| info.defect)
    }

    /// A body as the server writes it.
    pub(crate) fn written(self, body: Vec<u8>) -> Vec<u8> {
        match self {
            Self::CodepageStateWrong => {
                let mut away = false;
                rewrite(&body, |token, bytes, out| {
                    let back = away && *token == Token::SwitchPage(0);
                    if let Token::SwitchPage(page) = token {
                        away = *page != 0;
                    }
                    if !back {
                        out.extend_from_slice(bytes);
                    }
                })
            }
            Self::EmptyContainerEncodedWrongly => rewrite(&body, |token, bytes, out| {
                out.extend_from_slice(bytes);
                if let (Token::Tag { content: false, .. }, Some(last)) = (token, out.last_mut()) {
                    *last |= 0x40;
                }
            }),
            Self::InvalidUtf8PassedThrough => rewrite(&body, |token, bytes, out| {
                if !matches!(token, Token::InlineString(_)) {
                    return out.extend_from_slice(bytes);
                }
                // The letters of Latin-1, each in one byte.
                let mut rest = bytes;
                while let Some((byte, after)) = rest.split_first() {
                    if let (0xc3, Some((next, after))) = (byte, after.split_first()) {
                        out.push(next | 0x40);
                        rest = after;
                    } else {
                        out.push(*byte);
                        rest = after;
                    }
                }
            }),
            Self::TruncatedDocumentAccepted | Self::MoreavailablePositionDependent => body,
        }
    }

    /// A body as the client reads it.
    pub(crate) fn read(self, body: Vec<u8>) -> Vec<u8> {
        if self != Self::MoreavailablePositionDependent {
            return body;
        }
        rewrite(&body, |token, bytes, out| {
            let more = wbxml::tags::air_sync::MORE_AVAILABLE;
            if !matches!(token, Token::Tag { tag, content: false, .. } if *tag == more) {
                out.extend_from_slice(bytes);
            }
        })
    }

    /// A body that was cut, as the client takes it.
    pub(crate) fn cut(self, body: Vec<u8>) -> Vec<u8> {
        if self != Self::TruncatedDocumentAccepted {
            return body;
        }
        let (mut end, mut open) = (0, 0);
        for spanned in Tokens::new(&body, &Options::default()) {
            let Ok(spanned) = spanned else { break };
            end = spanned.span.end;
            open = match spanned.token {
                Token::Tag { content: true, .. } => spanned.depth + 1,
                Token::End => spanned.depth.saturating_sub(1),
                _ => spanned.depth,
            };
        }
        let mut closed = body;
        closed.truncate(end);
        // END.
        closed.resize(end + open, 0x01);
        closed
    }
}

/// A document with each token written by `write`; what is no document stays as it is.
fn rewrite(body: &[u8], mut write: impl FnMut(&Token<'_>, &[u8], &mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for spanned in Tokens::new(body, &Options::default()) {
        let Ok(spanned) = spanned else { return body.to_vec() };
        let bytes = body.get(spanned.span.clone()).unwrap_or_default();
        write(&spanned.token, bytes, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sync with a SyncKey, MoreAvailable and a text of another page.
    const BODY: &[u8] =
        b"\x03\x01\x6a\x00\x45\x4b\x03k\x00\x01\x14\x00\x02\x54\x03gr\xc3\xbcn\x00\x01\x00\x00\x4e\x031\x00\x01\x01";

    #[test]
    fn each_adapter_lies_in_one_way() {
        let written = |defect: WireDefect| defect.written(BODY.to_vec());
        assert_eq!(written(WireDefect::CodepageStateWrong).len(), BODY.len() - 2);
        assert!(written(WireDefect::EmptyContainerEncodedWrongly).contains(&0x54));
        assert_eq!(written(WireDefect::InvalidUtf8PassedThrough).len(), BODY.len() - 1);
        let read = WireDefect::MoreavailablePositionDependent.read(BODY.to_vec());
        assert_eq!(read.len(), BODY.len() - 1);
        assert_eq!(WireDefect::TruncatedDocumentAccepted.read(BODY.to_vec()), BODY);
    }

    #[test]
    fn a_cut_document_is_closed() {
        let cut = WireDefect::TruncatedDocumentAccepted.cut(BODY[..17].to_vec());
        assert_eq!(cut, [&BODY[..14], b"\x01\x01"].concat());
        assert_eq!(WireDefect::CodepageStateWrong.cut(BODY[..17].to_vec()), &BODY[..17]);
        assert!(WireDefect::TruncatedDocumentAccepted.cut(Vec::new()).is_empty());
    }
}
