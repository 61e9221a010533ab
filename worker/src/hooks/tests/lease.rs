//! Who may call an endpoint, and how often at once.

use super::*;

#[tokio::test]
async fn one_worker_at_a_time_tells_an_endpoint() {
    let stage = Stage::new().await;
    stage.send().await;
    let follower = stage.open().await.ok().unwrap();
    let other = stage.another_desk();
    assert!(stage.open_by(&other).await.is_err());
    finish(follower).await;
    stage.send().await;
    assert!(stage.open_by(&other).await.is_ok(), "it was given back");
}

#[tokio::test]
async fn whoever_lost_the_lease_begins_nothing_and_stores_nothing() {
    let stage = Stage::new().await;
    stage.send().await;
    let mut loser = stage.open().await.ok().unwrap();
    stage.wait(MINUTE);
    stage.tell_by(&stage.another_desk()).await;
    let after = stage.progress().await;
    stage.send().await;
    loser.step().await.unwrap();
    loser.land_all().await;
    assert_eq!(loser.close().await, None);
    assert_eq!(stage.receiver.calls().len(), 1);
    assert_eq!(stage.progress().await, after);
}

#[tokio::test]
async fn no_call_begins_that_may_outlast_the_lease() {
    let stage = Stage::new().await;
    stage.send().await;
    let mut follower = stage.open().await.ok().unwrap();
    stage.receiver.hang();
    follower.step().await.unwrap();
    stage.receiver.has_heard(1).await;
    // The store does not let it renew the lease meanwhile.
    stage.wait(41 * SECOND);
    stage.send().await;
    follower.hear(stage.changed(Changed::Messages));
    follower.read_and_start().await;
    stage.receiver.let_answer(10);
    follower.land_all().await;
    assert_eq!(stage.receiver.calls().len(), 1);
    // Renewed, it is told.
    finish(follower).await;
    assert_eq!(stage.receiver.book().len(), 2);
}

#[tokio::test]
async fn a_lease_is_renewed_while_an_endpoint_is_followed() {
    let stage = Stage::new().await;
    stage.send().await;
    let mut follower = stage.open().await.ok().unwrap();
    for _ in 0..10 {
        work(&mut follower).await;
        stage.wait(30 * SECOND);
    }
    work(&mut follower).await;
    assert!(stage.open_by(&stage.another_desk()).await.is_err());
}

#[tokio::test]
async fn sixteen_events_are_told_at_once_and_two_to_whoever_is_slow() {
    let stage = Stage::new().await;
    stage.send_many(100).await;
    let mut follower = stage.open().await.ok().unwrap();
    stage.receiver.hang();
    follower.step().await.unwrap();
    stage.receiver.has_heard(16).await;
    follower.step().await.unwrap();
    assert_eq!(stage.receiver.calls().len(), 16);
    stage.receiver.let_answer(16);
    follower.land_all().await;
    follower.step_as_slow().await;
    stage.receiver.has_heard(18).await;
    assert_eq!(stage.receiver.calls().len(), 18);
    stage.receiver.let_answer(1000);
    follower.land_all().await;
    finish(follower).await;
    assert_eq!(stage.receiver.book().len(), 100);
    assert_eq!(stage.receiver.most_at_once(), 16);
}

#[tokio::test]
async fn all_endpoints_of_a_user_share_sixty_four_calls() {
    let stage = Stage::new().await;
    stage.send_many(16).await;
    stage.receiver.hang();
    let mut followers = vec![stage.open().await.ok().unwrap()];
    for _ in 0..5 {
        let mut more = endpoint(
            stage.endpoint.owner,
            stage.endpoint.created_at,
            &EventType::OFFERED,
        );
        more.id = EndpointId::generate(stage.now());
        let (key, value) = (more.key(), written(&more).unwrap());
        let records = &stage.rig.stores.records;
        let stored = records.replace(Kind::Endpoint, &key, 0, Some(&value));
        assert!(stored.await.unwrap());
        let Opened::Held(held) = Held::open(&stage.desk, &key, None).await.unwrap() else {
            panic!("there is something to tell");
        };
        let hint = Arc::new(Hint::default());
        followers.push(Follower::new(Arc::clone(&stage.desk), *held, hint));
    }
    for follower in &mut followers {
        follower.step().await.unwrap();
    }
    stage.receiver.has_heard(64).await;
    stage.receiver.let_answer(1000);
    for mut follower in followers {
        follower.land_all().await;
        finish(follower).await;
    }
    assert_eq!(stage.receiver.calls().len(), 96);
    assert_eq!(stage.receiver.most_at_once(), 64);
}

#[tokio::test]
async fn a_stop_waits_for_what_is_in_flight_and_gives_the_endpoint_back() {
    let stage = Stage::new().await;
    stage.send_many(20).await;
    stage.receiver.hang();
    let follower = stage.open().await.ok().unwrap();
    let running = stage.rig.context.lifecycle.tracker().spawn(follower.run());
    stage.receiver.has_heard(16).await;
    stage.rig.context.lifecycle.soft().cancel();
    stage.receiver.let_answer(1000);
    running.await.unwrap();
    assert_eq!(stage.receiver.book().len(), 16, "nothing more was begun");
    assert_eq!(stage.progress().await.lease, None);
    let told: Vec<MessageId> = stage
        .receiver
        .book()
        .keys()
        .map(|id| id.parse().unwrap())
        .collect();
    let known = stage
        .rig
        .stores
        .told
        .told(stage.endpoint.id, &told)
        .await
        .unwrap();
    assert_eq!(known.len(), 16);
}

#[tokio::test]
async fn what_the_user_wants_is_heeded_within_a_second() {
    let stage = Stage::new().await;
    stage.send().await;
    let mut follower = stage.open().await.ok().unwrap();
    work(&mut follower).await;
    stage.wait(SECOND);
    let now = stage.now();
    stage
        .set(|endpoint| assert!(endpoint.disable(mysms_core::domain::DisabledBy::Owner, now)))
        .await;
    stage.send().await;
    follower.hear(stage.changed(Changed::Messages));
    work(&mut follower).await;
    finish(follower).await;
    assert_eq!(stage.receiver.calls().len(), 1);
    assert_eq!(stage.progress().await.lease, None);
}
