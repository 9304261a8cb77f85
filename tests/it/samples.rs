//! Captured bodies of other projects, by path only: `LOSTMAIL_SAMPLES` names the folder that holds
//! `samples/` and `samples-sogo/`.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::{arg, lostmail, lostmail_with, samples, say};

/// A row of the manifest: the columns that matter here.
struct Row {
    file: PathBuf,
    kind: String,
    /// What an independent decoder made of it.
    decode_own: String,
    features: String,
}

fn manifest(folder: &Path) -> Vec<Row> {
    let text = fs::read_to_string(folder.join("MANIFEST.tsv")).expect("a manifest");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    let column = |name: &str| header.iter().position(|&of| of == name);
    let (kind, own, notes) = (column("kind"), column("decode_own"), column("notes"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let cell = |at: Option<usize>| {
                at.and_then(|at| cells.get(at)).copied().unwrap_or_default().to_owned()
            };
            Row {
                file: folder.join(cells[0]),
                kind: cell(kind),
                decode_own: cell(own),
                features: cell(notes),
            }
        })
        .collect()
}

/// Decoded, and the XML encodes to a document that decodes to the same XML.
fn decodes_and_comes_back(file: &Path) {
    let xml = lostmail(&["decode", arg(file)]).code(0);
    let bytes = lostmail_with(&["encode", "-"], &xml.stdout).code(0);
    let again = lostmail_with(&["decode", "-"], &bytes.stdout).code(0);
    assert_eq!(one_empty_form(xml.text()), one_empty_form(again.text()), "{}", file.display());
}

/// XML has no difference between `<a></a>` and `<a/>`; WBXML has, and `decode` shows it. Both are
/// written as the second here: `<` and `>` of values are references.
fn one_empty_form(xml: &str) -> String {
    let line = |line: &str| match line.split_once("></") {
        Some((start, _)) => format!("{start}/>\n"),
        None => format!("{line}\n"),
    };
    xml.lines().map(line).collect()
}

#[test]
fn every_captured_body_decodes_or_says_why() {
    let Some(folder) = samples("captured bodies") else { return };
    let (mut decoded, mut refused) = (0, 0);
    for row in manifest(&folder.join("samples")) {
        match row.kind.as_str() {
            "wbxml" if row.decode_own == "ok" => {
                let general = lostmail(&["decode", arg(&row.file)]);
                if general.code == 0 {
                    decodes_and_comes_back(&row.file);
                    decoded += 1;
                } else {
                    // A second body behind the first, tags in no table.
                    general.code(2).says("offset");
                    lostmail(&["decode", "--mode", "forensic", arg(&row.file)]).code(1);
                    refused += 1;
                }
            }
            "wbxml" | "wbxml-malformed" => {
                lostmail(&["decode", arg(&row.file)]).code(2).says("offset");
                lostmail(&["decode", "--mode", "strict", arg(&row.file)]).code(2).says("offset");
                let forensic = lostmail(&["decode", "--mode", "forensic", arg(&row.file)]).code(1);
                assert!(!forensic.stdout.is_empty(), "{}", row.features);
                refused += 1;
            }
            _ => {}
        }
    }
    say(&format!(
        "{decoded} captured bodies decoded and came back, {refused} refused with an offset"
    ));
    assert!(decoded >= 60 && refused >= 8, "{decoded} decoded, {refused} refused");
}

#[test]
fn every_body_of_the_sogo_server_decodes() {
    let Some(folder) = samples("bodies of SOGo") else { return };
    let mut decoded = 0;
    for row in manifest(&folder.join("samples-sogo")) {
        let bytes = fs::read(&row.file).expect("a sample");
        if bytes.is_empty() {
            lostmail(&["decode", arg(&row.file)]).code(2).says("empty");
        } else if bytes.is_ascii() && bytes[0] > 3 {
            // An answer with HTTP status 500 is a sentence.
            lostmail(&["decode", arg(&row.file)]).code(2).says("it begins with \"Unable");
        } else {
            decodes_and_comes_back(&row.file);
            decoded += 1;
        }
    }
    say(&format!("{decoded} bodies of SOGo decoded and came back"));
    assert!(decoded >= 70, "{decoded}");
}

#[test]
fn documents_of_other_tables_show_their_tokens() {
    let Some(folder) = samples("generic documents") else { return };
    let mut shown = 0;
    for row in manifest(&folder.join("samples")) {
        if row.kind == "generic-wbxml" {
            let run = lostmail(&["decode", "--mode", "forensic", "--to", "dump", arg(&row.file)]);
            assert!(run.code == 0 || run.code == 1, "{}", run.stderr);
            shown += 1;
        }
    }
    say(&format!("{shown} documents of other tables dumped"));
    assert!(shown >= 30, "{shown}");
}

#[test]
fn real_queries_are_read() {
    let Some(folder) = samples("captured queries") else { return };
    let text = fs::read_to_string(folder.join("samples/queries/base64-queries.tsv")).unwrap();
    for line in text.lines().skip(1) {
        let query = line.split('\t').nth(1).expect("a query");
        lostmail_with(&["decode", "-"], query.as_bytes()).code(0).says("base64 form");
    }
}

#[test]
fn real_logs_are_searched_for_bodies() {
    let Some(folder) = samples("captured logs") else { return };
    let log = folder.join("samples/logs/zpush-wbxml-log-excerpt.log");
    let run = lostmail(&["decode", arg(&log)]).code(0).says("a log, 2 WBXML documents");
    assert!(run.text().contains("FolderSync"));
    let log = folder.join("samples/logs/exchange-mailboxlog-calendar-sync.txt");
    lostmail(&["decode", arg(&log)]).code(2).says("XML");
}
