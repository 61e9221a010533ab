use std::time::Duration;

use futures_util::FutureExt;
use http::Method;
use mysms_core::domain::{MessageId, Status, Timestamp};
use mysms_core::queue::Queue;
use serde_json::{Value, json};

use super::{claim, stored};
use crate::testing::{Answer, START, TestApi, TestUser, request};

async fn send(api: &TestApi, user: &TestUser, key: Option<&str>, terms: Value) -> Answer {
    let mut body = json!({"recipient": "+14155550123", "content": "hello"});
    let fields = terms.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    let mut request = request(Method::POST, "/messages", Some(user), body.to_string());
    if let Some(key) = key {
        let headers = request.headers_mut();
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    api.call(request).await
}

fn id(answer: &Answer) -> MessageId {
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

fn at(seconds: u64) -> String {
    (START + Duration::from_secs(seconds)).to_string()
}

#[tokio::test]
async fn a_scheduled_text_waits_in_the_ledger_without_a_job() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    // Half past two in Paris is half past one, and what is finer than milliseconds is cut off.
    let terms = json!({"send_at": "2026-01-01T02:30:00.1239+01:00"});
    let answer = send(&api, &john, None, terms).await;
    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(body["message"], "Message scheduled successfully");
    assert_eq!(body["status"], "queued");
    assert_eq!(body["sent_at"], "2026-01-01T00:00:00.120Z");
    assert_eq!(body["send_at"], "2026-01-01T01:30:00.123Z");
    assert_eq!(body["expires_at"], "2026-01-01T05:30:00.123Z");

    let send_at: Timestamp = "2026-01-01T01:30:00.123Z".parse().unwrap();
    let message = stored(&api, id(&answer)).await;
    assert_eq!(message.status, Status::Queued);
    assert_eq!(
        (message.not_before, message.wake_at),
        (send_at, Some(send_at))
    );
    assert_eq!(message.expires_at, send_at + Duration::from_hours(4));
    assert!(api.queue.receive().now_or_never().is_none(), "no job comes");
    let shown = &api.get("/messages", &john).await.json()[0];
    assert_eq!(shown["send_at"], body["send_at"]);
    assert_eq!(shown["expires_at"], body["expires_at"]);
}

#[tokio::test]
async fn a_scheduled_text_can_be_canceled_until_it_is_claimed() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let terms = json!({"send_at": at(3600)});
    let early = id(&send(&api, &john, None, terms.clone()).await);
    let path = format!("/messages/{}/{early}/cancel", john.hash);
    let answer = api.post(&path, Some(&john), &json!({})).await;
    assert_eq!(answer.json()["status"], "canceled");
    assert_eq!(stored(&api, early).await.wake_at, None);

    let now = json!({"send_at": at(1)});
    let late = id(&send(&api, &john, None, now).await);
    claim(&api, late).await;
    let path = format!("/messages/{}/{late}/cancel", john.hash);
    let answer = api.post(&path, Some(&john), &json!({})).await;
    answer.problem(409);
}

#[tokio::test]
async fn a_text_is_tried_for_as_long_as_its_user_says() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for (terms, expires_at) in [
        (json!({"validity_seconds": 60}), at(60)),
        (json!({"validity_seconds": 60.0}), at(60)),
        (json!({"validity_seconds": 86_400}), at(86_400)),
        (json!({"validity_seconds": null}), at(4 * 3600)),
        (json!({"validity_seconds": 90, "send_at": at(600)}), at(690)),
    ] {
        let answer = send(&api, &john, None, terms.clone()).await;
        assert_eq!(answer.json()["expires_at"], expires_at, "{terms}");
        let message = stored(&api, id(&answer)).await;
        assert_eq!(message.expires_at.to_string(), expires_at);
        assert!(message.wake_at <= Some(message.expires_at));
    }
}

#[tokio::test]
async fn terms_that_cannot_be_kept_are_refused() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let day = 24 * 3600;
    let cases = [
        (json!({"send_at": at(0)}), "send_at"),
        (json!({"send_at": "2025-12-31T23:59:59Z"}), "send_at"),
        (json!({"send_at": at(35 * day + 1)}), "send_at"),
        (json!({"send_at": "2026-01-02"}), "send_at"),
        (json!({"send_at": "2026-01-02T00:00:00"}), "send_at"),
        (json!({"send_at": "tomorrow"}), "send_at"),
        (json!({"send_at": 1_767_312_000}), "send_at"),
        (json!({"validity_seconds": 59}), "validity_seconds"),
        (json!({"validity_seconds": 86_401}), "validity_seconds"),
        (json!({"validity_seconds": -60}), "validity_seconds"),
        (json!({"validity_seconds": 60.5}), "validity_seconds"),
        (json!({"validity_seconds": 1e300}), "validity_seconds"),
        (json!({"validity_seconds": u64::MAX}), "validity_seconds"),
        (json!({"validity_seconds": "60"}), "validity_seconds"),
        (json!({"validity_seconds": [60]}), "validity_seconds"),
    ];
    for (terms, field) in cases {
        let answer = send(&api, &john, None, terms.clone()).await;
        assert_eq!(answer.problem(400), [field], "{terms}");
    }
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
    let furthest = json!({"send_at": at(35 * day)});
    assert_eq!(send(&api, &john, None, furthest).await.status, 200);
}

#[tokio::test]
async fn terms_belong_to_what_a_key_stands_for() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let terms = json!({"send_at": at(600), "validity_seconds": 120});
    let first = send(&api, &john, Some("key-1"), terms.clone()).await;
    assert_eq!(first.status, 200);
    for other in [
        json!({}),
        json!({"send_at": at(600)}),
        json!({"validity_seconds": 120}),
        json!({"send_at": at(601), "validity_seconds": 120}),
    ] {
        send(&api, &john, Some("key-1"), other).await.problem(422);
    }
    let elsewhere = json!({"send_at": "2026-01-01T01:10:00.120+01:00", "validity_seconds": 120});
    let again = send(&api, &john, Some("key-1"), elsewhere).await;
    assert_eq!(again.json(), first.json());
    assert_eq!(again.header("idempotent-replayed"), "true");
}

/// A client that got no answer repeats its request, maybe only after the text was due.
#[tokio::test]
async fn a_repeated_request_is_answered_though_its_time_has_come() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let terms = json!({"send_at": at(600)});
    let first = send(&api, &john, Some("key-1"), terms.clone()).await;
    api.clock.advance(Duration::from_secs(601));
    let again = send(&api, &john, Some("key-1"), terms.clone()).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json(), first.json());
    assert_eq!(again.header("idempotent-replayed"), "true");

    let fresh = send(&api, &john, Some("key-2"), terms).await;
    assert_eq!(fresh.problem(400), ["send_at"]);
    let other = json!({"send_at": at(1)});
    send(&api, &john, Some("key-1"), other).await.problem(422);
    let all = api.stores.ledger.read(&[id(&first)]).await.unwrap();
    assert_eq!(all.len(), 1);
}
