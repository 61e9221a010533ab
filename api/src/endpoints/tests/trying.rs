use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use mysms_core::domain::Secret;
use webhooks::signed_headers;

use super::*;

/// Answers each request, on a connection of its own, with this status.
fn receiver(status: u16) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/sms", listener.local_addr().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut request = String::new();
            while !request.ends_with("\r\n\r\n") {
                reader.read_line(&mut request).unwrap();
            }
            let length = request
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.unwrap().parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let secret = "what the receiver says is nobody's business";
            let answer = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{secret}",
                secret.len()
            );
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            let request = request + std::str::from_utf8(&body).unwrap();
            if sender.send(request).is_err() {
                return;
            }
        }
    });
    (url, received)
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(key, _)| *key == name).unwrap().1
}

async fn test(api: &TestApi, user: &TestUser, webhook: &Value) -> Answer {
    api.post(&path(webhook, "/test"), Some(user), &json!({}))
        .await
}

#[tokio::test]
async fn a_test_is_signed_and_says_the_status_and_nothing_else() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (url, received) = receiver(204);
    let made = make(&api, &john, &json!({"url": url})).await;
    let answer = test(&api, &john, &made).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(
        (&told["taken"], &told["status"]),
        (&json!(true), &json!(204))
    );
    assert_eq!(told["error"], json!(null));
    assert!(told["duration_ms"].is_u64());
    assert!(!answer.text().contains("business"), "{}", answer.text());

    let request = received.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let id = told["event"].as_str().unwrap();
    assert_eq!(header(head, "webhook-id"), id);
    assert!(!id.contains('.'), "{id}");
    let secret = Secret::parse(made["secret"].as_str().unwrap()).unwrap();
    let expected = signed_headers([secret.as_bytes()], id, START, body.as_bytes());
    let signature = expected["webhook-signature"].to_str().unwrap();
    assert_eq!(header(head, "webhook-signature"), signature);
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&event["type"], &event["timestamp"]),
        (&json!("test"), &json!(START))
    );
}

#[tokio::test]
async fn what_fails_is_said_and_a_disabled_one_can_be_tried() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (url, _received) = receiver(500);
    let refusing = make(&api, &john, &json!({"url": url})).await;
    api.post(&path(&refusing, "/disable"), Some(&john), &json!({}))
        .await;
    let told = test(&api, &john, &refusing).await.json();
    assert_eq!(
        (&told["taken"], &told["status"]),
        (&json!(false), &json!(500))
    );
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    let absent = make(&api, &john, &json!({"url": url})).await;
    let told = test(&api, &john, &absent).await.json();
    assert_eq!(
        (&told["status"], &told["error"]),
        (&json!(null), &json!("unreachable"))
    );
}

#[tokio::test]
async fn a_url_that_was_allowed_once_is_looked_at_again() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (url, received) = receiver(204);
    let made = make(&api, &john, &json!({"url": url})).await;
    let strict = strict().await;
    let mut beside = api.beside();
    beside.replace(|parts| parts.post = strict.state.post.clone());
    let told = test(&beside, &john, &made).await.json();
    assert_eq!(
        (&told["status"], &told["error"]),
        (&json!(null), &json!("forbidden"))
    );
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn tests_are_limited_for_each_user() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let (url, _received) = receiver(204);
    let webhook = json!({"url": url});
    let his = make(&api, &john, &webhook).await;
    let hers = make(&api, &jane, &webhook).await;
    for _ in 0..10 {
        assert_eq!(test(&api, &john, &his).await.status, 200);
    }
    let refused = test(&api, &john, &his).await;
    refused.problem(429);
    assert_eq!(
        refused.header("retry-after"),
        "6",
        "by the clock, which stands still"
    );
    assert_eq!(test(&api, &jane, &hers).await.status, 200);
    api.clock.advance(Duration::from_secs(6));
    assert_eq!(test(&api, &john, &his).await.status, 200);
}
