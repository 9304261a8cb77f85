//! Events, pieces and forensic mode each have short ways of their own; they lead to the same place.

use wbxml::{Charset, Decoder, ErrorKind, Event, Limits, Options, PushDecoder};

/// Bodies in which something is rare, at a limit or wrong, after these headers.
const HEADERS: [&[u8]; 6] = [
    b"\x03\x01\x6a\x00",
    b"\x03\x01\x6a\x05\xc3\xa9\x00b\x00",
    b"\x03\x01\x04\x05\xc3\xa9\x00b\x00",
    b"\x03\x01\x03\x04abc\x00",
    b"\x03\x01\x87\x68\x06\x00a\x00\x00\x00b",
    b"\x00\x01\x02b\x00",
];
const BODIES: [&[u8]; 22] = [
    b"\x45\x0b\x4b\x031\0\x01\x01",
    b"\x45\x02\x41\x02\x81\x00\x01",
    b"\x45\x02\x00\x01",
    b"\x45\x02\x83\xb0\x00\x01",
    b"\x45\x83\x00\x83\x01\x83\x03\x01",
    b"\x45\x83\x80\x00\x83\x7f\x01",
    b"\x45\x03\xc3\xa9\0\x03\xff\0\x01",
    b"\x45\x4b\x03\xc3\xa9\0\x01\x4b\x03\xe9\0\x01\x01",
    b"\x45\x03\0a\0\0\x01",
    b"\x45\xc3\x03abc\xc3\x00\x01",
    b"\x45\xc3\x81\x00abc\x01",
    b"\x45\x00\x02\x54\x03a\0\x01\x00\x63\x01",
    b"\x45\x45\x45\x0b\x45\x01\x01\x01\x01",
    b"\x45\x4b\x03four\0\x01\x03fours\0\x01",
    b"\x45\xc3\x04four\xc3\x05fours\x01",
    b"\x45\xc0\x01",
    b"\x45\x3f\x01",
    b"\x45\x8b\x05\x01\x01",
    b"\x05",
    b"\x45\x01\x01",
    b"\x45\x4b\x03a",
    b"\x83\x00\x45\x01",
];

type Read = (Vec<String>, Option<(ErrorKind, usize)>);

fn events(bytes: &[u8], options: &Options) -> Read {
    let mut decoder = Decoder::new(bytes, options);
    let mut events = Vec::new();
    loop {
        match decoder.next() {
            Ok(Some(event)) => events.push(format!("{event:?}")),
            Ok(None) => return (events, None),
            Err(error) => return (events, Some((error.kind(), error.offset()))),
        }
    }
}

fn pieces(bytes: &[u8], options: &Options, len: usize) -> Read {
    let mut decoder = PushDecoder::new(options);
    let mut events = Vec::new();
    for (turn, piece) in bytes.chunks(len).enumerate() {
        decoder.push(piece);
        if (turn + 1) * len >= bytes.len() {
            decoder.finish();
        }
        loop {
            match decoder.next() {
                Ok(Some(event)) => events.push(format!("{event:?}")),
                Ok(None) => break,
                Err(error) => {
                    let first = (error.kind(), error.offset());
                    // Nothing that comes later changes it.
                    decoder.push(b"\x01\x0b\x01");
                    let again = decoder.next().unwrap_err();
                    assert_eq!((again.kind(), again.offset()), first);
                    return (events, Some(first));
                }
            }
        }
    }
    assert!(decoder.is_done());
    (events, None)
}

#[test]
fn every_way_says_the_same() {
    let tight = Limits { depth: 3, string: 4, opaque: 4, ..Limits::default() };
    for (header, body) in HEADERS.iter().flat_map(|header| BODIES.map(|body| (header, body))) {
        let bytes = [header, body].concat();
        for limits in [Limits::default(), tight] {
            let general = Options { limits, ..Options::general() };
            for options in [general, Options { limits, ..Options::strict() }] {
                let whole = events(&bytes, &options);
                for len in [1, 2, 3, bytes.len()] {
                    assert_eq!(pieces(&bytes, &options, len), whole, "{bytes:02x?} by {len}");
                }
            }
            // Forensic mode reads texts of the table that are longer than a string may be.
            let read = events(&bytes, &general);
            if read.1.is_none() {
                let forensic = Options { limits, ..Options::forensic() };
                assert_eq!(events(&bytes, &forensic), read, "{bytes:02x?}");
            }
        }
    }
}

#[test]
fn bytes_that_would_be_another_text_in_utf_8_are_read_in_their_charset() {
    let bytes = b"\x03\x01\x04\x03\xc3\xa9\x00\x45\x83\x00\x03\xc3\xa9\0\x01";
    for options in [Options::general(), Options::forensic()] {
        let texts: Vec<String> = Decoder::new(bytes, &options)
            .filter_map(|event| match event.unwrap() {
                Event::Encoded(text) if text.charset() == Charset::Latin1 => Some(text.to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["Ã©", "Ã©"]);
    }
}
