use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::testing::TestApi;

struct Server {
    lifecycle: Lifecycle,
    address: SocketAddr,
    _api: TestApi,
}

async fn start(api: TestApi) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let lifecycle = Lifecycle::new();
    let server = serve(listener, api.state.clone(), lifecycle.clone());
    lifecycle.spawn("http", server);
    Server {
        lifecycle,
        address,
        _api: api,
    }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn a_stop_lets_the_request_under_way_finish_and_takes_no_more() {
    let server = start(TestApi::start().await).await;
    let mut stream = server.connect().await;
    // The handler has begun once the server asks for the body.
    let head = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\
                Expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    let stop = server.lifecycle.stop(Duration::from_secs(30));
    let finish = async {
        server.lifecycle.soft().cancelled().await;
        stream.write_all(b"{}").await.unwrap();
        answer(&mut stream).await
    };
    let (in_time, text) = tokio::join!(stop, finish);
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
    assert!(in_time, "something had to be abandoned");
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn clients_are_told_apart_by_their_connections() {
    let api = TestApi::with(|settings| {
        settings.http.limits.attempts_per_address = 1;
    })
    .await;
    let server = start(api).await;
    let login = "POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 X-Forwarded-For: 1.2.3.4\r\nContent-Length: 2\r\n\r\n{}";
    for expected in ["HTTP/1.1 400", "HTTP/1.1 429"] {
        let mut stream = server.connect().await;
        stream.write_all(login.as_bytes()).await.unwrap();
        let text = answer(&mut stream).await;
        assert!(text.starts_with(expected), "{text}");
    }
    assert!(server.lifecycle.stop(Duration::from_secs(30)).await);
}

/// What a client reads that sends this and then nothing more, whatever time it takes.
async fn answer_to(head: &str) -> String {
    let server = start(TestApi::start().await).await;
    let mut stream = server.connect().await;
    tokio::time::pause();
    // The server may have answered and closed before it has read everything.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    tokio::time::resume();
    assert!(server.lifecycle.stop(Duration::from_secs(30)).await);
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    for head in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        assert_eq!(answer_to(head).await, "", "{head:?}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_a_503_and_the_end_of_the_connection() {
    let head = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n{";
    let text = answer_to(head).await;
    assert!(text.starts_with("HTTP/1.1 503"), "{text}");
    assert!(text.contains("urn:mysms:problem:timed-out"), "{text}");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let large = "x".repeat(2 * HEAD_LIMIT);
    let many = "X-More: 1\r\n".repeat(1000);
    let heads = [
        format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: {large}\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        format!("GET /{large} HTTP/1.1\r\nHost: x\r\n\r\n"),
    ];
    for head in heads {
        let text = answer_to(&head).await;
        let refused = ["HTTP/1.1 431", "HTTP/1.1 414"].iter();
        assert!(
            refused.into_iter().any(|status| text.starts_with(status)),
            "{text}"
        );
    }
}

/// Whatever two servers in a row could understand differently is not understood at all.
#[tokio::test]
async fn a_request_whose_length_is_in_doubt_is_refused() {
    let heads = [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 2\r\nTransfer-Encoding: chunked, identity",
        "Content-Length: -1",
        "Content-Length: 2, 3",
        "X-Bad: a\rX-Injected: yes",
        "X-Bad : a",
    ];
    for head in heads {
        let request = format!("POST /login HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{{}}");
        let text = answer_to(&request).await;
        assert!(text.starts_with("HTTP/1.1 400"), "{head:?}: {text}");
    }
}

/// The standalone binary is tried with 10,000.
#[tokio::test]
async fn many_idle_connections_keep_nobody_from_being_served() {
    let server = start(TestApi::start().await).await;
    let mut idle = Vec::new();
    for _ in 0..1500 {
        idle.push(server.connect().await);
    }
    let mut stream = server.connect().await;
    let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let text = answer(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    // Nor do they keep the process from stopping.
    assert!(server.lifecycle.stop(Duration::from_secs(30)).await);
}
