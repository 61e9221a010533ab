//! What is told.

use mysms_core::domain::{DisabledBy, EventType, Secret, UserId, event_id};
use mysms_core::ledger::Assignment;

use super::*;

#[tokio::test]
async fn each_state_that_is_told_names_the_one_before_and_the_steps_since() {
    let stage = Stage::new().await;
    let id = stage.send().await;
    stage.tell().await;
    stage.wait(SECOND);
    stage.cancel(id).await;
    stage.tell().await;
    let calls = stage.receiver.calls();
    let [first, second] = &calls[..] else {
        panic!("{calls:?}");
    };
    assert_eq!((first.version(), first.previous()), (1, None));
    assert_eq!((second.version(), second.previous()), (2, Some(1)));
    assert_eq!(
        (first.steps(), second.steps()),
        (vec!["queued".to_owned()], vec!["canceled".to_owned()])
    );
    assert_eq!(second.id, event_id(id, 2));
    assert_eq!(second.url, stage.endpoint.url.as_str());
    let changed_at = stage.message(id).await.updated_at.to_string();
    assert_eq!(second.text("timestamp"), changed_at);
    let data = &second.body["data"];
    assert_eq!(data["status"], "canceled");
    assert_eq!(data["content"], "hello");
}

#[tokio::test]
async fn a_text_is_received_then_updated_then_deleted() {
    let stage = Stage::new().await;
    let id = stage.receive().await;
    stage.tell().await;
    stage.wait(SECOND);
    stage.mark_read().await;
    stage.tell().await;
    stage.wait(SECOND);
    stage.delete(id).await;
    stage.tell().await;
    assert_eq!(
        stage.receiver.kinds(),
        ["message.received", "message.updated", "message.deleted"]
    );
    let deleted = stage.receiver.calls().pop().unwrap();
    let data = deleted.body["data"].as_object().unwrap();
    let mut fields: Vec<_> = data.keys().map(String::as_str).collect();
    fields.sort_unstable();
    let all = [
        "deleted_at",
        "error_code",
        "id",
        "previous_version",
        "status",
        "timeline",
        "version",
    ];
    assert_eq!(fields, all);
    assert_eq!(deleted.previous(), Some(2));
}

/// Whatever was before it belonged to somebody: to its user it is new.
#[tokio::test]
async fn what_belonged_to_nobody_is_received_once_it_is_given_to_the_user() {
    let stage = Stage::new().await;
    let id = stage.receive_for(UserId::NOBODY).await;
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 0);
    stage.wait(SECOND);
    let ledger = &stage.rig.stores.ledger;
    let assigned = ledger.assign(id, stage.endpoint.owner, stage.now()).await;
    assert!(matches!(assigned.unwrap(), Assignment::Assigned(_)));
    for _ in 0..2 {
        stage.tell().await;
        stage.wait(SECOND);
    }
    assert_eq!(stage.receiver.kinds(), ["message.received"]);
    let told = stage.receiver.calls().pop().unwrap();
    assert_eq!(told.body["data"]["id"], id.to_string());
    assert_eq!(told.previous(), None);
}

#[tokio::test]
async fn only_what_was_subscribed_to_is_told_and_the_rest_keeps_nothing_back() {
    let stage = Stage::with(&[EventType::MessageReceived]).await;
    stage.send_many(100).await;
    stage.receive().await;
    stage.tell().await;
    assert_eq!(stage.receiver.kinds(), ["message.received"]);
    let last = stage.progress().await.place;
    assert_eq!(last.at, stage.now());
}

#[tokio::test]
async fn a_new_endpoint_is_told_what_changes_from_then_on() {
    let stage = Stage::new().await;
    let before = stage.endpoint.created_at - SECOND;
    let old = stage.send_at(before).await;
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 0);
    stage.cancel(old).await;
    stage.tell().await;
    let calls = stage.receiver.calls();
    assert_eq!(
        (calls.len(), calls[0].version(), calls[0].previous()),
        (1, 2, None)
    );
    assert_eq!(calls[0].steps(), ["queued", "canceled"]);
}

#[tokio::test]
async fn states_that_did_not_last_may_be_left_out_but_their_steps_are_told() {
    let stage = Stage::new().await;
    let id = stage.send().await;
    stage.wait(SECOND);
    stage.cancel(id).await;
    stage.tell().await;
    let calls = stage.receiver.calls();
    assert_eq!((calls.len(), calls[0].version()), (1, 2));
    assert_eq!(calls[0].steps(), ["queued", "canceled"]);
}

#[tokio::test]
async fn what_is_stored_late_is_found_by_the_second_look() {
    let stage = Stage::new().await;
    stage.wait(MINUTE);
    stage.send().await;
    let due = stage.tell().await.expect("a second look");
    // Another process is slow to store what it decided before.
    let late = stage.send_at(stage.now() - 6 * SECOND).await;
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 1, "it is behind the place");
    stage.wait(due.since(stage.now()));
    assert_eq!(stage.tell().await, None);
    assert_eq!(stage.receiver.book().len(), 2);
    assert!(stage.receiver.book().contains_key(&late.to_string()));
    stage.wait(10 * MINUTE);
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 2, "nothing is told twice");
}

#[tokio::test]
async fn what_is_stored_just_behind_the_place_is_found_within_seconds() {
    let stage = Stage::new().await;
    stage.send().await;
    let mut follower = stage.open().await.ok().unwrap();
    work(&mut follower).await;
    stage
        .send_at(stage.now() - Duration::from_millis(500))
        .await;
    stage.wait(2 * SECOND);
    work(&mut follower).await;
    assert_eq!(stage.receiver.book().len(), 2);
    stage.wait(2 * SECOND);
    work(&mut follower).await;
    assert!(follower.is_idle(stage.now()));
    assert_eq!(stage.receiver.calls().len(), 2);
}

#[tokio::test]
async fn what_is_stored_very_late_is_found_if_it_is_announced() {
    let stage = Stage::new().await;
    let begun = stage.now();
    stage.send().await;
    stage.tell_for(10 * MINUTE).await;
    stage.send().await;
    stage.tell_for(10 * MINUTE).await;
    let late = stage.send_at(begun + SECOND).await;
    stage.tell_for(10 * MINUTE).await;
    assert_eq!(stage.receiver.book().len(), 2);
    let at = stage.message(late).await.updated_at;
    let follower = stage.open_late(&stage.desk, Some(at)).await;
    finish(follower.ok().unwrap()).await;
    assert_eq!(stage.receiver.book().len(), 3);
    assert_eq!(stage.receiver.calls().len(), 3);
}

#[tokio::test]
async fn a_change_is_told_after_the_one_that_is_being_told() {
    let stage = Stage::new().await;
    let id = stage.send().await;
    let mut follower = stage.open().await.ok().unwrap();
    stage.receiver.hang();
    follower.step().await.unwrap();
    stage.receiver.has_heard(1).await;
    stage.wait(SECOND);
    stage.cancel(id).await;
    let other = stage.send().await;
    follower.hear(stage.changed(Changed::Messages));
    follower.step().await.unwrap();
    stage.receiver.has_heard(2).await;
    let about: Vec<_> = stage
        .receiver
        .calls()
        .into_iter()
        .map(|heard| heard.id)
        .collect();
    assert_eq!(
        about,
        [event_id(id, 1), event_id(other, 1)],
        "one of each message at a time"
    );
    stage.receiver.let_answer(10);
    follower.land_all().await;
    finish(follower).await;
    assert_eq!(stage.receiver.book()[&id.to_string()], [1, 2]);
}

#[tokio::test]
async fn a_replay_tells_again_what_changed_since() {
    let stage = Stage::new().await;
    let [first, second] = stage.send_many(2).await[..] else {
        unreachable!()
    };
    stage.wait(HOUR);
    let since = stage.now();
    stage.cancel(second).await;
    stage.tell_for(HOUR).await;
    stage.receiver.forget();
    let now = stage.now();
    stage.change(|progress| progress.replay(since, now)).await;
    stage.tell().await;
    let calls = stage.receiver.calls();
    assert_eq!(calls.len(), 1, "not {first}, which had not changed since");
    assert_eq!(
        (calls[0].id.clone(), calls[0].previous()),
        (event_id(second, 2), None)
    );
    assert_eq!(calls[0].steps(), ["queued", "canceled"]);
    stage.tell_for(HOUR).await;
    stage.send().await;
    stage.tell_for(HOUR).await;
    assert_eq!(stage.receiver.calls().len(), 2);
    assert_eq!(stage.progress().await.replay, None);
}

#[tokio::test]
async fn a_disabled_endpoint_is_not_called_and_loses_nothing() {
    let stage = Stage::new().await;
    stage.send().await;
    stage.tell().await;
    let (now, owner) = (stage.now(), DisabledBy::Owner);
    stage
        .set(|endpoint| assert!(endpoint.disable(owner, now)))
        .await;
    let ids = stage.send_many(100).await;
    stage.wait(HOUR);
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 1);
    let later = stage.now();
    stage.change(|progress| progress.resume(later)).await;
    stage.set(Endpoint::enable).await;
    stage.tell().await;
    let book = stage.receiver.book();
    assert!(ids.iter().all(|id| book[&id.to_string()] == [1]));
}

#[tokio::test]
async fn enabled_from_now_on_it_is_told_only_what_changes_then() {
    let stage = Stage::new().await;
    stage.send().await;
    stage.tell().await;
    let now = stage.now();
    stage
        .set(|endpoint| assert!(endpoint.disable(DisabledBy::Owner, now)))
        .await;
    stage.send_many(10).await;
    stage.wait(SECOND);
    let later = stage.now();
    stage.change(|progress| progress.skip(later)).await;
    stage.set(Endpoint::enable).await;
    let last = stage.send().await;
    stage.tell_for(HOUR).await;
    assert_eq!(stage.receiver.book().len(), 2);
    assert!(stage.receiver.book().contains_key(&last.to_string()));
}

#[tokio::test]
async fn both_secrets_sign_for_a_day_after_a_rotation() {
    let stage = Stage::new().await;
    let now = stage.now();
    stage
        .set(|endpoint| endpoint.secrets.rotate(Secret::generate(), now))
        .await;
    stage.send().await;
    stage.tell().await;
    stage.wait(24 * HOUR);
    stage.send().await;
    stage.tell().await;
    let signers: Vec<_> = stage
        .receiver
        .calls()
        .iter()
        .map(|heard| heard.signers)
        .collect();
    assert_eq!(signers, [2, 1]);
}
