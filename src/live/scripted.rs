//! A server that does as it is told, for tests: each connection plays the next line of a script.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What to do with one connection.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// Read the request, answer these bytes, close.
    Answer(Vec<u8>),
    /// Read the request, wait, answer, close.
    AnswerAfter(Duration, Vec<u8>),
    /// Read the request, answer nothing, close.
    Close,
    /// Read the request, answer these bytes, and stay silent with the connection open.
    Stall(Vec<u8>),
}

/// A running scripted server; it ends with the runtime.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Scripted {
    /// Starts on a free port of loopback.
    pub(crate) async fn start(script: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for play in script {
                let (mut stream, _) = listener.accept().await.unwrap();
                let log = Arc::clone(&log);
                tokio::spawn(async move {
                    let request = read_request(&mut stream).await;
                    log.lock().unwrap().push(request);
                    match play {
                        Play::Answer(bytes) => drop(stream.write_all(&bytes).await),
                        Play::AnswerAfter(wait, bytes) => {
                            tokio::time::sleep(wait).await;
                            drop(stream.write_all(&bytes).await);
                        }
                        Play::Close => {}
                        Play::Stall(bytes) => {
                            drop(stream.write_all(&bytes).await);
                            std::future::pending::<()>().await;
                        }
                    }
                    drop(stream.shutdown().await);
                });
            }
        });
        Self { port, seen }
    }

    /// The URL of this server.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What came so far, one entry for each connection, in the order in which the requests were complete.
    pub(crate) fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits (a little) until this many requests came.
    pub(crate) async fn wait_for(&self, count: usize) {
        for _ in 0..200 {
            if self.seen().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{} requests came, {count} were expected", self.seen().len());
    }
}

/// Head and body by `Content-Length`; what there is when the client closes before.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 1024];
    loop {
        if let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|l| l.strip_prefix("content-length:"))
                .map_or(0, |n| n.trim().parse::<usize>().unwrap());
            if bytes.len() >= head + 4 + length {
                return bytes;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return bytes,
        }
    }
}

/// An answer with status 200 and this body.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    answer("200 OK", "Content-Type: application/vnd.ms-sync.wbxml\r\n", body)
}

/// An answer with any status and headers.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len())
        .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Runs a test on a current-thread runtime, as the tool does.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}
