//! What the generator promises of its documents, judged by the codec.

use activesync_generator::arbitrary::{Arbitrary, Unstructured};
use activesync_generator::{Broken, Damage, Dice, Document, General, Piece, shapes};
use std::collections::BTreeSet;
use wbxml::{ACTIVE_SYNC, Decoder, Encoder, Event, Limits, Options, Tag, Tree};

/// Entropy of many lengths.
fn entropy(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let len = [0, 1, 7, 40, 200, 1000][dice.below(6)];
    dice.bytes(len)
}

fn draw<T: for<'a> Arbitrary<'a>>(seed: u64) -> T {
    T::arbitrary(&mut Unstructured::new(&entropy(seed))).unwrap()
}

#[test]
fn documents_are_valid_and_give_their_events() {
    for seed in 0..1500 {
        let document: Document = draw(seed);
        let bytes = document.bytes();
        let events: Vec<_> =
            Decoder::new(&bytes, &Options::strict()).collect::<Result<_, _>>().unwrap();
        assert!(document.is(&events), "seed {seed}: {document:?}\n{events:?}");
        assert!(document.depth() <= Limits::default().depth);
    }
}

#[test]
fn general_documents_are_read_in_general_mode() {
    let mut strict = 0;
    for seed in 0..1500 {
        let General(document) = draw(seed);
        let bytes = document.bytes();
        let events: Vec<_> =
            Decoder::new(&bytes, &Options::general()).collect::<Result<_, _>>().unwrap();
        assert!(document.is(&events), "seed {seed}: {document:?}\n{events:?}");
        strict += u32::from(Tree::decode(&bytes, &Options::strict()).is_ok());
    }
    assert!((20..750).contains(&strict), "{strict} of 1500 documents are strict");
}

#[test]
fn every_tag_and_kind_of_content_comes_up() {
    let mut tags = BTreeSet::<Tag>::new();
    let (mut kinds, mut deepest, mut longest) = ([0_usize; 10], 0, 0);
    for seed in 0..3000 {
        let document: Document = draw(seed);
        deepest = deepest.max(document.depth());
        for pair in document.pieces().windows(2) {
            let kind = match pair {
                [Piece::Start { tag, content }, next] => {
                    tags.insert(*tag);
                    match (content, next) {
                        (false, _) => 0,
                        (true, Piece::End) => 1,
                        (true, Piece::Opaque(_)) => 2,
                        _ => continue,
                    }
                }
                [Piece::Switch(_), _] => 3,
                [Piece::Text(text), next] => {
                    longest = longest.max(text.len());
                    match next {
                        Piece::Text(_) => 4,
                        Piece::Start { .. } => 5,
                        _ if text.is_empty() => 6,
                        _ if text.contains('\r') => 7,
                        _ if text.contains('\u{1}') => 8,
                        _ if !text.is_ascii() => 9,
                        _ => continue,
                    }
                }
                _ => continue,
            };
            kinds[kind] += 1;
        }
    }
    let missing: Vec<_> = ACTIVE_SYNC
        .pages()
        .iter()
        .flat_map(|page| page.tags().iter().map(|row| Tag::new(page.number(), row.token)))
        .filter(|tag| !tags.contains(tag))
        .collect();
    assert!(missing.is_empty(), "never drawn: {missing:?}");
    assert!(kinds.iter().all(|count| *count > 20), "{kinds:?}");
    assert_eq!(deepest, Limits::default().depth);
    assert!(longest > 16_384, "{longest}");
}

#[test]
fn what_is_certainly_broken_is_refused_where_it_is_broken() {
    let mut seen = [0_usize; Damage::ALL.len()];
    let mut refused = 0;
    for seed in 0..6000 {
        let broken: Broken = draw(seed);
        seen[Damage::ALL.iter().position(|damage| *damage == broken.damage).unwrap()] += 1;
        let mut events = Vec::new();
        let mut error = None;
        for event in Decoder::new(&broken.bytes, &Options::strict()) {
            match event {
                Ok(event) => events.push(event),
                Err(found) => error = Some(found),
            }
        }
        refused += usize::from(error.is_some());
        if let Some(error) = &error {
            assert!(error.offset() <= broken.bytes.len());
        }
        assert!(error.is_some() || !broken.damage.is_certain(), "seed {seed}: {broken:?}");
        // What stands before the damage is given as if nothing had happened.
        let intact = broken.document.pieces()[..broken.intact]
            .iter()
            .filter(|piece| !matches!(piece, Piece::Switch(_)));
        for (index, piece) in intact.enumerate() {
            let event = events.get(index);
            assert!(
                event.is_some_and(|event| piece.is(event)),
                "seed {seed}: {broken:?}\n{events:?}"
            );
        }
    }
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
    assert!(refused > 4000, "{refused}");
}

#[test]
fn the_encoder_writes_what_the_plain_writer_writes() {
    for seed in 0..1500 {
        let General(document) = draw(seed);
        let bytes = document.bytes();
        let mut encoder = Encoder::new();
        for event in Decoder::new(&bytes, &Options::general()) {
            encoder.event(&event.unwrap());
        }
        assert_eq!(encoder.finish().unwrap(), document.canonical().bytes(), "seed {seed}");
    }
}

/// Elements, strings, opaque values, switches, tokens and bytes of the table in the design.
const DESIGN: [(&str, [usize; 6]); 10] = [
    ("a", [6, 4, 0, 1, 17, 41]),
    ("b", [24, 16, 0, 4, 68, 132]),
    ("c", [591, 412, 50, 174, 1768, 37_161]),
    ("d", [11_926, 8337, 1024, 3583, 35_771, 216_648]),
    ("f", [2505, 2003, 0, 1, 7014, 20_143]),
    ("g", [10_222, 7760, 120, 2247, 30_451, 166_594]),
    ("h", [1517, 1204, 10, 201, 4449, 39_040]),
    ("i", [752, 524, 64, 223, 2251, 1_062_114]),
    ("e1", [32, 20, 3, 6, 91, 5_253_030]),
    ("e2", [31, 20, 2, 6, 88, 5_253_002]),
];

#[test]
fn shapes_are_near_the_table() {
    for (shape, (key, design)) in shapes::all().unwrap().iter().zip(DESIGN) {
        assert_eq!(shape.key, key);
        let count = shape.count().unwrap();
        let here = [
            count.elements,
            count.strings,
            count.opaque,
            count.switches,
            count.tokens(),
            shape.bytes.len(),
        ];
        println!("{key:2} {here:?} design {design:?} XML {}", shape.xml.len());
        for (here, design) in here.iter().zip(design) {
            assert!(here.abs_diff(design) * 100 <= design * 20 + 400, "{key}: {here} {design}");
        }
        assert_eq!(wbxml::xml::from_str(&shape.xml).unwrap().encode().unwrap(), shape.bytes);
        // Half of i is not ASCII, the others are nearly all ASCII.
        let other = shape.bytes.iter().filter(|byte| **byte >= 0x80).count();
        assert_eq!(other * 2 > shape.bytes.len(), key == "i", "{key}: {other}");
    }
    assert_eq!(shapes::one("g").unwrap().unwrap().count().unwrap().depth, 11);
}

#[test]
fn an_element_without_content_is_followed_by_its_end() {
    let document: Document = draw(3);
    let mut empty = false;
    for event in Decoder::new(&document.bytes(), &Options::strict()) {
        let event = event.unwrap();
        assert!(!empty || event == Event::End);
        empty = matches!(event, Event::Start { content: false, .. });
    }
}
