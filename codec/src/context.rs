//! Gathers what an error tells beside its kind and offset.
//!
//! Decoders keep no stack of open elements: the path is found by reading the input again up to
//! the fault, which costs nothing as long as nothing is wrong.

use crate::Tag;
use crate::decode::Decoder;
use crate::error::{Details, Error, ErrorKind, Fault};
use crate::header::Header;
use crate::hint;
use crate::lexer::Lexer;
use crate::options::{Limits, Mode, Options};
use crate::table::Table;
use crate::token::Token;
use std::fmt::Write;

/// Elements of a path beyond which the outer ones are left out.
const PATH_LEN_MAX: usize = 32;

/// The error of a fault in this input.
#[cold]
pub(crate) fn error(input: &[u8], options: &Options, fault: Fault) -> Error {
    let (page, open) = open_elements(input, options, fault.offset);
    let mut error = error_at(options.table, fault, page, &open);
    let details = error.details_mut();
    details.hint = hint::hint(fault.kind, input);
    details.window = hint::window(input, fault.offset);
    if let ErrorKind::Forbidden(_) = fault.kind {
        let options = Options { mode: Mode::General, ..*options };
        details.general_reads = Decoder::new(input, &options).all(|event| event.is_ok());
    }
    error
}

/// The error of a fault where these elements are open.
#[cold]
pub(crate) fn error_at(table: &Table, fault: Fault, page: u8, open: &[Tag]) -> Error {
    Error::from_details(Details {
        kind: fault.kind,
        offset: fault.offset,
        page,
        namespace: table.page(page).map(crate::table::CodePage::namespace),
        depth: open.len(),
        path: path(table, open),
        name: None,
        general_reads: false,
        hint: None,
        window: crate::error::Window::default(),
    })
}

/// The path of these open elements: `Sync/Collections`.
pub(crate) fn path(table: &Table, open: &[Tag]) -> String {
    let skipped = open.len().saturating_sub(PATH_LEN_MAX);
    let mut path = String::new();
    if skipped > 0 {
        path.push('…');
    }
    for (at, &tag) in open[skipped..].iter().enumerate() {
        if at > 0 || skipped > 0 {
            path.push('/');
        }
        match table.info(tag) {
            Some(info) => path.push_str(info.name),
            None => {
                let _ = write!(path, "{:#04x}@{}", tag.token(), tag.page());
            }
        }
    }
    path
}

/// The page in force and the elements open at `offset`, as far as the input can be read.
fn open_elements(input: &[u8], options: &Options, offset: usize) -> (u8, Vec<Tag>) {
    let unlimited = Limits {
        depth: usize::MAX,
        document: usize::MAX,
        string: usize::MAX,
        opaque: usize::MAX,
        table: usize::MAX,
        nodes: usize::MAX,
        marks: usize::MAX,
    };
    let (header, ..) = Header::read_far(input, &Options { limits: unlimited, ..*options });
    let mut open = Vec::new();
    if header.end == 0 {
        return (0, open);
    }
    let mut lexer = Lexer::new(input, &header, unlimited);
    while lexer.pos < offset {
        match lexer.next() {
            Ok(Some(Token::Tag { tag, content: true, .. })) => open.push(tag),
            Ok(Some(Token::LiteralTag { content: true, .. })) => open.push(Tag::new(0, 0)),
            Ok(Some(Token::End)) => {
                open.pop();
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    (lexer.tag_page, open)
}
