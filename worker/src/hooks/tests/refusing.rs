//! Single events that are not taken.

use mysms_core::domain::{Answer, Trouble};

use super::*;

#[tokio::test]
async fn an_event_that_fails_does_not_hold_the_others_and_is_told_as_it_is_then() {
    let stage = Stage::new().await;
    let ids = stage.send_many(30).await;
    stage.receiver.refuses(ids[0]);
    let due = stage.tell().await.unwrap();
    assert_eq!(stage.receiver.book().len(), 29);
    assert!(due.since(stage.now()) >= 5 * SECOND && due.since(stage.now()) <= 6 * SECOND);
    assert!(stage.progress().await.place.at > stage.message(ids[0]).await.updated_at);
    stage.cancel(ids[0]).await;
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 30, "it waits for its time");
    stage.receiver.refuses_nothing();
    stage.wait(6 * SECOND);
    stage.tell_for(HOUR).await;
    assert_eq!(stage.receiver.book()[&ids[0].to_string()], [2]);
    assert_eq!(stage.receiver.calls().len(), 31);
}

/// One event is refused while others are taken, for a bit more than an hour.
async fn set_aside(stage: &Stage) -> MessageId {
    let bad = stage.send().await;
    stage.receiver.refuses(bad);
    for _ in 0..13 {
        stage.send().await;
        stage.tell_for(5 * MINUTE).await;
    }
    bad
}

#[tokio::test]
async fn an_event_that_is_refused_for_an_hour_is_set_aside_and_listed() {
    let stage = Stage::new().await;
    let bad = set_aside(&stage).await;
    let progress = stage.progress().await;
    assert_eq!(
        (progress.pending.len(), progress.trouble()),
        (0, Some(Trouble::Aside))
    );
    let aside = progress.aside[0];
    assert_eq!(
        (aside.message, aside.version, aside.answer),
        (bad, 1, Answer::Status(422))
    );
    assert_eq!(stage.receiver.book().len(), 13);
    assert_eq!(stage.rig.context.metrics.webhooks_set_aside.get(), 1);
    let tries = stage.receiver.calls().len();
    stage.tell_for(48 * HOUR).await;
    assert_eq!(stage.receiver.calls().len(), tries, "it is left alone");
}

#[tokio::test]
async fn what_was_set_aside_is_told_again_when_it_is_asked_for_or_changes() {
    for asked in [true, false] {
        let stage = Stage::new().await;
        let bad = set_aside(&stage).await;
        stage.receiver.refuses_nothing();
        let now = stage.now();
        if asked {
            stage
                .change(|progress| assert!(progress.send_again(bad, now)))
                .await;
        } else {
            stage.delete(bad).await;
        }
        stage.tell().await;
        assert_eq!(stage.receiver.book()[&bad.to_string()].len(), 1);
        assert_eq!(stage.progress().await.trouble(), None);
    }
}

#[tokio::test]
async fn what_was_told_may_be_asked_for_once_more() {
    let stage = Stage::new().await;
    let bad = set_aside(&stage).await;
    stage.receiver.refuses_nothing();
    // Another worker, which had lost its lease, told it after all.
    let told = mysms_core::domain::Telling::of(&stage.message(bad).await, 0);
    let (id, now) = (stage.endpoint.id, stage.now());
    stage
        .rig
        .stores
        .told
        .note_told(id, &[told], now)
        .await
        .unwrap();
    stage
        .change(|progress| assert!(progress.send_again(bad, now)))
        .await;
    stage.tell().await;
    assert_eq!(stage.receiver.book()[&bad.to_string()], [1]);
    assert_eq!(stage.progress().await.pending, []);
}

#[tokio::test]
async fn an_endpoint_that_asks_for_a_pause_gets_it() {
    let stage = Stage::new().await;
    stage.receiver.answers(429);
    stage.receiver.asks_for(Some(10 * MINUTE));
    stage.send().await;
    stage.tell().await;
    stage.receiver.answers(200);
    stage.receiver.asks_for(None);
    stage.wait(9 * MINUTE);
    stage.send_many(5).await;
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 1);
    stage.wait(MINUTE);
    stage.tell().await;
    assert_eq!(stage.receiver.book().len(), 6);
}

#[tokio::test]
async fn attempts_are_listed_without_what_was_told() {
    let stage = Stage::new().await;
    let id = stage.send().await;
    stage.receiver.answers(500);
    stage.tell().await;
    stage.receiver.answers(200);
    stage.wait(10 * SECOND);
    stage.tell().await;
    let attempts = stage.attempts().await;
    let listed: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt.event.clone(), attempt.answer))
        .collect();
    let event = mysms_core::domain::event_id(id, 1);
    let expected = [500, 200].map(|status| (event.clone(), Answer::Status(status)));
    assert_eq!(listed, expected);
    let (stored, _) = stage
        .read::<serde_json::Value>(Kind::Attempts)
        .await
        .unwrap();
    assert!(!stored.to_string().contains("hello"), "{stored}");
}

#[tokio::test]
async fn what_changes_while_it_is_told_again_is_told_afterwards() {
    let stage = Stage::new().await;
    let id = stage.send().await;
    stage.receiver.answers(500);
    stage.tell().await;
    stage.receiver.answers(200);
    stage.wait(10 * SECOND);
    stage.receiver.hang();
    let mut follower = stage.open().await.ok().unwrap();
    follower.step().await.unwrap();
    stage.receiver.has_heard(2).await;
    stage.cancel(id).await;
    follower.hear(stage.changed(Changed::Messages));
    follower.step().await.unwrap();
    stage.receiver.let_answer(10);
    follower.land_all().await;
    finish(follower).await;
    assert_eq!(stage.receiver.book()[&id.to_string()], [1, 2]);
}
