use std::time::Duration;

use http::Method;
use mysms_core::domain::Status;
use mysms_core::queue::Queue;
use serde_json::{Value, json};

use super::stored;
use crate::testing::{START, TestApi, request};

#[tokio::test]
async fn a_message_is_answered_as_the_contract_says() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let json = json!({"recipient": "+1234567890", "content": "Hello, this is a test message!"});
    let answer = api.post("/messages", Some(&john), &json).await;
    assert_eq!(answer.status, 200);
    let mut body = answer.json();
    let id = body["id"].take();
    assert_eq!(id.as_str().unwrap().len(), 36);
    let expected = json!({
        "message": "Message sent successfully",
        "id": null,
        "status": "queued",
        "recipient": "+1234567890",
        "content": "Hello, this is a test message!",
        "sent_at": "2026-01-01T00:00:00.120Z",
        "send_at": null,
        "expires_at": "2026-01-01T04:00:00.120Z",
        "segments": 1,
        "encoding": "GSM-7",
        "simulated": true,
        "sender": "+15005550006",
        "class": "transactional",
        "starts_at": null,
        "expected_at": "2026-01-01T00:00:00.120Z",
        "expected_by": "2026-01-01T00:00:05.120Z",
        "given_up_at": null,
        "paused": null,
        "warning": null,
        "encoding_changes": [],
        "reference": null,
        "tags": {},
        "media": [],
    });
    assert_eq!(body, expected);
    assert_eq!(answer.header("idempotent-replayed"), "");
}

#[tokio::test]
async fn what_was_answered_is_in_the_ledger_and_offered_to_the_queue() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let body = json!({"recipient": "+1 (415) 555-0123", "content": "жук"}).to_string();
    let mut request = request(Method::POST, "/messages", Some(&john), body);
    let headers = request.headers_mut();
    headers.insert("x-request-id", "request-7".parse().unwrap());
    let answer = api.call(request).await.json();
    assert_eq!(answer["recipient"], "+14155550123");
    assert_eq!(answer["encoding"], "UCS-2");

    let id = answer["id"].as_str().unwrap().parse().unwrap();
    let message = stored(&api, id).await;
    assert_eq!(message.owner, john.id);
    assert_eq!(message.status, Status::Queued);
    assert_eq!(message.account, api.state.provider.account);
    assert_eq!(message.recipient.unwrap().as_str(), "+14155550123");
    assert_eq!(message.body.unwrap().as_str(), "жук");
    assert_eq!(message.sent_at, START);
    assert_eq!(message.wake_at, Some(START + Duration::from_secs(15)));
    assert_eq!(message.expires_at, START + Duration::from_hours(4));

    let job = api.queue.receive().await.job;
    assert!(job.messages().eq([(id, Some("request-7"))]));
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let cases: [(Value, &[&str]); 12] = [
        (json!({}), &["recipient", "content"]),
        (json!({"recipient": "+1234567890"}), &["content"]),
        (json!({"content": "hello"}), &["recipient"]),
        (
            json!({"recipient": null, "content": null}),
            &["recipient", "content"],
        ),
        (
            json!({"recipient": 1_234_567_890, "content": {}}),
            &["recipient", "content"],
        ),
        (
            json!({"recipient": "", "content": ""}),
            &["recipient", "content"],
        ),
        (
            json!({"recipient": "1234567890", "content": " \n\t"}),
            &["recipient", "content"],
        ),
        (
            json!({"recipient": "+0234567890", "content": "hello"}),
            &["recipient"],
        ),
        (
            json!({"recipient": "+123456", "content": "hello"}),
            &["recipient"],
        ),
        (
            json!({"recipient": "+1234567890123456", "content": "hello"}),
            &["recipient"],
        ),
        (
            json!({"recipient": "+123456789O", "content": "hello"}),
            &["recipient"],
        ),
        (
            json!({"recipient": "+1234567890", "content": "x".repeat(1601)}),
            &["content"],
        ),
    ];
    for (json, fields) in cases {
        let answer = api.post("/messages", Some(&john), &json).await;
        assert_eq!(answer.problem(400), fields, "{json}");
    }
    let list = api.get("/messages", &john).await;
    assert_eq!(list.json(), json!([]));
}

#[tokio::test]
async fn no_text_has_a_nul_however_it_is_sent() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let message = json!({"recipient": "+14155550123", "content": "a\u{0}b"});
    let mut later = message.clone();
    later["send_at"] = json!("2026-01-02T00:00:00Z");
    for message in [&message, &later] {
        let answer = api.post("/messages", Some(&john), message).await;
        assert_eq!(answer.problem(400), ["content"]);
    }
    let preview = api.post("/messages/preview", Some(&john), &message).await;
    let preview = preview.json();
    assert_eq!(preview["errors"][0]["field"], "content");
    let shared = json!({"recipients": ["+14155550123"], "content": "a\u{0}b"});
    let answer = api.post("/messages/batch", Some(&john), &shared).await;
    assert_eq!(answer.problem(400), ["content"]);
    let sound = json!({"recipient": "+14155550123", "content": "a\r\n\tb\u{c}\u{7}"});
    let batch = json!({"messages": [message, sound]});
    let answer = api
        .post("/messages/batch", Some(&john), &batch)
        .await
        .json();
    let results = &answer["results"];
    assert_eq!(results[0]["problem"]["errors"][0]["field"], "content");
    assert_eq!(results[1]["status"], 200);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_a_400() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for body in ["", "{", "[]", "7", "recipient=%2B1234567890&content=hello"] {
        let request = request(Method::POST, "/messages", Some(&john), body);
        api.call(request).await.problem(400);
    }
}

#[tokio::test]
async fn nobody_sends_or_reads_without_logging_in() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    let own = format!("/messages/{}", john.hash);
    let one = format!("{own}/{id}");
    let cancel = format!("{one}/cancel");
    let routes = [
        (Method::POST, "/messages"),
        (Method::POST, "/messages?dry_run=true"),
        (Method::POST, "/messages/batch"),
        (Method::GET, "/messages"),
        (Method::GET, &own),
        (Method::DELETE, &own),
        (Method::GET, &one),
        (Method::DELETE, &one),
        (Method::POST, &cancel),
    ];
    for (method, path) in routes {
        let answer = api.call(request(method, path, None, "{}")).await;
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(stored(&api, id).await.status, Status::Queued);
}

#[tokio::test]
async fn a_ledger_that_is_away_is_a_503_everywhere() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    // From here on, for some seconds, no token has to be asked about.
    let looked = api.state.revoked.look(api.state.clock.now());
    looked.await.unwrap();
    api.store.close().await;
    let own = format!("/messages/{}", john.hash);
    let one = format!("{own}/{id}");
    let cancel = format!("{one}/cancel");
    let routes = [
        (Method::GET, "/messages"),
        (Method::GET, "/messages?limit=10"),
        (Method::GET, &own),
        (Method::DELETE, &own),
        (Method::GET, &one),
        (Method::DELETE, &one),
        (Method::POST, &cancel),
    ];
    for (method, path) in routes {
        let answer = api.call(request(method, path, Some(&john), "")).await;
        answer.problem(503);
        assert!(!answer.text().contains("pool"), "{}", answer.text());
    }
    let json = json!({"recipient": "+1234567890", "content": "hello"});
    let answer = api.post("/messages", Some(&john), &json).await;
    answer.problem(503);
    let detail = answer.json()["detail"].take();
    assert!(
        detail.as_str().unwrap().contains("Idempotency-Key"),
        "{detail}"
    );
}
