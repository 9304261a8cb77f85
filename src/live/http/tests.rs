//! Every way an exchange can end, against a scripted server.

use std::io::Write as _;

use super::super::scripted::{Play, Scripted, answer, ok, run};
use super::*;

fn post(body: &[u8]) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        query: "Cmd=Sync&User=a&DeviceId=d&DeviceType=t".into(),
        headers: vec![("MS-ASProtocolVersion".into(), "14.1".into())],
        body: body.to_vec(),
    }
}

fn at(url: &str) -> Result<Http, HttpError> {
    Http::new(url, "alice", "alice-pw", limits())
}

fn limits() -> Limits {
    Limits { timeout: Duration::from_millis(400), answer_bytes: 1000 }
}

async fn outcome_with(play: Play) -> (Scripted, Result<HttpResponse, HttpError>) {
    let server = Scripted::start(vec![play]).await;
    let http = at(&server.url()).unwrap();
    let outcome = http.send(&post(b"body")).await;
    (server, outcome)
}

fn outcome(bytes: &[u8]) -> Result<HttpResponse, HttpError> {
    run(async { outcome_with(Play::Answer(bytes.to_vec())).await.1 })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_request_goes_out_as_it_was_given() {
    run(async {
        let (server, response) = outcome_with(Play::Answer(ok(b"\x03\x01\x6a\0"))).await;
        let response = response.unwrap();
        assert_eq!(
            (response.status, wbxml_body(&response).unwrap()),
            (200, &b"\x03\x01\x6a\0"[..])
        );
        assert_eq!(response.header("content-type"), Some("application/vnd.ms-sync.wbxml"));
        let seen = String::from_utf8(server.seen().remove(0)).unwrap();
        let (head, body) = seen.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "body");
        let mut lines: Vec<_> = head.lines().map(str::to_ascii_lowercase).collect();
        assert_eq!(
            lines.remove(0),
            "post /microsoft-server-activesync?cmd=sync&user=a&deviceid=d&devicetype=t http/1.1"
        );
        for wanted in [
            "authorization: basic ywxpy2u6ywxpy2utchc=".to_owned(),
            "ms-asprotocolversion: 14.1".to_owned(),
            format!("host: 127.0.0.1:{}", server.port),
            "content-length: 4".to_owned(),
            "connection: close".to_owned(),
        ] {
            assert!(lines.contains(&wanted), "{wanted} in {lines:?}");
        }
        assert_eq!(lines.len(), 5, "nothing else was added: {lines:?}");
    });
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    run(async {
        let redirect = answer("302 Found", "Location: http://127.0.0.1:1/\r\n", b"");
        let (server, response) = outcome_with(Play::Answer(redirect)).await;
        let error = wbxml_body(&response.unwrap()).unwrap_err();
        assert!(error.to_string().starts_with("HTTP 302: the server redirects"), "{error}");
        assert_eq!(server.seen().len(), 1);
    });
}

#[test]
fn statuses_are_told_in_words() {
    for (status, word) in
        [("401 No", "password"), ("503 Busy", "busy"), ("404 Gone", "no ActiveSync")]
    {
        let response = outcome(&answer(status, "", b"<html>")).unwrap();
        let error = wbxml_body(&response).unwrap_err();
        assert_eq!(error.kind(), "status");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn html_is_not_taken_for_wbxml() {
    for (kind, body) in [("text/html", "sorry"), ("text/plain", "\r\n <!DOCTYPE html>\x1b[2J")] {
        let headers = format!("Content-Type: {kind}\r\n");
        let response = outcome(&answer("200 OK", &headers, body.as_bytes())).unwrap();
        let error = wbxml_body(&response).unwrap_err();
        assert_eq!(error.kind(), "html");
        assert!(!error.to_string().contains('\x1b'), "no control characters reach the terminal");
    }
    let empty = outcome(&answer("200 OK", "Content-Type: text/html\r\n", b"")).unwrap();
    assert_eq!(wbxml_body(&empty).unwrap(), b"", "PHP says text/html over an empty Sync answer");
}

#[test]
fn half_a_body_is_never_a_body() {
    let mut cut = ok(b"0123456789");
    cut.truncate(cut.len() - 4);
    match outcome(&cut) {
        Err(HttpError::HalfBody { received: 6, announced: Some(10) }) => {}
        other => panic!("{other:?}"),
    }
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n8\r\n01";
    match outcome(chunked) {
        Err(HttpError::HalfBody { announced: None, .. }) => {}
        other => panic!("{other:?}"),
    }
    let whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n0\r\n\r\n";
    assert_eq!(outcome(whole).unwrap().body, b"0123");
    let to_the_end = b"HTTP/1.0 200 OK\r\n\r\n0123";
    assert_eq!(outcome(to_the_end).unwrap().body, b"0123");
}

#[test]
fn nothing_half_a_head_and_rubbish_are_told_apart() {
    let closed = run(async { outcome_with(Play::Close).await.1 });
    assert_eq!(closed.unwrap_err().kind(), "nothing");
    assert_eq!(outcome(b"HTTP/1.1 200 OK\r\nContent-Le").unwrap_err().kind(), "nothing");
    assert_eq!(outcome(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").unwrap_err().kind(), "malformed");
    assert_eq!(outcome(&[0; 300]).unwrap_err().kind(), "malformed");
}

#[test]
fn silence_ends_at_the_timeout() {
    run(async {
        let (_server, outcome) = outcome_with(Play::Stall(Vec::new())).await;
        match outcome {
            Err(HttpError::Timeout { doing, .. }) => assert_eq!(doing, "waiting for the answer"),
            other => panic!("{other:?}"),
        }
        let mut half = ok(b"0123456789");
        half.truncate(half.len() - 1);
        let (_server, outcome) = outcome_with(Play::Stall(half)).await;
        match outcome {
            Err(HttpError::Timeout { doing, .. }) => assert_eq!(doing, "reading the answer"),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn nobody_there_is_a_connect_error() {
    run(async {
        let port = Scripted::start(vec![]).await.port;
        tokio::task::yield_now().await; // the empty script ends, its listener with it
        let http = at(&format!("http://127.0.0.1:{port}")).unwrap();
        let error = http.send(&post(b"")).await.unwrap_err();
        assert_eq!(error.kind(), "connect");
        assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    });
}

#[test]
fn size_is_limited_at_the_edge() {
    assert_eq!(outcome(&ok(&[1; 1000])).unwrap().body.len(), 1000);
    assert_eq!(outcome(&ok(&[1; 1001])).unwrap_err().kind(), "too-large");
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.extend([1; 1001]);
    assert_eq!(outcome(&endless).unwrap_err().kind(), "too-large");
    let claim = b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n";
    assert!(matches!(outcome(claim).unwrap_err().kind(), "too-large" | "malformed"));
}

#[test]
fn gzip_is_unpacked_within_the_limit() {
    let packed = |body: &[u8]| answer("200 OK", "Content-Encoding: gzip\r\n", &gzip(body));
    let response = outcome(&packed(&[7; 1000])).unwrap();
    assert_eq!(response.body, [7; 1000]);
    assert_eq!(response.header("content-encoding"), None);
    assert_eq!(outcome(&packed(&[7; 1001])).unwrap_err().kind(), "too-large");
    let damaged = answer("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8bnot");
    assert_eq!(outcome(&damaged).unwrap_err().kind(), "encoding");
    let other = answer("200 OK", "Content-Encoding: br\r\n", b"x");
    assert!(outcome(&other).unwrap_err().to_string().contains("`br`"));
}

#[test]
fn half_a_request_promises_more_than_it_holds() {
    run(async {
        let server = Scripted::start(vec![Play::Close, Play::Close, Play::Close]).await;
        let http = at(&server.url()).unwrap();
        http.send_cut(&post(b"0123456789"), 4).await.unwrap();
        http.send_cut(&post(b"0123456789"), 99).await.unwrap();
        http.send_cut(&post(b""), 0).await.unwrap();
        server.wait_for(3).await;
        let seen: Vec<_> =
            server.seen().into_iter().map(|s| String::from_utf8(s).unwrap()).collect();
        assert!(
            seen[0].contains("\r\ncontent-length: 10\r\n") && seen[0].ends_with("\r\n\r\n0123")
        );
        assert!(seen[1].ends_with("\r\n\r\n012345678"), "never the whole body: {}", seen[1]);
        assert!(!seen[2].contains("\r\n\r\n"), "never a whole head: {}", seen[2]);
    });
}

#[test]
fn a_url_leads_to_activesync() {
    let path = |url: &str| at(url).map(|h| h.path);
    assert_eq!(path("http://127.0.0.1").unwrap(), PATH);
    assert_eq!(path("http://127.0.0.1:1/").unwrap(), PATH);
    assert_eq!(path("http://127.0.0.1/eas").unwrap(), "/eas");
    for bad in ["ftp://h", "http://h/x?y", "http://alice@h/", "nonsense"] {
        assert!(path(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_request_that_is_not_http_is_refused() {
    run(async {
        let http = at("http://127.0.0.1:1").unwrap();
        let mut bad = post(b"");
        bad.headers.push(("X".into(), "a\r\nY: b".into()));
        assert_eq!(http.send(&bad).await.unwrap_err().kind(), "request");
        let mut bad = post(b"");
        bad.query = "a b".into();
        assert_eq!(http.send(&bad).await.unwrap_err().kind(), "request");
    });
}

mod tls {
    use std::sync::Arc;

    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
    use tokio_rustls::rustls::{ServerConfig, crypto};

    use super::super::super::scripted::read_request;
    use super::*;

    /// Made for these tests and for nothing else; see the README beside it.
    const CERTIFICATE: &[u8] = include_bytes!("../testdata/localhost.cert.der");
    const KEY: &[u8] = include_bytes!("../testdata/localhost.key.der");

    async fn start() -> u16 {
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(CERTIFICATE)],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY)),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(tcp).await {
                    read_request(&mut stream).await;
                    drop(stream.write_all(&ok(b"sealed")).await);
                    drop(stream.shutdown().await);
                }
            }
        });
        port
    }

    fn over_tls(host: &str, port: u16, dialer: Dialer) -> Http {
        Http::at(Address { tls: true, host: host.into(), port }, dialer, limits())
    }

    #[test]
    fn a_trusted_server_answers() {
        run(async {
            let dialer = Dialer::trusting(CertificateDer::from(CERTIFICATE));
            let http = over_tls("localhost", start().await, dialer);
            assert_eq!(http.send(&post(b"x")).await.unwrap().body, b"sealed");
        });
    }

    #[test]
    fn strangers_and_wrong_names_are_refused() {
        run(async {
            let port = start().await;
            let dialer = Dialer::trusting(CertificateDer::from(CERTIFICATE));
            let http = over_tls("127.0.0.1", port, dialer);
            let error = http.send(&post(b"x")).await.unwrap_err();
            assert_eq!(error.kind(), "tls", "the certificate is for localhost: {error}");
            // On a machine without any certificates already the first step says so.
            let error = match at(&format!("https://localhost:{port}")) {
                Ok(http) => http.send(&post(b"x")).await.unwrap_err(),
                Err(error) => error,
            };
            assert_eq!(error.kind(), "tls", "nobody vouches for it: {error}");
        });
    }

    #[test]
    fn a_server_without_tls_is_a_tls_error() {
        run(async {
            let server = Scripted::start(vec![Play::Answer(ok(b"x"))]).await;
            let dialer = Dialer::trusting(CertificateDer::from(CERTIFICATE));
            let http = over_tls("localhost", server.port, dialer);
            let error = http.send(&post(b"x")).await.unwrap_err();
            assert!(matches!(error.kind(), "tls" | "timeout"), "{error}");
        });
    }
}
