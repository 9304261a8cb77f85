//! What `lint` remarks.

use wbxml::{ErrorKind, Forbidden, LintKind, Options, Status, lint};

fn lints(bytes: &[u8]) -> Vec<(LintKind, usize)> {
    let lints = lint(bytes, &Options::default()).unwrap();
    lints.iter().map(|lint| (lint.kind, lint.offset)).collect()
}

fn body(body: &[u8]) -> Vec<(LintKind, usize)> {
    lints(&[b"\x03\x01\x6a\x00", body].concat())
}

#[test]
fn what_the_specification_describes_is_left_alone() {
    assert_eq!(body(b"\x45\x5c\x4f\x4b\x030\0\x01\x14\x01\x01\x01"), []);
    assert_eq!(body(b"\0\x15\x45\x51\x03a\0\x01\x50\xc3\x01a\x01\x01"), []);
}

#[test]
fn each_remark_once() {
    let refused = LintKind::Refused;
    for (bytes, expected) in [
        (&b"\0\0\x45\x4b\x030\0\x01\x01"[..], (LintKind::RedundantSwitch(0), 4)),
        (b"\0\x07\0\0\x45\x4b\x030\0\x01\x01", (LintKind::RedundantSwitch(7), 4)),
        (b"\x45\x4b\x030\0\x01\0\x07\x01", (LintKind::RedundantSwitch(7), 10)),
        (b"\x45\0\x63\x0b\x01", (refused(ErrorKind::UnknownPage(0x63)), 5)),
        (b"\x45\x3f\x01", (refused(ErrorKind::UnknownTag { page: 0, token: 0x3f }), 5)),
        (b"\x45\x8b\x05\x01\x01", (refused(ErrorKind::Attributes(0x8b)), 5)),
        (b"\x45\xc0\x01", (refused(ErrorKind::UnsupportedToken(0xc0)), 5)),
        (b"\x43\x05\x86\x01\x45\x0b\x01", (refused(ErrorKind::UnsupportedToken(0x43)), 4)),
        (b"\x45\x4b\xc3\x80\x01a\x01\x01", (LintKind::LongInteger, 6)),
        (b"\x45\x4b\x01\x01", (LintKind::EmptyForm, 5)),
        (b"\x45\x4b\x03\0\x01\x01", (LintKind::EmptyForm, 6)),
        (b"\x45\x1c\x01", (LintKind::EmptyContainer, 5)),
        (b"\x45\x4b\xc3\x01a\x01\x01", (LintKind::OpaqueForText, 6)),
        (b"\0\x15\x50\x03a\0\x01", (LintKind::TextForOpaque, 7)),
        (b"\x45\x03a\0\x01", (LintKind::UnexpectedValue, 5)),
        (b"\x45\x54\x031\0\x01\x01", (LintKind::UnexpectedValue, 6)),
        (b"\x45\x4b\x03a\0\x03b\0\x01\x01", (LintKind::SeveralValues, 9)),
        (b"\x45\x4b\x03a\x02\0\x01\x01", (LintKind::XmlCharacter('\u{2}'), 6)),
        (b"\x45\x4b\x03\xff\0\x01\x01", (LintKind::BadText, 6)),
        (b"\x45\x51\x031\0\x01\x01", (LintKind::Outdated(Status::Legacy), 5)),
        (b"\x45\x59\x031\0\x01\x01", (LintKind::Outdated(Status::Only25), 5)),
        (b"\x4b\x02\x41\x01", (LintKind::Forbidden(Forbidden::Entity), 5)),
    ] {
        let found = body(bytes);
        assert!(found.contains(&expected), "{bytes:02x?}: {found:?}");
        assert!(found.len() <= 2, "{bytes:02x?}: {found:?}");
    }
}

#[test]
fn headers() {
    let forbidden = |rule, offset| (LintKind::Forbidden(rule), offset);
    assert_eq!(
        lints(b"\x02\x00\x00\x03\x02a\0\x4b\x83\x00\x01"),
        [
            forbidden(Forbidden::Version, 0),
            forbidden(Forbidden::PublicId, 1),
            forbidden(Forbidden::Charset, 3),
            forbidden(Forbidden::StringTable, 4),
            forbidden(Forbidden::TableString, 8),
        ]
    );
    // What a table is not allowed to be is said once, however its length is written.
    assert_eq!(
        lints(b"\x03\x01\x6a\x80\x02a\0\x4b\x83\x00\x01"),
        [forbidden(Forbidden::StringTable, 3), forbidden(Forbidden::TableString, 8)]
    );
    assert_eq!(lints(b"\x03\x01\x6a\x80\x00\x45\x0b\x01"), [(LintKind::LongInteger, 3)]);
}

#[test]
fn integers_of_every_token_are_measured() {
    // What else is wrong with them is said, too.
    for bytes in [
        &b"\x03\x80\x01\x6a\x00\x45\x0b\x01"[..],
        b"\x03\x80\x00\x00\x6a\x02a\x00\x45\x0b\x01",
        b"\x03\x00\x80\x00\x6a\x02a\x00\x45\x0b\x01",
        b"\x03\x01\x80\x6a\x00\x45\x0b\x01",
        b"\x03\x01\x6a\x00\x45\x02\x80\x41\x01",
        b"\x03\x01\x6a\x02a\x00\x45\x83\x80\x00\x01",
        b"\x03\x01\x6a\x02a\x00\x45\x44\x80\x00\x01\x01",
        b"\x03\x01\x6a\x00\x45\x80\x80\x00\x01",
        b"\x03\x01\x6a\x00\xc5\x04\x80\x00\x01\x0b\x01",
        b"\x03\x01\x6a\x00\x45\xc3\x80\x01a\x01",
    ] {
        let long = lints(bytes).into_iter().filter(|lint| lint.0 == LintKind::LongInteger);
        assert_eq!(long.count(), 1, "{bytes:02x?}");
        // Without the zero group there is none.
        let at = bytes.iter().rposition(|&byte| byte == 0x80).unwrap();
        let short = [&bytes[..at], &bytes[at + 1..]].concat();
        assert!(lints(&short).iter().all(|lint| lint.0 != LintKind::LongInteger), "{short:02x?}");
    }
}

#[test]
fn what_is_not_wbxml_is_an_error() {
    let error = lint(b"\x03\x01\x6a\x00\x45", &Options::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnclosedElements(1));
}

#[test]
fn remarks_without_end_end() {
    let bytes = [b"\x03\x01\x6a\x00\x45", &*b"\x00\x00".repeat(20_000), b"\x0b\x01"].concat();
    let found = lints(&bytes);
    assert_eq!(found.len(), 10_000);
    assert_eq!(found[9_998], (LintKind::RedundantSwitch(0), 5 + 2 * 9_998));
    assert_eq!(found[9_999].0, LintKind::More);
}

#[test]
fn empty_elements_are_told_apart() {
    assert_eq!(body(b"\x45\x4b\x01\x01"), [(LintKind::EmptyForm, 5)]);
    let container = [(LintKind::EmptyContainer, 5), (LintKind::EmptyForm, 5)];
    assert_eq!(body(b"\x45\x5c\x01\x01"), container);
    assert_eq!(body(b"\x45\x1c\x01"), [(LintKind::EmptyContainer, 5)]);
}

#[test]
fn values_are_remarked_upon_once() {
    let several = [(LintKind::UnexpectedValue, 5), (LintKind::SeveralValues, 8)];
    assert_eq!(body(b"\x45\x03a\0\x03b\0\x03c\0\x01"), several);
    assert_eq!(body(b"\x45\x03\0\x01"), [(LintKind::EmptyForm, 5)]);
    let late = [(LintKind::EmptyForm, 5), (LintKind::SeveralValues, 7)];
    assert_eq!(body(b"\x45\x03\0\x03a\0\x01"), late);
}

#[test]
fn what_follows_an_extension_or_an_instruction_is_still_looked_at() {
    let refused = |token| LintKind::Refused(ErrorKind::UnsupportedToken(token));
    assert_eq!(
        body(b"\x45\x4b\xc0\x01\x4b\x01\x01"),
        [(refused(0xc0), 6), (LintKind::EmptyForm, 8)]
    );
    assert_eq!(
        body(b"\x43\x05\x83\x80\x00\x01\x45\x4b\x01\x01"),
        [(refused(0x43), 4), (LintKind::LongInteger, 6), (LintKind::EmptyForm, 11)]
    );
}

#[test]
fn a_remark_says_where() {
    let bytes = b"\x03\x01\x6a\x00\x00\x00\x45\x4b\x01\x01";
    let shown: Vec<_> =
        lint(bytes, &Options::default()).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "redundant switch to code page 0 at offset 0x4",
            "empty element is not in its shortest form at offset 0x7 in Sync/SyncKey",
        ]
    );
}

#[test]
fn the_mode_does_not_count() {
    for options in [Options::general(), Options::strict(), Options::forensic()] {
        assert!(lint(b"\x03\x01\x6a\x00\x45", &options).is_err());
        assert_eq!(lint(b"\x03\x01\x6a\x00\x45\x0b\x01", &options).unwrap(), []);
    }
}
