use serde_json::{Value, json};
use twilio_sim::{TEST_MESSAGING_SERVICE_SID, TEST_SENDER};

use super::{ABROAD, NOT_YET_MS, accepted, outcome, send};
use crate::support::{Account, Endpoint, Harness, all_callbacks_settled, at_once, start};

/// A sender that sent what it may, and for the next 1000 seconds may send no more.
async fn exhausted(sender: &str, mut terms: Value) -> Harness {
    let harness = start(at_once()).await;
    terms["segments_per_second"] = json!(0.001);
    harness.account.sender(sender, terms).await;
    accepted(&harness.account, sender, 1).await;
    harness
}

/// Sends a text that is taken, and what it is reported as.
async fn report(account: &Account, sender: &str) -> (Vec<String>, Option<String>) {
    let endpoint = Endpoint::start().await;
    let callback = [("StatusCallback", &*endpoint.base)];
    let (status, answer) = send(account, sender, 1, &callback).await;
    assert_eq!(status, 201, "{answer}");
    all_callbacks_settled(account).await;
    let received = endpoint.received();
    let code = received.last().and_then(|last| last.param("ErrorCode"));
    (endpoint.statuses(), code.map(str::to_owned))
}

#[tokio::test]
async fn a_full_queue_refuses_creates() {
    let harness = exhausted(TEST_SENDER, json!({"queue_segments": 2})).await;
    let account = &harness.account;
    accepted(account, TEST_SENDER, 2).await;
    let (status, refusal) = send(account, TEST_SENDER, 1, &[]).await;
    assert_eq!((status, &refusal["code"]), (400, &json!(21611)));
    let state = account.sender_state(TEST_SENDER).await;
    let counts = ["accepted", "failed", "refused"].map(|name| state[name].clone());
    assert_eq!(counts, [2, 0, 1]);
    assert_eq!(account.book(0).await.len(), 2);
}

#[tokio::test]
async fn a_full_queue_of_a_service_lets_texts_fail() {
    for (sender, terms, statuses) in [
        (
            TEST_MESSAGING_SERVICE_SID,
            json!({"queue_segments": 0}),
            &["queued", "failed"][..],
        ),
        (
            TEST_SENDER,
            json!({"queue_segments": 0, "over_queue": "30001"}),
            &["failed"],
        ),
    ] {
        let harness = exhausted(sender, terms).await;
        let reported = report(&harness.account, sender).await;
        let expected = statuses.iter().map(|status| (*status).to_owned()).collect();
        assert_eq!(reported, (expected, Some("30001".to_owned())));
        assert_eq!(harness.account.sender_state(sender).await["failed"], 1);
    }
}

#[tokio::test]
async fn texts_beyond_the_rate_fail_where_none_may_wait() {
    let harness = exhausted(TEST_SENDER, json!({"over_rate": "30022"})).await;
    let reported = report(&harness.account, TEST_SENDER).await;
    assert_eq!(
        reported,
        (vec!["failed".to_owned()], Some("30022".to_owned()))
    );
    let line = harness.account.book(1).await.remove(0);
    assert_eq!(
        (&line["code"], &line["leaves_at_ms"]),
        (&json!(30022), &Value::Null)
    );
}

#[tokio::test]
async fn creates_beyond_the_rate_are_throttled_and_use_up_no_fault() {
    let harness = exhausted(TEST_SENDER, json!({"over_rate": "429"})).await;
    let account = &harness.account;
    let reject = json!({"kind": "reject", "code": 21408});
    account.fault(json!({"fault": reject, "times": 1})).await;
    let (status, refusal) = send(account, TEST_SENDER, 1, &[]).await;
    assert_eq!((status, &refusal["code"]), (429, &json!(20429)));
    assert_eq!(account.sender_state(TEST_SENDER).await["refused"], 1);
    account.sender(TEST_SENDER, json!({})).await;
    assert_eq!(send(account, TEST_SENDER, 1, &[]).await.1["code"], 21408);
    assert_eq!(send(account, TEST_SENDER, 1, &[]).await.0, 201);
}

#[tokio::test]
async fn what_a_fault_refuses_takes_up_no_time() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let terms = json!({"segments_per_second": 0.001, "over_rate": "429"});
    account.sender(TEST_SENDER, terms).await;
    account
        .fault(json!({"fault": {"kind": "throttle"}, "times": 1}))
        .await;
    assert_eq!(send(account, TEST_SENDER, 1, &[]).await.0, 429);
    assert_eq!(send(account, TEST_SENDER, 1, &[]).await.0, 201);
}

#[tokio::test]
async fn beyond_the_days_cap_texts_fail_until_the_day_ends() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let cap = json!({"segments_per_day": 3, "day_ends_at_ms": NOT_YET_MS});
    account.sender(TEST_SENDER, cap).await;
    accepted(account, TEST_SENDER, 2).await;
    let beyond = accepted(account, TEST_SENDER, 2).await;
    assert_eq!(
        outcome(account, &beyond).await,
        ("failed".to_owned(), json!(30023))
    );
    accepted(account, TEST_SENDER, 1).await;
    let reported = report(account, TEST_SENDER).await;
    assert_eq!(
        reported,
        (vec!["failed".to_owned()], Some("30023".to_owned()))
    );
    let state = account.sender_state(TEST_SENDER).await;
    let counts = ["accepted", "failed", "day_segments"].map(|name| state[name].clone());
    assert_eq!(counts, [4, 2, 3]);

    let ended = json!({"segments_per_day": 3, "day_ends_at_ms": 0});
    let state = account.sender(TEST_SENDER, ended).await;
    assert_eq!(state["day_segments"], 0);
    let sid = accepted(account, TEST_SENDER, 3).await;
    assert_eq!(outcome(account, &sid).await.0, "delivered");
}

#[tokio::test]
async fn a_scripted_outcome_is_that_of_a_text_that_its_sender_let_pass() {
    let harness = exhausted(TEST_SENDER, json!({"over_rate": "30022"})).await;
    let account = &harness.account;
    let lost = json!({"kind": "outcome", "status": "undelivered", "code": 30003});
    account.fault(json!({"fault": lost, "to": ABROAD})).await;
    let beyond = accepted(account, TEST_SENDER, 1).await;
    assert_eq!(
        outcome(account, &beyond).await,
        ("failed".to_owned(), json!(30022))
    );
    account.sender(TEST_SENDER, json!({})).await;
    let passes = accepted(account, TEST_SENDER, 1).await;
    assert_eq!(
        outcome(account, &passes).await,
        ("undelivered".to_owned(), json!(30003))
    );
}
