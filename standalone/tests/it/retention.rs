//! Old messages are erased.

use std::time::Duration;

use mysms_core::clock::{Clock, SystemClock};
use mysms_core::domain::Timestamp;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Judge, Messenger, Mode, eventually};
use crate::in_every_mode;

in_every_mode!(old_messages_are_erased_and_waiting_ones_kept);

/// A second and a bit.
const SETTINGS: [(&str, &str); 1] = [("RETENTION_DAYS", "0.0000125")];

async fn old_messages_are_erased_and_waiting_ones_kept(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start_with(mode, &judge, &SETTINGS).await;
    let client = messenger.client("forgetful").await;
    let old = client.send("+14155550100", "erase me").await;
    client.wait_for(&old, "delivered").await;
    // On a slow machine it is old enough at the first restart already.
    let updated_at: Timestamp = client.message(&old).await["updated_at"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap();
    let paused = messenger.operate_admin(mode, &["pause"]).await;
    assert_eq!(paused.code, Some(0), "{paused:?}");
    // Who has just been started knows of the pause.
    messenger.kill();
    messenger.restart().await;
    let waiting = client.send("+14155550100", "keep me").await;
    eventually("it is old enough", || async {
        SystemClock.now().since(updated_at) > Duration::from_millis(1500)
    })
    .await;
    // The duty is done at start, and once a minute.
    messenger.kill();
    messenger.restart().await;
    eventually("the old message is erased", || async {
        client.history().await.len() == 1
    })
    .await;
    let history = client.history().await;
    assert_eq!(history[0]["id"], json!(waiting));
    assert_eq!(history[0]["content"], "keep me");
    let path = format!("/messages/{}/{old}", client.hash);
    let gone = client.request(Method::GET, &path, None).await;
    assert_eq!(gone.status(), 404);
    let resumed = messenger.operate_admin(mode, &["resume"]).await;
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    eventually("the waiting one is sent", || async {
        judge.copies().await.contains_key("keep me")
    })
    .await;
}
