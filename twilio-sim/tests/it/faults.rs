use std::{pin::pin, time::Duration};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::{Value, json};
use tokio::time::timeout;
use twilio_sim::TEST_SENDER;

use crate::support::{
    Account, DEADLINE, Endpoint, Harness, TO, all_callbacks_settled, at_once, start,
};

const GOOD: [(&str, &str); 3] = [("To", TO), ("From", TEST_SENDER), ("Body", "hello")];

/// A simulator whose next request meets the fault.
async fn with_fault(fault: Value) -> Harness {
    let harness = start(at_once()).await;
    harness
        .account
        .fault(json!({"fault": fault, "times": 1}))
        .await;
    harness
}

async fn accepted(account: &Account) -> usize {
    account.ledger(TO).await.len()
}

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

async fn faults_used_up(account: &Account) {
    while account.control("GET", "/faults", Value::Null).await.1 != json!([]) {}
    while account.stats().await["concurrent_creates"] != 1 {}
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
    let harness = with_fault(json!({"kind": "delay_accept", "ms": 100})).await;
    tokio::select! {
        answer = harness.account.request(&GOOD).send() => panic!("{answer:?}"),
        () = faults_used_up(&harness.account) => {}
    }
    let appears = async { while accepted(&harness.account).await == 0 {} };
    timeout(DEADLINE, appears).await.unwrap();
}

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
async fn a_list_is_refused() {
    for (status, code) in [(401, 20003), (403, 20008), (500, 20500)] {
        let harness = with_fault(json!({"kind": "list_refused", "status": status})).await;
        let (answered, error) = harness.account.list("").await;
        assert_eq!((answered, &error["code"]), (status, &json!(code)));
        assert_eq!(harness.account.list("").await.0, 200);
    }
}

#[tokio::test]
async fn a_message_shows_in_the_list_only_later() {
    let harness = with_fault(json!({"kind": "list_late", "ms": 600_000})).await;
    let account = &harness.account;
    let hidden = account.send(TO, "hidden", None).await;
    account.send(TO, "shown", None).await;
    let page = account.list("To=%2B14155550100").await.1;
    let messages = page["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["body"], "shown");
    assert_eq!(account.fetch(hidden["sid"].as_str().unwrap()).await.0, 200);

    account
        .fault(json!({"fault": {"kind": "list_late", "ms": 100}, "times": 1}))
        .await;
    account.send(TO, "late", None).await;
    let appears = async {
        while account.list("").await.1["messages"]
            .as_array()
            .unwrap()
            .len()
            < 2
        {}
    };
    timeout(DEADLINE, appears).await.unwrap();
}

#[tokio::test]
async fn a_list_breaks_off_after_its_first_page() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    for body in ["1", "2"] {
        account.send(TO, body, None).await;
    }
    let incomplete = json!({"fault": {"kind": "list_incomplete"}, "to": TO, "times": 1});
    account.fault(incomplete).await;
    assert_eq!(account.list("").await.1["next_page_uri"], Value::Null);
    let page = account.list("To=%2B14155550100").await.1;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
    let (status, _) = account.get(page["next_page_uri"].as_str().unwrap()).await;
    assert_eq!(status, 500);
    let whole = account.list("To=%2B14155550100").await.1;
    assert_eq!(whole["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_fetch_is_refused() {
    let harness = with_fault(json!({"kind": "fetch_refused", "status": 500})).await;
    let message = harness.account.send(TO, "x", None).await;
    let sid = message["sid"].as_str().unwrap();
    assert_eq!(harness.account.fetch(sid).await.0, 500);
    assert_eq!(harness.account.fetch(sid).await.0, 200);
}

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
