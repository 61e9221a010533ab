//! Quiet hours, and times by the recipient's clock.

use std::time::Duration;

use futures_util::FutureExt;
use http::Method;
use mysms_core::domain::{Sender, Timestamp};
use mysms_core::queue::Queue;
use serde_json::{Value, json};

use super::stored;
use crate::testing::{Answer, TestApi, TestUser, request};

const OWN: &str = "+15005550006";
/// A number in a country with several zones.
const ANNA: &str = "+14155550123";
/// One in a country with one.
const BERTA: &str = "+4915187654321";

/// A messenger at another time than usual, and a user.
async fn at(time: &str) -> (TestApi, TestUser) {
    let api = TestApi::start().await;
    let time: Timestamp = time.parse().unwrap();
    api.clock.advance(time.since(crate::testing::START));
    let john = api.user("john_doe").await;
    (api, john)
}

async fn send(api: &TestApi, user: &TestUser, terms: Value) -> Answer {
    let mut text = json!({"recipient": ANNA, "content": "hello"});
    let fields = terms.as_object().unwrap().clone();
    text.as_object_mut().unwrap().extend(fields);
    api.post("/messages", Some(user), &text).await
}

async fn starts_at(api: &TestApi, user: &TestUser, terms: Value) -> Value {
    let answer = send(api, user, terms).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["starts_at"].take()
}

async fn keep_quiet(api: &TestApi, user: &TestUser, hours: Value) {
    let settings = json!({ "quiet_hours": hours }).to_string();
    let put = request(Method::PUT, "/me/settings", Some(user), settings);
    assert_eq!(api.call(put).await.status, 200);
}

fn nights(zone: &str) -> Value {
    json!({"windows": [{"from": "21:00", "to": "08:00"}], "time_zone": zone})
}

#[tokio::test]
async fn a_text_in_quiet_hours_waits_for_their_end_and_its_validity_moves_along() {
    let (api, john) = at("2026-01-31T21:30:00Z").await;
    keep_quiet(&api, &john, nights("UTC")).await;
    let answer = send(&api, &john, json!({"validity_seconds": 600})).await;
    let accepted = answer.json();
    assert_eq!(accepted["starts_at"], "2026-02-01T08:00:00.000Z");
    assert_eq!(accepted["expires_at"], "2026-02-01T08:10:00.000Z");
    assert_eq!(accepted["expected_at"], "2026-02-01T08:00:00.000Z");
    assert_eq!(
        accepted["send_at"],
        json!(null),
        "that is not what was said"
    );
    let id = accepted["id"].as_str().unwrap().parse().unwrap();
    let message = stored(&api, id).await;
    assert_eq!(message.not_before.to_string(), "2026-02-01T08:00:00.000Z");
    assert_eq!(message.wake_at, Some(message.not_before));
    assert_eq!((message.send_at, message.turn), (None, None));
    assert!(api.queue.receive().now_or_never().is_none(), "no job comes");
    let login = json!({"class": "otp"});
    assert_eq!(starts_at(&api, &john, login).await, json!(null));
    assert!(api.queue.receive().now_or_never().is_some());
    let scheduled = json!({"send_at": "2026-02-01T22:00:00Z"});
    assert_eq!(
        starts_at(&api, &john, scheduled).await,
        "2026-02-02T08:00:00.000Z"
    );
    let by_day = json!({"send_at": "2026-02-01T12:00:00Z"});
    assert_eq!(
        starts_at(&api, &john, by_day).await,
        "2026-02-01T12:00:00.000Z"
    );
}

#[tokio::test]
async fn the_recipients_clocks_come_first_then_those_of_the_rule() {
    let (api, john) = at("2026-01-31T21:30:00Z").await;
    keep_quiet(&api, &john, nights("America/New_York")).await;
    assert_eq!(starts_at(&api, &john, json!({})).await, json!(null));
    let berta = json!({"recipient": BERTA});
    assert_eq!(
        starts_at(&api, &john, berta).await,
        "2026-02-01T07:00:00.000Z"
    );
    let told = json!({"recipient": BERTA, "time_zone": "America/Los_Angeles"});
    assert_eq!(starts_at(&api, &john, told).await, json!(null));
    let told = json!({"time_zone": "Australia/Sydney", "send_at": "2026-02-01T12:00:00Z"});
    assert_eq!(
        starts_at(&api, &john, told).await,
        "2026-02-01T21:00:00.000Z"
    );
}

#[tokio::test]
async fn a_sender_has_quiet_hours_too_and_two_rules_may_leave_nothing() {
    let (api, john) = at("2026-01-31T21:30:00Z").await;
    let quiet = |from: &str, to: &str| Sender {
        quiet: serde_json::from_value(json!({
            "windows": [{"from": from, "to": to}], "time_zone": "UTC",
        }))
        .unwrap(),
        ..api.sender(OWN)
    };
    api.register(&[quiet("20:00", "22:00")]).await;
    assert_eq!(
        starts_at(&api, &john, json!({})).await,
        "2026-01-31T22:00:00.000Z"
    );
    keep_quiet(&api, &john, nights("UTC")).await;
    api.register(&[quiet("08:00", "21:00")]).await;
    let refused = send(&api, &john, json!({})).await;
    assert_eq!(refused.problem(400), ["send_at"]);
    let dry = json!({"recipient": ANNA, "content": "hello"});
    let preview = api.post("/messages?dry_run=true", Some(&john), &dry).await;
    assert_eq!(preview.json()["errors"][0]["field"], "send_at");
    let login = send(&api, &john, json!({"class": "otp"})).await;
    assert_eq!(login.status, 200);
    let all = api.get("/messages", &john).await.json();
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_night_in_which_the_clocks_are_changed_ends_by_the_clock() {
    // At two o'clock in the morning it is three o'clock.
    let (api, john) = at("2026-03-29T00:30:00Z").await;
    let hours = json!({"windows": [{"from": "01:00", "to": "03:30"}], "time_zone": "UTC"});
    keep_quiet(&api, &john, hours).await;
    let berta = json!({"recipient": BERTA});
    assert_eq!(
        starts_at(&api, &john, berta).await,
        "2026-03-29T01:30:00.000Z"
    );
}

#[tokio::test]
async fn a_local_time_is_that_of_the_zone() {
    let (api, john) = at("2026-03-20T12:00:00Z").await;
    for (local, zone, expected) in [
        (
            "2026-03-28T02:30",
            "Europe/Berlin",
            "2026-03-28T01:30:00.000Z",
        ),
        // It does not exist: three o'clock.
        (
            "2026-03-29T02:30:00",
            "Europe/Berlin",
            "2026-03-29T01:00:00.000Z",
        ),
        (
            "2026-03-30T02:30:00",
            "europe/berlin",
            "2026-03-30T00:30:00.000Z",
        ),
        // It exists twice: the first.
        (
            "2026-04-05T02:30",
            "Australia/Sydney",
            "2026-04-04T15:30:00.000Z",
        ),
    ] {
        let terms = json!({"send_at_local": local, "time_zone": zone});
        let answer = send(&api, &john, terms).await.json();
        assert_eq!(answer["send_at"], expected, "{local}");
        assert_eq!(answer["starts_at"], expected, "{local}");
    }
    let count = api.get("/messages", &john).await.json();
    assert_eq!(count.as_array().unwrap().len(), 4);
    for (terms, field) in [
        (json!({"send_at_local": "2026-03-28T02:30"}), "time_zone"),
        (
            json!({"send_at_local": "2026-03-28T02:30", "time_zone": "Nowhere/Land"}),
            "time_zone",
        ),
        (
            json!({
                "send_at_local": "2026-03-28T02:30", "time_zone": "UTC",
                "send_at": "2026-03-28T02:30:00Z",
            }),
            "send_at_local",
        ),
        (
            json!({"send_at_local": "2026-03-28T02:30:00Z", "time_zone": "UTC"}),
            "send_at_local",
        ),
        (
            json!({"send_at_local": "2026-03-20T11:00", "time_zone": "UTC"}),
            "send_at_local",
        ),
        (
            json!({"send_at_local": "2026-05-28T11:00", "time_zone": "UTC"}),
            "send_at_local",
        ),
    ] {
        let refused = send(&api, &john, terms.clone()).await;
        assert_eq!(refused.problem(400), [field], "{terms}");
    }
    let count = api.get("/messages", &john).await.json();
    assert_eq!(count.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_repeated_request_tells_the_same_start() {
    let (api, john) = at("2026-01-31T21:30:00Z").await;
    keep_quiet(&api, &john, nights("UTC")).await;
    let text = json!({"recipient": ANNA, "content": "hello", "time_zone": "UTC"});
    let ask = async || {
        let mut asked = request(Method::POST, "/messages", Some(&john), text.to_string());
        let headers = asked.headers_mut();
        headers.insert("idempotency-key", "key-1".parse().unwrap());
        api.call(asked).await
    };
    let first = ask().await.json();
    api.clock.advance(Duration::from_mins(1));
    let again = ask().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json(), first);
}
