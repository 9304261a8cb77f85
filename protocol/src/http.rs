//! MS-ASHTTP: the request line in both forms, and the few headers that matter.
//!
//! ```
//! use activesync::{Command, ProtocolVersion};
//! use activesync::http::RequestLine;
//!
//! // The worked example of MS-ASHTTP 2.2.1.1.1.
//! let line = RequestLine::parse("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l")?;
//! assert_eq!(line.command, Command::Sync);
//! assert_eq!(line.version, Some(ProtocolVersion::V14_0));
//! assert_eq!(line.device_id.as_str(), "v140Device");
//! assert_eq!(RequestLine::parse(&line.to_plain())?.device_type, "SmartPhone");
//! # Ok::<(), activesync::ProtocolError>(())
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Command, DeviceId, PolicyKey, ProtocolError, ProtocolVersion};

/// Path of the service.
pub const PATH: &str = "/Microsoft-Server-ActiveSync";
/// Content type of WBXML bodies.
pub const CONTENT_TYPE: &str = "application/vnd.ms-sync.wbxml";

/// Method of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Asks for versions and commands.
    Options,
    /// A command.
    Post,
}

/// A request on its way, before any transport has touched it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// What follows `?`; empty for a bare OPTIONS.
    pub query: String,
    /// Headers other than those of the transport (Host, Content-Length, Authorization).
    pub headers: Vec<(String, String)>,
    /// Body; empty when there is none.
    pub body: Vec<u8>,
}

/// A response as it arrived whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpResponse {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body, not compressed.
    pub body: Vec<u8>,
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl HttpRequest {
    /// The value of a header, by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The body, `None` when empty.
    pub fn body(&self) -> Option<&[u8]> {
        (!self.body.is_empty()).then_some(&self.body)
    }

    /// The request line, with what the plain form leaves to headers filled in from them (MS-ASHTTP 2.2.1.1.2).
    pub fn line(&self) -> Result<RequestLine, ProtocolError> {
        let mut line = RequestLine::parse(&self.query)?;
        if line.version.is_none() {
            line.version = self.header("MS-ASProtocolVersion").and_then(|text| text.parse().ok());
        }
        if line.policy_key.is_none() {
            let key = self.header("X-MS-PolicyKey").and_then(|text| text.trim().parse().ok());
            line.policy_key = key.map(PolicyKey);
        }
        Ok(line)
    }
}

impl HttpResponse {
    /// A response without headers.
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// The value of a header, by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The body, `None` when empty.
    pub fn body(&self) -> Option<&[u8]> {
        (!self.body.is_empty()).then_some(&self.body)
    }
}

/// The request line of a command (MS-ASHTTP 2.2.1.1.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestLine {
    /// Command.
    pub command: Command,
    /// Version; in the plain form it travels as a header.
    pub version: Option<ProtocolVersion>,
    /// Locale ([MS-LCID]); base64 form only.
    pub locale: u16,
    /// The device.
    pub device_id: DeviceId,
    /// Kind of device.
    pub device_type: String,
    /// Policy key; in the plain form it travels as a header. Four zero bytes and none at all mean the same.
    pub policy_key: Option<PolicyKey>,
    /// User; plain form, or a parameter of the base64 form.
    pub user: Option<String>,
    /// Parameters, by tag (MS-ASHTTP 2.2.1.1.1.1.3), in order.
    pub parameters: Vec<(Parameter, Vec<u8>)>,
}

macro_rules! parameters {
    ($($tag:literal $name:ident $doc:literal,)*) => {
        /// A parameter of a command (MS-ASHTTP 2.2.1.1.1.1.3).
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Parameter {
            $(#[doc = $doc] $name,)*
            /// A tag that the table does not have.
            Other(u8),
        }

        impl Parameter {
            /// The parameter with this tag in the base64 form.
            pub fn from_tag(tag: u8) -> Self {
                match tag { $($tag => Self::$name,)* other => Self::Other(other) }
            }

            fn tag(self) -> u8 {
                match self { $(Self::$name => $tag,)* Self::Other(other) => other }
            }

            /// The name in the plain form.
            pub fn name(self) -> Option<&'static str> {
                match self { $(Self::$name => Some(stringify!($name)),)* Self::Other(_) => None }
            }

            fn from_name(name: &str) -> Option<Self> {
                [$(Self::$name),*].into_iter().find(|p| p.name() == Some(name))
            }
        }
    };
}

parameters! {
    0 AttachmentName "Name of an attachment (GetAttachment).",
    1 CollectionId "Folder of the source message.",
    2 CollectionName "Name of a folder (before 2.5).",
    3 ItemId "Source message.",
    4 LongId "Source message from a search.",
    5 ParentId "Parent folder (before 2.5).",
    6 Occurrence "Occurrence of a recurring item.",
    7 Options "Bit mask: 1 SaveInSent, 2 AcceptMultiPart.",
    8 User "User, in a form that can be logged.",
}

impl RequestLine {
    /// Reads either form: the plain one has a `=` before its end or a `&`, base64 has neither.
    pub fn parse(query: &str) -> Result<Self, ProtocolError> {
        let plain = query.contains('&') || query.trim_end_matches('=').contains('=');
        if plain { Self::parse_plain(query) } else { Self::parse_base64(query) }
    }

    fn parse_plain(query: &str) -> Result<Self, ProtocolError> {
        let mut command = None;
        let (mut device_id, mut device_type, mut user) = (None, None, None);
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode(value)?;
            match name {
                "Cmd" => {
                    let parsed = value.parse();
                    command = Some(parsed.map_err(|()| bad(format!("unknown command {value:?}")))?);
                }
                "DeviceId" => device_id = Some(value),
                "DeviceType" => device_type = Some(value),
                "User" => user = Some(value),
                other => {
                    // SaveInSent is a word of the plain form only; unknown names are kept out of the table's way.
                    if let Some(parameter) = Parameter::from_name(other) {
                        parameters.push((parameter, value.into_bytes()));
                    } else if other == "SaveInSent" && value == "T" {
                        parameters.push((Parameter::Options, vec![1]));
                    }
                }
            }
        }
        let missing = |what: &str| bad(format!("{what} is missing"));
        Ok(Self {
            command: command.ok_or_else(|| missing("Cmd"))?,
            version: None,
            locale: 0x0409,
            device_id: DeviceId::new(device_id.ok_or_else(|| missing("DeviceId"))?),
            device_type: device_type.unwrap_or_default(),
            policy_key: None,
            user,
            parameters,
        })
    }

    fn parse_base64(query: &str) -> Result<Self, ProtocolError> {
        // Some proxies percent-encode `+`, `/` and `=`.
        let text = percent_decode(query)?;
        let bytes = STANDARD.decode(text.trim()).map_err(|e| bad(format!("base64: {e}")))?;
        let mut rest = Fields { bytes: &bytes, at: 0 };
        let version = rest.byte("protocol version")?;
        let version = ProtocolVersion::from_times_ten(version)
            .ok_or_else(|| bad(format!("unknown protocol version {version}")))?;
        let code = rest.byte("command code")?;
        let command =
            Command::from_code(code).ok_or_else(|| bad(format!("unknown command code {code}")))?;
        let locale = u16::from_le_bytes([rest.byte("locale")?, rest.byte("locale")?]);
        let device_id = rest.counted("device id")?;
        if device_id.is_empty() {
            return Err(bad("the device id is empty".into()));
        }
        let policy_key = match rest.counted("policy key")? {
            [] => None,
            &[a, b, c, d] => Some(PolicyKey(u32::from_le_bytes([a, b, c, d]))),
            other => return Err(bad(format!("a policy key of {} bytes", other.len()))),
        };
        let device_type = rest.counted("device type")?;
        let mut line = Self {
            command,
            version: Some(version),
            locale,
            device_id: device_name(device_id),
            device_type: String::from_utf8_lossy(device_type).into_owned(),
            policy_key,
            user: None,
            parameters: Vec::new(),
        };
        while rest.at < rest.bytes.len() {
            let parameter = Parameter::from_tag(rest.byte("parameter tag")?);
            let value = rest.counted("parameter")?;
            if parameter == Parameter::User {
                line.user = Some(String::from_utf8_lossy(value).into_owned());
            } else {
                line.parameters.push((parameter, value.to_vec()));
            }
        }
        Ok(line)
    }

    /// The plain form (MS-ASHTTP 2.2.1.1.2); version and policy key go into headers.
    pub fn to_plain(&self) -> String {
        let mut text = format!("Cmd={}", self.command);
        let mut pair = |name: &str, value: &[u8]| {
            text.push('&');
            text.push_str(name);
            text.push('=');
            percent_encode(value, &mut text);
        };
        if let Some(user) = &self.user {
            pair("User", user.as_bytes());
        }
        pair("DeviceId", self.device_id.as_str().as_bytes());
        pair("DeviceType", self.device_type.as_bytes());
        for (parameter, value) in &self.parameters {
            match parameter {
                // A bit mask in the base64 form, a word in the plain one.
                Parameter::Options if value.first().is_some_and(|bits| bits & 1 != 0) => {
                    pair("SaveInSent", b"T");
                }
                Parameter::Options | Parameter::Other(_) => {}
                named => pair(named.name().unwrap_or_default(), value),
            }
        }
        text
    }

    /// The base64 form (MS-ASHTTP 2.2.1.1.1.1), for 12.1 and later. Fails when a field is longer than 255 bytes.
    pub fn to_base64(&self) -> Result<String, ProtocolError> {
        let version = self.version.ok_or_else(|| bad("the base64 form needs a version".into()))?;
        let mut bytes = vec![version.times_ten(), self.command.code()];
        bytes.extend(self.locale.to_le_bytes());
        let counted = |bytes: &mut Vec<u8>, field: &[u8]| {
            let len = u8::try_from(field.len())
                .map_err(|_| bad(format!("a field of {} bytes", field.len())))?;
            bytes.push(len);
            bytes.extend_from_slice(field);
            Ok::<_, ProtocolError>(())
        };
        counted(&mut bytes, self.device_id.as_str().as_bytes())?;
        match self.policy_key {
            Some(key) => counted(&mut bytes, &key.0.to_le_bytes())?,
            None => bytes.push(0),
        }
        counted(&mut bytes, self.device_type.as_bytes())?;
        for (parameter, value) in &self.parameters {
            bytes.push(parameter.tag());
            counted(&mut bytes, value)?;
        }
        if let Some(user) = &self.user {
            bytes.push(Parameter::User.tag());
            counted(&mut bytes, user.as_bytes())?;
        }
        Ok(STANDARD.encode(bytes))
    }
}

fn bad(what: String) -> ProtocolError {
    ProtocolError::RequestLine(what)
}

/// A device id may be 16 raw bytes; then it is written as the hex that the same device uses in the plain form.
fn device_name(bytes: &[u8]) -> DeviceId {
    let printable = bytes.iter().all(u8::is_ascii_graphic);
    match std::str::from_utf8(bytes) {
        Ok(text) if printable => DeviceId::from(text),
        _ => {
            let mut hex = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                hex.push(char::from(HEX[usize::from(byte >> 4)]));
                hex.push(char::from(HEX[usize::from(byte & 15)]));
            }
            DeviceId::new(hex)
        }
    }
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn byte(&mut self, what: &str) -> Result<u8, ProtocolError> {
        let byte = self.bytes.get(self.at).copied();
        let byte = byte.ok_or_else(|| bad(format!("ends at byte {} before {what}", self.at)))?;
        self.at += 1;
        Ok(byte)
    }

    fn counted(&mut self, what: &str) -> Result<&'a [u8], ProtocolError> {
        let len = usize::from(self.byte(what)?);
        let field = self.bytes.get(self.at..self.at + len);
        let left = self.bytes.len() - self.at;
        let field =
            field.ok_or_else(|| bad(format!("{what} of {len} bytes, but {left} are left")))?;
        self.at += len;
        Ok(field)
    }
}

fn percent_encode(value: &[u8], out: &mut String) {
    for &byte in value {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

fn percent_decode(text: &str) -> Result<String, ProtocolError> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = digits.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.ok_or_else(|| bad("a percent sign without two hex digits".into()))?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| bad("percent-encoded bytes that are no UTF-8".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values printed in public questions and logs, with what they decode to.
    const REAL: [(&str, Command, &str, Option<u32>, &str); 5] = [
        (
            "jAkHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1A=",
            Command::FolderSync,
            "A81F31E18BC6F962B3674D98788A7C9A",
            Some(0),
            "WP",
        ),
        (
            "jBMHBBCoHzHhi8b5YrNnTZh4inyaBAAAAAACV1AHAQI=",
            Command::ItemOperations,
            "A81F31E18BC6F962B3674D98788A7C9A",
            Some(0),
            "WP",
        ),
        (
            "jQMJCBBgMOo4NRIhymNelU6Z7jHTBDzZUJwLV2luZG93c01haWwHAQE=",
            Command::SmartReply,
            "6030EA38351221CA635E954E99EE31D3",
            Some(2_622_544_188),
            "WindowsMail",
        ),
        (
            "jAkHBBC32YBsEj5p+IUKLTDTcJoYBAAAAAALV2luZG93c01haWw=",
            Command::FolderSync,
            "B7D9806C123E69F8850A2D30D3709A18",
            Some(0),
            "WindowsMail",
        ),
        (
            "jQAJBBBOaW5lNDM4M0FGMzQ2ODYwBAAAAAAHQW5kcm9pZAcBAA==",
            Command::Sync,
            "Nine4383AF346860",
            Some(0),
            "Android",
        ),
    ];

    #[test]
    fn real_base64_lines_decode() {
        for (text, command, device, key, device_type) in REAL {
            let line = RequestLine::parse(text).unwrap();
            assert_eq!(line.command, command, "{text}");
            assert_eq!(line.device_id.as_str(), device, "{text}");
            assert_eq!(line.policy_key, key.map(PolicyKey), "{text}");
            assert_eq!(line.device_type, device_type, "{text}");
        }
    }

    #[test]
    fn every_cut_of_a_base64_line_is_an_error_or_shorter() {
        let bytes =
            STANDARD.decode("jQMJCBBgMOo4NRIhymNelU6Z7jHTBDzZUJwLV2luZG93c01haWwHAQE=").unwrap();
        for end in 0..bytes.len() {
            let result = RequestLine::parse(&STANDARD.encode(&bytes[..end]));
            // Only the cut that drops the whole parameter leaves a legal line.
            assert_eq!(result.is_ok(), end == bytes.len() - 3, "cut at {end}");
        }
    }

    #[test]
    fn plain_lines_decode_in_any_order() {
        let line = RequestLine::parse("User=m%40b.ro&DeviceId=a1&DeviceType=x&Cmd=Ping").unwrap();
        assert_eq!((line.command, line.user.as_deref()), (Command::Ping, Some("m@b.ro")));
        assert!(RequestLine::parse("Cmd=Nonsense&DeviceId=1").is_err());
        assert!(RequestLine::parse("Cmd=Sync&User=%4").is_err());
        assert!(RequestLine::parse("").is_err());
    }

    #[test]
    fn both_forms_read_back() {
        let line = RequestLine {
            command: Command::SmartReply,
            version: Some(ProtocolVersion::V14_1),
            locale: 0x0409,
            device_id: "Dev1".into(),
            device_type: "Phone é".into(),
            policy_key: Some(PolicyKey(7)),
            user: Some("a b&c".into()),
            parameters: vec![(Parameter::ItemId, b"5:1".to_vec()), (Parameter::Options, vec![1])],
        };
        assert_eq!(RequestLine::parse(&line.to_base64().unwrap()).unwrap(), line);
        let plain = RequestLine::parse(&line.to_plain()).unwrap();
        assert_eq!(
            RequestLine { version: line.version, policy_key: line.policy_key, ..plain },
            line
        );
    }
}
