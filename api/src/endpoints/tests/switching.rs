use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{
    Answer as Answered, Attempt, Attempts, EventType, MessageId, Place, PostFailure, RefusedEvent,
    Timestamp,
};

use super::*;

async fn post(api: &TestApi, user: &TestUser, webhook: &Value, part: &str, body: &Value) -> Answer {
    api.post(&path(webhook, part), Some(user), body).await
}

async fn told_up_to(api: &TestApi, user: &TestUser, webhook: &Value) -> Timestamp {
    let shown = api.get(&path(webhook, ""), user).await.json();
    shown["told_up_to"].as_str().unwrap().parse().unwrap()
}

fn refused(message: MessageId) -> RefusedEvent {
    RefusedEvent {
        message,
        version: 3,
        changed_at: START,
        answer: Answered::Status(500),
        retry_after: None,
    }
}

#[tokio::test]
async fn a_disabled_one_goes_on_where_it_was_or_from_now() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let made = usual(&api, &john).await;
    let hour = Duration::from_hours(1);
    change_progress(&api, &john, &made, |progress| {
        progress.advance(Place::before(START + hour));
    })
    .await;
    api.clock.advance(2 * hour);

    let disabled = post(&api, &john, &made, "/disable", &json!({}))
        .await
        .json();
    assert_eq!(disabled["state"], "disabled");
    assert_eq!(disabled["disabled_by"], "owner");
    assert_eq!(disabled["disabled_at"], json!(START + 2 * hour));
    let again = post(&api, &john, &made, "/disable", &json!({}))
        .await
        .json();
    assert_eq!(again, disabled, "it was disabled already");

    let from_place = json!({"from": "place"});
    let enabled = post(&api, &john, &made, "/enable", &from_place)
        .await
        .json();
    assert_eq!(enabled["state"], "active");
    assert_eq!(enabled["disabled_at"], json!(null));
    assert_eq!(told_up_to(&api, &john, &made).await, START + hour);

    post(&api, &john, &made, "/disable", &json!({})).await;
    let from_now = json!({"from": "now"});
    post(&api, &john, &made, "/enable", &from_now).await;
    assert_eq!(told_up_to(&api, &john, &made).await, START + 2 * hour);

    for wrong in [json!({}), json!({"from": "yesterday"}), json!({"from": 7})] {
        let answer = post(&api, &john, &made, "/enable", &wrong).await;
        assert_eq!(answer.problem(400), ["from"], "{wrong}");
    }
}

#[tokio::test]
async fn a_replay_goes_back_and_not_beyond_now() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let made = usual(&api, &john).await;
    api.clock.advance(Duration::from_hours(5));
    let now = api.clock.now();
    change_progress(&api, &john, &made, |progress| {
        progress.advance(Place::before(now));
    })
    .await;
    let later = json!({"since": now + Duration::from_hours(1)});
    post(&api, &john, &made, "/replay", &later).await;
    assert_eq!(told_up_to(&api, &john, &made).await, now);
    // Also what was before the webhook.
    let earlier = START - Duration::from_hours(9);
    let answer = post(&api, &john, &made, "/replay", &json!({"since": earlier})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(told_up_to(&api, &john, &made).await, earlier);
    for wrong in [json!({}), json!({"since": "yesterday"})] {
        let answer = post(&api, &john, &made, "/replay", &wrong).await;
        assert_eq!(answer.problem(400), ["since"], "{wrong}");
    }
}

#[tokio::test]
async fn how_it_fares_is_shown() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let made = usual(&api, &john).await;
    let message = MessageId::generate(START);
    change_progress(&api, &john, &made, |progress| {
        progress.refused(refused(message), false, START, 0.0);
    })
    .await;
    let shown = api.get(&path(&made, ""), &john).await.json();
    assert_eq!(shown["state"], "failing");
    assert_eq!(shown["failing_since"], json!(START));
    assert_eq!(
        shown["next_attempt_at"],
        json!(START + Duration::from_secs(5))
    );
    assert_eq!(shown["pending"], 1);
    change_progress(&api, &john, &made, |progress| {
        progress.taken(message, START);
    })
    .await;
    let shown = api.get(&path(&made, ""), &john).await.json();
    assert_eq!(shown["state"], "active");
    assert_eq!(shown["taken_at"], json!(START));
    assert_eq!(shown["pending"], 0);
}

#[tokio::test]
async fn what_was_set_aside_is_listed_sent_again_or_forgotten() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let made = usual(&api, &john).await;
    let [one, other, taken] = [(); 3].map(|()| MessageId::generate(START));
    let hours = |number| START + Duration::from_hours(number);
    change_progress(&api, &john, &made, |progress| {
        for message in [one, other] {
            progress.refused(refused(message), false, START, 0.0);
        }
        progress.taken(taken, hours(1));
        for message in [one, other] {
            progress.refused(refused(message), false, hours(2), 0.0);
        }
    })
    .await;
    let aside = api.get(&path(&made, "/aside"), &john).await.json();
    let expected = |message| {
        json!({
            "message": message,
            "version": 3,
            "since": START,
            "at": hours(2),
            "attempts": 2,
            "answer": {"taken": false, "status": 500, "error": null},
        })
    };
    assert_eq!(aside, json!([expected(one), expected(other)]));

    let retry = path(&made, &format!("/aside/{one}/retry"));
    let answer = api.post(&retry, Some(&john), &json!({})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["set_aside"], 1);
    assert_eq!(answer.json()["pending"], 1);
    api.post(&retry, Some(&john), &json!({})).await.problem(404);

    let dismiss = path(&made, &format!("/aside/{other}"));
    let answer = api.delete(&dismiss, &john).await;
    assert_eq!(answer.json()["set_aside"], 0);
    assert_eq!(answer.json()["pending"], 1);
    api.delete(&dismiss, &john).await.problem(404);
    assert_eq!(
        api.get(&path(&made, "/aside"), &john).await.json(),
        json!([])
    );
}

#[tokio::test]
async fn deliveries_are_listed_the_latest_first() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let made = usual(&api, &john).await;
    let deliveries = path(&made, "/deliveries");
    assert_eq!(api.get(&deliveries, &john).await.json(), json!([]));
    let mut attempts = Attempts::default();
    for (seconds, answer) in [
        (1, Answered::Status(204)),
        (2, Answered::Failed(PostFailure::Timeout)),
    ] {
        attempts.note(Attempt {
            at: START + Duration::from_secs(seconds),
            event: format!("msg_{seconds}_1"),
            kind: EventType::MessageUpdated,
            answer,
            duration_ms: seconds * 1000,
        });
    }
    let (key, value) = (key(&made, &john), written(&attempts).unwrap());
    let records = &api.stores.records;
    let put = records.replace(Kind::Attempts, &key, 0, Some(&value));
    assert!(put.await.unwrap());
    let entry = |seconds, status: Option<u16>, error: Option<&str>| {
        json!({
            "at": START + Duration::from_secs(seconds),
            "event": format!("msg_{seconds}_1"),
            "type": "message.updated",
            "taken": status.is_some(),
            "status": status,
            "error": error,
            "duration_ms": seconds * 1000,
        })
    };
    let expected = json!([entry(2, None, Some("timeout")), entry(1, Some(204), None)]);
    assert_eq!(api.get(&deliveries, &john).await.json(), expected);
}
