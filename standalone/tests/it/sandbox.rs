//! What programs try with a key for tests, while the messenger sends others' texts in earnest.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, Receiver};

crate::in_every_mode!(
    what_a_key_for_tests_sends_goes_its_whole_way_and_reaches_nobody,
    what_is_tried_goes_on_after_a_restart,
);

const ANNA: &str = "+14155550100";

/// A program with a key for tests.
async fn tester(user: &Client) -> Client {
    let scopes = [
        "messages:send",
        "messages:read",
        "events:read",
        "webhooks:write",
    ];
    let wanted = json!({"name": "a test", "scopes": scopes, "mode": "test"});
    let made = user.request(Method::POST, "/keys", Some(wanted)).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.unwrap();
    user.with_token(made["key"].as_str().unwrap())
}

async fn what_a_key_for_tests_sends_goes_its_whole_way_and_reaches_nobody(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let user = messenger.client("john_doe").await;
    let tester = tester(&user).await;
    let (receiver, real) = (Receiver::start().await, Receiver::start().await);
    for (client, receiver) in [(&tester, &receiver), (&user, &real)] {
        let wanted = json!({ "url": receiver.url() });
        let answer = client.request(Method::POST, "/webhooks", Some(wanted));
        assert_eq!(answer.await.status(), StatusCode::CREATED);
    }

    let arrives = tester.send(ANNA, "tried").await;
    let lost = tester.send("+15005530003", "tried").await;
    let refused = tester.send("+15005550001", "tried").await;
    let sent = user.send(ANNA, "sent in earnest").await;

    tester.wait_for(&arrives, "delivered").await;
    let lost = tester.wait_for(&lost, "undelivered").await;
    assert_eq!(lost["error_code"], "30003");
    let refused = tester.wait_for(&refused, "failed").await;
    assert_eq!(refused["error_code"], "21211");
    user.wait_for(&sent, "delivered").await;

    receiver
        .wait_for("the end of what was tried is told", |event| {
            event["data"]["id"] == json!(arrives) && event["data"]["status"] == "delivered"
        })
        .await;
    real.wait_for("the end of what was sent is told", |event| {
        event["data"]["id"] == json!(sent) && event["data"]["status"] == "delivered"
    })
    .await;
    let told = receiver.heard();
    assert!(
        told.iter()
            .all(|heard| heard.body["data"]["simulated"] == true)
    );
    let told = real.heard();
    assert!(
        told.iter()
            .all(|heard| heard.body["data"]["id"] == json!(sent))
    );

    judge
        .assert_each_once(&["sent in earnest".to_owned()])
        .await;
    assert_eq!(user.history().await.len(), 1);
    assert_eq!(tester.history().await.len(), 3);
}

async fn what_is_tried_goes_on_after_a_restart(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let user = messenger.client("john_doe").await;
    let tester = tester(&user).await;
    let mut texts = Vec::new();
    for number in 0..20 {
        texts.push(tester.send(ANNA, &format!("tried {number}")).await);
    }
    messenger.terminate().await;
    messenger.restart().await;
    for text in &texts {
        tester.wait_for(text, "delivered").await;
    }
    judge.assert_each_once(&[]).await;
}
