//! A worker ends anywhere.

use super::*;

/// Another worker takes over once the lease of the one that died is over.
async fn take_over(stage: &Stage) {
    let other = stage.another_desk();
    assert!(
        stage.open_by(&other).await.is_err(),
        "the lease is not over"
    );
    stage.wait(MINUTE);
    stage.tell_by(&other).await;
}

fn ids(stage: &Stage) -> Vec<String> {
    stage
        .receiver
        .calls()
        .into_iter()
        .map(|heard| heard.id)
        .collect()
}

#[tokio::test]
async fn what_was_not_called_yet_is_told_by_the_next() {
    let stage = Stage::new().await;
    stage.send_many(3).await;
    drop(stage.open().await.ok().unwrap());
    take_over(&stage).await;
    assert_eq!(stage.receiver.calls().len(), 3);
}

#[tokio::test]
async fn what_was_taken_and_not_noted_is_told_again_under_the_same_name() {
    let stage = Stage::new().await;
    stage.send_many(3).await;
    let mut follower = stage.open().await.ok().unwrap();
    follower.step().await.unwrap();
    follower.land_all().await;
    drop(follower);
    let before = ids(&stage);
    stage.receiver.forget();
    take_over(&stage).await;
    let mut after = ids(&stage);
    assert_eq!(before.len(), 3);
    after.sort();
    let mut sorted = before.clone();
    sorted.sort();
    assert_eq!(after, sorted);
}

#[tokio::test]
async fn what_was_noted_is_not_told_again_though_the_place_was_lost() {
    let stage = Stage::new().await;
    stage.send_many(3).await;
    let mut follower = stage.open().await.ok().unwrap();
    work(&mut follower).await;
    drop(follower);
    assert!(
        stage.progress().await.place.at < stage.now(),
        "the place was not stored"
    );
    take_over(&stage).await;
    assert_eq!(stage.receiver.calls().len(), 3);
    assert_eq!(stage.progress().await.place.at, stage.now() - MINUTE);
}

#[tokio::test]
async fn what_was_pending_is_told_by_the_next() {
    let stage = Stage::new().await;
    let [bad, _] = stage.send_many(2).await[..] else {
        unreachable!()
    };
    stage.receiver.refuses(bad);
    stage.tell().await;
    stage.receiver.refuses_nothing();
    stage.wait(10 * SECOND);
    stage.tell_by(&stage.another_desk()).await;
    assert_eq!(stage.receiver.book()[&bad.to_string()], [1]);
}

#[tokio::test]
async fn a_failure_that_was_not_stored_is_tried_again_and_nothing_is_lost() {
    let stage = Stage::new().await;
    stage.send_many(20).await;
    stage.receiver.answers(503);
    let mut follower = stage.open().await.ok().unwrap();
    follower.step().await.unwrap();
    follower.land_all().await;
    follower.step().await.unwrap();
    drop(follower);
    stage.receiver.answers(200);
    take_over(&stage).await;
    assert_eq!(stage.receiver.book().len(), 20);
}

#[tokio::test]
async fn nothing_is_told_twice_when_the_endpoint_changes_hands_calmly() {
    let stage = Stage::new().await;
    let desks = [
        stage.another_desk(),
        stage.another_desk(),
        stage.another_desk(),
    ];
    for round in 0..12 {
        let ids = stage.send_many(5).await;
        stage.tell_by(&desks[round % 3]).await;
        stage.wait(SECOND);
        stage.cancel(ids[0]).await;
        stage.tell_by(&desks[(round + 1) % 3]).await;
        stage.wait(20 * SECOND);
    }
    stage.tell_for(HOUR).await;
    let book = stage.receiver.book();
    assert_eq!(book.len(), 60);
    assert!(
        book.values().all(|told| *told == [1] || *told == [1, 2]),
        "{book:?}"
    );
    assert_eq!(stage.receiver.calls().len(), 72);
}
