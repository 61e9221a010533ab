//! Bodies that are emptied and records that are removed.

use reqwest::Method;
use serde_json::{Value, json};
use twilio_sim::{Options, Settings, TEST_ACCOUNT_SID};

use crate::support::{Harness, TO, at_once, start};

async fn ask(harness: &Harness, method: Method, sid: &Value, form: &str) -> (u16, Value) {
    let account = &harness.account;
    let url = account.url(&format!("/Messages/{}.json", sid.as_str().unwrap()));
    let request = account.http.request(method, url);
    let request = request
        .basic_auth(TEST_ACCOUNT_SID, Some(&account.token))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn empty(harness: &Harness, sid: &Value, form: &str) -> (u16, Value) {
    ask(harness, Method::POST, sid, form).await
}

async fn remove(harness: &Harness, sid: &Value) -> u16 {
    ask(harness, Method::DELETE, sid, "").await.0
}

#[tokio::test]
async fn an_emptied_body_is_shown_no_more_and_the_rest_stays() {
    let harness = start(at_once()).await;
    let sent = harness.account.send(TO, "a secret", None).await;
    let (status, emptied) = empty(&harness, &sent["sid"], "Body=").await;
    assert_eq!((status, &emptied["body"]), (200, &json!("")));
    let (_, page) = harness.account.list("To=%2B14155550100").await;
    assert_eq!(page["messages"][0]["sid"], sent["sid"]);
    assert_eq!(page["messages"][0]["body"], "");
    assert_eq!(page["messages"][0]["status"], "delivered");
    // The book knows what was sent, and what is shown of it.
    let book = harness.account.ledger(TO).await;
    assert_eq!(
        (&book[0]["body"], &book[0]["erased"]),
        (&json!("a secret"), &json!("body"))
    );
    for form in ["", "Body=other", "Body=&Status=canceled", "Status=sent"] {
        let (status, refusal) = empty(&harness, &sent["sid"], form).await;
        assert_eq!((status, &refusal["code"]), (400, &json!(30400)), "{form}");
    }
    let (_, refusal) = empty(&harness, &sent["sid"], "Status=canceled").await;
    assert_eq!(refusal["code"], 30409);
}

#[tokio::test]
async fn a_removed_record_is_nowhere_to_be_found() {
    let directory = tempfile::tempdir().unwrap();
    let options = || Options {
        ledger: Some(directory.path().join("ledger.jsonl")),
        ..at_once()
    };
    let harness = start(options()).await;
    let kept = harness.account.send(TO, "kept", None).await;
    let sent = harness.account.send(TO, "a secret", None).await;
    assert_eq!(remove(&harness, &sent["sid"]).await, 204);
    harness.sim.stop().await;
    // Also after a restart.
    let harness = start(options()).await;
    assert_eq!(remove(&harness, &sent["sid"]).await, 404);
    assert_eq!(empty(&harness, &sent["sid"], "Body=").await.0, 404);
    let (_, page) = harness.account.list("To=%2B14155550100").await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
    assert_eq!(page["messages"][0]["sid"], kept["sid"]);
    assert_eq!(harness.account.ledger(TO).await[1]["erased"], "record");
}

#[tokio::test]
async fn nothing_is_erased_before_it_is_at_its_end_or_while_that_is_refused() {
    let harness = start(Options {
        settings: Settings {
            step_ms: 3_600_000,
            ..Settings::default()
        },
        ..Options::default()
    })
    .await;
    let sent = harness.account.send(TO, "under way", None).await;
    let (status, refusal) = empty(&harness, &sent["sid"], "Body=").await;
    assert_eq!((status, &refusal["code"]), (400, &json!(20009)));
    assert_eq!(remove(&harness, &sent["sid"]).await, 400);
    drop(harness);

    let harness = start(at_once()).await;
    let sent = harness.account.send(TO, "done", None).await;
    let fault = json!({"fault": {"kind": "erase_refused", "status": 401}, "to": TO, "times": 1});
    harness.account.fault(fault).await;
    let (status, refusal) = empty(&harness, &sent["sid"], "Body=").await;
    assert_eq!((status, &refusal["code"]), (401, &json!(20003)));
    assert_eq!(remove(&harness, &sent["sid"]).await, 204);
}
