use serde_json::json;

use super::with_fault;
use crate::support::{Endpoint, TO, all_callbacks_settled};

#[tokio::test]
async fn callbacks_are_lost_doubled_reversed_or_late() {
    for (fault, expected) in [
        (json!({"kind": "callback_lost"}), &[][..]),
        (
            json!({"kind": "callback_lost", "status": "sent"}),
            &["delivered"],
        ),
        (
            json!({"kind": "callback_doubled", "status": "delivered"}),
            &["sent", "delivered", "delivered"],
        ),
        (json!({"kind": "callback_reversed"}), &["delivered", "sent"]),
        (
            json!({"kind": "callback_late", "ms": 50, "status": "sent"}),
            &["delivered", "sent"],
        ),
    ] {
        let endpoint = Endpoint::start().await;
        let harness = with_fault(fault.clone()).await;
        harness.account.send(TO, "x", Some(&endpoint.base)).await;
        all_callbacks_settled(&harness.account).await;
        assert_eq!(endpoint.statuses(), expected, "{fault}");
    }
}

#[tokio::test]
async fn a_late_callback_is_not_sent_before_its_time() {
    let endpoint = Endpoint::start().await;
    let harness =
        with_fault(json!({"kind": "callback_late", "ms": 600_000, "status": "delivered"})).await;
    harness.account.send(TO, "x", Some(&endpoint.base)).await;
    endpoint.wait(1).await;
    assert_eq!(harness.account.stats().await["callbacks_pending"], 1);
    assert_eq!(endpoint.statuses(), ["sent"]);
}

#[tokio::test]
async fn callbacks_come_before_the_answer() {
    for (fault, expected) in [
        (json!({"kind": "callback_early"}), &["sent"][..]),
        (
            json!({"kind": "callback_early", "status": "delivered"}),
            &["sent", "delivered"],
        ),
    ] {
        let endpoint = Endpoint::start().await;
        let harness = with_fault(fault).await;
        harness.account.settings(json!({"step_ms": 600_000})).await;
        let message = harness.account.send(TO, "x", Some(&endpoint.base)).await;
        assert_eq!(endpoint.statuses(), expected);
        assert_eq!(
            endpoint.received()[0].param("MessageSid"),
            message["sid"].as_str()
        );
        assert_eq!(message["status"], "queued");
    }
}

#[tokio::test]
async fn a_message_may_stay_sent_for_ever() {
    let endpoint = Endpoint::start().await;
    let harness = with_fault(json!({"kind": "outcome", "status": "sent"})).await;
    let message = harness.account.send(TO, "x", Some(&endpoint.base)).await;
    all_callbacks_settled(&harness.account).await;
    assert_eq!(endpoint.statuses(), ["sent"]);
    let fetched = harness
        .account
        .fetch(message["sid"].as_str().unwrap())
        .await
        .1;
    assert_eq!(fetched["status"], "sent");
    assert!(fetched["date_sent"].is_string());
}
