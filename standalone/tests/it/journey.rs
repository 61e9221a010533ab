//! From signup to "delivered".

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Judge, Messenger, Mode, begun};

crate::in_every_mode!(
    a_text_goes_from_signup_to_delivered,
    a_thousand_messages_are_each_delivered_once,
    a_canceled_or_deleted_message_is_never_sent,
    a_late_callback_does_not_bring_a_deleted_message_back,
);

async fn a_text_goes_from_signup_to_delivered(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;

    let id = client.send("+1 (234) 567-890", "Hello, world").await;
    let message = client.wait_for(&id, "delivered").await;

    assert_eq!(message["recipient"], "+1234567890");
    assert_eq!(message["content"], "Hello, world");
    assert_eq!(message["simulated"], true);
    assert_eq!(begun(&message), 1);
    assert!(message["delivered_at"].is_string());
    let events: Vec<&str> = message["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .collect();
    assert_eq!(events[..2], ["queued", "attempt 1"]);
    let history = client.history().await;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["status"], "delivered");
    judge.assert_each_once(&["Hello, world".to_owned()]).await;
}

async fn a_thousand_messages_are_each_delivered_once(mode: Mode) {
    const CONNECTIONS: usize = 16;
    const MESSAGES: usize = 1000;
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("busy").await;

    let bodies: Vec<String> = (0..MESSAGES).map(|n| format!("text {n}")).collect();
    let mut senders = tokio::task::JoinSet::new();
    for part in bodies.chunks(MESSAGES.div_ceil(CONNECTIONS)) {
        let (client, part) = (client.clone(), part.to_vec());
        senders.spawn(async move {
            for body in part {
                let key = body.replace(' ', "-");
                client.send_stubbornly("+14155550100", &body, &key).await;
            }
        });
    }
    senders.join_all().await;

    client.wait_for_all_delivered(MESSAGES).await;
    judge.assert_each_once(&bodies).await;
}

async fn a_canceled_or_deleted_message_is_never_sent(mode: Mode) {
    let judge = Judge::start().await;
    // Between two probes nothing is claimed, so what is canceled meanwhile is still queued.
    let probes = [("PROBE_INITIAL_SECONDS", "30"), ("RETRY_MAX_SECONDS", "30")];
    let messenger = Messenger::start_with(mode, &judge, &probes).await;
    let client = messenger.client("undecided").await;
    // Wrong credentials keep everything queued.
    judge.set(json!({"auth_token": "changed"})).await;
    let probe = client.send("+14155550100", "kept").await;
    // A worker that has not learned of the pause yet may still be sending what is deleted meanwhile.
    crate::harness::eventually("every process knows that sending is paused", || async {
        let answers = messenger.readiness().await;
        let knows = |answer: &Value| answer.to_string().contains("20003");
        answers.iter().all(knows)
    })
    .await;

    let canceled = client.send("+14155550101", "canceled").await;
    let path = format!("/messages/{}/{canceled}/cancel", client.hash);
    let answer = client.request(Method::POST, &path, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let deleted = client.send("+14155550102", "deleted").await;
    let path = format!("/messages/{}/{deleted}", client.hash);
    let answer = client.request(Method::DELETE, &path, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    judge
        .set(json!({"auth_token": twilio_sim::TEST_AUTH_TOKEN}))
        .await;

    client.wait_for(&probe, "delivered").await;
    let history = client.history().await;
    let statuses: Vec<(&str, &str)> = history
        .iter()
        .map(|message| {
            let text = |field: &str| message[field].as_str().unwrap();
            (text("content"), text("status"))
        })
        .collect();
    assert_eq!(statuses, [("kept", "delivered"), ("canceled", "canceled")]);
    judge.assert_each_once(&["kept".to_owned()]).await;
}

async fn a_late_callback_does_not_bring_a_deleted_message_back(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("forgetful").await;
    judge.set(json!({"step_ms": 10_000})).await;

    let id = client.send("+14155550100", "soon gone").await;
    client.wait_for(&id, "accepted").await;
    let path = format!("/messages/{}", client.hash);
    let answer = client.request(Method::DELETE, &path, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let owed = || async { judge.stats().await["callbacks_pending"] != 0 };
    crate::harness::eventually("all callbacks have come", || async { !owed().await }).await;

    assert_eq!(client.history().await, Vec::<Value>::new());
    let path = format!("/messages/{}/{id}", client.hash);
    let answer = client.request(Method::GET, &path, None).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}
