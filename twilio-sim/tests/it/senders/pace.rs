use std::collections::BTreeSet;

use serde_json::{Value, json};
use twilio_sim::{Options, TEST_MESSAGING_SERVICE_SID, TEST_SENDER};

use super::{LONG_CODE, NOT_YET_MS, accepted, outcome, send};
use crate::support::{Endpoint, at_once, start};

/// How long after the line before each leaves.
fn distances(lines: &[Value]) -> Vec<i64> {
    let leaves = |line: &Value| line["leaves_at_ms"].as_i64().unwrap();
    let pairs = lines.windows(2);
    pairs
        .map(|pair| leaves(&pair[1]) - leaves(&pair[0]))
        .collect()
}

#[tokio::test]
async fn texts_wait_for_their_sender_and_for_no_other() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let slow = json!({"segments_per_second": 0.01});
    account.sender(TEST_SENDER, slow.clone()).await;
    account.sender(LONG_CODE, slow).await;
    let mut sids = Vec::new();
    for (from, segments) in [
        (TEST_SENDER, 2),
        (TEST_SENDER, 3),
        (TEST_SENDER, 1),
        (LONG_CODE, 1),
        (LONG_CODE, 1),
        (TEST_MESSAGING_SERVICE_SID, 1),
    ] {
        sids.push(accepted(account, from, segments).await);
    }
    let mut statuses = Vec::new();
    for sid in &sids {
        statuses.push(outcome(account, sid).await.0);
    }
    let (there, waits) = ("delivered", "queued");
    assert_eq!(statuses, [there, waits, waits, there, waits, there]);
    let book = account.book(0).await;
    assert_eq!(distances(&book[..3]), [200_000, 300_000]);
    assert_eq!(distances(&book[3..5]), [100_000]);
    for (sender, waiting) in [
        (TEST_SENDER, 4),
        (LONG_CODE, 1),
        (TEST_MESSAGING_SERVICE_SID, 0),
    ] {
        let state = account.sender_state(sender).await;
        assert_eq!(state["waiting_segments"], waiting, "{sender}");
    }
}

#[tokio::test]
async fn what_waits_leaves_in_its_turn() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let account = &harness.account;
    account
        .sender(TEST_SENDER, json!({"segments_per_second": 50}))
        .await;
    let callback = [("StatusCallback", &*endpoint.base)];
    for segments in [1, 2, 1, 1] {
        let (status, answer) = send(account, TEST_SENDER, segments, &callback).await;
        assert_eq!(status, 201, "{answer}");
    }
    let received = endpoint.wait(8).await;
    let delivered = received.iter().filter(|it| it.status() == "delivered");
    let delivered: BTreeSet<_> = delivered
        .map(|it| it.param("MessageSid").unwrap())
        .collect();
    let book = account.book(0).await;
    let accepted: BTreeSet<_> = book
        .iter()
        .map(|line| line["sid"].as_str().unwrap())
        .collect();
    assert_eq!(delivered, accepted);
    // A request that took long finds its sender idle.
    for (distance, least) in distances(&book).into_iter().zip([20, 40, 20]) {
        assert!(distance >= least, "{distance} < {least}");
    }
    assert_eq!(
        account.sender_state(TEST_SENDER).await["waiting_segments"],
        0
    );
}

#[tokio::test]
async fn terms_hold_for_what_comes_later() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account
        .sender(TEST_SENDER, json!({"segments_per_second": 0.01}))
        .await;
    accepted(account, TEST_SENDER, 1).await;
    let waits = accepted(account, TEST_SENDER, 1).await;
    account.sender(TEST_SENDER, json!({})).await;
    let passes = accepted(account, TEST_SENDER, 1).await;
    assert_eq!(outcome(account, &waits).await.0, "queued");
    assert_eq!(outcome(account, &passes).await.0, "delivered");
    assert_eq!(
        account.sender_state(TEST_SENDER).await["waiting_segments"],
        1
    );
}

#[tokio::test]
async fn what_waits_longer_than_its_validity_fails() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account
        .sender(TEST_SENDER, json!({"segments_per_second": 0.01}))
        .await;
    accepted(account, TEST_SENDER, 1).await;
    let (_, waits) = send(account, TEST_SENDER, 1, &[("ValidityPeriod", "1")]).await;
    let sid = waits["sid"].as_str().unwrap();
    let failed = account.wait_for_status(sid, "failed").await;
    assert_eq!(failed["error_code"], 30036);
    let line = account.book(1).await.remove(0);
    assert_eq!(
        (&line["code"], &line["leaves_at_ms"]),
        (&json!(30036), &Value::Null)
    );
    // It keeps nobody waiting.
    accepted(account, TEST_SENDER, 1).await;
    let book = account.book(0).await;
    assert_eq!(distances(&[book[0].clone(), book[2].clone()]), [100_000]);
}

#[tokio::test]
async fn a_restart_forgets_neither_who_waits_nor_what_the_day_had() {
    let directory = tempfile::tempdir().unwrap();
    let terms = json!({TEST_SENDER: {"segments_per_second": 0.01, "segments_per_day": 4, "day_ends_at_ms": NOT_YET_MS}});
    let options = Options {
        ledger: Some(directory.path().join("ledger.jsonl")),
        terms: serde_json::from_value(terms).unwrap(),
        ..at_once()
    };
    let harness = start(options.clone()).await;
    for segments in [1, 2] {
        accepted(&harness.account, TEST_SENDER, segments).await;
    }
    harness.sim.stop().await;

    let harness = start(options).await;
    let account = &harness.account;
    let state = account.sender_state(TEST_SENDER).await;
    assert_eq!(
        (&state["waiting_segments"], &state["day_segments"]),
        (&json!(2), &json!(3))
    );
    accepted(account, TEST_SENDER, 1).await;
    assert_eq!(distances(&account.book(0).await), [100_000, 200_000]);
    let beyond = accepted(account, TEST_SENDER, 1).await;
    assert_eq!(
        outcome(account, &beyond).await,
        ("failed".to_owned(), json!(30023))
    );
}
