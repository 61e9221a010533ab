//! How endpoints are found for which there is something to do.

use super::super::finder::{Ended, Finder};
use super::super::round::{PART, Round};
use super::*;

#[tokio::test]
async fn what_is_announced_is_told_and_nobody_else_is_bothered() {
    let stage = Stage::new().await;
    let finder = Finder::new(Arc::clone(&stage.desk));
    let hearing = stage.rig.context.lifecycle.tracker().spawn(finder.hear());
    let id = stage.send().await;
    let owner = stage.endpoint.owner;
    let at = stage.now();
    // It may not listen yet.
    while stage.receiver.calls().is_empty() {
        let announcement = Announcement::of_messages(owner, at);
        stage.desk.announcements.announce(announcement);
        tokio::task::yield_now().await;
    }
    stage.rig.context.lifecycle.soft().cancel();
    hearing.await.unwrap().unwrap();
    stage.rig.settle().await;
    assert_eq!(stage.receiver.book()[&id.to_string()], [1]);
}

#[tokio::test]
async fn an_endpoint_hears_of_what_was_announced_just_after_it_was_made() {
    let stage = Stage::new().await;
    let key = stage.endpoint.key();
    let records = &stage.rig.stores.records;
    let stored = records.records(Kind::Endpoint).await.unwrap().remove(0);
    let removed = records.replace(Kind::Endpoint, &key, stored.version, None);
    assert!(removed.await.unwrap());
    let finder = Finder::new(Arc::clone(&stage.desk));
    let owner = stage.endpoint.owner;
    let announced = Announcement::of_messages(owner, stage.now());
    finder.note(announced).await;
    let made = records.replace(Kind::Endpoint, &key, 0, Some(&stored.value));
    assert!(made.await.unwrap());
    stage.send().await;
    finder.note(announced).await;
    stage.wait(6 * SECOND);
    finder.note_again().await;
    stage.receiver.has_heard(1).await;
    stage.rig.context.lifecycle.soft().cancel();
    stage.rig.settle().await;
}

#[tokio::test]
async fn what_nobody_announced_is_found_by_the_slow_look() {
    let stage = Stage::new().await;
    stage.send().await;
    let finder = Finder::new(Arc::clone(&stage.desk));
    let tasks = stage.rig.context.lifecycle.tracker();
    let looking = tasks.spawn(finder.look_slowly());
    stage.receiver.has_heard(1).await;
    stage.rig.context.lifecycle.soft().cancel();
    looking.await.unwrap().unwrap();
    stage.rig.settle().await;
    assert_eq!(stage.progress().await.lease, None);
}

#[tokio::test]
async fn what_a_worker_left_for_later_is_told_in_time() {
    let stage = Stage::new().await;
    stage.send().await;
    stage.receiver.answers(500);
    let finder = Finder::new(Arc::clone(&stage.desk));
    finder.rest(stage.key.clone(), &Ended::Followed(stage.tell().await));
    finder.follow_due();
    stage.rig.settle().await;
    assert_eq!(stage.receiver.calls().len(), 1, "it is not due");
    stage.receiver.answers(200);
    stage.wait(6 * SECOND);
    finder.follow_due();
    stage.receiver.has_heard(2).await;
    stage.rig.context.lifecycle.soft().cancel();
    stage.rig.settle().await;
    assert_eq!(stage.receiver.book().len(), 1);
}

#[tokio::test]
async fn a_slow_look_costs_two_reads_of_records_however_many_endpoints_are_idle() {
    let stage = Stage::new().await;
    for _ in 0..20 {
        let another = endpoint(stage.endpoint.owner, stage.now(), &EventType::OFFERED);
        put_under(&stage, Kind::Endpoint, &another.key(), &another).await;
    }
    let finder = Finder::new(Arc::clone(&stage.desk));
    stage.rig.calls.take();
    finder.look_at_part(&mut Round::default()).await.unwrap();
    stage.rig.settle().await;
    assert_eq!(stage.rig.calls.take(), 2);
}

#[tokio::test]
async fn a_slow_look_finds_an_endpoint_of_which_it_did_not_see_how_far_it_was_told() {
    let stage = Stage::new().await;
    stage.send().await;
    stage.tell().await;
    stage.send().await;
    // What is left of endpoints that are gone fills what is read.
    let begun = Progress::from(stage.now());
    for gone in 0..PART {
        put_under(&stage, Kind::Progress, &format!("0{gone:03}"), &begun).await;
    }
    let finder = Finder::new(Arc::clone(&stage.desk));
    finder.look_at_part(&mut Round::default()).await.unwrap();
    stage.receiver.has_heard(2).await;
    stage.rig.context.lifecycle.soft().cancel();
    stage.rig.settle().await;
}

#[tokio::test]
async fn what_changes_just_after_a_slow_look_is_told_as_soon_as_it_is_announced() {
    let stage = Stage::new().await;
    let finder = Finder::new(Arc::clone(&stage.desk));
    finder.look_at_part(&mut Round::default()).await.unwrap();
    stage.rig.settle().await;
    stage.send().await;
    let announced = Announcement::of_messages(stage.endpoint.owner, stage.now());
    finder.note(announced).await;
    stage.receiver.has_heard(1).await;
    stage.rig.context.lifecycle.soft().cancel();
    stage.rig.settle().await;
}

#[tokio::test]
async fn what_shows_a_moment_after_it_was_announced_is_told_a_moment_later() {
    let stage = Stage::new().await;
    let finder = Finder::new(Arc::clone(&stage.desk));
    let announced = Announcement::of_messages(stage.endpoint.owner, stage.now());
    finder.note(announced).await;
    stage.rig.settle().await;
    stage.send().await;
    finder.follow_due();
    stage.rig.settle().await;
    assert_eq!(stage.receiver.calls().len(), 0);
    stage.wait(SECOND);
    finder.follow_due();
    stage.receiver.has_heard(1).await;
    stage.rig.context.lifecycle.soft().cancel();
    stage.rig.settle().await;
}

#[tokio::test]
async fn whoever_has_nothing_to_do_keeps_no_other_from_being_told() {
    let stage = Stage::new().await;
    let another = endpoint(stage.endpoint.owner, stage.now(), &EventType::OFFERED);
    put_under(&stage, Kind::Endpoint, &another.key(), &another).await;
    stage.wait(SECOND);
    stage.send().await;
    let finder = Finder::with_room(Arc::clone(&stage.desk), 1);
    finder.look_at_part(&mut Round::default()).await.unwrap();
    stage.receiver.has_heard(1).await;
    // Less than an endpoint is kept for otherwise.
    stage.wait(3 * SECOND);
    stage.rig.settle().await;
    finder.follow_due();
    stage.receiver.has_heard(2).await;
    stage.rig.context.lifecycle.soft().cancel();
    stage.rig.settle().await;
}

async fn put_under<T: Serialize>(stage: &Stage, kind: Kind, key: &str, value: &T) {
    let value = written(value).unwrap();
    let records = &stage.rig.stores.records;
    let put = records.replace(kind, key, 0, Some(&value));
    assert!(put.await.unwrap());
}
