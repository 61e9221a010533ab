//! What comes of what a receiver does.

use std::net::TcpListener;

use super::receiver::{Act, Receiver, answer};
use super::*;

fn impatient() -> Poster {
    let setting = Setting {
        timeout: IMPATIENCE,
        ..Setting::default()
    };
    setting.poster()
}

#[tokio::test]
async fn a_receiver_gets_the_headers_and_the_body_as_they_are() {
    let receiver = Receiver::start(answer(204, ""));
    let outcome = post(&Setting::default().poster(), &receiver.url()).await;
    assert_eq!(outcome, answered(204));
    let request = receiver.next();
    assert!(
        request.starts_with("POST /hook?a=b HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.ends_with(r#"{"type":"test"}"#), "{request}");
    let request = request.to_lowercase();
    let agent = concat!(
        "user-agent: mysms-webhooks/",
        env!("CARGO_PKG_VERSION"),
        "\r\n"
    );
    assert!(request.contains(agent), "{request}");
    assert!(request.contains("webhook-id: msg_1\r\n"), "{request}");
    for header in ["cookie", "authorization", "referer", "accept-encoding"] {
        assert!(!request.contains(&format!("{header}:")), "{request}");
    }
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let body = "x".repeat(20_000);
    let text = format!(
        "HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let receiver = Receiver::start(Act::Answer(text.into_bytes()));
    let poster = Setting::default().poster();
    for _ in 0..5 {
        assert_eq!(post(&poster, &receiver.url()).await, answered(200));
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = Receiver::start(answer(200, ""));
    let poster = Setting::default().poster();
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: {}\r\n", other.url());
        let receiver = Receiver::start(answer(status, &location));
        assert_eq!(post(&poster, &receiver.url()).await, answered(status));
        assert_eq!(receiver.connections(), 1);
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_receiver_may_ask_for_a_pause() {
    let poster = Setting::default().poster();
    for (status, seconds) in [(429, 7), (503, 120), (500, 1)] {
        let header = format!("Retry-After: {seconds}\r\n");
        let receiver = Receiver::start(answer(status, &header));
        let expected = Posted {
            retry_after: Some(Duration::from_secs(seconds)),
            ..answered(status)
        };
        assert_eq!(post(&poster, &receiver.url()).await, expected);
    }
    let receiver = Receiver::start(answer(200, "Retry-After: 7\r\n"));
    assert_eq!(post(&poster, &receiver.url()).await, answered(200));
}

#[tokio::test]
async fn silence_is_a_timeout_and_a_closed_connection_is_none() {
    for begun in ["", "HTTP/1.1 200 X\r\nContent-"] {
        let receiver = Receiver::start(Act::Hang(begun.into()));
        let outcome = post(&impatient(), &receiver.url()).await;
        assert_eq!(outcome, failed(PostFailure::Timeout), "{begun}");
    }
    let endless = "HTTP/1.1 102 X\r\n\r\n".into();
    let receiver = Receiver::start(Act::Flood(Vec::new(), endless));
    let outcome = post(&impatient(), &receiver.url()).await;
    assert!(matches!(outcome.answer, Answer::Failed(_)), "{outcome:?}");

    let poster = Setting::default().poster();
    let receiver = Receiver::start(Act::Close);
    let outcome = post(&poster, &receiver.url()).await;
    assert_eq!(outcome, failed(PostFailure::Broken));
    let receiver = Receiver::start(Act::Answer(b"+PONG\r\n\r\n".to_vec()));
    let outcome = post(&poster, &receiver.url()).await;
    assert_eq!(outcome, failed(PostFailure::Broken));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let nobody = url(&format!("http://127.0.0.1:{port}/"));
    let outcome = post(&Setting::default().poster(), &nobody).await;
    assert_eq!(outcome, failed(PostFailure::Unreachable));
}

#[tokio::test]
async fn the_status_counts_although_its_body_never_ends() {
    let head = || b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n".to_vec();
    let receiver = Receiver::start(Act::Hang(head()));
    let unhurried = Setting {
        timeout: Duration::from_secs(2),
        ..Setting::default()
    };
    let outcome = post(&unhurried.poster(), &receiver.url()).await;
    assert_eq!(outcome, answered(200));

    // With a long time to wait it is the amount that ends it.
    let head = b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"4000\r\n".to_vec(), vec![b'x'; 0x4000], b"\r\n".to_vec()].concat();
    let receiver = Receiver::start(Act::Flood(head, chunk));
    let outcome = post(&Setting::default().poster(), &receiver.url()).await;
    assert_eq!(outcome, answered(500));
}

#[tokio::test]
async fn what_the_policy_refuses_is_not_connected_to() {
    let receiver = Receiver::start(answer(200, ""));
    let poster = Setting {
        networks: &["127.0.0.2"],
        ..Setting::default()
    };
    let poster = poster.poster();
    let port = receiver.port;
    for (host, objection) in [
        ("127.0.0.1", Objection::Scheme),
        ("2130706433", Objection::Scheme),
        ("[::ffff:127.0.0.1]", Objection::Scheme),
        ("user:word@127.0.0.2", Objection::Credentials),
    ] {
        let url = url(&format!("http://{host}:{port}/"));
        let refused = failed(PostFailure::Forbidden);
        assert_eq!(post(&poster, &url).await, refused, "{url}");
        assert_eq!(poster.look_at(&url).await, Err(objection), "{url}");
    }
    assert_eq!(receiver.connections(), 0);
}
