//! Each wrapping, and what is none.

use std::io::Write as _;

use super::*;

const DOCUMENT: &[u8] = &[3, 1, 0x6A, 0, 0x45, 0x5C, 0x4F, 0x4B, 3, 0x30, 0, 1, 1, 1, 1];

fn auto(bytes: &[u8]) -> Result<Found, NotFound> {
    detect(bytes, Format::Auto, 1000)
}

#[track_caller]
fn finds_the_document(bytes: &[u8], steps: &[&str]) {
    let found = auto(bytes).unwrap();
    assert_eq!(found.steps, steps);
    assert_eq!(found.parts.len(), 1);
    assert_eq!(found.parts[0].content, Content::Wbxml(DOCUMENT.to_vec()));
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn in_response(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
}

fn multipart(document: &[u8]) -> Vec<u8> {
    let length = u32::try_from(document.len()).unwrap();
    let table = [2, 20, length, 20 + length, 3].map(u32::to_le_bytes).concat();
    [&table, document, b"abc"].concat()
}

#[test]
fn one_wrapping() {
    finds_the_document(DOCUMENT, &["WBXML"]);
    finds_the_document(
        b"03 01 6A 00 45 5C 4F 4B 03 30 00 01 01 01 01\n",
        &["hex text, 15 bytes", "WBXML"],
    );
    finds_the_document(b"AwFqAEVcT0sDMAABAQEB\n", &["base64 text, 15 bytes", "WBXML"]);
    finds_the_document(&gzipped(DOCUMENT), &["gzip, 15 bytes", "WBXML"]);
    finds_the_document(
        &in_response("Content-Type: application/vnd.ms-sync.wbxml\r\n", DOCUMENT),
        &["HTTP response 200 OK (application/vnd.ms-sync.wbxml)", "WBXML"],
    );
    finds_the_document(
        b"\xFF\xFEA\0w\0F\0q\0A\0E\0V\0c\0T\x000\0s\0D\0M\0A\0A\0B\0A\0Q\0E\0B\0",
        &["base64 text, 15 bytes", "WBXML"],
    );
}

#[test]
fn base64_may_lack_its_padding() {
    let short = [3, 1, 0x6A, 0, 0x23];
    for text in [&b"AwFqACM="[..], b"AwFqACM", b" \"AwFqACM\"\n"] {
        let found = auto(text).unwrap();
        assert_eq!(found.steps, ["base64 text, 5 bytes", "WBXML"]);
        assert_eq!(found.parts[0].content, Content::Wbxml(short.to_vec()));
    }
    // Too short for a document, or no header of one, or not base64.
    for text in [&b"AwFq"[..], b"AwFqAA", b"Awesome", b"AwFqA=M", b"AwFqAC!"] {
        assert!(auto(text).is_err());
    }
    let query = b"jQMJCBBgMOo4NRIhymNelU6Z7jHTBDzZUJwLV2luZG93c01haWwHAQE";
    for format in [Format::Auto, Format::Query] {
        let found = detect(query, format, 1000).unwrap();
        let Content::Query(query) = &found.parts[0].content else { panic!("{found:?}") };
        assert_eq!(activesync::http::RequestLine::parse(query).unwrap().device_type, "WindowsMail");
    }
}

#[test]
fn wrappings_in_wrappings() {
    let gzip = gzipped(DOCUMENT);
    finds_the_document(
        &in_response("Content-Encoding: gzip\r\n", &gzip),
        &["HTTP response 200 OK", &format!("gzip, {} to 15 bytes", gzip.len()), "WBXML"],
    );
    let found = auto(&in_response(
        "Content-Type: application/vnd.ms-sync.multipart\r\n",
        &multipart(DOCUMENT),
    ))
    .unwrap();
    assert_eq!(found.parts.len(), 2);
    assert_eq!(found.parts[1].content, Content::Bytes(b"abc".to_vec()));
    assert_eq!(found.parts[1].label.as_deref(), Some("part 1"));
    assert_eq!(auto(&multipart(DOCUMENT)).unwrap().parts, found.parts);
}

#[test]
fn parts_that_overlap_cannot_multiply_the_input_without_bound() {
    let count = 100_u32;
    let mut bytes = count.to_le_bytes().to_vec();
    for _ in 0..count {
        bytes.extend([804_u32, 900].map(u32::to_le_bytes).concat());
    }
    bytes.resize(804 + 900, 3);
    assert_eq!(Multipart::parse(&bytes).unwrap().parts.len(), 100);
    assert!(auto(&bytes).unwrap_err().what.contains("limit of 1000 bytes"));
    assert_eq!(detect(&bytes, Format::Auto, 90_000).unwrap().parts.len(), 100);
}

#[test]
fn wrapping_has_an_end() {
    let mut bytes = DOCUMENT.to_vec();
    for _ in 0..NESTING_MAX + 3 {
        bytes = gzipped(&bytes);
    }
    assert!(auto(&bytes).unwrap_err().what.contains("more than 6 times"));
}

#[test]
fn a_request_gives_its_query_too() {
    let request = b"POST /Microsoft-Server-ActiveSync?jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A= HTTP/1.1\r\nHost: x\r\n\r\n";
    let found = auto(request).unwrap();
    assert!(matches!(&found.parts[..], [Part { content: Content::Query(query), .. }]
        if query == "jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A="));
    assert_eq!(found.steps.last().map(String::as_str), Some("no body"));
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let query = "oRYJBBAwMTIzNDU2Nzg5YWJjZGVmAAJX/2MBYQ==";
    let found = auto(query.as_bytes()).unwrap();
    assert_eq!(
        found.steps,
        ["a request's query, base64 form", "a device type that is no UTF-8: 57 FF"]
    );
    let line = format!("x\n1.2.3.4 POST /Microsoft-Server-ActiveSync?{query} 200\n");
    assert_eq!(
        auto(line.as_bytes()).unwrap().parts[0].label.as_deref(),
        Some("line 2 (query), with a device type that is no UTF-8: 57 FF")
    );
}

#[test]
fn what_is_not_wbxml_is_named() {
    for (bytes, what) in [
        (&b""[..], "empty: no bytes to decode"),
        (b"  \n", "only white space"),
        (b"<html><h1>403</h1>", "HTML: a web page"),
        (b"%PDF-1.7\n", "not WBXML but a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not WBXML but a PNG image"),
        (
            b"\xFE\x01\xFE\x02",
            "not WBXML: 0xfe at offset 0x0 is no version of WBXML (the first bytes are FE 01 FE 02)",
        ),
        (b"hello, world", "text that is neither hex nor base64 nor a log with bodies in it"),
    ] {
        assert_eq!(auto(bytes).unwrap_err().what, what);
    }
    let login = in_response("Content-Type: text/html\r\n", b"<html>Please log in</html>");
    assert_eq!(
        auto(&login).unwrap_err().to_string(),
        "HTTP response 200 OK (text/html): HTML: a login page"
    );
}

#[test]
fn hex_and_base64_of_something_else_are_named() {
    for (bytes, error) in [
        (
            "04016a0005",
            "hex text, 5 bytes: not WBXML: 0x04 at offset 0x0 is no version of WBXML (the first bytes are 04 01 6A 00 05)",
        ),
        (
            "04016a0085",
            "hex text, 5 bytes: not WBXML: 0x04 at offset 0x0 is no version of WBXML (the first bytes are 04 01 6A 00 85)",
        ),
        (
            "SGVsbG8gd29ybGQhISEh",
            "text that could be base64 of 15 bytes, but they are text, not WBXML",
        ),
        (
            "BAFqAEVcT0sD",
            "text that could be base64 of 9 bytes, but they are not WBXML: 0x04 at offset 0x0 is no version of WBXML (the first bytes are 04 01 6A 00 45 5C 4F 4B)",
        ),
        ("iVBORw0KGgoAAAAN", "text that could be base64 of 12 bytes, but they are a PNG image"),
        (
            "03016a000",
            "text that looks like hex but is not: a group of 9 hex digits: an odd number",
        ),
        (
            "03016a00012",
            "text that looks like hex but is not: a group of 11 hex digits: an odd number",
        ),
        (
            "AwFqAAAHVkwDO",
            "text that looks like base64 but is not: 13 base64 digits: the last one stands alone, so text is missing",
        ),
        ("hello there world", "text that is neither hex nor base64 nor a log with bodies in it"),
    ] {
        assert_eq!(auto(bytes.as_bytes()).unwrap_err().to_string(), error);
    }
}

#[test]
fn dumps_that_cannot_be_read_say_what_can() {
    for text in [
        "0000000    3    1  106    0\n0000004\n", // od -td1
        "0000000 003 001   j  \\0\n0000004\n",    // od -c
        "00000000: 00000011 00000001 01101010  ..j\n00000003: 00000001  .\n", // xxd -b
        "0000000 03 01 6a 00\n0000020 45 01\n",   // bytes are missing
    ] {
        let error = auto(text.as_bytes()).unwrap_err();
        assert!(error.what.starts_with("a dump that cannot be read"), "{error}");
        assert!(error.hint.unwrap().contains("od -An"));
    }
    for text in ["", "000000", "hello 0000000", "0000 03", "0000001 03"] {
        assert!(!hex::begins_as_dump(text), "{text}");
    }
}

#[test]
fn a_format_that_was_given_is_not_guessed() {
    assert_eq!(
        detect(b"hello", Format::Wbxml, 100).unwrap().parts[0].content,
        Content::Wbxml(b"hello".to_vec())
    );
    assert_eq!(
        detect(b"FE FF", Format::Hex, 100).unwrap().parts[0].content,
        Content::Wbxml(vec![0xFE, 0xFF])
    );
    assert!(detect(b"xyz", Format::Hex, 100).unwrap_err().what.starts_with("not hex: "));
    assert!(detect(b"!", Format::Base64, 100).unwrap_err().what.starts_with("not base64: "));
    assert!(detect(b"abc", Format::Multipart, 100).is_err());
    assert_eq!(
        detect(b"?Cmd=Sync", Format::Query, 100).unwrap().parts[0].content,
        Content::Query("Cmd=Sync".to_owned())
    );
}

#[test]
fn no_bytes_make_it_panic() {
    // Every prefix of every kind, and every kind with one byte changed.
    let samples = [
        DOCUMENT.to_vec(),
        gzipped(DOCUMENT),
        multipart(DOCUMENT),
        in_response("Transfer-Encoding: chunked\r\n", b"f\r\nabc\r\n0\r\n\r\n"),
        b"00000000: 0301 6a00  ..j.\n00000004: 4501  E.\n".to_vec(),
        b"{ 0x03, (byte) -1, /* x */ 3 }".to_vec(),
        br#""\x03\x01j\0""#.to_vec(),
        b"POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=u HTTP/1.1\r\n\r\n".to_vec(),
        b"x WBXML-OUT: AwFqAAAHVkwDOQABAQ==\n3 1 6a 0 0 6 45\n".to_vec(),
    ];
    for sample in samples {
        for end in 0..sample.len() {
            for (format, ..) in Format::ALL {
                let _ = detect(&sample[..end], format, 100);
            }
        }
        for at in 0..sample.len() {
            for byte in [0, 1, b' ', b'\n', b'0', b'"', b'\\', b'{', 0x80, 0xFF] {
                let mut changed = sample.clone();
                changed[at] = byte;
                let _ = auto(&changed);
            }
        }
    }
}
