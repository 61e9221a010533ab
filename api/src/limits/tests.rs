use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use serde_json::{Value, json};
use shared::domain::{Timestamp, UserId};
use shared::store::{Quotas, Reservation, Reserved, Result, StoreError};

use super::Limits;
use crate::patience::Patience;
use crate::testing::{Answer, TestApi, TestUser, request};

async fn send(api: &TestApi, user: &TestUser, content: &str, key: Option<&str>) -> Answer {
    let body = json!({"recipient": "+14155550123", "content": content}).to_string();
    let mut request = request(Method::POST, "/messages", Some(user), body);
    if let Some(key) = key {
        let headers = request.headers_mut();
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    api.call(request).await
}

async fn shown(api: &TestApi, user: &TestUser) -> usize {
    let list = api.get("/messages", user).await.json();
    list.as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_user_sends_so_many_texts_a_minute() {
    let api = TestApi::with(|settings| settings.http.limits.sends_per_minute = Some(2)).await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    for _ in 0..2 {
        assert_eq!(send(&api, &john, "hello", None).await.status, 200);
    }
    let refused = send(&api, &john, "hello", None).await;
    refused.problem(429);
    assert_eq!(refused.json()["type"], "urn:mysms:problem:sending-too-fast");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(shown(&api, &john).await, 2);
    assert_eq!(send(&api, &jane, "hello", None).await.status, 200);
}

#[tokio::test]
async fn the_segments_of_a_day_are_counted_for_all_processes() {
    let limited = |settings: &mut crate::Settings| {
        settings.http.limits.segments_per_day = Some(5);
    };
    let api = TestApi::with(limited).await;
    let other = api.beside_with(limited);
    let john = api.user("john_doe").await;
    let two_segments = "x".repeat(161);
    for api in [&api, &other] {
        assert_eq!(send(api, &john, &two_segments, None).await.status, 200);
    }
    let refused = send(&api, &john, &two_segments, None).await;
    refused.problem(429);
    assert_eq!(refused.json()["type"], "urn:mysms:problem:segments-spent");
    // The test's day began 120 ms ago.
    assert_eq!(refused.header("retry-after"), "86400");
    assert_eq!(send(&api, &john, "hello", None).await.status, 200);
    send(&other, &john, "hello", None).await.problem(429);
    assert_eq!(shown(&api, &john).await, 3);

    api.clock.advance(std::time::Duration::from_hours(23));
    send(&api, &john, "hello", None).await.problem(429);
    // A token lasts a day, and no longer.
    api.clock.advance(std::time::Duration::from_hours(1));
    assert_eq!(send(&api, &john, &two_segments, None).await.status, 200);
}

#[tokio::test]
async fn a_replay_costs_nothing_and_is_answered_though_nothing_is_left() {
    let api = TestApi::with(|settings| {
        settings.http.limits.segments_per_day = Some(2);
    })
    .await;
    let john = api.user("john_doe").await;
    let first = send(&api, &john, "hello", Some("order-1")).await;
    for _ in 0..3 {
        let again = send(&api, &john, "hello", Some("order-1")).await;
        assert_eq!(again.json(), first.json());
    }
    assert_eq!(
        send(&api, &john, "other", Some("order-1")).await.status,
        422
    );
    let spent = api.store.spent(john.id, api.state.clock.now()).await;
    assert_eq!(spent.unwrap(), 1);

    assert_eq!(
        send(&api, &john, "hello", Some("order-2")).await.status,
        200
    );
    let again = send(&api, &john, "hello", Some("order-1")).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json(), first.json());
    send(&api, &john, "other", Some("order-1"))
        .await
        .problem(422);
    send(&api, &john, "hello", Some("order-3"))
        .await
        .problem(429);
}

#[tokio::test]
async fn the_texts_of_a_batch_beyond_a_limit_are_refused_alone() {
    let api = TestApi::with(|settings| {
        settings.http.limits.segments_per_day = Some(2);
    })
    .await;
    let john = api.user("john_doe").await;
    let batch = json!({
        "recipients": ["+14155550123", "+14155550124", "+14155550125"], "content": "hello",
    });
    let answer = api.post("/messages/batch", Some(&john), &batch).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    assert_eq!(
        (&answer["accepted"], &answer["refused"]),
        (&json!(2), &json!(1))
    );
    let results = answer["results"].as_array().unwrap();
    let refused = results.iter().find(|result| result["status"] == 429);
    let wait = refused.unwrap()["retry_after"].as_u64().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    let taken = results.iter().find(|result| result["status"] == 200);
    assert!(taken.unwrap()["retry_after"].is_null());
    let problem = &refused.unwrap()["problem"];
    assert_eq!(problem["type"], "urn:mysms:problem:segments-spent");
    assert_eq!(shown(&api, &john).await, 2);
}

#[tokio::test]
async fn what_is_refused_as_wrong_costs_nothing() {
    let api = TestApi::with(|settings| {
        settings.http.limits.segments_per_day = Some(1);
        settings.http.limits.sends_per_minute = Some(1);
    })
    .await;
    let john = api.user("john_doe").await;
    let bad: [Value; 2] = [json!({}), json!({"recipient": "1", "content": "hello"})];
    for json in bad {
        api.post("/messages", Some(&john), &json).await.problem(400);
    }
    assert_eq!(send(&api, &john, "hello", None).await.status, 200);
}

/// Counts nothing, because it cannot be reached.
struct Away;

#[async_trait]
impl Quotas for Away {
    async fn reserve(&self, _: &Reservation, _: u32) -> Result<Reserved> {
        Err(StoreError::unavailable("the store", "no route"))
    }

    async fn reduce(&self, _: &Reservation, _: u32) -> Result<()> {
        Err(StoreError::unavailable("the store", "no route"))
    }

    async fn spent(&self, _: UserId, _: Timestamp) -> Result<u64> {
        Err(StoreError::unavailable("the store", "no route"))
    }
}

#[tokio::test]
async fn where_segments_cannot_be_counted_nothing_is_answered_from_a_look() {
    let mut api = TestApi::with(|settings| {
        settings.http.limits.segments_per_day = Some(2);
    })
    .await;
    let john = api.user("john_doe").await;
    assert_eq!(
        send(&api, &john, "hello", Some("order-1")).await.status,
        200
    );
    let patience = Patience(std::time::Duration::from_millis(20));
    let limits = Limits::new(&api.state.http.limits, Arc::new(Away), patience);
    api.state.limits = Arc::new(limits);
    send(&api, &john, "hello", Some("order-1"))
        .await
        .problem(503);
}
