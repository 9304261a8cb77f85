//! Every target over its corpus, over what once broke something, and over made-up inputs.

use activesync_generator::arbitrary::{Arbitrary, Unstructured};
use activesync_generator::{Broken, Dice, Document, General};
use lostmail_fuzz::{Input, TARGETS, Tally, Target};
use std::fs;
use std::path::{Path, PathBuf};
use wbxml::{Options, Tree, xml};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus")
}

/// Whether a target needs what is not there.
fn left_out(target: &Target) -> bool {
    let missing = target.name == "diff_libwbxml" && !cfg!(feature = "libwbxml");
    if missing {
        println!("skipped {}: built without the feature libwbxml", target.name);
    }
    missing
}

/// The files of a folder, by name; none where there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

#[test]
fn the_corpus_of_each_target() {
    let mut all = 0;
    for target in TARGETS {
        let mut tally = Tally::default();
        let own = files(&corpus().join("fuzz").join(target.name)).len();
        all += own;
        // What is an input to one target is an input to others of its kind.
        for other in TARGETS.iter().filter(|other| other.input == target.input) {
            for file in files(&corpus().join("fuzz").join(other.name)) {
                tally.add((target.body)(&fs::read(file).unwrap()));
            }
        }
        println!("{}: {own} files of its own, {tally}", target.name);
        if left_out(target) {
            continue;
        }
        assert!(own >= 10 || target.name == "diff_libwbxml", "{}: {own} files", target.name);
        assert!(tally.checked >= 15, "{}: {tally}", target.name);
    }
    assert!(all < 500, "{all} files: minimise the corpus");
}

#[test]
fn what_once_broke_something() {
    let files = files(&corpus().join("regressions"));
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for target in TARGETS {
            (target.body)(&bytes);
        }
    }
    println!("{} regressions", files.len());
}

#[test]
fn made_up_inputs() {
    for target in TARGETS {
        let mut tally = Tally::default();
        let mut dice = Dice::new(77);
        for round in 0..400 {
            tally.add((target.body)(&input(target.input, &mut dice, round)));
        }
        println!("{}: {tally}", target.name);
        if left_out(target) {
            continue;
        }
        // A target that never gets to its oracle shows nothing.
        assert!(tally.checked >= 50, "{}: {tally}", target.name);
    }
}

/// An input of that kind: mostly whole, sometimes with a byte changed, sometimes noise.
fn input(kind: Input, dice: &mut Dice, round: usize) -> Vec<u8> {
    let len = [3, 30, 100, 400][dice.below(4)];
    let noise = dice.bytes(len);
    let mut entropy = Unstructured::new(&noise);
    let document = |entropy: &mut Unstructured<'_>| Document::arbitrary(entropy).unwrap().bytes();
    let mut bytes = match (kind, round % 8) {
        (_, 7) | (Input::Entropy | Input::Calls, _) => return noise,
        (Input::Wbxml, 0..=2) => return document(&mut entropy),
        (Input::Wbxml, 3 | 4) => return General::arbitrary(&mut entropy).unwrap().0.bytes(),
        (Input::Wbxml, _) => return Broken::arbitrary(&mut entropy).unwrap().bytes,
        (Input::Xml, _) => {
            let tree = Tree::decode(&document(&mut entropy), &Options::strict()).unwrap();
            xml::to_string(&tree).into_bytes()
        }
        (Input::Query, round) => queries(dice, round).into_bytes(),
        (Input::Name, round) => {
            let tags = ["\0\u{5}first message", "\u{7}\u{7}again OLD", "\u{2}\u{14}Email Subject"];
            tags[round % 3].as_bytes().to_vec()
        }
        (Input::Multipart, _) => multipart(dice, &document(&mut entropy)),
        (Input::Capture, _) => [dice.bytes(2), document(&mut entropy).split_off(4)].concat(),
    };
    if dice.below(3) == 0 && !bytes.is_empty() {
        let at = dice.below(bytes.len());
        bytes[at] = noise[0] & 0x7F;
    }
    bytes
}

/// A response of some parts with the document first; offsets and lengths small enough to fit.
fn multipart(dice: &mut Dice, document: &[u8]) -> Vec<u8> {
    let count = 1 + dice.below(4);
    let start = 4 + 8 * count;
    let integer = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let mut bytes = integer(count).to_vec();
    for part in 0..count {
        let offset = if part == 0 { 0 } else { dice.below(document.len()) };
        let length = dice.below(document.len() - offset + 1);
        bytes.extend([integer(start + offset), integer(length)].concat());
    }
    bytes.extend(document);
    bytes
}

fn queries(dice: &mut Dice, round: usize) -> String {
    let command = ["Sync", "Ping", "FolderSync", "MoveItems", "SmartReply"][dice.below(5)];
    let plain = format!(
        "Cmd={command}&User=ada%40harbour.example&DeviceId=D{:08X}&DeviceType=phone&ItemId=5%3a{}",
        dice.below(1 << 30),
        dice.below(100),
    );
    let mut line = activesync::http::RequestLine::parse(&plain).unwrap();
    line.version = Some(activesync::ProtocolVersion::V16_1);
    if round.is_multiple_of(2) { plain } else { line.to_base64().unwrap() }
}
