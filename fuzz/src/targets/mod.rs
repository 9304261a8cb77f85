//! The targets.

mod chunks;
mod decode_any;
mod detect;
mod diff_libwbxml;
mod encode;
mod forensic;
mod lint;
mod long;
mod multipart;
mod query;
mod reencode;
mod roundtrip;
mod schedule;
mod table;
mod tree;
mod truncate;
mod wrap;
mod xml;

// The plain decoder that the tests of the codec keep.
#[path = "../../../codec/tests/it/slow.rs"]
mod slow;

use crate::run::{Input, Target};

pub use diff_libwbxml::EXPLAINED;

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "decode_any",
        oracle: "strict, general and a plain decoder agree; errors are in range and stay",
        body: decode_any::body,
        input: Input::Wbxml,
    },
    Target {
        name: "roundtrip",
        oracle: "a generated document gives its events, bytes and tree, and itself through XML",
        body: roundtrip::body,
        input: Input::Entropy,
    },
    Target {
        name: "reencode",
        oracle: "encoding what was decoded is a fixpoint; tokens written again are the input",
        body: reencode::body,
        input: Input::Wbxml,
    },
    Target {
        name: "forensic",
        oracle: "every byte is kept, and nothing is marked that general mode reads",
        body: forensic::body,
        input: Input::Wbxml,
    },
    Target {
        name: "chunks",
        oracle: "any split gives the events, the error and the offset of the whole",
        body: chunks::body,
        input: Input::Wbxml,
    },
    Target {
        name: "truncate",
        oracle: "a prefix is a typed error to every reader, and gives no event of its own",
        body: truncate::body,
        input: Input::Wbxml,
    },
    Target {
        name: "lint",
        oracle: "remarks fit what the modes refuse; our own encoder gives no cause for any",
        body: lint::body,
        input: Input::Wbxml,
    },
    Target {
        name: "long",
        oracle: "documents of tens of kilobytes, borders of blocks in them, are read like short ones",
        body: long::body,
        input: Input::Wbxml,
    },
    Target {
        name: "tree",
        oracle: "nodes and events of a tree are the same, also of a damaged one",
        body: tree::body,
        input: Input::Wbxml,
    },
    Target {
        name: "encode",
        oracle: "any calls give the bytes or the first mistake that a plain writer gives",
        body: encode::body,
        input: Input::Calls,
    },
    Target {
        name: "table",
        oracle: "tags and names are found as one who reads all rows finds them",
        body: table::body,
        input: Input::Name,
    },
    Target {
        name: "xml",
        oracle: "XML that is read is well formed to another reader and survives writing",
        body: xml::body,
        input: Input::Xml,
    },
    Target {
        name: "diff_libwbxml",
        oracle: "libwbxml reads the same, but for what is explained",
        body: diff_libwbxml::body,
        input: Input::Wbxml,
    },
    Target {
        name: "query",
        oracle: "a request line that is read is the same after writing, in both forms",
        body: query::body,
        input: Input::Query,
    },
    Target {
        name: "multipart",
        oracle: "parts put together come apart; a plain reader takes any bytes apart the same way",
        body: multipart::body,
        input: Input::Multipart,
    },
    Target {
        name: "detect",
        oracle: "a document in any wrapping is found byte for byte and named; nothing else harms",
        body: detect::body,
        input: Input::Capture,
    },
    Target {
        name: "schedule",
        oracle: "no finding on the correct server, whatever happens to it; a replay is the same",
        body: schedule::body,
        input: Input::Entropy,
    },
];
