use mysms_core::domain::{Country, Sender, SenderState};
use serde_json::{Value, json};

use crate::testing::{TestApi, TestUser};

const OWN: &str = "+15005550006";

async fn listed(api: &TestApi, user: &TestUser) -> Vec<Value> {
    let answer = api.get("/senders", user).await;
    assert_eq!(answer.status, 200);
    answer.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn the_only_sender_has_no_rate() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let own = json!({
        "address": OWN,
        "kind": "long_code",
        "countries": [],
        "state": "active",
        "can_be_answered": true,
        "rate": null,
        "expected_wait": 0,
    });
    assert_eq!(listed(&api, &john).await, [own]);
}

#[tokio::test]
async fn users_see_what_they_may_use_and_nobody_elses() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let johns = Sender {
        owner: Some(john.id),
        ..api.sender("12345")
    };
    let off = Sender {
        state: SenderState::Off,
        ..api.sender("54321")
    };
    let name = Sender {
        countries: vec![Country::parse("DE").unwrap()],
        state: SenderState::Draining,
        ..api.sender("ACME")
    };
    api.register(&[johns, off, name]).await;
    let brief = |one: &Value| {
        json!([
            one["address"],
            one["kind"],
            one["state"],
            one["rate"],
            one["can_be_answered"]
        ])
    };
    let own = json!([OWN, "long_code", "active", 1.0, true]);
    let name = json!(["ACME", "alphanumeric", "draining", 10.0, false]);
    let johns = json!(["12345", "short_code", "active", 100.0, true]);
    let of_john: Vec<_> = listed(&api, &john).await.iter().map(brief).collect();
    assert_eq!(of_john, [own.clone(), johns, name.clone()]);
    let of_jane: Vec<_> = listed(&api, &jane).await.iter().map(brief).collect();
    assert_eq!(of_jane, [own, name]);
    assert_eq!(listed(&api, &jane).await[1]["countries"], json!(["DE"]));
}

#[tokio::test]
async fn what_waits_for_a_sender_is_told_as_seconds() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[api.sender("12345")]).await;
    let recipients: Vec<_> = (0..60).map(|n| format!("+1415555{n:04}")).collect();
    let batch = json!({"recipients": recipients, "content": "hello", "from": OWN});
    api.post("/messages/batch", Some(&john), &batch).await;
    let beside = api.beside();
    let listed = listed(&beside, &john).await;
    assert_eq!(listed[0]["address"], OWN);
    assert_eq!(listed[0]["expected_wait"], 60);
    assert_eq!(listed[1]["expected_wait"], 0);
}
