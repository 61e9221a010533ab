use serde_json::{Value, json};
use twilio_sim::TEST_AUTH_TOKEN;

use crate::support::{TO, at_once, start};

#[tokio::test]
async fn faults_are_shown_and_dropped() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let first = json!({"fault": {"kind": "reset_after"}, "to": TO, "times": 3});
    let second =
        json!({"fault": {"kind": "callback_late", "ms": 5, "status": "sent"}, "rate": 0.5});
    let (one, two) = (
        account.fault(first.clone()).await,
        account.fault(second.clone()).await,
    );
    let shown = |id: u64, mut fault: Value| {
        fault["id"] = json!(id);
        fault
    };
    let (_, faults) = account.control("GET", "/faults", Value::Null).await;
    assert_eq!(
        faults,
        json!([shown(one, first.clone()), shown(two, second)])
    );
    let path = format!("/faults/{two}");
    assert_eq!(account.control("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(account.control("DELETE", &path, Value::Null).await.0, 404);
    let (_, faults) = account.control("GET", "/faults", Value::Null).await;
    assert_eq!(faults, json!([shown(one, first)]));
    assert_eq!(
        account.control("DELETE", "/faults", Value::Null).await.0,
        204
    );
    assert_eq!(
        account.control("GET", "/faults", Value::Null).await.1,
        json!([])
    );
    assert_eq!(account.try_send(TO).await.0, 201);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let harness = start(at_once()).await;
    for fault in [
        json!({"fault": {"kind": "unheard_of"}}),
        json!({"fault": {"kind": "throttle"}, "time": 1}),
        json!({"fault": {"kind": "throttle"}, "times": 0}),
        json!({"fault": {"kind": "throttle"}, "rate": 1.5}),
        json!({"fault": {"kind": "delay_accept", "seconds": 1}}),
        json!({"fault": {"kind": "error_before", "status": 200}}),
        json!({"fault": {"kind": "outcome", "status": "queued"}}),
    ] {
        let (status, answer) = harness
            .account
            .control("POST", "/faults", fault.clone())
            .await;
        assert!((400..500).contains(&status), "{fault}: {status} {answer}");
    }
    assert_eq!(
        harness
            .account
            .control("GET", "/faults", Value::Null)
            .await
            .1,
        json!([])
    );
}

#[tokio::test]
async fn settings_change_one_by_one_and_never_show_the_token() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let verified = json!({"trial": true, "verified": [TO]});
    account.settings(verified).await;
    let settings = account
        .settings(json!({"step_ms": 7, "auth_token": "secret"}))
        .await;
    let expected = json!({
        "trial": true, "verified": [TO], "step_ms": 7, "clock_offset_seconds": 0,
        "concurrency_limit": 0, "inbound_url": null, "advanced_opt_out": false,
        "content_url": null,
    });
    assert_eq!(settings, expected);
    assert_eq!(
        account.control("GET", "/settings", Value::Null).await.1,
        expected
    );
    let (status, _) = account
        .control("PUT", "/settings", json!({"steps": 1}))
        .await;
    assert_eq!(status, 422);
    let nowhere = json!({"inbound_url": "127.0.0.1:3000"});
    assert_eq!(account.control("PUT", "/settings", nowhere).await.0, 400);
    assert!(!settings.to_string().contains(TEST_AUTH_TOKEN));
}

#[tokio::test]
async fn the_ledger_tells_what_was_accepted_and_how_often() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let one = account
        .send(TO, "twice", Some("http://127.0.0.1:1/s?message=1#rc=0"))
        .await;
    account
        .send(TO, "twice", Some("http://127.0.0.1:1/s?message=1#rc=0"))
        .await;
    account
        .send(TO, "twice", Some("http://127.0.0.1:1/s?message=2#rc=0"))
        .await;
    account.send("+14155550101", "other", None).await;
    account
        .control(
            "POST",
            "/messages",
            json!({"to": TO, "body": "theirs", "direction": "inbound", "status": "received"}),
        )
        .await;
    let ledger = account.ledger(TO).await;
    let field = |name: &str| {
        ledger
            .iter()
            .map(|entry| entry[name].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(field("accepted"), [2, 2, 1, 1]);
    assert_eq!(field("foreign"), [false, false, false, true]);
    assert_eq!(field("reported"), [false; 4], "nobody listens there");
    assert_eq!(
        field("status"),
        ["delivered", "delivered", "delivered", "received"]
    );
    assert_eq!(
        field("direction"),
        ["outbound-api", "outbound-api", "outbound-api", "inbound"]
    );
    assert_eq!(ledger[0]["sid"], one["sid"]);
    let created = ledger[0]["created"].as_str().unwrap();
    assert!(
        created.ends_with('Z') && created.parse::<jiff::Timestamp>().is_ok(),
        "{created}"
    );
    let (_, all) = account.control("GET", "/messages", Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 5);
    let stats = account.stats().await;
    assert_eq!(
        (&stats["accepted"], &stats["messages"]),
        (&json!(4), &json!(5))
    );
    assert_eq!(
        (&stats["creates"], &stats["requests"]),
        (&json!(4), &json!(4))
    );
}
