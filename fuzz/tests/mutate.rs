//! The mutations of documents.

use lostmail_fuzz::{Edit, Mutant, cross, mutate};
use std::fs;
use std::path::Path;
use wbxml::{Decoder, Options, xml};

fn reads(bytes: &[u8]) -> bool {
    Decoder::new(bytes, &Options::general()).all(|event| event.is_ok())
}

/// What the fuzzer begins with, and each command once.
fn documents() -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let files = |folder: &str| {
        let entries = fs::read_dir(corpus.join(folder)).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(|path| fs::read(path).unwrap())
    };
    let commands = files("documents")
        .map(|text| xml::from_str(std::str::from_utf8(&text).unwrap()).unwrap().encode().unwrap());
    files("fuzz/decode_any")
        .chain(commands)
        .filter(|bytes| mutate(bytes, MAX_LEN, 1).is_some())
        .collect()
}

const MAX_LEN: usize = 8192;

/// So many mutants, made of documents, of inputs that are refused, and of mutants.
fn mutants(count: u32) -> Vec<Mutant> {
    let mut pool = documents();
    let mut mutants = Vec::new();
    for seed in 0..count {
        let next = (seed as usize).wrapping_mul(0x9E37_79B1) % pool.len();
        let Some(mutant) = mutate(&pool[next], MAX_LEN, seed) else { continue };
        pool.push(mutant.bytes.clone());
        mutants.push(mutant);
    }
    mutants
}

#[test]
fn most_mutants_are_documents_and_every_edit_happens() {
    let mutants = mutants(2000);
    assert!(mutants.len() >= 1900, "{} mutants", mutants.len());
    let whole = mutants.iter().filter(|mutant| reads(&mutant.bytes)).count();
    println!("{whole} of {} mutants are read by general mode", mutants.len());
    assert!(whole * 100 >= mutants.len() * 80, "{whole} of {}", mutants.len());
    for edit in Edit::all() {
        let with: Vec<_> = mutants.iter().filter(|mutant| mutant.edits.contains(&edit)).collect();
        let whole = with.iter().filter(|mutant| reads(&mutant.bytes)).count();
        println!("{edit:?}: {} times, {whole} documents", with.len());
        assert!(with.len() >= 10, "{edit:?}: {} times", with.len());
    }
}

#[test]
fn a_seed_gives_the_same_bytes() {
    for (document, seed) in documents().iter().zip(0..) {
        let mutant = mutate(document, MAX_LEN, seed);
        assert_eq!(mutant, mutate(document, MAX_LEN, seed));
        assert_eq!(
            cross(document, &mutant.clone().unwrap().bytes, MAX_LEN, seed),
            cross(document, &mutant.unwrap().bytes, MAX_LEN, seed)
        );
    }
}

#[test]
fn none_is_longer_than_it_may_be() {
    let documents = documents();
    for (document, seed) in documents.iter().zip(0..) {
        for max_len in [0, 1, 5, document.len() / 2, document.len(), document.len() + 9] {
            let other = &documents[seed as usize * 7 % documents.len()];
            let mutant = mutate(document, max_len, seed).map(|mutant| mutant.bytes);
            for bytes in mutant.into_iter().chain(cross(document, other, max_len, seed)) {
                assert!(bytes.len() <= max_len);
            }
        }
    }
}

#[test]
fn documents_cross() {
    let documents = documents();
    let (mut crossed, mut whole) = (0, 0);
    for seed in 0..500 {
        let one = &documents[seed as usize % documents.len()];
        let other = &documents[seed as usize * 7 % documents.len()];
        if let Some(bytes) = cross(one, other, MAX_LEN, seed) {
            crossed += 1;
            whole += usize::from(reads(&bytes));
        }
    }
    println!("{crossed} of 500 pairs crossed, {whole} of them documents");
    assert!(crossed >= 350 && whole * 10 >= crossed * 8, "{crossed}, {whole}");
}

#[test]
fn what_has_no_header_is_left_alone() {
    for bytes in [&b""[..], b"\x03", b"\x03\x01\x6a", b"\x03\x01\x6a\x07\x45\x01", b"\xff\xff\xff"]
    {
        assert_eq!(mutate(bytes, MAX_LEN, 7), None);
        assert_eq!(cross(bytes, b"\x03\x01\x6a\x00\x05", MAX_LEN, 7), None);
    }
}
