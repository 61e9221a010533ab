//! Webhooks that are called no more.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Stream, pass_changes_on};
use crate::testing::{TestApi, TestUser};

/// Makes one, and disables it; what the API then says of it.
async fn disabled(api: &TestApi, user: &TestUser) -> Value {
    let webhook = json!({"url": "https://1.1.1.1/sms"});
    let made = api.post("/webhooks", Some(user), &webhook).await.json();
    let path = format!("/webhooks/{}/disable", made["id"].as_str().unwrap());
    let disabled = api.post(&path, Some(user), &json!({})).await;
    assert_eq!(disabled.status, 200);
    disabled.json()
}

/// What is told of one.
fn told(webhook: &Value) -> Value {
    json!({
        "id": webhook["id"],
        "disabled_at": webhook["disabled_at"],
        "disabled_by": webhook["disabled_by"],
    })
}

#[tokio::test]
async fn a_webhook_that_was_disabled_is_told_of_to_its_owner_alone() {
    let api = TestApi::start().await;
    let _passing = pass_changes_on(&api);
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let mut johns = Stream::open(&api, &john).await;
    let mut janes = Stream::open(&api, &jane).await;
    johns.expect("ready").await;
    janes.expect("ready").await;
    let webhook = disabled(&api, &john).await;
    assert_eq!(webhook["disabled_by"], "owner");
    assert_eq!(johns.expect("webhook.disabled").await, told(&webhook));
    api.send(&jane, "hello").await;
    janes.expect("message").await;
}

#[tokio::test]
async fn a_client_that_comes_back_is_told_which_webhooks_were_disabled_meanwhile() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    disabled(&api, &john).await;
    api.clock.advance(Duration::from_mins(5));
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let last = stream.last;
    api.clock.advance(Duration::from_mins(5));
    let id = api.send(&john, "hello").await;
    let webhook = disabled(&api, &john).await;
    let mut stream = Stream::go_on(&api, &john, Some(&last)).await;
    assert_eq!(stream.expect("message").await["id"], json!(id));
    assert_eq!(stream.last, last, "half of it is not all");
    assert_eq!(stream.expect("webhook.disabled").await, told(&webhook));
    assert_ne!(stream.last, last);
}
