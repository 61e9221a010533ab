use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::future::join_all;
use futures_util::stream;
use http::{Method, StatusCode};
use mysms_core::domain::{MessageId, UserId};
use mysms_core::queue::Queue;
use serde_json::{Value, json};

use super::lossy::lossy;
use super::stored;
use crate::tally::Held;
use crate::testing::{Answer, TestApi, TestUser, request};

async fn send(api: &TestApi, user: &TestUser, key: Option<&str>, body: &Value) -> Answer {
    let path = "/messages/batch";
    let mut request = request(Method::POST, path, Some(user), body.to_string());
    if let Some(key) = key {
        let headers = request.headers_mut();
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    api.call(request).await
}

fn results(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let results = body["results"].as_array().unwrap().clone();
    let accepted = results.iter().filter(|item| item["status"] == 200).count();
    assert_eq!(body["accepted"], accepted);
    assert_eq!(body["refused"], results.len() - accepted);
    results
}

fn statuses(results: &[Value]) -> Vec<u64> {
    results
        .iter()
        .map(|item| {
            let status = item["status"].as_u64().unwrap();
            assert_eq!(item.get("accepted").is_some(), status == 200, "{item}");
            assert_eq!(item.get("problem").is_some(), status != 200, "{item}");
            status
        })
        .collect()
}

fn id(item: &Value) -> MessageId {
    item["accepted"]["id"].as_str().unwrap().parse().unwrap()
}

async fn count(api: &TestApi, user: &TestUser) -> usize {
    let list = api.get("/messages", user).await;
    list.json().as_array().unwrap().len()
}

fn recipient(number: usize) -> String {
    format!("+1415555{number:04}")
}

#[tokio::test]
async fn one_content_goes_to_many_recipients_in_order() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let recipients: Vec<_> = (0..1000).map(recipient).collect();
    let body = json!({"recipients": recipients, "content": "Grüße", "validity_seconds": 90});
    let results = results(&send(&api, &john, None, &body).await);
    assert_eq!(results.len(), 1000);
    for (number, item) in results.iter().enumerate() {
        assert_eq!(item["status"], 200);
        assert_eq!(item["replayed"], false);
        assert_eq!(item["accepted"]["recipient"], recipient(number));
        assert_eq!(item["accepted"]["content"], "Grüße");
        assert_eq!(item["accepted"]["status"], "queued");
    }
    assert_eq!(count(&api, &john).await, 1000);
    let message = stored(&api, id(&results[999])).await;
    assert_eq!(message.recipient.unwrap().as_str(), recipient(999));
    assert_eq!(
        message.expires_at,
        message.sent_at + Duration::from_secs(90)
    );
    let offered = api.queue.receive().await.job.ids;
    let ids: Vec<_> = results.iter().map(id).collect();
    assert!(ids.starts_with(&offered), "{offered:?}");
}

#[tokio::test]
async fn one_bad_text_does_not_fail_the_others() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let good = json!({"recipient": "+14155550123", "content": "hello"});
    let body = json!({"messages": [
        good,
        {"recipient": "4155550123", "content": "hello"},
        {"content": "hello", "validity_seconds": 1, "idempotency_key": "two words"},
        "+14155550123",
        null,
        [good],
        {"recipient": "+14155550123", "content": "later", "send_at": "2026-01-02T00:00:00Z"},
        {"recipient": "+14155550123", "content": "late", "send_at": "2025-01-02T00:00:00Z"},
        good,
    ]});
    let answer = send(&api, &john, None, &body).await;
    let results = results(&answer);
    let expected = [200, 400, 400, 400, 400, 400, 200, 400, 200];
    assert_eq!(statuses(&results), expected);
    let problem = &results[2]["problem"];
    assert_eq!(problem["type"], "urn:mysms:problem:invalid-request");
    assert_eq!(problem["detail"], problem["message"]);
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    let fields = problem["errors"].as_array().unwrap().iter();
    let fields: Vec<_> = fields
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["recipient", "validity_seconds", "idempotency_key"]);
    assert_eq!(
        results[6]["accepted"]["send_at"],
        "2026-01-02T00:00:00.000Z"
    );
    assert_eq!(results[7]["problem"]["errors"][0]["field"], "send_at");
    assert_ne!(id(&results[0]), id(&results[8]));
    assert_eq!(count(&api, &john).await, 3);
}

#[tokio::test]
async fn a_duplicate_field_spoils_its_own_text_only() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let text = r#"{"recipient": "+14155550123", "content": "a"}"#;
    let doubled = r#"{"recipient": "+14155550123", "content": "a", "content": "b"}"#;
    let body = format!(r#"{{"messages": [{text}, {doubled}, {text}]}}"#);
    let request = request(Method::POST, "/messages/batch", Some(&john), body);
    let results = results(&api.call(request).await);
    assert_eq!(statuses(&results), [200, 400, 200]);
}

#[tokio::test]
async fn every_text_has_a_key_of_its_own() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let text = |content: &str, key: &str| json!({"recipient": "+14155550123", "content": content, "idempotency_key": key});
    let first = json!({"messages": [text("a", "key-a"), text("b", "key-b")]});
    let first = results(&send(&api, &john, None, &first).await);
    let second = json!({"messages": [text("c", "key-c"), text("b", "key-b"), text("b", "key-a")]});
    let second = results(&send(&api, &john, None, &second).await);
    assert_eq!(statuses(&second), [200, 200, 422]);
    assert_eq!(second[1]["replayed"], true);
    assert_eq!(second[1]["accepted"], first[1]["accepted"]);
    assert_eq!(count(&api, &john).await, 3);
}

#[tokio::test]
async fn the_key_of_a_batch_stands_for_one_for_each_place() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let body = json!({"recipients": [recipient(1), recipient(2)], "content": "hello"});
    let first = results(&send(&api, &john, Some("key"), &body).await);
    let again = results(&send(&api, &john, Some("key"), &body).await);
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(
            (&again["replayed"], &first["replayed"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(again["accepted"], first["accepted"]);
    }
    let key = stored(&api, id(&first[1])).await.idempotency.unwrap().key;
    assert_eq!(key.as_str(), "key:1");
    let turned = json!({"recipients": [recipient(2), recipient(1)], "content": "hello"});
    let turned = results(&send(&api, &john, Some("key"), &turned).await);
    assert_eq!(statuses(&turned), [422, 422]);

    let own = json!({"messages": [
        {"recipient": recipient(3), "content": "hello", "idempotency_key": "own"},
        {"recipient": recipient(4), "content": "hello"},
    ]});
    let own = results(&send(&api, &john, Some("other"), &own).await);
    let mut keys = Vec::new();
    for item in &own {
        let message = stored(&api, id(item)).await;
        keys.push(message.idempotency.unwrap().key.to_string());
    }
    assert_eq!(keys, ["own", "other:1"]);
    let too_long = send(&api, &john, Some(&"k".repeat(251)), &body).await;
    assert_eq!(too_long.problem(400), ["Idempotency-Key"]);
    assert_eq!(count(&api, &john).await, 4);
}

#[tokio::test]
async fn what_concerns_all_texts_refuses_the_whole_batch() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let text = json!({"recipient": "+14155550123", "content": "hello"});
    let cases: [(Value, &[&str]); 10] = [
        (json!({}), &["recipients"]),
        (json!({"content": "hello"}), &["recipients"]),
        (
            json!({"recipients": [], "content": "hello"}),
            &["recipients"],
        ),
        (json!({"messages": []}), &["messages"]),
        (json!({"messages": vec![text.clone(); 1001]}), &["messages"]),
        (json!({"recipients": [recipient(1)]}), &["content"]),
        (
            json!({"recipients": [recipient(1)], "content": " ", "validity_seconds": 1}),
            &["content", "validity_seconds"],
        ),
        (
            json!({"recipients": vec![recipient(1); 1001], "content": 7, "send_at": "soon"}),
            &["recipients", "content", "send_at"],
        ),
        (
            json!({"messages": [text], "recipients": [recipient(1)], "content": "hello"}),
            &["recipients"],
        ),
        (
            json!({"messages": [text], "content": "hello", "validity_seconds": 90}),
            &["content", "validity_seconds"],
        ),
    ];
    for (body, fields) in cases {
        let answer = send(&api, &john, None, &body).await;
        assert_eq!(answer.problem(400), fields);
    }
    for body in [
        "",
        "[]",
        "{",
        r#"{"recipients": "+14155550123", "content": "hello"}"#,
    ] {
        let request = request(Method::POST, "/messages/batch", Some(&john), body);
        api.call(request).await.problem(400);
    }
    assert_eq!(count(&api, &john).await, 0);
}

#[tokio::test]
async fn a_batch_may_be_larger_than_any_other_request() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let padded = |length: usize| {
        let text = r#"{"recipients": ["+14155550123"], "content": "hello"}"#;
        format!("{text}{}", " ".repeat(length - text.len()))
    };
    for (path, length, status) in [
        ("/messages/batch", 8 * 1024 * 1024, StatusCode::OK),
        (
            "/messages/batch",
            8 * 1024 * 1024 + 1,
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        ("/messages", 64 * 1024 + 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = request(Method::POST, path, Some(&john), padded(length));
        let answer = api.call(request).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
}

/// The place of a batch that is being accepted.
fn place(api: &TestApi, user: &TestUser) -> Held<UserId> {
    api.state.batches.place(user.id).ok().unwrap()
}

#[tokio::test]
async fn a_fifth_batch_at_once_is_told_to_come_back() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let jim = api.user("jim_doe").await;
    let body = json!({"recipients": [recipient(1)], "content": "hello"});
    let held = [&john, &john, &jane, &jane].map(|user| place(&api, user));
    let mut held = Vec::from(held);
    let fifth = send(&api, &jim, None, &body).await;
    fifth.problem(503);
    assert_eq!(fifth.header("retry-after"), "2");
    assert_eq!(count(&api, &jim).await, 0);
    held.pop();
    assert_eq!(send(&api, &jim, None, &body).await.status, 200);
}

#[tokio::test]
async fn one_user_cannot_keep_the_batches_of_others_out() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let body = json!({"recipients": [recipient(1)], "content": "hello"});
    let held = [&john, &john].map(|user| place(&api, user));
    let mut held = Vec::from(held);
    send(&api, &john, None, &body).await.problem(503);
    assert_eq!(send(&api, &jane, None, &body).await.status, 200);
    held.pop();
    assert_eq!(send(&api, &john, None, &body).await.status, 200);
}

#[tokio::test]
async fn each_text_is_accepted_once_though_answers_were_lost() {
    let mut api = TestApi::start().await;
    let ledger = lossy(&api.stores.ledger, 5);
    api.replace(|parts| parts.stores.ledger = ledger);
    let john = api.user("john_doe").await;
    let recipients: Vec<_> = (0..20).map(recipient).collect();
    let body = json!({"recipients": recipients, "content": "hello"});
    let results = results(&send(&api, &john, None, &body).await);
    assert!(results.iter().all(|item| item["status"] == 200));
    assert_eq!(count(&api, &john).await, 20);
}

#[tokio::test]
async fn a_ledger_that_is_away_is_told_for_each_text_without_waiting_for_each() {
    let mut api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ledger = lossy(&api.stores.ledger, u32::MAX);
    api.replace(|parts| parts.stores.ledger = ledger);
    api.replace(|parts| parts.store_timeout.0 = Duration::from_millis(20));
    let recipients: Vec<_> = (0..200).map(recipient).collect();
    let body = json!({"recipients": recipients, "content": "hello"});
    let results = results(&send(&api, &john, None, &body).await);
    assert!(results.iter().all(|item| item["status"] == 503));
    let kind = |item: &Value| item["problem"]["type"].as_str().unwrap().to_owned();
    let unclear = "urn:mysms:problem:outcome-unclear";
    assert_eq!(kind(&results[0]), unclear);
    // Those that were not begun are certainly not there.
    assert_eq!(kind(&results[199]), "urn:mysms:problem:unavailable");
    let begun = results.iter().filter(|item| kind(item) == unclear).count();
    assert!(count(&api, &john).await <= begun);
}

#[tokio::test]
async fn a_body_that_is_still_coming_keeps_no_place_from_others() {
    let api = TestApi::start().await;
    let users = [api.user("john_doe").await, api.user("jane_doe").await];
    let never = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let coming = users.iter().chain(&users).chain(&users).map(|user| {
        let asked = request(Method::POST, "/messages/batch", Some(user), never());
        api.respond(asked)
    });
    let coming = join_all(coming);
    let joe = api.user("joe_doe").await;
    let batch = json!({"recipients": ["+14155550123"], "content": "hello"});
    let answered = async {
        for user in users.iter().chain([&joe]) {
            let answer = api.post("/messages/batch", Some(user), &batch).await;
            assert_eq!(answer.json()["accepted"], 1);
        }
    };
    tokio::select! {
        biased;
        _ = coming => panic!("what has no end was answered"),
        () = answered => {}
    }
}

/// Whoever does not say how long it is may send no more either.
#[tokio::test]
async fn a_body_of_unknown_length_has_the_same_limit() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let pieces = (0..=8 * 1024 * 1024 / 65_536)
        .map(|_| Ok::<_, Infallible>(Bytes::from(vec![b' '; 65_536])));
    let body = Body::from_stream(stream::iter(pieces));
    let asked = request(Method::POST, "/messages/batch", Some(&john), body);
    api.call(asked).await.problem(413);
}
