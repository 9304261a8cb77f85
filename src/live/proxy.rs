//! The flaky network between our client and a real server.
//!
//! Every exchange is carried over connections of its own, so that the server sees exactly what it would see from a phone
//! in a tunnel: a request that never came, half of one, two of the same, or one whose answer nobody reads. What the
//! server answered is kept beside what the client got, for the record.
//!
//! An exchange may be begun and finished later. In between, mail can be delivered or another exchange made: the request
//! is under way, and its answer waits in the network until it is fetched.

use std::time::Duration;

use activesync::http::{HttpRequest, HttpResponse};
use tokio::task::JoinHandle;

use super::http::{Http, HttpError};

/// What the network does to one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The request never reaches the server.
    LoseRequest,
    /// The server gets the head with its full `Content-Length`, and this much of the body at most.
    CutRequest {
        /// Bytes of the body; less than all of them arrive in any case.
        keep: usize,
    },
    /// The server answers whole, the client gets nothing.
    LoseAnswer,
    /// The server answers whole, the client gets this much of the body at most.
    CutAnswer {
        /// Bytes of the body; less than all of them arrive in any case.
        keep: usize,
    },
    /// The request arrives twice, the second time after the first was answered.
    Repeat {
        /// Whose answer the client gets.
        answer: Twin,
    },
    /// The request arrives twice at once, on two connections.
    Double {
        /// Whose answer the client gets.
        answer: Twin,
    },
    /// The client closes the connection as soon as the request is out, and the network waits this long before it goes
    /// on. What the server makes of it cannot be seen.
    HangUp {
        /// For the server to do its work.
        wait: Duration,
    },
}

/// Which of two copies of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twin {
    /// The one that was sent first.
    First,
    /// The other.
    Second,
}

/// An exchange that is over.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// What the client got.
    pub(crate) client: Result<HttpResponse, HttpError>,
    /// What came of each request that was sent whole and whose answer was awaited, in the order of sending. An error
    /// here is no doing of ours.
    pub(crate) server: Vec<Result<HttpResponse, HttpError>>,
    /// Why a request that should have reached the server in part, or without its answer being awaited, did not.
    pub(crate) broken: Option<HttpError>,
}

impl Exchange {
    /// What really went wrong, faults of ours apart: then nothing can be concluded about the server's bookkeeping.
    pub(crate) fn failure(&self) -> Option<&HttpError> {
        self.broken.as_ref().or_else(|| self.server.iter().find_map(|answer| answer.as_ref().err()))
    }

    /// The client gets nothing.
    fn lost(server: Vec<Result<HttpResponse, HttpError>>) -> Self {
        Self { client: Err(HttpError::Nothing), server, broken: None }
    }

    /// The client gets nothing, and the server did not get what it should have got.
    fn broken(error: HttpError) -> Self {
        Self { broken: Some(error), ..Self::lost(Vec::new()) }
    }
}

/// The network before one server.
#[derive(Clone)]
pub(crate) struct Network {
    http: Http,
}

impl Network {
    /// The network before this server.
    pub(crate) fn new(http: Http) -> Self {
        Self { http }
    }

    /// Carries one exchange to its end.
    pub(crate) async fn exchange(&self, request: HttpRequest, fault: Fault) -> Exchange {
        self.begin(request, fault).finish().await
    }

    /// Sends a request on its way. It makes progress whenever the caller awaits something.
    pub(crate) fn begin(&self, request: HttpRequest, fault: Fault) -> UnderWay {
        let http = self.http.clone();
        UnderWay::Running(Task(tokio::spawn(async move { carry(&http, &request, fault).await })))
    }

    /// Takes a request and keeps it. To the client it is lost; the server gets it when it is [forwarded](Held::forward).
    pub(crate) fn hold(&self, request: HttpRequest) -> Held {
        Held { http: self.http.clone(), request }
    }
}

/// An exchange that was begun. Dropping it closes its connections.
pub(crate) enum UnderWay {
    /// The server may still be at work.
    Running(Task),
    /// The network holds what the client will get.
    Done(Exchange),
}

impl UnderWay {
    /// Waits until the server has answered; the answer stays in the network.
    pub(crate) async fn answered(self) -> Self {
        match self {
            Self::Running(task) => Self::Done(task.join().await),
            done @ Self::Done(_) => done,
        }
    }

    /// Hands the client what there is for it, once it is there.
    pub(crate) async fn finish(self) -> Exchange {
        match self {
            Self::Running(task) => task.join().await,
            Self::Done(exchange) => exchange,
        }
    }
}

/// A running exchange; ends when it is dropped.
pub(crate) struct Task(JoinHandle<Exchange>);

impl Task {
    async fn join(mut self) -> Exchange {
        match (&mut self.0).await {
            Ok(exchange) => exchange,
            // The task is aborted only by our drop, which this borrow excludes; a panic inside goes on here.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Exchange::broken(HttpError::Nothing),
            },
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A request that its client has given up and that still wanders about.
pub(crate) struct Held {
    http: Http,
    request: HttpRequest,
}

impl Held {
    /// The request.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// Lets it arrive at last. The answer is for the record; no client gets it.
    pub(crate) async fn forward(self) -> Result<HttpResponse, HttpError> {
        self.http.send(&self.request).await
    }
}

async fn carry(http: &Http, request: &HttpRequest, fault: Fault) -> Exchange {
    match fault {
        Fault::None => told(vec![http.send(request).await], 0),
        Fault::LoseRequest => Exchange::lost(Vec::new()),
        Fault::CutRequest { keep } => match http.send_cut(request, keep).await {
            Ok(()) => Exchange::lost(Vec::new()),
            Err(error) => Exchange::broken(error),
        },
        Fault::HangUp { wait } => match http.send_and_leave(request).await {
            Ok(()) => {
                tokio::time::sleep(wait).await;
                Exchange::lost(Vec::new())
            }
            Err(error) => Exchange::broken(error),
        },
        Fault::LoseAnswer => Exchange::lost(vec![http.send(request).await]),
        Fault::CutAnswer { keep } => match http.send(request).await {
            Ok(answer) => {
                Exchange { client: Err(cut(&answer, keep)), ..Exchange::lost(vec![Ok(answer)]) }
            }
            failed @ Err(_) => Exchange::lost(vec![failed]),
        },
        Fault::Repeat { answer } => {
            let first = http.send(request).await;
            let second = http.send(request).await;
            told(vec![first, second], answer as usize)
        }
        Fault::Double { answer } => {
            let (first, second) = tokio::join!(http.send(request), http.send(request));
            told(vec![first, second], answer as usize)
        }
    }
}

/// The client gets the answer at this place, if it is one.
fn told(server: Vec<Result<HttpResponse, HttpError>>, place: usize) -> Exchange {
    match server.get(place) {
        Some(Ok(answer)) => Exchange { client: Ok(answer.clone()), ..Exchange::lost(server) },
        _ => Exchange::lost(server),
    }
}

/// How an answer looks whose connection closes early. An empty body has no half: then the head did not arrive.
fn cut(answer: &HttpResponse, keep: usize) -> HttpError {
    match answer.body.len() {
        0 => HttpError::Nothing,
        length => HttpError::HalfBody {
            received: keep.min(length - 1) as u64,
            announced: Some(length as u64),
        },
    }
}

#[cfg(test)]
mod tests {
    use activesync::http::Method;

    use super::super::http::Limits;
    use super::super::scripted::{Play, Scripted, ok, run};
    use super::*;

    fn post(body: &str) -> HttpRequest {
        let query = "Cmd=Sync&User=a&DeviceId=d&DeviceType=t".into();
        HttpRequest { method: Method::Post, query, headers: Vec::new(), body: body.into() }
    }

    fn network(server: &Scripted) -> Network {
        let limits = Limits { timeout: Duration::from_millis(500), answer_bytes: 1000 };
        Network::new(Http::new(&server.url(), "alice", "alice-pw", limits).unwrap())
    }

    /// The bodies that reached the server, in order.
    fn bodies(server: &Scripted) -> Vec<String> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        server
            .seen()
            .into_iter()
            .map(|r| text(r).split_once("\r\n\r\n").unwrap().1.into())
            .collect()
    }

    fn answers(exchange: &Exchange) -> Vec<&[u8]> {
        exchange.server.iter().map(|a| a.as_ref().unwrap().body.as_slice()).collect()
    }

    #[test]
    fn without_a_fault_all_goes_through() {
        run(async {
            let server = Scripted::start(vec![Play::Answer(ok(b"one"))]).await;
            let exchange = network(&server).exchange(post("hello"), Fault::None).await;
            assert_eq!(exchange.client.as_ref().unwrap().body, b"one");
            assert_eq!(answers(&exchange), [b"one"]);
            assert_eq!(bodies(&server), ["hello"]);
            assert!(exchange.failure().is_none());
        });
    }

    #[test]
    fn a_lost_request_never_arrives() {
        run(async {
            let server = Scripted::start(vec![Play::Answer(ok(b"one"))]).await;
            let network = network(&server);
            let exchange = network.exchange(post("lost"), Fault::LoseRequest).await;
            assert_eq!(exchange.client.as_ref().unwrap_err().kind(), "nothing");
            assert!(exchange.server.is_empty() && exchange.failure().is_none());
            network.exchange(post("next"), Fault::None).await.client.unwrap();
            assert_eq!(bodies(&server), ["next"]);
        });
    }

    #[test]
    fn a_cut_request_arrives_in_part() {
        run(async {
            let server = Scripted::start(vec![Play::Close]).await;
            let fault = Fault::CutRequest { keep: 2 };
            let exchange = network(&server).exchange(post("hello"), fault).await;
            assert_eq!(exchange.client.unwrap_err().kind(), "nothing");
            server.wait_for(1).await;
            assert_eq!(bodies(&server), ["he"]);
        });
    }

    #[test]
    fn a_lost_answer_was_given_whole() {
        run(async {
            let server = Scripted::start(vec![Play::Answer(ok(b"one"))]).await;
            let exchange = network(&server).exchange(post("hello"), Fault::LoseAnswer).await;
            assert_eq!(exchange.client.as_ref().unwrap_err().kind(), "nothing");
            assert_eq!(answers(&exchange), [b"one"]);
            assert!(exchange.failure().is_none());
        });
    }

    #[test]
    fn a_cut_answer_is_half_a_body_to_the_client() {
        run(async {
            let script = [b"one" as &[u8], b"one", b""].map(|body| Play::Answer(ok(body)));
            let server = Scripted::start(script.to_vec()).await;
            let network = network(&server);
            for keep in [1, 99] {
                let exchange = network.exchange(post("hello"), Fault::CutAnswer { keep }).await;
                match &exchange.client {
                    Err(HttpError::HalfBody { received, announced: Some(3) }) => {
                        assert_eq!(*received, keep.min(2) as u64);
                    }
                    other => panic!("{other:?}"),
                }
                assert_eq!(answers(&exchange), [b"one"]);
            }
            let empty = network.exchange(post("hello"), Fault::CutAnswer { keep: 0 }).await;
            assert_eq!(empty.client.unwrap_err().kind(), "nothing");
        });
    }

    #[test]
    fn a_repeated_request_is_answered_twice() {
        for (answer, told) in [(Twin::First, b"one"), (Twin::Second, b"two")] {
            run(async {
                let script = [b"one" as &[u8], b"two"].map(|body| Play::Answer(ok(body)));
                let server = Scripted::start(script.to_vec()).await;
                let exchange = network(&server).exchange(post("x"), Fault::Repeat { answer }).await;
                assert_eq!(exchange.client.as_ref().unwrap().body, told);
                assert_eq!(answers(&exchange), [b"one", b"two"]);
                assert_eq!(bodies(&server), ["x", "x"]);
            });
        }
    }

    #[test]
    fn a_doubled_request_arrives_twice_before_any_answer() {
        run(async {
            let wait = Duration::from_millis(100);
            let script = [b"one" as &[u8], b"two"].map(|body| Play::AnswerAfter(wait, ok(body)));
            let server = Scripted::start(script.to_vec()).await;
            let fault = Fault::Double { answer: Twin::First };
            let under_way = network(&server).begin(post("x"), fault);
            server.wait_for(2).await;
            assert!(matches!(&under_way, UnderWay::Running(task) if !task.0.is_finished()));
            let exchange = under_way.finish().await;
            assert_eq!(exchange.server.len(), 2);
            assert!(exchange.client.is_ok());
        });
    }

    #[test]
    fn a_hung_up_request_arrives_whole_and_its_answer_has_nowhere_to_go() {
        run(async {
            let server = Scripted::start(vec![Play::Answer(ok(b"one"))]).await;
            let fault = Fault::HangUp { wait: Duration::from_millis(20) };
            let exchange = network(&server).exchange(post("hello"), fault).await;
            assert_eq!(exchange.client.as_ref().unwrap_err().kind(), "nothing");
            assert!(exchange.server.is_empty() && exchange.failure().is_none());
            server.wait_for(1).await;
            assert_eq!(bodies(&server), ["hello"]);
        });
    }

    #[test]
    fn a_held_request_arrives_after_its_retry() {
        run(async {
            let script = [b"to the retry" as &[u8], b"to the first"].map(|b| Play::Answer(ok(b)));
            let server = Scripted::start(script.to_vec()).await;
            let network = network(&server);
            let held = network.hold(post("first"));
            let retry = network.exchange(post("retry"), Fault::None).await;
            assert_eq!(retry.client.unwrap().body, b"to the retry");
            assert_eq!(held.request().body, b"first");
            assert_eq!(held.forward().await.unwrap().body, b"to the first");
            assert_eq!(bodies(&server), ["retry", "first"]);
        });
    }

    #[test]
    fn an_answer_waits_in_the_network() {
        run(async {
            let script = [b"one" as &[u8], b"two"].map(|body| Play::Answer(ok(body)));
            let server = Scripted::start(script.to_vec()).await;
            let network = network(&server);
            let first = network.begin(post("first"), Fault::None).answered().await;
            let second = network.exchange(post("second"), Fault::None).await;
            assert_eq!(second.client.unwrap().body, b"two");
            assert_eq!(first.finish().await.client.unwrap().body, b"one");
        });
    }

    #[test]
    fn what_really_fails_is_told_apart_from_our_faults() {
        run(async {
            let mut half = ok(b"one");
            half.pop();
            let script =
                vec![Play::Answer(half.clone()), Play::Answer(half), Play::Stall(Vec::new())];
            let server = Scripted::start(script).await;
            let network = network(&server);
            for fault in [Fault::LoseAnswer, Fault::CutAnswer { keep: 1 }] {
                let exchange = network.exchange(post("x"), fault).await;
                assert_eq!(exchange.failure().unwrap().kind(), "half-body");
            }
            let exchange = network.exchange(post("x"), Fault::None).await;
            assert_eq!(exchange.failure().unwrap().kind(), "timeout");
        });
    }

    #[test]
    fn a_dropped_exchange_closes_its_connection() {
        run(async {
            let server = Scripted::start(vec![Play::Stall(Vec::new())]).await;
            let under_way = network(&server).begin(post("x"), Fault::None);
            server.wait_for(1).await;
            let UnderWay::Running(task) = &under_way else { panic!("answered by silence") };
            let abort = task.0.abort_handle();
            drop(under_way);
            tokio::task::yield_now().await;
            assert!(abort.is_finished());
        });
    }

    /// `LOSTMAIL_LAB_URL=http://127.0.0.1:28000 LOSTMAIL_LAB_PASSWORD=alice-pw cargo test lab`
    #[test]
    fn a_lab_answers_after_every_fault() {
        let Ok(url) = std::env::var("LOSTMAIL_LAB_URL") else {
            println!("skipped: LOSTMAIL_LAB_URL names no lab");
            return;
        };
        let password = std::env::var("LOSTMAIL_LAB_PASSWORD").unwrap_or_default();
        // FolderSync with key 0, as bytes: this room knows no WBXML.
        let body = b"\x03\x01\x6a\0\0\x07\x56\x52\x030\0\x01\x01".to_vec();
        let query = "Cmd=FolderSync&User=alice&DeviceId=lostmailproxy&DeviceType=lostmail".into();
        let headers =
            [("Content-Type", activesync::http::CONTENT_TYPE), ("MS-ASProtocolVersion", "14.1")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let request = HttpRequest { method: Method::Post, query, headers, body };
        run(async {
            let http = Http::new(&url, "alice", &password, Limits::default()).unwrap();
            let network = Network::new(http);
            for fault in [
                Fault::LoseRequest,
                Fault::CutRequest { keep: 5 },
                Fault::LoseAnswer,
                Fault::CutAnswer { keep: 5 },
                Fault::Repeat { answer: Twin::Second },
                Fault::Double { answer: Twin::First },
                Fault::HangUp { wait: Duration::from_millis(300) },
                Fault::None,
            ] {
                let exchange = network.exchange(request.clone(), fault).await;
                assert!(exchange.failure().is_none(), "{fault:?}: {exchange:?}");
                for answer in &exchange.server {
                    let answer = answer.as_ref().unwrap();
                    let body = super::super::http::wbxml_body(answer).unwrap();
                    assert!(body.starts_with(b"\x03\x01"), "{fault:?}: {body:?}");
                }
                let after = network.exchange(request.clone(), Fault::None).await;
                assert_eq!(after.client.unwrap().status, 200, "after {fault:?}");
            }
        });
    }
}
