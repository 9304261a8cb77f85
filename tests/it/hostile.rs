//! Bad input: a clear error on standard error, exit code 2 (1 with forensic output), bounded time
//! and memory, no panic.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::{
    FOLDER_SYNC, arg, lostmail, lostmail_in_a_gigabyte, lostmail_with, scratch, sync_response,
};

fn decode(args: &[&str], stdin: &[u8]) -> super::support::Run {
    lostmail_with(&[&["decode"], args, &["-"]].concat(), stdin)
}

#[test]
fn empty_input() {
    for from in ["auto", "wbxml", "hex", "base64", "multipart", "query"] {
        let run = decode(&["--from", from], b"").code(2);
        assert_eq!(run.text(), "");
        assert!(run.stderr.starts_with("lostmail: standard input: "), "{from}: {}", run.stderr);
    }
    decode(&["--mode", "forensic"], b"").code(1);
}

#[test]
fn every_prefix_of_a_document() {
    let body = sync_response();
    // Some prefixes only: each is a process.
    for end in (1..body.len()).step_by(7) {
        let prefix = scratch("prefix.wbxml", &body[..end]);
        let run = lostmail(&["decode", arg(&prefix)]).code(2);
        assert!(run.stderr.contains("offset"), "{}", run.stderr);
        lostmail(&["decode", "--mode", "forensic", arg(&prefix)]).code(1).says("damaged");
    }
}

#[test]
fn random_bytes() {
    // xorshift, so that every run sees the same bytes.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = vec![0; 4096];
    for round in 0..20 {
        for byte in &mut bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_le_bytes()[0];
        }
        if round % 2 == 0 {
            bytes[..4].copy_from_slice(&[3, 1, 0x6A, 0]);
        }
        let run = decode(&[], &bytes).code(2);
        assert!(run.stderr.contains("lostmail: "), "{}", run.stderr);
        for shape in ["xml", "json", "dump"] {
            decode(&["--mode", "forensic", "--from", "wbxml", "--to", shape], &bytes).code(1);
        }
    }
}

#[test]
fn things_that_are_not_wbxml_are_named() {
    for (bytes, words) in [
        (&b"<!DOCTYPE html><html><body>Bad gateway</body></html>"[..], "HTML: a web page"),
        (b"<html><form action=/login><input type=\"password\"></form>", "HTML: a login page"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\n\r\n<html>no</html>", "401"),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n<html>", "cut: 6 of 9"),
        (b"<?xml version=\"1.0\"?><Sync xmlns=\"AirSync\"/>", "lostmail encode"),
        (b"{\"error\":\"unauthorized\"}", "JSON"),
        (b"%PDF-1.4\n%\xE2\xE3", "a PDF document"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"hello, world\n", "neither hex nor base64"),
        (b"\xFE\xDC\xBA\x98\x76", "0xfe at offset 0x0 is no version of WBXML"),
        (b"\x03\x01\x6A\x00\x47\x03\xC3\x28\x00\x01", "offset"),
    ] {
        decode(&[], bytes).code(2).says(words);
        decode(&["--mode", "forensic"], bytes).code(1);
    }
}

#[test]
fn an_empty_response_is_said_to_be_empty() {
    decode(&[], b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").code(0).says("no body");
}

#[test]
fn gzip_is_unpacked_and_a_bomb_is_not() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    decode(&[], &gzip(FOLDER_SYNC)).code(0).says("gzip, 25 bytes, WBXML");
    decode(&[], &gzip(FOLDER_SYNC)[..20]).code(2).says("gzip");
    decode(&[], &gzip(b"<html></html>")).code(2).says("HTML");

    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let megabyte = vec![0; 1 << 20];
    for _ in 0..100 {
        encoder.write_all(&megabyte).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    lostmail_in_a_gigabyte(&["decode", "-"], &bomb).code(2).says("limit of 67108864");
}

#[test]
fn two_hundred_megabytes() {
    let path = scratch("200-megabytes", b"");
    File::options().write(true).open(&path).unwrap().set_len(200_000_000).unwrap();
    let run = lostmail_in_a_gigabyte(&["decode", arg(&path)], b"").code(2);
    assert!(run.stderr.contains("200,000,000 bytes, more than the 67,108,864"), "{}", run.stderr);
    assert!(run.time < Duration::from_secs(10));

    let stream = vec![3; 200_000_000];
    let run = lostmail_in_a_gigabyte(&["decode", "-"], &stream).code(2);
    assert!(run.stderr.contains("more than the 67,108,864"), "{}", run.stderr);
    lostmail_in_a_gigabyte(&["decode", "--mode", "forensic", "-"], &stream).code(2);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn the_largest_input_of_anything() {
    for byte in [0_u8, 1, 3, b'0', b'A', b' ', b'<', 0xFF] {
        let bytes = vec![byte; 20 << 20];
        let run = lostmail_in_a_gigabyte(&["decode", "-"], &bytes).code(2);
        assert!(run.stderr.contains("lostmail: "), "{byte:#x}: {}", run.stderr);
    }
}

#[test]
fn a_million_nested_tags() {
    let mut bytes = b"\x03\x01\x6A\x00".to_vec();
    bytes.resize(4 + 1_000_000, 0x45);
    lostmail_in_a_gigabyte(&["decode", "-"], &bytes).code(2).says("limit passed: depth");
    bytes.resize(bytes.len() + 1_000_000, 0x01);
    lostmail_in_a_gigabyte(&["decode", "-"], &bytes).code(2).says("limit passed: depth");
    for shape in ["xml", "json", "tokens", "dump"] {
        let run =
            lostmail_in_a_gigabyte(&["decode", "--mode", "forensic", "--to", shape, "-"], &bytes)
                .code(1);
        assert!(run.stdout.len() < 200_000_000, "{shape}: {} bytes", run.stdout.len());
    }
}

#[test]
fn lengths_that_are_claimed_are_not_believed() {
    for bytes in [
        &b"\x03\x01\x6A\x8F\xFF\xFF\xFF\x7F\x45\x01"[..], // a string table of 4 GiB
        b"\x03\x01\x6A\x00\x45\xC3\x8F\xFF\xFF\xFF\x7F\x01", // opaque data of 4 GiB
        b"\x03\x01\x6A\x00\x45\xC3\xFF\xFF\xFF\xFF\xFF\x01", // a length without end
    ] {
        lostmail_in_a_gigabyte(&["decode", "-"], bytes).code(2).says("offset");
        lostmail_in_a_gigabyte(&["decode", "--mode", "forensic", "-"], bytes).code(1);
    }
    // A multipart response that claims four billion parts, or a part of four billion bytes.
    for bytes in [&b"\xFF\xFF\xFF\xFF\x0C\0\0\0"[..], b"\x01\0\0\0\x0C\0\0\0\xFF\xFF\xFF\xFF\x03"] {
        lostmail_in_a_gigabyte(&["decode", "--from", "multipart", "-"], bytes)
            .code(2)
            .says("a multipart response");
    }
}

#[test]
fn files_that_are_none() {
    lostmail(&["decode", "no-such-file"]).code(2).says("lostmail: no-such-file: no such file");
    let folder = env!("CARGO_TARGET_TMPDIR");
    lostmail(&["decode", folder]).code(2).says("is a directory");
    // Forensic mode cannot make up for what is not there.
    lostmail(&["decode", "--mode", "forensic", "no-such-file"]).code(2);
    lostmail(&["decode", "--mode", "forensic", folder]).code(2);
}

#[test]
fn nothing_from_the_input_steers_the_terminal() {
    let mut bytes = b"\x03\x01\x6A\x00\x47\x03".to_vec();
    bytes.extend(b"\x1b]0;owned\x07\x1b[2J");
    bytes.extend(b"\x00\x01");
    for shape in ["xml", "json", "tokens", "dump"] {
        for mode in ["general", "forensic"] {
            let run = decode(&["--mode", mode, "--to", shape], &bytes);
            assert!(!run.stdout.contains(&0x1B), "{shape} {mode}: {:?}", run.text());
        }
    }
    let name = "no\u{1b}[31m-such\u{7}file";
    let run = lostmail(&["decode", name]).code(2);
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{7}'));
}
