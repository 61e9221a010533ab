//! Texts that make the worker panic.

use serde_json::json;

use crate::harness::{Judge, Messenger, Mode, begun};

crate::in_every_mode!(a_text_that_makes_the_worker_panic_ends_alone);

/// What the feature `faults` of the worker panics at.
const BEFORE: &str = "panic before the post";
const AFTER: &str = "panic after the post";

async fn a_text_that_makes_the_worker_panic_ends_alone(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [("MESSAGE_VALIDITY_SECONDS", "30")];
    let mut messenger = Messenger::start_with(mode, &judge, &settings).await;
    let client = messenger.client("poisoner").await;
    // Only the list can tell that the text was taken, as the answer is lost in the panic.
    judge
        .script(json!({"fault": {"kind": "callback_lost"}, "to": "+14155550199"}))
        .await;

    let before = client.send("+14155550198", BEFORE).await;
    let after = client.send("+14155550199", AFTER).await;
    let mut taken: Vec<String> = (0..20).map(|n| format!("healthy {n}")).collect();
    for body in &taken {
        let id = client.send("+14155550100", body).await;
        client.wait_for(&id, "delivered").await;
    }

    let after = client.wait_for(&after, "delivered").await;
    assert_eq!(begun(&after), 1, "{after:#}");
    let events = after["timeline"].to_string();
    assert!(
        events.contains("outcome unknown") && events.contains("adopted SM"),
        "{events}"
    );
    let before = client.wait_for(&before, "failed").await;
    assert_eq!(before["error_code"], "expired");
    assert!(before["attempts"].as_u64().unwrap() > 1, "{before:#}");
    let events = before["timeline"].to_string();
    assert!(
        events.contains("not sent") && !events.contains("outcome unknown"),
        "{events}"
    );
    taken.push(AFTER.to_owned());
    judge.assert_each_once(&taken).await;
    messenger.terminate().await;
}
