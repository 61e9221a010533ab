//! Looking for what was sent and received.

use std::time::Duration;

use http::{Method, Request};
use serde_json::{Value, json};

use crate::testing::{TestApi, TestUser, request};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14156660998";

/// What John exchanged with Anna and Bert.
async fn talk(api: &TestApi, john: &TestUser) {
    for (with, words) in [(ANNA, "Lunch?"), (BERT, "Your code is 415")] {
        let text = json!({"recipient": with, "content": words});
        let answer = api.post("/messages", Some(john), &text).await;
        api.take(answer.json()["id"].as_str().unwrap().parse().unwrap())
            .await;
        api.clock.advance(Duration::from_secs(1));
    }
    for (from, words) in [(ANNA, "No lunch today"), (BERT, "Thanks")] {
        api.receive_from(from, words).await;
        api.clock.advance(Duration::from_secs(1));
    }
}

fn contents(list: &Value) -> Vec<&str> {
    let texts = list.as_array().unwrap().iter();
    texts
        .map(|text| text["content"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn both_directions_are_looked_through_when_that_is_asked_for() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    talk(&api, &john).await;
    for (query, expected) in [
        ("", &["Lunch?", "Your code is 415"][..]),
        ("direction=outbound&q=lunch", &["Lunch?"]),
        ("direction=any&q=lunch", &["Lunch?", "No lunch today"]),
        (
            "direction=any&q=lunch&order=desc",
            &["No lunch today", "Lunch?"],
        ),
        ("direction=inbound", &["No lunch today", "Thanks"]),
        (
            "direction=any&recipient=%2B14155550123",
            &["Lunch?", "No lunch today"],
        ),
        ("number=415666", &["Your code is 415"]),
        (
            "direction=any&number=(415)+666-0998",
            &["Your code is 415", "Thanks"],
        ),
        ("direction=any&number=666&q=thank", &["Thanks"]),
        ("direction=any&number=777", &[]),
    ] {
        let list = api.get(&format!("/messages?{query}"), &john).await;
        assert_eq!(list.status, 200, "{query}: {}", list.text());
        assert_eq!(contents(&list.json()), expected, "{query}");
    }
    let page = api
        .get("/messages?direction=any&number=415&limit=1", &john)
        .await;
    assert!(page.header("link").contains("direction=any&number=415"));
    let jane = api.user("jane_doe").await;
    assert_eq!(
        api.get("/messages?direction=any", &jane).await.json(),
        json!([])
    );
    for (query, field) in [("direction=both", "direction"), ("number=41", "number")] {
        let answer = api.get(&format!("/messages?{query}"), &john).await;
        assert_eq!(answer.problem(400), [field]);
    }
}

#[tokio::test]
async fn both_directions_can_be_saved() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    talk(&api, &john).await;
    let path = "/messages/export?format=ndjson&direction=any";
    let saved = api.get(path, &john).await.text();
    let saved: Vec<Value> = saved
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = ["Lunch?", "Your code is 415", "No lunch today", "Thanks"];
    assert_eq!(contents(&json!(saved)), expected);
    let sent = api
        .get("/messages/export?format=ndjson", &john)
        .await
        .text();
    assert_eq!(sent.lines().count(), 2);
}

/// A key that may list what was sent does not see what was received by that.
#[tokio::test]
async fn a_key_needs_two_scopes_for_both_directions() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    talk(&api, &john).await;
    let key = async |scopes: &[&str]| {
        let wanted = json!({"name": "a", "scopes": scopes});
        let made = api.post("/keys", Some(&john), &wanted).await;
        made.json()["key"].as_str().unwrap().to_owned()
    };
    let ask = async |key: &str, path: &str| {
        let bearer = format!("Bearer {key}");
        let mut asked: Request<_> = request(Method::GET, path, None, "");
        asked
            .headers_mut()
            .insert("authorization", bearer.parse().unwrap());
        api.call(asked).await
    };
    let (sent, both) = (
        key(&["messages:read"]).await,
        key(&["messages:read", "conversations:read"]).await,
    );
    for path in [
        "/messages?direction=any",
        "/messages/export?direction=inbound",
    ] {
        let refused = ask(&sent, path).await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.json()["type"], "urn:mysms:problem:scope-missing");
        assert!(refused.text().contains("conversations:read"));
        assert_eq!(ask(&both, path).await.status, 200, "{path}");
    }
    assert_eq!(ask(&sent, "/messages?direction=outbound").await.status, 200);
}
