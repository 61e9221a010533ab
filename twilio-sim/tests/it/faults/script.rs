use serde_json::{Value, json};

use crate::support::{TO, at_once, start};

#[tokio::test]
async fn faults_strike_their_recipient_so_many_times_one_after_the_other() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let other = "+14155550101";
    account
        .fault(json!({"fault": {"kind": "reject", "code": 21408}, "times": 1}))
        .await;
    let reject = json!({"kind": "reject", "code": 21610});
    account
        .fault(json!({"fault": reject, "to": TO, "times": 2}))
        .await;
    account
        .fault(json!({"fault": {"kind": "error_before", "status": 503}, "to": TO, "times": 1}))
        .await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(account.try_send(TO).await.1["code"].clone());
    }
    assert_eq!(codes, [21610, 21610, 20503, 21408]);
    assert_eq!(account.try_send(TO).await.0, 201);
    assert_eq!(account.try_send(other).await.0, 201);
}

#[tokio::test]
async fn requests_that_are_refused_anyway_use_up_no_fault() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account
        .fault(json!({"fault": {"kind": "throttle"}, "times": 1}))
        .await;
    let failed = json!({"kind": "outcome", "status": "failed", "code": 30007});
    account.fault(json!({"fault": failed, "times": 1})).await;
    assert_eq!(account.create(&[("To", TO)]).await.0, 400);
    assert_eq!(account.try_send(TO).await.0, 429);
    let (_, message) = account.try_send(TO).await;
    let fetched = account.fetch(message["sid"].as_str().unwrap()).await.1;
    assert_eq!(
        (&fetched["status"], &fetched["error_code"]),
        (&json!("failed"), &json!(30007))
    );
    assert_eq!(fetched["date_sent"], Value::Null);
}

#[tokio::test]
async fn a_fault_may_strike_a_share_of_the_requests() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account
        .fault(json!({"fault": {"kind": "throttle"}, "rate": 0.0}))
        .await;
    assert_eq!(account.try_send(TO).await.0, 201);
    account
        .fault(json!({"fault": {"kind": "throttle"}, "rate": 1.0}))
        .await;
    assert_eq!(account.try_send(TO).await.0, 429);
}
