use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{Answer as Answered, MessageId, RefusedEvent, Trouble};
use mysms_core::queue::{Announcement, Changed};
use tokio::sync::broadcast::Receiver;

use super::*;

const ELSEWHERE: &str = "https://1.1.1.1/other";

/// A webhook that took nothing, and asked not to be called for a day, and what is announced from now on.
async fn down(api: &TestApi, user: &TestUser) -> (Value, Receiver<Announcement>) {
    let made = usual(api, user).await;
    let refused = || RefusedEvent {
        message: MessageId::generate(START),
        version: 1,
        changed_at: START,
        answer: Answered::Status(503),
        retry_after: Some(Duration::from_hours(24)),
    };
    change_progress(api, user, &made, |progress| {
        for _ in 0..16 {
            progress.refused(refused(), false, START, 0.0);
        }
        assert_eq!(progress.trouble(), Some(Trouble::Down));
    })
    .await;
    api.clock.advance(Duration::from_hours(1));
    (made, api.state.announcements.subscribe())
}

async fn shown(api: &TestApi, user: &TestUser, webhook: &Value) -> Value {
    api.get(&path(webhook, ""), user).await.json()
}

/// It is tried at once with all that waits, and the workers are told.
async fn assert_is_tried(
    api: &TestApi,
    user: &TestUser,
    webhook: &Value,
    heard: &mut Receiver<Announcement>,
) {
    let shown = shown(api, user, webhook).await;
    assert_eq!(shown["state"], "active");
    assert_eq!(shown["failing_since"], json!(null));
    assert_eq!(shown["pending"], 16);
    assert_eq!(shown["next_attempt_at"], json!(api.clock.now()));
    let announced = heard.try_recv().unwrap();
    assert_eq!(
        (announced.owner, announced.what),
        (user.id, Changed::Endpoints)
    );
}

#[tokio::test]
async fn another_url_is_tried_at_once_though_the_one_before_took_nothing() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (made, mut heard) = down(&api, &john).await;
    let answer = patch(&api, &john, &made, &json!({"url": ELSEWHERE})).await;
    assert_eq!(answer.json()["state"], "active");
    assert_is_tried(&api, &john, &made, &mut heard).await;
}

#[tokio::test]
async fn another_secret_is_tried_at_once_too() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (made, mut heard) = down(&api, &john).await;
    let answer = api
        .post(&path(&made, "/secret"), Some(&john), &json!({}))
        .await;
    assert_eq!(answer.json()["state"], "active");
    assert_is_tried(&api, &john, &made, &mut heard).await;
}

/// Whoever sets the same again and again would otherwise have it called each time, and never disabled.
#[tokio::test]
async fn what_mends_nothing_has_nothing_tried() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (made, mut heard) = down(&api, &john).await;
    for same in [
        json!({"url": URL}),
        json!({"description": "orders", "tags": {"team": "support"}}),
    ] {
        let answer = patch(&api, &john, &made, &same).await;
        assert_eq!(answer.json()["state"], "failing", "{same}");
        assert!(heard.try_recv().is_err(), "{same}");
    }
    let shown = shown(&api, &john, &made).await;
    assert_eq!(
        shown["next_attempt_at"],
        json!(START + Duration::from_hours(24))
    );
}
