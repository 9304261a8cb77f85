//! Writes the seeds of each target into a folder: `cargo run -p lostmail-fuzz --example seeds -- DIR`.
//!
//! Documents of `corpus/documents` in WBXML and XML, what the generator makes of fixed entropy,
//! whole, general and broken, and query strings. A fuzzer starts from these; what it finds is
//! minimised into `corpus/fuzz`.

use activesync_generator::arbitrary::{Arbitrary, Unstructured};
use activesync_generator::{Broken, Dice, Document, General, shapes};
use lostmail_fuzz::{Input, TARGETS};
use std::path::{Path, PathBuf};
use std::{env, fs, io};
use wbxml::{Options, Tree, xml};

const QUERIES: [&str; 5] = [
    "Cmd=Sync&User=ada%40harbour.example&DeviceId=D0C0FFEE&DeviceType=phone",
    "Cmd=SmartReply&User=a&DeviceId=x&DeviceType=y&ItemId=5%3a31&CollectionId=5&SaveInSent=T",
    "Cmd=GetAttachment&DeviceId=x&DeviceType=y&AttachmentName=5%3A31%3A1",
    "jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l",
    "oQkJBAhEMEMwRkZFRQQBAgMEBXBob25lBwEDCANhZGE%3D",
];

/// Mistakes in XML, one each, and forms that our own writer does not use.
const TEXTS: [&str; 25] = [
    "<!DOCTYPE ActiveSync PUBLIC \"-//MICROSOFT//DTD ActiveSync//EN\" 'http://x/'><Sync xmlns='AirSync'/>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]><Sync xmlns='AirSync'/>",
    "<Sync xmlns='AirSync'/><!DOCTYPE a>",
    "<Sync xmlns='AirSync'></Add>",
    "<Sync xmlns='AirSync'>]]></Sync>",
    "&amp;<Sync xmlns='AirSync'/>",
    "<![CDATA[a]]><Sync xmlns='AirSync'/>",
    "<Sync xmlns='AirSync'>&nosemicolon</Sync>",
    "<Sync xmlns='AirSync'>&#+9;</Sync>",
    "<a:Sync xmlns:a='AirSync'><b:Data xmlns:b='AirSyncBase' xmlns:='x'/></a:Sync>",
    "<a:Sync xmlns:a='AirSync'><b:Data xmlns:b='AirSyncBase'>x</b:Data></a:Sync>",
    "<document xmlns='wbxml'><document/></document>",
    "<value xmlns='wbxml'>a</value>",
    "<document xmlns='wbxml'> <Sync xmlns='AirSync'/> <Add xmlns='AirSync'/> </document>",
    "<Sync xmlns='AirSync' text='escaped'>\\</Sync>",
    "<Sync xmlns='AirSync' opaque='base64'>a</Sync>",
    "<Sync xmlns='AirSync' b='c",
    "<!-- nothing -->",
    "<Sync xmlns='AirSync'>\t&#9;&#xA;</Sync>",
    "<Sync xmlns='AirSync' text='escaped'>\\u{0}</Sync>",
    "<Data xmlns='AirSyncBase'>a\r\nb\rc</Data>",
    "<unknown xmlns='wbxml' page='1' token='4'/>",
    "<Sync xmlns='AirSync'>\t<Add />\n</Sync >",
    "<Sync xmlns='AirSync' opaque='base64'>AB==</Sync>",
    "<Sync xmlns='AirSync'><Sync><Sync><Sync/></Sync></Sync></Sync>",
];

/// Calls of the encoder that are mistakes.
const CALLS: [&[u8]; 6] = [
    b"",
    b"\x00\x02",
    b"\x00\x00\x00\xf7\x02\0\0",
    b"\x00\x00\x00\x09\0\0\0",
    b"\x3d\x00\x00\x3d\x00\x00",
    b"\x3c\x00\x00\xff",
];

const NAMES: [&str; 14] = [
    "\0\u{5}first message",
    "\0?first later",
    "\0\u{6}first: MESSAGE",
    "\u{7}\u{7}seventh old",
    "\u{7}\u{7}again new",
    "\u{9}?beyond the hash",
    "\u{14}\u{5}crowd message",
    "\u{2}\u{14}Email: Subject",
    "\u{4}\u{9}Calendar Attendee_Email",
    "\u{8}\u{8}first many",
    "\0\u{10}first MORE",
    "\0\u{8}first ",
    "\u{11}\u{b}AirSyncBase Data",
    "\u{1}\u{5}last global",
];

const CAPTURES: [&str; 12] = [
    "00000000: 0301 6a00  ..j.\n00000004: 4501  E.\n",
    "00000000  03 01 6a 00 45 01  |..j.E.|\n00000006\n",
    "{ 0x03, (byte) -1, /* x */ 106, 0 } // c",
    "\"\\x03\\x01j\\0\\x45\" \"\\1\"",
    "POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=u HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n\u{3}\u{1}j\0E\u{1}\r\n0\r\n\r\n",
    "x WBXML-OUT: AwFqAAAHVkwDOQABAQ==\n3 1 6a 0 0 6 45 1\n",
    "10.0.0.9 \"POST /Microsoft-Server-ActiveSync?jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l HTTP/1.0\" 200",
    "<!DOCTYPE html><html><input type=password>",
    "{\"log\": {\"entries\": []}}",
    "From: ada@harbour.example\r\nTo: b@c\r\nSubject: x\r\n\r\nhello",
    "data:application/octet-stream;base64,AwFqAEUB",
];

/// A multipart response of a document and three bytes.
fn multipart(document: &[u8]) -> Vec<u8> {
    let length = u32::try_from(document.len()).unwrap_or_default();
    let table = [2, 20, length, 20 + length, 3].map(u32::to_le_bytes).concat();
    [&table, document, b"abc"].concat()
}

fn main() -> io::Result<()> {
    let Some(out) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("where to?"));
    };
    let (mut wbxml, mut text) = (Vec::new(), Vec::new());
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/documents");
    for entry in fs::read_dir(documents)? {
        let document = fs::read_to_string(entry?.path())?;
        let tree = xml::from_str(&document).map_err(io::Error::other)?;
        wbxml.push(tree.encode().map_err(io::Error::other)?);
        let mut indented = String::new();
        xml::write(&tree, xml::Style::Indented, &mut indented);
        text.extend([document.into_bytes(), indented.into_bytes()]);
    }
    for document in [shapes::siblings(2), shapes::nested(64), shapes::nested(65)] {
        wbxml.push(document.map_err(io::Error::other)?);
    }
    let mut entropies = Vec::new();
    let mut dice = Dice::new(1);
    for round in 0..48 {
        let entropy = dice.bytes(20 + 4 * round);
        let mut source = Unstructured::new(&entropy);
        let bytes = match round % 3 {
            0 => Document::arbitrary(&mut source).map(|document| document.bytes()),
            1 => General::arbitrary(&mut source).map(|document| document.0.bytes()),
            _ => Broken::arbitrary(&mut source).map(|broken| broken.bytes),
        };
        let bytes = bytes.map_err(io::Error::other)?;
        if let Ok(tree) = Tree::decode(&bytes, &Options::general()) {
            text.push(xml::to_string(&tree).into_bytes());
        }
        wbxml.push(bytes);
        entropies.push(entropy);
    }
    let queries: Vec<_> = QUERIES.iter().map(|query| query.as_bytes().to_vec()).collect();
    // Two bytes choose the wrappings of what follows; whole captures are inputs of their own.
    let captures: Vec<_> = (0..32_u8)
        .zip(wbxml.iter().cycle())
        .map(|(choice, document)| [&[choice, choice / 3][..], &document[4..]].concat())
        .chain(CAPTURES.iter().map(|text| text.as_bytes().to_vec()))
        .collect();
    let multiparts: Vec<_> = wbxml.iter().map(|document| multipart(document)).collect();
    text.extend(TEXTS.iter().map(|text| text.as_bytes().to_vec()));
    let calls: Vec<_> =
        entropies.iter().cloned().chain(CALLS.iter().map(|calls| calls.to_vec())).collect();
    let names: Vec<_> = NAMES.iter().map(|name| name.as_bytes().to_vec()).collect();
    for target in TARGETS {
        let folder = out.join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = match target.input {
            Input::Wbxml => &wbxml,
            Input::Xml => &text,
            Input::Entropy => &entropies,
            Input::Query => &queries,
            Input::Calls => &calls,
            Input::Name => &names,
            Input::Multipart => &multiparts,
            Input::Capture => &captures,
        };
        for (number, seed) in seeds.iter().filter(|seed| seed.len() <= 4096).enumerate() {
            fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
    }
    Ok(())
}
