use futures_util::FutureExt;
use http::Method;
use mysms_core::queue::Queue;
use serde_json::{Value, json};

use crate::testing::{Answer, TestApi, TestUser, request};

async fn dry_run(api: &TestApi, user: &TestUser, key: Option<&str>, body: &Value) -> Answer {
    let path = "/messages/preview";
    let mut request = request(Method::POST, path, Some(user), body.to_string());
    if let Some(key) = key {
        let headers = request.headers_mut();
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    api.call(request).await
}

fn fields(preview: &Value) -> Vec<&str> {
    let errors = preview["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| {
            assert!(!error["message"].as_str().unwrap().is_empty());
            error["field"].as_str().unwrap()
        })
        .collect()
}

#[tokio::test]
async fn it_tells_what_a_text_would_cost_and_stores_nothing() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let body = json!({
        "recipient": "+1 (415) 555-0123",
        "content": "5 € за 😀, да?",
        "send_at": "2026-01-01T02:00:00+01:00",
        "validity_seconds": 600,
    });
    let answer = dry_run(&api, &john, None, &body).await;
    assert_eq!(answer.status, 200);
    let expected = json!({
        "dry_run": true,
        "acceptable": true,
        "recipient": "+14155550123",
        "encoding": "UCS-2",
        "units": 14,
        "segments": 1,
        "forcing_ucs2": [
            {"character": "з", "code_point": "U+0437", "index": 4, "count": 1},
            {"character": "а", "code_point": "U+0430", "index": 5, "count": 2},
            {"character": "😀", "code_point": "U+1F600", "index": 7, "count": 1},
            {"character": "д", "code_point": "U+0434", "index": 11, "count": 1},
        ],
        "send_at": "2026-01-01T01:00:00.000Z",
        "expires_at": "2026-01-01T01:10:00.000Z",
        "simulated": true,
        "sender": "+15005550006",
        "class": "transactional",
        "starts_at": "2026-01-01T01:00:00.000Z",
        "expected_at": "2026-01-01T01:00:00.000Z",
        "expected_by": "2026-01-01T01:00:05.000Z",
        "given_up_at": null,
        "paused": null,
        "encoding_changes": [],
        "reference": null,
        "tags": {},
        "errors": [],
        "limits": [],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
    assert!(api.queue.receive().now_or_never().is_none());

    let long = json!({"recipient": "+14155550123", "content": "€".repeat(100)});
    let preview = dry_run(&api, &john, None, &long).await.json();
    assert_eq!(preview["encoding"], "GSM-7");
    assert_eq!(
        (&preview["units"], &preview["segments"]),
        (&json!(200), &json!(2))
    );
    assert_eq!(preview["forcing_ucs2"], json!([]));
}

#[tokio::test]
async fn it_names_every_rule_that_refuses() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let all_wrong = json!({
        "recipient": "4155550123",
        "content": "я".repeat(1601),
        "send_at": "2025-01-01T00:00:00Z",
        "validity_seconds": 1,
    });
    let answer = dry_run(&api, &john, Some("two-words"), &all_wrong).await;
    assert_eq!(answer.status, 200);
    let preview = answer.json();
    assert_eq!(preview["acceptable"], false);
    let expected = ["recipient", "content", "validity_seconds", "send_at"];
    assert_eq!(fields(&preview), expected);
    assert_eq!(preview["recipient"], Value::Null);
    assert_eq!(
        (&preview["units"], &preview["segments"]),
        (&json!(1601), &json!(24))
    );

    let preview = dry_run(&api, &john, Some("two words"), &json!({}))
        .await
        .json();
    assert_eq!(
        fields(&preview),
        ["recipient", "content", "Idempotency-Key"]
    );
    assert_eq!(
        (&preview["encoding"], &preview["segments"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn it_knows_the_keys_that_were_used() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let body = json!({
        "recipient": "+14155550123",
        "content": "hello",
        "send_at": "2026-01-01T01:00:00Z",
    });
    let mut first = request(Method::POST, "/messages", Some(&john), body.to_string());
    let headers = first.headers_mut();
    headers.insert("idempotency-key", "key-1".parse().unwrap());
    assert_eq!(api.call(first).await.status, 200);

    api.clock.advance(std::time::Duration::from_hours(2));
    // It would be answered once more, so it does not matter that its time has come.
    let same = dry_run(&api, &john, Some("key-1"), &body).await.json();
    assert_eq!(fields(&same), Vec::<&str>::new());
    let other = json!({"recipient": "+14155550123", "content": "bye"});
    let other = dry_run(&api, &john, Some("key-1"), &other).await.json();
    assert_eq!(fields(&other), ["Idempotency-Key"]);
}

#[tokio::test]
async fn the_parameter_of_old_clients_does_the_same() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for body in [
        json!({"recipient": "+14155550123", "content": "жук"}),
        json!({"recipient": 7, "validity_seconds": "long"}),
    ] {
        let preview = dry_run(&api, &john, None, &body).await;
        let old = api.post("/messages?dry_run=true", Some(&john), &body).await;
        assert_eq!((old.status, old.json()), (preview.status, preview.json()));
    }
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
}

#[tokio::test]
async fn only_true_and_false_are_understood() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let body = json!({"recipient": "+14155550123", "content": "hello"});
    for query in ["dry_run=yes", "dry_run=", "dry_run=true&dry_run=false"] {
        let path = format!("/messages?{query}");
        let answer = api.post(&path, Some(&john), &body).await;
        assert_eq!(answer.problem(400), ["dry_run"], "{query}");
    }
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
    let meant = api
        .post("/messages?dry_run=false", Some(&john), &body)
        .await;
    assert_eq!(meant.json()["status"], "queued");
    let broken = request(Method::POST, "/messages?dry_run=true", Some(&john), "{");
    api.call(broken).await.problem(400);
}

#[tokio::test]
async fn it_tells_which_limits_refuse_it_and_uses_up_none() {
    let api = TestApi::with(|settings| {
        settings.http.limits.sends_per_minute = Some(2);
        settings.caps.user = Some(4);
    })
    .await;
    let john = api.user("john_doe").await;
    let text = |content: &str| json!({"recipient": "+14155550123", "content": content});
    let (short, long) = (text("hello"), text(&"x".repeat(161)));
    let limits = async |text: &Value, key: Option<&str>| {
        let preview = dry_run(&api, &john, key, text).await.json();
        let limits = preview["limits"].as_array().unwrap().clone();
        assert_eq!(preview["acceptable"], limits.is_empty());
        let codes = limits.iter().map(|limit| {
            assert!(limit["retry_after"].as_u64().unwrap() >= 1, "{limit}");
            limit["code"].as_str().unwrap().to_owned()
        });
        codes.collect::<Vec<_>>()
    };
    for _ in 0..5 {
        assert!(limits(&long, None).await.is_empty());
    }
    let mut first = request(Method::POST, "/messages", Some(&john), long.to_string());
    let headers = first.headers_mut();
    headers.insert("idempotency-key", "key-1".parse().unwrap());
    assert_eq!(api.call(first).await.status, 200);
    let sent = api.post("/messages", Some(&john), &short).await;
    assert_eq!(sent.status, 200);

    assert_eq!(limits(&short, None).await, ["sending-too-fast"]);
    let both = ["sending-too-fast", "segments-spent"];
    assert_eq!(limits(&long, None).await, both);
    // It would be answered once more, which costs nothing.
    assert!(limits(&long, Some("key-1")).await.is_empty());
    let refused = api.post("/messages", Some(&john), &short).await;
    refused.problem(429);
}
