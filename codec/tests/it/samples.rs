//! Captured bodies, where they are: `LOSTMAIL_SAMPLES` names the folder that holds `samples/` and
//! `samples-sogo/`.

use std::fs;
use std::path::{Path, PathBuf};
use wbxml::{ACTIVE_SYNC, Charset, Decoder, ErrorKind, Event, Options, Table, Token, Tokens, Tree};

/// A table in which nothing is known: tokens come out as numbers.
static NO_TABLE: Table = Table::new(&[]);

fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("LOSTMAIL_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: LOSTMAIL_SAMPLES is not set");
    }
    folder
}

/// The rows of the manifest that are of one of these kinds: path and what the collector's own
/// decoder said.
fn manifest(folder: &Path, kinds: &[&str]) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join("samples/MANIFEST.tsv")).unwrap();
    let mut lines = text.lines();
    let header: Vec<_> = lines.next().unwrap().split('\t').collect();
    let column = |name| header.iter().position(|&title| title == name).unwrap();
    let (file, kind, own) = (column("file"), column("kind"), column("decode_own"));
    lines
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| kinds.contains(&row[kind]))
        .map(|row| (row[file].to_owned(), row[own].to_owned()))
        .collect()
}

/// Reads it by everything that reads, and checks what must hold for any document that general
/// mode takes.
#[track_caller]
fn check_good(name: &str, bytes: &[u8], tree: &Tree) {
    let options = Options::general();
    let events: Vec<_> = Decoder::new(bytes, &options).collect::<Result<_, _>>().unwrap();
    assert_eq!(tree.events().collect::<Vec<_>>(), events, "{name}");
    let encoded = tree.encode().unwrap();
    let again: Vec<_> =
        Decoder::new(&encoded, &Options::strict()).collect::<Result<_, _>>().unwrap();
    assert_eq!(again, events, "{name}");
    let forensic: Vec<_> =
        Decoder::new(bytes, &Options::forensic()).collect::<Result<_, _>>().unwrap();
    assert_eq!(forensic, events, "{name}");
    let mut copy = Vec::new();
    for spanned in Tokens::new(bytes, &options) {
        spanned.unwrap().token.write(Charset::Utf8, &mut copy);
    }
    assert_eq!(copy, bytes, "{name}: tokens written again");
    #[cfg(feature = "xml")]
    for style in [wbxml::xml::Style::Compact, wbxml::xml::Style::Indented] {
        let mut text = String::new();
        wbxml::xml::write(tree, style, &mut text);
        assert_eq!(&wbxml::xml::from_str(&text).unwrap(), tree, "{name}");
    }
}

/// What must hold for any bytes at all in forensic mode.
#[track_caller]
fn check_forensic(name: &str, bytes: &[u8]) -> Tree {
    let mut end = 0;
    let mut copy = Vec::new();
    for spanned in Tokens::new(bytes, &Options::forensic()) {
        let spanned = spanned.unwrap();
        assert_eq!(spanned.span.start, end, "{name}: spans tile the input");
        end = spanned.span.end;
        copy.extend_from_slice(&bytes[spanned.span]);
    }
    assert_eq!(copy, bytes, "{name}: every byte is kept");
    Tree::decode(bytes, &Options::forensic()).unwrap()
}

#[test]
fn captured_bodies() {
    let Some(folder) = samples() else { return };
    let (mut good, mut bad) = (0, Vec::new());
    for (name, own) in manifest(&folder, &["wbxml", "wbxml-malformed"]) {
        let bytes = fs::read(folder.join("samples").join(&name)).unwrap();
        match Tree::decode(&bytes, &Options::general()) {
            Ok(tree) => {
                assert_eq!(own, "ok", "{name}");
                check_good(&name, &bytes, &tree);
                good += 1;
            }
            Err(error) => {
                assert!(!check_forensic(&name, &bytes).damage().is_empty(), "{name}");
                let strict = Tree::decode(&bytes, &Options::strict()).unwrap_err();
                assert!(strict.offset() <= error.offset(), "{name}");
                bad.push((name, error.kind(), error.offset()));
            }
        }
    }
    let unknown = |page, token| ErrorKind::UnknownTag { page, token };
    let expected = [
        ("aosp-exchange/malformed-data.wbxml", ErrorKind::UnknownPage(0x33), 10),
        ("aosp-exchange/run-on-integer-encoding.wbxml", ErrorKind::IntegerTooLong, 7),
        ("aosp-exchange/tag-with-attributes.wbxml", ErrorKind::Attributes(0xDF), 5),
        ("aosp-exchange/unknown-code-page.wbxml", ErrorKind::UnknownPage(0x40), 5),
        ("aosp-exchange/unknown-tag.wbxml", unknown(0, 0x3F), 5),
        ("aosp-exchange/unsupported-wbxml-tag.wbxml", ErrorKind::UnsupportedToken(0xC2), 6),
        ("libwbxml/fuzz-1.wbxml", unknown(0, 0x39), 50),
        ("libwbxml/fuzz-3.wbxml", ErrorKind::Version(7), 0),
        ("wbxml-stream/activesync-016.wbxml", ErrorKind::SecondRoot, 52),
    ];
    let bad: Vec<_> = bad.iter().map(|(name, kind, at)| (name.as_str(), *kind, *at)).collect();
    println!("{good} bodies read by all layers, {} refused and kept by forensic mode", bad.len());
    assert_eq!(bad, expected);
    assert_eq!(good, 71);
}

#[test]
fn bodies_of_sogo() {
    let Some(folder) = samples() else { return };
    let mut files: Vec<_> = fs::read_dir(folder.join("samples-sogo"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wbxml"))
        .collect();
    files.sort();
    let (mut good, mut rest) = (0, 0);
    for path in files {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        match Tree::decode(&bytes, &Options::strict()) {
            Ok(tree) => {
                check_good(&name, &bytes, &tree);
                good += 1;
            }
            Err(error) => {
                // Bodies that are rightly empty, and one that is an error message in plain text.
                let text = name == "0035-FolderCreate-response.wbxml";
                let kind = if text { ErrorKind::Version(b'U') } else { ErrorKind::Empty };
                assert_eq!((error.kind(), error.offset()), (kind, 0), "{name}");
                assert_eq!(error.hint().is_some_and(|hint| hint.contains("plain text")), text);
                assert!(!check_forensic(&name, &bytes).damage().is_empty(), "{name}");
                rest += 1;
            }
        }
    }
    println!("{good} bodies read, {rest} empty or not WBXML");
    assert!(good > 50 && rest < 10, "{good} good, {rest} not");
}

#[test]
fn documents_of_other_types_are_tokens() {
    let Some(folder) = samples() else { return };
    let options = Options { table: &NO_TABLE, ..Options::general() };
    let (mut good, mut wrong) = (0, 0);
    for (name, _) in manifest(&folder, &["generic-wbxml"]) {
        let bytes = fs::read(folder.join("samples").join(&name)).unwrap();
        let tokens: Result<Vec<_>, _> = Tokens::new(&bytes, &options).collect();
        match tokens {
            Ok(tokens) => {
                assert!(!name.contains("-error"), "{name}");
                let mut copy = Vec::new();
                let mut end = 0;
                for spanned in &tokens {
                    assert_eq!(spanned.span.start, end);
                    end = spanned.span.end;
                    spanned.token.write(Charset::Utf8, &mut copy);
                }
                assert_eq!(end, bytes.len(), "{name}");
                assert_eq!(copy, bytes, "{name}");
                assert!(tokens.iter().any(|spanned| matches!(spanned.token, Token::Tag { .. })));
                good += 1;
            }
            Err(error) => {
                assert!(name.contains("-error"), "{name}: {error}");
                wrong += 1;
            }
        }
        let forensic = Options { table: &NO_TABLE, ..Options::forensic() };
        let end = Tokens::new(&bytes, &forensic).map(|token| token.unwrap().span.end).last();
        assert_eq!(end, Some(bytes.len()));
    }
    println!("{good} documents of other types as tokens, {wrong} wrong for their version");
    assert_eq!((good, wrong), (35, 5));
}

#[test]
fn bodies_of_activesync_in_general_and_forensic_mode_agree() {
    let Some(folder) = samples() else { return };
    for (name, _) in manifest(&folder, &["generic-wbxml", "wbxml-malformed"]) {
        let bytes = fs::read(folder.join("samples").join(&name)).unwrap();
        // Against the wrong table everything is damage, and still nothing is lost.
        let tree = check_forensic(&name, &bytes);
        let starts = tree.events().filter(|event| matches!(event, Event::Start { .. })).count();
        let ends = tree.events().filter(|event| *event == Event::End).count();
        assert_eq!(starts, ends, "{name}");
        assert!(std::ptr::eq(tree.table(), &raw const ACTIVE_SYNC));
    }
}

/// XML that other projects wrote down, some of it for other tables.
#[cfg(feature = "xml")]
#[test]
fn xml_of_other_projects_is_read_or_named() {
    use wbxml::xml;
    let Some(folder) = samples() else { return };
    let (mut good, mut bad) = (0, Vec::new());
    for (name, _) in manifest(&folder, &["xml"]) {
        let Ok(text) = fs::read_to_string(folder.join("samples").join(&name)) else {
            bad.push((name, None));
            continue;
        };
        match xml::from_str(&text) {
            Ok(tree) => {
                let bytes = tree.encode().unwrap();
                assert_eq!(Tree::decode(&bytes, &Options::strict()).unwrap(), tree, "{name}");
                check_good(&name, &bytes, &tree);
                good += 1;
            }
            Err(error) => {
                assert!(error.offset() <= text.len());
                bad.push((name, Some(error.kind())));
            }
        }
    }
    println!("{good} XML documents read and encoded, {} refused: {bad:?}", bad.len());
    // Namespaces of another implementation, an element that no table has.
    let named = |kind: &Option<ErrorKind>| matches!(kind, Some(ErrorKind::UnknownName));
    assert!(bad.iter().all(|(_, kind)| named(kind)), "{bad:?}");
    assert_eq!((good, bad.len()), (101, 4));
}

/// Every row of the manifest is looked at by a test here, or belongs to another crate.
#[test]
fn no_row_of_the_manifest_is_left_out() {
    let Some(folder) = samples() else { return };
    let count = |kinds: &[&str]| manifest(&folder, kinds).len();
    let text = fs::read_to_string(folder.join("samples/MANIFEST.tsv")).unwrap();
    let rows = text.lines().count() - 1;
    let documents = count(&["wbxml", "wbxml-malformed", "generic-wbxml"]);
    let xml = count(&["xml"]);
    // XML of other document types has no table here; logs and queries are read by the tool.
    let elsewhere = count(&["generic-xml", "log", "query"]);
    println!("{rows} rows: {documents} documents, {xml} XML, {elsewhere} not of this crate");
    assert_eq!(documents + xml + elsewhere, rows);
}
