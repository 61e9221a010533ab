use std::time::Duration;

use http::Method;
use mysms_core::domain::{Country, Sender, SenderState};
use mysms_core::store::{Pause, SenderKey};
use serde_json::{Value, json};

use crate::testing::{START, TestApi, TestUser, request};

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
        "paused": null,
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

#[tokio::test]
async fn the_night_of_a_user_is_a_part_of_the_wait() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    // It is midnight.
    let night = json!({"quiet_hours": {
        "windows": [{"from": "21:00", "to": "08:00"}], "time_zone": "Etc/UTC",
    }});
    let put = request(Method::PUT, "/me/settings", Some(&john), night.to_string());
    assert_eq!(api.call(put).await.status, 200);
    let morning = 8 * 60 * 60 - 1;
    assert_eq!(listed(&api, &john).await[0]["expected_wait"], morning);
    api.register(&[api.sender(OWN)]).await;
    assert_eq!(listed(&api, &john).await[0]["expected_wait"], morning);
    let jane = api.user("jane_doe").await;
    assert_eq!(listed(&api, &jane).await[0]["expected_wait"], 0);
}

#[tokio::test]
async fn who_paused_a_sender_and_until_when_is_told() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let pauses = &api.stores.pauses;
    let account = &api.state.provider.account;
    let refused = Pause {
        sender: SenderKey::new(account, OWN, "credential"),
        code: "21606".to_owned(),
        reason: "It is not ours.".to_owned(),
        since: START,
        probe_at: START + Duration::from_mins(1),
        failures: 0,
        probing_until: None,
    };
    pauses.pause(refused).await.unwrap();
    let first = &listed(&api, &john).await[0];
    let expected = json!({
        "by": "provider",
        "since": "2026-01-01T00:00:00.120Z",
        "until": "2026-01-01T00:01:00.120Z",
    });
    assert_eq!(first["paused"], expected);
    assert_eq!(first["expected_wait"], 60);
    pauses
        .pause(Pause::by_operator("maintenance".to_owned(), START))
        .await
        .unwrap();
    // With a rate and without one.
    for _ in 0..2 {
        let beside = api.beside();
        let senders = listed(&beside, &john).await;
        let expected = json!({
            "by": "operator", "since": "2026-01-01T00:00:00.120Z", "until": null,
        });
        for sender in &senders {
            assert_eq!(sender["paused"], expected);
            assert_eq!(sender["expected_wait"], json!(null), "nobody knows");
            assert!(
                !sender.to_string().contains("maintenance"),
                "that is for operators"
            );
        }
        api.register(&[api.sender("12345")]).await;
    }
}
