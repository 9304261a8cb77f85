//! HTTP/1.1 that does not help behind our back: one request, one connection, one answer.
//!
//! No pool, no retry, no redirect, no cookie. What the server sends is what is given back, and every way in which
//! an exchange can fail has a name in [`HttpError`].

use std::fmt::Write as _;
use std::future::Future;
use std::io::{self, Read as _};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use activesync::http::{HttpRequest, HttpResponse, Method, PATH};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::socket::{Address, ConnectError, Connection, Dialer, Url, UrlError};

/// How much and how long we put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// From opening the connection to the last byte of the answer.
    pub(crate) timeout: Duration,
    /// The longest body, before and after gzip.
    pub(crate) answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_mins(1), answer_bytes: 64 << 20 }
    }
}

/// Every way an exchange can end without a usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The URL cannot be used.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The request cannot be put into HTTP.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// Too slow.
    #[error("no answer within {after:?}, while {doing}")]
    Timeout {
        /// The limit.
        after: Duration,
        /// What was under way.
        doing: &'static str,
    },
    /// The connection broke before the request was out.
    #[error("the connection broke while the request was sent: {0}")]
    Sending(String),
    /// The server closed the connection without a single line of answer.
    #[error("the server closed the connection without an answer")]
    Nothing,
    /// Something came, but not HTTP.
    #[error("the answer is not HTTP: {0}")]
    Malformed(String),
    /// The connection ended inside the body.
    #[error("half a body: {received} bytes of {}", announced_words(*announced))]
    HalfBody {
        /// How many bytes of the body came.
        received: u64,
        /// What `Content-Length` promised; without it the body came in chunks.
        announced: Option<u64>,
    },
    /// The answer is longer than we are ready to hold.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body is packed in a way we cannot undo.
    #[error("the body cannot be unpacked: {0}")]
    Encoding(String),
    /// A status other than 200.
    #[error("HTTP {status}: {}", status_words(*status))]
    Status {
        /// The status.
        status: u16,
    },
    /// A page for a person where WBXML was expected.
    #[error("HTML instead of WBXML: `{start}`; is the URL that of ActiveSync?")]
    Html {
        /// How the page begins.
        start: String,
    },
}

impl HttpError {
    /// A short stable name, for counting.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Url(_) => "url",
            Self::Connect(ConnectError::Resolve { .. }) => "resolve",
            Self::Connect(ConnectError::Connect { .. }) => "connect",
            Self::Connect(ConnectError::Tls { .. } | ConnectError::NoRoots(_)) => "tls",
            Self::Request(_) => "request",
            Self::Timeout { .. } => "timeout",
            Self::Sending(_) => "sending",
            Self::Nothing => "nothing",
            Self::Malformed(_) => "malformed",
            Self::HalfBody { .. } => "half-body",
            Self::TooLarge { .. } => "too-large",
            Self::Encoding(_) => "encoding",
            Self::Status { .. } => "status",
            Self::Html { .. } => "html",
        }
    }
}

fn announced_words(announced: Option<u64>) -> String {
    announced.map_or_else(|| "an unknown number".to_owned(), |n| n.to_string())
}

fn status_words(status: u16) -> &'static str {
    match status {
        301 | 302 | 303 | 307 | 308 => "the server redirects; give the URL it redirects to",
        400 => "the server does not understand the request",
        401 => "user or password is wrong",
        403 => "this user may not use ActiveSync",
        404 => "there is no ActiveSync at this URL",
        449 => "the device must be provisioned first",
        451 => "the mailbox lives on another server",
        500 => "the server failed",
        501 => "the server does not know this command or version",
        502 | 504 => "a proxy before the server got no answer from it",
        503 => "the server is busy or blocks this device",
        507 => "the mailbox is full",
        _ => "not an answer of ActiveSync",
    }
}

/// The value of `Authorization` for Basic.
fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// The WBXML (or empty) body of an answer with status 200; anything else is an error that says what came.
pub(crate) fn wbxml_body(response: &HttpResponse) -> Result<&[u8], HttpError> {
    if response.status != 200 {
        return Err(HttpError::Status { status: response.status });
    }
    let says_html = response
        .header("content-type")
        .is_some_and(|t| t.to_ascii_lowercase().starts_with("text/html"));
    // WBXML begins with its version, 1 to 3: never with a blank or `<`.
    let looks_html = response.body.trim_ascii_start().first() == Some(&b'<');
    if looks_html || (says_html && !response.body.is_empty()) {
        let start = &response.body[..response.body.len().min(60)];
        let start: String = String::from_utf8_lossy(start)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        return Err(HttpError::Html { start });
    }
    Ok(&response.body)
}

/// A server, and how patiently to talk to it.
#[derive(Clone)]
pub(crate) struct Http {
    address: Address,
    path: String,
    authorization: String,
    dialer: Dialer,
    limits: Limits,
}

impl Http {
    /// The server at `http://…` or `https://…`. A URL without a path means [`PATH`].
    pub(crate) fn new(
        url: &str,
        user: &str,
        password: &str,
        limits: Limits,
    ) -> Result<Self, HttpError> {
        let refuse = |why| UrlError { text: url.to_owned(), why };
        let parsed = Url::parse(url)?;
        let (tls, default_port) = match parsed.scheme.as_str() {
            "http" => (false, 80),
            "https" => (true, 443),
            _ => return Err(refuse("it begins with neither `http://` nor `https://`").into()),
        };
        if parsed.user.is_some() {
            return Err(refuse("the user is an option of its own").into());
        }
        let path = match parsed.path.as_str() {
            "" | "/" => PATH.to_owned(),
            path if path.contains('?') => {
                return Err(refuse("it holds a query; the command makes its own").into());
            }
            path => path.to_owned(),
        };
        let port = parsed.port.unwrap_or(default_port);
        let address = Address { tls, host: parsed.host, port };
        let dialer = Dialer::for_address(&address)?;
        Ok(Self { address, path, authorization: basic(user, password), dialer, limits })
    }

    /// Where the server is.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// How patiently it is talked to.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// The same server with other limits: a Ping waits longer than a Sync.
    pub(crate) fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// With its own idea of whom to trust.
    #[cfg(test)]
    fn at(address: Address, dialer: Dialer, limits: Limits) -> Self {
        let (path, authorization) = (PATH.to_owned(), basic("alice", "alice-pw"));
        Self { address, path, authorization, dialer, limits }
    }

    /// Sends `request` on a connection of its own and reads the whole answer.
    pub(crate) async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let doing = Doing::default();
        self.within(&doing, self.exchange(request, &doing)).await
    }

    /// Sends the head of `request` with its full `Content-Length`, the first `keep` bytes of its body, and closes.
    ///
    /// This is what a server sees when the network fails inside a request. A body is never sent whole: at most all
    /// of it but one byte; of a request without a body, the head lacks its last line.
    pub(crate) async fn send_cut(
        &self,
        request: &HttpRequest,
        keep: usize,
    ) -> Result<(), HttpError> {
        let (mut head, body) = (self.head(request)?.into_bytes(), &request.body);
        if body.is_empty() {
            head.truncate(head.len() - 2);
        }
        head.extend_from_slice(&body[..keep.min(body.len().saturating_sub(1))]);
        let doing = Doing::default();
        self.within(&doing, async {
            let mut connection = self.send_raw(&head, &doing).await?;
            // Until the server has closed too, or has answered that the request is bad.
            doing.set("waiting for the server to notice");
            drain(&mut connection).await;
            Ok(())
        })
        .await
    }

    /// Sends `request` whole and closes the connection at once, without waiting for an answer.
    pub(crate) async fn send_and_leave(&self, request: &HttpRequest) -> Result<(), HttpError> {
        let mut message = self.head(request)?.into_bytes();
        message.extend_from_slice(&request.body);
        let doing = Doing::default();
        self.within(&doing, async { self.send_raw(&message, &doing).await.map(drop) }).await
    }

    /// Sends bytes on a connection of their own and says that no more will come.
    async fn send_raw(&self, bytes: &[u8], doing: &Doing) -> Result<Connection, HttpError> {
        let sending = |e: io::Error| HttpError::Sending(e.to_string());
        let mut connection = self.dialer.dial(&self.address).await?;
        doing.set("sending without waiting for an answer");
        connection.write_all(bytes).await.map_err(sending)?;
        connection.flush().await.map_err(sending)?;
        connection.shutdown().await.map_err(sending)?;
        Ok(connection)
    }

    async fn within<T>(
        &self,
        doing: &Doing,
        work: impl Future<Output = Result<T, HttpError>>,
    ) -> Result<T, HttpError> {
        let after = self.limits.timeout;
        match tokio::time::timeout(after, work).await {
            Ok(done) => done,
            Err(_) => Err(HttpError::Timeout { after, doing: doing.get() }),
        }
    }

    async fn exchange(
        &self,
        request: &HttpRequest,
        doing: &Doing,
    ) -> Result<HttpResponse, HttpError> {
        let message = self.message(request)?;
        let connection = self.dialer.dial(&self.address).await?;
        doing.set("sending the request");
        let (mut sender, driver) = http1::handshake(TokioIo::new(connection))
            .await
            .map_err(|e| HttpError::Sending(e.to_string()))?;
        let limit = self.limits.answer_bytes;
        let work = async {
            doing.set("waiting for the answer");
            let answer = sender.send_request(message).await.map_err(|e| unanswered(&e))?;
            doing.set("reading the answer");
            read_answer(answer, limit).await
        };
        // The driver moves the bytes. When it ends first, what it read still has to be taken in.
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => done,
            _ = driver => work.await,
        }
    }

    fn message(&self, request: &HttpRequest) -> Result<hyper::Request<Full<Bytes>>, HttpError> {
        let refuse = |e: hyper::http::Error| HttpError::Request(e.to_string());
        let method = match request.method {
            Method::Options => "OPTIONS",
            Method::Post => "POST",
        };
        let target = match request.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        let mut builder = hyper::Request::builder()
            .method(method)
            .uri(target)
            .header("Host", self.host_header())
            .header("Authorization", &self.authorization)
            .header("Connection", "close");
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        builder.body(Full::new(Bytes::from(request.body.clone()))).map_err(refuse)
    }

    /// The head of a request as bytes on the wire; made from the same parts as [`Self::message`].
    fn head(&self, request: &HttpRequest) -> Result<String, HttpError> {
        let message = self.message(request)?;
        let mut head = format!("{} {} HTTP/1.1\r\n", message.method(), message.uri());
        for (name, value) in message.headers() {
            let value = value.to_str().map_err(|e| HttpError::Request(e.to_string()))?;
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "content-length: {}\r\n\r\n", request.body.len());
        Ok(head)
    }

    fn host_header(&self) -> String {
        match (self.address.tls, self.address.port) {
            (false, 80) | (true, 443) if !self.address.host.contains(':') => {
                self.address.host.clone()
            }
            _ => self.address.to_string(),
        }
    }
}

/// What an exchange is at, for the words of a timeout.
struct Doing(Mutex<&'static str>);

impl Default for Doing {
    fn default() -> Self {
        Self(Mutex::new("connecting"))
    }
}

impl Doing {
    fn set(&self, what: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    fn get(&self) -> &'static str {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn drain(connection: &mut Connection) {
    let mut sink = [0_u8; 4096];
    while matches!(connection.read(&mut sink).await, Ok(n) if n > 0) {}
}

fn unanswered(error: &hyper::Error) -> HttpError {
    if error.is_parse() {
        HttpError::Malformed(error.to_string())
    } else if error.is_incomplete_message() || error.is_closed() {
        HttpError::Nothing
    } else if error.is_user() {
        HttpError::Request(error.to_string())
    } else {
        // Reset after the request, or a broken pipe inside it: in both cases nothing came back.
        HttpError::Sending(innermost(error))
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

async fn read_answer(
    answer: hyper::Response<Incoming>,
    limit: usize,
) -> Result<HttpResponse, HttpError> {
    let (head, mut body) = answer.into_parts();
    let announced = body.size_hint().exact();
    if announced.is_some_and(|n| n > limit as u64) {
        return Err(HttpError::TooLarge { limit });
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| HttpError::HalfBody { received: bytes.len() as u64, announced })?;
        if let Some(data) = frame.data_ref() {
            if data.len() > limit - bytes.len() {
                return Err(HttpError::TooLarge { limit });
            }
            bytes.extend_from_slice(data);
        }
    }
    let mut response = HttpResponse {
        status: head.status.as_u16(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        body: bytes,
    };
    unpack(&mut response, limit)?;
    Ok(response)
}

/// Undoes gzip, which some servers use unasked. The header goes with it, so that it says what the body is.
fn unpack(response: &mut HttpResponse, limit: usize) -> Result<(), HttpError> {
    let encoding = response.header("content-encoding").map(str::to_ascii_lowercase);
    match encoding.as_deref() {
        None | Some("identity" | "") => return Ok(()),
        Some("gzip" | "x-gzip") => {}
        Some(other) => {
            return Err(HttpError::Encoding(format!("`{other}` is neither gzip nor plain")));
        }
    }
    if !response.body.is_empty() {
        let mut plain = Vec::new();
        let unpacking = flate2::read::MultiGzDecoder::new(response.body.as_slice());
        unpacking
            .take(limit as u64 + 1)
            .read_to_end(&mut plain)
            .map_err(|e| HttpError::Encoding(format!("damaged gzip: {e}")))?;
        if plain.len() > limit {
            return Err(HttpError::TooLarge { limit });
        }
        response.body = plain;
    }
    response.headers.retain(|(name, _)| name != "content-encoding" && name != "content-length");
    Ok(())
}

#[cfg(test)]
mod tests;
