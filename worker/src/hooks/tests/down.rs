//! Endpoints that take nothing.

use mysms_core::domain::{DisabledBy, Trouble};

use super::*;

#[tokio::test]
async fn a_dead_endpoint_costs_no_more_than_tries_and_is_told_everything_once_it_is_back() {
    let stage = Stage::new().await;
    stage.receiver.answers(500);
    let ids = stage.send_many(200).await;
    stage.tell().await;
    assert_eq!(stage.receiver.calls().len(), 16);
    assert_eq!(stage.progress().await.trouble(), Some(Trouble::Down));
    stage.tell_for(24 * HOUR).await;
    // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h.
    let tries = stage.receiver.calls().len() - 16;
    assert_eq!(tries, 6);
    stage.receiver.answers(200);
    stage.tell_for(24 * HOUR).await;
    let book = stage.receiver.book();
    assert!(ids.iter().all(|id| book[&id.to_string()] == [1]));
    let progress = stage.progress().await;
    assert_eq!(
        (progress.trouble(), progress.failing, progress.pending.len()),
        (None, None, 0)
    );
    assert_eq!(stage.receiver.calls().len(), 16 + tries + 200);
}

#[tokio::test]
async fn an_endpoint_that_refuses_some_for_ever_is_told_the_others() {
    let stage = Stage::new().await;
    let ids = stage.send_many(150).await;
    for bad in &ids[..70] {
        stage.receiver.refuses(*bad);
    }
    stage.tell_for(MINUTE).await;
    assert_eq!(stage.receiver.book().len(), 80);
    for _ in 0..48 {
        stage.send().await;
        stage.tell_for(10 * MINUTE).await;
    }
    assert_eq!(stage.receiver.book().len(), 80 + 48);
    assert_eq!(stage.progress().await.aside.len(), 70);
    assert_eq!(stage.state().await, EndpointState::Active);
}

#[tokio::test]
async fn five_days_of_nothing_but_failures_disable() {
    let stage = Stage::new().await;
    stage.receiver.answers(500);
    stage.send_many(3).await;
    stage.tell_for(4 * 24 * HOUR).await;
    assert_eq!(stage.state().await, EndpointState::Active);
    stage.tell_for(3 * 24 * HOUR).await;
    let EndpointState::Disabled { by, .. } = stage.state().await else {
        panic!("{:?}", stage.progress().await);
    };
    assert_eq!(by, DisabledBy::Failing);
    let tries = stage.receiver.calls().len();
    stage.tell_for(24 * HOUR).await;
    assert_eq!(stage.receiver.calls().len(), tries);
    // Enabled again it goes on, and is not disabled by its past.
    let now = stage.now();
    stage.change(|progress| progress.resume(now)).await;
    stage.set(Endpoint::enable).await;
    stage.tell().await;
    assert_eq!(stage.state().await, EndpointState::Active);
    stage.receiver.answers(200);
    stage.tell_for(HOUR).await;
    assert_eq!(stage.receiver.book().len(), 3);
}

#[tokio::test]
async fn one_success_in_five_days_is_enough() {
    let stage = Stage::new().await;
    stage.receiver.answers(500);
    stage.send().await;
    stage.tell_for(4 * 24 * HOUR).await;
    stage.receiver.answers(200);
    stage.send().await;
    stage.tell().await;
    stage.receiver.answers(500);
    stage.send().await;
    stage.tell_for(4 * 24 * HOUR).await;
    assert_eq!(stage.state().await, EndpointState::Active);
}

#[tokio::test]
async fn whoever_is_gone_is_called_no_more_and_its_user_is_told() {
    let stage = Stage::new().await;
    stage.receiver.answers(410);
    let mut heard = stage.desk.announcements.subscribe();
    stage.send_many(40).await;
    stage.tell().await;
    let EndpointState::Disabled { by, at } = stage.state().await else {
        panic!("it is active");
    };
    assert_eq!((by, at), (DisabledBy::Gone, stage.now()));
    let announced = Announcement::of_endpoints(stage.endpoint.owner, stage.now());
    assert_eq!(heard.try_recv(), Ok(announced));
    assert!(stage.receiver.calls().len() <= 16);
    // Nothing is lost by that.
    stage.receiver.answers(200);
    let now = stage.now();
    stage.change(|progress| progress.resume(now)).await;
    stage.set(Endpoint::enable).await;
    stage.tell_for(HOUR).await;
    assert_eq!(stage.receiver.book().len(), 40);
}
