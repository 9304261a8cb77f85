//! References to the string table: two bytes that stand for as much as the table holds.

use wbxml::{Decoder, ErrorKind, Limit, Limits, Options, PushDecoder, Spanned, Tokens, Tree};

/// A table of one string of `len` bytes, with or without its end, and references to it.
fn document(len: u8, ended: bool, references: usize) -> Vec<u8> {
    let mut bytes = b"\x03\x01\x6a".to_vec();
    bytes.push(len + u8::from(ended));
    bytes.extend(vec![b'a'; usize::from(len)]);
    bytes.extend(vec![0; usize::from(ended)]);
    bytes.push(0x45);
    bytes.extend(b"\x83\0".repeat(references));
    bytes.push(0x01);
    bytes
}

fn options(document: usize) -> Options {
    Options { limits: Limits { document, ..Limits::default() }, ..Options::general() }
}

#[test]
fn all_together_are_as_long_as_a_document_may_be() {
    let mut bytes = document(100, true, 3);
    // One that is empty costs nothing.
    bytes.truncate(bytes.len() - 1);
    bytes.extend(b"\x83\x64\x01");
    for (limit, refused) in
        [(300, None), (299, Some(4 + 101 + 1 + 4)), (200, Some(110)), (199, Some(108))]
    {
        let options = options(limit);
        let error = Decoder::new(&bytes, &options).find_map(Result::err);
        let error = error.map(|error| (error.kind(), error.offset()));
        assert_eq!(error, refused.map(|at| (ErrorKind::Limit(Limit::Document), at)), "{limit}");
        // The same in pieces, and a second time.
        let mut pieces = PushDecoder::new(&options);
        let mut failed = None;
        for byte in &bytes {
            pieces.push(&[*byte]);
            while failed.is_none() {
                match pieces.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(error) => failed = Some((error.kind(), error.offset())),
                }
            }
        }
        assert_eq!(failed, error);
        assert_eq!(pieces.next().err().map(|error| (error.kind(), error.offset())), error);
        assert_eq!(Tree::decode(&bytes, &options).is_err(), error.is_some());
    }
}

#[test]
fn one_is_as_long_as_a_string_may_be() {
    let bytes = document(5, true, 1);
    for (string, refused) in [(5, None), (4, Some((ErrorKind::Limit(Limit::String), 11)))] {
        let options =
            Options { limits: Limits { string, ..Limits::default() }, ..Options::general() };
        let error = Decoder::new(&bytes, &options).find_map(Result::err);
        assert_eq!(error.map(|error| (error.kind(), error.offset())), refused);
        let mut pieces = PushDecoder::new(&options);
        pieces.push(&bytes);
        pieces.finish();
        let error = loop {
            match pieces.next() {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(error) => break Some((error.kind(), error.offset())),
            }
        };
        assert_eq!(error, refused);
    }
}

#[test]
fn an_index_is_what_follows_the_token() {
    // STR_T itself looks like the first byte of an integer: of 384 and more, which are there.
    let mut bytes = b"\x03\x01\x6a\x84\x58".to_vec();
    bytes.extend(b"first\0".iter().chain(&b"x\0".repeat(297)));
    bytes.extend(b"\x45\x83\0\x83\x06\x83\x83\x04\x01");
    for options in [Options::general(), Options::forensic()] {
        let texts = Decoder::new(&bytes, &options).filter_map(|event| match event.unwrap() {
            wbxml::Event::Text(text) => Some(text.to_owned()),
            _ => None,
        });
        assert_eq!(texts.collect::<Vec<_>>(), ["first", "x", "x"]);
    }
}

/// Offsets of damage in forensic mode.
fn marked(bytes: &[u8], limit: usize) -> Vec<(usize, ErrorKind)> {
    let options = Options { limits: options(limit).limits, ..Options::forensic() };
    let tokens: Vec<Spanned<'_>> = Tokens::new(bytes, &options).map(Result::unwrap).collect();
    assert_eq!(tokens.iter().map(|token| token.span.len()).sum::<usize>(), bytes.len());
    let damage = |token: Spanned<'_>| token.damage.map(|kind| (token.span.start, kind));
    tokens.into_iter().filter_map(damage).collect()
}

#[test]
fn forensic_mode_marks_those_that_are_too_many_and_goes_on() {
    let limit = ErrorKind::Limit(Limit::Document);
    let bytes = document(100, true, 4);
    assert_eq!(marked(&bytes, 400), []);
    assert_eq!(marked(&bytes, 200), [(110, limit), (112, limit)]);
    // What has no end was searched as well.
    let bytes = document(100, false, 4);
    let endless = ErrorKind::UnterminatedString;
    assert_eq!(marked(&bytes, 250), [(105, endless), (107, endless), (109, endless), (111, limit)]);
}

#[test]
fn a_fault_stays_the_same() {
    let bytes = document(100, false, 1);
    let mut decoder = Decoder::new(&bytes, &options(150));
    decoder.next().unwrap();
    for _ in 0..3 {
        let error = decoder.next().unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::UnterminatedString, 105));
    }
}
