//! The request line of MS-ASHTTP in both forms.

use crate::run::Ran;
use activesync::http::RequestLine;

pub(super) fn body(bytes: &[u8]) -> Ran {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ran::Skipped };
    let line = match RequestLine::parse(text) {
        Ok(line) => line,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return Ran::Refused;
        }
    };
    // What each form carries comes back; the plain form leaves version and policy key to headers.
    match RequestLine::parse(&line.to_plain()) {
        Ok(plain) => {
            assert_eq!(plain.command, line.command);
            assert_eq!(plain.device_id, line.device_id);
            assert_eq!(plain.device_type, line.device_type);
            assert_eq!(plain.to_plain(), line.to_plain());
        }
        // The plain form is text; the other one can hold bytes that are none.
        Err(error) => {
            let text = |(_, value): &(_, Vec<u8>)| std::str::from_utf8(value).is_ok();
            assert!(!line.parameters.iter().all(text), "{error}");
        }
    }
    if let Ok(base64) = line.to_base64() {
        let again = RequestLine::parse(&base64).expect("a written line is read");
        assert_eq!(again, line);
        assert_eq!(again.to_base64().expect("a second time too"), base64);
    }
    Ran::Checked
}
