//! A user's own server is told what changes.

use std::collections::BTreeMap;

use mysms_core::domain::{Secret, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, Receiver, eventually};

crate::in_every_mode!(
    a_server_is_told_all_that_happens_to_a_text_and_what_is_received,
    what_happens_around_a_restart_is_told_once,
    whoever_watches_is_told_at_every_api_that_a_webhook_was_disabled,
);

const ANNA: &str = "+14155550100";

/// Has everything told to a server; returns the secret.
async fn register(client: &Client, receiver: &Receiver) -> Secret {
    let wanted = json!({ "url": receiver.url() });
    let answer = client
        .request(Method::POST, "/webhooks", Some(wanted))
        .await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let made: Value = answer.json().await.unwrap();
    Secret::parse(made["secret"].as_str().unwrap()).unwrap()
}

/// The versions of each message that were told, in their order, with those that were told before.
fn book(receiver: &Receiver) -> BTreeMap<String, Vec<(u64, Option<u64>)>> {
    let mut book = BTreeMap::<_, Vec<_>>::new();
    for heard in receiver.heard() {
        let data = &heard.body["data"];
        let told = (
            data["version"].as_u64().unwrap(),
            data["previous_version"].as_u64(),
        );
        let id = data["id"].as_str().unwrap().to_owned();
        book.entry(id).or_default().push(told);
    }
    book
}

/// Each event names the one before it, and none is told twice.
fn assert_no_gaps(receiver: &Receiver) {
    for (id, told) in book(receiver) {
        let mut before = None;
        for (version, previous) in &told {
            assert_eq!(*previous, before, "{id}: {told:?}");
            assert!(Some(*version) > before, "{id}: {told:?}");
            before = Some(*version);
        }
    }
}

/// Waits until the server has heard how every message is now.
async fn wait_for_all(client: &Client, receiver: &Receiver) {
    let history = client.history().await;
    eventually("the server knows everything", || async {
        let book = book(receiver);
        history.iter().all(|message| {
            let told = book.get(message["id"].as_str().unwrap());
            let last = told.and_then(|told| told.last());
            // More may be known by now than when it was asked for.
            last.is_some_and(|(version, _)| *version >= message["version"].as_u64().unwrap())
        })
    })
    .await;
}

async fn a_server_is_told_all_that_happens_to_a_text_and_what_is_received(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;
    let receiver = Receiver::start().await;
    let secret = register(&client, &receiver).await;
    let id = client.send(ANNA, "hello").await;
    receiver
        .wait_for("the delivery is told", |event| {
            event["data"]["status"] == "delivered"
        })
        .await;
    judge.write(ANNA, "hi").await;
    receiver
        .wait_for("the answer is told", |event| {
            event["type"] == "message.received"
        })
        .await;
    let path = format!("/messages/{}/{id}", client.hash);
    let deleted = client.request(Method::DELETE, &path, None).await;
    assert!(deleted.status().is_success());
    receiver
        .wait_for("the deletion is told", |event| {
            event["type"] == "message.deleted" && event["data"]["status"] == "delivered"
        })
        .await;
    assert_no_gaps(&receiver);
    for heard in receiver.heard() {
        let at: i64 = heard.headers["webhook-timestamp"].parse().unwrap();
        let (key, body) = (secret.as_bytes(), heard.text.as_bytes());
        let at = Timestamp::from_millis(at * 1000);
        let signed = webhooks::signed_headers([key], &heard.headers["webhook-id"], at, body);
        assert_eq!(
            signed["webhook-signature"],
            heard.headers["webhook-signature"]
        );
    }
    // Every step is told, though not every state may be.
    let steps: Vec<_> = receiver
        .heard()
        .iter()
        .filter(|heard| heard.body["data"]["id"] == json!(id))
        .filter_map(|heard| heard.body["data"]["timeline"].as_array().cloned())
        .flatten()
        .map(|step| step["status"].clone())
        .collect();
    for status in ["queued", "sending", "delivered"] {
        assert!(steps.contains(&json!(status)), "{status}: {steps:?}");
    }
}

async fn what_happens_around_a_restart_is_told_once(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;
    let receiver = Receiver::start().await;
    register(&client, &receiver).await;
    for number in 0..20 {
        client.send(ANNA, &format!("text {number}")).await;
    }
    messenger.terminate().await;
    messenger.restart().await;
    client.send(ANNA, "the last one").await;
    client.wait_for_all_delivered(21).await;
    wait_for_all(&client, &receiver).await;
    assert_no_gaps(&receiver);
}

async fn whoever_watches_is_told_at_every_api_that_a_webhook_was_disabled(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;
    let mut streams = Vec::new();
    for base in messenger.apis() {
        let mut stream = client.on(&base).events(None).await;
        stream.wait_for(|told| told.name == "ready").await;
        streams.push(stream);
    }
    let receiver = Receiver::start_gone().await;
    register(&client, &receiver).await;
    client.send(ANNA, "hello").await;
    let mut told = Vec::new();
    for stream in &mut streams {
        let disabled = stream.wait_for(|told| told.name == "webhook.disabled");
        told.push(disabled.await.data);
    }
    let answer = client.request(Method::GET, "/webhooks", None).await;
    let listed: Value = answer.json().await.unwrap();
    let expected = json!({
        "id": listed[0]["id"],
        "disabled_at": listed[0]["disabled_at"],
        "disabled_by": "gone",
    });
    assert_eq!(listed[0]["state"], "disabled");
    assert!(told.iter().all(|told| *told == expected), "{told:?}");
}
