use serde_json::{Value, json};
use twilio_sim::TEST_SENDER;

use crate::support::{TO, at_once, start};

#[tokio::test]
async fn a_phone_shows_what_arrived_and_what_was_written_on_it() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account.send(TO, "question", None).await;
    account.write(TO, "answer").await;
    let unreachable = json!({"kind": "outcome", "status": "undelivered", "code": 30003});
    account
        .fault(json!({"fault": unreachable, "times": 1}))
        .await;
    account.send(TO, "lost", None).await;
    account.settings(json!({"step_ms": 600_000})).await;
    account.send(TO, "on its way", None).await;
    account.send("+14155550101", "on its way, too", None).await;

    let phone = account.phone(TO).await;
    let texts = phone["texts"].as_array().unwrap();
    let seen: Vec<_> = texts
        .iter()
        .map(|text| (&text["body"], &text["own"]))
        .collect();
    let expected = [
        (&json!("question"), &json!(false)),
        (&json!("answer"), &json!(true)),
    ];
    assert_eq!(seen, expected);
    assert!(texts.iter().all(|text| text["with"] == TEST_SENDER));
    assert_eq!(texts[1].get("told"), None);

    let (_, list) = account.control("GET", "/phones", Value::Null).await;
    assert_eq!(list["senders"], json!([TEST_SENDER]));
    let phones = list["phones"].as_array().unwrap();
    let numbers: Vec<_> = phones.iter().map(|phone| &phone["number"]).collect();
    assert_eq!(numbers, [TO, "+14155550101"]);
    assert_eq!(phones[0]["last"]["body"], "answer");
    assert_eq!(phones[1]["last"], Value::Null);
}

#[tokio::test]
async fn an_unknown_phone_is_empty() {
    let harness = start(at_once()).await;
    let empty = json!({"number": TO, "texts": [], "stopped": []});
    assert_eq!(harness.account.phone(TO).await, empty);
}
