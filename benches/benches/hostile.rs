//! 64 MiB of anything, and twenty million nested tags: what the codec needs for them.
//!
//! ```text
//! cargo bench -p benches --bench hostile [-- PART_OF_AN_INPUT [PART_OF_AN_OPERATION]]
//! ```
//!
//! Prints the slowest and the largest operation of each input, then each that takes more than a
//! second of CPU time or more memory than [`MEMORY_MAX`]; fails where it is memory.

use benches::allocations::{Counting, count};
use benches::clock;
use std::hint::black_box;
use std::process::ExitCode;
use wbxml::{Decoder, Event, Options, PushDecoder, Spanned, Token, Tokens, Tree, lint, xml};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SIZE: usize = 64 << 20;
const TIME_MAX: u64 = 1_000_000_000;
/// A tree has four million nodes at most; as XML some of them take a hundred bytes.
const MEMORY_MAX: usize = 1 << 30;

type Operation = (&'static str, fn(&[u8]));

const OF_BYTES: &[Operation] = &[
    ("events, general", |bytes| events(bytes, &Options::general())),
    ("events, strict", |bytes| events(bytes, &Options::strict())),
    ("events, forensic", |bytes| events(bytes, &Options::forensic())),
    ("tokens, general", |bytes| tokens(bytes, &Options::general())),
    ("tokens, forensic", |bytes| tokens(bytes, &Options::forensic())),
    ("tree", |bytes| drop(black_box(Tree::decode(bytes, &Options::general())))),
    ("tree, forensic", |bytes| drop(black_box(Tree::decode(bytes, &Options::forensic())))),
    ("tree and back", |bytes| {
        if let Ok(tree) = Tree::decode(bytes, &Options::general()) {
            drop(black_box(tree.encode()));
        }
    }),
    ("pieces", |bytes| {
        let mut decoder = PushDecoder::new(&Options::general());
        for piece in bytes.chunks(64 << 10) {
            decoder.push(piece);
            while let Ok(Some(event)) = decoder.next() {
                look_at(event);
            }
        }
        decoder.finish();
        drop(black_box(decoder.next()));
    }),
    ("XML", |bytes| {
        let mut out = String::new();
        let done = xml::decode(bytes, &Options::general(), xml::Style::Compact, &mut out);
        drop(black_box((done, out)));
    }),
    ("XML, forensic", |bytes| {
        let tree = Tree::decode(bytes, &Options::forensic());
        drop(black_box(tree.map(|tree| xml::to_string(&tree))));
    }),
    ("lint", |bytes| drop(black_box(lint(bytes, &Options::general())))),
];

const OF_TEXT: &[Operation] = &[("XML read", |bytes| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(black_box(xml::from_str(text)));
    }
})];

fn events(bytes: &[u8], options: &Options) {
    for event in Decoder::new(bytes, options).flatten() {
        look_at(event);
    }
}

/// Takes an event apart, as programs do: to move it elsewhere as a whole takes longer than to read it.
fn look_at(event: Event<'_>) {
    match event {
        Event::Start { tag, content } => drop(black_box((tag, content))),
        Event::End => black_box(()),
        Event::Text(text) => drop(black_box(text)),
        Event::Opaque(bytes) => drop(black_box(bytes)),
        Event::Entity(character) => drop(black_box(character)),
        Event::Damage { kind, bytes } => drop(black_box((kind, bytes))),
        other => drop(black_box(other)),
    }
}

fn tokens(bytes: &[u8], options: &Options) {
    for Spanned { token, span, .. } in Tokens::new(bytes, options).flatten() {
        black_box((span.start, span.end));
        match token {
            Token::Tag { tag, content, .. } => drop(black_box((tag, content))),
            Token::End => black_box(()),
            Token::InlineString(bytes) | Token::Opaque(bytes) => drop(black_box(bytes)),
            Token::Extension(number) | Token::SwitchPage(number) => drop(black_box(number)),
            Token::Entity(number) | Token::TableString(number) => drop(black_box(number)),
            other => drop(black_box(other)),
        }
    }
}

/// `start`, then `unit` again and again, then `end`, up to the size.
fn filled(start: &[u8], unit: &[u8], end: &[u8]) -> Vec<u8> {
    let mut bytes = start.to_vec();
    let units = (SIZE - start.len() - end.len()) / unit.len();
    bytes.extend(unit.repeat(units));
    bytes.extend_from_slice(end);
    bytes
}

/// A name, and what makes the bytes: all inputs together are gigabytes.
type Input = (String, Box<dyn Fn() -> Vec<u8>>);

fn inputs() -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for byte in [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x40, 0x43, 0x45, 0x80, 0x83, 0x85, 0xC0] {
        inputs.push((format!("bytes {byte:#04x} alone"), Box::new(move || vec![byte; SIZE])));
    }
    for byte in [0x00, 0x02, 0x04, 0x05, 0x40, 0x44, 0x80, 0x83, 0x84, 0xC0, 0xC3, 0xC5, 0xFF] {
        let name = format!("bytes {byte:#04x} in an element");
        inputs.push((name, Box::new(move || filled(b"\x03\x01\x6a\0\x45", &[byte], b""))));
    }
    for (name, start, unit, end) in [
        ("empty elements", &b"\x03\x01\x6a\0\x45"[..], &b"\x0b"[..], &b"\x01"[..]),
        ("leaves", b"\x03\x01\x6a\0\x45", b"\x4b\x031\0\x01", b"\x01"),
        ("page switches", b"\x03\x01\x6a\0\x45", b"\0\0", b"\x01"),
        ("empty strings", b"\x03\x01\x6a\0\x45", b"\x03\0", b"\x01"),
        ("empty opaque", b"\x03\x01\x6a\0\x45", b"\xc3\0", b"\x01"),
        ("entities", b"\x03\x01\x6a\0\x45", b"\x02\x41", b"\x01"),
        ("table references", b"\x03\x01\x6a\x02a\0\x45", b"\x83\0", b"\x01"),
        (
            "references to a long entry",
            b"\x03\x01\x6a\x10aaaaaaaaaaaaaaa\0\x45",
            b"\x83\0",
            b"\x01",
        ),
        ("attributes", b"\x03\x01\x6a\0\x45", b"\xcb\x05\x01\x01", b"\x01"),
        ("processing instructions", b"\x03\x01\x6a\0", b"\x43\x05\x01", b"\x05"),
        ("unknown tags", b"\x03\x01\x6a\0\x45", b"\x3f", b"\x01"),
        ("extra ENDs", b"\x03\x01\x6a\0\x05", b"\x01", b""),
        ("more roots", b"\x03\x01\x6a\0", b"\x05", b""),
        ("one string", b"\x03\x01\x6a\0\x45\x03", b"a", b"\0\x01"),
        ("one string of control characters", b"\x03\x01\x6a\0\x45\x03", b"\x02", b"\0\x01"),
        ("one string of carriage returns", b"\x03\x01\x6a\0\x45\x03", b"\r", b"\0\x01"),
        ("one string, not UTF-8 at its end", b"\x03\x01\x6a\0\x45\x03", b"a", b"\xff\0\x01"),
        ("one string without NUL", b"\x03\x01\x6a\0\x45\x03", b"a", b"a"),
        ("one string in ISO-8859-1", b"\x03\x01\x04\0\x45\x03", b"\xe9", b"\0\x01"),
        ("one string in UTF-16", b"\x03\x01\x87\x68\0\x45\x03", b"\0\xe9", b"\0\0\x01"),
        ("UTF-16 characters, a string each", b"\x03\x01\x87\x68\0\x45", b"\x03\0a\0\0", b"\x01"),
        ("one opaque value", b"\x03\x01\x6a\0\x45\xc3\x9f\xff\xff\x70", b"\xa5", b"\x01"),
        ("integers of five bytes", b"\x03\x01\x6a\0\x45", b"\xc3\x80\x80\x80\x80\0", b"\x01"),
    ] {
        inputs.push((name.to_owned(), Box::new(move || filled(start, unit, end))));
    }
    // Two bytes stand for a megabyte, and for a megabyte that has no end.
    for (name, last) in [("the longest entry", 0), ("an entry without end", b'a')] {
        let make = move || {
            let mut start = b"\x03\x01\x6a\xc0\x80\x00".to_vec();
            start.resize(start.len() + (1 << 20) - 1, b'a');
            start.extend([last, 0x45]);
            filled(&start, b"\x83\0", b"\x01")
        };
        inputs.push((format!("references to {name}"), Box::new(make)));
    }
    let nested = |tags: usize, ends: usize| {
        let mut nested = b"\x03\x01\x6a\0".to_vec();
        nested.resize(4 + tags, 0x45);
        nested.resize(4 + tags + ends, 0x01);
        nested
    };
    let many = 20_000_000;
    inputs
        .push(("20,000,000 nested tags, not closed".to_owned(), Box::new(move || nested(many, 0))));
    inputs.push(("20,000,000 nested tags".to_owned(), Box::new(move || nested(many, many))));
    inputs.push(("noise".to_owned(), Box::new(noise)));
    inputs.push((
        "noise in an element".to_owned(),
        Box::new(|| {
            let mut noise = noise();
            noise[..5].copy_from_slice(b"\x03\x01\x6a\0\x45");
            noise
        }),
    ));
    inputs
}

fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[3]
    });
    noise.take(SIZE).collect()
}

fn texts() -> Vec<Input> {
    let root = b"<Sync xmlns='AirSync'>";
    [
        ("<", &b""[..], &b"<"[..], &b""[..]),
        ("a", b"", b"a", b""),
        ("white space", b"", b" ", b""),
        ("text", root, b"a", b"</Sync>"),
        ("white space in an element", root, b" \n", b"</Sync>"),
        ("carriage returns", root, b"\r", b"</Sync>"),
        ("references", root, b"&lt;", b"</Sync>"),
        ("comments", root, b"<!---->", b"</Sync>"),
        ("one comment", root, b"<!-- ", b"</Sync>"),
        ("CDATA", root, b"<![CDATA[a]]>", b"</Sync>"),
        ("one CDATA", b"<Sync xmlns='AirSync'><![CDATA[", b"]]a", b"]]></Sync>"),
        ("nested", root, b"<Sync>", b"</Sync>"),
        ("siblings", root, b"<SyncKey>1</SyncKey>", b"</Sync>"),
        ("declarations", b"<Sync xmlns='AirSync'", b" xmlns:a='b'", b"/>"),
        ("one name", b"<", b"a", b"/>"),
        ("one value", b"<Sync xmlns='AirSync", b"a", b"'/>"),
        ("escapes", b"<Sync xmlns='AirSync' text='escaped'>", b"\\u{1}", b"</Sync>"),
        ("base64", b"<Sync xmlns='AirSync' opaque='base64'>", b"AAAA", b"</Sync>"),
        ("a document type", b"<!DOCTYPE ", b"a", b"><Sync xmlns='AirSync'/>"),
    ]
    .into_iter()
    .map(|(name, start, unit, end)| -> Input {
        (format!("XML: {name}"), Box::new(move || filled(start, unit, end)))
    })
    .collect()
}

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS; // `cargo test --benches` would take minutes in debug
    }
    let mut wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (input_wanted, operation_wanted) =
        (wanted.next().unwrap_or_default(), wanted.next().unwrap_or_default());
    println!("| input | MB | slowest | ms | largest | MB |\n|---|---:|---|---:|---|---:|");
    let mut unbounded = false;
    let mut missed = Vec::new();
    let mut looked_at = 0;
    let mb = |size: usize| size as f64 / 1e6;
    let ms = |time: u64| time as f64 / 1e6;
    for (inputs, operations) in [(inputs(), OF_BYTES), (texts(), OF_TEXT)] {
        for (name, make) in inputs {
            if !name.contains(&input_wanted) {
                continue;
            }
            let bytes = make();
            let (mut slowest, mut largest) = (("", 0), ("", 0));
            for (operation, run) in operations {
                if !operation.contains(&operation_wanted) {
                    continue;
                }
                let start = clock::now();
                let ((), allocations) = count(|| run(&bytes));
                let time = clock::now() - start;
                looked_at += 1;
                unbounded |= allocations.peak > MEMORY_MAX;
                if time > TIME_MAX || allocations.peak > MEMORY_MAX {
                    let (time, peak) = (ms(time), mb(allocations.peak));
                    missed.push(format!("{name}, {operation}: {time:.0} ms, {peak:.0} MB"));
                }
                if time > slowest.1 {
                    slowest = (operation, time);
                }
                if allocations.peak > largest.1 {
                    largest = (operation, allocations.peak);
                }
            }
            println!(
                "| {name} | {:.0} | {} | {:.0} | {} | {:.0} |",
                mb(bytes.len()),
                slowest.0,
                ms(slowest.1),
                largest.0,
                mb(largest.1)
            );
        }
    }
    println!("\n{looked_at} runs; at most 1 s and 1 GiB: all but {}", missed.len());
    for miss in &missed {
        println!("* {miss}");
    }
    // Time depends on the machine, memory does not.
    ExitCode::from(u8::from(unbounded))
}
