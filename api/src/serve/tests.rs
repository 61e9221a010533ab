use runtime::lifecycle::Lifecycle;
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
    let lifecycle = api.state.lifecycle.clone();
    let server = serve(listener, api.state.clone());
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
    let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\
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
    let login = "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
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
    for head in ["", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        assert_eq!(answer_to(head).await, "", "{head:?}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_is_a_408_and_the_end_of_the_connection() {
    let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\n\r\n{";
    let text = answer_to(head).await;
    assert!(text.starts_with("HTTP/1.1 408"), "{text}");
    assert!(text.contains("urn:mysms:problem:slow-body"), "{text}");
}

/// Nothing else ends an answer that its client does not take.
#[tokio::test]
async fn an_answer_that_nobody_takes_is_the_end_of_its_connection() {
    let server = start(TestApi::start().await).await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    // More than lies between two ends of a connection: answers one after the other.
    let head = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(head.repeat(100).as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    tokio::time::pause();
    // Longer than it is waited for, and too short for what is left of the answer to be taken.
    tokio::time::sleep(WRITE_TIMEOUT * 3).await;
    tokio::time::resume();
    let mut rest = Vec::new();
    // A connection that is reset ends as well.
    let _ = stream.read_to_end(&mut rest).await;
    let answers = String::from_utf8_lossy(&rest)
        .matches("HTTP/1.1 200")
        .count();
    assert!(answers < 50, "{answers} answers came all the same");
    assert!(server.lifecycle.stop(Duration::from_secs(30)).await);
}

#[tokio::test]
async fn one_client_has_so_many_connections_and_this_machine_as_many_as_it_likes() {
    let clients = Tally::new(2, usize::MAX);
    let proxy: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
    let place = |peer: &str| own_place(&clients, &proxy, peer.parse().unwrap());
    let held = ["203.0.113.7", "::ffff:203.0.113.7"].map(|peer| place(peer).unwrap());
    assert!(held.iter().all(Option::is_some));
    assert!(place("203.0.113.7").is_err());
    for other in ["203.0.113.8", "127.0.0.1", "::1", "10.1.2.3"] {
        let several: Vec<_> = (0..2).map(|_| place(other)).collect();
        assert!(several.iter().all(Result::is_ok), "{other}");
    }
    let v6 = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map(|peer| place(peer).unwrap());
    assert!(place("2001:db8:1:2::3").is_err());
    drop((held, v6));
    assert!(place("203.0.113.7").is_ok());
}

#[tokio::test]
async fn at_a_stop_requests_are_taken_until_the_load_balancer_has_heard_of_it() {
    let api = TestApi::with(|settings| {
        settings.http.capacity.shutdown_lag = Duration::from_hours(1);
    })
    .await;
    let server = start(api).await;
    server.lifecycle.soft().cancel();
    let ask = async |path: &str| {
        let mut stream = server.connect().await;
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        answer(&mut stream).await
    };
    assert!(ask("/readyz").await.starts_with("HTTP/1.1 503"));
    assert!(ask("/client.json").await.starts_with("HTTP/1.1 200"));
    // The grace bounds the lag.
    assert!(!server.lifecycle.stop(Duration::from_millis(1)).await);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let large = "x".repeat(2 * HEAD_LIMIT);
    let many = "X-More: 1\r\n".repeat(1000);
    let heads = [
        format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Large: {large}\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"),
        format!("GET /{large} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
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
        let request = format!("POST /login HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{{}}");
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
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let text = answer(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    // Nor do they keep the process from stopping.
    assert!(server.lifecycle.stop(Duration::from_secs(30)).await);
}
