use std::net::TcpListener;
use std::time::Duration;

use mysms_core::domain::Secret;
use webhooks::signed_headers;

use super::*;
use crate::testing::receiver;

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

    let request = received.next();
    let id = told["event"].as_str().unwrap();
    assert_eq!(request.header("webhook-id"), id);
    assert!(!id.contains('.'), "{id}");
    let secret = Secret::parse(made["secret"].as_str().unwrap()).unwrap();
    let expected = signed_headers([secret.as_bytes()], id, START, &request.body);
    let signature = expected["webhook-signature"].to_str().unwrap();
    assert_eq!(request.header("webhook-signature"), signature);
    let event: Value = serde_json::from_slice(&request.body).unwrap();
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
    assert!(!received.has_more());
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
