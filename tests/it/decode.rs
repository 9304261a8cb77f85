//! `lostmail decode`, shape by shape and wrapping by wrapping.

use super::support::{
    FOLDER_SYNC, Run, arg, golden, lostmail, lostmail_with, scratch, sync_response,
};

fn decode(args: &[&str], stdin: &[u8]) -> Run {
    lostmail_with(&[&["decode"], args, &["-"]].concat(), stdin)
}

#[test]
fn every_shape_of_a_small_document() {
    for shape in ["xml", "json", "tokens", "dump"] {
        let plain = decode(&["--to", shape], FOLDER_SYNC).code(0);
        golden(&format!("folder-sync.{shape}"), plain.text());
        assert_eq!(plain.stderr, "lostmail: standard input: taken for WBXML\n");
    }
}

#[test]
fn explanations_stand_beside_the_values() {
    for shape in ["xml", "json", "tokens", "dump"] {
        let run = decode(&["--explain", "--to", shape], &sync_response()).code(0);
        golden(&format!("sync-response-explained.{shape}"), run.text());
        for meaning in ["success", "a mail", "unread", "plain text"] {
            assert!(run.text().contains(meaning), "{shape}: {meaning}");
        }
    }
}

#[test]
fn explained_xml_still_encodes_to_the_same_bytes() {
    let xml = decode(&["--explain"], &sync_response()).code(0);
    let bytes = lostmail_with(&["encode", "-"], &xml.stdout).code(0);
    assert_eq!(bytes.stdout, sync_response());
}

#[test]
fn json_is_an_alias_and_parses() {
    let run = decode(&["--json", "--explain"], &sync_response()).code(0);
    assert_eq!(run.text(), decode(&["--to", "json", "--explain"], &sync_response()).text());
    assert_eq!(run.text().lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(run.text()).unwrap();
    assert_eq!(value["schema"], "lostmail/decode/1");
    let part = &value["parts"][0];
    assert_eq!(part["kind"], "wbxml");
    assert_eq!(part["header"]["charset"], 106);
    let collection = &part["content"][0]["content"][0]["content"][0];
    assert_eq!(collection["tag"], "Collection");
    assert_eq!(collection["namespace"], "AirSync");
    assert_eq!(collection["content"][3]["content"][0]["text"], "1");
    assert_eq!(collection["content"][3]["content"][0]["meaning"], "success");
}

#[test]
fn documents_of_another_type_are_shown_by_numbers() {
    let wml = b"\x03\x0a\x6a\x00\x45\x00\x01\x46\x01\x01";
    let run = decode(&["--to", "tokens"], wml).code(0);
    assert!(run.text().contains("page 0x00 token 0x05") && !run.text().contains("Sync"));
    assert!(run.text().contains("another document type"));
    let run = decode(&[], b"\x03\x0a\x6a\x00\x45\x01").code(0);
    assert!(run.stderr.contains("another document type"), "{}", run.stderr);
    // A literal public id of ActiveSync, as libwbxml writes it, is none.
    let bytes =
        [b"\x03\x00\x00\x6a\x1b", &b"-//AIRSYNC//DTD AirSync//EN"[..26], b"\0\x45\x83\x05\x01"];
    let run = decode(&["--to", "tokens"], &bytes.concat()).code(0);
    assert!(run.text().contains("Sync (AirSync)"), "{}", run.text());
    assert!(run.text().contains("STR_T         ") && run.text().contains("index 5 \"RSYNC//DTD"));
}

#[test]
fn a_damaged_wrapping_is_damage() {
    let cut = [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", FOLDER_SYNC].concat();
    let forensic = decode(&["--mode", "forensic"], &cut).code(1);
    assert!(forensic.stderr.contains("cut: "), "{}", forensic.stderr);
    assert!(forensic.text().contains("<FolderSync"));
    let json = decode(&["--json", "-q"], &cut).code(2);
    let value: serde_json::Value = serde_json::from_str(json.text()).unwrap();
    assert!(value["damaged"][0].as_str().unwrap().starts_with("cut: "));
    assert!(decode(&["-q"], &cut).code(2).text().contains("<FolderSync"));
}

#[test]
fn json_has_the_limit_of_nodes_that_xml_has() {
    let nodes = wbxml::Limits::default().nodes;
    let bytes = [b"\x03\x01\x6a\x00\x45", &*vec![0x0B; nodes], b"\x01"].concat();
    for shape in ["xml", "json"] {
        let run = decode(&["--to", shape], &bytes).code(2);
        assert!(run.stderr.contains("number of nodes"), "{shape}: {}", run.stderr);
        let forensic = decode(&["--mode", "forensic", "--to", shape], &bytes).code(1);
        assert!(forensic.stderr.contains("1 mark"), "{shape}: {}", forensic.stderr);
    }
    // An element with one text is one node.
    let leaves = b"\x4b\x031\0\x01".repeat(nodes / 2 + 1);
    let bytes = [b"\x03\x01\x6a\x00\x45", &*leaves, b"\x01"].concat();
    for shape in ["xml", "json"] {
        decode(&["--to", shape], &bytes).code(0);
    }
}

/// Every member that is printed stands in README.
#[test]
fn the_schema_of_json_is_documented() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))
        .expect("README.md");
    let cut = &FOLDER_SYNC[..20];
    let outputs = [
        decode(&["--json", "--explain"], &sync_response()),
        decode(&["--json"], cut),
        decode(&["--json", "--mode", "forensic"], cut),
        decode(&["--json"], b"jQMJCBBgMOo4NRIhymNelU6Z7jHTBDzZUJwLV2luZG93c01haWwHAQE="),
        decode(&["--json"], &multipart()),
        decode(&["--json"], b"hello"),
    ];
    let mut members = std::collections::BTreeSet::new();
    for output in &outputs {
        let mut values: Vec<serde_json::Value> = vec![serde_json::from_str(output.text()).unwrap()];
        while let Some(value) = values.pop() {
            match value {
                serde_json::Value::Array(items) => values.extend(items),
                serde_json::Value::Object(object) => {
                    for (name, value) in object {
                        members.insert(name);
                        values.push(value);
                    }
                }
                _ => {}
            }
        }
    }
    assert!(members.len() > 30, "{members:?}");
    for name in members {
        assert!(readme.contains(&format!("`{name}`")), "README does not tell of {name}");
    }
}

fn multipart() -> Vec<u8> {
    let mut bytes = Vec::new();
    let length = u32::try_from(FOLDER_SYNC.len()).unwrap();
    for number in [2, 20, length, 20 + length, 5] {
        bytes.extend(u32::to_le_bytes(number));
    }
    bytes.extend(FOLDER_SYNC);
    bytes.extend(b"hello");
    bytes
}

/// The spans of a dump tile the input: its bytes put together again are the input.
#[test]
fn a_dump_shows_every_byte_once() {
    let cut = &sync_response()[..50];
    for (mode, bytes) in [
        ("general", sync_response()),
        ("general", FOLDER_SYNC.to_vec()),
        ("forensic", cut.to_vec()),
        ("forensic", [FOLDER_SYNC, b"\x01\x01garbage\xFF"].concat()),
        ("forensic", vec![0xFF; 40]),
    ] {
        let run = decode(&["--mode", mode, "--to", "dump", "--from", "wbxml"], &bytes);
        let mut dumped = Vec::new();
        for line in run.text().lines() {
            let (offset, rest) = line.split_at(8);
            assert_eq!(usize::from_str_radix(offset, 16), Ok(dumped.len()), "{line}");
            let hex = rest.get(2..25).unwrap_or(&rest[2..]).trim_end();
            // A mark at the end of the input has no bytes.
            let hex = hex.split(' ').filter(|byte| !byte.is_empty());
            dumped.extend(hex.map(|byte| u8::from_str_radix(byte, 16).unwrap()));
        }
        assert_eq!(dumped, bytes, "{mode}");
    }
}

#[test]
fn every_wrapping_gives_the_same_document() {
    let body = sync_response();
    let plain = decode(&[], &body).code(0);
    let hex: Vec<String> = body.iter().map(|byte| format!("{byte:02X}")).collect();
    let short: Vec<String> = body.iter().map(|byte| format!("{byte:x}")).collect();
    let array: Vec<String> = body.iter().map(|byte| format!("0x{byte:02x}")).collect();
    let base64 = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&body)
    };
    let lines: Vec<&str> =
        base64.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ms-sync.wbxml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let wrapped: [(&str, Vec<u8>); 8] = [
        ("hex text", hex.concat().into_bytes()),
        ("hex text", hex.join(" ").into_bytes()),
        ("hex text", short.join(" ").into_bytes()),
        ("an array in source code", format!("char x[] = {{ {} }};", array.join(", ")).into_bytes()),
        ("base64 text", base64.clone().into_bytes()),
        ("base64 text", lines.join("\r\n").into_bytes()),
        ("HTTP response 200 OK", [response.as_bytes(), &body].concat()),
        (
            "a log, 1 WBXML document",
            format!("22/11/2026 09:15:02 [ 2799] [WBXML] [u] WBXML-OUT: {base64}\n").into_bytes(),
        ),
    ];
    for (step, input) in wrapped {
        let run = decode(&[], &input).code(0).says(step);
        assert_eq!(run.text(), plain.text(), "{step}");
    }
}

#[test]
fn a_query_is_told_field_by_field() {
    let query = b"jQMJCBBgMOo4NRIhymNelU6Z7jHTBDzZUJwLV2luZG93c01haWwHAQE=\n";
    let rows = decode(&[], query).code(0).says("a request's query, base64 form");
    golden("query.txt", rows.text());
    let value: serde_json::Value =
        serde_json::from_str(decode(&["--json"], query).code(0).text()).unwrap();
    let query_value = &value["parts"][0]["query"];
    assert_eq!(query_value["command"], "SmartReply");
    assert_eq!(query_value["device_id"], "6030EA38351221CA635E954E99EE31D3");
    assert_eq!(query_value["policy_key"], 2_622_544_188_u32);
    golden("query.dump", decode(&["--to", "dump"], query).code(0).text());
    decode(&["--from", "query"], b"jQMJCBBgMOo4").code(2).says("16 bytes");
}

#[test]
fn a_multipart_response_shows_its_parts() {
    let bytes = multipart();
    let run = decode(&[], &bytes).code(0).says("a multipart response, 2 parts");
    golden("multipart.xml", run.text());
    decode(&["--from", "multipart"], &bytes[..30]).code(2).says("ends at offset");
    // Where only the last byte is missing, the document is whole.
    let cut = &bytes[..bytes.len() - 1];
    let run = decode(&["--mode", "forensic"], cut).code(1).says("part 1 ends at offset");
    assert!(run.text().contains("<FolderSync") && !run.text().contains("damage"));
    assert!(decode(&[], cut).code(2).text().contains("<FolderSync"));
}

#[test]
fn several_files_have_headers_and_a_bad_one_does_not_stop_the_rest() {
    let good = scratch("several-good.wbxml", FOLDER_SYNC);
    let html = scratch("several.html", b"<html><form><input type=password></form></html>");
    let run = lostmail(&["decode", "no-such-file", arg(&html), arg(&good)]).code(2);
    assert!(run.stderr.contains("lostmail: no-such-file: no such file"));
    assert!(run.stderr.contains("several.html: HTML: a login page"));
    assert!(run.text().contains("==> no-such-file <=="));
    assert!(run.text().contains("FolderSync"));

    let run = lostmail(&["decode", "--json", "no-such-file", arg(&good)]).code(2);
    let lines: Vec<serde_json::Value> =
        run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["error"]["message"], "no such file");
    assert_eq!(lines[1]["error"], serde_json::Value::Null);
}

#[test]
fn an_error_says_what_where_and_what_to_do() {
    let bytes = b"\x03\x01\x6A\x00\x45\x5C\x4F\x7F\x030\x00\x01\x01\x01\x01";
    let run = decode(&[], bytes).code(2);
    golden("unknown-tag.stderr", &run.stderr);
    assert_eq!(run.text(), "");
}

#[test]
fn strict_mode_says_that_general_mode_would_read_it() {
    // A string table, as libwbxml writes it.
    let bytes = b"\x03\x01\x6A\x02a\0\x45\x5C\x4F\x4B\x83\x00\x01\x01\x01\x01";
    decode(&[], bytes).code(0);
    decode(&["--mode", "strict"], bytes).code(2).says("general mode reads this document");
}

#[test]
fn forensic_mode_marks_damage_and_says_so_in_the_exit_code() {
    decode(&["--mode", "forensic"], FOLDER_SYNC).code(0);
    for shape in ["xml", "json", "tokens", "dump"] {
        let run = decode(&["--mode", "forensic", "--to", shape], &FOLDER_SYNC[..20]).code(1);
        assert!(run.stderr.contains("damaged"), "{}", run.stderr);
        golden(&format!("cut.{shape}"), run.text());
    }
}
