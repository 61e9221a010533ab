//! What a user changes while a worker follows the endpoint.

use mysms_core::domain::DisabledBy;

use super::*;

#[tokio::test]
async fn a_replay_is_heeded_by_whoever_follows_meanwhile() {
    let stage = Stage::new().await;
    let since = stage.now();
    stage.send_many(3).await;
    let mut follower = stage.open().await.ok().unwrap();
    work(&mut follower).await;
    stage.wait(2 * SECOND);
    work(&mut follower).await;
    let now = stage.now();
    stage.change(|progress| progress.replay(since, now)).await;
    stage.send().await;
    follower.hear(stage.changed(Changed::Messages));
    work(&mut follower).await;
    stage.wait(2 * SECOND);
    work(&mut follower).await;
    finish(follower).await;
    // The last one was told before anybody knew of the replay.
    assert_eq!(stage.receiver.calls().len(), 4 + 4);
}

#[tokio::test]
async fn what_its_user_changes_is_heeded_at_once_by_whoever_follows() {
    let stage = Stage::new().await;
    let since = stage.now();
    stage.send_many(3).await;
    let mut follower = stage.open().await.ok().unwrap();
    work(&mut follower).await;
    let now = stage.now();
    stage.change(|progress| progress.replay(since, now)).await;
    follower.hear(stage.changed(Changed::Endpoints));
    work(&mut follower).await;
    assert_eq!(stage.receiver.calls().len(), 3 + 3);
    stage
        .set(|endpoint| assert!(endpoint.disable(DisabledBy::Owner, now)))
        .await;
    stage.send().await;
    follower.hear(stage.changed(Changed::Endpoints));
    finish(follower).await;
    assert_eq!(stage.receiver.calls().len(), 3 + 3);
}

#[tokio::test]
async fn what_was_stored_late_is_told_though_its_user_changes_something_meanwhile() {
    let stage = Stage::new().await;
    for _ in 0..2 {
        stage.send().await;
        stage.tell_for(HOUR).await;
    }
    stage.send().await;
    let mut follower = stage.open().await.ok().unwrap();
    work(&mut follower).await;
    let (owner, at) = (stage.endpoint.owner, stage.now() - 90 * MINUTE);
    let late = stage.send_at(at).await;
    stage.wait(2 * SECOND);
    let now = stage.now();
    stage.change(|progress| progress.resume(now)).await;
    follower.hear(Announcement::of_messages(owner, at));
    work(&mut follower).await;
    finish(follower).await;
    assert_eq!(stage.receiver.book()[&late.to_string()], [1]);
}
