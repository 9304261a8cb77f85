//! HTTP requests in, authorization, answers out.

use std::sync::Arc;
use std::time::Duration;

use activesync::http::{HttpRequest, HttpResponse, Method, PATH};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderValue};

use super::super::control::PATH as CONTROL;
use super::{House, other_hand};

/// The longest body that is read.
const BODY_MAX: usize = 16 << 20;
/// How long a client may take for the body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

type Request = hyper::Request<Incoming>;
pub(super) type Response = hyper::Response<Full<Bytes>>;

/// Answers one request.
pub(super) async fn answer(house: Arc<House>, request: Request) -> Response {
    if !may_enter(&house, &request) {
        let mut response = text(401, "user or password is wrong\n");
        let basic = HeaderValue::from_static("Basic realm=\"lostmail\"");
        response.headers_mut().insert("WWW-Authenticate", basic);
        return response;
    }
    let path = request.uri().path().to_owned();
    let operation = path.strip_prefix(CONTROL).map(str::to_owned);
    let method = request.method().clone();
    if let Some(operation) = operation {
        return match (method.as_str(), read_body(request).await) {
            (_, Err(refusal)) => refusal,
            ("POST", Ok(body)) => other_hand::obey(&house, &operation, &body),
            ("GET", Ok(_)) if operation == "mailbox" => other_hand::obey(&house, "mailbox", b"{}"),
            _ => not_allowed("POST"),
        };
    }
    if !path.trim_end_matches('/').eq_ignore_ascii_case(PATH) {
        return text(404, &format!("ActiveSync is at {PATH}, the control API at {CONTROL}\n"));
    }
    let method = match method.as_str() {
        "OPTIONS" => Method::Options,
        "POST" => Method::Post,
        _ => return not_allowed("OPTIONS, POST"),
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let headers = request
        .headers()
        .iter()
        .filter(|(name, _)| *name != AUTHORIZATION)
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    match read_body(request).await {
        Ok(body) => respond(house, HttpRequest { method, query, headers, body }).await,
        Err(refusal) => refusal,
    }
}

fn may_enter(house: &House, request: &Request) -> bool {
    let value = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, credentials)) = value.and_then(|value| value.split_once(' ')) else {
        return false;
    };
    let decoded = STANDARD.decode(credentials.trim());
    let expected = format!("{}:{}", house.config.user, house.config.password);
    scheme.eq_ignore_ascii_case("Basic") && decoded.is_ok_and(|bytes| bytes == expected.as_bytes())
}

async fn read_body(request: Request) -> Result<Vec<u8>, Response> {
    let too_large = || text(413, &format!("the body is longer than {BODY_MAX} bytes\n"));
    let body = request.into_body();
    if body.size_hint().lower() > BODY_MAX as u64 {
        return Err(too_large());
    }
    let read = Limited::new(body, BODY_MAX).collect();
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(text(400, "the body ends early\n")),
        Err(_) => Err(text(408, "the body does not end\n")),
    }
}

/// The request goes on by itself, whether or not its client waits for the answer.
async fn respond(house: Arc<House>, request: HttpRequest) -> Response {
    let id = house.accept(request);
    let guest = Guest { house: Arc::clone(&house), id, waits: true };
    let answer = tokio::spawn(house.drive(id)).await;
    guest.served();
    match answer {
        Ok(response) => http_of(response),
        Err(_) => text(500, "the server failed\n"),
    }
}

/// A client that waits for its answer, or leaves.
struct Guest {
    house: Arc<House>,
    id: u32,
    waits: bool,
}

impl Guest {
    fn served(mut self) {
        self.waits = false;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if self.waits {
            self.house.abort(self.id);
        }
    }
}

fn http_of(response: HttpResponse) -> Response {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder
        .header("Server", concat!("lostmail/", env!("CARGO_PKG_VERSION")))
        .header("Cache-Control", "private")
        .body(Full::new(Bytes::from(response.body)))
        .unwrap_or_else(|_| text(500, "the answer is no HTTP\n"))
}

/// An answer for a person.
pub(super) fn text(status: u16, words: &str) -> Response {
    plain(status, "text/plain; charset=utf-8", words.as_bytes().to_vec())
}

/// An answer of any type.
pub(super) fn plain(status: u16, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = hyper::Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("Content-Type", HeaderValue::from_static(content_type));
    response
}

fn not_allowed(methods: &'static str) -> Response {
    let mut response = text(405, &format!("use {methods}\n"));
    response.headers_mut().insert("Allow", HeaderValue::from_static(methods));
    response
}
