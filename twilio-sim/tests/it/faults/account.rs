use std::pin::pin;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::json;

use super::{GOOD, faults_used_up};
use crate::support::{TO, at_once, start};

#[tokio::test]
async fn the_credentials_change_and_change_back() {
    let mut harness = start(at_once()).await;
    harness
        .account
        .settings(json!({"auth_token": "another"}))
        .await;
    let (status, error) = harness.account.try_send(TO).await;
    assert_eq!((status, &error["code"]), (401, &json!(20003)));
    let old = std::mem::replace(&mut harness.account.token, "another".to_owned());
    assert_eq!(harness.account.try_send(TO).await.0, 201);
    harness.account.settings(json!({"auth_token": old})).await;
    assert_eq!(harness.account.try_send(TO).await.0, 401);
    harness.account.token = old;
    assert_eq!(harness.account.try_send(TO).await.0, 201);
}

#[tokio::test]
async fn the_providers_clock_is_set_apart() {
    let harness = start(at_once()).await;
    let straight = harness.account.send(TO, "x", None).await;
    harness
        .account
        .settings(json!({"clock_offset_seconds": -7200}))
        .await;
    let moment = |date: &str| -> Timestamp { rfc2822::parse(date).unwrap().timestamp() };
    let fetched = harness
        .account
        .fetch(straight["sid"].as_str().unwrap())
        .await
        .1;
    for name in ["date_created", "date_updated"] {
        let (here, there) = (straight["date_created"].as_str(), fetched[name].as_str());
        let shift = moment(here.unwrap()).duration_since(moment(there.unwrap()));
        assert_eq!(shift, SignedDuration::from_hours(2), "{name}");
    }
    assert_eq!(fetched["date_sent"], fetched["date_created"]);
    let response = harness.account.request(&GOOD).send().await.unwrap();
    let date = response.headers()["date"]
        .to_str()
        .unwrap()
        .replace("GMT", "+0000");
    let created = moment(straight["date_created"].as_str().unwrap());
    let behind = created.duration_since(moment(&date));
    assert!(behind > SignedDuration::from_hours(1), "{behind}");
}

#[tokio::test]
async fn too_many_requests_at_a_time_are_throttled() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account.settings(json!({"concurrency_limit": 1})).await;
    account
        .fault(json!({"fault": {"kind": "hang_after"}, "times": 1}))
        .await;
    let mut hanging = pin!(account.request(&GOOD).send());
    tokio::select! {
        answer = &mut hanging => panic!("{answer:?}"),
        () = faults_used_up(account) => {}
    }
    let (status, error) = account.try_send(TO).await;
    assert_eq!((status, &error["code"]), (429, &json!(20429)));
    assert_eq!(account.stats().await["peak_concurrent_creates"], 2);
}
