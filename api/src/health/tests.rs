use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use mysms_core::domain::{DailyCap, LeaseToken, LineId, MessageId, Rate, Sender, Timestamp, Zone};
use mysms_core::pace::{Lines, Opening};
use mysms_core::queue::{Delivery, Queue};
use mysms_core::store::{Pauses, SenderKey, editing};
use runtime::config::SIMULATOR_ACCOUNT_SID;
use serde_json::{Value, json};

use super::*;
use crate::testing::{START, TestApi, request};

async fn readiness(api: &TestApi) -> (u16, Value) {
    let answer = api.call(request(Method::GET, "/readyz", None, "")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_healthy_process_is_alive_and_ready() {
    let api = TestApi::start().await;
    let answer = api.call(request(Method::GET, "/healthz", None, "")).await;
    assert_eq!(answer.status, 200);
    let expected = json!({
        "status": "ready",
        "checks": {
            "process": {"status": "up"},
            "store": {"status": "up"},
            "queue": {"status": "up"},
            "clock": {"status": "up"},
            "spending": {"status": "up"},
            "inbox": {"status": "up"},
            "received": {"status": "unknown"},
            "provider": {"status": "up", "pauses": []},
            "senders": {"status": "up", "limited": []},
        },
    });
    assert_eq!(readiness(&api).await, (200, expected));
}

#[tokio::test]
async fn texts_that_may_be_missing_are_said() {
    let api = TestApi::start().await;
    let known = async |change: fn(&mut CatchUp)| {
        let mut state = CatchUp::begin(START);
        state.stored(state.next(None, START), START, START);
        change(&mut state);
        let key = (Kind::CatchUp, api.state.provider.account.as_str());
        let edited = editing::edit(&*api.stores.records, key, START, |_| {
            Ok::<_, Infallible>(state.clone())
        });
        let Ok(_) = edited.await.unwrap();
        let (status, json) = readiness(&api).await;
        assert_eq!(status, 200);
        json["checks"]["received"].clone()
    };
    assert_eq!(known(|_| {}).await, json!({"status": "up"}));
    let refused = |state: &mut CatchUp| state.fail("error 20003".to_owned(), Duration::ZERO, START);
    let refused = known(refused).await;
    assert_eq!(refused["status"], "behind");
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.ends_with("error 20003"), "{reason}");
    api.clock.advance(Duration::from_hours(1));
    let silent = known(|_| {}).await;
    assert_eq!(silent["status"], "behind");
    let off = TestApi::with(|settings| settings.delivery.catch_up = None).await;
    let (_, json) = readiness(&off).await;
    assert_eq!(json["checks"]["received"], json!({"status": "off"}));
}

#[tokio::test]
async fn without_its_store_it_is_alive_but_not_ready() {
    let api = TestApi::start().await;
    api.store.close().await;
    let answer = api.call(request(Method::GET, "/healthz", None, "")).await;
    assert_eq!(answer.status, 200);
    let (status, json) = readiness(&api).await;
    assert_eq!((status, &json["status"]), (503, &json!("not ready")));
    assert_eq!(json["checks"]["store"]["status"], "down");
    assert_eq!(json["checks"]["provider"]["status"], "unknown");
}

/// A queue that is away.
struct Away;

#[async_trait]
impl Queue for Away {
    fn offer(&self, _: MessageId, _: Option<String>) {}

    async fn receive(&self) -> Delivery {
        std::future::pending().await
    }

    fn health(&self) -> QueueHealth {
        QueueHealth::Down {
            reason: "10.1.2.3:5672: connection refused".to_owned(),
        }
    }

    async fn close(&self, _: Duration) {}
}

#[tokio::test]
async fn without_its_queue_it_is_ready_and_tells_strangers_no_address() {
    let mut api = TestApi::start().await;
    api.replace(|parts| parts.queue = Arc::new(Away));
    let (status, json) = readiness(&api).await;
    assert_eq!(status, 200);
    let queue = &json["checks"]["queue"];
    assert_eq!(queue["status"], "down");
    assert!(!json.to_string().contains("10.1.2.3"), "{json}");
}

#[tokio::test]
async fn a_process_that_is_its_own_store_does_not_live_without_it() {
    for (closed, expected) in [(false, (200, "ok")), (true, (503, "failing"))] {
        let api = TestApi::with(|settings| settings.has_own_store = true).await;
        if closed {
            api.store.close().await;
        }
        let answer = api.call(request(Method::GET, "/healthz", None, "")).await;
        let (status, said) = (answer.status.as_u16(), answer.json());
        assert_eq!((status, said["status"].as_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn it_is_not_ready_while_it_stops() {
    let api = TestApi::start().await;
    api.state.lifecycle.soft().cancel();
    let (status, json) = readiness(&api).await;
    assert_eq!(status, 503);
    assert_eq!(json["checks"]["process"]["status"], "stopping");
}

#[tokio::test]
async fn a_limit_of_all_users_together_that_is_used_up_is_a_line() {
    let api = TestApi::with(|settings| settings.caps.total = Some(2)).await;
    let john = api.user("john_doe").await;
    api.send(&john, "hello").await;
    assert_eq!(
        readiness(&api).await.1["checks"]["spending"]["status"],
        "up"
    );
    // There is room for one segment, but these are two.
    let long = "x".repeat(161);
    let text = json!({"recipient": "+14155550123", "content": long});
    api.post("/messages", Some(&john), &text).await.problem(429);
    let spent = json!({"status": "spent", "reason": "total-segments-spent"});
    let (status, json) = readiness(&api).await;
    assert_eq!((status, &json["checks"]["spending"]), (200, &spent));
    api.send(&john, "hello").await;
    // Another process, which has refused nothing, sees it in the count.
    let beside = api.beside_with(|settings| settings.caps.total = Some(2));
    assert_eq!(readiness(&beside).await.1["checks"]["spending"], spent);
    api.clock.advance(Duration::from_hours(24));
    assert_eq!(
        readiness(&api).await.1["checks"]["spending"]["status"],
        "up"
    );
}

#[tokio::test]
async fn a_paused_sender_is_a_line_without_any_credential() {
    let api = TestApi::start().await;
    let pause = Pause {
        sender: SenderKey::new(SIMULATOR_ACCOUNT_SID, "+15005550006", "fingerprint"),
        code: "20003".to_owned(),
        reason: "The provider does not accept the credentials.".to_owned(),
        since: START,
        probe_at: Timestamp::from_millis(START.as_millis() + 15_000),
        failures: 0,
        probing_until: None,
    };
    api.store.pause(pause).await.unwrap();
    let (status, json) = readiness(&api).await;
    assert_eq!(status, 200);
    let line = json!({
        "code": "20003",
        "reason": "The provider does not accept the credentials.",
        "since": "2026-01-01T00:00:00.120Z",
    });
    let expected = json!({"status": "paused", "pauses": [line]});
    assert_eq!(json["checks"]["provider"], expected);
    let line = json!({
        "sender": "…06", "state": "paused", "percent": null, "until": "2026-01-01T00:00:15.120Z",
    });
    let expected = json!({"status": "limited", "limited": [line]});
    assert_eq!(json["checks"]["senders"], expected);
    assert!(!json.to_string().contains("500555"), "{json}");
}

#[tokio::test]
async fn a_sender_whose_day_has_too_little_left_for_what_waits_is_spent() {
    let api = TestApi::start().await;
    let capped = Sender {
        cap: Some(DailyCap {
            segments: 1,
            zone: Zone::parse("Etc/UTC").unwrap(),
        }),
        ..api.sender("+15005550006")
    };
    api.register(std::slice::from_ref(&capped)).await;
    let lines = Lines::new(api.stores.records.clone(), api.state.clock.clone());
    let line = LineId::new(&capped.account, capped.address.as_str());
    let rate = Rate::try_from(1.0).unwrap();
    for (is_short, limited) in [(true, 1), (false, 0)] {
        let terms = |now| capped.terms(rate, now);
        let opening = lines.open(&line, LeaseToken::generate(), terms).await;
        let Ok(Opening::Held(held)) = opening else {
            panic!("it is free");
        };
        lines.release(*held, is_short).await.unwrap();
        let senders = &readiness(&api).await.1["checks"]["senders"]["limited"];
        assert_eq!(senders.as_array().unwrap().len(), limited, "{senders}");
        if is_short {
            assert_eq!(senders[0]["state"], "spent");
            assert_eq!(senders[0]["until"], "2026-01-02T00:00:00.000Z");
        }
    }
}
