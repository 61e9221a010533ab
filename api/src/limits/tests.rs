use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use mysms_core::clock::Clock;
use mysms_core::domain::Timestamp;
use mysms_core::store::{Counter, Quotas, Reservation, Reserved, Result, StoreError};
use runtime::config::{CapsConfig, TokenConfig};
use serde_json::{Value, json};

use super::Limits;
use crate::store_timeout::StoreTimeout;
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
async fn a_user_sends_so_many_login_codes_a_minute_and_other_texts_all_the_same() {
    let api = TestApi::with(|settings| settings.http.limits.otp_per_minute = Some(2)).await;
    let john = api.user("john_doe").await;
    let text =
        |class: &str| json!({"recipient": "+14155550123", "content": "4071", "class": class});
    for _ in 0..2 {
        let code = api.post("/messages", Some(&john), &text("otp")).await;
        assert_eq!(code.status, 200, "{}", code.text());
    }
    let refused = api.post("/messages", Some(&john), &text("otp")).await;
    refused.problem(429);
    assert_eq!(refused.json()["type"], "urn:mysms:problem:otp-too-fast");
    let dry = api
        .post("/messages/preview", Some(&john), &text("otp"))
        .await;
    assert_eq!(dry.json()["limits"][0]["code"], "otp-too-fast");
    for class in ["transactional", "bulk"] {
        let other = api.post("/messages", Some(&john), &text(class)).await;
        assert_eq!(other.status, 200, "{}", other.text());
    }
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
        settings.caps.user = Some(5);
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
        settings.caps.user = Some(2);
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
    let spent = api
        .stores
        .quotas
        .spent(&[Counter::User(john.id)], api.state.clock.now())
        .await;
    assert_eq!(spent.unwrap(), [1]);

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
        settings.caps.user = Some(2);
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
        settings.caps.user = Some(1);
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
    async fn reserve(&self, _: &Reservation) -> Result<Reserved> {
        Err(StoreError::unavailable("the store", "no route"))
    }

    async fn give_back(&self, _: &Reservation) -> Result<()> {
        Err(StoreError::unavailable("the store", "no route"))
    }

    async fn spent(&self, _: &[Counter], _: Timestamp) -> Result<Vec<u64>> {
        Err(StoreError::unavailable("the store", "no route"))
    }
}

#[tokio::test]
async fn where_segments_cannot_be_counted_nothing_is_accepted() {
    let mut api = TestApi::with(|settings| {
        settings.caps.user = Some(2);
    })
    .await;
    let john = api.user("john_doe").await;
    assert_eq!(
        send(&api, &john, "hello", Some("order-1")).await.status,
        200
    );
    let store_timeout = StoreTimeout(std::time::Duration::from_millis(20));
    let caps = CapsConfig {
        user: Some(2),
        ..CapsConfig::default()
    };
    let (config, tokens) = (&api.state.http.limits, tokens());
    let (quotas, metrics) = (Arc::new(Away), Arc::clone(&api.state.metrics));
    let limits = Limits::new(config, caps, None, &tokens, quotas, store_timeout, metrics);
    api.replace(|parts| parts.limits = Arc::new(limits));
    send(&api, &john, "hello", Some("order-2"))
        .await
        .problem(503);
    // Nor is anything told of what could be.
    let batch = json!({"recipients": ["+14155550123"], "content": "hello"});
    let told = api.post("/messages/batch/preview", Some(&john), &batch);
    told.await.problem(503);
    // What was accepted before needs no room.
    let again = send(&api, &john, "hello", Some("order-1")).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
}

fn tokens() -> TokenConfig {
    TokenConfig {
        secret: "a secret".into(),
        previous: None,
    }
}

/// Neither for a text nor for `/readyz`.
#[tokio::test]
async fn where_nothing_is_limited_the_store_is_not_asked() {
    let mut api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let store_timeout = StoreTimeout(std::time::Duration::from_millis(20));
    let (config, tokens) = (&api.state.http.limits, tokens());
    let none = CapsConfig::default();
    let (quotas, metrics) = (Arc::new(Away), Arc::clone(&api.state.metrics));
    let limits = Limits::new(config, none, None, &tokens, quotas, store_timeout, metrics);
    api.replace(|parts| parts.limits = Arc::new(limits));
    assert_eq!(send(&api, &john, "hello", None).await.status, 200);
    let ready = api.call(request(Method::GET, "/readyz", None, "")).await;
    assert_eq!(ready.json()["checks"]["spending"], json!({"status": "up"}));
}

async fn send_to(api: &TestApi, user: &TestUser, recipient: &str) -> Answer {
    let json = json!({"recipient": recipient, "content": "hello"});
    api.post("/messages", Some(user), &json).await
}

/// What a dry run says of the limits.
async fn foreseen(api: &TestApi, user: &TestUser, recipient: &str) -> Vec<String> {
    let json = json!({"recipient": recipient, "content": "hello"});
    let path = "/messages?dry_run=true";
    let told = api.post(path, Some(user), &json).await.json();
    let limits = told["limits"].as_array().unwrap().iter();
    let codes = limits.map(|limit| limit["code"].as_str().unwrap().to_owned());
    codes.collect()
}

/// What sets a limit, to whom three texts go, and the code with which the third is refused.
type Case = (fn(&mut CapsConfig), [&'static str; 3], &'static str);

/// Users, of whom none has a limit, are stopped by what all of them do together.
#[tokio::test]
async fn whatever_all_users_do_together_is_counted_over_all_processes() {
    let home = "+14155550123";
    let cases: [Case; 4] = [
        (
            |caps| caps.total = Some(2),
            [home, "+447400123456", "+525512345678"],
            "total-segments-spent",
        ),
        (
            |caps| caps.abroad = Some(2),
            ["+447400123456", "+18765550123", "+979123456789"],
            "segments-abroad-spent",
        ),
        (
            |caps| caps.recipient = Some(2),
            [home, home, home],
            "recipient-has-enough",
        ),
        (
            |caps| caps.prefix = Some(2),
            ["+14155550100", "+14155559999", "+14155550123"],
            "prefix-has-enough",
        ),
    ];
    for (change, recipients, code) in cases {
        let api = TestApi::with(|settings| change(&mut settings.caps)).await;
        let other = api.beside_with(|settings| change(&mut settings.caps));
        let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
        let [first, second, third] = recipients;
        assert_eq!(send_to(&api, &john, first).await.status, 200);
        assert_eq!(foreseen(&api, &jane, third).await, [""; 0]);
        assert_eq!(send_to(&other, &jane, second).await.status, 200);
        for api in [&api, &other] {
            assert_eq!(foreseen(api, &jane, third).await, [code]);
            let refused = send_to(api, &john, third).await;
            refused.problem(429);
            let problem = refused.json();
            assert_eq!(problem["type"], format!("urn:mysms:problem:{code}"));
            assert!(!refused.header("retry-after").is_empty());
        }
        if code != "total-segments-spent" {
            let elsewhere = send_to(&api, &john, "+12125550123").await;
            assert_eq!(elsewhere.status, 200, "{code}");
        }
    }
}

#[tokio::test]
async fn what_one_limit_refuses_uses_nothing_up_of_the_others_and_a_replay_neither() {
    let api = TestApi::with(|settings| {
        settings.caps = CapsConfig {
            user: Some(2),
            total: Some(3),
            recipient: Some(2),
            ..CapsConfig::default()
        };
    })
    .await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    for _ in 0..2 {
        let sent = send(&api, &john, "hello", Some("order-1")).await;
        assert_eq!(sent.status, 200);
    }
    assert_eq!(send_to(&api, &john, "+14155550124").await.status, 200);
    for _ in 0..3 {
        send(&api, &john, "hello", None).await.problem(429);
    }
    assert_eq!(send(&api, &jane, "hello", None).await.status, 200);
    let refused = foreseen(&api, &jane, "+14155550123").await;
    assert_eq!(refused, ["total-segments-spent", "recipient-has-enough"]);
}

#[tokio::test]
async fn a_scheduled_text_counts_for_the_time_at_which_it_is_sent() {
    let api = TestApi::with(|settings| settings.caps.recipient = Some(2)).await;
    let john = api.user("john_doe").await;
    let later = api.clock.now() + Duration::from_hours(3);
    let text = |send_at: Option<Timestamp>| json!({"recipient": "+14155550123", "content": "hello", "send_at": send_at});
    let send = async |send_at| {
        let answer = api.post("/messages", Some(&john), &text(send_at)).await;
        answer.status.as_u16()
    };
    for status in [200, 200, 429] {
        assert_eq!(send(Some(later)).await, status);
    }
    // Neither are those of now counted yet, nor do later ones make room for that time.
    assert_eq!(send(None).await, 200);
    api.clock.advance(Duration::from_hours(1));
    assert_eq!(send(Some(later)).await, 429);
    assert_eq!(send(Some(later + Duration::from_hours(1))).await, 200);
    let refused = api.post("/messages", Some(&john), &text(Some(later))).await;
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(wait > 7200, "{wait}: until that hour is over");
    api.clock.advance(Duration::from_hours(2));
    for status in [429, 429] {
        assert_eq!(send(None).await, status, "two are sent in this hour");
    }
}

#[tokio::test]
async fn replays_use_up_nothing_however_many_come_meanwhile() {
    let api = TestApi::with(|settings| settings.caps.total = Some(300)).await;
    let john = api.user("john_doe").await;
    for number in 0..200 {
        let key = format!("text-{number}");
        assert_eq!(send(&api, &john, "hello", Some(&key)).await.status, 200);
    }
    let replays = (0..200).map(|number| {
        let (api, john) = (&api, &john);
        async move { send(api, john, "hello", Some(&format!("text-{number}"))).await }
    });
    let replays = futures_util::future::join_all(replays).await;
    assert!(
        replays
            .iter()
            .all(|answer| answer.header("idempotent-replayed") == "true")
    );
    let spent = api
        .stores
        .quotas
        .spent(&[Counter::Everybody], api.clock.now());
    assert_eq!(spent.await.unwrap(), [200]);
}

#[tokio::test]
async fn a_user_is_told_what_is_left_of_the_day() {
    let api = TestApi::with(|settings| settings.caps.user = Some(3)).await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let today = async |user: &TestUser| api.get("/me", user).await.json()["segments_today"].take();
    api.send(&john, &"x".repeat(200)).await;
    let day = |used: u32| {
        json!({
            "used": used, "limit": 3, "left": 3 - used, "ends_at": "2026-01-02T00:00:00.000Z",
        })
    };
    assert_eq!(today(&john).await, day(2));
    assert_eq!(today(&jane).await, day(0));
    let tomorrow = json!({
        "recipient": "+14155550123", "content": "hello", "send_at": "2026-01-02T12:00:00Z",
    });
    assert_eq!(
        api.post("/messages", Some(&john), &tomorrow).await.status,
        200
    );
    assert_eq!(today(&john).await, day(2), "it counts on its own day");
    // Another limit in another process, of which more is used than there is.
    let beside = api.beside_with(|settings| settings.caps.user = Some(1));
    let me = beside.get("/me", &john).await.json();
    assert_eq!(me["segments_today"]["left"], 0);
}
