//! `lostmail encode`.

use super::support::{FOLDER_SYNC, arg, lostmail, lostmail_with, scratch, sync_response};

#[test]
fn what_decode_prints_encodes_to_the_same_bytes() {
    for bytes in [FOLDER_SYNC.to_vec(), sync_response()] {
        let xml = lostmail_with(&["decode", "-"], &bytes).code(0);
        let again = lostmail_with(&["encode", "-"], &xml.stdout).code(0);
        assert_eq!(again.stdout, bytes);
    }
}

#[test]
fn bytes_as_hex_as_base64_and_in_a_file() {
    let xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Ping xmlns=\"Ping\"/>";
    let hex = lostmail_with(&["encode", "--hex", "-"], xml.as_bytes()).code(0);
    assert_eq!(hex.text(), "03 01 6A 00 00 0D 05\n");
    let base64 = lostmail_with(&["encode", "--base64", "-"], xml.as_bytes()).code(0);
    assert_eq!(base64.text(), "AwFqAAANBQ==\n");
    let file = scratch("ping.xml", xml.as_bytes());
    let target = file.with_extension("wbxml");
    lostmail(&["encode", "-o", arg(&target), arg(&file)]).code(0);
    assert_eq!(std::fs::read(target).unwrap(), b"\x03\x01\x6A\x00\x00\x0D\x05");
}

#[test]
fn xml_that_cannot_be_encoded_says_why() {
    let encode = |xml: &[u8]| lostmail_with(&["encode", "-"], xml);
    encode(b"").code(2).says("lostmail: standard input: ");
    encode(b"hello").code(2).says("lostmail: standard input: ");
    encode(b"\xFF\xFF").code(2).says("not text");
    encode(b"<Ping xmlns=\"Ping\">").code(2).says("lostmail: standard input: ");
    encode(b"<NoSuchTag xmlns=\"Ping\"/>").code(2).says("NoSuchTag");
    encode(b"<Sync xmlns=\"NoSuchSpace\"/>").code(2).says("lostmail: standard input: ");
    lostmail(&["encode", "no-such-file"]).code(2).says("no-such-file: no such file");
    lostmail_with(&["encode", "-o", "/no/such/folder/x", "-"], b"<Ping xmlns=\"Ping\"/>")
        .code(2)
        .says("cannot be written");
}
