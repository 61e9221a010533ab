//! The dry run of a batch.

use futures_util::FutureExt;
use http::Method;
use mysms_core::domain::{Consent, Country, UserId};
use mysms_core::queue::Queue;
use runtime::config::Recipients;
use serde_json::{Value, json};

use crate::tally::Held;
use crate::testing::{Answer, TestApi, TestUser, request};

const PATH: &str = "/messages/batch/preview";

async fn preview(api: &TestApi, user: &TestUser, body: &Value) -> Answer {
    api.call(request(Method::POST, PATH, Some(user), body.to_string()))
        .await
}

async fn told(api: &TestApi, user: &TestUser, body: &Value) -> Value {
    let answer = preview(api, user, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn recipient(number: usize) -> String {
    format!("+1415555{number:04}")
}

/// The places of those that are refused, and what it is that refuses them.
fn refusals(told: &Value) -> Vec<(u64, Vec<&str>)> {
    let refusals = told["refusals"].as_array().unwrap().iter();
    refusals
        .map(|refusal| {
            let all = |name: &str| refusal[name].as_array().unwrap().iter();
            let errors = all("errors").map(|error| error["field"].as_str().unwrap());
            let limits = all("limits").map(|limit| limit["code"].as_str().unwrap());
            (
                refusal["index"].as_u64().unwrap(),
                errors.chain(limits).collect(),
            )
        })
        .collect()
}

#[tokio::test]
async fn of_a_thousand_all_who_opted_out_are_told_and_nothing_is_stored() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let stopped: Vec<_> = (0..30).map(|place| place * 33 + 1).collect();
    for place in &stopped {
        api.hear(&recipient(*place), "STOP", Consent::Withdrawn)
            .await;
    }
    let recipients: Vec<_> = (0..1000).map(recipient).collect();
    let body = json!({"recipients": recipients, "content": "The shop opens at nine."});
    let told = told(&api, &john, &body).await;
    let expected: Vec<_> = stopped
        .iter()
        .map(|place| (*place as u64, vec!["recipient-opted-out"]))
        .collect();
    assert_eq!(refusals(&told), expected);
    assert_eq!(
        (&told["acceptable"], &told["refused"], &told["segments"]),
        (&json!(970), &json!(30), &json!(970))
    );
    assert_eq!(told["dry_run"], true);
    assert_eq!(told["senders"], json!(["+15005550006"]));
    assert_eq!(told["starts_at"], Value::Null);
    assert!(told["expected_at"].is_string());
    let sent = api.get("/messages", &john).await.json();
    assert_eq!(sent, json!([]));
    assert!(api.queue.receive().now_or_never().is_none());
}

#[tokio::test]
async fn each_is_judged_alone_like_a_text_of_its_own() {
    let api = TestApi::with(|settings| {
        settings.recipients.allowed = Recipients::Only {
            countries: vec![Country::parse("US").unwrap()],
            prefixes: Vec::new(),
        };
    })
    .await;
    let john = api.user("john_doe").await;
    let tags: Value = (0..10).map(|tag| (format!("t{tag}"), json!("x"))).collect();
    let body = json!({"messages": [
        {"recipient": recipient(1), "content": "x".repeat(161)},
        {"recipient": "12345", "content": " "},
        7,
        {"recipient": "+442071838750", "content": "hello"},
        {"recipient": recipient(2), "content": "hello", "tags": {"one": "more"}},
        {"recipient": recipient(3), "content": "hello", "idempotency_key": "two words"},
        {"recipient": recipient(4), "content": "hello"},
    ], "tags": tags});
    let told = told(&api, &john, &body).await;
    let expected = [
        (1, vec!["recipient", "content"]),
        (2, vec!["messages"]),
        (3, vec!["recipient", "recipient-not-allowed"]),
        (4, vec!["tags"]),
        (5, vec!["idempotency_key"]),
    ];
    assert_eq!(refusals(&told), expected);
    assert_eq!(
        (&told["acceptable"], &told["segments"]),
        (&json!(2), &json!(3))
    );
    for (body, fields) in [
        (json!({}), "recipients"),
        (json!({"messages": []}), "messages"),
        (
            json!({"recipients": vec![recipient(1); 1001], "content": "x"}),
            "recipients",
        ),
    ] {
        assert_eq!(preview(&api, &john, &body).await.problem(400), [fields]);
    }
}

#[tokio::test]
async fn it_begins_with_the_first_and_ends_with_the_last() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let text = |place, send_at: Option<&str>| json!({"recipient": recipient(place), "content": "hello", "send_at": send_at});
    let [early, late] = ["2026-01-01T01:00:00.000Z", "2026-01-01T03:00:00.000Z"];
    let scheduled = json!({"messages": [text(1, Some(late)), text(2, Some(early))]});
    let scheduled = told(&api, &john, &scheduled).await;
    assert_eq!(
        (&scheduled["starts_at"], &scheduled["expected_at"]),
        (&json!(early), &json!(late))
    );
    let mixed = json!({"messages": [text(1, Some(late)), text(2, None)]});
    let mixed = told(&api, &john, &mixed).await;
    assert_eq!(
        (&mixed["starts_at"], &mixed["expected_at"]),
        (&Value::Null, &json!(late))
    );
}

#[tokio::test]
async fn it_takes_a_place_among_the_batches() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let place = || -> Held<UserId> { api.state.batches.place(john.id).ok().unwrap() };
    let mut held = vec![place(), place()];
    let body = json!({"recipients": [recipient(1)], "content": "hello"});
    let refused = preview(&api, &john, &body).await;
    refused.problem(503);
    assert_eq!(refused.json()["type"], "urn:mysms:problem:too-many-batches");
    held.pop();
    assert_eq!(told(&api, &john, &body).await["acceptable"], 1);
}
