use std::{pin::pin, time::Duration};

use serde_json::{Value, json};
use tokio::time::timeout;
use twilio_sim::Options;

use super::{GOOD, accepted, faults_used_up, with_fault};
use crate::support::{DEADLINE, TO, at_once, start};

#[tokio::test]
async fn refusals_accept_nothing_and_then_are_over() {
    for (fault, status, code) in [
        (json!({"kind": "throttle"}), 429, 20429),
        (json!({"kind": "error_before", "status": 500}), 500, 20500),
        (json!({"kind": "error_before", "status": 503}), 503, 20503),
        (json!({"kind": "reject", "code": 21610}), 400, 21610),
        (json!({"kind": "reject", "code": 63038}), 429, 63038),
        (
            json!({"kind": "reject", "code": 21611, "status": 429}),
            429,
            21611,
        ),
        (json!({"kind": "reject", "code": 20003}), 401, 20003),
    ] {
        let harness = with_fault(fault.clone()).await;
        let (answered, error) = harness.account.try_send(TO).await;
        assert_eq!(
            (answered, &error["code"]),
            (status, &json!(code)),
            "{fault}"
        );
        assert_eq!(accepted(&harness.account).await, 0, "{fault}");
        assert_eq!(harness.account.try_send(TO).await.0, 201, "{fault}");
    }
}

#[tokio::test]
async fn a_throttled_answer_may_say_when_to_come_back() {
    let harness = with_fault(json!({"kind": "throttle", "retry_after_seconds": 7})).await;
    let response = harness.account.request(&GOOD).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "7");
}

#[tokio::test]
async fn an_error_may_hide_that_the_message_was_accepted() {
    for status in [500, 503] {
        let harness = with_fault(json!({"kind": "error_after", "status": status})).await;
        assert_eq!(harness.account.try_send(TO).await.0, status);
        assert_eq!(accepted(&harness.account).await, 1);
    }
}

#[tokio::test]
async fn a_connection_is_reset_before_or_after_accepting() {
    for (kind, count) in [("reset_before", 0), ("reset_after", 1)] {
        let harness = with_fault(json!({"kind": kind})).await;
        let error = harness.account.request(&GOOD).send().await.unwrap_err();
        assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
        assert!(
            format!("{error:?}").contains("ConnectionReset"),
            "{error:?}"
        );
        assert_eq!(accepted(&harness.account).await, count, "{kind}");
        assert_eq!(harness.account.try_send(TO).await.0, 201, "{kind}");
    }
}

#[tokio::test]
async fn an_answer_may_never_come() {
    for (kind, count) in [("hang_before", 0), ("hang_after", 1)] {
        let harness = with_fault(json!({"kind": kind})).await;
        let mut request = pin!(harness.account.request(&GOOD).send());
        tokio::select! {
            answer = &mut request => panic!("{kind}: {answer:?}"),
            () = faults_used_up(&harness.account) => {}
        }
        let more = timeout(Duration::from_millis(100), &mut request).await;
        assert!(more.is_err(), "{kind}: {more:?}");
        assert_eq!(accepted(&harness.account).await, count, "{kind}");
        // A hanging request does not keep the simulator from stopping.
        harness.sim.stop().await;
        assert!(request.await.is_err());
    }
}

#[tokio::test]
async fn a_201_may_be_unreadable() {
    let harness = with_fault(json!({"kind": "unreadable"})).await;
    let response = harness.account.request(&GOOD).send().await.unwrap();
    assert_eq!(response.status(), 201);
    let text = response.text().await.unwrap();
    assert!(!text.is_empty());
    assert!(serde_json::from_str::<Value>(&text).is_err(), "{text}");
    assert_eq!(accepted(&harness.account).await, 1);
}

#[tokio::test]
async fn accepting_and_answering_are_delayed_apart() {
    for (kind, count) in [("delay_accept", 0), ("delay_answer", 1)] {
        let harness = with_fault(json!({"kind": kind, "ms": 600_000})).await;
        let mut request = pin!(harness.account.request(&GOOD).send());
        tokio::select! {
            answer = &mut request => panic!("{kind}: {answer:?}"),
            () = faults_used_up(&harness.account) => {}
        }
        assert_eq!(accepted(&harness.account).await, count, "{kind}");
        // Stopping cuts the delay short: the request is accepted and answered.
        let (answer, ()) = tokio::join!(request, harness.sim.stop());
        assert_eq!(answer.unwrap().status(), 201, "{kind}");
    }
}

#[tokio::test]
async fn a_client_that_gives_up_does_not_stop_its_message() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options {
        ledger: Some(directory.path().join("ledger.jsonl")),
        ..at_once()
    };
    let harness = start(options.clone()).await;
    let delay = json!({"kind": "delay_accept", "ms": 600_000});
    harness
        .account
        .fault(json!({"fault": delay, "times": 1}))
        .await;
    tokio::select! {
        answer = harness.account.request(&GOOD).send() => panic!("{answer:?}"),
        () = faults_used_up(&harness.account) => {}
    }
    let gone = async { while harness.account.stats().await["concurrent_creates"] != 0 {} };
    timeout(DEADLINE, gone).await.unwrap();
    assert_eq!(accepted(&harness.account).await, 0);
    // Stopping cuts the delay short.
    harness.sim.stop().await;
    assert_eq!(accepted(&start(options).await.account).await, 1);
}
