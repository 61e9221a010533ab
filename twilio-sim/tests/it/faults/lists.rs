use serde_json::{Value, json};
use tokio::time::timeout;

use super::with_fault;
use crate::support::{DEADLINE, TO, at_once, start};

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
