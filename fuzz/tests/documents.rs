//! The documents of `corpus/documents`: a command each, written down as XML.

use std::fs;
use std::path::Path;
use wbxml::{Decoder, Options, Tree, xml};

#[test]
fn each_is_read_and_comes_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/documents");
    let mut read = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let tree =
            xml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let bytes = tree.encode().unwrap();
        assert_eq!(Tree::decode(&bytes, &Options::strict()).unwrap(), tree);
        assert!(Decoder::new(&bytes, &Options::strict()).all(|event| event.is_ok()));
        assert_eq!(xml::from_str(&xml::to_string(&tree)).unwrap(), tree);
        read += 1;
    }
    assert!(read >= 30, "{read} documents");
}
