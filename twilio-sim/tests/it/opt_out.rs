use serde_json::{Value, json};
use twilio_sim::{Options, TEST_MESSAGING_SERVICE_SID, TEST_SENDER};

use crate::support::{Account, Harness, TO, at_once, start};

const OTHER_SENDER: &str = "+15005550010";

/// Only the first of the senders is in the Messaging Service.
async fn two_senders() -> Harness {
    start(Options {
        senders: vec![TEST_SENDER.to_owned(), OTHER_SENDER.to_owned()],
        ..at_once()
    })
    .await
}

async fn write(account: &Account, to: &str, body: &str) {
    let text = json!({"from": TO, "to": to, "body": body});
    assert_eq!(account.control("POST", "/inbound", text).await.0, 201);
}

/// Which of the numbers and the service may write to the handset.
async fn welcome(account: &Account) -> Vec<&'static str> {
    let mut welcome = Vec::new();
    for (field, sender) in [
        ("From", TEST_SENDER),
        ("From", OTHER_SENDER),
        ("MessagingServiceSid", TEST_MESSAGING_SERVICE_SID),
    ] {
        let form = [("To", TO), (field, sender), ("Body", "hello")];
        match account.create(&form).await {
            (201, _) => welcome.push(sender),
            (400, refusal) => assert_eq!(refusal["code"], 21610),
            other => panic!("{other:?}"),
        }
    }
    welcome
}

#[tokio::test]
async fn stop_holds_until_start() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account.write(TO, "STOP PLEASE").await;
    assert_eq!(account.try_send(TO).await.0, 201);
    account.write(TO, " Unsubscribe ").await;
    let (status, refusal) = account.try_send(TO).await;
    assert_eq!((status, &refusal["code"]), (400, &json!(21610)));
    account.write(TO, "HELP").await;
    assert_eq!(account.try_send(TO).await.0, 400);
    assert_eq!(account.try_send("+14155550101").await.0, 201);
    account.write(TO, "yes").await;
    assert_eq!(account.try_send(TO).await.0, 201);
}

#[tokio::test]
async fn it_holds_for_the_number_or_for_its_whole_messaging_service() {
    let harness = two_senders().await;
    let account = &harness.account;
    write(account, OTHER_SENDER, "stop").await;
    assert_eq!(
        welcome(account).await,
        [TEST_SENDER, TEST_MESSAGING_SERVICE_SID]
    );
    write(account, OTHER_SENDER, "start").await;
    write(account, TEST_SENDER, "stop").await;
    assert_eq!(welcome(account).await, [OTHER_SENDER]);
    assert_eq!(account.phone(TO).await["stopped"], json!([TEST_SENDER]));
    write(account, TEST_SENDER, "start").await;
    assert_eq!(welcome(account).await.len(), 3);
}

#[tokio::test]
async fn the_phone_shows_the_confirmation_and_the_account_does_not() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    for (word, confirmation) in [
        ("STOP", "unsubscribed"),
        ("HELP", "Reply STOP"),
        ("START", "re-subscribed"),
    ] {
        account.write(TO, word).await;
        let texts = account.phone(TO).await["texts"].clone();
        let last = texts.as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&last["automatic"], &last["own"]),
            (&json!(true), &json!(false))
        );
        assert!(
            last["body"].as_str().unwrap().contains(confirmation),
            "{last}"
        );
    }
    let (_, all) = account.control("GET", "/messages", Value::Null).await;
    let directions: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["direction"])
        .collect();
    assert_eq!(directions, ["inbound"; 3]);
}
