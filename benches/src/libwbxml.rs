//! libwbxml 0.11 through its C interface: what Debian ships as libwbxml2.
//!
//! The header of the package has the conversions only; parser and tree are exported symbols and
//! declared here, with the parts of their structures that are used.

use crate::peer::Seen;
use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};
use std::hint::black_box;
use std::ptr;

/// The version that was linked.
pub const VERSION: &str = env!("LIBWBXML_VERSION");

const LANG_ACTIVESYNC: c_int = 2402;
const CHARSET_UTF8: c_int = 106;
const VERSION_13: c_int = 3;
const XML_COMPACT: c_int = 0;

#[repr(C)]
struct Opaque {
    _private: [u8; 0],
}

#[repr(C)]
struct ContentHandler {
    start_document: Option<extern "C" fn(*mut c_void, c_int, *const c_void)>,
    end_document: Option<extern "C" fn(*mut c_void)>,
    start_element: Option<extern "C" fn(*mut c_void, *mut c_void, *mut *mut c_void, c_uchar)>,
    end_element: Option<extern "C" fn(*mut c_void, *mut c_void, c_uchar)>,
    characters: Option<extern "C" fn(*mut c_void, *mut c_uchar, c_uint, c_uint)>,
    pi: Option<extern "C" fn(*mut c_void, *const c_uchar, *mut c_uchar)>,
}

#[repr(C)]
struct WbxmlParams {
    version: c_int,
    keep_whitespace: c_uchar,
    use_string_table: c_uchar,
    anonymous: c_uchar,
}

unsafe extern "C" {
    fn wbxml_parser_create() -> *mut Opaque;
    fn wbxml_parser_destroy(parser: *mut Opaque);
    fn wbxml_parser_set_user_data(parser: *mut Opaque, data: *mut c_void);
    fn wbxml_parser_set_content_handler(parser: *mut Opaque, handler: *mut ContentHandler);
    fn wbxml_parser_set_language(parser: *mut Opaque, language: c_int) -> c_uchar;
    fn wbxml_parser_parse(parser: *mut Opaque, wbxml: *mut c_uchar, len: c_uint) -> c_int;

    fn wbxml_tree_from_wbxml(
        wbxml: *mut c_uchar,
        len: c_uint,
        language: c_int,
        charset: c_int,
        tree: *mut *mut Opaque,
    ) -> c_int;
    fn wbxml_tree_to_wbxml(
        tree: *mut Opaque,
        wbxml: *mut *mut c_uchar,
        len: *mut c_uint,
        params: *mut WbxmlParams,
    ) -> c_int;
    fn wbxml_tree_destroy(tree: *mut Opaque);

    fn wbxml_conv_wbxml2xml_create(conversion: *mut *mut Opaque) -> c_int;
    fn wbxml_conv_wbxml2xml_set_gen_type(conversion: *mut Opaque, kind: c_int);
    fn wbxml_conv_wbxml2xml_set_language(conversion: *mut Opaque, language: c_int);
    fn wbxml_conv_wbxml2xml_set_charset(conversion: *mut Opaque, charset: c_int);
    fn wbxml_conv_wbxml2xml_enable_preserve_whitespaces(conversion: *mut Opaque);
    fn wbxml_conv_wbxml2xml_run(
        conversion: *mut Opaque,
        wbxml: *mut c_uchar,
        len: c_uint,
        xml: *mut *mut c_uchar,
        xml_len: *mut c_uint,
    ) -> c_int;
    fn wbxml_conv_wbxml2xml_destroy(conversion: *mut Opaque);

    fn wbxml_conv_xml2wbxml_create(conversion: *mut *mut Opaque) -> c_int;
    fn wbxml_conv_xml2wbxml_set_version(conversion: *mut Opaque, version: c_int);
    fn wbxml_conv_xml2wbxml_enable_preserve_whitespaces(conversion: *mut Opaque);
    fn wbxml_conv_xml2wbxml_disable_string_table(conversion: *mut Opaque);
    fn wbxml_conv_xml2wbxml_disable_public_id(conversion: *mut Opaque);
    fn wbxml_conv_xml2wbxml_run(
        conversion: *mut Opaque,
        xml: *mut c_uchar,
        xml_len: c_uint,
        wbxml: *mut *mut c_uchar,
        len: *mut c_uint,
    ) -> c_int;
    fn wbxml_conv_xml2wbxml_destroy(conversion: *mut Opaque);

    fn wbxml_errors_string(error: c_int) -> *const c_char;
}

/// What libwbxml says of an input that it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

fn check(error: c_int) -> Result<(), Refused> {
    if error == 0 {
        return Ok(());
    }
    // SAFETY: the library gives a constant string for every code, known or not.
    let text = unsafe { std::ffi::CStr::from_ptr(wbxml_errors_string(error)) };
    Err(Refused(text.to_string_lossy().into_owned()))
}

fn len_of(bytes: &[u8]) -> c_uint {
    c_uint::try_from(bytes.len()).expect("documents are below 4 GiB")
}

/// A buffer that the library has allocated.
pub struct Buffer {
    start: *mut c_uchar,
    len: usize,
}

impl Buffer {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        if self.start.is_null() {
            return &[];
        }
        // SAFETY: the library has allocated and written so many bytes there.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the library allocates with malloc and leaves freeing to the caller.
        unsafe { libc::free(self.start.cast()) };
    }
}

/// A tree of the library.
pub struct Tree(*mut Opaque);

impl Tree {
    /// Decodes a document.
    pub fn decode(wbxml: &[u8]) -> Result<Self, Refused> {
        let mut tree = ptr::null_mut();
        // SAFETY: the library reads the input only; the tree is destroyed on drop.
        check(unsafe {
            wbxml_tree_from_wbxml(
                wbxml.as_ptr().cast_mut(),
                len_of(wbxml),
                LANG_ACTIVESYNC,
                CHARSET_UTF8,
                &raw mut tree,
            )
        })?;
        Ok(Self(tree))
    }

    /// Encodes the tree: no string table, anonymous, white space kept.
    pub fn encode(&self) -> Result<Buffer, Refused> {
        let mut params = WbxmlParams {
            version: VERSION_13,
            keep_whitespace: 1,
            use_string_table: 0,
            anonymous: 1,
        };
        let (mut start, mut len) = (ptr::null_mut(), 0);
        // SAFETY: the tree lives as long as self; encoding leaves it as it is.
        check(unsafe {
            wbxml_tree_to_wbxml(self.0, &raw mut start, &raw mut len, &raw mut params)
        })?;
        Ok(Buffer { start, len: len as usize })
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // SAFETY: the tree was made by the library and is not used again.
        unsafe { wbxml_tree_destroy(self.0) };
    }
}

extern "C" fn start_element(
    data: *mut c_void,
    tag: *mut c_void,
    _attributes: *mut *mut c_void,
    _empty: c_uchar,
) {
    black_box(tag);
    // SAFETY: the data is the counter of `events`, which outlives the parser.
    unsafe { *data.cast::<usize>() += 1 };
}

extern "C" fn end_element(data: *mut c_void, tag: *mut c_void, _empty: c_uchar) {
    black_box(tag);
    // SAFETY: as above.
    unsafe { *data.cast::<usize>() += 1 };
}

extern "C" fn characters(data: *mut c_void, text: *mut c_uchar, start: c_uint, len: c_uint) {
    black_box((text, start, len));
    // SAFETY: as above.
    unsafe { *data.cast::<usize>() += 1 };
}

/// Parses a document and counts the events.
pub fn events(wbxml: &[u8]) -> Result<usize, Refused> {
    let mut handler = ContentHandler {
        start_document: None,
        end_document: None,
        start_element: Some(start_element),
        end_element: Some(end_element),
        characters: Some(characters),
        pi: None,
    };
    let mut count = 0_usize;
    parse(wbxml, &mut handler, (&raw mut count).cast())?;
    Ok(count)
}

/// A tag as the library describes it, as far as it is looked at.
#[repr(C)]
struct Tag {
    /// 0: the pointer is to an entry of a table; 1: to a name.
    kind: c_int,
    entry: *const TagEntry,
}

#[repr(C)]
struct TagEntry {
    name: *const c_char,
    page: c_uchar,
    token: c_uchar,
}

extern "C" fn see_start(
    data: *mut c_void,
    tag: *mut c_void,
    _attributes: *mut *mut c_void,
    _empty: c_uchar,
) {
    // SAFETY: the library gives a valid tag; an entry of its table lives for ever.
    let known = unsafe {
        let tag = &*tag.cast::<Tag>();
        (tag.kind == 0).then(|| ((*tag.entry).page, (*tag.entry).token))
    };
    see(data, Seen::Start(known));
}

extern "C" fn see_end(data: *mut c_void, _tag: *mut c_void, _empty: c_uchar) {
    see(data, Seen::End);
}

extern "C" fn see_characters(data: *mut c_void, text: *mut c_uchar, start: c_uint, len: c_uint) {
    // SAFETY: the library gives so many bytes from there on.
    let bytes = unsafe { std::slice::from_raw_parts(text.add(start as usize), len as usize) };
    see(data, Seen::Characters(bytes.to_vec()));
}

fn see(data: *mut c_void, seen: Seen) {
    // SAFETY: the data is the list of `read`, which outlives the parser.
    unsafe { (*data.cast::<Vec<Seen>>()).push(seen) };
}

/// Parses a document and keeps the events.
pub fn read(wbxml: &[u8]) -> Result<Vec<Seen>, Refused> {
    let mut handler = ContentHandler {
        start_document: None,
        end_document: None,
        start_element: Some(see_start),
        end_element: Some(see_end),
        characters: Some(see_characters),
        pi: None,
    };
    let mut seen = Vec::new();
    parse(wbxml, &mut handler, (&raw mut seen).cast())?;
    Ok(seen)
}

/// Parses a document; handler and data are those of the caller and outlive the parser.
fn parse(wbxml: &[u8], handler: &mut ContentHandler, data: *mut c_void) -> Result<(), Refused> {
    // SAFETY: the parser is destroyed before this returns and reads the input only.
    check(unsafe {
        let parser = wbxml_parser_create();
        wbxml_parser_set_user_data(parser, data);
        wbxml_parser_set_content_handler(parser, handler);
        wbxml_parser_set_language(parser, LANG_ACTIVESYNC);
        let error = wbxml_parser_parse(parser, wbxml.as_ptr().cast_mut(), len_of(wbxml));
        wbxml_parser_destroy(parser);
        error
    })
}

/// WBXML to XML, compact, white space kept.
pub fn to_xml(wbxml: &[u8]) -> Result<Buffer, Refused> {
    let (mut start, mut len) = (ptr::null_mut(), 0);
    // SAFETY: the conversion is destroyed before this returns; the input is read only.
    check(unsafe {
        let mut conversion = ptr::null_mut();
        check(wbxml_conv_wbxml2xml_create(&raw mut conversion))?;
        wbxml_conv_wbxml2xml_set_gen_type(conversion, XML_COMPACT);
        wbxml_conv_wbxml2xml_set_language(conversion, LANG_ACTIVESYNC);
        wbxml_conv_wbxml2xml_set_charset(conversion, CHARSET_UTF8);
        wbxml_conv_wbxml2xml_enable_preserve_whitespaces(conversion);
        let error = wbxml_conv_wbxml2xml_run(
            conversion,
            wbxml.as_ptr().cast_mut(),
            len_of(wbxml),
            &raw mut start,
            &raw mut len,
        );
        wbxml_conv_wbxml2xml_destroy(conversion);
        error
    })?;
    Ok(Buffer { start, len: len as usize })
}

/// XML to WBXML: no string table, no public id, white space kept.
pub fn from_xml(xml: &[u8]) -> Result<Buffer, Refused> {
    let (mut start, mut len) = (ptr::null_mut(), 0);
    // SAFETY: as above.
    check(unsafe {
        let mut conversion = ptr::null_mut();
        check(wbxml_conv_xml2wbxml_create(&raw mut conversion))?;
        wbxml_conv_xml2wbxml_set_version(conversion, VERSION_13);
        wbxml_conv_xml2wbxml_enable_preserve_whitespaces(conversion);
        wbxml_conv_xml2wbxml_disable_string_table(conversion);
        wbxml_conv_xml2wbxml_disable_public_id(conversion);
        let error = wbxml_conv_xml2wbxml_run(
            conversion,
            xml.as_ptr().cast_mut(),
            len_of(xml),
            &raw mut start,
            &raw mut len,
        );
        wbxml_conv_xml2wbxml_destroy(conversion);
        error
    })?;
    Ok(Buffer { start, len: len as usize })
}

/// A document as this library sees it.
pub struct Prepared {
    /// Its tree, to encode.
    pub tree: Tree,
    /// Its own XML, to encode: ours has attributes that it does not know.
    pub xml: Buffer,
    /// Whether encoding its tree gives the document again.
    pub tree_is_right: bool,
    /// Whether encoding its XML gives the document again.
    pub xml_is_right: bool,
}

impl Prepared {
    /// Decodes a document and sees what comes back.
    pub fn new(wbxml: &[u8]) -> Self {
        let tree = Tree::decode(wbxml).expect("libwbxml reads every shape");
        let xml = to_xml(wbxml).expect("libwbxml reads every shape");
        let encoded = tree.encode().expect("libwbxml writes what it has read");
        let from_xml = from_xml(xml.bytes());
        Self {
            tree_is_right: encoded.bytes() == wbxml,
            xml_is_right: from_xml.is_ok_and(|buffer| buffer.bytes() == wbxml),
            tree,
            xml,
        }
    }
}
